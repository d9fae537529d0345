"""Asleep, awake or unknown, from movement and stillness, by a hidden Markov filter.

Four states: asleep and still; asleep but stirring, for an arousal is no waking; awake and quiet; awake and moving.
Every 5 s the filter sees one of six things, and knows for each how often it comes in each state:

    stillness, jerks, a stir, a movement, a bout of movement, being held

    p <- normalise((p T) * E[:, seen])         T: how states follow one another, E: how often each thing is seen in each

What counts is how long the body sways without a pause: a jolt does for a second, who moves for seconds. How large the
movement is, how smooth and how far it turns the body differs from wearer to wearer, and is not weighed; only a turn of
8 degrees tells a movement however short. So stirring asleep and moving awake look nearly alike, and time tells them
apart: arousals last some 10 s and come every 10 minutes or so, bouts awake last longer and come again within a minute.

The share of each state is a probability; asleep and awake are told when it is over a threshold. Single jerks say
little, and so do jerks one way and of one size, however they sway: one limb under one cloth moves the clip in one way.
A rhythm, what moves the wearer from outside and periodic movements say nothing. In arms nothing of the wearer's own is
felt; but who is held in the night is mostly awake, and a minute of it counts as much as a movement. An interval begins
where its evidence begins: sleep with the stillness that proved it, waking with the movement that proved it.
"""

import math
from collections import deque
from typing import Annotated, Final

import msgspec

from processing.events import State, StateInterval
from processing.jerks import limbs
from processing.moment import Moment, angle_deg
from processing.movement import HOP, HOP_S
from processing.samples import GRID_HZ

EPOCH_S: Final = 5.0
_EPOCH_HOPS: Final = round(EPOCH_S / HOP_S)
EPOCH_ROWS: Final = _EPOCH_HOPS * HOP
_MIDDLE: Final = _EPOCH_HOPS // 2
STILL, JERKS, STIR, MOVES, BOUT, HELD = range(6)
MOVEMENT: Final = STIR
"""From here on a thing seen is movement of the body."""
BOUTS_FROM: Final = ((10, BOUT), (5, MOVES), (3, STIR))
"""Hops in a row that sway: the sway band rings for 1 s after a jolt."""
HOLES: Final = 1
"""Hops without sway that do not interrupt a bout: a limb turns round."""
LIMB_JERKS: Final = 6
CLEAR: Final = 2.0
"""So many jerks of the last minute, so far over the quiet, tell whether they are one limb's."""

SEEN: Final = (
    (0.93, 1.0, 0.012, 0.009, 0.004, 0.6),
    (0.12, 0.5, 0.20, 0.30, 0.22, 0.6),
    (0.93, 1.0, 0.012, 0.009, 0.004, 1.0),
    (0.10, 0.5, 0.16, 0.27, 0.35, 1.0),
)
"""How often each thing is seen still asleep, stirring asleep, quiet awake, moving awake, in 5 s: of nights of five
generators, which agree within a factor of two, rounded. Jerks say little, for hiccups and myoclonus fill minutes of
sleep with them. Being held is 20 to 800 times as frequent awake, and counts for far less: babies do sleep in arms."""
FIRST: Final = (0.6, 0.02, 0.2, 0.18)
"""What is believed of a stream before anything is seen."""
WOKEN: Final = (0.02, 0.0, 0.08, 0.9)


