"""What a clip's mounting, rate, step, range, noise, offset and losses must not change."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from processing.events import Event
from processing.samples import GRID_HZ

Detect = Callable[..., list[Event]]
CONCERNING = {"rhythmic", "persists_after_waking"}
PATIENT = settings(max_examples=8, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


def concerning(events: list[Event]) -> dict[str, float]:
    """Onset of the first event of each concerning kind."""
    first: dict[str, float] = {}
    for event in events:
        if event.name in CONCERNING:
            first.setdefault(event.name, event.onset_s)
    return first


def same(found: dict[str, float]) -> bool:
    return (
        found.keys() == CONCERNING
        and abs(found["rhythmic"] - 150) < 2
        and abs(found["persists_after_waking"] - 192) < 3
    )


@PATIENT
@given(seed=st.integers(0, 10_000))
def test_rotation_of_the_clip(eventful: Any, seed: int) -> None:
    rotation = np.linalg.qr(np.random.default_rng(seed).standard_normal((3, 3)))[0]
    eventful.accel_g = eventful.accel_g @ rotation
    assert same(concerning(eventful.events()))


@pytest.mark.parametrize("rate_hz", [25.0, 26.2, 48.0, 50.0, 52.5, 100.0, 104.0, 200.0])
@pytest.mark.parametrize("resolution_g", [0.0, 0.002, 0.008])
def test_rate_and_resolution(eventful: Any, detect: Detect, rate_hz: float, resolution_g: float) -> None:
    assert same(concerning(detect(*eventful.felt(rate_hz, resolution_g))))


def test_a_step_of_16_mg(eventful: Any, detect: Detect) -> None:
    assert "rhythmic" in concerning(detect(*eventful.felt(50.0, 0.0156)))


@PATIENT
@given(offset=st.tuples(*[st.floats(-0.08, 0.08)] * 3), clip=st.sampled_from([2.0, 1.05]))
def test_offset_and_clipping(eventful: Any, offset: tuple[float, float, float], clip: float) -> None:
    eventful.accel_g = np.clip(eventful.accel_g + np.array(offset), -clip, clip)
    assert "rhythmic" in concerning(eventful.events())


@pytest.mark.parametrize("noise_g", [0.001, 0.003, 0.005])
def test_noise(bed: Any, noise_g: float) -> None:
    bed = bed(220, noise_g=noise_g)
    bed.run(120, 60)
    assert abs(concerning(bed.events())["rhythmic"] - 120) < 2


@PATIENT
@given(seed=st.integers(0, 10_000))
@example(seed=615)  # a hole of 1.2 s, which is a gap, if holes were left longer than a second
@example(seed=258)
def test_a_fifth_of_the_packets_lost(eventful: Any, detect: Detect, seed: int) -> None:
    rng = np.random.default_rng(seed)
    time_s, rows = eventful.felt(50.0)
    packets = np.arange(len(time_s)) // 10
    lost = rng.random(packets[-1] + 1) < 0.2
    for first in range(len(lost) - 4):
        lost[first + 4] &= not lost[first : first + 4].all()  # holes of 0.8 s at most: a longer one is a gap
    kept = ~lost[packets]
    found = concerning(detect(time_s[kept], rows[kept]))
    assert "rhythmic" in found
    assert abs(found["rhythmic"] - 150) < 10


@pytest.mark.parametrize("rate_hz", [10.0, 25.0, 50.0, 100.0])
@pytest.mark.parametrize("jitter", [0.0, 0.3])
def test_a_file_cut_where_an_event_was_reported_gives_the_same(
    eventful: Any, detect: Detect, rate_hz: float, jitter: float
) -> None:
    time_s, rows = eventful.felt(rate_hz)
    rng = np.random.default_rng(5)
    time_s = np.maximum(0, time_s + jitter / rate_hz * rng.uniform(-0.5, 0.5, len(time_s)))
    whole = detect(time_s, rows)
    for event in {e.id: e for e in whole}.values():
        kept = time_s <= event.reported / GRID_HZ
        cut = {(e.name, e.onset, e.reported) for e in detect(time_s[kept], rows[kept])}
        assert (event.name, event.onset, event.reported) in cut
