"""What comes again and again: beats and clusters of jerks, benign series, periodic movements, hiccups."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from .body import LEGS, Limb, Stream
from .own import arousal
from .processes import Floats, Span, log_uniform, renewal, turned


@dataclass(frozen=True, kw_only=True)
class Beat:
    """A rhythm of jerks: what all its jerks share."""

    limbs: tuple[Limb, ...]
    lag_s: float
    hz: float
    slowing: float
    grows: bool
    interval_cv: float
    amplitude_cv: float
    size: float


def draw_beat(s: Stream, low_hz: float = 0.8, high_hz: float = 5.0) -> Beat:
    rng = s.rng
    limbs = tuple(s.limbs[i] for i in rng.permutation(6)[: rng.integers(1, 3)])
    beat = Beat(
        limbs=limbs,
        lag_s=rng.uniform(0, 0.06),
        hz=min(rng.uniform(low_hz, high_hz), 0.6 / max(limb.width_s for limb in limbs)),
        slowing=rng.uniform(0.4, 0.85) if rng.random() < 0.5 else 1.0,
        grows=bool(rng.random() < 0.5),
        interval_cv=rng.uniform(0, 0.25),
        amplitude_cv=rng.uniform(0, 0.4),
        size=log_uniform(rng, 2, 30),
    )
    s.facts |= {"size": beat.size, "hz": beat.hz, "slowing": beat.slowing, "grows": beat.grows}
    s.facts |= {"interval_cv": beat.interval_cv, "amplitude_cv": beat.amplitude_cv, "limbs": [x.name for x in limbs]}
    return beat


def jerk(s: Stream, beat: Beat, times: Sequence[float], heights: Floats) -> None:
    """Jerks of the limbs of a beat; the first leads, the median jerk has the drawn size."""
    heights = np.clip(heights, 0.15, None)
    heights = heights / np.median(heights) * beat.size * s.quiet_g
    for at_s, height_g in zip(times, heights, strict=True):
        for i, limb in enumerate(beat.limbs):
            s.hit(limb, at_s + i * beat.lag_s, height_g * (1 if i == 0 else 0.6))


def beats(s: Stream, span: Span, beat: Beat) -> float:
    """A train of jerks, with growth and slowing as drawn; give the end of the last."""
    times = [span[0]]
    shape = 1 / max(beat.interval_cv, 1e-3) ** 2
    while True:
        share = (times[-1] - span[0]) / (span[1] - span[0])
        mean_s = 1 / (beat.hz * (1 + (beat.slowing - 1) * share))
        at_s = times[-1] + max(0.1, float(s.rng.gamma(shape, mean_s / shape)))
        if at_s > span[1]:
            break
        times.append(at_s)
    heights = s.rng.normal(1, beat.amplitude_cv, size=len(times))
    if beat.grows:
        heights *= np.clip(0.3 + 0.07 * (np.array(times) - span[0]), 0, 1)
    jerk(s, beat, times, heights)
    return min(s.length_s, times[-1] + 0.3)


def clusters(s: Stream, span: Span, beat: Beat) -> float:
    """A series of clusters of jerks with pauses between; give its end."""
    at_s, pause_s, times = span[0], log_uniform(s.rng, 1.5, 10), list[float]()
    while at_s < span[1] - 4:
        hz = beat.hz * s.rng.lognormal(0, 0.1)
        times += renewal(s.rng, (at_s, at_s + s.rng.uniform(1.5, 4)), 1 / hz, max(0.05, beat.interval_cv))
        at_s = times[-1] + float(np.clip(pause_s * s.rng.lognormal(0, 0.5), 1, 15))
    jerk(s, beat, times, s.rng.normal(1, beat.amplitude_cv, size=len(times)))
    return times[-1] + 0.3


def series(s: Stream, span: Span) -> float:
    """A benign series; sometimes with an arousal in the middle that does not wake. Give its end."""
    beat = draw_beat(s, 1, 5)
    end_s = clusters(s, span, beat)
    if s.rng.random() < 0.3:
        arousal(s, s.rng.uniform(span[0] + 5, end_s))
        s.facts["arousal"] = True
    s.label((span[0], end_s), "myoclonic_series")
    return end_s


def periodic(s: Stream, span: Span) -> float:
    """A limb that moves every 10-60 s, each time for 0.5-5 s; give its end."""
    limb, every_s, size = s.limbs[s.rng.choice(LEGS)], s.rng.uniform(12, 45), log_uniform(s.rng, 3, 15)
    lasts_s, end_s = log_uniform(s.rng, 0.5, 5), span[0]
    way = turned(s.rng, s.up(span[0]), 90)
    for at in renewal(s.rng, span, every_s, 0.15):
        rows = s.rows((at, at + lasts_s))
        swell = np.sin(np.linspace(0, np.pi, rows.stop - rows.start))[:, None]
        s.lean[rows] += np.tan(np.radians(s.rng.uniform(0.3, 3))) * swell * way
        for extra in (0.0, *s.rng.uniform(0, lasts_s, size=s.rng.poisson(0.7 * lasts_s))):
            s.hit(limb, at + float(extra), size * s.quiet_g * s.rng.lognormal(0, 0.2))
        end_s = at + lasts_s
    s.label((span[0], end_s), "periodic_movements")
    return end_s


def hiccup(s: Stream, span: Span) -> float:
    trunk, size = s.limbs[5], log_uniform(s.rng, 3, 20)
    every_s, end_s = log_uniform(s.rng, 2, 15), span[0]
    for at in renewal(s.rng, span, every_s, s.rng.uniform(0.05, 0.2)):
        s.hit(trunk, at, size * s.quiet_g * s.rng.lognormal(0, 0.15))
        end_s = at + 0.4
    s.label((span[0], end_s), "hiccups")
    return end_s
