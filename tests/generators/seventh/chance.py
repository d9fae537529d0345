"""Chance as bodies make it: drifts over many time scales, hands that keep time, directions that waver."""

from collections.abc import Iterator

import numpy as np

from tests.generators.seventh.mechanics import HZ, Floats, cross


def wander(rng: np.random.Generator, n: int, *, slowest: float, fastest: float) -> Floats:
    """Draw n values of mean 0 and standard deviation near 1 with power near 1/f: an octave's knots at equal strength.

    Args:
        rng: source of chance.
        n: number of values.
        slowest: rows between the knots of the slowest octave.
        fastest: the same of the fastest.
    """
    total, octaves, every = np.zeros(n), 0, max(fastest, 1.0)
    while every <= max(slowest, fastest):
        knots = rng.normal(size=int(n / every) + 3)
        total += np.interp(np.arange(n) / every + rng.random(), np.arange(len(knots)), knots)
        octaves, every = octaves + 1, every * 3
    return np.asarray(total / np.sqrt(max(octaves, 1)) * 1.2)


def phase(rng: np.random.Generator, n: int, hz: float | Floats, cv: float) -> Floats:
    """Draw the phase, in turns, of an oscillator whose rate drifts."""
    rate = hz * np.exp(cv * wander(rng, n, slowest=60 * HZ, fastest=1.5 * HZ))
    return np.cumsum(rate) / HZ + rng.random()


def hands(rng: np.random.Generator, onset_s: float, end_s: float, hz: float) -> Iterator[float]:
    """Draw the times at which a person strikes: a clock with 1/f drift, and each strike a little early or late."""
    clock = rng.uniform(0.015, 0.06) * wander(rng, int(4 * (end_s - onset_s) * hz) + 9, slowest=100, fastest=1)
    early_s, at_s = rng.uniform(0.004, 0.02), onset_s
    for slow in clock:
        if at_s >= end_s:
            return
        yield at_s + early_s * rng.normal()
        at_s += np.exp(slow) / hz


def spells(
    rng: np.random.Generator, onset_s: float, end_s: float, *, on_s: float, off_s: float, sigma: float = 0.7
) -> Iterator[tuple[float, float]]:
    """Alternate activity and rest, both lognormal about their medians; activity comes first."""
    at_s = onset_s
    while at_s < end_s - 0.5:
        until_s = min(end_s, at_s + on_s * rng.lognormal(0, sigma))
        yield at_s, until_s
        at_s = until_s + off_s * rng.lognormal(0, sigma)


def between(rng: np.random.Generator, low: float, high: float) -> float:
    """Draw evenly on a logarithmic scale."""
    return float(np.exp(rng.uniform(np.log(low), np.log(high))))


def direction(rng: np.random.Generator) -> Floats:
    """Draw a direction in space, a unit vector."""
    vector = rng.normal(size=3)
    return np.asarray(vector / np.linalg.norm(vector))


def wavering(rng: np.random.Generator, vector: Floats, degrees: float) -> Floats:
    """Turn a vector about a chance axis by a chance angle of this standard deviation."""
    across = cross(vector, direction(rng))
    angle = np.radians(degrees) * rng.normal()
    size = max(float(np.linalg.norm(across)), 1e-9)
    return np.asarray(np.cos(angle) * vector + np.sin(angle) * across / size * np.linalg.norm(vector))
