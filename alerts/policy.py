"""From events and technical facts to alerts: raise, merge, latch, raise again, acknowledge, release.

Pure: time is an argument. Decisions on events rest on `event.updated` and the order of the events alone, so neither
the cutting of the stream nor the number of ticks changes which alerts are raised about the baby.

    raised := policy.event(event)                the clip felt something
    raised := policy.heard(now_s)                valid samples reach up to here
    raised := policy.tick(now_s)                 time passes; silence is an alarm
"""

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from typing import Final

from alerts.alert import Alert, Condition, ConditionKind
from alerts.night import Night
from alerts.rules import Rules, Verdict, of_condition
from alerts.settings import PolicySettings
from processing.events import Event, Gap

__all__ = ["Policy", "PolicySettings"]

_NEEDS_MONITORING: Final = frozenset({"gap", "off_body", "masked"})
"""Technical alerts that mean nothing while monitoring is switched off."""


@dataclass(slots=True)
class _Case:
    """One alert and what keeps it alive."""

    alert: Alert
    verdict: Verdict | None
    """What raised it last; None of an earlier run of the program."""
    end_s: float
    causes: set[str] = field(default_factory=set)
    """Ids of the events, or the kind of the condition, that still go on."""


class Policy:
    """Alerts of one clip.

    Args:
        settings: the numbers.
    """

    def __init__(self, settings: PolicySettings | None = None) -> None:
        self.settings = settings or PolicySettings()
        self._rules = Rules(self.settings)
        self._night = Night(self.settings)
        self._cases: dict[str, _Case] = {}
        self._conditions: dict[ConditionKind, Condition] = {}
        self._raised_kinds: dict[str, int] = {}
        self._link_cause = ""
        self._silence_told_s = float("-inf")
        self._heard_s: float | None = None
        self._watched_since_s = 0.0
        self._off_since_s: float | None = None
        self._muted_until_s = float("-inf")
        self._unheard: set[str] = set()

    @property
    def standing(self) -> tuple[Alert, ...]:
        """Every alert that stands, in the order in which they were first raised."""
        return tuple(case.alert for case in self._cases.values())

    @property
    def monitoring_on(self) -> bool:
        """Whether events raise alerts."""
        return self._off_since_s is None

    def muted_until_s(self, now_s: float) -> float | None:
        """Stream seconds until which sound is muted; None when it is not. The display is never muted."""
        return self._muted_until_s if now_s < self._muted_until_s else None

    def restore(self, alerts: Iterable[Alert]) -> None:
        """Let alerts stand that stood when the program last stopped. Latched: their cause is not followed."""
        for alert in alerts:
            self._cases[alert.id] = _Case(replace(alert, present=False, raising=False), None, end_s=float("-inf"))

    def event(self, event: Event) -> list[Alert]:
        """Take a snapshot of an event; give the alerts it changed."""
        changed = self.heard(event.updated_s)
        self._night.add(event)
        verdict = self._rules.judge(event)
        case = self._case_of(event, verdict)
        if case is not None:
            changed += self._follow(case, event, verdict)
        elif verdict is not None and self._watches(event, verdict):
            cause = event.id if event.open else ""
            changed += self._raise(verdict, f"alert-{event.id}", event.updated_s, event.end_s, cause)
        return changed

    def heard(self, now_s: float) -> list[Alert]:
        """Note that valid samples reach up to `now_s`, and that their events have all been given."""
        self._heard_s = max(now_s, self._heard_s or 0.0)
        changed = self._over(ConditionKind.LINK_LOST, now_s)
        if changed:
            self._silence_told_s = now_s
        due_s = self._night.due_s
        if due_s is not None and due_s <= now_s:
            changed += self._close_night(due_s)
        return changed + self._release(now_s)

    def condition(self, condition: Condition) -> list[Alert]:
        """Take a technical fact that begins, goes on or ends."""
        if condition.kind is ConditionKind.LINK_LOST:  # silence itself raises the alert; this names its cause
            self._link_cause = condition.cause if condition.present else ""
            return self.tick(condition.at_s)
        if not condition.present:
            self._conditions.pop(condition.kind, None)
            return self._over(condition.kind, condition.at_s)
        begun = self._conditions.get(condition.kind, condition)
        self._conditions[condition.kind] = replace(condition, at_s=begun.at_s)
        return self._raise_condition(self._conditions[condition.kind], condition.at_s)

    def acknowledge(self, now_s: float, alert_id: str | None = None) -> list[Alert]:
        """Note that a person has seen one alert, or all that stand. What still goes on stays on display."""
        seen = [
            case for case in self._cases.values() if alert_id in {None, case.alert.id} and not case.alert.acknowledged
        ]
        changed = [self._set(case, acknowledged=True, standing=case.alert.present) for case in seen]
        return changed + self._release_technical(now_s)

    def mute(self, now_s: float, minutes: float) -> list[Alert]:
        """Mute sound for some minutes (0 ends it). Alerts and faults stay on display.

        What was raised meanwhile is raised again when it ends, if it still stands and nobody has acknowledged it.

        Raises:
            ValueError: the minutes are negative or more than `mute_max_min`.
        """
        if not 0 <= minutes <= self.settings.mute_max_min:
            raise ValueError(f"mute takes 0 to {self.settings.mute_max_min:g} minutes, not {minutes:g}")
        self._muted_until_s = now_s + 60 * minutes
        return self._unmuted(now_s)

    def monitoring(self, now_s: float, on: bool) -> list[Alert]:  # noqa: FBT001  the switch itself
        """Switch monitoring on or off. Alerts that stand go on standing."""
        if on is self.monitoring_on:
            return []
        night = self._close_night(now_s)
        if on:
            self._off_since_s = None
            self._watched_since_s = now_s
            del self._conditions[ConditionKind.MONITORING_OFF]
            return self._over(ConditionKind.MONITORING_OFF, now_s)
        self._off_since_s = now_s
        self._conditions[ConditionKind.MONITORING_OFF] = Condition(
            kind=ConditionKind.MONITORING_OFF,
            present=True,
            at_s=now_s,
            cause="monitoring is switched off: nothing the baby does raises an alert",
            mend="switch it on again before the next sleep",
        )
        return night + self._over(ConditionKind.LINK_LOST, now_s) + self.tick(now_s)

    def tick(self, now_s: float) -> list[Alert]:
        """Let time pass: raise lost monitoring and lasting faults, and release faults that are over."""
        if self._heard_s is None:
            self._heard_s = now_s
        changed = self._silence(now_s)
        for condition in list(self._conditions.values()):
            changed += self._raise_condition(condition, now_s)
        return changed + self._unmuted(now_s) + self._release_technical(now_s)

    def _unmuted(self, now_s: float) -> list[Alert]:
        """Raise again, once sound is not muted any more, what nobody could hear."""
        if now_s < self._muted_until_s:
            return []
        unheard, self._unheard = self._unheard, set()
        return [
            self._raise_again(case, case.verdict, now_s)
            for case in self._cases.values()
            if case.alert.id in unheard and case.verdict is not None and not case.alert.acknowledged
        ]

    def _silence(self, now_s: float) -> list[Alert]:
        since_s = max(self._heard_s or 0.0, self._watched_since_s)
        if not self.monitoring_on or now_s - since_s < self.settings.lost_s:
            return []
        verdict = self._rules.silence(since_s, self._link_cause)
        return self._raise_technical(verdict, since_s + self.settings.lost_s)

    def _raise_condition(self, condition: Condition, now_s: float) -> list[Alert]:
        raised_s = condition.at_s + self._delay_s(condition.kind)
        return self._raise_technical(of_condition(condition), raised_s) if now_s >= raised_s else []

    def _delay_s(self, kind: ConditionKind) -> float:
        s = self.settings
        return {
            ConditionKind.WEAK_SIGNAL: s.weak_s,
            ConditionKind.PACKET_LOSS: s.weak_s,
            ConditionKind.BROKER_LOST: s.broker_lost_s,
            ConditionKind.MONITORING_OFF: s.monitoring_off_s,
        }.get(kind, 0.0)

    def _raise_technical(self, verdict: Verdict, raised_s: float) -> list[Alert]:
        """Raise a fault that goes on, once; one that comes back soon is the same fault."""
        for case in self._cases.values():
            if verdict.kind in case.causes:
                return []
            if case.alert.kind == verdict.kind and self._merges(case, verdict.onset_s):
                case.causes.add(verdict.kind)
                return [self._set(case, present=True)]
        number = self._raised_kinds[verdict.kind] = self._raised_kinds.get(verdict.kind, 0) + 1
        return self._raise(verdict, f"alert-{verdict.kind}-{number}", raised_s, raised_s, verdict.kind)

    def _over(self, kind: ConditionKind, now_s: float) -> list[Alert]:
        changed = []
        for case in list(self._cases.values()):
            if kind in case.causes:
                case.causes.discard(kind)
                case.end_s = now_s
                changed.append(self._set(case, present=False, standing=not case.alert.acknowledged))
        return changed

    def _raise(self, verdict: Verdict, alert_id: str, raised_s: float, end_s: float, cause: str) -> list[Alert]:
        """Raise an alert; an empty cause is one that is over already."""
        alert = Alert(
            id=alert_id,
            kind=verdict.kind,
            priority=verdict.priority,
            technical=verdict.technical,
            onset_s=verdict.onset_s,
            raised_s=raised_s,
            rule=verdict.rule,
            text=verdict.text(raised_s),
            evidence=verdict.evidence,
            present=bool(cause),
            raising=True,
        )
        self._cases[alert.id] = _Case(replace(alert, raising=False), verdict, end_s, {cause} if cause else set())
        self._note_muted(alert)
        return [alert]

    def _note_muted(self, raised: Alert) -> None:
        if raised.raised_s < self._muted_until_s:
            self._unheard.add(raised.id)

    def _follow(self, case: _Case, event: Event, verdict: Verdict | None) -> list[Alert]:
        """Bring an alert up to date with one of its events: raise it again if it worsened, else note begin and end."""
        case.end_s = max(case.end_s, event.end_s)
        (case.causes.add if event.open else case.causes.discard)(event.id)
        present = bool(case.causes)
        if verdict is not None and verdict.worse_than(case.verdict) and self._watches(event, verdict):
            return [self._raise_again(case, verdict, event.updated_s)]
        if present is case.alert.present:
            return []
        return [self._set(case, present=present, standing=present or not case.alert.acknowledged)]

    def _raise_again(self, case: _Case, verdict: Verdict, raised_s: float) -> Alert:
        case.verdict = verdict
        case.alert = replace(
            case.alert,
            priority=verdict.priority,
            raised_s=raised_s,
            rule=verdict.rule,
            text=verdict.text(raised_s),
            evidence=verdict.evidence,
            present=bool(case.causes),
            acknowledged=False,
        )
        self._note_muted(case.alert)
        return replace(case.alert, raising=True)

    def _set(self, case: _Case, **changes: bool) -> Alert:
        case.alert = replace(case.alert, **changes)  # type: ignore[arg-type]  # only flags are changed here
        if not case.alert.standing:
            del self._cases[case.alert.id]
        return case.alert

    def _case_of(self, event: Event, verdict: Verdict | None) -> _Case | None:
        """Find the alert this event belongs to, or is close enough to join."""
        for case in self._cases.values():
            if event.id in case.causes:
                return case
        for case in self._cases.values():
            if verdict is not None and case.alert.kind == verdict.kind and self._merges(case, event.onset_s):
                return case
        return None

    def _merges(self, case: _Case, onset_s: float) -> bool:
        near = bool(case.causes) or onset_s - case.end_s < self.settings.merge_s
        return near and not case.alert.acknowledged

    def _watches(self, event: Event, verdict: Verdict) -> bool:
        """Say whether this may raise an alert: monitoring was on, and the fault has not been told as silence."""
        if isinstance(event, Gap) and event.onset_s < max(self._silence_told_s, self._watched_since_s):
            return False
        if verdict.technical and verdict.kind not in _NEEDS_MONITORING:
            return True
        return self._off_since_s is None or event.updated_s < self._off_since_s

    def _close_night(self, now_s: float) -> list[Alert]:
        """Sum the night up; what happened while monitoring was off is forgotten."""
        verdict = self._night.close()
        if verdict is None or not self.monitoring_on:
            return []
        return self._raise(verdict, f"alert-{verdict.kind}-{now_s:.0f}", now_s, now_s, "")

    def _release(self, now_s: float) -> list[Alert]:
        """Release alerts about the baby: stream time decides, so that blindness never releases one."""
        return self._release_where(now_s, self.settings.release_s, technical=False) + self._release_technical(now_s)

    def _release_technical(self, now_s: float) -> list[Alert]:
        return self._release_where(now_s, self.settings.technical_release_s, technical=True)

    def _release_where(self, now_s: float, release_s: float | None, *, technical: bool) -> list[Alert]:
        if release_s is None:
            return []
        over = [
            case
            for case in self._cases.values()
            if case.alert.technical is technical
            and not case.alert.present
            and now_s >= max(case.end_s, 0.0) + release_s
        ]
        return [self._set(case, standing=False) for case in over]
