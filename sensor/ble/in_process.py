"""A bleak backend on bumble: virtual clips in this very process, with real GATT, ATT, L2CAP and HCI between.

    air = Air()
    async with air.clip(clip), backend(air) as virtual:
        radio = Radio(settings, virtual)

bleak's interface for backends is its own: `bleak.backends.client` and `.scanner`.
"""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any, ClassVar

from bleak.args import SizedBuffer
from bleak.backends.characteristic import BleakGATTCharacteristic, GattCharacteristicsFlags
from bleak.backends.client import BaseBleakClient
from bleak.backends.descriptor import BleakGATTDescriptor
from bleak.backends.device import BLEDevice
from bleak.backends.scanner import AdvertisementData, BaseBleakScanner
from bleak.backends.service import BleakGATTService, BleakGATTServiceCollection
from bleak.exc import BleakError
from bleak.uuids import normalize_uuid_str
from bumble import core, hci
from bumble.att import ATT_Error
from bumble.device import Advertisement, Connection, Device, Peer

from sensor.ble.radio import Backend
from sensor.virtual.air import Air

MTU = 517  # the largest: an attribute value of 512 bytes fits
_UUID_LISTS = (
    core.AdvertisingData.Type.COMPLETE_LIST_OF_16_BIT_SERVICE_CLASS_UUIDS,
    core.AdvertisingData.Type.INCOMPLETE_LIST_OF_16_BIT_SERVICE_CLASS_UUIDS,
    core.AdvertisingData.Type.COMPLETE_LIST_OF_128_BIT_SERVICE_CLASS_UUIDS,
    core.AdvertisingData.Type.INCOMPLETE_LIST_OF_128_BIT_SERVICE_CLASS_UUIDS,
)


@asynccontextmanager
async def backend(air: Air, address: str = "F0:F1:F2:F3:F4:F5") -> AsyncIterator[Backend]:
    """Give a central on this air, as a backend for `Radio`."""
    controller = air.controller("central")
    central = Device.with_hci("central", hci.Address(address), controller, controller)
    await central.power_on()
    client = type("Client", (_Client,), {"central": central, "turn": asyncio.Lock()})
    scanner = type("Scanner", (_Scanner,), {"central": central})
    try:
        yield Backend(client=client, scanner=scanner)
    finally:
        await central.power_off()
        air.link.remove_controller(controller)


class _Scanner(BaseBleakScanner):
    central: ClassVar[Device]

    def __init__(self, detection_callback: Any, service_uuids: Any, scanning_mode: str, **_: Any) -> None:  # noqa: ANN401 - bleak's
        super().__init__(detection_callback, service_uuids)
        self._active = scanning_mode == "active"

    async def start(self) -> None:
        self.seen_devices = {}
        self.central.on("advertisement", self._on_advertisement)
        await self.central.start_scanning(legacy=True, active=self._active)

    async def stop(self) -> None:
        self.central.remove_listener("advertisement", self._on_advertisement)
        await self.central.stop_scanning(legacy=True)

    def _on_advertisement(self, heard: Advertisement) -> None:
        name = heard.data.get(core.AdvertisingData.Type.COMPLETE_LOCAL_NAME)
        data = AdvertisementData(
            local_name=name,
            manufacturer_data={},
            service_data={},
            service_uuids=_service_uuids(heard.data),
            tx_power=None,
            rssi=heard.rssi,
            platform_data=(heard,),
        )
        address = heard.address.to_string(with_type_qualifier=False).upper()
        device = self.create_or_update_device(address, address, name, heard.address, data)
        self.call_detection_callbacks(device, data)


