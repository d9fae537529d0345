"""Harmless movements that repeat: hiccups, periodic limb movements, sucking, head banging, jitteriness."""

from typing import Final

import numpy as np

from processing.samples import Floats
from sensor.simulator.body import tremor
from sensor.simulator.outside import phase, swing
from sensor.simulator.shapes import TEMPLATE_HZ, Cloth, felt_peak, mixed, pulse, smooth_step
from sensor.simulator.splits import Span
from sensor.simulator.wearer import Wearer

HICCUP_INTERVAL_S: Final = Span(2.0, 15.0, log=True)
PERIODIC_INTERVAL_S: Final = Span(15.0, 60.0, log=True)
PERIODIC_S: Final = Span(0.5, 5.0, log=True)
SUCKING_PAUSE_S: Final = Span(3.0, 10.0)
BANGING_HZ: Final = Span(0.5, 2.0)
JITTER_HZ: Final = Span(6.0, 9.0)


def hiccups(wearer: Wearer, start_s: float, duration_s: float, size: float) -> float:
    """A bout of hiccups: single jolts of about 0.3 s along the body at steady intervals, posture unchanged."""
    rng, split = wearer.rng, wearer.split
    cloth = Cloth(split.ring_hz.draw(rng), split.ring_decay_s.draw(rng), float(rng.uniform(0, 0.4)))
    linear, lean = mixed(cloth.through(pulse("half_sine", rng.uniform(0.1, 0.2))), 0.3 * pulse("half_sine", 0.3))
    peak = felt_peak(linear + lean, wearer.sensor.true_rate_hz)
    way, every_s, cv = wearer.mostly_sideways(), HICCUP_INTERVAL_S.draw(rng), float(rng.uniform(0.04, 0.15))
    at_s = last_s = start_s
    while at_s < start_s + duration_s:
        gain_g = wearer.quiet_g * size / peak * float(np.clip(1 + 0.15 * rng.standard_normal(), 0.5, 1.5))
        wearer.push(at_s, gain_g * linear, gain_g * lean, way)
        last_s = at_s
        at_s += every_s * float(np.clip(1 + cv * rng.standard_normal(), 0.6, 1.5))
    wearer.label(start_s, last_s + 0.3, "hiccups")
    wearer.facts.update(size=size, every_s=every_s)
    return last_s + 0.6


def periodic(wearer: Wearer, start_s: float, count: int, size: float) -> float:
    """Periodic limb movements asleep: slow swells of 0.5-5 s every 10-90 s, posture as before."""
    rng = wearer.rng
    way, every_s, cv = wearer.mostly_sideways(), PERIODIC_INTERVAL_S.draw(rng), float(rng.uniform(0.08, 0.3))
    at_s = stop_s = start_s
    for _ in range(count):
        length_s = PERIODIC_S.draw(rng)
        _swell(wearer, at_s, length_s, wearer.quiet_g * size * float(rng.lognormal(0, 0.2)), way)
        stop_s = at_s + length_s
        at_s = max(at_s + every_s * float(np.clip(1 + cv * rng.standard_normal(), 0.6, 1.6)), at_s + 10, stop_s + 4)
    wearer.label(start_s, stop_s, "periodic_movements")
    wearer.facts.update(size=size, every_s=every_s, count=count)
    return stop_s + 1.0


def _swell(wearer: Wearer, at_s: float, length_s: float, size_g: float, way: Floats) -> None:
    """A limb drawn up and let go: lean for its length, with acceleration at both ends."""
    second = np.arange(round(length_s * TEMPLATE_HZ)) / TEMPLATE_HZ
    edge_s = length_s * float(wearer.rng.uniform(0.25, 0.5))
    lean = smooth_step(second / edge_s) * smooth_step((length_s - second) / edge_s)
    linear = np.gradient(lean)
    wave = 0.5 * lean / lean.max() + 0.5 * linear / np.abs(linear).max()
    peak = felt_peak(wave, wearer.sensor.true_rate_hz)
    gain = 0.5 * size_g / peak
    wearer.push(at_s, gain * linear / np.abs(linear).max(), gain * lean / lean.max(), way)


def sucking(wearer: Wearer, start_s: float, duration_s: float, size: float) -> float:
    """Sucking: small sinusoidal bursts at 2.1 Hz, 4.7 s long at three months and 1.7 s at a year (Zimmerman 2020)."""
    rng = wearer.rng
    burst_s = float(np.interp(wearer.baby.age_months, (3, 12), (4.7, 1.7)))
    hz, way = 2.1 * float(rng.uniform(0.85, 1.15)), wearer.mostly_sideways()
    at_s = start_s
    while at_s < start_s + duration_s:
        stop_s = at_s + burst_s * float(rng.lognormal(0, 0.3))
        turn = phase(wearer, at_s, stop_s, hz, 0.05)
        wave = wearer.quiet_g * size * (np.sin(turn) + 0.15 * np.sin(2 * turn + 0.5))
        swing(wearer, at_s, stop_s, wave, tilt=0.5, way=way)
        at_s = stop_s + SUCKING_PAUSE_S.draw(rng)
    wearer.label(start_s, at_s, "movement", "sucking")
    wearer.facts.update(size=size, hz=hz)
    return at_s


def head_banging(wearer: Wearer, start_s: float, duration_s: float) -> float:
    """Head banging or body rocking while falling asleep: 0.5-2 Hz, large, sinusoidal, in bouts with pauses."""
    rng = wearer.rng
    banging = bool(rng.integers(2))
    hz, way = BANGING_HZ.draw(rng), wearer.sideways()
    size_g, tilt = float(rng.uniform(0.05, 0.35)), float(rng.uniform(0.2, 0.7))
    at_s = stop_s = start_s
    while at_s < start_s + duration_s:
        stop_s = min(at_s + float(rng.uniform(10, 90)), start_s + duration_s + 5)
        turn = phase(wearer, at_s, stop_s, hz, 0.04)
        knock = 0.5 * np.maximum(np.sin(turn), 0) ** 8 if banging else 0.1 * np.sin(2 * turn)
        swing(wearer, at_s, stop_s, size_g * (np.sin(turn) + knock), tilt=tilt, way=way)
        at_s = stop_s + float(rng.uniform(2, 20))
    wearer.label(start_s, stop_s, "movement", "head_banging" if banging else "body_rocking")
    wearer.facts["hz"] = hz
    return stop_s + 1.0


def jitteriness(wearer: Wearer, start_s: float, duration_s: float, size: float) -> float:
    """Jitteriness of an awake baby: bursts of 1-8 s of small sinusoidal tremor at 6 Hz or more."""
    rng = wearer.rng
    hz = JITTER_HZ.draw(rng)
    at_s = stop_s = start_s
    while at_s < start_s + duration_s:
        stop_s = at_s + float(rng.uniform(1, 8))
        tremor(wearer, at_s, stop_s - at_s, hz, size * wearer.quiet_g)
        at_s = stop_s + float(rng.uniform(1, 15))
    wearer.label(start_s, stop_s, "movement", "jitteriness")
    wearer.facts.update(size=size, hz=hz)
    return stop_s + 0.5
