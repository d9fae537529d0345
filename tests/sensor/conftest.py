"""A radio link for the sensor tests: it delays packets and never loses them."""

from collections.abc import Callable

import numpy as np
import pytest

from processing.samples import Floats
from sensor.readings import Assembler
from sensor.stream import StreamItem

Link = Callable[..., Floats]


@pytest.fixture(scope="session")
def link() -> Link:
    return delays


def delays(
    ready_s: Floats, *, seed: int = 0, retransmission: float = 0.1, interval_s: float = 0.0375, stalls: int = 3
) -> Floats:
    """Arrivals of packets that were ready at `ready_s`.

    They wait for a connection event and again for each retransmission, stall now and then for 1.5 s, and the host takes
    2 ms on average to hand one over.
    """
    rng = np.random.default_rng(seed)
    events = np.ceil(ready_s / interval_s) + rng.geometric(1 - retransmission, len(ready_s)) - 1
    arrival_s = np.maximum.accumulate(events * interval_s)
    for stall_s in rng.uniform(ready_s[0], ready_s[-1], stalls):
        arrival_s[(arrival_s > stall_s) & (arrival_s < stall_s + 1.5)] = stall_s + 1.5
    return np.asarray(np.maximum.accumulate(arrival_s + rng.exponential(0.002, len(ready_s))), np.float64)


@pytest.fixture(scope="session")
def joined() -> Callable[[list[StreamItem]], Floats]:
    """Rows t, x, y, z of a stream, through the assembler."""

    def join(items: list[StreamItem]) -> Floats:
        assembler = Assembler()
        parts = [readings for item in items for readings in assembler.push(item)]
        return np.concatenate([np.column_stack([part.time_s, part.accel_g]) for part in parts])

    return join
