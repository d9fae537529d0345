"""Movement from outside: arms, rocking, patting, a moving bassinet, a pram, a car."""

from typing import Final

import numpy as np

from processing.samples import Floats
from sensor.simulator.body import gross
from sensor.simulator.shapes import Cloth, band_noise, mixed, pulse, wander
from sensor.simulator.wearer import Stage, Wearer

HELD_BREATHING_HZ: Final = 0.25
"""An adult's breathing at rest (prior)."""
STANDING: Final = 0.06
"""Share of a ride spent standing (prior)."""


def handled(wearer: Wearer, start_s: float, angle_deg: float, *, size_g: float | None = None) -> float:
    """Be picked up or put down: 2-6 s of strong irregular movement, and another posture after it."""
    rng = wearer.rng
    duration_s = float(rng.uniform(2, 6))
    wearer.turn(start_s, duration_s, angle_deg)
    size_g = float(rng.uniform(0.12, 0.45)) if size_g is None else size_g
    gross(wearer, start_s, duration_s, size_g=size_g, settles_deg=2.0)
    return start_s + duration_s + 0.5


def touched(wearer: Wearer, start_s: float) -> float:
    """A carer's hand comes or goes: a second or two of small movement and a few degrees."""
    rng = wearer.rng
    duration_s = float(rng.uniform(0.6, 2.0))
    gross(wearer, start_s, duration_s, size_g=float(rng.uniform(0.03, 0.12)), settles_deg=float(rng.uniform(1, 5)))
    return start_s + duration_s


def swing(wearer: Wearer, start_s: float, stop_s: float, wave: Floats, *, tilt: float, way: Floats) -> None:
    """Add a waveform along one direction, `(n,)` g at the rows of the interval, part of it as tilt, with soft ends."""
    rows = wearer.rows(start_s, stop_s)
    soft = wave * soft_ends(wearer, start_s, stop_s)
    wearer.linear_g[rows] += ((1 - tilt) * soft)[:, None] * way
    wearer.lean[rows] += (tilt * soft)[:, None] * way


def soft_ends(wearer: Wearer, start_s: float, stop_s: float) -> Floats:
    """Rise and fall of an interval, `(n,)`, 0 to 1: an eighth of it at each end, 1.5 s at most."""
    rise_s = min(1.5, (stop_s - start_s) / 8)
    at_s = wearer.time_s[wearer.rows(start_s, stop_s)]
    return np.asarray(np.clip(np.minimum(at_s - start_s, stop_s - at_s) / rise_s, 0, 1))


def phase(wearer: Wearer, start_s: float, stop_s: float, hz: float, cv: float) -> Floats:
    """Phase of a motion that wanders slowly about a frequency, `(n,)` rad."""
    at_s = wearer.time_s[wearer.rows(start_s, stop_s)]
    knots_s = np.arange(start_s, stop_s + 4.0, 2.0)
    wandering_hz = hz * (1 + cv * wearer.rng.standard_normal(len(knots_s)))
    cycles = np.concatenate(((0.0,), np.cumsum(wandering_hz)[:-1])) * 2.0
    return np.asarray(2 * np.pi * np.interp(at_s, knots_s, cycles))


def rocking(wearer: Wearer, start_s: float, duration_s: float, *, in_arms: bool | None = None) -> float:
    """A carer rocks cot or arms: 0.67-0.95 Hz, nearly a sinusoid, with handling before and after."""
    rng = wearer.rng
    in_arms = bool(rng.integers(2)) if in_arms is None else in_arms
    angle_deg = float(rng.uniform(20, 60))
    begin_s = handled(wearer, start_s, angle_deg) if in_arms else touched(wearer, start_s)
    stop_s = begin_s + duration_s
    turn = phase(wearer, begin_s, stop_s, float(rng.uniform(0.67, 0.95)), 0.03)
    size_g = float(rng.uniform(0.02, 0.12))
    wave = size_g * (np.sin(turn) + 0.08 * np.sin(2 * turn + 1))
    swing(wearer, begin_s, stop_s, wave, tilt=float(rng.uniform(0.2, 0.8)), way=wearer.mostly_sideways())
    end_s = handled(wearer, stop_s, -angle_deg) if in_arms else touched(wearer, stop_s)
    wearer.label(start_s, end_s, "handling", "rocking")
    return end_s


