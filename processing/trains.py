"""Trains of like jerks: one limb jerks with one waveform, along one axis, of one size, at regular times.

Each jerk goes on with trains that ended at an earlier jerk, or begins one. A step from jerk i to jerk j adds the log of
how much likelier it is in a train than among crests that come at random:

    time      ln N(d / kT; 1, s k) - ln max(r T, 1) + miss [k = 2]     d since i, T the period, r crests a second
    waveform  a (c - c0), at most 1.5 either way                       c the cross-correlation, best of five lags
    size      0.4 - (ln ratio)^2 / (2 z^2), -1 at least
    bias      what the best of many chance steps earns

The best trains are kept (beam search over what is a Viterbi path in jerk, predecessor and period), never below zero
(Page 1954). Movement as large as the jerks hides some: while crests of any kind follow each other without a pause, a
train may jump over up to five seconds, at a price. Movement that is no jerk of the train costs it nothing else, which
is what tells a run amid voluntary movement; a window's autocorrelation (`rhythm`) drowns there.
"""

import math
from bisect import bisect_left
from dataclasses import dataclass
from typing import Final

import numpy as np

from processing.jerks import Jerk
from processing.movement import Movement
from processing.samples import GRID_HZ, Floats

PAUSE_ROWS: Final = 50
PAUSE_PERIODS: Final = 2.2
"""A pause without crests that is longer than both ends a train (as in `runs`)."""

_PERIOD_ROWS: Final = (8, 85)
"""6 Hz to 0.6 Hz: at longer periods the pauses between clusters of sleep myoclonus look like periods."""
_JUMP_ROWS: Final = 250
"""Bouts of movement last 3-30 s (docs/movements.md); nobody can say that it is the same train after longer."""
_RATE_ROWS: Final = 400
"""Crests of the last 8 s say how often one comes at random."""
_SPREAD: Final = 0.17
"""Of intervals: between an even rhythm and one with a coefficient of variation of 0.25."""
_OFF_MOST: Final = 3.0
_JUMPS_FROM: Final = 3
"""Steps: two make no train yet."""
_MISSED: Final = -2.0
_PAUSED: Final = -5.0
"""A jerk that is missed hides in movement; where no crest is, it did not come: a pause, as between clusters."""
_JUMPED: Final = -3.0
_ALIKE: Final = 4.0
_ALIKE_FROM: Final = 0.5
"""Band-limited noise along three axes reaches 0.4 by chance."""
_ALIKE_MOST: Final = 1.5
_SIZE_SPREAD: Final = 0.4
_BIAS: Final = 0.4
"""Vehicles earn 0.4-0.6 a step without it, trains of limbs 1-2."""
_LIMIT: Final = 30.0
"""So that a train that has ended is forgotten within a few steps."""
_FORGETS: Final = 0.2
_BEAM: Final = 6
"""Trains kept of each jerk."""
_SLOTS: Final = 64
"""Jerks whose waveform is kept: 8 Hz for 5 s is 40."""
_CORE: Final = 14
_LAGS: Final = 5
_LAGGED: Final = 3 * np.arange(_LAGS)[:, None] + np.arange(3 * _CORE)
"""Places of the values at each lag."""
_NEVER: Final = -99.0

_AT, _SIZE, _SCORE, _PERIOD, _STEPS, _ONSET, _GAP, _SLOT = range(8)
"""Columns: row of the newest jerk, its log size smoothed, score, period in rows, jerks less one, row of the first jerk,
longest gap between any crests since the newest, place of its waveform."""


@dataclass(frozen=True, slots=True)
class Train:
    """The best train that goes on.

    Attributes:
        score: sum of its log-odds.
        period_s: time from jerk to jerk.
        onset, last: rows of its first and its newest jerk.
        size_g: height of its jerks.
        jerks: how many were found.
    """

    score: float
    period_s: float
    onset: int
    last: int
    size_g: float
    jerks: int


