"""Kinds of stream with something of which a family should be told, and the benign series beside them."""

import numpy as np

from tests.generators.seventh import muscles
from tests.generators.seventh.chance import between
from tests.generators.seventh.habits import crying
from tests.generators.seventh.mechanics import Scene
from tests.generators.seventh.sleep import waking
from tests.generators.seventh.stage import Stage
from tests.generators.seventh.worrying import Jerking, clusters, lognormal, spasms, stiffen


def run(
    stage: Stage, onset_s: float, end_s: float, detail: str = "n/a", size: float | None = None
) -> tuple[float, float]:
    """Jerk rhythmically between two times, and label it. Gives the true end and the size."""
    layer, jerking = Scene(stage.scene.seconds), Jerking.draw(stage.rng, stage.baby)
    last_s = jerking.run(layer, stage.rng, onset_s, end_s)
    drawn = stage.add(layer, (onset_s, last_s), size)
    stage.scene.label(onset_s, last_s, "rhythmic", detail)
    stage.scene.facts |= jerking.facts()
    return last_s, drawn


def lasting(stage: Stage) -> float:
    """Draw how long a run lasts: 12 s to four minutes, half of them under 45 s."""
    return float(np.clip(45 * stage.rng.lognormal(0, 0.7), 12, 240))


def rhythmic_awake(stage: Stage) -> None:
    """A run awake; the baby moves little in it, and lies spent for a while after it."""
    rng, seconds = stage.rng, stage.scene.seconds
    onset_s = rng.uniform(150, seconds - 280)
    end_s, woke_s = onset_s + lasting(stage), rng.choice([0.0, rng.uniform(60, onset_s - 30)])
    if woke_s > 0:
        stage.ordinary("asleep", 0, woke_s)
        waking(stage.scene, stage.baby, rng, woke_s, str(rng.choice(["modest", "large"])))
    stage.ordinary("awake", woke_s, onset_s - rng.choice([0.0, rng.uniform(0, 20)]))
    spent_s = end_s + between(rng, 5, 150)
    stage.ordinary("awake", min(spent_s, seconds - 5), seconds)
    run(stage, onset_s, end_s)
    if rng.random() < 0.3:
        muscles.fidget(stage.scene, stage.baby, rng, onset_s, end_s, rng.uniform(0.05, 0.25))


def rhythmic_moving(stage: Stage) -> None:
    """A run awake amid voluntary movement half to one and a half times as large as the jerks."""
    rng, seconds = stage.rng, stage.scene.seconds
    onset_s = rng.uniform(100, seconds - 280)
    end_s = onset_s + lasting(stage)
    stage.ordinary("awake", 0, onset_s)
    stage.ordinary("awake", end_s, seconds)
    last_s, size = run(stage, onset_s, end_s)
    moved = Scene(seconds)
    acts = (muscles.fidget, muscles.kick, muscles.squirm)
    acts[int(rng.integers(3))](moved, stage.baby, rng, onset_s, last_s, 1.0)
    stage.scene.facts["moving"] = part = rng.uniform(0.5, 1.5)
    stage.add(moved, (onset_s, last_s), part * size)
    stage.scene.facts["size"] = size
    stage.scene.label(onset_s, last_s, "movement", "playing")


def rhythmic_asleep(stage: Stage) -> None:
    """A run in sleep; three of ten wake soon after it has ended, the others sleep on."""
    rng, seconds = stage.rng, stage.scene.seconds
    onset_s = rng.uniform(150, seconds - 290)
    end_s = onset_s + lasting(stage)
    stage.ordinary("asleep", 0, onset_s - 3)
    woke_s = end_s + between(rng, 8, 60) if rng.random() < 0.3 else seconds
    stage.ordinary("asleep", end_s + 3, woke_s - 5)
    if woke_s < seconds:
        moved_s = waking(stage.scene, stage.baby, rng, woke_s, str(rng.choice(["modest", "large"])))
        stage.scene.states.append((woke_s, "awake"))
        stage.ordinary("awake", moved_s + rng.uniform(0, 30), seconds)
    run(stage, onset_s, end_s)


def rhythmic_unknown(stage: Stage) -> None:
    """A run that begins within 20 s of the stream's start, or of a hole of 5-60 s: nobody knows whether it sleeps."""
    rng, seconds, state = stage.rng, stage.scene.seconds, str(stage.rng.choice(["asleep", "awake"]))
    blind_s = 0.0
    seen_s = 0.0
    if rng.random() < 0.5:
        blind_s = rng.uniform(150, seconds - 350)
        seen_s = blind_s + rng.uniform(5, 60)
        stage.holes.append((blind_s, seen_s))
        stage.scene.label(blind_s, seen_s, "gap")
        stage.ordinary(state, 0, blind_s)
    onset_s = seen_s + rng.uniform(0.5, 20)
    end_s = onset_s + lasting(stage)
    stage.scene.states.append((blind_s, "unknown"))
    stage.ordinary(state, end_s + 3, seconds)
    run(stage, onset_s, end_s)


def spasm_cluster(stage: Stage) -> None:
    """A cluster of contractions, in five of six soon after waking; in half, fussing between them."""
    rng, seconds = stage.rng, stage.scene.seconds
    onset_s, soon_s = rng.uniform(120, 220), between(rng, 5, 110)
    end_s = spasms(stage.scene, stage.baby, rng, onset_s)
    woke_s = onset_s - soon_s if rng.random() < 0.85 else end_s + 10
    stage.ordinary("asleep", 0, min(woke_s, onset_s) - 2)
    waking(stage.scene, stage.baby, rng, woke_s, str(rng.choice(["modest", "large"])))
    stage.ordinary("awake", woke_s, onset_s - 2)
    if rng.random() < 0.5:
        muscles.fidget(stage.scene, stage.baby, rng, onset_s, end_s, rng.uniform(0.1, 0.6))
    if rng.random() < 0.25:
        crying(stage.scene, stage.baby, rng, end_s + 1, min(end_s + 60, seconds))
    stage.ordinary("awake", max(end_s, woke_s) + rng.uniform(2, 30), seconds)


