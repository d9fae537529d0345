"""How rhythmic the last seconds were: a window's features, none of which depends on how the clip is turned.

r_e(k)   mean autocorrelation of the square roots of the envelope and of the jerk band's two half waves along its main
         axis, their means taken off                                    when the energy comes back
r_j(k)   autocorrelation of the jerk band, summed over the axes         when the same movement comes back
rise     r_e(k) less the lowest r_e between k/3 and k                   a single bout never comes back
period   the lag with the best rise + r_j - spread of the jerks         at twice the period the jerks lie half off
pure     share of the movement's power within 0.3 Hz of the period's    a sinusoid has nearly all, jerks do not

A wearer who is awake moves amid the jerks. Envelope and jerk band are cut down to 1.5 usual jerks before they are
correlated, and a quarter of the jerks may be unlike the rest in size and interval. Where cloth rings from one jerk to
the next, the envelope hardly falls between them; a jerk pushes first one way and then back, so a half wave does.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Final

import numpy as np
from numpy.typing import NDArray

from processing.jerks import Jerk, along
from processing.movement import HOP, Movement
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
MERGED_WAVE: Final = 0.62
"""Waves so alike from period to period need no crests to be followed; kicking stays below."""
MERGED_LAG: Final = 16.7
"""Over 3 Hz cloth rings from one jerk into the next, and few have a crest of their own."""
WAVE_LINE: Final = 0.15
"""How far, as a share, the strongest line of merged jerks may lie from their frequency: a tremor's lies far over it."""
MOVING_SHARE: Final = 0.45
"""Share of the median jerk's height over which the wearer moves."""
FAST_OVER_HZ: Final = 1.2
"""Breathing and its harmonics, and the sway of arms, lie below."""

MM_PER_G: Final = 9806.65 / (2 * math.pi) ** 2
"""What moves to and fro once a second with 1 g moves so far."""

LAGS: Final = 262
LONG_LAG: Final = 225
"""4.5 s."""

PART: Final = 50
"""Rows of one of the window's seconds."""
PARTS: Final = WINDOW // PART
LIMIT: Final = 1.5
"""Movement over so many usual jerks is cut down to it: it may be anything, and must not outweigh the rest."""
KEPT: Final = 0.75
"""Share of the jerks, the likest ones, by which their spread is judged: movement in between adds crests."""

_HALF_WAVE: Final = np.hanning(9)[1:-1] / np.hanning(9).sum()
"""Smooths a half wave over 0.14 s: one push of a limb, or of cloth that rings at up to 7 Hz."""

_FFT: Final = 720
"""At least `WINDOW` + `LAGS` rows, so that no lag wraps round; a product of small primes."""
_UNBIASED: Final = (1 - np.arange(LAGS) / WINDOW).astype(np.float64)
_HANN: Final = np.hanning(WINDOW)
_HANN_AGAIN: Final = np.maximum(np.correlate(_HANN, _HANN, "full")[WINDOW - 1 :][:LAGS] / (_HANN**2).sum(), 0.05)
_MEAN_SQUARE: Final = 2 / (_FFT * float((_HANN**2).sum()))
"""Mean square of a movement over its power in the spectrum."""
_HZ: Final = np.fft.rfftfreq(_FFT, 1 / GRID_HZ)
_MOVES: Final = slice(int(np.searchsorted(_HZ, MOVES_HZ[0])), int(np.searchsorted(_HZ, MOVES_HZ[1])))
_FAST: Final = int(np.searchsorted(_HZ, FAST_OVER_HZ))
_SWAYS: Final = int(np.searchsorted(_HZ, SWAY_UNDER_HZ)) - _MOVES.start
_STRIDE: Final = FAST_OVER_HZ * _FFT / GRID_HZ
_LINE: Final = round(LINE_HZ * _FFT / GRID_HZ)


