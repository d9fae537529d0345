"""Received + missing = sent, for every family and every fault of the radio, on the simulator's books."""

from dataclasses import replace

import pytest

from sensor.readings import Assembler, Counts
from sensor.simulator import SCENARIOS, Faults, Transmission, simulate
from sensor.simulator.splits import Span
from sensor.stream import LinkDown

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


def books(family: str, faults: Faults, lasts_s: float = LASTS_S) -> tuple[Transmission, Counts]:
    """Give what was sent, and what the assembler made of it."""
    scenario = replace(SCENARIOS["quiet"], duration_s=Span(lasts_s, lasts_s))
    transmission = simulate(scenario, seed=3, family=family, faults=faults).transmission
    assert transmission is not None
    assembler = Assembler()
    for item in transmission.items:
        assembler.push(item)
    assembler.push(LinkDown(at_s=assembler.now_s, wall_s=0.0, cause="the end"))
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


CERTAIN = {
    "none": Faults(),
    "garbage": Faults(garbage=0.05),
    "100 ppm fast": Faults(drift_ppm=100.0),
    "100 ppm slow": Faults(drift_ppm=-100.0),
    "bursts after stalls of up to 5 s": Faults(stalls_per_h=120.0, stall_s=5.0),
}


@pytest.mark.parametrize("family", ESTIMATED)
@pytest.mark.parametrize("fault", CERTAIN)
def test_any_other_clip_is_known_to_the_packet_while_nothing_is_lost(family: str, fault: str) -> None:
    radio, counts = books(family, CERTAIN[fault])
    assert counts.estimated == counts.received == radio.sent - radio.lost
    assert counts.received + counts.missing == pytest.approx(radio.sent, abs=1)


def off_at_ten_percent_loss(interval_s: float, lasts_s: float, drift_ppm: float) -> int:
    radio, counts = books("microbit", Faults(loss=0.1, interval_s=interval_s, drift_ppm=drift_ppm), lasts_s)
    assert counts.missing > 4 * lasts_s
    return abs(counts.received + counts.missing - radio.sent)


@pytest.mark.parametrize(("interval_s", "lasts_s"), [(0.03, 1800.0), (0.0375, 600.0), (0.045, 600.0), (0.05, 1800.0)])
@pytest.mark.parametrize("drift_ppm", [-100.0, 100.0])
def test_any_other_clip_is_known_to_three_packets_at_ten_percent_loss(
    interval_s: float, lasts_s: float, drift_ppm: float
) -> None:
    """One, and what was lost in the last 0.1 s; half an hour where shifts hide losses. One link (docs/timing.md)."""
    assert off_at_ten_percent_loss(interval_s, lasts_s, drift_ppm) <= 3


@pytest.mark.parametrize(("interval_s", "shifts"), [(0.02, 3), (0.03, 6), (0.04, 3), (0.05, 6)])
@pytest.mark.parametrize("drift_ppm", [-100.0, 100.0])
def test_before_the_odds_are_clear_a_shift_costs_a_row_at_most(
    interval_s: float, shifts: int, drift_ppm: float
) -> None:
    """Shifts in ten minutes of a clip that is off by 100 ppm: by half a period, or by a whole one."""
    assert off_at_ten_percent_loss(interval_s, 600.0, drift_ppm) <= 3 + shifts


def test_what_is_late_is_awaited_and_not_called_lost() -> None:
    scenario = replace(SCENARIOS["quiet"], duration_s=Span(60.0, 60.0))
    items = simulate(scenario, seed=3, family="microbit", faults=Faults()).items
    assembler = Assembler()
    zero_s = items[0].at_s  # type: ignore[union-attr]  # it came over a radio
    stalled = [item for item in items if item.at_s - zero_s < 30 or item.at_s - zero_s > 35]  # type: ignore[union-attr]
    seen = []
    for item in stalled:
        assembler.push(item)
        seen.append((assembler.now_s - zero_s, assembler.counts.missing, assembler.counts.awaited))
    assert all((missing, awaited) == (0, 0) for at_s, missing, awaited in seen if at_s < 30)
    assert all(missing == 0 for at_s, missing, _ in seen if at_s < 44)
    assert all(awaited == pytest.approx(250, abs=2) for at_s, _, awaited in seen if 37 < at_s < 44)
    assert seen[-1][1:] == (pytest.approx(250, abs=2), 0)
