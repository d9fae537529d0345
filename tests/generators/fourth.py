"""Labelled streams from rigid-body physics: what a clip feels on the trunk of a baby that moves and is moved.

The trunk has an orientation R (postures joined by minimum-jerk turns, times a small rotation that movements drive) and
accelerations, its own in the body frame and a carer's in the world's. The clip feels R'(g + a), with the tangential
acceleration of its lever arm, through a cloth of two resonant modes. Written from the facts about movements alone.

Drawn once a stream (U uniform, L log-uniform, N normal, P probability):

- Clip: 25, 26, 31.25, 50, 52, 100 or 104 Hz +- U4 %; noise L(0.3, 5) mg; step L(0.06, 16) mg; range 2-16 g; offset
  U+-60 mg an axis; time jitter U(0, 0.25) of an interval; any mounting; lever arm 3-12 cm.
- Cloth: modes at L(4, 14) Hz and 1.3-2.2 times that, decay L(50, 200) ms, share U(0.1, 0.5) and U(0.05, 0.3); coupling
  of the trunk's own accelerations U(0.5, 1).
- Still baby: breathing U(0.43, 0.75) Hz, L(0.5, 5) mg, wandering; heart U(1.8, 2.6) Hz, L(0.3, 3) mg, P 0.6.
- Rhythm: L(0.8, 5) Hz, slows to U(0.5, 0.9) of it with P 0.5; grows over 10 s with P 0.5; interval CV U(0, 0.25);
  amplitude CV U(0, 0.4); wobble U(0, 45) deg; jerk lobes L(30, 150) ms; median jerk L(2, 30) x quiet; L(15, 120) s.
- Spasms: 3-15, tilt L(3, 40) deg held L(0.4, 2.4) s, every U(6, 22) s, waxing and waning with P 0.6, awake with P 0.8.
- Benign series: clusters of U(1.5, 4) s at L(1, 5) Hz, pauses L(1, 15) s, L(1, 30) min.
- Awake movement: bouts of log-normal length (median 6 s, sigma 0.7) and pauses (median 7 s, sigma 0.9; one in twelve a
  quiet minute), each of superposed submovements (median 0.45 s, sigma 0.45) with a trunk shift and a turn of its own.
- Carers: rocking U(0.67, 0.95) Hz, L(1.5, 8) deg; steps U(1.5, 2) Hz, L(40, 200) mg; pats U(1.5, 3) Hz, L(20, 200) mg,
  interval CV U(0.02, 0.09); sucks U(1.8, 2.4) Hz, L(1, 12) mg; bassinet L(0.5, 4.5) Hz; bouncer U(1, 3) Hz.
- Nights: 8-11 h, 2-5 wakings; active and quiet sleep of 15-30 min by turns; no concerning label.
"""

import math
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import cache, partial
from typing import Final, TypeAlias

import numpy as np
from numpy.typing import NDArray
from scipy.signal import bilinear, butter, sosfilt, sosfilt_zi, sosfiltfilt
from scipy.spatial.transform import Rotation

from processing.felt import BAND_HZ, jerk_peak_g

Floats: TypeAlias = NDArray[np.float64]
Row: TypeAlias = tuple[float, float, str, str]

GRID_HZ: Final = 100
GRAVITY: Final = 9.81
PAD_S: Final = 2.0
RATES_HZ: Final = (25.0, 26.0, 31.25, 50.0, 52.0, 100.0, 104.0)
BAND: Final = butter(2, BAND_HZ, "bandpass", fs=GRID_HZ, output="sos")


@dataclass(frozen=True, kw_only=True)
class Case:
    """One labelled stream; labels are onset_s, duration_s, trial_type, detail."""

    name: str
    time_s: Floats
    accel_g: Floats
    rate_hz: float
    resolution_g: float
    labels: list[Row]
    facts: dict[str, float]


class Draw:
    """A random generator in the words of the distributions."""

    def __init__(self, rng: np.random.Generator) -> None:
        self.rng = rng

    def uniform(self, low: float, high: float) -> float:
        return float(self.rng.uniform(low, high))

    def log(self, low: float, high: float) -> float:
        return float(np.exp(self.rng.uniform(math.log(low), math.log(high))))

    def lognormal(self, median: float, sigma: float) -> float:
        return float(median * np.exp(sigma * self.rng.standard_normal()))

    def wait(self, mean_s: float) -> float:
        return float(self.rng.exponential(mean_s))

    def chance(self, p: float) -> bool:
        return bool(self.rng.random() < p)

    def normal(self, sd: float) -> Floats:
        return np.asarray(self.rng.normal(0, sd, 3))

    def direction(self) -> Floats:
        vector = self.normal(1)
        return vector / np.linalg.norm(vector)

    def near(self, direction: Floats, wobble_deg: float) -> Floats:
        """Turn a direction by about so many degrees (half-normal), any way."""
        side = np.cross(direction, self.direction())
        angle = math.radians(wobble_deg) * float(self.rng.normal())
        return math.cos(angle) * direction + math.sin(angle) * side / np.linalg.norm(side)

    def pick(self, *names: str) -> str:
        return names[int(self.rng.integers(len(names)))]


@cache
def mode(freq_hz: float, decay_s: float) -> tuple[Floats, Floats]:
    """Give a damped spring as a filter, and the state in which it rests under 1 g."""
    omega, damping = 2 * math.pi * freq_hz, 2 / decay_s
    b, a = bilinear([damping, omega**2], [1, damping, omega**2], fs=GRID_HZ)
    sos = np.concatenate([b, a])[None]
    return sos, sosfilt_zi(sos)[:, :, None]


@dataclass(frozen=True, kw_only=True)
class Cloth:
    """Two resonant modes beside a rigid part; each passes gravity unchanged."""

    freq_hz: tuple[float, float]
    decay_s: tuple[float, float]
    share: tuple[float, float]

    @classmethod
    def drawn(cls, draw: Draw) -> "Cloth":
        first_hz = draw.log(4, 14)
        return cls(
            freq_hz=(first_hz, first_hz * draw.uniform(1.3, 2.2)),
            decay_s=(draw.log(0.05, 0.2), draw.log(0.05, 0.2)),
            share=(draw.uniform(0.1, 0.5), draw.uniform(0.05, 0.3)),
        )

    def through(self, force_g: Floats) -> Floats:
        out = (1 - sum(self.share)) * force_g
        for freq_hz, decay_s, share in zip(self.freq_hz, self.decay_s, self.share, strict=True):
            sos, start = mode(freq_hz, decay_s)
            part = sosfilt(sos, force_g, axis=0, zi=start * force_g[0])[0]
            part *= share
            out += part
        return np.asarray(out)


@dataclass(frozen=True, kw_only=True)
class Clip:
    """The sensor: when and how finely it samples."""

    rate_hz: float
    true_hz: float
    noise_g: float
    step_g: float
    range_g: float
    offset_g: Floats
    jitter: float
    mounting: Rotation

    @classmethod
    def drawn(cls, draw: Draw) -> "Clip":
        rate_hz = RATES_HZ[int(draw.rng.integers(len(RATES_HZ)))]
        return cls(
            rate_hz=rate_hz,
            true_hz=rate_hz * draw.uniform(0.96, 1.04),
            noise_g=draw.log(0.0003, 0.005),
            step_g=draw.log(0.00006, 0.016),
            range_g=float(2 ** draw.rng.integers(1, 5)),
            offset_g=draw.rng.uniform(-0.06, 0.06, 3),
            jitter=draw.uniform(0, 0.25),
            mounting=Rotation.random(rng=draw.rng),
        )

    def sample(self, force_g: Floats, rng: np.random.Generator) -> tuple[Floats, Floats]:
        """Give times and readings, `(n,)` s and `(n, 3)` g."""
        if self.rate_hz < GRID_HZ / 2:  # the chip's own decimation filter
            sos = butter(2, 0.45 * self.rate_hz, fs=GRID_HZ, output="sos")
            force_g = sosfilt(sos, force_g, axis=0, zi=sosfilt_zi(sos)[:, :, None] * force_g[0])[0]
        ticks = np.arange(math.floor((len(force_g) - 2) / GRID_HZ * self.true_hz))
        time_s = (ticks + 0.5 + self.jitter * rng.uniform(-1, 1, len(ticks))) / self.true_hz
        grid_s = np.arange(len(force_g)) / GRID_HZ
        felt_g = np.stack([np.interp(time_s, grid_s, axis) for axis in force_g.T], axis=1)
        felt_g = self.mounting.apply(felt_g) + self.offset_g + rng.normal(0, self.noise_g, felt_g.shape)
        steps = np.round(np.clip(felt_g, -self.range_g, self.range_g) / self.step_g)
        return time_s, steps * self.step_g


