"""What hands, arms, feet and machines do to a baby. Each acts between two times and labels itself."""

from collections.abc import Callable
from typing import Final

import numpy as np

from tests.generators.seventh import muscles
from tests.generators.seventh.chance import between, direction, hands, phase, spells, wander, wavering
from tests.generators.seventh.mechanics import HZ, Floats, Scene, limb, stamp
from tests.generators.seventh.muscles import Baby
from tests.generators.seventh.sleep import bump
from tests.generators.seventh.worrying import lognormal

Care = Callable[[Scene, Baby, np.random.Generator, float, float], None]


def eased(n: int, seconds: float = 1.0) -> Floats:
    """Rise and fall smoothly at the ends of n rows."""
    row = np.arange(n) / HZ
    return np.asarray(np.clip(np.minimum(row, row[::-1]) / seconds, 0, 1))


def handle(scene: Scene, rng: np.random.Generator, onset_s: float, end_s: float, word: str, g: float = 0.1) -> None:
    """Take hold of the baby: strokes of two hands, tilts, a turn or two."""
    at_s = onset_s
    while at_s < end_s:
        shape, lean = muscles.stroke(float(np.clip(0.6 * rng.lognormal(0, 0.5), 0.2, 2)))
        stamp(scene.base_g, at_s, shape, g * rng.lognormal(0, 0.6) * direction(rng))
        stamp(scene.tilt_rad, at_s, lean, np.radians(rng.gamma(1.5, 5)) * direction(rng))
        at_s += rng.exponential(0.6)
    scene.label(onset_s, end_s + 0.5, "handling", word)


def carried(
    scene: Scene, rng: np.random.Generator, onset_s: float, end_s: float, pitch_deg: float
) -> tuple[float, float]:
    """Lift the baby, hold it in arms that sway, lay it down. Gives the times between which it is held."""
    up_s, down_s = (min(rng.uniform(2.5, 6), (end_s - onset_s) / 5) for _ in range(2))
    roll = np.radians(rng.normal(0, 25))
    scene.turn(onset_s, up_s, roll=roll, pitch=np.radians(pitch_deg))
    scene.turn(end_s - down_s, down_s, roll=-roll, pitch=-np.radians(pitch_deg))
    handle(scene, rng, onset_s, onset_s + up_s, "lifting")
    handle(scene, rng, end_s - down_s, end_s, "lifting")
    arms(scene, rng, onset_s + up_s, end_s - down_s)
    return onset_s + up_s + 0.5, end_s - down_s


def arms(scene: Scene, rng: np.random.Generator, onset_s: float, end_s: float) -> None:
    """Be held in arms: they sway at 0.1-1 Hz, breathe, and now and then change their grip."""
    rows = scene.at(onset_s, end_s)
    n = rows.stop - rows.start
    for into, scale in ((scene.tilt_rad, np.radians(between(rng, 0.5, 3))), (scene.base_g, between(rng, 2e-3, 1.5e-2))):
        for axis in range(3):
            into[rows, axis] += scale * eased(n) * wander(rng, n, slowest=20 * HZ, fastest=0.5 * HZ)
    for first_s, _ in spells(rng, onset_s + rng.uniform(5, 60), end_s, on_s=2, off_s=50):
        handle(scene, rng, first_s, first_s + rng.uniform(0.5, 2), "grip", 0.04)