def persists_after_waking(stage: Stage) -> None:
    """Jerks that waking does not end: a run goes on, or resumes, or clusters go on; one in five hardly stirs."""
    rng, seconds = stage.rng, stage.scene.seconds
    form = str(rng.choice(["run", "resumes", "clusters"], p=[0.45, 0.2, 0.35]))
    how = str(rng.choice(["hardly", "modest", "large"], p=[0.2, 0.4, 0.4]))
    onset_s = rng.uniform(120, seconds - 330)
    woke_s = onset_s + (between(rng, 20, 120) if form == "clusters" else between(rng, 10, 60))
    end_s = woke_s + between(rng, 20, 120)
    stage.ordinary("asleep", 0, onset_s - 3)
    moved_s = waking(stage.scene, stage.baby, rng, woke_s, how)
    stage.scene.states.append((woke_s, "awake"))
    layer, jerking = Scene(seconds), Jerking.draw(rng, stage.baby)
    if form == "clusters":
        last_s = clusters(layer, jerking, rng, onset_s, end_s + 25)
        stage.scene.label(onset_s, woke_s, "myoclonic_series")
    elif form == "resumes":
        first_s = jerking.run(layer, rng, onset_s, woke_s - rng.uniform(0, 1))
        last_s = jerking.run(layer, rng, moved_s + rng.uniform(-1, 4), end_s + 10)
        stage.scene.label(onset_s, first_s, "rhythmic")
    else:
        last_s = jerking.run(layer, rng, onset_s, end_s)
        stage.scene.label(onset_s, last_s, "rhythmic")
    stage.scene.label(woke_s, last_s, "persists_after_waking")
    stage.add(layer, (onset_s, last_s))
    stage.scene.facts |= jerking.facts() | {"form": form, "waking": how}
    if how != "hardly":
        muscles.fidget(stage.scene, stage.baby, rng, moved_s + rng.uniform(2, 15), last_s, rng.uniform(0.05, 0.4))
    stage.ordinary("awake", last_s + rng.uniform(3, 40), seconds)


def myoclonic_series(stage: Stage) -> None:
    """A benign series: it ends with waking, or in sleep; a stir in its middle wakes nobody in four of ten."""
    rng, seconds = stage.rng, stage.scene.seconds
    onset_s, wakes, stirs = rng.uniform(60, 150), rng.random() < 0.6, rng.random() < 0.4
    end_s = onset_s + between(rng, 60, seconds - onset_s - 120)
    layer, jerking = Scene(seconds), Jerking.draw(rng, stage.baby)
    last_s = clusters(layer, jerking, rng, onset_s, end_s)
    stage.ordinary("asleep", 0, onset_s - 3)
    stage.scene.label(onset_s, last_s, "myoclonic_series")
    stage.add(layer, (onset_s, last_s), min(stage.size(), 20.0))
    stage.scene.facts |= {"hz": jerking.hz, "wakes": float(wakes), "stirs": float(stirs)}
    if stirs:
        at_s, lasting_s = rng.uniform(onset_s + 10, max(onset_s + 11, last_s - 20)), rng.uniform(2, 9)
        act = muscles.squirm if rng.random() < 0.5 else muscles.fidget
        act(stage.scene, stage.baby, rng, at_s, at_s + lasting_s, rng.uniform(0.3, 0.8))
        muscles.shift(stage.scene, rng, at_s, at_s + lasting_s, rng.normal(0, [4, 1.5]))
        stage.scene.label(at_s, at_s + lasting_s + 1, "movement", "arousal")
    if wakes:
        woke_s = last_s + rng.choice([0.0, rng.uniform(0, 10)])
        moved_s = waking(stage.scene, stage.baby, rng, woke_s, str(rng.choice(["modest", "large"])))
        stage.scene.states.append((woke_s, "awake"))
        stage.ordinary("awake", moved_s + rng.choice([0.0, rng.uniform(0, 60)]), seconds, rng.uniform(0.6, 1.4))
    else:
        stage.ordinary("asleep", last_s + 3, seconds)


def stiffening(stage: Stage) -> None:
    """Stiffen for 3.5-25 s, asleep or awake; in one of four after 3-8 s of jerks."""
    rng, seconds, state = stage.rng, stage.scene.seconds, str(stage.rng.choice(["asleep", "awake"]))
    onset_s, lasting_s = rng.uniform(150, seconds - 150), between(rng, 3.5, 25)
    stage.ordinary(state, 0, onset_s - 4)
    stage.ordinary(state, onset_s + lasting_s + rng.uniform(10, 40), seconds)
    layer = Scene(seconds)
    jerks_s = rng.uniform(3, 8) if rng.random() < 0.25 else 0.0
    stiffen(stage.scene, layer, rng, onset_s + jerks_s, lasting_s)
    stage.scene.label(onset_s, onset_s + jerks_s + lasting_s, "stiffening")
    size = stage.add(
        layer, (onset_s + jerks_s, onset_s + jerks_s + lasting_s), float(np.clip(4 * rng.lognormal(0, 0.6), 1.5, 20))
    )
    if jerks_s:
        jerked = Scene(seconds)
        Jerking.draw(rng, stage.baby).run(jerked, rng, onset_s, onset_s + jerks_s)
        stage.add(jerked, (onset_s, onset_s + jerks_s), size * 1.5 * lognormal(rng, 0.3))
        stage.scene.facts["size"] = size