@dataclass(frozen=True, slots=True)
class Beat:
    """What one window says.

    Attributes:
        stop: row after the window's last.
        period_s: time from jerk to jerk.
        again_energy, again_wave: rise of r_e, and r_j, at the period.
        along: share of the scatter of the jerks' axes along one of them; one third is no direction at all.
        long: r_j at the largest whole number of periods within 4.5 s: a machine keeps its phase, jerks lose theirs.
        spread: of the jerk intervals about the period, a standard deviation over the mean; 1 with fewer than four.
        beats: jerks in the window.
        present: share of the window's readings that came.
        pause_s: longest time in the window, its ends included, without a jerk or without movement.
        pure: share of power in the strongest line, all axes, 0.45-12 Hz.
        pure_hz: frequency of that line.
        pure_beat, pure_twice: share of power above 1.2 Hz in the line at the jerks' frequency, and at twice that.
        swings: autocorrelation of the whole movement two periods of its strongest line later.
        harmonics: power at two and three times the jerks' frequency over the power at it.
        moves_mm: how far the wearer moves to and fro at the jerks' frequency, or at twice that where it may be that of
            every other step, all axes, root mean square; gravity is 1 g.
        upright: share of that movement's power along gravity.
        sway_share: share of power below 2 Hz.
        moving_g: root mean square of the movement, all axes.
        size_g: median height of the jerks.
        size_spread: their standard deviation over their mean.
        axis: principal axis of the jerk band, unit `(3,)` of unknown sign.
    """

    stop: int
    period_s: float
    again_energy: float
    again_wave: float
    long: float
    swings: float
    harmonics: float
    moves_mm: float
    upright: float
    spread: float
    along: float
    beats: int
    present: float
    pause_s: float
    pure: float
    pure_hz: float
    pure_beat: float
    pure_twice: float
    sway_share: float
    moving_g: float
    size_g: float
    size_spread: float
    axis: Floats

    @property
    def hz(self) -> float:
        """Frequency."""
        return 1 / self.period_s

    @property
    def merged(self) -> bool:
        """Whether its jerks run into each other."""
        return _merge(self.again_wave, self.period_s * GRID_HZ)

    @property
    def waves(self) -> bool:
        """Whether the movement itself keeps the time, at its strongest line, so that no crest need be seen."""
        return self.again_wave > MERGED_WAVE and abs(self.pure_hz * self.period_s - 1) < WAVE_LINE

    @property
    def jitter(self) -> float:
        """Spread of the intervals, or what the waves allow: jitter of s periods leaves exp(-(2 pi s)^2 / 2) of them.

        Where jerks run into each other few have a crest of their own.
        """
        if self.again_wave < MERGED_WAVE:
            return self.spread
        return min(self.spread, math.sqrt(-2 * math.log(min(1.0, self.again_wave))) / (2 * math.pi))

    @property
    def sway_g(self) -> float:
        """Root mean square of the movement below 2 Hz, all axes."""
        return self.moving_g * math.sqrt(self.sway_share)

    @property
    def again(self) -> float:
        """How much of it comes back after a period, at most 1: the energy, or the movement itself."""
        return min(1.0, max(self.again_energy, self.again_wave))


def beat(movement: Movement, stop: int, jerks: list[Jerk]) -> Beat | None:
    """Judge the window that ends at row `stop`, with its jerks; None where the stream is too short."""
    start = stop - WINDOW
    if start < movement.envelope.first:
        return None
    envelope = movement.envelope.view(start, stop)[:, 0]
    limited = _limited(envelope)
    jerk = movement.jerk.view(start, stop).T * (limited / np.maximum(envelope, 1e-9))
    axis = np.linalg.eigh(jerk @ jerk.T)[1][:, 2]
    again, moved = _comes_back(_energies(limited, axis @ jerk), jerk, movement.raw.view(start, stop).T)
    lag = _period(again, jerks)
    at, long = round(lag), round(lag * max(1, int(LONG_LAG / lag)))
    wave = float(again[1, at - 1 : at + 2].max())
    line = _line(moved, lag)
    swing = min(round(2 * GRID_HZ / line.pure_hz), LAGS - 2)
    size_g, size_spread = _heights(jerks)
    return Beat(
        stop=stop,
        period_s=lag / GRID_HZ,
        again_energy=_rise(again[0], at),
        again_wave=wave,
        long=float(again[1, long - 1 : long + 2].max()),
        swings=float(again[2, swing - 1 : swing + 2].max()),
        harmonics=line.harmonics,
        moves_mm=line.moves_mm,
        upright=line.upright,
        spread=_spreads(jerks, [lag])[0],
        along=along(jerks) if len(jerks) >= BEATS_MIN else 1 / 3,
        beats=len(jerks),
        present=1 - movement.missing(start, stop) / WINDOW,
        pause_s=min(_pause(jerks, movement, start, stop), lull_s(envelope, size_g) if _merge(wave, lag) else math.inf),
        pure=line.pure,
        pure_hz=line.pure_hz,
        pure_beat=line.pure_beat,
        pure_twice=line.pure_twice,
        sway_share=line.sway_share,
        moving_g=line.moving_g,
        size_g=size_g,
        size_spread=size_spread,
        axis=axis,
    )


def _merge(wave: float, lag: float) -> bool:
    return wave > MERGED_WAVE or lag < MERGED_LAG


def _energies(limited: Floats, main: Floats) -> Floats:
    """Square roots of the envelope and of both half waves along the main axis, no mean, unit length, `(3, WINDOW)`."""
    rows = np.empty((3, WINDOW))
    rows[0] = limited
    rows[1] = np.convolve(np.maximum(main, 0), _HALF_WAVE, "same")
    rows[2] = np.convolve(np.maximum(-main, 0), _HALF_WAVE, "same")
    np.sqrt(rows, out=rows)
    rows -= np.einsum("ij->i", rows)[:, None] / WINDOW
    rows /= np.maximum(np.sqrt(np.einsum("ij,ij->i", rows, rows)), 1e-9)[:, None]
    return rows


