import resource
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from edfio import read_edf

from processing.samples import Floats
from sensor import carry
from sensor.clips import FAMILIES
from sensor.convert import convert, readings, record
from sensor.inputs import InputError
from sensor.recording import Item, Recording, RecordingError
from sensor.replay import open_source
from sensor.stream import Arrival, LinkUp, Packet

FORMS = (".csv", ".edf", ".mcap")


def wave(time_s: Floats) -> Floats:
    return np.round(np.sin(time_s[:, None] * [0.9, 2.1, 4.2]) * [0.3, 0.5, 0.2] + [0.1, -0.2, 0.95], 3)


def write(path: Path, time_s: Floats) -> Path:
    table = np.column_stack([time_s, wave(time_s)]).tolist()
    path.write_text("t,x,y,z\n" + "".join(f"{t:.4f},{x},{y},{z}\n" for t, x, y, z in table))
    return path


def read(path: Path) -> Floats:
    parts = readings(open_source(path).items())
    return np.concatenate([np.column_stack([part.time_s, part.accel_g]) for part in parts])


@pytest.mark.parametrize("rate_hz", [25, 50, 100])
@pytest.mark.parametrize("way", [*pairwise(FORMS * 2), FORMS, FORMS[::-1]])
def test_a_round_trip_keeps_every_milli_g(tmp_path: Path, rate_hz: int, way: tuple[str, ...]) -> None:
    time_s = np.arange(60 * rate_hz) / rate_hz
    path = write(tmp_path / "0.csv", time_s)
    for number, suffix in enumerate((*way, ".csv"), start=1):
        before, path = path, tmp_path / f"{number}{suffix}"
        assert convert(before, path) == ()
    back = read(path)
    assert back.shape == (len(time_s), 4)
    assert np.abs(back[:, 0] - time_s).max() < 0.002
    assert np.abs(back[:, 1:] - wave(time_s)).max() <= 0.001


@pytest.mark.parametrize("suffix", FORMS)
def test_holes_stay_holes(tmp_path: Path, suffix: str) -> None:
    time_s = np.concatenate([np.arange(500) / 50, 31.4 + np.arange(500) / 50, 3000 + np.arange(50) / 50])
    path = tmp_path / f"a{suffix}"
    convert(write(tmp_path / "0.csv", time_s), path)
    back = read(path)
    assert len(back) == len(time_s)
    assert np.abs(back[:, 0] - time_s).max() < 0.03


@pytest.mark.parametrize(
    ("rate_hz", "clip_hz"), [(25, 25), (30, 25), (52, 50), (64, 50), (104, 100), (200, 50), (400, 50)]
)
def test_a_table_becomes_packets_of_the_nearest_clip(tmp_path: Path, rate_hz: int, clip_hz: int) -> None:
    path = tmp_path / "a.mcap"
    convert(write(tmp_path / "0.csv", np.arange(20 * rate_hz) / rate_hz), path)
    link, *rest = Recording(path)
    assert isinstance(link, LinkUp)
    assert (link.family, link.rate_hz) == ("sleepclip", clip_hz)
    assert all(isinstance(item, Packet) for item in rest)
    back = read(path)
    assert np.abs(np.diff(back[100:, 0]) - 1 / clip_hz).max() < 0.003
    assert np.abs(back[50:-50, 1:] - wave(back[50:-50, 0])).max() < 0.03


def test_what_no_clip_could_have_sent_is_refused(tmp_path: Path) -> None:
    slow = write(tmp_path / "0.csv", np.arange(300) / 12.5)
    with pytest.raises(InputError, match=r"has 12.5 rows a second; no sleepclip clip is slower than 25 Hz"):
        convert(slow, tmp_path / "a.mcap")
    assert convert(slow, tmp_path / "a.edf") == ()


@pytest.mark.parametrize("rate_hz", [12.5, 33.3, 51.83])
def test_an_odd_rate_survives_edf(tmp_path: Path, rate_hz: float) -> None:
    time_s = np.arange(2000) / rate_hz
    convert(write(tmp_path / "0.csv", time_s), tmp_path / "a.edf")
    back = read(tmp_path / "a.edf")
    assert len(back) == pytest.approx(2000, rel=0.01)
    assert np.abs(back[:, 1:] - wave(back[:, 0])).max() < 0.01


@pytest.mark.parametrize("peak_g", [3.9, 7.9, 15.9, 30.0])
def test_a_milli_g_survives_edf_whatever_the_range(tmp_path: Path, peak_g: float) -> None:
    accel = np.tile([0.001, -0.001, 1.0], (100, 1))
    accel[50, 0] = peak_g
    lines = "".join(f"{n / 50},{x},{y},{z}\n" for n, (x, y, z) in enumerate(accel.tolist()))
    (tmp_path / "0.csv").write_text("t,x,y,z\n" + lines)
    convert(tmp_path / "0.csv", tmp_path / "a.edf")
    back = read(tmp_path / "a.edf")[:, 1:]
    assert np.abs(back - accel).max() <= 0.0005
    assert np.unique(back[:, 0]).size == 2


def test_the_start_of_the_night_reaches_the_viewer(tmp_path: Path) -> None:
    family, start = FAMILIES["sleepclip"], Arrival(at_s=500.0, wall_s=1_763_640_000.0)  # 2025-11-20 12:00 UTC
    packets = carry.carry(wave(np.arange(500) / 50), family, 50.0, start)
    record(tmp_path / "a.mcap", [carry.link_up(family, 50.0, start), *packets])
    convert(tmp_path / "a.mcap", tmp_path / "a.edf")
    edf = read_edf(tmp_path / "a.edf")
    assert edf.startdatetime.isoformat() == "2025-11-20T12:00:00"
    assert edf.labels == ("Accel X", "Accel Y", "Accel Z")
    assert open_source(tmp_path / "a.edf").start_wall_s == 1_763_640_000.0


