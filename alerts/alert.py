"""What a family is told: alarm conditions in the words of IEC 60601-1-8."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import IntEnum, StrEnum
from types import MappingProxyType

EvidenceValue = float | int | str | bool | None


class Priority(IntEnum):
    """Alarm priority; a larger value is more urgent."""

    LOW = 1
    MEDIUM = 2
    HIGH = 3

    @property
    def word(self) -> str:
        """The priority as users see it: 'low', 'medium' or 'high'."""
        return self.name.lower()


@dataclass(frozen=True, slots=True, kw_only=True)
class Alert:
    """One alarm condition, as it stands at one moment.

    Attributes:
        id: stable over the whole life of the alert.
        kind: the event kind or condition kind that raised it.
        priority: the highest it has reached.
        technical: about the monitoring, not about the baby.
        onset_s: stream seconds at which the cause began.
        raised_s: stream seconds at which it was raised, or last raised again: it had worsened, or sound was muted.
        rule: which rule fired, in one phrase with its numbers.
        text: one sentence for a parent: what was seen, since when, why, and what to do.
        evidence: the measurements behind it.
        present: the cause still goes on (otherwise the alert is latched).
        acknowledged: a person has seen it.
        standing: it is shown; False once it has been acknowledged or released after its end.
        raising: this snapshot raises it, for the first time or again: the one to print, sound and notify.
    """

    id: str
    kind: str
    priority: Priority
    technical: bool
    onset_s: float
    raised_s: float
    rule: str
    text: str
    evidence: Mapping[str, EvidenceValue] = field(default_factory=lambda: MappingProxyType({}))
    present: bool = True
    acknowledged: bool = False
    standing: bool = True
    raising: bool = False


class ConditionKind(StrEnum):
    """Technical facts the policy understands."""

    LINK_LOST = "link_lost"
    ADAPTER = "adapter"
    BROKER_LOST = "broker_lost"
    BATTERY_LOW = "battery_low"
    WEAK_SIGNAL = "weak_signal"
    PACKET_LOSS = "packet_loss"
    DISK = "disk"
    CLOCK = "clock"
    RECORDING = "recording"
    CLIP_LIMITS = "clip_limits"
    MONITORING_OFF = "monitoring_off"
    NOTIFY = "notify"


@dataclass(frozen=True, slots=True, kw_only=True)
class Condition:
    """A technical fact about the monitoring: it begins (`present`) or ends.

    Attributes:
        kind: what it is about.
        present: True when it begins or goes on, False when it is over.
        at_s: stream seconds.
        cause: what happened, in words a parent can read.
        mend: what to do about it.
    """

    kind: ConditionKind
    present: bool
    at_s: float
    cause: str
    mend: str = ""
