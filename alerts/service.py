"""Alerts that arrive: policy, outbox, publisher and commands of all clips, as one thing to run.

    async with AlertService(settings, clips) as service:
        service.put("nursery", pipeline.push(item))

The body and the service are one: a bug in a task of the service cancels the body and is raised at the end. A broker
that is away is no bug: it is retried for ever, and told as a fault.
"""

import asyncio
import logging
import random
import secrets
import time
from collections.abc import Callable, Iterable, Sequence
from datetime import datetime, timedelta
from types import TracebackType
from typing import Annotated, Final, Self

import msgspec
from msgspec import Meta

from alerts.alert import Alert, Condition, ConditionKind
from alerts.commands import Acknowledge, Command, Monitoring, Mute, parse
from alerts.desk import Desk, ServedClip, leaving
from alerts.homeassistant import BIRTH, BIRTH_TOPIC, discovery
from alerts.messages import BRIDGE_AVAILABILITY, OFFLINE, ONLINE, PREFIX, Message, again
from alerts.mqtt import AccessDeniedError, BrokerError, BrokerSettings, Connection, Incoming
from alerts.notify import NotifyError, NotifySettings, notify
from alerts.outbox import Outbox, OutboxSettings
from processing.events import Event

__all__ = ["AlertService", "ServedClip", "ServiceSettings"]

_log = logging.getLogger(__name__)
_GONE: Final = Message(BRIDGE_AVAILABILITY, OFFLINE.encode(), retain=True)
_CLIPS: Final = "/clips"
"""Name under which the outbox keeps the clips of the last run; no clip can be called so."""
_AT_ONCE: Final = 4
"""Notify commands that may run at once."""


