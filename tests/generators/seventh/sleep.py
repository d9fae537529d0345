"""Ordinary sleep and ordinary wakefulness, as processes with states of their own."""

from collections.abc import Sequence
from typing import Final

import numpy as np

from tests.generators.seventh import muscles
from tests.generators.seventh.chance import between, direction, phase, wander
from tests.generators.seventh.mechanics import HZ, Scene, limb, stamp
from tests.generators.seventh.muscles import Baby

MODES: Final[Sequence[tuple[muscles.Action, str, float, float]]] = (
    (muscles.fidget, "playing", 8.0, 3.0),
    (muscles.kick, "kicking", 10.0, 2.5),
    (muscles.squirm, "playing", 7.0, 2.0),
    (muscles.arch, "playing", 5.0, 1.0),
    (muscles.wave, "playing", 7.0, 0.8),
    (muscles.roll, "playing", 4.0, 0.6),
)
"""What a baby does awake: the action, its word, median seconds, weight; the rest of the time it lies and looks."""


def vital_signs(scene: Scene, rng: np.random.Generator) -> None:
    """Breathe at 0.4-0.75 Hz with a depth that wanders, sighs now and then; the heart is visible in six of ten."""
    n = len(scene)
    turns = phase(rng, n, rng.uniform(0.4, 0.75), rng.uniform(0.03, 0.12))
    depth = np.exp(0.3 * wander(rng, n, slowest=120 * HZ, fastest=2 * HZ))
    wave = depth * (np.sin(2 * np.pi * turns) + rng.uniform(0, 0.3) * np.sin(4 * np.pi * turns + 1))
    scene.tilt_rad += np.outer(wave, np.radians(between(rng, 0.05, 0.5)) * direction(rng))
    scene.force_g += np.outer(wave, between(rng, 3e-4, 3e-3) * direction(rng))
    scene.facts["heart"] = float(rng.random() < 0.6)
    if scene.facts["heart"]:
        beats = phase(rng, n, rng.uniform(1.8, 2.5), 0.03)
        beat = np.exp(-(((beats % 1.0) / 0.12) ** 2)) - 0.6 * np.exp(-((((beats % 1.0) - 0.25) / 0.1) ** 2))
        scene.force_g += np.outer(beat, between(rng, 3e-4, 3e-3) * direction(rng))


def asleep(scene: Scene, baby: Baby, rng: np.random.Generator, onset_s: float, end_s: float, active: float) -> None:
    """Sleep: twitch bursts, startles, sighs, arousals and turns as Poisson processes; `active` is 0 to 1."""
    per_min = {"burst": 0.15 + 0.9 * active, "startle": 0.15, "sigh": 0.25, "arousal": 0.04 + 0.12 * active}
    for what, rate in per_min.items():
        count = rng.poisson(rate * (end_s - onset_s) / 60)
        for at_s in np.sort(rng.uniform(onset_s, max(onset_s, end_s - 12), count)):
            if free(scene, at_s - 3, at_s + 12):
                asleep_event(scene, baby, rng, float(at_s), what)


def free(scene: Scene, onset_s: float, end_s: float) -> bool:
    """Whether nothing else that is short is labelled then."""
    return not any(a < end_s and a + lasting > onset_s for a, lasting, _, _ in scene.rows[-400:] if lasting < 30)


def asleep_event(scene: Scene, baby: Baby, rng: np.random.Generator, at_s: float, what: str) -> None:
    """Let one thing happen in sleep, and label it."""
    if what == "burst":
        scene.label(at_s, muscles.twitches(scene, baby, rng, at_s, rng.lognormal(0, 0.4)), "myoclonic_burst")
    elif what == "startle":
        scene.label(at_s, muscles.startle(scene, baby, rng, at_s, rng.lognormal(0, 0.4)), "movement", "startle")
    elif what == "sigh":
        sigh(scene, rng, at_s)
    elif baby.turns_deg > 30 and rng.random() < 0.3:
        turn_over(scene, baby, rng, at_s)
    else:
        arousal(scene, baby, rng, at_s, rng.uniform(2, 10))


def sigh(scene: Scene, rng: np.random.Generator, at_s: float) -> None:
    """Take one deep breath; it is no movement of its own."""
    wave = np.sin(np.pi * np.linspace(0, 1, round(rng.uniform(1.5, 3) * HZ))) ** 2
    stamp(scene.tilt_rad, at_s, wave, np.radians(rng.uniform(0.3, 1.5)) * direction(rng))


