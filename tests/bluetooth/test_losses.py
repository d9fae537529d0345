"""Received + missing = sent, for every family and every fault of the radio, on the simulator's books."""

from dataclasses import replace

import pytest

from sensor.clips import FAMILIES
from sensor.clock import SETTLE_S
from sensor.readings import Assembler, Counts
from sensor.simulator import SCENARIOS, Faults, Transmission, simulate
from sensor.simulator.splits import Span

LASTS_S = 240.0
COUNTED = {"sleepclip": 10, "polar": 36, "polar_h10": 36, "movesense": 4}
"""Families with a counter or a clock, and the samples of a packet."""
ESTIMATED = ("microbit", "thingy52")

FAULTS = {
    "none": Faults(),
    "10 % loss": Faults(loss=0.1),
    "doubles": Faults(doubles=0.1),
    "out of order": Faults(late=0.05),
    "garbage": Faults(garbage=0.05),
    "cut at a small MTU": Faults(truncated=0.05),
    "100 ppm drift": Faults(drift_ppm=100.0),
    "bursts after stalls": Faults(stalls_per_h=120.0),
}


def books(family: str, faults: Faults) -> tuple[Transmission, Counts]:
    """Give what was sent, and what the assembler made of it."""
    scenario = replace(SCENARIOS["quiet"], duration_s=Span(LASTS_S, LASTS_S))
    transmission = simulate(scenario, seed=3, family=family, faults=faults).transmission
    assert transmission is not None
    assembler = Assembler()
    for item in transmission.items:
        assembler.push(item)
    return transmission, assembler.counts


@pytest.mark.parametrize("family", COUNTED)
@pytest.mark.parametrize("fault", FAULTS)
def test_a_clip_with_a_counter_or_a_clock_is_known_to_the_sample(family: str, fault: str) -> None:
    radio, counts = books(family, FAULTS[fault])
    unknown = radio.sent - counts.received - counts.missing  # lost at the very end: no packet came to tell
    assert 0 <= unknown <= min(radio.lost, 2 * COUNTED[family])
    assert counts.jumps == 0


@pytest.mark.parametrize("family", COUNTED)
def test_of_a_lost_link_only_what_was_on_its_way_is_not_counted(family: str) -> None:
    radio, counts = books(family, Faults(link_losses_per_h=90.0))
    assert counts.sessions == radio.sessions > 1
    assert counts.received == radio.sent - radio.lost
    assert counts.missing == 0


@pytest.mark.parametrize("family", ESTIMATED)
@pytest.mark.parametrize("fault", ["none", "10 % loss", "garbage", "100 ppm drift"])
def test_any_other_clip_is_known_to_what_a_second_brings(family: str, fault: str) -> None:
    radio, counts = books(family, FAULTS[fault])
    assert counts.estimated == counts.received == radio.sent - radio.lost
    rate_hz = FAMILIES[family].traits.default_rate_hz
    assert counts.received + counts.missing == pytest.approx(radio.sent, abs=SETTLE_S * rate_hz)
