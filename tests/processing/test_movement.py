import numpy as np
import pytest

from processing.movement import Quiet, QuietSettings

TEN_MINUTES = 1200
"""Hops."""


def followed(quiet: Quiet, peaks_g: list[float]) -> list[float]:
    levels_g = []
    for peak_g in peaks_g:
        quiet.push(peak_g, busy=False, frozen=False)
        levels_g.append(quiet.level_g)
    return levels_g


@pytest.mark.parametrize("spread", [0.1, 0.3, 0.6])
def test_levels_that_were_apart_meet_on_the_same_peaks(spread: float) -> None:
    """Or what lies on a threshold would be judged otherwise for the rest of a night after each gap."""
    rng = np.random.default_rng(3)
    peaks_g = (0.003 * np.exp(rng.normal(0, spread, 2 * TEN_MINUTES))).tolist()
    one, other = (Quiet(QuietSettings(), 0.0) for _ in range(2))
    followed(one, [0.008] * 400)
    followed(other, [0.002] * 400)
    other.restart()
    assert one.level_g > 2 * other.level_g
    first, second = followed(one, peaks_g), followed(other, peaks_g)
    assert second[TEN_MINUTES:] == pytest.approx(first[TEN_MINUTES:], rel=1e-6)


@pytest.mark.parametrize("spread", [0.1, 0.3, 0.6])
def test_the_level_is_about_the_quantile_of_the_peaks(spread: float) -> None:
    rng = np.random.default_rng(4)
    peaks_g = 0.003 * np.exp(rng.normal(0, spread, 20 * TEN_MINUTES))
    levels_g = followed(Quiet(QuietSettings(), 0.0), peaks_g.tolist())
    of_two_hops_g = np.maximum(peaks_g[1:], peaks_g[:-1])
    assert np.mean(levels_g[TEN_MINUTES:]) == pytest.approx(np.quantile(of_two_hops_g, 0.3), rel=0.08)
