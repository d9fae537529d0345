"""What a night added up to: the low alert in the morning, when something was beyond the usual."""

from types import MappingProxyType

from alerts.alert import Priority
from alerts.rules import NIGHT, Verdict, duration
from alerts.settings import PolicySettings
from processing.events import Event, MyoclonicBurst, PeriodicMovements, State, StateInterval


class Night:
    """Counts of one night, from the snapshots that close events."""

    def __init__(self, settings: PolicySettings) -> None:
        self._settings = settings
        self._awake_since_s: float | None = None
        self._start_over()

    def _start_over(self) -> None:
        self._asleep_s = 0.0
        self._first_asleep_s: float | None = None
        self._bursts = 0
        self._periodic = 0

    def add(self, event: Event) -> None:
        """Count a snapshot. Open ones only tell the state."""
        if isinstance(event, StateInterval):
            self._awake_since_s = event.onset_s if event.state is State.AWAKE and event.open else None
            if event.state is State.ASLEEP and not event.open:
                self._asleep_s += event.lasted_s
                self._first_asleep_s = event.onset_s if self._first_asleep_s is None else self._first_asleep_s
        elif not event.open and isinstance(event, MyoclonicBurst):
            self._bursts += 1
        elif not event.open and isinstance(event, PeriodicMovements):
            self._periodic += event.movements

    @property
    def due_s(self) -> float | None:
        """Stream seconds at which the night will be over, if nothing changes."""
        if self._awake_since_s is None or self._asleep_s < self._settings.summary_sleep_s:
            return None
        return self._awake_since_s + self._settings.summary_after_s

    def close(self) -> Verdict | None:
        """Sum the night up and start over; None when nothing was beyond the usual."""
        s = self._settings
        hours = self._asleep_s / 3600
        onset_s = self._first_asleep_s or 0.0
        said: list[str] = []
        if hours and self._periodic / hours > s.periodic_per_h:
            said.append(f"{self._periodic} periodic movements, {self._periodic / hours:.0f} an hour")
        if hours and self._bursts / hours > s.bursts_per_h:
            said.append(f"{self._bursts} bursts of twitches, {self._bursts / hours:.0f} an hour")
        counts = {"asleep_h": round(hours, 2), "bursts": self._bursts, "periodic_movements": self._periodic}
        slept = duration(self._asleep_s)
        self._start_over()
        if not said:
            return None
        return Verdict(
            kind=NIGHT,
            priority=Priority.LOW,
            technical=False,
            onset_s=onset_s,
            rule=f"more than {s.periodic_per_h:g} periodic movements or {s.bursts_per_h:g} bursts an hour asleep",
            seen=f"In {slept} of sleep there were {' and '.join(said)}",
            advice="no emergency; film one and show it to your doctor",
            evidence=MappingProxyType(counts),
        )