def arousal(scene: Scene, baby: Baby, rng: np.random.Generator, at_s: float, lasting_s: float) -> None:
    """Stir without waking: fidget, squirm, or stretch."""
    act = (muscles.fidget, muscles.squirm, muscles.arch)[int(rng.choice(3, p=[0.45, 0.35, 0.2]))]
    act(scene, baby, rng, at_s, at_s + lasting_s, rng.uniform(0.3, 0.9))
    muscles.shift(scene, rng, at_s, at_s + lasting_s, rng.normal(0, [4, 1.5]))
    scene.label(at_s, at_s + lasting_s + 1.5, "movement", "arousal")


def turn_over(scene: Scene, baby: Baby, rng: np.random.Generator, at_s: float) -> None:
    """Turn over in sleep: a few strokes, the turn, settling for some seconds."""
    turn_s, settle_s = rng.uniform(1, 3.5), rng.uniform(1, 8)
    angle = np.radians(rng.uniform(25, 110)) * rng.choice([-1, 1])
    scene.turn(at_s + 0.3, turn_s, roll=angle, pitch=np.radians(rng.normal(0, 5)))
    muscles.fidget(scene, baby, rng, at_s, at_s + turn_s, rng.uniform(0.5, 1.2))
    muscles.fidget(scene, baby, rng, at_s + turn_s, at_s + turn_s + settle_s, rng.uniform(0.2, 0.6))
    scene.label(at_s, at_s + turn_s + settle_s + 0.8, "movement", "turn_over")


def awake(
    scene: Scene, baby: Baby, rng: np.random.Generator, onset_s: float, end_s: float, strength: float = 1.0
) -> None:
    """Be awake: bouts of one thing and then another, minutes of more and of less, and times of lying still.

    The mood drifts over minutes; it sets how strong the bouts are and how long the baby lies still between them.
    """
    mood = wander(rng, max(0, int(end_s - onset_s)) + 2, slowest=240, fastest=30)
    taste = rng.dirichlet([weight for *_, weight in MODES])
    at_s = onset_s + rng.exponential(2)
    while at_s < end_s - 1:
        here = float(mood[int(at_s - onset_s)])
        act, word, median_s, _ = MODES[int(rng.choice(len(MODES), p=taste))]
        until_s = min(end_s, at_s + median_s * rng.lognormal(0, 0.7))
        act(scene, baby, rng, at_s, until_s, strength * float(np.exp(0.4 * here)))
        scene.label(at_s, min(until_s + 0.8, end_s), "movement", word)
        share = float(np.clip(baby.restless * np.exp(0.4 * here), 0.1, 0.9))
        at_s = until_s + rng.exponential((until_s - at_s + 4) * (1 - share) / share)


def waking(scene: Scene, baby: Baby, rng: np.random.Generator, at_s: float, how: str) -> float:
    """Wake: "hardly" a stir, "modest" movement, or "large" with a turn. Gives the end of the movement."""
    lasting_s = rng.uniform(1.5, 4) if how == "hardly" else rng.uniform(4, 15)
    until_s = at_s + lasting_s
    muscles.fidget(scene, baby, rng, at_s, until_s, {"hardly": 0.2, "modest": 0.6, "large": 1.1}[how])
    tilt = {"hardly": rng.normal(0, 2), "modest": rng.normal(0, 8), "large": rng.uniform(15, 80) * rng.choice([-1, 1])}
    muscles.shift(scene, rng, at_s, until_s, np.array([tilt[how], rng.normal(0, 2)]))
    if how == "large":
        muscles.squirm(scene, baby, rng, at_s, until_s, 0.8)
    scene.label(at_s, until_s + 0.8, "movement", "arousal")
    return until_s


def loosen(scene: Scene, rng: np.random.Generator, chance: float = 0.3) -> None:
    """Let the clip hang loose for a minute or ten in some streams; it then slips now and then when the baby moves."""
    if rng.random() > chance:
        return
    for _ in range(1 + rng.poisson(scene.seconds / 7200)):
        at_s, lasting_s = rng.uniform(0, scene.seconds), between(rng, 30, 900)
        scene.loose[scene.at(at_s, at_s + lasting_s)] = rng.uniform(0.3, 1)
        for onset_s, _, kind, _ in [row for row in scene.rows if at_s <= row[0] <= at_s + lasting_s]:
            if kind == "movement" and rng.random() < 0.3:
                ease = np.sin(np.pi * np.linspace(0, 1, round(0.3 * HZ))) ** 2
                stamp(scene.slip_rad, onset_s + 1, ease / ease.sum(), np.radians(rng.normal(0, 6)) * direction(rng))


def bump(scene: Scene, rng: np.random.Generator, at_s: float, g: float) -> None:
    """Let something touch the cot."""
    knock, _ = limb(rng.uniform(0.04, 0.15))
    stamp(scene.base_g, at_s, knock, g * direction(rng))
