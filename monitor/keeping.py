"""Keeps the nights: takes a clip's items, writes them in a thread, and carries on when the disk does not.

A slow or failing disk costs recordings, never detection: items wait in a bounded queue, a failure becomes a condition,
and another file is begun a minute later.
"""

import asyncio
import logging
import time
from collections import deque
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Final

from monitor.nights import NIGHT_S_MAX, RecordingSettings, free_mb, made, new_path, night_of, outdated
from sensor.inputs import InputError
from sensor.recording import Item, Recorder, RecordingError
from sensor.stream import LinkDown, LinkUp

_log = logging.getLogger(__name__)

WRITE_S: Final = 0.5
"""Time between two visits of the writing thread. The recorder itself gathers 4 s: a power cut costs under 5 s."""
RETRY_S: Final = 60.0
ROOM_S: Final = 60.0
"""Time between two looks at the room on the disk."""
IDLE_MAX: Final = 100
"""Items that may wait for a session."""
WAITING_MAX: Final = 50_000
"""Items that may wait for the disk: over an hour at 10 a second."""

Tell = Callable[[str, str], None]
"""Takes the cause and the mend of a fault, or, with an empty cause, the news that it is over."""


class NightKeeper:
    """Records one clip, a file a night.

    Args:
        clip: its short name, which begins the file names.
        settings: where, and how much.
        tell: is told of faults, in the event loop.
        clock: monotonic seconds.
    """

    def __init__(
        self, clip: str, settings: RecordingSettings, tell: Tell, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._clip = clip
        self._settings = settings
        self._tell = tell
        self._clock = clock
        self._waiting: deque[Item] = deque(maxlen=WAITING_MAX)
        self._recorder: Recorder | None = None
        self._night: date | None = None
        self._began_s = 0.0
        self._link: LinkUp | None = None
        self._idle: list[Item] = []
        self._retry_s = self._looked_s = float("-inf")
        self._failing = False

    def push(self, item: Item) -> None:
        """Take an item; it is on the disk within 5 s."""
        if not self._settings.enabled:
            return
        if len(self._waiting) == WAITING_MAX:
            self._tell_once("the night is not recorded: the disk is too slow", "use a faster disk or memory card")
        self._waiting.append(item)

    async def keep(self) -> None:
        """Write what is pushed, until cancelled; then write the rest."""
        try:
            while True:
                await asyncio.sleep(WRITE_S)
                if self._clock() >= self._retry_s:
                    await self._visit()
        finally:
            self._finish()

    async def _visit(self) -> None:
        items = list(self._waiting)
        self._waiting.clear()
        writing = asyncio.ensure_future(asyncio.to_thread(self._write, items))
        try:
            await asyncio.shield(writing)
        except (RecordingError, InputError, OSError) as error:
            self._fail(error)
        except asyncio.CancelledError:
            await asyncio.gather(
                writing, return_exceptions=True
            )  # the thread cannot be stopped; the end comes after it
            raise
        else:
            if self._recorder is not None:
                self._tell_once("", "")

    def _fail(self, error: Exception) -> None:
        _log.warning("%s: %s", self._clip, error)
        self._drop()
        self._retry_s = self._clock() + RETRY_S
        self._tell_once(f"the night is not recorded: {error}", "see to the disk; it is tried again every minute")

    def _tell_once(self, cause: str, mend: str) -> None:
        if bool(cause) != self._failing:
            self._failing = bool(cause)
            self._tell(cause, mend)

    def _drop(self) -> None:
        recorder, self._recorder = self._recorder, None
        if recorder is not None:
            with suppress(RecordingError, OSError):  # told already
                recorder.close()

    def _write(self, items: list[Item]) -> None:
        """Write items; in a thread, for the disk may take its time.

        Raises:
            RecordingError, InputError, OSError: nothing can be written.
        """
        for item in items:
            if self._is_idle(item):
                self._idle = [*self._idle[-IDLE_MAX:], item]
            else:
                self._write_one(item)
        if self._recorder is not None and self._recorder.due(self._clock()):
            self._recorder.flush()

    def _write_one(self, item: Item) -> None:
        """Write an item, and note whether a session is on even if the disk does not take it."""
        if isinstance(item, LinkUp):
            self._link = item
        waited, self._idle = self._idle, []
        try:
            for one in (*waited, item):
                self._recorder_for(one).push(one)
        finally:
            if isinstance(item, LinkDown):
                self._link = None

    def _is_idle(self, item: Item) -> bool:
        """Say whether an item waits for the next session: a night without one has no file, and displaces no other."""
        if self._link is not None or isinstance(item, LinkUp):
            return False
        if self._recorder is not None and self._is_over(item):
            self._drop()
        return self._recorder is None

    def _recorder_for(self, item: Item) -> Recorder:
        """Give the recorder for an item: another one with each night, and where there is none."""
        if self._recorder is not None and self._is_over(item):
            self._drop()
        if self._recorder is None or self._clock() - self._looked_s >= ROOM_S:
            self._look()
        return self._begin(item) if self._recorder is None else self._recorder

    def _is_over(self, item: Item) -> bool:
        return night_of(item.wall_s) != self._night or item.at_s - self._began_s > NIGHT_S_MAX

    def _look(self) -> None:
        self._looked_s = self._clock()
        folder = made(self._settings.folder)
        if (free := free_mb(folder)) < self._settings.min_free_mb:
            raise RecordingError(f"only {free:.0f} MB are free in {folder}")

    def _begin(self, item: Item) -> Recorder:
        folder = self._settings.folder
        self._recorder = Recorder(new_path(folder, self._clip, item.wall_s), {"clip": self._clip})
        self._night, self._began_s = night_of(item.wall_s), item.at_s
        _log.info("%s: recording to %s", self._clip, self._recorder.path)
        self._clear(folder, self._night)
        if self._link is not None and self._link is not item and not isinstance(item, LinkDown):
            # The session goes on in this file, and its packets need to know their family.
            self._recorder.push(replace(self._link, at_s=item.at_s, wall_s=item.wall_s))
        return self._recorder

    def _clear(self, folder: Path, current: date) -> None:
        keep_nights = self._settings.keep_nights
        for name in outdated([path.name for path in folder.iterdir()], self._clip, keep_nights, current):
            (folder / name).unlink(missing_ok=True)
            _log.info("%s: deleted %s; %d nights are kept", self._clip, name, keep_nights)

    def _finish(self) -> None:
        try:
            self._write(list(self._waiting))
            if self._recorder is not None:
                self._recorder.close()
        except (RecordingError, InputError, OSError) as error:
            _log.warning("%s: the end of the recording is lost: %s", self._clip, error)
