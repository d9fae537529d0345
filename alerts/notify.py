"""A siren or a text message without Home Assistant: run a command when an alert is raised.

The command is a list of arguments, never a shell line. `{text}`, `{kind}`, `{priority}` and `{clip}` in an argument
are replaced; the alert is also on standard input, as the JSON line of `detect`, and in SLEEPCLIP_TEXT,
SLEEPCLIP_KIND, SLEEPCLIP_PRIORITY and SLEEPCLIP_CLIP.
"""

import asyncio
import contextlib
import os
import signal
from typing import Annotated, Final, Literal

import msgspec
from msgspec import Meta

from alerts.alert import Alert
from alerts.messages import alert_line

_SAID_MAX: Final = 200
"""Bytes of the command's complaint that are passed on."""
_LAST_WORDS_S: Final = 0.2
"""How long its complaint may come after its end: it is in the pipe by then."""
_STDIN: Final = 0
_STDERR: Final = 2


class NotifySettings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Which alerts run which command.

    Attributes:
        command: program and arguments, for example ["/usr/local/bin/siren", "{text}"]; empty for none.
        priorities: alerts that run it.
        technical: faults run it too; a dead monitor is worth a siren.
        limit_s: the command is killed after this time.
    """

    command: tuple[str, ...] = ()
    priorities: tuple[Literal["high", "medium", "low"], ...] = ("high", "medium")
    technical: bool = True
    limit_s: Annotated[float, Meta(gt=0, le=300)] = 15.0

    def wants(self, alert: Alert) -> bool:
        """Say whether this alert runs the command."""
        chosen = alert.priority.word in self.priorities and (self.technical or not alert.technical)
        return bool(self.command) and alert.raising and chosen


class NotifyError(Exception):
    """The command did not do its work; the text says how."""


class _Command(asyncio.SubprocessProtocol):
    """What is heard of a running command: the beginning of its complaint, and its end.

    Its end is its own, not that of the pipes: what it left in the background may hold these open for hours.
    """

    def __init__(self) -> None:
        self.said = b""
        self.silent = asyncio.Event()
        self.ended = asyncio.Event()

    def pipe_data_received(self, fd: int, data: bytes) -> None:  # noqa: ARG002  asyncio's own signature
        """Keep the first bytes, and let the rest go: it may be endless."""
        self.said = (self.said + data)[:_SAID_MAX]

    def pipe_connection_lost(self, fd: int, exc: Exception | None) -> None:  # noqa: ARG002  likewise
        """Note that nothing more will be said."""
        if fd == _STDERR:
            self.silent.set()

    def process_exited(self) -> None:
        """Note the end."""
        self.ended.set()


async def notify(settings: NotifySettings, clip: str, alert: Alert) -> None:
    """Run the command for an alert, and wait for its end.

    Raises:
        NotifyError: it cannot be started, ends with an error, or takes too long (then it is killed).
    """
    words = {"text": alert.text, "kind": alert.kind, "priority": alert.priority.word, "clip": clip}
    program = settings.command[0]
    try:
        transport, command = await asyncio.get_running_loop().subprocess_exec(
            _Command,
            *(_fill(argument, words) for argument in settings.command),
            env=os.environ | {f"SLEEPCLIP_{name.upper()}": word for name, word in words.items()},
            stdout=asyncio.subprocess.DEVNULL,
            start_new_session=True,
        )
    except OSError as error:
        raise NotifyError(f"{program} cannot be started ({error.strerror})") from error
    except ValueError as error:  # a NUL in an argument
        raise NotifyError(f"{program!r} cannot be started ({error})") from error
    try:
        await _wait(transport, command, settings, alert_line(alert).encode() + b"\n")
    finally:
        transport.close()
    if code := transport.get_returncode():
        raise NotifyError(f"{program} ended with {code}: {command.said.decode(errors='replace').strip()}")


async def _wait(
    transport: asyncio.SubprocessTransport, command: _Command, settings: NotifySettings, line: bytes
) -> None:
    told = transport.get_pipe_transport(_STDIN)
    assert isinstance(told, asyncio.WriteTransport)
    told.write(line)
    told.close()
    try:
        async with asyncio.timeout(settings.limit_s):
            await command.ended.wait()
    except TimeoutError:
        raise NotifyError(f"{settings.command[0]} took more than {settings.limit_s:g} s and was killed") from None
    finally:
        if not command.ended.is_set():
            with contextlib.suppress(ProcessLookupError):
                os.killpg(transport.get_pid(), signal.SIGKILL)
            await command.ended.wait()
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(_LAST_WORDS_S):
            await command.silent.wait()


def _fill(argument: str, words: dict[str, str]) -> str:
    for name, word in words.items():
        argument = argument.replace(f"{{{name}}}", word)
    return argument
