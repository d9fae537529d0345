from itertools import pairwise

import numpy as np
import pytest

from processing.felt import jerk_peak_g
from processing.labels import CONCERNING, STATES
from tests.generators.fourth import KINDS, Case, cases, nights
from tests.generators.fourth.clip import GRID_HZ, band_norm

SIZED = ("rhythmic_awake", "rhythmic_asleep", "rhythmic_unknown")


def states_of(case: Case) -> list[tuple[float, float]]:
    return [(onset_s, onset_s + lasts_s) for onset_s, lasts_s, kind, _ in case.labels if kind in STATES]


@pytest.mark.parametrize("kind", KINDS)
def test_a_kind_gives_finite_values_and_labels_within_its_stream(kind: str) -> None:
    for case in cases(kind, 2, 7):
        states = states_of(case)
        end_s = states[-1][1]
        assert np.isfinite(case.accel_g).all()
        assert case.accel_g.shape == (len(case.time_s), 3)
        assert (np.diff(case.time_s) > 0).all()
        assert case.time_s[-1] == pytest.approx(end_s, abs=0.2)
        assert states[0][0] == 0
        assert all(a[1] == pytest.approx(b[0]) for a, b in pairwise(states))
        assert all(0 <= onset_s < onset_s + lasts_s <= end_s + 1e-6 for onset_s, lasts_s, _, _ in case.labels)


def test_a_seed_gives_the_same_stream_again() -> None:
    (one,), (other,) = cases("spasm_cluster", 1, 3), cases("spasm_cluster", 1, 3)
    assert one.labels == other.labels
    np.testing.assert_array_equal(one.accel_g, other.accel_g)
    (next_seed,) = cases("spasm_cluster", 1, 4)
    assert next_seed.labels != one.labels


@pytest.mark.parametrize("kind", SIZED)
def test_jerks_are_as_large_as_drawn(kind: str) -> None:
    for case in cases(kind, 4, 11):
        ((onset_s, lasts_s),) = ((a, b) for a, b, name, _ in case.labels if name == "rhythmic")
        grid_s = np.arange(onset_s - 0.2, onset_s + lasts_s + 0.2, 1 / GRID_HZ)
        even = np.stack([np.interp(grid_s, case.time_s, axis) for axis in case.accel_g.T], axis=1)
        size = jerk_peak_g(band_norm(even)) / (case.facts["quiet_mg"] / 1000)
        assert 0.6 < size / case.facts["size"] < 1.7


def test_a_night_is_ordinary() -> None:
    (night,) = nights(1, 2)
    kinds = {kind for _, _, kind, _ in night.labels}
    assert not kinds & set(CONCERNING)
    assert {"asleep", "awake", "movement", "handling", "myoclonic_burst"} <= kinds
    assert 8 * 3600 - 1 < night.time_s[-1] < 11 * 3600
