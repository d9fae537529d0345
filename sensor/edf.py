"""Readings as EDF+, for the doctor's viewer: three channels of acceleration on a uniform grid (only importer of edfio).

EDF has no holes: they are filled with the last value and annotated `no data`, and read back as holes.
"""

import struct
import warnings
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, date, datetime
from math import ceil
from pathlib import Path
from typing import Final

import numpy as np
from edfio import Edf, EdfAnnotation, EdfSignal, Patient, Recording, read_edf

from processing.samples import ACCEL_G_MAX, Floats
from sensor.inputs import InputError, open_input, whole_output
from sensor.tables import G_IN_MS2, Table, check

NO_DATA: Final = "no data"
EDF_YEARS: Final = (1985, 2085)
"""EDF has two digits for a year; the first day of 1985 stands for an unknown date, as anonymised files have it."""
LABELS: Final = ("Accel X", "Accel Y", "Accel Z")
_VERSION: Final = b"0       "
_DIGITAL: Final = (-32768, 32767)
_UNIT_G: Final = {"g": 1.0, "mg": 0.001, "m/s2": 1 / G_IN_MS2, "m/s^2": 1 / G_IN_MS2}


def write_edf(path: Path, table: Table) -> None:
    """Write a table: on the grid of its rate by linear interpolation, in steps of at most 1 mg up to 32 g.

    Raises:
        InputError: the file exists or cannot be written.
    """
    rate_hz = _header_rate(table.rate_hz)
    rows = ceil((table.time_s[-1] + 1 / rate_hz) * rate_hz - 1e-6)
    seconds, record_s = _records(rows, rate_hz)
    grid_s = np.arange(round(seconds * rate_hz)) / rate_hz
    accel_g, known = _on_grid(table, grid_s)
    edf = Edf(
        [_signal(label, accel_g[:, axis], rate_hz) for axis, label in enumerate(LABELS)],
        patient=Patient(),
        recording=Recording(startdate=_start(table).date(), equipment_code="sleepclip"),
        starttime=_start(table).time(),
        data_record_duration=record_s,
        annotations=_annotations(grid_s, known, 1 / rate_hz),
    )
    with whole_output(path) as file:
        file.write(edf.to_bytes())


def _header_rate(rate_hz: float) -> float:
    """A whole rate where it is one but for rounding, else in hundredths: EDF wants whole rows in a record."""
    return float(round(rate_hz)) if abs(rate_hz / round(rate_hz) - 1) < 0.01 else round(rate_hz, 2)  # noqa: PLR2004


def _records(rows: int, rate_hz: float) -> tuple[float, float]:
    """Seconds to fill, and of one record: one second where that holds whole rows, else 100 s."""
    record_s = 1.0 if rate_hz == round(rate_hz) else 100.0
    return ceil(rows / rate_hz / record_s) * record_s, record_s


def _on_grid(table: Table, grid_s: Floats) -> tuple[Floats, "np.ndarray[tuple[int], np.dtype[np.bool]]"]:
    accel_g = np.empty((len(grid_s), 3))
    known = np.zeros(len(grid_s), np.bool)
    filled = 0
    half_s = 0.5 / table.rate_hz
    for run in table.runs():
        time_s = table.time_s[run]
        first, stop = np.searchsorted(grid_s, [time_s[0] - half_s, time_s[-1] + half_s])
        accel_g[filled:first] = table.accel_g[max(run.start - 1, 0)]
        for axis in range(3):
            accel_g[first:stop, axis] = np.interp(grid_s[first:stop], time_s, table.accel_g[run, axis])
        known[first:stop] = True
        filled = stop
    accel_g[filled:] = table.accel_g[-1]
    return accel_g, known


def _signal(label: str, accel_g: Floats, rate_hz: float) -> EdfSignal:
    """Steps as small as 16 bits allow: 8192 a g up to 4 g, as a clip's own."""
    range_g = next((g for g in (4, 8, 16, 32) if np.abs(accel_g).max() < g), ACCEL_G_MAX)
    top_g = range_g * _DIGITAL[1] / -_DIGITAL[0]
    return EdfSignal(
        accel_g,
        rate_hz,
        label=label,
        transducer_type="accelerometer",
        physical_dimension="g",
        physical_range=(-range_g, top_g),
        digital_range=_DIGITAL,
    )


