"""What a healthy body does by itself."""

from dataclasses import replace

import numpy as np
from numpy.random import Generator

from tests.generators.sixth.body import (
    FS,
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
    scatter,
    some,
    swelling,
    unit,
)


def draw_jerk(rng: Generator, narrow_s: float = 0.045, wide_s: float = 0.13) -> Jerk:
    return Jerk(
        width_s=logs(rng, narrow_s, wide_s),
        peak=float(rng.uniform(0.25, 0.6)),
        brake=float(rng.uniform(0.5, 1.05)),
        lag=float(rng.uniform(0.5, 1.0)),
        spread=float(rng.uniform(1.1, 1.9)),
    )


def burst(stage: Stage, at_s: float) -> float:
    """Twitch in sleep: one to eight jerks without rhythm."""
    rng, how = stage.rng, draw_jerk(stage.rng)
    limb, accel_g = stage.baby.limb(rng), logs(rng, 0.06, 1.0) * stage.baby.vigour
    t = end = at_s
    for _ in range(min(8, int(rng.geometric(0.4)))):
        end = stage.jerk(t, limb, accel_g * scatter(rng, 0.4) * (0.5 if limb.name == "head" else 1), how)
        t = end + min(2.5, 0.1 + logs(rng, 0.05, 2.0))
        limb = stage.baby.limb(rng) if some(rng, 0.3) else limb
        if t > at_s + 9:
            break
    stage.tell(at_s, end + 0.1, "myoclonic_burst")
    return end


def startle(stage: Stage, at_s: float) -> float:
    """Throw both arms out at once, then bring them in slowly."""
    rng, how = stage.rng, draw_jerk(stage.rng, 0.1, 0.22)
    accel_g = logs(rng, 0.3, 1.8) * stage.baby.vigour
    for limb in stage.baby.limbs:
        if limb.name.endswith("arm") or some(rng, 0.4):
            stage.jerk(at_s + rng.uniform(0, 0.04), limb, accel_g * scatter(rng, 0.3) * min(1, 0.1 / limb.share), how)
    end = stage.hold(at_s, plateau(0.15, rng.uniform(0.1, 0.5), rng.uniform(0.4, 1.2)), -X * logs(rng, 0.01, 0.12))
    stage.tell(at_s, end, "movement", "startle")
    return end


def sigh(stage: Stage, at_s: float) -> float:
    """Breathe in deeply, then pause."""
    rng = stage.rng
    depth = stage.baby.breath_rad * rng.uniform(2.5, 6)
    end = stage.hold(at_s, plateau(rng.uniform(0.6, 1.2), 0.1, rng.uniform(0.7, 1.5)), X * depth)
    stage.breath_holds.append((end, end + rng.uniform(1, 7)))
    return end


def wriggle(stage: Stage, at_s: float, detail: str = "wriggling") -> float:
    rng = stage.rng
    end = stage.writhe(at_s, logs(rng, 2, 14), logs(rng, 0.01, 0.12), logs(rng, 0.01, 0.12) * stage.baby.vigour)
    stage.tell(at_s, end, "movement", detail)
    return end


def arousal(stage: Stage, at_s: float) -> float:
    """Stir for some seconds; often the posture changes a little for good."""
    rng = stage.rng
    end = stage.writhe(at_s, logs(rng, 2, 10), logs(rng, 0.03, 0.15), logs(rng, 0.02, 0.15) * stage.baby.vigour)
    if some(rng, 0.7):
        stage.slips.append((at_s + rng.uniform(0.5, 2), rng.normal(0, 0.09, 3)))
    stage.tell(at_s, end, "movement", "arousal")
    return end


def turn_over(stage: Stage, at_s: float) -> float:
    rng, took_s = stage.rng, logs(stage.rng, 1.5, 6)
    stage.settle(at_s + 0.3, took_s=took_s)
    end = stage.writhe(at_s, took_s + 1, logs(rng, 0.02, 0.12), logs(rng, 0.03, 0.15))
    stage.tell(at_s, end, "movement", "turn_over")
    return end


