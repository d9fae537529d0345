from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

import numpy as np
import pytest

from alerts.alert import Alert, Priority
from alerts.policy import PolicySettings
from monitor.conditions import ConditionSettings
from monitor.pipeline import Pipeline
from monitor.scores import OURS, evaluate_streams, fold, listen, to_samples
from monitor.szcore import SzCore, szcore, union
from processing.detector import DetectorSettings
from processing.events import Event, MyoclonicBurst, State
from processing.labels import Label
from processing.samples import GRID_HZ, Readings, Samples
from processing.scoring import AlertSpan, Heard, Truth
from sensor.simulator import case

ALERT = Alert(
    id="a",
    kind="rhythmic",
    priority=Priority.MEDIUM,
    technical=False,
    onset_s=90,
    raised_s=110,
    rule="",
    text="",
    evidence={"margin": 2.0},
)


def burst(at_s: float) -> Event:
    row = round(at_s * GRID_HZ)
    return MyoclonicBurst(
        onset=row - 50, end=row, reported=row, updated=row, open=False, state=State.ASLEEP, jerks=1, peak_mg=9, size=5
    )


def spans(*snapshots: Event | Alert) -> list[tuple[float, float, int]]:
    return [(s.start_s, s.end_s, s.priority) for s in fold(snapshots, 500).spans]


def test_an_alert_lasts_from_when_it_is_raised_until_its_cause_is_gone() -> None:
    over = replace(ALERT, present=False)
    assert spans(burst(110), ALERT, burst(140), over) == [(110, 140, 2)]
    assert spans(burst(110), ALERT) == [(110, 500, 2)]


def test_an_alert_speaks_again_when_it_worsens_or_finds_its_cause_again() -> None:
    worse = replace(ALERT, priority=Priority.HIGH, raised_s=130)
    over = replace(worse, present=False)
    assert spans(burst(110), ALERT, burst(130), worse, burst(150), over, burst(200), worse) == [
        (110, 130, 2),
        (130, 150, 3),
        (200, 500, 3),
    ]


def test_an_alert_whose_cause_is_over_when_it_is_raised_is_a_moment() -> None:
    assert spans(burst(110), replace(ALERT, present=False)) == [(110, 110, 2)]


def test_an_acknowledgement_is_no_end() -> None:
    assert spans(burst(110), ALERT, burst(120), replace(ALERT, acknowledged=True)) == [(110, 500, 2)]


def test_the_same_events_and_alerts_as_the_pipeline() -> None:
    stream = case("test", "rhythmic_awake", 0, seed=5)
    readings = [
        Readings(time_s=stream.time_s[i : i + 500], accel_g=stream.accel_g[i : i + 500], rate_hz=stream.rate_hz)
        for i in range(0, len(stream.time_s), 500)
    ]
    pipeline = Pipeline(DetectorSettings(), PolicySettings(), ConditionSettings())
    outputs = [*pipeline.push_all(readings), *pipeline.close()]
    ours = list(listen(to_samples(readings)))
    assert [x for x in outputs if isinstance(x, Event)] == [x for x in ours if isinstance(x, Event)]
    assert _of_baby(outputs) == _of_baby(ours)


def _of_baby(outputs: Iterable[Event | Alert]) -> list[Alert]:
    return [x for x in outputs if isinstance(x, Alert) and not x.technical]


def says_nothing(_blocks: Sequence[Samples]) -> Iterator[Event | Alert]:
    return iter(())


def says(*snapshots: Event | Alert) -> Iterator[Event | Alert]:
    return iter(snapshots)


def still(seconds: float, rate_hz: float = 50.0) -> Readings:
    n = round(seconds * rate_hz)
    accel_g = np.random.default_rng(0).normal(0, 1e-3, (n, 3)) + np.array([0, 0, 1.0])
    return Readings(time_s=np.arange(n) / rate_hz, accel_g=accel_g, rate_hz=rate_hz)


RUN = Label(onset_s=100, duration_s=60, kind="rhythmic")


def test_streams_are_scored_in_memory_ours_and_the_peer() -> None:
    streams = [("a", still(300), [RUN]), ("b", to_samples(still(300)), [])]
    evaluation = evaluate_streams(streams, listener=lambda _: says(burst(110), ALERT), peers=["osd"])
    assert evaluation.systems() == [OURS, "osd"]
    told, false = evaluation.outcomes(OURS)
    assert told.labels[0].medium_s == 110
    assert [f.kind for f in false.false_alerts] == ["rhythmic"]
    assert evaluation.outcomes("osd")[0].labels[0].medium_s is None
    assert evaluation.szcore(OURS) == SzCore(reference=1, hits=1, false=1, duration_s=600)


def test_traces_are_kept_only_when_they_are_wanted() -> None:
    stream = ("a", still(30), [])
    (plain,) = evaluate_streams([stream], listener=says_nothing).recorded
    (traced,) = evaluate_streams([stream], listener=says_nothing, traces=True).recorded
    assert plain.trace is None
    assert traced.trace is not None
    assert traced.trace.envelope_mg.shape == (150,)


def truth(*labels: Label, seconds: float = 3000) -> Truth:
    accel_g = np.tile([0.0, 0.0, 1.0], (round(seconds * GRID_HZ), 1))
    return Truth.of("x", [Samples(start=0, accel_g=accel_g)], labels)


def told(onset_s: float, end_s: float, priority: int = 3) -> AlertSpan:
    return AlertSpan(
        id=str(onset_s), kind="k", priority=priority, technical=False, onset_s=onset_s, start_s=end_s, end_s=end_s
    )


@pytest.mark.parametrize(
    ("span", "hits", "false"),
    [
        (told(110, 120), 1, 0),
        (told(71, 80), 1, 0),  # 30 s before
        (told(60, 69), 0, 1),
        (told(219, 230), 1, 0),  # 60 s after
        (told(221, 230), 0, 1),
        (told(110, 120, priority=1), 0, 0),
    ],
)
def test_szcore_tolerates_30_s_before_and_60_s_after(span: AlertSpan, hits: int, false: int) -> None:
    assert szcore(truth(RUN), Heard(spans=(span,))) == SzCore(reference=1, hits=hits, false=false, duration_s=3000)


def test_szcore_merges_under_90_s_and_splits_over_5_min() -> None:
    near = Label(onset_s=249, duration_s=5, kind="stiffening")
    assert szcore(truth(RUN, near), Heard()).reference == 1
    apart = Label(onset_s=251, duration_s=5, kind="stiffening")
    assert szcore(truth(RUN, apart), Heard()).reference == 2
    assert szcore(truth(Label(onset_s=100, duration_s=601, kind="rhythmic")), Heard()).reference == 3


def test_overlapping_labels_are_one_reference_however_they_nest() -> None:
    inner = Label(onset_s=110, duration_s=5, kind="persists_after_waking")
    late = told(155, 158)
    assert szcore(truth(RUN, inner), Heard(spans=(late,))) == SzCore(reference=1, hits=1, false=0, duration_s=3000)
    assert union([(1, 9), (2, 3)], 20) == [(1, 9)]
