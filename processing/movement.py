"""Acceleration -> what moves: the jerk band, the sway band, their envelopes, and the wearer's own quiet level.

    jerk band   j(t) = band-pass 2-12 Hz of each axis       single jerks, their ring in the cloth, tremor
    envelope    e(t) = sqrt(smooth(|j|^2))                  rotation-invariant: the sum runs over the axes
    sway band   s(t) = band-pass 0.2-2.5 Hz of each axis    swells, tilts, rocking
    quiet       q    = 30 % quantile of the 1 s peaks of e, tracked in its logarithm

Only recursive filters with carried state touch the stream, so any cutting gives the same bits. Everything that follows
reads whole hops of `HOP` rows, counted from the first row after a gap.
"""

import math
from dataclasses import dataclass
from typing import Annotated, Final

import msgspec
import numpy as np
from scipy.signal import butter, lfilter, lfilter_zi

from processing.samples import GRID_HZ, Counts, Floats

HOP: Final = 25
"""Rows between two decisions: 0.5 s."""

HOP_S: Final = HOP / GRID_HZ
HISTORY: Final = 3000
"""Rows that stay readable behind the newest: 60 s."""

BLOCK_HOPS: Final = 240
"""Hops that are filtered together at most: bounds the memory."""

JERK_BAND_HZ: Final = (2.0, 12.0)
"""Breathing (0.4-0.8 Hz) and carer's rocking (0.67-0.95 Hz) lie below; a 25 Hz clip reaches the upper end."""

SWAY_BAND_HZ: Final = (0.2, 2.5)

SMOOTHING_S: Final = 0.03
"""Time constant of each of the envelope's two poles: jerks 0.2 s apart (5 Hz) stay apart."""

READINGS_AHEAD: Final = 2.6
"""Readings that must follow before a row is known, with their jitter (`processing.resampling`)."""


class QuietSettings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How the wearer's own quiet is followed."""

    start_mg: Annotated[float, msgspec.Meta(gt=0)] = 7.0
    """Taken before anything is known, and left downwards within seconds: babies lie at 1-12 mg, and what begins with a
    run of 4 x quiet must not take it for quiet."""
    floor_mg: Annotated[float, msgspec.Meta(gt=0)] = 0.6
    """No sensor is quieter over the jerk band."""
    cap_mg: Annotated[float, msgspec.Meta(gt=0)] = 14.0
    """Wakeful activity must not raise the floor (docs/detector.md): a resting wearer never exceeds this."""
    quantile: Annotated[float, msgspec.Meta(gt=0, lt=1)] = 0.3
    """Of the 1 s peaks: quiet even when two seconds in three hold a jerk."""
    step: Annotated[float, msgspec.Meta(gt=0)] = 0.02
    """Of the logarithm, each hop: rises by half in a minute at most."""
    near: Annotated[float, msgspec.Meta(gt=0)] = 0.1
    """Peaks within this share of the level move it by less, in proportion. So levels that were apart, as after a gap,
    meet to the last bit within ten minutes; with whole steps they stay up to one step apart for ever."""
    step_at_start: Annotated[float, msgspec.Meta(gt=0)] = 0.15
    start_s: Annotated[float, msgspec.Meta(gt=0)] = 20.0
    """How long the larger step, downwards alone, lasts after the start or a gap: a run there must not be learned."""
    steps_per_resolution: Annotated[float, msgspec.Meta(gt=0)] = 0.45
    """One toggle of the last bit gives this share of it in the envelope; it must not look like a jerk."""


