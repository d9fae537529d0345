"""What may be asked of us over MQTT: acknowledge, mute, monitoring on or off. Pure.

Anything else is no command: wrong topic, wrong bytes, out of range. Commands are idempotent, for MQTT may deliver
one twice.
"""

import re
from dataclasses import dataclass
from typing import Final

import msgspec

_ID_BYTES_MAX: Final = 200
_MINUTES: Final = re.compile(rb"[0-9]{1,3}(\.[0-9]{1,3})?")


@dataclass(frozen=True, slots=True)
class Acknowledge:
    """A person has seen one alert, or with None all that stand."""

    alert_id: str | None = None


@dataclass(frozen=True, slots=True)
class Mute:
    """Mute sound for some minutes; 0 ends it."""

    minutes: float


@dataclass(frozen=True, slots=True)
class Monitoring:
    """Switch monitoring."""

    on: bool


Command = Acknowledge | Mute | Monitoring


class _Named(msgspec.Struct, forbid_unknown_fields=True):
    id: str


def parse(name: str, payload: bytes, mute_max_min: float) -> Command | None:
    """Read a command; None for everything that is none.

    Args:
        name: what follows `cmd/` in the topic.
        payload: `ACK` or `{"id": "..."}`; minutes as a plain number; `ON` or `OFF`.
        mute_max_min: longest time to mute, minutes.

    >>> parse("ack", b"ACK", 60), parse("mute", b"10", 60), parse("mute", b"1e9", 60)
    (Acknowledge(alert_id=None), Mute(minutes=10.0), None)
    """
    match name, payload:
        case "ack", b"ACK":
            return Acknowledge()
        case "ack", _ if len(payload) <= _ID_BYTES_MAX:
            return _acknowledge_one(payload)
        case "mute", _ if _MINUTES.fullmatch(payload) and float(payload) <= mute_max_min:
            return Mute(float(payload))
        case "monitoring", b"ON" | b"OFF":
            return Monitoring(payload == b"ON")
        case _:
            return None


def _acknowledge_one(payload: bytes) -> Acknowledge | None:
    try:
        return Acknowledge(msgspec.json.decode(payload, type=_Named).id)
    except (msgspec.DecodeError, UnicodeDecodeError):
        return None
