"""What holds for every scenario: seeds, labels, splits, the sensor's limits."""

import dataclasses
import hashlib
import itertools
from pathlib import Path

import numpy as np
import pytest

from processing.labels import OWN, STATES
from sensor.simulator import CASES, SCENARIOS, Simulation, case, cases, nights, play
from sensor.simulator.shapes import SHAPES
from sensor.simulator.simulation import scenario_named
from sensor.simulator.splits import SPLITS, TEST, TRAIN, Either, Span
from sensor.simulator.wearer import draw_sensor

NIGHTS = sorted(set(SCENARIOS) - {name.replace("_", "-") for name in CASES})


def fingerprint(simulation: Simulation) -> str:
    digest = hashlib.sha256(simulation.time_s.tobytes() + simulation.accel_g.tobytes())
    return digest.hexdigest() + repr(simulation.labels)


@pytest.fixture(scope="module")
def a_night() -> Simulation:
    return next(nights("train", 1, seed=4))


@pytest.mark.parametrize("split", ["train", "test"])
@pytest.mark.parametrize("kind", CASES)
def test_every_kind_is_a_valid_labelled_stream(kind: str, split: str) -> None:
    simulation = case(split, kind, 0, seed=11)
    assert_valid(simulation)
    assert any(x.kind not in STATES for x in simulation.labels) or kind == "quiet"


def assert_valid(simulation: Simulation) -> None:
    assert simulation.accel_g.shape == (len(simulation.time_s), 3)
    assert np.isfinite(simulation.accel_g).all()
    assert (np.diff(simulation.time_s) > 0).all()
    steps = simulation.accel_g / simulation.resolution_g
    assert np.allclose(steps, np.round(steps), atol=1e-6)
    end_s = simulation.time_s[-1] + 1 / float(simulation.facts["true_rate_hz"])
    assert all(x.end_s <= end_s + 1e-6 and x.kind in OWN and x.detail.split() == [x.detail] for x in simulation.labels)
    assert_states_cover(simulation, end_s)


def assert_states_cover(simulation: Simulation, end_s: float) -> None:
    states = [x for x in simulation.labels if x.kind in STATES]
    assert states[0].onset_s == 0
    assert states[-1].end_s == pytest.approx(end_s)
    for before, after in itertools.pairwise(states):
        assert before.end_s == pytest.approx(after.onset_s)
        assert before.kind != after.kind


def test_a_seed_gives_the_same_bits_and_another_seed_others() -> None:
    first, again = (case("train", "spasms", 3, seed=5) for _ in range(2))
    assert fingerprint(first) == fingerprint(again)
    others = [case("train", "spasms", 3, seed=6), case("train", "spasms", 4, seed=5), case("test", "spasms", 3, seed=5)]
    assert len({fingerprint(x) for x in (first, *others)}) == 4


def test_cases_are_numbered_and_can_be_drawn_alone() -> None:
    third = list(cases("test", "twitches", n=3, seed=1))[2]
    assert third.name == "twitches-2"
    assert fingerprint(third) == fingerprint(case("test", "twitches", 2, seed=1))


def test_an_unknown_kind_is_named() -> None:
    with pytest.raises(ValueError, match="no scenario 'yawning'"):
        case("train", "yawning", 0, seed=0)


def test_a_night_is_a_valid_labelled_stream_of_8_to_12_hours(a_night: Simulation) -> None:
    assert_valid(a_night)
    assert 8 * 3600 <= a_night.time_s[-1] + 0.2 <= 12 * 3600


def test_a_night_is_mostly_slept_with_wakings_and_holds_no_concern(a_night: Simulation) -> None:
    asleep_s = sum(x.duration_s for x in a_night.labels if x.kind == "asleep")
    assert 0.5 < asleep_s / a_night.time_s[-1] < 0.98
    assert sum(x.kind == "awake" for x in a_night.labels) >= 2
    assert not {x.kind for x in a_night.labels} & {
        "rhythmic", "spasm_cluster", "stiffening", "persists_after_waking", "gap", "off_body",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("name", "kind", "state"),
    [
        ("night-rhythmic-asleep", "rhythmic", "asleep"),
        ("night-rhythmic-awake", "rhythmic", "awake"),
        ("night-spasms", "spasm_cluster", "awake"),
        ("night-stiffening", "stiffening", "asleep"),
        ("night-persists", "persists_after_waking", "awake"),
    ],
)
@pytest.mark.parametrize("number", range(3))
def test_a_concerning_night_holds_its_concern_once_in_its_state(name: str, kind: str, state: str, number: int) -> None:
    simulation = at_10_hz(name, number)
    found = [x for x in simulation.labels if x.kind == kind]
    assert len(found) == 1
    middle_s = found[0].onset_s + found[0].duration_s / 2
    around = next(x for x in simulation.labels if x.kind in STATES and x.onset_s <= middle_s < x.end_s)
    assert around.kind == state


