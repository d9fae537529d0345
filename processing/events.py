"""What can happen in a night: one small frozen class for each kind of event.

Times are sample numbers on the processing grid (`processing.samples.GRID_HZ`). An event is published as a series of
snapshots with one `id`: first when it is known, again while it goes on, last with `open` false. `onset`, `reported`
and the kind never change between snapshots.

    match event:
        case Rhythmic(state=State.AWAKE, open=True): ...
"""

from dataclasses import dataclass, fields
from enum import StrEnum
from typing import ClassVar

from processing.samples import GRID_HZ

EvidenceValue = float | int | str | bool | None


class State(StrEnum):
    """Sleep state as the clip can tell it."""

    ASLEEP = "asleep"
    AWAKE = "awake"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """What every event has.

    Attributes:
        onset: first sample of the event.
        end: the sample after the last one known to belong to it.
        reported: number of samples that had been seen when it was first known: it rests on none later.
        updated: the same for this snapshot.
        open: whether it may still go on.
        state: sleep state at the onset.

    Raises:
        ValueError: the numbers are not in order (onset <= end, onset <= reported <= updated).
    """

    kind: ClassVar[str]

    onset: int
    end: int
    reported: int
    updated: int
    open: bool
    state: State

    def __post_init__(self) -> None:
        """Check the order of the numbers."""
        if not 0 <= self.onset <= self.end:
            raise ValueError(f"{self.name}: onset {self.onset} and end {self.end} are out of order")
        if not self.onset <= self.reported <= self.updated:
            raise ValueError(
                f"{self.name}: onset {self.onset}, reported {self.reported} and updated {self.updated} are out of order"
            )

    @property
    def name(self) -> str:
        """The event kind, as users see it."""
        return self.kind

    @property
    def id(self) -> str:
        """Stable name of this event within its stream."""
        return f"{self.name}-{self.onset}"

    @property
    def onset_s(self) -> float:
        """Onset in stream seconds."""
        return self.onset / GRID_HZ

    @property
    def end_s(self) -> float:
        """End in stream seconds."""
        return self.end / GRID_HZ

    @property
    def reported_s(self) -> float:
        """Stream seconds at which the event was first known."""
        return self.reported / GRID_HZ

    @property
    def updated_s(self) -> float:
        """Stream seconds at which this snapshot was known."""
        return self.updated / GRID_HZ

    @property
    def lasted_s(self) -> float:
        """Seconds it is known to have lasted."""
        return (self.end - self.onset) / GRID_HZ

    def evidence(self) -> dict[str, EvidenceValue]:
        """What the class measured beyond the common fields, by field name."""
        return {f.name: getattr(self, f.name) for f in fields(self) if f.name not in _COMMON}


_COMMON = frozenset(f.name for f in fields(Event))


@dataclass(frozen=True, slots=True, kw_only=True)
class StateInterval(Event):
    """An interval of one sleep state; together they cover the stream. Its kind is its state."""

    kind: ClassVar[str] = "state"

    cause: str
    """What decided it, in a few words: 'posture still for 5 min', 'gap', 'arousal'."""

    @property
    def name(self) -> str:
        """The event kind, as users see it: the state itself."""
        return str(self.state)


@dataclass(frozen=True, slots=True, kw_only=True)
class Gap(Event):
    """No valid samples for more than 1 s."""

    kind: ClassVar[str] = "gap"


@dataclass(frozen=True, slots=True, kw_only=True)
class OffBody(Event):
    """No body movement of any kind is felt for minutes."""

    kind: ClassVar[str] = "off_body"

    noise_mg: float
    """What is left when nothing moves: median absolute movement, mg."""


@dataclass(frozen=True, slots=True, kw_only=True)
class MyoclonicBurst(Event):
    """One or more brief jerks in sleep, at most 3 s apart, ten seconds at most."""

    kind: ClassVar[str] = "myoclonic_burst"

    jerks: int
    peak_mg: float
    size: float
    """Largest jerk over the baby's own quiet level (a ratio)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Movement(Event):
    """Other body movement; an arousal when it leads out of sleep."""

    kind: ClassVar[str] = "movement"

    peak_mg: float
    size: float
    posture_change_deg: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Handling(Event):
    """Moved from outside: carried, rocked, patted, vehicle, moving bassinet."""

    kind: ClassVar[str] = "handling"

    mimic: str
    """Which of them the signal looks like: 'carried', 'rocked', 'patted', 'vehicle', 'bassinet', 'handled'."""
    frequency_hz: float | None
    posture_change_deg: float
    masked: bool
    """Whether it hides what the baby does."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PeriodicMovements(Event):
    """Four or more movements at 10-90 s intervals."""

    kind: ClassVar[str] = "periodic_movements"

    movements: int
    interval_s: float
    regularity: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Hiccups(Event):
    """Regular single jolts over minutes."""

    kind: ClassVar[str] = "hiccups"

    jolts: int
    interval_s: float
    regularity: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Rhythmic(Event):
    """Sustained rhythmic jerking, 10 s or more."""

    kind: ClassVar[str] = "rhythmic"

    frequency_start_hz: float
    frequency_end_hz: float
    regularity: float
    """Height of the autocorrelation's peak at the period, 0 to 1."""
    jerks: int
    size: float
    state_now: State
    """Sleep state at the snapshot."""
    longest_pause_s: float
    """Without a jerk, since the onset."""
    recent_pause_s: float
    """The same of the last minute."""
    margin: float
    """How far the decision stood over its threshold, in the units of its score (docs/detector.md)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SpasmCluster(Event):
    """Three or more contractions of 0.4-3 s at 3-30 s intervals, posture held after most of them."""

    kind: ClassVar[str] = "spasm_cluster"

    contractions: int
    interval_s: float
    held_deg: float
    """Median change of posture that was held after a contraction."""
    size: float
    margin: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Stiffening(Event):
    """A step of posture held with tremor, or a hold after jerks."""

    kind: ClassVar[str] = "stiffening"

    tilt_deg: float
    tremor_hz: float | None
    size: float
    margin: float


@dataclass(frozen=True, slots=True, kw_only=True)
class PersistsAfterWaking(Event):
    """Jerking or rhythm that goes on once there is evidence of waking."""

    kind: ClassVar[str] = "persists_after_waking"

    waking: int
    """Sample at which the evidence of waking was first seen."""
    waking_evidence: str
    jerks_before: int
    jerks_after: int
    same_direction: float
    """Mean likeness of the jerks after waking to the usual shape of those before, direction included, 0 to 1."""
    size: float
    margin: float


KINDS: tuple[str, ...] = (
    *State,
    *(
        c.kind
        for c in (
            Gap,
            OffBody,
            MyoclonicBurst,
            Movement,
            Handling,
            PeriodicMovements,
            Hiccups,
            Rhythmic,
            SpasmCluster,
            Stiffening,
            PersistsAfterWaking,
        )
    ),
)
"""Every value of `Event.name`."""