class ServiceSettings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How alerts reach the outside.

    Attributes:
        mqtt: the broker.
        outbox: messages on disk.
        notify: a command to run on alerts.
        discovery: describe the clips to Home Assistant.
        bridge: say whether the program is there, on the one topic for it. A guest leaves it to the program that runs.
        monitoring_back_on: local time at which monitoring that is off goes on again by itself; None leaves it off.
        tick_s: how often silence is looked at.
        heartbeat_s: how often the state is sent again; a third of its expiry.
        goodbye_s: longest wait at the end for what is not delivered yet.
    """

    mqtt: BrokerSettings = BrokerSettings()
    outbox: OutboxSettings = OutboxSettings()
    notify: NotifySettings = NotifySettings()
    discovery: bool = True
    bridge: bool = True
    monitoring_back_on: Annotated[str, Meta(pattern="^([01][0-9]|2[0-3]):[0-5][0-9]$")] | None = "18:00"
    tick_s: Annotated[float, Meta(gt=0, le=10)] = 1.0
    heartbeat_s: Annotated[float, Meta(gt=0, le=30)] = 20.0
    goodbye_s: Annotated[float, Meta(ge=0)] = 5.0


class AlertService:
    """Everything between the alerts of some clips and the people they are for.

    Args:
        settings: broker, outbox, command.
        clips: each with its policy, which the pipeline of that clip shares.
        clock: monotonic seconds.
        wall: Unix seconds; only the time of day is taken from it.

    Raises:
        OutboxError: on entering, where the outbox cannot be opened.
    """

    def __init__(
        self,
        settings: ServiceSettings,
        clips: Sequence[ServedClip],
        *,
        clock: Callable[[], float] = time.monotonic,
        wall: Callable[[], float] = time.time,
    ) -> None:
        self._settings = settings
        self._gone = _GONE if settings.bridge else None
        self._clock = clock
        self._wall = wall
        run = secrets.token_hex(4)
        self._outbox = Outbox(settings.outbox, clock, run)
        self._desks = {clip.name: Desk(clip, run) for clip in clips}
        self._current: dict[str, Message] = {}
        self._unsent: dict[str, Message] = {}
        self._delivered: dict[str, Message] = {}
        self._back_on: dict[str, float] = {}
        self._wake = asyncio.Event()
        self._closing = asyncio.Event()
        self._group = asyncio.TaskGroup()
        self._notifying = asyncio.Semaphore(_AT_ONCE)
        self._tasks: list[asyncio.Task[None]] = []
        self._disk_told = False
        self._denied: dict[str, AccessDeniedError] = {}
        self.commands_ignored = 0
        """Messages on the command topics that were no command."""
        self.broker_error: BrokerError | None = None
        """Why the broker has nothing of us; None while it does."""

    async def __aenter__(self) -> Self:
        """Begin: show what stood when the program last stopped, and start the tasks."""
        if self._outbox.mended:
            _log.warning("%s", self._outbox.mended)
        for name, desk in self._desks.items():
            try:
                desk.restore(self._outbox.kept(name))
            except msgspec.MsgspecError as error:  # another version's: better without than not at all
                _log.warning("the alerts that stood at the last stop cannot be read: %s", error)
            self._outbox.put(desk.boards())
        self._clear_away()
        await self._group.__aenter__()
        self._tasks = [self._group.create_task(self._publish()), self._group.create_task(self._tick_forever())]
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Deliver what waits, if the broker takes it soon; the rest stays on disk for the next start."""
        self._closing.set()
        self._wake.set()
        try:
            await asyncio.wait(self._tasks[:1], timeout=self._settings.goodbye_s)
            for task in self._tasks:
                task.cancel()
            await self._group.__aexit__(kind, error, trace)
        except BaseExceptionGroup as failed:
            if failed.exceptions != (error,):  # the body's own error passes through as it is
                raise
        finally:
            self._outbox.close()

    def put(self, clip: str, items: Iterable[Event | Alert]) -> None:
        """Take what the pipeline of a clip gave. On disk when this returns."""
        desk = self._desks[clip]
        messages, raised = desk.take(items)
        if messages:
            self._outbox.put(messages, {clip: desk.kept()})
            self._wake.set()
        for alert in raised:
            self._notify(clip, alert)

    def condition(self, clip: str, condition: Condition) -> None:
        """Take a technical fact about a clip."""
        self.put(clip, self._desks[clip].clip.policy.condition(condition))

    def condition_of_all(self, kind: ConditionKind, *, present: bool, cause: str = "", mend: str = "") -> None:
        """Take a technical fact about this machine: it concerns every clip."""
        for name, desk in self._desks.items():
            at_s = desk.clip.time.now_s()
            self.condition(name, Condition(kind=kind, present=present, at_s=at_s, cause=cause, mend=mend))

    def available(self, clip: str, *, online: bool) -> None:
        """Say whether the clip is connected."""
        self._say(self._desks[clip].availability(online=online))

    def diag(
        self, clip: str, *, battery: int | None = None, rssi_dbm: int | None = None, rate_hz: float | None = None
    ) -> None:
        """Take news of the clip's battery, signal or rate; they are sent with the next heartbeat."""
        self._desks[clip].diag |= {
            name: value
            for name, value in {"battery": battery, "rssi": rssi_dbm, "hz": rate_hz}.items()
            if value is not None
        }

    @property
    def waiting(self) -> int:
        """Messages that are not delivered yet."""
        return len(self._outbox)

    def _say(self, message: Message) -> None:
        """Send a message that only its last version matters of; again on every connection."""
        self._current[message.topic] = self._unsent[message.topic] = message
        self._wake.set()

    def resend(self) -> None:
        """Send everything retained once more, for whoever has forgotten it."""
        self._unsent = self._delivered | self._current
        self._wake.set()

    def _clear_away(self) -> None:
        """Take clips that are served no more out of the broker and Home Assistant: what they retain is dead."""
        before = msgspec.json.decode(self._outbox.kept(_CLIPS) or b"[]", type=list[str])
        for name in set(before) - set(self._desks):
            for message in leaving(name):
                self._say(message)
        self._outbox.put([], {_CLIPS: msgspec.json.encode(list(self._desks))})

    async def _publish(self) -> None:
        """Keep a connection for ever; return once closing and delivered."""
        wait_s = self._settings.mqtt.retry_s
        while True:
            began_s = self._clock()
            try:
                async with Connection(self._settings.mqtt, self._subscriptions(), will=self._gone) as connection:
                    await self._serve(connection)
            except* BrokerError as errors:
                self._tell_broker(_first(errors))
            if self._closing.is_set():
                return
            if self._clock() - began_s > self._settings.mqtt.retry_max_s:
                wait_s = self._settings.mqtt.retry_s
            await self._pause(wait_s * random.uniform(0.5, 1.0))  # noqa: S311  jitter: two programs shall not retry in step
            wait_s = min(2 * wait_s, self._settings.mqtt.retry_max_s)

    async def _pause(self, seconds: float) -> None:
        try:
            async with asyncio.timeout(seconds):
                await self._closing.wait()
        except TimeoutError:
            return

    def _subscriptions(self) -> list[str]:
        return [*(f"{PREFIX}/{name}/cmd/#" for name in self._desks), BIRTH_TOPIC]

    async def _serve(self, connection: Connection) -> None:
        if not connection.mqtt5 and self._settings.mqtt.protocol == "auto":
            _log.warning(
                "the broker speaks MQTT 3.1.1 only: states do not expire, a short break shows as offline, and a topic "
                "it denies goes unnoticed"
            )
        async with asyncio.TaskGroup() as group:
            listening = group.create_task(self._listen(connection))
            await self._send(connection)
            listening.cancel()

    async def _send(self, connection: Connection) -> None:
        """Send what waits, whenever something does; return once closing."""
        if self._gone is not None:
            await connection.publish(Message(BRIDGE_AVAILABILITY, ONLINE.encode(), retain=True))
        self._greet()
        while True:
            self._wake.clear()
            await self._send_outbox(connection)
            await self._send_unsent(connection)
            self._tell_broker(next(iter(self._denied.values()), None))
            if self._closing.is_set():
                break
            await self._wake.wait()
        if self._gone is not None:
            await connection.publish(self._gone)

    def _greet(self) -> None:
        for desk in self._desks.values():
            if self._settings.discovery:
                described = discovery(desk.clip.device)
                self._current[described.topic] = described
        self._heartbeat()
        self.resend()

    async def _send_outbox(self, connection: Connection) -> None:
        while waiting := self._outbox.oldest():
            await connection.publish(waiting.message)
            self._outbox.done(waiting.number)
            if waiting.message.retain:  # the copy the broker keeps shall raise nothing in who comes later
                kept = self._delivered[waiting.message.topic] = again(waiting.message)
                self._unsent.pop(kept.topic, None)
                if kept != waiting.message:
                    self._unsent[kept.topic] = kept

    async def _send_unsent(self, connection: Connection) -> None:
        """Send states; a topic the broker denies must not keep the others, or alerts, from going out."""
        while self._unsent and not len(self._outbox):
            topic, message = next(iter(self._unsent.items()))
            self._denied.pop(topic, None)
            try:
                await connection.publish(message)
            except AccessDeniedError as error:
                self._denied[topic] = error
            if self._unsent.get(topic) is message:
                del self._unsent[topic]

    def _tell_broker(self, error: BrokerError | None) -> None:
        """Note that the broker has, or has not, what we say; on a change of it, say so."""
        if str(error) == str(self.broker_error):
            return
        self.broker_error = error
        if error is None:
            _log.info("the broker takes messages")
            self.condition_of_all(ConditionKind.BROKER_LOST, present=False)
            return
        _log.warning("%s", error)
        self.condition_of_all(ConditionKind.BROKER_LOST, present=True, cause=error.cause, mend=error.mend)

    async def _listen(self, connection: Connection) -> None:
        async for incoming in connection.incoming():
            if incoming.topic == BIRTH_TOPIC:
                if incoming.payload == BIRTH and not incoming.retained:
                    self.resend()
            else:
                self._command(incoming)

    def _command(self, incoming: Incoming) -> None:
        clip, _, name = incoming.topic.removeprefix(f"{PREFIX}/").partition("/cmd/")
        desk = self._desks.get(clip)
        limit_min = 0.0 if desk is None else desk.clip.policy.settings.mute_max_min
        command = None if incoming.retained else parse(name, incoming.payload, limit_min)
        if desk is None or command is None:
            self.commands_ignored += 1
            return
        self._obey(desk, command)

    def _obey(self, desk: Desk, command: Command) -> None:
        name, policy, now_s = desk.clip.name, desk.clip.policy, desk.clip.time.now_s()
        match command:
            case Acknowledge(alert_id):
                self.put(name, policy.acknowledge(now_s, alert_id and desk.stream.short_id(alert_id)))
            case Mute(minutes):
                self.put(name, policy.mute(now_s, minutes))
                self._outbox.put(desk.boards())
            case Monitoring(on):
                self.put(name, policy.monitoring(now_s, on))
                self._set_back_on(name, on=on)
        self._beat(desk)

    def _set_back_on(self, clip: str, *, on: bool) -> None:
        """Note when monitoring shall go on again: at the next evening by the clock on the wall."""
        self._back_on.pop(clip, None)
        if on or self._settings.monitoring_back_on is None:
            return
        now = datetime.fromtimestamp(self._wall()).astimezone()
        hour, minute = map(int, self._settings.monitoring_back_on.split(":"))
        evening = now.replace(hour=hour, minute=minute, second=0, microsecond=0)
        self._back_on[clip] = (evening if evening > now else evening + timedelta(days=1)).timestamp()

    async def _tick_forever(self) -> None:
        beat_s = self._clock()
        while True:
            self._tick()
            if self._clock() - beat_s >= self._settings.heartbeat_s:
                beat_s = self._clock()
                self._heartbeat()
            await asyncio.sleep(self._settings.tick_s)

    def _tick(self) -> None:
        for name, desk in self._desks.items():
            if self._wall() >= self._back_on.get(name, float("inf")):
                self._obey(desk, Monitoring(on=True))
            self.put(name, desk.clip.policy.tick(desk.clip.time.now_s()))
        if self._outbox.fault or self._disk_told:
            self._outbox.put([])  # tries again what the disk refused
            self._disk_told = bool(self._outbox.fault)
            self.condition_of_all(
                ConditionKind.DISK,
                present=self._disk_told,
                cause=self._outbox.fault,
                mend="see to the disk; alerts are kept in memory until then",
            )

    def _heartbeat(self) -> None:
        for desk in self._desks.values():
            self._beat(desk)

    def _beat(self, desk: Desk) -> None:
        for message in desk.state(commands_ignored=self.commands_ignored):
            self._say(message)

    def _notify(self, clip: str, alert: Alert) -> None:
        if self._settings.notify.wants(alert) and alert.kind != ConditionKind.NOTIFY:
            self._tasks.append(self._group.create_task(self._notify_one(clip, alert)))
            self._tasks[2:] = [task for task in self._tasks[2:] if not task.done()]

    async def _notify_one(self, clip: str, alert: Alert) -> None:
        fault = ""
        async with self._notifying:
            try:
                await notify(self._settings.notify, clip, alert)
            except NotifyError as error:
                fault = f"the notify command failed: {error}"
        self.condition_of_all(
            ConditionKind.NOTIFY, present=bool(fault), cause=fault, mend="see [notify] command; run it by hand"
        )


def _first(errors: BaseExceptionGroup[BrokerError]) -> BrokerError:
    """Give the first error of a group that holds errors of one cause."""
    first = errors.exceptions[0]
    return _first(first) if isinstance(first, BaseExceptionGroup) else first
