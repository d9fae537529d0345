"""What `…/state` says from one event to the next."""

from typing import Any

from alerts.status import PATTERN_OF, PATTERNS, Status
from processing.events import (
    KINDS,
    Gap,
    Handling,
    MyoclonicBurst,
    PeriodicMovements,
    Rhythmic,
    State,
    StateInterval,
)


def test_patterns_last_a_little_and_the_most_telling_wins(make_event: Any) -> None:
    status = Status()
    assert status.pattern(0) == "unknown"
    status.add(make_event(StateInterval, 0, 0, state=State.ASLEEP))
    assert status.pattern(1) == "still"
    status.add(make_event(MyoclonicBurst, 5, 6, goes_on=False))
    assert status.pattern(16) == "burst"
    status.add(make_event(Rhythmic, 8, 19))
    assert status.pattern(1000) == "rhythmic"
    status.add(make_event(Rhythmic, 8, 30, goes_on=False))
    assert status.pattern(40) == "rhythmic"
    assert status.pattern(40.1) == "still"


def test_a_gap_forgets_what_went_on(make_event: Any) -> None:
    status = Status()
    status.add(make_event(Handling, 0, 10, masked=True))
    assert status.payload(10)["masked"] is True
    assert status.payload(10)["motion"] is True
    status.add(make_event(Gap, 10, 60, goes_on=False))
    status.add(make_event(StateInterval, 10, 60, state=State.UNKNOWN))
    told = status.payload(60)
    assert (told["masked"], told["pattern"], told["state"], told["motion"]) == (False, "unknown", "unknown", False)


def test_counts_begin_again_with_the_next_night(make_event: Any) -> None:
    status = Status()
    status.add(make_event(StateInterval, 0, 20_000, state=State.ASLEEP, goes_on=False))
    status.add(make_event(MyoclonicBurst, 100, 101, goes_on=False))
    status.add(make_event(PeriodicMovements, 200, 400, movements=9))
    status.add(make_event(PeriodicMovements, 200, 500, movements=12, goes_on=False))
    assert (status.counts.bursts, status.counts.periodic_movements) == (1, 12)
    status.add(make_event(StateInterval, 30_000, 31_000, state=State.ASLEEP, goes_on=False))
    assert status.counts.bursts == 1  # a pause in the night
    status.add(make_event(StateInterval, 60_000, 61_000, state=State.ASLEEP))
    assert status.counts.bursts == 0


def test_every_event_that_is_no_state_and_no_gap_has_a_pattern() -> None:
    assert {kind.kind for kind in PATTERN_OF} == set(KINDS) - set(State) - {Gap.kind}
    assert len(set(PATTERNS)) == len(PATTERNS)
