"""A baby on a mattress, and a clip on its cloth, as masses, springs and dampers under gravity.

Axes of the body: x to its left, y to its head, z out of its chest. Muscles push on the trunk, which stands on the
mattress (2-7 Hz); the cloth follows the trunk as a second spring (4-14 Hz, 50-200 ms; 2.5-5 Hz where it hangs loose);
posture and small tilts turn gravity. The grid has 80 Hz.
"""

from dataclasses import dataclass, field
from functools import lru_cache
from typing import Final

import numpy as np
from numpy.typing import NDArray
from scipy.signal import bilinear, lfilter

HZ: Final = 80.0

Floats = NDArray[np.float64]
Row = tuple[float, float, str, str]
"""A label: onset_s, duration_s, trial_type, detail."""


@dataclass(frozen=True, eq=False, kw_only=True)
class Body:
    """How a push reaches the clip; angles in rad, rates in Hz."""

    mattress_hz: Floats
    mattress_damping: float
    cloth_hz: float
    cloth_decay_s: float
    share: float
    loose_hz: float
    mount: Floats

    @classmethod
    def draw(cls, rng: np.random.Generator) -> "Body":
        """Draw a mattress, a cloth and a way in which the clip sits on it."""
        q, _ = np.linalg.qr(rng.normal(size=(3, 3)))
        return cls(
            mattress_hz=np.array([rng.uniform(2, 4), rng.uniform(2, 4), rng.uniform(3, 7)]),
            mattress_damping=rng.uniform(0.15, 0.6),
            cloth_hz=rng.uniform(4, 14),
            cloth_decay_s=rng.uniform(0.05, 0.2),
            share=rng.uniform(0.1, 0.9),
            loose_hz=rng.uniform(2.5, 5),
            mount=q * np.sign(np.linalg.det(q)),
        )


