"""Tips of the trunk: quick changes of posture, and whether they are let go.

    p     = mean acceleration of each 0.1 s                                     `(3,)`, g
    step  = mean of p 0.2-0.6 s after a moment - mean of p 0.5-0 s before it
    tip   = a step that is the largest within 0.6 s either way, but for one that takes it back
    held  = time from the tip until (p - before) along the step has fallen to half of it
    stir  = largest |p - rest| over the step: 2.3-0.3 s before it, and 0.4-1.4 s after it was let go
    left  = |p - rest| over the step, 0.3-0.8 s after it was let go

Read from the posture itself, tips stand apart where the movements around them run into one segment (`jerks`).
"""

from dataclasses import dataclass
from typing import Final

import numpy as np

from processing.moment import Moment
from processing.movement import HOP, means
from processing.samples import GRID_HZ, Floats

POINT: Final = 5
"""Rows of one point: 0.1 s."""
POINT_S: Final = POINT / GRID_HZ
SEEN: Final = 100
"""Points that are looked at after a rest, or while a posture is held: 10 s."""
NEWEST: Final = 55
"""Points that show what the newest hop made known, and more than 2 s before it."""
BEFORE: Final = 5
AFTER: Final = (2, 6)
APART: Final = 6
KNOWN_AFTER: Final = APART + AFTER[1]
OPPOSITE: Final = -0.7
"""Cosine below which a step takes back another."""
REST: Final = (8, 3)
"""Points before a tip that show the posture it came out of; its own jolt lies after them."""
ALONE: Final = 13
"""Points before a tip, less its jolt, in which the posture must keep to its own, for it to stand alone: 1 s."""
ALONE_SHARE: Final = 0.5
CALM: Final = 23
"""Points before a tip, less its jolt, that are looked at for stirring: 2 s. Contractions may come every 3 s."""
LEFT: Final = (5, 10)
SETTLES: Final = (6, 16)
"""Points after a tip was half let go: what is left of it, and what stirs."""
LET_GO: Final = 0.5
HELD_MAX: Final = 85
PATH: Final = (3, 12)
"""Points of a tip's path before and after it: no more are known with the tip."""
PATH_SHIFT: Final = 2
SHAKE_SHIFT: Final = 15
"""Points, and rows, by which two tips are moved against each other: a tip lies on a point, 0.1 s wide."""


@dataclass(slots=True, eq=False)
class Tip:
    """A quick change of posture.

    Attributes:
        at: its row.
        tilt_g, tilt: the change, `(3,)`, and its length, g.
        jolt_g: largest envelope of the jerk band beside it.
        alone: whether the posture kept still for a second before.
        before_g: posture before it, `(3,)`.
        rest_g: the same before its jolt.
        stir: largest departure from it in the 2 s before, over the tilt.
        path_g: posture off the one before it, each 0.1 s from 0.3 s before to 1.2 s after, `(15, 3)`.
        shake_g: jerk band over the same time, `(75, 3)`.
        held_s: how long it was held; None while it is, or where it was never let go.
        left, stir_after: what was left of the tilt when it had been let go, and the largest departure from the rest
            then, over the tilt.
        back: whether it lets go what a tip before it held.
        clear: its jolt over the quiet.
        slept_s: how long the wearer had been asleep.
    """

    at: int
    tilt_g: Floats
    tilt: float
    jolt_g: float
    alone: bool
    before_g: Floats
    rest_g: Floats
    stir: float
    path_g: Floats
    shake_g: Floats
    held_s: float | None = None
    left: float = 1.0
    stir_after: float = 1.0
    back: bool = False
    clear: float = 0.0
    slept_s: float = 0.0

    @property
    def tilt_deg(self) -> float:
        """The tilt as an angle of gravity."""
        return float(np.degrees(np.arcsin(min(1.0, self.tilt))))

    def cosine(self, other: "Tip") -> float:
        """How alike two tips are in their direction."""
        return float(self.tilt_g @ other.tilt_g) / max(self.tilt * other.tilt, 1e-12)

    def same_path(self, other: "Tip") -> float:
        """How alike their paths are, all axes together, until one of them is let go: 1 is the same, however large."""
        held_s = min(self.held_s or PATH[1] * POINT_S, other.held_s or PATH[1] * POINT_S)
        n = PATH[0] + min(max(round(held_s / POINT_S) + 1, AFTER[1]), PATH[1])
        return _alike(self.path_g[:n], other.path_g[:n], PATH_SHIFT)

    def same_shake(self, other: "Tip") -> float:
        """How alike their jolts are."""
        return _alike(self.shake_g, other.shake_g, SHAKE_SHIFT)


