import pickle
from collections.abc import Callable
from itertools import pairwise
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from processing.detector import Detector
from processing.events import Event, Gap, StateInterval
from processing.samples import GRID_HZ, Samples

Last = Callable[[list[Event]], list[Event]]


class TestCutting:
    """The same events, bit for bit, however the stream is cut."""

    def test_one_by_one_as_in_one_block(self, eventful: Any) -> None:
        eventful.accel_g = eventful.accel_g[: 250 * 50]
        assert eventful.events(cuts=list(range(1, len(eventful.accel_g)))) == eventful.events()

    @settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
    @given(
        cuts=st.lists(st.integers(1, 17_999), max_size=60, unique=True).map(sorted),
        hole=st.sampled_from([None, (8_013, 8_200)]),
    )
    def test_random_cuts(self, eventful: Any, cuts: list[int], hole: tuple[int, int] | None) -> None:
        assert eventful.events(cuts, hole) == eventful.events((), hole)

    def test_a_pickled_detector_goes_on_as_if_nothing_had_happened(self, eventful: Any) -> None:
        detector, out = Detector(), []
        for first in range(0, len(eventful.accel_g), 777):
            samples = Samples(start=first, accel_g=eventful.accel_g[first : first + 777].copy())
            out += detector.push(samples)
            detector = pickle.loads(pickle.dumps(detector))  # noqa: S301  our own bytes
        assert out + detector.close() == eventful.events()


class TestSnapshots:
    def test_the_run_is_reported_within_eleven_seconds_and_told_every_second(self, eventful: Any) -> None:
        run = [event for event in eventful.events() if event.name == "rhythmic"]
        assert 149.5 <= run[0].onset_s <= 151
        assert 159 <= run[0].reported_s <= 161
        assert np.diff([event.updated for event in run]).max() <= GRID_HZ

    def test_onset_report_and_kind_never_change(self, eventful: Any) -> None:
        events = eventful.events()
        assert len({(e.id, e.kind, e.onset, e.reported) for e in events}) == len({e.id for e in events})

    def test_every_event_ends_closed(self, eventful: Any, last: Last) -> None:
        assert not any(event.open for event in last(eventful.events()))

    def test_the_states_cover_the_stream(self, eventful: Any, last: Last) -> None:
        states = [e for e in last(eventful.events()) if isinstance(e, StateInterval)]
        assert states[0].onset == 0
        assert states[-1].end == len(eventful.accel_g)
        assert all(a.end == b.onset for a, b in pairwise(states))


def test_limits_name_what_a_clip_cannot_show() -> None:
    detector = Detector()
    assert detector.limits() == ()
    detector.push(Samples(start=0, accel_g=np.zeros((30, 3)), rate_hz=12.5, resolution_g=0.008))
    assert detector.limits() == ("stiffening", "off_body")


class TestGaps:
    @pytest.mark.parametrize("first", [3_000, 7_001, 8_500, 9_700])
    def test_after_a_gap_the_state_is_unknown(self, eventful: Any, last: Last, first: int) -> None:
        found = last(eventful.events(hole=(first, first + 400)))
        gaps = [event for event in found if isinstance(event, Gap)]
        assert [(gap.onset, gap.end, gap.reported) for gap in gaps] == [(first, first + 400, first + 401)]
        state = next(e for e in found if isinstance(e, StateInterval) and e.onset == first)
        assert state.state == "unknown"
        assert state.end > first + 400

    @settings(max_examples=10, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
    @given(first=st.integers(2_000, 7_000), lasts=st.integers(51, 1_500))
    def test_a_gap_in_sleep_gives_nothing_false(self, bed: Any, last: Last, first: int, lasts: int) -> None:
        names = {event.name for event in last(bed(200).events(hole=(first, first + lasts)))}
        assert names <= {"unknown", "asleep", "gap"}

    def test_samples_that_run_backwards_are_refused(self) -> None:
        detector = Detector()
        detector.push(Samples(start=0, accel_g=np.zeros((100, 3))))
        with pytest.raises(ValueError, match="come after"):
            detector.push(Samples(start=50, accel_g=np.zeros((100, 3))))
