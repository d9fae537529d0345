"""Ordinary stretches of sleep and wakefulness."""

from typing import Final

import numpy as np

from sensor.simulator import body, jerks
from sensor.simulator.wearer import Stage, Wearer

NEWBORN_MONTHS: Final = 3.0
"""Until then sleep begins as active sleep."""
TURNS_OVER: Final = 0.3
"""Share of large movements in sleep that are turn-overs (prior)."""
KICKS: Final = 0.35
MOVES: Final = 0.35
"""Shares of kicking and of whole-body movement among what an awake baby does; the rest is fidgeting (priors)."""


def asleep(wearer: Wearer, start_s: float, stop_s: float, *, first: Stage | None = None) -> float:
    """Sleep from start to stop: quiet and active sleep in turn, with twitches, startles and arousals."""
    rng = wearer.rng
    stage = first or (Stage.ACTIVE if wearer.baby.age_months < NEWBORN_MONTHS else Stage.QUIET)
    at_s = start_s
    while at_s < stop_s:
        length_s = float(rng.uniform(12, 28)) * 60
        stage_stop_s = min(at_s + length_s, stop_s)
        wearer.enters(at_s, stage)
        _events(wearer, at_s, stage_stop_s, stage)
        at_s = stage_stop_s
        stage = Stage.ACTIVE if stage is Stage.QUIET else Stage.QUIET
    return stop_s


def _events(wearer: Wearer, start_s: float, stop_s: float, stage: Stage) -> None:
    rng = wearer.rng
    young = float(np.interp(wearer.baby.age_months, (0, 24), (1.0, 0.35)))
    per_hour = {"twitch": 50 * young, "startle": 1.5, "arousal": 7.0, "gross": 3.0}
    if stage is Stage.QUIET:
        per_hour = {"twitch": 5 * young, "startle": 24 * young, "arousal": 1.5, "gross": 0.5}
    names = list(per_hour)
    rates = np.array([per_hour[name] for name in names])
    at_s = start_s + float(rng.exponential(3600 / rates.sum()))
    while at_s < stop_s - 35:
        at_s = _event(wearer, at_s, str(rng.choice(names, p=rates / rates.sum())))
        at_s += 3.5 + float(rng.exponential(3600 / rates.sum()))


def _event(wearer: Wearer, at_s: float, name: str) -> float:
    rng = wearer.rng
    if name == "twitch":
        return jerks.twitches(wearer, at_s, size=float(rng.lognormal(1.8, 0.5)))
    if name == "startle":
        return jerks.single(wearer, at_s, float(rng.lognormal(2.3, 0.4)), "startle")
    size_g = wearer.baby.gross_g * float(rng.uniform(0.3, 1.0))
    if name == "arousal":
        return body.arousal(wearer, at_s, size_g)
    return (
        body.turn_over(wearer, at_s, size_g) if rng.random() < TURNS_OVER else body.large_movement(wearer, at_s, size_g)
    )


def awake(wearer: Wearer, start_s: float, stop_s: float, *, lively: float = 1.0) -> float:
    """Lie awake: bouts of movement and kicking with pauses of seconds; `lively` scales how often."""
    wearer.enters(start_s, Stage.AWAKE)
    rng = wearer.rng
    at_s = start_s + float(rng.exponential(2.0))
    while at_s < stop_s - 12:
        size_g = wearer.baby.gross_g * min(float(rng.lognormal(-0.2, 0.4)), 2.0)
        pick = rng.random()
        if pick < KICKS:
            at_s = body.kicking(wearer, at_s, size_g)
        elif pick < KICKS + MOVES:
            duration_s = float(rng.uniform(1, 6))
            wearer.label(at_s, at_s + duration_s, "movement", "gross")
            settles_deg = float(rng.lognormal(1.6, 0.7))
            at_s = body.gross(wearer, at_s, duration_s, size_g=size_g, settles_deg=settles_deg)
        else:
            at_s = body.fidget(wearer, at_s)
        at_s += float(rng.gamma(1.3, 6.0)) / lively
    return stop_s


def wakes(wearer: Wearer, at_s: float) -> float:
    """Wake up: a strong arousal with a change of posture."""
    wearer.enters(at_s, Stage.AWAKE)
    size_g = wearer.baby.gross_g * float(wearer.rng.uniform(0.7, 1.3))
    duration_s = float(wearer.rng.uniform(2, 5))
    wearer.label(at_s, at_s + duration_s, "movement", "arousal")
    return body.gross(wearer, at_s, duration_s, size_g=size_g, settles_deg=float(wearer.rng.uniform(6, 30)))