@dataclass(frozen=True, kw_only=True)
class Baby:
    """How the trunk moves when nothing happens, and how lively it is."""

    breath_hz: float
    breath_g: float
    heart_hz: float
    heart_g: float
    vigour: float
    chest: Floats

    @classmethod
    def drawn(cls, draw: Draw) -> "Baby":
        return cls(
            breath_hz=draw.uniform(0.43, 0.75),
            breath_g=draw.log(0.0005, 0.005),
            heart_hz=draw.uniform(1.8, 2.6),
            heart_g=draw.log(0.0003, 0.003) if draw.chance(0.6) else 0.0,
            vigour=draw.lognormal(1, 0.4),
            chest=draw.direction(),
        )


@dataclass(frozen=True, kw_only=True)
class Rig:
    """Baby, cloth and clip of one stream."""

    baby: Baby
    cloth: Cloth
    clip: Clip
    coupling: float
    lever_m: Floats

    @classmethod
    def drawn(cls, draw: Draw) -> "Rig":
        return cls(
            baby=Baby.drawn(draw),
            cloth=Cloth.drawn(draw),
            clip=Clip.drawn(draw),
            coupling=draw.uniform(0.5, 1),
            lever_m=draw.direction() * draw.uniform(0.03, 0.12),
        )


def band_norm(force_g: Floats) -> Floats:
    """Norm of the band-passed force at 50 Hz, as `processing.felt` measures sizes."""
    return np.asarray(np.linalg.norm(sosfiltfilt(BAND, force_g, axis=0), axis=1)[::2])


@dataclass(eq=False)
class Scene:
    """The trunk over time on the grid, with what it does; times are seconds from its start.

    Attributes:
        push_g: own acceleration, body frame, `(n, 3)`.
        world_g: acceleration by others, world frame with z up, `(n, 3)`.
        rate: angular velocity of the small rotation, rad/s, `(n, 3)`.
        turns: onset, seconds and rotation vector of every change of posture.
        lean: where the small rotation stands after the movements drawn so far, rad.
    """

    draw: Draw
    rig: Rig
    duration_s: float
    posture: Rotation
    quiet_g: float = 1.0
    lean: Floats = field(default_factory=lambda: np.zeros(3))
    labels: list[Row] = field(default_factory=list)
    states: list[tuple[float, str]] = field(default_factory=list)
    turns: list[tuple[float, float, Floats]] = field(default_factory=list)
    gaps: list[tuple[float, float]] = field(default_factory=list)
    facts: dict[str, float] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.first = self.posture
        shape = (round(self.duration_s * GRID_HZ), 3)
        self.push_g, self.world_g, self.rate = np.zeros(shape), np.zeros(shape), np.zeros(shape)

    @classmethod
    def drawn(cls, draw: Draw, duration_s: float) -> "Scene":
        """Draw a still, breathing baby, and measure how quiet it is."""
        rig, posture = Rig.drawn(draw), Rotation.random(rng=draw.rng)
        still = cls(draw, rig, 60, posture)
        breathe(still, 0, 60)
        time_s, felt_g = rig.clip.sample(still.felt(), draw.rng)
        grid_s = np.arange(0, 60, 1 / GRID_HZ)
        norm_g = band_norm(np.stack([np.interp(grid_s, time_s, axis) for axis in felt_g.T], axis=1))
        quiet_g = max(float(np.percentile(norm_g.reshape(60, -1).max(axis=1), 25)), rig.clip.step_g / 2)
        return cls(draw, rig, duration_s, posture, quiet_g)

    def add(self, to: Floats, at_s: float, values: Floats) -> None:
        first = round(at_s * GRID_HZ)
        a, b = max(first, 0), min(first + len(values), len(to))
        if b > a:
            to[a:b] += values[a - first : b - first]

    def up(self) -> Floats:
        """Give the direction of what gravity feels like, in the body frame."""
        return np.asarray(self.posture.inv().apply([0.0, 0.0, 1.0]))

    def level_axis(self) -> Floats:
        """Draw an axis about which a rotation tilts the trunk."""
        axis = np.cross(self.up(), self.draw.direction())
        return np.asarray(axis / np.linalg.norm(axis))

    def turn(self, at_s: float, seconds: float, rotation: Floats) -> None:
        """Change the posture along a minimum-jerk path."""
        at_s = max([at_s, *(start_s + lasts_s for start_s, lasts_s, _ in self.turns[-1:])])
        self.turns.append((at_s, seconds, rotation))
        self.posture = self.posture * Rotation.from_rotvec(rotation)

    def label(self, a: float, b: float, kind: str, detail: str = "n/a") -> None:
        a, b = max(0.0, a), min(b, self.duration_s)
        if b > a:
            self.labels.append((a, b - a, kind, detail))

    def becomes(self, at_s: float, state: str) -> None:
        self.states.append((at_s, state))

    def state_rows(self) -> Iterator[Row]:
        ends = [*(at_s for at_s, _ in self.states[1:]), self.duration_s]
        for (at_s, state), end_s in zip(self.states, ends, strict=True):
            if min(end_s, self.duration_s) > at_s:
                yield (at_s, min(end_s, self.duration_s) - at_s, state, "n/a")

    def oriented(self) -> Iterator[tuple[int, int, Rotation]]:
        """Give the posture in stretches of rows: one rotation, or one a row while it turns."""
        posture, row, n = self.first, 0, len(self.rate)
        for at_s, seconds, rotation in self.turns:
            start, stop = (min(n, round(t * GRID_HZ)) for t in (at_s, at_s + seconds))
            yield row, start, posture
            u = (np.arange(stop - start) + 1) / max(1, round(seconds * GRID_HZ))
            path = u**3 * (10 - 15 * u + 6 * u**2)
            yield start, stop, posture * Rotation.from_rotvec(path[:, None] * rotation)
            posture, row = posture * Rotation.from_rotvec(rotation), stop
        yield row, n, posture

    def felt(self) -> Floats:
        """What the cloth hands to the clip, trunk frame, `(n, 3)` g."""
        angle = np.cumsum(self.rate, axis=0) / GRID_HZ
        force_g = np.empty_like(self.rate)
        for start, stop, posture in self.oriented():
            for a in range(start, stop, 1 << 18):  # in blocks, for memory
                b = min(a + (1 << 18), stop)
                part = posture if posture.single else posture[a - start : b - start]
                world_g = self.world_g[a:b] + np.array([0.0, 0.0, 1.0])
                force_g[a:b] = Rotation.from_rotvec(angle[a:b]).inv().apply(part.inv().apply(world_g))
        force_g += self.rig.coupling * self.push_g
        lever = np.cross(np.eye(3), self.rig.lever_m) * (GRID_HZ / GRAVITY)  # spin x lever arm, as a matrix
        force_g[1:] += np.diff(self.rate, axis=0) @ lever
        return self.rig.cloth.through(force_g)

    def sized(self, a: float, b: float, size: float, draw: Callable[["Scene"], None], part_s: float = 1.5) -> None:
        """Add what `draw` does from PAD_S on, scaled so that its median jerk is `size` x quiet."""
        layer = Scene(self.draw, self.rig, b - a + 2 * PAD_S, self.posture)
        draw(layer)
        edges = (round((t + sign * 0.2) * GRID_HZ / 2) for t, sign in ((PAD_S, -1), (PAD_S + b - a, 1)))
        scale = size * self.quiet_g / jerk_peak_g(band_norm(layer.felt())[slice(*edges)], part_s)
        for to, values in ((self.push_g, layer.push_g), (self.world_g, layer.world_g), (self.rate, layer.rate)):
            self.add(to, a - PAD_S, scale * values)

    def sampled(self, name: str) -> Case:
        """Give the stream."""
        clip = self.rig.clip
        time_s, accel_g = clip.sample(self.felt(), self.draw.rng)
        kept = np.ones(len(time_s), dtype=bool)
        for a, b in self.gaps:
            kept &= (time_s < a) | (time_s >= b)
        facts = {"resolution_mg": clip.step_g * 1000, "quiet_mg": self.quiet_g * 1000, **self.facts}
        return Case(
            name=name,
            time_s=time_s[kept],
            accel_g=accel_g[kept],
            rate_hz=clip.rate_hz,
            resolution_g=clip.step_g,
            labels=sorted([*self.state_rows(), *self.labels]),
            facts=facts,
        )


