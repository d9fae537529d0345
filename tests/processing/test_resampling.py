import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from processing.resampling import Resampler, measured_rate_hz, measured_resolution_g
from processing.samples import GRID_HZ, Floats, Readings, Samples


def waves(time_s: Floats, hz: tuple[float, ...] = (0.7, 2.0, 4.0)) -> Floats:
    return np.stack([np.sin(2 * np.pi * f * time_s) for f in hz], axis=1)


def resampled(time_s: Floats, accel_g: Floats, cuts: list[int], rate_hz: float | None = None) -> list[Samples]:
    resampler, out = Resampler(), []
    for first, stop in zip([0, *cuts], [*cuts, len(time_s)], strict=True):
        out += resampler.push(
            Readings(time_s=time_s[first:stop].copy(), accel_g=accel_g[first:stop].copy(), rate_hz=rate_hz)
        )
    return out + resampler.close()


def rows(samples: list[Samples]) -> tuple[Floats, Floats, Floats]:
    numbers = np.concatenate([np.arange(s.start, s.stop) for s in samples])
    seen = np.concatenate([s.seen for s in samples if s.seen is not None])
    return numbers, np.concatenate([s.accel_g for s in samples]), seen


@pytest.mark.parametrize("rate_hz", [10.0, 25.0, 26.3, 50.0, 52.0, 100.0, 104.2, 400.0])
def test_every_rate_gives_the_same_wave(rate_hz: float) -> None:
    time_s = np.arange(0, 20, 1 / rate_hz)
    numbers, accel_g, _ = rows(resampled(time_s, waves(time_s, (0.4, 0.7, 1.0)), []))
    inner = slice(20, -20)
    delay_s = 0.021 if rate_hz >= 60 else 0.0  # the low-pass
    error = np.abs(accel_g - waves(numbers / GRID_HZ - delay_s, (0.4, 0.7, 1.0)))[inner]
    assert error.max() < 0.03


def test_50_hz_on_the_grid_passes_unchanged() -> None:
    time_s = np.arange(0, 500) / GRID_HZ
    accel_g = waves(time_s)
    numbers, out, _ = rows(resampled(time_s, accel_g, []))
    assert np.array_equal(numbers, np.arange(500))
    assert np.allclose(out, accel_g, atol=1e-12)


@settings(max_examples=25, deadline=None)
@given(
    rate_hz=st.sampled_from([10.0, 25.0, 50.0, 104.0]),
    seed=st.integers(0, 1000),
    cuts=st.lists(st.integers(1, 149), max_size=20, unique=True).map(sorted),
)
def test_any_cutting_gives_the_same_bits(rate_hz: float, seed: int, cuts: list[int]) -> None:
    rng = np.random.default_rng(seed)
    steps = rng.uniform(0.7, 1.3, 150) / rate_hz
    steps[[40, 90]] = 0.8, 2.5
    time_s = np.cumsum(steps)
    accel_g = rng.standard_normal((150, 3))
    for whole, cut in zip(rows(resampled(time_s, accel_g, [])), rows(resampled(time_s, accel_g, cuts)), strict=True):
        assert np.array_equal(whole, cut)


def test_short_holes_are_bridged_and_long_ones_jump() -> None:
    time_s = np.arange(0, 20, 0.02)
    time_s = time_s[((time_s < 5) | (time_s > 5.9)) & ((time_s < 12) | (time_s > 13.5))]
    resampler = Resampler()
    samples = resampler.push(Readings(time_s=time_s, accel_g=waves(time_s))) + resampler.close()
    numbers = rows(samples)[0]
    jumps = np.flatnonzero(np.diff(numbers) > 1)
    assert len(jumps) == 1
    assert abs(numbers[jumps[0]] / GRID_HZ - 12) < 0.05
    assert (resampler.bridged, resampler.gaps) == (1, 1)


@pytest.mark.parametrize("rate_hz", [10.0, 25.0, 50.0, 100.0])
def test_rows_up_to_seen_give_the_same_samples(rate_hz: float) -> None:
    rng = np.random.default_rng(1)
    time_s = np.cumsum(rng.uniform(0.6, 1.4, 300) / rate_hz)
    accel_g = rng.standard_normal((300, 3))
    numbers, whole, seen = rows(resampled(time_s, accel_g, [], rate_hz))
    for index in (60, 100, 101, 140):
        kept = time_s <= seen[index] / GRID_HZ
        again = rows(resampled(time_s[kept], accel_g[kept], [], rate_hz))
        assert np.array_equal(again[1][: index + 1], whole[: index + 1])
        assert np.array_equal(again[0][: index + 1], numbers[: index + 1])


def test_rate_and_resolution_are_measured() -> None:
    time_s = np.arange(100) / 26.0
    accel_g = np.round(waves(time_s) / 0.0039) * 0.0039
    assert measured_rate_hz(time_s) == pytest.approx(26.0)
    assert measured_resolution_g(accel_g) == pytest.approx(0.0039, rel=0.01)


def test_a_rate_that_cannot_be_used_is_named() -> None:
    time_s = np.arange(100) / 3.0
    with pytest.raises(ValueError, match="3 Hz"):
        resampled(time_s, waves(time_s), [])


def test_readings_that_run_backwards_are_refused() -> None:
    resampler = Resampler()
    time_s = np.arange(100) / 50
    resampler.push(Readings(time_s=time_s, accel_g=waves(time_s)))
    with pytest.raises(ValueError, match="come after"):
        resampler.push(Readings(time_s=time_s.copy(), accel_g=waves(time_s)))
