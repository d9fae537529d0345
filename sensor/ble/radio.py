"""One Bluetooth adapter: who is in range, and connections, one thing at a time.

The only user of bleak's scanner and client. What bleak and BlueZ do, and why this is as it is: docs/bluetooth.md.
"""

import asyncio
import logging
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from typing import Any

from bleak import BleakClient, BleakScanner
from bleak.args.bluez import BlueZAdapterArgs
from bleak.backends.client import BaseBleakClient
from bleak.backends.device import BLEDevice
from bleak.backends.scanner import AdvertisementData, BaseBleakScanner
from bleak.exc import BleakGATTProtocolError
from bleak_retry_connector import establish_connection

from sensor.ble.adapter import held_devices, power_cycle
from sensor.ble.errors import BluetoothError, ClipError, translated
from sensor.ble.settings import RadioSettings
from sensor.clips import identify
from sensor.clips.family import Family

_log = logging.getLogger(__name__)

BATTERY_UUID = "00002a19-0000-1000-8000-00805f9b34fb"  # Battery Level, u8 percent (Bluetooth assigned numbers)


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """A device that was heard.

    Attributes:
        address: its Bluetooth address.
        name: as advertised; empty if it has none.
        family: of the clips it belongs to; None for a stranger.
        rssi_dbm: signal strength; None for one that is connected already, for it does not advertise.
        battery_percent: where it was asked.
        device: bleak's handle.
    """

    address: str
    name: str
    family: Family | None
    rssi_dbm: int | None
    device: BLEDevice
    battery_percent: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Backend:
    """What stands in for BlueZ: bleak backends, as `sensor.ble.in_process` has them for virtual clips."""

    client: type[BaseBleakClient]
    scanner: type[BaseBleakScanner]


