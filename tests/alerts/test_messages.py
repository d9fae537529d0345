"""Payloads against the schemas of docs/, and the rules of revisions, late messages and boards."""

import json
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import hypothesis.strategies as st
import jsonschema
import pytest
from hypothesis import given, settings

from alerts.alert import Alert, Condition, ConditionKind
from alerts.messages import Board, Happenings, Message, Stream, again, alert_line, as_late, event_line
from alerts.policy import Policy
from processing.events import Event, PersistsAfterWaking, Rhythmic, SpasmCluster, State, Stiffening

SCHEMAS = Path(__file__).parents[2] / "docs" / "schemas"
Validate = Callable[[str, object], None]


def utc(stream_s: float) -> str:
    return f"2026-11-20T{int(stream_s) // 3600 % 24:02}:{int(stream_s) // 60 % 60:02}:{stream_s % 60:06.3f}Z"


@pytest.fixture
def stream() -> Stream:
    return Stream(clip="nursery", session="nursery-1", utc=utc)


def payload(message: Message) -> dict[str, Any]:
    decoded = json.loads(message.payload)
    assert isinstance(decoded, dict)
    return decoded


def test_event_lines_have_the_promised_keys_in_order(every_kind: Sequence[Event], validate: Validate) -> None:
    for event in every_kind:
        line = json.loads(event_line(event))
        assert list(line) == ["type", "id", "kind", "onset_s", "end_s", "reported_s", "state", "evidence"]
        validate("detect", line)


def test_alert_lines_have_the_promised_keys_in_order(make_event: Any, validate: Validate) -> None:
    for alert in Policy().event(make_event(Rhythmic, 20.123, 32.456, state=State.AWAKE)):
        line = json.loads(alert_line(alert))
        assert list(line) == [
            "type", "kind", "priority", "technical", "raised_s", "onset_s", "id", "rule", "text",
        ]  # fmt: skip
        assert (line["onset_s"], line["raised_s"]) == (20.12, 32.46)
        validate("detect", line)


def test_an_event_is_told_when_known_and_when_over(stream: Stream, make_event: Any, validate: Validate) -> None:
    happenings = Happenings(stream)
    told = [
        happenings.message(make_event(Rhythmic, 20, end_s, goes_on=end_s < 40)) for end_s in (31.0, 32.0, 33.0, 40.0)
    ]
    first, last = (payload(m) for m in told if m is not None)
    assert (first["revision"], first["open"], first["end"]) == (1, True, None)
    assert (last["revision"], last["open"], last["end"]) == (2, False, utc(40))
    assert first["id"] == last["id"] == "nursery-1:rhythmic-1000"
    for each in (first, last):
        validate("event", each)


def test_every_kind_of_event_fits_the_schema(stream: Stream, every_kind: Sequence[Event], validate: Validate) -> None:
    happenings = Happenings(stream)
    for event in every_kind:
        for snapshot in (replace(event, open=True), event):
            message = happenings.message(snapshot)
            assert message is not None
            assert message.topic == "sleepclip/nursery/event"
            assert not message.retain
            validate("event", payload(message))


def test_the_board_shows_the_highest_and_lists_the_others(stream: Stream, make_event: Any, validate: Validate) -> None:
    policy, board = Policy(), Board(stream, technical=False)
    events = [
        make_event(Stiffening, 10, 14, goes_on=False),
        make_event(Rhythmic, 20, 32, state=State.AWAKE, goes_on=False),
        make_event(SpasmCluster, 40, 60, state=State.AWAKE, goes_on=False),
    ]
    shown = [payload(board.show(alert)) for event in events for alert in policy.event(event)]
    assert [s["kind"] for s in shown] == ["stiffening", "rhythmic", "rhythmic"]
    assert [s["raising"] for s in shown] == ["stiffening", "rhythmic", "spasm_cluster"]
    assert [[o["kind"] for o in s["others"]] for s in shown] == [[], ["stiffening"], ["spasm_cluster", "stiffening"]]
    assert [s["revision"] for s in shown] == [1, 1, 2]
    assert shown[-1]["last_alert"] == utc(60)
    (high,) = (a for a in policy.standing if a.kind == "rhythmic")
    seen = [payload(board.show(alert)) for alert in policy.acknowledge(70, high.id)]
    assert [(s["kind"], s["active"], s["raising"]) for s in seen] == [("spasm_cluster", True, None)]
    for each in (*shown, *seen):
        validate("alert", each)


