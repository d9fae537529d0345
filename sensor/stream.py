"""What a source gives: packets and the news of the link, in the order in which they arrived.

A live clip, a recording, an imported file and the simulator are all a `Source`, and one contract test holds for all:

    async with source as stream:
        async for item in stream: ...
"""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from types import TracebackType
from typing import Protocol

from processing.samples import Readings


@dataclass(frozen=True, slots=True, kw_only=True)
class Arrival:
    """When something reached this machine.

    Attributes:
        at_s: monotonic clock, seconds. Only differences mean anything.
        wall_s: Unix time, seconds; for labels alone, for the wall clock may jump.
    """

    at_s: float
    wall_s: float


@dataclass(frozen=True, slots=True, kw_only=True)
class LinkUp(Arrival):
    """A session with a clip begins.

    Attributes:
        family: name of the clip family (`sensor.clips`), which decodes the packets of this session.
        address: of the clip.
        name: as advertised.
        rate_hz: the rate the clip was told to run at.
    """

    family: str
    address: str
    name: str
    rate_hz: float


@dataclass(frozen=True, slots=True, kw_only=True)
class LinkDown(Arrival):
    """The session is over, or none could begin.

    Attributes:
        cause: why, in words a parent can read.
        mend: what to do about it; empty where it mends itself.
    """

    cause: str
    mend: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Packet(Arrival):
    """One notification, byte for byte."""

    data: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Battery(Arrival):
    """The clip's battery, percent."""

    percent: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Signal(Arrival):
    """Received signal strength, dBm."""

    rssi_dbm: int


StreamItem = LinkUp | LinkDown | Packet | Battery | Signal | Readings
"""`Readings` come from files that hold no packets (.csv, .edf): their times are already stream seconds."""


class Source(Protocol):
    """Anything that gives a stream."""

    async def __aenter__(self) -> AsyncIterator[StreamItem]:
        """Open it."""
        ...

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None, /
    ) -> bool | None:
        """Close it, whatever happened."""
        ...