def kicking(stage: Stage, at_s: float) -> float:
    """Kick with one leg, both at once or in turn; ankles reach 0.16 to 0.4 g on average."""
    rng, how = stage.rng, replace(draw_jerk(stage.rng, 0.12, 0.2), brake=1.0)
    legs = [x for x in stage.baby.limbs if x.name.endswith("leg")]
    hz, pattern, end, kicks = logs(rng, 0.6, 2.5), rng.choice(("one", "both", "turn")), at_s, int(rng.geometric(0.12))
    t = at_s
    for i in range(2 + min(kicks, 25)):
        chosen = {"one": legs[:1], "both": legs, "turn": [legs[i % 2]]}[str(pattern)]
        accel_g = logs(rng, 0.16, 0.9) * stage.baby.vigour
        for leg in chosen:
            end = stage.jerk(t + rng.uniform(0, 0.03), leg, accel_g * scatter(rng, 0.2), how)
        t += scatter(rng, 0.3) / hz + (logs(rng, 0.5, 3) if some(rng, 0.15) else 0)
    stage.writhe(at_s, end - at_s + 0.5, logs(rng, 0.005, 0.04), 0.005)
    stage.tell(at_s, end, "movement", "kicking")
    return end


def playing(stage: Stage, at_s: float) -> float:
    """Reach, kick and wave, one after another."""
    rng, end = stage.rng, at_s + logs(stage.rng, 3, 40)
    stage.writhe(at_s, end - at_s, logs(rng, 0.01, 0.08), logs(rng, 0.005, 0.05))
    t = at_s
    while (t := t + logs(rng, 0.25, 4)) < end - 0.5:
        stage.jerk(t, stage.baby.limb(rng), logs(rng, 0.05, 0.5) * stage.baby.vigour, draw_jerk(rng, 0.1, 0.3))
    stage.tell(at_s, end, "movement", "playing")
    return end


def crying(stage: Stage, at_s: float) -> float:
    """Cry: a long press of the belly, a quick breath in, with limbs that flail."""
    rng, end, hz = stage.rng, at_s + logs(stage.rng, 15, 150), stage.rng.uniform(0.6, 1.2)
    press, t = logs(rng, 0.01, 0.06), at_s
    while t < end - 2:
        lasts_s = scatter(rng, 0.2) / hz
        stage.hold(t, plateau(0.12, 0.5 * lasts_s, 0.15), X * press * scatter(rng, 0.3))
        n = round(0.6 * lasts_s * FS)
        stage.put(stage.push, t, 0.1 * press * swelling(rng, n)[:, None] * band(rng, n, 5, 14))
        if some(rng, 0.25):
            stage.jerk(t, stage.baby.limb(rng), logs(rng, 0.1, 0.6), draw_jerk(rng, 0.1, 0.25))
        t += lasts_s + (rng.uniform(1, 5) if some(rng, 0.06) else 0)
    stage.tell(at_s, end, "movement", "crying")
    return end


def suck(stage: Stage, at_s: float, end_s: float) -> None:
    """Suck in bursts that are long early and short at twelve months, 2.1 Hz."""
    rng, hz, pull_g = stage.rng, 2.1 * scatter(stage.rng, 0.12), logs(stage.rng, 0.002, 0.02)
    burst_s, t = 4.7 - 0.25 * stage.baby.age_months, at_s
    while t < end_s:
        n = round(min(end_s - t, burst_s * scatter(rng, 0.4)) * FS)
        phase = np.cumsum(2 * np.pi * hz * (1 + 0.04 * rng.standard_normal(n))) / FS
        wave = (np.sin(phase) + 0.3 * np.sin(2 * phase))[:, None] * np.sqrt(np.hanning(n))[:, None]
        stage.put(stage.push, t, 2 * wave * pull_g * (Y + 0.4 * Z))
        stage.put(stage.twist, t, wave * pull_g * 0.4 * X)
        t += n / FS + logs(rng, 1, 8)


def sucking(stage: Stage, at_s: float) -> float:
    end = at_s + logs(stage.rng, 15, 180)
    suck(stage, at_s, end)
    stage.tell(at_s, end, "movement", "sucking")
    return end