def patting(wearer: Wearer, start_s: float, duration_s: float) -> float:
    """A carer pats: regular soft impacts at 1.5-3 Hz that do not slow down, a hand comes before and goes after."""
    rng = wearer.rng
    begin_s = touched(wearer, start_s)
    cloth = Cloth(wearer.split.ring_hz.draw(rng), wearer.split.ring_decay_s.draw(rng), float(rng.uniform(0.1, 0.5)))
    linear, lean = mixed(cloth.through(pulse("half_sine", rng.uniform(0.05, 0.12))), 0.3 * pulse("half_sine", 0.25))
    way = 0.7 * wearer.down() + 0.7 * wearer.sideways()
    size_g, hz = float(rng.uniform(0.015, 0.1)), float(rng.uniform(1.5, 3.0))
    at_s = begin_s
    while at_s < begin_s + duration_s:
        gain_g = size_g * float(np.clip(1 + 0.12 * rng.standard_normal(), 0.5, 1.5))
        wearer.push(at_s, gain_g * linear, gain_g * lean, way)
        at_s += float(np.clip(1 + 0.05 * rng.standard_normal(), 0.8, 1.2)) / hz
    end_s = touched(wearer, at_s + 0.3)
    wearer.label(start_s, end_s, "handling", "patting")
    return end_s


def walking(wearer: Wearer, start_s: float, duration_s: float) -> float:
    """Walk with the baby in arms: picked up, upright, steps at 1.5-2 Hz with harmonics and sway, put down again."""
    begin_s = handled(wearer, start_s, angle := float(wearer.rng.uniform(40, 90)))
    walk_on(wearer, begin_s, begin_s + duration_s)
    end_s = handled(wearer, begin_s + duration_s, -angle)
    wearer.label(start_s, end_s, "handling", "walking")
    return end_s


def walk_on(wearer: Wearer, start_s: float, stop_s: float) -> None:
    """The steps themselves: along gravity with harmonics, sideways at half the rate, and a swaying posture."""
    rng = wearer.rng
    hz, size_g = float(rng.uniform(1.5, 2.0)), float(rng.uniform(0.06, 0.25))
    step = phase(wearer, start_s, stop_s, hz, 0.03)
    shares = rng.uniform(0.3, 1.0, 6) * (0.6, 0.4, 0.3, 0.2, 0.15, 0.1)
    bounce = np.sin(step)
    for harmonic, share in enumerate(shares, start=2):
        bounce = bounce + share * np.sin(harmonic * step + harmonic)
    rows = wearer.rows(start_s, stop_s)
    uneven = np.clip(1 + 0.2 * wander(rng, wearer.time_s[rows], 0.6), 0.3, 2)  # no step is like the one before
    swing(wearer, start_s, stop_s, size_g * bounce * uneven, tilt=0.0, way=wearer.down())
    rustle = band_noise(rng, rows.stop - rows.start, wearer.sensor.true_rate_hz, (1.0, 15.0))
    wearer.linear_g[rows] += 0.12 * size_g * (soft_ends(wearer, start_s, stop_s) * uneven)[:, None] * rustle
    swing(wearer, start_s, stop_s, 0.5 * size_g * np.sin(step / 2 + 1), tilt=0.4, way=wearer.sideways())
    sway(wearer, start_s, stop_s, 0.06)


def sway(wearer: Wearer, start_s: float, stop_s: float, size: float) -> None:
    """Slow sway of a body held by another body: tilt wandering below 0.5 Hz."""
    at_s = wearer.time_s[wearer.rows(start_s, stop_s)]
    edge = soft_ends(wearer, start_s, stop_s)
    for _ in range(2):
        tilt = wander(wearer.rng, at_s, 0.8)
        wearer.lean[wearer.rows(start_s, stop_s)] += (size * edge * tilt)[:, None] * wearer.sideways()


def bassinet(wearer: Wearer, start_s: float, duration_s: float) -> float:
    """A moving bassinet at 0.5-4.5 Hz, machine-constant; nobody need touch the baby."""
    rng = wearer.rng
    hz = float(rng.uniform(0.5, 4.5))
    turn = phase(wearer, start_s, start_s + duration_s, hz, 0.002)
    size_g = float(rng.uniform(0.01, 0.06))
    wave = size_g * (np.sin(turn) + float(rng.uniform(0.02, 0.1)) * np.sin(3 * turn + 1))
    swing(wearer, start_s, start_s + duration_s, wave, tilt=float(rng.uniform(0.0, 0.6)), way=wearer.mostly_sideways())
    wearer.label(start_s, start_s + duration_s, "handling", "bassinet")
    wearer.facts["mimic_hz"] = hz
    return start_s + duration_s


