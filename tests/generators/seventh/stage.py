"""A stream in the making: a baby in a scene under a clip; ordinary surroundings; the finished case."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

import numpy as np

from tests.generators.seventh.mechanics import Body, Floats, Row, Scene, felt_g
from tests.generators.seventh.muscles import Baby
from tests.generators.seventh.sensor import Clip, add_sized, quiet_g
from tests.generators.seventh.sleep import asleep, awake, loosen, vital_signs

SIZE_MEDIAN: Final = 7.5
SIZE_SIGMA: Final = 0.6
"""Jerks stand 2-40 x above quiet, seven of ten between 4 and 15."""


@dataclass(frozen=True, eq=False, kw_only=True)
class Case:
    """A labelled stream.

    Attributes:
        name: kind and number.
        time_s: `(n,)`, strictly increasing.
        accel_g: `(n, 3)`, g.
        rate_hz: nominal rate.
        resolution_g: smallest step; None where the clip does not tell.
        labels: onset_s, duration_s, trial_type, detail.
        facts: what was drawn.
    """

    name: str
    time_s: Floats
    accel_g: Floats
    rate_hz: float
    resolution_g: float | None
    labels: list[Row]
    facts: dict[str, float | str] = field(default_factory=dict)


@dataclass(eq=False)
class Stage:
    """What all parts of one stream share."""

    rng: np.random.Generator
    scene: Scene
    baby: Baby
    body: Body
    clip: Clip
    holes: list[tuple[float, float]] = field(default_factory=list)

    @classmethod
    def draw(cls, rng: np.random.Generator, seconds: float) -> "Stage":
        """Draw a baby that lies on some side of its body and breathes."""
        stage = cls(rng, Scene(seconds), Baby.draw(rng), Body.draw(rng), Clip.draw(rng))
        side = rng.choice([0.0, 0.0, 90.0, -90.0, 180.0]) + rng.normal(0, 12)
        stage.scene.turn(-0.02, 0.01, roll=np.radians(side), pitch=np.radians(rng.normal(5, 8)))
        stage.scene.turn_rad[0] += np.radians([side, rng.normal(5, 8)])
        vital_signs(stage.scene, rng)
        return stage

    def ordinary(self, state: str, onset_s: float, end_s: float, strength: float = 1.0) -> None:
        """Fill a time with ordinary sleep or wakefulness."""
        self.scene.states.append((max(0.0, onset_s), state))
        if state == "awake":
            awake(self.scene, self.baby, self.rng, onset_s, end_s, strength)
        else:
            asleep(self.scene, self.baby, self.rng, onset_s, end_s, float(self.rng.random()))

    def size(self) -> float:
        """Draw how many times jerks stand above quiet."""
        return float(np.clip(SIZE_MEDIAN * self.rng.lognormal(0, SIZE_SIGMA), 2, 40))

    def add(self, layer: Scene, part: tuple[float, float], size: float | None = None) -> float:
        """Add a layer at a drawn size over quiet. Gives the size."""
        drawn = self.size() if size is None else size
        quiet = quiet_g(self.rng, self.scene, self.body, self.clip)
        add_sized(self.scene, layer, self.body, quiet=quiet, size=drawn, part=part)
        return drawn

    def finish(self, name: str, *, losses: bool = True) -> Case:
        """Let the clip read it all, and lose a few short stretches in four of ten streams."""
        loosen(self.scene, self.rng)
        lost = list(self.holes)
        if losses and self.rng.random() < 0.4:
            starts_s = self.rng.uniform(0, self.scene.seconds, self.rng.poisson(self.scene.seconds / 300))
            lost += [(float(t), float(t + self.rng.uniform(0.05, 0.9))) for t in starts_s]
        time_s, accel_g = self.clip.read(self.rng, felt_g(self.scene, self.body), lost)
        clip = self.clip
        facts: dict[str, float | str] = {
            "rate_hz": clip.rate_hz,
            "noise_mg": 1000 * clip.noise_g,
            "step_mg": 1000 * clip.step_g,
        }
        return Case(
            name=name,
            time_s=time_s,
            accel_g=accel_g,
            rate_hz=clip.rate_hz,
            resolution_g=clip.step_g if clip.tells_step else None,
            labels=within(self.scene.labels(), float(time_s[-1])),
            facts=facts | self.scene.facts,
        )


def within(rows: Sequence[Row], end_s: float) -> list[Row]:
    """Cut labels at the last sample."""
    return [(a, min(lasting, end_s - a), kind, detail) for a, lasting, kind, detail in rows if a < end_s]
