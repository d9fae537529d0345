"""Runs systems over labelled streams, and adds up what they scored. In memory: no files, no clock, no processes.

    result = evaluate_streams((name, readings, labels) for ...)
    result.outcomes("sleepclip")

The detector and the policy are those of `monitor.pipeline`, without the technical facts of a link.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final, TypeAlias

import numpy as np
from numpy.typing import NDArray

from alerts.alert import Alert
from alerts.policy import Policy, PolicySettings
from monitor.pipeline import joined
from monitor.szcore import SzCore, szcore
from processing.detector import Detector, DetectorSettings
from processing.events import Event
from processing.labels import Label
from processing.peers import open_seizure_detector
from processing.resampling import Resampler
from processing.samples import GRID_HZ, Readings, Samples
from processing.scoring import AlertSpan, Heard, Outcome, Truth, detections, score

TRACE_HZ: Final = 5
OURS: Final = "sleepclip"
PEERS: Final[Mapping[str, Callable[[Sequence[Samples]], Heard]]] = {"osd": open_seizure_detector}

Listener: TypeAlias = Callable[[Sequence[Samples]], Iterable[Event | Alert]]
"""A system of ours: samples of one recording in, snapshots of events and alerts out, in the order they were known."""

Stream: TypeAlias = tuple[str, "Readings | Sequence[Readings] | Sequence[Samples]", Sequence[Label]]
"""Name, signal and labels of one recording."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Score:
    """One system on one recording: strict and SzCORE."""

    outcome: Outcome
    szcore: SzCore


@dataclass(frozen=True, eq=False, slots=True, kw_only=True)
class Trace:
    """What a plot needs of one recording.

    Attributes:
        envelope_mg: largest band-passed norm of each 0.2 s, `(n,)`; NaN in holes.
        quiet_mg: the quiet level.
        labels: the truth.
        heard: what each system said.
    """

    envelope_mg: NDArray[np.float32]
    quiet_mg: float
    labels: tuple[Label, ...]
    heard: Mapping[str, Heard]


@dataclass(frozen=True, eq=False, slots=True, kw_only=True)
class Recorded:
    """Every system's score on one recording; `trace` only where plots are wanted."""

    name: str
    scores: Mapping[str, Score]
    trace: Trace | None = None


@dataclass(frozen=True, eq=False, slots=True, kw_only=True)
class Evaluation:
    """All recordings, in the order in which they were given."""

    recorded: Sequence[Recorded] = field(default_factory=list)

    def systems(self) -> list[str]:
        """Name the systems, ours first."""
        return list(self.recorded[0].scores) if self.recorded else []

    def outcomes(self, system: str) -> list[Outcome]:
        """Give a system's outcomes."""
        return [recorded.scores[system].outcome for recorded in self.recorded]

    def szcore(self, system: str) -> SzCore:
        """Add up a system's SzCORE counts."""
        return sum((recorded.scores[system].szcore for recorded in self.recorded), SzCore())


def listen(
    blocks: Sequence[Samples], detector: DetectorSettings | None = None, policy: PolicySettings | None = None
) -> Iterator[Event | Alert]:
    """Run the detector and the policy."""
    hears, decides = Detector(detector), Policy(policy)
    for events in (*(hears.push(block) for block in blocks), hears.close()):
        for event in events:
            yield event
            yield from decides.event(event)


def evaluate_streams(
    streams: Iterable[Stream], *, listener: Listener = listen, peers: Sequence[str] = (), traces: bool = False
) -> Evaluation:
    """Score our system, and peers beside it, on labelled streams."""
    return Evaluation(recorded=[evaluate_one(stream, listener, peers=peers, traces=traces) for stream in streams])


def evaluate_one(stream: Stream, listener: Listener, *, peers: Sequence[str] = (), traces: bool = False) -> Recorded:
    """Score one recording."""
    name, signal, labels = stream
    blocks = to_samples(signal)
    truth = Truth.of(name, blocks, labels)
    heard = {OURS: fold(listener(blocks), max((block.stop for block in blocks), default=0) / GRID_HZ)}
    heard |= {peer: PEERS[peer](blocks) for peer in peers}
    scores = {system: Score(outcome=score(truth, said), szcore=szcore(truth, said)) for system, said in heard.items()}
    return Recorded(name=name, scores=scores, trace=_trace(truth, heard) if traces else None)


def _trace(truth: Truth, heard: Mapping[str, Heard]) -> Trace:
    return Trace(
        envelope_mg=1000 * truth.signal.largest_g(1 / TRACE_HZ).astype(np.float32),
        quiet_mg=1000 * truth.quiet_g,
        labels=truth.labels,
        heard=heard,
    )


def to_samples(signal: Readings | Sequence[Readings] | Sequence[Samples]) -> list[Samples]:
    """Put a recording onto the processing grid, if it is not there yet, in as few blocks as its holes allow."""
    parts: Sequence[Readings | Samples] = [signal] if isinstance(signal, Readings) else signal
    resampler = Resampler()
    blocks: list[Samples] = []
    for part in parts:
        blocks += [part] if isinstance(part, Samples) else resampler.push(part)
    return joined([block for block in (*blocks, *resampler.close()) if len(block)])


def fold(snapshots: Iterable[Event | Alert], end_s: float) -> Heard:
    """Fold snapshots into what was heard: one detection an event, and a span each time an alert said something."""
    events: list[Event] = []
    spans = _Spans()
    for snapshot in snapshots:
        if isinstance(snapshot, Event):
            events.append(snapshot)
            spans.now_s = max(spans.now_s, snapshot.updated_s)
        else:
            spans.add(snapshot)
    return Heard(detections=detections(events), spans=spans.close(end_s))


class _Spans:
    """Follows alerts: raised, raised again, cause gone, cause back."""

    def __init__(self) -> None:
        self.now_s = 0.0
        self._open: dict[str, tuple[Alert, float]] = {}
        self._spans: list[AlertSpan] = []
        self._raised: set[tuple[str, float]] = set()

    def add(self, alert: Alert) -> None:
        """Take a snapshot; it became known at `now_s`, unless it is raised by it."""
        if (alert.id, alert.raised_s) not in self._raised:
            self._raised.add((alert.id, alert.raised_s))
            self._end(alert.id, alert.raised_s)
            self._open[alert.id] = (alert, alert.raised_s)
        elif alert.present and alert.id not in self._open:
            self._open[alert.id] = (alert, self.now_s)
        if not alert.present:
            self._end(alert.id, self.now_s)

    def close(self, end_s: float) -> tuple[AlertSpan, ...]:
        """End what is open, and give all in order."""
        for alert_id in list(self._open):
            self._end(alert_id, end_s)
        return tuple(sorted(self._spans, key=lambda span: (span.start_s, span.id)))

    def _end(self, alert_id: str, at_s: float) -> None:
        if alert_id not in self._open:
            return
        alert, start_s = self._open.pop(alert_id)
        margin = alert.evidence.get("margin")
        self._spans.append(
            AlertSpan(
                id=alert.id,
                kind=alert.kind,
                priority=int(alert.priority),
                technical=alert.technical,
                onset_s=alert.onset_s,
                start_s=start_s,
                end_s=max(at_s, start_s),
                margin=float(margin) if isinstance(margin, float | int) else None,
            )
        )
