"""Every row of the priority table: which snapshots raise what, and when."""

from collections.abc import Sequence
from typing import Any

import pytest

from alerts.alert import Alert, Condition, ConditionKind, Priority
from alerts.policy import Policy, PolicySettings
from alerts.rules import duration
from processing.events import (
    Event,
    Gap,
    Handling,
    Hiccups,
    Movement,
    MyoclonicBurst,
    OffBody,
    PeriodicMovements,
    PersistsAfterWaking,
    Rhythmic,
    SpasmCluster,
    State,
    StateInterval,
    Stiffening,
)

A, W, U = State.ASLEEP, State.AWAKE, State.UNKNOWN
Row = tuple[type[Event], float, float, dict[str, Any]]

TABLE: dict[str, tuple[list[Row], list[tuple[float, str, str]]]] = {
    "rhythmic awake, at once": ([(Rhythmic, 20, 32, {"state": W})], [(32, "rhythmic", "high")]),
    "rhythmic in an unknown state, at once": ([(Rhythmic, 20, 32, {"state": U})], [(32, "rhythmic", "high")]),
    "rhythmic awake that is over when it is known": (
        [(Rhythmic, 20, 31, {"state": W, "goes_on": False})],
        [(31, "rhythmic", "high")],
    ),
    "rhythmic asleep for less than 20 s": ([(Rhythmic, 20, t, {}) for t in (31, 35, 39)], []),
    "rhythmic asleep for 20 s": ([(Rhythmic, 20, t, {}) for t in range(31, 50)], [(40, "rhythmic", "medium")]),
    "rhythmic asleep without a pause for 60 s": (
        [(Rhythmic, 20, t, {}) for t in range(31, 90)],
        [(40, "rhythmic", "medium"), (80, "rhythmic", "high")],
    ),
    "rhythmic asleep with pauses for 100 s": (
        [(Rhythmic, 20, t, {"recent_pause_s": 4.0}) for t in range(31, 120)],
        [(40, "rhythmic", "medium")],
    ),
    "rhythmic asleep without a pause for 60 s, after pauses": (
        [(Rhythmic, 20, t, {"recent_pause_s": 4.0 if t < 130 else 0.6}) for t in range(31, 140)],
        [(40, "rhythmic", "medium"), (130, "rhythmic", "high")],
    ),
    "rhythmic asleep, slow, its period is no pause": (
        [(Rhythmic, 20, t, {"recent_pause_s": 3.9, "frequency_end_hz": 0.5}) for t in range(31, 90)],
        [(40, "rhythmic", "medium"), (80, "rhythmic", "high")],
    ),
    "rhythmic asleep with pauses for more than 5 min": (
        [(Rhythmic, 20, t, {"recent_pause_s": 4.0}) for t in range(31, 330)],
        [(40, "rhythmic", "medium"), (321, "rhythmic", "high")],
    ),
    "rhythmic awake for more than 5 min is told again": (
        [(Rhythmic, 20, t, {"state": W}) for t in range(31, 400)],
        [(31, "rhythmic", "high"), (321, "rhythmic", "high")],
    ),
    "rhythmic asleep that goes on awake for 15 s": (
        [(Rhythmic, 20, t, {"state_now": A if t < 30 else W, "recent_pause_s": 4.0}) for t in range(21, 60)],
        [(40, "rhythmic", "medium"), (45, "rhythmic", "high")],
    ),
    "rhythmic asleep that is felt awake twice for a moment": (
        [(Rhythmic, 20, t, {"state_now": W if t in {*range(25, 35), *range(45, 55)} else A}) for t in range(21, 60)],
        [(40, "rhythmic", "medium")],
    ),
    "rhythmic asleep that stops after waking, known late": (
        [
            (Rhythmic, 20, 25, {"state_now": W}),
            (Rhythmic, 20, 36, {"state_now": W, "now_s": 45, "goes_on": False}),
        ],
        [],
    ),
    "rhythmic asleep that stops 5 s after waking": (
        [(Rhythmic, 20, t, {"state_now": A if t < 30 else W, "goes_on": t < 35}) for t in range(21, 36)],
        [],
    ),
    "persists after waking": (
        [(PersistsAfterWaking, 50, t, {"state": W, "waking": 50}) for t in range(52, 70)],
        [(60, "persists_after_waking", "high")],
    ),
    "stops 6 s after waking": (
        [(PersistsAfterWaking, 50, t, {"state": W, "waking": 50, "goes_on": t < 56}) for t in range(52, 57)],
        [],
    ),
    "spasms: three, then five": (
        [(SpasmCluster, 10, 20 + 8 * n, {"contractions": n, "state": W}) for n in range(3, 8)],
        [(44, "spasm_cluster", "medium"), (60, "spasm_cluster", "high")],
    ),
    "stiffening": ([(Stiffening, 10, t, {}) for t in (14, 15, 16)], [(14, "stiffening", "medium")]),
    "off body": ([(OffBody, 10, t, {}) for t in (200, 201)], [(200, "off_body", "medium")]),
    "a short gap": ([(Gap, 10, 25, {"goes_on": False})], []),
    "a gap as long as silence that is told": ([(Gap, 10, 40, {"goes_on": False})], [(40, "gap", "medium")]),
    "a long gap": ([(Gap, 10, 70, {"goes_on": False})], [(70, "gap", "medium")]),
    "masked for 5 min": (
        [(Handling, 10, t, {"masked": True}) for t in (20, 200, 309, 310, 311)],
        [(310, "masked", "low")],
    ),
    "handling that hides something for a moment, after 5 min": (
        [(Handling, 10, t, {"masked": t == 320}) for t in range(11, 400)],
        [],
    ),
    "handling that hides something for 5 min in all": (
        [(Handling, 10, t, {"masked": t % 2 == 0}) for t in range(11, 700)],
        [(612, "masked", "low")],
    ),
    "handling that hides nothing": ([(Handling, 10, t, {}) for t in (20, 400, 900)], []),
    "logged only": ([(k, 10, 60, {"goes_on": False}) for k in (MyoclonicBurst, Movement, Hiccups, Handling)], []),
    "many bursts": (
        [
            *((MyoclonicBurst, t, t + 1, {"goes_on": False}) for t in range(100, 10_000, 50)),
            (StateInterval, 0, 10_000, {"goes_on": False}),
            *((StateInterval, 10_000, t, {"state": W}) for t in (10_000, 11_799, 11_800, 11_801)),
        ],
        [(11_800, "night_summary", "low")],
    ),
    "periodic movements, told at the next event when nothing else comes": (
        [
            (PeriodicMovements, 100, 2000, {"movements": 30, "goes_on": False}),
            (StateInterval, 0, 10_000, {"goes_on": False}),
            (StateInterval, 10_000, 10_000, {"state": W}),
            (Movement, 15_000, 15_002, {"goes_on": False}),
        ],
        [(11_800, "night_summary", "low")],
    ),
    "a usual night": (
        [
            *((MyoclonicBurst, t, t + 1, {"goes_on": False}) for t in range(100, 10_000, 300)),
            (StateInterval, 0, 10_000, {"goes_on": False}),
            (StateInterval, 10_000, 12_000, {"state": W}),
        ],
        [],
    ),
    "a nap with many bursts": (
        [
            *((MyoclonicBurst, t, t + 1, {"goes_on": False}) for t in range(100, 3000, 10)),
            (StateInterval, 0, 3000, {"goes_on": False}),
            (StateInterval, 3000, 6000, {"state": W}),
        ],
        [],
    ),
    "two runs less than 3 min apart are one alert": (
        [
            (Rhythmic, 20, 32, {"state": W, "goes_on": False}),
            (Rhythmic, 200, 212, {"state": W, "goes_on": False}),
        ],
        [(32, "rhythmic", "high")],
    ),
    "two runs 3 min apart are two": (
        [
            (Rhythmic, 20, 32, {"state": W, "goes_on": False}),
            (Rhythmic, 212, 224, {"state": W, "goes_on": False}),
        ],
        [(32, "rhythmic", "high"), (224, "rhythmic", "high")],
    ),
    "another kind is another alert": (
        [
            (Rhythmic, 20, 32, {"state": W, "goes_on": False}),
            (Stiffening, 40, 44, {"state": W, "goes_on": False}),
        ],
        [(32, "rhythmic", "high"), (44, "stiffening", "medium")],
    ),
    "a worse run soon after raises the same alert again": (
        [
            (Rhythmic, 20, 41, {"goes_on": False}),
            (Rhythmic, 100, 112, {"state": W}),
        ],
        [(41, "rhythmic", "medium"), (112, "rhythmic", "high")],
    ),
}


