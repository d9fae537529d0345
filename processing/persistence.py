"""Jerking that goes on once there is evidence of waking, told by the shape of its jerks (docs/detector.md).

One limb under one cloth moves the clip in one way: the jerk band around a crest, three axes at once, has a direction, a
waveform and a sign. The jerks of sleep give their usual shape T and how well they keep to it; a jerk after the waking
has the likeness c = max over small shifts of its correlation with T. Two sums decide:

    S <- S + ln P(c | it goes on) / P(c | any movement)     each jerk: a share of them is the limb's own, or none is
    E  = turned + moves + ln(exp(G) / 2 + 1 / 2) + run      awake, against asleep after an arousal

Movement awake has any shape, so few of its jerks are like T. Benign myoclonus has pauses, and goes on through an
arousal that does not wake: all that speaks for waking is compared with the sleep before. G gains with each jerk what
its being followed by no pause is worth, by how often there was a pause before, and loses with each pause; as what
persists may come in clusters too, pauses speak against it by a half at most. `moves` counts sway that is no
company of the jerks, by how much of the jerks' time before was sway. A run that goes on counts by itself.
"""

import math
from collections import deque
from dataclasses import dataclass, field, replace
from itertools import pairwise
from typing import Annotated, Final

import msgspec
import numpy as np

from processing.events import PersistsAfterWaking, Rhythmic, State
from processing.jerks import Jerk, limbs
from processing.moment import Hop, Moment, angle_deg, mean_posture
from processing.movement import HOP_S
from processing.samples import GRID_HZ, Floats

SECOND: Final = int(GRID_HZ)
TURN_HOPS: Final = (20, 12)
SWAY_HOPS: Final = 8
WANDER_HOPS: Final = 120
"""A minute: how far the posture goes without any waking is looked for so far back."""
WANDER_MIN: Final = 20
AROUSAL: Final = 4 * SECOND
"""Arousals last 2-4 s (docs/movements.md)."""
ROUSING: Final = 10 * SECOND
"""Preterm babies' 7 +- 3 s (docs/movements.md): movement that goes on for longer is more than an arousal."""
CREST_ROWS: Final = (-8, 9)
"""Rows around a crest that show its shape: 0.34 s, for a jerk lasts under 0.5 s and the next may come after 0.2 s."""
SHIFT_ROWS: Final = 4
"""A crest lies by up to 0.08 s beside where the shapes agree: half a swing of a slow cloth."""
ROUNDS: Final = 4
"""Rounds of shifting and averaging after which a shape stays as it is."""
OWN_FROM: Final = 0.55
"""Jerks of sleep less like their usual shape are other movements."""
NEXT_ROWS: Final = (8, 80)
"""The next jerk of a rhythm of 0.8-6 Hz comes so soon: 0.16-1.6 s."""
LIKE_MIN: Final = 0.65
LIKE_MAX: Final = 0.75
"""Other movement is hardly ever more like, while a body that has turned loads the clip otherwise: jerks that were 0.97
alike in sleep may be 0.77 like after it."""
SHAKEN_LIKE: Final = 0.78
"""A vehicle's shaking has no shape, but one direction: in the first quartile its jolts are 0.62-0.77 alike, those of
limbs 0.70-0.97 (development streams of four generators)."""
REST: Final = 2 * SECOND
RESTS_MIN: Final = 0.5
"""A limb rests within 2 s before most of its jerks (62-100 % of them, small ones 55 %, in a vehicle 0-57 %), or keeps a
rhythm."""
CLAIMED: Final = 0.5
"""Share over which jerks are those of patting or of steps, if their wearer turns out to be in somebody's arms."""
RUN_JERKS: Final = 4
"""A run may be held open by the movement of the waking that ended it: its jerks must be seen again."""
SWINGS: Final = ("rocked", "bassinet")
TRY_AGAIN: Final = SECOND
"""Learning the jerks takes milliseconds: no more often than this, while the body moves."""
OWN_LOOKS: Final = ("", "patted")
"""A very even rhythm of the wearer's own after a movement may pass for patting: not for what swings and sways."""
SWUNG: Final = 60 * SECOND
"""Who was swung so lately was swung then too: each swing is like the one before."""
STIRRED: Final = 20 * SECOND
"""So long after a turn as far as when one is lifted, jerks are none of sleep: the impacts of a feed are alike too."""
SURE: Final = 0.8
"""Nor are those felt while sleep is less probable, though awake is not told yet."""
TURNED_MAX: Final = 2.2
SWAYED_HOPS: Final = 4
"""Two seconds of sway may have hidden jerks: no pause is known then."""
PAUSE: Final = 1.25 * SECOND
LONG_REST: Final = 10 * SECOND
PAUSE_STEPS: Final = 2.2
"""A pause is longer than both: the slowest rhythm with one jerk unseen, and so many usual intervals."""
RUN_S: Final = (5.0, 4.0, 3.0)
"""Clusters of myoclonus last 2-3 s (docs/movements.md): jerks that went on for longer than 5 s without a pause add one
for each 4 s, three at most."""
GOES_ON_MAX: Final = 6.0
SWAYS_AWAKE: Final = 0.25
"""Share of the hops awake that sway."""
SWAY_MAX: Final = 0.5
LIMB_JERKS: Final = 4
BODY: Final = 1.7
"""Jerks pull the clip along by less than so much of their height."""
LIKE_SIZE: Final = 2.5
"""A jerk so many times as large as those before, or so many times as small, is none of them."""
BY_CHANCE: Final = 0.3
"""Share of the intervals of kicking that are near any usual one."""
STEADY_MAX: Final = 0.7
"""Jerks that other movement hides take the rhythm out of what is steadier."""
STEPS: Final = (0.7, 1.4, 2.6)
"""Ratios between which an interval is the usual one, and up to which one jerk may have hidden in other movement."""
OWN_SHARE: Final = 0.375
"""Of the jerks after waking, those over the first quartile of the likeness in sleep, if half of all are the limb's."""
OTHERS_LIKE: Final = 0.08
"""Share of jerks awake that are as like, for the same limb may kick: 5 % of 1,569 jerks awake were 0.64 alike."""
SAME: Final = math.log(OWN_SHARE / OTHERS_LIKE)


