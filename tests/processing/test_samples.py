import numpy as np
import pytest

from processing.samples import Readings, Samples


def rows(n: int) -> np.ndarray:
    return np.tile([0.0, 0.0, 1.0], (n, 1))


def test_samples_are_read_only_and_numbered() -> None:
    samples = Samples(start=7, accel_g=rows(3))
    assert (len(samples), samples.stop) == (3, 10)
    with pytest.raises(ValueError, match="read-only"):
        samples.accel_g[0, 0] = 2


@pytest.mark.parametrize("bad", [np.nan, np.inf, -65.0, 400.0])
def test_impossible_acceleration_is_refused(bad: float) -> None:
    accel_g = rows(2)
    accel_g[1, 2] = bad
    with pytest.raises(ValueError, match="beyond 64 g"):
        Samples(start=0, accel_g=accel_g)


@pytest.mark.parametrize("time_s", [[0.0, 0.0], [1.0, 0.5], [0.0, np.nan]])
def test_time_must_increase(time_s: list[float]) -> None:
    with pytest.raises(ValueError, match="increase"):
        Readings(time_s=np.array(time_s), accel_g=rows(2))


@pytest.mark.parametrize("rate_hz", [3.0, 1000.0])
def test_rates_outside_the_range_are_refused(rate_hz: float) -> None:
    with pytest.raises(ValueError, match="outside 10 to 400"):
        Readings(time_s=np.array([0.0]), accel_g=rows(1), rate_hz=rate_hz)
