"""Small signals that hold one thing each, for the tests of the parts."""

from collections.abc import Callable

import numpy as np
import pytest
from numpy.typing import NDArray

from processing.samples import GRID_HZ, Samples

Floats = NDArray[np.float64]
Night = Callable[..., Floats]


def still(rng: np.random.Generator, lasts_s: float, noise_g: float = 0.0015) -> Floats:
    """A clip on a quiet baby: gravity, breathing of 3 mg at 0.6 Hz, and noise, `(n, 3)` g."""
    rows = round(lasts_s * GRID_HZ)
    breath = 0.003 * np.sin(2 * np.pi * 0.6 * np.arange(rows) / GRID_HZ)
    return np.array([0.1, 0.2, 0.97]) + breath[:, None] * [0.3, 0.9, 0.1] + noise_g * rng.standard_normal((rows, 3))


def jerk(accel_g: Floats, at_s: float, size_g: float = 0.06, way: tuple[float, float, float] = (1.0, 0.2, 0.0)) -> None:
    """Add a jerk: a pulse of 80 ms that rings at 7 Hz in the cloth."""
    t = np.arange(30) / GRID_HZ
    shape = np.where(t < 0.08, np.sin(np.pi * t / 0.08), 0) + 0.5 * np.exp(-t / 0.1) * np.sin(2 * np.pi * 7 * t)
    first = round(at_s * GRID_HZ)
    accel_g[first : first + 30] += size_g * shape[: len(accel_g) - first, None] * np.array(way)


def tossing(rng: np.random.Generator, accel_g: Floats, at_s: float, lasts_s: float, turn_g: float = 0.2) -> None:
    """Add whole-body movement: slow irregular swings and another posture after it."""
    first, rows = round(at_s * GRID_HZ), round(lasts_s * GRID_HZ)
    knots = np.arange(0, rows, 12)
    for axis in range(3):
        wave = np.interp(np.arange(rows), knots, 0.12 * rng.standard_normal(len(knots)))
        accel_g[first : first + rows, axis] += wave * np.sin(np.pi * np.arange(rows) / rows)
    ramp = np.clip((np.arange(len(accel_g)) - first) / rows, 0, 1)
    accel_g[:, 0] += turn_g * ramp


@pytest.fixture
def eventful() -> Floats:
    """Six minutes: sleep, a burst, a run asleep, waking, and jerking that goes on."""
    rng = np.random.default_rng(3)
    accel_g = still(rng, 360)
    for at_s in (90.0, 91.1, 92.9):
        jerk(accel_g, at_s)
    at_s = 150.0
    while at_s < 190:
        jerk(accel_g, at_s, size_g=0.06 * float(rng.uniform(0.8, 1.2)))
        at_s += 0.45 * float(rng.uniform(0.93, 1.07))
    while at_s < 230:
        jerk(accel_g, at_s)
        at_s += 0.45
    tossing(rng, accel_g, 192, 3)
    return accel_g


@pytest.fixture
def as_samples() -> Callable[[Floats], Samples]:
    """Wrap rows as samples from row 0."""
    return lambda accel_g: Samples(start=0, accel_g=accel_g.copy())
