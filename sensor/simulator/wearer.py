"""A baby in a sleep sack with a clip on it: what the clip feels at its own sampling times.

Movements are added to a canvas in two ways, for a body in a sack acts in two ways: as acceleration, and by leaning the
clip against gravity. Breathing, heartbeat, posture and the sensor come in when it is `felt`.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from itertools import pairwise
from typing import Final

import numpy as np
from numpy.typing import NDArray

from processing.labels import NO_DETAIL, Label
from processing.samples import Floats
from sensor.simulator.shapes import TEMPLATE_HZ, in_band, smooth_step, smoothed
from sensor.simulator.splits import SPLITS, Split, SplitName

QUIET_S: Final = 60.0
"""Length of the quiet sleep on which a baby's own quiet level is measured."""


DRIFT_G: Final = 0.002
DRIFT_S: Final = 30.0
"""How far, and in what time, a still body settles into its mattress (priors)."""
BLOCK: Final = 1 << 17
"""Rows measured at a time."""


class Stage(StrEnum):
    """What the baby is doing; `OFF` is a clip that nobody wears."""

    QUIET = "quiet"
    ACTIVE = "active"
    AWAKE = "awake"
    OFF = "off"


_STATE_OF: Final[Mapping[Stage, str]] = {
    Stage.QUIET: "asleep",
    Stage.ACTIVE: "asleep",
    Stage.AWAKE: "awake",
    Stage.OFF: "unknown",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Baby:
    """Who wears the clip.

    Attributes:
        age_months: 0 to 24.
        breathing_hz: mean rate in quiet sleep.
        breathing_mg: amplitude as the clip feels it.
        heart_hz: mean rate.
        heart_mg: amplitude as the clip feels it.
        gross_g: typical size of awake body movement as the clip feels it.
    """

    age_months: float
    breathing_hz: float
    breathing_mg: float
    heart_hz: float
    heart_mg: float
    gross_g: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Sensor:
    """The clip's accelerometer and how it sits.

    Attributes:
        rate_hz: nominal rate.
        true_rate_hz: the rate at which it really samples.
        noise_g: standard deviation on each axis.
        resolution_g: its step.
        range_g: values beyond are cut off.
        offset_g: constant error, `(3,)`.
        mounting: rotation from body to clip axes, `(3, 3)`.
    """

    rate_hz: float
    true_rate_hz: float
    noise_g: float
    resolution_g: float
    range_g: float
    offset_g: Floats
    mounting: Floats

    def measures(self, rng: np.random.Generator, accel_g: Floats) -> Floats:
        """Turn true acceleration in body axes, `(n, 3)` g, into what the clip sends."""
        turned = accel_g @ self.mounting.T + self.offset_g
        turned += self.noise_g * rng.standard_normal(turned.shape)
        steps = math.floor(self.range_g / self.resolution_g)
        return np.clip(np.round(turned / self.resolution_g), -steps, steps) * self.resolution_g


def draw_baby(rng: np.random.Generator, split: Split, age_months: float | None = None) -> Baby:
    """Draw a baby; breathing falls from 0.73 Hz at birth to 0.43 Hz at two years (Fleming 2011)."""
    age = float(rng.uniform(0, 24)) if age_months is None else age_months
    return Baby(
        age_months=age,
        breathing_hz=float(np.interp(age, (0, 6, 12, 24), (0.73, 0.62, 0.52, 0.43)) * rng.uniform(0.85, 1.15)),
        breathing_mg=split.breathing_mg.draw(rng),
        heart_hz=float(np.interp(age, (0, 24), (2.3, 1.8)) * rng.uniform(0.85, 1.15)),
        heart_mg=split.heart_mg.draw(rng),
        gross_g=split.gross_mg.draw(rng) / 1000,
    )


def draw_sensor(rng: np.random.Generator, split: Split, rate_hz: float | None = None) -> Sensor:
    """Draw a sensor and its mounting."""
    rate = float(rng.choice(split.rates_hz)) if rate_hz is None else rate_hz
    return Sensor(
        rate_hz=rate,
        true_rate_hz=rate * (1 + split.rate_error.draw(rng)),
        noise_g=split.noise_mg.draw(rng) / 1000,
        resolution_g=float(rng.choice(split.resolution_mg)) / 1000,
        range_g=float(rng.choice(split.range_g)),
        offset_g=rng.uniform(-1, 1, 3) * split.offset_mg / 1000,
        mounting=_rotation(rng),
    )


@dataclass(slots=True)
class Wearer:
    """The canvas of one stream. Movements add to it; `felt` gives what the clip sends.

    Attributes:
        split: the distributions in force.
        baby: who wears it.
        sensor: the clip.
        rng: for movements; the background and the sensor have generators of their own.
        time_s: sampling times, `(n,)`, stream seconds.
        linear_g: acceleration by movement, body axes, `(n, 3)`.
        lean: sideways displacement of the direction of gravity by movement, `(n, 3)`; 0.1 is a tilt of 5.7 degrees.
        quiet_g: rms of the band-passed acceleration vector (`shapes.in_band`) over a minute of this baby's quiet sleep,
            sensor included. A movement of size 4 has a band-passed peak of four times this.
        labels: what truly happened, so far.
        facts: what was drawn, for tables: sizes, frequencies, couplings.
    """

    split: Split
    baby: Baby
    sensor: Sensor
    rng: np.random.Generator
    time_s: Floats
    linear_g: Floats
    lean: Floats
    quiet_g: float
    labels: list[Label] = field(default_factory=list)
    facts: dict[str, float | str] = field(default_factory=dict)
    _felt_seed: int = 0
    _first_down: Floats = field(default_factory=lambda: np.array([0.0, 0.0, 1.0]))
    _turns: list[tuple[float, float, Floats, Floats]] = field(default_factory=list)
    _stages: list[tuple[float, Stage]] = field(default_factory=list)
    _holes: list[tuple[float, float]] = field(default_factory=list)

    @property
    def duration_s(self) -> float:
        """Length of the stream."""
        return len(self.time_s) / self.sensor.true_rate_hz

    def rows(self, start_s: float, stop_s: float) -> slice:
        """Rows felt in `[start_s, stop_s)`, cut to the stream."""
        first, last = (math.ceil(x * self.sensor.true_rate_hz - 1e-9) for x in (start_s, stop_s))
        n = len(self.time_s)
        return slice(min(max(first, 0), n), min(max(last, 0), n))

    def label(self, start_s: float, stop_s: float, kind: str, detail: str = NO_DETAIL) -> None:
        """Note what truly happened; what lies beyond the stream is cut off."""
        stop_s = min(stop_s, self.duration_s)
        if start_s < stop_s:
            self.labels.append(Label(onset_s=start_s, duration_s=stop_s - start_s, kind=kind, detail=detail))

    def enters(self, at_s: float, stage: Stage) -> None:
        """Say what the baby does from here on; what was said of later is void."""
        self._stages[:] = [(since_s, before) for since_s, before in self._stages if since_s < at_s]
        self._stages.append((at_s, stage))

    def hole(self, start_s: float, stop_s: float) -> None:
        """Lose everything felt in between."""
        self._holes.append((start_s, stop_s))
        self.label(start_s, stop_s, "gap")

    def down(self) -> Floats:
        """Direction of gravity's reading after the last turn, body axes, unit `(3,)`."""
        return self._turns[-1][3] if self._turns else self._first_down

    def turn(self, start_s: float, duration_s: float, angle_deg: float, axis: Floats | None = None) -> Floats:
        """Change posture for good by an angle about an axis square to gravity (drawn if not given); give that axis."""
        if self._turns:
            start_s = max(start_s, self._turns[-1][0] + self._turns[-1][1])
        before = self.down()
        axis = self.sideways() if axis is None else axis
        axis = _unit(axis - (axis @ before) * before)
        angle = math.radians(angle_deg)
        after = _unit(before * math.cos(angle) + np.cross(axis, before) * math.sin(angle))
        self._turns.append((start_s, duration_s, axis * angle, after))
        return axis

    def sideways(self) -> Floats:
        """Draw a direction square to gravity, unit `(3,)`."""
        draw = self.rng.standard_normal(3)
        return _unit(draw - (draw @ self.down()) * self.down())

    def mostly_sideways(self) -> Floats:
        """Draw the direction of a limb's pull on the sack: every way, but less along gravity, where it is heavy."""
        draw = self.rng.standard_normal(3)
        return _unit(draw - 0.6 * (draw @ self.down()) * self.down())

    def push(self, start_s: float, linear_g: Floats, lean: Floats, direction: Floats) -> None:
        """Add one movement along a direction: waveforms at `TEMPLATE_HZ`, `(m,)` each; only its sideways part leans."""
        leaning = direction - (direction @ self.down()) * self.down()
        leaning = leaning / max(float(np.linalg.norm(leaning)), 0.3)
        rate = self.sensor.true_rate_hz
        rows = self.rows(start_s, start_s + len(linear_g) / TEMPLATE_HZ + 1 / rate)
        at = (self.time_s[rows] - start_s) * TEMPLATE_HZ
        for canvas, waveform, way in ((self.linear_g, linear_g, direction), (self.lean, lean, leaning)):
            ticks = np.arange(len(waveform) + round(TEMPLATE_HZ / rate))
            if waveform.any():
                smooth = smoothed(waveform, rate)
                canvas[rows] += np.interp(at, ticks[: len(smooth)], smooth, left=0.0, right=0.0)[:, None] * way

    def felt(self) -> tuple[Floats, Floats]:
        """What the clip sends: times `(n,)` and acceleration `(n, 3)` g, clip axes, holes left out."""
        rng = np.random.default_rng(self._felt_seed)
        accel_g = self._down_everywhere()
        beats, ways = background(rng, self.baby, self.time_s, self._stages)
        for row in range(0, len(accel_g), BLOCK):  # by blocks, for a night at 100 Hz would else take a gigabyte
            part = slice(row, row + BLOCK)
            true_g = accel_g[part] + self.lean[part] + beats[part] @ ways
            true_g /= np.sqrt(np.einsum("ij,ij->i", true_g, true_g))[:, None]
            accel_g[part] = self.sensor.measures(rng, true_g + self.linear_g[part])
        keep = np.ones(len(self.time_s), dtype=bool)
        for start_s, stop_s in self._holes:
            keep[self.rows(start_s, stop_s)] = False
        return (self.time_s[keep], accel_g[keep]) if self._holes else (self.time_s, accel_g)

    def state_labels(self) -> list[Label]:
        """Asleep and awake intervals, which cover the stream; a clip that nobody wears is neither."""
        named = [(at_s, _STATE_OF[stage]) for at_s, stage in self._stages if at_s < self.duration_s]
        changes = [now for before, now in pairwise([(0.0, ""), *named]) if before[1] != now[1]]
        ends = [*(at_s for at_s, _ in changes[1:]), self.duration_s]
        return [
            Label(onset_s=at_s, duration_s=end_s - at_s, kind=name)
            for (at_s, name), end_s in zip(changes, ends, strict=True)
        ]

    def _down_everywhere(self) -> Floats:
        down = np.empty((len(self.time_s), 3))
        down[:] = self._first_down
        before = self._first_down
        for start_s, duration_s, turn, after in self._turns:
            rows = self.rows(start_s, start_s + duration_s)
            done = smooth_step((self.time_s[rows] - start_s) / duration_s)
            angle = float(np.linalg.norm(turn))
            side = np.cross(turn / max(angle, 1e-12), before)
            down[rows] = np.cos(done * angle)[:, None] * before + np.sin(done * angle)[:, None] * side
            down[rows.stop :] = after
            before = after
        return down


def new_wearer(
    split: SplitName,
    seed: tuple[int, ...],
    duration_s: float,
    *,
    sensor: Sensor | None = None,
    age_months: float | None = None,
) -> Wearer:
    """Draw a baby and a clip and lay an empty canvas; the same arguments give the same bits."""
    drawn = SPLITS[split]
    rng = np.random.default_rng(np.random.SeedSequence((drawn.key, *seed)))
    baby = draw_baby(rng, drawn, age_months)
    sensor = draw_sensor(rng, drawn) if sensor is None else sensor
    time_s = np.arange(round(duration_s * sensor.true_rate_hz)) / sensor.true_rate_hz
    down = _unit(np.array([0.25, 0.25, 1.0]) * rng.standard_normal(3) + np.array([0.0, 0.0, rng.choice((-2.0, 2.0))]))
    return Wearer(
        split=drawn,
        baby=baby,
        sensor=sensor,
        rng=rng,
        time_s=time_s,
        linear_g=np.zeros((len(time_s), 3)),
        lean=np.zeros((len(time_s), 3)),
        quiet_g=measured_quiet_g(rng.spawn(1)[0], baby, sensor),
        _felt_seed=int(rng.integers(2**63)),
        _first_down=down,
    )


def measured_quiet_g(rng: np.random.Generator, baby: Baby, sensor: Sensor) -> float:
    """Rms of the band-passed acceleration vector over a minute of quiet sleep, sensor included."""
    time_s = np.arange(round((QUIET_S + 10) * sensor.true_rate_hz)) / sensor.true_rate_hz
    beats, ways = background(rng, baby, time_s, [(0.0, Stage.QUIET)])
    band = in_band(sensor.measures(rng, beats @ ways + np.array([0.0, 0.0, 1.0])), sensor.true_rate_hz)[
        round(10 * sensor.true_rate_hz) :
    ]
    return max(float(np.sqrt(np.mean(np.sum(band**2, axis=1)))), sensor.resolution_g * 0.5)


_IRREGULAR: Final[Mapping[Stage, tuple[float, float, float]]] = {
    Stage.QUIET: (0.04, 0.10, 1.0),
    Stage.ACTIVE: (0.18, 0.30, 1.1),
    Stage.AWAKE: (0.22, 0.40, 1.25),
    Stage.OFF: (0.0, 0.0, 1.0),
}
"""Spread of breathing rate, spread of depth and mean rate by stage (priors: regular in quiet sleep, irregular else)."""


def background(
    rng: np.random.Generator, baby: Baby, time_s: Floats, stages: list[tuple[float, Stage]]
) -> tuple[Floats, Floats]:
    """Breathing, heartbeat and settling: how far each moves gravity's reading, `(n, 3)` g, and its way, `(3, 3)`."""
    knots_s = np.arange(0.0, (time_s[-1] if len(time_s) else 0.0) + 2.0)
    rate_cv, depth_cv, faster, worn = _by_stage(knots_s, stages)
    wander = _slow_noise(rng, len(knots_s))
    rate_hz = baby.breathing_hz * faster * np.clip(1 + rate_cv * wander[0], 0.4, 2.0)
    depth = np.clip(1 + depth_cv * wander[1], 0.2, 2.5) * _sighs(rng, len(knots_s)) * worn * baby.breathing_mg / 1000
    breath = _beats(time_s, knots_s, rate_hz, (1.0, 0.3, 0.08)) * np.interp(time_s, knots_s, depth)
    heart_hz = baby.heart_hz * faster * (1 + 0.03 * wander[2])
    heart = _beats(time_s, knots_s, heart_hz, (0.5, 0.6, 0.5, 0.25)) * np.interp(time_s, knots_s, worn)
    heart *= baby.heart_mg / 1000
    drift_s = np.arange(0.0, knots_s[-1] + 2 * DRIFT_S, DRIFT_S)
    drift = DRIFT_G * np.interp(time_s, drift_s, rng.standard_normal(len(drift_s))) * np.interp(time_s, knots_s, worn)
    ways = np.array([_unit(rng.standard_normal(3)) for _ in range(3)])
    return np.column_stack((breath, heart, drift)), ways


def _by_stage(knots_s: Floats, stages: list[tuple[float, Stage]]) -> tuple[Floats, Floats, Floats, Floats]:
    table = np.zeros((4, len(knots_s)))
    table[2:] = 1.0
    for start_s, stage in stages:
        rows = slice(np.searchsorted(knots_s, start_s), None)
        table[:3, rows] = np.array(_IRREGULAR[stage])[:, None]
        table[3, rows] = stage is not Stage.OFF
    return table[0], table[1], table[2], table[3]


def _slow_noise(rng: np.random.Generator, n: int) -> Floats:
    noise = rng.standard_normal((3, n + 4))
    return (noise[:, :-4] + noise[:, 1:-3] + noise[:, 2:-2] + noise[:, 3:-1] + noise[:, 4:]) / math.sqrt(5)


def _sighs(rng: np.random.Generator, n: int) -> Floats:
    depth = np.ones(n)
    depth[rng.random(n) < 1 / 150] = 2.5
    return depth


def _beats(time_s: Floats, knots_s: Floats, rate_hz: Floats, harmonics: tuple[float, ...]) -> Floats:
    phase = np.interp(time_s, knots_s, np.concatenate(((0.0,), np.cumsum(rate_hz)[:-1]))) * 2 * np.pi
    wave = np.zeros(len(time_s))
    for k, share in enumerate(harmonics, start=1):
        wave += share * np.sin(k * phase + 0.7 * k * k)
    return wave


def _rotation(rng: np.random.Generator) -> NDArray[np.float64]:
    q, r = np.linalg.qr(rng.standard_normal((3, 3)))
    q = q * np.sign(np.diag(r))
    return np.asarray(q * np.linalg.det(q))


def _unit(vector: Floats) -> Floats:
    return np.asarray(vector / np.linalg.norm(vector))
