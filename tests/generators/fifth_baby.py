"""What the clip of the fifth generator feels: sensor, cloth, background, and what a baby does of itself.

Every distribution is told in `tests.generators.fifth`.
"""

import math
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray
from scipy.interpolate import CubicSpline
from scipy.signal import butter, find_peaks, iirpeak, lfilter, sosfilt, sosfiltfilt

Floats = NDArray[np.float64]
Span = tuple[float, float]
Row = tuple[float, float, str, str]

FS: Final = 100.0
BAND: Final = butter(2, (0.5, 12.0), "bandpass", fs=FS, output="sos")
RATES_HZ: Final = (25.0, 26.0, 31.25, 50.0, 52.0, 100.0, 104.0)
LIMBS: Final = ("left_arm", "right_arm", "left_leg", "right_leg", "head", "trunk")
LEGS: Final = (2, 3)
NONE: Final = "n/a"


@dataclass(frozen=True, kw_only=True)
class Case:
    """A stream with its labels (onset_s, duration_s, trial_type, detail) and what was drawn for it."""

    name: str
    time_s: Floats
    accel_g: Floats
    rate_hz: float
    labels: list[Row]
    facts: Mapping[str, Any]
    resolution_g: float


@dataclass(frozen=True, kw_only=True)
class Sensor:
    rate_hz: float
    true_hz: float
    noise_g: float
    step_g: float
    range_g: float
    offset_g: Floats
    drift_g: Floats
    settle_s: float
    low_pass: Floats
    jitter: float
    lossy: bool


@dataclass(frozen=True, kw_only=True)
class Limb:
    """A source of movement: `pulse` over `pulse_s` seconds is felt as a peak of 1 g in the band."""

    name: str
    direction: Floats
    coupling: float
    wobble_deg: float
    width_s: float
    pulse_s: Floats
    pulse: Floats


def log_uniform(rng: np.random.Generator, low: float, high: float) -> float:
    return float(np.exp(rng.uniform(np.log(low), np.log(high))))


def unit(rng: np.random.Generator) -> Floats:
    vector = rng.normal(size=3)
    return np.asarray(vector / np.linalg.norm(vector))


def turned(rng: np.random.Generator, vector: Floats, angle_deg: float) -> Floats:
    """Turn a unit vector by an angle, to any side."""
    aside = np.cross(vector, unit(rng))
    aside /= np.linalg.norm(aside)
    return np.asarray(np.cos(np.radians(angle_deg)) * vector + np.sin(np.radians(angle_deg)) * aside)


def wander(rng: np.random.Generator, n: int, every_s: float, columns: int = 1) -> Floats:
    """A smooth stationary process, `(n, columns)`, standard normal at knots so many seconds apart."""
    knots = max(4, math.ceil(n / FS / every_s) + 2)
    spline = CubicSpline(np.arange(knots) * every_s, rng.normal(size=(knots, columns)))
    return np.asarray(spline(np.arange(n) / FS))


def resonator(rng: np.random.Generator, n: int, hz: float, quality: float, columns: int = 1) -> Floats:
    """Autoregressive resonance driven by white noise, `(n, columns)`, rms 1."""
    b, a = iirpeak(hz, quality, fs=FS)
    driven = lfilter(b, a, rng.normal(size=(n + round(FS * quality / hz), columns)), axis=0)[-n:]
    return np.asarray(driven / max(float(driven.std()), 1e-12))


def oscillation(rng: np.random.Generator, n: int, hz: float, loose: float) -> Floats:
    """Phase of an oscillator whose frequency wanders by a share `loose`, `(n,)`, radians."""
    speed = 2 * np.pi * hz * (1 + loose * wander(rng, n, 6 / hz)[:, 0])
    return np.asarray(rng.uniform(0, 6.3) + np.cumsum(speed) / FS)


def coloured(rng: np.random.Generator, n: int, exponent: float) -> Floats:
    """1/f^a noise from 0.03 to 30 Hz, `(n,)`, rms 1: a ladder of poles and zeros two octaves apart."""
    poles_hz = 0.03 * 4.0 ** np.arange(6)
    poles, zeros = (np.exp(-2 * np.pi * f / FS) for f in (poles_hz, poles_hz * 4 ** (exponent / 2)))
    one, nought = np.ones(6), np.zeros(6)
    noise = sosfilt(np.stack([one, -zeros, nought, one, -poles, nought], axis=1), rng.normal(size=n))
    return np.asarray(noise / noise.std())