def test_an_acknowledged_alert_is_told_once_more_as_gone(stream: Stream, make_event: Any, validate: Validate) -> None:
    policy, board = Policy(), Board(stream, technical=False)
    (alert,) = policy.event(make_event(Stiffening, 10, 14, goes_on=False))
    board.show(alert)
    (seen,) = policy.acknowledge(20)
    told = payload(board.show(seen))
    assert (told["active"], told["id"], told["acknowledged"], told["revision"]) == (
        False,
        "nursery-1:" + alert.id,
        True,
        2,
    )
    validate("alert", told)
    empty = payload(board.show(None))
    assert (empty["active"], empty["id"], empty["last_alert"]) == (False, None, utc(14))
    validate("alert", empty)


def test_a_fault_tells_its_cause(stream: Stream, validate: Validate) -> None:
    board = Board(stream, technical=True)
    fact = Condition(kind=ConditionKind.ADAPTER, present=True, at_s=10, cause="no Bluetooth adapter", mend="plug it in")
    (alert,) = Policy().condition(fact)
    message = board.show(alert)
    assert message.topic == "sleepclip/nursery/fault"
    assert message.retain
    assert payload(message)["cause"] == "no Bluetooth adapter"
    validate("fault", payload(message))


def test_late_messages_raise_nothing_and_tell_what_stands_at_last(
    stream: Stream, make_event: Any, validate: Validate
) -> None:
    policy, board = Policy(), Board(stream, technical=False)
    (alert,) = policy.event(make_event(Stiffening, 10, 14, goes_on=False))
    raised = board.show(alert)
    (seen,) = policy.acknowledge(20)
    gone = board.show(seen)
    history = as_late(raised, gone.payload)
    assert not history.retain
    told = payload(history)
    assert (told["active"], told["late"], told["superseded"], told["raising"]) == (False, True, True, None)
    assert (told["id"], told["revision"]) == ("nursery-1:" + alert.id, 1)
    newest = as_late(gone, gone.payload)
    assert newest.retain
    assert payload(newest)["superseded"] is False
    alone = payload(as_late(raised, raised.payload))
    assert (alone["active"], alone["late"], alone["superseded"], alone["raising"]) == (True, True, False, None)
    for each in (told, payload(newest), alone, payload(again(raised))):
        validate("alert", each)
    assert payload(again(raised)) == payload(raised) | {"raising": None}


@given(revised=st.lists(st.sampled_from(["raise", "ack", "tick"]), min_size=1, max_size=30))
@settings(max_examples=100, deadline=None)
def test_no_two_board_messages_share_id_and_revision(make_event: Any, revised: list[str]) -> None:
    policy, board = Policy(), Board(Stream(clip="a", session="s", utc=utc), technical=False)
    now_s, told = 0.0, []
    for what in revised:
        now_s += 20
        changed: Sequence[Alert] = ()
        if what == "raise":
            kind = (Stiffening, SpasmCluster, PersistsAfterWaking)[int(now_s) // 20 % 3]
            changed = policy.event(make_event(kind, now_s - 15, now_s, goes_on=False))
        elif what == "ack":
            changed = policy.acknowledge(now_s)
        told += [payload(board.show(alert)) for alert in changed]
    keys = [(t["id"], t["revision"]) for t in told]
    assert len(keys) == len(set(keys))


def test_evidence_that_is_not_finite_is_not_known(stream: Stream, make_event: Any, validate: Validate) -> None:
    message = Happenings(stream).message(make_event(Stiffening, 1, 5, size=float("inf"), tilt_deg=1.23456))
    assert message is not None
    told = payload(message)
    assert told["evidence"]["size"] is None
    assert told["evidence"]["tilt_deg"] == 1.235
    validate("event", told)


def test_schemas_are_schemas_and_refuse_strangers(validate: Validate) -> None:
    for path in SCHEMAS.glob("*.json"):
        jsonschema.Draft202012Validator.check_schema(json.loads(path.read_text()))
        with pytest.raises(jsonschema.ValidationError):
            validate(path.name.removesuffix(".schema.json"), {"v": 2})
