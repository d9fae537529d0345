"""What others do to a baby: hands, arms, machines and roads."""

import numpy as np

from tests.generators.sixth.body import (
    FS,
    Event,
    Floats,
    Jerk,
    Limb,
    Stage,
    X,
    Y,
    Z,
    band,
    logs,
    plateau,
    pulse,
    scatter,
    some,
    swelling,
    unit,
)
from tests.generators.sixth.own import suck


def phases(stage: Stage, hz: float, cv: float, lasts_s: float) -> Floats:
    """Give a phase that runs at a frequency, wandering by `cv` from cycle to cycle."""
    n = round(lasts_s * FS)
    knots = max(2, round(lasts_s * hz))
    wander = np.interp(np.linspace(0, 1, n), np.linspace(0, 1, knots), 1 + cv * stage.rng.standard_normal(knots))
    return np.asarray(np.cumsum(2 * np.pi * hz * wander) / FS, dtype=np.float64)


def touch(stage: Stage, at_s: float, detail: str, lasts_s: float, size: float = 1.0) -> float:
    end = stage.writhe(at_s, lasts_s, 0.04 * size, 0.03 * size)
    stage.put(stage.base, at_s, size * 0.08 * swelling(stage.rng, n := round(lasts_s * FS))[:, None]
              * band(stage.rng, n, 0.3, 2))  # fmt: skip
    stage.tell(at_s, end, "handling", detail)
    return end


def in_arms(stage: Stage, at_s: float, *what: Event) -> float:
    """Lift the baby, do something, and lay it down."""
    rng = stage.rng
    t = at_s + rng.uniform(3, 8)
    stage.settle(at_s + 0.5, "upright" if some(rng, 0.5) else "supine", took_s=t - at_s - 1, held=True)
    touch(stage, at_s, "lifting", t - at_s, rng.uniform(0.7, 2))
    for one in what:
        began_s, t = t, one(stage, t)
        n = round((t - began_s) * FS)  # a carer breathes, sways and shifts
        stage.put(stage.base, began_s, logs(rng, 0.001, 0.008) * swelling(rng, n)[:, None] * band(rng, n, 0.2, 2))
        stage.put(stage.twist, began_s, logs(rng, 0.003, 0.03) * swelling(rng, n)[:, None] * band(rng, n, 0.1, 0.5))
    lasts_s = rng.uniform(3, 8)
    stage.settle(t + 0.5, "supine", took_s=lasts_s - 1)
    return touch(stage, t, "laying_down", lasts_s, rng.uniform(0.6, 1.5))


def rocking(stage: Stage, at_s: float) -> float:
    rng, hz, lasts_s = stage.rng, stage.rng.uniform(0.6, 1.0), logs(stage.rng, 40, 300)
    way = unit(rng.standard_normal(3))
    phase = phases(stage, hz, rng.uniform(0.01, 0.07), lasts_s)
    stage.swing(at_s, phase, way * logs(rng, 0.02, 0.15), unit(rng.standard_normal(3)) * logs(rng, 0.01, 0.12))
    stage.writhe(at_s, lasts_s, 0.01, 0.004)
    stage.tell(at_s, at_s + lasts_s, "handling", "rocking")
    return at_s + lasts_s


def pat(stage: Stage, at_s: float, end_s: float) -> float:
    """Pat with a soft hand: blows of one sign, in sets, of 1.5 to 3 Hz."""
    rng, hz, cv = stage.rng, stage.rng.uniform(1.5, 3), stage.rng.uniform(0.02, 0.1)
    blow = Limb("hand", 1.0, unit(rng.standard_normal(3)), rng.normal(0, 0.06, 3))
    how = Jerk(rng.uniform(0.04, 0.12), rng.uniform(0.25, 0.5), rng.uniform(0, 0.3), 1.0, rng.uniform(1.5, 2.5))
    size, t = logs(rng, 0.02, 0.3), at_s
    while t < end_s:
        stage.jerk(t, blow, size * scatter(rng, 0.2), how)
        t += max(0.5, 1 + cv * rng.standard_normal()) / hz + (rng.uniform(1, 6) if some(rng, 0.03) else 0)
    return min(t, end_s)


