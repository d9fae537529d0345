"""What a generator hands over: one recording with its truth."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]


class Label(NamedTuple):
    """One true happening, in the columns of a BIDS events file."""

    onset_s: float
    duration_s: float
    trial_type: str
    detail: str = "n/a"

    @property
    def end_s(self) -> float:
        """Where it ends, stream seconds."""
        return self.onset_s + self.duration_s


@dataclass(frozen=True, eq=False, slots=True, kw_only=True)
class Case:
    """One stream as a clip would have sent it.

    Attributes:
        name: kind, seed and number.
        time_s: true stream seconds of each row, `(n,)`, strictly increasing, with holes.
        accel_g: acceleration with gravity in clip axes, `(n, 3)`, g, as quantised by the clip.
        rate_hz: the rate the clip claims; its true one differs by up to a few percent.
        labels: the truth, by onset.
        facts: what was drawn for the baby, the clip and the main happening, by name with its unit.
    """

    name: str
    time_s: Floats
    accel_g: Floats
    rate_hz: float
    labels: tuple[Label, ...]
    facts: Mapping[str, float] = field(default_factory=dict)