@pytest.mark.parametrize("rates_hz", [(100.0, 25.0), (25.0, 100.0)])
def test_sessions_of_two_rates_keep_every_row_in_edf(tmp_path: Path, rates_hz: tuple[float, float]) -> None:
    family = FAMILIES["sleepclip"]
    items: list[Item] = []
    for rate_hz, at_s in zip(rates_hz, (500.0, 530.0), strict=True):
        start = Arrival(at_s=at_s, wall_s=1.8e9 + at_s)
        items += [carry.link_up(family, rate_hz, start)]
        items += carry.carry(wave(np.arange(20 * rate_hz) / rate_hz), family, rate_hz, start)
    record(tmp_path / "a.mcap", items)
    convert(tmp_path / "a.mcap", tmp_path / "a.edf")
    assert len(read(tmp_path / "a.edf")) == pytest.approx(20 * sum(rates_hz), abs=2)


def test_a_torn_recording_is_converted_with_a_warning(tmp_path: Path) -> None:
    convert(write(tmp_path / "0.csv", np.arange(3000) / 50), tmp_path / "a.mcap")
    data = (tmp_path / "a.mcap").read_bytes()
    (tmp_path / "torn.mcap").write_bytes(data[: len(data) // 2])
    (warning,) = convert(tmp_path / "torn.mcap", tmp_path / "b.csv")
    assert "cut off while being written" in warning
    assert 1000 < len(read(tmp_path / "b.csv")) < 3000


@pytest.mark.parametrize("suffix", FORMS)
def test_nothing_is_overwritten(tmp_path: Path, suffix: str) -> None:
    source = write(tmp_path / "0.csv", np.arange(300) / 50)
    target = tmp_path / f"a{suffix}"
    target.write_text("dear diary")
    with pytest.raises(InputError, match="exists already and is not overwritten"):
        convert(source, target)
    assert target.read_text() == "dear diary"


def test_an_unknown_form_is_refused_before_anything_is_read(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"night.xls: ends in .xls; it must be one of .mcap, .csv, .edf"):
        convert(tmp_path / "missing.csv", tmp_path / "night.xls")


def interrupted(items: list[Item]) -> Iterator[Item]:
    yield from items
    raise KeyboardInterrupt


def test_a_recording_that_is_interrupted_is_not_left_half_written(tmp_path: Path) -> None:
    convert(write(tmp_path / "0.csv", np.arange(3000) / 50), tmp_path / "a.mcap")
    with pytest.raises(KeyboardInterrupt):
        record(tmp_path / "b.mcap", interrupted(list(Recording(tmp_path / "a.mcap"))))
    assert not (tmp_path / "b.mcap").exists()


@pytest.mark.parametrize("suffix", FORMS)
def test_a_source_that_is_wrong_further_on_leaves_nothing_behind(tmp_path: Path, suffix: str) -> None:
    convert(write(tmp_path / "0.csv", np.arange(3000) / 50), tmp_path / "a.mcap")
    items = list(Recording(tmp_path / "a.mcap"))
    assert isinstance(items[0], LinkUp)
    record(tmp_path / "b.mcap", [*items, replace(items[0], at_s=61.0, family="sonar")])
    with pytest.raises(InputError, match="family 'sonar'"):
        convert(tmp_path / "b.mcap", tmp_path / f"c{suffix}")
    assert not (tmp_path / f"c{suffix}").exists()


def test_a_rate_is_measured_from_times_of_few_digits(tmp_path: Path) -> None:
    lines = "".join(f"{n / 60:.2f},0,0,1\n" for n in range(2000))
    (tmp_path / "0.csv").write_text("t,x,y,z\n" + lines)
    convert(tmp_path / "0.csv", tmp_path / "a.edf")
    assert read_edf(tmp_path / "a.edf").get_signal("Accel X").sampling_frequency == 60


def test_an_edf_that_was_cut_off_is_read_with_a_warning(tmp_path: Path) -> None:
    convert(write(tmp_path / "0.csv", np.arange(3000) / 50), tmp_path / "a.edf")
    data = (tmp_path / "a.edf").read_bytes()
    (tmp_path / "torn.edf").write_bytes(data[: len(data) // 2])
    (warning,) = convert(tmp_path / "torn.edf", tmp_path / "b.csv")
    assert warning.startswith("it is damaged (")
    assert 1000 < len(read(tmp_path / "b.csv")) < 3000


@pytest.mark.parametrize(
    ("data", "fault"),
    [
        (b"t,x,y,z\n0,0,0,1\n", "is no EDF file, though its name says so"),
        (b"0       rubbish", "is an EDF file that is damaged"),
    ],
)
def test_what_is_no_edf_is_told(tmp_path: Path, data: bytes, fault: str) -> None:
    (tmp_path / "a.edf").write_bytes(data)
    with pytest.raises(InputError, match=fault):
        open_source(tmp_path / "a.edf")


@contextmanager
def file_size_limit(size: int) -> Iterator[None]:
    """As a full disk does, the kernel refuses to let a file grow beyond this."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


@pytest.mark.parametrize("suffix", FORMS)
def test_a_full_disk_is_told(tmp_path: Path, suffix: str) -> None:
    source = write(tmp_path / "0.csv", np.arange(30_000) / 50)
    with file_size_limit(20_000), pytest.raises(RecordingError, match=r"cannot be written \(.+\); free some space"):
        convert(source, tmp_path / f"a{suffix}")
    assert not (tmp_path / f"a{suffix}").exists()
