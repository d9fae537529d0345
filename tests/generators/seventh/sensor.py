"""The clip: what it measures, when it sends it, and what it loses; and how large a thing is on it."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from scipy.signal import butter, sosfilt, sosfiltfilt

from processing.felt import PART_S, SPARSE_PART_S, Felt, jerk_peak_g
from processing.labels import Label
from processing.samples import GRID_HZ
from tests.generators.seventh.chance import between, wander
from tests.generators.seventh.mechanics import HZ, Body, Floats, Scene, felt_g

RATES_HZ: Final = (25.0, 26.0, 31.25, 50.0, 52.0, 100.0, 104.0)
BAND: Final = butter(2, (0.5, 12.0), "bandpass", fs=GRID_HZ, output="sos")
LARGEST_G: Final = 2.0
"""No push is scaled beyond this: a baby weighs too little to bear more."""

FAINT: Final = 0.03
"""Gain at which a layer is measured, so that its tilts stay small."""


@dataclass(frozen=True, eq=False, kw_only=True)
class Clip:
    """An accelerometer: rates within 4 % of nominal, noise 0.3-5 mg rms, steps of 0.06-16 mg, ranges of 2-16 g.

    Its zero drifts by up to 6 mg in half an hour, as it warms.
    """

    rate_hz: float
    true_hz: float
    noise_g: float
    step_g: float
    range_g: float
    offset_g: Floats
    gain: Floats
    drift_g: float
    jitter_s: float
    filters: bool
    tells_step: bool

    @classmethod
    def draw(cls, rng: np.random.Generator) -> "Clip":
        """Draw a clip; coarse steps are rarer than fine ones."""
        rate_hz = float(rng.choice(RATES_HZ))
        return cls(
            rate_hz=rate_hz,
            true_hz=rate_hz * rng.uniform(0.96, 1.04),
            noise_g=between(rng, 3e-4, 5e-3),
            step_g=float(rng.choice([6.1e-5, 2.44e-4, 4.88e-4, 9.77e-4, 1.95e-3, 3.9e-3, 7.8e-3, 0.0156], p=WEIGHTS)),
            range_g=float(rng.choice([2.0, 4.0, 8.0, 16.0])),
            offset_g=rng.uniform(-0.06, 0.06, 3),
            gain=1 + rng.normal(0, 0.01, 3),
            drift_g=rng.uniform(0, 0.006),
            jitter_s=float(rng.choice([0.0, 0.0005, 0.003])),
            filters=bool(rng.random() < 0.7),
            tells_step=bool(rng.random() < 0.8),
        )

    def read(
        self, rng: np.random.Generator, accel_g: Floats, holes: Sequence[tuple[float, float]]
    ) -> tuple[Floats, Floats]:
        """Sample what is felt on the grid. Gives time_s `(n,)` and accel_g `(n, 3)`; rows within holes are lost."""
        seconds = len(accel_g) / HZ
        if self.filters and self.true_hz < HZ:
            accel_g = (
                sosfilt(butter(2, 0.45 * self.true_hz, fs=HZ, output="sos"), accel_g - accel_g[0], axis=0) + accel_g[0]
            )
        time_s = np.arange(1, int(seconds * self.true_hz) - 1) / self.true_hz
        read_g = np.stack([np.interp(time_s, np.arange(len(accel_g)) / HZ, x) for x in accel_g.T], axis=1)
        read_g = read_g * self.gain + self.offset_g + self.noise_g * rng.normal(size=read_g.shape)
        warmth = [wander(rng, len(time_s), slowest=1800 * self.true_hz, fastest=60 * self.true_hz) for _ in range(3)]
        read_g += self.drift_g * np.stack(warmth, axis=1)
        read_g = np.clip(np.round(read_g / self.step_g) * self.step_g, -self.range_g, self.range_g)
        time_s += np.clip(self.jitter_s * rng.normal(size=len(time_s)), -0.3 / self.true_hz, 0.3 / self.true_hz)
        kept = np.ones(len(time_s), dtype=bool)
        for onset_s, end_s in holes:
            kept &= (time_s < onset_s) | (time_s >= end_s)
        return time_s[kept], read_g[kept]


WEIGHTS: Final = (0.15, 0.15, 0.15, 0.2, 0.12, 0.12, 0.06, 0.05)
"""How often each step is drawn."""


def quiet_g(rng: np.random.Generator, scene: Scene, body: Body, clip: Clip) -> float:
    """Measure how much the clip moves when nothing happens, as `processing.felt` does: noise and steps included."""
    accel_g = felt_g(scene, body)[:: round(HZ / 40)]
    accel_g = np.stack(
        [
            np.interp(np.arange(int(scene.seconds * GRID_HZ)) / GRID_HZ, np.arange(len(accel_g)) / 40, x)
            for x in accel_g.T
        ],
        axis=1,
    )
    spread_g = np.hypot(clip.noise_g, clip.step_g / np.sqrt(12)) * np.sqrt(GRID_HZ / clip.rate_hz)
    accel_g += spread_g * rng.normal(size=accel_g.shape)
    norm_g = np.linalg.norm(sosfiltfilt(BAND, accel_g, axis=0), axis=1)
    labels = [Label(onset_s=a, duration_s=b, kind=kind, detail=detail) for a, b, kind, detail in scene.rows]
    return Felt(norm_g=norm_g, accel_g=accel_g, step_g=clip.step_g).quiet_g(labels)


def jerk_g(layer: Scene, body: Body, onset_s: float, end_s: float) -> float:
    """Measure the usual height of the jerks of a layer between two times, as `processing.felt` does.

    Jerks with pauses are sparse: they are looked for in parts of 30 s.
    """
    faint = Scene(layer.seconds)
    faint.add(layer, FAINT)
    accel_g = felt_g(faint, body) / FAINT
    grid_s = np.arange(int(layer.seconds * GRID_HZ)) / GRID_HZ
    on_grid_g = np.stack([np.interp(grid_s, np.arange(len(accel_g)) / HZ, x) for x in accel_g.T], axis=1)
    norm_g = np.linalg.norm(sosfiltfilt(BAND, on_grid_g, axis=0), axis=1)
    part_g = norm_g[round(onset_s * GRID_HZ) : round(end_s * GRID_HZ)]
    paused = float(np.mean(part_g < 0.02 * part_g.max())) > 0.3
    return jerk_peak_g(part_g, SPARSE_PART_S if paused else PART_S)


def add_sized(scene: Scene, layer: Scene, body: Body, *, quiet: float, size: float, part: tuple[float, float]) -> None:
    """Add a layer so that its jerks within `part` stand `size` times above the quiet level."""
    unit_g = jerk_g(layer, body, *part)
    gain = min(size * quiet / max(unit_g, 1e-9), LARGEST_G / max(float(np.abs(layer.force_g).max()), 1e-9))
    scene.add(layer, gain)
    scene.facts |= {"size": size, "quiet_mg": 1000 * quiet}
