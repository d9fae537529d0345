"""How long until packets come again once the radio is back: the settings in use, on the stand-in bluetoothd."""

import asyncio
import os
import statistics
import time
from collections.abc import AsyncIterator, Awaitable, Callable

from sensor.ble import LiveClip, Radio
from sensor.clips.sleepclip import SLEEPCLIP
from sensor.stream import LinkUp, StreamItem
from sensor.virtual import VirtualClip
from sensor.virtual.bluez import FakeBluez, private_bus

TIMES = 5
AWAY_S = 8.0

Fault = Callable[[], Awaitable[None]]


async def recovery_s(stream: AsyncIterator[StreamItem], begin: Fault, end: Fault, away_s: float) -> float:
    """Break it, mend it after `away_s`, and give the seconds from the mend to the first packets."""

    async def mended() -> float:
        await begin()
        await asyncio.sleep(away_s)
        await end()
        return time.monotonic()

    mending = asyncio.create_task(mended())
    async for item in stream:
        if isinstance(item, LinkUp) and mending.done():
            return time.monotonic() - mending.result()
    raise AssertionError("the stream of a live clip never ends")


async def measure() -> None:
    """Print the median for each fault."""
    async with private_bus() as address:
        os.environ["DBUS_SYSTEM_BUS_ADDRESS"] = address
        clip = VirtualClip(SLEEPCLIP)
        async with FakeBluez(address, [clip]) as daemon, LiveClip(Radio(), address=clip.address) as stream:
            while not isinstance(await anext(stream), LinkUp):
                pass
            for name, begin, end, away_s in faults(daemon, clip):
                took_s = [await recovery_s(stream, begin, end, away_s) for _ in range(TIMES)]
                print(f"{name:32} median {statistics.median(took_s):5.2f} s, longest {max(took_s):5.2f} s")


def faults(daemon: FakeBluez, clip: VirtualClip) -> list[tuple[str, Fault, Fault, float]]:
    """Give the faults: how each begins, how it ends, and after how long."""

    async def lose() -> None:
        daemon.lose(clip)

    async def out_of_range() -> None:
        daemon.unheard.add(clip)
        daemon.lose(clip)

    async def in_range() -> None:
        daemon.unheard.clear()

    async def pull() -> None:
        daemon.pull()

    async def plug() -> None:
        daemon.plug()

    async def nothing() -> None:
        return

    return [
        ("link lost", lose, nothing, 0.0),
        ("out of range for 8 s", out_of_range, in_range, AWAY_S),
        ("adapter pulled for 8 s", pull, plug, AWAY_S),
        ("bluetoothd killed, gone for 8 s", daemon.kill, daemon.start, AWAY_S),
    ]


def main() -> None:
    """Print the figures: about three minutes."""
    asyncio.run(measure())