class PersistenceSettings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """When jerking has outlived sleep. Chosen on the training split and the third, fourth and fifth generators."""

    before_s: Annotated[float, msgspec.Meta(gt=0)] = 150.0
    jerks_before: Annotated[int, msgspec.Meta(ge=4)] = 10
    """Fewer like jerks in sleep are ordinary twitches: a series or a run has many."""
    waking_s: Annotated[float, msgspec.Meta(gt=0)] = 1.5
    """Sway within 4 s that is evidence of waking: arousals last 2-4 s (docs/movements.md)."""
    waking_turn_deg: Annotated[float, msgspec.Meta(gt=0)] = 3.5
    """With it the body turns, often by more than 5 degrees (docs/movements.md); jerks alone turn it by 1."""
    waking_turn_alone_deg: Annotated[float, msgspec.Meta(gt=0)] = 5.5
    """A turn so large counts however short the sway."""
    waking_over_wander: Annotated[float, msgspec.Meta(ge=1)] = 1.5
    """And it is so much larger than the usual excursions of the minute before: large jerks pull the clip along."""
    hint_turn_deg: Annotated[float, msgspec.Meta(gt=0)] = 1.8
    hint_over_wander: Annotated[float, msgspec.Meta(ge=1)] = 3.0
    """Sway with such a turn may be a waking too: of 168 wakings of four generators some 10 turned by less than 3.5."""
    hint: Annotated[float, msgspec.Meta(ge=0)] = 1.0
    """Evidence that lacks then."""
    slept_s: Annotated[float, msgspec.Meta(gt=0)] = 45.0
    """A state that turned awake so lately may have turned with the waking itself."""
    after_s: Annotated[float, msgspec.Meta(gt=0)] = 9.5
    gives_up_s: Annotated[float, msgspec.Meta(gt=0)] = 45.0
    covered_s: Annotated[float, msgspec.Meta(gt=0)] = 0.6
    """Until so long after a jerk sway is its company, and stillness a rest between jerks."""
    moving: Annotated[float, msgspec.Meta(ge=0)] = 0.35
    """Share of its log-odds that counts of a hop that sways, for neighbouring hops tell nearly the same."""
    still: Annotated[float, msgspec.Meta(ge=0)] = 0.05
    """What a still hop takes: who is awake lies still for a minute now and then."""
    paused: Annotated[float, msgspec.Meta(ge=0)] = 1.3
    """What a pause takes: a rhythm of which jerks go unseen has pauses too, a quarter as often."""
    arousal_turn_deg: Annotated[float, msgspec.Meta(gt=0)] = 12.0
    """Arousals often turn the body by more than 5 degrees (docs/movements.md)."""
    turn_deg: Annotated[float, msgspec.Meta(gt=0)] = 8.0
    """A posture turned for good by so much more adds one."""
    awake_over: Annotated[float, msgspec.Meta(gt=0)] = 1.5
    reported_over: Annotated[float, msgspec.Meta(gt=0)] = 6.0
    jerks_after: Annotated[int, msgspec.Meta(ge=3)] = 5
    ends_after_s: Annotated[float, msgspec.Meta(gt=0)] = 15.0


