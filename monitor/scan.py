"""`sleepclip scan`: the clips in range, and what to put into the configuration."""

import asyncio
from collections.abc import Sequence

from rich.console import Console
from rich.table import Table

from monitor.errors import FailureError
from sensor.ble.errors import BluetoothError
from sensor.ble.radio import Found, Radio

_GOOD_DBM = -70
_FAIR_DBM = -85


def scan(seconds: float) -> None:
    """Listen for clips and print what was heard.

    Raises:
        FailureError: Bluetooth cannot be used, or no clip is in range.
    """
    waiting = Console(stderr=True)
    try:
        with waiting.status(f"Listening for {seconds:g} s, then asking for batteries …"):
            found = asyncio.run(Radio().scan(seconds))
    except BluetoothError as error:
        raise FailureError(str(error)) from error
    if not found:
        raise FailureError("no clip is in range: is it charged, switched on, close by, and not in use by a phone?")
    console = Console()
    console.print(clips_table(found))
    console.print("\nFor the configuration:\n")
    console.print(clip_tables(found), markup=False, highlight=False)


def clips_table(found: Sequence[Found]) -> Table:
    """Lay out what was heard, for people."""
    table = Table("address", "name", "family", "signal", "battery")
    for clip in found:
        family = clip.family.traits.title if clip.family else "?"
        battery = "?" if clip.battery_percent is None else f"{clip.battery_percent} %"
        table.add_row(clip.address, clip.name, family, signal_words(clip.rssi_dbm), battery)
    return table


def signal_words(rssi_dbm: int | None) -> str:
    """Say how strong a signal is."""
    if rssi_dbm is None:
        return "connected"
    quality = "good" if rssi_dbm >= _GOOD_DBM else "fair" if rssi_dbm >= _FAIR_DBM else "weak"
    return f"{rssi_dbm} dBm, {quality}"


def clip_tables(found: Sequence[Found]) -> str:
    """Write the tables of a configuration that name these clips."""
    names = ["baby"] if len(found) == 1 else [f"baby{number}" for number in range(1, len(found) + 1)]
    tables = []
    for name, clip in zip(names, found, strict=True):
        family = f'\nfamily = "{clip.family.traits.name}"' if clip.family else ""
        tables.append(f'[[clip]]\nname = "{name}"\naddress = "{clip.address}"{family}')
    return "\n\n".join(tables)