def patting(stage: Stage, at_s: float) -> float:
    """Pat in the cot: a hand comes, often rests first."""
    t = touch(stage, at_s, "touch", stage.rng.uniform(1, 4), 0.4) + logs(stage.rng, 0.3, 5)
    end = pat(stage, t, t + logs(stage.rng, 12, 200))
    stage.tell(t, end, "handling", "patting")
    return touch(stage, end, "touch", 1.5, 0.3) if some(stage.rng, 0.5) else end


def patting_held(stage: Stage, at_s: float) -> float:
    end = pat(stage, at_s, at_s + logs(stage.rng, 15, 150))
    phase = phases(stage, stage.rng.uniform(0.25, 0.7), 0.2, end - at_s)
    stage.swing(at_s, phase, stage.rng.normal(0, 0.015, 3), stage.rng.normal(0, 0.02, 3))
    stage.tell(at_s, end, "handling", "patting")
    return end


def burping(stage: Stage, at_s: float) -> float:
    """Pat the back of an upright baby, who bobs its head."""
    end = pat(stage, at_s, at_s + logs(stage.rng, 30, 150))
    stage.writhe(at_s, end - at_s, 0.03, 0.01)
    stage.tell(at_s, end, "handling", "burping")
    return end


def bassinet(stage: Stage, at_s: float) -> float:
    """Lie in a machine that keeps its frequency to a thousandth."""
    rng, lasts_s, hz = stage.rng, logs(stage.rng, 60, 600), logs(stage.rng, 0.5, 4.5)
    phase = np.asarray(2 * np.pi * hz * np.arange(round(lasts_s * FS)) / FS, dtype=np.float64)
    way, size = unit(rng.standard_normal(3)), logs(rng, 0.01, 0.12)
    stage.swing(at_s, phase, way * size, unit(rng.standard_normal(3)) * 0.3 * size / hz)
    stage.swing(at_s, 2 * phase + rng.uniform(0, 6), way * size * rng.uniform(0, 0.3), np.zeros(3))
    stage.tell(at_s, at_s + lasts_s, "handling", "bassinet")
    return at_s + lasts_s


def bouncer(stage: Stage, at_s: float) -> float:
    """Swing on a spring that is pushed now and then, by a foot or by kicks, and dies away."""
    rng, hz, end, t = stage.rng, logs(stage.rng, 0.9, 2.5), at_s + logs(stage.rng, 40, 240), at_s
    decay_s, way, size = logs(rng, 1.5, 8), unit(rng.standard_normal(3) + 2 * Z), logs(rng, 0.03, 0.3)
    while t < end:
        time_s = np.arange(round(5 * decay_s * FS)) / FS
        wave = np.exp(-time_s / decay_s) * np.sin(2 * np.pi * hz * time_s) * size * scatter(rng, 0.4)
        stage.put(stage.base, t, wave[:, None] * way)
        stage.put(stage.twist, t, 0.3 * wave[:, None] * X)
        t += round(hz * logs(rng, 0.6, 10)) / hz + 1 / hz if some(rng, 0.7) else logs(rng, 2, 15)
    stage.tell(at_s, t, "handling", "bouncer")
    return t


def walking(stage: Stage, at_s: float) -> float:
    """Be carried: 1.5 to 2 steps a second with harmonics, heels, and a sway of half that; some stops."""
    rng, hz, end, t = stage.rng, stage.rng.uniform(1.5, 2.0), at_s + logs(stage.rng, 30, 300), at_s
    size, heel = logs(rng, 0.04, 0.25), rng.uniform(0, 0.5)
    up, side = unit(Y + rng.normal(0, 0.3, 3)), unit(X + rng.normal(0, 0.3, 3))
    while t < end:
        lasts_s = max(3.0, min(end - t, logs(rng, 10, 90)))
        phase = phases(stage, hz, rng.uniform(0.02, 0.05), lasts_s)
        stage.swing(t, phase, up * size, rng.normal(0, 0.01, 3))
        stage.swing(t, phase / 2, side * size * 0.4, Y * 0.03)
        stage.swing(t, 2 * phase + 1, up * size * heel, np.zeros(3))
        t += lasts_s + (logs(rng, 2, 10) if some(rng, 0.5) else 0)
    stage.tell(at_s, t, "handling", "walking")
    return t


