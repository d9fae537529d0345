"""The adapter over D-Bus: is all there, and is it on? And off and on again, where that is permitted."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any, Final

from dbus_fast import BusType, Message, MessageType, Variant
from dbus_fast.aio import MessageBus
from dbus_fast.errors import DBusError

from sensor.ble.errors import DAEMON_MEND, PLUG_MEND, POWER_MEND, RESTART_MEND, BluetoothError, translated

_BLUEZ: Final = "org.bluez"
_ADAPTER: Final = "org.bluez.Adapter1"
_DEVICE: Final = "org.bluez.Device1"
_PROPERTIES: Final = "org.freedesktop.DBus.Properties"
_ANSWER_S: Final = 10.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Check:
    """One line of a diagnosis.

    Attributes:
        what: was looked at.
        good: whether it is as it should be.
        found: what was found.
        mend: what to do if it is not.
    """

    what: str
    good: bool
    found: str
    mend: str = ""


async def diagnose(adapter: str = "") -> list[Check]:
    """Look at D-Bus, the Bluetooth service and the adapter, in this order; the first that is not good ends it."""
    try:
        async with _bus() as bus:
            checks = [Check(what="D-Bus", good=True, found="reachable")]
            if not await _owned(bus):
                mend = DAEMON_MEND
                return [*checks, Check(what="Bluetooth service", good=False, found="bluetoothd not running", mend=mend)]
            checks.append(Check(what="Bluetooth service", good=True, found="bluetoothd running"))
            return [*checks, _adapter_check(await _adapters(bus), adapter)]
    except BluetoothError as error:
        return [Check(what="D-Bus", good=False, found=error.cause, mend=error.mend)]


async def power_cycle(adapter: str = "") -> None:
    """Switch the adapter off and on.

    Args:
        adapter: `hci0` and the like; empty for the first.

    Raises:
        BluetoothError: there is none, or it is not permitted.
    """
    async with _bus() as bus:
        names = sorted(await _adapters(bus))
        name = adapter or (names[0] if names else "")
        if name not in names:
            raise BluetoothError(f"there is no Bluetooth adapter {name}".rstrip(), PLUG_MEND)
        for powered in (False, True):
            try:
                await _call(bus, f"/org/bluez/{name}", "Set", "ssv", [_ADAPTER, "Powered", Variant("b", powered)])
            except BluetoothError as error:
                raise BluetoothError(f"the Bluetooth adapter does not work ({error.cause})", RESTART_MEND) from error


async def held_devices(adapter: str = "") -> list[dict[str, Any]]:
    """Give the devices BlueZ holds connected now, on this adapter or on any: their properties, and "Path".

    bleak's own answer comes from a memory that outlives a daemon that was killed.

    Raises:
        BluetoothError: BlueZ does not answer.
    """
    async with _bus() as bus:
        objects = await _objects(bus)
    held = (
        {"Path": path} | {name: value.value for name, value in interfaces[_DEVICE].items()}
        for path, interfaces in objects.items()
        if _DEVICE in interfaces
    )
    return [one for one in held if one.get("Connected") and adapter in ("", one["Path"].split("/")[3])]


def _adapter_check(adapters: dict[str, bool], wanted: str) -> Check:
    what = "Bluetooth adapter"
    if not adapters or (wanted and wanted not in adapters):
        found = f"no {wanted or 'adapter'}; there is {', '.join(sorted(adapters)) or 'none'}"
        return Check(what=what, good=False, found=found, mend=PLUG_MEND)
    on = [name for name in sorted(adapters) if adapters[name] and wanted in ("", name)]
    if not on:
        return Check(what=what, good=False, found=f"{wanted or min(adapters)} is switched off", mend=POWER_MEND)
    return Check(what=what, good=True, found=f"{on[0]} is on")


@asynccontextmanager
async def _bus() -> AsyncIterator[MessageBus]:
    with translated("reaching D-Bus"):
        bus = MessageBus(bus_type=BusType.SYSTEM)
        try:
            async with asyncio.timeout(_ANSWER_S):
                await bus.connect()
        except BaseException:
            bus.disconnect()
            raise
    try:
        yield bus
    finally:
        bus.disconnect()


async def _owned(bus: MessageBus) -> bool:
    message = Message(
        destination="org.freedesktop.DBus",
        path="/org/freedesktop/DBus",
        interface="org.freedesktop.DBus",
        member="NameHasOwner",
        signature="s",
        body=[_BLUEZ],
    )
    return bool((await _answer(bus, message))[0])


async def _adapters(bus: MessageBus) -> dict[str, bool]:
    """Give the adapters' names, and whether each is on."""
    return {
        path.rsplit("/", 1)[1]: bool(interfaces[_ADAPTER]["Powered"].value)
        for path, interfaces in (await _objects(bus)).items()
        if _ADAPTER in interfaces
    }


async def _objects(bus: MessageBus) -> dict[str, dict[str, dict[str, Variant]]]:
    """Give BlueZ's objects: properties, by interface, by path."""
    message = Message(
        destination=_BLUEZ, path="/", interface="org.freedesktop.DBus.ObjectManager", member="GetManagedObjects"
    )
    objects: dict[str, dict[str, dict[str, Variant]]] = (await _answer(bus, message))[0]
    return objects


async def _call(bus: MessageBus, path: str, member: str, signature: str, body: list[Any]) -> list[Any]:
    message = Message(
        destination=_BLUEZ, path=path, interface=_PROPERTIES, member=member, signature=signature, body=body
    )
    return await _answer(bus, message)


async def _answer(bus: MessageBus, message: Message) -> list[Any]:
    with translated(f"{message.member} of Bluetooth"):
        async with asyncio.timeout(_ANSWER_S):
            reply = await bus.call(message)
        if reply.message_type is MessageType.ERROR:
            raise DBusError(reply.error_name or "org.bluez.Error.Failed", " ".join(map(str, reply.body)))
        return list(reply.body)
