"""The distributions everything is drawn from, for a training and a test split. docs/simulator.md prints the table.

The splits never share a seed, a pulse shape, a cloth resonance or a sensor resolution; where a range cannot be cut in
two (a rhythm lies between 0.8 and 5 Hz whoever asks), the test split takes the whole of it and the training split its
middle, so that the test asks for what training has not shown.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, Literal

import numpy as np

SplitName = Literal["train", "test"]


@dataclass(frozen=True, slots=True)
class Span:
    """A range to draw from: evenly, or evenly in the logarithm."""

    low: float
    high: float
    log: bool = False

    def draw(self, rng: np.random.Generator) -> float:
        """Draw one value."""
        if self.log:
            return math.exp(rng.uniform(math.log(self.low), math.log(self.high)))
        return float(rng.uniform(self.low, self.high))


@dataclass(frozen=True, slots=True)
class Either:
    """Several ranges, one of which is chosen first; each with the same chance."""

    spans: tuple[Span, ...]

    def draw(self, rng: np.random.Generator) -> float:
        """Draw one value."""
        return self.spans[rng.integers(len(self.spans))].draw(rng)


@dataclass(frozen=True, slots=True, kw_only=True)
class Split:
    """Every distribution that differs between training and test.

    Attributes:
        key: enters each seed, so that no stream is in both splits.
        shapes: pulse shapes of jerks (`shapes.SHAPES`).
        pulse_s: width of a jerk's acceleration pulse.
        ring_hz: resonance of the cloth and the filling of the sack.
        ring_decay_s: time in which the ringing falls to 1/e.
        ring_share: share of a jerk that arrives through the ringing cloth.
        tilt_share: share of a jerk that is a small tilt of gravity instead of acceleration.
        interval_cv: spread of jerk intervals in a rhythm, standard deviation over mean.
        amplitude_cv: the same of jerk sizes.
        wobble_deg: spread of jerk directions.
        rhythm_hz: frequency of a clonic rhythm at its start.
        slowing: its frequency at the end over that at the start.
        growth_s: seconds over which it grows; 0 means at once.
        rate_error: true over nominal sampling rate, minus one.
        noise_mg: sensor noise on each axis, standard deviation.
        resolution_mg: steps a sensor may have.
        range_g: measuring ranges a sensor may have.
        offset_mg: constant error of each axis, either sign.
        rates_hz: nominal sampling rates.
        breathing_mg: amplitude of breathing as the clip feels it.
        heart_mg: amplitude of the heartbeat; small values mean it is not felt.
        gross_mg: size of awake body movement as the clip feels it.
    """

    key: int
    shapes: tuple[str, ...]
    pulse_s: Span
    ring_hz: Span | Either
    ring_decay_s: Span | Either
    ring_share: Span
    tilt_share: Span
    interval_cv: Span
    amplitude_cv: Span
    wobble_deg: Span
    rhythm_hz: Span
    slowing: Span
    growth_s: Either
    rate_error: Span
    noise_mg: Span
    resolution_mg: tuple[float, ...]
    range_g: tuple[float, ...]
    offset_mg: float
    rates_hz: tuple[float, ...]
    breathing_mg: Span
    heart_mg: Span
    gross_mg: Span


TRAIN: Final = Split(
    key=1,
    shapes=("half_sine", "damped"),
    pulse_s=Span(0.05, 0.12),
    ring_hz=Span(5.5, 9.0),
    ring_decay_s=Span(0.08, 0.14),
    ring_share=Span(0.1, 0.6),
    tilt_share=Span(0.1, 0.6),
    interval_cv=Span(0.0, 0.15),
    amplitude_cv=Span(0.0, 0.25),
    wobble_deg=Span(0.0, 25.0),
    rhythm_hz=Span(1.0, 4.0),
    slowing=Span(0.6, 1.0),
    growth_s=Either((Span(0.0, 0.0), Span(4.0, 10.0))),
    rate_error=Span(-0.02, 0.02),
    noise_mg=Span(0.5, 3.0, log=True),
    resolution_mg=(0.122, 0.244, 0.977, 3.9),
    range_g=(2.0, 4.0, 8.0),
    offset_mg=40.0,
    rates_hz=(25.0, 50.0, 100.0),
    breathing_mg=Span(1.5, 5.0),
    heart_mg=Span(0.0, 1.2),
    gross_mg=Span(60.0, 160.0, log=True),
)

TEST: Final = Split(
    key=2,
    shapes=("biphasic", "skewed", "triangular"),
    pulse_s=Span(0.03, 0.15),
    ring_hz=Either((Span(4.0, 5.5), Span(9.0, 14.0))),
    ring_decay_s=Either((Span(0.05, 0.08), Span(0.14, 0.2))),
    ring_share=Span(0.0, 0.8),
    tilt_share=Span(0.0, 0.8),
    interval_cv=Span(0.0, 0.25),
    amplitude_cv=Span(0.0, 0.4),
    wobble_deg=Span(0.0, 45.0),
    rhythm_hz=Span(0.8, 5.0),
    slowing=Span(0.5, 1.05),
    growth_s=Either((Span(0.0, 0.0), Span(2.0, 12.0))),
    rate_error=Span(-0.05, 0.05),
    noise_mg=Span(0.3, 5.0, log=True),
    resolution_mg=(0.1, 0.488, 1.95, 7.8, 15.6),
    range_g=(2.0, 4.0, 8.0, 16.0),
    offset_mg=60.0,
    rates_hz=(25.0, 26.0, 50.0, 52.0, 100.0, 104.0),
    breathing_mg=Span(1.0, 6.0),
    heart_mg=Span(0.0, 3.0),
    gross_mg=Span(45.0, 230.0, log=True),
)

SPLITS: Final[Mapping[SplitName, Split]] = {"train": TRAIN, "test": TEST}
