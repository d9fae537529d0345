"""Kinds of stream in which nothing is wrong: benign movements, habits, care, quiet, and a clip without a baby."""

from collections.abc import Callable, Mapping
from typing import Final

import numpy as np

from tests.generators.seventh import muscles
from tests.generators.seventh.carers import CARES, Care, handle
from tests.generators.seventh.chance import between, wander
from tests.generators.seventh.habits import HABITS, Habit, hiccups, periodic_movements
from tests.generators.seventh.mechanics import HZ
from tests.generators.seventh.sleep import asleep_event, awake, free, turn_over
from tests.generators.seventh.stage import Stage

Play = Callable[[Stage], None]

AWAKE_SHARE: Final = {"crying": 1.0, "head_banging": 0.9, "jitteriness": 1.0, "sucking": 0.5, "diaper_change": 0.9}
"""How often the baby is awake amid each; half the time otherwise, in arms and machines."""


def during(act: Care | Habit, word: str) -> Play:
    """Put something in the middle of ordinary sleep or wakefulness; it may send to sleep, or wake."""

    def play(stage: Stage) -> None:
        rng, seconds = stage.rng, stage.scene.seconds
        first = "awake" if rng.random() < AWAKE_SHARE.get(word, 0.5) else "asleep"
        last = first if rng.random() < 0.6 else str(rng.choice(["asleep", "awake"]))
        onset_s = rng.uniform(90, 200)
        end_s = onset_s + between(rng, 40, seconds - onset_s - 100)
        stage.ordinary(first, 0, onset_s - 8)
        act(stage.scene, stage.baby, rng, onset_s, end_s)
        if first == "awake" and rng.random() < 0.5:
            awake(stage.scene, stage.baby, rng, onset_s, end_s, rng.uniform(0.1, 0.5))
        stage.ordinary(last, end_s + 5, seconds)

    return play


def often(what: str) -> Play:
    """Sleep in which one ordinary thing happens more often than usual."""

    def play(stage: Stage) -> None:
        rng, seconds = stage.rng, stage.scene.seconds
        for at_s in np.cumsum(15 + rng.exponential(45, size=20)):
            if at_s > seconds - 20:
                break
            if what == "turn_over":
                turn_over(stage.scene, stage.baby, rng, float(at_s))
            elif free(stage.scene, float(at_s) - 3, float(at_s) + 12):
                asleep_event(stage.scene, stage.baby, rng, float(at_s), what)
        stage.ordinary("asleep", 0, seconds)

    return play


def hiccuping(stage: Stage) -> None:
    """Hiccup for 3-12 minutes, asleep or awake."""
    rng, seconds, state = stage.rng, stage.scene.seconds, str(stage.rng.choice(["asleep", "awake"]))
    onset_s = rng.uniform(40, 120)
    hiccups(stage.scene, stage.baby, rng, onset_s, min(seconds - 40, onset_s + between(rng, 150, 720)))
    stage.ordinary(state, 0, seconds, rng.uniform(0.3, 1))


def stirring_by_turns(stage: Stage) -> None:
    """Move a leg periodically in sleep."""
    rng, seconds = stage.rng, stage.scene.seconds
    onset_s = rng.uniform(40, 150)
    periodic_movements(stage.scene, stage.baby, rng, onset_s, rng.uniform(onset_s + 120, seconds - 100))
    stage.ordinary("asleep", 0, seconds)


def kicking(stage: Stage) -> None:
    """Lie awake and kick for minutes, with rests."""
    rng, seconds = stage.rng, stage.scene.seconds
    onset_s = rng.uniform(60, 150)
    end_s = onset_s + between(rng, 60, seconds - onset_s - 60)
    stage.ordinary("awake", 0, onset_s)
    muscles.kick(stage.scene, stage.baby, rng, onset_s, end_s, rng.lognormal(0.2, 0.4))
    stage.scene.label(onset_s, end_s, "movement", "kicking")
    stage.ordinary("awake", end_s, seconds)


def playing(stage: Stage) -> None:
    """Be awake throughout, restlessly."""
    stage.ordinary("awake", 0, stage.scene.seconds, stage.rng.lognormal(0.2, 0.4))


def quiet(stage: Stage) -> None:
    """Sleep still."""
    stage.scene.states.append((0.0, "asleep"))


def off_body(stage: Stage) -> None:
    """Take the clip off and put it down: nothing is felt but the house, and the noise of the clip."""
    rng, scene = stage.rng, stage.scene
    off_s = rng.uniform(120, 240)
    stage.ordinary(str(rng.choice(["asleep", "awake"])), 0, off_s - 5)
    after = scene.at(off_s, scene.seconds)
    scene.force_g[after] = scene.tilt_rad[after] = 0
    scene.turn(off_s - 2, 3, roll=rng.uniform(-2, 2), pitch=rng.uniform(-1, 1))
    handle(scene, rng, off_s - 3, off_s + rng.uniform(1, 4), "lifting", 0.3)
    scene.tilt_rad[scene.at(off_s + 8, scene.seconds)] = 0
    scene.base_g[after, 2] += 1e-4 * wander(rng, after.stop - after.start, slowest=HZ, fastest=2)
    scene.label(off_s + 8, scene.seconds, "off_body")
    scene.states.append((off_s, "unknown"))


KINDS: Final[Mapping[str, Play]] = {
    "bursts": often("burst"),
    "turn_over": often("turn_over"),
    "startles": often("startle"),
    "periodic_movements": stirring_by_turns,
    "hiccups": hiccuping,
    "kicking": kicking,
    "playing": playing,
    "quiet": quiet,
    "off_body": off_body,
    **{word: during(act, word) for word, act in (HABITS | CARES).items()},
}