def _annotations(
    grid_s: Floats, known: "np.ndarray[tuple[int], np.dtype[np.bool]]", step_s: float
) -> Sequence[EdfAnnotation]:
    edges = np.flatnonzero(np.diff(np.concatenate([[True], known, [True]])))
    return [
        EdfAnnotation(float(grid_s[first]), float((stop - first) * step_s), NO_DATA)
        for first, stop in edges.reshape(-1, 2)
    ]


def _start(table: Table) -> datetime:
    """Start in UTC, to the second; EDF's first day where it is not known, or a clip's clock was never set."""
    first, last = (datetime(year, 1, 1, tzinfo=UTC).timestamp() for year in EDF_YEARS)
    start_wall_s = table.start_wall_s or 0.0
    return datetime.fromtimestamp(int(start_wall_s) if first < start_wall_s < last else first, UTC)


def read_edf_table(path: Path) -> Table:
    """Read three channels whose labels begin with `Acc` and end with X, Y and Z.

    Raises:
        InputError: it is no EDF file, or lacks them.
    """
    with open_input(path) as file:
        data = file.read()
    if not data.startswith(_VERSION):
        raise InputError(path, "is no EDF file, though its name says so")
    with warnings.catch_warnings(record=True) as doubts:
        warnings.simplefilter("always")
        table = _read(path, data)
    check(path, table)
    if doubts:
        return replace(table, warnings=(f"it is damaged ({doubts[0].message}); what can be read is used",))
    return table


def _read(path: Path, data: bytes) -> Table:
    try:
        edf = read_edf(data)
        signals = [_channel(path, edf, axis) for axis in "xyz"]
        accel_g = np.column_stack([signal.data * _unit_g(path, signal) for signal in signals])
        return _cut(path, edf, signals, accel_g)
    except InputError:
        raise
    except (ValueError, KeyError, IndexError, EOFError, struct.error) as error:
        raise InputError(path, f"is an EDF file that is damaged: {str(error).splitlines()[0]}") from None


def _channel(path: Path, edf: Edf, axis: str) -> EdfSignal:
    for signal in edf.signals:
        label = signal.label.lower()
        if label.startswith("acc") and label.endswith(axis):
            return signal
    held = ", ".join(edf.labels) or "none"
    raise InputError(
        path, f"has no channel Accel {axis.upper()}; it has {held}. Name the three Accel X, Accel Y, Accel Z"
    )


def _unit_g(path: Path, signal: EdfSignal) -> float:
    unit = signal.physical_dimension
    if unit not in _UNIT_G:
        raise InputError(path, f"channel {signal.label} is in {unit!r}; it must be in g, mg or m/s2")
    return _UNIT_G[unit]


def _cut(path: Path, edf: Edf, signals: Sequence[EdfSignal], accel_g: Floats) -> Table:
    rate_hz = signals[0].sampling_frequency
    if any(signal.sampling_frequency != rate_hz for signal in signals):
        raise InputError(path, "has channels of different rates; resample them to one")
    if not len(accel_g):
        raise InputError(path, "holds a header only; nothing was recorded in it")
    if np.abs(accel_g).max() > ACCEL_G_MAX:
        raise InputError(path, f"holds more than any clip measures ({ACCEL_G_MAX:g} g); check the channels' unit")
    time_s = np.arange(len(accel_g)) / rate_hz
    keep = np.ones(len(accel_g), np.bool)
    for note in edf.annotations:
        if note.text == NO_DATA:
            first, stop = np.rint(np.array([note.onset, note.onset + (note.duration or 0)]) * rate_hz).astype(int)
            keep[max(first, 0) : max(stop, 0)] = False
    if not keep.any():
        raise InputError(path, "is annotated as no data from end to end")
    began = datetime.combine(edf.startdate, edf.starttime, UTC).timestamp() if _dated(edf) else None
    return Table(
        time_s=time_s[keep] - time_s[keep][0],
        accel_g=accel_g[keep],
        rate_hz=rate_hz,
        rate_told=True,
        resolution_g=max(_step_g(signal) for signal in signals),
        start_wall_s=began,
    )


def _step_g(signal: EdfSignal) -> float:
    span = (signal.physical_max - signal.physical_min) * _UNIT_G[signal.physical_dimension]
    return span / (signal.digital_max - signal.digital_min)


def _dated(edf: Edf) -> bool:
    try:
        return edf.startdate > date(EDF_YEARS[0], 1, 1)
    except ValueError:  # anonymised
        return False
