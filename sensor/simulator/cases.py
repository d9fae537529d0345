"""Many short streams of one kind, to evaluate a detector on: no radio, every sensor and baby anew.

for case in cases("test", "rhythmic-awake", n=100, seed=0):
    case.time_s, case.accel_g, case.labels, case.facts["size"]
"""

from collections.abc import Iterator

from sensor.simulator.scenarios import SCENARIOS
from sensor.simulator.simulation import Simulation, play
from sensor.simulator.splits import SplitName


def cases(split: SplitName, kind: str, n: int, seed: int) -> Iterator[Simulation]:
    """Draw n streams of a scenario, one after the other.

    Raises:
        ValueError: there is no such scenario.
    """
    return (case(split, kind, number, seed) for number in range(n))


def case(split: SplitName, kind: str, number: int, seed: int) -> Simulation:
    """Draw one stream of `cases` by its number; underscores in the name count as hyphens.

    Raises:
        ValueError: there is no such scenario.
    """
    name = kind.replace("_", "-")
    if name not in SCENARIOS:
        raise ValueError(f"no scenario {kind!r}; there are {', '.join(SCENARIOS)}")
    return play(SCENARIOS[name], split=split, seed=(seed, number))
