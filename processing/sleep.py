"""Asleep, awake or unknown, from movement and stillness, by log-odds that every epoch adds to.

    L = ln P(awake) / P(asleep)        L <- clip(L + w, -limit, limit)        every 5 s and for each movement
    w > 0   a movement that lasts and leaves the body turned: positive evidence of waking; one that does not says less
    w < 0   nothing moves; a rhythm or a carer's rocking does not count as activity

The rule is a hidden Markov filter with two states and hardly any transitions, written as a sum. An interval begins
where its evidence begins: sleep with the stillness that proved it, waking with the movement that proved it.
"""

from typing import Annotated, Final

import msgspec

from processing.events import State, StateInterval
from processing.holds import Hold
from processing.moment import Moment
from processing.movement import HOP_S
from processing.samples import GRID_HZ

EPOCH_S: Final = 5.0
_EPOCH_HOPS: Final = round(EPOCH_S / HOP_S)


class SleepSettings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Weights of the evidence. Tuned on the simulator's training split and the third generator."""

    moving: Annotated[float, msgspec.Meta(gt=0)] = 1.6
    """Added by a movement that lasts `full_s` and turns the body; less by a shorter one."""
    full_s: Annotated[float, msgspec.Meta(gt=0)] = 4.0
    """Arousals last 2-4 s (docs/movements.md)."""
    turn_deg: Annotated[float, msgspec.Meta(gt=0)] = 2.5
    """Arousals often turn the body by more than 5 degrees (docs/movements.md)."""
    unturned: Annotated[float, msgspec.Meta(ge=0, lt=1)] = 0.5
    """Share of its weight that a swaying movement keeps which leaves the posture as it was."""
    jerky: Annotated[float, msgspec.Meta(ge=0, lt=1)] = 0.1
    """The same of jerks, which say little of waking."""
    sway_over_jerk: Annotated[float, msgspec.Meta(gt=0)] = 1.3
    jerks_max: Annotated[int, msgspec.Meta(ge=1)] = 4
    """More crests than this are jerking."""
    apart_s: Annotated[float, msgspec.Meta(gt=0)] = 90.0
    """A movement so long before the next has not begun the waking."""
    still: Annotated[float, msgspec.Meta(gt=0)] = 0.1
    """Taken off by an epoch without movement."""
    limit: Annotated[float, msgspec.Meta(gt=0)] = 3.0
    awake_over: float = 1.2
    asleep_under: float = -1.5


class Sleep:
    """Follow the state.

    Attributes:
        state: as decided so far.
    """

    def __init__(self, settings: SleepSettings) -> None:
        self._settings = settings
        self.state = State.UNKNOWN
        self._log_odds = 0.0
        self._hops = self._active_hops = 0
        self._still_from = 0
        self._moving_from: int | None = None
        self._open: StateInterval | None = None

    def begin(self, onset: int, seen: int, cause: str) -> list[StateInterval]:
        """Start anew at row `onset`: nothing is known of the state."""
        events = [] if self._open is None else [self._closed(onset, seen)]
        self.state, self._log_odds = State.UNKNOWN, 0.0
        self._hops = self._active_hops = 0
        self._still_from, self._moving_from = onset, None
        return [*events, self._opened(onset, seen, cause)]

    def resume(self, row: int) -> None:
        """Count epochs from here: the first row after a gap."""
        self._still_from = row

    def push(self, moment: Moment, holds: list[Hold], *, repeats: bool) -> list[StateInterval]:
        """Take one hop, and the movements that are over; hiccups and periodic movements say nothing."""
        self._hops += 1
        self._active_hops += moment.sway_g > moment.sway_threshold_g
        for hold in () if repeats else holds:
            self._weigh(hold, moment)
        return self._epoch(moment) if self._hops >= _EPOCH_HOPS else []

    def _weigh(self, hold: Hold, moment: Moment) -> None:
        """Add the evidence of one movement."""
        s = self._settings
        if moment.mimic or moment.rhythm or hold.sway_g < moment.sway_threshold_g:
            return
        turned, sways = (
            hold.turn_deg >= s.turn_deg,
            hold.sway_g > s.sway_over_jerk * hold.peak_g and hold.jerks <= s.jerks_max,
        )
        share = 1.0 if turned else s.unturned if sways else s.jerky
        self._log_odds += s.moving * min(1.0, hold.lasted_s / s.full_s) * share
        if turned or sways:
            if self._moving_from is None or hold.onset - self._still_from > s.apart_s * GRID_HZ:
                self._moving_from = hold.onset
            self._still_from = max(self._still_from, hold.end)

    @property
    def since(self) -> int:
        """Row where the state began; where stillness began, if it is sleep."""
        assert self._open is not None
        return self._still_from if self.state is State.ASLEEP else self._open.onset

    def close(self, stop: int, seen: int) -> list[StateInterval]:
        """End with the stream."""
        return [] if self._open is None else [self._closed(max(stop, self._open.onset), max(seen, self._open.updated))]

    def _epoch(self, moment: Moment) -> list[StateInterval]:
        s = self._settings
        if not moment.mimic and not moment.rhythm:
            self._log_odds -= s.still * (1 - self._active_hops / self._hops)
        self._log_odds = min(s.limit, max(-s.limit, self._log_odds))
        self._hops = self._active_hops = 0
        events: list[StateInterval] = []
        if self._log_odds > s.awake_over and self.state is not State.AWAKE:
            onset = self._moving_from if self._moving_from is not None else moment.stop
            events = self._turn(State.AWAKE, onset, moment, "whole-body movement")
        elif self._log_odds < s.asleep_under and self.state is not State.ASLEEP:
            still_s = (moment.stop - self._still_from) / GRID_HZ
            onset = self._still_from if self.state is State.AWAKE else moment.stop
            events = self._turn(State.ASLEEP, onset, moment, f"still for {still_s:.0f} s")
        return events

    def _turn(self, state: State, onset: int, moment: Moment, cause: str) -> list[StateInterval]:
        assert self._open is not None
        onset = max(onset, self._open.onset)
        closed = self._closed(onset, moment.seen)
        self.state = state
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
