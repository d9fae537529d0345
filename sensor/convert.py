"""Recordings to tables and back: `.mcap`, `.csv`, `.edf`. docs/recording.md says what each way loses."""

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Final

import numpy as np

from processing.resampling import Resampler
from processing.samples import GRID_HZ, Floats, Readings
from sensor.carry import carry, link_up
from sensor.clips.sleepclip import SLEEPCLIP
from sensor.edf import write_edf
from sensor.inputs import InputError
from sensor.readings import Assembler
from sensor.recording import Item, Recorder, RecordingError
from sensor.replay import SUFFIXES, Replay, open_source
from sensor.stream import Arrival, StreamItem
from sensor.tables import Table, measured_hz, write_csv

_SLOWEST_HZ: Final = 22.5
_FASTEST_HZ: Final = 150.0
"""Beyond these, a clip at 25 or 100 Hz would claim what was not measured, or fold what was."""


def convert(source: Path, target: Path) -> tuple[str, ...]:
    """Write what `source` holds as `target`, in the form of its suffix; give what was left out, a sentence each.

    Raises:
        InputError: the source cannot be used, or the target exists or is of no known form.
        RecordingError: the disk does not take it.
    """
    if target.suffix.lower() not in SUFFIXES:
        raise InputError(target, f"ends in {target.suffix or 'nothing'}; it must be one of {', '.join(SUFFIXES)}")
    replay = open_source(source)
    with _full_disk_named(target):
        match target.suffix.lower():
            case ".csv":
                write_csv(target, readings(replay.items()))
            case ".edf":
                write_edf(target, table(source, replay))
            case _:
                record(target, packets(source, replay))
    return replay.warnings


@contextmanager
def _full_disk_named(target: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise RecordingError(f"{target}: cannot be written ({error.strerror}); free some space") from error


def readings(items: Iterable[StreamItem]) -> Iterator[Readings]:
    """Readings of a stream, in stream seconds."""
    assembler = Assembler()
    for item in items:
        yield from assembler.push(item)


def record(path: Path, items: Iterable[Item], about: Mapping[str, str] | None = None) -> None:
    """Record a stream at once, whole or not at all. What can be made again is not synced to the disk batch by batch.

    Raises:
        InputError: the file exists or cannot be created.
        RecordingError: the disk does not take it.
    """
    recorder = Recorder(path, about, sync=lambda _: None)
    try:
        with recorder:
            for item in items:
                recorder.push(item)
    except BaseException:
        path.unlink(missing_ok=True)
        raise


def table(path: Path, replay: Replay) -> Table:
    """Give all a file holds as one table.

    Raises:
        InputError: it holds less than two rows.
    """
    parts = list(readings(replay.items()))
    time_s = np.concatenate([part.time_s for part in parts]) if parts else np.empty(0)
    if len(time_s) < 2:  # noqa: PLR2004  a rate takes two rows
        raise InputError(path, "holds less than two rows; there is nothing to convert")
    rate_hz = max(part.rate_hz or 0.0 for part in parts) or measured_hz(time_s)
    return Table(
        time_s=time_s - time_s[0],
        accel_g=np.concatenate([part.accel_g for part in parts]),
        rate_hz=rate_hz,
        start_wall_s=None if replay.start_wall_s is None else replay.start_wall_s + float(time_s[0]),
    )


def packets(path: Path, replay: Replay) -> Iterator[Item]:
    """Packets a file holds, or those a sleepclip clip would have sent over a perfect link.

    Raises:
        InputError: its rate is below any such clip's.
    """
    first = next(iter(replay.items()))
    if not isinstance(first, Readings):
        return (item for item in replay.items() if not isinstance(item, Readings))
    whole = table(path, replay)
    if whole.rate_hz < _SLOWEST_HZ:
        raise InputError(path, f"has {whole.rate_hz:.4g} rows a second; no sleepclip clip is slower than 25 Hz")
    return carried(whole)


def carried(whole: Table, rate_hz: float | None = None) -> Iterator[Item]:
    """Packets a sleepclip clip would have sent over a perfect link.

    Args:
        whole: what the clip felt.
        rate_hz: of the clip; the nearest to the table's if None.
    """
    rate_hz = rate_hz or _clip_hz(whole.rate_hz)
    start = Arrival(at_s=0.0, wall_s=whole.start_wall_s or 0.0)
    yield link_up(SLEEPCLIP, rate_hz, start)
    for first_sample, accel_g in _grid(whole, rate_hz):
        yield from carry(accel_g, SLEEPCLIP, rate_hz, start, first_sample=first_sample)


def _clip_hz(rate_hz: float) -> float:
    if rate_hz > _FASTEST_HZ:
        return GRID_HZ
    return min(SLEEPCLIP.traits.rates_hz, key=lambda clip_hz: abs(np.log(clip_hz / rate_hz)))


def _grid(whole: Table, rate_hz: float) -> Iterator[tuple[int, Floats]]:
    """Runs of consecutive rows at the clip's rate, each with the number of its first."""
    if whole.rate_hz > _FASTEST_HZ:
        resampler = Resampler()
        for part in whole.chunks():
            yield from ((samples.start, samples.accel_g) for samples in resampler.push(part))
        yield from ((samples.start, samples.accel_g) for samples in resampler.close())
        return
    for run in whole.runs():
        time_s = whole.time_s[run]
        first, last = int(np.ceil(time_s[0] * rate_hz - 1e-6)), int(np.floor(time_s[-1] * rate_hz + 1e-6))
        grid_s = np.arange(first, last + 1) / rate_hz
        if len(grid_s):
            yield first, np.column_stack([np.interp(grid_s, time_s, whole.accel_g[run, axis]) for axis in range(3)])
