"""The priority table: which event is worth an alert, and the words for it.

A rule sees one snapshot of an event and says what is known at that moment. It knows nothing of alerts that already
stand; `alerts.policy` merges, latches and raises again.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from types import MappingProxyType
from typing import Final, NamedTuple

from alerts.alert import Condition, ConditionKind, EvidenceValue, Priority
from alerts.settings import PolicySettings
from processing.events import (
    Event,
    Gap,
    Handling,
    OffBody,
    PersistsAfterWaking,
    Rhythmic,
    SpasmCluster,
    State,
    Stiffening,
)
from processing.samples import GRID_HZ

MASKED: Final = "masked"
"""Alert kind of handling that hides what the baby does."""
NIGHT: Final = "night_summary"
"""Alert kind of the summary of a night."""

EMERGENCY: Final = (
    "time it, film it and do not restrain; call emergency services for a first seizure, one that repeats or lasts "
    "5 minutes, or a baby who is blue or struggles to breathe"
)
"""What to do, as first-aid pages and paediatricians say it; the same words in every alert that may be one."""
GO: Final = f"go to the baby, {EMERGENCY}"
ROUSE: Final = f"rouse gently and see whether it stops; if it goes on, {EMERGENCY}"
CALL: Final = "go to the baby; if it goes on, call emergency services now, film it and do not restrain"
"""What to do after 5 minutes, the time after which it hardly stops by itself (status epilepticus, ILAE 2015)."""
LOOK: Final = "look at the baby, then at the clip"


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """What a rule says about one snapshot.

    Attributes:
        kind: alert kind.
        priority: how urgent.
        technical: about the monitoring, not about the baby.
        onset_s: stream seconds at which the cause began.
        rule: which rule fired, with its numbers.
        seen: what was seen, a clause that begins a sentence.
        advice: what to do, a clause that ends it.
        evidence: the measurements behind it.
        emergency: worse than its priority alone says.
    """

    kind: str
    priority: Priority
    technical: bool
    onset_s: float
    rule: str
    seen: str
    advice: str
    evidence: Mapping[str, EvidenceValue] = field(default_factory=lambda: MappingProxyType({}))
    emergency: bool = False

    def worse_than(self, other: "Verdict | None") -> bool:
        """Say whether an alert that rests on the other has worsened; one of an earlier run of the program never has."""
        return other is not None and (self.priority, self.emergency) > (other.priority, other.emergency)

    def text(self, raised_s: float) -> str:
        """Say it in one sentence; times are relative, so that it is true on any clock."""
        ago_s = raised_s - self.onset_s
        began = f"; began {duration(ago_s)} before this alert" if ago_s >= 1 else ""
        return f"{self.seen}{began} ({self.rule}): {self.advice}."


def duration(seconds: float) -> str:
    """Say a duration for people.

    >>> duration(12.4), duration(150), duration(11_000)
    ('12 s', '3 min', '3.1 h')
    """
    if seconds < 120:  # noqa: PLR2004  seconds say more than minutes up to here
        return f"{seconds:.0f} s"
    if seconds < 7200:  # noqa: PLR2004  and minutes up to here
        return f"{(seconds + 1e-9) / 60:.0f} min"
    return f"{seconds / 3600:.1f} h"


class _Masked(NamedTuple):
    """For how long one event had hidden the baby at its last snapshot."""

    updated_s: float
    masked: bool
    total_s: float


class Rules:
    """The rules, with what they remember of an event that goes on.

    That is since when a rhythm that began asleep is felt awake, and for how long handling has hidden the baby.
    """

    def __init__(self, settings: PolicySettings) -> None:
        self._settings = settings
        self._left_sleep_s: dict[str, float] = {}
        self._masked: dict[str, _Masked] = {}

    def judge(self, event: Event) -> Verdict | None:
        """Say what this snapshot is worth; None for what is logged and counted only."""
        match event:
            case Rhythmic():
                found = self._rhythmic(event)
            case PersistsAfterWaking():
                found = self._persists(event)
            case SpasmCluster():
                found = self._spasms(event)
            case Stiffening():
                found = self._stiffening(event)
            case Gap() | OffBody() | Handling():
                found = self._signal(event)
            case _:
                found = None
        return found

    def _rhythmic(self, event: Rhythmic) -> Verdict | None:
        awake_s = self._awake_s(event)
        found = self._rhythm_rule(event, awake_s)
        if found is None:
            return None
        priority, rule = found
        where = "while asleep" if event.state is State.ASLEEP and awake_s is None else _where(event.state_now)
        seen = f"Rhythmic jerking {where}, {_pace(event.frequency_start_hz, event.frequency_end_hz)}"
        if self._is_long(event):
            return replace(_of_baby(event, priority, rule, seen, CALL), emergency=True)
        return _of_baby(event, priority, rule, seen, GO if priority is Priority.HIGH else ROUSE)

    def _is_long(self, event: Rhythmic) -> bool:
        return event.lasted_s > self._settings.rhythm_any_high_s

    def _rhythm_rule(self, event: Rhythmic, awake_s: float | None) -> tuple[Priority, str] | None:
        s = self._settings
        pause_s = max(s.rhythm_pause_s, 2 / event.frequency_end_hz if event.frequency_end_hz > 0 else 0)
        if self._is_long(event):
            return Priority.HIGH, f"rhythmic for more than {duration(s.rhythm_any_high_s)} in any state"
        if event.state is not State.ASLEEP:
            return Priority.HIGH, f"rhythmic while {_not_asleep(event.state)}"
        if awake_s is not None and awake_s >= s.rhythm_awake_s:
            return Priority.HIGH, f"rhythmic for {s.rhythm_awake_s:g} s after sleep ended"
        if event.lasted_s >= s.rhythm_asleep_high_s and event.recent_pause_s <= pause_s:
            return Priority.HIGH, f"rhythmic asleep without a pause for {s.rhythm_asleep_high_s:g} s"
        if event.lasted_s >= s.rhythm_asleep_medium_s:
            return Priority.MEDIUM, f"rhythmic asleep for {s.rhythm_asleep_medium_s:g} s"
        return None

    def _awake_s(self, event: Rhythmic) -> float | None:
        """Say for how long the rhythm has gone on since it was first felt outside sleep."""
        if event.state is not State.ASLEEP:
            return None
        if event.state_now is State.ASLEEP:
            self._left_sleep_s.pop(event.id, None)
            return None
        since_s = self._left_sleep_s.setdefault(event.id, event.updated_s)
        if not event.open:
            del self._left_sleep_s[event.id]
        return event.end_s - since_s

    def _persists(self, event: PersistsAfterWaking) -> Verdict | None:
        since_waking_s = event.updated_s - event.waking / GRID_HZ
        if since_waking_s < self._settings.persists_s:
            return None
        rule = f"goes on {self._settings.persists_s:g} s after waking"
        seen = f"Jerking went on after waking ({event.jerks_after} jerks since {event.waking_evidence})"
        return _of_baby(event, Priority.HIGH, rule, seen, GO)

    def _spasms(self, event: SpasmCluster) -> Verdict:
        high = event.contractions >= self._settings.spasms_high
        rule = f"cluster of {self._settings.spasms_high if high else 3} or more contractions"
        seen = f"{event.contractions} contractions about {event.interval_s:.0f} s apart, posture held after most"
        return _of_baby(event, Priority.HIGH if high else Priority.MEDIUM, rule, seen, GO)

    def _stiffening(self, event: Stiffening) -> Verdict:
        tremor = "" if event.tremor_hz is None else f" with a tremor at {event.tremor_hz:.0f} Hz"
        seen = f"Stiffening: the posture changed by {event.tilt_deg:.0f} degrees and was held{tremor}"
        return _of_baby(event, Priority.MEDIUM, "stiffening", seen, GO)

    def _signal(self, event: Gap | OffBody | Handling) -> Verdict | None:
        s = self._settings
        if isinstance(event, OffBody):
            return _of_signal(
                event, event.kind, Priority.MEDIUM, "no movement of any kind", "The clip feels no movement", LOOK
            )
        if isinstance(event, Gap):
            if event.lasted_s < s.lost_s:
                return None
            seen = f"No samples came from the clip for {duration(event.lasted_s)}"
            rule = f"no samples for {s.lost_s:g} s"
            return _of_signal(
                event, event.kind, Priority.MEDIUM, rule, seen, f"{LOOK}; see to its battery and its range"
            )
        if self._masked_s(event) < s.masked_s or not event.masked:
            return None
        seen = f"Movement from outside ({event.mimic}) hides what the baby does"
        rule = f"masked for {duration(s.masked_s)}"
        return _of_signal(
            event, MASKED, Priority.LOW, rule, seen, "nothing can be told apart until it ends; watch the baby"
        )

    def _masked_s(self, event: Handling) -> float:
        """Add up for how long this handling has hidden the baby; in between it may hide nothing."""
        before = self._masked.get(event.id, _Masked(event.onset_s, event.masked, 0.0))
        total_s = before.total_s + (event.updated_s - before.updated_s if before.masked else 0.0)
        self._masked[event.id] = _Masked(event.updated_s, event.masked, total_s)
        if not event.open:
            del self._masked[event.id]
        return total_s

    def silence(self, since_s: float, cause: str) -> Verdict:
        """Give the verdict for a clip that has sent no samples since this stream second."""
        return Verdict(
            kind=ConditionKind.LINK_LOST,
            priority=Priority.MEDIUM,
            technical=True,
            onset_s=since_s,
            rule=f"no samples for {self._settings.lost_s:g} s",
            seen=f"Monitoring is lost: {cause or 'no samples come from the clip'}",
            advice=f"{LOOK}: is it in range, charged and switched on",
            evidence=MappingProxyType({"cause": cause or "no samples"}),
        )


def of_condition(condition: Condition) -> Verdict:
    """Give the verdict for a technical fact."""
    evidence = {"cause": condition.cause, "mend": condition.mend}
    return Verdict(
        kind=condition.kind,
        priority=_CONDITION_PRIORITY[condition.kind],
        technical=True,
        onset_s=condition.at_s,
        rule=condition.kind.replace("_", " "),
        seen=condition.cause[:1].upper() + condition.cause[1:].rstrip("."),
        advice=condition.mend.rstrip(".") or "look after it when you can",
        evidence=MappingProxyType(evidence),
    )


_CONDITION_PRIORITY: Final = MappingProxyType(
    {
        # Nobody is watching, or nobody can be told: lost monitoring.
        ConditionKind.LINK_LOST: Priority.MEDIUM,
        ConditionKind.ADAPTER: Priority.MEDIUM,
        ConditionKind.BROKER_LOST: Priority.MEDIUM,
        ConditionKind.MONITORING_OFF: Priority.MEDIUM,
        ConditionKind.NOTIFY: Priority.MEDIUM,
        # It still works.
        ConditionKind.BATTERY_LOW: Priority.LOW,
        ConditionKind.WEAK_SIGNAL: Priority.LOW,
        ConditionKind.PACKET_LOSS: Priority.LOW,
        ConditionKind.DISK: Priority.LOW,
        ConditionKind.CLOCK: Priority.LOW,
        ConditionKind.RECORDING: Priority.LOW,
        ConditionKind.CLIP_LIMITS: Priority.LOW,
    }
)


def _pace(start_hz: float, end_hz: float) -> str:
    """Say how fast it is.

    >>> _pace(3.02, 2.71), _pace(2.0, 1.98)
    ('3.0 to 2.7 times a second', '2.0 times a second')
    """
    first, last = f"{start_hz:.1f}", f"{end_hz:.1f}"
    return f"{first if first == last else f'{first} to {last}'} times a second"


def _where(state: State) -> str:
    return "while the sleep state is unknown" if state is State.UNKNOWN else f"while {state}"


def _not_asleep(state: State) -> str:
    return "awake" if state is State.AWAKE else "the sleep state is unknown"


def _of_baby(event: Event, priority: Priority, rule: str, seen: str, advice: str) -> Verdict:
    evidence = MappingProxyType(event.evidence() | {"state": str(event.state), "lasted_s": event.lasted_s})
    return Verdict(
        kind=event.kind,
        priority=priority,
        technical=False,
        onset_s=event.onset_s,
        rule=rule,
        seen=seen,
        advice=advice,
        evidence=evidence,
    )


def _of_signal(event: Event, kind: str, priority: Priority, rule: str, seen: str, advice: str) -> Verdict:
    return Verdict(
        kind=kind,
        priority=priority,
        technical=True,
        onset_s=event.onset_s,
        rule=rule,
        seen=seen,
        advice=advice,
        evidence=MappingProxyType(event.evidence()),
    )
