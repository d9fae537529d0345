"""What a clip's `…/state` says: sleep state, pattern, counts of the night. Pure."""

from dataclasses import asdict, dataclass
from typing import Final

from processing.events import (
    Event,
    Gap,
    Handling,
    Hiccups,
    Movement,
    MyoclonicBurst,
    OffBody,
    PeriodicMovements,
    PersistsAfterWaking,
    Rhythmic,
    SpasmCluster,
    State,
    StateInterval,
    Stiffening,
)

_SHOWN_S: Final = 10.0
"""A pattern stays on display this long after its end: most last a second."""

PATTERN_OF: Final[dict[type[Event], str]] = {
    PersistsAfterWaking: "persists_after_waking",
    Rhythmic: "rhythmic",
    SpasmCluster: "spasms",
    Stiffening: "stiffening",
    MyoclonicBurst: "burst",
    Hiccups: "hiccups",
    PeriodicMovements: "periodic",
    Handling: "handling",
    Movement: "movement",
    OffBody: "off_body",
}
"""Most telling first: where several go on at once, the first is shown."""
PATTERNS: Final = (*PATTERN_OF.values(), "still", "unknown")
_STILL: Final = frozenset({"still", "off_body", "unknown"})
_NIGHT_BEGINS_S: Final = 4 * 3600.0
"""Awake for this long, the next sleep is another night and counts from nothing."""


@dataclass(slots=True)
class Counts:
    """What happened since the night began."""

    bursts: int = 0
    rhythmic: int = 0
    spasm_clusters: int = 0
    periodic_movements: int = 0
    movements: int = 0
    handling: int = 0
    gaps: int = 0


class Status:
    """The state of one clip, from the events of its stream."""

    def __init__(self) -> None:
        self.state = State.UNKNOWN
        self.counts = Counts()
        self._masked_by: set[str] = set()
        self._shown: dict[type[Event], tuple[bool, float]] = {}
        self._last_asleep_s: float | None = None

    def add(self, event: Event) -> None:
        """Take a snapshot."""
        if isinstance(event, StateInterval):
            self._sleep(event)
        if isinstance(event, Gap):
            self._shown.clear()
            self._masked_by.clear()
        if isinstance(event, Handling):
            (self._masked_by.add if event.masked and event.open else self._masked_by.discard)(event.id)
        if type(event) in PATTERN_OF:
            self._shown[type(event)] = (event.open, event.end_s)
        if not event.open:
            self._count(event)

    def payload(self, now_s: float) -> dict[str, object]:
        """Give the part of the `…/state` payload that rests on events."""
        pattern = self.pattern(now_s)
        return {
            "state": str(self.state),
            "pattern": pattern,
            "motion": pattern not in _STILL,
            "masked": bool(self._masked_by),
            "counts": asdict(self.counts),
        }

    def pattern(self, now_s: float) -> str:
        """Name what goes on, or has just ended."""
        for kind, name in PATTERN_OF.items():
            going_on, end_s = self._shown.get(kind, (False, float("-inf")))
            if going_on or now_s - end_s <= _SHOWN_S:
                return name
        return "unknown" if self.state is State.UNKNOWN else "still"

    def _sleep(self, event: StateInterval) -> None:
        if event.open:
            self.state = event.state
        if event.state is State.ASLEEP:
            if self._last_asleep_s is not None and event.onset_s - self._last_asleep_s > _NIGHT_BEGINS_S:
                self.counts = Counts()
            self._last_asleep_s = event.end_s

    def _count(self, event: Event) -> None:
        match event:
            case MyoclonicBurst():
                self.counts.bursts += 1
            case Rhythmic():
                self.counts.rhythmic += 1
            case SpasmCluster():
                self.counts.spasm_clusters += 1
            case PeriodicMovements():
                self.counts.periodic_movements += event.movements
            case Movement():
                self.counts.movements += 1
            case Handling():
                self.counts.handling += 1
            case Gap():
                self.counts.gaps += 1
            case _:
                pass
