"""Technical facts of one clip: what the link, the battery and the losses mean to a family. Pure."""

from collections import deque
from typing import Annotated, Final

from msgspec import Meta, Struct

from alerts.alert import Condition, ConditionKind
from processing.detector import DetectorSettings
from processing.samples import Readings
from sensor.ble.errors import DAEMON_MEND, DBUS_MEND, PLUG_MEND, POWER_MEND, RESTART_MEND, RIGHTS_MEND
from sensor.clips import FAMILIES
from sensor.readings import Counts
from sensor.stream import Battery, LinkDown, LinkUp, Packet, Signal, StreamItem

_ADAPTER_MENDS: Final = frozenset({DAEMON_MEND, DBUS_MEND, PLUG_MEND, POWER_MEND, RESTART_MEND, RIGHTS_MEND})
"""What mends the receiver, not the clip."""
_CLOSER: Final = "move the receiver closer to the bed"


class ConditionSettings(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """When the state of a clip becomes a technical alert. All are our own choice: nothing is published on this use.

    Attributes:
        battery_low_percent: a battery is low at this level.
        battery_good_percent: it is no longer low at this level: a battery recovers a little when it warms up.
        weak_signal_dbm: a signal is weak at this level; receivers lose most packets from about -95 dBm.
        good_signal_dbm: it is no longer weak at this level.
        lost_percent: losses count beyond this share; the detector is tested with losses up to it.
        lost_window_s: time over which losses are counted.
    """

    battery_low_percent: Annotated[int, Meta(ge=0, le=99)] = 15
    battery_good_percent: Annotated[int, Meta(ge=1, le=100)] = 20
    weak_signal_dbm: Annotated[int, Meta(ge=-120, le=0)] = -90
    good_signal_dbm: Annotated[int, Meta(ge=-120, le=0)] = -85
    lost_percent: Annotated[float, Meta(gt=0, le=100)] = 20.0
    lost_window_s: Annotated[float, Meta(gt=0)] = 60.0

    def __post_init__(self) -> None:
        """Check that the levels are in order."""
        if self.battery_good_percent <= self.battery_low_percent:
            raise ValueError("battery_good_percent must be above battery_low_percent")
        if self.good_signal_dbm <= self.weak_signal_dbm:
            raise ValueError("good_signal_dbm must be above weak_signal_dbm")


class Conditions:
    """Turns the items of one stream into conditions; each begins once and ends once.

    Args:
        settings: when a state becomes a condition.
        detector: what its rules ask of a clip.
    """

    def __init__(self, settings: ConditionSettings, detector: DetectorSettings) -> None:
        self._settings = settings
        self._detector = detector
        self._present: dict[ConditionKind, str] = {}
        self._losses: deque[tuple[float, int, int]] = deque()  # stream s, received, missing

    def push(self, item: StreamItem, at_s: float, counts: Counts) -> list[Condition]:
        """Give what begins or ends with this item.

        Args:
            item: what arrived.
            at_s: stream seconds of its arrival.
            counts: of the whole stream up to and with this item.
        """
        match item:
            case LinkDown():
                return self._begin(ConditionKind.LINK_LOST, at_s, item.cause, item.mend) + self._adapter(item, at_s)
            case LinkUp():
                self._losses.clear()  # nobody knows what was lost between two sessions
                over = [c for kind in (ConditionKind.LINK_LOST, ConditionKind.ADAPTER) for c in self._end(kind, at_s)]
                return over + self._limits(item, at_s)
            case Battery():
                return self._battery(item.percent, at_s)
            case Signal():
                return self._signal(item.rssi_dbm, at_s)
            case Packet() | Readings():
                return self._loss(counts, at_s)

    def _begin(self, kind: ConditionKind, at_s: float, cause: str, mend: str) -> list[Condition]:
        if self._present.get(kind) == cause:
            return []
        self._present[kind] = cause
        return [Condition(kind=kind, present=True, at_s=at_s, cause=cause, mend=mend)]

    def _end(self, kind: ConditionKind, at_s: float) -> list[Condition]:
        cause = self._present.pop(kind, None)
        return [] if cause is None else [Condition(kind=kind, present=False, at_s=at_s, cause=cause)]

    def _adapter(self, down: LinkDown, at_s: float) -> list[Condition]:
        """Tell the receiver's own faults apart: a parent need not look for them at the clip."""
        if down.mend in _ADAPTER_MENDS:
            return self._begin(ConditionKind.ADAPTER, at_s, down.cause, down.mend)
        return self._end(ConditionKind.ADAPTER, at_s)

    def _limits(self, link: LinkUp, at_s: float) -> list[Condition]:
        """Name the rules that this clip is too slow or too coarse for."""
        resolution_mg = 1000 * FAMILIES[link.family].traits.resolution_g
        limits = []
        if link.rate_hz < self._detector.tonic.rate_hz_min:
            limits.append(f"with {link.rate_hz:g} samples a second it is too slow to show stiffening and fast rhythms")
        if resolution_mg > self._detector.wearing.resolution_mg_max:
            limits.append(f"with steps of {resolution_mg:.2g} mg it is too coarse to show whether it is worn")
        if not limits:
            return self._end(ConditionKind.CLIP_LIMITS, at_s)
        cause = f"the clip hides something: {', and '.join(limits)}"
        mend = "nothing, if you know; otherwise a higher rate_hz where it has one, or another clip"
        return self._begin(ConditionKind.CLIP_LIMITS, at_s, cause, mend)

    def _battery(self, percent: int, at_s: float) -> list[Condition]:
        if percent <= self._settings.battery_low_percent and ConditionKind.BATTERY_LOW not in self._present:
            cause = f"the clip's battery is at {percent} %"
            return self._begin(ConditionKind.BATTERY_LOW, at_s, cause, "charge it, or change its battery")
        return self._end(ConditionKind.BATTERY_LOW, at_s) if percent >= self._settings.battery_good_percent else []

    def _signal(self, rssi_dbm: int, at_s: float) -> list[Condition]:
        if rssi_dbm <= self._settings.weak_signal_dbm and ConditionKind.WEAK_SIGNAL not in self._present:
            cause = f"the clip's radio signal is weak ({rssi_dbm} dBm)"
            return self._begin(ConditionKind.WEAK_SIGNAL, at_s, cause, _CLOSER)
        return self._end(ConditionKind.WEAK_SIGNAL, at_s) if rssi_dbm >= self._settings.good_signal_dbm else []

    def _loss(self, counts: Counts, at_s: float) -> list[Condition]:
        window = self._losses
        window.append((at_s, counts.received, counts.missing))
        while at_s - window[0][0] > self._settings.lost_window_s:
            window.popleft()
        received = counts.received - window[0][1]
        missing = counts.missing - window[0][2]
        lost_percent = 100 * missing / max(received + missing, 1)
        if at_s - window[0][0] >= self._settings.lost_window_s / 2 and lost_percent > self._settings.lost_percent:
            if ConditionKind.PACKET_LOSS in self._present:
                return []
            cause = f"{lost_percent:.0f} % of the clip's samples get lost"
            return self._begin(ConditionKind.PACKET_LOSS, at_s, cause, _CLOSER)
        return self._end(ConditionKind.PACKET_LOSS, at_s) if lost_percent < self._settings.lost_percent / 2 else []