def raised(alerts: Sequence[Alert]) -> list[tuple[float, str, str]]:
    return [(a.raised_s, a.kind, a.priority.word) for a in alerts if a.raising]


@pytest.mark.parametrize("name", TABLE)
def test_priority_table(name: str, make_event: Any) -> None:
    rows, expected = TABLE[name]
    policy = Policy()
    changed = [a for kind, onset_s, end_s, rest in rows for a in policy.event(make_event(kind, onset_s, end_s, **rest))]
    assert raised(changed) == expected
    assert all(a.technical == (a.kind in {"gap", "off_body", "masked"}) for a in changed)


CONDITIONS = [
    (ConditionKind.ADAPTER, "medium", 0),
    (ConditionKind.BROKER_LOST, "medium", 30),
    (ConditionKind.NOTIFY, "medium", 0),
    (ConditionKind.BATTERY_LOW, "low", 0),
    (ConditionKind.WEAK_SIGNAL, "low", 60),
    (ConditionKind.PACKET_LOSS, "low", 60),
    (ConditionKind.DISK, "low", 0),
    (ConditionKind.CLOCK, "low", 0),
    (ConditionKind.RECORDING, "low", 0),
    (ConditionKind.CLIP_LIMITS, "low", 0),
]


@pytest.mark.parametrize(("kind", "priority", "after_s"), CONDITIONS)
def test_a_condition_raises_once_it_has_lasted(kind: ConditionKind, priority: str, after_s: float) -> None:
    policy = Policy()
    fact = Condition(kind=kind, present=True, at_s=100.0, cause="the thing is broken", mend="mend the thing")
    alerts = policy.condition(fact)
    for now_s in (110.0, 150.0, 170.0):
        policy.heard(now_s)
        alerts += policy.tick(now_s)
    assert raised(alerts) == [(100 + after_s, str(kind), priority)]
    assert alerts[0].technical
    began = f"; began {after_s:g} s before this alert" if after_s else ""
    assert alerts[0].text.startswith(f"The thing is broken{began} (")
    assert alerts[0].text.endswith("mend the thing.")


