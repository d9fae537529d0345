"""Jerks: rhythms, series, twitches and startles; spasms and stiffening."""

import math
from dataclasses import dataclass

import numpy as np

from .body import PAD_S, Scene
from .clip import GRID_HZ
from .draw import Draw, Floats
from .movements import coloured, doublet, fade, lean_to, submovement


@dataclass(frozen=True, kw_only=True)
class Jerks:
    """How a run of jerks goes; one draw holds for a whole series."""

    freq_hz: float
    slowing: float
    growing: bool
    interval_cv: float
    amplitude_cv: float
    wobble_deg: float
    width_s: float
    way: Floats
    nod: Floats

    @classmethod
    def drawn(cls, draw: Draw, freq_hz: float) -> "Jerks":
        return cls(
            freq_hz=freq_hz,
            slowing=draw.uniform(0.5, 0.9) if draw.chance(0.5) else 1.0,
            growing=draw.chance(0.5),
            interval_cv=draw.uniform(0, 0.25),
            amplitude_cv=draw.uniform(0, 0.4),
            wobble_deg=draw.uniform(0, 45),
            width_s=min(draw.log(0.03, 0.15), 0.35 / freq_hz),
            way=draw.direction(),
            nod=draw.direction() * draw.log(0.002, 0.05),
        )

    def run(self, s: Scene, a: float, b: float, freq_hz: float | None = None) -> None:
        """Lay jerks of 1 g from a to b, with a nod of up to 3 degrees each."""
        t = a
        while t < b - 2.6 * self.width_s:
            size = max(0.15, 1 + self.amplitude_cv * float(s.draw.rng.normal()))
            size *= min(1.0, 0.3 + 0.07 * (t - a)) if self.growing else 1.0
            doublet(s, t, self.width_s, size * s.draw.near(self.way, self.wobble_deg), size * self.nod)
            pace_hz = (freq_hz or self.freq_hz) * (1 + (self.slowing - 1) * (t - a) / (b - a))
            t += max(0.4, 1 + self.interval_cv * float(s.draw.rng.normal())) / pace_hz


def rhythm(s: Scene, a: float, b: float, jerks: Jerks | None = None) -> None:
    """Add a sized clonic rhythm, and note what was drawn."""
    jerks = jerks or Jerks.drawn(s.draw, s.draw.log(0.8, 5))
    size = s.facts.setdefault("size", s.draw.log(2, 30))
    s.facts |= {"freq_hz": jerks.freq_hz, "interval_cv": jerks.interval_cv, "width_ms": 1000 * jerks.width_s}
    s.sized(a, b, size, lambda layer: jerks.run(layer, PAD_S, PAD_S + b - a))


def cluster(s: Scene, a: float, b: float, jerks: Jerks, size: float) -> None:
    freq_hz = float(np.clip(jerks.freq_hz * s.draw.lognormal(1, 0.15), 1, 5))
    s.sized(a, b, size, lambda layer: jerks.run(layer, PAD_S, PAD_S + b - a, freq_hz))


def series(s: Scene, a: float, b: float, *, jerks: Jerks | None = None, bursts: bool = False) -> None:
    """Benign clusters with pauses until b; as many bursts, or as one series."""
    jerks = jerks or Jerks.drawn(s.draw, s.draw.log(1, 5))
    size, t = s.draw.log(2, 15), a
    while t < b - 1.5:
        end_s = min(b, t + s.draw.uniform(1.5, 4))
        cluster(s, t, end_s, jerks, size * s.draw.lognormal(1, 0.2))
        if bursts:
            s.label(t, end_s, "myoclonic_burst")
        t = end_s + s.draw.log(1, 15)
    s.facts |= {"size": size, "freq_hz": jerks.freq_hz}


def burst(s: Scene, at_s: float) -> float:
    """Draw an ordinary twitch burst; give its end."""
    gaps_s = s.draw.rng.lognormal(math.log(0.5), 0.7, int(s.draw.rng.geometric(0.25)) - 1).clip(0.15, 2.8)
    times_s = np.cumsum([0.0, *gaps_s])
    times_s = times_s[times_s < 9]
    width_s, way, end_s = s.draw.log(0.03, 0.12), s.draw.direction(), at_s + float(times_s[-1]) + 0.4

    def twitches(layer: Scene) -> None:
        for t in times_s:
            push_g = s.draw.near(way, 35) * s.draw.lognormal(1, 0.4)
            doublet(layer, PAD_S + t, width_s, push_g, s.draw.normal(0.005))

    s.sized(at_s, end_s, s.draw.log(2, 15), twitches)
    s.label(at_s, end_s, "myoclonic_burst")
    return end_s


