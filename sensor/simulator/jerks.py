"""Brief jerks: single, in bursts, in clusters, in a rhythm."""

import math
from dataclasses import dataclass, replace
from typing import Final

import numpy as np

from processing.samples import Floats
from sensor.simulator.shapes import Cloth, felt_peak, mixed, pulse
from sensor.simulator.wearer import Wearer

BURST_GAP_S: Final = 3.0
BURST_S: Final = 10.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Jerker:
    """How one limb of one baby jerks: waveforms whose sum has a band-passed peak of 1 g, and their spread.

    Attributes:
        linear_g: acceleration, `(m,)` at `shapes.TEMPLATE_HZ`.
        lean: tilt of gravity, `(m,)` likewise.
        direction: mean direction, unit `(3,)`.
        wobble_deg: spread of directions.
        amplitude_cv: spread of sizes.
    """

    linear_g: Floats
    lean: Floats
    direction: Floats
    wobble_deg: float
    amplitude_cv: float

    def jerk(self, wearer: Wearer, at_s: float, size: float) -> None:
        """Jerk once; `size` is the band-passed peak over the baby's own quiet."""
        rng = wearer.rng
        gain_g = wearer.quiet_g * size * float(np.clip(1 + self.amplitude_cv * rng.standard_normal(), 0.3, 2.0))
        way = wobbled(rng, self.direction, self.wobble_deg)
        wearer.push(at_s, gain_g * self.linear_g, gain_g * self.lean, way)


def draw_jerker(wearer: Wearer) -> Jerker:
    """Draw how a limb jerks from the split's shapes, widths, cloths and couplings."""
    rng, split = wearer.rng, wearer.split
    width_s = split.pulse_s.draw(rng)
    shape = split.shapes[rng.integers(len(split.shapes))]
    cloth = Cloth(split.ring_hz.draw(rng), split.ring_decay_s.draw(rng), split.ring_share.draw(rng))
    tilt_share = split.tilt_share.draw(rng)
    linear, lean = mixed(
        (1 - tilt_share) * cloth.through(pulse(shape, width_s)), tilt_share * _sag(width_s * rng.uniform(2.0, 4.0))
    )
    peak = felt_peak(linear + lean, wearer.sensor.true_rate_hz)
    facts: dict[str, float | str] = {
        "pulse_s": width_s,
        "shape": shape,
        "ring_hz": cloth.ring_hz,
        "ring_share": cloth.share,
        "tilt": tilt_share,
    }
    wearer.facts.update(facts)
    return Jerker(
        linear_g=linear / peak,
        lean=lean / peak,
        direction=wearer.mostly_sideways(),
        wobble_deg=split.wobble_deg.draw(rng),
        amplitude_cv=split.amplitude_cv.draw(rng),
    )


def _sag(width_s: float) -> Floats:
    """Give the slower lean of the sack that a jerk leaves for a moment."""
    return pulse("half_sine", min(width_s, 0.45)) ** 2


def wobbled(rng: np.random.Generator, direction: Floats, wobble_deg: float) -> Floats:
    """Turn a direction by a normal angle, at most twice its spread, about a random axis."""
    angle = math.radians(wobble_deg) * float(np.clip(rng.standard_normal(), -2, 2))
    draw = rng.standard_normal(3)
    side = draw - (draw @ direction) * direction
    return np.asarray(direction * math.cos(angle) + side / np.linalg.norm(side) * math.sin(angle))


def label_bursts(wearer: Wearer, jerks_s: list[float], detail: str) -> None:
    """Label jerks in sleep as bursts: at most 3 s apart, ten seconds at most."""
    burst: list[float] = []
    for at_s in (*jerks_s, math.inf):
        if burst and (at_s - burst[-1] > BURST_GAP_S or at_s - burst[0] > BURST_S):
            wearer.label(burst[0], burst[-1] + 0.3, "myoclonic_burst", detail)
            burst = []
        burst.append(at_s)


def twitches(wearer: Wearer, start_s: float, size: float) -> float:
    """One burst of sleep twitches: 1 to 8 irregular jerks over at most 10 s, of one limb or of several."""
    rng = wearer.rng
    limbs = [draw_jerker(wearer) for _ in range(rng.integers(1, 4))]
    count = min(int(rng.geometric(0.35)), 8)
    jerks_s: list[float] = []
    at_s = start_s
    for _ in range(count):
        jerks_s.append(at_s)
        limbs[rng.integers(len(limbs))].jerk(wearer, at_s, size * float(rng.lognormal(0, 0.35)))
        at_s += 0.25 + float(rng.gamma(1.2, 0.6))
        if at_s - start_s > BURST_S - 0.5:
            break
    label_bursts(wearer, jerks_s, "twitch")
    return jerks_s[-1] + 0.5