@pytest.mark.parametrize("kind", [ConditionKind.BROKER_LOST, ConditionKind.WEAK_SIGNAL])
def test_a_short_condition_raises_nothing(kind: ConditionKind) -> None:
    policy = Policy()
    alerts = policy.condition(Condition(kind=kind, present=True, at_s=100, cause="away"))
    alerts += policy.condition(Condition(kind=kind, present=False, at_s=120, cause=""))
    policy.heard(299)
    assert alerts + policy.tick(300) == []


def test_every_condition_kind_has_a_row() -> None:
    told = {kind for kind, _, _ in CONDITIONS}
    assert told | {ConditionKind.LINK_LOST, ConditionKind.MONITORING_OFF} == set(ConditionKind)


def test_silence_is_an_alarm_that_names_its_cause(make_event: Any) -> None:
    policy = Policy()
    policy.heard(100)
    lost = Condition(kind=ConditionKind.LINK_LOST, present=True, at_s=105, cause="the clip is out of range")
    assert policy.condition(lost) == []
    assert policy.tick(129.9) == []
    (alert,) = policy.tick(131)
    assert raised([alert]) == [(130, "link_lost", "medium")]
    assert "the clip is out of range" in alert.text
    assert policy.tick(200) == []
    (over,) = policy.heard(210)
    assert (over.present, over.standing) == (False, True)
    assert policy.event(make_event(Gap, 100, 209, now_s=210, goes_on=False)) == []  # told already


def test_a_clip_that_never_speaks_is_lost() -> None:
    policy = Policy()
    assert policy.tick(5.0) == []
    assert raised(policy.tick(60.0)) == [(35, "link_lost", "medium")]


def test_monitoring_off_is_loud_and_silences_nothing_that_stands(make_event: Any) -> None:
    policy = Policy()
    policy.event(make_event(Stiffening, 10, 14, goes_on=False))
    assert policy.monitoring(20, on=False) == []
    assert not policy.monitoring_on
    assert [a.kind for a in policy.standing] == ["stiffening"]
    assert policy.event(make_event(Rhythmic, 30, 42, state=W)) == []
    assert policy.tick(1819) == []
    assert raised(policy.tick(1825)) == [(1820, "monitoring_off", "medium")]
    (over,) = policy.monitoring(1900, on=True)
    assert (over.kind, over.present) == ("monitoring_off", False)
    assert raised(policy.event(make_event(Rhythmic, 1910, 1922, state=W))) == [(1922, "rhythmic", "high")]


