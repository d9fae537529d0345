"""What carers and their devices do to a baby."""

import math

import numpy as np
from scipy.signal import bilinear, sosfilt

from .body import GRAVITY, Scene
from .clip import GRID_HZ
from .draw import Floats
from .movements import coloured, doublet, fade, fidget, kick, squirm, submovement, sway
from .own import suck


def hand(s: Scene, at_s: float, degrees: float, detail: str) -> float:
    """Be lifted or laid down: a large turn and shift in a carer's hands; give the end."""
    seconds = s.draw.uniform(1.2, 4)
    s.turn(at_s + 0.5, seconds, s.level_axis() * math.radians(degrees))
    submovement(s, at_s + 0.5, seconds, s.up() * s.draw.uniform(0.2, 0.7), np.zeros(3))
    end_s = at_s + seconds + s.draw.uniform(1, 4)
    squirm(s, at_s, end_s, 0.7)
    sway(s, at_s, end_s, 1.5, 0.01)
    s.label(at_s, end_s, "handling", detail)
    return end_s


def rock(s: Scene, a: float, b: float) -> None:
    """Swing as a pendulum about a horizontal axis: tilt, and tangential and centripetal acceleration."""
    n, freq_hz, arm_m = round((b - a) * GRID_HZ), s.draw.uniform(0.67, 0.95), s.draw.uniform(0.1, 0.8)
    drift = 1 + 0.02 * coloured(s.draw, b - a, 0.01, 0.2, 1)[:, 0]
    swing = math.radians(s.draw.log(1.5, 8)) * (1 + 0.12 * coloured(s.draw, b - a, 0.02, 0.3, 0.7)[:, 0])
    angle = fade(n, 4) * swing * np.sin(np.cumsum(freq_hz * drift) * 2 * math.pi / GRID_HZ)
    speed = np.gradient(angle, 1 / GRID_HZ)
    s.add(s.rate, a, speed[:, None] * s.level_axis())
    heading = s.draw.uniform(0, 2 * math.pi)
    level, up = np.array([math.cos(heading), math.sin(heading), 0.0]), np.array([0.0, 0.0, 1.0])
    tangential = np.gradient(speed, 1 / GRID_HZ)
    s.add(s.world_g, a, (tangential[:, None] * level + (speed**2)[:, None] * up) * arm_m / GRAVITY)
    sway(s, a, b, s.draw.uniform(0.2, 1), 0.003)


def walk(s: Scene, a: float, b: float) -> None:
    """Gait of the carer: vertical at the step with harmonics, sideways at the stride, in stretches with turns."""
    t, freq_hz, bounce_g = a, s.draw.uniform(1.5, 2.0), s.draw.log(0.04, 0.2)
    harmonics = s.draw.rng.uniform([0.15, 0.05, 0.0], [0.5, 0.25, 0.12])
    while t < b - 2:
        end_s = min(b, t + s.draw.lognormal(25, 0.8) + 3)
        n = round((end_s - t) * GRID_HZ)
        wander = 1 + 0.03 * coloured(s.draw, end_s - t, 0.05, 1, 0.7)[:, 0]
        phase = np.cumsum(freq_hz * wander) * 2 * math.pi / GRID_HZ
        gain = fade(n, 1.5) * bounce_g * (1 + 0.1 * coloured(s.draw, end_s - t, 0.2, 2, 0.3)[:, 0])
        up = np.sin(phase) + sum(h * np.sin((i + 2) * phase + i) for i, h in enumerate(harmonics))
        side, ahead = 0.5 * np.sin(phase / 2), 0.35 * np.sin(phase + 1)
        s.add(s.world_g, t, gain[:, None] * np.stack([side, ahead, up], axis=1))
        s.add(s.rate, t, (0.15 * gain * np.cos(phase / 2) * freq_hz)[:, None] * s.level_axis())
        t = end_s + s.draw.wait(4)
    sway(s, a, b, s.draw.uniform(0.5, 3), 0.006)


