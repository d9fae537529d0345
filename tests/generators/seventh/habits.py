"""What babies do by themselves that resembles something else: cry, bang the head, tremble, hiccup, suck."""

from collections.abc import Callable
from typing import Final

import numpy as np

from tests.generators.seventh import muscles
from tests.generators.seventh.carers import eased, sucking_bursts
from tests.generators.seventh.chance import between, direction, phase, spells, wander, wavering
from tests.generators.seventh.mechanics import HZ, Scene, limb, stamp
from tests.generators.seventh.muscles import Baby, hold, jerk
from tests.generators.seventh.worrying import lognormal

Habit = Callable[[Scene, Baby, np.random.Generator, float, float], None]


def crying(scene: Scene, baby: Baby, rng: np.random.Generator, onset_s: float, end_s: float) -> None:
    """Cry: a pressed breath out of 0.5-1.4 s that stiffens the trunk, a gasp, again; limbs flail with it at times."""
    lean, push, deg = direction(rng), direction(rng), between(rng, 0.5, 4)
    gasp, _ = limb(0.12)
    for first_s, last_s in spells(rng, onset_s, end_s, on_s=25, off_s=4):
        at_s, pace = first_s, between(rng, 0.5, 1.1)
        while at_s < last_s:
            out_s = float(np.clip(pace * lognormal(rng, 0.3), 0.3, 3))
            size = lognormal(rng, 0.35)
            wave = np.sin(np.pi * np.linspace(0, 1, round(out_s * HZ))) ** 0.7
            stamp(scene.tilt_rad, at_s, wave, np.radians(deg * size) * wavering(rng, lean, 12))
            stamp(scene.force_g, at_s + out_s, gasp, 0.25 * baby.vigour_g * size * wavering(rng, push, 20))
            at_s += out_s + rng.uniform(0.15, 0.4)
        if rng.random() < 0.7:
            act = muscles.kick if rng.random() < 0.5 else muscles.squirm
            act(scene, baby, rng, first_s, last_s, rng.uniform(0.4, 1.2))
    scene.label(onset_s, end_s, "movement", "crying")


def head_banging(scene: Scene, baby: Baby, rng: np.random.Generator, onset_s: float, end_s: float) -> None:
    """Bang the head or rock on all fours at 0.5-2 Hz, with a knock at one end of the swing if it is the head."""
    hz, lean, deg = between(rng, 0.5, 2), direction(rng), rng.uniform(3, 15)
    knock, _ = limb(0.06)
    knock_g = rng.choice([0.0, between(rng, 0.05, 0.4)])
    for first_s, last_s in spells(rng, onset_s, end_s, on_s=60, off_s=6):
        rows = scene.at(first_s, last_s)
        n = rows.stop - rows.start
        turns = phase(rng, n, hz * rng.uniform(0.9, 1.1), 0.04)
        size = eased(n, 2) * np.exp(0.2 * wander(rng, n, slowest=20 * HZ, fastest=HZ))
        wave = size * (np.sin(2 * np.pi * turns) + 0.2 * np.sin(4 * np.pi * turns + 1))
        scene.tilt_rad[rows] += np.outer(wave, np.radians(deg) * lean)
        scene.force_g[rows] += np.outer(wave, (2 * np.pi * hz) ** 2 * np.radians(deg) * 0.015 * direction(rng))
        for row in np.flatnonzero(np.diff(np.floor(turns)) > 0):
            stamp(scene.force_g, first_s + row / HZ, knock, knock_g * size[row] * lognormal(rng, 0.25) * baby.pushes[4])
    scene.label(onset_s, end_s, "movement", "head_banging")


def jitteriness(scene: Scene, baby: Baby, rng: np.random.Generator, onset_s: float, end_s: float) -> None:
    """Tremble at 6-9 Hz for 1-6 s after a movement or a touch, again and again."""
    hz, way = rng.uniform(6, 9), direction(rng)
    for first_s, last_s in spells(rng, onset_s, end_s, on_s=2.5, off_s=12, sigma=0.6):
        rows = scene.at(first_s, last_s)
        n = rows.stop - rows.start
        swell = np.sin(np.pi * np.linspace(0, 1, n)) * np.exp(0.2 * wander(rng, n, slowest=2 * HZ, fastest=HZ / 4))
        wave = swell * np.sin(2 * np.pi * phase(rng, n, hz, 0.05))
        scene.force_g[rows] += np.outer(wave, between(rng, 0.01, 0.08) * wavering(rng, way, 20))
        muscles.fidget(scene, baby, rng, first_s - rng.uniform(0.5, 2), first_s, 0.6)
        scene.label(first_s - 2, last_s, "movement", "jitteriness")


def hiccups(scene: Scene, baby: Baby, rng: np.random.Generator, onset_s: float, end_s: float) -> None:
    """Hiccup every 2-12 s, CV 0.05-0.25, one axis, sizes alike; twice in a row at times."""
    every_s, cv, g = between(rng, 2, 12), rng.uniform(0.05, 0.25), between(rng, 0.015, 0.15)
    way, width_s, at_s, last_s = direction(rng), rng.uniform(0.08, 0.14), onset_s, onset_s
    drift = wander(rng, 900, slowest=80, fastest=3)
    for slow in drift:
        if at_s >= end_s:
            break
        jerk(scene, at_s, width_s, g * lognormal(rng, 0.15) * wavering(rng, way, 8), baby.leans[5], 0.5)
        last_s = at_s + 0.4
        again = rng.random() < 0.04
        at_s += 0.6 if again else every_s * float(np.exp(0.1 * slow)) * max(0.3, 1 + cv * rng.normal())
    scene.label(onset_s, last_s, "hiccups")


def periodic_movements(scene: Scene, baby: Baby, rng: np.random.Generator, onset_s: float, end_s: float) -> None:
    """Flex a leg slowly every 12-60 s, in a series of four or more; each lasts 0.5-5 s and tilts a little."""
    every_s, cv = between(rng, 14, 50), rng.uniform(0.05, 0.3)
    times_s: list[float] = []
    at_s = onset_s
    while at_s < end_s or len(times_s) < 4:
        times_s.append(at_s)
        at_s += float(np.clip(every_s * lognormal(rng, cv), 10, 90))
    deg, held_s, leg, last_s = between(rng, 0.5, 5), between(rng, 0.3, 3), int(rng.integers(2, 4)), onset_s
    for at_s in times_s:
        size = lognormal(rng, 0.3)
        lean = np.radians(deg * size) * wavering(rng, baby.leans[leg], 10)
        last_s = hold(scene, rng, at_s, rng.uniform(0.3, 1.0), held_s * lognormal(rng, 0.25), lean) + 0.5
        if rng.random() < 0.7:
            jerk(scene, at_s, 0.14, size * baby.twitch_g * wavering(rng, baby.pushes[leg], 15), lean, 0.0)
    scene.label(onset_s, last_s, "periodic_movements")


def sucking(scene: Scene, baby: Baby, rng: np.random.Generator, onset_s: float, end_s: float) -> None:
    """Suck on a pacifier."""
    sucking_bursts(scene, rng, onset_s, end_s, between(rng, 1e-3, 1.5e-2), rng.uniform(3, 10))
    scene.label(onset_s, end_s, "movement", "sucking")
    del baby


HABITS: Final[dict[str, Habit]] = {
    "crying": crying,
    "head_banging": head_banging,
    "jitteriness": jitteriness,
    "sucking": sucking,
}
