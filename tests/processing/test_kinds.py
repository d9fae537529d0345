"""Each kind of event on a signal that holds it, and not on the movement most like it."""

from typing import Any

import numpy as np
import pytest

from processing.events import (
    Handling,
    Hiccups,
    MyoclonicBurst,
    OffBody,
    PeriodicMovements,
    PersistsAfterWaking,
    Rhythmic,
    SpasmCluster,
    Stiffening,
)
from processing.samples import GRID_HZ

SETTLED_S = 100.0


def found(bed: Any, kind: type) -> list[Any]:
    """Last snapshots of one kind."""
    return list({e.id: e for e in bed.events() if isinstance(e, kind)}.values())


@pytest.mark.parametrize("hz", [1.0, 1.6, 2.2, 3.0, 4.0])
def test_a_run_has_its_frequency(bed: Any, hz: float) -> None:
    bed = bed(180)
    bed.run(SETTLED_S, 40, hz=hz)
    (run,) = found(bed, Rhythmic)
    assert run.frequency_start_hz == pytest.approx(hz, rel=0.12)
    assert run.onset_s == pytest.approx(SETTLED_S, abs=1.0)
    assert run.end_s == pytest.approx(SETTLED_S + 40, abs=3.0)


@pytest.mark.parametrize("seed", [3, 5])
@pytest.mark.parametrize("hz", [4.0, 4.6])
def test_a_run_in_ringing_cloth_has_its_frequency(bed: Any, hz: float, seed: int) -> None:
    bed = bed(160, seed=seed, ring_hz=5.5, ring_s=0.3, ring=0.7)
    bed.run(SETTLED_S, 40, hz=hz, cv=0.08)
    run = found(bed, Rhythmic)[0]
    assert run.frequency_start_hz == pytest.approx(hz, rel=0.12)
    assert run.reported_s < SETTLED_S + 12


def test_clusters_with_pauses_are_bursts_and_no_run(bed: Any) -> None:
    bed = bed(260)
    for at_s in np.arange(SETTLED_S, 240, 5.0):
        bed.run(float(at_s), 2.5, hz=3)
    assert not found(bed, Rhythmic)
    assert sum(burst.jerks for burst in found(bed, MyoclonicBurst)) > 100


def test_a_burst_in_sleep_is_counted(bed: Any) -> None:
    bed = bed(160)
    for at_s in (SETTLED_S, SETTLED_S + 1.2, SETTLED_S + 3.0):
        bed.jerk(at_s)
    (burst,) = found(bed, MyoclonicBurst)
    assert burst.jerks == 3
    assert burst.onset_s == pytest.approx(SETTLED_S, abs=0.2)


def test_jerking_that_goes_on_after_waking(eventful: Any) -> None:
    (persists,) = found(eventful, PersistsAfterWaking)
    assert persists.onset_s == pytest.approx(192, abs=3)
    assert 198 <= persists.reported_s <= 212


def test_jerking_that_stops_on_waking(bed: Any) -> None:
    bed = bed(300)
    bed.run(150, 42)
    bed.toss(192, 3)
    assert not found(bed, PersistsAfterWaking)


def test_contractions_that_hold_are_a_cluster(bed: Any) -> None:
    bed = bed(200)
    bed.toss(60, 4)
    bed.toss(70, 4, turn_g=-0.2)
    for at_s in (100, 111, 119, 131, 140, 152):
        bed.contraction(at_s)
    (cluster,) = found(bed, SpasmCluster)
    assert cluster.contractions == 6
    assert cluster.onset_s == pytest.approx(100, abs=0.5)


def test_hiccups_hold_no_posture(bed: Any) -> None:
    bed = bed(300)
    for at_s in np.arange(SETTLED_S, 240, 6.0):
        bed.jerk(float(at_s))
    (bout,) = found(bed, Hiccups)
    assert bout.interval_s == pytest.approx(6.0, abs=0.3)
    assert not found(bed, SpasmCluster)


def test_slow_swells_asleep_are_periodic_and_no_spasms(bed: Any) -> None:
    bed = bed(400)
    for at_s in np.arange(SETTLED_S, 330, 24.0):
        t = np.arange(125) / 50
        bed.add(float(at_s), 0.08 * np.sin(np.pi * t / 2.5) ** 2)
    assert found(bed, PeriodicMovements)
    assert not found(bed, SpasmCluster)


def test_a_held_step_with_tremor_is_stiffening(bed: Any) -> None:
    bed = bed(180)
    bed.turn(SETTLED_S, 0.8, 0.3)
    bed.swing(SETTLED_S, 15, hz=9.5, size_g=0.03)
    bed.turn(SETTLED_S + 15, 1.5, -0.3)
    (tonic,) = found(bed, Stiffening)
    assert tonic.tremor_hz == pytest.approx(9.5, abs=0.5)
    assert tonic.reported_s < SETTLED_S + 8


