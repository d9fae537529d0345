"""Files as people hand them in: every fault is one line that names the file, the place and the mend."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from processing.samples import Floats
from sensor.inputs import InputError
from sensor.replay import open_source

HEADER = b"t,x,y,z\n"


def rows(count: int = 40, rate_hz: float = 50.0, scale: float = 1.0, start_s: float = 0.0) -> bytes:
    return b"".join(b"%.4f,0.01,-0.02,%.3f\n" % (start_s + n / rate_hz, scale) for n in range(count))


def read(path: Path) -> Floats:
    parts = list(open_source(path).items())
    return np.concatenate([np.column_stack([part.time_s, part.accel_g]) for part in parts])  # type: ignore[union-attr]


FAULTS: list[tuple[str, bytes, str]] = [
    ("empty", b"", "is empty"),
    ("header only", HEADER, "holds a header only"),
    ("header and blank lines", HEADER + b"\n\n", "holds a header only"),
    ("wrong header", b"time,x,y,z\n" + rows(), "line 1: 'time,x,y,z' is not the header; it must be t,x,y,z"),
    ("no header", rows(), "line 1: '0.0000,0.01,-0.02,1.000' is not the header"),
    ("semicolons", b"t;x;y;z\n0;0;0;1\n", "line 1: 't;x;y;z' is not the header"),
    ("nan", HEADER + rows(10) + b"0.2,nan,0,1\n" + rows(9, start_s=0.3), "line 12: x is 'nan'; leave out rows"),
    ("infinity", HEADER + rows(10) + b"0.2,0,0,inf\n", "line 12: z is 'inf'"),
    ("text", HEADER + rows(3) + b"0.06,0,ouch,1\n", "line 5: y is 'ouch', which is no number"),
    ("an empty cell", HEADER + rows(3) + b"0.06,0,,1\n", "line 5: y is '', which is no number"),
    ("three columns", HEADER + b"0,0,1\n0.02,0,1\n", "line 2: '0,0,1' has 3 columns; it must have 4"),
    ("five columns", HEADER + rows(2) + b"0.04,0,0,1,7\n", "line 4: '0.04,0,0,1,7' has 5 columns"),
    ("a short line", HEADER + rows(2) + b"0.04,0\n" + rows(3, start_s=1), "line 4: '0.04,0' has 2 columns"),
    ("backwards", HEADER + rows(5) + b"0.05,0,0,1\n", "line 7: t runs backwards, from 0.08 to 0.05; sort"),
    ("repeated", HEADER + rows(5) + b"0.08,0,0,1\n", "line 7: t is 0.08 twice"),
    (
        "decimal commas",
        HEADER + b"0,00,0,01,0,02,1,00\n",
        "line 2: '0,00,0,01,0,02,1,00' has 8 columns; it must",
    ),
    ("an underscore", HEADER + rows(3) + b"0.0_6,0,0,1\n", "line 5: t is '0.0_6', which is no number"),
    (
        "a clock that was set",
        HEADER + rows(5) + rows(5, start_s=1.7e9),
        "line 7: t jumps from 0.08 to 1.7e+09, by more",
    ),
    ("one row", HEADER + rows(1), "line 2: is its only row"),
    ("3 Hz", HEADER + rows(rate_hz=3), "holds 3 rows a second; the rate must be from 10 to 400 Hz"),
    ("1000 Hz", HEADER + rows(rate_hz=1000), "holds 1000 rows a second; the rate must be from 10 to 400 Hz"),
    ("milliseconds", HEADER + rows(rate_hz=0.05), "holds 0.05 rows a second; t looks like milliseconds"),
    ("400 g", HEADER + rows() + b"0.9,400,0,0\n", "line 42: x is 400 g, more than any clip measures (64 g)"),
    ("mg", HEADER + rows(scale=998), "line 2: z is 998 g, more than any clip measures (64 g); if the file is in mg"),
    ("m/s2", HEADER + rows(scale=9.79), "is at rest at 9.79 g instead of 1 g; it is in m/s2, divide by 9.80665"),
    ("junk", bytes(range(256)) * 40, "is no text"),
    ("junk without zeros", bytes(range(128, 256)) * 40, "is not the header"),
]


@pytest.mark.parametrize(("data", "fault"), [f[1:] for f in FAULTS], ids=[f[0] for f in FAULTS])
def test_a_bad_csv_is_named_in_one_line(tmp_path: Path, data: bytes, fault: str) -> None:
    path = tmp_path / "night.csv"
    path.write_bytes(data)
    with pytest.raises(InputError) as error:
        open_source(path)
    message = str(error.value)
    assert message.startswith(f"{path}: ")
    assert fault in message
    assert "\n" not in message
    assert len(message) < len(str(path)) + 160


@pytest.mark.parametrize("suffix", [".mcap", ".csv", ".edf"])
@pytest.mark.parametrize(
    "data", [b"", b"hello\n", bytes(range(256)) * 9, b"\x89MCAP0\r\n", b"\x89MCAP0\r\n" + b"\1" * 99]
)
def test_what_is_no_recording_is_refused(tmp_path: Path, suffix: str, data: bytes) -> None:
    path = tmp_path / f"night{suffix}"
    path.write_bytes(data)
    with pytest.raises(InputError, match=r"^\S+: .+") as error:
        open_source(path)
    assert "\n" not in str(error.value)


@pytest.mark.parametrize("suffix", [".mcap", ".csv", ".edf", ".txt", ""])
def test_a_missing_file_and_a_directory_are_named(tmp_path: Path, suffix: str) -> None:
    with pytest.raises(InputError, match="does not exist; check the name"):
        open_source(tmp_path / f"night{suffix}")
    folder = tmp_path / f"folder{suffix}"
    folder.mkdir()
    with pytest.raises(InputError, match="is a directory; name a file in it"):
        open_source(folder)


def test_a_csv_that_would_fill_the_memory_is_refused_unread(tmp_path: Path) -> None:
    path = tmp_path / "year.csv"
    with path.open("wb") as file:
        file.truncate(10**12)
    with pytest.raises(InputError, match=r"year.csv: holds 1000000 MB, and 256 MB are read; make a file of each night"):
        open_source(path)


@pytest.mark.parametrize(("name", "told"), [("night.txt", r"\.txt"), ("night", "nothing")])
def test_another_suffix_is_refused(tmp_path: Path, name: str, told: str) -> None:
    (tmp_path / name).write_bytes(HEADER + rows())
    with pytest.raises(InputError, match=rf"ends in {told}; it must be one of \.mcap, \.csv, \.edf"):
        open_source(tmp_path / name)


def test_a_device_or_a_pipe_is_refused_unread(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.mcap")
    (tmp_path / "zeros.csv").symlink_to("/dev/zero")
    for name in ("pipe.mcap", "zeros.csv"):
        with pytest.raises(InputError, match="is a device or a pipe; copy what it gives into a file"):
            open_source(tmp_path / name)


def test_a_name_that_no_file_can_have_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="cannot be opened"):
        open_source(tmp_path / ("a" * 300))


@contextmanager
def as_nobody() -> Iterator[None]:
    """Root may read everything, so be somebody else for a moment."""
    user = os.geteuid()
    os.seteuid(65534 if user == 0 else user)
    try:
        yield
    finally:
        os.seteuid(user)


def test_a_file_that_may_not_be_read_is_named(tmp_path: Path) -> None:
    path = tmp_path / "night.csv"
    path.write_bytes(HEADER + rows())
    path.chmod(0)
    with as_nobody(), pytest.raises(InputError, match="may not be read; ask for read permission"):
        open_source(path)


@pytest.mark.parametrize("rate_hz", [9.9, 10, 25, 50, 100, 333.3, 400, 400.5])
def test_every_rate_from_10_to_400_is_taken(tmp_path: Path, rate_hz: float) -> None:
    path = tmp_path / "night.csv"
    path.write_bytes(HEADER + b"".join(b"%.3f,0,0,1\n" % (n / rate_hz) for n in range(1000)))
    assert read(path).shape == (1000, 4)


def test_time_begins_at_zero_whatever_the_file_says(tmp_path: Path) -> None:
    path = tmp_path / "night.csv"
    path.write_bytes(HEADER + rows(start_s=1.8e9))
    assert np.allclose(read(path)[:, 0], np.arange(40) / 50, atol=1e-4)


def test_holes_and_jitter_are_taken(tmp_path: Path) -> None:
    path = tmp_path / "night.csv"
    path.write_bytes(HEADER + rows(40) + rows(40, start_s=600) + b"700,0,0,1\n")
    assert read(path)[-1, 0] == 700


@pytest.mark.parametrize("data", [b"\xef\xbb\xbf" + HEADER + rows(), (HEADER + rows()).replace(b"\n", b"\r\n")])
def test_what_spreadsheets_write_is_taken(tmp_path: Path, data: bytes) -> None:
    path = tmp_path / "night.CSV"
    path.write_bytes(data)
    assert read(path).shape == (40, 4)


@given(cut=st.integers(1, 24))
def test_a_last_line_cut_off_by_a_kill_is_left_out(tmp_path_factory: pytest.TempPathFactory, cut: int) -> None:
    path = tmp_path_factory.mktemp("cut") / "night.csv"
    path.write_bytes((HEADER + rows())[:-cut])
    source = open_source(path)
    held = sum(len(part) for part in source.items())  # type: ignore[arg-type]
    if source.warnings:
        assert held == 39
        assert "was cut off and is left out" in source.warnings[0]
    else:
        assert held == (40 if cut < 24 else 39)


def test_a_cut_line_within_the_file_is_an_error(tmp_path: Path) -> None:
    path = tmp_path / "night.csv"
    path.write_bytes(HEADER + rows(5) + b"0.1,0.0\n")
    with pytest.raises(InputError, match=r"line 7: '0.1,0.0' has 2 columns"):
        open_source(path)


@given(data=st.binary(max_size=300), suffix=st.sampled_from([".mcap", ".csv", ".edf"]))
def test_rubbish_is_an_input_error_or_readings(
    tmp_path_factory: pytest.TempPathFactory, data: bytes, suffix: str
) -> None:
    path = tmp_path_factory.mktemp("junk") / f"night{suffix}"
    heads = {".mcap": b"\x89MCAP0\r\n", ".csv": HEADER, ".edf": b"0       "}
    path.write_bytes(heads[suffix] + data)
    try:
        items = list(open_source(path).items())
    except InputError:
        return
    assert items


def test_no_chunk_depends_on_what_follows(tmp_path: Path) -> None:
    """The rate a whole file shows must not reach the stream: cut anywhere, the stream is the same up to the cut."""
    whole, part = tmp_path / "whole.csv", tmp_path / "part.csv"
    whole.write_bytes(HEADER + rows(100) + rows(100, rate_hz=49.0, start_s=5.0))
    part.write_bytes(HEADER + rows(100))
    (first, *_), (cut,) = list(open_source(whole).items()), list(open_source(part).items())
    assert first.rate_hz is cut.rate_hz is None  # type: ignore[union-attr]
