"""A simulated baby with a clip, and the radio between: pure, from a seed. docs/simulator.md tells the ranges.

simulate("rhythmic-asleep", seed=1).items      # as the radio gives them
for case in cases("test", "rhythmic_awake", n=100, seed=0): ...
"""

from sensor.simulator.cases import CASES, case, cases
from sensor.simulator.labels import Label, labels_from_tsv, labels_to_tsv
from sensor.simulator.simulation import Simulation

__all__ = ["CASES", "Label", "Simulation", "case", "cases", "labels_from_tsv", "labels_to_tsv"]