class SleepSettings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Dwell times and thresholds. Chosen on nights of five generators, each within a wide range that does as well."""

    sleeps_min: Annotated[float, msgspec.Meta(gt=0)] = 120.0
    """Mean minutes of sleep until a waking."""
    stirs_min: Annotated[float, msgspec.Meta(gt=0)] = 12.0
    """Mean minutes of sleep until an arousal."""
    stirs_s: Annotated[float, msgspec.Meta(gt=0)] = 9.0
    """Mean seconds of an arousal: 2-4 s, preterm babies' 7 +- 3 s, large movements 3-30 s (docs/movements.md)."""
    moves_s: Annotated[float, msgspec.Meta(gt=0)] = 35.0
    quiet_s: Annotated[float, msgspec.Meta(gt=0)] = 45.0
    """Mean seconds of bouts of movement awake, and of the quiet between."""
    drops_off_min: Annotated[float, msgspec.Meta(gt=0)] = 15.0
    """Mean minutes of quiet from which sleep comes."""
    trust: Annotated[float, msgspec.Meta(gt=0, le=1)] = 0.6
    """Exponent of what is seen: neighbouring epochs tell nearly the same."""
    body: Annotated[float, msgspec.Meta(gt=0)] = 0.5
    """A sway so much of the jerk band beside it is the body's: vehicles reach 0.35-0.6, wakeful movement 0.5-4."""
    turn_deg: Annotated[float, msgspec.Meta(gt=0)] = 8.0
    """A turn so far tells that the body moved; arousals often turn it by more than 5 degrees (docs/movements.md)."""
    limb: float = 0.25
    """Jerks are one limb's if the log-odds of several (`jerks.limbs`) are less: in series of myoclonus that sway they
    are under 0.25 nearly always, in wakeful movement over it (95 of 100)."""
    apart_s: Annotated[float, msgspec.Meta(gt=0)] = 60.0
    """A movement so long before the next has not begun the waking."""
    awake_over: Annotated[float, msgspec.Meta(gt=0.5, lt=1)] = 0.85
    asleep_over: Annotated[float, msgspec.Meta(gt=0.5, lt=1)] = 0.9
    """Who lies awake is still for minutes at times."""
    asleep_first_over: Annotated[float, msgspec.Meta(gt=0.5, lt=1)] = 0.85
    """Where nothing was told yet: sleep is the more frequent."""
    unknown_s: Annotated[float, msgspec.Meta(ge=0)] = 60.0
    """After a gap the state is unknown for at least so long: jerks of the last minute are looked back on."""
    recalls_s: Annotated[float, msgspec.Meta(gt=0)] = 590.0
    """If nothing was told for so long after a gap, as where handling hides all, the state from before it holds on."""