@dataclass(frozen=True, slots=True)
class _Cut:
    """A jerk of sleep.

    Attributes:
        rows: the jerk band around it, `(rows, 3)`.
        rested: whether nothing stood out of the quiet, or a rhythm went on, within 2 s before.
        claimed: whether a mimic explained it.
    """

    jerk: Jerk
    rows: Floats
    rested: bool
    claimed: bool


@dataclass(slots=True)
class _Waking:
    """A waking that is watched.

    Attributes:
        at: its first row.
        posture_g: posture before it.
        shape: usual shape of the jerks before, `(17, 3)`, of unit length.
        like: likeness from which a jerk is one of them.
        before: how many there were.
        size_g: their median size.
        interval: usual rows from one to the next in a cluster or a rhythm.
        steady: share of the intervals that are the usual one.
        last: row of the newest jerk like them.
        claimed: whether a mimic explained most of them.
        pauses: share of them that a pause followed.
        run: evidence of those that went on without one.
        sways: share of the hops from the first of them on that swayed.
        hint: whether it may have been no waking.
        settled: whether the movement of the waking is over.
        newest: row of the newest jerk of any kind.
        swayed: hops that swayed since.
        goes_on: evidence of jerks without pause.
        moves: evidence of other movement.
    """

    at: int
    posture_g: list[float]
    shape: Floats
    like: float
    before: int
    size_g: float
    interval: float
    steady: float
    last: int
    claimed: bool
    pauses: float
    run: float
    sways: float
    hint: bool = False
    settled: bool = False
    after: list[float] = field(default_factory=list)
    score: float = 0.0
    newest: int = 0
    swayed: int = 0
    goes_on: float = 0.0
    moves: float = 0.0


