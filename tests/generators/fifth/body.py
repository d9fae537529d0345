"""What the clip feels: sensor, cloth, background and limbs, and a stream while it is composed."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

import numpy as np
from scipy.interpolate import CubicSpline
from scipy.signal import butter, find_peaks, lfilter, sosfilt, sosfiltfilt

from .processes import FS, Floats, Span, coloured, log_uniform, oscillation, pulse_shape, renewal, turned, unit, wander

Row = tuple[float, float, str, str]
BAND: Final = butter(2, (0.5, 12.0), "bandpass", fs=FS, output="sos")
RATES_HZ: Final = (25.0, 26.0, 31.25, 50.0, 52.0, 100.0, 104.0)
LIMBS: Final = ("left_arm", "right_arm", "left_leg", "right_leg", "head", "trunk")
LEGS: Final = (2, 3)
NONE: Final = "n/a"


@dataclass(frozen=True, kw_only=True)
class Case:
    """A stream with its labels (onset_s, duration_s, trial_type, detail) and what was drawn for it."""

    name: str
    time_s: Floats
    accel_g: Floats
    rate_hz: float
    labels: list[Row]
    facts: Mapping[str, Any]
    resolution_g: float


@dataclass(frozen=True, kw_only=True)
class Sensor:
    rate_hz: float
    true_hz: float
    noise_g: float
    step_g: float
    range_g: float
    offset_g: Floats
    drift_g: Floats
    settle_s: float
    low_pass: Floats
    jitter: float
    lossy: bool


@dataclass(frozen=True, kw_only=True)
class Limb:
    """A source of movement: `pulse` over `pulse_s` seconds is felt as a peak of 1 g in the band."""

    name: str
    direction: Floats
    coupling: float
    wobble_deg: float
    width_s: float
    pulse_s: Floats
    pulse: Floats


def draw_sensor(rng: np.random.Generator) -> Sensor:
    rate_hz = float(rng.choice(RATES_HZ))
    true_hz = rate_hz * rng.uniform(0.96, 1.04)
    return Sensor(
        rate_hz=rate_hz,
        true_hz=true_hz,
        noise_g=log_uniform(rng, 0.3e-3, 5e-3),
        step_g=log_uniform(rng, 0.06e-3, 16e-3),
        range_g=float(rng.choice([2, 4, 8, 16])),
        offset_g=rng.uniform(-0.06, 0.06, size=3),
        drift_g=rng.normal(0, 0.005, size=3),
        settle_s=log_uniform(rng, 300, 2400),
        low_pass=butter(2, min(45.0, true_hz * rng.uniform(0.35, 0.5)), fs=FS, output="sos"),
        jitter=rng.uniform(0, 0.1),
        lossy=rng.random() < 0.25,
    )


@dataclass
class Stream:
    """A stream while it is composed: what the clip feels, on a grid of `FS`, and the labels."""

    rng: np.random.Generator
    length_s: float
    state: str = "asleep"
    labels: list[Row] = field(default_factory=list)
    facts: dict[str, Any] = field(default_factory=dict)
    gaps: list[Span] = field(default_factory=list)
    off: list[Span] = field(default_factory=list)

    def __post_init__(self) -> None:
        rng = self.rng
        self.n = round(self.length_s * FS)
        self.sensor = draw_sensor(rng)
        self.cloth_hz, self.cloth_s = rng.uniform(4, 14), log_uniform(rng, 0.05, 0.2)
        self.cloth_share = rng.uniform(0, 0.6)
        self.states = [(0.0, self.state)]
        self.poses: list[tuple[float, float, Floats]] = [(0.0, 0.0, unit(rng))]
        self.own, self.outside, self.lean = (np.zeros((self.n, 3)) for _ in range(3))
        self.background()
        self.quiet_g = self._quiet_g()
        self.usual_g = max(log_uniform(rng, 0.02, 0.25), 3 * self.quiet_g)
        self.limbs = tuple(self._limb(name) for name in LIMBS)
        self.facts |= {"rate_hz": self.sensor.rate_hz, "noise_mg": 1e3 * self.sensor.noise_g}
        self.facts |= {"resolution_mg": 1e3 * self.sensor.step_g, "quiet_mg": 1e3 * self.quiet_g}

    def background(self) -> None:
        rng, n = self.rng, self.n
        level_g = log_uniform(rng, 0.2e-3, 2.5e-3) * np.exp(0.2 * wander(rng, n, 40.0))
        self.idle = level_g * np.stack([coloured(rng, n, rng.uniform(0, 1.6)) for _ in range(3)], axis=1)
        walk_deg = log_uniform(rng, 0.1, 1.0)
        steps = rng.normal(0, np.radians(walk_deg), size=(max(4, round(self.length_s / 60) + 2), 3))
        self.idle += CubicSpline(np.arange(len(steps)) * 60.0, np.cumsum(steps, axis=0))(np.arange(n) / FS)
        breath = np.sin(oscillation(rng, n, rng.uniform(0.43, 0.73), 0.08))
        depth_g = log_uniform(rng, 0.5e-3, 5e-3) * np.exp(0.15 * wander(rng, n, 8.0))
        self.idle += depth_g * breath[:, None] * unit(rng)
        if rng.random() < 0.5:
            self.facts["heart"] = True
            beats = np.zeros(n)
            phase = oscillation(rng, n, rng.uniform(110, 160) / 60, 0.03)
            beats[1:][np.diff(np.floor(phase / 2 / np.pi)) > 0] = log_uniform(rng, 0.2e-3, 2e-3)
            kick = np.sin(np.arange(30) * rng.uniform(0.35, 0.6)) * np.exp(-np.arange(30) / 6)
            self.idle += lfilter(kick, [1.0], beats)[:, None] * unit(rng)

    def _quiet_g(self) -> float:
        """Quiet level of the background as the sensor tells it."""
        rows = round(min(120.0, self.length_s) * FS)
        felt = sosfilt(self.sensor.low_pass, self.idle[:rows], axis=0)
        every = FS / self.sensor.true_hz
        at = np.arange(0, rows - 1, every)
        sampled = np.stack([np.interp(at, np.arange(rows), column) for column in felt.T], axis=1)
        sampled += self.poses[0][2] + self.rng.normal(0, self.sensor.noise_g, size=sampled.shape)
        sampled = np.round(sampled / self.sensor.step_g) * self.sensor.step_g
        regular = np.stack([np.interp(np.arange(rows), at, column) for column in sampled.T], axis=1)
        norm_g = np.linalg.norm(sosfiltfilt(BAND, regular, axis=0), axis=1)
        seconds = norm_g[: rows // 100 * 100].reshape(-1, 100).max(axis=1)
        return max(float(np.percentile(seconds, 25)), self.sensor.step_g / 2)

    def _limb(self, name: str) -> Limb:
        width_s = log_uniform(self.rng, 0.03, 0.15)
        pulse_s, pulse = pulse_shape(self.rng, width_s)
        trial = np.zeros((300, 3))
        trial[50 : 50 + round(FS * pulse_s[-1]), 0] = np.interp(np.arange(round(FS * pulse_s[-1])) / FS, pulse_s, pulse)
        felt = np.abs(sosfiltfilt(BAND, sosfilt(self.sensor.low_pass, self.through_cloth(trial[:, 0]))))
        peaks, _ = find_peaks(felt, distance=20, height=felt.max() / 2)  # what rings on counts as a peak of its own
        return Limb(
            name=name,
            direction=unit(self.rng),
            coupling=log_uniform(self.rng, 0.3, 1.2),
            wobble_deg=self.rng.uniform(0, 45),
            width_s=width_s,
            pulse_s=pulse_s,
            pulse=pulse / np.median(felt[peaks]),
        )

    def through_cloth(self, accel_g: Floats) -> Floats:
        """The cloth swings on, at its own pitch, after what moves it."""
        radius, angle = np.exp(-1 / (FS * self.cloth_s)), 2 * np.pi * self.cloth_hz / FS
        gain = 1 - radius
        a = [1.0, -2 * radius * np.cos(angle), radius**2]
        swing = lfilter([2 * gain, -2 * gain], a, accel_g, axis=0)
        return np.asarray((1 - self.cloth_share) * accel_g + self.cloth_share * swing)

    def rows(self, span: Span) -> slice:
        first, last = (int(np.clip(round(t * FS), 0, self.n)) for t in span)
        return slice(first, max(first, last))

    def label(self, span: Span, kind: str, detail: str = NONE) -> None:
        self.labels.append((span[0], span[1] - span[0], kind, detail))

    def becomes(self, at_s: float, state: str) -> None:
        self.states.append((at_s, state))

    def up(self, at_s: float) -> Floats:
        """Gravity in clip axes, as the last change of posture left it."""
        return max((pose for pose in self.poses if pose[0] <= at_s), key=lambda pose: pose[0])[2]

    def turn(self, at_s: float, lasts_s: float, angle_deg: float) -> None:
        self.poses.append((at_s, lasts_s, turned(self.rng, self.up(at_s), angle_deg)))

    def hit(self, limb: Limb, at_s: float, peak_g: float) -> None:
        """Add one pulse of a limb, felt with this peak."""
        span = self.rows((at_s, at_s + limb.pulse_s[-1]))
        pulse = np.interp(np.arange(span.start, span.stop) / FS - at_s, limb.pulse_s, limb.pulse, left=0.0)
        way = turned(self.rng, limb.direction, float(self.rng.normal(0, 0.7)) * limb.wobble_deg)
        self.own[span] += peak_g * pulse[:, None] * way

    def gravity(self) -> Floats:
        """Unit vectors of gravity without leaning, `(n, 3)`: great circles from posture to posture."""
        poses = sorted(self.poses, key=lambda pose: pose[0])
        base = np.tile(poses[0][2], (self.n, 1))
        nexts = [pose[0] for pose in poses[2:]] + [self.length_s]
        for (at_s, lasts_s, new), next_s in zip(poses[1:], nexts, strict=False):
            first, end = self.rows((at_s, at_s)).start, self.rows((next_s, next_s)).start
            if first >= self.n:
                continue
            old = base[first].copy()
            angle = float(np.arccos(np.clip(old @ new, -1, 1)))
            x = np.linspace(0, 1, max(2, min(self.n - first, round(lasts_s * FS))))[:, None]
            x = x**2 * (3 - 2 * x)
            way = (np.sin((1 - x) * angle) * old + np.sin(x * angle) * new) / max(np.sin(angle), 1e-9)
            base[first : first + len(x)] = way
            base[first + len(x) : max(end + 1, first + len(x))] = new
        return base

    def case(self, name: str) -> Case:
        """What the sensor makes of it all."""
        felt = self.through_cloth(self.own)
        felt += self.idle
        for span in self.off:
            felt[self.rows(span)] = 0
            self.lean[self.rows(span)] = 0
        self.lean += self.gravity()
        self.lean /= np.linalg.norm(self.lean, axis=1, keepdims=True)
        felt += self.lean
        felt += self.outside
        time_s, accel_g = self.sensed(sosfilt(self.sensor.low_pass, felt - felt[0], axis=0) + felt[0])
        return Case(
            name=name,
            time_s=time_s,
            accel_g=accel_g,
            rate_hz=self.sensor.rate_hz,
            labels=self.all_labels(float(time_s[-1])),
            facts=self.facts,
            resolution_g=self.sensor.step_g,
        )

    def sensed(self, felt_g: Floats) -> tuple[Floats, Floats]:
        rng, sensor = self.rng, self.sensor
        count = int((self.n - 2) / FS * sensor.true_hz)
        late = np.clip(rng.normal(0, sensor.jitter, size=count), -0.3, 0.3)
        time_s = np.maximum(np.arange(count) + late, np.arange(count) * 0.99) / sensor.true_hz
        keep = np.ones(count, dtype=bool)
        holes = [(t, t + rng.uniform(0.05, 0.8)) for t in renewal(rng, (60, self.length_s), 120.0, 1)]
        for first_s, last_s in self.gaps + holes * sensor.lossy:
            keep &= (time_s < first_s) | (time_s >= last_s)
        time_s = np.maximum.accumulate(time_s[keep] + np.arange(keep.sum()) * 1e-9)
        accel_g = np.stack([np.interp(time_s, np.arange(self.n) / FS, column) for column in felt_g.T], axis=1)
        warm = 1 - np.exp(-time_s / sensor.settle_s)
        accel_g += sensor.offset_g + warm[:, None] * sensor.drift_g
        accel_g += rng.normal(0, sensor.noise_g, size=accel_g.shape)
        accel_g = np.clip(accel_g, -sensor.range_g, sensor.range_g - sensor.step_g)
        return time_s, np.asarray(np.round(accel_g / sensor.step_g) * sensor.step_g)

    def all_labels(self, end_s: float) -> list[Row]:
        """Labels within the stream, and the states that cover it."""
        changes = sorted(self.states, key=lambda change: change[0])
        ends = [*(at_s for at_s, _ in changes[1:]), end_s]
        rows = [
            (at_s, max(0.0, min(end, end_s) - at_s), state, NONE)
            for (at_s, state), end in zip(changes, ends, strict=True)
        ]
        rows += [(max(0.0, a), min(a + d, end_s) - max(0.0, a), kind, detail) for a, d, kind, detail in self.labels]
        return sorted((float(a), float(d), kind, detail) for a, d, kind, detail in rows if a < end_s and d > 0)