def renewal(rng: np.random.Generator, span: Span, interval_s: float, cv: float) -> list[float]:
    """Times of a gamma renewal process; CV 0 is a clock."""
    times, at_s = [], span[0]
    while at_s < span[1]:
        times.append(at_s)
        shape = 1 / max(cv, 1e-3) ** 2
        at_s += float(rng.gamma(shape, interval_s / shape))
    return times


def hawkes(rng: np.random.Generator, span: Span, rate_hz: float, branching: float, delay_s: float) -> list[float]:
    """Times of a self-exciting process: each pulse has P(branching) children, G(3) seconds later."""
    waiting = list(rng.uniform(*span, size=rng.poisson(rate_hz * (span[1] - span[0]))))
    times = []
    while waiting:
        at_s = waiting.pop()
        times.append(float(at_s))
        children = at_s + rng.gamma(3.0, delay_s / 3, size=rng.poisson(branching))
        waiting += [child for child in children if child < span[1]]
    return sorted(times)


def pulse_shape(rng: np.random.Generator, width_s: float) -> tuple[Floats, Floats]:
    """One member of the family of pulses: seconds, and values without a lasting change of speed."""
    family = rng.integers(4)
    sigma_s = width_s / 2
    time_s = np.arange(0, 8 * width_s + 0.2, 0.002)
    x = (time_s - 2.5 * sigma_s) / sigma_s
    if family == 0:
        values = -x * np.exp(-(x**2) / 2)
    elif family == 1:
        fall_s = width_s * rng.uniform(1.2, 3)
        values = np.exp(-time_s / sigma_s) / sigma_s - np.exp(-time_s / fall_s) / fall_s
    elif family == 2:
        later = x - rng.uniform(2, 3.5)
        values = x * np.exp(-(x**2) / 2) + rng.choice([-1, 1]) * rng.uniform(0.4, 1) * later * np.exp(-(later**2) / 2)
    else:
        values = np.cos(2 * np.pi * rng.uniform(4, 11) * (time_s - 2.5 * sigma_s)) * np.exp(-(x**2) / 2)
    values[time_s > time_s[-1] - 0.03] = 0
    smooth = np.convolve(values, np.hanning(13), mode="full")[: len(time_s)]  # nothing sharper than the grid
    return time_s, np.asarray(smooth)


def draw_sensor(rng: np.random.Generator) -> Sensor:
    rate_hz = float(rng.choice(RATES_HZ))
    true_hz = rate_hz * rng.uniform(0.96, 1.04)
    return Sensor(
        rate_hz=rate_hz,
        true_hz=true_hz,
        noise_g=log_uniform(rng, 0.3e-3, 5e-3),
        step_g=log_uniform(rng, 0.06e-3, 16e-3),
        range_g=float(rng.choice([2, 4, 8, 16])),
        offset_g=rng.uniform(-0.06, 0.06, size=3),
        drift_g=rng.normal(0, 0.005, size=3),
        settle_s=log_uniform(rng, 300, 2400),
        low_pass=butter(2, min(45.0, true_hz * rng.uniform(0.35, 0.5)), fs=FS, output="sos"),
        jitter=rng.uniform(0, 0.1),
        lossy=rng.random() < 0.25,
    )


