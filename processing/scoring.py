"""What a system heard against what really happened, one recording at a time.

Strict: an alert counts for a label if it comes between the label's onset and 10 s after its end; nothing is merged. A
system is any source of events and alerts: ours, or a peer's rule.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final, Generic, Protocol, TypeVar

import numpy as np
from numpy.typing import NDArray

from processing.events import Event, State
from processing.felt import Felt, Measured, jerk_peak_g, measure
from processing.labels import CONCERNING, CONTRACTION, SERIES, STATES, Label, state_at
from processing.samples import GRID_HZ, Samples

AFTER_S: Final = 10.0
"""An alert this long after a label's end still counts for it (the strict tolerance is 0 s before, 10 s after)."""
NEAR_S: Final = 0.5
"""How far a burst and its label may lie apart."""
CAUSE_S: Final = 30.0
"""What an alert came during is looked for this far back."""
EPOCH_S: Final = 30
NOTHING: Final = "nothing"
MEDIUM: Final = 2
HIGH: Final = 3
"""Alert priorities, as numbers: 1 low, 2 medium, 3 high."""
SINGLE_JERKS: Final = frozenset({"startle", "hypnic_jerk"})
"""Details whose label may be `movement`, and which a `myoclonic_burst` describes as well."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Detection:
    """An event as it was known at its end.

    Attributes:
        kind: the event's name.
        onset_s: stream seconds.
        end_s: stream seconds.
        reported_s: when it was first known.
        margin: the largest it had; None for kinds without one.
    """

    kind: str
    onset_s: float
    end_s: float
    reported_s: float
    margin: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class AlertSpan:
    """From the moment an alert is raised, raised again or finds its cause again, until its cause ends.

    Attributes:
        id: of the alert; several spans may share it.
        kind: what raised it.
        priority: 1 low, 2 medium, 3 high.
        technical: about the monitoring.
        onset_s: when the cause began.
        start_s: when the family was told.
        end_s: when the cause was gone.
        margin: of the event behind it; None where it has none.
    """

    id: str
    kind: str
    priority: int
    technical: bool
    onset_s: float
    start_s: float
    end_s: float
    margin: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Heard:
    """All that one system said of one recording."""

    detections: tuple[Detection, ...] = ()
    spans: tuple[AlertSpan, ...] = ()


class Timed(Protocol):
    """Anything that lasts."""

    @property
    def onset_s(self) -> float:
        """Stream seconds."""
        ...

    @property
    def end_s(self) -> float:
        """Stream seconds."""
        ...


_Timed = TypeVar("_Timed", bound=Timed)


class Calendar(Generic[_Timed]):
    """Things by time: a night has thousands, and each is asked for its neighbours."""

    def __init__(self, items: Iterable[_Timed]) -> None:
        """Keep the items in their order."""
        self.items = tuple(items)
        self._onset_s = np.array([item.onset_s for item in self.items])
        self._end_s = np.array([item.end_s for item in self.items])

    def touching(self, onset_s: float, end_s: float, *, before_s: float = 0.0, after_s: float = 0.0) -> list[_Timed]:
        """Give what begins at or before `end_s + after_s` and ends at or after `onset_s - before_s`."""
        near = (self._onset_s <= end_s + after_s) & (self._end_s >= onset_s - before_s)
        return [self.items[i] for i in np.flatnonzero(near)]


@dataclass(frozen=True, eq=False, slots=True, kw_only=True)
class Truth:
    """A recording with its labels, ready to be scored."""

    name: str
    duration_s: float
    labels: tuple[Label, ...]
    measured: tuple[Measured, ...]
    signal: Felt
    quiet_g: float

    @classmethod
    def of(cls, name: str, blocks: Sequence[Samples], labels: Sequence[Label]) -> "Truth":
        """Measure a recording. `duration_s` counts the seconds that have samples."""
        signal = Felt.of(blocks)
        quiet_g = signal.quiet_g(labels)
        return cls(
            name=name,
            duration_s=sum(len(block) for block in blocks) / GRID_HZ,
            labels=tuple(labels),
            measured=tuple(measure(signal, quiet_g, labels)),
            signal=signal,
            quiet_g=quiet_g,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Scored:
    """A label and what was heard of it.

    Attributes:
        truth: the label, measured.
        medium_s: stream seconds at which an alert of medium or high priority told of it; None for never.
        high_s: the same for high priority alone.
        reported_s: when an event of the label's own kind was first known; None for never.
        margin: largest margin of the medium or high alerts of its own kind that told of it; None without one.
        found: kinds of the events that overlap it.
    """

    truth: Measured
    medium_s: float | None
    high_s: float | None
    reported_s: float | None
    margin: float | None
    found: tuple[str, ...]

    @property
    def label(self) -> Label:
        """The label itself."""
        return self.truth.label


@dataclass(frozen=True, slots=True, kw_only=True)
class FalseAlert:
    """A medium or high alert without a concerning label.

    `during` names the label it most overlaps (a mimic), or the state.
    """

    kind: str
    priority: int
    at_s: float
    during: str
    margin: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Unmatched:
    """A detection of an alerting kind that overlaps no concerning label; `during` as in `FalseAlert`."""

    kind: str
    onset_s: float
    during: str
    margin: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class BurstFound:
    """A detected burst: its size measured as labels are; `right` is None within a concerning label."""

    onset_s: float
    size: float | None
    right: bool | None
    during: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """All scores of one system on one recording.

    Attributes:
        name: of the recording.
        duration_s: seconds that have samples.
        labels: every label that is no state.
        false_alerts: medium and high; `off_body` among them, other technical alerts not.
        technical_alerts: (kind, number) of the technical ones.
        unmatched: detections of alerting kinds outside concerning labels.
        bursts: every burst found.
        confusion: (label, found kind, number).
        epochs: (true state, found state, number of 30 s epochs).
    """

    name: str
    duration_s: float
    labels: tuple[Scored, ...]
    false_alerts: tuple[FalseAlert, ...]
    technical_alerts: tuple[tuple[str, int], ...]
    unmatched: tuple[Unmatched, ...]
    bursts: tuple[BurstFound, ...]
    confusion: tuple[tuple[str, str, int], ...]
    epochs: tuple[tuple[str, str, int], ...]


def detections(events: Iterable[Event]) -> tuple[Detection, ...]:
    """Fold snapshots into one detection an event, in order of onset."""
    last: dict[str, Event] = {}
    margins: dict[str, float] = {}
    for event in events:
        last[event.id] = event
        margin = event.evidence().get("margin")
        if isinstance(margin, float | int):
            margins[event.id] = max(float(margin), margins.get(event.id, -np.inf))
    found = (
        Detection(
            kind=event.name,
            onset_s=event.onset_s,
            end_s=event.end_s,
            reported_s=event.reported_s,
            margin=margins.get(event.id),
        )
        for event in last.values()
    )
    return tuple(sorted(found, key=lambda d: (d.onset_s, d.kind, d.end_s)))


def score(truth: Truth, heard: Heard) -> Outcome:
    """Score one system on one recording."""
    found = Calendar(d for d in heard.detections if d.kind not in {*STATES, "gap"})
    labels = Calendar(truth.labels)
    return Outcome(
        name=truth.name,
        duration_s=truth.duration_s,
        labels=tuple(_scored(measured, found, heard.spans) for measured in truth.measured),
        false_alerts=_false_alerts(labels, heard.spans),
        technical_alerts=_counted(span.kind for span in {s.id: s for s in heard.spans if s.technical}.values()),
        unmatched=_unmatched(labels, found),
        bursts=tuple(_burst(truth, labels, d) for d in found.items if d.kind == "myoclonic_burst"),
        confusion=_confusion(truth.labels, found),
        epochs=_epochs(truth, heard),
    )


def during(labels: Calendar[Label], onset_s: float, end_s: float) -> str:
    """Name the label, other than a state, that overlaps a time most; without one, the state."""
    near = labels.touching(onset_s, end_s, before_s=NEAR_S, after_s=NEAR_S)
    others = [x for x in near if x.kind not in STATES and x.kind != CONTRACTION]
    if others:
        return max(others, key=lambda x: (overlap_s(x, onset_s, end_s), -x.duration_s)).name
    return state_at(near, onset_s).value


def overlap_s(timed: Timed, onset_s: float, end_s: float) -> float:
    """Give the seconds two times share; negative when they lie apart."""
    return min(timed.end_s, end_s) - max(timed.onset_s, onset_s)


def _concerning(labels: Calendar[Label], onset_s: float, end_s: float) -> list[Label]:
    """Give the concerning labels to which a time belongs, strictly."""
    return [x for x in labels.touching(onset_s, end_s, before_s=AFTER_S) if x.kind in CONCERNING]


def _scored(measured: Measured, found: Calendar[Detection], spans: Sequence[AlertSpan]) -> Scored:
    label = measured.label
    # Bursts are so many that only what touches one belongs to it.
    before_s, after_s = (NEAR_S, NEAR_S) if label.kind == "myoclonic_burst" else (0.0, AFTER_S)
    near = found.touching(label.onset_s, label.end_s, before_s=before_s, after_s=after_s)
    own = [d for d in near if d.kind == label.kind]
    return Scored(
        truth=measured,
        medium_s=told_s(label, near, spans, MEDIUM),
        high_s=told_s(label, near, spans, HIGH),
        reported_s=min((d.reported_s for d in own), default=None),
        margin=max((margin for margin in _margins(label, own, spans) if margin is not None), default=None),
        found=tuple(sorted({d.kind for d in near})),
    )


def told_s(label: Label, near: Iterable[Detection], spans: Iterable[AlertSpan], priority: int) -> float | None:
    """When the family was told of a label, stream seconds.

    An alert tells when it is raised, raised again, or finds its cause again, within the label or 10 s after it. One
    that already stands tells of the label when an event of an alerting kind within it becomes known.
    """
    urgent = [s for s in spans if s.priority >= priority and not s.technical]
    times = [s.start_s for s in urgent if _within(label, s.start_s)]
    if any(_stands(s, label) for s in urgent):
        times += [d.reported_s for d in near if d.kind in CONCERNING and _within(label, d.reported_s)]
    return min(times, default=None)


def _within(label: Label, at_s: float) -> bool:
    return label.onset_s <= at_s <= label.end_s + AFTER_S


def _stands(span: AlertSpan, label: Label) -> bool:
    return span.start_s < label.onset_s < span.end_s


def _margins(label: Label, own: Iterable[Detection], spans: Iterable[AlertSpan]) -> Iterator[float | None]:
    """Margins of what told of a label in its own kind."""
    urgent = [s for s in spans if s.priority >= MEDIUM and s.kind == label.kind]
    yield from (s.margin for s in urgent if _within(label, s.start_s))
    if any(_stands(s, label) for s in urgent):
        yield from (d.margin for d in own if _within(label, d.reported_s))


def _false_alerts(labels: Calendar[Label], spans: Iterable[AlertSpan]) -> tuple[FalseAlert, ...]:
    """One for each alert that was raised, or raised again, without a concerning label (or an `off_body` one)."""
    false: dict[str, FalseAlert] = {}
    for span in spans:
        if span.priority < MEDIUM or (span.technical and span.kind != "off_body") or span.id in false:
            continue
        wanted = {"off_body"} if span.technical else set(CONCERNING)
        if not any(x.kind in wanted for x in labels.touching(span.start_s, span.start_s, before_s=AFTER_S)):
            where = during(labels, max(span.onset_s, span.start_s - CAUSE_S), span.start_s)
            false[span.id] = FalseAlert(
                kind=span.kind, priority=span.priority, at_s=span.start_s, during=where, margin=span.margin
            )
    return tuple(false.values())


def _unmatched(labels: Calendar[Label], found: Calendar[Detection]) -> tuple[Unmatched, ...]:
    return tuple(
        Unmatched(kind=d.kind, onset_s=d.onset_s, during=during(labels, d.onset_s, d.end_s), margin=d.margin)
        for d in found.items
        if d.kind in CONCERNING and not _concerning(labels, d.onset_s, d.end_s)
    )


def _burst(truth: Truth, labels: Calendar[Label], found: Detection) -> BurstFound:
    touching = labels.touching(found.onset_s, found.end_s, before_s=NEAR_S, after_s=NEAR_S)
    norm_g = truth.signal.cut(truth.signal.norm_g, found.onset_s - 0.2, found.end_s + 0.2)
    right = any(x.kind in {"myoclonic_burst", SERIES} or x.detail in SINGLE_JERKS for x in touching)
    worrying = any(x.kind in CONCERNING for x in touching)
    return BurstFound(
        onset_s=found.onset_s,
        size=jerk_peak_g(norm_g) / truth.quiet_g if len(norm_g) and truth.quiet_g > 0 else None,
        right=True if right else None if worrying else False,
        during=during(labels, found.onset_s, found.end_s),
    )


def _confusion(labels: Iterable[Label], found: Calendar[Detection]) -> tuple[tuple[str, str, int], ...]:
    """Count for each label the kind that overlaps it longest, and each detection that touches no label."""
    plain = Calendar(x for x in labels if x.kind not in {*STATES, CONTRACTION, "gap"})
    pairs = [(x.name if x.kind == "handling" else x.kind, _kind_over(x, found)) for x in plain.items]
    pairs += [
        (NOTHING, d.kind)
        for d in found.items
        if not plain.touching(d.onset_s, d.end_s, before_s=NEAR_S, after_s=NEAR_S)
    ]
    return tuple((a, b, n) for (a, b), n in sorted(Counter(pairs).items()))


def _kind_over(label: Label, found: Calendar[Detection]) -> str:
    seconds: defaultdict[str, float] = defaultdict(float)
    for d in found.touching(label.onset_s, label.end_s, before_s=NEAR_S, after_s=NEAR_S):
        seconds[d.kind] += max(overlap_s(d, label.onset_s, label.end_s), 0.0)
    return max(seconds, key=lambda kind: (seconds[kind], kind == label.kind, kind), default=NOTHING)


def _epochs(truth: Truth, heard: Heard) -> tuple[tuple[str, str, int], ...]:
    seconds = len(truth.signal.norm_g) // round(GRID_HZ)
    true = _by_epoch([(x.kind, x.onset_s, x.end_s) for x in truth.labels], seconds)
    found = _by_epoch([(d.kind, d.onset_s, d.end_s) for d in heard.detections], seconds)
    pairs = Counter(zip(true, found, strict=True))
    return tuple((a, b, n) for (a, b), n in sorted(pairs.items()) if a != State.UNKNOWN)


def _by_epoch(intervals: Iterable[tuple[str, float, float]], seconds: int) -> list[str]:
    """Give the state that holds most of each whole 30 s epoch."""
    epochs = seconds // EPOCH_S
    code: NDArray[np.int64] = np.full(epochs * EPOCH_S, STATES.index(State.UNKNOWN), dtype=np.int64)
    for kind, onset_s, end_s in intervals:
        if kind in STATES:
            code[max(0, round(onset_s)) : max(0, round(end_s))] = STATES.index(State(kind))
    rows = code.reshape(epochs, EPOCH_S)
    most = np.stack([(rows == i).sum(axis=1) for i in range(len(STATES))], axis=1).argmax(axis=1)
    return [str(STATES[i]) for i in most]


def _counted(kinds: Iterable[str]) -> tuple[tuple[str, int], ...]:
    return tuple(sorted(Counter(kinds).items()))