def patting(
    scene: Scene, baby: Baby, rng: np.random.Generator, onset_s: float, end_s: float, word: str = "patting"
) -> None:
    """Pat at 1.4-3.2 Hz in bouts of 10 s to minutes; in six of ten a hand is felt first, and stays."""
    if rng.random() < 0.6:
        bump(scene, rng, onset_s - rng.uniform(1, 6), between(rng, 0.02, 0.15))
        rows = scene.at(onset_s - 1, end_s)
        rest = eased(rows.stop - rows.start, 0.5)
        scene.tilt_rad[rows] += np.outer(rest, np.radians(rng.uniform(0.5, 4)) * direction(rng))
    hz, hit_g, cv = between(rng, 1.4, 3.2), between(rng, 0.02, 0.3), rng.uniform(0.08, 0.3)
    way, contact_s = direction(rng), rng.uniform(0.04, 0.13)
    scene.facts |= {"pat_hz": hz, "pat_mg": 1000 * hit_g}
    hit = np.sin(np.pi * np.linspace(0, 1, max(4, round(contact_s * HZ))))
    for first_s, last_s in spells(rng, onset_s, end_s, on_s=35, off_s=4, sigma=0.8):
        mood = wander(rng, int((last_s - first_s) * 5) + 9, slowest=60, fastest=5)
        for i, at_s in enumerate(hands(rng, first_s, last_s, hz * rng.uniform(0.93, 1.07))):
            g = hit_g * lognormal(rng, cv) * float(np.exp(0.2 * mood[i]))
            stamp(scene.force_g, at_s, hit, g * wavering(rng, way, 8))
        scene.label(first_s, last_s, "handling", word)
    del baby
    if scene.rows and rng.random() < 0.3:
        bump(scene, rng, end_s + 0.5, between(rng, 0.02, 0.1))


def rocking(scene: Scene, baby: Baby, rng: np.random.Generator, onset_s: float, end_s: float) -> None:
    """Rock in arms at 0.55-1.1 Hz over 2-15 cm, or a cradle on its runners, which tilts instead."""
    cradle = rng.random() < 0.3
    a, b = (onset_s, end_s) if cradle else carried(scene, rng, onset_s, end_s, rng.uniform(10, 50))
    hz, rows = between(rng, 0.55, 1.1), scene.at(a, b)
    n = rows.stop - rows.start
    turns = phase(rng, n, hz, rng.uniform(0.01, 0.05))
    swing = eased(n, 3) * np.exp(0.2 * wander(rng, n, slowest=40 * HZ, fastest=2 * HZ))
    wave = swing * (np.sin(2 * np.pi * turns) + rng.uniform(0, 0.25) * np.sin(4 * np.pi * turns + rng.uniform(0, 6)))
    width_g = (2 * np.pi * hz) ** 2 * between(rng, 0.02, 0.15) / 9.81
    scene.base_g[rows] += np.outer(wave, width_g * direction(rng) * (0.3 if cradle else 1.0))
    scene.tilt_rad[rows] -= np.outer(
        wave, np.radians(rng.uniform(3, 10) if cradle else rng.uniform(0, 4)) * direction(rng)
    )
    scene.label(a, b, "handling", "rocking")
    del baby


def walking(
    scene: Scene, baby: Baby, rng: np.random.Generator, onset_s: float, end_s: float, word: str = "walking"
) -> None:
    """Carry the baby about: steps at 1.5-2.1 Hz with two harmonics, sway at half that rate; stops and turns."""
    a, b = carried(scene, rng, onset_s, end_s, rng.uniform(40, 85))
    hz, up_g = rng.uniform(1.5, 2.1), between(rng, 0.05, 0.25)
    for first_s, last_s in spells(rng, a, b, on_s=40, off_s=4):
        rows = scene.at(first_s, last_s)
        n = rows.stop - rows.start
        steps = phase(rng, n, hz * rng.uniform(0.92, 1.05), 0.03)
        size = eased(n, 1.5) * np.exp(0.15 * wander(rng, n, slowest=20 * HZ, fastest=0.6 * HZ))
        wave = sum(
            part * np.sin(2 * np.pi * k * steps + k) for k, part in ((1, 1.0), (2, rng.uniform(0.2, 0.6)), (3, 0.2))
        )
        scene.base_g[rows, 2] += up_g * size * wave
        side = np.sin(np.pi * steps)[:, None] * np.array([rng.normal(0, 0.5), rng.normal(0, 0.5)])
        scene.base_g[rows, :2] += up_g * size[:, None] * side
        scene.turn(last_s, 2, roll=np.radians(rng.normal(0, 5)))
    scene.label(a, b, "handling", word)
    del baby


