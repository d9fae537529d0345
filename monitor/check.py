"""`sleepclip check`: is it going to work? A line for each thing it takes, with the mend."""

import asyncio
import ctypes
import os
import shutil
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from enum import Enum
from pathlib import Path
from typing import Final

import msgspec
from rich.console import Console

from alerts.messages import PREFIX, Message
from alerts.mqtt import AccessDeniedError, BrokerError, BrokerSettings, Connection, LoginRefusedError
from monitor.config import ClipSettings, Config, find, load
from monitor.errors import FailureError
from monitor.nights import free_mb
from monitor.scan import signal_words
from sensor.ble import BluetoothError, Found, Radio, diagnose

NIGHT_MB: Final = 10
"""Room a night takes, rounded up."""
_TIME_ERROR: Final = 5
"""adjtimex(2): the clock is not synchronised."""


class Grade(Enum):
    """How serious a finding is."""

    GOOD = "[green]✓[/]"
    WARNING = "[yellow]![/]"
    BAD = "[red]✗[/]"


@dataclass(frozen=True, slots=True)
class Finding:
    """What was found about one thing, and what to do if it is not as it should be."""

    what: str
    grade: Grade
    found: str
    mend: str = ""


def check(path: Path | None) -> None:
    """Look at everything `run` takes, and print what was found.

    Raises:
        UseError: the configuration cannot be used.
        FailureError: something would keep `run` from working.
    """
    console = Console(highlight=False, soft_wrap=True)
    config = load(path)
    bad = asyncio.run(_check(config, find(path), console))
    if bad:
        raise FailureError(f"{', '.join(bad)}: see the mend above")
    console.print("\nAll is ready: 'sleepclip run', or the service (docs/running.md).")


async def _check(config: Config, path: Path | None, console: Console) -> list[str]:
    """Print each finding as it comes; give the names of the bad ones."""
    bad: list[str] = []
    with console.status("looking …"):
        async for finding in _findings(config, path):
            console.print(f"{finding.grade.value} {finding.what}: {finding.found}")
            if finding.mend:
                console.print(f"    {finding.mend}")
            if finding.grade is Grade.BAD:
                bad.append(finding.what)
    return bad


async def _findings(config: Config, path: Path | None) -> AsyncIterator[Finding]:
    yield configuration(config, path)
    radio_works = True
    for seen in await diagnose(config.bluetooth.adapter):
        radio_works = radio_works and seen.good
        yield Finding(seen.what, Grade.GOOD if seen.good else Grade.BAD, seen.found, seen.mend)
    if radio_works:
        radio = Radio(config.bluetooth)
        for clip in config.clips:
            yield await _clip(radio, clip)
    async for finding in _broker(config.mqtt or BrokerSettings(), config.clips):
        yield finding
    yield clock()
    yield disk(config)
    if config.notify.command:
        yield notify(config.notify.command)


def configuration(config: Config, path: Path | None) -> Finding:
    """Say which file counts, and what it names."""
    names = ", ".join(clip.name for clip in config.clips)
    if path is None:
        return Finding("configuration", Grade.BAD, "there is none", "write one: 'sleepclip scan' gives its lines")
    if not names:
        return Finding("configuration", Grade.BAD, f"{path} names no clip", "add what 'sleepclip scan' prints")
    return Finding("configuration", Grade.GOOD, f"{path} ({names})")


async def _clip(radio: Radio, clip: ClipSettings) -> Finding:
    what = f"clip {clip.name}"
    try:
        (found, *_) = await radio.find(lambda seen: clip.is_meant(seen.address, seen.name))
    except BluetoothError as error:
        return Finding(what, Grade.BAD, error.cause, error.mend or "is it charged, switched on and close by?")
    return clip_finding(what, clip, found)


def clip_finding(what: str, clip: ClipSettings, found: Found) -> Finding:
    """Judge a clip that was heard."""
    family = found.family.traits.name if found.family else None
    heard = f"{found.name or found.address}, {signal_words(found.rssi_dbm)}"
    if family is None and clip.family is None:
        return Finding(what, Grade.BAD, f"{heard}: its family is not known", "configure its family")
    if clip.family and family and clip.family != family:
        mend = f'set family = "{family}", or leave it out'
        return Finding(what, Grade.BAD, f"{heard}: it is a {family}, not a {clip.family}", mend)
    return Finding(what, Grade.GOOD, f"{heard} ({family or clip.family})")


async def _broker(settings: BrokerSettings, clips: Sequence[ClipSettings]) -> AsyncIterator[Finding]:
    topics = [f"{PREFIX}/{clip.name}/cmd/#" for clip in clips]
    own = msgspec.structs.replace(settings, client_id=f"sleepclip-check-{os.getpid()}")
    try:
        async with Connection(own, topics) as connection:
            await connection.publish(Message(f"{PREFIX}/bridge/check", b""))
            version = "MQTT 5" if connection.mqtt5 else "MQTT 3.1.1: states do not expire there"
    except LoginRefusedError as error:
        yield Finding("broker", Grade.GOOD, f"{settings.address} answers")
        yield Finding("credentials", Grade.BAD, error.cause, error.mend)
    except AccessDeniedError as error:
        yield Finding("broker", Grade.GOOD, f"{settings.address} answers")
        yield Finding("credentials", Grade.BAD, error.cause, error.mend)
    except BrokerError as error:
        yield Finding("broker", Grade.BAD, error.cause, error.mend)
    else:
        yield Finding("broker", Grade.GOOD, f"{settings.address} ({version})")
        user = f"user {settings.username!r}" if settings.username else "no user name"
        yield Finding("credentials", Grade.GOOD, f"{user}: accepted, may read and write our topics")


def clock() -> Finding:
    """Ask the kernel whether the wall clock is synchronised."""
    timex = ctypes.create_string_buffer(512)  # all zero: read only; larger than `struct timex` on any machine
    if ctypes.CDLL(None).adjtimex(timex) != _TIME_ERROR:
        return Finding("clock", Grade.GOOD, "synchronised")
    mend = "sudo timedatectl set-ntp true; detection does not depend on it, the times in alerts do"
    return Finding("clock", Grade.WARNING, "not synchronised with the network", mend)


def disk(config: Config) -> Finding:
    """Look whether nights can be written, and for how long there is room."""
    if not config.recording.enabled:
        return Finding("disk", Grade.WARNING, "nights are not recorded", "set [recording] enabled = true")
    folder = config.recording.folder
    there = next(parent for parent in (folder, *folder.parents) if parent.exists())
    if not (there.is_dir() and os.access(there, os.W_OK)):
        mend = f"give sleepclip {there}, or set [recording] directory"
        return Finding("disk", Grade.BAD, f"{folder} cannot be written", mend)
    free = free_mb(there)
    nights = int((free - config.recording.min_free_mb) // NIGHT_MB)
    if nights < 1:
        mend = f"make room; below {config.recording.min_free_mb} MB nothing is recorded"
        return Finding("disk", Grade.BAD, f"{free:.0f} MB are free in {folder}", mend)
    return Finding(
        "disk", Grade.GOOD, f"{folder} has room for {nights} nights; {config.recording.keep_nights} are kept"
    )


def notify(command: Sequence[str]) -> Finding:
    """Look whether the command is there."""
    program = shutil.which(command[0])
    if program is None:
        mend = "see [notify] command: its first word must be a program"
        return Finding("notify", Grade.BAD, f"{command[0]} is not found or cannot be run", mend)
    return Finding("notify", Grade.GOOD, program)
