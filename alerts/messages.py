"""What leaves the program: lines of `detect`, and topics with payloads for MQTT (docs/mqtt.md, version 1).

Pure. Times inside are stream seconds; `Stream.utc` makes UTC of them, so nothing here knows a clock.
"""

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Final, NamedTuple

import msgspec

from alerts.alert import Alert, EvidenceValue
from processing.events import Event

VERSION: Final = 1
"""Of the contract in docs/mqtt.md, as `v` in every payload. Keys are added under one version, never renamed."""
PREFIX: Final = "sleepclip"
BRIDGE_AVAILABILITY: Final = f"{PREFIX}/bridge/availability"
ONLINE: Final = "online"
OFFLINE: Final = "offline"
STATE_EXPIRY_S: Final = 60
"""A state older than this is gone from the broker, so that none looks fresh after a restart."""

Payload = dict[str, object]

_encode = msgspec.json.Encoder().encode


class Message(NamedTuple):
    """One MQTT message, always QoS 1.

    Attributes:
        topic: where to.
        payload: JSON, a bare word, or empty (a retained empty payload removes).
        retain: the broker keeps it for whoever comes later.
        expiry_s: the broker forgets it after this time (MQTT 5); None keeps it.
    """

    topic: str
    payload: bytes
    retain: bool = False
    expiry_s: int | None = None


def event_line(event: Event) -> str:
    """Give the JSON line of `detect` for an event, without line end."""
    line: Payload = {
        "type": "event",
        "id": event.id,
        "kind": event.name,
        "onset_s": _short(event.onset_s),
        "end_s": _short(event.end_s),
        "reported_s": _short(event.reported_s),
        "state": str(event.state),
        "evidence": _evidence(event.evidence()),
    }
    return _encode(line).decode()


def alert_line(alert: Alert) -> str:
    """Give the JSON line of `detect` for an alert, without line end."""
    line: Payload = {
        "type": "alert",
        "kind": alert.kind,
        "priority": alert.priority.word,
        "technical": alert.technical,
        "raised_s": _short(alert.raised_s),
        "onset_s": _short(alert.onset_s),
        "id": alert.id,
        "rule": alert.rule,
        "text": alert.text,
    }
    return _encode(line).decode()


@dataclass(frozen=True, slots=True, kw_only=True)
class Stream:
    """What turns stream seconds and ids into something that means the same for every receiver.

    Attributes:
        clip: short name of the clip, in the topics.
        session: name of this stream; ids of two streams never meet. No colon.
        utc: stream seconds to UTC, ISO 8601.
    """

    clip: str
    session: str
    utc: Callable[[float], str]

    def topic(self, name: str) -> str:
        """Give the topic of this clip with this name."""
        return f"{PREFIX}/{self.clip}/{name}"

    def full_id(self, short_id: str) -> str:
        """Give the id that is unique over all streams. An alert of an earlier stream has one already."""
        return short_id if ":" in short_id else f"{self.session}:{short_id}"

    def short_id(self, full_id: str) -> str:
        """Give the id the policy of this stream knows."""
        return full_id.removeprefix(f"{self.session}:")


class Happenings:
    """Events as messages: one when it is known, one when it is over, none between."""

    def __init__(self, stream: Stream) -> None:
        self._stream = stream
        self._open: set[str] = set()

    def message(self, event: Event) -> Message | None:
        """Give the message for a snapshot; None while an event only goes on."""
        told = event.id in self._open
        if told and event.open:
            return None
        (self._open.add if event.open else self._open.discard)(event.id)
        utc = self._stream.utc
        payload: Payload = {
            "v": VERSION,
            "event_type": event.name,
            "id": self._stream.full_id(event.id),
            "revision": 2 if told else 1,
            "onset": utc(event.onset_s),
            "end": None if event.open else utc(event.end_s),
            "reported": utc(event.reported_s),
            "open": event.open,
            "state": str(event.state),
            "evidence": _evidence(event.evidence()),
            "late": False,
        }
        return Message(self._stream.topic("event"), _encode(payload))


def again(message: Message) -> Message:
    """Give a message that was delivered before, for a broker or a Home Assistant that has forgotten it."""
    return message._replace(payload=_encode(msgspec.json.decode(message.payload) | {"raising": None}))


