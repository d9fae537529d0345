import numpy as np
import pytest

from processing.peers import is_bad, open_seizure_detector
from processing.samples import GRID_HZ, Floats, Samples


def shaking(seconds: float, hz: float, size_g: float, *, axis: int = 2) -> Floats:
    accel_g = np.tile([0.0, 0.0, 1.0], (round(seconds * GRID_HZ), 1))
    accel_g[:, axis] += size_g * np.sin(2 * np.pi * hz * np.arange(len(accel_g)) / GRID_HZ)
    return accel_g


def alarms(*parts: Floats, start_s: float = 0.0) -> list[tuple[float, float, float]]:
    block = Samples(start=round(start_s * GRID_HZ), accel_g=np.concatenate(parts))
    return [(s.onset_s, s.start_s, s.end_s) for s in open_seizure_detector([block]).spans]


def window_mg(hz: float, size_mg: float) -> Floats:
    return 1000 + size_mg * np.sin(2 * np.pi * hz * np.arange(125) / 25)


@pytest.mark.parametrize(("hz", "bad"), [(2.0, False), (3.0, True), (5.0, True), (7.8, True), (8.0, False)])
def test_only_rhythm_from_3_to_8_hz_makes_a_window_bad(hz: float, bad: bool) -> None:  # noqa: FBT001
    assert is_bad(window_mg(hz, 100)) == bad


def test_a_window_is_bad_from_a_power_of_its_region() -> None:
    # A sine of amplitude a has |rfft|^2 = (125 a / 2)^2 in its bin: roi = that / 25 / 1000 > 100, so a > 25.4 mg.
    assert not is_bad(window_mg(5.0, 25.3))
    assert is_bad(window_mg(5.0, 25.5))


def test_a_window_with_as_much_elsewhere_is_good() -> None:
    assert not is_bad(window_mg(5.0, 100) + window_mg(1.0, 120) - 1000)


def test_gravity_alone_is_good() -> None:
    assert not is_bad(np.full(125, 1000.0))


def test_the_alarm_comes_with_the_third_bad_window_and_ends_with_the_first_good_one() -> None:
    quiet = shaking(20, 5, 0)
    assert alarms(quiet, shaking(30, 5, 0.1), quiet) == [(20, 35, 55)]


def test_ten_seconds_are_a_warning_and_no_alarm() -> None:
    quiet = shaking(20, 5, 0)
    assert alarms(quiet, shaking(10, 5, 0.1), quiet) == []


def test_after_one_good_window_a_bad_one_is_an_alarm_at_once() -> None:
    quiet, bad = shaking(5, 5, 0), shaking(15, 5, 0.1)
    spans = open_seizure_detector(
        [Samples(start=0, accel_g=np.concatenate([bad, quiet, shaking(5, 5, 0.1), quiet, quiet, quiet]))]
    ).spans
    assert [(s.start_s, s.end_s) for s in spans] == [(15, 20), (25, 30)]
    assert len({s.id for s in spans}) == 1  # one alert, as ours less than 3 min apart


def test_after_two_good_windows_it_starts_anew() -> None:
    quiet, bad = shaking(10, 5, 0), shaking(10, 5, 0.1)
    assert alarms(bad, quiet, bad, quiet) == []


def test_a_hole_starts_it_anew() -> None:
    bad = shaking(10, 5, 0.1)
    blocks = [Samples(start=0, accel_g=bad), Samples(start=3000, accel_g=bad)]
    assert open_seizure_detector(blocks).spans == ()


def test_sideways_jerks_hardly_change_the_length() -> None:
    assert alarms(shaking(60, 5, 0.1, axis=0)) == []
    assert len(alarms(shaking(60, 5, 0.1, axis=2))) == 1


def test_times_are_stream_times() -> None:
    assert alarms(shaking(15, 5, 0.1), start_s=100)[0] == (100, 115, 115)


def test_nothing_recorded_is_nothing_heard() -> None:
    assert open_seizure_detector([]).spans == ()
