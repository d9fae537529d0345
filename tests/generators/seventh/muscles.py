"""What a baby does with its limbs: strokes, kicks, squirms, arches, turns, twitches. Sizes in g of the trunk."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

import numpy as np

from tests.generators.seventh.chance import between, direction, spells, wander, wavering
from tests.generators.seventh.mechanics import HZ, Floats, Scene, limb, stamp

LIMBS: Final = 6
"""Arms, legs, head, trunk."""


@dataclass(frozen=True, eq=False, kw_only=True)
class Baby:
    """One baby.

    Attributes:
        pushes: direction in which each limb pushes the trunk, `(6, 3)`; legs push lengthways.
        leans: axis about which each limb tilts the trunk, `(6, 3)`.
        strong: relative strength of each limb.
        vigour_g: usual size of an awake movement, lognormal about 35 mg.
        twitch_g: usual size of a twitch asleep, about 15 mg.
        lean_rad_per_g: how far a push tilts the trunk.
        restless: share of time awake in which it moves.
        turns_deg: how far it can turn by itself; four of ten are too young to turn over.
    """

    pushes: Floats
    leans: Floats
    strong: Floats
    vigour_g: float
    twitch_g: float
    lean_rad_per_g: float
    restless: float
    turns_deg: float

    @classmethod
    def draw(cls, rng: np.random.Generator) -> "Baby":
        """Draw a baby."""
        pushes = np.stack([direction(rng) for _ in range(LIMBS)])
        pushes[2:4, 1] += np.sign(pushes[2:4, 1]) * 1.2
        pushes /= np.linalg.norm(pushes, axis=1, keepdims=True)
        return cls(
            pushes=pushes,
            leans=np.stack([direction(rng) for _ in range(LIMBS)]),
            strong=np.array([0.5, 0.5, 1.0, 1.0, 0.4, 1.2]) * rng.lognormal(0, 0.3, LIMBS),
            vigour_g=0.035 * rng.lognormal(0, 0.5),
            twitch_g=0.015 * rng.lognormal(0, 0.5),
            lean_rad_per_g=rng.uniform(0.2, 1.5),
            restless=rng.uniform(0.3, 0.75),
            turns_deg=float(rng.choice([25.0, 100.0], p=[0.4, 0.6])),
        )


Action = Callable[[Scene, Baby, np.random.Generator, float, float, float], None]
"""Something done between two times at a strength (1 is usual)."""


Stroke = tuple[float, float]
"""How long a stroke lasts, and its peak push in g."""


def stroke(lasting_s: float) -> tuple[Floats, Floats]:
    """One aimed movement: acceleration of a minimum-jerk path, peak 1, and a tilt that comes and goes with it."""
    tau = np.linspace(0, 1, max(4, round(lasting_s * HZ)))
    back = np.cos(np.pi * np.linspace(0, 1, 2 * len(tau))) / 2 + 0.5
    path = 10 * tau**3 - 15 * tau**4 + 6 * tau**5
    return (60 * tau - 180 * tau**2 + 120 * tau**3) / 5.77, np.concatenate([path, back])


def move(scene: Scene, baby: Baby, rng: np.random.Generator, at_s: float, which: int, stroked: Stroke) -> None:
    """Move one limb once."""
    lasting_s, g = stroked
    shape, lean = stroke(lasting_s)
    stamp(scene.force_g, at_s, shape, g * wavering(rng, baby.pushes[which], 25))
    stamp(scene.tilt_rad, at_s, lean, g * baby.lean_rad_per_g * wavering(rng, baby.leans[which], 35))


def fidget(scene: Scene, baby: Baby, rng: np.random.Generator, onset_s: float, end_s: float, strength: float) -> None:
    """Move this limb and that, one more than others for a while; sizes with a long tail."""
    at_s, which, per_s = onset_s, int(rng.integers(LIMBS)), between(rng, 0.8, 3.5)
    while at_s < end_s:
        which = which if rng.random() < 0.55 else int(rng.integers(LIMBS))
        lasting_s = float(np.clip(0.45 * rng.lognormal(0, 0.4), 0.15, 1.5))
        g = strength * baby.vigour_g * baby.strong[which] * rng.lognormal(-0.2, 0.75)
        move(scene, baby, rng, at_s, which, (lasting_s, min(g, 1.2)))
        at_s += rng.gamma(1.6, 1 / (1.6 * per_s))


def kick(scene: Scene, baby: Baby, rng: np.random.Generator, onset_s: float, end_s: float, strength: float) -> None:
    """Kick in bouts of 2-15 s, one leg, the other or both, 0.5-3 Hz with intervals of CV 0.2-0.6."""
    for first_s, last_s in spells(rng, onset_s, end_s, on_s=5, off_s=2.5):
        every_s, cv = 1 / between(rng, 0.5, 3), rng.uniform(0.2, 0.6)
        both, same, size = rng.random() < 0.3, rng.random() < 0.5, rng.lognormal(0.4, 0.4)
        at_s, leg = first_s, int(rng.integers(2, 4))
        while at_s < last_s:
            for which in (2, 3) if both else (leg,):
                g = strength * baby.vigour_g * size * baby.strong[which] * rng.lognormal(0, 0.45)
                bend_s = rng.uniform(0.2, 0.35)
                move(scene, baby, rng, at_s, which, (bend_s, min(g, 1.5)))
                move(scene, baby, rng, at_s + bend_s + rng.exponential(0.08), which, (rng.uniform(0.2, 0.4), -0.8 * g))
            leg = leg if same and rng.random() < 0.85 else 5 - leg
            at_s += max(0.22, every_s * rng.gamma(1 / cv**2, cv**2))


def squirm(scene: Scene, baby: Baby, rng: np.random.Generator, onset_s: float, end_s: float, strength: float) -> None:
    """Twist slowly and widely, 5-20 degrees, with small strokes on top."""
    at_s = onset_s
    while at_s < end_s:
        lasting_s = rng.uniform(0.6, 2.5)
        angle = np.radians(strength * rng.gamma(2, 4))
        _, lean = stroke(lasting_s)
        stamp(scene.tilt_rad, at_s, lean, angle * direction(rng))
        at_s += lasting_s * rng.uniform(0.5, 1.6)
    fidget(scene, baby, rng, onset_s, end_s, 0.7 * strength)


def wave(scene: Scene, baby: Baby, rng: np.random.Generator, onset_s: float, end_s: float, strength: float) -> None:
    """Repeat one movement for its own sake, as babies of 4-12 months do (Thelen 1979): wave, bang, bounce, rub.

    Bouts of 4-25 repeats at 0.8-3 Hz; intervals of CV 0.08-0.3, sizes of CV 0.2-0.5, one limb.
    """
    which = int(rng.integers(LIMBS))
    for first_s, last_s in spells(rng, onset_s, end_s, on_s=4, off_s=3):
        every_s, cv, size_cv = 1 / between(rng, 0.8, 3), rng.uniform(0.08, 0.3), rng.uniform(0.2, 0.5)
        at_s, size = first_s, strength * baby.vigour_g * baby.strong[which] * rng.lognormal(0.2, 0.4)
        while at_s < last_s:
            g = min(size * rng.lognormal(0, size_cv), 1.2)
            half_s = min(0.45 * every_s, rng.uniform(0.15, 0.4))
            move(scene, baby, rng, at_s, which, (half_s, g))
            move(scene, baby, rng, at_s + half_s, which, (half_s, -rng.uniform(0.5, 1) * g))
            at_s += every_s * max(0.4, 1 + cv * rng.normal())


def hold(scene: Scene, rng: np.random.Generator, at_s: float, rise_s: float, held_s: float, lean: Floats) -> float:
    """Tilt, hold with a sag and an unsteady strength, let go and lie a little otherwise. Gives the end of the hold."""
    rise = np.sin(np.linspace(0, np.pi / 2, max(3, round(rise_s * HZ)))) ** 2
    n = max(3, round(held_s * HZ))
    unsteady = rng.uniform(0.02, 0.12) * wander(rng, n, slowest=HZ, fastest=HZ / 8) * np.sin(np.linspace(0, np.pi, n))
    sag = np.linspace(1, rng.uniform(0.6, 1), n)
    back = sag[-1] * np.cos(np.linspace(0, np.pi / 2, round(rng.uniform(0.2, 1.2) * HZ))) ** 2
    stamp(scene.tilt_rad, at_s, np.concatenate([rise, sag + unsteady, back]), lean)
    rest = 0.08 * float(np.linalg.norm(lean)) * rng.normal(size=2)
    scene.turn(at_s + rise_s + held_s, 1.0, roll=rest[0], pitch=rest[1])
    return at_s + (len(rise) + n) / HZ


def arch(scene: Scene, baby: Baby, rng: np.random.Generator, onset_s: float, end_s: float, strength: float) -> None:
    """Lift legs or back, stay so for a third of a second to three, and drop; one to a few times."""
    for first_s, _ in spells(rng, onset_s, end_s, on_s=2.5, off_s=2):
        rise_s, axis = rng.uniform(0.3, 0.9), wavering(rng, np.array([1.0, 0, 0]), 25) * rng.choice([-1, 1])
        angle = np.radians(strength * rng.uniform(3, 20))
        end_hold_s = hold(scene, rng, first_s, rise_s, rng.uniform(0.3, 3), angle * axis)
        drop, _ = limb(rng.uniform(0.05, 0.12))
        stamp(scene.force_g, end_hold_s + 0.3, drop, strength * baby.vigour_g * direction(rng))
        fidget(scene, baby, rng, first_s, first_s + rise_s, 0.6 * strength)


def roll(scene: Scene, baby: Baby, rng: np.random.Generator, onset_s: float, end_s: float, strength: float) -> None:
    """Turn the body for good amid movement."""
    turn_s = min(end_s - onset_s, rng.uniform(1, 4))
    angle = np.radians(rng.uniform(0.12, 1) * baby.turns_deg * rng.choice([-1, 1]))
    scene.turn(onset_s + rng.uniform(0, 0.5), turn_s, roll=angle, pitch=np.radians(rng.normal(0, 5)))
    fidget(scene, baby, rng, onset_s, onset_s + turn_s + 1, 1.2 * strength)


def shift(scene: Scene, rng: np.random.Generator, onset_s: float, end_s: float, by_deg: Floats) -> None:
    """Come to lie otherwise by this roll and pitch, in one to four heaves of half a second to two."""
    for part in rng.dirichlet(np.full(int(rng.integers(1, 5)), 0.7)):
        roll_rad, pitch_rad = part * np.radians(by_deg)
        at_s = rng.uniform(onset_s, max(onset_s, end_s - 1.5))
        scene.turn(at_s, rng.uniform(0.5, 2), roll=roll_rad, pitch=pitch_rad)


def twitches(scene: Scene, baby: Baby, rng: np.random.Generator, onset_s: float, strength: float) -> float:
    """Twitch in sleep: 1-12 jerks of changing limbs, 0.15-2.5 s apart, ten seconds at most. Gives their end."""
    at_s, last_s, which = onset_s, onset_s, int(rng.integers(LIMBS))
    for _ in range(min(12, 1 + rng.geometric(0.3))):
        width_s = rng.uniform(0.04, 0.15)
        jerk(
            scene,
            at_s,
            width_s,
            strength * baby.twitch_g * rng.lognormal(0, 0.6) * baby.pushes[which],
            baby.leans[which],
        )
        last_s = at_s + width_s + 0.25
        at_s += float(np.clip(0.5 * rng.lognormal(0, 0.8), 0.15, 2.5))
        which = which if rng.random() < 0.5 else int(rng.integers(LIMBS))
        if at_s > onset_s + 9:
            break
    return last_s


def jerk(scene: Scene, at_s: float, width_s: float, push_g: Floats, lean: Floats, lean_rad_per_g: float = 0.4) -> None:
    """Twitch once: a limb is thrown, swings and comes back, and the trunk feels its reaction."""
    speeding, moved = limb(round(width_s, 2))
    stamp(scene.force_g, at_s, speeding, push_g)
    stamp(scene.tilt_rad, at_s, moved, float(np.linalg.norm(push_g)) * lean_rad_per_g * lean)


def startle(scene: Scene, baby: Baby, rng: np.random.Generator, at_s: float, strength: float) -> float:
    """Throw all limbs out within 100 ms, bring them back within a second or so. Gives its end."""
    for which in range(LIMBS):
        g = strength * baby.twitch_g * baby.strong[which] * rng.lognormal(1.3, 0.4)
        jerk(scene, at_s + rng.exponential(0.04), rng.uniform(0.06, 0.15), g * baby.pushes[which], baby.leans[which])
        move(scene, baby, rng, at_s + rng.uniform(0.25, 0.6), which, (rng.uniform(0.4, 0.9), -0.3 * g))
    return at_s + 1.3
