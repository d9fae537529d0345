"""Larger movements of the baby's own: arousals, turn-overs, kicking, and what an awake baby does."""

import math
from collections.abc import Callable

import numpy as np

from sensor.simulator.shapes import TEMPLATE_HZ, mixed, pulse
from sensor.simulator.wearer import Wearer

Play = Callable[[Wearer, float], float]
"""A movement: plays from a second on, and gives the second at which it is over."""


def gross(wearer: Wearer, start_s: float, duration_s: float, *, size_g: float, settles_deg: float) -> float:
    """Irregular movement of trunk and limbs: overlapping pushes every way, and a posture a bit changed."""
    rng = wearer.rng
    for _ in range(max(2, rng.poisson(3.0 * duration_s))):
        at_s = start_s + rng.uniform(0, duration_s)
        swell = math.sin(math.pi * min(max((at_s - start_s) / duration_s, 0.05), 0.95)) ** 0.5
        _shove(wearer, at_s, size_g * swell * min(float(rng.lognormal(-0.2, 0.5)), 2.0))
    wearer.turn(start_s, max(duration_s, 0.5), settles_deg * float(rng.lognormal(0, 0.4)))
    return start_s + duration_s + 0.9


def _shove(wearer: Wearer, at_s: float, size_g: float) -> None:
    rng = wearer.rng
    width_s = float(rng.uniform(0.15, 0.6))
    shape = wearer.split.shapes[rng.integers(len(wearer.split.shapes))]
    push = pulse(shape, width_s)
    back = pulse(shape, width_s * rng.uniform(0.6, 1.2))
    linear = np.concatenate((push, -rng.uniform(0.2, 0.9) * back))
    linear, lean = mixed(linear, pulse("half_sine", width_s * 1.5) ** 2 * rng.uniform(0.1, 0.8))
    wearer.push(at_s, size_g * linear, size_g * lean, wearer.mostly_sideways())


def arousal(wearer: Wearer, start_s: float, size_g: float) -> float:
    """An arousal out of sleep: 2-4 s of irregular movement, often with more than 5 degrees of posture change."""
    duration_s = float(wearer.rng.uniform(2, 4))
    stop_s = gross(wearer, start_s, duration_s, size_g=size_g, settles_deg=float(wearer.rng.uniform(2, 15)))
    wearer.label(start_s, start_s + duration_s, "movement", "arousal")
    return stop_s


def large_movement(wearer: Wearer, start_s: float, size_g: float) -> float:
    """A large body movement of 3-30 s."""
    duration_s = min(3.0 + float(wearer.rng.exponential(5.0)), 30.0)
    stop_s = gross(wearer, start_s, duration_s, size_g=size_g, settles_deg=float(wearer.rng.uniform(3, 25)))
    wearer.label(start_s, start_s + duration_s, "movement", "gross")
    return stop_s


def turn_over(wearer: Wearer, start_s: float, size_g: float) -> float:
    """A turn-over: 2-6 s of movement in which the posture goes over by 60-180 degrees and stays there."""
    rng = wearer.rng
    duration_s = float(rng.uniform(2, 6))
    wearer.turn(start_s, duration_s, float(rng.uniform(60, 180)))
    gross(wearer, start_s, duration_s, size_g=size_g, settles_deg=3.0)
    wearer.label(start_s, start_s + duration_s, "movement", "turn_over")
    return start_s + duration_s + 1.0


def kicking(wearer: Wearer, start_s: float, size_g: float) -> float:
    """A burst of awake kicks of 0.23-0.33 s each (Trujillo-Priego 2017), irregular, of one leg or both in turn."""
    rng = wearer.rng
    legs = [wearer.mostly_sideways() for _ in range(2)]
    at_s = start_s
    for _ in range(rng.integers(3, 12)):
        kick = pulse("half_sine", float(rng.uniform(0.23, 0.33)))
        linear = np.concatenate((kick, -rng.uniform(0.4, 1.0) * kick))
        linear, lean = mixed(linear, pulse("half_sine", 0.5) * rng.uniform(0.1, 0.6))
        way = legs[rng.integers(2)] + 0.3 * rng.standard_normal(3)
        gain_g = size_g * min(float(rng.lognormal(0, 0.4)), 2.0)
        wearer.push(at_s, gain_g * linear, gain_g * lean, way / np.linalg.norm(way))
        at_s += 0.3 + float(rng.gamma(1.6, 0.3))
    wearer.turn(start_s, at_s - start_s, float(rng.uniform(0.5, 6)))
    wearer.label(start_s, at_s, "movement", "kicking")
    return at_s + 0.5


def fidget(wearer: Wearer, start_s: float) -> float:
    """A small awake movement of a hand or the head."""
    duration_s = float(wearer.rng.uniform(0.5, 2.0))
    size_g = wearer.baby.gross_g * float(wearer.rng.uniform(0.1, 0.35))
    wearer.label(start_s, start_s + duration_s, "movement", "fidget")
    return gross(wearer, start_s, duration_s, size_g=size_g, settles_deg=0.8)


def stirring(play: Play, every_s: float = 25.0) -> Play:
    """Let an awake baby move a little while something else goes on."""

    def both(wearer: Wearer, start_s: float) -> float:
        end_s = play(wearer, start_s)
        stirs(wearer, start_s, end_s, every_s=every_s)
        return end_s

    return both


def stirs(wearer: Wearer, start_s: float, stop_s: float, *, every_s: float = 25.0) -> None:
    """Move a little now and then without a change of posture, as a baby does while something else goes on."""
    rng = wearer.rng
    at_s = start_s + float(rng.exponential(every_s))
    while at_s < stop_s - 3:
        duration_s = float(rng.uniform(0.5, 2.5))
        for _ in range(1 + int(rng.poisson(2 * duration_s))):
            _shove(wearer, at_s + rng.uniform(0, duration_s), wearer.baby.gross_g * float(rng.uniform(0.1, 0.7)))
        wearer.label(at_s, at_s + duration_s + 0.6, "movement", "fidget")
        at_s += duration_s + 1.0 + float(rng.exponential(every_s))


def tremor(wearer: Wearer, start_s: float, duration_s: float, hz: float, size_g: float) -> None:
    """A tremor of slowly wandering size and frequency along one direction, rising and falling within half a second."""
    rng = wearer.rng
    n = round(duration_s * TEMPLATE_HZ)
    at_s = np.arange(n) / TEMPLATE_HZ
    knots_s = np.arange(0.0, duration_s + 0.5, 0.25)
    wander = np.interp(at_s, knots_s, rng.standard_normal(len(knots_s)))
    depth = np.interp(at_s, knots_s, np.clip(1 + 0.3 * rng.standard_normal(len(knots_s)), 0.2, 2))
    edge = np.clip(np.minimum(at_s, duration_s - at_s) / 0.4, 0, 1)
    wave = np.sin(2 * np.pi * np.cumsum(hz + 0.5 * wander) / TEMPLATE_HZ)
    wearer.push(start_s, size_g * edge * depth * wave, np.zeros(n), wearer.mostly_sideways())