# --- Elements: single movements ---------------------------------------------------------------------------------------


def breathe(s: Scene, a: float, b: float) -> None:
    """Breathing tilts the trunk, the heart pushes it; both rates wander."""
    n, baby = round((b - a) * GRID_HZ), s.rig.baby
    time_s = np.arange(n) / GRID_HZ
    knots_s = np.arange(0, b - a + 20, 10)
    wander = np.interp(time_s, knots_s, s.draw.rng.normal(1, 0.07, len(knots_s)))
    depth = np.interp(time_s, knots_s, s.draw.rng.lognormal(0, 0.2, len(knots_s)))
    breath = np.cumsum(2 * math.pi * baby.breath_hz * wander) / GRID_HZ
    axis = s.level_axis()
    swing = baby.breath_g * depth * (np.sin(breath) + 0.2 * np.sin(2 * breath))
    s.add(s.rate, a, np.gradient(swing, 1 / GRID_HZ)[:, None] * axis)
    if baby.heart_g > 0:
        beat = np.cumsum(2 * math.pi * baby.heart_hz * (1 + 0.5 * (wander - 1))) / GRID_HZ
        thump = np.exp(4 * (np.cos(beat) - 1)) * np.sin(4 * beat)
        s.add(s.push_g, a, (baby.heart_g * thump)[:, None] * baby.chest)


def doublet(s: Scene, at_s: float, width_s: float, push_g: Floats, nod: Floats | None = None) -> None:
    """Push and return: two lobes of opposite sign, so that the velocity ends at zero; a nod that comes back."""
    slower = 1.6
    there, back = (max(2, round(w * GRID_HZ)) for w in (width_s, slower * width_s))
    lobes = [np.sin(math.pi * (np.arange(m) + 0.5) / m) ** 2 for m in (there, back)]
    shape = np.concatenate([lobes[0], -lobes[1] * there / back])
    s.add(s.push_g, at_s, shape[:, None] * push_g)
    if nod is not None:
        m = 2 * len(shape)
        swing = math.pi * GRID_HZ / m * np.sin(2 * math.pi * (np.arange(m) + 0.5) / m)
        s.add(s.rate, at_s, swing[:, None] * nod)


def submovement(s: Scene, at_s: float, seconds: float, shift_m: Floats, turn: Floats) -> None:
    """Minimum-jerk movement of the trunk: a shift and a rotation that stay."""
    m = max(4, round(seconds * GRID_HZ))
    u = (np.arange(m) + 0.5) / m
    acceleration = (60 * u - 180 * u**2 + 120 * u**3) * (GRID_HZ / m) ** 2 / GRAVITY
    s.add(s.push_g, at_s, acceleration[:, None] * shift_m)
    s.add(s.rate, at_s, (30 * (u * (1 - u)) ** 2 * GRID_HZ / m)[:, None] * turn)


def lean_to(s: Scene, at_s: float, seconds: float, target: Floats, shift_m: Floats) -> None:
    submovement(s, at_s, seconds, shift_m, target - s.lean)
    s.lean = target


def squirm(s: Scene, a: float, b: float, vigour: float = 1.0) -> None:
    """Superposed submovements, thick and thin, about a way that drifts."""
    t, favourite, pace_s = a, s.draw.direction(), s.draw.log(0.15, 0.6)
    while t < b - 0.25:
        seconds = float(np.clip(s.draw.lognormal(0.45, 0.45), 0.2, b - t))
        way = favourite + s.draw.normal(0.6)
        target = s.draw.normal(math.radians(5) * vigour)
        lean_to(s, t, seconds, target, way * s.draw.lognormal(0.03, 0.7) * seconds**2 * vigour)
        t += pace_s + s.draw.wait(pace_s)
        if s.draw.chance(0.15):
            favourite = s.draw.direction()


def kick(s: Scene, a: float, b: float, vigour: float = 1.0) -> None:
    """Kicks of alternating or single legs whose pace drifts, with lulls."""
    legs = [s.draw.direction()]
    legs.append(s.draw.near(legs[0], 40))
    pace_s, alternate = 1 / s.draw.log(0.5, 3), s.draw.chance(0.5)
    irregular, side, t = s.draw.uniform(0.25, 0.5), 0, a
    while t < b - 0.3:
        side = 1 - side if alternate or s.draw.chance(0.15) else side
        push_g = s.draw.near(legs[side], 20) * s.draw.lognormal(0.06, 0.5) * vigour
        nod = s.draw.normal(math.radians(0.8)) * vigour
        doublet(s, t, s.draw.uniform(0.09, 0.15), push_g, nod)
        pace_s = float(np.clip(pace_s * s.draw.lognormal(1, 0.08), 1 / 3, 2))
        t += max(0.22, pace_s * s.draw.lognormal(1, irregular)) + (s.draw.wait(2) if s.draw.chance(0.08) else 0)


def roll(s: Scene, at_s: float, degrees: float) -> float:
    """Roll the trunk, with effort before and settling after; give the end."""
    seconds = s.draw.uniform(1.2, 4)
    squirm(s, at_s, at_s + seconds + 1.5, 0.8)
    s.turn(at_s + 0.5, seconds, s.level_axis() * math.radians(degrees))
    return at_s + seconds + s.draw.uniform(1.5, 4)


