from collections.abc import Iterable, Sequence
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from alerts.alert import Alert
from alerts.policy import PolicySettings
from monitor.conditions import ConditionSettings
from monitor.pipeline import Output, Pipeline, joined
from processing.detector import DetectorSettings
from processing.events import Event, Rhythmic
from processing.samples import Readings, Samples
from sensor.convert import readings
from sensor.replay import open_source
from sensor.simulator import ROUGH, simulate
from sensor.stream import LinkDown, LinkUp, Packet, StreamItem


def pipeline() -> Pipeline:
    return Pipeline(DetectorSettings(), PolicySettings(), ConditionSettings())


def outputs(groups: Iterable[Sequence[StreamItem]]) -> list[Output]:
    one = pipeline()
    return [output for group in groups for output in one.push_all(group)] + one.close()


@pytest.fixture(scope="module")
def rough() -> tuple[StreamItem, ...]:
    """Rhythmic jerking over a radio with every fault, link losses among them."""
    faults = replace(ROUGH, link_losses_per_h=20.0)
    return simulate("rhythmic-asleep", seed=2, faults=faults).items[:6000]


@pytest.fixture(scope="module")
def one_by_one(rough: tuple[StreamItem, ...]) -> list[Output]:
    return outputs([item] for item in rough)


def test_the_rough_stream_holds_what_it_should(rough: tuple[StreamItem, ...], one_by_one: list[Output]) -> None:
    assert sum(isinstance(item, LinkDown) for item in rough) >= 2
    assert any(isinstance(output, Alert) and output.technical for output in one_by_one)
    assert any(isinstance(output, Rhythmic) for output in one_by_one)


@settings(max_examples=5, deadline=None)
@given(cuts=st.lists(st.integers(0, 6000), max_size=40))
def test_items_grouped_anyhow_give_the_same(
    rough: tuple[StreamItem, ...], one_by_one: list[Output], cuts: list[int]
) -> None:
    edges = sorted({0, len(rough), *cuts})
    assert outputs(rough[first:stop] for first, stop in pairwise(edges)) == one_by_one


@settings(max_examples=5, deadline=None)
@given(cuts=st.lists(st.integers(1, 29_000), max_size=40))
def test_readings_cut_anyhow_give_the_same(whole: Readings, at_once: list[Output], cuts: list[int]) -> None:
    edges = sorted({0, len(whole), *(cut for cut in cuts if cut < len(whole))})
    parts = [
        Readings(time_s=whole.time_s[a:b].copy(), accel_g=whole.accel_g[a:b].copy(), rate_hz=whole.rate_hz)
        for a, b in pairwise(edges)
    ]
    assert outputs([part] for part in parts) == at_once


@pytest.fixture(scope="module")
def whole(rhythmic_awake: Path) -> Readings:
    parts = list(readings(open_source(rhythmic_awake).items()))
    return Readings(
        time_s=np.concatenate([part.time_s for part in parts]),
        accel_g=np.concatenate([part.accel_g for part in parts]),
        rate_hz=parts[0].rate_hz,
    )


@pytest.fixture(scope="module")
def at_once(whole: Readings) -> list[Output]:
    return outputs([[whole]])


def test_silence_is_told_when_the_next_item_shows_it(rough: tuple[StreamItem, ...]) -> None:
    packets = [item for item in rough if isinstance(item, LinkUp | Packet)]
    before = packets[:300]
    shift_s = 60.0
    after = [replace(item, at_s=item.at_s + shift_s) for item in packets[300:600]]
    found = [output for output in outputs([before, after]) if isinstance(output, Alert) and output.raising]
    assert [alert.kind for alert in found] == ["link_lost"]
    assert found[0].raised_s == pytest.approx(before[-1].at_s - before[0].at_s + 30, abs=1)


def test_a_tick_tells_of_silence_without_any_item(rough: tuple[StreamItem, ...]) -> None:
    one = pipeline()
    one.push_all(rough[:300])
    assert [o.kind for o in one.tick(one.at_s + 60) if isinstance(o, Alert)] == ["link_lost"]


def test_blocks_that_continue_each_other_are_joined() -> None:
    rows = np.zeros((4, 3))
    blocks = [Samples(start=s, accel_g=rows.copy(), resolution_g=r) for s, r in [(0, 0), (4, 0), (9, 0), (13, 0.1)]]
    assert [(block.start, len(block)) for block in joined(blocks)] == [(0, 8), (9, 4), (13, 4)]


def test_events_come_with_the_alerts_they_raise(one_by_one: list[Output]) -> None:
    first = next(i for i, output in enumerate(one_by_one) if isinstance(output, Alert) and not output.technical)
    cause = one_by_one[first - 1]
    alert = one_by_one[first]
    assert isinstance(cause, Event)
    assert isinstance(alert, Alert)
    assert alert.raised_s == cause.updated_s