def as_late(message: Message, latest: bytes | None) -> Message:
    """Mark a message that waited for long: it is history, and raises nothing anew.

    Args:
        message: as it was written.
        latest: payload of the last message that waits for its retained topic. Where that is another one, this one has
            been overtaken: it is not retained, and `active` says what stands at last, never what stood then.
    """
    payload: Payload = msgspec.json.decode(message.payload)
    payload["late"] = True
    if "raising" in payload:
        payload["raising"] = None
    if latest is not None and latest != message.payload:
        payload |= {"superseded": True, "active": msgspec.json.decode(latest)["active"]}
        return message._replace(payload=_encode(payload), retain=False)
    return message._replace(payload=_encode(payload))


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """An alert as it was told.

    Its times are those of the clock on the wall when it was raised, so that one that is set later makes no other
    alert of it.

    Attributes:
        alert: what stands.
        revision: it was last sent with.
        since: when its cause began, UTC.
        raised: when it was raised, or last raised again, UTC.
    """

    alert: Alert
    revision: int
    since: str
    raised: str


@dataclass(slots=True)
class Board:
    """What stands on `…/alert` (physiological) or `…/fault` (technical): the highest alert, and the others.

    Attributes:
        stream: of the clip.
        technical: which of the two it is.
    """

    stream: Stream
    technical: bool
    _standing: dict[str, Shown] = field(default_factory=dict)
    _last_alert: str | None = None

    def show(self, changed: Alert | None, muted_until_s: float | None = None) -> Message:
        """Give the message after one alert has changed; with None, what stands."""
        last = None if changed is None else self._take(changed)
        order = sorted(self._standing.values(), key=_urgency)
        if order and order[0] is not last:  # what is at the top is told once more
            order[0] = self._standing[order[0].alert.id] = replace(order[0], revision=order[0].revision + 1)
        payload: Payload = {
            "v": VERSION,
            "active": bool(order),
            **self._told(order[0] if order else last),
            "raising": changed.kind if changed is not None and changed.raising else None,
            "last_alert": self._last_alert,
            "muted_until": None if muted_until_s is None else self.stream.utc(muted_until_s),
            "late": False,
            "superseded": False,
            "others": [self._told(shown) for shown in order[1:]],
        }
        return Message(self.stream.topic("fault" if self.technical else "alert"), _encode(payload), retain=True)

    def restore(self, shown: Shown) -> None:
        """Take an alert that stood when the program last stopped."""
        self._standing[shown.alert.id] = shown
        self._last_alert = max(shown.raised, self._last_alert or "")

    @property
    def standing(self) -> tuple[Shown, ...]:
        """Alerts that stand, with their full ids."""
        full_id = self.stream.full_id
        return tuple(replace(s, alert=replace(s.alert, id=full_id(s.alert.id))) for s in self._standing.values())

    def _take(self, alert: Alert) -> Shown:
        before = self._standing.get(alert.id)
        utc = self.stream.utc
        if before is None or alert.raising:
            since, raised = utc(alert.onset_s), utc(alert.raised_s)
        else:
            since, raised = before.since, before.raised
        revision = 1 if before is None else before.revision + 1
        shown = Shown(alert=alert, revision=revision, since=since, raised=raised)
        if alert.standing:
            self._standing[alert.id] = shown
        else:
            self._standing.pop(alert.id, None)
        if alert.raising:
            self._last_alert = raised
        return shown

    def _told(self, shown: Shown | None) -> Payload:
        if shown is None:
            return dict.fromkeys(_TOLD)
        alert = shown.alert
        return {
            "id": self.stream.full_id(alert.id),
            "revision": shown.revision,
            "kind": alert.kind,
            "priority": alert.priority.word,
            "technical": alert.technical,
            "since": shown.since,
            "raised": shown.raised,
            "rule": alert.rule,
            "text": alert.text,
            "cause": alert.evidence.get("cause"),
            "present": alert.present,
            "acknowledged": alert.acknowledged,
            "evidence": _evidence(alert.evidence),
        }


_TOLD: Final = (
    "id",
    "revision",
    "kind",
    "priority",
    "technical",
    "since",
    "raised",
    "rule",
    "text",
    "cause",
    "present",
    "acknowledged",
    "evidence",
)


def _urgency(shown: Shown) -> tuple[int, bool, float]:
    alert = shown.alert
    return -alert.priority, alert.acknowledged, -alert.raised_s


def _short(value: float) -> float:
    return round(value, 2)


def _evidence(evidence: Mapping[str, EvidenceValue]) -> dict[str, EvidenceValue]:
    return {name: _plain(value) for name, value in evidence.items()}


def _plain(value: EvidenceValue) -> EvidenceValue:
    """Make a value JSON: three digits are more than any of them holds; what is not finite is not known."""
    if isinstance(value, float):
        return round(float(value), 3) if math.isfinite(value) else None
    return str(value) if isinstance(value, str) else value
