import math
from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from processing.felt import Felt, jerk_peak_g, measure
from processing.labels import Label
from processing.samples import GRID_HZ, Floats, Samples

QUIET_MG = 2.0


def lying(seconds: float, *, seed: int = 0) -> Floats:
    """A baby that lies still: gravity, and noise that makes the norm about 2 mg."""
    rng = np.random.default_rng(seed)
    accel_g = rng.normal(0, 1e-3, (round(seconds * GRID_HZ), 3))
    accel_g[:, 2] += 1
    return accel_g


def jerk(accel_g: Floats, at_s: float, size_g: float, width_s: float = 0.1) -> None:
    """Add one half-sine pulse sideways."""
    first, rows = round(at_s * GRID_HZ), round(width_s * GRID_HZ)
    accel_g[first : first + rows, 0] += size_g * np.sin(np.pi * (np.arange(rows) + 0.5) / rows)


def felt(accel_g: Floats, **kwargs: float) -> Felt:
    return Felt.of([Samples(start=0, accel_g=accel_g, **kwargs)])


def rhythmic(onset_s: float = 60, duration_s: float = 30, detail: str = "n/a") -> Label:
    return Label(onset_s=onset_s, duration_s=duration_s, kind="rhythmic", detail=detail)


@pytest.mark.parametrize("hz", [0.8, 2.0, 4.5])
def test_size_is_the_median_jerk_over_quiet_at_any_rhythm(hz: float) -> None:
    accel_g = lying(120)
    for at_s in np.arange(60, 90, 1 / hz):
        jerk(accel_g, at_s, 0.04)
    signal = felt(accel_g)
    quiet_g = signal.quiet_g([rhythmic()])
    (measured,) = measure(signal, quiet_g, [rhythmic()])
    single = lying(120)
    jerk(single, 75, 0.04)
    expected = felt(single).norm_g[74 * 50 : 76 * 50].max() / quiet_g
    assert measured.size == pytest.approx(expected, rel=0.3)  # fast jerks run together
    assert quiet_g == pytest.approx(QUIET_MG / 1000, rel=0.25)


def test_a_movement_in_a_part_of_the_label_changes_the_size_little() -> None:
    accel_g = lying(120)
    for at_s in np.arange(60, 90, 0.5):
        jerk(accel_g, at_s, 0.03)
    plain = measure(felt(accel_g.copy()), 0.002, [rhythmic()])[0].size
    accel_g[60 * 50 : 68 * 50] += np.random.default_rng(1).normal(0, 0.2, (400, 3))
    moved = measure(felt(accel_g), 0.002, [rhythmic()])[0].size
    assert plain is not None
    assert moved == pytest.approx(plain, rel=0.4)


@given(st.floats(0.5, 4))
def test_size_grows_with_the_jerks(factor: float) -> None:
    rng = np.random.default_rng(3)
    norm_g = np.abs(rng.normal(0, 0.01, 500))
    assert jerk_peak_g(factor * norm_g) == pytest.approx(factor * jerk_peak_g(norm_g))


def test_quiet_is_taken_outside_labels_and_is_half_a_step_at_least() -> None:
    accel_g = lying(100)
    accel_g[20 * 50 :, 0] += 0.05 * np.sin(2 * np.pi * 2 * np.arange(80 * 50) / 50)
    label = rhythmic(onset_s=22, duration_s=78)
    assert felt(accel_g).quiet_g([label]) < 0.005
    assert felt(accel_g).quiet_g([]) > 0.02
    assert felt(np.round(lying(100) / 0.016) * 0.016, resolution_g=0.016).quiet_g([]) >= 0.008 or math.isnan(
        felt(np.round(lying(100) / 0.016) * 0.016, resolution_g=0.016).quiet_g([])
    )


def test_a_label_in_a_hole_has_no_size() -> None:
    blocks = [Samples(start=0, accel_g=lying(50)), Samples(start=100 * 50, accel_g=lying(50))]
    signal = Felt.of(blocks)
    (measured,) = measure(signal, signal.quiet_g([]), [rhythmic(onset_s=60, duration_s=20)])
    assert measured.size is None
    assert np.isnan(signal.norm_g[60 * 50 : 90 * 50]).all()


def test_tilt_is_the_turn_of_gravity() -> None:
    accel_g = lying(100)
    turned = np.radians(20)
    accel_g[50 * 50 : 60 * 50] += [np.sin(turned), 0, np.cos(turned) - 1]
    label = Label(onset_s=50, duration_s=10, kind="stiffening")
    signal = felt(accel_g)
    assert measure(signal, 0.002, [label])[0].tilt_deg == pytest.approx(20, abs=0.5)


def spasm(accel_g: Floats, at_s: float, hold_s: float) -> None:
    """A fast flexion that is held, and the way back: two jolts, one contraction."""
    rows = round(hold_s * GRID_HZ)
    edge = np.minimum(np.arange(rows), np.arange(rows)[::-1]) / (0.4 * GRID_HZ)
    first = round(at_s * GRID_HZ)
    accel_g[first : first + rows, 1] += 0.2 * np.clip(edge, 0, 1)


@pytest.fixture
def cluster() -> Callable[[float], tuple[Felt, Label]]:
    def make(hold_s: float) -> tuple[Felt, Label]:
        accel_g = lying(200)
        for at_s in 60 + 9.0 * np.arange(7):
            spasm(accel_g, at_s, hold_s)
        return felt(accel_g), Label(onset_s=60, duration_s=54 + hold_s, kind="spasm_cluster")

    return make


@pytest.mark.parametrize("hold_s", [1.0, 2.5, 4.0])
def test_contractions_are_counted_once_each_and_end_after_3_s(
    cluster: Callable[[float], tuple[Felt, Label]], hold_s: float
) -> None:
    signal, label = cluster(hold_s)
    (measured,) = measure(signal, signal.quiet_g([label]), [label])
    assert len(measured.contractions) == 7
    ends_s = 60 + 9.0 * np.arange(7) + min(hold_s, 3.0)
    assert measured.contractions == pytest.approx(ends_s, abs=0.5)


def test_contractions_that_are_labelled_are_taken_from_the_labels(
    cluster: Callable[[float], tuple[Felt, Label]],
) -> None:
    signal, label = cluster(1.0)
    told = [Label(onset_s=60 + 9 * i, duration_s=1.2, kind="contraction") for i in range(3)]
    measured = measure(signal, 0.002, [label, *told])
    assert [m.contractions for m in measured] == [(61.2, 70.2, 79.2)]
