"""Jerking that goes on once there is evidence of waking, told by its direction (docs/detector.md).

Before the waking, the axes of the jerks in sleep give a principal axis u. Each jerk after it adds to a sum

    ln p(|cos| | same) / p(|cos| | any)     |cos| between its axis and u; for any direction |cos| is uniform on 0..1
    ln p(size | same) / p(size | any)       a size near that of the jerks before

Whole-body movement awake has jerks in any direction; a seizure keeps its own. A run that goes on counts by itself.
"""

from collections import deque
from dataclasses import replace
from typing import Annotated, Final

import msgspec
import numpy as np

from processing.events import PersistsAfterWaking, Rhythmic, State
from processing.jerks import Jerk
from processing.moment import Moment, angle_deg, mean_posture
from processing.movement import HOP_S
from processing.samples import GRID_HZ

SECOND: Final = int(GRID_HZ)
TURN_HOPS: Final = (20, 12)
SWAY_HOPS: Final = 8
AROUSAL: Final = 4 * SECOND
"""Arousals last 2-4 s (docs/movements.md)."""

SAME_AXIS: Final = 0.85
"""Cosine over which two axes are the same: 32 degrees. Any direction reaches it with a chance of 0.15."""


class PersistenceSettings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """When jerking has outlived sleep. Tuned on the simulator's training split and the third generator."""

    before_s: Annotated[float, msgspec.Meta(gt=0)] = 150.0
    jerks_before: Annotated[int, msgspec.Meta(ge=4)] = 8
    """Fewer jerks in sleep are ordinary twitches: a series or a run has many."""
    along_before: Annotated[float, msgspec.Meta(gt=0, lt=1)] = 0.62
    """Share of their scatter along one axis; one third is no direction at all."""
    waking_s: Annotated[float, msgspec.Meta(gt=0)] = 1.5
    """Sway within 4 s that is evidence of waking: arousals last 2-4 s (docs/movements.md)."""
    waking_turn_deg: Annotated[float, msgspec.Meta(gt=0)] = 3.5
    """With it the body turns, often by more than 5 degrees (docs/movements.md); jerks alone turn it by 1."""
    waking_turn_alone_deg: Annotated[float, msgspec.Meta(gt=0)] = 5.5
    """A turn so large counts however short the sway."""
    after_s: Annotated[float, msgspec.Meta(gt=0)] = 9.5
    gives_up_s: Annotated[float, msgspec.Meta(gt=0)] = 28.0
    """Ordinary movement awake has jerks in any direction: given time, six lie one way by chance."""
    moves: Annotated[float, msgspec.Meta(ge=0, lt=1)] = 0.28
    """Share of the time from 4 s after the waking in which something moves: who lies still after an arousal sleeps."""
    reported_over: Annotated[float, msgspec.Meta(gt=0)] = 4.0
    jerks_after: Annotated[int, msgspec.Meta(ge=3)] = 6
    ends_after_s: Annotated[float, msgspec.Meta(gt=0)] = 15.0


