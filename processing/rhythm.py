"""How rhythmic the last seconds were: a window's features, none of which depends on how the clip is turned.

r_e(k)   autocorrelation of sqrt(envelope), its mean taken off          when the energy comes back
r_j(k)   autocorrelation of the jerk band, summed over the axes         when the same movement comes back
period   the shortest lag at which r_e + r_j reaches 85 % of its best   harmonics: the long lags are multiples
pure     share of the movement's power within 0.3 Hz of the period's    a sinusoid has nearly all, jerks do not
"""

from dataclasses import dataclass
from itertools import pairwise
from typing import Final

import numpy as np

from processing.jerks import Jerk
from processing.movement import Movement
from processing.samples import GRID_HZ, Floats

WINDOW: Final = 400
"""Rows of the window: 8 s hold four periods of 0.5 Hz and sixteen of 2 Hz."""

LAG_MIN: Final = 8
"""0.16 s: 6 Hz. A tremor at 10 Hz would otherwise read as 5 Hz through its second lag."""
LAG_MAX: Final = 130
"""2.6 s: 0.38 Hz."""

BEATS_MIN: Final = 4
"""Fewer jerks have no rhythm."""
MOVES_HZ: Final = (0.45, 12.0)
LINE_HZ: Final = 0.3
"""Half width of a spectral line: the window resolves 0.25 Hz."""
SWAY_UNDER_HZ: Final = 2.0

_FFT: Final = 1024
_UNBIASED: Final = (1 - np.arange(2 * LAG_MAX + 2) / WINDOW).astype(np.float64)
_HANN: Final = np.hanning(WINDOW)[:, None]
_HZ: Final = np.fft.rfftfreq(_FFT, 1 / GRID_HZ)
_MOVES: Final = (MOVES_HZ[0] < _HZ) & (MOVES_HZ[1] > _HZ)


@dataclass(frozen=True, slots=True)
class Beat:
    """What one window says.

    Attributes:
        period_s: time from jerk to jerk.
        again: mean of r_e and r_j at the period, at most 1.
        again_energy, again_wave: the two of them.
        twice: the larger of them at two periods.
        spread: of the jerk intervals about the period, a standard deviation over the mean; 1 with fewer than four.
        beats: jerks in the window.
        pause_s: longest time without a jerk in the window, its ends included.
        pure: share of power at the period's frequency, all axes, 0.45-12 Hz.
        sway_share: share of power below 2 Hz.
        moving_g: root mean square of the movement, all axes.
        size_g: median height of the jerks.
        axis: principal axis of the jerk band, unit vector of unknown sign.
        tilt_g: change of the mean acceleration from the first to the last second.
    """

    period_s: float
    again: float
    again_energy: float
    again_wave: float
    twice: float
    spread: float
    beats: int
    pause_s: float
    pure: float
    pure_hz: float
    sway_share: float
    moving_g: float
    size_g: float
    size_spread: float
    axis: Floats
    along: float

    @property
    def hz(self) -> float:
        """Frequency."""
        return 1 / self.period_s


def beat(movement: Movement, stop: int, jerks: list[Jerk], window: int = WINDOW) -> Beat | None:
    """Judge the window that ends at row `stop`; None where the stream is too short."""
    start = stop - window
    if start < movement.envelope.first:
        return None
    jerk = movement.jerk.view(start, stop)
    energy = _autocorrelation(np.sqrt(movement.envelope.view(start, stop)), centre=True)
    wave = _autocorrelation(jerk, centre=False)
    lag = _period(energy + wave)
    inside = [j for j in jerks if start <= j.at < stop]
    heights = np.array([j.size_g for j in inside]) if inside else np.zeros(1)
    scatter = jerk.T @ jerk
    values, vectors = np.linalg.eigh(scatter)
    pure, pure_hz, sway_share, moving_g = _spectrum(movement.raw.view(start, stop))
    at = round(lag)
    return Beat(
        period_s=lag / GRID_HZ,
        again=float(_near(energy + wave, at)) / 2,
        again_energy=float(_near(energy, at)),
        again_wave=float(_near(wave, at)),
        twice=float(max(_near(energy, round(2 * lag)), _near(wave, round(2 * lag)))),
        spread=_spread(inside, lag),
        beats=len(inside),
        pause_s=_pause(inside, start, stop),
        pure=pure,
        pure_hz=pure_hz,
        sway_share=sway_share,
        moving_g=moving_g,
        size_g=float(np.median(heights)),
        size_spread=float(np.std(heights) / max(np.mean(heights), 1e-9)),
        axis=vectors[:, 2],
        along=float(values[2] / max(values.sum(), 1e-18)),
    )