def startle(s: Scene, at_s: float) -> float:
    """Fling the arms: a large jerk, a hug back, a small change of posture."""
    way, width_s = s.draw.direction(), s.draw.uniform(0.06, 0.15)
    doublet(s, at_s, width_s, way * s.draw.log(0.05, 0.5), s.draw.normal(math.radians(2)))
    shift_m = -way * s.draw.log(0.003, 0.02)
    lean_to(s, at_s + 0.2, s.draw.uniform(0.5, 1.2), s.draw.normal(math.radians(2)), shift_m)
    s.label(at_s, at_s + 1.5, "movement", "startle")
    return at_s + 1.5


def contraction(s: Scene, at_s: float, axis: Floats, tilt: float, hold_s: float) -> float:
    """One spasm: a jolt into a bent posture, held, and released slowly; give the end."""
    rise_s, release_s = s.draw.uniform(0.15, 0.4), s.draw.uniform(0.4, 1.2)
    doublet(s, at_s, s.draw.uniform(0.05, 0.15), s.draw.near(s.up(), 25) * s.draw.log(0.02, 0.2) * math.sqrt(tilt))
    axis = s.draw.near(axis, 8)
    submovement(s, at_s, rise_s, s.draw.normal(0.003), tilt * axis)
    submovement(s, at_s + rise_s + hold_s, release_s, s.draw.normal(0.003), -tilt * axis)
    s.label(at_s, at_s + rise_s + hold_s, "contraction")
    return at_s + rise_s + hold_s + release_s


def spasms(s: Scene, a: float) -> float:
    """Lay a cluster of contractions; give its end."""
    n, tilt, hold_s = int(s.draw.rng.integers(3, 16)), math.radians(s.draw.log(3, 40)), s.draw.log(0.4, 2.4)
    every_s, waxing, axis, t, end_s = s.draw.uniform(6, 22), s.draw.chance(0.6), s.level_axis(), a, a
    for i in range(n):
        part = 0.4 + 0.6 * math.sin(math.pi * (i + 0.5) / n) if waxing else 1.0
        end_s = contraction(s, t, axis, tilt * part * s.draw.lognormal(1, 0.12), hold_s * s.draw.lognormal(1, 0.15))
        t = max(end_s + 1, t + float(np.clip(every_s * s.draw.lognormal(1, 0.2), 5, 28)))
    s.facts |= {"tilt_deg": math.degrees(tilt), "hold_s": hold_s, "contractions": n}
    s.label(a, end_s, "spasm_cluster")
    return end_s


def stiffen(s: Scene, a: float, b: float) -> None:
    """Step into a posture, hold it trembling, and relax."""
    axis, tilt, rise_s = s.level_axis(), math.radians(s.draw.log(8, 45)), s.draw.uniform(0.3, 1.2)
    submovement(s, a, rise_s, s.draw.normal(0.005), tilt * axis)
    submovement(s, b, s.draw.uniform(0.6, 3), s.draw.normal(0.005), -tilt * axis)
    tremor_hz, way = s.draw.uniform(8, 12), s.draw.direction()

    def tremble(layer: Scene) -> None:
        n = round((b - a - rise_s) * GRID_HZ)
        phase = np.cumsum(tremor_hz + s.draw.rng.normal(0, 2, n)) * 2 * math.pi / GRID_HZ
        level = 1 + 0.3 * coloured(s.draw, n / GRID_HZ, 0.2, 2, 0.5)[:, 0]
        layer.add(layer.push_g, PAD_S, (fade(n, 0.5) * level * np.sin(phase))[:, None] * way)

    s.sized(a + rise_s, b, s.draw.log(1.5, 8), tremble)
    s.facts |= {"tilt_deg": math.degrees(tilt), "tremor_hz": tremor_hz}
    s.label(a, b, "stiffening")
