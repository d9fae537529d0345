"""The two clocks of a live stream: the monotonic one it runs on, and the one on the wall, which may jump."""

import time
from collections.abc import Callable
from typing import Final

JUMP_S: Final = 2.0
"""A wall clock that moves this far against the monotonic one was set; steering by NTP moves it by 0.5 ms a second."""


class LiveTime:
    """Stream time of a live clip.

    Args:
        start_s: monotonic second that is stream second 0.
        clock: monotonic seconds.
        wall: Unix seconds.
    """

    def __init__(
        self, start_s: float, clock: Callable[[], float] = time.monotonic, wall: Callable[[], float] = time.time
    ) -> None:
        self._start_s = start_s
        self._clock = clock
        self._wall = wall

    def now_s(self) -> float:
        """Give the stream second of this moment."""
        return self._clock() - self._start_s

    def unix_s(self, stream_s: float) -> float:
        """Give the Unix time of a stream second, as the wall clock stands at this moment."""
        return self._wall() - (self.now_s() - stream_s)


class WallClock:
    """Notices when the wall clock is set.

    Args:
        clock: monotonic seconds.
        wall: Unix seconds.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic, wall: Callable[[], float] = time.time) -> None:
        self._clock = clock
        self._wall = wall
        self._offset_s = wall() - clock()

    def jump_s(self) -> float:
        """Give how far it was set forward (negative: back) since the last look; 0 if it was not."""
        offset_s = self._wall() - self._clock()
        jump_s, self._offset_s = offset_s - self._offset_s, offset_s
        return jump_s if abs(jump_s) > JUMP_S else 0.0
