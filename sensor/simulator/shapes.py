"""Waveforms: the pulse of one jerk, the ringing of the cloth it goes through, and noise of a band."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

import numpy as np
from numpy.typing import NDArray
from scipy.interpolate import CubicSpline
from scipy.signal import butter, sosfilt

from processing.samples import Floats

TEMPLATE_HZ: Final = 400.0
"""Rate at which pulses are tabulated: four points in the shortest rise (30 ms pulse), twice the fastest clip."""

BAND_HZ: Final = (0.5, 12.0)
"""Band in which sizes are measured: jerks, rhythms and tremor lie in it, slow turns and most sensor noise do not."""


def _half_sine(x: Floats) -> Floats:
    return np.sin(np.pi * x)


def _damped(x: Floats) -> Floats:
    return np.exp(-3 * x) * np.sin(2 * np.pi * x) * (1 - x)


def _biphasic(x: Floats) -> Floats:
    return np.sin(2 * np.pi * x) * np.sin(np.pi * x)


def _skewed(x: Floats) -> Floats:
    return x * (1 - x) ** 3


def _triangular(x: Floats) -> Floats:
    return 1 - np.abs(2 * x - 1)


SHAPES: Final[Mapping[str, Callable[[Floats], Floats]]] = {
    "half_sine": _half_sine,
    "damped": _damped,
    "biphasic": _biphasic,
    "skewed": _skewed,
    "triangular": _triangular,
}
"""Pulse shapes over their width, 0 to 1. Half sine and damped train; the others test."""


@dataclass(frozen=True, slots=True)
class Cloth:
    """Sack, filling and mattress between the limb and the clip: a damped resonance.

    Attributes:
        ring_hz: its frequency.
        decay_s: time in which it falls to 1/e.
        share: share of a movement that goes through it; the rest arrives directly.
    """

    ring_hz: float
    decay_s: float
    share: float

    def through(self, pulse: Floats) -> Floats:
        """Pass a pulse, `(n,)` at `TEMPLATE_HZ`, through the cloth; it rings for three decay times longer."""
        lag_s = np.arange(int(3 * self.decay_s * TEMPLATE_HZ)) / TEMPLATE_HZ
        response = np.exp(-lag_s / self.decay_s) * np.sin(2 * np.pi * self.ring_hz * lag_s)
        rung = np.convolve(pulse, response)
        direct = np.concatenate((pulse, np.zeros(len(response) - 1)))
        return (1 - self.share) * _unit_peak(direct) + self.share * _unit_peak(rung)


def pulse(shape: str, width_s: float) -> Floats:
    """One pulse of unit peak at `TEMPLATE_HZ`, `(n,)`."""
    n = max(4, round(width_s * TEMPLATE_HZ))
    return _unit_peak(SHAPES[shape](np.linspace(0.0, 1.0, n)))


def mixed(linear: Floats, lean: Floats) -> tuple[Floats, Floats]:
    """Give both parts the same length."""
    n = max(len(linear), len(lean))
    return np.pad(linear, (0, n - len(linear))), np.pad(lean, (0, n - len(lean)))


def felt_peak(waveform: Floats, rate_hz: float) -> float:
    """Peak of a waveform at `TEMPLATE_HZ` as a sensor of this rate sees it, in the band in which sizes are measured."""
    seen = smoothed(np.pad(waveform, (0, int(TEMPLATE_HZ / 4))), rate_hz)
    return float(np.abs(in_band(seen[:, None], TEMPLATE_HZ, min(BAND_HZ[1], 0.45 * rate_hz))).max())


def in_band(accel_g: Floats, rate_hz: float, high_hz: float = BAND_HZ[1]) -> Floats:
    """Causal Butterworth band-pass of order 4 over `BAND_HZ`, `(n, k)` by columns; at most up to 0.45 of the rate."""
    return np.asarray(sosfilt(_band(rate_hz, min(high_hz, 0.45 * rate_hz)), accel_g - accel_g[:1], axis=0))


@lru_cache(maxsize=32)
def _band(rate_hz: float, high_hz: float) -> NDArray[np.float64]:
    return np.asarray(butter(4, (BAND_HZ[0], high_hz), "bandpass", fs=rate_hz, output="sos"))


def smoothed(waveform: Floats, rate_hz: float) -> Floats:
    """Average over one sampling period, as the sensor's own filter does before it gives a sample."""
    n = max(1, round(TEMPLATE_HZ / rate_hz))
    return np.convolve(waveform, np.full(n, 1 / n))


def band_noise(rng: np.random.Generator, n: int, rate_hz: float, band_hz: tuple[float, float]) -> Floats:
    """Gaussian noise of unit rms in a band with soft edges, `(n, 3)`; nothing above 0.45 of the rate."""
    frequency = np.fft.rfftfreq(n, 1 / rate_hz)
    low, high = band_hz[0], min(band_hz[1], 0.45 * rate_hz)
    rise = 1 / (1 + (low / np.maximum(frequency, 1e-6)) ** 6)
    shape = rise / (1 + (frequency / high) ** 6)
    noise = np.fft.irfft(np.fft.rfft(rng.standard_normal((n, 3)), axis=0) * shape[:, None], n, axis=0)
    rms = float(np.sqrt(np.mean(noise**2)))
    return np.asarray(noise / rms if rms > 0 else noise)


def wander(rng: np.random.Generator, at_s: Floats, every_s: float) -> Floats:
    """Smooth random course of about unit size at `at_s`, `(n,)`, that changes within `every_s`."""
    if not len(at_s):
        return np.zeros(0)
    knots_s = np.arange(at_s[0], at_s[-1] + 4 * every_s, every_s)
    return np.asarray(CubicSpline(knots_s, rng.standard_normal(len(knots_s)))(at_s))


def smooth_step(x: Floats) -> Floats:
    """Minimum-jerk step from 0 at x <= 0 to 1 at x >= 1 (Flash and Hogan 1985)."""
    x = np.clip(x, 0.0, 1.0)
    return np.asarray(x**3 * (10 - 15 * x + 6 * x**2))


def _unit_peak(waveform: Floats) -> Floats:
    return np.asarray(waveform / np.abs(waveform).max())
