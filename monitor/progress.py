"""How far a long work has come, on a terminal's standard error; silent elsewhere."""

import sys
import time
from types import TracebackType
from typing import Final, Self

_QUIET_S: Final = 1.0
"""Work that is done sooner shows nothing."""
_EVERY_S: Final = 0.2


class Progress:
    """One line that is written over.

    Args:
        name: of what is worked on.
    """

    def __init__(self, name: str) -> None:
        self._name = name
        self._shown_s = time.monotonic() + _QUIET_S - _EVERY_S
        self._shown = False
        self._on = sys.stderr.isatty()

    def __enter__(self) -> Self:
        """Begin."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Wipe the line."""
        if self._shown:
            sys.stderr.write("\r\033[K")
            sys.stderr.flush()

    def show(self, stream_s: float) -> None:
        """Show how much of the stream has been worked through, now and then."""
        if not self._on or time.monotonic() - self._shown_s < _EVERY_S:
            return
        self._shown, self._shown_s = True, time.monotonic()
        hours, minutes = divmod(int(stream_s) // 60, 60)
        sys.stderr.write(f"\r\033[K{self._name}: {hours} h {minutes:02} min")
        sys.stderr.flush()