def test_a_turn_over_is_none(bed: Any) -> None:
    bed = bed(180)
    bed.toss(SETTLED_S, 4, turn_g=0.7)
    assert not found(bed, Stiffening)


@pytest.mark.parametrize(("hz", "mimic"), [(0.8, "rocked"), (1.6, "bassinet"), (2.5, "bassinet")])
def test_a_sinusoid_from_outside_is_handling(bed: Any, hz: float, mimic: str) -> None:
    bed = bed(220)
    bed.swing(SETTLED_S, 90, hz=hz)
    assert not found(bed, Rhythmic)
    assert mimic in {handling.mimic for handling in found(bed, Handling)}


def test_a_seizure_in_a_moving_bassinet_is_judged_alone(bed: Any) -> None:
    bed = bed(260)
    bed.swing(SETTLED_S, 140, hz=0.8, size_g=0.03)
    bed.run(160, 50, hz=2.6, size_g=0.12)
    assert any(run.onset_s < 175 for run in found(bed, Rhythmic))


def test_patting_needs_the_hand_that_comes_before(bed: Any) -> None:
    with_hand, without = bed(200), bed(200)
    with_hand.toss(SETTLED_S - 3, 2.5, turn_g=0.08)
    for pats in (with_hand, without):
        pats.run(SETTLED_S, 60, hz=2.2, cv=0.03)
    assert {handling.mimic for handling in found(with_hand, Handling)} == {"patted"}
    assert found(without, Rhythmic)


@pytest.mark.parametrize("hz", [1.5, 1.8, 2.2])
def test_steps_lift_the_wearer_by_centimetres(bed: Any, hz: float) -> None:
    walk = bed(220)
    walk.toss(SETTLED_S - 3, 2.5, turn_g=0.2)
    lift_g = 0.01 * (2 * np.pi * hz) ** 2 / 9.81  # 10 mm up, and 10 mm down
    t = np.arange(round(60 * GRID_HZ)) / GRID_HZ
    walk.add(SETTLED_S, lift_g * np.sin(2 * np.pi * hz * t), (0.3, 0.2, 0.93))
    for step, at_s in enumerate(SETTLED_S + np.arange(0, 60, 1 / hz)):
        walk.jerk(float(at_s), 1.5 * lift_g, (0.5, 0.6 - 1.2 * (step % 2), 0.6))
    assert not found(walk, Rhythmic)
    assert found(walk, Handling)


@pytest.mark.parametrize("hz", [1.6, 2.2, 3.0])
def test_jerks_of_a_g_lift_nobody(bed: Any, hz: float) -> None:
    bed = bed(180)
    bed.run(SETTLED_S, 40, hz=hz, size_g=1.0)
    (run,) = found(bed, Rhythmic)
    assert run.onset_s == pytest.approx(SETTLED_S, abs=1.0)


def test_shaking_is_a_vehicle(bed: Any) -> None:
    bed = bed(260)
    rows = slice(5_000, 10_000)
    shaking = np.convolve(bed.rng.standard_normal(5_000), [0.3, -0.4, 0.3, -0.2], mode="same")
    bed.accel_g[rows, 2] += 0.06 * shaking
    assert {handling.mimic for handling in found(bed, Handling)} == {"vehicle"}
    assert not found(bed, Rhythmic)


def test_a_table_has_no_breath(bed: Any) -> None:
    bed = bed(600, noise_g=0.001)
    rng = np.random.default_rng(1)
    bed.accel_g[10_000:] = np.array([0.0, 0.0, 1.0]) + 0.001 * rng.standard_normal((20_000, 3))
    (off,) = found(bed, OffBody)
    assert 190 <= off.onset_s <= 260


def test_a_clip_taken_off_is_found_at_the_same_time_wherever_a_gap_was(bed: Any) -> None:
    bed = bed(1000, noise_g=0.001)
    bed.accel_g[20_000:] = np.array([0.0, 0.0, 1.0]) + 0.001 * bed.rng.standard_normal((30_000, 3))
    holes = ((gap, gap + 60) for gap in (1234, 2500, 4321))
    one, *others = [{e.onset for e in bed.events(hole=hole) if isinstance(e, OffBody)} for hole in holes]
    assert len(one) == 1
    assert others == [one, one]


def test_a_quiet_hour_gives_states_alone(bed: Any) -> None:
    assert bed(3600).names() == []
