"""A file as a stream, like a live clip: `.mcap` gives its packets, `.csv` and `.edf` give readings.

async with open_source(path) as stream:
    async for item in stream: ...
"""

import asyncio
import time
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable, Iterable
from pathlib import Path
from types import TracebackType
from typing import Final

from processing.samples import Readings
from sensor.edf import read_edf_table
from sensor.inputs import InputError, open_input
from sensor.recording import Recording
from sensor.stream import StreamItem
from sensor.tables import Table, read_csv

__all__ = ["InputError", "Replay", "open_source"]

SUFFIXES: Final = (".mcap", ".csv", ".edf")
PACED_ROWS: Final = 10
"""Rows of a table in one item when it is replayed at a speed: about what a packet holds."""
BREATH: Final = 64
"""Items between two turns of the event loop when nothing is waited for, so that a replay can be cancelled."""


class Replay:
    """A source that gives what a file holds; entered again, it begins again.

    Attributes:
        path: of the file.
    """

    def __init__(
        self,
        path: Path,
        held: "Recording | Table",
        *,
        speed: float | None = None,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
        now: Callable[[], float] = time.monotonic,
    ) -> None:
        self.path = path
        self._held = held
        self._speed = speed
        self._sleep = sleep
        self._now = now
        self._stream: AsyncGenerator[StreamItem] | None = None

    @property
    def warnings(self) -> tuple[str, ...]:
        """What was left out, one sentence each; of a recording, complete once it has been read to its end."""
        if isinstance(self._held, Recording):
            return (str(self._held.damage),) if str(self._held.damage) else ()
        return self._held.warnings

    @property
    def start_wall_s(self) -> float | None:
        """Unix time of stream second 0, if the file tells it."""
        if isinstance(self._held, Recording):
            return next(iter(self._held)).wall_s or None
        return self._held.start_wall_s

    def items(self) -> Iterable[StreamItem]:
        """The same stream without an event loop, as fast as it is taken."""
        if isinstance(self._held, Recording):
            return self._held
        return self._held.chunks() if self._speed is None else self._held.chunks(PACED_ROWS)

    async def __aenter__(self) -> AsyncIterator[StreamItem]:
        """Begin.

        Raises:
            RuntimeError: it is being read already.
        """
        if self._stream is not None:
            raise RuntimeError(f"{self.path} is being replayed already")
        self._stream = self._paced()
        return self._stream

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None, /
    ) -> None:
        """End, wherever it is."""
        stream, self._stream = self._stream, None
        if stream is not None:
            await stream.aclose()

    async def _paced(self) -> AsyncGenerator[StreamItem]:
        began_s = self._now()
        first_s: float | None = None
        for number, item in enumerate(self.items()):
            if self._speed is None:
                if number % BREATH == 0:
                    await asyncio.sleep(0)
            else:
                at_s = _at_s(item)
                first_s = at_s if first_s is None else first_s
                await self._sleep(max(0.0, began_s + (at_s - first_s) / self._speed - self._now()))
            yield item


def _at_s(item: StreamItem) -> float:
    return float(item.time_s[-1]) if isinstance(item, Readings) else item.at_s


def open_source(
    path: Path,
    *,
    speed: float | None = None,
    sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    now: Callable[[], float] = time.monotonic,
) -> Replay:
    """Open a recording or table as a stream.

    Args:
        path: of an .mcap, .csv or .edf file.
        speed: 1 keeps the recorded times, 10 is ten times faster, None does not wait at all.
        sleep: waits for so many seconds.
        now: tells the seconds that have passed.

    Raises:
        InputError: the file cannot be used; its text is one line with the mend.
        ValueError: the speed is not above zero.
    """
    if speed is not None and not speed > 0:
        raise ValueError(f"speed must be above 0, but is {speed:g}")
    return Replay(path, _held(path), speed=speed, sleep=sleep, now=now)


def _held(path: Path) -> Recording | Table:
    match path.suffix.lower():
        case ".mcap":
            return Recording(path)
        case ".csv":
            return read_csv(path)
        case ".edf":
            return read_edf_table(path)
        case suffix:
            open_input(path).close()  # if that is what is wrong, it is said first
            raise InputError(path, f"ends in {suffix or 'nothing'}; it must be one of {', '.join(SUFFIXES)}")