class Persistence:
    """Compare jerking after waking with the jerking before."""

    def __init__(self, settings: PersistenceSettings, limb: float) -> None:
        """Take what is set; `limb`: log-odds of several limbs under which jerks are one limb's, as for sleep."""
        self._settings = settings
        self._limb = limb
        self.restart()

    def restart(self) -> None:
        """Forget, after a gap."""
        self.open: PersistsAfterWaking | None = None
        self._waking: _Waking | None = None
        self._fresh: list[tuple[Jerk, bool]] = []
        self._asleep: deque[_Cut] = deque(maxlen=200)
        self._to = self._rested = 0
        self._slept = self._swung = self._tried = self._stirred = -WANDER_HOPS * SECOND

    def push(self, moment: Moment, run: Rhythmic | None, *, handled: bool, shaken: bool) -> list[PersistsAfterWaking]:
        """Take one hop.

        Args:
            moment: the hop.
            run: the run that goes on, if there is one.
            handled: the wearer has been moved from outside for long enough to be sure of it.
            shaken: a vehicle shakes the wearer.
        """
        if moment.first != self._to or moment.rhythm or moment.peak_g <= moment.threshold_g:
            self._rested = moment.stop
        self._to = moment.stop
        turn = _turn(moment)
        if turn is not None and turn[1] >= self._settings.arousal_turn_deg:
            self._stirred = moment.stop
        self._take(moment)
        if turn is not None and self.open is None and (self._waking is None or self._waking.hint):
            self._watch(moment, *turn)
        if self._waking is None:
            return []
        self._follow(self._waking, moment)
        if self.open is not None:
            return self._go_on(self._waking, moment)
        since = moment.stop - self._waking.at
        if (
            since >= self._settings.after_s * SECOND
            and not (handled and moment.mimic not in OWN_LOOKS)
            and not shaken
            and not (moment.held and self._waking.claimed)
            and self._convinced(self._waking, moment, run)
        ):
            return self._begin(self._waking, moment)
        if since > self._settings.gives_up_s * SECOND:
            self._waking = None
        return []

    @property
    def idle(self) -> bool:
        """Whether no waking is being watched, and no jerk waits to be looked at."""
        return self._waking is None and not self._fresh

    def close(self, seen: int) -> list[PersistsAfterWaking]:
        """End what is open."""
        if self.open is None:
            return []
        ended = replace(self.open, open=False, updated=max(seen, self.open.updated))
        self.open, self._waking = None, None
        return [ended]

    def _take(self, moment: Moment) -> None:
        """Look at the jerks whose rows are all there: keep those of sleep, weigh those after a waking."""
        if moment.state is State.ASLEEP:
            self._slept = moment.stop
        if moment.mimic in SWINGS:
            self._swung = moment.stop
        sleeps = (
            moment.state is State.ASLEEP
            and moment.asleep > SURE
            and moment.mimic in OWN_LOOKS
            and not (moment.gross or moment.held)
            and moment.stop > self._stirred + STIRRED
        )
        self._fresh += [(jerk, sleeps) for jerk in moment.jerks]
        while self._fresh and self._fresh[0][0].at + CREST_ROWS[1] + SHIFT_ROWS <= moment.stop:
            jerk, of_sleep = self._fresh.pop(0)
            rows = moment.movement.jerk.view(jerk.at + CREST_ROWS[0] - SHIFT_ROWS, jerk.at + CREST_ROWS[1] + SHIFT_ROWS)
            if len(rows) < CREST_ROWS[1] - CREST_ROWS[0] + 2 * SHIFT_ROWS:
                continue
            if of_sleep:
                self._asleep.append(_Cut(jerk, rows.copy(), jerk.at - self._rested <= REST, bool(moment.mimic)))
            if self._waking is not None and jerk.at > self._waking.at + SECOND:
                self._weigh(self._waking, jerk, rows)

    def _watch(self, moment: Moment, before: list[float], turned_deg: float) -> None:
        """Look for evidence of waking after jerks in sleep: the body sways and turns."""
        s = self._settings
        if len(self._asleep) < s.jerks_before or moment.stop - self._slept > s.slept_s * SECOND:
            return
        swaying = [hop.first for hop in moment.last(SWAY_HOPS) if hop.swayed]
        lasts = len(swaying) * HOP_S >= s.waking_s
        hint = turned_deg < (s.waking_turn_deg if lasts else s.waking_turn_alone_deg)
        if hint and (self._waking is not None or not lasts or turned_deg < s.hint_turn_deg):
            return
        if moment.stop <= max(self._swung + SWUNG, self._tried + TRY_AGAIN):
            return
        waking = swaying[0]
        cuts = [c for c in self._asleep if waking - s.before_s * SECOND <= c.jerk.at < waking]
        over_wander = s.hint_over_wander if hint else s.waking_over_wander
        if len(cuts) < s.jerks_before or turned_deg < over_wander * _wander_deg(moment):
            return
        if hint and self._one_limb(moment, waking) and turned_deg < over_wander * _wander_deg(moment, _began(cuts)):
            return
        self._tried = moment.stop
        woken = self._woken(moment, waking, before, cuts)
        if woken is not None:
            woken.hint = hint
            self._waking = woken

    def _woken(self, moment: Moment, at: int, posture_g: list[float], cuts: list[_Cut]) -> _Waking | None:
        """Learn the jerks before a waking; None when too few are alike."""
        shape, likeness = usual_shape(np.array([c.rows for c in cuts]))
        own = [c for c, x in zip(cuts, likeness, strict=True) if x >= OWN_FROM]
        rows = [c.jerk.at for c in own]
        interval = _interval(rows)
        if len(own) < self._settings.jerks_before or interval is None:
            return None
        quartile = float(np.quantile(likeness[likeness >= OWN_FROM], 0.25))
        if quartile < SHAKEN_LIKE and sum(c.rested for c in own) < RESTS_MIN * len(own):
            return None
        over_s, per_s, most = RUN_S
        return _Waking(
            at,
            posture_g,
            shape,
            like=min(max(LIKE_MIN, 0.95 * quartile), LIKE_MAX),
            before=len(own),
            size_g=float(np.median([c.jerk.size_g for c in own])),
            interval=interval,
            last=at,
            claimed=sum(c.claimed for c in own) > CLAIMED * len(own),
            steady=_steady(rows, interval),
            pauses=min(0.5, len(_stretches([c.jerk.at for c in cuts], interval)[1:]) / len(own)),
            run=min(most, max(0.0, (max(_stretches(rows, interval)) / SECOND - over_s) / per_s)),
            sways=_sways(moment.between(rows[0], at)),
        )

    def _weigh(self, waking: _Waking, jerk: Jerk, rows: Floats) -> None:
        likeness = float(likenesses(rows[None], waking.shape)[0][0])
        hidden = not waking.after or waking.swayed >= SWAYED_HOPS
        if not hidden and jerk.at - waking.newest > _pause(waking.interval):
            waking.goes_on = max(-2.0, waking.goes_on - self._settings.paused)
        waking.newest, waking.swayed = jerk.at, 0
        if likeness >= waking.like and 1 / LIKE_SIZE < jerk.size_g / waking.size_g < LIKE_SIZE:
            waking.score = min(10.0, waking.score + SAME)
            step = (jerk.at - waking.last) / waking.interval
            if waking.after and jerk.at - waking.last <= NEXT_ROWS[1]:
                waking.score += _in_step(step, waking.steady)
            if waking.after:
                waking.goes_on = min(GOES_ON_MAX, waking.goes_on - math.log(1 - waking.pauses))
            waking.after.append(likeness)
            waking.last = jerk.at
        else:
            waking.score = max(-3.0, waking.score + math.log(1 - OWN_SHARE))

    def _follow(self, waking: _Waking, moment: Moment) -> None:
        """Weigh whether the wearer is awake, from when an arousal would be over."""
        s = self._settings
        if moment.first < waking.at + AROUSAL:
            return
        sways = moment.hops[-1].sways
        waking.swayed += sways
        covered = bool(waking.after) and moment.stop - waking.last <= s.covered_s * SECOND
        if covered:
            waking.settled = True
        elif not waking.settled and moment.active and moment.first < waking.at + ROUSING:
            return  # the movement of the waking itself
        elif sways and (moment.sway_g > BODY * waking.size_g or not self._one_limb(moment, waking.at + AROUSAL)):
            waking.moves += min(SWAY_MAX, max(0.0, s.moving * math.log(SWAYS_AWAKE / waking.sways)))
        elif not moment.active and moment.state is not State.AWAKE:
            waking.moves -= s.still
            waking.settled = True
        waking.moves = max(-1.0, min(6.0, waking.moves))

    def _convinced(self, waking: _Waking, moment: Moment, run: Rhythmic | None) -> bool:
        if run is not None and run.onset < waking.at and len(waking.after) >= RUN_JERKS and not waking.hint:
            return True
        s = self._settings
        turned_deg = angle_deg(waking.posture_g, _usual_posture(moment.last(16)))
        awake = min(TURNED_MAX, max(0.0, (turned_deg - s.arousal_turn_deg) / s.turn_deg)) - s.hint * waking.hint
        awake += waking.moves + waking.run + math.log(0.5 * math.exp(waking.goes_on) + 0.5)
        return (
            awake >= s.awake_over
            and waking.score >= s.reported_over
            and len(waking.after) >= s.jerks_after
            and waking.last > moment.stop - 4 * SECOND
        )

    def _one_limb(self, moment: Moment, since: int) -> bool:
        """Whether all that has jerked since a row is one limb: on a soft cloth the clip sways and tilts with it."""
        jerks = [jerk for jerk in moment.recent if jerk.at > since]
        return len(jerks) >= LIMB_JERKS and limbs(jerks) < self._limb

    def _begin(self, waking: _Waking, moment: Moment) -> list[PersistsAfterWaking]:
        self.open = PersistsAfterWaking(
            onset=waking.at,
            end=moment.stop,
            reported=moment.seen,
            updated=moment.seen,
            open=True,
            state=State.ASLEEP,
            waking=waking.at,
            waking_evidence="whole-body movement",
            jerks_before=waking.before,
            jerks_after=len(waking.after),
            same_direction=round(float(np.mean(waking.after)) if waking.after else 0.0, 3),
            size=round(waking.size_g / moment.quiet_g, 2),
            margin=round(waking.score - self._settings.reported_over, 2),
        )
        waking.last = moment.stop
        return [self.open]

    def _go_on(self, waking: _Waking, moment: Moment) -> list[PersistsAfterWaking]:
        assert self.open is not None
        if moment.stop - waking.last > self._settings.ends_after_s * SECOND:
            return self.close(moment.seen)
        self.open = replace(
            self.open,
            end=max(waking.last, self.open.onset),
            updated=moment.seen,
            jerks_after=len(waking.after),
            margin=round(waking.score - self._settings.reported_over, 2),
        )
        return [self.open]