def test_while_off_nobody_is_told_of_a_clip_that_is_not_worn(make_event: Any) -> None:
    policy = Policy()
    policy.heard(10)
    assert raised(policy.tick(50)) == [(40, "link_lost", "medium")]
    (over,) = policy.monitoring(60, on=False)
    assert (over.kind, over.present) == ("link_lost", False)
    alerts = policy.event(make_event(OffBody, 70, 270)) + policy.event(make_event(Handling, 70, 900, masked=True))
    policy.monitoring(1000, on=True)
    assert [a for a in alerts if a.raising] == []
    assert raised(policy.tick(1029)) == []
    assert raised(policy.tick(1031)) == [(1030, "link_lost", "medium")]


def test_what_was_heard_once_stays_heard() -> None:
    policy = Policy()
    policy.heard(100)
    policy.heard(50)
    assert policy.tick(129) == []


def test_a_condition_that_changes_its_cause_goes_on() -> None:
    policy = Policy()
    for at_s, cause in ((100, "the port is closed"), (120, "the password is wrong")):
        policy.condition(Condition(kind=ConditionKind.BROKER_LOST, present=True, at_s=at_s, cause=cause))
    policy.heard(131)
    (alert,) = policy.tick(131)
    assert (alert.raised_s, alert.onset_s) == (130, 100)
    assert "The password is wrong" in alert.text


def test_a_restored_alert_is_released_after_a_time_of_this_run(make_event: Any) -> None:
    (alert,) = Policy().event(make_event(Stiffening, 40, 49))
    policy = Policy(PolicySettings(release_s=300))
    policy.restore([alert])
    assert policy.heard(299) == []
    (gone,) = policy.heard(300)
    assert (gone.id, gone.standing) == (alert.id, False)


def test_monitoring_is_idempotent() -> None:
    policy = Policy()
    assert policy.monitoring(10, on=True) == []
    policy.monitoring(20, on=False)
    assert policy.monitoring(1000, on=False) == []
    assert raised(policy.tick(1820)) == [(1820, "monitoring_off", "medium")]


def test_an_event_seen_before_the_switch_still_counts(make_event: Any) -> None:
    policy = Policy()
    policy.monitoring(50, on=False)
    assert raised(policy.event(make_event(Stiffening, 40, 49, goes_on=False))) == [(49, "stiffening", "medium")]


def test_switching_off_in_the_morning_sums_the_night_up(make_event: Any) -> None:
    policy = Policy()
    policy.event(make_event(PeriodicMovements, 100, 2000, goes_on=False, movements=40))
    policy.event(make_event(StateInterval, 0, 10_000, goes_on=False))
    assert raised(policy.monitoring(10_500, on=False)) == [(10_500, "night_summary", "low")]


def test_mute_changes_no_display_and_is_bounded(make_event: Any) -> None:
    policy = Policy()
    assert policy.mute(10, 5) == []
    assert policy.muted_until_s(309) == 310
    assert policy.muted_until_s(310) is None
    assert raised(policy.event(make_event(Stiffening, 40, 49))) == [(49, "stiffening", "medium")]
    assert policy.standing
    policy.mute(50, 0)
    assert policy.muted_until_s(50) is None
    for minutes in (-1, 61, float("nan"), float("inf")):
        with pytest.raises(ValueError, match="mute takes 0 to 60 minutes"):
            policy.mute(60, minutes)


def test_what_was_raised_while_muted_is_raised_again_when_sound_is_back(make_event: Any) -> None:
    policy = Policy()
    policy.mute(30, 5)
    (muted,) = policy.event(make_event(Rhythmic, 20, 32, state=W, goes_on=False))
    policy.event(make_event(Stiffening, 40, 44, goes_on=False))
    policy.acknowledge(50, "alert-stiffening-2000")
    policy.heard(329)
    assert policy.tick(329) == []
    (again,) = policy.tick(330)
    assert (again.id, again.raising, again.raised_s, again.priority) == (muted.id, True, 330, Priority.HIGH)
    assert "began 5 min before this alert" in again.text
    assert policy.tick(331) == []