class Tips:
    """Find tips, hop by hop."""

    def __init__(self) -> None:
        self.restart()

    def restart(self) -> None:
        """Forget, after a gap."""
        self._held: list[Tip] = []
        self._looked = 0

    @property
    def idle(self) -> bool:
        """Whether no tip is held."""
        return not self._held

    def push(self, moment: Moment, least_g: float) -> tuple[list[Tip], list[Tip]]:
        """Take one hop; give the tips of `least_g` and more that it shows, and those that were let go 1.6 s ago."""
        seen = SEEN if self._held or moment.stop - self._looked > HOP else NEWEST
        rows = moment.movement.raw.view(max(moment.stop - seen * POINT, moment.begin), moment.stop)
        points = means(rows, POINT)
        first = moment.stop - len(rows)
        found = self._find(points, first, least_g, moment)
        self._held += found
        for tip in self._held:
            if tip.held_s is None:
                _let_go(tip, points, first)
        settled = [tip for tip in self._held if _settles(tip, points, first)]
        limit = moment.stop - HELD_MAX * POINT
        self._held = [t for t in self._held if t not in settled and (t.held_s is not None or t.at > limit)]
        return found, settled

    def _find(self, points: Floats, first: int, least_g: float, moment: Moment) -> list[Tip]:
        """Tips that the newest hop made known."""
        looked = max(self._looked - first, 0) // POINT
        self._looked = moment.stop
        begin = max(looked - KNOWN_AFTER, BEFORE + APART)
        end = len(points) - KNOWN_AFTER
        if end <= begin:
            return []
        steps = _steps(points, begin - APART, end + APART)
        size = np.sqrt(steps[:, 0] ** 2 + steps[:, 1] ** 2 + steps[:, 2] ** 2)
        return [
            _tip(points, begin - APART + k, steps[k], first, moment)
            for k in (np.flatnonzero(size[APART : len(size) - APART] > least_g) + APART).tolist()
            if size[k] > size[k - 1] and size[k] >= size[k + 1] and _largest(steps, size, k)
        ]


def _steps(points: Floats, begin: int, end: int) -> Floats:
    """Step at each point from `begin` to `end`, `(end - begin, 3)`."""
    total = np.zeros((len(points) + 1, 3))
    np.cumsum(points, axis=0, out=total[1:])
    first, last = AFTER
    after = (total[begin + last : end + last] - total[begin + first : end + first]) / (last - first)
    return np.asarray(after - (total[begin:end] - total[begin - BEFORE : end - BEFORE]) / BEFORE)


def _largest(steps: Floats, size: Floats, k: int) -> bool:
    """Whether no larger step lies near, but for one that takes it back: contractions may last 0.4 s."""
    near = slice(k - APART, k + APART + 1)
    other = steps[near] @ steps[k] > OPPOSITE * size[near] * size[k]
    return bool(size[k] >= size[near][other].max())


def _tip(points: Floats, k: int, step: Floats, first: int, moment: Moment) -> Tip:
    at = first + k * POINT
    tilt = float(np.sqrt(step @ step))
    before = points[k - BEFORE : k].mean(axis=0)
    rest = points[k - REST[0] : k - REST[1]].mean(axis=0)
    return Tip(
        at=at,
        tilt_g=step,
        tilt=tilt,
        jolt_g=float(moment.movement.envelope.view(at - HOP, at + 2 * HOP)[:, 0].max()),
        alone=_stir(points[max(k - ALONE, 0) : k - REST[1]], rest) < ALONE_SHARE * tilt,
        before_g=before,
        rest_g=rest,
        stir=_stir(points[max(k - CALM, 0) : k - REST[1]], rest) / tilt,
        path_g=points[k - PATH[0] : k + PATH[1]] - before,
        shake_g=moment.movement.jerk.view(at - PATH[0] * POINT, at + PATH[1] * POINT).copy(),
    )


def _alike(a: Floats, b: Floats, shift: int) -> float:
    """Largest normalised product of two stretches, `(n, 3)`, moved against each other by `shift` rows at most."""
    n = len(a)
    if len(b) != n or n <= shift:
        return 0.0
    lag = np.arange(-shift, shift + 1)
    first, cut = np.maximum(lag, 0), np.maximum(-lag, 0)
    whole_a, whole_b = (np.concatenate(([0.0], np.cumsum((x**2).sum(axis=1)))) for x in (a, b))
    energy = (whole_a[n - cut] - whole_a[first]) * (whole_b[n - first] - whole_b[cut])
    product = sum(np.correlate(a[:, axis], b[:, axis], "full")[n - 1 + lag] for axis in range(3))
    return float(np.max(product / np.sqrt(np.maximum(energy, 1e-24))))


def _stir(points: Floats, rest: Floats) -> float:
    """Largest departure from a posture, g."""
    off = points - rest
    return float(np.sqrt((off[:, 0] ** 2 + off[:, 1] ** 2 + off[:, 2] ** 2).max()))


def _settles(tip: Tip, points: Floats, first: int) -> bool:
    """Whether the time after the tip was let go has been seen; notes what it shows."""
    if tip.held_s is None:
        return False
    over = (tip.at - first) // POINT + AFTER[0] + round(tip.held_s / POINT_S)
    if over + SETTLES[1] > len(points):
        return False
    left = points[over + LEFT[0] : over + LEFT[1]].mean(axis=0) - tip.rest_g
    tip.left = float(np.sqrt(left @ left)) / tip.tilt
    tip.stir_after = _stir(points[over + SETTLES[0] : over + SETTLES[1]], tip.rest_g) / tip.tilt
    return True


def _let_go(tip: Tip, points: Floats, first: int) -> None:
    """Note how long the tip was held, once it is let go in the points seen."""
    begin = (tip.at - first) // POINT + AFTER[0]
    if begin < 0:
        return
    left = (points[begin : begin + HELD_MAX] - tip.before_g) @ tip.tilt_g / tip.tilt**2
    held = left >= LET_GO
    rises = int(held.argmax())
    low = ~held[rises:]
    both = np.flatnonzero(low[:-1] & low[1:])
    if not held.any() or not len(both):
        return
    last = rises + int(both[0])
    over = (left[last - 1] - LET_GO) / (left[last - 1] - left[last])
    tip.held_s = (int(both[0]) - 0.5 + float(over)) * POINT_S
