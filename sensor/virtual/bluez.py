"""A stand-in for bluetoothd on a private D-Bus, with virtual clips in range: for bleak as it is, in any process.

    async with private_bus() as address:              # DBUS_SYSTEM_BUS_ADDRESS for the program under test
        async with FakeBluez(address, [clip]) as bluez: ...

It behaves as BlueZ 5.66 was seen to: docs/bluetooth.md. Only what bleak uses is there.
"""

import asyncio
import tempfile
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine, Iterable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Any, Final, Self

from dbus_fast import Message, MessageType, NameFlag, Variant
from dbus_fast.aio import MessageBus

from sensor.virtual.clip import VirtualClip

ADAPTER: Final = "org.bluez.Adapter1"
DEVICE: Final = "org.bluez.Device1"
SERVICE: Final = "org.bluez.GattService1"
CHARACTERISTIC: Final = "org.bluez.GattCharacteristic1"
OBJECTS: Final = "org.freedesktop.DBus.ObjectManager"
PROPERTIES: Final = "org.freedesktop.DBus.Properties"
ADAPTER_PATH: Final = "/org/bluez/hci0"
ADVERTISE_S: Final = 0.1
CONNECT_S: Final = 0.02
DISCOVER_S: Final = 0.04

_CONFIG: Final = """<!DOCTYPE busconfig PUBLIC "-//freedesktop//DTD D-Bus Bus Configuration 1.0//EN"
 "http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd">
<busconfig>
  <type>system</type><listen>unix:tmpdir=/tmp</listen><auth>EXTERNAL</auth>
  <policy context="default">
    <allow send_destination="*" eavesdrop="true"/><allow eavesdrop="true"/><allow own="*"/>
  </policy>
</busconfig>
"""

Answer = tuple[str, list[Any]]
Interfaces = dict[str, dict[str, Variant]]
NOTHING: Final[Answer] = ("", [])


class BluezError(Exception):
    """An error to answer a call with.

    Args:
        name: of the error; without a dot, one of org.bluez.Error.
        text: its message.
    """

    def __init__(self, name: str, text: str = "") -> None:
        super().__init__(text)
        self.name = name if "." in name else f"org.bluez.Error.{name}"


@asynccontextmanager
async def private_bus() -> AsyncIterator[str]:
    """Run a dbus-daemon of our own and give its address.

    Raises:
        FileNotFoundError: dbus-daemon is not installed.
    """
    with tempfile.TemporaryDirectory() as folder:
        config = Path(folder) / "bus.conf"
        config.write_text(_CONFIG)
        daemon = await asyncio.create_subprocess_exec(
            "dbus-daemon",
            "--nofork",
            "--nopidfile",
            "--print-address=1",
            f"--config-file={config}",
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.DEVNULL,
        )
        assert daemon.stdout is not None
        try:
            yield (await daemon.stdout.readline()).decode().strip()
        finally:
            daemon.terminate()
            await daemon.wait()


@dataclass(slots=True)
class _Device:
    """One clip as BlueZ sees it."""

    clip: VirtualClip
    path: str
    connected: bool = False
    subscribers: dict[str, set[str]] = field(default_factory=dict)  # D-Bus names, by characteristic
    kept: dict[str, set[str]] = field(default_factory=dict)  # who comes back unasked with the next connection
    paths: dict[str, str] = field(default_factory=dict)  # of the characteristics, by UUID


