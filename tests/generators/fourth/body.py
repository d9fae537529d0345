"""The trunk over time: postures, small rotations and accelerations, and the still baby's breath and heart."""

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Final, TypeAlias

import numpy as np
from scipy.spatial.transform import Rotation

from processing.felt import jerk_peak_g

from .clip import GRID_HZ, Clip, Cloth, band_norm
from .draw import Draw, Floats

Row: TypeAlias = tuple[float, float, str, str]
GRAVITY: Final = 9.81
PAD_S: Final = 2.0


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