def at_10_hz(name: str, number: int) -> Simulation:
    sensor = dataclasses.replace(draw_sensor(np.random.default_rng(0), TRAIN), rate_hz=10.0, true_rate_hz=10.0)
    return play(SCENARIOS[name], split="train", seed=(number,), sensor=sensor)


def test_nothing_goes_beyond_the_sensors_range() -> None:
    sensor = dataclasses.replace(
        draw_sensor(np.random.default_rng(0), TRAIN), range_g=0.5, rate_hz=25.0, true_rate_hz=25.0
    )
    simulation = play(SCENARIOS["awake"], split="train", seed=(1,), sensor=sensor)
    assert np.abs(simulation.accel_g).max() <= 0.5
    assert (np.abs(simulation.accel_g) > 0.49).any()


def test_the_splits_share_no_seed_shape_cloth_or_resolution() -> None:
    assert TRAIN.key != TEST.key
    assert not set(TRAIN.shapes) & set(TEST.shapes)
    assert set(TRAIN.shapes) | set(TEST.shapes) == set(SHAPES)
    assert not set(TRAIN.resolution_mg) & set(TEST.resolution_mg)
    for name in ("ring_hz", "ring_decay_s"):
        assert disjoint(getattr(TRAIN, name), getattr(TEST, name))


def disjoint(one: Span | Either, other: Span | Either) -> bool:
    a, b = ((x.spans if isinstance(x, Either) else (x,)) for x in (one, other))
    return all(p.high <= q.low or q.high <= p.low for p in a for q in b)


def test_where_they_overlap_the_test_split_is_wider() -> None:
    names = [f.name for f in dataclasses.fields(TRAIN) if isinstance(getattr(TRAIN, f.name), Span)]
    for name in set(names) - {"ring_hz", "ring_decay_s"}:
        train, test = getattr(TRAIN, name), getattr(TEST, name)
        assert test.low <= train.low <= train.high <= test.high, name


def test_the_documented_table_is_the_one_in_force() -> None:
    text = (Path(__file__).parents[2] / "docs" / "simulator.md").read_text()
    for field in dataclasses.fields(TRAIN):
        train, test = (told(getattr(split, field.name)) for split in (TRAIN, TEST))
        assert f"| `{field.name}` | {train} | {test} |" in text


def told(value: object) -> str:
    match value:
        case Span(low=low, high=high) if low == high:
            return f"{low:g}"
        case Span(low=low, high=high, log=log):
            return f"{low:g} to {high:g}" + ", log" * log
        case Either(spans=spans):
            return " or ".join(map(told, spans))
        case tuple():
            return ", ".join(map(told, value))
        case str():
            return value
    return f"{value:g}"


def test_draws_stay_in_their_range() -> None:
    rng = np.random.default_rng(0)
    for span in (Span(2, 3), Span(0.1, 10, log=True)):
        draws = [span.draw(rng) for _ in range(200)]
        assert span.low <= min(draws) < max(draws) <= span.high
    middle = np.median([Span(0.1, 10, log=True).draw(rng) for _ in range(2000)])
    assert 0.7 < middle < 1.4


def test_sensors_differ_in_rate_noise_step_offset_and_mounting() -> None:
    rng = np.random.default_rng(0)
    for split in SPLITS.values():
        sensors = [draw_sensor(rng, split) for _ in range(100)]
        assert {x.rate_hz for x in sensors} == set(split.rates_hz)
        assert {round(x.resolution_g * 1000, 3) for x in sensors} == set(split.resolution_mg)
        assert all(abs(x.true_rate_hz / x.rate_hz - 1) <= split.rate_error.high + 1e-9 for x in sensors)
        for x in sensors:
            assert np.allclose(x.mounting @ x.mounting.T, np.eye(3))
            assert np.linalg.det(x.mounting) == pytest.approx(1)


def test_a_scenario_may_be_written_with_hyphens_or_underscores() -> None:
    assert scenario_named("rhythmic_asleep") is scenario_named("rhythmic-asleep") is SCENARIOS["rhythmic-asleep"]
