"""A baby with its bed, its clip, and a stage on which muscles, hands and machines put what they do."""

import math
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Final

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray
from scipy.signal import butter, sosfilt

FS: Final = 128.0
"""Rate at which the body is computed; sensors sample it."""
STANDARD_G: Final = 9.81
Row = tuple[float, float, str, str]
Floats = NDArray[np.float64]
Singles = NDArray[np.float32]
X, Y, Z = np.eye(3)
POSTURES: Final = {"supine": Z, "prone": -Z, "left": -X, "right": X, "upright": Y}
LIMBS: Final = {"left_arm": 0.05, "right_arm": 0.05, "left_leg": 0.10, "right_leg": 0.10, "head": 0.20}
"""Shares of the body's mass."""
TRUNK_SHARE: Final = 0.5


@dataclass(frozen=True)
class Limb:
    """What a limb's acceleration does to the trunk: a push of `share` times it, and a twist."""

    name: str
    share: float
    push: Floats
    twist_rad: Floats


@dataclass(frozen=True)
class Baby:
    age_months: float
    mass_kg: float
    vigour: float
    breath_hz: float
    breath_rad: float
    breath_g: float
    heart_hz: float
    heart_g: float
    slip_g: float
    limbs: tuple[Limb, ...]

    def limb(self, rng: Generator, *names: str) -> Limb:
        chosen = [x for x in self.limbs if not names or x.name in names]
        return chosen[rng.integers(len(chosen))]


@dataclass(frozen=True)
class Support:
    """What trunk and clip swing on: mattress or arms, and the cloth as this posture stretches it."""

    trunk_hz: Floats
    trunk_damping: Floats
    cloth_hz: Floats
    cloth_damping: Floats
    cloth_share: float


@dataclass(frozen=True)
class Sensor:
    nominal_hz: float
    rate_hz: float
    step_g: float
    range_g: float
    noise_g: float
    offset_g: Floats
    gain: Floats
    lever_m: Floats
    lost_per_h: float


@dataclass(frozen=True)
class Jerk:
    """How a muscle throws a limb: a skewed drive, and an antagonist that brakes part of it."""

    width_s: float
    peak: float
    brake: float
    lag: float
    spread: float

    def shape(self, rng: Generator) -> Floats:
        width_s = self.width_s * float(np.exp(0.1 * rng.standard_normal()))
        drive, brake = pulse(width_s, self.peak), pulse(width_s * self.spread, 0.5)
        late = round(self.lag * len(drive))
        out = np.zeros(max(len(drive), late + len(brake)))
        out[: len(drive)] += drive
        out[late : late + len(brake)] -= brake * self.brake * drive.sum() / brake.sum()
        return out


def logs(rng: Generator, low: float, high: float) -> float:
    """Draw log-uniformly."""
    return float(np.exp(rng.uniform(math.log(low), math.log(high))))


def scatter(rng: Generator, sigma: float) -> float:
    """Draw a factor around 1."""
    return float(np.exp(sigma * rng.standard_normal()))


def some(rng: Generator, probability: float) -> bool:
    return bool(rng.random() < probability)


def unit(vector: Floats) -> Floats:
    return np.asarray(vector / np.linalg.norm(vector), dtype=np.float64)


def pulse(width_s: float, peak: float) -> Floats:
    """Give a force that rises, is 1 at `peak` of its width, and falls."""
    n = max(3, round(width_s * FS))
    x = (np.arange(n) + 0.5) / n
    y = x**2 * (1 - x) ** (2 * (1 - peak) / peak)
    return np.asarray(y / y.max(), dtype=np.float64)


def plateau(rise_s: float, hold_s: float, fall_s: float) -> Floats:
    """Give a smooth step up, a hold and a way back."""
    up, down = (0.5 - 0.5 * np.cos(np.pi * np.linspace(0, 1, max(2, round(s * FS)))) for s in (rise_s, fall_s))
    return np.concatenate((up, np.ones(max(0, round(hold_s * FS))), down[::-1]))


def band(rng: Generator, n: int, low_hz: float, high_hz: float) -> Floats:
    """Give noise of a band in three axes, `(n, 3)`, each of standard deviation 1."""
    sos = butter(1, (low_hz, high_hz), "bandpass", fs=FS, output="sos")
    lead = round(FS / low_hz)
    noise = sosfilt(sos, rng.standard_normal((n + lead, 3)), axis=0)[lead:]
    return np.asarray(noise / max(float(noise.std()), 1e-9), dtype=np.float64)


