"""A stream in the making: a baby, a clip, a clock that only goes forward, and what was laid on the time line."""

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from .body import (
    SIM_HZ,
    Cloth,
    Part,
    draw_cloth,
    draw_part,
    lognormal,
    loguniform,
    respond,
    rotate,
    unit,
    wander,
)
from .case import Case, Floats, Label
from .clip import Clip, draw_clip, draw_holes, lie, sense

Phase = Literal["quiet", "active", "awake", "off"]
PARTS = ("trunk", "left_leg", "right_leg", "left_arm", "right_arm", "head")
_BLOCK = 100_000
"""Rows rotated at once: bounds the memory of a night."""


@dataclass(frozen=True, eq=False, kw_only=True)
class Baby:
    """One baby, and how it lies in its sack."""

    age_months: float
    parts: dict[str, Part]
    cloth: Cloth
    breath_hz: float
    breath_g: float
    breath_axis: Floats
    breath_tilt_share: float
    heart_hz: float
    heart_g: float
    vigour_g: float
    bouts_per_h: float
    cycle_s: float


def draw_baby(rng: np.random.Generator, age_months: tuple[float, float] = (0.2, 18.0)) -> Baby:
    """Draw a baby of an age between two, months (log-uniform)."""
    age = loguniform(rng, *age_months)
    return Baby(
        age_months=age,
        parts={name: draw_part(rng, 2.0, 6.5) for name in PARTS},
        cloth=draw_cloth(rng),
        breath_hz=(0.43 + 0.30 * float(np.exp(-age / 7))) * lognormal(rng, 1, 0.12, 0.7, 1.4),
        breath_g=lognormal(rng, 0.0025, 0.5, 0.0008, 0.008),
        breath_axis=unit(rng),
        breath_tilt_share=rng.uniform(0.2, 0.9),
        heart_hz=(2.0 + 0.3 * float(np.exp(-age / 6))) * rng.uniform(0.88, 1.12),
        heart_g=lognormal(rng, 0.0003, 0.6, 0.00005, 0.0012),
        vigour_g=lognormal(rng, 0.09, 0.5, 0.03, 0.3),
        bouts_per_h=lognormal(rng, 25 * float(np.exp(-age / 12)), 0.6, 2, 80),
        cycle_s=60 * rng.uniform(45, 65),
    )