class _Client(BaseBleakClient):
    central: ClassVar[Device]
    turn: ClassVar[asyncio.Lock]  # HCI takes one LE Create Connection at a time

    def __init__(
        self,
        address_or_ble_device: BLEDevice | str,
        services: set[str] | None = None,
        *,
        disconnected_callback: Callable[[], None] | None,
        timeout: float,
        **_: Any,  # noqa: ANN401 - bleak's
    ) -> None:
        super().__init__(address_or_ble_device, disconnected_callback=disconnected_callback, timeout=timeout)
        assert isinstance(address_or_ble_device, BLEDevice)
        self._device = address_or_ble_device
        self._wanted = services
        self._connection: Connection | None = None
        self._peer: Peer | None = None
        self._callbacks: dict[int, Callable[[bytes], None]] = {}

    @property
    def name(self) -> str:
        return self._device.name or self.address

    @property
    def mtu_size(self) -> int:
        return self._connection.att_mtu if self._connection else MTU

    @property
    def is_connected(self) -> bool:
        return self._connection is not None

    async def connect(self, pair: bool, **kwargs: Any) -> None:  # noqa: ARG002, ANN401, FBT001 - bleak's
        async with asyncio.timeout(kwargs.get("timeout") or self._timeout):
            async with self.turn:
                try:
                    connection = await self.central.connect(self._device.details)
                except core.BaseBumbleError as error:
                    raise BleakError(str(error)) from error
            gone = asyncio.get_running_loop().create_future()
            connection.on("disconnection", lambda _: self._on_gone(gone))
            discovery = asyncio.create_task(self._discover(connection))
            try:
                await asyncio.wait({gone, discovery}, return_when=asyncio.FIRST_COMPLETED)
            finally:
                discovery.cancel()
                if not discovery.done() and not gone.done():
                    await connection.disconnect()
            if gone.done():
                raise BleakError("failed to discover services, device disconnected")
            self.services = await discovery
            self._connection = connection

    def _on_gone(self, gone: "asyncio.Future[None]") -> None:
        if not gone.done():
            gone.set_result(None)
        if self._connection is not None:
            self._connection, self.services = None, None
            if self._disconnected_callback is not None:
                self._disconnected_callback()

    async def _discover(self, connection: Connection) -> BleakGATTServiceCollection:
        self._peer = peer = Peer(connection)
        await peer.request_mtu(MTU)
        await peer.discover_services()
        services = BleakGATTServiceCollection()
        for theirs in peer.services:
            service = BleakGATTService(theirs, theirs.handle, _text(theirs.uuid))
            services.add_service(service)
            for found in await theirs.discover_characteristics():
                flags = [
                    flag.name.replace("_", "-") for flag in GattCharacteristicsFlags if flag.value & found.properties
                ]
                characteristic = BleakGATTCharacteristic(
                    found,
                    found.handle - 1,
                    _text(found.uuid),
                    flags,  # type: ignore[arg-type]  # bleak's literal names are these
                    lambda: connection.att_mtu - 3,
                    service,
                )
                services.add_characteristic(characteristic)
        return services

    async def disconnect(self) -> None:
        if self._connection is not None:
            await self._connection.disconnect()

    async def _do(self, work: Any) -> Any:  # noqa: ANN401 - whatever bumble gives
        try:
            return await work
        except (ATT_Error, core.BaseBumbleError) as error:
            raise BleakError(str(error)) from error
        except asyncio.CancelledError:
            if self._connection is None:  # bumble cancels what waits on a link that is lost
                raise BleakError("the link was lost") from None
            raise

    async def read_gatt_char(
        self,
        characteristic: BleakGATTCharacteristic,
        *,
        use_cached: bool = False,  # noqa: ARG002 - bumble caches nothing
        **kwargs: Any,  # noqa: ARG002, ANN401 - bleak's
    ) -> bytearray:
        return bytearray(await self._do(characteristic.obj.read_value()))

    async def read_gatt_descriptor(
        self,
        descriptor: BleakGATTDescriptor,
        *,
        use_cached: bool = False,  # noqa: ARG002 - bumble caches nothing
        **kwargs: Any,  # noqa: ARG002, ANN401 - bleak's
    ) -> bytearray:
        return bytearray(await self._do(descriptor.obj.read_value()))

    async def write_gatt_char(
        self,
        characteristic: BleakGATTCharacteristic,
        data: SizedBuffer,
        response: bool,  # noqa: FBT001 - bleak's
    ) -> None:
        await self._do(characteristic.obj.write_value(bytes(data), with_response=response))

    async def write_gatt_descriptor(self, descriptor: BleakGATTDescriptor, data: SizedBuffer) -> None:
        await self._do(descriptor.obj.write_value(bytes(data), with_response=True))

    async def start_notify(
        self,
        characteristic: BleakGATTCharacteristic,
        callback: Callable[[bytearray], None],
        **_: Any,  # noqa: ANN401 - bleak's
    ) -> None:
        assert self._peer is not None
        hand_on = self._callbacks[characteristic.handle] = lambda value: callback(bytearray(value))
        prefer_notify = "notify" in characteristic.properties
        await self._do(self._peer.subscribe(characteristic.obj, hand_on, prefer_notify=prefer_notify))

    async def stop_notify(self, characteristic: BleakGATTCharacteristic) -> None:
        assert self._peer is not None
        await self._do(self._peer.unsubscribe(characteristic.obj, self._callbacks.pop(characteristic.handle, None)))

    async def pair(self, *_: Any, **__: Any) -> None:  # noqa: ANN401 - bleak's
        raise NotImplementedError

    async def unpair(self) -> None:
        raise NotImplementedError


def _service_uuids(data: core.AdvertisingData) -> list[str]:
    lists: list[Any] = [data.get(kind) or () for kind in _UUID_LISTS]
    return [_text(uuid) for uuids in lists for uuid in uuids]


def _text(uuid: core.UUID) -> str:
    return normalize_uuid_str(uuid.to_hex_str("-"))