def _interval(rows: list[int]) -> float | None:
    """Usual rows from one jerk to the next; None when most stand alone, as hiccups and periodic movements do."""
    steps = np.diff(rows)
    soon = steps[(steps >= NEXT_ROWS[0]) & (steps <= NEXT_ROWS[1])]
    return float(np.median(soon)) if len(soon) >= max(1, 0.5 * len(steps)) else None


def _pause(interval: float) -> float:
    """Rows without a jerk that are a pause."""
    return max(PAUSE, PAUSE_STEPS * interval)


def _stretches(rows: list[int], interval: float) -> list[int]:
    """Rows from the first to the last jerk of each stretch without a pause."""
    at = np.array(rows)
    after = np.flatnonzero(np.diff(at) > _pause(interval))
    lengths: list[int] = (at[[*after, -1]] - at[[0, *(after + 1)]]).tolist()
    return lengths


def _sways(hops: list[Hop]) -> float:
    """Share of hops that sway; in few of them it is not known."""
    return (sum(hop.sways for hop in hops) + 1) / (len(hops) + 10)


def _in_step(step: float, steady: float) -> float:
    """What an interval adds, by its ratio to the usual one."""
    if STEPS[0] < step < STEPS[1]:
        return math.log(steady / BY_CHANCE)
    return 0.0 if STEPS[1] <= step < STEPS[2] else math.log((1 - steady) / (1 - BY_CHANCE))


