"""Many streams of one kind, to evaluate a detector on: no radio, every sensor and baby anew.

for case in cases("test", "rhythmic_awake", n=100, seed=0):
    case.time_s, case.accel_g, case.labels, case.facts["size"]
"""

from collections.abc import Iterator
from dataclasses import replace
from typing import Final

from sensor.simulator.scenarios import SCENARIOS
from sensor.simulator.simulation import Simulation, play, scenario_named
from sensor.simulator.splits import SplitName

_SHORT_S: Final = 3600.0

CASES: Final = tuple(name.replace("-", "_") for name, x in SCENARIOS.items() if x.duration_s.high < _SHORT_S)
"""Every kind of short stream: the scenarios under an hour, with underscores, as event kinds are written."""


def cases(split: SplitName, kind: str, n: int, seed: int) -> Iterator[Simulation]:
    """Draw n streams of a scenario, one after the other.

    Raises:
        ValueError: there is no such scenario.
    """
    return (case(split, kind, number, seed) for number in range(n))


def case(split: SplitName, kind: str, number: int, seed: int) -> Simulation:
    """Draw one stream of `cases` by its number.

    Raises:
        ValueError: there is no such scenario.
    """
    return replace(play(scenario_named(kind), split=split, seed=(seed, number)), name=f"{kind}-{number}")


def nights(split: SplitName, n: int, seed: int) -> Iterator[Simulation]:
    """Draw n healthy nights."""
    return cases(split, "healthy-night", n, seed)