class Quiet:
    """The level of the wearer's own quiet, by stochastic approximation of a quantile (Robbins and Monro 1951).

    Close to the level the score is linear, as Huber's (1964): the level is an M-quantile (Breckling and Chambers 1988),
    and the map from level to level a contraction.

    Attributes:
        level_g: of the envelope's 1 s peaks.
    """

    __slots__ = ("_cap", "_down", "_floor", "_last_peak", "_settings", "_start_hops", "_up", "level_g")

    def __init__(self, settings: QuietSettings, resolution_g: float) -> None:
        self._settings = settings
        self.level_g = settings.start_mg / 1000
        self.follow(resolution_g)
        self._last_peak = 0.0
        self._start_hops = round(settings.start_s / HOP_S)
        self._up = settings.quantile * settings.step
        self._down = (1 - settings.quantile) * settings.step

    def follow(self, resolution_g: float) -> None:
        """Take the clip's step, once it is known better."""
        settings = self._settings
        self._floor = max(settings.floor_mg / 1000, settings.steps_per_resolution * resolution_g)
        self._cap = max(settings.cap_mg / 1000, self._floor)
        self.level_g = max(self.level_g, self._floor)

    def restart(self) -> None:
        """Learn fast again: a gap may mean that the clip sits elsewhere."""
        self._start_hops = round(self._settings.start_s / HOP_S)
        self._last_peak = 0.0

    @property
    def most_g(self) -> float:
        """Highest level that quiet may have: any, while it is learned; an adult's heart on the chest moves 8-12 mg."""
        return self._cap if self._start_hops > 0 else self.level_g

    def push(self, peak_g: float, *, busy: bool, frozen: bool) -> None:
        """Take one hop's peak of the envelope.

        Args:
            peak_g: the peak.
            busy: many jerks or much movement: the level does not rise with them.
            frozen: a rhythm is judged, which is never quiet.
        """
        peak, self._last_peak = max(peak_g, self._last_peak), peak_g
        gain = 1.0
        if self._start_hops > 0:
            self._start_hops -= 1
            gain = self._settings.step_at_start / self._settings.step
        away = (peak / self.level_g - 1) / self._settings.near
        if away < 0:
            self.level_g = max(self.level_g * (1 - self._down * gain * min(1.0, -away)), self._floor)
        elif not (frozen or busy):
            self.level_g = min(self.level_g * (1 + self._up * min(1.0, away)), self._cap)


class Track:
    """The last `HISTORY` rows and the block that is worked on, addressed by row numbers of the stream.

    Attributes:
        first: oldest row that can be read.
        stop: row after the newest.
    """

    __slots__ = ("_offset", "_rows", "first", "stop")

    def __init__(self, columns: int) -> None:
        self._rows = np.zeros((2 * HISTORY + BLOCK_HOPS * HOP, columns))
        self.first = self.stop = self._offset = 0

    def restart(self, start: int) -> None:
        """Forget everything; the next row is number `start`."""
        self.first = self.stop = start
        self._offset = start

    def append(self, rows: Floats) -> None:
        """Add rows behind the newest."""
        used = self.stop - self._offset
        if used + len(rows) > len(self._rows):
            self._rows[:HISTORY] = self._rows[used - HISTORY : used]
            self._offset = self.stop - HISTORY
            self.first = self._offset
            used = HISTORY
        self._rows[used : used + len(rows)] = rows
        self.stop += len(rows)

    def view(self, start: int, stop: int) -> Floats:
        """Rows `start` to `stop`; what is older than the history is left out."""
        return self._rows[max(start, self.first) - self._offset : max(stop, self.first) - self._offset]


def means(rows: Floats, of: int) -> Floats:
    """Mean of every so many rows, `(n, 3)` to `(n / of, 3)`; `mean(axis=1)` gives the same in ten times the time."""
    return np.asarray(np.einsum("kij->kj", rows.reshape(-1, of, 3)) / of)


@dataclass(frozen=True, slots=True)
class Hops:
    """What each hop of a block felt; lists of plain floats, for they are read one by one."""

    peak_g: list[float]
    """Largest envelope of the jerk band."""
    sway_g: list[float]
    """Largest |sway|."""
    posture_g: list[list[float]]
    """Mean acceleration."""
    seen: list[int]
    """How much of the stream had to be seen to know the hop (`Samples.seen`)."""


