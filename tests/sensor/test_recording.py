import math
import os
import resource
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from mcap.reader import make_reader

from sensor import carry
from sensor.clips import FAMILIES
from sensor.inputs import InputError
from sensor.recording import BATCH_S, Item, Recorder, Recording, RecordingError, decode, encode
from sensor.stream import Arrival, Battery, LinkDown, LinkUp, Packet, Signal

START = Arrival(at_s=12345.678901234, wall_s=1.8e9)


def night(seconds: float = 60.0) -> list[Item]:
    rng = np.random.default_rng(1)
    accel_g = rng.normal([0, 0, 1], 0.01, (int(50 * seconds), 3))
    items: list[Item] = [carry.link_up(FAMILIES["sleepclip"], 50.0, START, name="bear")]
    items += carry.carry(accel_g, FAMILIES["sleepclip"], 50.0, START)
    items.insert(20, replace(Battery(at_s=0, wall_s=0, percent=81), at_s=items[20].at_s, wall_s=items[20].wall_s))
    items.insert(15, replace(Signal(at_s=0, wall_s=0, rssi_dbm=-60), at_s=items[15].at_s, wall_s=items[15].wall_s))
    end = items[-1]
    return [*items, LinkDown(at_s=end.at_s + 1, wall_s=end.wall_s + 1, cause="out of range")]


def recorded(path: Path, items: list[Item]) -> Path:
    with Recorder(path, {"clip": "bear"}, sync=lambda _: None) as recorder:
        for item in items:
            recorder.push(item)
    return path


def same(a: Item, b: Item) -> bool:
    return replace(a, wall_s=0.0) == replace(b, wall_s=0.0) and abs(a.wall_s - b.wall_s) <= 0.001


def test_every_item_comes_back(tmp_path: Path) -> None:
    items = night()
    recording = Recording(recorded(tmp_path / "a.mcap", items))
    back = list(recording)
    assert len(back) == len(items)
    assert all(map(same, back, items))
    assert list(recording) == back
    assert not str(recording.damage)


def test_other_mcap_tools_can_open_it(tmp_path: Path) -> None:
    path = recorded(tmp_path / "a.mcap", night())
    with path.open("rb") as file:
        reader = make_reader(file)
        facts = {record.name: record.metadata for record in reader.iter_metadata()}
        messages = list(reader.iter_messages())
        assert reader.get_header().profile == "sleepclip"
    assert facts["sleepclip"]["clip"] == "bear"
    assert facts["sleepclip"]["software"].startswith("sleepclip ")
    assert facts["session"]["family"] == "sleepclip"
    assert facts["session"]["rate_hz"] == "50"
    assert messages[0][2].publish_time == 12345678901234


stamps = st.one_of(
    st.floats(0, 1e7),
    st.integers(0, 10**16).map(lambda ns: ns / 1e9),
    st.floats(0, 1e7).map(lambda seconds: round(seconds, 6)),
)
common = {"at_s": stamps, "wall_s": st.floats(0, 4e9)}
any_item = st.one_of(
    st.builds(Packet, data=st.binary(max_size=600), **common),
    st.builds(Battery, percent=st.integers(0, 100), **common),
    st.builds(Signal, rssi_dbm=st.integers(-127, 20), **common),
    st.builds(LinkDown, cause=st.text(max_size=40), **common),
    st.builds(LinkUp, family=st.text(), address=st.text(), name=st.text(), rate_hz=st.floats(10, 400), **common),
)


@given(items=st.lists(any_item, min_size=1, max_size=30))
def test_a_batch_keeps_every_arrival_to_the_bit(items: list[Item]) -> None:
    back = decode(encode(items))
    assert [replace(item, wall_s=0.0) for item in back] == [replace(item, wall_s=0.0) for item in items]


@given(items=st.lists(any_item, min_size=1, max_size=30))
def test_any_items_survive_a_recording(tmp_path_factory: pytest.TempPathFactory, items: list[Item]) -> None:
    items = [replace(item, family="sleepclip") if isinstance(item, LinkUp) else item for item in items]
    back = list(Recording(recorded(tmp_path_factory.mktemp("r") / "a.mcap", items)))
    assert len(back) == len(items)
    assert all(map(same, back, items))