class FakeBluez:
    """The daemon. Faults are attributes and methods, at any time.

    Args:
        address: of the D-Bus.
        clips: in range.

    Attributes:
        fail: errors for the next calls of a method, by its name: `fail["Connect"] = [BluezError("Failed")]`.
        unanswered: methods whose calls get no answer.
        unheard: clips that are not advertising, or out of range.
        late_s: the answers to Connect and Disconnect overtake the property by so much, as seen with BlueZ 5.66.
        calls: methods called so far.
    """

    def __init__(self, address: str, clips: Iterable[VirtualClip]) -> None:
        self._address = address
        self._clips = list(clips)
        self.fail: dict[str, list[BluezError]] = {}
        self.unanswered: set[str] = set()
        self.unheard: set[VirtualClip] = set()
        self.late_s = 0.0
        self.calls: list[str] = []
        self._tasks: set[asyncio.Task[None]] = set()
        self._bus: MessageBus | None = None
        self._objects: dict[str, Interfaces] = {}
        self._devices: dict[str, _Device] = {}
        self._scanners: set[str] = set()
        self._methods: Mapping[str, Callable[[Message], Awaitable[Answer]]] = {
            "GetManagedObjects": self._get_managed_objects,
            "Set": self._set_property,
            "SetDiscoveryFilter": self._set_discovery_filter,
            "StartDiscovery": self._start_discovery,
            "StopDiscovery": self._stop_discovery,
            "Connect": self._connect,
            "Disconnect": self._disconnect,
            "ReadValue": self._read_value,
            "WriteValue": self._write_value,
            "StartNotify": self._start_notify,
            "StopNotify": self._stop_notify,
        }

    async def __aenter__(self) -> Self:
        """Start the daemon, and the clips."""
        for clip in self._clips:
            self._begin(clip.run())
        self._begin(self._advertise())
        await self.start()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None, /
    ) -> None:
        """Stop all."""
        tasks = list(self._tasks)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await self.kill()

    async def start(self) -> None:
        """Start the daemon anew: it knows no device."""
        self._devices = {_path(clip): _Device(clip, _path(clip)) for clip in self._clips}
        self._scanners.clear()
        self._objects.clear()
        self._bus = await MessageBus(bus_address=self._address, negotiate_unix_fd=True).connect()
        self._bus.add_message_handler(self._on_message)
        watch = Message(
            destination="org.freedesktop.DBus",
            path="/org/freedesktop/DBus",
            interface="org.freedesktop.DBus",
            member="AddMatch",
            signature="s",
            body=["type='signal',member='NameOwnerChanged'"],
        )
        await self._bus.call(watch)
        await self._bus.request_name("org.bluez", NameFlag.DO_NOT_QUEUE)
        self.plug()

    async def kill(self) -> None:
        """Kill the daemon: the links end, and nobody is told."""
        for device in self._devices.values():
            device.clip.link_down()
        bus, self._bus = self._bus, None
        if bus is not None:
            bus.disconnect()
            await bus.wait_for_disconnect()  # type: ignore[no-untyped-call]  # dbus-fast

    def plug(self) -> None:
        """Put the adapter in."""
        properties = {
            "Address": Variant("s", "00:00:5E:00:53:01"),
            "AddressType": Variant("s", "public"),
            "Name": Variant("s", "fake"),
            "Alias": Variant("s", "fake"),
            "Powered": Variant("b", True),  # noqa: FBT003 - a value
            "Discovering": Variant("b", False),  # noqa: FBT003 - a value
            "UUIDs": Variant("as", []),
            "Roles": Variant("as", ["central", "peripheral"]),
        }
        self._export(ADAPTER_PATH, {ADAPTER: properties})

    def pull(self) -> None:
        """Pull the adapter out."""
        for device in self._devices.values():
            self._drop(device)
            self._remove(device.path)
        self._scanners.clear()
        self._remove(ADAPTER_PATH)

    def lose(self, clip: VirtualClip) -> None:
        """Lose the link to a clip, as by a supervision time-out."""
        self._drop(self._devices[_path(clip)])

    async def connect_for_another(self, clip: VirtualClip) -> None:
        """Leave a clip connected that was heard before, as a program does that is killed."""
        self._link_up(self._devices[_path(clip)])
        await asyncio.sleep(2 * DISCOVER_S)

    def _begin(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    # Objects and signals

    def _export(self, path: str, interfaces: Interfaces) -> None:
        self._objects.setdefault(path, {}).update(interfaces)
        self._signal("/", OBJECTS, "InterfacesAdded", "oa{sa{sv}}", [path, interfaces])

    def _remove(self, path: str) -> None:
        if (interfaces := self._objects.pop(path, None)) is not None:
            self._signal("/", OBJECTS, "InterfacesRemoved", "oas", [path, list(interfaces)])

    def _change(self, path: str, interface: str, **properties: Variant) -> None:
        if path in self._objects:
            self._objects[path][interface].update(properties)
            self._signal(path, PROPERTIES, "PropertiesChanged", "sa{sv}as", [interface, properties, []])

    def _signal(self, path: str, interface: str, member: str, signature: str, body: list[Any]) -> None:
        if self._bus is not None:
            self._bus.send(Message.new_signal(path, interface, member, signature, body))

    # The air

    async def _advertise(self) -> None:
        while True:
            await asyncio.sleep(ADVERTISE_S)
            if not self._scanners:
                continue
            for device in self._devices.values():
                if device.clip not in self.unheard and not device.connected:
                    self._hear(device)

    def _hear(self, device: _Device) -> None:
        if device.path in self._objects:
            self._change(device.path, DEVICE, RSSI=Variant("n", -60))
            return
        clip = device.clip
        no = Variant("b", False)  # noqa: FBT003 - a value
        properties = {
            "Address": Variant("s", clip.address),
            "AddressType": Variant("s", "random"),
            "Name": Variant("s", clip.name),
            "Alias": Variant("s", clip.name),
            "Paired": no,
            "Bonded": no,
            "Trusted": no,
            "Blocked": no,
            "LegacyPairing": no,
            "Connected": no,
            "ServicesResolved": no,
            "UUIDs": Variant("as", list(clip.advertised)),
            "Adapter": Variant("o", ADAPTER_PATH),
            "RSSI": Variant("n", -60),
        }
        self._export(device.path, {DEVICE: properties})

    def _drop(self, device: _Device) -> None:
        if not device.connected:
            return
        device.connected = False
        device.clip.link_down()
        device.kept, device.subscribers = device.subscribers, {}
        no = Variant("b", False)  # noqa: FBT003 - a value
        self._change(device.path, DEVICE, ServicesResolved=no)
        self._change(device.path, DEVICE, Connected=no)
        for path in sorted((path for path in self._objects if path.startswith(f"{device.path}/")), reverse=True):
            self._remove(path)

    async def _drop_late(self, device: _Device) -> None:
        await asyncio.sleep(self.late_s)
        self._drop(device)

    async def _resolve(self, device: _Device) -> None:
        """Discover the services; whoever subscribed before and is still on the bus is subscribed again, unasked."""
        await asyncio.sleep(self.late_s)
        yes = Variant("b", True)  # noqa: FBT003 - a value
        if device.connected:
            self._change(device.path, DEVICE, Connected=yes)
        await asyncio.sleep(DISCOVER_S)
        if not device.connected:
            return
        handle = 9
        for service, characteristics in device.clip.services.items():
            handle += 1
            path = f"{device.path}/service{handle:04x}"
            self._export(path, {SERVICE: _service(service, device.path)})
            for uuid, flags in characteristics.items():
                handle += 2
                device.paths[uuid] = f"{path}/char{handle:04x}"
                self._export(device.paths[uuid], {CHARACTERISTIC: _characteristic(uuid, path, flags)})
        device.subscribers, device.kept = device.kept, {}
        for uuid in device.subscribers:
            device.clip.subscribe(uuid, on=True)
        self._change(device.path, DEVICE, UUIDs=Variant("as", list(device.clip.services)), ServicesResolved=yes)

    def _notify(self, device: _Device, uuid: str, data: bytes) -> None:
        """Signal a value, once for every subscriber, as BlueZ does."""
        for _ in device.subscribers.get(uuid, ()):
            self._change(device.paths[uuid], CHARACTERISTIC, Value=Variant("ay", data))

    # Calls

    def _on_message(self, message: Message) -> bool | None:
        if message.message_type is MessageType.SIGNAL and message.member == "NameOwnerChanged":
            name, _, owner = message.body
            if not owner:
                self._forget(name)
            return None
        if message.message_type is not MessageType.METHOD_CALL or message.member not in self._methods:
            return None
        self._begin(self._handle(message))
        return True

    def _forget(self, name: str) -> None:
        """Drop what a program that left the bus had asked for."""
        self._scanners.discard(name)
        for device in self._devices.values():
            for uuid, names in [*device.subscribers.items(), *device.kept.items()]:
                names.discard(name)
                if not names and device.subscribers.pop(uuid, None) is not None:
                    device.clip.subscribe(uuid, on=False)

    async def _handle(self, message: Message) -> None:
        assert message.member is not None
        self.calls.append(message.member)
        if message.member in self.unanswered:
            return
        try:
            self._refuse(message)
            reply = Message.new_method_return(message, *await self._methods[message.member](message))
        except BluezError as error:
            reply = Message.new_error(message, error.name, str(error))
        if self._bus is not None:
            self._bus.send(reply)

    def _refuse(self, message: Message) -> None:
        """Raise the error that is due for this call, if any."""
        if due := self.fail.get(str(message.member)):
            raise due.pop(0)
        if message.path not in self._objects and message.path != "/":
            raise BluezError("org.freedesktop.DBus.Error.UnknownObject", "no such object")

    async def _get_managed_objects(self, _: Message) -> Answer:
        return "a{oa{sa{sv}}}", [self._objects]

    async def _set_property(self, message: Message) -> Answer:
        interface, name, value = message.body
        if (interface, name) == (ADAPTER, "Powered") and not value.value:
            self._scanners.clear()
            for device in self._devices.values():
                self._drop(device)
        self._change(str(message.path), interface, **{name: value})
        return NOTHING

    async def _set_discovery_filter(self, _: Message) -> Answer:
        return NOTHING

    async def _start_discovery(self, message: Message) -> Answer:
        if not self._objects[ADAPTER_PATH][ADAPTER]["Powered"].value:
            raise BluezError("NotReady", "Resource Not Ready")
        if message.sender in self._scanners:
            raise BluezError("InProgress", "Operation already in progress")
        self._scanners.add(str(message.sender))
        return NOTHING

    async def _stop_discovery(self, message: Message) -> Answer:
        if message.sender not in self._scanners:
            raise BluezError("Failed", "No discovery started")
        self._scanners.discard(str(message.sender))
        return NOTHING

    async def _connect(self, message: Message) -> Answer:
        device = self._devices[str(message.path)]
        await asyncio.sleep(CONNECT_S)
        if device.clip in self.unheard:
            raise BluezError("Failed", "le-connection-abort-by-local")
        if not device.connected:
            self._link_up(device)
        return NOTHING

    def _link_up(self, device: _Device) -> None:
        device.connected = True
        device.clip.link_up(lambda uuid, data: self._notify(device, uuid, data), device.clip.mtu)
        self._begin(self._resolve(device))
        if not self.late_s:
            self._change(device.path, DEVICE, Connected=Variant("b", True))  # noqa: FBT003 - a value

    async def _disconnect(self, message: Message) -> Answer:
        self._begin(self._drop_late(self._devices[str(message.path)]))
        return NOTHING

    async def _read_value(self, message: Message) -> Answer:
        device, uuid = self._characteristic(message)
        value = device.clip.read(uuid)
        self._change(str(message.path), CHARACTERISTIC, Value=Variant("ay", value))
        return "ay", [value]

    async def _write_value(self, message: Message) -> Answer:
        device, uuid = self._characteristic(message)
        device.clip.write(uuid, bytes(message.body[0]))
        return NOTHING

    async def _start_notify(self, message: Message) -> Answer:
        device, uuid = self._characteristic(message)
        device.subscribers.setdefault(uuid, set()).add(str(message.sender))
        device.clip.subscribe(uuid, on=True)
        return NOTHING

    async def _stop_notify(self, message: Message) -> Answer:
        device, uuid = self._characteristic(message)
        device.subscribers.pop(uuid, None)
        device.clip.subscribe(uuid, on=False)
        return NOTHING

    def _characteristic(self, message: Message) -> tuple[_Device, str]:
        path = str(message.path)
        return self._devices[path.rsplit("/", 2)[0]], self._objects[path][CHARACTERISTIC]["UUID"].value


def _path(clip: VirtualClip) -> str:
    return f"{ADAPTER_PATH}/dev_{clip.address.replace(':', '_')}"


def _service(uuid: str, device_path: str) -> dict[str, Variant]:
    return {
        "UUID": Variant("s", uuid),
        "Device": Variant("o", device_path),
        "Primary": Variant("b", True),  # noqa: FBT003 - a value
        "Includes": Variant("ao", []),
    }


def _characteristic(uuid: str, service_path: str, flags: Iterable[str]) -> dict[str, Variant]:
    return {
        "UUID": Variant("s", uuid),
        "Service": Variant("o", service_path),
        "Value": Variant("ay", b""),
        "Flags": Variant("as", list(flags)),
        "MTU": Variant("q", 247),  # whatever it really is: BlueZ does not keep it up to date
        "Notifying": Variant("b", False),  # noqa: FBT003 - a value
    }
