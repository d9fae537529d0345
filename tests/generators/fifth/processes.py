"""Stochastic processes and pulses on the grid."""

import math
from typing import Final

import numpy as np
from numpy.typing import NDArray
from scipy.interpolate import CubicSpline
from scipy.signal import iirpeak, lfilter, sosfilt

Floats = NDArray[np.float64]
Span = tuple[float, float]
FS: Final = 100.0


def log_uniform(rng: np.random.Generator, low: float, high: float) -> float:
    return float(np.exp(rng.uniform(np.log(low), np.log(high))))


def unit(rng: np.random.Generator) -> Floats:
    vector = rng.normal(size=3)
    return np.asarray(vector / np.linalg.norm(vector))


def turned(rng: np.random.Generator, vector: Floats, angle_deg: float) -> Floats:
    """Turn a unit vector by an angle, to any side."""
    aside = np.cross(vector, unit(rng))
    aside /= np.linalg.norm(aside)
    return np.asarray(np.cos(np.radians(angle_deg)) * vector + np.sin(np.radians(angle_deg)) * aside)


def wander(rng: np.random.Generator, n: int, every_s: float, columns: int = 1) -> Floats:
    """A smooth stationary process, `(n, columns)`, standard normal at knots so many seconds apart."""
    knots = max(4, math.ceil(n / FS / every_s) + 2)
    spline = CubicSpline(np.arange(knots) * every_s, rng.normal(size=(knots, columns)))
    return np.asarray(spline(np.arange(n) / FS))


def resonator(rng: np.random.Generator, n: int, hz: float, quality: float, columns: int = 1) -> Floats:
    """Autoregressive resonance driven by white noise, `(n, columns)`, rms 1."""
    b, a = iirpeak(hz, quality, fs=FS)
    driven = lfilter(b, a, rng.normal(size=(n + round(FS * quality / hz), columns)), axis=0)[-n:]
    return np.asarray(driven / max(float(driven.std()), 1e-12))


def oscillation(rng: np.random.Generator, n: int, hz: float, loose: float) -> Floats:
    """Phase of an oscillator whose frequency wanders by a share `loose`, `(n,)`, radians."""
    speed = 2 * np.pi * hz * (1 + loose * wander(rng, n, 6 / hz)[:, 0])
    return np.asarray(rng.uniform(0, 6.3) + np.cumsum(speed) / FS)


def coloured(rng: np.random.Generator, n: int, exponent: float) -> Floats:
    """1/f^a noise from 0.03 to 30 Hz, `(n,)`, rms 1: a ladder of poles and zeros two octaves apart."""
    poles_hz = 0.03 * 4.0 ** np.arange(6)
    poles, zeros = (np.exp(-2 * np.pi * f / FS) for f in (poles_hz, poles_hz * 4 ** (exponent / 2)))
    one, nought = np.ones(6), np.zeros(6)
    noise = sosfilt(np.stack([one, -zeros, nought, one, -poles, nought], axis=1), rng.normal(size=n))
    return np.asarray(noise / noise.std())


def renewal(rng: np.random.Generator, span: Span, interval_s: float, cv: float) -> list[float]:
    """Times of a gamma renewal process; CV 0 is a clock."""
    times, at_s = [], span[0]
    while at_s < span[1]:
        times.append(at_s)
        shape = 1 / max(cv, 1e-3) ** 2
        at_s += float(rng.gamma(shape, interval_s / shape))
    return times


def hawkes(rng: np.random.Generator, span: Span, rate_hz: float, branching: float, delay_s: float) -> list[float]:
    """Times of a self-exciting process: each pulse has P(branching) children, G(3) seconds later."""
    waiting = list(rng.uniform(*span, size=rng.poisson(rate_hz * (span[1] - span[0]))))
    times = []
    while waiting:
        at_s = waiting.pop()
        times.append(float(at_s))
        children = at_s + rng.gamma(3.0, delay_s / 3, size=rng.poisson(branching))
        waiting += [child for child in children if child < span[1]]
    return sorted(times)


def pulse_shape(rng: np.random.Generator, width_s: float) -> tuple[Floats, Floats]:
    """One member of the family of pulses: seconds, and values without a lasting change of speed."""
    family = rng.integers(4)
    sigma_s = width_s / 2
    time_s = np.arange(0, 8 * width_s + 0.2, 0.002)
    x = (time_s - 2.5 * sigma_s) / sigma_s
    if family == 0:
        values = -x * np.exp(-(x**2) / 2)
    elif family == 1:
        fall_s = width_s * rng.uniform(1.2, 3)
        values = np.exp(-time_s / sigma_s) / sigma_s - np.exp(-time_s / fall_s) / fall_s
    elif family == 2:
        later = x - rng.uniform(2, 3.5)
        values = x * np.exp(-(x**2) / 2) + rng.choice([-1, 1]) * rng.uniform(0.4, 1) * later * np.exp(-(later**2) / 2)
    else:
        values = np.cos(2 * np.pi * rng.uniform(4, 11) * (time_s - 2.5 * sigma_s)) * np.exp(-(x**2) / 2)
    values[time_s > time_s[-1] - 0.03] = 0
    smooth = np.convolve(values, np.hanning(13), mode="full")[: len(time_s)]  # nothing sharper than the grid
    return time_s, np.asarray(smooth)
