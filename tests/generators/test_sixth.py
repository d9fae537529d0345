from itertools import pairwise

import numpy as np
import pytest

from monitor.scores import to_samples
from processing.labels import STATES, Label
from processing.scoring import Truth
from tests.evaluation.generators import NIGHTS, Task, as_label, kinds
from tests.generators import sixth

KINDS = kinds("sixth")
TOLD = {
    "rhythmic_awake": "rhythmic",
    "rhythmic_asleep": "rhythmic",
    "spasms_awake": "spasm_cluster",
    "spasms_asleep": "spasm_cluster",
    "spasms_on_waking": "spasm_cluster",
    "persists_after_waking": "persists_after_waking",
    "stiffening": "stiffening",
}
WORRYING = set(TOLD.values())


def labels_of(case: sixth.Case) -> list[Label]:
    return sorted(as_label(row) for row in case.labels)


@pytest.fixture(scope="module")
def drawn() -> dict[str, sixth.Case]:
    return {kind: next(sixth.cases(kind, 1, 4)) for kind in KINDS}


@pytest.mark.parametrize("kind", KINDS)
def test_streams_are_what_a_clip_could_send(drawn: dict[str, sixth.Case], kind: str) -> None:
    case = drawn[kind]
    step_s = np.diff(case.time_s)
    assert np.isfinite(case.accel_g).all()
    assert case.accel_g.shape == (len(case.time_s), 3)
    assert (step_s > 0).all()
    assert step_s.max() < 1
    assert 1 / np.median(step_s) == pytest.approx(case.rate_hz, rel=0.031)
    assert np.allclose(case.accel_g / case.resolution_g, np.round(case.accel_g / case.resolution_g), atol=1e-6)
    assert np.abs(case.accel_g).max() <= case.facts["range_g"]
    assert np.median(np.linalg.norm(case.accel_g, axis=1)) == pytest.approx(1, abs=0.15)


@pytest.mark.parametrize("kind", KINDS)
def test_states_follow_each_other_and_cover_the_stream(drawn: dict[str, sixth.Case], kind: str) -> None:
    case = drawn[kind]
    states = [label for label in labels_of(case) if label.kind in STATES]
    assert states[0].onset_s == 0
    assert states[-1].end_s == pytest.approx(case.time_s[-1], abs=2)
    assert all(a.end_s == pytest.approx(b.onset_s) for a, b in pairwise(states))


@pytest.mark.parametrize("kind", KINDS)
def test_a_family_is_told_of_what_the_kind_says_and_of_nothing_else(drawn: dict[str, sixth.Case], kind: str) -> None:
    found = {label.kind for label in labels_of(drawn[kind])} & WORRYING
    assert found - {"rhythmic"} == {TOLD[kind]} - {"rhythmic"} if kind in TOLD else not found
    assert kind not in TOLD or TOLD[kind] in found


def test_labels_lie_in_the_stream(drawn: dict[str, sixth.Case]) -> None:
    for case in drawn.values():
        assert max(label.end_s for label in labels_of(case)) <= case.time_s[-1] + 1


def test_a_cluster_has_five_contractions_or_more_at_their_intervals(drawn: dict[str, sixth.Case]) -> None:
    for kind in ("spasms_awake", "spasms_asleep", "spasms_on_waking"):
        onsets_s = [x.onset_s for x in labels_of(drawn[kind]) if x.kind == "contraction"]
        assert len(onsets_s) >= 5
        assert all(3 < b - a < 30 for a, b in pairwise(onsets_s))


def test_jerks_of_a_run_can_be_measured_against_quiet() -> None:
    sizes = []
    for name, readings, labels, _ in Task(
        generator="sixth", split="test", kind="rhythmic_asleep", n=5, seed=4
    ).streams():
        measured = Truth.of(name, to_samples(readings), labels).measured
        sizes += [x.size for x in measured if x.label.kind == "rhythmic" and x.size is not None]
    assert len(sizes) == 5
    assert np.median(sizes) > 4


def test_nothing_but_noise_is_felt_off_the_body(drawn: dict[str, sixth.Case]) -> None:
    case = drawn["off_body"]
    (off,) = (label for label in labels_of(case) if label.kind == "off_body")
    within = (case.time_s > off.onset_s + 5) & (case.time_s < off.end_s - 5)
    assert case.accel_g[within].std(axis=0).max() < 2 * (case.facts["noise_mg"] / 1000 + case.resolution_g)


def test_a_task_gives_the_same_streams_again() -> None:
    task = Task(generator="sixth", split="test", kind="stiffening", n=2, seed=7)
    for (name, readings, labels, facts), again in zip(task.streams(), task.streams(), strict=True):
        assert (name, labels, facts) == (again[0], again[2], again[3])
        assert np.array_equal(readings.accel_g, again[1].accel_g)


def test_streams_of_a_task_differ() -> None:
    first, second = sixth.cases("quiet", 2, 7)
    assert first.facts != second.facts


def test_a_night_is_healthy_and_mostly_slept() -> None:
    ((_, readings, labels, _),) = Task(generator="sixth", split="test", kind=NIGHTS, n=1, seed=1).streams()
    hours = {state: sum(x.duration_s for x in labels if x.kind == state) / 3600 for state in ("asleep", "awake")}
    assert 8 <= sum(hours.values()) <= 12
    assert sum(hours.values()) * 3600 == pytest.approx(readings.time_s[-1], abs=2)
    assert hours["asleep"] > 2 * hours["awake"] > 0
    assert not {label.kind for label in labels} & WORRYING
