"""From an event of the detector to the MQTT message at a subscriber: policy, outbox on disk, publisher, broker.

Against a bare publish over the same broker in the same run. The budget of the whole way, from the notification of the
clip on and beyond the rule's own delay, is a p99 of 20 ms.
"""

import asyncio
import contextlib
import shutil
import socket
import tempfile
import time
from collections.abc import AsyncIterator
from pathlib import Path

import aiomqtt
import numpy as np

from alerts.broker import EmbeddedBroker
from alerts.homeassistant import Device
from alerts.mqtt import BrokerSettings
from alerts.outbox import OutboxSettings
from alerts.policy import Policy
from alerts.service import AlertService, ServedClip, ServiceSettings
from processing.events import State, Stiffening
from processing.samples import GRID_HZ

ROUNDS = 500


class LiveTime:
    """Stream second 0 is the beginning."""

    def __init__(self) -> None:
        self._zero_s = time.monotonic()
        self._zero_unix_s = time.time()

    def now_s(self) -> float:
        """Give the stream second of this moment."""
        return time.monotonic() - self._zero_s

    def unix_s(self, stream_s: float) -> float:
        """Give the Unix time of a stream second."""
        return self._zero_unix_s + stream_s


def stiffening(at_s: float) -> Stiffening:
    """Make an event that raises an alert at once."""
    onset, end = round((at_s - 4) * GRID_HZ), round(at_s * GRID_HZ)
    return Stiffening(
        onset=onset, end=end, reported=end, updated=end, open=False, state=State.AWAKE,
        tilt_deg=14.0, tremor_hz=None, size=9.0, margin=1.0,
    )  # fmt: skip


@contextlib.asynccontextmanager
async def broker(folder: Path) -> AsyncIterator[BrokerSettings]:
    """Start mosquitto where it is installed, else the embedded broker."""
    program = shutil.which("mosquitto")
    if program is None:
        async with EmbeddedBroker() as embedded:
            yield embedded.settings
        return
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
    config = folder / "mosquitto.conf"
    config.write_text(f"listener {port} 127.0.0.1\nallow_anonymous true\nlog_type none\n")
    process = await asyncio.create_subprocess_exec(program, "-c", str(config))
    try:
        await asyncio.sleep(0.3)
        yield BrokerSettings(host="127.0.0.1", port=port)
    finally:
        process.terminate()
        await process.wait()


def client(settings: BrokerSettings) -> aiomqtt.Client:
    """Make an independent client."""
    return aiomqtt.Client(settings.host, settings.port or 1883)


async def bare(settings: BrokerSettings) -> list[float]:
    """Time a publish until a subscriber has it, seconds."""
    took_s = []
    async with client(settings) as subscriber, client(settings) as publisher:
        await subscriber.subscribe("bare", qos=1)
        messages = aiter(subscriber.messages)
        for _ in range(ROUNDS):
            began_s = time.perf_counter()
            await publisher.publish("bare", b"x" * 800, qos=1)
            await anext(messages)
            took_s.append(time.perf_counter() - began_s)
    return took_s


async def alerts(settings: BrokerSettings, folder: Path) -> list[float]:
    """Time an event until a subscriber has its alert, seconds."""
    policy = Policy()
    clip = ServedClip(device=Device(clip="bench"), policy=policy, time=LiveTime())
    chosen = ServiceSettings(mqtt=settings, outbox=OutboxSettings(path=str(folder / "outbox.db")))
    took_s = []
    async with client(settings) as subscriber, AlertService(chosen, [clip]) as service:
        await subscriber.subscribe("sleepclip/bench/alert", qos=1)
        messages = aiter(subscriber.messages)
        for number in range(1, ROUNDS + 1):
            event = stiffening(400.0 * number)
            await asyncio.sleep(0.002)  # the stream is idle between alerts
            began_s = time.perf_counter()
            changed = policy.event(event)
            service.put("bench", [event, *changed])
            while b'"raising":"stiffening"' not in bytes((await anext(messages)).payload):
                pass
            took_s.append(time.perf_counter() - began_s)
            service.put("bench", policy.acknowledge(event.updated_s))
    return took_s


async def measure() -> None:
    """Print both, and their ratio."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        async with broker(folder) as settings:
            plain_ms, alert_ms = (1000 * np.array(s) for s in (await bare(settings), await alerts(settings, folder)))
    for what, took_ms in (("bare publish to subscriber", plain_ms), ("event to alert at subscriber", alert_ms)):
        p50, p99 = np.percentile(took_ms, [50, 99])
        print(f"{what:30} p50 {p50:6.2f} ms   p99 {p99:6.2f} ms")
    print(f"{'p99 of the budget of 20 ms':30} {np.percentile(alert_ms, 99) / 20:.2f}")
    print(f"{'p50 over the bare publish':30} {np.median(alert_ms) / np.median(plain_ms):.1f}")


def main() -> None:
    """Run it."""
    asyncio.run(measure())