def test_a_torn_file_is_read_to_its_last_whole_batch(tmp_path: Path) -> None:
    items = night()
    whole = recorded(tmp_path / "a.mcap", items).read_bytes()
    lengths = []
    for size in range(1, len(whole), 97):
        torn = tmp_path / "torn.mcap"
        torn.write_bytes(whole[:size])
        try:
            recording = Recording(torn)
        except InputError:
            lengths.append(0)
            continue
        back = list(recording)
        assert all(map(same, back, items))
        assert recording.damage.torn
        assert "at most 5 s" in str(recording.damage)
        lengths.append(len(back))
    assert lengths == sorted(lengths)
    assert lengths[-1] == len(items)


@pytest.mark.parametrize("tail", [bytes(5000), b"\xff" * 5000])
def test_what_a_file_system_leaves_behind_a_power_cut_is_no_data(tmp_path: Path, tail: bytes) -> None:
    items = night()
    path = recorded(tmp_path / "a.mcap", items)
    whole = path.read_bytes()
    path.write_bytes(whole[: len(whole) * 3 // 4] + tail)
    recording = Recording(path)
    back = list(recording)
    assert len(items) / 2 < len(back) < len(items)
    assert all(map(same, back, items))
    assert recording.damage.torn


def test_a_damaged_batch_costs_no_more_than_itself(tmp_path: Path) -> None:
    items = night()
    path = recorded(tmp_path / "a.mcap", items)
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 0xFF
    path.write_bytes(data)
    recording = Recording(path)
    back = list(recording)
    assert recording.damage.chunks == 1
    assert len(items) - 5 * (BATCH_S + 1) <= len(back) < len(items)
    assert "1 damaged part" in str(recording.damage)


@given(flips=st.lists(st.tuples(st.floats(0, 1), st.integers(0, 7)), min_size=1, max_size=5))
@example(flips=[(0.888671875, 7)])  # a length that no index holds
def test_flipped_bits_never_crash_the_reader(
    tmp_path_factory: pytest.TempPathFactory, flips: list[tuple[float, int]]
) -> None:
    path = recorded(tmp_path_factory.mktemp("f") / "a.mcap", night(12))
    data = bytearray(path.read_bytes())
    for where, bit in flips:
        data[math.floor(where * (len(data) - 1))] ^= 1 << bit
    path.write_bytes(data)
    try:
        back = list(Recording(path))
    except InputError:
        return
    assert len(back) <= len(night(12))


def test_a_damaged_beginning_costs_no_more_than_itself(tmp_path: Path) -> None:
    """The first batch tells the channel and begins the session; the rest is of no use without them."""
    items = night()
    path = recorded(tmp_path / "a.mcap", items)
    data = bytearray(path.read_bytes())
    data[data.index(b"zstd") + 100] ^= 0xFF
    path.write_bytes(data)
    recording = Recording(path)
    up, *back = list(recording)
    assert recording.damage.chunks == 1
    assert isinstance(up, LinkUp)
    assert isinstance(items[0], LinkUp)
    assert replace(up, at_s=items[0].at_s, wall_s=items[0].wall_s) == items[0]
    assert up.at_s == back[0].at_s
    assert all(map(same, back, items[len(items) - len(back) :]))
    assert len(back) > len(items) - 5 * (BATCH_S + 1)


def test_a_damaged_length_is_no_reason_to_run_out_of_memory(tmp_path: Path) -> None:
    path = recorded(tmp_path / "a.mcap", night(12))
    data = bytearray(path.read_bytes())
    length_at = data.index(b"zstd") + len(b"zstd")  # the chunk's compression is followed by its length, u64
    data[length_at + 5] = 1
    path.write_bytes(data)
    with pytest.raises(InputError, match="or was cut off in its first seconds"):
        Recording(path)


def test_it_is_synced_every_five_seconds_at_most(tmp_path: Path) -> None:
    synced: list[int] = []
    path = tmp_path / "a.mcap"
    with Recorder(path, sync=synced.append) as recorder:
        assert len(synced) == 2  # the file, and the directory that names it
        unsynced_s = []
        on_disk_at_s = START.at_s
        for item in night(120):
            before = len(synced)
            recorder.push(item)
            if len(synced) > before:
                on_disk_at_s = item.at_s
            unsynced_s.append(item.at_s - on_disk_at_s)
    assert max(unsynced_s) < 5
    assert len(synced) > 24


def test_what_is_due_is_told_in_silence_too(tmp_path: Path) -> None:
    with Recorder(tmp_path / "a.mcap") as recorder:
        assert not recorder.due(START.at_s + 100)
        recorder.push(night()[0])
        assert not recorder.due(START.at_s + BATCH_S - 0.1)
        assert recorder.due(START.at_s + BATCH_S)
        recorder.flush()
        assert not recorder.due(START.at_s + 100)
        assert len(list(Recording(recorder.path))) == 1


CHILD = """
import sys, time
from pathlib import Path
from sensor.recording import Recorder
from sensor.stream import LinkUp, Packet

with Recorder(Path(sys.argv[1])) as recorder:
    begin = time.monotonic()
    recorder.push(LinkUp(at_s=0.0, wall_s=0.0, family="sleepclip", address="", name="", rate_hz=50.0))
    for n in range(1_000_000):
        at_s = n * 0.2
        time.sleep(max(0.0, begin + at_s / float(sys.argv[2]) - time.monotonic()))
        recorder.push(Packet(at_s=at_s, wall_s=at_s, data=n.to_bytes(4, "little") * 16))
        print(n, flush=True)
"""


@pytest.mark.parametrize("speed", [40, 70])
def test_kill_9_while_recording_loses_five_seconds_at_most(tmp_path: Path, speed: int) -> None:
    path = tmp_path / "a.mcap"
    command = [sys.executable, "-c", CHILD, str(path), str(speed)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as child:
        assert child.stdout is not None
        pushed = [int(child.stdout.readline())]
        time.sleep(1.5)
        child.send_signal(signal.SIGKILL)
        pushed += [int(line) for line in child.stdout]
    recording = Recording(path)
    numbers = [int.from_bytes(item.data[:4], "little") for item in recording if isinstance(item, Packet)]
    assert recording.damage.torn
    assert pushed[-1] > 100
    assert numbers == list(range(len(numbers)))
    assert (pushed[-1] - numbers[-1]) * 0.2 <= 5


@contextmanager
def file_size_limit(size: int) -> Iterator[None]:
    """As a full disk does, the kernel refuses to let a file grow beyond this."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


def for_each(do: Callable[[Item], None], items: list[Item]) -> None:
    for item in items:
        do(item)


def test_a_full_disk_is_an_error_and_costs_nothing_that_was_written(tmp_path: Path) -> None:
    path = tmp_path / "a.mcap"
    items = night(300)
    with file_size_limit(30_000), Recorder(path) as recorder:
        with pytest.raises(RecordingError, match=r"a.mcap: cannot be written \(.+\); free some space"):
            for_each(recorder.push, items)
        with pytest.raises(RecordingError, match="failed before"):
            recorder.flush()
    back = list(Recording(path))
    assert all(map(same, back, items))
    assert 25_000 < path.stat().st_size <= 30_000
    assert len(back) > 500


def test_a_disk_that_was_full_before_is_told_at_once(tmp_path: Path) -> None:
    before = len(os.listdir("/proc/self/fd"))  # noqa: PTH208  a list of names
    with file_size_limit(10), pytest.raises(RecordingError, match="free some space"):
        Recorder(tmp_path / "a.mcap")
    assert not list(tmp_path.iterdir())
    assert len(os.listdir("/proc/self/fd")) == before  # noqa: PTH208  likewise


def test_nothing_is_overwritten(tmp_path: Path) -> None:
    path = tmp_path / "a.mcap"
    path.write_text("dear diary")
    with pytest.raises(InputError, match="exists already"):
        Recorder(path)
    assert path.read_text() == "dear diary"


def test_a_directory_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="directory that does not exist"):
        Recorder(tmp_path / "nights" / "a.mcap")


def test_sessions_of_strange_clips_are_refused(tmp_path: Path) -> None:
    strange = [replace(item, family="sonar") if isinstance(item, LinkUp) else item for item in night(5)]
    with pytest.raises(InputError, match="family 'sonar', none of sleepclip"):
        Recording(recorded(tmp_path / "a.mcap", strange))
    fast = [replace(item, rate_hz=5000.0) if isinstance(item, LinkUp) else item for item in night(5)]
    with pytest.raises(InputError, match="5000 Hz, outside 10 to 400"):
        Recording(recorded(tmp_path / "b.mcap", fast))


def test_no_descriptor_is_left_open(tmp_path: Path) -> None:
    before = len(os.listdir("/proc/self/fd"))  # noqa: PTH208  a list of names
    list(Recording(recorded(tmp_path / "a.mcap", night())))
    assert len(os.listdir("/proc/self/fd")) == before  # noqa: PTH208  likewise
