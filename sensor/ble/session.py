"""One session with a connected clip: subscribe, start, prove that it sends, and watch it until it ends."""

import asyncio
import logging
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, Final, NoReturn

from bleak import BleakClient
from bleak.backends.characteristic import BleakGATTCharacteristic

from sensor.ble.errors import BluetoothError, ClipError, translated
from sensor.ble.radio import Found, read_battery
from sensor.ble.settings import RadioSettings
from sensor.clips.family import Command, Family, PacketError
from sensor.stream import Battery, LinkUp, Packet, Signal

SessionItem = LinkUp | Packet | Battery | Signal

_log = logging.getLogger(__name__)

OVERRUN: Final = "the program fell behind the clip: the machine is too busy"


def stamp() -> tuple[float, float]:
    """Give monotonic and Unix seconds. Whole microseconds, of which recordings keep every bit in half the room."""
    return round(time.monotonic(), 6), round(time.time(), 6)


class RefusedError(ClipError):
    """The clip said no to a command."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Clip:
    """The clip a session is with: where it was found, its family, and the rates to try, the one wanted first."""

    found: Found
    family: Family
    rates_hz: Sequence[float]


class Session:
    """From subscription to the end.

    Args:
        clip: whom it is with.
        settings: limits.
        give: takes every item, in order, at once; raises `asyncio.QueueFull` when it cannot.
        on_open: is called when the session begins.
    """

    def __init__(
        self,
        clip: Clip,
        settings: RadioSettings,
        give: Callable[[SessionItem], None],
        on_open: Callable[[], None] = lambda: None,
    ) -> None:
        self._clip = clip
        self._settings = settings
        self._give = give
        self._on_open = on_open
        self.opened = False
        self._end: asyncio.Future[BluetoothError] = asyncio.get_running_loop().create_future()
        self._decoder = clip.family.decoder(clip.rates_hz[0])
        self._held: list[Packet] | None = []  # what came before the session was known to be good
        self._turned = asyncio.Event()  # there is a valid packet, or the end
        self._sends = False
        self._valid_s = time.monotonic()
        self._answers: asyncio.Queue[bytes] = asyncio.Queue()
        self._percent: int | None = None

    def gone(self) -> None:
        """Take the news that the link was lost."""
        self._finish(BluetoothError("the link to the clip was lost"))

    async def run(self, client: BleakClient) -> NoReturn:
        """Run until it ends, which is always an error.

        Raises:
            BluetoothError: why it ended.
        """
        rate_hz = await self._start(client)
        began = stamp()
        await self._first_packet()
        self._open(began, rate_hz)
        await self._watch(client)

    async def stop(self, client: BleakClient) -> None:
        """Tell the clip to stop, if it still listens."""
        if self._end.done():
            return
        try:
            for command in self._clip.family.stop():
                await self._write(client, command)
        except BluetoothError as error:
            _log.info("%s: not stopped: %s", client.address, error)

    async def _start(self, client: BleakClient) -> float:
        """Subscribe and start at the first rate the clip takes; give that rate, Hz."""
        traits = self._clip.family.traits
        with translated("subscribing"):
            async with asyncio.timeout(self._settings.reply_s * 2):
                if traits.reply_uuid:
                    await client.start_notify(traits.reply_uuid, self._on_answer)
                await client.start_notify(traits.data_uuid, self._on_data)
        refused: RefusedError | None = None
        for rate_hz in self._clip.rates_hz:
            try:
                return await self._start_at(client, rate_hz)
            except RefusedError as error:
                refused = refused or error
        assert refused is not None
        raise refused

    async def _start_at(self, client: BleakClient, rate_hz: float) -> float:
        self._decoder = self._clip.family.decoder(rate_hz)
        for command in self._clip.family.start(rate_hz):
            self._held = []  # what came before the last command came at another rate
            await self._write(client, command)
            if command.reply:
                await self._answer(command)
            if command.rate_hz is not None:
                rate_hz = await self._read_rate(client, command, command.rate_hz)
        return rate_hz

    async def _write(self, client: BleakClient, command: Command) -> None:
        with translated("writing to the clip"):
            async with asyncio.timeout(self._settings.reply_s):
                await client.write_gatt_char(command.uuid, command.data)

    async def _answer(self, command: Command) -> None:
        """Wait for the answer: whatever begins with the first byte of the good one."""
        with translated("waiting for the clip's answer"):
            async with asyncio.timeout(self._settings.reply_s):
                while (answer := await self._answers.get())[:1] != command.reply[:1]:
                    pass
        if not answer.startswith(command.reply):
            raise RefusedError(f"the clip refused to start (it answered {answer.hex(' ')})", "try another rate_hz")

    async def _read_rate(self, client: BleakClient, command: Command, rate_hz_of: Callable[[bytes], float]) -> float:
        with translated("reading the rate back"):
            async with asyncio.timeout(self._settings.reply_s):
                value = bytes(await client.read_gatt_char(command.uuid))
        try:
            return rate_hz_of(value)
        except PacketError as error:
            raise RefusedError(str(error), "try another rate_hz") from error

    async def _first_packet(self) -> None:
        if self._clip.family.traits.notifies_on_change:
            return
        with suppress(TimeoutError):
            async with asyncio.timeout(self._settings.first_packet_s):
                await self._turned.wait()
        if self._end.done():
            raise self._end.result()
        if not self._sends:
            raise ClipError("the clip is connected, but sends nothing that can be read")

    def _open(self, began: tuple[float, float], rate_hz: float) -> None:
        """Begin the stream with what was held."""
        found, (at_s, wall_s) = self._clip.found, began
        name, family = found.name, self._clip.family.traits.name
        held, self._held = self._held or [], None
        self.opened = True
        self._on_open()
        if held:
            at_s, wall_s = min(at_s, held[0].at_s), min(wall_s, held[0].wall_s)
        self._pass(LinkUp(at_s=at_s, wall_s=wall_s, family=family, address=found.address, name=name, rate_hz=rate_hz))
        if found.rssi_dbm is not None:
            self._pass(Signal(at_s=at_s, wall_s=wall_s, rssi_dbm=found.rssi_dbm))
        for packet in held:
            self._pass(packet)
        self._valid_s = time.monotonic()

    async def _watch(self, client: BleakClient) -> NoReturn:
        """Wait until the link is lost, the clip falls silent, or does not answer when asked for its battery."""
        asking = asyncio.create_task(self._ask(client))  # a read that hangs must not hide a silence
        ends: set[asyncio.Future[Any]] = {self._end, asking}
        try:
            while not self._end.done():
                if asking.done():
                    asking.result()
                left_s = self._silent_in_s()
                if left_s <= 0:
                    raise BluetoothError(f"the clip has sent nothing for {time.monotonic() - self._valid_s:.0f} s")
                timeout = None if left_s == float("inf") else left_s
                await asyncio.wait(ends, timeout=timeout, return_when=asyncio.FIRST_COMPLETED)
            raise self._end.result()
        finally:
            asking.cancel()
            await asyncio.gather(asking, return_exceptions=True)  # what ended the session is already known

    def _silent_in_s(self) -> float:
        if self._clip.family.traits.notifies_on_change:
            return float("inf")
        return self._valid_s + self._settings.silence_s - time.monotonic()

    async def _ask(self, client: BleakClient) -> None:
        """Ask for the battery now and then, until the end; once if the clip has none."""
        on_change = self._clip.family.traits.notifies_on_change
        every_s = self._settings.probe_s if on_change else self._settings.battery_s
        while not self._end.done() and await self._battery(client):
            await asyncio.wait({self._end}, timeout=every_s)
        await asyncio.wait({self._end})

    async def _battery(self, client: BleakClient) -> bool:
        """Tell the battery if it has changed; say whether the clip has one."""
        percent = await read_battery(client, self._settings.reply_s)
        if percent is not None and percent != self._percent:
            self._percent = percent
            at_s, wall_s = stamp()
            self._pass(Battery(at_s=at_s, wall_s=wall_s, percent=percent))
        return percent is not None

    def _on_answer(self, _: BleakGATTCharacteristic, data: bytearray) -> None:
        self._take(bytes(data), answer=True)

    def _on_data(self, _: BleakGATTCharacteristic, data: bytearray) -> None:
        self._take(bytes(data), answer=self._clip.family.traits.reply_uuid is None)

    def _take(self, data: bytes, *, answer: bool) -> None:
        """Copy, stamp, pass on: a plain function, for a coroutine would be one task a packet, in any order."""
        at_s, wall_s = stamp()
        packet = Packet(at_s=at_s, wall_s=wall_s, data=data)
        if self._readable(data):
            self._valid_s, self._sends = at_s, True
            self._turned.set()
        if self._held is None:
            self._pass(packet)
            return
        self._held.append(packet)
        if answer:
            self._answers.put_nowait(data)
        if len(self._held) > self._settings.queue_items:
            self._finish(BluetoothError(OVERRUN))

    def _readable(self, data: bytes) -> bool:
        try:
            return len(self._decoder.decode(data)) > 0
        except PacketError:
            return False

    def _pass(self, item: SessionItem) -> None:
        if self._end.done():
            return
        try:
            self._give(item)
        except asyncio.QueueFull:
            self._finish(BluetoothError(OVERRUN))

    def _finish(self, error: BluetoothError) -> None:
        if not self._end.done():
            self._end.set_result(error)
            self._turned.set()
