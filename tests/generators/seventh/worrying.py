"""What a family should be told of, and the benign series that resembles it."""

from dataclasses import dataclass, replace

import numpy as np

from tests.generators.seventh.chance import between, direction, wander, wavering
from tests.generators.seventh.mechanics import HZ, Floats, Scene, stamp
from tests.generators.seventh.muscles import LIMBS, Baby, hold, jerk


@dataclass(frozen=True, eq=False, kw_only=True)
class Jerking:
    """How one baby jerks rhythmically: what stays the same from jerk to jerk, and what varies.

    Attributes:
        hz: rate at the beginning, 0.8-5 Hz.
        interval_cv: 0-0.25, of which half is drift.
        size_cv: 0-0.4.
        wobble_deg: 0-45 of direction.
        width_s: of a jerk, 30-150 ms.
        push: direction, from one limb to three.
        lean: axis of the tilt that goes with it.
        lean_rad_per_g: how much of that.
        skipped: share of jerks that do not come, 0-5 %.
        slowing: rate at the end over that at the beginning, 0.4-1.
        grows_s: how long it grows for, 0 for none.
    """

    hz: float
    interval_cv: float
    size_cv: float
    wobble_deg: float
    width_s: float
    push: Floats
    lean: Floats
    lean_rad_per_g: float
    skipped: float
    slowing: float
    grows_s: float

    @classmethod
    def draw(cls, rng: np.random.Generator, baby: Baby) -> "Jerking":
        """Draw a way to jerk."""
        hz = between(rng, 0.8, 5)
        taken = rng.choice(LIMBS, size=int(rng.integers(1, 4)), replace=False)
        push = (baby.pushes[taken] * rng.uniform(0.4, 1, (len(taken), 1))).sum(axis=0)
        return cls(
            hz=hz,
            interval_cv=rng.uniform(0, 0.25) * rng.choice([0.5, 1]),
            size_cv=rng.uniform(0, 0.4),
            wobble_deg=rng.uniform(0, 45) * rng.choice([0.3, 1]),
            width_s=min(rng.uniform(0.03, 0.15), 0.4 / hz),
            push=push / np.linalg.norm(push),
            lean=baby.leans[taken[0]],
            lean_rad_per_g=rng.uniform(0, 1.0),
            skipped=rng.choice([0.0, rng.uniform(0, 0.05)]),
            slowing=rng.choice([1.0, rng.uniform(0.4, 0.9)], p=[0.4, 0.6]),
            grows_s=rng.choice([0.0, rng.uniform(2, 10)], p=[0.4, 0.6]),
        )

    def run(self, layer: Scene, rng: np.random.Generator, onset_s: float, end_s: float, gain: float = 1.0) -> float:
        """Jerk between two times. Gives the end of the last jerk."""
        at_s, lasting_s, last_s = onset_s, end_s - onset_s, onset_s
        drift, swell = (wander(rng, int(lasting_s * 8) + 20, slowest=60, fastest=5) for _ in range(2))
        for slow, strong in zip(drift, swell, strict=True):
            if at_s >= end_s:
                break
            part = (at_s - onset_s) / lasting_s
            if rng.random() >= self.skipped or at_s == onset_s:
                grown = min(1.0, 0.3 + (at_s - onset_s) / self.grows_s) if self.grows_s else 1.0
                size = gain * grown * np.exp(0.4 * self.size_cv * strong) * lognormal(rng, 0.9 * self.size_cv)
                jerk(
                    layer,
                    at_s,
                    self.width_s,
                    size * wavering(rng, self.push, self.wobble_deg),
                    self.lean,
                    self.lean_rad_per_g,
                )
                last_s = at_s + self.width_s + 0.15
            slower = self.slowing ** max(0.0, 2 * part - 1)
            every_s = np.exp(0.6 * self.interval_cv * slow) / (self.hz * slower)
            at_s += max(0.12, every_s * (1 + 0.8 * self.interval_cv * rng.normal()))
        return min(last_s, end_s)

    def facts(self) -> dict[str, float | str]:
        """Give what was drawn, as numbers."""
        return {"hz": self.hz, "cv": self.interval_cv, "wobble": self.wobble_deg, "size_cv": self.size_cv}


def lognormal(rng: np.random.Generator, cv: float) -> float:
    """Draw a size of mean near 1 with this coefficient of variation."""
    return float(rng.lognormal(0, np.sqrt(np.log1p(cv**2))))


