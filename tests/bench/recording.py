"""What a recorded night takes: megabytes for 10 h, and the time to put a packet in and to get it back."""

import tempfile
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import zstandard

from sensor.carry import carry, link_up
from sensor.clips import FAMILIES
from sensor.convert import record
from sensor.readings import Assembler
from sensor.recording import Item, Recording
from sensor.stream import Arrival, Packet

HOURS = 1.0
FACTOR = 10 / HOURS
BUDGET_MB = 8.0


def packets(name: str, noise_g: float) -> list[Item]:
    """Packets of an hour: steps of 1 mg, delayed by connection events of 30 ms and retransmissions."""
    rng = np.random.default_rng(0)
    family, start = FAMILIES[name], Arrival(at_s=86_400.0, wall_s=1.8e9)
    rate_hz = 50.0
    accel_g = np.round(rng.normal([0.1, -0.2, 0.97], noise_g, (int(3600 * HOURS * rate_hz), 3)), 3)
    felt = list(carry(accel_g, family, rate_hz, start))
    events = np.ceil(np.array([packet.at_s for packet in felt]) / 0.03) + rng.geometric(0.9, len(felt)) - 1
    arrival_s = np.maximum.accumulate(events) * 0.03 + rng.exponential(0.0005, len(felt)).cumsum() % 0.002
    stamps_s = np.round(np.maximum.accumulate(arrival_s), 6)  # as `sensor.ble` stamps them
    arrived = (
        replace(packet, at_s=at_s, wall_s=at_s + 1.8e9) for packet, at_s in zip(felt, stamps_s.tolist(), strict=True)
    )
    return [link_up(family, rate_hz, start), *arrived]


def seconds(work: Callable[[], object]) -> float:
    """Give the time a piece of work takes."""
    began = time.perf_counter()
    work()
    return time.perf_counter() - began


def main() -> None:
    """Print the figures."""
    print("put, read and time: as multiples of compressing the same bytes with zstd at once")
    print(f"{'clip':12} {'noise':>6} {'packets':>8} {'MB/10 h':>8} {'put':>6} {'read':>6} {'time':>6}")
    for name, noise_g in (("sleepclip", 0.001), ("sleepclip", 0.002), ("microbit", 0.001)):
        measure(name, noise_g)


def measure(name: str, noise_g: float) -> None:
    """Print a line."""
    items = packets(name, noise_g)
    payload = b"".join(item.data for item in items if isinstance(item, Packet))
    unit_s = seconds(lambda: zstandard.compress(payload))
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "night.mcap"
        put_s = seconds(lambda: record(path, items))
        size_mb = path.stat().st_size * FACTOR / 1e6
        read_s = seconds(lambda: list(Recording(path)))
    assembler = Assembler()
    time_s = seconds(lambda: [assembler.push(item) for item in items])
    ratios = " ".join(f"{s / unit_s:6.0f}" for s in (put_s, read_s, time_s))
    verdict = "" if size_mb <= BUDGET_MB else "over the budget"
    print(f"{name:12} {noise_g * 1000:4.0f}mg {len(items):8} {size_mb:8.2f} {ratios}  {verdict}")
