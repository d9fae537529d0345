"""Cloth and clip: what a force on the trunk becomes on its way to the readings."""

import math
from dataclasses import dataclass
from functools import cache
from typing import Final

import numpy as np
from scipy.signal import bilinear, butter, sosfilt, sosfilt_zi, sosfiltfilt
from scipy.spatial.transform import Rotation

from processing.felt import BAND_HZ

from .draw import Draw, Floats

GRID_HZ: Final = 100
RATES_HZ: Final = (25.0, 26.0, 31.25, 50.0, 52.0, 100.0, 104.0)
BAND: Final = butter(2, BAND_HZ, "bandpass", fs=GRID_HZ, output="sos")


@cache
def mode(freq_hz: float, decay_s: float) -> tuple[Floats, Floats]:
    """Give a damped spring as a filter, and the state in which it rests under 1 g."""
    omega, damping = 2 * math.pi * freq_hz, 2 / decay_s
    b, a = bilinear([damping, omega**2], [1, damping, omega**2], fs=GRID_HZ)
    sos = np.concatenate([b, a])[None]
    return sos, sosfilt_zi(sos)[:, :, None]


@dataclass(frozen=True, kw_only=True)
class Cloth:
    """Two resonant modes beside a rigid part; each passes gravity unchanged."""

    freq_hz: tuple[float, float]
    decay_s: tuple[float, float]
    share: tuple[float, float]

    @classmethod
    def drawn(cls, draw: Draw) -> "Cloth":
        first_hz = draw.log(4, 14)
        return cls(
            freq_hz=(first_hz, first_hz * draw.uniform(1.3, 2.2)),
            decay_s=(draw.log(0.05, 0.2), draw.log(0.05, 0.2)),
            share=(draw.uniform(0.1, 0.5), draw.uniform(0.05, 0.3)),
        )

    def through(self, force_g: Floats) -> Floats:
        out = (1 - sum(self.share)) * force_g
        for freq_hz, decay_s, share in zip(self.freq_hz, self.decay_s, self.share, strict=True):
            sos, start = mode(freq_hz, decay_s)
            part = sosfilt(sos, force_g, axis=0, zi=start * force_g[0])[0]
            part *= share
            out += part
        return np.asarray(out)


@dataclass(frozen=True, kw_only=True)
class Clip:
    """The sensor: when and how finely it samples."""

    rate_hz: float
    true_hz: float
    noise_g: float
    step_g: float
    range_g: float
    offset_g: Floats
    jitter: float
    mounting: Rotation

    @classmethod
    def drawn(cls, draw: Draw) -> "Clip":
        rate_hz = RATES_HZ[int(draw.rng.integers(len(RATES_HZ)))]
        return cls(
            rate_hz=rate_hz,
            true_hz=rate_hz * draw.uniform(0.96, 1.04),
            noise_g=draw.log(0.0003, 0.005),
            step_g=draw.log(0.00006, 0.016),
            range_g=float(2 ** draw.rng.integers(1, 5)),
            offset_g=draw.rng.uniform(-0.06, 0.06, 3),
            jitter=draw.uniform(0, 0.25),
            mounting=Rotation.random(rng=draw.rng),
        )

    def sample(self, force_g: Floats, rng: np.random.Generator) -> tuple[Floats, Floats]:
        """Give times and readings, `(n,)` s and `(n, 3)` g."""
        if self.rate_hz < GRID_HZ / 2:  # the chip's own decimation filter
            sos = butter(2, 0.45 * self.rate_hz, fs=GRID_HZ, output="sos")
            force_g = sosfilt(sos, force_g, axis=0, zi=sosfilt_zi(sos)[:, :, None] * force_g[0])[0]
        ticks = np.arange(math.floor((len(force_g) - 2) / GRID_HZ * self.true_hz))
        time_s = (ticks + 0.5 + self.jitter * rng.uniform(-1, 1, len(ticks))) / self.true_hz
        grid_s = np.arange(len(force_g)) / GRID_HZ
        felt_g = np.stack([np.interp(time_s, grid_s, axis) for axis in force_g.T], axis=1)
        felt_g = self.mounting.apply(felt_g) + self.offset_g + rng.normal(0, self.noise_g, felt_g.shape)
        steps = np.round(np.clip(felt_g, -self.range_g, self.range_g) / self.step_g)
        return time_s, steps * self.step_g


def band_norm(force_g: Floats) -> Floats:
    """Norm of the band-passed force at 50 Hz, as `processing.felt` measures sizes."""
    return np.asarray(np.linalg.norm(sosfiltfilt(BAND, force_g, axis=0), axis=1)[::2])