class Trains:
    """Follow trains of jerks."""

    def __init__(self) -> None:
        self.restart()

    def restart(self) -> None:
        """Forget everything, after a gap."""
        self._kept: Floats = np.zeros((0, _SLOT + 1))
        self._cores: Floats = np.zeros((_SLOTS, _LAGS, _CORE * 3))
        self._rows: list[int] = []
        self._count = 0

    def push(self, jerks: list[Jerk], movement: Movement) -> None:
        """Take the jerks that one hop completed."""
        for jerk in jerks:
            self._take(jerk, movement)

    def best(self, stop: int) -> Train | None:
        """Give the best train that goes on at a row; None without one."""
        kept = self._kept
        if not len(kept) or stop - self._rows[-1] > _JUMP_ROWS:
            return None
        gap = np.maximum(kept[:, _GAP], stop - self._rows[-1])
        going = (gap <= np.maximum(PAUSE_ROWS, PAUSE_PERIODS * kept[:, _PERIOD])) & (stop - kept[:, _AT] <= _JUMP_ROWS)
        score = np.where(going, kept[:, _SCORE], 0.0)
        top = kept[int(score.argmax())]
        if score.max() <= 0:
            return None
        return Train(
            score=float(top[_SCORE]),
            period_s=float(top[_PERIOD]) / GRID_HZ,
            onset=int(top[_ONSET]),
            last=int(top[_AT]),
            size_g=math.exp(float(top[_SIZE])),
            jerks=int(top[_STEPS]) + 1,
        )

    def _take(self, jerk: Jerk, movement: Movement) -> None:
        """Let every train go on with a jerk, and keep the best that end there."""
        at, log_size, slot = jerk.at, math.log(jerk.size_g), self._count % _SLOTS
        gap = at - self._rows[-1] if self._rows else 0
        self._rows = [row for row in self._rows if at - row <= _RATE_ROWS]
        rate = max(1, len(self._rows)) / max(at - self._rows[0], 100) if self._rows else 0.01
        kept = self._kept[at - self._kept[:, _AT] <= _JUMP_ROWS]
        kept[:, _GAP] = np.maximum(kept[:, _GAP], gap)
        core = _waveforms(movement, at)
        begun = np.array([[at, log_size, 0, 0, 0, at, 0, slot]], dtype=np.float64)
        grown = begun[:0]
        if len(kept):
            like = _like(kept, log_size, self._alike(at, core))
            grown = _grown(kept, at, log_size, slot, rate, like)
        self._kept = np.concatenate((kept, grown, begun))
        self._cores[slot] = core
        self._rows.append(at)
        self._count += 1

    def _alike(self, at: int, core: Floats) -> Floats:
        """Largest cross-correlation with each waveform kept that is not too old, `(_SLOTS,)`."""
        newer = len(self._rows) - bisect_left(self._rows, at - _JUMP_ROWS)
        slots = np.arange(self._count - newer, self._count) % _SLOTS
        alike = np.zeros(_SLOTS)
        alike[slots] = (self._cores[slots].reshape(-1, _CORE * 3) @ core[_LAGS // 2]).reshape(-1, _LAGS).max(axis=1)
        return alike


def _waveforms(movement: Movement, at: int) -> Floats:
    """Jerk band around a crest at five lags, `(_LAGS, 3 * _CORE)`, each of unit length."""
    rows = movement.jerk.view(at - _CORE - _LAGS + 3, at + 2)  # later rows may belong to the next hop
    if len(rows) < _CORE + _LAGS - 1:
        rows = np.concatenate((np.zeros((_CORE + _LAGS - 1 - len(rows), 3)), rows))
    cores = rows.ravel()[_LAGGED]
    return np.asarray(cores / np.maximum(np.sqrt((cores**2).sum(axis=1)), 1e-9)[:, None])


def _like(kept: Floats, log_size: float, alike: Floats) -> Floats:
    """Log-odds of waveform and size."""
    wave = _ALIKE * (alike[kept[:, _SLOT].astype(int)] - _ALIKE_FROM)
    wave = np.minimum(np.maximum(wave, -_ALIKE_MOST), _ALIKE_MOST)
    size = np.maximum(-1.0, 0.4 - ((log_size - kept[:, _SIZE]) / _SIZE_SPREAD) ** 2 / 2)
    return np.asarray(wave + size - _BIAS)


def _grown(kept: Floats, at: int, log_size: float, slot: int, rate: float, like: Floats) -> Floats:
    """Trains that go on with a jerk: the best `_BEAM`, of different jerks before."""
    since, period = at - kept[:, _AT], np.maximum(kept[:, _PERIOD], 1.0)
    steps, gap, most = kept[:, _STEPS], kept[:, _GAP], 1.5 * period
    begins, late = steps == 0, since > most
    near = (since >= _PERIOD_ROWS[0]) & (since <= np.where(begins, 1, 2) * _PERIOD_ROWS[1])
    times = late + 1.0
    off = (since / (times * period) - 1) / _SPREAD
    on_beat = np.log(0.4 / (_SPREAD * times)) - np.log(np.maximum(rate * period, 1)) - off**2 / 2
    on_beat += late * np.where(gap > most, _PAUSED, _MISSED)
    on_beat = np.where(near & (np.abs(off) < _OFF_MOST), on_beat, _NEVER)
    dense = late & (steps >= _JUMPS_FROM) & (gap <= np.maximum(PAUSE_ROWS, PAUSE_PERIODS * period))
    jumps = np.where(dense, _JUMPED, _NEVER)
    score = np.where(begins, 0.0, kept[:, _SCORE] + np.maximum(on_beat, jumps) + like)
    score = np.where(begins & ~near, _NEVER, np.minimum(score, _LIMIT))
    chosen = _best_of_each(score, kept[:, _AT])
    grown = kept[chosen]
    weight = np.maximum(1 / (steps + 1), _FORGETS)
    follows = np.where(jumps > on_beat, period, period + weight * (since / times - period))
    grown[:, _PERIOD] = np.where(begins, since, follows)[chosen]
    grown[:, _SCORE] = score[chosen]
    grown[:, _SIZE] += np.maximum(weight[chosen], 0.3) * (log_size - grown[:, _SIZE])
    grown[:, _STEPS] += 1
    grown[:, _AT], grown[:, _GAP], grown[:, _SLOT] = at, 0, slot
    return np.asarray(grown)


def _best_of_each(score: Floats, groups: Floats) -> list[int]:
    """Places of the best scores that are not negative, one of each group."""
    chosen: list[int] = []
    taken: set[float] = set()
    for place in np.argsort(-score, kind="stable").tolist():
        if score[place] < 0 or len(chosen) == _BEAM:
            break
        if groups[place] not in taken:
            taken.add(groups[place])
            chosen.append(place)
    return chosen
