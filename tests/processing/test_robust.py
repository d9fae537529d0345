"""Whatever the clip feels, and whenever: the detector raises nothing, and every number in an event is finite."""

import json
from typing import Any

import msgspec
import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from processing.detector import Detector
from processing.events import Event, Stiffening
from processing.samples import GRID_HZ, Samples

Floats = NDArray[np.float64]

SEEN_BEFORE_S = 2.0
"""What begins earlier than one window into a stream is dated by the first window that is whole."""

PIECES = st.lists(
    st.tuples(
        st.sampled_from(["still", "tremor", "turn", "jerks", "sway", "toss", "stuck", "rail"]),
        st.floats(0.3, 12),
        st.floats(0.002, 3),
    ),
    min_size=1,
    max_size=14,
)


def _piece(what: str, lasts_s: float, size_g: float, rng: np.random.Generator) -> Floats:
    """One stretch of movement, about no posture; size in g."""
    t = np.arange(max(round(lasts_s * GRID_HZ), 1)) / GRID_HZ
    way = rng.standard_normal(3)
    way /= np.linalg.norm(way)
    waves: dict[str, Floats] = {
        "tremor": np.sin(2 * np.pi * rng.uniform(5, 12) * t),
        "turn": np.minimum(t / 0.4, 1),
        "jerks": np.maximum(np.sin(2 * np.pi * rng.uniform(0.5, 5) * t), 0) ** 8,
        "sway": np.sin(2 * np.pi * rng.uniform(0.3, 1.5) * t),
        "rail": np.full(len(t), 1e3),
    }
    wave = waves.get(what, np.zeros(len(t)))[:, None] * way * size_g
    if what == "toss":
        wave = size_g * rng.standard_normal((len(t), 3)).cumsum(axis=0) / GRID_HZ
    return wave if what == "stuck" else wave + 0.0015 * rng.standard_normal((len(t), 3))


def _events(pieces: list[tuple[str, float, float]], holes_s: list[float], seed: int) -> list[Event]:
    """Push the pieces one behind the other; each posture is where the last one ended."""
    rng, detector, start = np.random.default_rng(seed), Detector(), 0
    posture, out = np.array([0.0, 0.3, 0.95]), []
    for k, (what, lasts_s, size_g) in enumerate(pieces):
        wave = _piece(what, lasts_s, size_g, rng)
        accel_g = np.clip(posture + wave, -16, 16)
        if what == "turn":
            posture = accel_g[-1]
        out += detector.push(Samples(start=start, accel_g=accel_g))
        start += len(accel_g) + round(holes_s[k % len(holes_s)] * GRID_HZ)
    return out + detector.close()


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    pieces=PIECES,
    holes_s=st.lists(st.sampled_from([0, 0, 0, 0.4, 3, 100]), min_size=1, max_size=5),
    seed=st.integers(0, 999),
)
def test_any_stream(pieces: list[tuple[str, float, float]], holes_s: list[float], seed: int) -> None:
    for event in _events(pieces, holes_s, seed):
        json.dumps(msgspec.to_builtins(event), allow_nan=False)
        assert event.onset <= event.reported <= event.updated


@pytest.mark.parametrize("at_s", np.arange(0.5, 6, 0.5))
def test_a_stiffening_in_the_first_seconds(bed: Any, at_s: float) -> None:
    baby = bed(20)
    baby.turn(at_s, 0.6, 0.3)
    baby.swing(at_s, 12, 8, 0.1)
    onset = next(event.onset for event in baby.events() if isinstance(event, Stiffening))
    assert onset >= at_s * GRID_HZ
    assert at_s < SEEN_BEFORE_S or onset < (at_s + 0.5) * GRID_HZ