def sucking_bursts(
    scene: Scene, rng: np.random.Generator, onset_s: float, end_s: float, g: float, rest_s: float
) -> None:
    """Suck at about 2.1 Hz slowing within each burst of 2-12 s."""
    hz, way, lean = rng.normal(2.1, 0.2), direction(rng), direction(rng)
    for first_s, last_s in spells(rng, onset_s, end_s, on_s=5, off_s=rest_s, sigma=0.5):
        rows = scene.at(first_s, last_s)
        n = rows.stop - rows.start
        turns = phase(rng, n, hz * rng.uniform(0.9, 1.1) * np.linspace(1.06, 0.92, n), 0.05)
        size = eased(n, 0.4) * np.exp(0.2 * wander(rng, n, slowest=8 * HZ, fastest=0.4 * HZ))
        wave = size * (np.sin(2 * np.pi * turns) + 0.3 * np.sin(4 * np.pi * turns + 1))
        scene.force_g[rows] += np.outer(wave, g * way)
        scene.tilt_rad[rows] += np.outer(wave, 0.6 * g * lean)


def feeding(scene: Scene, baby: Baby, rng: np.random.Generator, onset_s: float, end_s: float) -> None:
    """Feed at breast or bottle in arms: sucking, a hand or foot that plays, a burp in the middle at times."""
    a, b = carried(scene, rng, onset_s, end_s, rng.uniform(15, 50))
    sucking_bursts(scene, rng, a, b, between(rng, 2e-3, 2e-2), rng.uniform(1.5, 6))
    for first_s, last_s in spells(rng, a + 20, b, on_s=4, off_s=30):
        muscles.fidget(scene, baby, rng, first_s, last_s, rng.uniform(0.2, 0.7))
    scene.label(a, b, "handling", "feeding")


def burping(scene: Scene, baby: Baby, rng: np.random.Generator, onset_s: float, end_s: float) -> None:
    """Hold upright on a shoulder, pat or rub the back, bounce a little."""
    a, b = carried(scene, rng, onset_s, end_s, rng.uniform(60, 85))
    for first_s, last_s in spells(rng, a, b, on_s=15, off_s=6):
        if rng.random() < 0.75:
            patting(scene, baby, rng, first_s, last_s, "burping")
        else:
            sucking_bursts(scene, rng, first_s, last_s, between(rng, 0.01, 0.05), 3)  # rubbing: slow, to and fro
    scene.label(a, b, "handling", "burping")


def bassinet(scene: Scene, baby: Baby, rng: np.random.Generator, onset_s: float, end_s: float) -> None:
    """Lie in a machine: 0.5-4.5 Hz, constant to a thousandth; programs change by steps every few minutes."""
    at_s, way = onset_s, direction(rng) * np.array([1, 1, 0.2])
    while at_s < end_s - 5:
        until_s = min(end_s, at_s + between(rng, 60, 400))
        rows = scene.at(at_s, until_s)
        turns = np.arange(rows.stop - rows.start) / HZ * between(rng, 0.5, 4.5)
        wave = np.sin(2 * np.pi * turns) + rng.uniform(0, 0.3) * np.sin(6 * np.pi * turns)
        scene.base_g[rows] += np.outer(eased(len(wave), rng.uniform(1, 5)) * wave, between(rng, 0.01, 0.12) * way)
        at_s = until_s
    scene.label(onset_s, end_s, "handling", "bassinet")
    del baby