def clusters(layer: Scene, jerking: Jerking, rng: np.random.Generator, onset_s: float, end_s: float) -> float:
    """Jerk in clusters of 1.5-4 s with pauses of 1-15 s. Gives the last jerk's end."""
    pause_s, sigma, at_s, last_s = between(rng, 1.5, 10), rng.uniform(0.2, 0.6), onset_s, onset_s
    way = replace(jerking, hz=max(jerking.hz, 1.0), slowing=1.0, grows_s=0.0, skipped=0.0)
    while at_s < end_s - 0.5:
        last_s = way.run(layer, rng, at_s, min(end_s, at_s + rng.uniform(1.5, 4)), lognormal(rng, 0.25))
        at_s = last_s + float(np.clip(pause_s * rng.lognormal(0, sigma), 1, 15))
    return last_s


def contraction_times(rng: np.random.Generator, onset_s: float) -> list[float]:
    """Draw when the 3-15 contractions of a cluster begin: about 5-20 s apart, each its own (CV 0.15-0.5)."""
    every_s, cv = between(rng, 5, 20), rng.uniform(0.15, 0.5)
    gaps_s = np.clip([every_s * lognormal(rng, cv) for _ in range(rng.integers(2, 15))], 4, 30)
    return [onset_s, *(onset_s + np.cumsum(gaps_s)).tolist()]


def spasms(scene: Scene, baby: Baby, rng: np.random.Generator, onset_s: float) -> float:
    """Contract 3-15 times: a jolt, a posture held 0.4-3 s at 3-40 degrees, a slack return. Gives the cluster's end.

    Sizes rise and fall over the cluster in half of them (Kellaway 1979) and vary by a CV of 0.2-0.5; the direction is
    one's own, but in one of four clusters flexion and extension mix.
    """
    times_s, cv, mixed = contraction_times(rng, onset_s), rng.uniform(0.2, 0.5), rng.random() < 0.25
    tilt_deg, hold_s, jolt_g = between(rng, 3, 40), between(rng, 0.4, 2.5), between(rng, 0.02, 0.3)
    axis, push, wobble = direction(rng), direction(rng), rng.uniform(5, 25)
    swell = rng.uniform(0.4, 0.9) if rng.random() < 0.5 else 0.0
    ends_s = []
    for i, at_s in enumerate(times_s):
        size = lognormal(rng, cv) * (1 - swell + swell * np.sin(np.pi * (i + 0.7) / (len(times_s) + 0.4)))
        sign = rng.choice([-1, 1]) if mixed else 1
        held_s = float(np.clip(hold_s * lognormal(rng, 0.3), 0.4, 3))
        lean = np.radians(min(size * tilt_deg, 45)) * sign * wavering(rng, axis, wobble)
        end_s = hold(scene, rng, at_s, rng.uniform(0.1, 0.35), held_s, lean)
        jerk(
            scene, at_s, rng.uniform(0.06, 0.15), size * jolt_g * sign * wavering(rng, push, wobble), baby.leans[0], 0.0
        )
        scene.label(at_s, end_s, "contraction")
        ends_s.append(end_s)
    scene.label(onset_s, ends_s[-1], "spasm_cluster")
    scene.facts |= {"tilt_deg": tilt_deg, "hold_s": hold_s, "contractions": float(len(times_s)), "mixed": float(mixed)}
    return ends_s[-1]


def stiffen(scene: Scene, layer: Scene, rng: np.random.Generator, onset_s: float, lasting_s: float) -> None:
    """Stiffen: tilt 4-35 degrees within a second, hold with a tremor of 8-12 Hz that rises and fades (in `layer`)."""
    angle = np.radians(between(rng, 4, 35))
    hold(scene, rng, onset_s, rng.uniform(0.2, 1.0), lasting_s - 0.5, angle * direction(rng))
    n = round(lasting_s * HZ)
    rate = rng.uniform(8, 11.5) * np.exp(0.05 * wander(rng, n, slowest=4 * HZ, fastest=HZ / 4))
    swell = (
        np.exp(0.35 * wander(rng, n, slowest=3 * HZ, fastest=HZ / 4))
        * np.sin(np.linspace(0.05, np.pi - 0.05, n)) ** 0.5
    )
    stamp(layer.force_g, onset_s, swell * np.sin(2 * np.pi * np.cumsum(rate) / HZ), direction(rng))
    scene.facts |= {"tilt_deg": float(np.degrees(angle)), "held_s": lasting_s}
