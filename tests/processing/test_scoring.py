from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from processing.events import Rhythmic, State
from processing.felt import Felt, Measured
from processing.labels import Label
from processing.samples import GRID_HZ, Samples
from processing.scoring import (
    HIGH,
    MEDIUM,
    AlertSpan,
    Calendar,
    Detection,
    Heard,
    Outcome,
    Scored,
    Truth,
    detections,
    during,
    score,
)


def label(kind: str, onset_s: float, end_s: float, detail: str = "n/a") -> Label:
    return Label(onset_s=onset_s, duration_s=end_s - onset_s, kind=kind, detail=detail)


def found(kind: str, onset_s: float, end_s: float, reported_s: float | None = None, **more: float) -> Detection:
    reported_s = onset_s + 5 if reported_s is None else reported_s
    return Detection(kind=kind, onset_s=onset_s, end_s=end_s, reported_s=reported_s, **more)


def told(start_s: float, end_s: float, priority: int = HIGH, **more: object) -> AlertSpan:
    plain = AlertSpan(
        id=f"alert-{start_s}",
        kind="rhythmic",
        priority=priority,
        technical=False,
        onset_s=start_s - 10,
        start_s=start_s,
        end_s=end_s,
    )
    return replace(plain, **more)


def outcome(labels: list[Label], seconds: float = 600, **heard: tuple[object, ...]) -> Outcome:
    """Score what was heard of a quiet recording with a jerk every second."""
    rng = np.random.default_rng(0)
    accel_g = rng.normal(0, 1e-3, (round(seconds * GRID_HZ), 3))
    truth = Truth.of("night", [Samples(start=0, accel_g=accel_g)], sorted(labels, key=lambda x: x.onset_s))
    return score(truth, Heard(**heard))


def only(scored: Outcome) -> Scored:
    (row,) = scored.labels
    return row


RUN = label("rhythmic", 100, 130)


@pytest.mark.parametrize(("start_s", "counts"), [(99.9, False), (100, True), (112, True), (140, True), (140.1, False)])
def test_an_alert_counts_from_the_onset_to_10_s_after_the_end(start_s: float, counts: bool) -> None:  # noqa: FBT001
    result = outcome([RUN], spans=(told(start_s, start_s + 1),))
    assert (only(result).high_s is not None) == counts
    assert len(result.false_alerts) == (not counts)


def test_a_medium_alert_is_no_high_one_and_a_low_one_is_neither() -> None:
    medium = only(outcome([RUN], spans=(told(120, 130, MEDIUM),)))
    assert (medium.medium_s, medium.high_s) == (120, None)
    low = outcome([RUN], spans=(told(120, 130, 1),))
    assert only(low).medium_s is None
    assert low.false_alerts == ()


def test_an_alert_that_stands_tells_when_an_event_of_the_label_is_known() -> None:
    standing = told(50, 400, id="standing")
    silent = outcome([RUN], spans=(standing,))
    assert only(silent).high_s is None
    heard = outcome([RUN], spans=(standing,), detections=(found("rhythmic", 101, 130, 111),))
    assert only(heard).high_s == 111
    assert [f.at_s for f in heard.false_alerts] == [50]
    other = outcome([RUN], spans=(standing,), detections=(found("movement", 101, 130, 111),))
    assert only(other).high_s is None


def test_an_alert_raised_twice_without_cause_is_one_false_alert() -> None:
    spans = (told(300, 320, id="a"), told(330, 350, id="a"), told(500, 510, id="b"))
    assert len(outcome([], spans=spans).false_alerts) == 2


def test_an_alert_raised_again_after_its_label_is_false() -> None:
    spans = (told(112, 130, id="a"), told(200, 210, id="a"))
    result = outcome([RUN], spans=spans)
    assert only(result).high_s == 112
    assert [f.at_s for f in result.false_alerts] == [200]


def test_technical_alerts_are_counted_apart_but_a_wrong_off_body_is_false() -> None:
    off = told(300, 400, MEDIUM, kind="off_body", technical=True)
    gap = told(500, 510, MEDIUM, kind="gap", technical=True)
    result = outcome([], spans=(off, gap))
    assert [f.kind for f in result.false_alerts] == ["off_body"]
    assert result.technical_alerts == (("gap", 1), ("off_body", 1))
    assert outcome([label("off_body", 200, 450)], spans=(off,)).false_alerts == ()


def test_a_false_alert_names_the_mimic_it_came_during() -> None:
    labels = [label("asleep", 0, 600), label("handling", 280, 305, "rocking"), label("movement", 304, 306)]
    spans = (told(303, 320), told(500, 510))
    assert [f.during for f in outcome(labels, spans=spans).false_alerts] == ["rocking", "asleep"]


def test_detections_of_alerting_kinds_outside_concerning_labels_are_unmatched() -> None:
    heard = (
        found("stiffening", 200, 210, margin=0.3),
        found("stiffening", 105, 120),
        found("hiccups", 200, 300),
    )
    labels = [RUN, label("movement", 195, 215, "turn_over")]
    assert [(u.kind, u.during, u.margin) for u in outcome(labels, detections=heard).unmatched] == [
        ("stiffening", "turn_over", 0.3)
    ]


def test_the_margin_is_that_of_the_alerts_of_its_own_kind() -> None:
    heard = (found("rhythmic", 101, 110, 110, margin=0.5), found("stiffening", 101, 102, 103, margin=9.0))
    spans = (
        told(111, 120, MEDIUM, margin=0.5),
        told(125, 130, margin=2.0),
        told(103, 110, kind="stiffening", margin=9.0),
        told(300, 310, margin=7.0),
    )
    row = only(outcome([RUN], detections=heard, spans=spans))
    assert (row.medium_s, row.reported_s, row.margin, row.found) == (103, 110, 2.0, ("rhythmic", "stiffening"))


