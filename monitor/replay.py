"""`sleepclip replay`: the whole system on a recording, as if live."""

import asyncio
import os
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import msgspec
from rich.console import Console

from alerts.alert import Alert
from alerts.desk import leaving
from alerts.homeassistant import Device
from alerts.mqtt import BrokerError, BrokerSettings, Connection
from alerts.notify import NotifySettings
from alerts.outbox import OutboxSettings
from alerts.service import AlertService, ServedClip
from monitor import NOT_A_MEDICAL_DEVICE
from monitor.config import Config
from monitor.errors import FailureError
from monitor.listener import Listener, show
from monitor.pipeline import Output, Pipeline
from monitor.progress import Progress
from processing.samples import Readings
from sensor.replay import Replay, open_source
from sensor.stream import StreamItem

_NAME: Final = "replay"
_GUEST: Final = "The clip {name} is there for this replay only; a 'sleepclip run' at this broker goes on undisturbed.\n"
_ITEMS_AT_ONCE: Final = 100
"""At full speed: some 20 s of packets."""
ARRIVES_S: Final = 5.0
"""Longest wait, at the end, for what was published."""


@dataclass(frozen=True, slots=True)
class RecordedTime:
    """Stream time of a recording: it goes as fast as the recording is read.

    Attributes:
        pipeline: that reads it.
        start_wall_s: Unix time of stream second 0.
    """

    pipeline: Pipeline
    start_wall_s: float

    def now_s(self) -> float:
        """Give the stream second that has been reached."""
        return self.pipeline.at_s

    def unix_s(self, stream_s: float) -> float:
        """Give the Unix time of a stream second."""
        return self.start_wall_s + stream_s


def replay(path: Path, speed: float | None, config: Config, *, named: bool) -> None:
    """Replay a recording.

    Args:
        path: of the file.
        speed: times the recorded pace; None for as fast as it goes.
        config: settings.
        named: the configuration was named on the command line. Only then its broker is used and its notify command is
            run: a replay must not wake a family by mistake. There it is another client, and another clip, than `run`.

    Raises:
        InputError: the file cannot be used.
        FailureError: the broker cannot be used.
    """
    source = open_source(path, speed=speed)
    if not named:
        config = msgspec.structs.replace(config, mqtt=None, notify=NotifySettings())
    elif config.mqtt is not None:
        mqtt = msgspec.structs.replace(config.mqtt, client_id=f"sleepclip-{_NAME}-{os.getpid()}")
        config = msgspec.structs.replace(config, mqtt=mqtt)
    try:
        asyncio.run(_replay(source, speed, config))
    except* BrokerError as errors:
        raise FailureError(str(errors.exceptions[0])) from errors


async def _replay(source: Replay, speed: float | None, config: Config) -> None:
    console = Console()
    name = f"{config.clips[0].name}-{_NAME}" if config.mqtt and config.clips else _NAME
    stage = Stage(source, name, config)
    console.print(f"{NOT_A_MEDICAL_DEVICE}\n", style="bold", highlight=False)
    async with broker(config.mqtt) as settings:
        console.print(f"Alerts go to the broker {settings.address}. To listen:", highlight=False)
        host, port = settings.address.rsplit(":", 1)
        console.print(f"  mosquitto_sub -h {host} -p {port} -t 'sleepclip/{name}/#' -v\n", highlight=False)
        if config.mqtt:
            console.print(_GUEST.format(name=name), highlight=False)
        async with (
            Listener(settings, lambda alert: show(console, alert)) as listener,
            _cleared_away(settings, name),
            AlertService(config.service(settings, OutboxSettings(), guest=bool(config.mqtt)), [stage.clip]) as service,
        ):
            raised = await stage.play(service, console, at_once=1 if speed else _ITEMS_AT_ONCE)
            await listener.wait_for(raised, ARRIVES_S)
    for warning in source.warnings:
        console.print(warning)


@asynccontextmanager
async def _cleared_away(settings: BrokerSettings, name: str) -> AsyncIterator[None]:
    """Leave nothing of a clip at the broker in the end: an alert that stood there would be taken for a true one."""
    try:
        yield
    finally:
        async with Connection(settings) as connection:
            for message in leaving(name):
                await connection.publish(message)


class Stage:
    """A recording with the clip it plays.

    Attributes:
        source: the recording.
        pipeline: of the clip.
        start_wall_s: Unix time of stream second 0; that of today where the recording does not tell it.
        clip: for the alert service.
    """

    def __init__(self, source: Replay, name: str, config: Config) -> None:
        self.source = source
        self.pipeline = Pipeline(config.detector, config.policy, config.conditions)
        self.start_wall_s = time.time() if source.start_wall_s is None else source.start_wall_s
        self.clip = ServedClip(
            device=Device(clip=name, title=source.path.stem),
            policy=self.pipeline.policy,
            time=RecordedTime(self.pipeline, self.start_wall_s),
        )

    async def play(self, service: AlertService, console: Console, *, at_once: int = _ITEMS_AT_ONCE) -> int:
        """Feed the recording into the service, some items at once; give the number of alerts raised."""
        raised = 0
        with Progress(console, self.source.path.stem) as progress:
            async for items in self._batches(at_once):
                raised += self._put(service, self.pipeline.push_all(items))
                progress.show(self.pipeline.at_s)
        return raised + self._put(service, self.pipeline.close())

    async def _batches(self, size: int) -> AsyncIterator[list[StreamItem]]:
        waiting: list[StreamItem] = []
        async with self.source as stream:
            async for item in stream:
                waiting.append(item)
                if len(waiting) >= size or isinstance(item, Readings):
                    yield waiting
                    waiting = []
        yield waiting

    def _put(self, service: AlertService, outputs: list[Output]) -> int:
        service.put(self.clip.name, outputs)
        return sum(isinstance(output, Alert) and output.raising for output in outputs)


@asynccontextmanager
async def broker(configured: BrokerSettings | None) -> AsyncIterator[BrokerSettings]:
    """Give the configured broker, or one of our own."""
    if configured is not None:
        yield configured
        return
    from alerts.broker import EmbeddedBroker  # noqa: PLC0415  it is large, and only needed here

    async with EmbeddedBroker() as embedded:
        yield embedded.settings
