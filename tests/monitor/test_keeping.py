import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import replace
from datetime import datetime
from pathlib import Path

import pytest

from monitor.keeping import RETRY_S, NightKeeper
from monitor.nights import RecordingSettings
from sensor.convert import readings
from sensor.recording import Recording
from sensor.simulator import simulate
from sensor.stream import LinkDown, LinkUp, StreamItem

Told = list[tuple[str, str]]


class Clock:
    """A monotonic clock that is set by hand."""

    def __init__(self) -> None:
        self.s = 0.0

    def __call__(self) -> float:
        return self.s


@pytest.fixture(scope="module")
def items() -> Sequence[StreamItem]:
    """Five minutes of a good link."""
    return simulate("quiet", seed=1).items[:1500]


@asynccontextmanager
async def keeping(keeper: NightKeeper) -> AsyncIterator[None]:
    task = asyncio.create_task(keeper.keep())
    await asyncio.sleep(0)
    try:
        yield
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task


def push(keeper: NightKeeper, items: Sequence[StreamItem]) -> None:
    for item in items:
        keeper.push(item)  # type: ignore[arg-type]  # the simulator's radio gives packets


async def until(condition: Callable[[], bool]) -> None:
    async with asyncio.timeout(30):
        while not condition():  # noqa: ASYNC110  it looks at what a thread does
            await asyncio.sleep(0.02)


def recordings(folder: Path) -> list[Recording]:
    return [Recording(path) for path in sorted(folder.glob("*.mcap"))]


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def settings(folder: Path, **changes: int) -> RecordingSettings:
    return RecordingSettings(directory=str(folder), min_free_mb=changes.get("min_free_mb", 10))


async def test_the_end_of_the_night_is_written_too(tmp_path: Path, items: Sequence[StreamItem]) -> None:
    keeper = NightKeeper("baby", settings(tmp_path), lambda *_: None)
    async with keeping(keeper):
        push(keeper, items)
        await until(lambda: bool(list(tmp_path.iterdir())))
        push(keeper, [replace(items[-1], at_s=items[-1].at_s + 1)])  # type: ignore[type-var]
    (recording,) = recordings(tmp_path)
    assert len(list(recording)) == len(items) + 1
    assert str(recording.damage) == ""


async def test_noon_begins_a_file_that_stands_alone(tmp_path: Path, items: Sequence[StreamItem]) -> None:
    noon_s = datetime(2026, 3, 1, 12).astimezone().timestamp()
    shift_s = noon_s - items[700].wall_s  # type: ignore[union-attr]
    at_noon = [replace(item, wall_s=item.wall_s + shift_s) for item in items]  # type: ignore[type-var, union-attr]
    keeper = NightKeeper("baby", settings(tmp_path), lambda *_: None)
    async with keeping(keeper):
        push(keeper, at_noon)
    before, after = recordings(tmp_path)
    assert [item for item in before if not isinstance(item, LinkUp)] == [
        item for item in at_noon[:700] if not isinstance(item, LinkUp)
    ]
    first, *rest = after
    assert isinstance(first, LinkUp)
    assert (first.at_s, first.wall_s) == (at_noon[700].at_s, at_noon[700].wall_s)
    assert rest == at_noon[700:]
    assert sum(map(len, readings(after))) == sum(map(len, readings(items))) - sum(map(len, readings(before)))


async def test_a_failing_disk_is_told_once_and_tried_again(tmp_path: Path, items: Sequence[StreamItem]) -> None:
    folder = tmp_path / "nights"
    folder.write_text("in the way")
    told: Told = []
    clock = Clock()
    keeper = NightKeeper("baby", settings(folder), lambda cause, mend: told.append((cause, mend)), clock)
    async with keeping(keeper):
        push(keeper, items[:100])
        await until(lambda: bool(told))
        clock.s += RETRY_S
        push(keeper, items[100:200])
        await asyncio.sleep(1)
        assert ["the night is not recorded" in cause for cause, _ in told] == [True]
        folder.unlink()
        push(keeper, items[200:300])
        clock.s += RETRY_S
        await until(lambda: len(told) > 1)
    assert told[1] == ("", "")
    (recording,) = recordings(folder)
    assert list(recording)[-100:] == list(items[200:300])


async def test_without_room_nothing_is_recorded(tmp_path: Path, items: Sequence[StreamItem]) -> None:
    told: Told = []
    keeper = NightKeeper("baby", settings(tmp_path, min_free_mb=10**9), lambda *fault: told.append(fault))
    async with keeping(keeper):
        push(keeper, items[:100])
        await until(lambda: bool(told))
    assert "MB are free" in told[0][0]
    assert recordings(tmp_path) == []


async def test_old_nights_make_room_for_the_new(tmp_path: Path, items: Sequence[StreamItem]) -> None:
    old = [tmp_path / f"baby-200003{day:02}T200000Z.mcap" for day in range(1, 5)]
    for path in (*old, tmp_path / "twin-20000301T200000Z.mcap"):
        path.touch()
    keeper = NightKeeper("baby", RecordingSettings(directory=str(tmp_path), keep_nights=2), lambda *_: None)
    async with keeping(keeper):
        push(keeper, items[:100])
    left = names(tmp_path)
    assert left[0] == old[3].name
    assert len(left) == 3
    assert left[2] == "twin-20000301T200000Z.mcap"


async def test_one_night_kept_is_the_one_before_too(tmp_path: Path, items: Sequence[StreamItem]) -> None:
    for name in ("baby-20000301T200000Z.mcap", "baby-20000302T200000Z.mcap", "baby-20960101T200000Z.mcap"):
        (tmp_path / name).touch()
    keeper = NightKeeper("baby", RecordingSettings(directory=str(tmp_path), keep_nights=1), lambda *_: None)
    async with keeping(keeper):
        push(keeper, items[:100])
    assert [name[:13] for name in names(tmp_path)] == ["baby-20000302", "baby-20260115", "baby-20960101"]


async def test_a_night_without_a_session_has_no_file(tmp_path: Path, items: Sequence[StreamItem]) -> None:
    assert isinstance(items[0], LinkUp)
    looking = [LinkDown(at_s=items[0].at_s - s, wall_s=items[0].wall_s - s, cause="away") for s in (3.0, 2.0, 1.0)]
    keeper = NightKeeper("baby", settings(tmp_path), lambda *_: None)
    async with keeping(keeper):
        push(keeper, looking)
    assert names(tmp_path) == []
    keeper = NightKeeper("baby", settings(tmp_path), lambda *_: None)
    async with keeping(keeper):
        push(keeper, [*looking, *items[:100]])
    (recording,) = recordings(tmp_path)
    assert list(recording) == [*looking, *items[:100]]


async def test_recording_can_be_switched_off(tmp_path: Path, items: Sequence[StreamItem]) -> None:
    keeper = NightKeeper("baby", RecordingSettings(directory=str(tmp_path), enabled=False), lambda *_: None)
    async with keeping(keeper):
        push(keeper, items)
    assert recordings(tmp_path) == []
