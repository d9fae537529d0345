"""What a clip's desk keeps over restarts, and under a clock on the wall that jumps."""

import json
from collections.abc import Callable, Sequence
from typing import Any

import pytest

from alerts.desk import Desk, ServedClip
from alerts.homeassistant import Device
from alerts.messages import Message
from alerts.policy import Policy
from processing.events import Rhythmic, State, Stiffening

Make = Callable[[str], Desk]


@pytest.fixture
def desk(hand_time: Any) -> Make:
    """Make the desk of a run of the program."""
    return lambda run: Desk(ServedClip(device=Device(clip="nursery"), policy=Policy(), time=hand_time), run)


def told(messages: Sequence[Message]) -> dict[str, Any]:
    payload: dict[str, Any] = json.loads(messages[-1].payload)
    return payload


def test_a_clock_that_is_set_makes_no_other_alert_of_it(desk: Make, hand_time: Any, make_event: Any) -> None:
    made = desk("1")
    policy = made.clip.policy
    messages, _ = made.take(policy.event(make_event(Rhythmic, 20, 41)))
    first = told(messages)
    for set_by_s in (0.0007, -3600.0):
        hand_time.zero_unix_s += set_by_s
        over, _ = made.take(policy.event(make_event(Rhythmic, 20, 50, goes_on=False)))
        for later in (told(made.boards()[:1]), told(over or made.boards()[:1])):
            assert (later["id"], later["since"], later["raised"]) == (first["id"], first["since"], first["raised"])
    made.take(policy.event(make_event(Rhythmic, 60, 72, state=State.AWAKE)))  # worse: raised again
    again = told(made.boards()[:1])
    assert again["id"] == first["id"]
    assert again["raised"] < first["raised"]  # by the clock as it is set at last
    assert again["raised"] == again["last_alert"]


def test_an_alert_comes_back_with_its_times_whatever_the_clock_says(
    desk: Make, hand_time: Any, make_event: Any
) -> None:
    before = desk("1")
    messages, _ = before.take(before.clip.policy.event(make_event(Stiffening, 5000, 5004)))
    shown = told(messages)
    hand_time.stream_s = 5004.0
    kept = before.kept()
    for run, clock_s in (("2", 0.0), ("3", 1_800_000_000.0)):  # no battery behind the clock; and a correct one
        hand_time.zero_unix_s, hand_time.stream_s = clock_s, 3.0
        after = desk(run)
        after.restore(kept)
        (standing,) = after.clip.policy.standing
        assert (standing.present, standing.raised_s < 3) == (False, True)
        again = told(after.boards()[:1])
        for same in ("id", "kind", "since", "raised", "text", "evidence", "last_alert"):
            assert again[same] == shown[same]
        hand_time.zero_unix_s += 1e9  # the network sets it
        assert told(after.boards()[:1])["raised"] == shown["raised"]
        kept = after.kept()


def test_what_a_person_has_seen_does_not_come_back(desk: Make, make_event: Any) -> None:
    before = desk("1")
    before.take(before.clip.policy.event(make_event(Rhythmic, 20, 41)))
    before.take(before.clip.policy.acknowledge(42))  # it goes on, so it stays on display until the power is cut
    assert told(before.boards()[:1])["active"]
    after = desk("2")
    after.restore(before.kept())
    assert after.clip.policy.standing == ()
    assert told(after.boards()[:1])["active"] is False
