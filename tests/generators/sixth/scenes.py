"""Sleep and waking, and how one thing happens amid them."""

import math
from collections.abc import Callable, Mapping
from typing import Final

import numpy as np

from tests.generators.sixth.body import Event, Stage, logs, scatter, some
from tests.generators.sixth.concerning import clonic, draw_train, series, spasms
from tests.generators.sixth.outside import in_arms, off_body, phases, rocking
from tests.generators.sixth.own import arousal, burst, kicking, playing, sigh, startle, sucking, turn_over, wriggle


def fill(stage: Stage, at_s: float, until_s: float, rates_per_h: Mapping[Event, float], least_s: float) -> None:
    """Let events come by chance, one at a time, each at least `least_s` after the one before."""
    total, t = sum(rates_per_h.values()), at_s
    while (t := t + least_s + float(stage.rng.exponential(3600 / total))) < until_s - 12:
        pick = stage.rng.choice(len(rates_per_h), p=np.array(list(rates_per_h.values())) / total)
        event = list(rates_per_h)[pick]
        t = event(stage, t) if event is not sucking or until_s - t > 200 else t


def active_sleep(stage: Stage, at_s: float, until_s: float) -> None:
    rates: dict[Event, float] = {burst: 90 * math.exp(-stage.baby.age_months / 8) * scatter(stage.rng, 0.5)}
    rates |= {wriggle: 9, arousal: 3, startle: 3, sigh: 8, sucking: 1.5, kicking: 0.7}
    fill(stage, at_s, until_s, rates, 5)


def quiet_sleep(stage: Stage, at_s: float, until_s: float) -> None:
    stage.still.append((at_s, until_s))
    fill(stage, at_s, until_s, {startle: 6 + 18 * math.exp(-stage.baby.age_months / 3), sigh: 10, burst: 4}, 5)


def asleep(stage: Stage, at_s: float, until_s: float) -> None:
    """Sleep, actively or quietly, with its small movements."""
    (active_sleep if some(stage.rng, 0.65) else quiet_sleep)(stage, at_s, until_s)


def awake(stage: Stage, at_s: float, until_s: float) -> None:
    """Be awake: move for a while, lie and look for a while."""
    rng, t, what = stage.rng, at_s + logs(stage.rng, 0.5, 6), (playing, kicking, wriggle, sucking, turn_over)
    calm = logs(rng, 0.5, 3)
    while t < until_s - 15:
        event = what[rng.choice(5, p=(0.4, 0.28, 0.22, 0.06, 0.04))]
        if event is not sucking or until_s - t > 200:
            t = event(stage, t)
        t += logs(rng, 1, 20) * calm + (rng.uniform(30, 120) if some(rng, 0.04) else 0)


SCENES: Final[Mapping[str, Callable[[Stage, float, float], None]]] = {"asleep": asleep, "awake": awake}


def around(stage: Stage, state: str, event: Event, after_s: float = 60.0) -> None:
    """Let one thing happen in a state, with that state's own movements before and after."""
    start = float(stage.rng.uniform(after_s, max(after_s + 1, min(after_s + 150, 0.4 * stage.duration_s))))
    SCENES[state](stage, 0.0, start - 5)
    end = event(stage, start)
    stage.tell(0, stage.duration_s, state)
    SCENES[state](stage, end + 8, stage.duration_s)


def in_either(event: Event, p_asleep: float) -> Callable[[Stage], None]:
    return lambda stage: around(stage, "asleep" if some(stage.rng, p_asleep) else "awake", event)


def in_arms_or_not(event: Event, p_held: float, p_asleep: float) -> Callable[[Stage], None]:
    def chosen(stage: Stage, at_s: float) -> float:
        return in_arms(stage, at_s, event) if some(stage.rng, p_held) else event(stage, at_s)

    return in_either(chosen, p_asleep)


def several(event: Event, apart_s: float, state: str) -> Callable[[Stage], None]:
    """Let one thing happen again and again."""

    def again(stage: Stage, at_s: float) -> float:
        t = at_s
        while t < stage.duration_s - 60:
            t = event(stage, t) + apart_s * scatter(stage.rng, 0.6)
        return t

    return lambda stage: around(stage, state, again)