def ride(stage: Stage, at_s: float, *, car: bool) -> float:
    """Shake over a road: the body's bounce, the seat's or the wheels' band, bumps, and stops."""
    rng, lasts_s = stage.rng, logs(stage.rng, 60, 400)
    n = round(lasts_s * FS)
    low_hz, high_hz = (6.0, rng.uniform(10, 17)) if car else (4.0, rng.uniform(7, 11))
    size = logs(rng, 0.01, 0.06) if car else logs(rng, 0.03, 0.12)
    speed = np.clip(np.interp(np.arange(n), np.linspace(0, n, 9), rng.uniform(-0.2, 1.2, 9)), 0, 1)[:, None]
    way = unit(rng.standard_normal(3))
    stage.put(stage.base, at_s, speed * size * band(rng, n, low_hz, high_hz) * (0.3 + way))
    stage.put(stage.base, at_s, speed * size * rng.uniform(0.2, 0.9) * band(rng, n, 0.8, 2.5) * (0.2 + way))
    if not car:
        stage.swing(at_s, phases(stage, rng.uniform(1.5, 2), 0.04, lasts_s), way * size * 0.3, np.zeros(3))
    for _ in range(rng.poisson(lasts_s / 12)):
        t = at_s + rng.uniform(0, lasts_s - 2)
        stage.put(stage.base, t, pulse(0.12, 0.4)[:, None] * way * size * logs(rng, 2, 8))
    stage.tell(at_s, at_s + lasts_s, "handling", "car" if car else "pram")
    return at_s + lasts_s


def feeding(stage: Stage, at_s: float) -> float:
    end = at_s + logs(stage.rng, 90, 600)
    suck(stage, at_s, end)
    t = at_s
    while (t := t + logs(stage.rng, 10, 90)) < end - 8:
        t = stage.writhe(t, logs(stage.rng, 1, 6), 0.04, 0.02)
    stage.tell(at_s, end, "handling", "feeding")
    return end


def diaper_change(stage: Stage, at_s: float) -> float:
    """Lift the legs, wipe, fasten: hands, tilts, and a baby that kicks."""
    rng, end, t = stage.rng, at_s + logs(stage.rng, 50, 200), at_s
    while t < end:
        step_s = logs(rng, 3, 15)
        stage.writhe(t, step_s, 0.06, 0.06)
        if some(rng, 0.4):
            stage.hold(t, plateau(0.6, step_s - 1.2, 0.6), -X * rng.uniform(0.1, 0.5))
        if some(rng, 0.4):
            wipe = phases(stage, rng.uniform(1, 2.5), 0.15, rng.uniform(1.5, 5))
            stage.put(stage.push, t, np.sin(wipe)[:, None] * np.hanning(len(wipe))[:, None] * rng.normal(0, 0.06, 3))
        t += step_s + rng.uniform(0, 3)
    stage.tell(at_s, t, "handling", "diaper_change")
    return t


def off_body(stage: Stage, at_s: float) -> float:
    """Take the clip off, leave it lying, and put it on again."""
    rng = stage.rng
    off_s = touch(stage, at_s, "clip", rng.uniform(3, 7), 2)
    on_s = off_s + rng.uniform(200, 400)
    stage.off.append((off_s, on_s))
    stage.tell(off_s, on_s, "off_body")
    stage.settle(on_s - 1)
    return touch(stage, on_s, "clip", rng.uniform(3, 7), 2)