def _steady(rows: list[int], interval: float) -> float:
    """Share of the intervals that are the usual one, of those that are it or neither it nor twice as long."""
    steps = [(after - row) / interval for row, after in pairwise(rows) if after - row <= NEXT_ROWS[1]]
    usual = sum(STEPS[0] < step < STEPS[1] for step in steps)
    other = sum(not STEPS[0] < step < STEPS[2] for step in steps)
    return min(STEADY_MAX, max(BY_CHANCE, (usual + 1) / (usual + other + 2)))


def _usual_posture(hops: list[Hop]) -> list[float]:
    """Median acceleration over hops: jerks that pull the clip along for a moment do not shift it."""
    middle: list[float] = np.median([hop.posture_g for hop in hops], axis=0).tolist()
    return middle


def _turn(moment: Moment) -> tuple[list[float], float] | None:
    """Posture before the movement that goes on, and by how far it differs now; None while the body rests."""
    if moment.still >= SWAY_HOPS or len(moment.hops) < TURN_HOPS[0]:
        return None
    before = mean_posture(moment.last(TURN_HOPS[0] - TURN_HOPS[1], skip=TURN_HOPS[1]))
    return before, angle_deg(before, mean_posture(moment.last(2)))


def _began(cuts: list[_Cut]) -> int:
    """Row of the first of the jerks that have come ever since with no long rest."""
    rows = [c.jerk.at for c in cuts]
    return next((after for row, after in reversed(list(pairwise(rows))) if after - row > LONG_REST), rows[0])


