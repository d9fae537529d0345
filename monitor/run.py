"""`sleepclip run`: watches the configured clips until it is told to stop. The composition root.

    clip -> recording
         -> pipeline -> alert service -> broker

What is expected to go wrong becomes a technical alert and is tried again. Everything else is a bug: it ends the
process, the broker publishes the last will, and systemd starts it again.
"""

import asyncio
import errno
import hashlib
import logging
import os
import signal
import socket
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from importlib import metadata
from typing import Final

import msgspec

from alerts.alert import Condition, ConditionKind
from alerts.homeassistant import Device
from alerts.mqtt import BrokerSettings
from alerts.outbox import OutboxError, OutboxSettings
from alerts.service import AlertService, ServedClip
from monitor import NOT_A_MEDICAL_DEVICE
from monitor.clock import LiveTime, WallClock
from monitor.config import ClipSettings, Config
from monitor.errors import FailureError, UseError
from monitor.keeping import NightKeeper
from monitor.nights import made
from monitor.pipeline import Pipeline
from monitor.systemd import ALIVE, READY, STOPPING, Systemd, status
from processing.samples import Readings
from sensor.ble import LiveClip, Radio
from sensor.clips import FAMILIES
from sensor.recording import RecordingError
from sensor.stream import Battery, LinkDown, LinkUp, Signal, Source, StreamItem

_log = logging.getLogger(__name__)

ALIVE_S: Final = 5.0
"""Time between signs of life where systemd does not ask for more."""
CLOCK_TOLD_S: Final = 60.0
"""How long a jump of the wall clock stands as a fault."""


def run(config: Config) -> None:
    """Run until SIGTERM or SIGINT.

    Raises:
        UseError: no clip is configured.
        FailureError: another program watches one of them.
    """
    if not config.clips:
        raise UseError("no clip is configured: 'sleepclip scan' prints the lines for the configuration")
    radio = Radio(config.bluetooth)
    with alone(config.clips):
        asyncio.run(watch(config, {clip.name: live_clip(radio, clip) for clip in config.clips}))


@contextmanager
def alone(clips: Sequence[ClipSettings]) -> Iterator[None]:
    """Keep a second `run` on this machine off these clips: each would end the other's link, again and again.

    A name in the kernel's abstract namespace is seen by all users, and is free again however this process ends.

    Raises:
        FailureError: another program watches one of them.
    """
    bus = os.environ.get("DBUS_SYSTEM_BUS_ADDRESS", "")
    with ExitStack() as held:
        for clip in clips:
            name = hashlib.sha256(f"{bus} {clip.address or clip.advertised_name}".upper().encode()).hexdigest()
            try:
                held.enter_context(socket.socket(socket.AF_UNIX)).bind(f"\0sleepclip-{name}")
            except OSError as error:
                if error.errno != errno.EADDRINUSE:
                    raise
                mend = "stop that one first (the service: sudo systemctl stop sleepclip)"
                raise FailureError(f"another 'sleepclip run' watches the clip {clip.name}: {mend}") from error
        yield


def live_clip(radio: Radio, clip: ClipSettings) -> LiveClip:
    """Make the source of a configured clip."""
    return LiveClip(
        radio,
        address=clip.address or "",
        name=clip.advertised_name or "",
        family=clip.family,
        rate_hz=clip.rate_hz,
    )


async def watch(config: Config, sources: Mapping[str, Source], systemd: Systemd | None = None) -> None:
    """Watch clips until SIGTERM or SIGINT.

    Args:
        config: settings.
        sources: a source for each configured clip, by its name.
        systemd: the service manager.
    """
    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    await Monitor(config, sources, systemd or Systemd()).run(stop)


