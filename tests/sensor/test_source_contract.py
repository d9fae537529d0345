"""What every source must do: one suite for recordings, tables, and whatever else gives a stream."""

import asyncio
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from processing.samples import Readings
from sensor import carry
from sensor.clips import FAMILIES
from sensor.convert import convert, record
from sensor.replay import Replay, open_source
from sensor.stream import Arrival, Source, StreamItem

ROWS = 3000
FORMS = (".mcap", ".csv", ".edf")


@pytest.fixture(scope="session")
def files(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    folder = tmp_path_factory.mktemp("sources")
    accel_g = np.random.default_rng(3).normal([0, 0, 1], 0.05, (ROWS, 3))
    family, start = FAMILIES["sleepclip"], Arrival(at_s=500.0, wall_s=1.8e9)
    record(folder / "a.mcap", [carry.link_up(family, 50.0, start), *carry.carry(accel_g, family, 50.0, start)])
    for suffix in FORMS[1:]:
        convert(folder / "a.mcap", folder / f"a{suffix}")
    return {suffix: folder / f"a{suffix}" for suffix in FORMS}


@pytest.fixture(params=FORMS)
def source(request: pytest.FixtureRequest, files: dict[str, Path]) -> Replay:
    return open_source(files[request.param])


async def taken(source: Source, count: int | None = None) -> list[StreamItem]:
    items: list[StreamItem] = []
    async with source as stream:
        async for item in stream:
            items.append(item)
            if len(items) == count:
                break
    return items


def last_s(item: StreamItem) -> float:
    return float(item.time_s[-1]) if isinstance(item, Readings) else item.at_s


def same(first: StreamItem, second: StreamItem) -> bool:
    if isinstance(first, Readings) and isinstance(second, Readings):
        return np.array_equal(first.time_s, second.time_s) and np.array_equal(first.accel_g, second.accel_g)
    return first == second


async def test_items_come_in_the_order_of_their_times(source: Source) -> None:
    times_s = [last_s(item) for item in await taken(source)]
    assert times_s == sorted(times_s)
    assert times_s


async def test_it_begins_again_when_entered_again(source: Source) -> None:
    part = await taken(source, 1)
    whole = await taken(source)
    again = await taken(source)
    assert same(part[0], whole[0])
    assert len(whole) == len(again)
    assert all(map(same, whole, again))


async def test_it_is_read_by_one_reader_at_a_time(source: Source) -> None:
    async with source:
        with pytest.raises(RuntimeError, match="already"):
            await source.__aenter__()
    await taken(source, 1)


async def test_an_error_in_the_reader_passes_through_and_closes_it(source: Source) -> None:
    streams = []

    async def fail() -> None:
        async with source as stream:
            streams.append(stream)
            await anext(stream)
            raise LookupError("of the reader")

    with pytest.raises(LookupError, match="of the reader"):
        await fail()
    with pytest.raises(StopAsyncIteration):
        await anext(streams[0])
    assert await taken(source, 1)


async def test_it_can_be_cancelled(source: Source) -> None:
    async def endless() -> None:
        while True:
            await taken(source)

    task = asyncio.create_task(endless())
    await asyncio.sleep(0)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert await taken(source, 1)


class Clock:
    """Time that passes only where somebody sleeps."""

    def __init__(self) -> None:
        self.now_s = 100.0

    def now(self) -> float:
        return self.now_s

    async def sleep(self, seconds: float) -> None:
        self.now_s += seconds


@pytest.mark.parametrize("suffix", FORMS)
@pytest.mark.parametrize("speed", [1.0, 20.0])
async def test_a_speed_keeps_the_recorded_times(files: dict[str, Path], suffix: str, speed: float) -> None:
    clock = Clock()
    source = open_source(files[suffix], speed=speed, sleep=clock.sleep, now=clock.now)
    shown_s, items = [], []
    async with source as stream:
        async for item in stream:
            shown_s.append(clock.now_s - 100)
            items.append(last_s(item))
    assert np.allclose(shown_s, (np.array(items) - items[0]) / speed, atol=1e-9)
    assert len(items) >= ROWS / 10


@pytest.mark.parametrize("suffix", FORMS)
async def test_the_speed_changes_no_reading(
    files: dict[str, Path], suffix: str, joined: Callable[[list[StreamItem]], np.ndarray]
) -> None:
    clock = Clock()
    paced = await taken(open_source(files[suffix], speed=100.0, sleep=clock.sleep, now=clock.now))
    fast = await taken(open_source(files[suffix]))
    assert np.array_equal(joined(paced), joined(fast))
    assert joined(fast).shape == (ROWS, 4)


@pytest.mark.parametrize("speed", [0.0, -1.0, float("nan")])
def test_a_speed_is_above_zero(files: dict[str, Path], speed: float) -> None:
    with pytest.raises(ValueError, match="speed must be above 0"):
        open_source(files[".csv"], speed=speed)
