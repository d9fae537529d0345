"""Virtual clips as Bluetooth peripherals, with bumble's controllers and host: the air between is a bumble link.

    air = Air()
    async with air.clip(VirtualClip(MOVESENSE)): ...

In one process, `sensor.ble.in_process` connects to them; with a controller for BlueZ on the same air (`on_vhci`), the
real bluetoothd does. `transport` puts a clip on a real radio: `usb:0`, where BlueZ does not hold it.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from typing import Any, Final

from bumble import data_types
from bumble.controller import Controller
from bumble.core import UUID, AdvertisingData
from bumble.device import Connection, Device, DeviceConfiguration
from bumble.gatt import Characteristic, CharacteristicValue, Service
from bumble.hci import (
    HCI_CONNECTION_TIMEOUT_ERROR,
    Address,
    HCI_Disconnection_Complete_Event,
    LeFeatureMask,
)
from bumble.link import LocalLink
from bumble.transport import open_transport

from sensor.virtual.clip import VirtualClip

ADVERTISING_MS: Final = 50.0
MTU_MIN: Final = 23  # of ATT (Bluetooth Core, Vol 3, Part G, 5.2.1)

_PROPERTIES: Final = {
    "read": Characteristic.Properties.READ,
    "write": Characteristic.Properties.WRITE,
    "notify": Characteristic.Properties.NOTIFY,
    "indicate": Characteristic.Properties.INDICATE,
}


class Air:
    """Radio waves: whatever is on one can hear each other."""

    def __init__(self) -> None:
        self.link = LocalLink()  # type: ignore[no-untyped-call]  # bumble
        self._controllers: dict[VirtualClip, Controller] = {}

    def controller(self, name: str, **endpoints: Any) -> Controller:  # noqa: ANN401 - bumble's
        """Make a controller on this air."""
        return Controller(name, link=self.link, **endpoints)

    @asynccontextmanager
    async def on_vhci(self) -> AsyncIterator[None]:
        """Give the kernel's Bluetooth a controller on this air (Linux, root, module hci_vhci).

        It does not offer privacy and extended advertising: with them, bumble's controller fails BlueZ (issue 841).
        """
        async with await open_transport("vhci") as endpoints:
            controller = self.controller("bluez", host_source=endpoints.source, host_sink=endpoints.sink)
            controller.le_features &= ~(LeFeatureMask.LL_PRIVACY | LeFeatureMask.LE_EXTENDED_ADVERTISING)
            try:
                yield
            finally:
                for clip in self._controllers:
                    self.lose(clip)
                self.link.remove_controller(controller)

    @asynccontextmanager
    async def clip(self, clip: VirtualClip) -> AsyncIterator[None]:
        """Switch a clip on."""
        controller = self._controllers[clip] = self.controller(clip.name)
        async with peripheral(clip, controller, controller):
            try:
                yield
            finally:
                self.link.remove_controller(controller)
                del self._controllers[clip]

    def lose(self, clip: VirtualClip) -> None:
        """Lose the link as a radio does: both ends are told of a supervision time-out."""
        theirs = self._controllers[clip]
        for controller in self.link.controllers:
            for address, connection in list(controller.le_connections.items()):
                if controller is theirs or address == Address(clip.address):
                    del controller.le_connections[address]
                    controller.send_hci_packet(
                        HCI_Disconnection_Complete_Event(
                            status=0, connection_handle=connection.handle, reason=HCI_CONNECTION_TIMEOUT_ERROR
                        )
                    )


@asynccontextmanager
async def peripheral(clip: VirtualClip, source: Any, sink: Any) -> AsyncIterator[None]:  # noqa: ANN401 - bumble's
    """Run a clip on a controller: advertise, and serve whoever connects."""
    config = DeviceConfiguration(
        name=clip.name,
        address=Address(clip.address),
        advertising_interval_min=ADVERTISING_MS,
        advertising_interval_max=ADVERTISING_MS,
    )
    device = Device.from_config_with_hci(config, source, sink)
    _Server(device, clip)
    await device.power_on()
    await device.start_advertising(auto_restart=True)
    running = asyncio.create_task(clip.run())
    try:
        yield
    finally:
        running.cancel()
        with suppress(asyncio.CancelledError):
            await running
        clip.link_down()
        await device.power_off()


class _Server:
    """The clip's GATT server."""

    def __init__(self, device: Device, clip: VirtualClip) -> None:
        self._device, self._clip = device, clip
        self._characteristics: dict[str, Characteristic[bytes]] = {}
        self._out: asyncio.Queue[tuple[str, bytes]] = asyncio.Queue()
        device.gatt_server.max_mtu = clip.mtu
        device.add_services([self._service(uuid, table) for uuid, table in clip.services.items()])
        device.advertising_data = bytes(_advertisement(clip))
        device.on("connection", self._on_connection)

    def _service(self, uuid: str, table: Any) -> Service:  # noqa: ANN401 - VirtualClip.services
        for name, flags in table.items():
            self._characteristics[name] = self._characteristic(name, flags)
        return Service(uuid, [self._characteristics[name] for name in table])

    def _characteristic(self, uuid: str, flags: tuple[str, ...]) -> "Characteristic[bytes]":
        properties = Characteristic.Properties(0)
        for flag in flags:
            properties |= _PROPERTIES[flag]
        value = CharacteristicValue(
            read=lambda _: self._clip.read(uuid), write=lambda _, value: self._clip.write(uuid, bytes(value))
        )
        rights = Characteristic.Permissions.READABLE | Characteristic.Permissions.WRITEABLE
        characteristic: Characteristic[bytes] = Characteristic(uuid, properties, rights, value)
        characteristic.on(
            "subscription", lambda _, notify, indicate: self._clip.subscribe(uuid, on=bool(notify or indicate))
        )
        return characteristic

    def _on_connection(self, connection: Connection) -> None:
        self._out = asyncio.Queue()
        self._clip.link_up(lambda uuid, data: self._out.put_nowait((uuid, data)), MTU_MIN)
        connection.on("connection_att_mtu_update", lambda: setattr(self._clip, "mtu", connection.att_mtu))
        sender = asyncio.create_task(self._send(connection))
        connection.on("disconnection", lambda _: self._on_disconnection(sender))

    def _on_disconnection(self, sender: asyncio.Task[None]) -> None:
        sender.cancel()
        self._clip.link_down()

    async def _send(self, connection: Connection) -> None:
        """Send what the clip has to say, in order."""
        while True:
            uuid, data = await self._out.get()
            characteristic = self._characteristics[uuid]
            if characteristic.properties & Characteristic.Properties.INDICATE:
                await self._device.indicate_subscriber(connection, characteristic, data)
            else:
                await self._device.notify_subscriber(connection, characteristic, data)


def _advertisement(clip: VirtualClip) -> AdvertisingData:
    """Flags, service and name, as far as 31 bytes reach: a long name goes without the service."""
    flags = AdvertisingData.Flags.LE_GENERAL_DISCOVERABLE_MODE | AdvertisingData.Flags.BR_EDR_NOT_SUPPORTED
    parts: list[Any] = [data_types.Flags(flags), data_types.CompleteLocalName(clip.name)]
    if clip.advertised:
        parts.append(data_types.IncompleteListOf128BitServiceUUIDs([UUID(uuid) for uuid in clip.advertised]))
    while len(bytes(AdvertisingData(parts))) > 31:  # noqa: PLR2004 - Bluetooth Core, Vol 3, Part C, 11
        parts.pop()
    return AdvertisingData(parts)
