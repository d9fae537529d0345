"""Movements that come back, and bursts that wait until it is known what they were part of."""

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from processing.bursts import CONTEXT_S
from processing.events import Event, Hiccups, MyoclonicBurst, PeriodicMovements
from processing.repeats import HICCUPS, PERIODIC, Chain, RepeatSettings, Unit
from processing.samples import GRID_HZ
from tests.processing.conftest import last_snapshots

SETTLED_S = 120.0


def found(bed: Any, kind: type[Event]) -> list[Any]:
    return [event for event in last_snapshots(bed.events()) if isinstance(event, kind)]


def best(times_s: list[float], kind: RepeatSettings, way: tuple[float, float, float] = (1.0, 0.0, 0.0)) -> float:
    """The largest score of a train of like movements, over what is asked for."""
    chain = Chain(kind)
    links = [chain.push(Unit(round(t * GRID_HZ), round((t + 0.5) * GRID_HZ), (0.05,), (way,), 1)) for t in times_s]
    return max((link.score - kind.over for link in links if link.count >= kind.count), default=-np.inf)


@pytest.mark.parametrize("every_s", [2.0, 4.0, 8.0, 15.0])
def test_an_uneven_train_with_missed_jolts_is_hiccups(every_s: float) -> None:
    rng = np.random.default_rng(1)
    times_s = np.cumsum(every_s * np.exp(0.15 * rng.standard_normal(24)))
    assert best([t for k, t in enumerate(times_s) if k % 5 != 4], HICCUPS) > 0


@pytest.mark.parametrize("every_s", [12.0, 25.0, 50.0, 80.0])
def test_an_uneven_train_is_periodic(every_s: float) -> None:
    rng = np.random.default_rng(2)
    assert best(list(np.cumsum(every_s * np.exp(0.15 * rng.standard_normal(10)))), PERIODIC) > 0


@pytest.mark.parametrize("kind", [HICCUPS, PERIODIC])
@pytest.mark.parametrize("per_s", [0.02, 0.1, 0.4])
def test_chance_seldom_looks_like_a_train(kind: RepeatSettings, per_s: float) -> None:
    opened = 0
    for seed in range(40):
        rng = np.random.default_rng(seed)
        opened += best(list(np.cumsum(rng.exponential(1 / per_s, 12))), kind) > 0
    assert opened <= 6


def test_movements_that_swell_are_sooner_periodic_than_twitches() -> None:
    def score(sway_g: float) -> float:
        chain = Chain(PERIODIC)
        ways = ((1.0, 0.0, 0.0),) * 2
        return [chain.push(Unit(k, k + 60, (0.02, sway_g), ways, 1)).score for k in range(0, 6000, 1500)][-1]

    assert score(0.05) > score(0.02) + 0.5 > score(0.01) + 1.0


@given(st.lists(st.floats(0.0, 6.28), min_size=12, max_size=12))
@settings(max_examples=30)
def test_the_score_does_not_depend_on_the_sign_of_a_direction(angles: list[float]) -> None:
    def score(sign: int) -> list[float]:
        chain = Chain(HICCUPS)
        ways = [(np.cos(a), np.sin(a), 0.0) for a in angles]
        flip = [sign if k % 2 else 1 for k in range(len(ways))]
        units = [
            Unit(300 * k, 300 * k + 10, (0.05,), ((f * x, f * y, f * z),), 1)
            for k, (f, (x, y, z)) in enumerate(zip(flip, ways, strict=True))
        ]
        return [chain.push(unit).score for unit in units]

    assert score(1) == score(-1)


def test_jolts_that_hold_a_posture_are_no_hiccups(bed: Any) -> None:
    bed = bed(300)
    for at_s in np.arange(SETTLED_S, 260, 9.0):
        bed.contraction(float(at_s), tilt_g=0.1, hold_s=1.2)
    assert not found(bed, Hiccups)


def test_no_two_bouts_share_a_movement(bed: Any) -> None:
    bed = bed(420)
    for at_s in (*np.arange(SETTLED_S, 200, 6.0), *np.arange(260, 400, 6.0)):
        bed.jerk(float(at_s))
    bouts = found(bed, Hiccups)
    assert len(bouts) == 2
    assert bouts[0].end < bouts[1].onset


def test_hiccups_are_no_bursts(bed: Any) -> None:
    bed = bed(300)
    for at_s in np.arange(SETTLED_S, 240, 6.0):
        bed.jerk(float(at_s))
    assert found(bed, Hiccups)
    assert not found(bed, MyoclonicBurst)


def test_a_burst_after_the_last_hiccup_is_told(bed: Any) -> None:
    bed = bed(420)
    for at_s in np.arange(SETTLED_S, 240, 6.0):
        bed.jerk(float(at_s))
    bed.jerk(254.0, way=(0.0, 0.6, 0.8))
    bed.jerk(255.0, way=(0.0, 0.6, 0.8))
    (burst,) = found(bed, MyoclonicBurst)
    assert burst.onset_s == pytest.approx(254, abs=0.2)


def test_a_burst_is_told_on_time_though_nothing_follows(bed: Any) -> None:
    bed = bed(400)
    bed.jerk(300.0)
    (burst,) = found(bed, MyoclonicBurst)
    assert burst.reported_s - burst.end_s == pytest.approx(CONTEXT_S, abs=1)


def test_periodic_movements_are_told_beside_a_burst(bed: Any) -> None:
    bed = bed(460)
    for at_s in np.arange(SETTLED_S, 400, 24.0):
        t = np.arange(125) / 50
        bed.add(float(at_s), 0.08 * np.sin(np.pi * t / 2.5) ** 2)
    bed.jerk(SETTLED_S + 5 * 24 + 11, way=(0.0, 0.6, 0.8))
    assert found(bed, PeriodicMovements)
    (burst,) = found(bed, MyoclonicBurst)
    assert burst.onset_s == pytest.approx(SETTLED_S + 5 * 24 + 11, abs=0.2)


def test_jerks_within_a_movement_that_turns_the_body_are_no_burst(bed: Any) -> None:
    bed = bed(200)
    bed.toss(SETTLED_S, 4, turn_g=0.3)
    for at_s in (SETTLED_S + 0.8, SETTLED_S + 1.9, SETTLED_S + 2.7):
        bed.jerk(at_s)
    assert not found(bed, MyoclonicBurst)
