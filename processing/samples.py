"""The two shapes in which accelerometer data travel: readings as a clip sent them, samples on the uniform grid."""

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

GRID_HZ: Final = 50.0
"""Rate of the processing grid. Jerks under 0.5 s and rhythms up to 12 Hz fit below its Nyquist frequency of 25 Hz."""

RATE_HZ_MIN: Final = 10.0
RATE_HZ_MAX: Final = 400.0
ACCEL_G_MAX: Final = 64.0
"""No clip measures more (the usual ranges end at 16 g); a larger value is damage, or another unit."""

Floats = NDArray[np.float64]
Counts = NDArray[np.int64]


@dataclass(frozen=True, eq=False, slots=True, kw_only=True)
class Readings:
    """What a clip sent: irregular in time, with its losses.

    Attributes:
        time_s: stream seconds of each row, `(n,)`, strictly increasing.
        accel_g: acceleration with gravity in clip axes, `(n, 3)`, g.
        rate_hz: nominal rate; None where it is not known (it is then measured).
        resolution_g: smallest step the clip can send; None where it is not known (it is then measured).
        missing: samples known to be lost just before row 0.

    Raises:
        ValueError: shapes do not fit, a value is not finite or beyond `ACCEL_G_MAX`, or time does not increase.
    """

    time_s: Floats
    accel_g: Floats
    rate_hz: float | None = None
    resolution_g: float | None = None
    missing: int = 0

    def __post_init__(self) -> None:
        """Check what is promised, and lock the arrays."""
        if self.time_s.ndim != 1:
            raise ValueError(f"time_s must be (n,), not {self.time_s.shape}")
        if not (np.isfinite(self.time_s).all() and (np.diff(self.time_s) > 0).all()):
            raise ValueError("time_s must be finite and increase from row to row")
        if self.rate_hz is not None and not RATE_HZ_MIN <= self.rate_hz <= RATE_HZ_MAX:
            raise ValueError(f"rate_hz {self.rate_hz:g} is outside {RATE_HZ_MIN:g} to {RATE_HZ_MAX:g}")
        if self.missing < 0:
            raise ValueError(f"missing must not be negative, but is {self.missing}")
        _check_accel(self.accel_g, len(self.time_s))
        self.time_s.flags.writeable = False
        self.accel_g.flags.writeable = False

    def __len__(self) -> int:
        """Give the number of rows."""
        return len(self.time_s)


@dataclass(frozen=True, eq=False, slots=True, kw_only=True)
class Samples:
    """Consecutive rows on the processing grid: row i was felt at `(start + i) / GRID_HZ` stream seconds.

    A `start` beyond the end of the samples before it is a hole: nothing is known of the rows between.

    Attributes:
        start: number of row 0, counted from the start of the stream.
        accel_g: acceleration with gravity in clip axes, `(n, 3)`, g, read-only.
        rate_hz: the clip's own rate. Below `GRID_HZ` the upper part of the band holds nothing.
        resolution_g: the clip's smallest step; 0 where it is too fine to matter.
        seen: for each row, how much of the stream had to be seen to know it, `(n,)`, as a number of grid rows: a row
            between two readings is known with the later one. None: each row was known at once.

    Raises:
        ValueError: shapes do not fit, or a value is not finite or beyond `ACCEL_G_MAX`.
    """

    start: int
    accel_g: Floats
    rate_hz: float = GRID_HZ
    resolution_g: float = 0.0
    seen: Counts | None = None

    def __post_init__(self) -> None:
        """Check what is promised, and lock the arrays."""
        if self.start < 0:
            raise ValueError(f"start must not be negative, but is {self.start}")
        _check_accel(self.accel_g, len(self.accel_g))
        self.accel_g.flags.writeable = False
        if self.seen is None:
            return
        if self.seen.shape != (len(self.accel_g),):
            raise ValueError(f"seen must be ({len(self.accel_g)},), not {self.seen.shape}")
        self.seen.flags.writeable = False

    def __len__(self) -> int:
        """Give the number of rows."""
        return len(self.accel_g)

    @property
    def stop(self) -> int:
        """Number of the row after the last."""
        return self.start + len(self.accel_g)


def _check_accel(accel_g: Floats, rows: int) -> None:
    if accel_g.dtype != np.float64 or accel_g.shape != (rows, 3):
        raise ValueError(f"accel_g must be float64 of shape ({rows}, 3), not {accel_g.dtype} {accel_g.shape}")
    if not (np.abs(accel_g) <= ACCEL_G_MAX).all():  # NaN fails the comparison too
        raise ValueError(f"accel_g holds a value that is not finite or beyond {ACCEL_G_MAX:g} g")
