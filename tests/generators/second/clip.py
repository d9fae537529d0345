"""The clip: how a true acceleration becomes rows."""

from dataclasses import dataclass

import numpy as np
from scipy.signal import butter, sosfilt

from .body import SIM_HZ, loguniform, unit
from .case import Floats

NOMINAL_HZ = (25.0, 26.0, 50.0, 52.0, 100.0, 104.0)
RESOLUTIONS_MG = (1 / 16, 0.122, 0.244, 0.488, 1.0, 1.95, 3.9, 7.8, 16.0)
LIKELIHOODS = (0.1, 0.15, 0.15, 0.1, 0.2, 0.1, 0.1, 0.05, 0.05)


@dataclass(frozen=True, eq=False, kw_only=True)
class Clip:
    """One copy of a clip, with its faults."""

    nominal_hz: float
    true_hz: float
    noise_g_per_sqrt_hz: float
    resolution_g: float
    range_g: float
    offset_g: Floats
    gain: Floats
    mounting: Floats
    short_holes_per_h: float
    long_holes_per_h: float

    @property
    def noise_g(self) -> float:
        """Noise of one reading, rms."""
        return self.noise_g_per_sqrt_hz * float(np.sqrt(self.nominal_hz / 2))


def draw_clip(rng: np.random.Generator) -> Clip:
    """Draw a clip, and how it was put on."""
    nominal_hz = float(rng.choice(NOMINAL_HZ))
    q, r = np.linalg.qr(rng.normal(size=(3, 3)))
    mounting = q * np.sign(np.diag(r))
    mounting[:, 0] *= np.sign(np.linalg.det(mounting))
    return Clip(
        nominal_hz=nominal_hz,
        true_hz=nominal_hz * (1 + float(np.clip(0.012 * rng.normal(), -0.04, 0.04))),
        noise_g_per_sqrt_hz=loguniform(rng, 50e-6, 300e-6),
        resolution_g=float(rng.choice(RESOLUTIONS_MG, p=LIKELIHOODS)) / 1000,
        range_g=float(rng.choice((2.0, 4.0, 8.0, 16.0))),
        offset_g=rng.normal(0, 0.02, 3),
        gain=1 + rng.normal(0, 0.01, 3),
        mounting=mounting,
        short_holes_per_h=loguniform(rng, 0.3, 8),
        long_holes_per_h=loguniform(rng, 0.02, 0.4),
    )


def sense(clip: Clip, rng: np.random.Generator, accel_g: Floats) -> tuple[Floats, Floats]:
    """Sample `accel_g` (n, 3) in body axes at `SIM_HZ`; give times (m,), s, and readings (m, 3), g, without holes."""
    sos = butter(2, min(0.45 * clip.true_hz, 0.45 * SIM_HZ), fs=SIM_HZ, output="sos")
    time_s = np.arange(int((len(accel_g) - 1) / SIM_HZ * clip.true_hz)) / clip.true_hz
    clock = np.arange(len(accel_g)) / SIM_HZ
    felt = np.empty((len(time_s), 3))
    for i, start in enumerate(accel_g[0]):
        felt[:, i] = np.interp(time_s, clock, np.asarray(sosfilt(sos, accel_g[:, i] - start)) + start)
    warmth = rng.normal(0, 0.003, 3) * (1 - np.exp(-time_s / 1200))[:, None]
    raw = (felt @ clip.mounting.T) * clip.gain + clip.offset_g + warmth
    raw += rng.normal(0, clip.noise_g, raw.shape)
    limit = np.floor(clip.range_g / clip.resolution_g) * clip.resolution_g
    return time_s, np.clip(np.round(raw / clip.resolution_g) * clip.resolution_g, -limit, limit)


def draw_holes(clip: Clip, rng: np.random.Generator, seconds: float) -> list[tuple[float, float]]:
    """Draw where packets are lost: (start, end) pairs, s, by start and apart; the long ones last over a second."""
    long = rng.poisson(clip.long_holes_per_h * seconds / 3600)
    short = rng.poisson(clip.short_holes_per_h * seconds / 3600)
    lengths = np.concatenate([np.exp(rng.uniform(np.log(1.2), np.log(60), long)), rng.uniform(0.08, 0.9, short)])
    starts = rng.uniform(5, max(6, seconds - 70), long + short)
    holes: list[tuple[float, float]] = []
    for start, length in sorted(zip(starts.tolist(), lengths.tolist(), strict=True)):
        if not holes or start > holes[-1][1] + 2:
            holes.append((start, start + length))
    return holes


def lie(rng: np.random.Generator) -> Floats:
    """Draw how gravity lies in body axes, `(3,)`: on the back mostly, on a side or the front else."""
    axis = np.array([(0.0, 0.0, 1.0), (1.0, 0.0, 0.0), (0.0, 0.0, -1.0)][int(rng.choice(3, p=(0.7, 0.2, 0.1)))])
    up = axis + 0.25 * unit(rng)
    return np.asarray(up / np.linalg.norm(up))
