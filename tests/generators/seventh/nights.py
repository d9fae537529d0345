"""Ordinary nights of 8-11 h: settling, sleep cycles, awakenings with whatever they bring, and being put down again."""

from typing import Final

import numpy as np

from tests.generators.seventh import muscles
from tests.generators.seventh.carers import CARES
from tests.generators.seventh.chance import between
from tests.generators.seventh.habits import HABITS, hiccups, periodic_movements, sucking
from tests.generators.seventh.mechanics import HZ, Scene
from tests.generators.seventh.sleep import asleep, waking
from tests.generators.seventh.stage import Stage
from tests.generators.seventh.worrying import Jerking, clusters

COMFORTS: Final = ("patting", "rocking", "walking", "feeding", "burping", "diaper_change", "bassinet", "bouncer")
WEIGHTS: Final = (0.2, 0.2, 0.12, 0.22, 0.08, 0.12, 0.04, 0.02)
BESIDE: Final = ((0.1, hiccups, 180, 700), (0.1, periodic_movements, 200, 2400), (0.15, sucking, 60, 500))
"""What may go on beside sleep: how often in each stretch of it, the habit, its least and longest seconds."""


def night(stage: Stage) -> None:
    """Fill the stage with one night."""
    rng, seconds = stage.rng, stage.scene.seconds
    at_s = settle(stage, 0.0)
    wakings = int(rng.integers(2, 6))
    for left in range(wakings, 0, -1):
        until_s = at_s + (seconds - 1800 - at_s) / (left + 1) * rng.uniform(0.6, 1.4)
        sleep(stage, at_s, until_s)
        at_s = settle(stage, until_s)
    sleep(stage, at_s, seconds - rng.uniform(300, 1500))
    ride(stage, seconds)
    stage.scene.facts["wakings"] = float(wakings)


def ride(stage: Stage, seconds: float) -> None:
    """Wake up in the morning; some are taken out in the end."""
    rng, (last_s, _) = stage.rng, stage.scene.states[-1]
    woke_s = max(last_s + 60, seconds - rng.uniform(300, 1500))
    waking(stage.scene, stage.baby, rng, woke_s, "modest")
    out_s = seconds - 250 if rng.random() < 0.3 and woke_s < seconds - 320 else seconds
    stage.ordinary("awake", woke_s, out_s)
    if out_s < seconds:
        CARES[str(rng.choice(["pram", "car"]))](stage.scene, stage.baby, rng, out_s, seconds - 2)


def sleep(stage: Stage, onset_s: float, end_s: float) -> None:
    """Sleep in cycles of 45-65 min, half of each active; at times hiccups, periodic movements, a benign series."""
    rng, scene, at_s = stage.rng, stage.scene, onset_s
    scene.states.append((onset_s, "asleep"))
    if rng.random() < 0.3:
        jolt_s = onset_s + rng.uniform(5, 60)
        scene.label(jolt_s, muscles.startle(scene, stage.baby, rng, jolt_s, 0.6), "movement", "hypnic_jerk")
    for chance, act, low_s, high_s in BESIDE:
        if rng.random() < chance and end_s - onset_s > high_s + 200:
            from_s = rng.uniform(onset_s + 60, end_s - high_s - 100)
            act(scene, stage.baby, rng, from_s, from_s + between(rng, low_s, high_s))
    if rng.random() < 0.12 and end_s - onset_s > 2200:
        series(stage, rng.uniform(onset_s + 300, end_s - 1900), between(rng, 60, 1500))
    while at_s < end_s:
        length_s = 60 * rng.uniform(45, 65)
        middle_s, until_s = min(end_s, at_s + length_s * rng.uniform(0.35, 0.6)), min(end_s, at_s + length_s)
        asleep(scene, stage.baby, rng, at_s, middle_s, rng.uniform(0.5, 1))
        asleep(scene, stage.baby, rng, middle_s, until_s, rng.uniform(0, 0.15))
        at_s = until_s


def series(stage: Stage, onset_s: float, lasting_s: float) -> None:
    """Add a benign series of clusters; sized in g here, for the quiet of a night is that of its clip and baby."""
    layer, jerking = Scene(lasting_s + 30), Jerking.draw(stage.rng, stage.baby)
    last_s = clusters(layer, jerking, stage.rng, 1.0, 1.0 + lasting_s)
    first = round(onset_s * HZ)
    rows = slice(first, first + len(layer))
    gain = between(stage.rng, 0.02, 0.15)
    stage.scene.force_g[rows] += gain * layer.force_g
    stage.scene.tilt_rad[rows] += gain * layer.tilt_rad
    stage.scene.label(onset_s + 1, onset_s + last_s, "myoclonic_series")


def settle(stage: Stage, woke_s: float) -> float:
    """Be awake for 4-50 min: alone, crying, cared for, in any order; put down, restless, asleep. Gives that time."""
    rng, scene, baby = stage.rng, stage.scene, stage.baby
    if woke_s > 0:
        how = str(rng.choice(["hardly", "modest", "large"], p=[0.2, 0.4, 0.4]))
        waking(scene, baby, rng, woke_s, how)
    scene.states.append((woke_s, "awake"))
    at_s = woke_s + rng.uniform(8, 30)
    for _ in range(int(rng.integers(1, 7))):
        at_s = spend(stage, at_s)
    calm_s = at_s + between(rng, 30, 400)
    stage.ordinary("awake", at_s, calm_s, rng.uniform(0.3, 0.8))
    if rng.random() < 0.4:
        until_s = calm_s + between(rng, 40, 500)
        word = str(rng.choice(["patting", "rocking", "sucking", "bassinet", "pram"], p=[0.35, 0.2, 0.25, 0.1, 0.1]))
        (HABITS | CARES)[word](scene, baby, rng, calm_s, until_s)
        return float(rng.uniform(calm_s + 20, until_s))
    return calm_s


def spend(stage: Stage, at_s: float) -> float:
    """Do one thing awake. Gives its end."""
    rng, scene, baby = stage.rng, stage.scene, stage.baby
    what = rng.random()
    until_s = at_s + between(rng, 40, 600)
    if what < 0.35:
        stage.ordinary("awake", at_s, until_s)
    elif what < 0.45:
        muscles.kick(scene, baby, rng, at_s, until_s, rng.lognormal(0, 0.3))
        scene.label(at_s, until_s, "movement", "kicking")
    elif what < 0.58:
        until_s = at_s + between(rng, 20, 240)
        HABITS["crying"](scene, baby, rng, at_s, until_s)
    elif what < 0.6:
        HABITS[str(rng.choice(["jitteriness", "head_banging"]))](scene, baby, rng, at_s, until_s)
    else:
        CARES[str(rng.choice(COMFORTS, p=WEIGHTS))](scene, baby, rng, at_s, until_s)
        if rng.random() < 0.5:
            stage.ordinary("awake", at_s, until_s, rng.uniform(0.1, 0.5))
    return until_s + float(np.clip(rng.exponential(15), 1, 90))
