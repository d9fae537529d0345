"""Readings at a clip's own pace -> samples on the uniform grid, whatever the rate, the jitter and the losses.

Between two readings the acceleration runs along a cubic whose slopes are those of the neighbours (Catmull-Rom on uneven
times): it keeps 90 % of the amplitude up to a quarter of the clip's rate, where a straight line keeps 81 %. Readings
faster than the grid pass a recursive low-pass first, so that nothing above the grid's Nyquist frequency folds back.
Every step looks at a fixed number of readings, so the samples do not depend on how the readings were cut into pieces.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Final

import numpy as np
from scipy.signal import butter, lfilter, lfilter_zi

from processing.samples import GRID_HZ, RATE_HZ_MAX, RATE_HZ_MIN, Counts, Floats, Readings, Samples

BRIDGED_S: Final = 1.0
"""Holes up to this long are bridged (docs/events.md: a gap is more than 1 s without valid samples)."""

ANTI_ALIAS_FROM_HZ: Final = 60.0
"""Clips faster than this are low-passed. Between 50 and 60 Hz only 25-30 Hz folds, to 20-25 Hz, which no rule reads."""

ANTI_ALIAS_HZ: Final = 20.0
"""Corner of the low-pass: above the 12 Hz that the rules read, 13 dB down at 30 Hz, which folds to 20 Hz."""

MEASURED_ON: Final = 64
"""Readings on which rate and resolution are measured when nobody told them: 0.6 s at 100 Hz, 6.4 s at 10 Hz."""

BURSTS: Final = 4
"""Pauses among the first readings from which on they come in bursts; fewer are holes."""

FINE_G: Final = 4e-4
"""A finer step changes nothing for any rule; nor can it be told from arithmetic and rounded decimals."""

SAME_G: Final = 1.2e-4
"""Values closer than this are one value: rounded to four decimals, or with the noise of arithmetic."""

LEVELS: Final = 8
"""Values of one axis that tell whether they lie on a ladder of steps."""

LADDER: Final = 0.9
"""Share of the gaps between neighbouring values that must be whole numbers of steps."""

SLACK: Final = 0.1
"""How far, as a share of the step, a gap may be from a whole number of them."""


@dataclass(frozen=True, slots=True)
class _Pace:
    rate_hz: float
    resolution_g: float


class _Steps:
    """The clip's step from the values it sends: looked for in every 64 readings, until enough values were seen.

    Attributes:
        resolution_g: as far as it is known; 0 before a value has changed.
        sure: whether enough values were seen.
    """

    __slots__ = ("_levels", "resolution_g", "sure")

    def __init__(self) -> None:
        self._levels = [np.empty(0)] * 3
        self.resolution_g = 0.0
        self.sure = False

    def push(self, accel_g: Floats) -> None:
        """Take the next readings."""
        self._levels = [_levels(np.concatenate((a, b))) for a, b in zip(self._levels, accel_g.T, strict=True)]
        self.sure = any(len(levels) >= LEVELS for levels in self._levels)
        self.resolution_g = _step_g(self._levels)


class Resampler:
    """Put readings onto the grid.

    Attributes:
        bridged: holes up to 1 s that were bridged (a hole is more than 2.5 nominal intervals).
        gaps: longer holes, which show as a jump of `Samples.start`.
    """

    def __init__(self) -> None:
        self.bridged = 0
        self.gaps = 0
        self._steps: _Steps | None = None
        self._unmeasured: list[Floats] = []
        self._count = 0
        self._waiting: list[Readings] = []
        self._pace: _Pace | None = None
        self._time_s = np.empty(0)
        self._accel_g = np.empty((0, 3))
        self._new_run = True
        self._next = 0
        self._filter_state: Floats | None = None

    def push(self, readings: Readings) -> list[Samples]:
        """Take readings; give the samples they complete.

        Raises:
            ValueError: the readings begin before the last ones ended.
        """
        if not len(readings):
            return []
        if self._pace is not None:
            return self._follow(readings.time_s, readings.accel_g)
        self._waiting.append(readings)
        told = self._waiting[0].rate_hz is not None and self._waiting[0].resolution_g is not None
        if not told and sum(map(len, self._waiting)) < MEASURED_ON:
            return []
        return self._start()

    def close(self) -> list[Samples]:
        """Give what the last readings still hold."""
        out = self._start() if self._waiting else []
        return out + self._finish_run()

    def _start(self) -> list[Samples]:
        """Measure what was not told on the first readings, and take them."""
        waiting, self._waiting = self._waiting, []
        rate_hz, resolution_g = waiting[0].rate_hz, waiting[0].resolution_g
        time_s, accel_g = (np.concatenate([getattr(r, name) for r in waiting]) for name in ("time_s", "accel_g"))
        if resolution_g is None:
            self._steps = _Steps()
            self._steps.push(accel_g[:MEASURED_ON])
            resolution_g = self._steps.resolution_g
        self._pace = _Pace(measured_rate_hz(time_s[:MEASURED_ON]) if rate_hz is None else rate_hz, resolution_g)
        return self._follow(time_s, accel_g)

    def _follow(self, time_s: Floats, accel_g: Floats) -> list[Samples]:
        """Take readings, and measure the step again after each 64 of the stream while it is not sure."""
        out: list[Samples] = []
        first = 0
        while first < len(time_s) and self._steps is not None and not self._steps.sure:
            stop = min(len(time_s), first + MEASURED_ON - self._count % MEASURED_ON)
            out += self._take(time_s[first:stop], accel_g[first:stop])
            self._unmeasured.append(accel_g[first:stop])
            self._count += stop - first
            first = stop
            if self._count % MEASURED_ON == 0:
                self._measure_again()
        return out + self._take(time_s[first:], accel_g[first:]) if first < len(time_s) else out

    def _measure_again(self) -> None:
        assert self._steps is not None
        assert self._pace is not None
        self._steps.push(np.concatenate(self._unmeasured))
        self._unmeasured = []
        self._pace = replace(self._pace, resolution_g=self._steps.resolution_g)

    def _take(self, time_s: Floats, accel_g: Floats) -> list[Samples]:
        if len(self._time_s) and time_s[0] <= self._time_s[-1]:
            raise ValueError(f"readings at {time_s[0]:.3f} s come after readings at {self._time_s[-1]:.3f} s")
        steps = np.diff(time_s, prepend=self._time_s[-1:] if len(self._time_s) else time_s[:1])
        self.bridged += int(np.count_nonzero((steps > 2.5 / self._rate_hz) & (steps <= BRIDGED_S)))
        out: list[Samples] = []
        cuts = [0, *np.flatnonzero(steps > BRIDGED_S).tolist(), len(time_s)]
        for first, last in pairwise(cuts):
            if first != last:
                if steps[first] > BRIDGED_S:
                    self.gaps += 1
                    out += self._finish_run()
                out += self._extend_run(time_s[first:last], accel_g[first:last])
        return out

    @property
    def _rate_hz(self) -> float:
        assert self._pace is not None
        return self._pace.rate_hz

    def _extend_run(self, time_s: Floats, accel_g: Floats) -> list[Samples]:
        if self._new_run:
            self._next = int(np.ceil(time_s[0] * GRID_HZ))
            self._filter_state = None
            self._new_run = False
        self._time_s = np.concatenate((self._time_s, time_s))
        self._accel_g = np.concatenate((self._accel_g, self._smoothed(accel_g)))
        return self._emit(closing=False)

    def _finish_run(self) -> list[Samples]:
        out = self._emit(closing=True) if len(self._time_s) else []
        self._time_s, self._accel_g = np.empty(0), np.empty((0, 3))
        self._new_run = True
        return out

    def _smoothed(self, accel_g: Floats) -> Floats:
        if self._rate_hz < ANTI_ALIAS_FROM_HZ:
            return accel_g
        b, a = butter(4, ANTI_ALIAS_HZ, fs=self._rate_hz)
        if self._filter_state is None:
            self._filter_state = _settled(b, a, accel_g[0])
        smooth, self._filter_state = lfilter(b, a, accel_g, axis=0, zi=self._filter_state)
        return np.asarray(smooth)

    def _emit(self, *, closing: bool) -> list[Samples]:
        """Give the rows between the readings that have a neighbour on either side, and forget what is used up."""
        time_s, usable = self._time_s, len(self._time_s) - (0 if closing else 1)
        if usable < (1 if closing else 2):
            return []
        stop = _rows_before(time_s[usable - 1], including=closing)
        out: list[Samples] = []
        if stop > self._next:
            assert self._pace is not None
            rows, seen = _interpolate(time_s, self._accel_g, self._next, stop)
            out = [
                Samples(
                    start=self._next,
                    accel_g=rows,
                    rate_hz=self._pace.rate_hz,
                    resolution_g=self._pace.resolution_g,
                    seen=seen,
                )
            ]
            self._next = stop
        keep = max(usable - 2, 0)
        self._time_s, self._accel_g = time_s[keep:], self._accel_g[keep:]
        return out


def _interpolate(time_s: Floats, accel_g: Floats, start: int, stop: int) -> tuple[Floats, Counts]:
    """Rows `start` to `stop` on the cubics through the readings, `(n, 3)`, and what had to be seen, `(n,)`.

    The slope at a reading is that of the chord between its neighbours; at the ends, of the only chord there is.
    """
    if len(time_s) == 1:
        return accel_g[[0] * (stop - start)], np.arange(start + 1, stop + 1, dtype=np.int64)
    grid_s = np.arange(start, stop) / GRID_HZ
    left = np.clip(np.searchsorted(time_s, grid_s, side="right") - 1, 0, len(time_s) - 2)
    before, after = np.maximum(left - 1, 0), np.minimum(left + 2, len(time_s) - 1)
    width_s = time_s[left + 1] - time_s[left]
    u = ((grid_s - time_s[left]) / width_s)[:, None]
    p0, p1 = accel_g[left], accel_g[left + 1]
    d0 = (p1 - accel_g[before]) * (width_s / (time_s[left + 1] - time_s[before]))[:, None]
    d1 = (accel_g[after] - p0) * (width_s / (time_s[after] - time_s[left]))[:, None]
    chord = p1 - p0
    rows = p0 + u * (d0 + u * ((3 * chord - 2 * d0 - d1) + u * (d0 + d1 - 2 * chord)))
    seen = np.ceil(time_s[after] * GRID_HZ).astype(np.int64) + 1
    return np.ascontiguousarray(rows), seen


def _rows_before(time_s: float, *, including: bool) -> int:
    """Number of grid rows before `time_s`, counted from the start of the stream."""
    rows = int(np.ceil(time_s * GRID_HZ)) + 1
    while (rows - 1) / GRID_HZ > time_s or (not including and (rows - 1) / GRID_HZ == time_s):
        rows -= 1
    return rows


def _settled(b: Floats, a: Floats, row: Floats) -> Floats:
    """State of a low-pass that has rested on `row` for ever, `(order, 3)`."""
    return np.asarray(lfilter_zi(b, a), dtype=np.float64)[:, None] * row[None, :]


def measured_rate_hz(time_s: Floats) -> float:
    """Rows a second; holes are left out, and so are a few readings that were caught up, but not steady bursts.

    Raises:
        ValueError: slower than `RATE_HZ_MIN` or faster than `RATE_HZ_MAX`.
    """
    steps = np.diff(time_s)
    if not len(steps):
        return GRID_HZ
    middle = float(np.median(steps))
    typical, short = steps < 2.5 * middle, steps < 0.4 * middle
    bridged = steps <= BRIDGED_S
    if np.count_nonzero(bridged & ~typical) >= BURSTS and steps[typical].sum() < steps[bridged].sum() / 2:
        typical = bridged
    elif np.count_nonzero(short) < len(steps) / 4:
        typical &= ~short
    rate_hz = float(np.count_nonzero(typical) / steps[typical].sum())
    if not RATE_HZ_MIN * 0.9 <= rate_hz <= RATE_HZ_MAX * 1.1:
        raise ValueError(f"the readings come at {rate_hz:.3g} Hz; {RATE_HZ_MIN:g} to {RATE_HZ_MAX:g} Hz can be used")
    return rate_hz


def measured_resolution_g(accel_g: Floats) -> float:
    """Step of the clip; 0 where the values are too fine to show one, or none has changed."""
    return _step_g([_levels(accel_g[:, axis]) for axis in range(3)])


def _levels(values: Floats) -> Floats:
    """Distinct values in their order, those that are the same but for rounding taken together."""
    ordered = np.unique(values)
    return np.asarray(ordered[np.diff(ordered, prepend=-np.inf) > SAME_G])


def _step_g(levels: Sequence[Floats]) -> float:
    """Step of the coarsest axis of which enough values were seen; else the smallest change of any."""
    known = [_ladder_g(values) for values in levels if len(values) >= LEVELS]
    if known:
        return max(known)
    changes = [float(np.diff(values).min()) for values in levels if len(values) > 1]
    step_g = min(changes, default=0.0)
    return step_g if step_g > FINE_G else 0.0


def _ladder_g(values: Floats) -> float:
    """Step of which all gaps between neighbouring values are whole numbers; 0 without one."""
    gaps = np.diff(values)
    step_g = float(np.median(gaps[gaps < gaps.min() + 2 * SAME_G]))
    whole = gaps / step_g
    on_ladder = np.abs(whole - np.round(whole)) < SLACK + SAME_G / step_g
    return step_g if step_g > FINE_G and on_ladder.mean() >= LADDER else 0.0