def hiccups(stage: Stage, at_s: float) -> float:
    """Jolt by the diaphragm every 2 to 15 s; the closing glottis stops it at once."""
    rng, end = stage.rng, at_s + logs(stage.rng, 120, 600)
    every_s, cv, accel_g = logs(rng, 2, 15), rng.uniform(0.04, 0.2), logs(rng, 0.02, 0.16)
    how = Jerk(rng.uniform(0.1, 0.16), 0.3, 0.9, 0.6, 1.6)
    jolt, t = Limb("diaphragm", 1.0, unit(-Y + 0.5 * Z + rng.normal(0, 0.2, 3)), X * 0.1), at_s
    last = t
    while t < end:
        last = stage.jerk(t, jolt, accel_g * scatter(rng, 0.2), how)
        t += every_s * max(0.4, 1 + cv * rng.standard_normal())
    stage.facts |= {"hiccup_every_s": every_s, "hiccup_cv": cv}
    stage.tell(at_s, last, "hiccups")
    return last


def periodic(stage: Stage, at_s: float) -> float:
    """Draw up a leg slowly, every 10 to 90 s, in a row."""
    rng, limb = stage.rng, stage.baby.limb(stage.rng, "left_leg", "right_leg")
    every_s, last, t = float(np.clip(28 * scatter(rng, 0.4), 12, 80)), at_s, at_s
    size, how = logs(rng, 0.02, 0.12), draw_jerk(rng, 0.15, 0.35)
    for _ in range(int(rng.integers(5, 16))):
        lift = size * scatter(rng, 0.25) * unit(limb.twist_rad)
        last = stage.hold(t, plateau(rng.uniform(0.25, 0.8), rng.uniform(0.2, 2.5), rng.uniform(0.3, 1.2)), lift)
        stage.jerk(t, limb, logs(rng, 0.1, 0.5) * stage.baby.vigour, how)
        t += float(np.clip(every_s * scatter(rng, 0.15), 10, 89))
        if t > stage.duration_s - 10:
            break
    stage.facts |= {"periodic_every_s": every_s}
    stage.tell(at_s, last, "periodic_movements")
    return last


def head_banging(stage: Stage, at_s: float) -> float:
    """Rock the body or roll the head, 0.5 to 2 Hz, with or without the blow at the end of the stroke."""
    rng, hz, end = stage.rng, logs(stage.rng, 0.5, 2.0), at_s + logs(stage.rng, 20, 240)
    tilt = unit(rng.standard_normal(3) + 2 * X) * logs(rng, 0.02, 0.15)
    stroke_g, blow_g, t = rng.uniform(0, 0.1), rng.choice((0.0, 0.1, 0.4)) * rng.uniform(0.5, 1.5), at_s
    blow = Limb("head", 1.0, unit(Z + rng.normal(0, 0.5, 3)), X * 0.02)
    while t < end:
        n = round(FS / (hz * scatter(rng, 0.07)))
        wave, size = np.sin(2 * np.pi * np.arange(n) / n)[:, None], scatter(rng, 0.2)
        stage.put(stage.twist, t, size * wave * tilt)
        stage.put(stage.push, t, size * wave * stroke_g * Y)
        if blow_g > 0:
            stage.jerk(t + 0.5 * n / FS, blow, blow_g * size, Jerk(0.05, 0.4, 0.3, 0.8, 2))
        t += n / FS + (rng.uniform(2, 15) if some(rng, 0.02) else 0)
    stage.tell(at_s, min(t, end + 2), "movement", "head_banging")
    return t


def tremble(stage: Stage, at_s: float, envelope: Floats, hz: float, push_g: float) -> None:
    """Shake narrowly around a frequency."""
    rng, n = stage.rng, len(envelope)
    phase = 2 * np.pi * hz * np.arange(n) / FS + np.cumsum(0.08 * rng.standard_normal(n))
    stage.put(stage.push, at_s, (envelope * np.sin(phase))[:, None] * push_g * unit(rng.standard_normal(3)))


def jitteriness(stage: Stage, at_s: float) -> float:
    """Tremble in bouts at 6 Hz or more."""
    rng, hz, push_g, t = stage.rng, stage.rng.uniform(6, 11), logs(stage.rng, 0.006, 0.05), at_s
    end = at_s + logs(rng, 10, 90)
    while t < end:
        lasts_s = logs(rng, 0.8, 8)
        tremble(stage, t, swelling(rng, round(lasts_s * FS)), hz * scatter(rng, 0.05), push_g)
        stage.tell(t, t + lasts_s, "movement", "jitteriness")
        t += lasts_s + logs(rng, 1, 10)
    return t