def bouncer(scene: Scene, baby: Baby, rng: np.random.Generator, onset_s: float, end_s: float) -> None:
    """Sit in a seat on a spring of 1-3 Hz that rings for seconds, driven by kicks or by a foot on its frame."""
    rows = scene.at(onset_s, end_s)
    push, hz, own = np.zeros((rows.stop - rows.start, 1)), rng.uniform(1, 3), rng.random() < 0.5
    shove, _ = limb(0.2)
    for first_s, last_s in spells(rng, 0.0, end_s - onset_s, on_s=15, off_s=5):
        rate = hz * rng.uniform(0.5, 1.0) if own else hz * rng.uniform(0.97, 1.03)
        for at_s in hands(rng, first_s, last_s, rate):
            late_s = rng.exponential(0.15) if own else 0.0
            stamp(push, at_s + late_s, shove, np.array([lognormal(rng, 0.6 if own else 0.2)]))
    t = np.arange(round(8 * HZ)) / HZ
    ring = np.exp(-2 * np.pi * hz * rng.uniform(0.03, 0.1) * t) * np.sin(2 * np.pi * hz * t)
    wave = np.convolve(push[:, 0], ring)[: len(push)]
    wave *= between(rng, 0.03, 0.25) / max(float(np.percentile(np.abs(wave), 95)), 1e-9)
    scene.base_g[rows, 2] += wave
    scene.tilt_rad[rows, 0] += 0.5 * wave
    scene.label(onset_s, end_s, "movement" if own else "handling", "bouncer")
    if own:
        muscles.fidget(scene, baby, rng, onset_s, end_s, 0.4)


def riding(low_hz: tuple[float, float], high_hz: tuple[float, float], word: str) -> Care:
    """Give a ride: broad vibration between two rates, as rough as the ground, with stops, knocks and slow slopes."""

    def ride(scene: Scene, baby: Baby, rng: np.random.Generator, onset_s: float, end_s: float) -> None:
        low, high = rng.uniform(*low_hz), rng.uniform(*high_hz)
        rough_g = between(rng, 0.01, 0.12)
        for first_s, last_s in spells(rng, onset_s, end_s, on_s=90, off_s=12):
            rows = scene.at(first_s, last_s)
            n = rows.stop - rows.start
            ground = eased(n, 3) * np.exp(0.5 * wander(rng, n, slowest=60 * HZ, fastest=2 * HZ))
            for axis, part in enumerate((0.4, 0.3, 1.0)):
                scene.base_g[rows, axis] += rough_g * part * ground * _rumble(rng, n, low, high)
                scene.tilt_rad[rows, axis] += 0.02 * eased(n, 3) * wander(rng, n, slowest=40 * HZ, fastest=3 * HZ)
            for at_s in rng.uniform(first_s, last_s, rng.poisson((last_s - first_s) / 15)):
                bump(scene, rng, float(at_s), rough_g * rng.lognormal(1, 0.6))
        scene.label(onset_s, end_s, "handling", word)
        del baby

    return ride


def _rumble(rng: np.random.Generator, n: int, low_hz: float, high_hz: float) -> Floats:
    """Draw noise of unit spread between two rates: the sum of slow noises carried by tones."""
    row = np.arange(n) / HZ
    tones = [
        wander(rng, n, slowest=HZ, fastest=HZ / 2) * np.sin(2 * np.pi * hz * row + rng.uniform(0, 6))
        for hz in np.arange(low_hz, high_hz, 1.0)
    ]
    return np.asarray(np.sum(tones, axis=0) / np.sqrt(len(tones) / 2))


def diaper_change(scene: Scene, baby: Baby, rng: np.random.Generator, onset_s: float, end_s: float) -> None:
    """Change the diaper: legs lifted, wiped, rolled to a side, with short rests; the baby joins in."""
    for first_s, last_s in spells(rng, onset_s, end_s, on_s=7, off_s=2.5, sigma=0.5):
        handle(scene, rng, first_s, last_s, "diaper_change", between(rng, 0.04, 0.15))
        scene.turn(first_s, 1, pitch=np.radians(tip := rng.uniform(-25, 0)))
        scene.turn(last_s, 1, pitch=-np.radians(tip))
        if rng.random() < 0.5:
            muscles.kick(scene, baby, rng, first_s, last_s, 0.6)
    scene.label(onset_s, end_s, "handling", "diaper_change")


CARES: Final[dict[str, Care]] = {
    "patting": patting,
    "rocking": rocking,
    "feeding": feeding,
    "walking": walking,
    "burping": burping,
    "bassinet": bassinet,
    "bouncer": bouncer,
    "pram": riding((3.5, 5), (8, 11.5), "pram"),
    "car": riding((5, 7), (13, 17), "car"),
    "diaper_change": diaper_change,
}