class Scene:
    """Lays happenings on a time line; `finish` makes the case.

    Attributes:
        now: stream second up to which the time line is written.
        up: where gravity's reaction points in body axes at `now`, `(3,)`, 1 long.
        rest: where `up` points when the baby lies as it was laid: it comes back there unless it turns over.
        phase: what the baby does at `now`.
        quiet_g: the baby's own quiet as this clip sees it: rms of breathing, noise and rounding together.
    """

    def __init__(self, name: str, rng: np.random.Generator, age_months: tuple[float, float] = (0.2, 18.0)) -> None:
        self.name = name
        self.rng = rng
        self.baby: Baby = draw_baby(rng, age_months)
        self.clip: Clip = draw_clip(rng)
        self.up = lie(rng)
        self.rest = self.up
        self.now = 0.0
        self.phase: Phase = "quiet"
        self.sleep_clock_s = 0.0
        self.labels: list[Label] = []
        self.facts: dict[str, float] = {"age_months": self.baby.age_months}
        self.spared: list[tuple[float, float]] = []
        self.gaps: list[tuple[float, float]] = []
        self.quiet_g = float(
            np.sqrt((0.75 * self.baby.breath_g) ** 2 + self.clip.noise_g**2 + (0.5 * self.clip.resolution_g) ** 2)
        )
        self._knots: list[tuple[float, Floats]] = [(0.0, self.up)]
        self._phases: list[tuple[float, Phase]] = []
        self._patches: list[tuple[int, Floats, Floats]] = []
        self._crying: list[tuple[float, float, float]] = []

    def enter(self, phase: Phase) -> None:
        """Be in `phase` from `now` on."""
        self.phase = phase
        self._phases.append((self.now, phase))

    def label(self, onset_s: float, duration_s: float, trial_type: str, detail: str = "n/a") -> None:
        """Note a true happening."""
        self.labels.append(Label(float(onset_s), float(duration_s), trial_type, detail))

    def cry(self, onset_s: float, duration_s: float, hz: float) -> None:
        """Let the chest work as in crying."""
        self._crying.append((onset_s, onset_s + duration_s, hz))

    def turn(self, at_s: float, duration_s: float, axis: Floats, angle_rad: float) -> None:
        """Turn the trunk about an axis in body axes, with a smooth start and stop."""
        at_s = max(at_s, self._knots[-1][0] + 0.02)
        self._knots.append((at_s, self.up))
        u = np.linspace(0, 1, 9)[1:]
        share = u**3 * (10 - 15 * u + 6 * u * u)
        course = rotate(np.tile(self.up, (8, 1)), share[:, None] * axis * angle_rad)
        self._knots += [(at_s + float(s) * duration_s, v) for s, v in zip(u, course, strict=True)]
        self.up = np.asarray(course[-1] / np.linalg.norm(course[-1]))

    def turn_to(self, at_s: float, duration_s: float, up: Floats, share: float = 1.0) -> None:
        """Turn the trunk until gravity's reaction points along `up`, or a share of the way."""
        axis = np.cross(self.up, up)
        sine = float(np.linalg.norm(axis))
        angle = float(np.arctan2(sine, self.up @ up))
        self.turn(at_s, duration_s, axis / sine if sine > 1e-6 else self.level_axis(), share * angle)

    def shift(self, at_s: float, duration_s: float, angle_rad: float) -> None:
        """Change the posture about any axis; once far from rest, come back towards it."""
        far = float(np.arccos(np.clip(self.up @ self.rest, -1, 1)))
        if far > np.deg2rad(15 if self.baby.age_months < 4 else 40):
            self.turn_to(at_s, duration_s, self.rest, self.rng.uniform(0.4, 1))
        else:
            self.turn(at_s, duration_s, unit(self.rng), angle_rad)

    def level_axis(self) -> Floats:
        """Draw an axis about which a turn is wholly seen as tilt: square to gravity."""
        v = np.cross(self.up, unit(self.rng))
        return np.asarray(v / np.linalg.norm(v))

    def add(self, onset_s: float, linear_g: Floats, tilt_rad: Floats | None = None) -> None:
        """Lay an acceleration (n, 3), g, and a tilt (n, 3), rad, at a time."""
        self._patches.append((round(onset_s * SIM_HZ), linear_g, np.zeros((1, 3)) if tilt_rad is None else tilt_rad))

    def push(self, onset_s: float, forces: dict[str, Floats], peak_g: float) -> None:
        """Let `forces` (n, 3) act on parts, scaled so that the median peak of the seconds that have one is `peak_g`."""
        tail = np.zeros((round(1.5 * SIM_HZ), 3))
        felt = [respond(self.baby.parts[p], self.baby.cloth, np.vstack([f, tail])) for p, f in forces.items()]
        linear = np.sum([jolt for jolt, _ in felt], axis=0)
        tilt = np.sum([turned for _, turned in felt], axis=0)
        size = np.linalg.norm(linear + np.cross(tilt, self.up), axis=1)
        size = size[: max(len(size) - len(tail), round(0.4 * SIM_HZ))]
        seconds = np.array_split(size, max(1, round(len(size) / SIM_HZ)))
        peaks = np.array([s.max() for s in seconds])
        scale = peak_g / max(float(np.median(peaks[peaks >= 0.2 * peaks.max()])), 1e-9)
        self.add(onset_s, linear * scale, np.clip(tilt * scale, -0.6, 0.6))

    def hold(self, onset_s: float, course: Floats, turn_rad: Floats, peak_g: float) -> None:
        """Tilt the trunk by `turn_rad` (3,) times `course` (n,), 0 to 1; the jolt of it peaks at `peak_g`."""
        course = course * (1 + 0.04 * wander(self.rng, len(course), 0.5))
        bend = np.gradient(np.gradient(course))
        bend *= peak_g / max(float(np.abs(bend).max()), 1e-12)
        self.add(onset_s, bend[:, None] * unit(self.rng), course[:, None] * turn_rad)

    def finish(self) -> Case:
        """Make the case."""
        n = round(self.now * SIM_HZ)
        linear, tilt = np.zeros((n, 3)), np.zeros((n, 3))
        self._breathe(linear, tilt)
        self._drift(tilt)
        for start, jolt, turned in self._patches:
            for target, part in ((linear, jolt), (tilt, turned)):
                room = max(0, n - start)
                target[start : start + len(part)] += part[:room]
        for i in range(0, n, _BLOCK):
            rows = np.arange(i, min(i + _BLOCK, n))
            linear[rows] += rotate(self._gravity(rows), tilt[rows])
        time_s, accel_g = sense(self.clip, self.rng, linear)
        kept = self._lose(time_s)
        self._label_states()
        return Case(
            name=self.name,
            time_s=time_s[kept],
            accel_g=np.ascontiguousarray(accel_g[kept]),
            rate_hz=self.clip.nominal_hz,
            labels=tuple(sorted(self.labels)),
            facts=self.facts | self._clip_facts(),
        )

    def _clip_facts(self) -> dict[str, float]:
        return {
            "quiet_mg": 1000 * self.quiet_g,
            "true_hz": self.clip.true_hz,
            "noise_mg": 1000 * self.clip.noise_g,
            "resolution_mg": 1000 * self.clip.resolution_g,
            "range_g": self.clip.range_g,
        }

    def _gravity(self, rows: NDArray[np.int64]) -> Floats:
        times = np.array([t for t, _ in self._knots])
        ups = np.array([v for _, v in self._knots])
        up = np.stack([np.interp(rows / SIM_HZ, times, ups[:, i]) for i in range(3)], axis=1)
        return np.asarray(up / np.linalg.norm(up, axis=1, keepdims=True))

    def _intervals(self) -> list[tuple[float, float, Phase]]:
        ends = [t for t, _ in self._phases[1:]] + [self.now]
        return [(t, end, phase) for (t, phase), end in zip(self._phases, ends, strict=True) if end > t]

    def _alive(self, n: int, **level: float) -> Floats:
        """Give a level (n,) for each phase."""
        course = np.zeros(n)
        for start, end, phase in self._intervals():
            course[round(start * SIM_HZ) : round(end * SIM_HZ)] = level[phase]
        return course

    def _breathe(self, linear: Floats, tilt: Floats) -> None:
        """Lay the chest's work: breathing (irregular in active sleep), sighs and pauses, crying, the heart's recoil."""
        n, rng, baby = len(linear), self.rng, self.baby
        unsteady = self._alive(n, quiet=0.04, active=0.16, awake=0.2, off=0)
        hz = baby.breath_hz * (1 + np.clip(unsteady * wander(rng, n, 2.5) + 0.03 * wander(rng, n, 90), -0.6, 1.2))
        depth = self._alive(n, quiet=1, active=1, awake=1.1, off=0) * (1 + 1.5 * unsteady * wander(rng, n, 4))
        self._sigh(depth)
        for start, end, cry_hz in self._crying:
            i, j = round(start * SIM_HZ), round(end * SIM_HZ)
            hz[i:j] = cry_hz * (1 + 0.2 * wander(rng, n, 1.0)[i:j])
            depth[i:j] *= rng.uniform(3, 8)
        phase = 2 * np.pi * np.cumsum(hz) / SIM_HZ
        chest = depth * baby.breath_g * (np.sin(phase) + 0.25 * np.sin(2 * phase + rng.uniform(0, 6)))
        axis = self.level_axis()
        tilt += (chest * baby.breath_tilt_share)[:, None] * axis
        linear += (chest * (1 - baby.breath_tilt_share))[:, None] * baby.breath_axis
        pulse = baby.heart_hz * self._alive(n, quiet=0.95, active=1, awake=1.15, off=0) * (1 + 0.03 * wander(rng, n, 8))
        beat = np.cumsum(pulse) / SIM_HZ % 1
        recoil = baby.heart_g * np.sin(2 * np.pi * beat * 3) * np.exp(-beat * 6) * (pulse > 0)
        linear += recoil[:, None] * unit(rng)

    def _sigh(self, depth: Floats) -> None:
        """Put sighs (one deep breath, then a pause) and pauses of 4 to 10 s into the depth of breathing."""
        rng, seconds = self.rng, len(depth) / SIM_HZ
        for t in rng.uniform(0, seconds, rng.poisson(seconds / 3600 * 10)):
            i, breath = round(t * SIM_HZ), SIM_HZ / self.baby.breath_hz
            depth[i : i + round(breath)] *= rng.uniform(1.8, 3.5)
            depth[i + round(breath) : i + round(breath * rng.uniform(1.5, 5))] *= 0.15
        often = 6 * float(np.exp(-self.baby.age_months / 3))
        for t in rng.uniform(0, seconds, rng.poisson(seconds / 3600 * often)):
            depth[round(t * SIM_HZ) : round((t + rng.uniform(4, 10)) * SIM_HZ)] *= 0.1

    def _drift(self, tilt: Floats) -> None:
        """Let the posture creep by fractions of a degree over minutes."""
        alive = self._alive(len(tilt), quiet=1, active=1, awake=1, off=0)
        for i in range(3):
            tilt[:, i] += np.deg2rad(0.25) * wander(self.rng, len(tilt), 150) * alive

    def _lose(self, time_s: Floats) -> np.ndarray[tuple[int], np.dtype[np.bool_]]:
        """Drop what the radio loses; long holes spare what must stay known."""
        kept = np.ones(len(time_s), dtype=bool)
        drawn = draw_holes(self.clip, self.rng, self.now)
        allowed = [h for h in drawn if h[1] - h[0] < 1 or not any(a < h[1] and h[0] < b for a, b in self.spared)]
        for start, end in allowed + self.gaps:
            kept &= (time_s < start) | (time_s >= end)
            if end - start > 1:
                self.label(start, end - start, "gap")
        return kept

    def _label_states(self) -> None:
        """Label asleep and awake so that they cover the stream."""
        runs: list[tuple[float, float, str]] = []
        for start, end, phase in self._intervals():
            state = "asleep" if phase in {"quiet", "active"} else "awake"
            if runs and runs[-1][2] == state:
                runs[-1] = (runs[-1][0], end, state)
            else:
                runs.append((start, end, state))
        for start, end, state in runs:
            self.label(start, end - start, state)