def _autocorrelation(rows: Floats, *, centre: bool) -> Floats:
    """Unbiased autocorrelation summed over the columns, lags 0 to `2 * LAG_MAX + 1`, one at lag 0."""
    if centre:
        rows = rows - rows.mean(axis=0)
    spectrum = np.fft.rfft(rows, _FFT, axis=0)
    power = (spectrum.real**2 + spectrum.imag**2).sum(axis=1)
    r = np.fft.irfft(power)[: 2 * LAG_MAX + 2]
    return np.asarray(r / max(r[0], 1e-18) / _UNBIASED)


def _period(r: Floats) -> float:
    """Lag of the first maximum that reaches 85 % of the best, between its neighbours by a parabola."""
    inner = r[LAG_MIN : LAG_MAX + 1]
    tops = np.flatnonzero((inner[1:-1] >= inner[:-2]) & (inner[1:-1] > inner[2:])) + LAG_MIN + 1
    if not len(tops):
        return float(LAG_MAX)
    first = int(tops[np.argmax(r[tops] >= 0.85 * r[tops].max())])
    left, top, right = r[first - 1 : first + 2]
    return first + 0.5 * float(left - right) / float(left - 2 * top + right)


def _near(r: Floats, lag: int) -> Floats:
    return np.asarray(r[lag - 1 : lag + 2].max())


def _spread(jerks: list[Jerk], lag: float) -> float:
    """Spread of the intervals, each divided by the whole number of periods nearest to it."""
    if len(jerks) < BEATS_MIN:
        return 1.0
    ratios = np.diff([j.at for j in jerks]) / lag
    off = ratios - np.maximum(np.round(ratios), 1)
    return float(np.sqrt(np.mean(off**2)))


def _pause(jerks: list[Jerk], start: int, stop: int) -> float:
    rows = [start, *(j.at for j in jerks), stop]
    return max(b - a for a, b in pairwise(rows)) / GRID_HZ


def _spectrum(raw: Floats) -> tuple[float, float, float, float]:
    """Share of power around the strongest line, its frequency, share below 2 Hz, and root mean square, g."""
    spectrum = np.fft.rfft((raw - raw.mean(axis=0)) * _HANN, _FFT, axis=0)
    power = (spectrum.real**2 + spectrum.imag**2).sum(axis=1) * _MOVES
    total = max(float(power.sum()), 1e-18)
    top = int(power.argmax())
    line = power[(np.abs(_HZ - _HZ[top]) < LINE_HZ)].sum()
    rms = np.sqrt(2 * total / _FFT / (_HANN[:, 0] ** 2).sum())
    return float(line) / total, float(_HZ[top]), float(power[_HZ < SWAY_UNDER_HZ].sum()) / total, float(rms)


BUSY_HOPS: Final = 8
"""Active hops among the last 16 that call for a window: rocking has no jerks."""


class Beats:
    """Judge a window whenever something goes on that could be a rhythm; a quiet night costs nothing."""

    def __init__(self) -> None:
        self._active = 0

    def restart(self) -> None:
        """Forget, after a gap."""
        self._active = 0

    def push(self, movement: Movement, stop: int, jerks: list[Jerk], *, active: bool) -> Beat | None:
        """Take one hop: `active` says whether anything stood out of the quiet in it."""
        self._active = (self._active << 1 | active) & 0xFFFF
        jerky = (
            len(jerks) > BEATS_MIN and jerks[-BEATS_MIN - 1].at >= stop - WINDOW and jerks[-1].at >= stop - WINDOW // 2
        )
        if not (jerky or self._active.bit_count() >= BUSY_HOPS):
            return None
        return beat(movement, stop, [j for j in jerks if j.at >= stop - WINDOW])