class Monitor:
    """Everything that runs.

    Args:
        config: settings.
        sources: a source for each configured clip, by its name.
        systemd: the service manager.
    """

    def __init__(self, config: Config, sources: Mapping[str, Source], systemd: Systemd) -> None:
        self._config = config
        self._systemd = systemd
        self._watches = [Watch(config, clip, sources[clip.name]) for clip in config.clips]

    async def run(self, stop: asyncio.Event) -> None:
        """Run until `stop` is set."""
        service, fault = self._service()
        async with service, asyncio.TaskGroup() as group:
            tasks = [group.create_task(watch.run(service)) for watch in self._watches]
            tasks += [group.create_task(watch.keeper.keep()) for watch in self._watches]
            tasks += [group.create_task(self._live(service)), group.create_task(_watch_clock(service))]
            if fault:
                service.condition_of_all(
                    ConditionKind.DISK, present=True, cause=fault, mend="alerts that wait are kept in memory alone"
                )
            self._systemd.notify(READY)
            _log.info(NOT_A_MEDICAL_DEVICE)
            _log.info("watching %s", ", ".join(watch.clip.name for watch in self._watches))
            await stop.wait()
            self._systemd.notify(STOPPING)
            for task in tasks:
                task.cancel()
        _log.info("stopped")

    def _service(self) -> tuple[AlertService, str]:
        """Make the alert service; where the disk does not hold its outbox, one in memory, and say why."""
        mqtt = self._config.mqtt or BrokerSettings()
        clips = [watch.served for watch in self._watches]
        try:
            return AlertService(self._config.service(mqtt, self._outbox()), clips), ""
        except (OutboxError, RecordingError, OSError) as error:
            _log.warning("%s", error)
            return AlertService(self._config.service(mqtt, OutboxSettings()), clips), str(error)

    def _outbox(self) -> OutboxSettings:
        if self._config.outbox.path is not None:
            return self._config.outbox
        folder = made(self._config.recording.folder)
        return msgspec.structs.replace(self._config.outbox, path=str(folder / "outbox.sqlite"))

    async def _live(self, service: AlertService) -> None:
        """Tell systemd that the event loop turns, and how the clips are."""
        pause_s = min(ALIVE_S, (self._systemd.watchdog_s or ALIVE_S) / 3)
        while True:
            broker = "broker connected" if service.broker_error is None else str(service.broker_error)
            clips = ", ".join(f"{watch.clip.name} {watch.link}" for watch in self._watches)
            self._systemd.notify(ALIVE, status(f"{clips}; {broker}"))
            await asyncio.sleep(pause_s)


async def _watch_clock(service: AlertService) -> None:
    wall = WallClock()
    told_s = float("inf")
    while True:
        await asyncio.sleep(1)
        if jump_s := wall.jump_s():
            told_s = time.monotonic()
            cause = f"this machine's clock was set by {jump_s:+.0f} s: times told before are off by that much"
            _log.warning("%s", cause)
            service.condition_of_all(ConditionKind.CLOCK, present=True, cause=cause)
        elif time.monotonic() - told_s > CLOCK_TOLD_S:
            told_s = float("inf")
            service.condition_of_all(ConditionKind.CLOCK, present=False)


class Watch:
    """One clip, from its radio to its alerts.

    Attributes:
        clip: its settings.
        served: what the alert service knows of it.
        keeper: records it.
        link: how the link is, in a word or two.
    """

    def __init__(self, config: Config, clip: ClipSettings, source: Source) -> None:
        self.clip = clip
        self.link = "not found yet"
        self._source = source
        self._pipeline = Pipeline(config.detector, config.policy, config.conditions)
        self._start_s = time.monotonic()
        self._service: AlertService | None = None
        self.served = ServedClip(
            device=_device(clip, config.policy.mute_max_min), policy=self._pipeline.policy, time=LiveTime(self._start_s)
        )
        self.keeper = NightKeeper(clip.name, config.recording, self._tell)

    async def run(self, service: AlertService) -> None:
        """Take what the clip sends, until cancelled."""
        self._service = service
        looking = "looking for the clip"
        self._take(service, LinkDown(at_s=self._start_s, wall_s=time.time(), cause=looking))  # begins the stream
        try:
            async with self._source as stream:
                async for item in stream:
                    self._take(service, item)
                    await asyncio.sleep(0)  # a burst after a stall must not hold up the others
        finally:
            service.put(self.clip.name, self._pipeline.close())

    def _tell(self, cause: str, mend: str) -> None:
        """Take news of the recording."""
        assert self._service is not None, "nothing is recorded before the service runs"
        at_s = self.served.time.now_s()
        fault = Condition(kind=ConditionKind.RECORDING, present=bool(cause), at_s=at_s, cause=cause, mend=mend)
        self._service.condition(self.clip.name, fault)

    def _take(self, service: AlertService, item: StreamItem) -> None:
        assert not isinstance(item, Readings), "a clip sends packets"
        self.keeper.push(item)
        service.put(self.clip.name, self._pipeline.push(item))
        match item:
            case LinkUp():
                self.link = "connected"
                service.available(self.clip.name, online=True)
                service.diag(self.clip.name, rate_hz=item.rate_hz)
            case LinkDown():
                self.link = item.cause
                service.available(self.clip.name, online=False)
            case Battery():
                service.diag(self.clip.name, battery=item.percent)
            case Signal():
                service.diag(self.clip.name, rssi_dbm=item.rssi_dbm)
            case _:
                pass


def _device(clip: ClipSettings, mute_max_min: float) -> Device:
    """Say what Home Assistant shall show of a clip."""
    traits = FAMILIES[clip.family].traits if clip.family else None
    return Device(
        clip=clip.name,
        title=clip.title,
        model=traits.title if traits else "Accelerometer clip",
        address=clip.address or "",
        version=metadata.version("sleepclip"),
        mute_max_min=mute_max_min,
    )