def _wander_deg(moment: Moment, since: int = 0) -> float:
    """How far the posture was off its usual one, in the worst tenth of the minute before the movement, from a row on.

    Unknown where that is little: infinite if a row was asked for.
    """
    hops = [hop for hop in moment.last(WANDER_HOPS, skip=TURN_HOPS[0]) if hop.first >= since]
    if len(hops) < WANDER_MIN:
        return math.inf if since else 0.0
    usual = _usual_posture(hops)
    return float(np.quantile([angle_deg(usual, hop.posture_g) for hop in hops], 0.9))


def usual_shape(cuts: Floats) -> tuple[Floats, Floats]:
    """Give the shape that most cuts share, `(17, 3)`, unit length, and the likeness of each to it, `(n,)`.

    The first guess is the principal component; then the cuts are shifted to it and averaged in turn.
    """
    n, rows = len(cuts), CREST_ROWS[1] - CREST_ROWS[0]
    middle = _unit(cuts[:, SHIFT_ROWS : SHIFT_ROWS + rows].reshape(n, -1))
    shape = np.linalg.svd(middle, full_matrices=False)[2][0]
    shape = shape if np.median(middle @ shape) >= 0 else -shape
    likeness, shifts = likenesses(cuts, shape.reshape(rows, 3))
    for _ in range(ROUNDS):
        shifted = np.array([cut[k : k + rows].ravel() for cut, k in zip(cuts, shifts, strict=True)])
        shape = _unit(_unit(shifted).mean(axis=0)[None])[0]
        likeness, shifts = likenesses(cuts, shape.reshape(rows, 3))
    return shape.reshape(rows, 3), likeness


def likenesses(cuts: Floats, shape: Floats) -> tuple[Floats, Floats]:
    """Correlation of each cut `(n, 25, 3)` with a shape at the shift where it is largest, and that shift."""
    windows = np.lib.stride_tricks.sliding_window_view(cuts, len(shape), axis=1)  # (n, shifts, 3, rows)
    against = np.einsum("nkcr,rc->nk", windows, shape)
    length = np.sqrt(np.einsum("nkcr,nkcr->nk", windows, windows))
    likeness = against / np.maximum(length, 1e-12)
    return likeness.max(axis=1), likeness.argmax(axis=1)


def _unit(rows: Floats) -> Floats:
    return np.asarray(rows / np.maximum(np.linalg.norm(rows, axis=1, keepdims=True), 1e-12))