def impact(s: Scene, at_s: float, press_hz: float, push_g: Floats, nod: Floats) -> None:
    """A hand lands: the blow, the trunk's damped rebound against mattress and arm, the hand's weight for a moment."""
    t = np.arange(round(0.5 * GRID_HZ)) / GRID_HZ
    ring = np.exp(-t * press_hz / 0.8) * np.sin(2 * math.pi * press_hz * t)
    s.add(s.push_g, at_s, (ring - ring.mean())[:, None] * push_g)
    doublet(s, at_s, 0.12, np.zeros(3), nod)


def pat(s: Scene, a: float, b: float) -> None:
    """Pats of one hand on one place in bouts."""
    pace_hz, press_hz, t = s.draw.uniform(1.5, 3), s.draw.uniform(3, 8), a
    way, nod, strength_g = s.draw.near(s.up(), 40), s.draw.normal(math.radians(0.3)), s.draw.log(0.02, 0.2)
    irregular, bout_s = s.draw.uniform(0.02, 0.09), a + s.draw.log(8, 120)
    while t < b:
        push_g = s.draw.near(way, 8) * strength_g * s.draw.lognormal(1, 0.18)
        impact(s, t, press_hz, push_g, nod * s.draw.lognormal(1, 0.3))
        t += s.draw.lognormal(1 / pace_hz, irregular)
        if t > bout_s:
            t += s.draw.log(1, 15)
            bout_s, pace_hz = t + s.draw.log(8, 120), pace_hz * s.draw.lognormal(1, 0.05)


def feed(s: Scene, a: float, b: float) -> None:
    """Suck in swaying arms; the carer shifts, winds, changes sides."""
    suck(s, a, b)
    sway(s, a, b, s.draw.uniform(0.5, 3), s.draw.log(0.001, 0.008))
    t = a + s.draw.wait(60)
    while t < b - 8:
        squirm(s, t, t + s.draw.uniform(1, 5), 0.7 * s.rig.baby.vigour)
        t += 8 + s.draw.wait(90)


def burp(s: Scene, a: float, b: float) -> None:
    """Patted on the back, upright on a swaying shoulder."""
    pat(s, a, b)
    sway(s, a, b, s.draw.uniform(1, 4), 0.01)
    fidget(s, a, b, 15)


def change(s: Scene, a: float, b: float) -> None:
    """Change the diaper: legs lifted, hips rolled, wiped, held down, kicking in between."""
    t = a
    while t < b - 6:
        act = s.draw.pick("lift", "wipe", "roll", "kick", "hold")
        end_s = min(b, t + s.draw.uniform(2, 8))
        if act in {"lift", "roll"}:
            axis, angle = s.level_axis(), math.radians(s.draw.uniform(8, 40))
            submovement(s, t, 0.8, s.draw.normal(0.04), angle * axis)
            submovement(s, end_s - 0.8, 0.8, s.draw.normal(0.04), -angle * axis)
        if act == "wipe":
            for stroke_s in np.arange(t, end_s, s.draw.uniform(0.4, 0.9)):
                submovement(s, stroke_s, 0.4, s.draw.normal(0.01), np.zeros(3))
        if act in {"lift", "wipe", "roll"}:
            squirm(s, t, end_s, 0.6 * s.rig.baby.vigour)
        if act == "kick":
            kick(s, t, end_s, s.rig.baby.vigour)
        t = end_s + s.draw.wait(1)


def shake(s: Scene, a: float, b: float, freq_hz: float, push_g: float, way: Floats) -> None:
    """Move all as a machine does: one frequency, one way, in soft steps of strength."""
    n = round((b - a) * GRID_HZ)
    level = fade(n, 5) * (1 + 0.25 * np.sign(np.sin(np.arange(n) / n * s.draw.uniform(2, 12))))
    phase = 2 * math.pi * freq_hz * np.arange(n) / GRID_HZ
    s.add(s.world_g, a, (push_g * level * (np.sin(phase) + 0.05 * np.sin(3 * phase)))[:, None] * way)


