"""What holds for every alert, whatever happens: a standing alert never disappears, and ticks decide nothing."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import hypothesis.strategies as st
from hypothesis import given, settings
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule, run_state_machine_as_test

from alerts.alert import Alert, Condition, ConditionKind
from alerts.policy import Policy, PolicySettings
from processing.events import (
    Event,
    Gap,
    Handling,
    MyoclonicBurst,
    OffBody,
    PersistsAfterWaking,
    Rhythmic,
    SpasmCluster,
    State,
    StateInterval,
    Stiffening,
)

KINDS = (Rhythmic, PersistsAfterWaking, SpasmCluster, Stiffening, OffBody, Handling, MyoclonicBurst, StateInterval)
RELEASE_S = 300


class Life(RuleBasedStateMachine):
    """A night at random; `make_event` is set by the test."""

    make_event: Any

    def __init__(self) -> None:
        super().__init__()
        self.policy = Policy(PolicySettings(release_s=RELEASE_S, technical_release_s=RELEASE_S))
        self.now_s = 0.0
        self.shown: dict[str, Alert] = {}
        self.gone: set[str] = set()
        self.ended_s: dict[str, float] = {}
        self.open: dict[type[Event], tuple[float, State]] = {}
        self.muted_until_s = float("-inf")
        self.unheard: set[str] = set()

    def follow(self, changed: Sequence[Alert]) -> None:
        for alert in changed:
            before = self.shown.get(alert.id)
            assert alert.id not in self.gone, "an id came back"
            assert before is not None or alert.raising, "an alert appeared without being raised"
            if before is not None:
                assert alert.priority >= before.priority
                assert alert.raising or alert.raised_s == before.raised_s
                worse = alert.priority > before.priority or alert.rule != before.rule
                assert not alert.raising or worse or alert.id in self.unheard
            if alert.raising:
                (self.unheard.add if alert.raised_s < self.muted_until_s else self.unheard.discard)(alert.id)
            if not alert.present:
                self.ended_s.setdefault(alert.id, self.now_s)
            else:
                self.ended_s.pop(alert.id, None)
            if alert.standing:
                self.shown[alert.id] = alert
            else:
                assert not alert.present
                assert alert.acknowledged or self.now_s - self.ended_s[alert.id] >= RELEASE_S, "gone by itself"
                self.shown.pop(alert.id, None)
                self.gone.add(alert.id)

    @rule(step_s=st.integers(1, 400))
    def time_passes(self, step_s: int) -> None:
        self.now_s += step_s
        self.follow(self.policy.tick(self.now_s))

    @rule(step_s=st.integers(1, 60))
    def samples_come(self, step_s: int) -> None:
        self.now_s += step_s
        self.follow(self.policy.heard(self.now_s))

    @rule(kind=st.sampled_from(KINDS), state=st.sampled_from(State), goes_on=st.booleans(), step_s=st.integers(1, 70))
    def event(self, kind: type[Event], state: State, *, goes_on: bool, step_s: int) -> None:
        onset_s, state = self.open.get(kind, (self.now_s, state))
        self.now_s += step_s
        evidence: dict[str, Any] = {"masked": True} if kind is Handling else {}
        if kind is SpasmCluster:
            evidence = {"contractions": 3 + int(self.now_s - onset_s) // 20}
        self.follow(
            self.policy.event(self.make_event(kind, onset_s, self.now_s, state=state, goes_on=goes_on, **evidence))
        )
        self.open[kind] = (onset_s, state)
        if not goes_on:
            del self.open[kind]
            self.now_s += 1

    @rule(length_s=st.integers(2, 90))
    def gap(self, length_s: int) -> None:
        onset_s = self.now_s
        self.now_s += length_s
        self.follow(self.policy.event(self.make_event(Gap, onset_s, self.now_s, goes_on=False)))
        self.now_s += 1

    @rule(kind=st.sampled_from(ConditionKind), present=st.booleans())
    def condition(self, kind: ConditionKind, *, present: bool) -> None:
        if kind is not ConditionKind.MONITORING_OFF:
            fact = Condition(kind=kind, present=present, at_s=self.now_s, cause="something broke")
            self.follow(self.policy.condition(fact))

    @rule(on=st.booleans())
    def monitoring(self, *, on: bool) -> None:
        self.follow(self.policy.monitoring(self.now_s, on))

    @rule(minutes=st.integers(0, 10))
    def mute(self, minutes: int) -> None:
        self.muted_until_s = self.now_s + 60 * minutes
        self.follow(self.policy.mute(self.now_s, minutes))

    @rule()
    def sound_is_heard(self) -> None:
        self.now_s = max(self.now_s, self.muted_until_s) + 1
        self.follow(self.policy.tick(self.now_s))
        assert not [a for a in self.policy.standing if a.id in self.unheard and not a.acknowledged]

    @rule()
    def acknowledge_all(self) -> None:
        self.follow(self.policy.acknowledge(self.now_s))
        assert all(a.acknowledged for a in self.policy.standing)

    @rule(data=st.data())
    def acknowledge_one(self, data: st.DataObject) -> None:
        if self.shown:
            alert_id = data.draw(st.sampled_from(sorted(self.shown)))
            others = [a for a in self.policy.standing if a.id != alert_id and (a.present or not a.technical)]
            self.follow(self.policy.acknowledge(self.now_s, alert_id))
            assert all(other in self.policy.standing for other in others)

    @invariant()
    def what_was_told_is_what_stands(self) -> None:
        assert [replace(a, raising=False) for a in self.shown.values()] == list(self.policy.standing)


def test_a_standing_alert_never_disappears_by_itself(make_event: Any) -> None:
    machine = type("Night", (Life,), {"make_event": staticmethod(make_event)})
    run_state_machine_as_test(machine, settings=settings(max_examples=150, stateful_step_count=40, deadline=None))


snapshots = st.lists(
    st.tuples(
        st.sampled_from(KINDS),
        st.sampled_from(State),
        st.integers(1, 200),  # since the last event
        st.integers(1, 100),  # until the last snapshot
    ),
    min_size=1,
    max_size=12,
)


def night(make_event: Any, rows: Sequence[tuple[type[Event], State, int, int]]) -> list[Event]:
    events, now_s = [], 0
    for kind, state, pause_s, length_s in rows:
        onset_s = now_s + pause_s
        for now_s in range(onset_s + 1, onset_s + length_s + 1, 7):
            goes_on = now_s + 7 <= onset_s + length_s
            events += [make_event(kind, onset_s, now_s, state=state, goes_on=goes_on)]
    return events


@given(rows=snapshots, ticks=st.lists(st.integers(0, 3000), max_size=30), release=st.sampled_from([None, 200.0, 30.0]))
@settings(max_examples=200, deadline=None)
def test_ticks_decide_nothing_about_the_baby(
    make_event: Any, rows: list[Any], ticks: list[int], release: float | None
) -> None:
    events = night(make_event, rows)
    plain, ticked = (Policy(PolicySettings(release_s=release)) for _ in range(2))
    alone = [a for event in events for a in plain.event(event)]
    mixed: list[Alert] = []
    waiting = sorted(ticks)
    for event in events:
        while waiting and waiting[0] <= event.updated_s:
            mixed += ticked.tick(waiting.pop(0))
        mixed += ticked.event(event)
        mixed += ticked.heard(event.updated_s)
    assert [a for a in mixed if a.raising and not a.technical] == [a for a in alone if a.raising and not a.technical]
    lost = {ConditionKind.LINK_LOST, "gap"}
    told = [[a for a in alerts if a.raising and a.technical and a.kind not in lost] for alerts in (mixed, alone)]
    assert told[0] == told[1]


@given(rows=snapshots, at=st.integers(0, 100))
@settings(max_examples=100, deadline=None)
def test_what_is_raised_uses_nothing_later(make_event: Any, rows: list[Any], at: int) -> None:
    events = night(make_event, rows)
    cut = events[: len(events) * at // 100]
    whole, part = Policy(), Policy()
    alerts = [a for event in events for a in whole.event(event) if a.raising]
    first = [a for event in cut for a in part.event(event) if a.raising]
    assert alerts[: len(first)] == first
    assert [a.raised_s for a in alerts] == sorted(a.raised_s for a in alerts)
