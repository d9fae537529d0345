"""Whole nights of healthy babies."""

import math

from tests.generators.sixth.body import Event, Stage, logs, scatter, some
from tests.generators.sixth.outside import (
    bassinet,
    burping,
    diaper_change,
    feeding,
    in_arms,
    patting,
    patting_held,
    rocking,
    walking,
)
from tests.generators.sixth.own import arousal, crying, head_banging, hiccups, periodic, sigh, sucking, turn_over
from tests.generators.sixth.scenes import active_sleep, awake, benign_series, quiet_sleep


def night(stage: Stage) -> None:
    """Sleep in stretches that lengthen with age; wake, mostly to be fed, sometimes to settle alone."""
    rng, t = stage.rng, settling(stage, 0.0)
    while t < stage.duration_s:
        stretch_s = logs(rng, 40, 110) * 60 * (1 + stage.baby.age_months / 6)
        t = sleep_stretch(stage, t, min(stage.duration_s, t + stretch_s))
        if t < stage.duration_s - 1800:
            t = (care if some(rng, 0.7) else alone)(stage, t)
        elif t < stage.duration_s:
            t = waking(stage, t, stage.duration_s)


def settling(stage: Stage, at_s: float) -> float:
    """Fall asleep, alone or rocked, patted, in a bassinet or banging; give when."""
    ways: dict[Event, float] = {rocking: 0.2, patting: 0.2, bassinet: 0.1, walking: 0.1, sucking: 0.2, sigh: 0.15}
    ways[head_banging] = 0.05
    event = list(ways)[stage.rng.choice(len(ways), p=list(ways.values()))]
    start = at_s + logs(stage.rng, 60, 900)
    awake(stage, at_s, start - 20)
    end = in_arms(stage, start, event) if event is walking else event(stage, start)
    asleep_s = float(stage.rng.uniform(start + 0.5 * (end - start), end + 60))
    stage.tell(at_s, asleep_s, "awake")
    quiet_sleep(stage, end + 5, max(end, asleep_s) + 60)
    stage.asleep_since_s = asleep_s
    return max(end, asleep_s) + 60


def sleep_stretch(stage: Stage, at_s: float, until_s: float) -> float:
    """Go through active and quiet sleep by turns; hiccups, periodic movements or myoclonus are rare guests."""
    rng, t, active = stage.rng, at_s, True
    young = math.exp(-stage.baby.age_months / 3)
    while t < until_s:
        end = min(until_s, t + (22 if active else 16) * 60 * scatter(rng, 0.4))
        guest, draw = None, rng.random() / max(0.1, (end - t) / 1200)
        if active and end - t > 900:
            guest = periodic if draw < 0.03 else hiccups if draw < 0.06 else guest
            if 0.06 < draw < 0.06 + 0.03 * young:
                benign_series(stage, t + 10, t + logs(rng, 120, 800))
                t += 810
        t = guest(stage, t + 15) + 10 if guest else t
        (active_sleep if active else quiet_sleep)(stage, t, end)
        if stage.baby.age_months > 4 and end < until_s - 30 and some(rng, 0.6):
            end = turn_over(stage, end) + 5
        t, active = end, not active
    stage.tell(stage.asleep_since_s, t, "asleep")
    return t


def waking(stage: Stage, at_s: float, until_s: float) -> float:
    awake(stage, arousal(stage, at_s), until_s)
    stage.tell(at_s, until_s, "awake")
    return until_s


def alone(stage: Stage, at_s: float) -> float:
    """Wake and settle without help."""
    return settling(stage, waking(stage, at_s, at_s + logs(stage.rng, 60, 900)))


def care(stage: Stage, at_s: float) -> float:
    """Wake, fuss or cry, be changed, fed, burped, walked or rocked, and be laid down."""
    rng, t = stage.rng, waking(stage, at_s, at_s + logs(stage.rng, 40, 300))
    started = t
    t = crying(stage, t) if some(rng, 0.5) else t
    t = diaper_change(stage, t + 20) if some(rng, 0.5) else t
    last = (burping, rocking, walking, patting_held)[rng.integers(4)]
    t = in_arms(stage, t + 5, feeding, last)
    stage.tell(started, t, "awake")
    return settling(stage, t)
