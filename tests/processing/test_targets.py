import math
from dataclasses import replace
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from processing.events import State
from processing.felt import Measured
from processing.labels import Label
from processing.scoring import BurstFound, FalseAlert, Outcome, Scored, Unmatched
from processing.targets import (
    Result,
    curve,
    false_by_mimic,
    latency,
    rate,
    results,
    sensitivity,
    share,
)


def scored(  # noqa: PLR0913  a label has that many sides
    kind: str,
    *,
    state: State = State.ASLEEP,
    duration_s: float = 30,
    size: float = 5,
    detail: str = "n/a",
    medium: float | None = None,
    high: float | None = None,
    **more: object,
) -> Scored:
    """A label at 100 s; `medium` and `high` are seconds after it."""
    truth = {"tilt_deg": more.pop("tilt_deg", None), "contractions": more.pop("contractions", ())}
    label = Label(onset_s=100, duration_s=duration_s, kind=kind, detail=detail)
    plain = {"reported_s": None, "margin": None, "found": ()}
    return Scored(
        truth=Measured(label=label, state=state, size=size, **truth),
        medium_s=None if medium is None else 100 + medium,
        high_s=None if high is None else 100 + high,
        **{**plain, **more},
    )


def outcome(*labels: Scored, **more: object) -> Outcome:
    plain = {
        "name": "night",
        "duration_s": 36_000.0,
        "false_alerts": (),
        "technical_alerts": (),
        "unmatched": (),
        "bursts": (),
        "confusion": (),
        "epochs": (),
    }
    return Outcome(labels=labels, **{**plain, **more})


def row(key: str, *outcomes: Outcome) -> Result:
    (found,) = [r for r in results(outcomes) if r.key == key]
    return found


def false(during: str = "rocking", at_s: float = 50) -> FalseAlert:
    return FalseAlert(kind="rhythmic", priority=3, at_s=at_s, during=during, margin=None)


@given(st.integers(0, 200), st.integers(1, 200))
def test_wilsons_interval_holds_the_share_and_narrows(hits: int, more: int) -> None:
    of = hits + more
    e, tenfold = share(hits, of), share(10 * hits, 10 * of)
    assert 0 <= e.low <= e.value <= e.high <= 1
    assert tenfold.high - tenfold.low < e.high - e.low


def test_known_intervals() -> None:
    # Wilson: Newcombe 1998, table I, 81 of 263; Garwood: 3 events, 0.619 to 8.767.
    e = share(81, 263)
    assert (e.low, e.high) == pytest.approx((0.2553, 0.3662), abs=5e-4)
    assert (rate(3, 1).low, rate(3, 1).high) == pytest.approx((0.6187, 8.7673), abs=1e-3)
    assert (share(0, 10).low, share(10, 10).high) == (0, 1)


def test_nothing_to_count_is_no_number_and_meets_nothing() -> None:
    assert math.isnan(share(0, 0).value)
    assert math.isnan(rate(0, 0).value)
    assert {r.met for r in results([])} == {None}


def test_latencies_are_summed_up() -> None:
    times = latency([10, 12, 11, 30])
    assert times is not None
    assert (times.median_s, times.max_s, times.all_s) == (11.5, 30, (10, 11, 12, 30))
    assert latency([]) is None


def test_rhythm_awake_needs_a_high_alert_within_15_s_and_large_jerks() -> None:
    awake = {"state": State.AWAKE, "duration_s": 20}
    met = row("rhythmic_awake", outcome(scored("rhythmic", high=11, medium=11, **awake)))
    assert (met.met, met.estimate.of, met.latency is not None and met.latency.max_s) == (True, 1, 11)
    late = row("rhythmic_awake", outcome(scored("rhythmic", high=16, medium=11, **awake)))
    assert (late.met, late.estimate.value, late.in_time is not None and late.in_time.value) == (False, 1, 0)
    slow = row("rhythmic_awake", outcome(scored("rhythmic", high=13, medium=11, **awake)))
    assert slow.met is False
    assert row("rhythmic_awake", outcome(scored("rhythmic", medium=11, **awake))).estimate.value == 0
    unknown = scored("rhythmic", high=11, duration_s=15, state=State.UNKNOWN)
    assert row("rhythmic_awake", outcome(unknown)).estimate.of == 1
    for left_out in (
        scored("rhythmic", size=3.9, **awake),
        scored("rhythmic", state=State.AWAKE, duration_s=14.9),
        scored("rhythmic"),
    ):
        assert row("rhythmic_awake", outcome(left_out)).estimate.of == 0


def test_rhythm_asleep_may_be_medium_within_25_s_at_any_size() -> None:
    result = row("rhythmic_asleep", outcome(scored("rhythmic", size=1.5, medium=24), scored("rhythmic", medium=26)))
    assert (result.estimate.of, result.estimate.value, result.met) == (2, 1, False)
    assert result.in_time is not None
    assert result.in_time.value == 0.5
    assert row("rhythmic_asleep_large", outcome(scored("rhythmic", size=1.5, medium=24))).estimate.of == 0


def test_clusters_count_from_the_end_of_the_fifth_contraction() -> None:
    ends_s = tuple(100.0 + 10 * i for i in range(1, 7))
    result = row("spasm_cluster", outcome(scored("spasm_cluster", duration_s=65, high=54, contractions=ends_s)))
    assert result.latency is not None
    assert (result.latency.max_s, result.met) == (4, True)
    four = scored("spasm_cluster", contractions=ends_s[:4])
    assert row("spasm_cluster", outcome(four)).estimate.of == 0