def test_ending_the_mute_early_raises_at_once(make_event: Any) -> None:
    policy = Policy()
    policy.event(make_event(Stiffening, 10, 14))  # was heard
    policy.mute(30, 5)
    policy.event(make_event(Rhythmic, 20, 32, state=W))
    policy.mute(40, 10)  # longer
    assert [a.kind for a in policy.mute(50, 0) if a.raising] == ["rhythmic"]
    assert policy.mute(51, 0) == []


def test_muting_again_as_soon_as_it_rings_loses_nothing(make_event: Any) -> None:
    policy = Policy()
    policy.mute(30, 1)
    policy.event(make_event(Rhythmic, 20, 32, state=W))
    policy.heard(90)
    assert len(policy.tick(90)) == 1
    policy.mute(91, 1)
    policy.heard(200)
    assert policy.tick(200) == []  # it rang


def test_an_alert_that_worsens_while_muted_is_heard_later(make_event: Any) -> None:
    policy = Policy()
    policy.event(make_event(Rhythmic, 20, 41))
    policy.acknowledge(42)
    policy.mute(43, 1)
    policy.event(make_event(Rhythmic, 20, 80))
    policy.heard(103)
    assert raised(policy.tick(103)) == [(103, "rhythmic", "high")]


def test_what_goes_on_for_5_min_is_raised_again_even_if_acknowledged(make_event: Any) -> None:
    policy = Policy()
    (first,) = policy.event(make_event(Rhythmic, 20, 32, state=W))
    policy.acknowledge(40)
    assert policy.event(make_event(Rhythmic, 20, 320, state=W)) == []
    (again,) = policy.event(make_event(Rhythmic, 20, 321, state=W))
    assert (again.id, again.raising, again.acknowledged) == (first.id, True, False)
    assert "call emergency services now" in again.text
    policy.acknowledge(322)
    assert policy.event(make_event(Rhythmic, 20, 900, state=W)) == []


def test_while_off_nothing_is_summed_up_and_no_gap_is_told(make_event: Any) -> None:
    policy = Policy()
    policy.monitoring(10, on=False)
    policy.event(make_event(PeriodicMovements, 100, 2000, goes_on=False, movements=80))
    policy.event(make_event(StateInterval, 20, 10_000, goes_on=False))
    alerts = policy.event(make_event(StateInterval, 10_000, 12_000, state=W))
    policy.monitoring(20_000, on=True)
    alerts += policy.event(make_event(Gap, 12_000, 20_010, goes_on=False))  # it was in a drawer
    assert [a for a in alerts if a.kind != "monitoring_off" and a.raising] == []
    assert raised(policy.event(make_event(Gap, 20_020, 20_060, goes_on=False))) == [(20_060, "gap", "medium")]


def test_an_alert_latches_until_acknowledged(make_event: Any) -> None:
    policy = Policy()
    (alert,) = policy.event(make_event(Stiffening, 40, 49))
    (over,) = policy.event(make_event(Stiffening, 40, 60, goes_on=False))
    assert (over.present, over.standing) == (False, True)
    assert policy.heard(100_000) == []
    (seen,) = policy.acknowledge(100_001, alert.id)
    assert (seen.acknowledged, seen.standing) == (True, False)
    assert policy.standing == ()
    assert policy.acknowledge(100_002, alert.id) == []


def test_an_acknowledged_alert_stays_on_display_while_it_goes_on(make_event: Any) -> None:
    policy = Policy()
    policy.event(make_event(Rhythmic, 20, 41))
    (seen,) = policy.acknowledge(42)
    assert (seen.acknowledged, seen.standing) == (True, True)
    (over,) = policy.event(make_event(Rhythmic, 20, 50, goes_on=False))
    assert over.standing is False


def test_after_acknowledgement_a_new_event_is_a_new_alert(make_event: Any) -> None:
    policy = Policy()
    (first,) = policy.event(make_event(Stiffening, 40, 49, goes_on=False))
    policy.acknowledge(50)
    (second,) = policy.event(make_event(Stiffening, 51, 55))
    assert second.raising
    assert second.id != first.id


