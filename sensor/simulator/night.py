"""Whole nights: falling asleep, sleep in cycles, wakings with and without a feed, and the mimics in between."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

import numpy as np

from sensor.simulator import jerks, outside, repeats, sleep
from sensor.simulator.body import Play, stirring, stirs
from sensor.simulator.wearer import Stage, Wearer

AGES_MONTHS: Final = (0.0, 3.0, 6.0, 12.0, 24.0)
FEEDS_A_NIGHT: Final = (4.0, 2.5, 1.0, 0.3, 0.0)
WAKINGS_A_NIGHT: Final = (1.0, 2.0, 2.5, 2.0, 1.0)
"""Feeds and other wakings of a night of 10 h at `AGES_MONTHS` (priors, after parents' guides)."""


@dataclass(frozen=True, slots=True)
class Chance:
    """A mimic and how often a night has it at `AGES_MONTHS` (priors, on the high side so that each is met)."""

    by_age: tuple[float, ...]
    play: Play

    def happens(self, wearer: Wearer) -> bool:
        """Draw whether this night has it."""
        return bool(wearer.rng.random() < np.interp(wearer.baby.age_months, AGES_MONTHS, self.by_age))


def _uniform(wearer: Wearer, low: float, high: float) -> float:
    return float(wearer.rng.uniform(low, high))


def _minutes(play: Callable[[Wearer, float, float], float], low: float, high: float) -> Play:
    return lambda wearer, at_s: play(wearer, at_s, 60 * _uniform(wearer, low, high))


def _hiccups(wearer: Wearer, at_s: float) -> float:
    minutes = float(np.clip(wearer.rng.normal(8.4, 4.2), 1.5, 20))  # Brouillette 1980
    return repeats.hiccups(wearer, at_s, 60 * minutes, _uniform(wearer, 3, 20))


def _periodic(wearer: Wearer, at_s: float) -> float:
    return repeats.periodic(wearer, at_s, int(wearer.rng.integers(6, 50)), _uniform(wearer, 4, 20))


def _myoclonus(wearer: Wearer, at_s: float) -> float:
    return jerks.myoclonus(wearer, at_s, at_s + 60 * _uniform(wearer, 1, 30), float(wearer.rng.lognormal(1.9, 0.5)))


def _jitteriness(wearer: Wearer, at_s: float) -> float:
    return repeats.jitteriness(wearer, at_s, _uniform(wearer, 15, 90), _uniform(wearer, 2, 8))


def _sucking(wearer: Wearer, at_s: float) -> float:
    return repeats.sucking(wearer, at_s, 60 * _uniform(wearer, 1, 8), _uniform(wearer, 0.5, 4))


def tucked_in(wearer: Wearer, at_s: float) -> float:
    """Be looked after in sleep: a hand, a few seconds of handling, nothing more."""
    end_s = outside.touched(wearer, outside.touched(wearer, at_s) + _uniform(wearer, 1, 8))
    wearer.label(at_s, end_s, "handling", "tucked_in")
    return end_s


ASLEEP: Final = (
    Chance((0.5, 0.4, 0.2, 0.1, 0.1), _hiccups),
    Chance((0.4, 0.2, 0.05, 0.0, 0.0), _myoclonus),
    Chance((0.05, 0.1, 0.1, 0.15, 0.2), _periodic),
    Chance((0.3, 0.3, 0.15, 0.0, 0.0), _minutes(outside.bassinet, 3, 30)),
    Chance((0.5, 0.5, 0.4, 0.3, 0.2), _minutes(outside.patting, 0.2, 5)),
    Chance((0.3, 0.3, 0.3, 0.2, 0.1), _minutes(outside.rocking, 1, 8)),
    Chance((0.4, 0.4, 0.4, 0.4, 0.4), _sucking),
    Chance((0.1, 0.1, 0.1, 0.1, 0.1), _minutes(outside.pram, 5, 30)),
    Chance((0.1, 0.1, 0.1, 0.1, 0.1), _minutes(outside.car, 10, 40)),
    Chance((0.5, 0.5, 0.5, 0.5, 0.5), tucked_in),
)
"""What may come into sleep."""

AWAKE: Final = (
    Chance((0.5, 0.2, 0.0, 0.0, 0.0), stirring(_jitteriness)),
    Chance((0.0, 0.0, 0.2, 0.35, 0.35), _minutes(repeats.head_banging, 1, 12)),
    Chance((0.4, 0.3, 0.1, 0.05, 0.05), stirring(_hiccups)),
    Chance((0.3, 0.3, 0.2, 0.1, 0.0), stirring(_minutes(outside.bassinet, 1, 8))),
)
"""What may come while awake and falling asleep."""


@dataclass(frozen=True, slots=True)
class Concern:
    """One movement worth a doctor's look, to be put into a night.

    Attributes:
        stage: in which it comes.
        play: the movement.
    """

    stage: Stage
    play: Play


def night(wearer: Wearer, concern: Concern | None = None) -> None:
    """Fill the stream with a night; a concern comes after one of the first sleeps or wakings."""
    rng, end_s = wearer.rng, wearer.duration_s
    asleep, awake = _drawn(wearer, ASLEEP), _drawn(wearer, AWAKE)
    at_s = bedtime(wearer, 0.0, awake)
    stretches = _stretches(wearer)
    count = len(stretches)
    fateful = int(rng.integers(0, count // 2)) if concern else count
    feeds = _feeds(wearer, count)
    for number, stretch_s in enumerate(stretches):
        worry = [concern] if concern and number == fateful else []
        extras = [*asleep[number::count], *(x.play for x in worry if x.stage is not Stage.AWAKE)]
        at_s = _sleep_through(wearer, at_s, at_s + stretch_s, extras)
        if at_s >= end_s:
            return
        extras = [*(x.play for x in worry if x.stage is Stage.AWAKE), *awake[number::count]]
        at_s = _waking(wearer, at_s, extras, feed=number in feeds)
    sleep.asleep(wearer, at_s, end_s)


def _drawn(wearer: Wearer, chances: tuple[Chance, ...]) -> list[Play]:
    """Draw which mimics a night has, in what order."""
    plays = [chance.play for chance in chances if chance.happens(wearer)]
    return [plays[k] for k in wearer.rng.permutation(len(plays))]


def _stretches(wearer: Wearer) -> list[float]:
    """Lengths of sleep between wakings, as drawn for this age; 20 min a waking are left for them."""
    rng, hours = wearer.rng, wearer.duration_s / 3600
    mean = float(np.interp(wearer.baby.age_months, AGES_MONTHS, np.add(FEEDS_A_NIGHT, WAKINGS_A_NIGHT)))
    count = 2 + int(rng.poisson(max(0.0, mean * hours / 10 - 1)))
    shares = rng.dirichlet(np.full(count, 4.0))
    return [max(600.0, float(share) * (wearer.duration_s - 1200 * count)) for share in shares]


def _feeds(wearer: Wearer, stretches: int) -> range:
    share = np.interp(
        wearer.baby.age_months, AGES_MONTHS, np.divide(FEEDS_A_NIGHT, np.add(FEEDS_A_NIGHT, WAKINGS_A_NIGHT))
    )
    return range(round(stretches * float(share)))


def _sleep_through(wearer: Wearer, start_s: float, stop_s: float, extras: list[Play]) -> float:
    """Sleep with the extras spread over it."""
    at_s = start_s
    for number, play in enumerate(extras):
        until_s = at_s + max(420.0, (stop_s - at_s) / (len(extras) - number + 1) * _uniform(wearer, 0.6, 1.2))
        sleep.asleep(wearer, at_s, until_s)
        at_s = play(wearer, until_s + 5) + 5
        if at_s >= wearer.duration_s:
            return at_s
    return sleep.asleep(wearer, at_s, max(stop_s, at_s + 300))


def bedtime(wearer: Wearer, start_s: float, extras: list[Play]) -> float:
    """Be laid down awake, move for some minutes, be settled, and fall asleep."""
    wearer.enters(start_s, Stage.AWAKE)
    at_s = outside.handled(wearer, start_s + 1, _uniform(wearer, 20, 90))
    wearer.label(start_s + 1, at_s, "handling", "put_down")
    at_s = sleep.awake(wearer, at_s, at_s + 60 * _uniform(wearer, 2, 8))
    for play in extras[:1]:
        at_s = play(wearer, at_s)
    return settled(wearer, at_s)


def settled(wearer: Wearer, at_s: float) -> float:
    """Fall asleep, alone, rocked or patted; the rocking may go on after."""
    rng = wearer.rng
    play = (outside.rocking, outside.patting, _alone, _alone)[rng.integers(4)]
    end_s = play(wearer, at_s, _uniform(wearer, 60, 420))
    slept_s = at_s + (end_s - at_s) * _uniform(wearer, 0.4, 1.0)
    stirs(wearer, at_s, slept_s)
    wearer.enters(slept_s, Stage.ACTIVE)
    return end_s


def _alone(wearer: Wearer, at_s: float, duration_s: float) -> float:
    """Lie still and drop off, now and then with a hypnic jerk."""
    end_s = at_s + duration_s / 2
    if wearer.rng.integers(2):
        return jerks.single(wearer, end_s, float(wearer.rng.lognormal(2.2, 0.4)), "hypnic_jerk")
    return end_s


def _waking(wearer: Wearer, start_s: float, extras: list[Play], *, feed: bool) -> float:
    """Wake, lie awake or be fed, and settle again."""
    at_s = sleep.awake(wearer, sleep.wakes(wearer, start_s), start_s + _uniform(wearer, 60, 300))
    for play in extras:
        at_s = play(wearer, at_s)
        at_s = sleep.awake(wearer, at_s, at_s + _uniform(wearer, 45, 120))
    if feed:
        at_s = fed(wearer, at_s)
    return settled(wearer, at_s)


def fed(wearer: Wearer, start_s: float) -> float:
    """Be picked up, carried, fed in arms, winded, and put down."""
    angle_deg = _uniform(wearer, 30, 80)
    at_s = outside.handled(wearer, start_s, angle_deg)
    wearer.label(start_s, at_s, "handling", "picked_up")
    walk_stop_s = at_s + _uniform(wearer, 15, 60)
    outside.walk_on(wearer, at_s, walk_stop_s)
    wearer.label(at_s, walk_stop_s, "handling", "walking")
    at_s = _drinks(wearer, walk_stop_s)
    at_s = outside.patting(wearer, at_s, _uniform(wearer, 30, 180))
    end_s = outside.handled(wearer, at_s, -angle_deg)
    wearer.label(at_s, end_s, "handling", "put_down")
    return end_s


def _drinks(wearer: Wearer, start_s: float) -> float:
    stop_s = repeats.sucking(wearer, start_s, 60 * _uniform(wearer, 5, 18), _uniform(wearer, 0.5, 4))
    outside.held(wearer, start_s, stop_s)
    wearer.label(start_s, stop_s, "handling", "feeding")
    return stop_s
