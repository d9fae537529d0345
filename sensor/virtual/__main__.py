"""A clip to try the program with, without hardware: `python -m sensor.virtual --help`."""

import argparse
import asyncio
import signal
import sys

from sensor.clips import FAMILIES
from sensor.simulator import SCENARIOS, simulate
from sensor.virtual.bluez import FakeBluez, private_bus
from sensor.virtual.clip import VirtualClip

_HOW = """switches a clip on that is not there, behind a stand-in for the Bluetooth service on a bus of its own.
Put the line it prints into another terminal, and start sleepclip scan or sleepclip run there."""


def main() -> None:
    """Run a clip until interrupted."""
    parser = argparse.ArgumentParser(prog="python -m sensor.virtual", description=_HOW)
    parser.add_argument("--clip", choices=FAMILIES, default="sleepclip", help="its family")
    parser.add_argument("--scenario", choices=SCENARIOS, default="rhythmic-awake", help="what the baby does")
    parser.add_argument("--seed", type=int, default=1, help="which baby")
    asked = parser.parse_args()
    simulation = simulate(asked.scenario, seed=asked.seed, family=asked.clip)
    clip = VirtualClip(FAMILIES[asked.clip], movement_g=simulation.accel_g, movement_hz=simulation.rate_hz)
    asyncio.run(_on(clip))
    sys.stdout.write("\nThe clip is off.\n")


async def _on(clip: VirtualClip) -> None:
    stop = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    async with private_bus() as address, FakeBluez(address, [clip]):
        sys.stdout.write(f"export DBUS_SYSTEM_BUS_ADDRESS='{address}'\n{clip.name}, {clip.address}. Ctrl-C ends it.\n")
        sys.stdout.flush()
        await stop.wait()


if __name__ == "__main__":
    main()