@dataclass
class Stream:
    """A stream while it is composed: what the clip feels, on a grid of `FS`, and the labels."""

    rng: np.random.Generator
    length_s: float
    state: str = "asleep"
    labels: list[Row] = field(default_factory=list)
    facts: dict[str, Any] = field(default_factory=dict)
    gaps: list[Span] = field(default_factory=list)
    off: list[Span] = field(default_factory=list)

    def __post_init__(self) -> None:
        rng = self.rng
        self.n = round(self.length_s * FS)
        self.sensor = draw_sensor(rng)
        self.cloth_hz, self.cloth_s = rng.uniform(4, 14), log_uniform(rng, 0.05, 0.2)
        self.cloth_share = rng.uniform(0, 0.6)
        self.states = [(0.0, self.state)]
        self.poses: list[tuple[float, float, Floats]] = [(0.0, 0.0, unit(rng))]
        self.own, self.outside, self.lean = (np.zeros((self.n, 3)) for _ in range(3))
        self.background()
        self.quiet_g = self._quiet_g()
        self.usual_g = max(log_uniform(rng, 0.02, 0.25), 3 * self.quiet_g)
        self.limbs = tuple(self._limb(name) for name in LIMBS)
        self.facts |= {"rate_hz": self.sensor.rate_hz, "noise_mg": 1e3 * self.sensor.noise_g}
        self.facts |= {"resolution_mg": 1e3 * self.sensor.step_g, "quiet_mg": 1e3 * self.quiet_g}

    def background(self) -> None:
        rng, n = self.rng, self.n
        level_g = log_uniform(rng, 0.2e-3, 2.5e-3) * np.exp(0.2 * wander(rng, n, 40.0))
        self.idle = level_g * np.stack([coloured(rng, n, rng.uniform(0, 1.6)) for _ in range(3)], axis=1)
        walk_deg = log_uniform(rng, 0.1, 1.0)
        steps = rng.normal(0, np.radians(walk_deg), size=(max(4, round(self.length_s / 60) + 2), 3))
        self.idle += CubicSpline(np.arange(len(steps)) * 60.0, np.cumsum(steps, axis=0))(np.arange(n) / FS)
        breath = np.sin(oscillation(rng, n, rng.uniform(0.43, 0.73), 0.08))
        depth_g = log_uniform(rng, 0.5e-3, 5e-3) * np.exp(0.15 * wander(rng, n, 8.0))
        self.idle += depth_g * breath[:, None] * unit(rng)
        if rng.random() < 0.5:
            self.facts["heart"] = True
            beats = np.zeros(n)
            phase = oscillation(rng, n, rng.uniform(110, 160) / 60, 0.03)
            beats[1:][np.diff(np.floor(phase / 2 / np.pi)) > 0] = log_uniform(rng, 0.2e-3, 2e-3)
            kick = np.sin(np.arange(30) * rng.uniform(0.35, 0.6)) * np.exp(-np.arange(30) / 6)
            self.idle += lfilter(kick, 1.0, beats)[:, None] * unit(rng)

    def _quiet_g(self) -> float:
        """Quiet level of the background as the sensor tells it."""
        rows = round(min(120.0, self.length_s) * FS)
        felt = sosfilt(self.sensor.low_pass, self.idle[:rows], axis=0)
        every = FS / self.sensor.true_hz
        at = np.arange(0, rows - 1, every)
        sampled = np.stack([np.interp(at, np.arange(rows), column) for column in felt.T], axis=1)
        sampled += self.poses[0][2] + self.rng.normal(0, self.sensor.noise_g, size=sampled.shape)
        sampled = np.round(sampled / self.sensor.step_g) * self.sensor.step_g
        regular = np.stack([np.interp(np.arange(rows), at, column) for column in sampled.T], axis=1)
        norm_g = np.linalg.norm(sosfiltfilt(BAND, regular, axis=0), axis=1)
        seconds = norm_g[: rows // 100 * 100].reshape(-1, 100).max(axis=1)
        return max(float(np.percentile(seconds, 25)), self.sensor.step_g / 2)

    def _limb(self, name: str) -> Limb:
        width_s = log_uniform(self.rng, 0.03, 0.15)
        pulse_s, pulse = pulse_shape(self.rng, width_s)
        trial = np.zeros((300, 3))
        trial[50 : 50 + round(FS * pulse_s[-1]), 0] = np.interp(np.arange(round(FS * pulse_s[-1])) / FS, pulse_s, pulse)
        felt = np.abs(sosfiltfilt(BAND, sosfilt(self.sensor.low_pass, self.through_cloth(trial[:, 0]))))
        peaks, _ = find_peaks(felt, distance=20, height=felt.max() / 2)  # what rings on counts as a peak of its own
        return Limb(
            name=name,
            direction=unit(self.rng),
            coupling=log_uniform(self.rng, 0.3, 1.2),
            wobble_deg=self.rng.uniform(0, 45),
            width_s=width_s,
            pulse_s=pulse_s,
            pulse=pulse / np.median(felt[peaks]),
        )

    def through_cloth(self, accel_g: Floats) -> Floats:
        """The cloth swings on, at its own pitch, after what moves it."""
        radius, angle = np.exp(-1 / (FS * self.cloth_s)), 2 * np.pi * self.cloth_hz / FS
        gain = 1 - radius
        a = [1.0, -2 * radius * np.cos(angle), radius**2]
        swing = lfilter([2 * gain, -2 * gain], a, accel_g, axis=0)
        return np.asarray((1 - self.cloth_share) * accel_g + self.cloth_share * swing)

    def rows(self, span: Span) -> slice:
        first, last = (int(np.clip(round(t * FS), 0, self.n)) for t in span)
        return slice(first, max(first, last))

    def label(self, span: Span, kind: str, detail: str = NONE) -> None:
        self.labels.append((span[0], span[1] - span[0], kind, detail))

    def becomes(self, at_s: float, state: str) -> None:
        self.states.append((at_s, state))

    def up(self, at_s: float) -> Floats:
        """Gravity in clip axes, as the last change of posture left it."""
        return max((pose for pose in self.poses if pose[0] <= at_s), key=lambda pose: pose[0])[2]

    def turn(self, at_s: float, lasts_s: float, angle_deg: float) -> None:
        self.poses.append((at_s, lasts_s, turned(self.rng, self.up(at_s), angle_deg)))

    def hit(self, limb: Limb, at_s: float, peak_g: float) -> None:
        """Add one pulse of a limb, felt with this peak."""
        span = self.rows((at_s, at_s + limb.pulse_s[-1]))
        pulse = np.interp(np.arange(span.start, span.stop) / FS - at_s, limb.pulse_s, limb.pulse, left=0.0)
        way = turned(self.rng, limb.direction, float(self.rng.normal(0, 0.7)) * limb.wobble_deg)
        self.own[span] += peak_g * pulse[:, None] * way

    def gravity(self) -> Floats:
        """Unit vectors of gravity without leaning, `(n, 3)`: great circles from posture to posture."""
        poses = sorted(self.poses, key=lambda pose: pose[0])
        base = np.tile(poses[0][2], (self.n, 1))
        nexts = [pose[0] for pose in poses[2:]] + [self.length_s]
        for (at_s, lasts_s, new), next_s in zip(poses[1:], nexts, strict=False):
            first, end = self.rows((at_s, at_s)).start, self.rows((next_s, next_s)).start
            if first >= self.n:
                continue
            old = base[first].copy()
            angle = float(np.arccos(np.clip(old @ new, -1, 1)))
            x = np.linspace(0, 1, max(2, min(self.n - first, round(lasts_s * FS))))[:, None]
            x = x**2 * (3 - 2 * x)
            way = (np.sin((1 - x) * angle) * old + np.sin(x * angle) * new) / max(np.sin(angle), 1e-9)
            base[first : first + len(x)] = way
            base[first + len(x) : max(end + 1, first + len(x))] = new
        return base

    def case(self, name: str) -> Case:
        """What the sensor makes of it all."""
        felt = self.through_cloth(self.own)
        felt += self.idle
        for span in self.off:
            felt[self.rows(span)] = 0
            self.lean[self.rows(span)] = 0
        self.lean += self.gravity()
        self.lean /= np.linalg.norm(self.lean, axis=1, keepdims=True)
        felt += self.lean
        felt += self.outside
        time_s, accel_g = self.sensed(sosfilt(self.sensor.low_pass, felt - felt[0], axis=0) + felt[0])
        return Case(
            name=name,
            time_s=time_s,
            accel_g=accel_g,
            rate_hz=self.sensor.rate_hz,
            labels=self.all_labels(float(time_s[-1])),
            facts=self.facts,
            resolution_g=self.sensor.step_g,
        )

    def sensed(self, felt_g: Floats) -> tuple[Floats, Floats]:
        rng, sensor = self.rng, self.sensor
        count = int((self.n - 2) / FS * sensor.true_hz)
        late = np.clip(rng.normal(0, sensor.jitter, size=count), -0.3, 0.3)
        time_s = np.maximum(np.arange(count) + late, np.arange(count) * 0.99) / sensor.true_hz
        keep = np.ones(count, dtype=bool)
        holes = [(t, t + rng.uniform(0.05, 0.8)) for t in renewal(rng, (60, self.length_s), 120.0, 1)]
        for first_s, last_s in self.gaps + holes * sensor.lossy:
            keep &= (time_s < first_s) | (time_s >= last_s)
        time_s = np.maximum.accumulate(time_s[keep] + np.arange(keep.sum()) * 1e-9)
        accel_g = np.stack([np.interp(time_s, np.arange(self.n) / FS, column) for column in felt_g.T], axis=1)
        warm = 1 - np.exp(-time_s / sensor.settle_s)
        accel_g += sensor.offset_g + warm[:, None] * sensor.drift_g
        accel_g += rng.normal(0, sensor.noise_g, size=accel_g.shape)
        accel_g = np.clip(accel_g, -sensor.range_g, sensor.range_g - sensor.step_g)
        return time_s, np.asarray(np.round(accel_g / sensor.step_g) * sensor.step_g)

    def all_labels(self, end_s: float) -> list[Row]:
        """Labels within the stream, and the states that cover it."""
        changes = sorted(self.states, key=lambda change: change[0])
        ends = [*(at_s for at_s, _ in changes[1:]), end_s]
        rows = [
            (at_s, max(0.0, min(end, end_s) - at_s), state, NONE)
            for (at_s, state), end in zip(changes, ends, strict=True)
        ]
        rows += [(max(0.0, a), min(a + d, end_s) - max(0.0, a), kind, detail) for a, d, kind, detail in self.labels]
        return sorted((float(a), float(d), kind, detail) for a, d, kind, detail in rows if a < end_s and d > 0)


# What a baby does of itself


def squirm(s: Stream, span: Span, peak_g: float, tilt_deg: float) -> None:
    """Whole-body movement: band noise in a swelling envelope, with leaning that returns."""
    rows = s.rows(span)
    n = rows.stop - rows.start
    if n < 30:
        return
    sos = butter(2, (0.3, s.rng.uniform(2, 6)), "bandpass", fs=FS, output="sos")
    noise = sosfilt(sos, s.rng.normal(size=(n + 200, 3)), axis=0)[200:] @ s.rng.normal(size=(3, 3))
    swell = np.sin(np.linspace(0, np.pi, n))[:, None] ** 0.5
    noise *= swell * np.exp(0.5 * wander(s.rng, n, 1.5))
    s.own[rows] += noise * peak_g / max(1e-9, float(np.percentile(np.linalg.norm(noise, axis=1), 95)))
    s.lean[rows] += np.tan(np.radians(tilt_deg)) * swell * wander(s.rng, n, s.rng.uniform(0.8, 3), 3) / 1.7


def vigours(s: Stream, span: Span, restless: float) -> Iterator[tuple[Span, float]]:
    """Hidden Markov chain of vigour: spans with levels 0 (rest) to 2 (storm)."""
    at_s, level = span[0], 0
    dwell_s = (12 / restless, 5.0, 6.0, 4.0)
    while at_s < span[1]:
        until_s = min(span[1], at_s + float(np.clip(s.rng.exponential(dwell_s[level]), 1.0, 60)))
        yield (at_s, until_s), (0.0, 0.3, 1.0, 2.0)[level]
        at_s = until_s
        level = int(s.rng.choice([i for i in range(4) if i != level], p=s.rng.dirichlet((1.5, 1.5, 1.0))))


def stir(s: Stream, span: Span, detail: str, restless: float = 1.0) -> None:
    """Restless movement of changing limbs, vigour and direction; bouts less than 3 s apart share a label."""
    bouts: list[Span] = []
    for part, vigour in vigours(s, span, restless):
        if vigour == 0 or part[1] - part[0] < 0.5:
            continue
        size_g = max(vigour * s.usual_g, 2 * s.quiet_g)
        active = s.rng.permutation(6)[: s.rng.integers(1, 6)]
        for limb in (s.limbs[i] for i in active):
            times = hawkes(s.rng, part, s.rng.uniform(0.1, 0.6), s.rng.uniform(0.2, 0.6), log_uniform(s.rng, 0.25, 1.0))
            for at_s in times:
                s.hit(limb, at_s, size_g * limb.coupling * s.rng.lognormal(0, 0.5))
        squirm(s, part, size_g * s.rng.uniform(0.2, 0.8), vigour * s.rng.uniform(2, 12))
        if s.rng.random() < 0.35:
            s.turn(part[0], max(0.8, 0.6 * (part[1] - part[0])), vigour * s.rng.uniform(3, 25))
        bouts = [*bouts[:-1], (bouts[-1][0], part[1])] if bouts and part[0] - bouts[-1][1] < 3 else [*bouts, part]
    for bout in bouts:
        s.label(bout, "movement", detail)


def kick(s: Stream, span: Span, detail: str = "kicking") -> None:
    """Bouts of one or two legs: nearly rhythmic, with a rate that wanders and kicks left out; other limbs join."""
    at_s = span[0]
    while at_s < span[1] - 2:
        bout = (at_s, min(span[1], at_s + log_uniform(s.rng, 2, 20)))
        legs = [s.limbs[i] for i in s.rng.permutation(LEGS)[: s.rng.integers(1, 3)]]
        hz, cv, size_g = s.rng.uniform(0.5, 3), s.rng.uniform(0.25, 0.6), s.usual_g * s.rng.lognormal(0, 0.4)
        for at in renewal(s.rng, bout, 1 / hz, cv):
            if s.rng.random() > 0.15:
                leg = legs[s.rng.integers(len(legs))]
                s.hit(leg, at, size_g * leg.coupling * s.rng.lognormal(0, 0.5))
        for at in hawkes(s.rng, bout, 0.3, 0.3, 0.5):
            s.hit(s.limbs[s.rng.integers(6)], at, 0.6 * size_g * s.rng.lognormal(0, 0.5))
        squirm(s, bout, 0.25 * size_g, s.rng.uniform(0.5, 5))
        if s.rng.random() < 0.3:
            s.turn(bout[0], 2.0, s.rng.uniform(2, 15))
        s.label(bout, "movement", detail)
        at_s = bout[1] + log_uniform(s.rng, 1, 40)


def turn_over(s: Stream, at_s: float, angle_deg: float | None = None, detail: str = "turn_over") -> float:
    """Turn the whole body; give the time at which it lies again."""
    span = (at_s, at_s + s.rng.uniform(2, 9))
    tries = s.rng.integers(1, 3)
    angle = s.rng.uniform(30, 165) if angle_deg is None else angle_deg
    for i in range(tries):
        s.turn(at_s + i * 0.5 * (span[1] - at_s), (span[1] - at_s) / (tries + 0.5), angle / tries)
    squirm(s, span, s.usual_g * s.rng.uniform(0.3, 1), s.rng.uniform(2, 10))
    for at in hawkes(s.rng, span, 0.5, 0.3, 0.4):
        s.hit(s.limbs[s.rng.integers(6)], at, s.usual_g * s.rng.lognormal(-0.5, 0.5))
    s.label(span, "movement", detail)
    return span[1]


def arousal(s: Stream, at_s: float, detail: str = "arousal") -> float:
    """2-10 s of mixed movement, often with a change of posture."""
    span = (at_s, at_s + log_uniform(s.rng, 2, 10))
    squirm(s, span, s.usual_g * s.rng.uniform(0.3, 1.2), s.rng.uniform(2, 12))
    for at in hawkes(s.rng, span, s.rng.uniform(0.3, 1.2), 0.4, 0.4):
        s.hit(s.limbs[s.rng.integers(6)], at, s.usual_g * s.rng.lognormal(-0.4, 0.5))
    if s.rng.random() < 0.6:
        s.turn(at_s, span[1] - at_s, s.rng.uniform(3, 30))
    s.label(span, "movement", detail)
    return span[1]


def wake(s: Stream, at_s: float) -> float:
    s.becomes(at_s, "awake")
    s.facts.setdefault("woke_s", at_s)
    return arousal(s, at_s)


def twitches(s: Stream, at_s: float, limit_s: float) -> float:
    """One burst of twitches of one limb or two, at most 10 s; give its end."""
    limb = s.limbs[s.rng.integers(6)]
    other = s.limbs[s.rng.integers(6)] if s.rng.random() < 0.3 else limb
    size = log_uniform(s.rng, 2.5, 20)
    at, last = at_s, at_s
    for _ in range(1 + s.rng.poisson(s.rng.choice([0, 1, 4, 8]))):
        s.hit(limb if s.rng.random() < 0.7 else other, at, size * s.quiet_g * s.rng.lognormal(0, 0.35))
        last = at
        at += float(np.clip(s.rng.gamma(1.5, 0.5), 0.12, 2.8))
        if at > min(at_s + 9.4, limit_s - 0.5):
            break
    s.label((at_s, last + 0.4), "myoclonic_burst")
    return last + 0.4


def startle(s: Stream, at_s: float) -> float:
    """One jerk of all limbs at nearly the same time, and a short settling."""
    for limb in s.limbs:
        s.hit(limb, at_s + s.rng.uniform(0, 0.06), s.usual_g * limb.coupling * s.rng.lognormal(0, 0.3))
    squirm(s, (at_s + 0.1, at_s + s.rng.uniform(0.6, 2)), 0.2 * s.usual_g, 2)
    s.label((at_s, at_s + 0.9), "movement", "startle")
    return at_s + 2.0


def sigh(s: Stream, at_s: float) -> float:
    lasts_s = s.rng.uniform(2, 4)
    rows = s.rows((at_s, at_s + lasts_s))
    breath = np.sin(np.linspace(0, 2 * np.pi, rows.stop - rows.start)) * np.sin(
        np.linspace(0, np.pi, rows.stop - rows.start)
    )
    s.lean[rows] += s.rng.uniform(0.005, 0.03) * breath[:, None] * unit(s.rng)
    return at_s + lasts_s


def sleep(s: Stream, span: Span, active: float) -> None:
    """Sleep: `active` 0 is quiet (startles, sighs), 1 is active (bursts of twitches, squirms, arousals)."""
    events: tuple[tuple[float, Callable[[Stream, float], float]], ...] = (
        (0.05 + 0.9 * active, lambda s, at: twitches(s, at, span[1])),
        (0.03 * (1 - active) + 0.004, startle),
        (0.2, sigh),
        (0.01 + 0.08 * active, arousal),
        (0.003 + 0.008 * active, turn_over),
    )
    rates = np.array([rate for rate, _ in events])
    at_s = span[0] + float(s.rng.exponential(60 / rates.sum()))
    while at_s < span[1] - 12:
        end_s = events[int(s.rng.choice(5, p=rates / rates.sum()))][1](s, at_s)
        at_s = end_s + 3.5 + float(s.rng.exponential(60 / rates.sum()))


def wakeful(s: Stream, span: Span) -> None:
    """Ordinary time awake: quiet minutes, play, kicking, rolling, sucking, in any order."""
    at_s = span[0]
    while at_s < span[1] - 5:
        part = (at_s, min(span[1], at_s + log_uniform(s.rng, 15, 180)))
        choice = s.rng.choice(5, p=(0.3, 0.3, 0.25, 0.1, 0.05))
        if choice == 0:
            stir(s, part, "fidgeting", 0.25)
        elif choice == 1:
            stir(s, part, "playing", s.rng.uniform(0.6, 4))
        elif choice == 2:
            kick(s, part)
        elif choice == 3:
            part = (at_s, min(span[1], turn_over(s, at_s)))
        else:
            suck(s, part)
        at_s = part[1] + float(s.rng.exponential(8))


def suckle(s: Stream, span: Span) -> None:
    """Bursts of sucking at 2.1 Hz with pauses; the jaw moves the head a little."""
    hz, size_g = s.rng.normal(2.1, 0.15), s.quiet_g * log_uniform(s.rng, 0.8, 5)
    way = unit(s.rng)
    at_s = span[0]
    while at_s < span[1] - 2:
        burst = (at_s, min(span[1], at_s + s.rng.gamma(4, 1.2) + 1))
        rows = s.rows(burst)
        n = rows.stop - rows.start
        phase = oscillation(s.rng, n, hz, 0.06)
        swell = np.sin(np.linspace(0, np.pi, n)) ** 0.4
        s.own[rows] += (size_g * swell * (np.sin(phase) + 0.25 * np.sin(2 * phase)))[:, None] * way
        at_s = burst[1] + s.rng.gamma(2, 2.0) + 0.8


def suck(s: Stream, span: Span) -> None:
    suckle(s, span)
    s.label(span, "movement", "sucking")