def swelling(rng: Generator, n: int) -> Floats:
    """Give an envelope that begins and ends at 0 and is uneven between."""
    x = np.linspace(0, 1, n)
    bumps = np.interp(x, np.linspace(0, 1, 6), rng.uniform(0.4, 1.0, 6))
    return np.asarray(bumps * np.minimum(1, 6 * np.minimum(x, 1 - x)), dtype=np.float64)


def draw_baby(rng: Generator) -> Baby:
    age = 12 * float(rng.beta(1.2, 1.8))
    vigour, coupling = scatter(rng, 0.3), scatter(rng, 0.2)
    limbs = tuple(
        Limb(
            name,
            share * coupling * scatter(rng, 0.15) / TRUNK_SHARE,
            unit(rng.standard_normal(3)),
            unit(rng.standard_normal(3)) * logs(rng, 0.005, 0.03) * share / 0.1,
        )
        for name, share in LIMBS.items()
    )
    return Baby(
        age_months=age,
        mass_kg=(3.4 + 6.2 * (1 - math.exp(-age / 6))) * scatter(rng, 0.12),
        vigour=vigour,
        breath_hz=(0.5 + 0.23 * math.exp(-age / 6)) * scatter(rng, 0.12),
        breath_rad=math.radians(logs(rng, 0.06, 0.6)),
        breath_g=logs(rng, 0.0005, 0.004),
        heart_hz=(1.95 + 0.4 * math.exp(-age / 6)) * scatter(rng, 0.07),
        heart_g=logs(rng, 0.0005, 0.006),
        slip_g=logs(rng, 0.05, 0.4),
        limbs=limbs,
    )


def draw_support(rng: Generator, *, mattress_hz: float, cloth_hz: float, held: bool = False) -> Support:
    """Draw around this bed's and this cloth's own frequency; arms are softer and swallow more."""
    softer, damping = (0.5, 0.5) if held else (1.0, 0.25)
    return Support(
        trunk_hz=np.array([mattress_hz * softer * scatter(rng, 0.2) for _ in range(3)]) * (0.7, 0.7, 1.0),
        trunk_damping=np.array([damping * scatter(rng, 0.3) for _ in range(3)]),
        cloth_hz=np.clip([cloth_hz * scatter(rng, 0.2) for _ in range(3)], 3, 15),
        cloth_damping=np.array([logs(rng, 0.15, 0.7) for _ in range(3)]),
        cloth_share=float(rng.uniform(0.3, 1.0)),
    )


def draw_sensor(rng: Generator) -> Sensor:
    nominal = float(rng.choice((25.0, 26.0, 31.25, 50.0, 52.0, 62.5, 100.0, 104.0)))
    step_mg = float(rng.choice((1.0, 1.95, 3.9, 4.0, 7.8, 15.6), p=(0.3, 0.2, 0.2, 0.15, 0.1, 0.05)))
    mount = np.linalg.qr(rng.standard_normal((3, 3)))[0]
    mount *= np.sign(np.linalg.det(mount))
    return Sensor(
        nominal_hz=nominal,
        rate_hz=nominal * rng.uniform(0.97, 1.03),
        step_g=step_mg / 1000,
        range_g=float(rng.choice((2.0, 4.0, 8.0))),
        noise_g=logs(rng, 0.0005, 0.005),
        offset_g=rng.normal(0, 0.02, 3),
        gain=mount * (1 + rng.normal(0, 0.01, (3, 1))),
        lever_m=rng.normal(0, 0.05, 3),
        lost_per_h=float(rng.choice((0.0, 0.0, 2.0, 20.0))),
    )


