"""What one clip has to say: its alerts, events, state and health, as messages."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Protocol

import msgspec

from alerts.alert import Alert
from alerts.homeassistant import Device, removal
from alerts.messages import (
    OFFLINE,
    ONLINE,
    PREFIX,
    STATE_EXPIRY_S,
    VERSION,
    Board,
    Happenings,
    Message,
    Payload,
    Shown,
    Stream,
)
from alerts.policy import Policy
from alerts.status import Status
from processing.events import Event


class StreamTime(Protocol):
    """The two times of a clip's stream: a live one, and that of a recording."""

    def now_s(self) -> float:
        """Give the stream second of this moment."""
        ...

    def unix_s(self, stream_s: float) -> float:
        """Give the Unix time of a stream second, as far as it is known at this moment."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class ServedClip:
    """A clip to serve.

    Attributes:
        device: what Home Assistant shows; `device.clip` is the short name, in topics.
        policy: its alerts; the pipeline of the clip shares it.
        time: its stream's time.
    """

    device: Device
    policy: Policy
    time: StreamTime

    @property
    def name(self) -> str:
        """The short name."""
        return self.device.clip


class Desk:
    """Messages of one clip.

    Args:
        clip: which.
        run: name of this run of the program, for ids that never meet those of another.
    """

    def __init__(self, clip: ServedClip, run: str) -> None:
        self.clip = clip
        self.stream = Stream(clip=clip.name, session=f"{clip.name}-{run}", utc=self._utc)
        self.diag: Payload = {"battery": None, "rssi": None, "hz": None}
        self._happenings = Happenings(self.stream)
        self._boards = {technical: Board(self.stream, technical) for technical in (False, True)}
        self._status = Status()

    def take(self, items: Iterable[Event | Alert]) -> tuple[list[Message], list[Alert]]:
        """Give the messages for what the pipeline gave, and the alerts to sound."""
        messages: list[Message] = []
        raised: list[Alert] = []
        muted_until_s = self._muted_until_s()
        for item in items:
            if isinstance(item, Alert):
                messages.append(self._boards[item.technical].show(item, muted_until_s))
                if item.raising and muted_until_s is None:
                    raised.append(item)
            else:
                self._status.add(item)
                message = self._happenings.message(item)
                messages += [] if message is None else [message]
        return messages, raised

    def boards(self) -> list[Message]:
        """Give what stands, on both boards."""
        return [board.show(None, self._muted_until_s()) for board in self._boards.values()]

    def state(self, *, commands_ignored: int) -> list[Message]:
        """Give the heartbeat: state, monitoring and health."""
        now_s = self.clip.time.now_s()
        muted_until_s = self._muted_until_s()
        on = self.clip.policy.monitoring_on
        state: Payload = {
            "v": VERSION,
            "at": self._utc(now_s),
            **self._status.payload(now_s),
            "monitoring": on,
            "muted_until": None if muted_until_s is None else self._utc(muted_until_s),
            "mute_min": 0 if muted_until_s is None else round((muted_until_s - now_s) / 60, 1),
        }
        diag = {"v": VERSION, **self.diag, "commands_ignored": commands_ignored}
        return [
            Message(self.stream.topic("monitoring"), b"ON" if on else b"OFF", retain=True),
            Message(self.stream.topic("state"), msgspec.json.encode(state), retain=True, expiry_s=STATE_EXPIRY_S),
            Message(self.stream.topic("diag"), msgspec.json.encode(diag), retain=True),
        ]

    def availability(self, *, online: bool) -> Message:
        """Say whether the clip is connected."""
        return Message(self.stream.topic("availability"), (ONLINE if online else OFFLINE).encode(), retain=True)

    def kept(self) -> bytes:
        """Give the alerts about the baby that stand, to keep over a restart; faults are found again by themselves."""
        now_s = self.clip.time.now_s()
        kept = [replace(shown, alert=_moved(shown.alert, -now_s)) for shown in self._boards[False].standing]
        return msgspec.json.encode(kept, enc_hook=dict)

    def restore(self, kept: bytes | None) -> None:
        """Let alerts stand that stood when the program last stopped, unless a person had seen them.

        Raises:
            msgspec.DecodeError: these are not the bytes of `kept`.
        """
        for shown in [] if kept is None else msgspec.json.decode(kept, type=list[Shown]):
            if not shown.alert.acknowledged:
                self.clip.policy.restore([shown.alert])
                self._boards[False].restore(replace(shown, alert=replace(shown.alert, present=False)))

    def _muted_until_s(self) -> float | None:
        return self.clip.policy.muted_until_s(self.clip.time.now_s())

    def _utc(self, stream_s: float) -> str:
        moment = datetime.fromtimestamp(self.clip.time.unix_s(stream_s), UTC)
        return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _moved(alert: Alert, by_s: float) -> Alert:
    """Move an alert in stream time: one of an earlier stream lies before second 0."""
    return replace(alert, onset_s=alert.onset_s + by_s, raised_s=alert.raised_s + by_s)


def leaving(clip: str) -> list[Message]:
    """Give the messages that clear away all a clip has retained."""
    names = ("alert", "fault", "state", "diag", "monitoring", "availability")
    return [removal(clip), *(Message(f"{PREFIX}/{clip}/{name}", b"", retain=True) for name in names)]