def single(wearer: Wearer, start_s: float, size: float, detail: str) -> float:
    """One isolated jerk in sleep: a startle, or a hypnic jerk while falling asleep."""
    replace(draw_jerker(wearer), amplitude_cv=0.0).jerk(wearer, start_s, size)
    label_bursts(wearer, [start_s], detail)
    return start_s + 0.6


def rhythm_times(
    rng: np.random.Generator, start_s: float, stop_s: float, hz: tuple[float, float], cv: float
) -> list[float]:
    """Times of a rhythm that goes from one frequency to another, with a spread of its intervals."""
    times: list[float] = []
    at_s = start_s
    while at_s < stop_s:
        times.append(at_s)
        share = (at_s - start_s) / (stop_s - start_s)
        period_s = 1 / (hz[0] * (hz[1] / hz[0]) ** share)
        at_s += period_s * float(np.clip(1 + cv * rng.standard_normal(), 0.5, 1.6))
    return times


@dataclass(frozen=True, slots=True, kw_only=True)
class Rhythm:
    """A clonic rhythm, as drawn."""

    jerker: Jerker
    size: float
    hz: tuple[float, float]
    interval_cv: float
    growth_s: float

    def play(self, wearer: Wearer, start_s: float, stop_s: float) -> list[float]:
        """Jerk from start to stop; give the times."""
        times = rhythm_times(wearer.rng, start_s, stop_s, self.hz, self.interval_cv)
        for at_s in times:
            grown = 1.0 if self.growth_s <= 0 else min(1.0, 0.35 + 0.65 * (at_s - start_s) / self.growth_s)
            self.jerker.jerk(wearer, at_s, self.size * grown)
        return times


def draw_rhythm(wearer: Wearer, size: float) -> Rhythm:
    """Draw a clonic rhythm of this full size."""
    rng, split = wearer.rng, wearer.split
    start_hz = split.rhythm_hz.draw(rng)
    end_hz = max(0.7, start_hz * split.slowing.draw(rng))
    rhythm = Rhythm(
        jerker=draw_jerker(wearer),
        size=size,
        hz=(start_hz, end_hz),
        interval_cv=split.interval_cv.draw(rng),
        growth_s=split.growth_s.draw(rng),
    )
    wearer.facts.update(
        hz=start_hz,
        end_hz=end_hz,
        size=size,
        interval_cv=rhythm.interval_cv,
        growth_s=rhythm.growth_s,
        amplitude_cv=rhythm.jerker.amplitude_cv,
        wobble_deg=rhythm.jerker.wobble_deg,
    )
    return rhythm


def clonic(wearer: Wearer, start_s: float, duration_s: float, size: float) -> float:
    """A sustained clonic rhythm, 0.8 to 5 Hz, that may grow at first and slow down."""
    rhythm = draw_rhythm(wearer, size)
    times = rhythm.play(wearer, start_s, start_s + duration_s)
    wearer.label(times[0], times[-1] + 0.3, "rhythmic")
    return times[-1] + 1.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Series:
    """Myoclonus of one limb: clusters of 2-3 s at 1-5 Hz, in runs of 10-20 s, with pauses."""

    jerker: Jerker
    size: float
    hz: float
    rest_s: float

    def play(self, wearer: Wearer, start_s: float, stop_s: float) -> list[float]:
        """Jerk from start to stop; give the times."""
        rng = wearer.rng
        times: list[float] = []
        at_s = start_s
        while at_s < stop_s - 1:
            run_stop_s = min(at_s + rng.uniform(10, 20), stop_s)
            while at_s < run_stop_s:
                times += self._cluster(wearer, at_s, min(at_s + rng.uniform(2, 3), stop_s))
                at_s = times[-1] + max(0.9, 2 / self.hz) + float(rng.gamma(1.5, 0.8))
            at_s += float(rng.gamma(2.0, self.rest_s / 2))
        return times

    def _cluster(self, wearer: Wearer, start_s: float, stop_s: float) -> list[float]:
        cv = wearer.split.interval_cv.draw(wearer.rng)
        times = rhythm_times(wearer.rng, start_s, stop_s, (self.hz, self.hz), cv)
        for at_s in times:
            self.jerker.jerk(wearer, at_s, self.size)
        return times


def draw_series(wearer: Wearer, size: float) -> Series:
    """Draw a series of myoclonus of this size."""
    rng = wearer.rng
    series = Series(
        jerker=draw_jerker(wearer), size=size, hz=float(rng.uniform(1.2, 5.0)), rest_s=float(rng.uniform(5, 40))
    )
    wearer.facts.update(hz=series.hz, size=size, wobble_deg=series.jerker.wobble_deg)
    return series


def myoclonus(wearer: Wearer, start_s: float, stop_s: float, size: float) -> float:
    """A benign series of sleep myoclonus from start to stop, where the baby wakes or it ends of itself."""
    times = draw_series(wearer, size).play(wearer, start_s, stop_s)
    label_bursts(wearer, times, "myoclonus")
    wearer.label(start_s, times[-1] + 0.3, "myoclonic_series")
    return times[-1] + 0.6
