"""How far a long work has come; shown on a terminal, silent elsewhere."""

import time
from types import TracebackType
from typing import Final, Self

from rich.console import Console

_EVERY_S: Final = 0.1


class Progress:
    """A line at the foot of a console while a recording is worked through.

    Args:
        console: where it is shown; what is printed there appears above it.
        name: of the recording.
    """

    def __init__(self, console: Console, name: str) -> None:
        self._name = name
        self._status = console.status(name)
        self._shown_s = time.monotonic()

    def __enter__(self) -> Self:
        """Show it."""
        self._status.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Take it away."""
        self._status.stop()

    def show(self, stream_s: float) -> None:
        """Say how much of the stream has been worked through."""
        now_s = time.monotonic()
        if now_s - self._shown_s >= _EVERY_S:
            self._shown_s = now_s
            self._status.update(f"{self._name}: {long(stream_s)}")


def long(seconds: float) -> str:
    """Say a length of time.

    >>> long(42), long(1234), long(30_000)
    ('42 s', '21 min', '8 h 20 min')
    """
    if seconds < 90:  # noqa: PLR2004  seconds say more than minutes up to here
        return f"{seconds:.0f} s"
    hours, minutes = divmod(round(seconds / 60), 60)
    return f"{hours} h {minutes:02} min" if hours else f"{minutes} min"
