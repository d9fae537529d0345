"""Tables of readings, and their form as .csv: the header `t,x,y,z`, then seconds and g; holes are allowed."""

import os
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from io import BytesIO
from itertools import pairwise
from pathlib import Path
from typing import Final

import numpy as np

from processing.samples import ACCEL_G_MAX, RATE_HZ_MAX, RATE_HZ_MIN, Floats, Readings
from sensor.inputs import InputError, open_input, whole_output

HEADER: Final = "t,x,y,z"
G_IN_MS2: Final = 9.80665
"""Standard gravity (BIPM, SI brochure)."""
RATE_ROUNDING: Final = 0.02
"""Times rounded to a few digits shift a measured rate by less than this."""
HOLE_S_MAX: Final = 86_400.0
"""A longer hole is a clock that was set while it ran."""
CHUNK_ROWS: Final = 4096
CSV_MB_MAX: Final = 256
"""Two nights at 50 Hz or one at 100 Hz. Reading takes three times the room in memory."""

_HOLE: Final = 2.5
"""A longer step, in periods, is a hole; a shorter one is jitter or a single row that is bridged."""
_ROWS_MIN: Final = 2
_SENSOR_ERROR: Final = 0.05
"""Sensors read 1 g to 5 % at worst, and nobody rests at 9.8 g."""
_LINE_SHOWN: Final = 40


@dataclass(frozen=True, eq=False, slots=True, kw_only=True)
class Table:
    """A whole file of readings.

    Attributes:
        time_s: seconds from the first row, `(n,)`, increasing; a large step is a hole.
        accel_g: `(n, 3)`, g.
        rate_hz: as the file tells it, or measured.
        rate_told: the file tells it. A measured rate rests on the whole file: what follows the stream must not use it.
        resolution_g: smallest step; None where the file does not tell it.
        start_wall_s: Unix time of the first row; None where the file does not tell it.
        warnings: what was left out, one sentence each.
    """

    time_s: Floats
    accel_g: Floats
    rate_hz: float
    rate_told: bool = False
    resolution_g: float | None = None
    start_wall_s: float | None = None
    warnings: tuple[str, ...] = ()

    def chunks(self, rows: int = CHUNK_ROWS) -> Iterator[Readings]:
        """Give it piece by piece."""
        rate_hz = float(np.clip(self.rate_hz, RATE_HZ_MIN, RATE_HZ_MAX)) if self.rate_told else None
        for row in range(0, len(self.time_s), rows):
            part = slice(row, row + rows)
            yield Readings(
                time_s=self.time_s[part].copy(),
                accel_g=self.accel_g[part].copy(),
                rate_hz=rate_hz,
                resolution_g=self.resolution_g,
            )

    def runs(self) -> list[slice]:
        """Rows between the holes."""
        ends = np.flatnonzero(np.diff(self.time_s) > _HOLE / self.rate_hz) + 1
        edges = [0, *ends.tolist(), len(self.time_s)]
        return [slice(first, stop) for first, stop in pairwise(edges)]


def read_csv(path: Path) -> Table:
    """Read a .csv file.

    Raises:
        InputError: it cannot be read, is too large, or a line is wrong; the error names it.
    """
    with open_input(path) as file:
        size_mb = os.fstat(file.fileno()).st_size / 1e6
        if size_mb > CSV_MB_MAX:
            raise InputError(path, f"holds {size_mb:.0f} MB, and {CSV_MB_MAX} MB are read; make a file of each night")
        data = file.read()
    body, warnings = _csv_body(path, data)
    try:
        rows = np.loadtxt(BytesIO(body), delimiter=",", comments=None, ndmin=2)
    except ValueError:
        raise InputError(path, _first_fault(body)) from None
    if not _sound(rows):
        raise InputError(path, _first_fault(body))
    time_s = rows[:, 0] - rows[0, 0]
    accel_g = np.ascontiguousarray(rows[:, 1:])
    if len(rows) < _ROWS_MIN:
        raise InputError(path, "line 2: is its only row; two at least are needed to know the rate")
    table = Table(time_s=time_s, accel_g=accel_g, rate_hz=measured_hz(time_s), warnings=warnings)
    check(path, table)
    return table


def write_csv(path: Path, readings: Iterable[Readings]) -> None:
    """Write readings as .csv: times to 1 us, values to 1e-6 g.

    Raises:
        InputError: the file exists or cannot be written.
    """
    with whole_output(path) as file:
        file.write(f"{HEADER}\n".encode())
        for part in readings:
            rows = np.column_stack([part.time_s, part.accel_g]).tolist()
            file.write("".join(f"{t:.6f},{x:.6f},{y:.6f},{z:.6f}\n" for t, x, y, z in rows).encode())