def test_a_detail_that_is_a_number_tells_how_many_contractions_there_are() -> None:
    ends_s = tuple(100.0 + 10 * i for i in range(1, 5))
    told_more = scored("spasm_cluster", duration_s=60, high=62, contractions=ends_s, detail="6")
    result = row("spasm_cluster", outcome(told_more))
    assert result.latency is not None
    assert (result.estimate.of, result.latency.max_s) == (1, 2)
    told_fewer = scored("spasm_cluster", contractions=(*ends_s, 150.0), detail="3")
    assert row("spasm_cluster", outcome(told_fewer)).estimate.of == 0


def test_benign_series_are_alerted_by_false_alerts_up_to_30_s_after_them() -> None:
    series = scored("myoclonic_series", duration_s=600)
    outcomes = [outcome(series, false_alerts=(false(at_s=t),)) for t in (99, 100, 400, 730, 731)]
    assert row("benign_series", *outcomes).estimate.hits == 3
    assert row("benign_series", *([outcome(series)] * 50)).met is True


def test_too_little_to_see_a_rare_thing_in_meets_nothing_and_misses_nothing() -> None:
    series = scored("myoclonic_series", duration_s=600)
    assert row("benign_series", *([outcome(series)] * 49)).met is None
    assert row("false_alerts", *([outcome()] * 19)).met is None
    assert row("false_alerts", *([outcome()] * 20)).met is True
    assert row("false_alerts", outcome(false_alerts=(false(),))).met is False


def test_false_alerts_are_given_by_the_night_and_by_mimic() -> None:
    outcomes = [outcome(false_alerts=(false(), false("car")), duration_s=18_000.0), outcome()]
    assert row("false_alerts", *outcomes).estimate.value == pytest.approx(2 / 1.5)
    assert row("false_alerts", *([outcome()] * 20), outcome(false_alerts=(false(),))).met is True
    assert {k: e.value for k, e in false_by_mimic(outcomes).items()} == {"car": 1.6, "rocking": 1.6}


def test_stiffening_counts_reported_ones_with_a_tilt() -> None:
    labels = (
        scored("stiffening", tilt_deg=20.0, reported_s=105.0),
        scored("stiffening", tilt_deg=11.0),
        scored("stiffening", tilt_deg=9.0),
    )
    assert (row("stiffening", outcome(*labels)).estimate.hits, row("stiffening", outcome(*labels)).estimate.of) == (
        1,
        2,
    )
    wrong = Unmatched(kind="stiffening", onset_s=5, during="turn_over", margin=None)
    assert row("false_stiffening", outcome(unmatched=(wrong,))).estimate.hits == 1


def test_burst_recall_and_precision() -> None:
    labels = (
        scored("myoclonic_burst", found=("myoclonic_burst",)),
        scored("myoclonic_burst", found=("movement",)),
        scored("myoclonic_burst", size=2),
        scored("myoclonic_burst", state=State.AWAKE),
    )
    bursts = tuple(
        BurstFound(onset_s=1, size=size, right=right, during="asleep")
        for size, right in ((5.0, True), (5.0, False), (2.0, False), (9.0, None))
    )
    night = outcome(*labels, bursts=bursts)
    assert (row("burst_recall", night).estimate.hits, row("burst_recall", night).estimate.of) == (1, 2)
    assert row("burst_precision", night).estimate.value == 0.5
    assert row("burst_precision_all", night).estimate.of == 3


def test_agreement_counts_unknown_against() -> None:
    night = outcome(epochs=(("asleep", "asleep", 90), ("awake", "awake", 6), ("awake", "unknown", 4)))
    assert row("agreement", night).estimate.value == 0.96
    assert row("wake_specificity", night).estimate.value == 0.6
    assert row("undecided", night).estimate.value == 0.04


def test_a_peer_that_only_alerts_has_only_the_rows_of_alerts() -> None:
    keys = [r.key for r in results([outcome()], alerts_only=True)]
    assert "rhythmic_awake" in keys
    assert "false_alerts" in keys
    assert "burst_recall" not in keys


def test_sensitivity_counts_every_concerning_label_of_any_size() -> None:
    told = sensitivity([outcome(scored("rhythmic", size=1, medium=3), scored("rhythmic"), scored("hiccups"))])
    assert {k: (e.hits, e.of) for k, e in told.items()} == {"rhythmic": (1, 2)}


@given(st.lists(st.floats(0, 5), min_size=1, max_size=20), st.lists(st.floats(0, 5), max_size=20))
def test_the_curve_falls_in_both_with_the_margin(true: list[float], wrong: list[float]) -> None:
    labels = tuple(scored("rhythmic", margin=m) for m in true)
    alerts = tuple(replace(false(), margin=m) for m in wrong)
    points = curve([outcome(*labels, false_alerts=alerts)], "rhythmic")
    assert [p.margin for p in points] == sorted(p.margin for p in points)
    for one, stricter in pairwise(points):
        assert one.sensitivity >= stricter.sensitivity
        assert one.false_per_day >= stricter.false_per_day
    assert points[0].sensitivity == 1
    assert points[0].false_per_day == pytest.approx(len(wrong) * 2.4)
