"""Clips in range of a stand-in bluetoothd, a listener on them, and the books of what was sent and what came."""

import asyncio
import shutil
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from typing import Any, Final, Protocol

import pytest

from sensor.ble import LiveClip, Radio, RadioSettings
from sensor.clips import FAMILIES
from sensor.clips.family import PacketError
from sensor.readings import Assembler
from sensor.stream import Battery, LinkDown, LinkUp, Packet, StreamItem
from sensor.virtual import VirtualClip
from sensor.virtual.bluez import FakeBluez, private_bus

FAST: Final = RadioSettings(
    scan_s=1.0,
    turn_s=0.5,
    connect_s=4.0,
    reply_s=2.0,
    first_packet_s=2.5,
    silence_s=1.5,
    probe_s=0.3,
    disconnect_s=0.5,
    backoff_min_s=0.02,
    backoff_max_s=0.2,
    power_cycle_after=2,
)
PATIENCE_S: Final = 30.0


@dataclass
class Listener:
    """Takes a clip's stream, as the program does."""

    items: list[StreamItem] = field(default_factory=list)
    assembler: Assembler = field(default_factory=Assembler)

    async def listen(self, stream: AsyncIterator[StreamItem]) -> None:
        async for item in stream:
            self.items.append(item)
            self.assembler.push(item)

    async def until(self, condition: Callable[[], bool]) -> None:
        async with asyncio.timeout(PATIENCE_S):
            while not condition():  # noqa: ASYNC110 - it looks at what the clip and the program do
                await asyncio.sleep(0.01)

    async def more(self, samples: int) -> None:
        """Wait for so many more samples."""
        wanted = self.assembler.counts.received + samples
        await self.until(lambda: self.assembler.counts.received >= wanted)

    async def sessions(self, number: int) -> None:
        await self.until(lambda: self.count(LinkUp) >= number)

    @property
    def packets(self) -> list[Packet]:
        return [item for item in self.items if isinstance(item, Packet)]

    def count(self, kind: type) -> int:
        return sum(isinstance(item, kind) for item in self.items)

    @property
    def causes(self) -> list[str]:
        return [item.cause for item in self.items if isinstance(item, LinkDown)]

    @property
    def batteries(self) -> list[int]:
        return [item.percent for item in self.items if isinstance(item, Battery)]


@asynccontextmanager
async def listening(live: LiveClip) -> AsyncIterator[Listener]:
    listener = Listener()
    async with live as stream:
        task = asyncio.create_task(listener.listen(stream))
        try:
            yield listener
        finally:
            task.cancel()
            with suppress(asyncio.CancelledError):
                await task


def spans(items: Sequence[StreamItem]) -> list[tuple[int, int, int]]:
    """Give, for every session, the first sample that came, the one after the last, and how many came, doubles once.

    By the clip's counter, or its clock: from the bytes alone.
    """
    out: list[tuple[int, int, int]] = []
    came: dict[int, int] = {}
    decoder: Any = None
    link: LinkUp | None = None
    for item in [*items, LinkDown(at_s=0, wall_s=0, cause="end")]:
        if isinstance(item, LinkUp):
            link, decoder, came = item, FAMILIES[item.family].decoder(item.rate_hz), {}
        elif isinstance(item, LinkDown) and came:
            first, last = min(came), max(came)
            out.append((first, last + came[last], sum(came.values())))
            came = {}
        elif isinstance(item, Packet) and link is not None:
            try:
                frames = decoder.decode(item.data)
            except PacketError:
                continue
            for frame in frames:
                number = frame.sequence
                came[round(frame.clip_time_s * link.rate_hz) if number is None else number] = len(frame.accel_g)
    return out


def balance(listener: Listener) -> None:
    """Check that nothing came twice, and that what did not come is reported, to the sample."""
    counts, books = listener.assembler.counts, spans(listener.items)
    assert counts.received == sum(came for *_, came in books), (counts, books)
    assert counts.received + counts.missing == sum(end - first for first, end, _ in books), (counts, books)


class Bluez(Protocol):
    async def __call__(self, *clips: VirtualClip) -> FakeBluez: ...


@pytest.fixture
async def bus(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[str]:
    if shutil.which("dbus-daemon") is None:
        pytest.skip("dbus-daemon is not installed (Debian: dbus)")
    async with private_bus() as address:
        monkeypatch.setenv("DBUS_SYSTEM_BUS_ADDRESS", address)
        yield address


@pytest.fixture
async def bluez(bus: str) -> AsyncIterator[Bluez]:
    running: list[FakeBluez] = []

    async def start(*clips: VirtualClip) -> FakeBluez:
        fake = FakeBluez(bus, clips)
        running.append(fake)
        await fake.__aenter__()
        return fake

    yield start
    for fake in running:
        await fake.__aexit__(None, None, None)


@pytest.fixture
def fast() -> RadioSettings:
    return FAST


@pytest.fixture
def radio() -> Radio:
    return Radio(FAST)


@pytest.fixture(name="listening")
def _listening() -> Callable[[LiveClip], Any]:
    return listening


@pytest.fixture(name="balance")
def _balance() -> Callable[[Listener], None]:
    return balance
