"""A night of 12 h with 200 random link faults, in compressed time: from ten minutes after a gap, all is as without it.

Before that, the state is unknown and the baby's quiet level is learned anew. After it, events that are near a threshold
may still fall to the other side: their times are measured anew with each link, to some milliseconds.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

import numpy as np
import pytest

from processing.detector import Detector
from processing.events import Event, Gap, Rhythmic, StateInterval
from processing.resampling import Resampler
from processing.samples import Samples
from sensor.readings import Assembler, Counts
from sensor.simulator import SCENARIOS, Simulation, simulate
from sensor.simulator.splits import Span
from sensor.stream import LinkDown, LinkUp, StreamItem

NIGHT_S = 12 * 3600.0
FAULTS = 200
LEARNS_S = 600.0
SEED = 6


@dataclass(frozen=True)
class Fault:
    """Link lost at, and back at, monotonic seconds."""

    lost_s: float
    back_s: float


@dataclass(frozen=True)
class Night:
    """What was found, and what became of the samples."""

    events: dict[str, Event]
    counts: Counts


def faults(night: Simulation, rng: np.random.Generator) -> list[Fault]:
    """Give 200 faults of 3 to 40 s, in spells of eight, with room for the rhythm, long after any of them."""
    rhythm = next(label for label in night.labels if label.kind == "rhythmic")
    quiet = (rhythm.onset_s - LEARNS_S - 60, rhythm.onset_s + rhythm.duration_s + 60)
    link = night.items[0]
    assert isinstance(link, LinkUp)
    zero_s = link.at_s
    found: list[Fault] = []
    while len(found) < FAULTS:
        begin_s = rng.uniform(60, NIGHT_S - 1000)
        spell = [Fault(at_s, at_s + rng.uniform(3, 40)) for at_s in begin_s + np.cumsum(rng.uniform(45, 80, 8))]
        taken = [(fault.lost_s - zero_s - 5, fault.back_s - zero_s + 5) for fault in found] + [quiet]
        if all(spell[-1].back_s < start_s or spell[0].lost_s > stop_s for start_s, stop_s in taken):
            found += [Fault(zero_s + fault.lost_s, zero_s + fault.back_s) for fault in spell]
    return sorted(found, key=lambda fault: fault.lost_s)


def with_faults(items: Sequence[StreamItem], broken: Iterable[Fault]) -> list[StreamItem]:
    """Take out what would have come while the link was lost, and put the news of it in."""
    link = items[0]
    assert isinstance(link, LinkUp)
    at_s = np.array([item.at_s for item in items])  # type: ignore[union-attr]  # they come over a radio
    out: list[StreamItem] = []
    done = 0
    for fault in broken:
        lost, back = np.searchsorted(at_s, [fault.lost_s, fault.back_s])
        out += items[done:lost]
        out.append(LinkDown(at_s=fault.lost_s, wall_s=link.wall_s, cause="the link to the clip was lost"))
        out.append(replace(link, at_s=fault.back_s))
        done = back
    return [*out, *items[done:]]


def found(items: Iterable[StreamItem]) -> Night:
    assembler, resampler, detector = Assembler(), Resampler(), Detector()
    blocks: list[Samples] = [
        samples for item in items for readings in assembler.push(item) for samples in resampler.push(readings)
    ]
    events = [event for block in [*blocks, *resampler.close()] for event in detector.push(block)]
    return Night({event.id: event for event in [*events, *detector.close()]}, assembler.counts)


def has_like(event: Event, others: Iterable[Event]) -> bool:
    return any(other.name == event.name and abs(other.onset_s - event.onset_s) <= 1 for other in others)


@pytest.mark.timeout(600)
def test_from_ten_minutes_after_a_gap_all_is_as_without_it() -> None:
    scenario = replace(SCENARIOS["night-rhythmic-asleep"], duration_s=Span(NIGHT_S, NIGHT_S))
    night = simulate(scenario, seed=SEED, family="polar_h10")
    broken = faults(night, np.random.default_rng(SEED))
    whole, patchy = found(night.items), found(with_faults(night.items, broken))

    gaps = [event for event in patchy.events.values() if isinstance(event, Gap)]
    assert len(gaps) == FAULTS
    assert patchy.counts.sessions == FAULTS + 1
    assert patchy.counts.missing == whole.counts.missing == 0

    def is_clear(event: Event) -> bool:
        """Whether it lies further than ten minutes after every gap, and does not reach into the next."""
        return not any(event.onset_s < gap.end_s + LEARNS_S and event.end_s > gap.onset_s for gap in gaps)

    expected, felt = (
        [event for event in one.events.values() if is_clear(event) and not isinstance(event, StateInterval)]
        for one in (whole, patchy)
    )
    rhythms = [event for event in expected if isinstance(event, Rhythmic)]
    assert rhythms
    for rhythm in rhythms:
        (same,) = (event for event in felt if isinstance(event, Rhythmic) and abs(event.onset_s - rhythm.onset_s) <= 1)
        assert same.reported_s == pytest.approx(rhythm.reported_s, abs=2)
        assert same.state == rhythm.state
    assert sum(isinstance(event, Rhythmic) for event in felt) == len(rhythms)
    assert np.mean([has_like(event, felt) for event in expected]) >= 0.9
    assert np.mean([has_like(event, expected) for event in felt]) >= 0.9
