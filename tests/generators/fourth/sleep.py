"""What a baby does of itself while asleep, and hiccups."""

import math

import numpy as np

from .body import PAD_S, Scene
from .jerks import burst, startle
from .movements import doublet, roll, squirm, submovement


def arouse(s: Scene, at_s: float, seconds: float | None = None) -> float:
    end_s = at_s + (seconds or s.draw.uniform(2, 8))
    squirm(s, at_s, end_s, s.draw.lognormal(0.8, 0.3))
    s.label(at_s, end_s, "movement", "arousal")
    return end_s


def sigh(s: Scene, at_s: float) -> float:
    axis, depth = s.level_axis(), math.radians(s.draw.log(0.3, 1.5))
    submovement(s, at_s, 1.2, np.zeros(3), depth * axis)
    submovement(s, at_s + 1.3, 1.5, np.zeros(3), -depth * axis)
    return at_s + 3


def turn_over(s: Scene, at_s: float) -> float:
    end_s = roll(s, at_s, s.draw.uniform(40, 180))
    s.label(at_s, end_s, "movement", "turn_over")
    return end_s


def asleep(s: Scene, a: float, b: float) -> None:
    """Sleep in cycles: active with twitches and stirring, quiet with startles and sighs."""
    active, changes_s, t = s.draw.chance(0.5), a + s.draw.uniform(300, 1500), a
    pace_s, lively = s.draw.log(30, 120), s.draw.log(0.6, 1.6)
    while True:
        t += 3 + s.draw.wait(pace_s if active else 2.5 * pace_s)
        if t > b - 15:
            return
        if t > changes_s:
            active, changes_s = not active, t + s.draw.uniform(900, 1800)
        odds = (0.6, 0.03, 0.15, 0.16 * lively, 0.06) if active else (0.15, 0.3, 0.45, 0.07 * lively, 0.03)
        act = s.draw.rng.choice(5, p=np.array(odds) / sum(odds))
        t = (burst, startle, sigh, arouse, turn_over)[int(act)](s, t)


def twitch_run(s: Scene, a: float, b: float) -> None:
    t = a
    while t < b - 12:
        t = burst(s, t) + 3.5 + s.draw.wait(12)


def periodic(s: Scene, a: float, b: float) -> None:
    """Slow swells at nearly even intervals."""
    every_s, size, way, t, n = s.draw.log(12, 60), s.draw.log(2.5, 12), s.draw.direction(), a, 0
    last_s = a
    while (t < b or n < 4) and t < s.duration_s - 12:
        seconds = s.draw.log(0.6, 5)

        def swell(layer: Scene, seconds: float = seconds) -> None:
            nod = s.draw.near(way, 15) * 0.05
            submovement(layer, PAD_S, seconds / 2, nod, nod)
            submovement(layer, PAD_S + seconds / 2, seconds / 2, -nod, -nod)

        s.sized(t, t + seconds, size * s.draw.lognormal(1, 0.2), swell, 30)
        last_s, n = t + seconds, n + 1
        t += float(np.clip(s.draw.lognormal(every_s, 0.12), 10, 88))
    s.label(a, last_s, "periodic_movements")


def hiccup(s: Scene, a: float, b: float) -> None:
    """Single jolts at nearly constant intervals, sometimes with one missing."""
    every_s, even, way, width_s = (
        s.draw.log(2, 15),
        s.draw.uniform(0.04, 0.2),
        s.draw.direction(),
        s.draw.uniform(0.08, 0.15),
    )
    strength, nod = s.draw.rng.lognormal(0, 0.2, 600), s.draw.normal(0.01)

    def jolts(layer: Scene) -> None:
        t, i = PAD_S, 0
        while t < PAD_S + b - a - 0.5:
            doublet(layer, t, width_s, s.draw.near(way, 8) * strength[i % 600], nod)
            t, i = t + s.draw.lognormal(every_s, even) * (2 if s.draw.chance(0.04) else 1), i + 1

    s.sized(a, b, s.draw.log(3, 20), jolts, 30)
    s.label(a, b, "hiccups")
