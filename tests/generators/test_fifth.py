"""The fifth generator keeps what it promises to those who score a detector on it."""

import itertools

import numpy as np
import pytest

from processing.felt import Felt, measure
from processing.labels import STATES, Label, our_kind
from processing.samples import GRID_HZ, Readings, Samples
from tests.generators import fifth
from tests.generators.fifth import Case

CONCERNING_KINDS = ("rhythmic", "spasm_cluster", "stiffening", "persists_after_waking")


def assert_sound(case: Case) -> None:
    """Valid readings; labels of known kinds within them; states that cover the stream without overlap."""
    Readings(time_s=case.time_s, accel_g=case.accel_g, rate_hz=case.rate_hz, resolution_g=case.resolution_g)
    end_s = case.time_s[-1]
    for onset_s, duration_s, kind, _ in case.labels:
        assert our_kind(kind) == kind
        assert kind != "myoclonic_burst" or duration_s <= 10
        assert 0 <= onset_s < onset_s + duration_s <= end_s + 1e-6
    states = [row for row in case.labels if row[2] in STATES]
    assert {row[2] for row in states} <= {"asleep", "awake"}
    assert states[0][0] == 0
    assert states[-1][0] + states[-1][1] == pytest.approx(end_s)
    for one, other in itertools.pairwise(states):
        assert one[0] + one[1] == pytest.approx(other[0])


@pytest.mark.parametrize("kind", fifth.KINDS)
def test_every_kind_gives_sound_streams(kind: str) -> None:
    for case in fifth.cases(kind, 2, 7):
        assert_sound(case)
        assert any(row[2] not in STATES for row in case.labels) or kind == "quiet"


def test_the_same_seed_gives_the_same_stream_and_another_does_not() -> None:
    one, same, other = (next(fifth.cases("rhythmic_awake", 1, seed)) for seed in (3, 3, 4))
    assert np.array_equal(one.accel_g, same.accel_g)
    assert np.array_equal(one.time_s, same.time_s)
    assert one.labels == same.labels
    assert len(one.time_s) != len(other.time_s)


def test_a_night_is_sound_and_nothing_in_it_concerns() -> None:
    night = next(fifth.nights(1, 2))
    assert_sound(night)
    assert 8 * 3600 <= night.time_s[-1] <= 11 * 3600
    assert not {row[2] for row in night.labels} & set(CONCERNING_KINDS)
    assert sum(row[2] == "awake" for row in night.labels) >= 3


def test_unknown_rhythms_begin_near_the_start_or_after_a_gap() -> None:
    for case in fifth.cases("rhythmic_unknown", 4, 1):
        onset_s = next(row[0] for row in case.labels if row[2] == "rhythmic")
        known_s = next((row[0] + row[1] for row in case.labels if row[2] == "gap"), 0.0)
        assert 0 <= onset_s - known_s <= 20


def test_rhythms_are_as_large_as_drawn() -> None:
    """Within a factor of 1.6 for three in four: noise adds to small ones, dense jerks add to each other."""
    off = [measured_size(case) / case.facts["size"] for case in fifth.cases("rhythmic_asleep", 8, 5)]
    assert np.mean(np.abs(np.log(off)) < np.log(1.6)) >= 0.75


def measured_size(case: Case) -> float:
    grid_s = np.arange(0, case.time_s[-1], 1 / GRID_HZ)
    accel_g = np.stack([np.interp(grid_s, case.time_s, column) for column in case.accel_g.T], axis=1)
    block = Samples(start=0, accel_g=accel_g, rate_hz=case.rate_hz, resolution_g=case.resolution_g)
    labels = [Label(onset_s=a, duration_s=d, kind=kind, detail=detail) for a, d, kind, detail in case.labels]
    felt = Felt.of([block])
    size = next(m.size for m in measure(felt, felt.quiet_g(labels), labels) if m.label.kind == "rhythmic")
    assert size is not None
    return size
