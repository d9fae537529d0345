"""A simulated baby with a clip, and the radio between: pure, from a seed. docs/simulator.md tells the ranges.

simulate("rhythmic-asleep", seed=1).items      # as the radio gives them
for case in cases("test", "rhythmic_awake", n=100, seed=0): ...
"""

from processing.labels import Label
from sensor.simulator.cases import CASES, case, cases, nights
from sensor.simulator.radio import GOOD, ROUGH, Faults, Transmission
from sensor.simulator.scenarios import SCENARIOS, Scenario
from sensor.simulator.simulation import Simulation, play, simulate

__all__ = [
    "CASES",
    "GOOD",
    "ROUGH",
    "SCENARIOS",
    "Faults",
    "Label",
    "Scenario",
    "Simulation",
    "Transmission",
    "case",
    "cases",
    "nights",
    "play",
    "simulate",
]