def held(wearer: Wearer, start_s: float, stop_s: float) -> None:
    """Lie in somebody's arms: their breathing, their sway, small shifts now and then."""
    rng = wearer.rng
    turn = phase(wearer, start_s, stop_s, HELD_BREATHING_HZ * float(rng.uniform(0.8, 1.3)), 0.1)
    swing(wearer, start_s, stop_s, float(rng.uniform(0.004, 0.02)) * np.sin(turn), tilt=1.0, way=wearer.sideways())
    sway(wearer, start_s, stop_s, float(rng.uniform(0.004, 0.02)))
    at_s = start_s + float(rng.exponential(25))
    while at_s < stop_s - 4:
        at_s = touched(wearer, at_s) + float(rng.exponential(25))


def pram(wearer: Wearer, start_s: float, duration_s: float) -> float:
    """A ride in a pram: broad shaking at 4-11 Hz, mostly along gravity (Dell'Orto 2025), kerbs, and stops."""
    rng = wearer.rng
    stop_s = start_s + duration_s
    low = float(rng.uniform(4.0, 6.0))
    _shaken(wearer, start_s, stop_s, (low, low + float(rng.uniform(3, 5))), float(rng.uniform(0.015, 0.07)))
    kerb = pulse("half_sine", 0.12)
    for _ in range(rng.poisson(duration_s / 25)):
        at_s = float(rng.uniform(start_s, stop_s - 1))
        linear, lean = mixed(float(rng.uniform(0.1, 0.4)) * kerb, 0.05 * pulse("half_sine", 0.8))
        wearer.push(at_s, linear, lean, wearer.down())
    sway(wearer, start_s, stop_s, 0.02)
    wearer.label(start_s, stop_s, "handling", "pram")
    return stop_s


def car(wearer: Wearer, start_s: float, duration_s: float) -> float:
    """A ride in a car seat: shaking at 6-17 Hz, with bends and braking of seconds."""
    rng = wearer.rng
    stop_s = start_s + duration_s
    low = float(rng.uniform(6.0, 9.0))
    _shaken(wearer, start_s, stop_s, (low, low + float(rng.uniform(4, 8))), float(rng.uniform(0.01, 0.05)))
    at_s = wearer.time_s[wearer.rows(start_s, stop_s)]
    for _ in range(2):
        drive = wander(rng, at_s, 2.5) * np.clip(wander(rng, at_s, 15.0), 0, 1)
        swing(wearer, start_s, stop_s, float(rng.uniform(0.03, 0.12)) * drive, tilt=0.0, way=wearer.sideways())
    wearer.label(start_s, stop_s, "handling", "car")
    return stop_s


def _shaken(wearer: Wearer, start_s: float, stop_s: float, band_hz: tuple[float, float], size_g: float) -> None:
    """Shake in a band, two thirds of it along gravity; speed, and with it size, changes, down to standing still."""
    rows = wearer.rows(start_s, stop_s)
    rng = wearer.rng
    noise = band_noise(rng, rows.stop - rows.start, wearer.sensor.true_rate_hz, band_hz)
    noise += noise @ np.outer(wearer.down(), wearer.down())
    knots_s = np.arange(start_s, stop_s + 12.0, 6.0)
    speed = np.clip(rng.normal(1.0, 0.4, len(knots_s)), 0.05, 2) * (rng.random(len(knots_s)) > STANDING)
    speed = np.interp(wearer.time_s[rows], knots_s, speed) * soft_ends(wearer, start_s, stop_s)
    wearer.linear_g[rows] += size_g * speed[:, None] * noise


def taken_off(wearer: Wearer, start_s: float, stop_s: float) -> float:
    """Take the clip off the baby and lay it down: handling, then nothing but the sensor."""
    laid_s = handled(wearer, start_s, float(wearer.rng.uniform(20, 120)))
    wearer.label(start_s, laid_s, "handling", "taken_off")
    wearer.enters(start_s, Stage.AWAKE)
    wearer.enters(laid_s, Stage.OFF)
    wearer.label(laid_s, stop_s, "off_body")
    return stop_s