class Movement:
    """Filter the stream and keep its recent past.

    Attributes:
        raw, jerk, sway: tracks of `(n, 3)`, g.
        envelope: track of `(n, 1)`, g.
        bridged: track of `(n, 1)`: 1 where readings are missing and the row was only bridged.
    """

    def __init__(self) -> None:
        self.raw, self.jerk, self.sway, self.envelope, self.bridged = Track(3), Track(3), Track(3), Track(1), Track(1)
        self._known_lag = 0
        self._newest_bridged = -1
        self._started = False
        self._jerk_state = self._sway_state = np.zeros((0, 3))
        self._smooth_state = np.zeros(0)

    def restart(self, start: int, rate_hz: float = GRID_HZ) -> None:
        """Begin anew at row `start`, after a gap; rows between readings of this rate are no hole."""
        self._known_lag = math.ceil(READINGS_AHEAD * GRID_HZ / rate_hz) + 1
        for track in (self.raw, self.jerk, self.sway, self.envelope, self.bridged):
            track.restart(start)
        self._started = False

    def push(self, accel_g: Floats, seen: Counts) -> Hops:
        """Take whole hops, `(k * HOP, 3)`; at most `BLOCK_HOPS` of them."""
        if not self._started:
            self._settle(accel_g[0])
        jerk, self._jerk_state = lfilter(_JERK.b, _JERK.a, accel_g, axis=0, zi=self._jerk_state)
        sway, self._sway_state = lfilter(_SWAY.b, _SWAY.a, accel_g, axis=0, zi=self._sway_state)
        power = jerk[:, 0] ** 2 + jerk[:, 1] ** 2 + jerk[:, 2] ** 2
        smooth, self._smooth_state = lfilter(_SMOOTH.b, _SMOOTH.a, power, zi=self._smooth_state)
        envelope = np.sqrt(np.maximum(smooth, 0.0))
        for track, rows in ((self.raw, accel_g), (self.jerk, jerk), (self.sway, sway)):
            track.append(rows)
        self.envelope.append(envelope[:, None])
        lag = seen - np.arange(self.raw.stop - len(seen) + 1, self.raw.stop + 1)
        bridged = lag > self._known_lag
        if bridged.any():
            self._newest_bridged = self.bridged.stop + len(bridged)
        self.bridged.append(bridged.astype(np.float64)[:, None])
        sway_power = sway[:, 0] ** 2 + sway[:, 1] ** 2 + sway[:, 2] ** 2
        return Hops(
            peak_g=envelope.reshape(-1, HOP).max(axis=1).tolist(),
            sway_g=np.sqrt(sway_power.reshape(-1, HOP).max(axis=1)).tolist(),
            posture_g=means(accel_g, HOP).tolist(),
            seen=seen[HOP - 1 :: HOP].tolist(),
        )

    def missing(self, start: int, stop: int) -> int:
        """Rows between two rows that were only bridged."""
        return int(self.bridged.view(start, stop).sum()) if start <= self._newest_bridged else 0

    def _settle(self, row: Floats) -> None:
        """Filters that have rested on the first row for ever: no step, no false start."""
        self._jerk_state = lfilter_zi(_JERK.b, _JERK.a)[:, None] * row
        self._sway_state = lfilter_zi(_SWAY.b, _SWAY.a)[:, None] * row
        self._smooth_state = np.zeros(len(_SMOOTH.a) - 1)
        self._started = True


@dataclass(frozen=True, slots=True)
class _Filter:
    """Coefficients of a recursive filter."""

    b: Floats
    a: Floats


def _band(order: int, band_hz: tuple[float, float]) -> _Filter:
    b, a = butter(order, band_hz, "bandpass", fs=GRID_HZ)
    return _Filter(np.asarray(b), np.asarray(a))


def _smoother() -> _Filter:
    """Two equal poles: a(z) = (1 - p/z)^2, unit gain at rest."""
    pole = float(np.exp(-1 / (SMOOTHING_S * GRID_HZ)))
    return _Filter(np.array([(1 - pole) ** 2]), np.array([1.0, -2 * pole, pole**2]))


_JERK: Final = _band(3, JERK_BAND_HZ)
_SWAY: Final = _band(1, SWAY_BAND_HZ)
_SMOOTH: Final = _smoother()
