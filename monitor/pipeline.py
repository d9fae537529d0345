"""From stream items to events and alerts: assembler, resampler, detector and policy in a row.

One `Pipeline` serves one clip; `detect`, `replay`, `demo` and `run` all use it. It is synchronous and reads no clock.
Items pushed one by one or many at a time give the same output; many at a time cost less.
"""

from collections import deque
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

import numpy as np

from alerts.alert import Alert, Condition
from alerts.policy import Policy, PolicySettings
from monitor.conditions import Conditions, ConditionSettings
from processing.detector import Detector, DetectorSettings
from processing.events import Event
from processing.resampling import Resampler
from processing.samples import GRID_HZ, Counts, Readings, Samples
from sensor.readings import Assembler
from sensor.readings import Counts as PacketCounts
from sensor.stream import Arrival, StreamItem

Output = Event | Alert


@dataclass(frozen=True, slots=True)
class _Step:
    """What one item brought, besides its samples.

    Attributes:
        at_s: stream seconds of its arrival; None for a file's readings, whose silence shows as a gap.
        heard_s: stream seconds up to which samples are known with it; None if it brought none.
        seen: how much of the stream had to be seen for that, as a number of rows.
        conditions: technical facts that begin or end with it.
    """

    at_s: float | None
    heard_s: float | None
    seen: int
    conditions: list[Condition]


class Pipeline:
    """Everything that is decided about one clip.

    Attributes:
        policy: takes the commands of a family: `acknowledge`, `mute`, `monitoring`.
        at_s: stream seconds of the latest item.
    """

    def __init__(self, detector: DetectorSettings, policy: PolicySettings, conditions: ConditionSettings) -> None:
        self.policy = Policy(policy)
        self.at_s = 0.0
        self._assembler = Assembler()
        self._resampler = Resampler()
        self._detector = Detector(detector)
        self._conditions = Conditions(conditions, detector)
        self._start_at_s: float | None = None
        self._seen = 0
        self._events: deque[Event] = deque()  # found, but not yet at their place among the items

    @property
    def counts(self) -> PacketCounts:
        """What was received, lost and refused so far."""
        return self._assembler.counts

    def push(self, item: StreamItem) -> list[Output]:
        """Take one item; give the event and alert snapshots it completes."""
        return self.push_all([item])

    def push_all(self, items: Iterable[StreamItem]) -> list[Output]:
        """Take consecutive items, as if one by one."""
        samples: list[Samples] = []
        steps: list[_Step] = []
        for item in items:
            fresh = [block for readings in self._assembler.push(item) for block in self._resampler.push(readings)]
            samples += fresh
            steps.append(self._step(item, fresh))
        self._detect(samples)
        return [output for step in steps for output in self._decide(step)]

    def condition(self, condition: Condition) -> list[Output]:
        """Take a technical fact from outside the stream: broker, disk, clock, adapter."""
        return [*self.policy.condition(condition)]

    def tick(self, at_s: float) -> list[Output]:
        """Let time pass where nothing arrives."""
        self.at_s = max(self.at_s, at_s)
        return [*self.policy.tick(self.at_s)]

    def close(self) -> list[Output]:
        """End the stream: what is still open ends here."""
        self._detect(self._resampler.close())
        self._events += self._detector.close()
        outputs: list[Output] = []
        for event in self._events:
            outputs += [event, *self.policy.event(event)]
        self._events.clear()
        return outputs

    def _step(self, item: StreamItem, fresh: Sequence[Samples]) -> _Step:
        heard_s = None
        if fresh:
            last = fresh[-1]
            heard_s = last.stop / GRID_HZ
            self._seen = last.stop if last.seen is None else int(last.seen[-1])
        arrived_s = None if isinstance(item, Readings) else self._arrived_s(item)
        self.at_s = max(self.at_s, arrived_s or 0.0, heard_s or 0.0)
        return _Step(arrived_s, heard_s, self._seen, self._conditions.push(item, self.at_s, self.counts))

    def _arrived_s(self, item: Arrival) -> float:
        if self._start_at_s is None:
            self._start_at_s = item.at_s
        return item.at_s - self._start_at_s

    def _detect(self, samples: Iterable[Samples]) -> None:
        for block in joined(samples):
            self._events += self._detector.push(block)

    def _decide(self, step: _Step) -> list[Output]:
        """Let time pass up to the item's arrival, then take what it told."""
        outputs: list[Output] = [] if step.at_s is None else [*self.policy.tick(step.at_s)]
        while self._events and self._events[0].updated <= step.seen:
            event = self._events.popleft()
            outputs += [event, *self.policy.event(event)]
        if step.heard_s is not None:
            outputs += self.policy.heard(step.heard_s)
        for condition in step.conditions:
            outputs += self.policy.condition(condition)
        return outputs


def joined(samples: Iterable[Samples]) -> list[Samples]:
    """Join neighbours that continue each other, for a detector is cheaper on long blocks."""
    groups: list[list[Samples]] = []
    for block in samples:
        last = groups[-1][-1] if groups else None
        if last and (last.stop, last.rate_hz, last.resolution_g) == (block.start, block.rate_hz, block.resolution_g):
            groups[-1].append(block)
        else:
            groups.append([block])
    return [group[0] if len(group) == 1 else _concatenated(group) for group in groups]


def _concatenated(group: Sequence[Samples]) -> Samples:
    return replace(
        group[0],
        accel_g=np.concatenate([block.accel_g for block in group]),
        seen=np.concatenate([_seen(block) for block in group]),
    )


def _seen(block: Samples) -> Counts:
    return np.arange(block.start + 1, block.stop + 1) if block.seen is None else block.seen
