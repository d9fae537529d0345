"""What a family should be told of: rhythmic jerking, spasms, stiffening; and the trains they share with myoclonus."""

import math
from dataclasses import dataclass, replace

import numpy as np

from tests.generators.sixth.body import Jerk, Limb, Stage, X, logs, plateau, scatter, some, unit
from tests.generators.sixth.own import draw_jerk, tremble


@dataclass(frozen=True)
class Train:
    """How one baby's jerking runs: the same limbs, shape and size all along."""

    hz: float
    slowing: float
    cv: float
    size_cv: float
    accel_g: float
    grows_s: float
    how: Jerk
    limbs: tuple[tuple[Limb, float], ...]

    def run(self, stage: Stage, at_s: float, lasts_s: float) -> float:
        """Jerk for some time; give the end of the last jerk."""
        rng, t, end, wax = stage.rng, at_s, at_s, 1.0
        while t < at_s + lasts_s:
            done = (t - at_s) / lasts_s
            grown = min(1.0, 0.35 + 0.65 * (t - at_s) / self.grows_s) if self.grows_s else 1.0
            wax = 1 + 0.85 * (wax - 1) + 0.1 * rng.standard_normal()
            for limb, lag_s in self.limbs:
                accel_g = self.accel_g * grown * float(np.clip(wax, 0.5, 1.6)) * scatter(rng, self.size_cv)
                end = stage.jerk(t + lag_s, limb, accel_g, self.how)
            t += max(0.4, 1 + self.cv * rng.standard_normal()) / (self.hz * (1 - (1 - self.slowing) * done**1.3))
        return end


def draw_train(stage: Stage, weakest_g: float = 0.3, strongest_g: float = 2.0) -> Train:
    """Draw a train; a limb's jerks are no weaker than the kicks of a baby awake (0.16 to 0.4 g on average)."""
    rng = stage.rng
    hz = logs(rng, 1, 5)
    chosen = rng.permutation(4)[: int(rng.choice((1, 1, 2, 2, 4)))]
    how = draw_jerk(rng)
    train = Train(
        hz=hz,
        slowing=rng.uniform(0.4, 0.9) if some(rng, 0.5) else 1.0,
        cv=logs(rng, 0.02, 0.16),
        size_cv=logs(rng, 0.06, 0.35),
        accel_g=logs(rng, weakest_g, strongest_g) * stage.baby.vigour,
        grows_s=rng.uniform(2, 10) if some(rng, 0.6) else 0.0,
        how=replace(how, width_s=min(how.width_s, 0.3 / hz)),
        limbs=tuple((stage.baby.limbs[i], rng.uniform(0, 0.03)) for i in chosen),
    )
    stage.facts |= {"hz": hz, "slowing": train.slowing, "interval_cv": train.cv, "size_cv": train.size_cv}
    stage.facts |= {"limb_g": train.accel_g, "limbs": "+".join(x.name for x, _ in train.limbs)}
    return train


def clonic(stage: Stage, at_s: float, lasts_s: float) -> float:
    """Jerk rhythmically without a pause, some with a hold of the limbs below it."""
    end = draw_train(stage).run(stage, at_s, lasts_s)
    if some(stage.rng, 0.4):
        stage.hold(at_s, plateau(2, max(0, end - at_s - 5), 3), stage.rng.normal(0, 0.04, 3))
    stage.tell(at_s, end, "rhythmic")
    return end


def series(stage: Stage, train: Train, at_s: float, until_s: float, *, long_pauses: float = 0.08) -> float:
    """Jerk in clusters of some seconds with pauses, until a time; give the end of the last jerk."""
    rng, t, end = stage.rng, at_s, at_s
    pause_s = logs(rng, 1.5, 9 if long_pauses else 4)
    while t < until_s - 0.6:
        end = train.run(stage, t, min(logs(rng, 1, 5), until_s - t - 0.5))
        t = end + pause_s * scatter(rng, 0.5) + (rng.uniform(10, 40) if some(rng, long_pauses) else 0)
    return end


def contraction(stage: Stage, at_s: float, kind: str, size: float) -> float:
    """Bend, stretch or both, 0.4 to 3 s, and let go slowly; the limbs are thrown at its onset."""
    rng, lasts_s = stage.rng, logs(stage.rng, 0.5, 2.8)
    sign = {"flexor": 1.0, "extensor": -1.0, "mixed": float(rng.choice((-1, 1)))}[kind]
    rise_s, fall_s = min(0.4 * lasts_s, rng.uniform(0.1, 0.5)), min(0.4 * lasts_s, rng.uniform(0.15, 0.8))
    shape = plateau(rise_s, lasts_s - rise_s - fall_s, fall_s)
    how = draw_jerk(rng, 0.08, 0.2)
    for limb in stage.baby.limbs[:4]:
        stage.jerk(at_s + rng.uniform(0, 0.05), limb, logs(rng, 0.3, 1.2) * size * stage.baby.vigour, how)
    end = stage.hold(at_s, shape, (sign * X + rng.normal(0, 0.25, 3)) * size * 0.3)
    if some(rng, 0.4):
        stage.hold(at_s + rise_s, plateau(0.3, lasts_s, rng.uniform(1, 5)), rng.normal(0, 0.05, 3) * size)
    stage.tell(at_s, end, "contraction")
    return end


def spasms(stage: Stage, at_s: float) -> float:
    """Five or more contractions, 5 to 30 s apart, growing and fading."""
    rng, n = stage.rng, int(stage.rng.integers(5, 26))
    kind, every_s, size = str(rng.choice(("flexor", "extensor", "mixed"))), logs(rng, 6, 22), logs(rng, 0.35, 1.8)
    t = end = at_s
    for i in range(n):
        grown = 0.5 + 0.5 * math.sin(math.pi * min(1.0, (i + 1.5) / (n + 1)))
        end = contraction(stage, t, kind, size * grown * scatter(rng, 0.15))
        if some(rng, 0.15):
            stage.writhe(end + 1, rng.uniform(1, 4), 0.03, 0.02)
        t = max(end + 2, t + float(np.clip(every_s * scatter(rng, 0.25), 5, 29.5)))
        if t > stage.duration_s - 15:
            break
    stage.facts |= {"spasms": kind, "contractions": n, "spasm_every_s": every_s, "tilt_deg": math.degrees(0.3 * size)}
    stage.tell(at_s, end, "spasm_cluster")
    return end


def stiffen(stage: Stage, at_s: float) -> float:
    """Step to a posture, hold it with tremor for 5 to 30 s, let go."""
    rng, lasts_s, tilt_deg = stage.rng, logs(stage.rng, 5, 30), logs(stage.rng, 8, 40)
    rise_s, fall_s = rng.uniform(0.3, 1.5), rng.uniform(0.5, 2)
    shape = plateau(rise_s, lasts_s - rise_s - fall_s, fall_s)
    axis = unit(rng.choice((-1.0, 1.0)) * X + rng.normal(0, 0.4, 3))
    end = stage.hold(at_s, shape * np.linspace(1, rng.uniform(0.7, 1.1), len(shape)), axis * math.radians(tilt_deg))
    hz, shake_g = rng.uniform(7, 12), logs(rng, 0.005, 0.06)
    tremble(stage, at_s, shape * np.interp(np.linspace(0, 1, len(shape)), (0, 0.3, 1), (0.4, 1, 0.5)), hz, shake_g)
    stage.facts |= {"tilt_deg": tilt_deg, "tremor_hz": hz, "tremor_mg": 1000 * shake_g}
    stage.tell(at_s, end, "stiffening")
    return end
