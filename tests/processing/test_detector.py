import pickle
from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from processing.detector import Detector
from processing.events import Event, Gap, StateInterval
from processing.samples import GRID_HZ, Floats, Samples


def events_of(accel_g: Floats, cuts: list[int], hole: tuple[int, int] | None = None) -> list[Event]:
    """Push rows in pieces, with the rows of the hole left out."""
    detector, out = Detector(), []
    for first, stop in zip([0, *cuts], [*cuts, len(accel_g)], strict=True):
        for a, b in _without((first, stop), hole):
            if a < b:
                out += detector.push(Samples(start=a, accel_g=accel_g[a:b].copy()))
    return out + detector.close()


def _without(span: tuple[int, int], hole: tuple[int, int] | None) -> list[tuple[int, int]]:
    if hole is None:
        return [span]
    return [(span[0], min(span[1], hole[0])), (max(span[0], hole[1]), span[1])]


def last_snapshots(events: list[Event]) -> list[Event]:
    return list({event.id: event for event in events}.values())


class TestCutting:
    """The same events, bit for bit, however the stream is cut."""

    def test_one_by_one_as_in_one_block(self, eventful: Floats) -> None:
        part = eventful[: 250 * 50]
        assert events_of(part, list(range(1, len(part)))) == events_of(part, [])

    @settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
    @given(cuts=st.lists(st.integers(1, 17_999), max_size=60, unique=True).map(sorted), hole=st.booleans())
    def test_random_cuts(self, eventful: Floats, cuts: list[int], hole: bool) -> None:
        gap = (8_013, 8_200) if hole else None
        assert events_of(eventful, cuts, gap) == events_of(eventful, [], gap)

    def test_a_pickled_detector_goes_on_as_if_nothing_had_happened(self, eventful: Floats) -> None:
        detector, out = Detector(), []
        for first in range(0, len(eventful), 777):
            samples = Samples(start=first, accel_g=eventful[first : first + 777].copy())
            out += detector.push(samples)
            detector = pickle.loads(pickle.dumps(detector))
        assert out + detector.close() == events_of(eventful, [])


class TestWhatIsFound:
    def test_a_burst_a_run_asleep_and_jerking_after_waking(self, eventful: Floats) -> None:
        found = {event.name for event in events_of(eventful, [])}
        assert {"asleep", "myoclonic_burst", "rhythmic", "persists_after_waking"} <= found

    def test_the_run_is_reported_within_eleven_seconds_and_told_every_second(self, eventful: Floats) -> None:
        run = [event for event in events_of(eventful, []) if event.name == "rhythmic"]
        assert 149.5 <= run[0].onset_s <= 151
        assert 159 <= run[0].reported_s <= 161
        steps = np.diff([event.updated for event in run])
        assert steps.max() <= GRID_HZ

    def test_snapshots_keep_their_onset_and_report(self, eventful: Floats) -> None:
        events = events_of(eventful, [])
        assert {(e.id, e.onset, e.reported) for e in events}.__len__() == len({e.id for e in events})

    def test_the_states_cover_the_stream(self, eventful: Floats) -> None:
        states = [e for e in last_snapshots(events_of(eventful, [])) if isinstance(e, StateInterval)]
        assert states[0].onset == 0
        assert states[-1].end == len(eventful)
        assert all(a.end == b.onset for a, b in zip(states, states[1:], strict=False))


class TestGaps:
    @pytest.mark.parametrize("first", [3_000, 7_001, 8_500, 9_700])
    def test_a_gap_gives_a_gap_and_unknown_and_nothing_false(self, eventful: Floats, first: int) -> None:
        found = last_snapshots(events_of(eventful, [], (first, first + 400)))
        gaps = [event for event in found if isinstance(event, Gap)]
        assert [(gap.onset, gap.end) for gap in gaps] == [(first, first + 400)]
        states = [e for e in found if isinstance(e, StateInterval)]
        assert any(e.onset == first and e.state == "unknown" for e in states)

    def test_a_gap_in_sleep_gives_nothing_else(self, as_samples: Callable[[Floats], Samples]) -> None:
        rng = np.random.default_rng(0)
        accel_g = np.array([0.0, 0.0, 1.0]) + 0.002 * rng.standard_normal((9_000, 3))
        names = {event.name for event in events_of(accel_g, [], (5_000, 5_100))}
        assert names == {"unknown", "asleep", "gap"}

    def test_samples_that_run_backwards_are_refused(self, as_samples: Callable[[Floats], Samples]) -> None:
        detector = Detector()
        detector.push(as_samples(np.zeros((100, 3))))
        with pytest.raises(ValueError, match="come after"):
            detector.push(as_samples(np.zeros((100, 3))))
