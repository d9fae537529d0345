"""What a baby does of itself, mostly while awake."""

import math
from functools import partial

import numpy as np

from .body import PAD_S, Scene
from .clip import GRID_HZ
from .draw import Floats
from .movements import coloured, doublet, fade, kick, roll, squirm, submovement


def awake(s: Scene, a: float, b: float, *, restless: bool = False) -> None:
    """Wakefulness: bouts of kicking, squirming, reaching and rolling, with pauses and quiet minutes."""
    t = a + (0 if restless else s.draw.wait(5))
    while t < b - 3:
        end_s = min(b, t + max(1.5, s.draw.lognormal(6, 0.7)))
        act, vigour = s.draw.pick("kick", "kick", "squirm", "squirm", "reach", "roll"), s.rig.baby.vigour
        vigour *= s.draw.lognormal(1, 0.4)
        if act == "kick":
            kick(s, t, end_s, vigour)
        elif act == "roll" and end_s + 5 < b and s.draw.chance(0.5):
            end_s = min(b, roll(s, t, s.draw.uniform(10, 60)))
        else:
            squirm(s, t, end_s, vigour * (0.5 if act == "reach" else 1.0))
        if not restless:
            s.label(t, end_s, "movement", "kicking" if act == "kick" else "playing")
        t = end_s + s.draw.lognormal(1.5 if restless else 7, 0.9)
        t += s.draw.uniform(30, 120) if s.draw.chance(1 / 12) and not restless else 0


def play(s: Scene, a: float, b: float) -> None:
    awake(s, a, b, restless=True)


def kicking(s: Scene, a: float, b: float) -> None:
    """Kick in bouts with short rests."""
    t = a
    while t < b - 3:
        end_s = min(b, t + s.draw.lognormal(12, 0.6))
        kick(s, t, end_s, s.rig.baby.vigour)
        t = end_s + s.draw.lognormal(4, 0.7)


def suck(s: Scene, a: float, b: float) -> None:
    """Suck at about 2.1 Hz in bursts with pauses; the swallow every few sucks is stronger."""
    pace_hz, bursts_s = s.draw.uniform(1.8, 2.4), s.draw.lognormal(4.7, 0.5)
    size_g, way, t = s.draw.log(0.001, 0.012), s.draw.direction(), a
    while t < b - 1:
        end_s = min(b, t + s.draw.lognormal(bursts_s, 0.4))
        n = max(16, round((end_s - t) * GRID_HZ))
        freq_hz = pace_hz * np.linspace(1.05, 0.95, n) * (1 + 0.03 * coloured(s.draw, n / GRID_HZ, 0.1, 1.5, 0.5)[:, 0])
        phase = np.cumsum(freq_hz) * 2 * math.pi / GRID_HZ
        wave = np.sin(phase) * (1 + 0.5 * np.cos(phase / 3)) + 0.25 * np.sin(2 * phase)
        s.add(s.push_g, t, (size_g * fade(n, 0.7) * wave)[:, None] * s.draw.near(way, 5))
        t = end_s + s.draw.lognormal(3.5, 0.6)


def cry(s: Scene, a: float, b: float) -> None:
    """Sob about once a second, the trunk heaving, fists and legs going along."""
    pace_s, axis, t = s.draw.uniform(0.75, 1.4), s.level_axis(), a
    heave, strength = math.radians(s.draw.log(0.5, 3)), s.rig.baby.vigour
    while t < b - 2:
        end_s = min(b, t + s.draw.lognormal(15, 0.7))
        if s.draw.chance(0.6):
            (kick if s.draw.chance(0.5) else squirm)(s, t, end_s, 0.8 * strength)
        while t < end_s:
            sob_s = s.draw.lognormal(pace_s, 0.15)
            size, shift_m = heave * s.draw.lognormal(1, 0.3), s.draw.normal(0.003)
            submovement(s, t, 0.65 * sob_s, shift_m, size * axis)
            submovement(s, t + 0.65 * sob_s, 0.35 * sob_s, -0.3 * shift_m, -size * axis)
            t += sob_s
        t += s.draw.lognormal(3, 0.7)


def bang(s: Scene, a: float, b: float) -> None:
    """Bang the head or rock the body: large swings with a knock at one end, in bouts."""
    freq_hz, axis, t = s.draw.uniform(0.5, 2), s.level_axis(), a
    knock_g, swing = s.up() * s.draw.log(0.02, 0.4), math.radians(s.draw.log(3, 12))
    while t < b - 2:
        end_s = min(b, t + s.draw.log(8, 90))
        while t < end_s - 1 / freq_hz:
            half_s, reach = 0.5 * s.draw.lognormal(1 / freq_hz, 0.06), swing * s.draw.lognormal(1, 0.12)
            submovement(s, t, half_s, s.draw.normal(0.004), reach * axis)
            submovement(s, t + half_s, half_s, s.draw.normal(0.004), -reach * axis)
            doublet(s, t + 2 * half_s - 0.05, 0.05, s.draw.near(knock_g, 8))
            t += 2 * half_s
        t = end_s + s.draw.log(2, 20)


def laid(wave_g: Floats, layer: Scene) -> None:
    layer.add(layer.push_g, PAD_S, wave_g)


def jitter(s: Scene, a: float, b: float) -> None:
    """Tremble quickly and finely for seconds at a time."""
    freq_hz, t = s.draw.uniform(6, 11), a
    while t < b - 1:
        end_s = min(b, t + s.draw.log(1.5, 10))
        n, way, size = round((end_s - t) * GRID_HZ), s.draw.direction(), s.draw.log(2, 10)
        phase = np.cumsum(freq_hz * (1 + 0.03 * s.draw.rng.normal(size=n))) * 2 * math.pi / GRID_HZ
        wave = (fade(n, 0.4) * np.sin(phase))[:, None] * way
        s.sized(t, end_s, size, partial(laid, wave))
        t = end_s + s.draw.lognormal(12, 0.7)