def check(path: Path, table: Table) -> None:
    """Refuse a table whose rate or unit cannot be right.

    Raises:
        InputError: naming the mend.
    """
    slack = 1 + RATE_ROUNDING
    if not RATE_HZ_MIN / slack <= table.rate_hz <= RATE_HZ_MAX * slack:
        raise InputError(path, f"holds {table.rate_hz:.4g} rows a second; {_rate_hint(table.rate_hz)}")
    norm_g = float(np.median(np.linalg.norm(table.accel_g, axis=1)))
    if abs(norm_g / G_IN_MS2 - 1) < _SENSOR_ERROR:
        raise InputError(path, f"is at rest at {norm_g:.3g} g instead of 1 g; it is in m/s2, divide by 9.80665")


def _csv_body(path: Path, data: bytes) -> tuple[bytes, tuple[str, ...]]:
    """Give the rows below the header, without a last line that was cut off while being written."""
    if b"\0" in data:
        raise InputError(path, "is no text; a .csv begins with the line t,x,y,z")
    head, _, body = data.removeprefix(b"\xef\xbb\xbf").partition(b"\n")
    if head.strip() != HEADER.encode():
        raise InputError(path, f"line 1: {_shown(head)} is not the header; it must be t,x,y,z (seconds, g)")
    if not body.strip():
        raise InputError(path, "holds a header only; nothing was recorded in it")
    if body.endswith(b"\n"):
        return body, ()
    whole, _, last = body.rpartition(b"\n")
    if not whole.strip() or _fault(last) is None:
        return body, ()
    return whole, (f"the last line ({_shown(last)}) was cut off and is left out",)


def _sound(rows: Floats) -> bool:
    return bool(
        rows.shape[1] == len(HEADER.split(","))
        and np.isfinite(rows).all()
        and (np.diff(rows[:, 0]) > 0).all()
        and (np.diff(rows[:, 0]) <= HOLE_S_MAX).all()
        and (np.abs(rows[:, 1:]) <= ACCEL_G_MAX).all()
    )


def _first_fault(body: bytes) -> str:
    """Say what is wrong with the first wrong line, and its mend."""
    before_s = -np.inf
    for number, line in enumerate(body.splitlines(), start=2):
        if not line.strip():
            continue
        fault = _fault(line) or _time_fault(float(line.split(b",")[0]), before_s)
        if fault:
            return f"line {number}: {fault}"
        before_s = float(line.split(b",")[0])
    return "cannot be read as a table of four columns"


def _fault(line: bytes) -> str | None:
    cells = line.split(b",")
    if len(cells) != len(HEADER.split(",")):
        return f"{_shown(line)} has {len(cells)} columns; it must have 4: t,x,y,z, with decimal points"
    for name, cell in zip(HEADER.split(","), cells, strict=True):
        try:
            value = float(cell.replace(b"_", b"?"))  # Python reads 1_000, a table does not
        except ValueError:
            return f"{name} is {_shown(cell)}, which is no number; leave out rows without data"
        if not np.isfinite(value):
            return f"{name} is {_shown(cell)}; leave out rows without data"
        if name != "t" and abs(value) > ACCEL_G_MAX:
            return f"{name} is {value:g} g, more than any clip measures ({ACCEL_G_MAX:g} g); {_unit_hint(value)}"
    return None


def _time_fault(now_s: float, before_s: float) -> str | None:
    if now_s == before_s:
        return f"t is {now_s:g} twice; every row needs its own time"
    if now_s < before_s:
        return f"t runs backwards, from {before_s:g} to {now_s:g}; sort the rows by time"
    if now_s - before_s > HOLE_S_MAX and np.isfinite(before_s):
        return f"t jumps from {before_s:g} to {now_s:g}, by more than a day; make a file of each part"
    return None


def _unit_hint(value: float) -> str:
    if abs(value) > 10 * G_IN_MS2:
        return "if the file is in mg, divide by 1000"
    return "if the file is in m/s2, divide by 9.80665"


def _shown(text: bytes) -> str:
    shown = text.decode("utf-8", "replace").strip()
    return repr(shown if len(shown) <= _LINE_SHOWN else shown[:_LINE_SHOWN] + "...")


def measured_hz(time_s: Floats) -> float:
    """Rate of rows without the holes. A mean, unlike a median, is not fooled by times rounded to few digits."""
    steps_s = np.diff(time_s)
    return 1 / float(steps_s[steps_s <= 1.5 * np.median(steps_s)].mean())


def _rate_hint(rate_hz: float) -> str:
    if RATE_HZ_MIN <= rate_hz * 1000 <= RATE_HZ_MAX:
        return "t looks like milliseconds, divide it by 1000"
    return f"the rate must be from {RATE_HZ_MIN:g} to {RATE_HZ_MAX:g} Hz; record or resample it at 50 Hz"
