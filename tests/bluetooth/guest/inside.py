"""Runs in the guest: virtual clips on bumble, the kernel's Bluetooth, the real bluetoothd, bleak, and our supervisors.

One line of JSON for each scenario; `test_guest.py` reads them.
"""

import asyncio
import json
import time
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager

from sensor.ble import LiveClip, Radio, RadioSettings
from sensor.ble.adapter import power_cycle
from sensor.ble.errors import BluetoothError
from sensor.clips.infinitime import INFINITIME
from sensor.clips.microbit import MICROBIT
from sensor.clips.movesense import MOVESENSE
from sensor.clips.polar import POLAR
from sensor.clips.sleepclip import SLEEPCLIP
from sensor.clips.thingy52 import THINGY52
from sensor.readings import Assembler
from sensor.stream import LinkDown, LinkUp, StreamItem
from sensor.virtual import VirtualClip
from sensor.virtual.air import Air

PATIENCE_S = 90.0  # a guest without hardware help on a busy machine
OTHERS = (POLAR, MICROBIT, THINGY52, INFINITIME)
DAEMON = "/usr/libexec/bluetooth/bluetoothd"


class Listener:
    """Takes one clip's stream."""

    def __init__(self) -> None:
        self.assembler = Assembler()
        self.causes: list[str] = []
        self.sessions = 0

    async def listen(self, stream: AsyncIterator[StreamItem]) -> None:
        """Take items until cancelled."""
        async for item in stream:
            self.assembler.push(item)
            self.sessions += isinstance(item, LinkUp)
            if isinstance(item, LinkDown):
                self.causes.append(item.cause)

    def has_told(self, cause: str) -> bool:
        """Whether this was among the causes."""
        return any(cause in told for told in self.causes)

    async def more(self, samples: int) -> None:
        """Wait for so many more samples."""
        wanted = self.assembler.counts.received + samples
        await until(lambda: self.assembler.counts.received >= wanted)


async def until(condition: Callable[[], bool]) -> None:
    """Wait for something that others do."""
    async with asyncio.timeout(PATIENCE_S):
        while not condition():  # noqa: ASYNC110 - it looks at what others do
            await asyncio.sleep(0.02)


async def bluetoothd() -> asyncio.subprocess.Process:
    """Start the daemon."""
    return await asyncio.create_subprocess_exec(DAEMON, "-n", stderr=asyncio.subprocess.DEVNULL)


async def switch_on() -> None:
    """Switch the adapter on, once bluetoothd has it."""
    async with asyncio.timeout(PATIENCE_S):
        while True:
            try:
                return await power_cycle()
            except BluetoothError:
                await asyncio.sleep(0.1)


def tell(scenario: str, began_s: float, *listeners: Listener) -> None:
    """Print what came of a scenario."""
    clips = [
        {
            "received": one.assembler.counts.received,
            "missing": one.assembler.counts.missing,
            "doubles": one.assembler.counts.doubles,
            "malformed": one.assembler.counts.malformed,
            "sessions": one.sessions,
            "causes": one.causes,
        }
        for one in listeners
    ]
    took_s = round(time.monotonic() - began_s, 2)
    print("RESULT " + json.dumps({"scenario": scenario, "took_s": took_s, "clips": clips}), flush=True)  # noqa: T201


async def main() -> None:
    """Run the scenarios, one after the other: first on two clips, then on one of every other family."""
    first = VirtualClip(SLEEPCLIP, address="C4:F2:17:1A:1D:01")
    second = VirtualClip(MOVESENSE, address="C4:F2:17:1A:1D:02")
    others = [VirtualClip(family, address=f"C4:F2:17:1A:1D:1{n}") for n, family in enumerate(OTHERS)]
    air = Air()
    async with AsyncExitStack() as stack:
        daemon = await bluetoothd()
        adapter = await stack.enter_async_context(AsyncExitStack())
        await adapter.enter_async_context(air.on_vhci())
        await switch_on()
        async with listening(air, first, second) as listeners:
            await stream_and_lose(air, first, *listeners)
            await kill_the_daemon(daemon, *listeners)
            await pull_the_adapter(air, adapter, *listeners)
        async with listening(air, *others) as listeners:
            await every_other_family(air, others, listeners)


@asynccontextmanager
async def listening(air: Air, *clips: VirtualClip) -> AsyncIterator[list[Listener]]:
    """Switch clips on, and listen to each."""
    radio, listeners = Radio(RadioSettings()), [Listener() for _ in clips]
    async with AsyncExitStack() as stack:
        for clip, listener in zip(clips, listeners, strict=True):
            await stack.enter_async_context(air.clip(clip))
            stream = await stack.enter_async_context(LiveClip(radio, address=clip.address))
            task = asyncio.create_task(listener.listen(stream))
            stack.callback(task.cancel)
        yield listeners


async def stream_and_lose(air: Air, clip: VirtualClip, one: Listener, other: Listener) -> None:
    """Stream from both; lose the link of one."""
    began_s = time.monotonic()
    await one.more(100)
    await other.more(100)
    tell("stream", began_s, one, other)

    began_s = time.monotonic()
    air.lose(clip)
    await until(lambda: one.sessions >= 2)
    await one.more(50)
    tell("link lost", began_s, one, other)


async def kill_the_daemon(daemon: asyncio.subprocess.Process, first: Listener, second: Listener) -> None:
    """Kill bluetoothd, and start it again once its absence was seen."""
    began_s = time.monotonic()
    daemon.kill()
    await daemon.wait()
    await until(lambda: all(one.has_told("sent nothing for") for one in (first, second)))
    await bluetoothd()
    await switch_on()
    await until(lambda: first.sessions >= 3 and second.sessions >= 2)
    await first.more(50)
    await second.more(50)
    tell("bluetoothd killed", began_s, first, second)


async def pull_the_adapter(air: Air, adapter: AsyncExitStack, first: Listener, second: Listener) -> None:
    """Pull the adapter and put it back."""
    began_s = time.monotonic()
    await adapter.aclose()
    await until(lambda: all(one.has_told("no Bluetooth adapter") for one in (first, second)))
    await adapter.enter_async_context(air.on_vhci())
    await switch_on()
    await until(lambda: first.sessions >= 4 and second.sessions >= 3)
    await first.more(50)
    await second.more(50)
    tell("adapter pulled", began_s, first, second)


async def every_other_family(air: Air, clips: list[VirtualClip], listeners: list[Listener]) -> None:
    """Stream from all; lose the links of all at once."""
    began_s = time.monotonic()
    for listener in listeners:
        await listener.more(20)
    tell("other families", began_s, *listeners)

    began_s = time.monotonic()
    for clip in clips:
        air.lose(clip)
    for listener in listeners:
        await until(lambda listener=listener: listener.sessions >= 2)  # type: ignore[misc]  # bound at once
        await listener.more(10)
    tell("other families lost", began_s, *listeners)


if __name__ == "__main__":
    asyncio.run(asyncio.wait_for(main(), 400))