class _FreshClient(BleakClient):
    """A client that makes every attempt anew: bleak's, once failed, says "already connected" for ever."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:  # noqa: ANN401 - whatever BleakClient takes
        self._made_with = args, kwargs
        super().__init__(*args, **kwargs)

    async def connect(self, **kwargs: Any) -> None:  # noqa: ANN401 - see __init__
        args, made_with = self._made_with
        super().__init__(*args, **made_with)
        await super().connect(**kwargs)


class Radio:
    """One adapter, shared by the supervisors of all its clips.

    Args:
        settings: limits.
        backend: what stands in for BlueZ.
    """

    def __init__(self, settings: RadioSettings | None = None, backend: Backend | None = None) -> None:
        self.settings = settings or RadioSettings()
        self._backend = backend
        self._turn = asyncio.Lock()  # BlueZ fails connections while it scans, and a second scan of one program
        self._heard: dict[str, tuple[float, Found]] = {}
        self._in_use: set[str] = set()
        self._cycled_s = float("-inf")

    async def listen(self, seconds: float, enough: Callable[[Found], bool] | None = None) -> list[Found]:
        """Scan and give whoever was heard, by address; end early once one is `enough`.

        Raises:
            BluetoothError: it cannot scan.
        """
        heard: dict[str, Found] = {}
        done = asyncio.Event()
        recent_s = time.monotonic() - 2 * self.settings.scan_s
        self._heard = {address: one for address, one in self._heard.items() if one[0] >= recent_s}

        def on_advertisement(device: BLEDevice, data: AdvertisementData) -> None:
            found = _found(device, data)
            heard[found.address] = found
            self._heard[found.address] = (time.monotonic(), found)
            if enough is not None and enough(found):
                done.set()

        async with self._turn:
            with translated("scanning"):
                async with asyncio.timeout(seconds + self.settings.connect_s):
                    async with BleakScanner(on_advertisement, **self._arguments("scanner")):
                        await _wait(done, seconds)
        return [heard[address] for address in sorted(heard)]

    async def find(self, wanted: Callable[[Found], bool], *, thorough: bool = False) -> list[Found]:
        """Give the devices that are wanted, as soon as one is known: connected already, or heard within `scan_s`.

        Other clips have their turns between; what they hear counts too.

        Args:
            wanted: which devices.
            thorough: listen for a whole turn, so that a second device that is wanted is heard too.

        Raises:
            OutOfRangeError: it was not heard, though the adapter works.
            BluetoothError: none is in range, or it cannot scan.
        """
        if held := [found for found in await self._connected_already() if wanted(found)]:
            return held
        since_s = time.monotonic()
        others = 0
        turn_s = min(self.settings.turn_s, self.settings.scan_s)
        enough = None if thorough else wanted
        while time.monotonic() - since_s < self.settings.scan_s:
            others = max(others, len(await self.listen(turn_s, enough)))
            if heard := [found for at_s, found in self._heard.values() if at_s >= since_s and wanted(found)]:
                return heard
        if others or self._in_use:
            raise OutOfRangeError("the clip is not in range, switched off or empty", "look at the clip")
        raise BluetoothError("no Bluetooth device at all was heard", "is the clip switched on and in range?")

    @asynccontextmanager
    async def connection(self, found: Found, on_gone: Callable[[], None]) -> AsyncIterator[BleakClient]:
        """Connect, and always disconnect; `on_gone` is called when the link is lost.

        Raises:
            BluetoothError: it cannot connect.
        """
        connected = False

        def gone(_: BleakClient) -> None:
            if connected:  # an attempt that fails tells of its loss too
                on_gone()

        async with self._turn:
            with translated("connecting to the clip"):
                async with asyncio.timeout(self.settings.connect_s):
                    client = await establish_connection(
                        _FreshClient,
                        found.device,
                        found.name or found.address,
                        disconnected_callback=gone,
                        max_attempts=self.settings.attempts,
                        use_services_cache=False,  # it outlives a daemon that was killed
                        **self._arguments("client"),
                    )
        connected = True
        self._in_use.add(found.address)
        try:
            if not client.is_connected:
                on_gone()
            yield client
        finally:
            await self._leave(client)
            self._in_use.discard(found.address)

    async def scan(self, seconds: float, *, battery: bool = True) -> list[Found]:
        """Give the clips in range, and how full their batteries are (which takes some seconds a clip).

        Raises:
            BluetoothError: it cannot scan.
        """
        clips = [found for found in await self.listen(seconds) if found.family]
        return [await self._with_battery(found) for found in clips] if battery else clips

    async def power_cycle(self) -> None:
        """Switch the adapter off and on, unless a clip is connected or it was done lately.

        Raises:
            BluetoothError: that is not permitted; its mend is the command to type.
        """
        since_s = time.monotonic() - self._cycled_s
        if self._backend or since_s < self.settings.power_cycle_rest_s:
            return
        async with self._turn:
            if not self._in_use:  # a clip may have connected while this one waited for its turn
                self._cycled_s = time.monotonic()
                await power_cycle(self.settings.adapter)

    async def _connected_already(self) -> list[Found]:
        """Find clips that an earlier run left connected: BlueZ keeps the link of a program that was killed."""
        if self._backend:
            return []
        return [
            Found(
                address=properties["Address"],
                name=properties["Alias"],
                family=identify(properties["Alias"], properties["UUIDs"]),
                rssi_dbm=None,
                device=BLEDevice(
                    properties["Address"], properties["Alias"], {"path": properties["Path"], "props": properties}
                ),
            )
            for properties in await held_devices(self.settings.adapter)
            if properties["Address"] not in self._in_use
        ]

    async def _with_battery(self, found: Found) -> Found:
        try:
            async with self.connection(found, lambda: None) as client:
                percent = await read_battery(client, self.settings.reply_s)
        except BluetoothError as error:
            _log.info("%s: battery unknown: %s", found.address, error)
            return found
        return replace(found, battery_percent=percent)

    async def _leave(self, client: BleakClient) -> None:
        """Disconnect, always: a link that was lost leaves its subscription behind, and packets would come twice."""
        try:
            with translated("disconnecting"):
                async with asyncio.timeout(self.settings.disconnect_s):
                    await client.disconnect()
        except BluetoothError as error:
            _log.info("%s: %s", client.address, error)

    def _arguments(self, kind: str) -> dict[str, Any]:
        if self._backend:
            return {"backend": self._backend.client if kind == "client" else self._backend.scanner}
        return {"bluez": self._bluez()}

    def _bluez(self) -> BlueZAdapterArgs:
        return {"adapter": self.settings.adapter} if self.settings.adapter else {}


class OutOfRangeError(ClipError):
    """The clip was not heard."""


async def read_battery(client: BleakClient, limit_s: float) -> int | None:
    """Give the battery, percent; None if the clip has no battery service, or tells nobody.

    Raises:
        BluetoothError: it does not answer.
    """
    with translated("reading the battery"):
        if client.services.get_characteristic(BATTERY_UUID) is None:
            return None
        try:
            async with asyncio.timeout(limit_s):
                value = await client.read_gatt_char(BATTERY_UUID)
        except BleakGATTProtocolError:
            return None  # it answers, but does not tell
    return min(value[0], 100) if value else None


def _found(device: BLEDevice, data: AdvertisementData) -> Found:
    name = data.local_name or device.name or ""
    return Found(
        address=device.address,
        name=name,
        family=identify(name, data.service_uuids),
        rssi_dbm=data.rssi,
        device=device,
    )


async def _wait(event: asyncio.Event, seconds: float) -> None:
    try:
        async with asyncio.timeout(seconds):
            await event.wait()
    except TimeoutError:
        return