def test_under_a_standing_alert_the_margin_is_that_of_the_event() -> None:
    spans = (told(50, 400, margin=5.0),)
    row = only(outcome([RUN], detections=(found("rhythmic", 101, 110, 110, margin=0.5),), spans=spans))
    assert row.margin == 0.5


def test_bursts_are_right_wrong_or_within_what_concerns() -> None:
    labels = [
        RUN,
        label("asleep", 0, 600),
        label("myoclonic_burst", 20, 21),
        label("movement", 40, 41, "startle"),
        label("hiccups", 200, 300),
    ]
    heard = tuple(found("myoclonic_burst", t, t + 0.5) for t in (20.9, 40, 110, 250, 400))
    bursts = outcome(labels, detections=heard).bursts
    assert [b.right for b in bursts] == [True, True, None, False, False]
    assert [b.during for b in bursts] == ["myoclonic_burst", "startle", "rhythmic", "hiccups", "asleep"]
    assert all(b.size is not None and b.size > 0 for b in bursts)


def test_a_burst_label_is_found_only_by_what_touches_it() -> None:
    burst = label("myoclonic_burst", 20, 21)
    assert only(outcome([burst], detections=(found("myoclonic_burst", 21.4, 22),))).found == ("myoclonic_burst",)
    assert only(outcome([burst], detections=(found("myoclonic_burst", 22, 23),))).found == ()


def test_confusion_counts_the_kind_that_covers_most_and_what_touches_no_label() -> None:
    labels = [label("handling", 100, 200, "walking"), label("asleep", 0, 600), label("hiccups", 300, 400)]
    heard = (
        found("rhythmic", 100, 120),
        found("handling", 115, 200),
        found("movement", 500, 501),
        found("asleep", 0, 600),
    )
    assert outcome(labels, detections=heard).confusion == (
        ("hiccups", "nothing", 1),
        ("nothing", "movement", 1),
        ("walking", "handling", 1),
    )


def test_epochs_compare_the_state_that_holds_most_of_each() -> None:
    labels = [label("asleep", 0, 300), label("awake", 300, 570)]
    heard = (found("asleep", 0, 346), found("awake", 346, 600))
    assert outcome(labels, detections=heard).epochs == (
        ("asleep", "asleep", 10),
        ("awake", "asleep", 2),
        ("awake", "awake", 7),
    )


def test_holes_do_not_count_as_time() -> None:
    blocks = [Samples(start=s * 50, accel_g=np.tile([0.0, 0.0, 1.0], (5000, 1))) for s in (0, 1000)]
    assert Truth.of("holes", blocks, []).duration_s == 200


def test_snapshots_are_folded_to_the_last_with_the_largest_margin() -> None:
    plain = Rhythmic(
        onset=5000,
        end=5500,
        reported=5500,
        updated=5500,
        open=True,
        state=State.AWAKE,
        frequency_start_hz=2,
        frequency_end_hz=2,
        regularity=0.9,
        jerks=20,
        size=5,
        state_now=State.AWAKE,
        longest_pause_s=0.4,
        recent_pause_s=0.4,
        margin=3.0,
    )
    last = replace(plain, end=6000, updated=6100, open=False, margin=1.0)
    assert detections([plain, last]) == (
        Detection(kind="rhythmic", onset_s=100, end_s=120, reported_s=110, margin=3.0),
    )


times = st.tuples(st.floats(0, 500), st.floats(0, 60)).map(lambda x: (x[0], x[0] + x[1]))


@given(st.lists(times, max_size=20), times, st.floats(0, 5), st.floats(0, 15))
def test_a_calendar_gives_what_a_search_through_all_gives(
    items: list[tuple[float, float]], asked: tuple[float, float], before_s: float, after_s: float
) -> None:
    all_of = [label("movement", a, b) for a, b in items]
    near = Calendar(all_of).touching(*asked, before_s=before_s, after_s=after_s)
    assert near == [x for x in all_of if x.onset_s <= asked[1] + after_s and x.end_s >= asked[0] - before_s]


@given(st.lists(times, max_size=8), st.lists(times, max_size=8))
def test_every_alert_is_true_for_a_label_or_false(
    labels: list[tuple[float, float]], alerts: list[tuple[float, float]]
) -> None:
    truth = Truth(
        name="any",
        duration_s=600,
        labels=tuple(label("rhythmic", a, b) for a, b in sorted(labels)),
        measured=tuple(Measured(label=label("rhythmic", a, b), state=State.AWAKE) for a, b in sorted(labels)),
        signal=Felt(norm_g=np.zeros(600 * 50), accel_g=np.zeros((600 * 50, 3))),
        quiet_g=0.001,
    )
    spans = tuple(told(a, b, id=str(i)) for i, (a, b) in enumerate(alerts))
    result = score(truth, Heard(spans=spans))
    false = {f.at_s for f in result.false_alerts}
    for span in spans:
        belongs = any(x.onset_s <= span.start_s <= x.end_s + 10 for x in truth.labels)
        assert belongs != (span.start_s in false)


def test_during_prefers_the_label_that_overlaps_most() -> None:
    labels = Calendar([label("movement", 0, 100), label("handling", 95, 200, "car"), label("awake", 0, 300)])
    assert [during(labels, *t) for t in ((10, 20), (96, 150), (250, 260), (400, 401))] == [
        "movement",
        "car",
        "awake",
        "unknown",
    ]