class Sleep:
    """Follow the state.

    Attributes:
        state: as decided so far.
    """

    def __init__(self, settings: SleepSettings) -> None:
        self._settings = settings
        self._follows = _transitions(settings)
        self._seen = tuple(tuple(share**settings.trust for share in row) for row in SEEN)
        self.state = self._before = State.UNKNOWN
        self._open: StateInterval | None = None
        self._resumed = 0
        self._origin: int | None = None
        self._start(0, fresh=True)

    def _start(self, onset: int, *, fresh: bool) -> None:
        self._belief: tuple[float, ...] = FIRST
        self._fresh = fresh
        self._still_from = self._moved_to = onset
        self._moving_from: int | None = None
        self._swaying = self._holes = 0
        self._before_g: deque[list[float]] = deque(maxlen=2)
        self._clear()

    def _clear(self) -> None:
        """Begin an epoch."""
        self._postures: list[list[float]] = []
        self._swayed = self._jerked = self._bout = self._explained = self._held = 0
        self._from = self._to = self._sway_from = self._sway_to = 0
        self._repeats = self._moved = False

    def begin(self, onset: int, seen: int, cause: str) -> list[StateInterval]:
        """Start anew at row `onset`: nothing is known of the state."""
        events = [] if self._open is None else [self._closed(onset, seen)]
        if self.state is not State.UNKNOWN:
            self._before = self.state
        self.state = State.UNKNOWN
        self._start(onset, fresh=not events)
        return [*events, self._opened(onset, seen, cause)]

    def resume(self, row: int) -> None:
        """Go on here: the first row of the stream, or after a gap."""
        self._still_from = self._resumed = row
        self._origin = row if self._origin is None else self._origin
        self._before_g.clear()
        self._swaying = self._holes = 0
        self._clear()

    def push(self, moment: Moment, *, repeats: bool, shaken: bool, woken: int | None = None) -> list[StateInterval]:
        """Take one hop.

        Args:
            moment: the hop.
            repeats: periodic movements go on.
            shaken: a vehicle shakes the wearer.
            woken: row of a waking told by jerks.
        """
        self._postures.append(moment.posture_g)
        if len(self._postures) == 1:
            self._from = moment.first
        self._to = moment.stop
        self._sway(moment)
        self._jerked += moment.peak_g > moment.threshold_g
        self._explained += bool(moment.mimic or moment.rhythm or shaken)
        self._held += moment.held
        self._moved |= bool(moment.mimic)
        self._repeats |= repeats
        if woken is not None and self.state is not State.AWAKE:
            self._belief, self._moving_from = WOKEN, woken
            return self._decide(moment)
        if (moment.stop - (self._origin or 0)) % EPOCH_ROWS:
            return []
        if len(self._postures) < _EPOCH_HOPS:  # cut by a gap, after which epochs lie on the same rows as before
            self._clear()
            return []
        self._epoch(moment)
        return self._decide(moment)

    def _sway(self, moment: Moment) -> None:
        """Follow for how long the body has swayed."""
        if moment.sway_g > moment.sway_threshold_g:
            self._sway_from = self._sway_from if self._swayed else moment.first
            self._sway_to = moment.stop
            self._swayed += 1
        if moment.sway_g > max(moment.sway_threshold_g, self._settings.body * moment.peak_g):
            self._swaying, self._holes = self._swaying + 1, 0
        else:
            self._holes += 1
            if self._holes > HOLES:
                self._swaying = 0
        self._bout = max(self._bout, self._swaying)

    def _epoch(self, moment: Moment) -> None:
        """Weigh what was seen in an epoch, unless something else explains it."""
        posture_g = [sorted(axis)[_MIDDLE] for axis in zip(*self._postures, strict=True)]
        turned = self._turned(posture_g)
        self._before_g.append(posture_g)
        seen = BOUT if turned else self._what(moment)
        if self._held > _EPOCH_HOPS // 2:
            self._weigh(HELD)
        elif self._explained > _EPOCH_HOPS // 5:
            if self._moved:
                self._still_from = self._to  # stillness cannot be seen meanwhile
        elif turned or seen is STILL or not self._repeats:
            self._weigh(seen)
        self._clear()

    def _turned(self, posture_g: list[float]) -> bool:
        """Whether the posture is far from that of both epochs before."""
        before = self._before_g
        return len(before) == before.maxlen and all(
            angle_deg(was, posture_g) >= self._settings.turn_deg for was in before
        )

    def _what(self, moment: Moment) -> int:
        for hops, seen in BOUTS_FROM:
            if self._bout >= hops:
                return JERKS if self._one_limb(moment) else seen
        return JERKS if self._swayed or self._jerked > 1 else STILL

    def _one_limb(self, moment: Moment) -> bool:
        """Whether what moved in the last minute were jerks of one limb: one way, and of one size."""
        clear_g = CLEAR * moment.quiet_g
        jerks = [jerk for jerk in moment.recent if jerk.size_g > clear_g]
        return len(jerks) >= LIMB_JERKS and limbs(jerks) < self._settings.limb

    def _weigh(self, seen: int) -> None:
        follows, belief = self._follows, self._belief
        now = [
            math.fsum(p * row[k] for p, row in zip(belief, follows, strict=True)) * self._seen[k][seen]
            for k in range(len(belief))
        ]
        total = math.fsum(now)
        self._belief = tuple(p / total for p in now)
        if seen >= MOVEMENT:
            onset, end = (self._sway_from, self._sway_to) if self._swayed else (self._from, self._to)
            if self._moving_from is None or onset - self._moved_to > self._settings.apart_s * GRID_HZ:
                self._moving_from = onset
            self._moved_to = end
            if seen >= MOVES:
                self._still_from = max(self._still_from, end)

    @property
    def asleep(self) -> float:
        """Probability of sleep."""
        return self._belief[0] + self._belief[1]

    def _decide(self, moment: Moment) -> list[StateInterval]:
        s, asleep = self._settings, self.asleep
        if not self._fresh and self.state is State.UNKNOWN and moment.stop - self._resumed < s.unknown_s * GRID_HZ:
            return []
        if 1 - asleep > s.awake_over and self.state is not State.AWAKE:
            onset = self._moving_from if self._moving_from is not None else moment.stop
            return self._turn(State.AWAKE, onset, moment, "whole-body movement")
        asleep_over = s.asleep_over if self.state is State.AWAKE else s.asleep_first_over
        if asleep > asleep_over and self.state is not State.ASLEEP:
            still_s = (moment.stop - self._still_from) / GRID_HZ
            onset = self._still_from if self.state is State.AWAKE or self._fresh else moment.stop
            return self._turn(State.ASLEEP, onset, moment, f"still for {still_s:.0f} s")
        return self._turn(self._before, moment.stop, moment, "as before the gap") if self._recalls(moment) else []

    def _recalls(self, moment: Moment) -> bool:
        """Whether nothing was told long after a gap, nor anything seen that speaks against the state before it."""
        if self.state is not State.UNKNOWN or self._before is State.UNKNOWN:
            return False
        sleepier = self.asleep - FIRST[0] - FIRST[1]
        against = sleepier < 0 if self._before is State.ASLEEP else sleepier > 0
        return not against and moment.stop - self._resumed >= self._settings.recalls_s * GRID_HZ

    @property
    def onset(self) -> int:
        """Row where the interval of the state begins."""
        assert self._open is not None
        return self._open.onset

    @property
    def since(self) -> int:
        """Row where the state began; where stillness began, if it is sleep."""
        return self._still_from if self.state is State.ASLEEP else self.onset

    def close(self, stop: int, seen: int) -> list[StateInterval]:
        """End with the stream."""
        return [] if self._open is None else [self._closed(max(stop, self._open.onset), max(seen, self._open.updated))]

    def _turn(self, state: State, onset: int, moment: Moment, cause: str) -> list[StateInterval]:
        assert self._open is not None
        onset = max(onset, self._open.onset + 1)  # never twice the same, for it names the interval
        closed = self._closed(onset, moment.seen)
        self.state, self._fresh = state, False
        return [closed, self._opened(onset, moment.seen, cause)]

    def _opened(self, onset: int, seen: int, cause: str) -> StateInterval:
        self._open = StateInterval(
            onset=onset, end=onset, reported=seen, updated=seen, open=True, state=self.state, cause=cause
        )
        return self._open

    def _closed(self, end: int, seen: int) -> StateInterval:
        assert self._open is not None
        was = self._open
        return StateInterval(
            onset=was.onset,
            end=max(end, was.onset),
            reported=was.reported,
            updated=max(seen, was.updated),
            open=False,
            state=was.state,
            cause=was.cause,
        )


def _transitions(settings: SleepSettings) -> tuple[tuple[float, ...], ...]:
    """Probabilities of what follows in the next epoch: rows still asleep, stirring, quiet awake, moving."""
    wakes, stirs = EPOCH_S / 60 / settings.sleeps_min, EPOCH_S / 60 / settings.stirs_min
    settles, rests = min(1.0, EPOCH_S / settings.stirs_s), min(1.0, EPOCH_S / settings.moves_s)
    drops_off, moves = EPOCH_S / 60 / settings.drops_off_min, EPOCH_S / settings.quiet_s
    return (
        (1 - wakes - stirs, stirs, 0.0, wakes),
        (settles, 1 - settles, 0.0, 0.0),
        (drops_off, 0.0, 1 - drops_off - moves, moves),
        (0.0, 0.0, rests, 1 - rests),
    )
