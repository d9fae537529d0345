"""Mechanics: body parts as masses on springs, driven by muscle force; cloth between the body and the clip.

A part of mass 1 obeys x'' + 2 d w x' + w^2 x = F(t). The clip feels the part's acceleration x'' through the cloth, a
second-order low pass of its own on each axis, and turns with the displacement x over a lever. So one force makes both
the jolt and the tilt that goes with it, and a force that stays makes a tilt that stays.
"""

from dataclasses import dataclass

import numpy as np
from scipy.signal import butter, lfilter

from .case import Floats

SIM_HZ = 120.0
"""Rate of the mechanics: above every clip's rate, so that the clip decides what is lost."""

GRAVITY = 9.80665
_AXES = range(3)
_K = 2 * SIM_HZ


def unit(rng: np.random.Generator) -> Floats:
    """Draw a direction, `(3,)`, uniform on the sphere."""
    v = rng.normal(size=3)
    return np.asarray(v / np.linalg.norm(v))


def loguniform(rng: np.random.Generator, low: float, high: float) -> float:
    """Draw a number whose logarithm is uniform."""
    return float(np.exp(rng.uniform(np.log(low), np.log(high))))


def lognormal(rng: np.random.Generator, median: float, sigma: float, low: float, high: float) -> float:
    """Draw from a log-normal distribution cut at `low` and `high`."""
    return float(np.clip(median * np.exp(sigma * rng.normal()), low, high))


def rotate(vectors: Floats, turns: Floats) -> Floats:
    """Rotate `vectors` (n, 3) by rotation vectors `turns` (n, 3), rad (Rodrigues)."""
    angle = np.linalg.norm(turns, axis=-1, keepdims=True)
    axis = turns / np.maximum(angle, 1e-12)
    along = np.sum(axis * vectors, axis=-1, keepdims=True)
    cosine = np.cos(angle)
    return np.asarray(vectors * cosine + np.cross(axis, vectors) * np.sin(angle) + axis * along * (1 - cosine))


@dataclass(frozen=True, eq=False)
class Part:
    """A part of the body, and how the clip hangs on it."""

    natural_hz: float
    damping: float
    lever_m: float
    normal: Floats
    coupling: Floats


@dataclass(frozen=True, eq=False)
class Cloth:
    """What lies between body and clip, per axis."""

    natural_hz: Floats
    damping: Floats


def draw_part(rng: np.random.Generator, low_hz: float, high_hz: float) -> Part:
    """Draw a part whose natural frequency lies between the two."""
    return Part(
        natural_hz=loguniform(rng, low_hz, high_hz),
        damping=rng.uniform(0.25, 0.8),
        lever_m=loguniform(rng, 0.06, 0.4),
        normal=unit(rng),
        coupling=np.eye(3) + 0.3 * rng.normal(size=(3, 3)),
    )


def draw_cloth(rng: np.random.Generator) -> Cloth:
    """Draw a sleeping sack: tight (14 Hz) to loose (4 Hz)."""
    return Cloth(natural_hz=np.exp(rng.uniform(np.log(4), np.log(14), 3)), damping=rng.uniform(0.3, 0.9, 3))


def _poles(natural_hz: float, damping: float) -> tuple[Floats, float]:
    """Give the denominator (3,) of s^2 + 2 d w s + w^2 after the bilinear transform, and w."""
    w = 2 * np.pi * natural_hz
    return np.array(
        [_K * _K + 2 * damping * w * _K + w * w, 2 * (w * w - _K * _K), _K * _K - 2 * damping * w * _K + w * w]
    ), w


def respond(part: Part, cloth: Cloth, force: Floats) -> tuple[Floats, Floats]:
    """Let `force` (n, 3), m/s^2 on a part of mass 1, act; give acceleration (n, 3), g, and tilt (n, 3), rad."""
    pushed = force @ part.coupling.T
    poles, _ = _poles(part.natural_hz, part.damping)
    shift = np.asarray(lfilter(np.array([1.0, 2.0, 1.0]) / poles[0], poles / poles[0], pushed, axis=0))
    jolt = np.asarray(lfilter(_K * _K * np.array([1.0, -2.0, 1.0]) / poles[0], poles / poles[0], pushed, axis=0))
    for i in _AXES:
        poles, w = _poles(float(cloth.natural_hz[i]), float(cloth.damping[i]))
        zeros = w * w * np.array([1.0, 2.0, 1.0])
        jolt[:, i] = lfilter(zeros / poles[0], poles / poles[0], jolt[:, i])
        shift[:, i] = lfilter(zeros / poles[0], poles / poles[0], shift[:, i])
    return jolt / GRAVITY, np.cross(part.normal, shift) / part.lever_m


def twitch(width_s: float, rise: float) -> Floats:
    """Give the force of one contraction, peak 1: a quick rise (share `rise` of its width) and a slower release."""
    u = (np.arange(max(3, round(width_s * SIM_HZ))) + 0.5) / max(3, round(width_s * SIM_HZ))
    return np.asarray(np.sin(np.pi / 2 * np.where(u < rise, u / rise, (1 - u) / (1 - rise))) ** 2)


def pulses(times_s: Floats, widths_s: Floats, vectors: Floats, seconds: float) -> Floats:
    """Give the force (n, 3) of contractions that begin at `times_s` (m,) with vectors (m, 3)."""
    force = np.zeros((round(seconds * SIM_HZ), 3))
    for t, width, vector in zip(times_s, widths_s, vectors, strict=True):
        i = round(float(t) * SIM_HZ)
        shape = twitch(float(width), 0.3)[: max(0, len(force) - i)]
        force[i : i + len(shape)] += shape[:, None] * vector
    return force


def restless(rng: np.random.Generator, seconds: float, cutoff_hz: float) -> Floats:
    """Give the force (n, 3) of irregular movement: low-passed noise, of about 1 rms, that swells and ebbs."""
    n = max(4, round(seconds * SIM_HZ))
    b, a = butter(2, cutoff_hz, fs=SIM_HZ)
    noise = np.asarray(lfilter(b, a, rng.normal(size=(n, 3)), axis=0)) * np.sqrt(SIM_HZ / 2 / cutoff_hz)
    beats = max(2, int(seconds * rng.uniform(0.4, 1.2)) + 2)
    swell = np.interp(np.linspace(0, beats - 1, n), np.arange(beats), rng.gamma(1.5, 1 / 1.5, beats))
    ends = np.minimum(1, np.minimum(np.arange(n), np.arange(n)[::-1]) / (0.3 * SIM_HZ))
    return np.asarray(noise * (swell * ends)[:, None])


def band_noise(rng: np.random.Generator, n: int, low_hz: float, high_hz: float) -> Floats:
    """Give noise (n,) of 1 rms between two frequencies: tremor, roads."""
    b, a = butter(2, [low_hz, high_hz], "bandpass", fs=SIM_HZ)
    noise = np.asarray(lfilter(b, a, rng.normal(size=n + 60)))[60:]
    return np.asarray(noise / max(float(np.std(noise)), 1e-9))


def wander(rng: np.random.Generator, n: int, every_s: float) -> Floats:
    """Give a smooth random course (n,), about 1 rms, that changes over `every_s` seconds."""
    knots = int(n / SIM_HZ / every_s) + 3
    return np.asarray(np.interp(np.arange(n) / SIM_HZ / every_s, np.arange(knots), rng.normal(size=knots)))