def _comes_back(energies: Floats, jerk: Floats, raw: Floats) -> tuple[Floats, "_Moved"]:
    """Autocorrelations of energy, jerk band and body movement, `(3, LAGS)`, and the spectra of all movement."""
    padded = np.zeros((9, _FFT))
    table = padded[:, :WINDOW]
    table[::3] = energies
    table[1::3] = jerk
    body = table[2::3]
    body[:] = raw
    gravity = np.einsum("ij->i", raw)  # a mean in half the time
    body -= gravity[:, None] / WINDOW
    body *= _HANN
    spectra = np.fft.rfft(padded, axis=1)
    squares = spectra.view(np.float64) ** 2  # real and imaginary parts in turn
    sums = squares[:3] + squares[3:6]
    sums += squares[6:]
    wanted = sums[:, ::2] + sums[:, 1::2]
    power = wanted[2].copy()
    wanted[2, : _MOVES.start] = wanted[2, _MOVES.stop :] = 0
    again = np.fft.irfft(wanted, axis=1)[:, :LAGS]
    again /= np.maximum(again[:, :1], 1e-18)
    again[:2] /= _UNBIASED
    again[2] /= _HANN_AGAIN
    return again, _Moved(power, spectra[2::3], gravity)


def _limited(envelope: Floats) -> Floats:
    """Cut what stands over the usual jerk, the median of each second's largest: half of the window may be movement."""
    usual_g = sorted(envelope.reshape(-1, PART).max(axis=1).tolist())[PARTS // 2]
    return np.minimum(envelope, max(LIMIT * usual_g, 1e-9))


def _period(again: Floats, jerks: list[Jerk]) -> float:
    """Lag that comes back best and fits the jerks best, between its neighbours by a parabola.

    The energy counts by its rise out of the trough before, or a single bout would come back at any short lag. At twice
    the period the jerks are half a lag apart, which is the worst fit there is.
    """
    energy, wave = again[:2, : LAG_MAX + 2].tolist()
    r = [e + w for e, w in zip(energy, wave, strict=True)]
    tops = [lag for lag in range(LAG_MIN + 1, LAG_MAX) if r[lag - 1] <= r[lag] > r[lag + 1]]
    if not tops:
        return float(LAG_MAX)
    troughs = np.minimum.reduceat(again[0], [row for top in tops for row in (top // 3, top)])[::2].tolist()
    worth = [max(energy[top - 1 : top + 2]) - trough + wave[top] for top, trough in zip(tops, troughs, strict=True)]
    fit = [w - spread for w, spread in zip(worth, _spreads(jerks, tops), strict=True)]
    first = max(zip(fit, worth, tops, strict=True))[2]
    left, top, right = r[first - 1 : first + 2]
    return first + float(0.5 * (left - right) / (left - 2 * top + right))


def _rise(r: Floats, at: int) -> float:
    """How far it comes back at a lag over what was lost in the half before."""
    return float(r[at - 1 : at + 2].max() - r[at // 3 : at].min())


def _heights(jerks: list[Jerk]) -> tuple[float, float]:
    """Median height, and standard deviation over mean."""
    if not jerks:
        return 0.0, 0.0
    heights = sorted(j.size_g for j in jerks)
    middle = heights[len(heights) // 2]
    return middle, _root_mean_square([(h - middle) / middle for h in heights])


def _spreads(jerks: list[Jerk], lags: Sequence[float]) -> list[float]:
    """Spread of the intervals, each less the whole number of periods nearest to it, for each of some periods."""
    if len(jerks) < BEATS_MIN:
        return [1.0] * len(lags)
    ratios = np.divide.outer([b.at - a.at for a, b in pairwise(jerks)], lags)
    squares = np.sort((ratios - np.maximum(np.rint(ratios), 1)) ** 2, axis=0)[: math.ceil(KEPT * len(ratios))]
    spreads: list[float] = np.sqrt(np.add.reduce(squares) / len(squares)).tolist()
    return spreads


def _root_mean_square(values: list[float]) -> float:
    """Of the smallest ones."""
    squares = sorted([v * v for v in values])[: math.ceil(KEPT * len(values))]
    return math.sqrt(sum(squares) / len(squares))


def _pause(jerks: list[Jerk], movement: Movement, start: int, stop: int) -> float:
    """Longest time without a crest, less the readings missing in it."""
    rows = (start, *(j.at for j in jerks), stop)
    return max(b - a - (movement.missing(a, b) if b - a > GRID_HZ else 0) for a, b in pairwise(rows)) / GRID_HZ


def lull_s(envelope: Floats, size_g: float) -> float:
    """Longest time without movement: where jerks run into each other, crests are not seen."""
    moving = np.flatnonzero(envelope > MOVING_SHARE * size_g)
    if not len(moving):
        return (len(envelope) + 1) / GRID_HZ
    within = int((moving[1:] - moving[:-1]).max()) if len(moving) > 1 else 0
    return max(within, int(moving[0]) + 1, len(envelope) - int(moving[-1])) / GRID_HZ


@dataclass(frozen=True, slots=True)
class _Moved:
    """Power of all movement, `(n,)`, the spectrum of each axis, `(3, n)`, and the sum of the window's rows, `(3,)`."""

    power: Floats
    axes: NDArray[np.complex128]
    gravity: Floats


@dataclass(frozen=True, slots=True)
class _Line:
    pure: float
    pure_hz: float
    pure_beat: float
    pure_twice: float
    harmonics: float
    moves_mm: float
    upright: float
    sway_share: float
    moving_g: float


def _line(moved: _Moved, lag: float) -> _Line:
    """The strongest spectral line of the movement, what stands beside it, and the line at a lag."""
    power, gravity = moved.power, moved.gravity
    moves = power[_MOVES]
    total = max(_total(moves), 1e-18)
    top = int(moves.argmax())
    line = _total(moves[max(top - _LINE, 0) : top + _LINE + 1])
    strongest = top + _MOVES.start
    beat_at, lines = _FFT / lag, power.tolist()
    beats = max(_around(lines, beat_at), 1e-18)
    weight = max(float(gravity @ gravity), 1e-6)  # and its unit: a clip may be scaled wrongly
    step_at = beat_at if beat_at > _STRIDE else 2 * beat_at
    steps = max(_around(lines, step_at), 1e-18)
    up = np.abs(gravity @ moved.axes[:, round(step_at) - 2 : round(step_at) + 3]) ** 2
    fast = max(_total(power[_FAST : _MOVES.stop]), 1e-18)
    return _Line(
        pure=line / total,
        pure_hz=float(_HZ[strongest]),
        pure_beat=_total(power[round(beat_at) - _LINE : round(beat_at) + _LINE + 1]) / fast,
        pure_twice=_total(power[round(2 * beat_at) - _LINE : round(2 * beat_at) + _LINE + 1]) / fast,
        harmonics=(_around(lines, 2 * beat_at) + _around(lines, 3 * beat_at)) / beats,
        moves_mm=MM_PER_G * math.sqrt(_MEAN_SQUARE * steps / weight) * WINDOW * (_FFT / step_at / GRID_HZ) ** 2,
        upright=_total(up) / weight / steps,
        sway_share=_total(moves[:_SWAYS]) / total,
        moving_g=math.sqrt(_MEAN_SQUARE * total),
    )


def _total(power: Floats) -> float:
    return float(np.add.reduce(power))  # `sum` calls this by way of two functions


def _around(lines: list[float], at: float) -> float:
    """Power within 0.14 Hz of a place in the spectrum."""
    return sum(lines[max(round(at) - 2, 0) : round(at) + 3])


BUSY_HOPS: Final = 8
"""Active hops among the last 16 that call for a window: rocking has no jerks."""


class Beats:
    """Judge a window whenever something goes on that could be a rhythm; a quiet night costs nothing."""

    def __init__(self) -> None:
        self.restart()

    def restart(self) -> None:
        """Forget, after a gap."""
        self._active = 0
        self._last: Beat | None = None

    def push(self, movement: Movement, stop: int, jerks: list[Jerk], *, active: bool) -> Beat | None:
        """Take one hop: `active` says whether anything stood out of the quiet in it."""
        self._active = (self._active << 1 | active) & 0xFFFF
        if self._active.bit_count() < BUSY_HOPS // 2:
            return None
        inside = [j for j in jerks if j.at >= stop - WINDOW]
        if not _steady(inside, stop):
            if self._active.bit_count() < BUSY_HOPS:
                return None
            if self._last is not None and self._last.stop == stop - HOP:  # without a rhythm once a second will do
                return self._last
        self._last = beat(movement, stop, inside)
        return self._last


def _steady(jerks: list[Jerk], stop: int) -> bool:
    """Whether the jerks have no pause that no rhythm of theirs could have."""
    if len(jerks) <= BEATS_MIN:
        return False
    steps = sorted(b.at - a.at for a, b in pairwise(jerks))
    longest = max(steps[-1], stop - jerks[-1].at, jerks[0].at - (stop - WINDOW))
    return longest <= max(2 * GRID_HZ, 4 * steps[len(steps) // 2])