@dataclass
class Stage:
    """What happens in one stream, before the bed, the cloth and the sensor shape it."""

    rng: Generator
    duration_s: float
    labels: list[Row] = field(default_factory=list)
    facts: dict[str, Any] = field(default_factory=dict)
    turns: list[tuple[float, float, Floats]] = field(default_factory=list)
    slips: list[tuple[float, Floats]] = field(default_factory=list)
    supports: list[tuple[float, Support]] = field(default_factory=list)
    still: list[tuple[float, float]] = field(default_factory=list)
    off: list[tuple[float, float]] = field(default_factory=list)
    breath_holds: list[tuple[float, float]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.n = round(self.duration_s * FS)
        self.push, self.base, self.twist = (np.zeros((self.n, 3), np.float32) for _ in range(3))
        self.baby, self.sensor = draw_baby(self.rng), draw_sensor(self.rng)
        self.mattress_hz, self.cloth_hz = logs(self.rng, 3.5, 9), logs(self.rng, 3, 15)
        self.roll_hz, self.roll_damping = logs(self.rng, 1.5, 4), float(self.rng.uniform(0.4, 0.9))
        self.asleep_since_s = 0.0
        self.settle(0.0, "supine" if self.baby.age_months < 5 or some(self.rng, 0.5) else "")
        baby, sensor = self.baby, self.sensor
        self.facts |= {"age_months": baby.age_months, "mass_kg": baby.mass_kg, "vigour": baby.vigour}
        self.facts |= {"true_hz": sensor.rate_hz, "noise_mg": 1000 * sensor.noise_g, "range_g": sensor.range_g}
        self.facts |= {"resolution_mg": 1000 * sensor.step_g, "cloth_hz": self.cloth_hz}
        self.facts |= {"mattress_hz": self.mattress_hz}

    def tell(self, onset_s: float, end_s: float, kind: str, detail: str = "n/a") -> None:
        onset_s, end_s = max(0.0, float(onset_s)), min(float(end_s), self.duration_s)
        if end_s > onset_s:
            self.labels.append((onset_s, end_s - onset_s, kind, detail))

    def put(self, where: Singles, at_s: float, block: Floats) -> None:
        """Add rows to a signal, as far as the stream goes."""
        first = round(at_s * FS)
        lead, end = max(0, -first), min(len(block), self.n - first)
        if end > lead:
            where[first + lead : first + end] += block[lead:end]

    def settle(self, at_s: float, posture: str = "", *, took_s: float = 2.0, held: bool = False) -> None:
        """Turn to a posture, which stretches the cloth anew and lets the clip slip."""
        name = posture or str(self.rng.choice(("supine", "left", "right", "prone")))
        self.turns.append((at_s, took_s, unit(POSTURES[name] + self.rng.normal(0, 0.18, 3))))
        support = draw_support(self.rng, mattress_hz=self.mattress_hz, cloth_hz=self.cloth_hz, held=held)
        self.supports.append((at_s + took_s / 2, support))
        self.slips.append((at_s + took_s / 2, self.rng.normal(0, 0.04, 3)))

    def jerk(self, at_s: float, limb: Limb, accel_g: float, how: Jerk) -> float:
        """Throw a limb; give the end of it."""
        shape = how.shape(self.rng)[:, None] * accel_g
        aim = limb.push + self.rng.normal(0, 0.15, 3)
        self.put(self.push, at_s, -limb.share * shape * aim)
        self.put(self.twist, at_s, shape * limb.twist_rad)
        if accel_g * limb.share > self.baby.slip_g and some(self.rng, 0.3):
            self.slips.append((at_s, self.rng.normal(0, 0.006, 3)))
        return at_s + len(shape) / FS

    def hold(self, at_s: float, shape: Floats, tilt_rad: Floats) -> float:
        self.put(self.twist, at_s, shape[:, None] * tilt_rad)
        return at_s + len(shape) / FS

    def writhe(self, at_s: float, lasts_s: float, tilt_rad: float, push_g: float) -> float:
        """Move the whole body without order."""
        n = round(lasts_s * FS)
        envelope = swelling(self.rng, n)[:, None]
        self.put(self.twist, at_s, envelope * tilt_rad * band(self.rng, n, 0.15, self.rng.uniform(0.7, 1.8)))
        self.put(self.push, at_s, envelope * push_g * band(self.rng, n, 0.8, self.rng.uniform(4, 9)))
        return at_s + lasts_s

    def swing(self, at_s: float, phase: Floats, accel_g: Floats, tilt_rad: Floats) -> None:
        """Move the base along with a phase, with some tilt."""
        wave = np.sin(phase)[:, None]
        ends = np.minimum(1, np.minimum(np.arange(len(phase)), np.arange(len(phase))[::-1]) / (2 * FS))[:, None]
        self.put(self.base, at_s, ends * wave * accel_g)
        self.put(self.twist, at_s, ends * np.cos(phase)[:, None] * tilt_rad)


Event = Callable[[Stage, float], float]
"""Makes something happen from a time on, labels it, and gives its end."""
