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


def coarse(seed: int, step_g: float, still: int, lasts: int = 640) -> Floats:
    """A coarse clip that lies still at first: every reading the same, then a body's movement."""
    rng = np.random.default_rng(seed)
    moving = np.cumsum(rng.normal(0, 0.4 * step_g, (lasts, 3)), axis=0) * (np.arange(lasts) >= still)[:, None]
    return np.asarray(np.round((np.array([0.1, 0.3, 0.95]) + moving) / step_g) * step_g)


@pytest.mark.parametrize("step_g", [0.001, 0.0039, 0.016])
@pytest.mark.parametrize("still", [0, 40, 200])
@pytest.mark.parametrize("decimals", [16, 5, 4])
def test_a_coarse_clip_is_known_as_one_even_if_it_starts_still(step_g: float, still: int, decimals: int) -> None:
    accel_g = np.round(coarse(1, step_g, still), decimals)
    told = [s.resolution_g for s in resampled(np.arange(640) / 50.0, accel_g, [], 50.0)]
    assert told[-1] == pytest.approx(step_g, rel=0.05)
    assert set(told) <= {0.0, *told[-2:]} or still < 200


@settings(max_examples=25, deadline=None)
@given(
    seed=st.integers(0, 1000),
    still=st.integers(0, 300),
    rate_hz=st.sampled_from([None, 25.0, 50.0]),
    cuts=st.lists(st.integers(1, 639), max_size=12, unique=True).map(sorted),
)
def test_the_step_is_the_same_bits_for_any_cutting(
    seed: int, still: int, rate_hz: float | None, cuts: list[int]
) -> None:
    time_s, accel_g = np.arange(640) / 25.0, coarse(seed, 0.016, still)

    def steps(samples: list[Samples]) -> Floats:
        return np.concatenate([np.full(len(s), s.resolution_g) for s in samples])

    whole, cut = (resampled(time_s, accel_g, c, rate_hz) for c in ([], cuts))
    assert np.array_equal(steps(whole), steps(cut))
    assert np.array_equal(rows(whole)[1], rows(cut)[1])


@pytest.mark.parametrize("noise_g", [1e-9, 1e-6, 2e-5])
def test_noise_of_arithmetic_is_no_step(noise_g: float) -> None:
    rng = np.random.default_rng(2)
    accel_g = coarse(3, 0.004, 0) + noise_g * rng.standard_normal((640, 3))
    assert measured_resolution_g(accel_g) == pytest.approx(0.004, rel=0.05)


def test_a_fine_clip_has_no_step() -> None:
    rng = np.random.default_rng(4)
    for size_g in (0.0003, 0.005, 0.3):
        assert measured_resolution_g(size_g * rng.standard_normal((64, 3))) < 0.0006
        assert measured_resolution_g(size_g * rng.standard_normal((2000, 3))) == 0.0


def test_the_coarsest_axis_counts() -> None:
    accel_g = coarse(5, 0.001, 0)
    accel_g[:, 1] = coarse(6, 0.016, 0)[:, 1]
    assert measured_resolution_g(accel_g) == pytest.approx(0.016, rel=0.01)


def test_a_hole_a_burst_and_jitter_do_not_mislead_the_rate() -> None:
    rng = np.random.default_rng(7)
    even_s = np.arange(64) / 50.0
    caught_up_s = np.r_[np.arange(12) * 0.001, 0.012 + np.arange(52) / 50.0]
    bursts_s = (np.arange(64) // 8) * 0.16 + (np.arange(64) % 8) * 0.001
    for time_s in (
        even_s,
        even_s + 0.9 * (np.arange(64) > 20),
        even_s + 0.9 * (np.arange(64) > 20) + 0.7 * (np.arange(64) > 50),
        caught_up_s,
        bursts_s,
        even_s + rng.uniform(-0.008, 0.008, 64),
    ):
        assert measured_rate_hz(time_s) == pytest.approx(50.0, rel=0.13)


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