@dataclass(eq=False)
class Scene:
    """What acts on a baby, row by row, and what is true of it.

    Attributes:
        seconds: length.
        force_g: push of muscles and hands on the trunk over its mass.
        tilt_rad: small passing tilts.
        base_g: how mattress, arms or seat accelerate: sideways, lengthways, up.
        turn_rad: change of roll and pitch in each row; what it sums to stays.
        slip_rad: likewise, of the clip on the cloth.
        loose: 0 where the clip sits well, 1 where it hangs.
        rows: labels that are no states.
        states: (from second, state).
        facts: what was drawn.
    """

    seconds: float
    force_g: Floats = field(init=False)
    tilt_rad: Floats = field(init=False)
    base_g: Floats = field(init=False)
    turn_rad: Floats = field(init=False)
    slip_rad: Floats = field(init=False)
    loose: Floats = field(init=False)
    rows: list[Row] = field(default_factory=list)
    states: list[tuple[float, str]] = field(default_factory=list)
    facts: dict[str, float | str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Begin with nothing that moves."""
        n = len(self)
        self.force_g, self.tilt_rad, self.base_g, self.slip_rad = (np.zeros((n, 3)) for _ in range(4))
        self.turn_rad = np.zeros((n, 2))
        self.loose = np.zeros(n)

    def __len__(self) -> int:
        """Give the number of rows."""
        return round(self.seconds * HZ)

    def at(self, onset_s: float, end_s: float) -> slice:
        """Give the rows between two times."""
        first, last = (int(np.clip(round(t * HZ), 0, len(self))) for t in (onset_s, end_s))
        return slice(first, last)

    def turn(self, at_s: float, lasting_s: float, *, roll: float = 0.0, pitch: float = 0.0) -> None:
        """Turn the body for good, in one smooth movement."""
        speed = np.sin(np.pi * np.linspace(0, 1, max(3, round(lasting_s * HZ)))) ** 2
        stamp(self.turn_rad, at_s, speed / speed.sum(), np.array([roll, pitch]))

    def label(self, onset_s: float, end_s: float, kind: str, detail: str = "n/a") -> None:
        """Say what is true, as far as the stream goes."""
        onset_s, end_s = max(0.0, onset_s), min(end_s, self.seconds)
        if end_s > onset_s:
            self.rows.append((onset_s, end_s - onset_s, kind, detail))

    def labels(self) -> list[Row]:
        """Give all labels with the states, which cover the stream."""
        changes = [(t, s) for i, (t, s) in enumerate(self.states) if i == 0 or s != self.states[i - 1][1]]
        ends = [t for t, _ in changes[1:]] + [self.seconds]
        return sorted([*self.rows, *((t, end - t, s, "n/a") for (t, s), end in zip(changes, ends, strict=True))])

    def add(self, other: "Scene", gain: float) -> None:
        """Add the pushes and tilts of another, so many times as strong."""
        self.force_g += gain * other.force_g
        self.tilt_rad += gain * other.tilt_rad


def stamp(into: Floats, at_s: float, shape: Floats, vector: Floats) -> None:
    """Add a shape along a vector, from a time on; what lies outside is left away."""
    first = round(at_s * HZ)
    low, high = max(first, 0), min(first + len(shape), len(into))
    if high > low:
        into[low:high] += np.outer(shape[low - first : high - first], vector)


def cross(a: Floats, b: Floats) -> Floats:
    """Give the cross product of vectors `(n, 3)` or `(3,)`, at a fifth of the cost of `numpy.cross`."""
    product = np.empty(np.broadcast_shapes(a.shape, b.shape))
    for i, j, k in ((0, 1, 2), (1, 2, 0), (2, 0, 1)):
        product[..., i] = a[..., j] * b[..., k] - a[..., k] * b[..., j]
    return product


def felt_g(scene: Scene, body: Body) -> Floats:
    """Give what the clip feels, `(n, 3)` in its own axes, g: push, and gravity as it is turned."""
    roll, pitch = np.cumsum(scene.turn_rad, axis=0).T
    up = np.stack([np.sin(roll) * np.cos(pitch), np.sin(pitch), np.cos(roll) * np.cos(pitch)], axis=1)
    base_g = up * scene.base_g[:, 2:]
    base_g[:, :2] += scene.base_g[:, :2]
    pushed_g = up + cross(scene.tilt_rad, up)
    pushed_g /= np.sqrt((pushed_g**2).sum(axis=1, keepdims=True))
    for axis, hz in enumerate(body.mattress_hz):
        trunk_g = _spring(scene.force_g[:, axis], hz, body.mattress_damping, part="fast")
        trunk_g += _spring(base_g[:, axis], 2 * hz, body.mattress_damping, part="slow")
        pushed_g[:, axis] += _cloth(trunk_g, scene.loose, body)
    if scene.slip_rad.any():
        pushed_g += cross(np.cumsum(scene.slip_rad, axis=0), pushed_g)  # small angles
    return np.asarray(pushed_g @ body.mount.T)


def _cloth(trunk_g: Floats, loose: Floats, body: Body) -> Floats:
    damping = min(0.9, 1 / (body.cloth_decay_s * 2 * np.pi * body.cloth_hz))
    firm_g = trunk_g + body.share * (_spring(trunk_g, body.cloth_hz, damping, part="slow") - trunk_g)
    if not loose.any():
        return firm_g
    return firm_g + loose * (_spring(trunk_g, body.loose_hz, 0.25, part="slow") - firm_g)


def _spring(x: Floats, hz: float, damping: float, *, part: str) -> Floats:
    """Second-order response: "fast" of a mass pushed against a spring, "slow" of a mass whose spring is moved."""
    if not x.any():
        return np.zeros_like(x)
    w = 2 * np.pi * hz
    above = [1.0, 0.0, 0.0] if part == "fast" else [2 * damping * w, w * w]
    b, a = bilinear(above, [1.0, 2 * damping * w, w * w], fs=HZ)
    return np.asarray(lfilter(b, a, x))


@lru_cache(maxsize=256)
def limb(width_s: float, hz: float = 3.0, damping: float = 0.6) -> tuple[Floats, Floats]:
    """Answer of a limb to one muscle twitch of this width: acceleration and displacement, each with peak 1."""
    t = np.arange(round((width_s + 0.9) * HZ)) / HZ
    rise_s = width_s / 2.4  # of t exp(-t), whose width at half height is 2.4
    tension = t / rise_s * np.exp(1 - t / rise_s)
    w = 2 * np.pi * hz
    b, a = bilinear([1.0], [1.0, 2 * damping * w, w * w], fs=HZ)
    moved = lfilter(b, a, tension)
    speeding = np.gradient(np.gradient(moved)) * np.minimum(1, (t[-1] - t) / 0.1)
    return speeding / np.abs(speeding).max(), moved * np.minimum(1, (t[-1] - t) / 0.2) / np.abs(moved).max()
