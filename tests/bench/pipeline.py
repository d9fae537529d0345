"""From a clip's notification to the MQTT message at a subscriber: the whole program's way, beside a bare publish.

Decoder, clock, resampler, detector, policy, recording, outbox on disk, publisher and broker, on a simulated stream with
many events, fed at some 25 times its pace. The budget is a p99 of 20 ms beyond the rule's own delay, which is in the
stream and not in these times.
"""

import asyncio
import tempfile
import time
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

import aiomqtt
import msgspec
import numpy as np

from alerts.homeassistant import Device
from alerts.mqtt import BrokerSettings
from alerts.outbox import OutboxSettings
from alerts.service import AlertService, ServedClip, ServiceSettings
from monitor.clock import LiveTime
from monitor.config import Config
from monitor.keeping import NightKeeper
from monitor.nights import RecordingSettings
from monitor.pipeline import Pipeline
from processing.events import Event
from sensor.simulator import simulate
from sensor.stream import StreamItem
from tests.bench.alerts import bare, broker, client

SETTLED = 2300
"""Packets until sleep is known and the first jerks come."""
PACE_S = 0.008


async def way(broker_settings: BrokerSettings, folder: Path, items: Sequence[StreamItem]) -> list[float]:
    """Time notifications until a subscriber has the events they completed, seconds."""
    config = Config()
    pipeline = Pipeline(config.detector, config.policy, config.conditions)
    clip = ServedClip(device=Device(clip="bench"), policy=pipeline.policy, time=LiveTime(time.monotonic()))
    settings = ServiceSettings(mqtt=broker_settings, outbox=OutboxSettings(path=str(folder / "outbox.db")))
    keeper = NightKeeper("bench", RecordingSettings(directory=str(folder), min_free_mb=10), lambda *_: None)
    notified_s: dict[tuple[str, bool], float] = {}
    took_s: list[float] = []
    async with client(broker_settings) as subscriber, AlertService(settings, [clip]) as service:
        await subscriber.subscribe("sleepclip/bench/event", qos=1)
        tasks = [asyncio.create_task(keeper.keep()), asyncio.create_task(_receive(subscriber, notified_s, took_s))]
        service.put("bench", pipeline.push_all(items[:SETTLED]))
        for item in items[SETTLED:]:
            await asyncio.sleep(PACE_S)
            began_s = time.perf_counter()
            keeper.push(item)  # type: ignore[arg-type]  # the simulator's radio gives packets
            outputs = pipeline.push(item)
            notified_s |= {(o.id, o.open): began_s for o in outputs if isinstance(o, Event)} | notified_s
            service.put("bench", outputs)
        await asyncio.sleep(1)
        for task in tasks:
            task.cancel()
            with suppress(asyncio.CancelledError):
                await task
    return took_s


async def _receive(subscriber: aiomqtt.Client, notified_s: dict[tuple[str, bool], float], took_s: list[float]) -> None:
    async for message in subscriber.messages:
        event = msgspec.json.decode(bytes(message.payload))
        began_s = notified_s.get((event["id"].partition(":")[2], event["open"]))
        if began_s is not None:
            took_s.append(time.perf_counter() - began_s)


async def measure() -> None:
    """Print both, and their ratio."""
    items = simulate("twitches", seed=1).items
    with tempfile.TemporaryDirectory() as name:
        async with broker(Path(name)) as settings:
            plain_ms = 1000 * np.array(await bare(settings))
            way_ms = 1000 * np.array(await way(settings, Path(name), items))
    for what, took_ms in (("bare publish to subscriber", plain_ms), ("notification to subscriber", way_ms)):
        p50, p99 = np.percentile(took_ms, [50, 99])
        print(f"{what:30} p50 {p50:6.2f} ms   p99 {p99:6.2f} ms   of {len(took_ms)}")
    print(f"{'p99 of the budget of 20 ms':30} {np.percentile(way_ms, 99) / 20:.2f}")
    print(f"{'p50 over the bare publish':30} {np.median(way_ms) / np.median(plain_ms):.1f}")


def main() -> None:
    """Run it."""
    asyncio.run(measure())