class Persistence:
    """Compare jerking after waking with the jerking before."""

    def __init__(self, settings: PersistenceSettings) -> None:
        self._settings = settings
        self.restart()

    def restart(self) -> None:
        """Forget, after a gap."""
        self.open: PersistsAfterWaking | None = None
        self._waking: int | None = None
        self._axis = np.zeros(3)
        self._asleep: deque[Jerk] = deque(maxlen=400)
        self._before: list[Jerk] = []
        self._after: list[Jerk] = []
        self._score = 0.0
        self._last = 0
        self._hops = self._active_hops = 0

    def push(
        self, moment: Moment, run: Rhythmic | None, *, repeats: bool, shaken: bool, handled: bool
    ) -> list[PersistsAfterWaking]:
        """Take one hop.

        Args:
            moment: the hop.
            run: the run that goes on, if there is one.
            repeats: hiccups or periodic movements go on, which outlive waking without harm.
            shaken: a vehicle shakes the wearer.
            handled: the wearer has been moved from outside for long enough to be sure of it.
        """
        self._remember(moment, run, repeats=repeats, shaken=shaken)
        if self._waking is None:
            return []
        if moment.first >= self._waking + AROUSAL:
            self._hops += 1
            self._active_hops += moment.active
        for jerk in moment.jerks:
            if jerk.at > self._waking + SECOND and not moment.gross:
                self._weigh(jerk)
        if self.open is not None:
            return self._go_on(moment)
        since = moment.stop - self._waking
        if since >= self._settings.after_s * SECOND and not handled and self._convinced(moment, run):
            return self._begin(moment)
        if since > self._settings.gives_up_s * SECOND:
            self._waking = None
        return []

    @property
    def idle(self) -> bool:
        """Whether no waking is being watched."""
        return self._waking is None

    def close(self, seen: int) -> list[PersistsAfterWaking]:
        """End what is open."""
        if self.open is None:
            return []
        ended = replace(self.open, open=False, updated=max(seen, self.open.updated))
        self.open, self._waking = None, None
        return [ended]

    def _remember(self, moment: Moment, run: Rhythmic | None, *, repeats: bool, shaken: bool) -> None:
        """Keep the jerks of sleep, and look for waking."""
        if shaken:
            self._asleep.clear()
            if self.open is None and run is None:
                self._waking = None
            return
        if repeats:
            return
        if moment.state is State.ASLEEP and not moment.gross and not moment.mimic:
            self._asleep.extend(moment.jerks)
        self._watch(moment)

    def _watch(self, moment: Moment) -> None:
        """Look for evidence of waking after jerks in sleep: the body sways and turns."""
        s = self._settings
        if self._waking is not None or moment.state is not State.ASLEEP or len(moment.hops) < TURN_HOPS[0]:
            return
        swaying = [hop.first for hop in moment.last(SWAY_HOPS) if hop.swayed]
        if not swaying:
            return
        turned_deg = _turned_deg(moment)
        lasts = len(swaying) * HOP_S >= s.waking_s
        if turned_deg < (s.waking_turn_deg if lasts else s.waking_turn_alone_deg):
            return
        waking = swaying[0]
        before = [j for j in self._asleep if waking - s.before_s * SECOND <= j.at < waking]
        if len(before) < s.jerks_before:
            return
        axis, along = principal(before)
        if along >= s.along_before:
            self._waking, self._axis, self._before = waking, axis, before
            self._after, self._score, self._last = [], 0.0, moment.stop
            self._hops = self._active_hops = 0

    def _weigh(self, jerk: Jerk) -> None:
        cosine = abs(float(np.dot(jerk.axis, self._axis)))
        size = float(np.median([j.size_g for j in self._before]))
        near = abs(np.log(jerk.size_g / size)) < np.log(2.0)
        same = cosine > SAME_AXIS
        self._score += (1.2 if same else -0.9) + (0.3 if near else -0.5)
        self._score = max(-3.0, self._score)
        if same and near:
            self._after.append(jerk)
            self._last = jerk.at

    def _convinced(self, moment: Moment, run: Rhythmic | None) -> bool:
        assert self._waking is not None
        if run is not None and run.onset < self._waking:
            return True
        s = self._settings
        return (
            self._score >= s.reported_over
            and len(self._after) >= s.jerks_after
            and self._last > moment.stop - 4 * SECOND
            and self._active_hops >= s.moves * self._hops
        )

    def _begin(self, moment: Moment) -> list[PersistsAfterWaking]:
        assert self._waking is not None
        cosines = [abs(float(np.dot(j.axis, self._axis))) for j in self._after]
        self.open = PersistsAfterWaking(
            onset=self._waking,
            end=moment.stop,
            reported=moment.seen,
            updated=moment.seen,
            open=True,
            state=State.ASLEEP,
            waking=self._waking,
            waking_evidence="whole-body movement",
            jerks_before=len(self._before),
            jerks_after=len(self._after),
            same_direction=round(float(np.mean(cosines)) if cosines else 0.0, 3),
            size=round(float(np.median([j.size_g for j in self._before])) / moment.quiet_g, 2),
            margin=round(self._score - self._settings.reported_over, 2),
        )
        self._last = moment.stop
        return [self.open]

    def _go_on(self, moment: Moment) -> list[PersistsAfterWaking]:
        assert self.open is not None
        if moment.stop - self._last > self._settings.ends_after_s * SECOND:
            return self.close(moment.seen)
        self.open = replace(
            self.open,
            end=max(self._last, self.open.onset),
            updated=moment.seen,
            jerks_after=len(self._after),
            margin=round(self._score - self._settings.reported_over, 2),
        )
        return [self.open]


def _turned_deg(moment: Moment) -> float:
    """Angle between the posture 6-10 s ago and that of the last second."""
    before = moment.last(TURN_HOPS[0] - TURN_HOPS[1], skip=TURN_HOPS[1])
    return angle_deg(mean_posture(before), mean_posture(moment.last(2)))


def principal(jerks: list[Jerk]) -> tuple[np.ndarray, float]:
    """Principal axis of the jerks' axes, unit `(3,)`, and the share of their scatter along it."""
    axes = np.array([j.axis for j in jerks])
    values, vectors = np.linalg.eigh(axes.T @ axes)
    return vectors[:, 2], float(values[2] / values.sum())
