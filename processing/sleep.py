"""Asleep, awake or unknown, from movement and stillness, by a hidden Markov filter.

Three states: asleep; awake and moving; awake and quiet, for the pauses between bouts of movement last from seconds to
minutes. Every 5 s the filter sees one of seven things, and knows for each how often it comes in each state:

    still, jerks, a stir, a movement, much movement, turned, turned with movement

    p <- normalise((p T) * E[:, seen])         T: how states follow one another, E: how often each thing is seen in each

The share of each state is a probability; asleep and awake are told when it is over a threshold, and awake only once
the body has turned: large jerks pull the clip to and fro, but back. A rhythm, a carer's rocking and periodic movements
say nothing; hiccups hardly sway. An interval begins where its evidence begins: sleep with the stillness that proved
it, waking with the movement that proved it.
"""

import math
from collections import deque
from typing import Annotated, Final

import msgspec

from processing.events import State, StateInterval
from processing.moment import Moment, angle_deg
from processing.movement import HOP, HOP_S
from processing.samples import GRID_HZ

EPOCH_S: Final = 5.0
_EPOCH_HOPS: Final = round(EPOCH_S / HOP_S)
EPOCH_ROWS: Final = _EPOCH_HOPS * HOP
_MIDDLE: Final = _EPOCH_HOPS // 2
STILL, JERKS, STIR, MOVES, MOVES_MUCH, TURNED, TURNED_MOVING = range(7)
NEVER: Final = 1 << 40
MOVEMENT: Final = MOVES
"""From here on a thing seen is movement of the body."""

SEEN: Final = (
    (0.92, 0.03, 0.02, 0.015, 0.006, 0.005, 0.004),
    (0.85, 0.02, 0.04, 0.04, 0.02, 0.02, 0.01),
    (0.20, 0.02, 0.05, 0.10, 0.18, 0.15, 0.30),
)
"""How often each thing is seen asleep, awake and quiet, awake and moving, in 5 s (counted over development streams of
four generators, which mostly agree within a factor of three, and rounded)."""
FIRST: Final = (0.35, 0.35, 0.3)
"""What is believed of a stream before anything is seen."""
WOKEN: Final = (0.02, 0.08, 0.9)


