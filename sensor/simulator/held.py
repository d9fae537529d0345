"""Movements that hold a posture: epileptic spasms in clusters, and stiffening."""

import math
from typing import Final

import numpy as np

from processing.samples import Floats
from sensor.simulator import jerks
from sensor.simulator.body import tremor
from sensor.simulator.shapes import TEMPLATE_HZ, Cloth, felt_peak, mixed, pulse, smooth_step
from sensor.simulator.splits import Span
from sensor.simulator.wearer import Wearer

SPASM_S: Final = Span(0.4, 3.0, log=True)
"""Length of a contraction (0.4-3 s in 85.7 % of 681)."""
SPASM_LONG_S: Final = Span(3.0, 6.0)
LONG: Final = 0.1
"""Share of contractions that last longer (the rest of them, short of the rare ones of 10 s)."""
SPASM_INTERVAL_S: Final = (5.0, 30.0)
SPASM_TILT_DEG: Final = Span(2.0, 20.0, log=True)
"""How far a contraction at the height of its cluster tips the trunk (prior)."""
TONIC_TILT_DEG: Final = Span(5.0, 30.0)
TREMOR_HZ: Final = Span(8.0, 12.0)
TREMOR_SIZE: Final = Span(1.5, 10.0, log=True)
"""Band-passed peak over the baby's own quiet (prior)."""
AFTER_JERKS: Final = 0.25
"""Share of stiffening that begins with jerks (prior)."""


def spasms(wearer: Wearer, start_s: float, count: int, size: float) -> float:
    """A cluster of contractions every 5-30 s, weaker at both ends, each one jolt into a posture that is held.

    `size` is that of the jolt at the height of the cluster; the tilt is drawn apart from it (`facts["tilt_deg"]`).
    """
    rng = wearer.rng
    way, jolt = wearer.sideways(), _jolt(wearer)
    tilt = math.tan(math.radians(SPASM_TILT_DEG.draw(rng)))
    every_s, wobble_deg = float(rng.uniform(6, 20)), float(rng.uniform(0, 12))
    wearer.facts.update(size=size, tilt_deg=math.degrees(math.atan(tilt)), count=count, every_s=every_s)
    at_s = stop_s = start_s
    for number in range(count):
        swell = 0.4 + 0.6 * math.sin(math.pi * (number + 0.5) / count)
        hold = _hold((SPASM_LONG_S if rng.random() < LONG else SPASM_S).draw(rng), float(rng.uniform(0.08, 0.3)))
        linear, lean = mixed(wearer.quiet_g * size * swell * jolt, tilt * swell * hold)
        wearer.push(at_s, linear, lean, jerks.wobbled(rng, way, wobble_deg))
        stop_s = at_s + len(hold) / TEMPLATE_HZ
        wearer.label(at_s, stop_s, "contraction")
        at_s = max(at_s + float(np.clip(rng.normal(every_s, 0.3 * every_s), *SPASM_INTERVAL_S)), stop_s + 1.0)
    wearer.label(start_s, stop_s, "spasm_cluster")
    return stop_s + 1.0


def _jolt(wearer: Wearer) -> Floats:
    """Give a contraction's jolt, of unit band-passed peak."""
    rng, split = wearer.rng, wearer.split
    shape = split.shapes[rng.integers(len(split.shapes))]
    cloth = Cloth(split.ring_hz.draw(rng), split.ring_decay_s.draw(rng), 0.5 * split.ring_share.draw(rng))
    wave = cloth.through(pulse(shape, float(rng.uniform(0.1, 0.3))))
    return wave / felt_peak(wave, wearer.sensor.true_rate_hz)


def _hold(length_s: float, rise_s: float) -> Floats:
    """Give a posture taken in `rise_s`, held with a little sagging, and left within a second, `(m,)`, at most 1."""
    fall_s = min(1.0, 0.5 * length_s)
    at_s = np.arange(round((length_s + fall_s) * TEMPLATE_HZ)) / TEMPLATE_HZ
    sag = 1 - 0.25 * np.clip(at_s / length_s, 0, 1)
    return np.asarray(smooth_step(at_s / rise_s) * sag * (1 - smooth_step((at_s - length_s) / fall_s)))


def stiffening(wearer: Wearer, start_s: float, duration_s: float, tilt_deg: float, tremor_size: float) -> float:
    """A step of posture held for its whole length with a tremor of 8-12 Hz, sometimes after a few jerks."""
    rng = wearer.rng
    stiff_s = start_s
    if rng.random() < AFTER_JERKS:
        jerker = jerks.draw_jerker(wearer)
        for at_s in jerks.rhythm_times(rng, start_s, start_s + 3.0, (3.0, 2.0), 0.1):
            jerker.jerk(wearer, at_s, tremor_size * 2)
        stiff_s += 3.0
    rise_s, fall_s = float(rng.uniform(0.3, 2.0)), float(rng.uniform(1.0, 3.0))
    left_deg = tilt_deg * float(rng.uniform(0, 0.3))
    axis = wearer.turn(stiff_s, rise_s, tilt_deg)
    hz = TREMOR_HZ.draw(rng)
    tremor(wearer, stiff_s, duration_s, hz, tremor_size * wearer.quiet_g)
    wearer.turn(stiff_s + duration_s, fall_s, left_deg - tilt_deg, axis)
    wearer.label(start_s, stiff_s + duration_s, "stiffening")
    wearer.facts.update(tilt_deg=tilt_deg, tremor_hz=hz, tremor_size=tremor_size, duration_s=duration_s, rise_s=rise_s)
    return stiff_s + duration_s + fall_s + 1.0
