"""Ten clips at 50 Hz for ten minutes on the stand-in bluetoothd: no loss, and memory stays flat."""

import asyncio
import os
import time
from pathlib import Path

from sensor.ble import LiveClip, Radio
from sensor.clips.sleepclip import SLEEPCLIP
from sensor.readings import Assembler
from sensor.stream import LinkDown
from sensor.virtual import VirtualClip
from sensor.virtual.bluez import FakeBluez, private_bus

CLIPS = 10
MINUTES = 10


def resident_mb() -> float:
    """Give the memory this process holds, MB."""
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 1e6


async def listen(live: LiveClip, assembler: Assembler, causes: list[str]) -> None:
    """Take one clip's stream."""
    async with live as stream:
        async for item in stream:
            assembler.push(item)
            if isinstance(item, LinkDown):
                causes.append(item.cause)


async def soak() -> None:
    """Run, and print the books every minute."""
    clips = [VirtualClip(SLEEPCLIP, address=f"C4:F2:17:1A:1D:{number:02X}") for number in range(CLIPS)]
    assemblers: list[Assembler] = [Assembler() for _ in clips]
    causes: list[str] = []
    async with private_bus() as address:
        os.environ["DBUS_SYSTEM_BUS_ADDRESS"] = address
        async with FakeBluez(address, clips), asyncio.TaskGroup() as group:
            radio = Radio()
            lives = [LiveClip(radio, address=clip.address) for clip in clips]
            tasks = [group.create_task(listen(*one, causes)) for one in zip(lives, assemblers, strict=True)]
            for minute in range(MINUTES + 1):
                report(minute, assemblers, causes)
                await asyncio.sleep(60 if minute < MINUTES else 0)
            for task in tasks:
                task.cancel()


def report(minute: int, assemblers: list[Assembler], causes: list[str]) -> None:
    """Print one line."""
    received, missing, doubles = (
        sum(getattr(assembler.counts, what) for assembler in assemblers) for what in ("received", "missing", "doubles")
    )
    print(
        f"minute {minute:2}: {received:7} samples, {missing} missing, {doubles} double, {len(causes)} links lost, "
        f"{resident_mb():.1f} MB, {time.process_time():.0f} s of CPU",
        flush=True,
    )


def main() -> None:
    """Print a line a minute."""
    asyncio.run(soak())