def bassinet(s: Scene, a: float, b: float) -> None:
    freq_hz, way = s.draw.log(0.5, 4.5), np.array([1.0, 0.0, 0.0])
    shake(s, a, b, freq_hz, s.draw.log(0.01, 0.12), way)
    if s.draw.chance(0.5):  # a rocker tilts as well
        n = round((b - a) * GRID_HZ)
        angle = math.radians(s.draw.uniform(0.3, 3)) * fade(n, 5)
        angle *= np.sin(2 * math.pi * freq_hz * np.arange(n) / GRID_HZ) / freq_hz
        s.add(s.rate, a, np.gradient(angle, 1 / GRID_HZ)[:, None] * s.level_axis())


def bounce(s: Scene, a: float, b: float) -> None:
    """A sprung seat: each kick or push sets off a damped swing; near resonance they add up."""
    n, spring_hz, ring_s = round((b - a) * GRID_HZ), s.draw.uniform(1, 3), s.draw.uniform(0.6, 2)
    drive, t = np.zeros(n), 0.0
    while t < b - a - 1:
        stop_s = t + s.draw.lognormal(12, 0.6)
        while t < min(stop_s, b - a - 1):
            drive[round(t * GRID_HZ)] = s.draw.lognormal(1, 0.3)
            t += s.draw.lognormal(1 / spring_hz, s.draw.uniform(0.03, 0.2))
        t += s.draw.lognormal(5, 0.7)
    omega, damping = 2 * math.pi * spring_hz, 2 / ring_s
    num, den = bilinear([1, 0, 0], [1, damping, omega**2], fs=GRID_HZ)
    hump = np.sin(math.pi * np.arange(15) / 15)
    swing = sosfilt(np.concatenate([num, den])[None], np.convolve(drive, hump)[:n] - drive.mean() * hump.sum())
    swing *= s.draw.log(0.04, 0.3) / max(float(np.abs(swing).max()), 1e-9) * fade(n)
    s.add(s.world_g, a, swing[:, None] * np.array([0.0, 0.25, 1.0]))
    s.add(s.rate, a, (0.12 * swing)[:, None] * s.level_axis())


def ride(s: Scene, a: float, b: float, low_hz: float, high_hz: float) -> None:
    """Roll over ground: stretches of speed and surface, stops between."""
    t, shake_g = a, s.draw.log(0.01, 0.08)
    while t < b - 5:
        end_s = min(b, t + s.draw.lognormal(50, 0.8) + 5)
        rough = coloured(s.draw, end_s - t, low_hz, high_hz, 0.3) * (0.35, 0.35, 1.0)
        gusts = np.exp(0.5 * coloured(s.draw, end_s - t, 0.05, 1, 0.5)[:, :1])
        s.add(s.world_g, t, shake_g * s.draw.lognormal(1, 0.3) * rough * gusts)
        s.add(s.world_g, t, s.draw.log(0.005, 0.04) * coloured(s.draw, end_s - t, 0.05, 0.5, 0.5) * (1, 1, 0.2))
        for bump_s in t + s.draw.rng.uniform(0, end_s - t, int(s.draw.rng.poisson((end_s - t) / 20))):
            impact(s, bump_s, s.draw.uniform(4, 9), s.up() * s.draw.log(0.03, 0.4), s.draw.normal(0.005))
        t = end_s + s.draw.wait(12)


def pram(s: Scene, a: float, b: float) -> None:
    ride(s, a, b, 4, 11)
    shake(s, a, b, s.draw.uniform(1.5, 2.0), s.draw.log(0.003, 0.02), np.array([0.3, 1.0, 0.3]))


def car(s: Scene, a: float, b: float) -> None:
    ride(s, a, b, 6, 17)
