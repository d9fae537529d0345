"""Somebody else at the broker: hears alerts as a phone or a siren would, and prints them for a tired parent."""

import asyncio
import json
import os
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from types import TracebackType
from typing import Any, Final, Self

import msgspec
from rich.console import Console
from rich.padding import Padding
from rich.text import Text

from alerts.messages import PREFIX
from alerts.mqtt import BrokerSettings, Connection, Incoming

TOPICS: Final = (f"{PREFIX}/+/alert", f"{PREFIX}/+/fault")
_STYLES: Final = {"high": "bold white on red", "medium": "black on yellow", "low": "black on cyan"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Heard:
    """An alert that was raised, as its message told it.

    Attributes:
        clip: short name of the clip.
        kind: alert kind.
        priority: 'high', 'medium' or 'low'.
        technical: about the monitoring.
        since: when its cause began.
        raised: when it was raised.
        text: the sentence for a parent.
    """

    clip: str
    kind: str
    priority: str
    technical: bool
    since: datetime
    raised: datetime
    text: str


def heard(message: Incoming) -> Heard | None:
    """Read a message; None where it raises nothing."""
    told: dict[str, Any] = json.loads(message.payload) if message.payload else {}
    kind = told.get("raising")
    if kind is None:
        return None
    alert = max((one for one in (told, *told["others"]) if one["kind"] == kind), key=lambda one: one["raised"])
    return Heard(
        clip=message.topic.split("/")[1],
        kind=kind,
        priority=alert["priority"],
        technical=alert["technical"],
        since=datetime.fromisoformat(alert["since"]),
        raised=datetime.fromisoformat(alert["raised"]),
        text=alert["text"],
    )


class Listener:
    """An MQTT client of its own that takes every alert that is raised.

        async with Listener(broker, take) as listener: ...

    Args:
        broker: where to listen.
        take: is given each alert as it arrives.

    Raises:
        BrokerError: on entering: the broker cannot be used.
    """

    def __init__(self, broker: BrokerSettings, take: Callable[[Heard], None]) -> None:
        self._broker = msgspec.structs.replace(broker, client_id=f"sleepclip-listener-{os.getpid()}")
        self._take = take
        self._ready = asyncio.Event()
        self._arrived = asyncio.Condition()
        self._task: asyncio.Task[None] | None = None
        self.count = 0
        """Alerts that have arrived."""

    async def __aenter__(self) -> Self:
        """Listen; return once it does."""
        self._task = asyncio.create_task(self._listen())
        self._task.add_done_callback(lambda _: self._ready.set())
        try:
            await self._ready.wait()
        except asyncio.CancelledError:
            await self._stop(self._task)
            raise
        if self._task.done():
            self._task.result()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Stop."""
        assert self._task is not None
        await self._stop(self._task)

    async def _stop(self, task: asyncio.Task[None]) -> None:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task

    async def wait_for(self, count: int, seconds: float) -> bool:
        """Wait until so many alerts have arrived; False if they do not within this time."""
        try:
            async with asyncio.timeout(seconds), self._arrived:
                await self._arrived.wait_for(lambda: self.count >= count)
        except TimeoutError:
            return False
        return True

    async def _listen(self) -> None:
        async with Connection(self._broker, TOPICS) as connection:
            self._ready.set()
            async for message in connection.incoming():
                live = connection.mqtt5 or not message.retained  # 3.1.1 also gives what was retained before
                if live and (alert := heard(message)) is not None:
                    self._take(alert)
                    async with self._arrived:
                        self.count += 1
                        self._arrived.notify_all()


def show(console: Console, alert: Heard) -> None:
    """Print an alert."""
    delay_s = (alert.raised - alert.since).total_seconds()
    line = Text("  ")
    line.append(f" {alert.priority.upper()} ", _STYLES[alert.priority])
    line.append(f" {alert.kind}", "bold")
    line.append(f"  began {alert.since.astimezone():%H:%M:%S}, alert {delay_s:.0f} s later")
    console.print(line)
    console.print(Padding(Text(alert.text, "dim" if alert.technical else ""), (0, 0, 0, 3), expand=False))
