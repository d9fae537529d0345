"""Many short streams of one class, to evaluate a detector on.

for case in cases("test", "rhythmic_awake", n=100, seed=0):
    case.time_s, case.accel_g, case.labels, case.facts["size"]
"""

import zlib
from collections.abc import Callable, Iterator, Mapping
from typing import Final

from sensor.simulator import body, jerks, outside, sleep, waking
from sensor.simulator.simulation import Simulation, finish
from sensor.simulator.splits import Span, SplitName
from sensor.simulator.wearer import Stage, Wearer, new_wearer

SIZE: Final = Span(1.5, 30.0, log=True)
"""Size of concerning movements over the baby's own quiet."""

SETTLE_S: Final = (480.0, 600.0)
"""Sleep or wakefulness before the event: van Hees' rule takes 5 min to call sleep."""

Play = Callable[[Wearer, float], float]


def cases(split: SplitName, kind: str, n: int, seed: int) -> Iterator[Simulation]:
    """Draw n short streams of one kind (`CASES`), each with minutes of sleep or wakefulness before and after.

    Raises:
        ValueError: there is no such kind.
    """
    for number in range(n):
        yield case(split, kind, number, seed)


def case(split: SplitName, kind: str, number: int, seed: int) -> Simulation:
    """Draw one stream of `cases` by its number.

    Raises:
        ValueError: there is no such kind.
    """
    if kind not in CASES:
        raise ValueError(f"no case {kind!r}; there are {', '.join(CASES)}")
    duration_s, play = CASES[kind]
    wearer = new_wearer(split, (seed, number, zlib.crc32(kind.encode())), duration_s)
    play(wearer)
    return finish(f"{kind}-{number}", wearer)


def _size(wearer: Wearer) -> float:
    return SIZE.draw(wearer.rng)


def _asleep(play: Play) -> Callable[[Wearer], None]:
    """Sleep, the event, sleep."""

    def build(wearer: Wearer) -> None:
        start_s = float(wearer.rng.uniform(*SETTLE_S))
        sleep.asleep(wearer, 0.0, start_s - 20)
        end_s = play(wearer, start_s) + 5
        wearer.stage(start_s - 20, end_s, Stage.QUIET)
        sleep.asleep(wearer, end_s, wearer.duration_s)

    return build


def _awake(play: Play) -> Callable[[Wearer], None]:
    """Sleep, waking, minutes awake, the event, more of being awake."""

    def build(wearer: Wearer) -> None:
        waking_s = float(wearer.rng.uniform(120, 240))
        start_s = waking_s + float(wearer.rng.uniform(240, 420))
        sleep.asleep(wearer, 0.0, waking_s)
        sleep.awake(wearer, sleep.wakes(wearer, waking_s), start_s)
        end_s = play(wearer, start_s)
        wearer.stage(waking_s, end_s, Stage.AWAKE)
        sleep.awake(wearer, end_s, wearer.duration_s)

    return build


def _after_hole(play: Play) -> Callable[[Wearer], None]:
    """Sleep, a hole in the data after which nobody knows the state, and the event within a minute."""

    def build(wearer: Wearer) -> None:
        hole_s = float(wearer.rng.uniform(240, 420))
        start_s = hole_s + float(wearer.rng.uniform(20, 60)) + float(wearer.rng.uniform(15, 60))
        sleep.asleep(wearer, 0.0, hole_s)
        wearer.hole(hole_s, start_s - 15)
        end_s = play(wearer, start_s) + 5
        wearer.stage(hole_s, end_s, Stage.QUIET)
        sleep.asleep(wearer, end_s, wearer.duration_s)

    return build


def _clonic(wearer: Wearer, start_s: float) -> float:
    duration_s = float(wearer.rng.uniform(15, 120))
    wearer.facts["duration_s"] = duration_s
    return jerks.clonic(wearer, start_s, duration_s, _size(wearer))


def _clonic_asleep(wearer: Wearer, start_s: float) -> float:
    duration_s = float(wearer.rng.uniform(25, 150))
    wearer.facts["duration_s"] = duration_s
    return jerks.clonic(wearer, start_s, duration_s, _size(wearer))


def _persists(wearer: Wearer) -> None:
    start_s = float(wearer.rng.uniform(*SETTLE_S))
    sleep.asleep(wearer, 0.0, start_s - 20)
    waking_s = start_s + float(wearer.rng.uniform(30, 240))
    wearer.stage(start_s - 20, waking_s, Stage.QUIET)
    waking.persists(wearer, start_s, waking_s, _size(wearer))
    sleep.awake(wearer, waking_s, wearer.duration_s)


def _stops(wearer: Wearer) -> None:
    start_s = float(wearer.rng.uniform(*SETTLE_S))
    sleep.asleep(wearer, 0.0, start_s - 20)
    waking_s = start_s + float(wearer.rng.uniform(60, 900))
    wearer.stage(start_s - 20, waking_s, Stage.QUIET)
    jerks.myoclonus(wearer, start_s, waking_s, _size(wearer))
    sleep.awake(wearer, sleep.wakes(wearer, waking_s), waking_s + 240)
    wearer.stage(waking_s, waking_s + 10, Stage.AWAKE)
    sleep.asleep(wearer, waking_s + 240, wearer.duration_s)


def _myoclonus(wearer: Wearer, start_s: float) -> float:
    return jerks.myoclonus(wearer, start_s, start_s + float(wearer.rng.uniform(60, 400)), _size(wearer))


def _minutes(play: Callable[[Wearer, float, float], float], low_s: float, high_s: float) -> Play:
    return lambda wearer, start_s: play(wearer, start_s, float(wearer.rng.uniform(low_s, high_s)))


CASES: Final[Mapping[str, tuple[float, Callable[[Wearer], None]]]] = {
    "rhythmic_asleep": (1080.0, _asleep(_clonic_asleep)),
    "rhythmic_awake": (1080.0, _awake(_clonic)),
    "rhythmic_unknown": (900.0, _after_hole(_clonic)),
    "persists_after_waking": (1200.0, _persists),
    "stops_on_waking": (1920.0, _stops),
    "myoclonus": (1320.0, _asleep(_myoclonus)),
    "rocking": (1200.0, _asleep(_minutes(outside.rocking, 60, 400))),
    "patting": (1200.0, _asleep(_minutes(outside.patting, 10, 300))),
    "walking": (1200.0, _awake(_minutes(outside.walking, 60, 400))),
    "bassinet": (1200.0, _asleep(_minutes(outside.bassinet, 60, 400))),
    "turn_over": (900.0, _asleep(lambda wearer, at_s: body.turn_over(wearer, at_s, wearer.baby.gross_g))),
    "awake": (1200.0, _awake(lambda wearer, at_s: sleep.awake(wearer, at_s, at_s + 300))),
    "quiet": (1200.0, _asleep(lambda _wearer, at_s: at_s + 10)),
}
"""Stream length and script of each kind."""