class SleepSettings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Dwell times and thresholds. Chosen on development streams of four generators."""

    sleeps_min: Annotated[float, msgspec.Meta(gt=0)] = 160.0
    """Mean minutes of sleep until a waking, and longer: an arousal is none."""
    moves_s: Annotated[float, msgspec.Meta(gt=0)] = 33.0
    quiet_s: Annotated[float, msgspec.Meta(gt=0)] = 50.0
    """Mean seconds of bouts of movement awake, and of the quiet between."""
    drops_off_min: Annotated[float, msgspec.Meta(gt=0)] = 10.0
    """Mean minutes of quiet from which sleep comes."""
    trust: Annotated[float, msgspec.Meta(gt=0, le=1)] = 0.5
    """Exponent of what is seen: neighbouring epochs tell nearly the same."""
    body: Annotated[float, msgspec.Meta(gt=0)] = 1.7
    """A sway so much larger than the jerk band beside it is the body; jerks pull the clip along by less."""
    turn_deg: Annotated[float, msgspec.Meta(gt=0)] = 2.5
    """Arousals often turn the body by more than 5 degrees (docs/movements.md)."""
    turned_s: Annotated[float, msgspec.Meta(gt=0)] = 60.0
    """Who is awake has turned so lately: of 5 s awake and moving, a third to a half hold a turn."""
    apart_s: Annotated[float, msgspec.Meta(gt=0)] = 60.0
    """A movement so long before the next has not begun the waking."""
    awake_over: Annotated[float, msgspec.Meta(gt=0.5, lt=1)] = 0.77
    asleep_over: Annotated[float, msgspec.Meta(gt=0.5, lt=1)] = 0.8
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
        self._still_from = onset
        self._moving_from: int | None = None
        self._turned_to = -NEVER
        self._before_g: deque[list[float]] = deque(maxlen=2)
        self._clear()

    def _clear(self) -> None:
        """Begin an epoch."""
        self._postures: list[list[float]] = []
        self._swayed = self._body = self._explained = 0
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
        self._clear()

    def push(self, moment: Moment, *, repeats: bool, woken: int | None = None) -> list[StateInterval]:
        """Take one hop; periodic movements (`repeats`) say nothing; `woken` is the row of a waking told by jerks."""
        self._postures.append(moment.posture_g)
        if len(self._postures) == 1:
            self._from = moment.first
        self._to = moment.stop
        if moment.sway_g > moment.sway_threshold_g:
            self._sway_from = self._sway_from if self._swayed else moment.first
            self._sway_to = moment.stop
            self._swayed += 1
            self._body += moment.sway_g > self._settings.body * moment.peak_g
        self._explained += bool(moment.mimic or moment.rhythm)
        self._moved |= bool(moment.mimic)
        self._repeats |= repeats
        if woken is not None and self.state is not State.AWAKE:
            self._belief, self._moving_from, self._turned_to = WOKEN, woken, moment.stop
            return self._decide(moment)
        if (moment.stop - (self._origin or 0)) % EPOCH_ROWS:
            return []
        if len(self._postures) < _EPOCH_HOPS:  # cut by a gap, after which epochs lie on the same rows as before
            self._clear()
            return []
        self._epoch()
        return self._decide(moment)

    def _epoch(self) -> None:
        """Weigh what was seen in an epoch, unless something else explains it."""
        posture_g = [sorted(axis)[_MIDDLE] for axis in zip(*self._postures, strict=True)]
        seen = self._what(posture_g)
        self._before_g.append(posture_g)
        if self._explained > _EPOCH_HOPS // 5:
            if self._moved:
                self._still_from = self._to  # stillness cannot be seen meanwhile
        elif not (self._repeats and JERKS <= seen < TURNED):
            self._weigh(seen)
        self._clear()

    def _what(self, posture_g: list[float]) -> int:
        before = self._before_g
        turned = len(before) == before.maxlen and all(
            angle_deg(was, posture_g) >= self._settings.turn_deg for was in before
        )
        if turned:
            return TURNED_MOVING if self._body > 1 else TURNED
        if not self._swayed:
            return STILL
        return (JERKS, STIR, MOVES, MOVES, MOVES_MUCH)[min(self._body, 4)]

    def _weigh(self, seen: int) -> None:
        (a, b, c), (asleep, quiet, moving) = self._belief, self._follows
        now = [(a * asleep[k] + b * quiet[k] + c * moving[k]) * self._seen[k][seen] for k in range(3)]
        total = math.fsum(now)
        self._belief = tuple(p / total for p in now)
        if seen >= TURNED:
            self._turned_to = self._to
        if seen >= MOVEMENT:
            onset, end = (self._sway_from, self._sway_to) if self._swayed else (self._from, self._to)
            if self._moving_from is None or onset - self._still_from > self._settings.apart_s * GRID_HZ:
                self._moving_from = onset
            self._still_from = max(self._still_from, end)

    def _decide(self, moment: Moment) -> list[StateInterval]:
        s, asleep = self._settings, self._belief[0]
        turned = moment.stop - self._turned_to <= s.turned_s * GRID_HZ
        if 1 - asleep > s.awake_over and turned and self.state is not State.AWAKE:
            onset = self._moving_from if self._moving_from is not None else moment.stop
            return self._turn(State.AWAKE, onset, moment, "whole-body movement")
        if asleep > s.asleep_over and self.state is not State.ASLEEP:
            still_s = (moment.stop - self._still_from) / GRID_HZ
            onset = self._still_from if self.state is State.AWAKE or self._fresh else moment.stop
            return self._turn(State.ASLEEP, onset, moment, f"still for {still_s:.0f} s")
        return self._turn(self._before, moment.stop, moment, "as before the gap") if self._recalls(moment) else []

    def _recalls(self, moment: Moment) -> bool:
        """Whether nothing was told long after a gap, nor anything seen that speaks against the state before it."""
        if self.state is not State.UNKNOWN or self._before is State.UNKNOWN:
            return False
        sleepier = self._belief[0] - FIRST[0]
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
    """Probabilities of what follows in the next epoch: rows asleep, quiet, moving."""
    wakes = EPOCH_S / 60 / settings.sleeps_min
    drops_off, stirs = EPOCH_S / 60 / settings.drops_off_min, EPOCH_S / settings.quiet_s
    rests = EPOCH_S / settings.moves_s
    return (
        (1 - wakes, 0.0, wakes),
        (drops_off, 1 - drops_off - stirs, stirs),
        (0.0, rests, 1 - rests),
    )
