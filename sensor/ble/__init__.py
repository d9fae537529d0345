"""Live clips over Bluetooth LE. Nothing else imports bleak.

    radio = Radio()
    async with LiveClip(radio, address="C4:F2:17:1A:1D:AA") as stream:
        async for item in stream: ...

`Radio` is one adapter: it scans and connects, one thing at a time. `LiveClip` is one clip's supervisor: find, connect,
`Session`, say why it ended, pause, again. docs/bluetooth.md tells what bleak and BlueZ really do.
"""

from sensor.ble.adapter import Check, diagnose
from sensor.ble.errors import BluetoothError
from sensor.ble.live import LiveClip
from sensor.ble.radio import Backend, Found, Radio
from sensor.ble.settings import RadioSettings

__all__ = ["Backend", "BluetoothError", "Check", "Found", "LiveClip", "Radio", "RadioSettings", "diagnose", "scan"]


async def scan(seconds: float = 10.0, *, radio: Radio | None = None, battery: bool = True) -> list[Found]:
    """Give the clips in range.

    Args:
        seconds: how long to listen.
        radio: the adapter; None for the first.
        battery: connect to each and ask for its battery.

    Raises:
        BluetoothError: it cannot scan.
    """
    return await (radio or Radio()).scan(seconds, battery=battery)