def coloured(draw: Draw, seconds: float, low_hz: float, high_hz: float, slope: float) -> Floats:
    """Noise of unit variance whose amplitude falls as f**-slope within a band, `(n, 3)`, faded in and out."""
    n = max(16, round(seconds * GRID_HZ))
    first, last = (round(hz * n / GRID_HZ) for hz in (low_hz, high_hz))
    bins = np.arange(max(1, first), max(2, last + 1))
    spectrum = np.zeros((n // 2 + 1, 3), dtype=complex)
    spectrum[bins] = (
        draw.rng.normal(size=(len(bins), 3, 2)).view(complex)[:, :, 0] * bins[:, None].astype(float) ** -slope
    )
    noise = np.fft.irfft(spectrum, n, axis=0)
    return np.asarray(noise / float(noise.std()) * fade(n)[:, None])


def fade(n: int, seconds: float = 2.0) -> Floats:
    """Rise from 0 to 1 and fall again, over a third of the whole at most."""
    edge = min(seconds * GRID_HZ, n / 3)
    ramp = np.clip(np.minimum(np.arange(n) + 0.5, n - 0.5 - np.arange(n)) / edge, 0, 1)
    return np.asarray(np.sin(math.pi / 2 * ramp) ** 2)


def sway(s: Scene, a: float, b: float, degrees: float, push_g: float) -> None:
    """Slow sway of arms: rotation as 1/f, and a little translation."""
    angle = math.radians(degrees) * coloured(s.draw, b - a, 0.03, 1.5, 1.0)
    s.add(s.rate, a, np.gradient(angle, 1 / GRID_HZ, axis=0))
    s.add(s.world_g, a, push_g * coloured(s.draw, b - a, 0.1, 3, 0.7))


# --- Jerks and what concerns ------------------------------------------------------------------------------------------


@dataclass(frozen=True, kw_only=True)
class Jerks:
    """How a run of jerks goes; one draw holds for a whole series."""

    freq_hz: float
    slowing: float
    growing: bool
    interval_cv: float
    amplitude_cv: float
    wobble_deg: float
    width_s: float
    way: Floats
    nod: Floats

    @classmethod
    def drawn(cls, draw: Draw, freq_hz: float) -> "Jerks":
        return cls(
            freq_hz=freq_hz,
            slowing=draw.uniform(0.5, 0.9) if draw.chance(0.5) else 1.0,
            growing=draw.chance(0.5),
            interval_cv=draw.uniform(0, 0.25),
            amplitude_cv=draw.uniform(0, 0.4),
            wobble_deg=draw.uniform(0, 45),
            width_s=min(draw.log(0.03, 0.15), 0.35 / freq_hz),
            way=draw.direction(),
            nod=draw.direction() * draw.log(0.002, 0.05),
        )

    def run(self, s: Scene, a: float, b: float, freq_hz: float | None = None) -> None:
        """Lay jerks of 1 g from a to b, with a nod of up to 3 degrees each."""
        t = a
        while t < b - 2.6 * self.width_s:
            size = max(0.15, 1 + self.amplitude_cv * float(s.draw.rng.normal()))
            size *= min(1.0, 0.3 + 0.07 * (t - a)) if self.growing else 1.0
            doublet(s, t, self.width_s, size * s.draw.near(self.way, self.wobble_deg), size * self.nod)
            pace_hz = (freq_hz or self.freq_hz) * (1 + (self.slowing - 1) * (t - a) / (b - a))
            t += max(0.4, 1 + self.interval_cv * float(s.draw.rng.normal())) / pace_hz


def rhythm(s: Scene, a: float, b: float, jerks: Jerks | None = None) -> None:
    """Add a sized clonic rhythm, and note what was drawn."""
    jerks = jerks or Jerks.drawn(s.draw, s.draw.log(0.8, 5))
    size = s.facts.setdefault("size", s.draw.log(2, 30))
    s.facts |= {"freq_hz": jerks.freq_hz, "interval_cv": jerks.interval_cv, "width_ms": 1000 * jerks.width_s}
    s.sized(a, b, size, lambda layer: jerks.run(layer, PAD_S, PAD_S + b - a))


def cluster(s: Scene, a: float, b: float, jerks: Jerks, size: float) -> None:
    freq_hz = float(np.clip(jerks.freq_hz * s.draw.lognormal(1, 0.15), 1, 5))
    s.sized(a, b, size, lambda layer: jerks.run(layer, PAD_S, PAD_S + b - a, freq_hz))


def series(s: Scene, a: float, b: float, *, jerks: Jerks | None = None, bursts: bool = False) -> None:
    """Benign clusters with pauses until b; as many bursts, or as one series."""
    jerks = jerks or Jerks.drawn(s.draw, s.draw.log(1, 5))
    size, t = s.draw.log(2, 15), a
    while t < b - 1.5:
        end_s = min(b, t + s.draw.uniform(1.5, 4))
        cluster(s, t, end_s, jerks, size * s.draw.lognormal(1, 0.2))
        if bursts:
            s.label(t, end_s, "myoclonic_burst")
        t = end_s + s.draw.log(1, 15)
    s.facts |= {"size": size, "freq_hz": jerks.freq_hz}


def burst(s: Scene, at_s: float) -> float:
    """Draw an ordinary twitch burst; give its end."""
    gaps_s = s.draw.rng.lognormal(math.log(0.5), 0.7, int(s.draw.rng.geometric(0.25)) - 1).clip(0.15, 2.8)
    times_s = np.cumsum([0.0, *gaps_s])
    times_s = times_s[times_s < 9]
    width_s, way, end_s = s.draw.log(0.03, 0.12), s.draw.direction(), at_s + float(times_s[-1]) + 0.4

    def twitches(layer: Scene) -> None:
        for t in times_s:
            push_g = s.draw.near(way, 35) * s.draw.lognormal(1, 0.4)
            doublet(layer, PAD_S + t, width_s, push_g, s.draw.normal(0.005))

    s.sized(at_s, end_s, s.draw.log(2, 15), twitches)
    s.label(at_s, end_s, "myoclonic_burst")
    return end_s


def startle(s: Scene, at_s: float) -> float:
    """Fling the arms: a large jerk, a hug back, a small change of posture."""
    way, width_s = s.draw.direction(), s.draw.uniform(0.06, 0.15)
    doublet(s, at_s, width_s, way * s.draw.log(0.05, 0.5), s.draw.normal(math.radians(2)))
    shift_m = -way * s.draw.log(0.003, 0.02)
    lean_to(s, at_s + 0.2, s.draw.uniform(0.5, 1.2), s.draw.normal(math.radians(2)), shift_m)
    s.label(at_s, at_s + 1.5, "movement", "startle")
    return at_s + 1.5


def contraction(s: Scene, at_s: float, axis: Floats, tilt: float, hold_s: float) -> float:
    """One spasm: a jolt into a bent posture, held, and released slowly; give the end."""
    rise_s, release_s = s.draw.uniform(0.15, 0.4), s.draw.uniform(0.4, 1.2)
    doublet(s, at_s, s.draw.uniform(0.05, 0.15), s.draw.near(s.up(), 25) * s.draw.log(0.02, 0.2) * math.sqrt(tilt))
    axis = s.draw.near(axis, 8)
    submovement(s, at_s, rise_s, s.draw.normal(0.003), tilt * axis)
    submovement(s, at_s + rise_s + hold_s, release_s, s.draw.normal(0.003), -tilt * axis)
    s.label(at_s, at_s + rise_s + hold_s, "contraction")
    return at_s + rise_s + hold_s + release_s


def spasms(s: Scene, a: float) -> float:
    """Lay a cluster of contractions; give its end."""
    n, tilt, hold_s = int(s.draw.rng.integers(3, 16)), math.radians(s.draw.log(3, 40)), s.draw.log(0.4, 2.4)
    every_s, waxing, axis, t, end_s = s.draw.uniform(6, 22), s.draw.chance(0.6), s.level_axis(), a, a
    for i in range(n):
        part = 0.4 + 0.6 * math.sin(math.pi * (i + 0.5) / n) if waxing else 1.0
        end_s = contraction(s, t, axis, tilt * part * s.draw.lognormal(1, 0.12), hold_s * s.draw.lognormal(1, 0.15))
        t = max(end_s + 1, t + float(np.clip(every_s * s.draw.lognormal(1, 0.2), 5, 28)))
    s.facts |= {"tilt_deg": math.degrees(tilt), "hold_s": hold_s, "contractions": n}
    s.label(a, end_s, "spasm_cluster")
    return end_s


def stiffen(s: Scene, a: float, b: float) -> None:
    """Step into a posture, hold it trembling, and relax."""
    axis, tilt, rise_s = s.level_axis(), math.radians(s.draw.log(8, 45)), s.draw.uniform(0.3, 1.2)
    submovement(s, a, rise_s, s.draw.normal(0.005), tilt * axis)
    submovement(s, b, s.draw.uniform(0.6, 3), s.draw.normal(0.005), -tilt * axis)
    tremor_hz, way = s.draw.uniform(8, 12), s.draw.direction()

    def tremble(layer: Scene) -> None:
        n = round((b - a - rise_s) * GRID_HZ)
        phase = np.cumsum(tremor_hz + s.draw.rng.normal(0, 2, n)) * 2 * math.pi / GRID_HZ
        level = 1 + 0.3 * coloured(s.draw, n / GRID_HZ, 0.2, 2, 0.5)[:, 0]
        layer.add(layer.push_g, PAD_S, (fade(n, 0.5) * level * np.sin(phase))[:, None] * way)

    s.sized(a + rise_s, b, s.draw.log(1.5, 8), tremble)
    s.facts |= {"tilt_deg": math.degrees(tilt), "tremor_hz": tremor_hz}
    s.label(a, b, "stiffening")


# --- Carers and other mimics: each draws from a to b ------------------------------------------------------------------


def rock(s: Scene, a: float, b: float) -> None:
    """Swing as a pendulum about a horizontal axis: tilt, and tangential and centripetal acceleration."""
    n, freq_hz, arm_m = round((b - a) * GRID_HZ), s.draw.uniform(0.67, 0.95), s.draw.uniform(0.1, 0.8)
    drift = 1 + 0.02 * coloured(s.draw, b - a, 0.01, 0.2, 1)[:, 0]
    swing = math.radians(s.draw.log(1.5, 8)) * (1 + 0.12 * coloured(s.draw, b - a, 0.02, 0.3, 0.7)[:, 0])
    angle = fade(n, 4) * swing * np.sin(np.cumsum(freq_hz * drift) * 2 * math.pi / GRID_HZ)
    speed = np.gradient(angle, 1 / GRID_HZ)
    s.add(s.rate, a, speed[:, None] * s.level_axis())
    heading = s.draw.uniform(0, 2 * math.pi)
    level, up = np.array([math.cos(heading), math.sin(heading), 0.0]), np.array([0.0, 0.0, 1.0])
    tangential = np.gradient(speed, 1 / GRID_HZ)
    s.add(s.world_g, a, (tangential[:, None] * level + (speed**2)[:, None] * up) * arm_m / GRAVITY)
    sway(s, a, b, s.draw.uniform(0.2, 1), 0.003)


def walk(s: Scene, a: float, b: float) -> None:
    """Gait of the carer: vertical at the step with harmonics, sideways at the stride, in stretches with turns."""
    t, freq_hz, bounce_g = a, s.draw.uniform(1.5, 2.0), s.draw.log(0.04, 0.2)
    harmonics = s.draw.rng.uniform([0.15, 0.05, 0.0], [0.5, 0.25, 0.12])
    while t < b - 2:
        end_s = min(b, t + s.draw.lognormal(25, 0.8) + 3)
        n = round((end_s - t) * GRID_HZ)
        wander = 1 + 0.03 * coloured(s.draw, end_s - t, 0.05, 1, 0.7)[:, 0]
        phase = np.cumsum(freq_hz * wander) * 2 * math.pi / GRID_HZ
        gain = fade(n, 1.5) * bounce_g * (1 + 0.1 * coloured(s.draw, end_s - t, 0.2, 2, 0.3)[:, 0])
        up = np.sin(phase) + sum(h * np.sin((i + 2) * phase + i) for i, h in enumerate(harmonics))
        side, ahead = 0.5 * np.sin(phase / 2), 0.35 * np.sin(phase + 1)
        s.add(s.world_g, t, gain[:, None] * np.stack([side, ahead, up], axis=1))
        s.add(s.rate, t, (0.15 * gain * np.cos(phase / 2) * freq_hz)[:, None] * s.level_axis())
        t = end_s + s.draw.wait(4)
    sway(s, a, b, s.draw.uniform(0.5, 3), 0.006)


def impact(s: Scene, at_s: float, press_hz: float, push_g: Floats, nod: Floats) -> None:
    """A hand lands: the blow, the trunk's damped rebound against mattress and arm, the hand's weight for a moment."""
    t = np.arange(round(0.5 * GRID_HZ)) / GRID_HZ
    ring = np.exp(-t * press_hz / 0.8) * np.sin(2 * math.pi * press_hz * t)
    s.add(s.push_g, at_s, (ring - ring.mean())[:, None] * push_g)
    doublet(s, at_s, 0.12, np.zeros(3), nod)


def pat(s: Scene, a: float, b: float) -> None:
    """Pats of one hand on one place in bouts."""
    pace_hz, press_hz, t = s.draw.uniform(1.5, 3), s.draw.uniform(3, 8), a
    way, nod, strength_g = s.draw.near(s.up(), 40), s.draw.normal(math.radians(0.3)), s.draw.log(0.02, 0.2)
    irregular, bout_s = s.draw.uniform(0.02, 0.09), a + s.draw.log(8, 120)
    while t < b:
        push_g = s.draw.near(way, 8) * strength_g * s.draw.lognormal(1, 0.18)
        impact(s, t, press_hz, push_g, nod * s.draw.lognormal(1, 0.3))
        t += s.draw.lognormal(1 / pace_hz, irregular)
        if t > bout_s:
            t += s.draw.log(1, 15)
            bout_s, pace_hz = t + s.draw.log(8, 120), pace_hz * s.draw.lognormal(1, 0.05)


def suck(s: Scene, a: float, b: float) -> None:
    """Suck at about 2.1 Hz in bursts with pauses; the swallow every few sucks is stronger."""
    pace_hz, bursts_s = s.draw.uniform(1.8, 2.4), s.draw.lognormal(4.7, 0.5)
    size_g, way, t = s.draw.log(0.001, 0.012), s.draw.direction(), a
    while t < b - 1:
        end_s = min(b, t + s.draw.lognormal(bursts_s, 0.4))
        n = max(16, round((end_s - t) * GRID_HZ))
        freq_hz = pace_hz * np.linspace(1.05, 0.95, n) * (1 + 0.03 * coloured(s.draw, n / GRID_HZ, 0.1, 1.5, 0.5)[:, 0])
        phase = np.cumsum(freq_hz) * 2 * math.pi / GRID_HZ
        wave = np.sin(phase) * (1 + 0.5 * np.cos(phase / 3)) + 0.25 * np.sin(2 * phase)
        s.add(s.push_g, t, (size_g * fade(n, 0.7) * wave)[:, None] * s.draw.near(way, 5))
        t = end_s + s.draw.lognormal(3.5, 0.6)


def feed(s: Scene, a: float, b: float) -> None:
    """Suck in swaying arms; the carer shifts, winds, changes sides."""
    suck(s, a, b)
    sway(s, a, b, s.draw.uniform(0.5, 3), s.draw.log(0.001, 0.008))
    t = a + s.draw.wait(60)
    while t < b - 8:
        squirm(s, t, t + s.draw.uniform(1, 5), 0.7 * s.rig.baby.vigour)
        t += 8 + s.draw.wait(90)


def burp(s: Scene, a: float, b: float) -> None:
    """Patted on the back, upright on a swaying shoulder."""
    pat(s, a, b)
    sway(s, a, b, s.draw.uniform(1, 4), 0.01)
    fidget(s, a, b, 15)


def shake(s: Scene, a: float, b: float, freq_hz: float, push_g: float, way: Floats) -> None:
    """Move all as a machine does: one frequency, one way, in soft steps of strength."""
    n = round((b - a) * GRID_HZ)
    level = fade(n, 5) * (1 + 0.25 * np.sign(np.sin(np.arange(n) / n * s.draw.uniform(2, 12))))
    phase = 2 * math.pi * freq_hz * np.arange(n) / GRID_HZ
    s.add(s.world_g, a, (push_g * level * (np.sin(phase) + 0.05 * np.sin(3 * phase)))[:, None] * way)


def bassinet(s: Scene, a: float, b: float) -> None:
    freq_hz, way = s.draw.log(0.5, 4.5), np.array([1.0, 0.0, 0.0])
    shake(s, a, b, freq_hz, s.draw.log(0.01, 0.12), way)
    if s.draw.chance(0.5):  # a rocker tilts as well
        n = round((b - a) * GRID_HZ)
        angle = math.radians(s.draw.uniform(0.3, 3)) * fade(n, 5)
        angle *= np.sin(2 * math.pi * freq_hz * np.arange(n) / GRID_HZ) / freq_hz
        s.add(s.rate, a, np.gradient(angle, 1 / GRID_HZ)[:, None] * s.level_axis())


def bounce(s: Scene, a: float, b: float) -> None:
    """A sprung seat: each kick or push sets off a damped swing; near resonance they add up."""
    n, spring_hz, ring_s = round((b - a) * GRID_HZ), s.draw.uniform(1, 3), s.draw.uniform(0.6, 2)
    drive, t = np.zeros(n), 0.0
    while t < b - a - 1:
        stop_s = t + s.draw.lognormal(12, 0.6)
        while t < min(stop_s, b - a - 1):
            drive[round(t * GRID_HZ)] = s.draw.lognormal(1, 0.3)
            t += s.draw.lognormal(1 / spring_hz, s.draw.uniform(0.03, 0.2))
        t += s.draw.lognormal(5, 0.7)
    omega, damping = 2 * math.pi * spring_hz, 2 / ring_s
    num, den = bilinear([1, 0, 0], [1, damping, omega**2], fs=GRID_HZ)
    hump = np.sin(math.pi * np.arange(15) / 15)
    swing = sosfilt(np.concatenate([num, den])[None], np.convolve(drive, hump)[:n] - drive.mean() * hump.sum())
    swing *= s.draw.log(0.04, 0.3) / max(float(np.abs(swing).max()), 1e-9) * fade(n)
    s.add(s.world_g, a, swing[:, None] * np.array([0.0, 0.25, 1.0]))
    s.add(s.rate, a, (0.12 * swing)[:, None] * s.level_axis())


def ride(s: Scene, a: float, b: float, low_hz: float, high_hz: float) -> None:
    """Roll over ground: stretches of speed and surface, stops between."""
    t, shake_g = a, s.draw.log(0.01, 0.08)
    while t < b - 5:
        end_s = min(b, t + s.draw.lognormal(50, 0.8) + 5)
        rough = coloured(s.draw, end_s - t, low_hz, high_hz, 0.3) * (0.35, 0.35, 1.0)
        gusts = np.exp(0.5 * coloured(s.draw, end_s - t, 0.05, 1, 0.5)[:, :1])
        s.add(s.world_g, t, shake_g * s.draw.lognormal(1, 0.3) * rough * gusts)
        s.add(s.world_g, t, s.draw.log(0.005, 0.04) * coloured(s.draw, end_s - t, 0.05, 0.5, 0.5) * (1, 1, 0.2))
        for bump_s in t + s.draw.rng.uniform(0, end_s - t, int(s.draw.rng.poisson((end_s - t) / 20))):
            impact(s, bump_s, s.draw.uniform(4, 9), s.up() * s.draw.log(0.03, 0.4), s.draw.normal(0.005))
        t = end_s + s.draw.wait(12)


def pram(s: Scene, a: float, b: float) -> None:
    ride(s, a, b, 4, 11)
    shake(s, a, b, s.draw.uniform(1.5, 2.0), s.draw.log(0.003, 0.02), np.array([0.3, 1.0, 0.3]))


def car(s: Scene, a: float, b: float) -> None:
    ride(s, a, b, 6, 17)


def bang(s: Scene, a: float, b: float) -> None:
    """Bang the head or rock the body: large swings with a knock at one end, in bouts."""
    freq_hz, axis, t = s.draw.uniform(0.5, 2), s.level_axis(), a
    knock_g, swing = s.up() * s.draw.log(0.02, 0.4), math.radians(s.draw.log(3, 12))
    while t < b - 2:
        end_s = min(b, t + s.draw.log(8, 90))
        while t < end_s - 1 / freq_hz:
            half_s, reach = 0.5 * s.draw.lognormal(1 / freq_hz, 0.06), swing * s.draw.lognormal(1, 0.12)
            submovement(s, t, half_s, s.draw.normal(0.004), reach * axis)
            submovement(s, t + half_s, half_s, s.draw.normal(0.004), -reach * axis)
            doublet(s, t + 2 * half_s - 0.05, 0.05, s.draw.near(knock_g, 8))
            t += 2 * half_s
        t = end_s + s.draw.log(2, 20)


def change(s: Scene, a: float, b: float) -> None:
    """Change the diaper: legs lifted, hips rolled, wiped, held down, kicking in between."""
    t = a
    while t < b - 6:
        act = s.draw.pick("lift", "wipe", "roll", "kick", "hold")
        end_s = min(b, t + s.draw.uniform(2, 8))
        if act in {"lift", "roll"}:
            axis, angle = s.level_axis(), math.radians(s.draw.uniform(8, 40))
            submovement(s, t, 0.8, s.draw.normal(0.04), angle * axis)
            submovement(s, end_s - 0.8, 0.8, s.draw.normal(0.04), -angle * axis)
        if act == "wipe":
            for stroke_s in np.arange(t, end_s, s.draw.uniform(0.4, 0.9)):
                submovement(s, stroke_s, 0.4, s.draw.normal(0.01), np.zeros(3))
        if act in {"lift", "wipe", "roll"}:
            squirm(s, t, end_s, 0.6 * s.rig.baby.vigour)
        if act == "kick":
            kick(s, t, end_s, s.rig.baby.vigour)
        t = end_s + s.draw.wait(1)


def cry(s: Scene, a: float, b: float) -> None:
    """Sob about once a second, the trunk heaving, fists and legs going along."""
    pace_s, axis, t = s.draw.uniform(0.75, 1.4), s.level_axis(), a
    heave, strength = math.radians(s.draw.log(0.5, 3)), s.rig.baby.vigour
    while t < b - 2:
        end_s = min(b, t + s.draw.lognormal(15, 0.7))
        if s.draw.chance(0.6):
            (kick if s.draw.chance(0.5) else squirm)(s, t, end_s, 0.8 * strength)
        while t < end_s:
            sob_s = s.draw.lognormal(pace_s, 0.15)
            size, shift_m = heave * s.draw.lognormal(1, 0.3), s.draw.normal(0.003)
            submovement(s, t, 0.65 * sob_s, shift_m, size * axis)
            submovement(s, t + 0.65 * sob_s, 0.35 * sob_s, -0.3 * shift_m, -size * axis)
            t += sob_s
        t += s.draw.lognormal(3, 0.7)


def laid(wave_g: Floats, layer: Scene) -> None:
    layer.add(layer.push_g, PAD_S, wave_g)


def jitter(s: Scene, a: float, b: float) -> None:
    """Tremble quickly and finely for seconds at a time."""
    freq_hz, t = s.draw.uniform(6, 11), a
    while t < b - 1:
        end_s = min(b, t + s.draw.log(1.5, 10))
        n, way, size = round((end_s - t) * GRID_HZ), s.draw.direction(), s.draw.log(2, 10)
        phase = np.cumsum(freq_hz * (1 + 0.03 * s.draw.rng.normal(size=n))) * 2 * math.pi / GRID_HZ
        wave = (fade(n, 0.4) * np.sin(phase))[:, None] * way
        s.sized(t, end_s, size, partial(laid, wave))
        t = end_s + s.draw.lognormal(12, 0.7)


def play(s: Scene, a: float, b: float) -> None:
    awake(s, a, b, restless=True)


def kicking(s: Scene, a: float, b: float) -> None:
    """Kick in bouts with short rests."""
    t = a
    while t < b - 3:
        end_s = min(b, t + s.draw.lognormal(12, 0.6))
        kick(s, t, end_s, s.rig.baby.vigour)
        t = end_s + s.draw.lognormal(4, 0.7)


# --- Sleep, wakefulness and their surroundings ------------------------------------------------------------------------


def fidget(s: Scene, a: float, b: float, mean_s: float) -> None:
    """Stir now and then, unlabelled, within something that is labelled."""
    t = a + s.draw.wait(mean_s)
    while t < b - 3:
        squirm(s, t, t + s.draw.uniform(0.5, 3), 0.6)
        t += 3 + s.draw.wait(mean_s)


def awake(s: Scene, a: float, b: float, *, restless: bool = False) -> None:
    """Wakefulness: bouts of kicking, squirming, reaching and rolling, with pauses and quiet minutes."""
    t = a + (0 if restless else s.draw.wait(5))
    while t < b - 3:
        end_s = min(b, t + max(1.5, s.draw.lognormal(6, 0.7)))
        act, vigour = s.draw.pick("kick", "kick", "squirm", "squirm", "reach", "roll"), s.rig.baby.vigour
        vigour *= s.draw.lognormal(1, 0.4)
        if act == "kick":
            kick(s, t, end_s, vigour)
        elif act == "roll" and end_s + 5 < b and s.draw.chance(0.5):
            end_s = min(b, roll(s, t, s.draw.uniform(10, 60)))
        else:
            squirm(s, t, end_s, vigour * (0.5 if act == "reach" else 1.0))
        if not restless:
            s.label(t, end_s, "movement", "kicking" if act == "kick" else "playing")
        t = end_s + s.draw.lognormal(1.5 if restless else 7, 0.9)
        t += s.draw.uniform(30, 120) if s.draw.chance(1 / 12) and not restless else 0


def arouse(s: Scene, at_s: float, seconds: float | None = None) -> float:
    end_s = at_s + (seconds or s.draw.uniform(2, 8))
    squirm(s, at_s, end_s, s.draw.lognormal(0.8, 0.3))
    s.label(at_s, end_s, "movement", "arousal")
    return end_s


def sigh(s: Scene, at_s: float) -> float:
    axis, depth = s.level_axis(), math.radians(s.draw.log(0.3, 1.5))
    submovement(s, at_s, 1.2, np.zeros(3), depth * axis)
    submovement(s, at_s + 1.3, 1.5, np.zeros(3), -depth * axis)
    return at_s + 3


def turn_over(s: Scene, at_s: float) -> float:
    end_s = roll(s, at_s, s.draw.uniform(40, 180))
    s.label(at_s, end_s, "movement", "turn_over")
    return end_s


def asleep(s: Scene, a: float, b: float) -> None:
    """Sleep in cycles: active with twitches and stirring, quiet with startles and sighs."""
    active, changes_s, t = s.draw.chance(0.5), a + s.draw.uniform(300, 1500), a
    pace_s, lively = s.draw.log(30, 120), s.draw.log(0.6, 1.6)
    while True:
        t += 3 + s.draw.wait(pace_s if active else 2.5 * pace_s)
        if t > b - 15:
            return
        if t > changes_s:
            active, changes_s = not active, t + s.draw.uniform(900, 1800)
        odds = (0.6, 0.03, 0.15, 0.16 * lively, 0.06) if active else (0.15, 0.3, 0.45, 0.07 * lively, 0.03)
        act = s.draw.rng.choice(5, p=np.array(odds) / sum(odds))
        t = (burst, startle, sigh, arouse, turn_over)[int(act)](s, t)


def hand(s: Scene, at_s: float, degrees: float, detail: str) -> float:
    """Be lifted or laid down: a large turn and shift in a carer's hands; give the end."""
    seconds = s.draw.uniform(1.2, 4)
    s.turn(at_s + 0.5, seconds, s.level_axis() * math.radians(degrees))
    submovement(s, at_s + 0.5, seconds, s.up() * s.draw.uniform(0.2, 0.7), np.zeros(3))
    end_s = at_s + seconds + s.draw.uniform(1, 4)
    squirm(s, at_s, end_s, 0.7)
    sway(s, at_s, end_s, 1.5, 0.01)
    s.label(at_s, end_s, "handling", detail)
    return end_s


def twitch_run(s: Scene, a: float, b: float) -> None:
    t = a
    while t < b - 12:
        t = burst(s, t) + 3.5 + s.draw.wait(12)


def periodic(s: Scene, a: float, b: float) -> None:
    """Slow swells at nearly even intervals."""
    every_s, size, way, t, n = s.draw.log(12, 60), s.draw.log(2.5, 12), s.draw.direction(), a, 0
    last_s = a
    while (t < b or n < 4) and t < s.duration_s - 12:
        seconds = s.draw.log(0.6, 5)

        def swell(layer: Scene, seconds: float = seconds) -> None:
            nod = s.draw.near(way, 15) * 0.05
            submovement(layer, PAD_S, seconds / 2, nod, nod)
            submovement(layer, PAD_S + seconds / 2, seconds / 2, -nod, -nod)

        s.sized(t, t + seconds, size * s.draw.lognormal(1, 0.2), swell, 30)
        last_s, n = t + seconds, n + 1
        t += float(np.clip(s.draw.lognormal(every_s, 0.12), 10, 88))
    s.label(a, last_s, "periodic_movements")


def hiccup(s: Scene, a: float, b: float) -> None:
    """Single jolts at nearly constant intervals, sometimes with one missing."""
    every_s, even, way, width_s = (
        s.draw.log(2, 15),
        s.draw.uniform(0.04, 0.2),
        s.draw.direction(),
        s.draw.uniform(0.08, 0.15),
    )
    strength, nod = s.draw.rng.lognormal(0, 0.2, 600), s.draw.normal(0.01)

    def jolts(layer: Scene) -> None:
        t, i = PAD_S, 0
        while t < PAD_S + b - a - 0.5:
            doublet(layer, t, width_s, s.draw.near(way, 8) * strength[i % 600], nod)
            t, i = t + s.draw.lognormal(every_s, even) * (2 if s.draw.chance(0.04) else 1), i + 1

    s.sized(a, b, s.draw.log(3, 20), jolts, 30)
    s.label(a, b, "hiccups")


# --- Kinds of stream --------------------------------------------------------------------------------------------------


@dataclass(frozen=True, kw_only=True)
class Mimic:
    """What looks like a rhythm and is none: how it is drawn, whose movement it is, where and for how long."""

    draw: Callable[[Scene, float, float], None]
    own: bool = False
    lifted: bool = False
    states: tuple[str, ...] = ("awake", "asleep")
    seconds: tuple[float, float] = (60, 240)


AWAKE: Final = ("awake",)
MIMICS: Final = {
    "patting": Mimic(draw=pat),
    "rocking": Mimic(draw=rock, lifted=True),
    "feeding": Mimic(draw=feed, lifted=True, states=AWAKE, seconds=(120, 420)),
    "sucking": Mimic(draw=suck, own=True),
    "kicking": Mimic(draw=kicking, own=True, states=AWAKE),
    "playing": Mimic(draw=play, own=True, states=AWAKE),
    "crying": Mimic(draw=cry, own=True, states=AWAKE),
    "burping": Mimic(draw=burp, lifted=True, states=AWAKE),
    "walking": Mimic(draw=walk, lifted=True),
    "bassinet": Mimic(draw=bassinet),
    "bouncer": Mimic(draw=bounce, states=AWAKE),
    "pram": Mimic(draw=pram),
    "car": Mimic(draw=car),
    "head_banging": Mimic(draw=bang, own=True, states=AWAKE),
    "diaper_change": Mimic(draw=change, states=AWAKE),
    "jitteriness": Mimic(draw=jitter, own=True, states=AWAKE),
}


def live(s: Scene, state: str, a: float, b: float) -> None:
    (awake if state == "awake" else asleep)(s, a, b)


def middle(s: Scene, low_s: float, high_s: float) -> tuple[float, float]:
    """Draw a time around the stream's middle, two minutes at least from its ends."""
    seconds = min(s.draw.log(low_s, high_s), s.duration_s - 240)
    a = 120 + s.draw.uniform(0.3, 0.7) * (s.duration_s - 240 - seconds)
    return a, a + seconds


def mimicked(s: Scene, name: str, a: float, b: float) -> float:
    """Lay a mimic with the hands before and after it; give the end of all."""
    mimic = MIMICS[name]
    detail = "handling" if not mimic.own else "movement"
    if mimic.lifted:
        a = hand(s, a, s.draw.uniform(30, 90), "lifting")
    elif name == "patting" and s.draw.chance(0.5):
        squirm(s, a - 4, a - 1.5, 0.4)
        s.label(a - 4, a - 1.5, "handling", "touch")
    elif name == "bouncer" and s.draw.chance(0.5):
        detail = "movement"
    b = max(b, a + 10)
    mimic.draw(s, a, b)
    s.label(a, b, detail, name)
    return hand(s, b, s.draw.uniform(30, 90), "laying_down") if mimic.lifted else b


def mimic_stream(name: str) -> Callable[[Scene], None]:
    def build(s: Scene) -> None:
        state = s.draw.pick(*MIMICS[name].states)
        s.becomes(0, state)
        a, b = middle(s, *MIMICS[name].seconds)
        live(s, state, 0, a - 6)
        live(s, state, mimicked(s, name, a, b) + 3, s.duration_s)

    return build


def within(
    state: str, low_s: float, high_s: float, draw: Callable[[Scene, float, float], None]
) -> Callable[[Scene], None]:
    """Build a stream of one state with something in the middle, clear of other movement."""

    def build(s: Scene) -> None:
        now = state or s.draw.pick("awake", "asleep")
        s.becomes(0, now)
        a, b = middle(s, low_s, high_s)
        live(s, now, 0, a - 5)
        draw(s, a, b)
        ends_s = max((onset_s + lasts_s for onset_s, lasts_s, _, _ in s.labels), default=b)
        live(s, now, max(b, ends_s) + 5, s.duration_s)

    return build


def clonic(s: Scene, a: float, b: float) -> None:
    rhythm(s, a, b)
    s.label(a, b, "rhythmic")


def moving(s: Scene, a: float, b: float) -> None:
    """A clonic rhythm within voluntary movement as large as its jerks."""
    clonic(s, a, b)
    first, last = a - s.draw.uniform(5, 20), b + s.draw.uniform(5, 20)
    stir = s.draw.uniform(0.6, 1.2) * s.facts["size"]
    s.sized(first, last, stir, lambda layer: squirm(layer, PAD_S, PAD_S + last - first), 30)
    s.label(first, last, "movement", "playing")


def rhythmic_unknown(s: Scene) -> None:
    """A rhythm at the start of the stream, or after a gap: nothing tells its state."""
    state, a = s.draw.pick("awake", "asleep"), s.draw.uniform(0, 20)
    s.becomes(0, state)
    if s.draw.chance(0.5):
        gap_s = s.draw.uniform(120, 240)
        live(s, state, 0, gap_s - 5)
        a += gap_s + s.draw.uniform(5, 60) - 10
        back_s = a - s.draw.uniform(0, 10)
        s.gaps.append((gap_s, back_s))
        s.label(gap_s, back_s, "gap")
    b = a + s.draw.log(15, 120)
    clonic(s, a, b)
    live(s, state, b + 5, s.duration_s)


def wake(s: Scene, at_s: float, *, restless: bool) -> None:
    """Wake with a movement, then lie awake."""
    s.becomes(at_s, "awake")
    end_s = arouse(s, at_s, s.draw.uniform(3, 10))
    if restless:
        play_s = min(s.duration_s, end_s + s.draw.uniform(20, 90))
        play(s, end_s, play_s)
        s.label(end_s, play_s, "movement", "playing")
        end_s = play_s
    awake(s, end_s + 2, s.duration_s)


def spasm_stream(s: Scene) -> None:
    a, _ = middle(s, 60, 90)
    if s.draw.chance(0.2):
        s.becomes(0, "asleep")
        asleep(s, 0, a - 5)
        asleep(s, spasms(s, a) + 5, s.duration_s)
        return
    woke_s = a - s.draw.log(20, 110) if s.draw.chance(0.75) else 0.0
    if woke_s:
        s.becomes(0, "asleep")
        asleep(s, 0, woke_s - 5)
        arouse(s, woke_s)
    s.becomes(woke_s, "awake")
    awake(s, woke_s + 8, a - 4)
    awake(s, spasms(s, a) + 5, s.duration_s)


def persisting(s: Scene) -> None:
    """Jerks asleep, in clusters or without pauses, that go on after waking."""
    a, woke_s = middle(s, 15, 100)
    b = woke_s + s.draw.log(15, 90)
    jerks = Jerks.drawn(s.draw, s.draw.log(0.8, 5))
    s.becomes(0, "asleep")
    asleep(s, 0, a - 5)
    s.becomes(woke_s, "awake")
    arouse(s, woke_s, s.draw.uniform(3, 8))
    if s.draw.chance(0.4):
        series(s, a, woke_s, jerks=jerks, bursts=True)
        rhythm(s, woke_s, b, jerks)
    else:
        rhythm(s, a, b, jerks)
        s.label(a, b, "rhythmic")
    s.label(woke_s, b, "persists_after_waking")
    awake(s, b + 3, s.duration_s)


def benign(s: Scene) -> None:
    """A benign series that fades, or ends on waking; an arousal within it may wake nobody."""
    a = s.draw.uniform(90, 180)
    b = s.duration_s - s.draw.uniform(150, 200)
    s.becomes(0, "asleep")
    asleep(s, 0, a - 5)
    series(s, a, b)
    s.label(a, b, "myoclonic_series")
    if b - a > 60 and s.draw.chance(0.3):
        arouse(s, s.draw.uniform(a + 20, b - 20))
    if s.draw.chance(0.7):
        wake(s, b, restless=s.draw.chance(0.5))
    else:
        asleep(s, b + 5, s.duration_s)


def some(event: Callable[[Scene, float], float], pause_s: float) -> Callable[[Scene, float, float], None]:
    """Repeat a single movement."""

    def draw(s: Scene, a: float, b: float) -> None:
        t = a
        while t < b:
            t = event(s, t) + s.draw.lognormal(pause_s, 0.5)

    return draw


def quiet(s: Scene) -> None:
    s.becomes(0, "asleep")


def off_body(s: Scene) -> None:
    """The clip is taken off, lies on something that does not move, and is put back."""
    a, b = middle(s, 150, 420)
    s.becomes(0, "asleep")
    breathe(s, 0, a)
    breathe(s, b, s.duration_s)
    asleep(s, 0, a - 10)
    s.becomes(a, "unknown")
    hand(s, a - 6, s.draw.uniform(40, 120), "clip")
    s.label(a + 4, b - 2, "off_body")
    s.becomes(b, "asleep")
    hand(s, b - 1, s.draw.uniform(40, 120), "clip")
    asleep(s, b + 15, s.duration_s)


BUILD: Final[dict[str, Callable[[Scene], None]]] = {
    "rhythmic_awake": within("awake", 15, 120, clonic),
    "rhythmic_asleep": within("asleep", 15, 120, clonic),
    "rhythmic_unknown": rhythmic_unknown,
    "rhythmic_moving": within("awake", 15, 120, moving),
    "spasm_cluster": spasm_stream,
    "persists_after_waking": persisting,
    "myoclonic_series": benign,
    "stiffening": within("", 5, 40, stiffen),
    "bursts": within("asleep", 120, 400, twitch_run),
    "turn_over": within("asleep", 20, 200, some(turn_over, 60)),
    "startles": within("asleep", 60, 300, some(startle, 60)),
    "periodic_movements": within("asleep", 120, 500, periodic),
    "hiccups": within("", 120, 500, hiccup),
    **{name: mimic_stream(name) for name in MIMICS},
    "quiet": quiet,
    "off_body": off_body,
}
KINDS: Final = tuple(BUILD)


def stream(kind: str, i: int, seed: int) -> Case:
    draw = Draw(np.random.default_rng([seed, i, zlib.crc32(kind.encode())]))
    seconds = draw.log(60, 1800) + 360 if kind == "myoclonic_series" else draw.uniform(360, 900)
    scene = Scene.drawn(draw, seconds)
    if kind != "off_body":
        breathe(scene, 0, seconds)
    BUILD[kind](scene)
    return scene.sampled(f"{kind}-{i}")


def cases(kind: str, n: int, seed: int) -> Iterator[Case]:
    """Draw n streams of a kind."""
    return (stream(kind, i, seed) for i in range(n))


# --- Nights -----------------------------------------------------------------------------------------------------------


def tended(s: Scene, a: float) -> float:
    """A waking and what the carer does about it, until the baby is put down; give the end."""
    t = arouse(s, a) + s.draw.wait(20)
    alone_s = t + s.draw.log(10, 400)
    awake(s, t, alone_s)
    t = alone_s + 2
    chosen = [name for name in ("crying", "diaper_change", "feeding", "burping") if s.draw.chance(0.6)]
    chosen += [name for name in ("kicking", "playing", "sucking") if s.draw.chance(0.3)]
    for name in [*chosen, s.draw.pick("rocking", "walking", "patting", "bassinet")]:
        low_s, high_s = MIMICS[name].seconds
        t = mimicked(s, name, t + 4, t + s.draw.log(low_s, 2 * high_s)) + s.draw.log(2, 30)
    return t


def slept(s: Scene, a: float, b: float) -> None:
    """A stretch of sleep, in some with hiccups, periodic movements or a benign series that waking ends."""
    t = a
    for odd, p in ((hiccup, 0.12), (periodic, 0.1), (benign_series, 0.1)):
        begin_s = t + s.draw.uniform(300, 1200)
        end_s = begin_s + s.draw.log(120, 600)
        if end_s + 300 < b and s.draw.chance(p):
            asleep(s, t, begin_s - 5)
            odd(s, begin_s, end_s)
            t = max(onset_s + lasts_s for onset_s, lasts_s, _, _ in s.labels) + 5
    asleep(s, t, b)


def benign_series(s: Scene, a: float, b: float) -> None:
    series(s, a, b)
    s.label(a, b, "myoclonic_series")


def night(i: int, seed: int) -> Case:
    draw = Draw(np.random.default_rng([seed, i, zlib.crc32(b"nights")]))
    s = Scene.drawn(draw, draw.uniform(8, 11) * 3600)
    breathe(s, 0, s.duration_s)
    s.becomes(0, "awake")
    trip = draw.pick("pram", "car", "", "", "")
    t = mimicked(s, trip, 5, draw.uniform(300, 1500)) + 20 if trip and draw.chance(0.5) else 5.0
    t = tended(s, t)
    wakings = int(draw.rng.integers(2, 6))
    for k in range(wakings):
        s.becomes(t, "asleep")
        woke_s = t + max(1200, (s.duration_s - t) / (wakings - k + 0.5) * draw.uniform(0.6, 1.2))
        if woke_s > s.duration_s - 2400:
            break
        slept(s, t, woke_s)
        s.becomes(woke_s, "awake")
        t = tended(s, woke_s)
    else:
        s.becomes(t, "asleep")
    slept(s, t, s.duration_s)
    return s.sampled(f"nights-{i}")


def nights(n: int, seed: int) -> Iterator[Case]:
    """Draw n ordinary nights, without anything concerning."""
    return (night(i, seed) for i in range(n))
