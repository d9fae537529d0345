"""A random generator in the words of the distributions."""

import math
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

Floats: TypeAlias = NDArray[np.float64]


class Draw:
    """A random generator in the words of the distributions."""

    def __init__(self, rng: np.random.Generator) -> None:
        self.rng = rng

    def uniform(self, low: float, high: float) -> float:
        return float(self.rng.uniform(low, high))

    def log(self, low: float, high: float) -> float:
        return float(np.exp(self.rng.uniform(math.log(low), math.log(high))))

    def lognormal(self, median: float, sigma: float) -> float:
        return float(median * np.exp(sigma * self.rng.standard_normal()))

    def wait(self, mean_s: float) -> float:
        return float(self.rng.exponential(mean_s))

    def chance(self, p: float) -> bool:
        return bool(self.rng.random() < p)

    def normal(self, sd: float) -> Floats:
        return np.asarray(self.rng.normal(0, sd, 3))

    def direction(self) -> Floats:
        vector = self.normal(1)
        return vector / np.linalg.norm(vector)

    def near(self, direction: Floats, wobble_deg: float) -> Floats:
        """Turn a direction by about so many degrees (half-normal), any way."""
        side = np.cross(direction, self.direction())
        angle = math.radians(wobble_deg) * float(self.rng.normal())
        return math.cos(angle) * direction + math.sin(angle) * side / np.linalg.norm(side)

    def pick(self, *names: str) -> str:
        return names[int(self.rng.integers(len(names)))]
