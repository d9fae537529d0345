"""Where the nights lie: a file for each clip and night, a bounded number of nights, and room on the disk.

A night runs from noon to noon of the local wall clock, so that one night is one file. A file is named by the moment at
which it began, and is never overwritten. The wall clock may jump, so every decision here holds for any time it shows.
"""

import os
import re
import shutil
from collections.abc import Iterable
from datetime import UTC, date, datetime, timedelta
from itertools import count
from pathlib import Path
from typing import Annotated, Final

from msgspec import Meta, Struct

from sensor.recording import RecordingError

NOON: Final = timedelta(hours=12)
NIGHT_S_MAX: Final = 26 * 3600.0
"""A file holds no more than this, whatever the wall clock says."""

_NAME: Final = re.compile(r"(?P<clip>.+)-(?P<moment>\d{8}T\d{6}Z)(?:-\d+)?\.mcap")


class RecordingSettings(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What is kept of the nights.

    Attributes:
        enabled: record at all.
        directory: where; empty for $STATE_DIRECTORY (systemd sets it), else $XDG_DATA_HOME/sleepclip.
        keep_nights: nights of each clip, the one being recorded included; older ones are deleted, but never the one
            before it. A night is about 8 MB.
        min_free_mb: with less room than this, recording stops and an alert says so; detection goes on.
    """

    enabled: bool = True
    directory: str = ""
    keep_nights: Annotated[int, Meta(ge=1, le=10_000)] = 60
    min_free_mb: Annotated[int, Meta(ge=10)] = 500

    def __post_init__(self) -> None:
        """Check that the directory is the same wherever the program is started."""
        if not re.fullmatch(r"(~?/.*)?", self.directory):
            raise ValueError(f"directory {self.directory!r} must begin with / or ~/")

    @property
    def folder(self) -> Path:
        """The directory, as it stands in this environment."""
        if self.directory:
            return Path(self.directory).expanduser()
        if state := os.environ.get("STATE_DIRECTORY"):
            return Path(state.partition(":")[0])
        return Path(os.environ.get("XDG_DATA_HOME") or Path.home() / ".local" / "share") / "sleepclip"


def made(folder: Path) -> Path:
    """Make the folder if need be.

    Raises:
        RecordingError: it cannot be made.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise RecordingError(f"{folder} cannot be made ({error.strerror})") from error
    return folder


def night_of(wall_s: float) -> date:
    """Say which night a moment belongs to: the date of the noon before it, in local time."""
    return (datetime.fromtimestamp(wall_s, UTC).astimezone() - NOON).date()


def new_path(folder: Path, clip: str, wall_s: float) -> Path:
    """Name a file that does not exist yet."""
    stem = f"{clip}-{datetime.fromtimestamp(wall_s, UTC):%Y%m%dT%H%M%SZ}"
    names = (f"{stem}.mcap" if n == 1 else f"{stem}-{n}.mcap" for n in count(1))
    return next(path for name in names if not (path := folder / name).exists())


def outdated(names: Iterable[str], clip: str, keep_nights: int, current: date) -> list[str]:
    """List the files of a clip that must make room; other files are not ours to judge.

    The night before the current one always stays, for the current one holds little yet. Nights after it come from a
    clock that jumped: they neither go nor count.
    """
    nights: dict[date, list[str]] = {}
    for name in names:
        match = _NAME.fullmatch(name)
        if match and match["clip"] == clip:
            began = datetime.strptime(match["moment"], "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC)
            nights.setdefault(night_of(began.timestamp()), []).append(name)
    past = sorted(night for night in nights if night < current)
    return sorted(name for night in past[: -max(keep_nights - 1, 1)] for name in nights[night])


def free_mb(folder: Path) -> float:
    """Room left where the nights lie, in MB.

    Raises:
        OSError: the folder is not there.
    """
    return shutil.disk_usage(folder).free / 1e6