def test_another_event_is_another_alert_while_the_acknowledged_one_goes_on(make_event: Any) -> None:
    policy = Policy()
    (first,) = policy.event(make_event(Rhythmic, 20, 32, state=W))
    policy.acknowledge(33)
    (second,) = policy.event(make_event(Rhythmic, 40, 52, state=W))
    assert second.raising
    assert [a.id for a in policy.standing] == [first.id, second.id]


def test_worsening_raises_the_same_alert_again_even_if_acknowledged(make_event: Any) -> None:
    policy = Policy()
    (first,) = policy.event(make_event(Rhythmic, 20, 41))
    policy.acknowledge(42)
    (again,) = policy.event(make_event(Rhythmic, 20, 80))
    assert again.id == first.id
    assert (again.raising, again.acknowledged, again.priority, again.raised_s) == (True, False, Priority.HIGH, 80)


def test_release_after_the_end_by_setting(make_event: Any) -> None:
    policy = Policy(PolicySettings(release_s=300))
    policy.event(make_event(Stiffening, 40, 50, goes_on=False))
    assert policy.tick(10_000) != []  # the clip is silent: lost monitoring, and no release while blind
    assert [a.kind for a in policy.standing] == ["stiffening", "link_lost"]
    released = [a for a in policy.heard(10_001) if not a.standing]
    assert [a.kind for a in released] == ["stiffening"]


def test_a_fault_is_released_after_its_end() -> None:
    policy = Policy()
    policy.condition(Condition(kind=ConditionKind.ADAPTER, present=True, at_s=10, cause="no adapter"))
    policy.condition(Condition(kind=ConditionKind.ADAPTER, present=False, at_s=20, cause=""))
    assert [a.kind for a in policy.standing] == ["adapter"]
    policy.heard(319)
    assert policy.tick(319) == []
    (gone,) = policy.tick(320)
    assert (gone.kind, gone.standing) == ("adapter", False)


def test_a_fault_that_comes_back_soon_is_the_same_and_later_another() -> None:
    policy = Policy()
    down = [Condition(kind=ConditionKind.ADAPTER, present=True, at_s=t, cause="no adapter") for t in (10, 100, 800)]
    up = [Condition(kind=ConditionKind.ADAPTER, present=False, at_s=t, cause="") for t in (20, 110)]
    alerts = [a for c in (down[0], up[0], down[1], up[1]) for a in policy.condition(c)]
    assert [a.present for a in alerts] == [True, False, True, False]
    alerts += policy.tick(500) + policy.condition(down[2])
    assert raised([a for a in alerts if a.kind == "adapter"]) == [(10, "adapter", "medium"), (800, "adapter", "medium")]
    assert len({a.id for a in alerts if a.kind == "adapter"}) == 2


def test_restored_alerts_stand_and_join_nothing(make_event: Any) -> None:
    before = Policy()
    (alert,) = before.event(make_event(Stiffening, 40, 49))
    policy = Policy()
    policy.restore([alert])
    (restored,) = policy.standing
    assert (restored.id, restored.present, restored.raising) == (alert.id, False, False)
    assert raised(policy.event(make_event(Stiffening, 1, 5))) == [(5, "stiffening", "medium")]
    assert len(policy.standing) == 2


def test_texts_say_what_when_why_and_what_to_do_and_never_a_diagnosis(make_event: Any) -> None:
    policy = Policy()
    for event in (
        make_event(Rhythmic, 20, 32, state=W),
        make_event(PersistsAfterWaking, 50, 62, state=W),
        make_event(SpasmCluster, 70, 100, state=W, contractions=6),
        make_event(Stiffening, 110, 114),
        make_event(OffBody, 200, 500),
        make_event(Gap, 600, 700, goes_on=False),
        make_event(Handling, 800, 1200, masked=True),
    ):
        (alert,) = (a for a in policy.event(event) if a.raising)
        assert f"began {duration(alert.raised_s - alert.onset_s)} before this alert ({alert.rule}): " in alert.text
        assert alert.text.count(". ") == 0
        assert len(alert.text) < 320
        if not alert.technical:
            for advice in ("time it", "film it", "do not restrain", "emergency services", "5 minutes", "blue"):
                assert advice in alert.text
        for word in ("epilep", "diagnos", "sids", "breathing detected", "seizure detected", "is a seizure"):
            assert word not in alert.text.lower()
