"""Single movements, and the noise that sways."""

import math

import numpy as np

from .body import GRAVITY, Scene
from .clip import GRID_HZ
from .draw import Draw, Floats


def doublet(s: Scene, at_s: float, width_s: float, push_g: Floats, nod: Floats | None = None) -> None:
    """Push and return: two lobes of opposite sign, so that the velocity ends at zero; a nod that comes back."""
    slower = 1.6
    there, back = (max(2, round(w * GRID_HZ)) for w in (width_s, slower * width_s))
    lobes = [np.sin(math.pi * (np.arange(m) + 0.5) / m) ** 2 for m in (there, back)]
    shape = np.concatenate([lobes[0], -lobes[1] * there / back])
    s.add(s.push_g, at_s, shape[:, None] * push_g)
    if nod is not None:
        m = 2 * len(shape)
        swing = math.pi * GRID_HZ / m * np.sin(2 * math.pi * (np.arange(m) + 0.5) / m)
        s.add(s.rate, at_s, swing[:, None] * nod)


def submovement(s: Scene, at_s: float, seconds: float, shift_m: Floats, turn: Floats) -> None:
    """Minimum-jerk movement of the trunk: a shift and a rotation that stay."""
    m = max(4, round(seconds * GRID_HZ))
    u = (np.arange(m) + 0.5) / m
    acceleration = (60 * u - 180 * u**2 + 120 * u**3) * (GRID_HZ / m) ** 2 / GRAVITY
    s.add(s.push_g, at_s, acceleration[:, None] * shift_m)
    s.add(s.rate, at_s, (30 * (u * (1 - u)) ** 2 * GRID_HZ / m)[:, None] * turn)


def lean_to(s: Scene, at_s: float, seconds: float, target: Floats, shift_m: Floats) -> None:
    submovement(s, at_s, seconds, shift_m, target - s.lean)
    s.lean = target


def squirm(s: Scene, a: float, b: float, vigour: float = 1.0) -> None:
    """Superposed submovements, thick and thin, about a way that drifts."""
    t, favourite, pace_s = a, s.draw.direction(), s.draw.log(0.15, 0.6)
    while t < b - 0.25:
        seconds = float(np.clip(s.draw.lognormal(0.45, 0.45), 0.2, b - t))
        way = favourite + s.draw.normal(0.6)
        target = s.draw.normal(math.radians(5) * vigour)
        lean_to(s, t, seconds, target, way * s.draw.lognormal(0.03, 0.7) * seconds**2 * vigour)
        t += pace_s + s.draw.wait(pace_s)
        if s.draw.chance(0.15):
            favourite = s.draw.direction()


def fidget(s: Scene, a: float, b: float, mean_s: float) -> None:
    """Stir now and then, unlabelled, within something that is labelled."""
    t = a + s.draw.wait(mean_s)
    while t < b - 3:
        squirm(s, t, t + s.draw.uniform(0.5, 3), 0.6)
        t += 3 + s.draw.wait(mean_s)


def kick(s: Scene, a: float, b: float, vigour: float = 1.0) -> None:
    """Kicks of alternating or single legs whose pace drifts, with lulls."""
    legs = [s.draw.direction()]
    legs.append(s.draw.near(legs[0], 40))
    pace_s, alternate = 1 / s.draw.log(0.5, 3), s.draw.chance(0.5)
    irregular, side, t = s.draw.uniform(0.25, 0.5), 0, a
    while t < b - 0.3:
        side = 1 - side if alternate or s.draw.chance(0.15) else side
        push_g = s.draw.near(legs[side], 20) * s.draw.lognormal(0.06, 0.5) * vigour
        nod = s.draw.normal(math.radians(0.8)) * vigour
        doublet(s, t, s.draw.uniform(0.09, 0.15), push_g, nod)
        pace_s = float(np.clip(pace_s * s.draw.lognormal(1, 0.08), 1 / 3, 2))
        t += max(0.22, pace_s * s.draw.lognormal(1, irregular)) + (s.draw.wait(2) if s.draw.chance(0.08) else 0)


def roll(s: Scene, at_s: float, degrees: float) -> float:
    """Roll the trunk, with effort before and settling after; give the end."""
    seconds = s.draw.uniform(1.2, 4)
    squirm(s, at_s, at_s + seconds + 1.5, 0.8)
    s.turn(at_s + 0.5, seconds, s.level_axis() * math.radians(degrees))
    return at_s + seconds + s.draw.uniform(1.5, 4)


def coloured(draw: Draw, seconds: float, low_hz: float, high_hz: float, slope: float) -> Floats:
    """Noise of unit variance whose amplitude falls as f**-slope within a band, `(n, 3)`, faded in and out."""
    n = max(16, round(seconds * GRID_HZ))
    first, last = (round(hz * n / GRID_HZ) for hz in (low_hz, high_hz))
    bins = np.arange(max(1, first), max(2, last + 1))
    spectrum = np.zeros((n // 2 + 1, 3), dtype=complex)
    spectrum[bins] = (
        draw.rng.normal(size=(len(bins), 3, 2)).view(complex)[:, :, 0] * bins[:, None].astype(float) ** -slope
    )
    noise = np.fft.irfft(spectrum, n, axis=0)
    return np.asarray(noise / float(noise.std()) * fade(n)[:, None])


def fade(n: int, seconds: float = 2.0) -> Floats:
    """Rise from 0 to 1 and fall again, over a third of the whole at most."""
    edge = min(seconds * GRID_HZ, n / 3)
    ramp = np.clip(np.minimum(np.arange(n) + 0.5, n - 0.5 - np.arange(n)) / edge, 0, 1)
    return np.asarray(np.sin(math.pi / 2 * ramp) ** 2)


def sway(s: Scene, a: float, b: float, degrees: float, push_g: float) -> None:
    """Slow sway of arms: rotation as 1/f, and a little translation."""
    angle = math.radians(degrees) * coloured(s.draw, b - a, 0.03, 1.5, 1.0)
    s.add(s.rate, a, np.gradient(angle, 1 / GRID_HZ, axis=0))
    s.add(s.world_g, a, push_g * coloured(s.draw, b - a, 0.1, 3, 0.7))
