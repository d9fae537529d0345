from collections.abc import Callable

import numpy as np
import pytest

from processing.samples import Floats
from sensor.clock import ArrivalClock, ClipClock

Link = Callable[..., Floats]
SETTLED_S = 120.0


def errors_ms(
    link: Link, *, rate_hz: float, rows: float, drift_ppm: float, retransmission: float
) -> tuple[Floats, Floats]:
    """Error of the estimate and of the bare arrivals, about their medians, over half an hour."""
    last_rows = np.arange(rows - 1, 1800 * rate_hz, rows)
    felt_s = last_rows / rate_hz * (1 + drift_ppm * 1e-6)
    arrival_s = link(felt_s + 0.001, retransmission=retransmission)
    clip_s = np.floor(last_rows / rate_hz * 1024) / 1024
    clock = ClipClock(clip_s[0], arrival_s[0])
    estimate_s = np.array([clock.see(*pair) for pair in zip(clip_s, arrival_s, strict=True)])
    errors = [(x - felt_s)[arrival_s > SETTLED_S] * 1000 for x in (estimate_s, arrival_s)]
    return errors[0] - np.median(errors[0]), errors[1] - np.median(errors[1])


@pytest.mark.parametrize(
    ("clip", "retransmission", "sd_ms", "p99_ms"),
    [
        ({"rate_hz": 50, "rows": 1, "drift_ppm": 40}, 0.1, 0.9, 2.4),
        ({"rate_hz": 50, "rows": 1, "drift_ppm": 100}, 0.3, 2.5, 6.9),
        ({"rate_hz": 52, "rows": 16, "drift_ppm": -60}, 0.1, 2.0, 5.0),
        ({"rate_hz": 50, "rows": 10, "drift_ppm": 40}, 0.1, 5.0, 10.0),
    ],
)
def test_the_lower_envelope_is_as_good_as_measured(
    link: Link, clip: dict[str, float], retransmission: float, sd_ms: float, p99_ms: float
) -> None:
    estimate, arrival = errors_ms(link, **clip, retransmission=retransmission)
    assert estimate.std() < sd_ms
    assert np.quantile(abs(estimate), 0.99) < p99_ms
    assert estimate.std() < arrival.std() / 5


def test_drift_beyond_the_clamp_is_not_believed() -> None:
    clock = ClipClock(0.0, 0.0)
    for second in range(1, 601):
        estimate_s = clock.see(float(second), second * 1.002)
        assert estimate_s <= second * 1.002
    assert estimate_s == pytest.approx(600 * 1.002, abs=0.08)  # 35 s of window at 2000 - 200 ppm


def test_a_minute_of_late_packets_does_not_bend_the_fit() -> None:
    clock = ClipClock(0.0, 0.0)
    for second in range(1, 300):
        late_s = 0.2 if 200 <= second < 215 else 0.0
        clock.see(float(second), second + late_s)
    assert clock.see(300.0, 300.0) == pytest.approx(300.0, abs=1e-6)


@pytest.mark.parametrize(("late_s", "fits"), [(0.0, True), (9.0, True), (11.0, False), (-0.4, True), (-1.0, False)])
def test_a_jump_of_the_clips_clock_is_seen(late_s: float, fits: bool) -> None:  # noqa: FBT001  a table's column
    clock = ClipClock(0.0, 50.0)
    for second in range(10):
        clock.see(float(second), 50.0 + second)
    assert clock.fits(11.0, 61.0 + late_s) is fits


def test_a_first_packet_that_was_held_up_is_no_jump() -> None:
    clock = ClipClock(0.0, 53.0)
    assert clock.fits(0.1, 50.1)


def test_arrivals_are_snapped_to_the_period(link: Link) -> None:
    felt_s = np.arange(1, 50 * 600) / 50
    arrival_s = link(felt_s, stalls=0)
    clock = ArrivalClock(1 / 50, arrival_s[0])
    seen = [clock.see(1, at_s) for at_s in arrival_s]
    assert sum(missing for _, missing in seen) == 0
    error_ms = 1000 * (np.array([time_s for time_s, _ in seen]) - felt_s)[50 * 60 :]
    assert error_ms.std() < 3


@pytest.mark.parametrize("lost", [2, 7, 100])
def test_what_stays_late_was_lost(link: Link, lost: int) -> None:
    felt_s = np.arange(1, 50 * 120) / 50
    keep = (felt_s < 60) | (felt_s >= 60 + lost / 50)
    arrival_s = link(felt_s[keep], stalls=0)
    clock = ArrivalClock(1 / 50, arrival_s[0])
    seen = [clock.see(1, at_s) for at_s in arrival_s]
    assert sum(missing for _, missing in seen) == pytest.approx(lost, abs=0 if lost < 50 else 2)  # beyond settling
    assert seen[-1][0] == pytest.approx(felt_s[-1], abs=0.02)


def test_packets_held_up_for_a_moment_are_no_loss() -> None:
    felt_s = np.arange(1, 3000) / 50
    arrival_s = np.where((felt_s > 20) & (felt_s < 20.6), 20.6, felt_s)
    clock = ArrivalClock(1 / 50, arrival_s[0])
    seen = [clock.see(1, at_s) for at_s in arrival_s]
    assert sum(missing for _, missing in seen) == 0
    assert np.allclose([time_s for time_s, _ in seen], felt_s, atol=0.005)