def rhythmic(stage: Stage, state: str) -> None:
    """Run alone, amid movement, right after an arousal, or while moved by others."""
    rng = stage.rng
    how = str(rng.choice(("alone", "moving", "aroused", "rocked", "carried"), p=(0.5, 0.2, 0.12, 0.09, 0.09)))
    lasts_s = logs(rng, 18, 180)
    stage.facts["setting"] = how

    def run(stage: Stage, at_s: float) -> float:
        at_s = arousal(stage, at_s) + rng.uniform(0, 3) if how == "aroused" else at_s
        rocked_until_s = rocking(stage, at_s) if how == "rocked" else at_s
        if how == "rocked":
            at_s = rng.uniform(at_s + 15, rocked_until_s - 5)
        if how == "moving":
            t = at_s - rng.uniform(0, 10)
            while t < at_s + lasts_s - 10:
                t = (kicking if state == "awake" else wriggle)(stage, t) + logs(rng, 1, 15)
        return max(rocked_until_s, clonic(stage, at_s, lasts_s))

    def carried(stage: Stage, at_s: float) -> float:
        end = clonic(stage, at_s + rng.uniform(5, 25), lasts_s)
        stage.writhe(at_s, end - at_s, 0.02, 0.01)
        phase = phases(stage, rng.uniform(0.2, 0.6), 0.2, end + 5 - at_s)
        stage.swing(at_s, phase, rng.normal(0, 0.02, 3), rng.normal(0, 0.03, 3))
        stage.tell(at_s, end + 5, "handling", "carrying")
        return end + 5

    around(stage, state, run if how != "carried" else lambda stage, at_s: in_arms(stage, at_s, carried))


def wake(stage: Stage, at_s: float) -> float:
    """Wake: stir, and be awake from then on."""
    stage.tell(0, at_s, "asleep")
    stage.tell(at_s, stage.duration_s, "awake")
    return arousal(stage, at_s)


def spasms_on_waking(stage: Stage) -> None:
    woke_s = float(stage.rng.uniform(120, 240))
    asleep(stage, 0, woke_s - 5)
    start = wake(stage, woke_s) + logs(stage.rng, 2, 120)
    awake(stage, woke_s + 12, start - 10)
    stage.facts["woke_s"] = woke_s
    awake(stage, spasms(stage, start) + 5, stage.duration_s)


def persists(stage: Stage) -> None:
    """Jerk asleep, in clusters or without pause, wake, and go on jerking."""
    rng, train = stage.rng, draw_train(stage)
    start = rng.uniform(60, 160)
    woke_s = start + logs(rng, 20, 240)
    asleep(stage, 0, start - 5)
    clusters = some(rng, 0.7)
    last = series(stage, train, start, woke_s) if clusters else train.run(stage, start, woke_s - start)
    stage.tell(start, last, "myoclonic_series" if clusters else "rhythmic")
    wake(stage, woke_s)
    until = woke_s + logs(rng, 30, 180)
    goes_on = rng.uniform(woke_s, woke_s + 2)
    on_and_off = some(rng, 0.4)
    end = (
        series(stage, train, goes_on, until, long_pauses=0)
        if on_and_off
        else train.run(stage, goes_on, until - goes_on)
    )
    stage.tell(woke_s, end, "persists_after_waking")
    stage.facts |= {"woke_s": woke_s, "clusters": clusters, "on_and_off": on_and_off}
    awake(stage, woke_s + (15 if some(rng, 0.5) else end - woke_s), stage.duration_s)


def benign_series(stage: Stage, at_s: float, until_s: float) -> None:
    """Jerk asleep in clusters; some stir in the middle without waking, and it goes on."""
    rng, train = stage.rng, draw_train(stage, 0.1, 1.2)
    middle = rng.uniform(at_s + 20, until_s) if some(rng, 0.35) else until_s
    end = series(stage, train, at_s, middle)
    if middle < until_s - 40:
        end = series(stage, train, arousal(stage, middle + 0.5) + rng.uniform(0.5, 10), until_s)
    stage.tell(at_s, end, "myoclonic_series")


def myoclonic_series(stage: Stage) -> None:
    rng = stage.rng
    start = rng.uniform(60, 160)
    until = min(start + logs(rng, 60, 600), stage.duration_s - 90)
    asleep(stage, 0, start - 5)
    benign_series(stage, start, until)
    if some(rng, 0.7):
        awake(stage, wake(stage, until), stage.duration_s)
    else:
        stage.tell(0, stage.duration_s, "asleep")
        asleep(stage, until + 8, stage.duration_s)


def off(stage: Stage) -> None:
    around(stage, "asleep" if some(stage.rng, 0.6) else "awake", off_body)
    (state,) = {row[2] for row in stage.labels} & {"asleep", "awake"}
    stage.labels = [row for row in stage.labels if row[2] != state]
    ((off_s, on_s),) = stage.off
    for onset, end, kind in ((0, off_s, state), (off_s, on_s, "unknown"), (on_s, stage.duration_s, state)):
        stage.tell(onset, end, kind)
