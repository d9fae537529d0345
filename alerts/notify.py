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


async def notify(settings: NotifySettings, clip: str, alert: Alert) -> None:
    """Run the command for an alert, and wait for its end.

    Raises:
        NotifyError: it cannot be started, ends with an error, or takes too long (then it is killed).
    """
    words = {"text": alert.text, "kind": alert.kind, "priority": alert.priority.word, "clip": clip}
    environment = os.environ | {f"SLEEPCLIP_{name.upper()}": word for name, word in words.items()}
    program = settings.command[0]
    try:
        process = await asyncio.create_subprocess_exec(
            *(_fill(argument, words) for argument in settings.command),
            env=environment,
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.DEVNULL,
            stderr=asyncio.subprocess.PIPE,
            start_new_session=True,
        )
    except OSError as error:
        raise NotifyError(f"{program} cannot be started ({error.strerror})") from error
    said = await _wait(process, settings, alert_line(alert).encode() + b"\n")
    if process.returncode:
        raise NotifyError(f"{program} ended with {process.returncode}: {said}")


async def _wait(process: asyncio.subprocess.Process, settings: NotifySettings, line: bytes) -> str:
    try:
        async with asyncio.timeout(settings.limit_s):
            _, said = await process.communicate(line)
    except TimeoutError:
        raise NotifyError(f"{settings.command[0]} took more than {settings.limit_s:g} s and was killed") from None
    finally:
        if process.returncode is None:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            await process.wait()
    return said[:_SAID_MAX].decode(errors="replace").strip()


def _fill(argument: str, words: dict[str, str]) -> str:
    for name, word in words.items():
        argument = argument.replace(f"{{{name}}}", word)
    return argument
