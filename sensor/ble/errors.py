"""What goes wrong with Bluetooth, in words a parent can read: bleak's, BlueZ's and D-Bus's errors end here."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Final

from bleak.exc import BleakBluetoothNotAvailableError, BleakBluetoothNotAvailableReason, BleakDBusError, BleakError
from dbus_fast.errors import AuthError, DBusError, InvalidAddressError


class BluetoothError(Exception):
    """Something expected went wrong with the radio or the clip.

    Attributes:
        cause: what happened.
        mend: what to do about it; empty where trying again is all there is.
    """

    def __init__(self, cause: str, mend: str = "") -> None:
        super().__init__(f"{cause}: {mend}" if mend else cause)
        self.cause = cause
        self.mend = mend


class ClipError(BluetoothError):
    """The fault is the clip's, or the configuration's: the adapter works."""


DAEMON_MEND: Final = "start Bluetooth: sudo systemctl start bluetooth"
DBUS_MEND: Final = "start D-Bus: sudo systemctl start dbus"
POWER_MEND: Final = "switch it on: bluetoothctl power on (if it stays off: rfkill unblock bluetooth)"
PLUG_MEND: Final = "plug in a Bluetooth adapter; bluetoothctl list shows those that are there"
RIGHTS_MEND: Final = "allow this user: sudo usermod -aG bluetooth $USER, then log in again"
RESTART_MEND: Final = "switch the adapter off and on: bluetoothctl power off; bluetoothctl power on"

_REASONS: Final[Mapping[BleakBluetoothNotAvailableReason, tuple[str, str]]] = {
    BleakBluetoothNotAvailableReason.NO_BLUETOOTH: ("there is no Bluetooth adapter", PLUG_MEND),
    BleakBluetoothNotAvailableReason.NO_BLE_CENTRAL_ROLE: ("the Bluetooth adapter has no Low Energy", PLUG_MEND),
    BleakBluetoothNotAvailableReason.POWERED_OFF: ("the Bluetooth adapter is switched off", POWER_MEND),
    BleakBluetoothNotAvailableReason.DENIED_BY_SYSTEM: ("this user may not use Bluetooth", RIGHTS_MEND),
}
_DBUS: Final[Mapping[str, tuple[str, str]]] = {
    "org.freedesktop.DBus.Error.ServiceUnknown": ("the Bluetooth service is not running", DAEMON_MEND),
    "org.freedesktop.DBus.Error.NameHasNoOwner": ("the Bluetooth service is not running", DAEMON_MEND),
    "org.freedesktop.DBus.Error.NoReply": ("the Bluetooth service does not answer", DAEMON_MEND),
    "org.freedesktop.DBus.Error.AccessDenied": ("this user may not use Bluetooth", RIGHTS_MEND),
    "org.freedesktop.DBus.Error.UnknownObject": ("the adapter or the clip is gone", ""),
    "org.bluez.Error.NotReady": ("the Bluetooth adapter is not ready", POWER_MEND),
    "org.bluez.Error.InProgress": ("the Bluetooth adapter is busy", ""),
}

# Besides their own errors, bleak and dbus-fast let these through when the daemon, the bus or the clip goes away in the
# middle of a call (bleak-retry-connector catches the same ones).
_EXPECTED: Final = (
    BleakError,
    DBusError,
    AuthError,
    InvalidAddressError,
    OSError,
    EOFError,
    AttributeError,
    AssertionError,
    KeyError,
)


@contextmanager
def translated(doing: str) -> Iterator[None]:
    """Turn what bleak and D-Bus raise within into `BluetoothError`; `doing` is put before what has no better words."""
    try:
        yield
    except TimeoutError as error:
        raise BluetoothError(f"{doing} took too long") from error
    except _EXPECTED as error:
        raise _explained(doing, error) from error


def _explained(doing: str, error: Exception) -> BluetoothError:
    inner = error.__cause__  # bleak-retry-connector wraps the last error of its attempts
    known = _known(error) or (_known(inner) if isinstance(inner, Exception) else None)
    return BluetoothError(*(known or (f"{doing} failed ({str(inner or error) or type(error).__name__})", "")))


def _known(error: Exception) -> tuple[str, str] | None:
    match error:
        case BleakBluetoothNotAvailableError():
            return _REASONS.get(error.reason)
        case BleakDBusError():
            return _DBUS.get(error.dbus_error)
        case DBusError():
            return _DBUS.get(error.type)
        case PermissionError() | AuthError():
            return "this user may not use D-Bus", RIGHTS_MEND
        case FileNotFoundError() | ConnectionRefusedError() | InvalidAddressError():
            return "D-Bus cannot be reached", DBUS_MEND
        case _:
            return None
