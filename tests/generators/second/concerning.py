"""What a doctor should see, and the benign series that looks like it. All lie over other behaviour."""

from dataclasses import dataclass

import numpy as np

from .body import SIM_HZ, band_noise, lognormal, loguniform, pulses, unit, wander
from .case import Floats
from .ordinary import LIMBS, some_parts
from .scene import Scene


@dataclass(frozen=True, kw_only=True)
class Jerking:
    """How one baby jerks on one day; see the package's table for the ranges."""

    hz: float
    slowing: float
    growing_s: float
    fading: float
    size: float
    interval_spread: float
    size_spread: float
    direction_spread_rad: float
    width_s: float
    vector: Floats
    parts: tuple[str, ...]
    lag_s: float


def draw_jerking(scene: Scene) -> Jerking:
    """Draw a way of jerking, and note it among the facts."""
    rng = scene.rng
    hz = loguniform(rng, 0.8, 5)
    drawn = Jerking(
        hz=hz,
        slowing=rng.uniform(0.1, 0.5) if rng.random() < 0.65 else 0.0,
        growing_s=rng.uniform(3, 12) if rng.random() < 0.6 else 0.0,
        fading=rng.uniform(0.1, 0.4) if rng.random() < 0.35 else 0.0,
        size=loguniform(rng, 2, 30),
        interval_spread=loguniform(rng, 0.02, 0.15),
        size_spread=loguniform(rng, 0.05, 0.4),
        direction_spread_rad=np.deg2rad(rng.uniform(2, 25)),
        width_s=min(loguniform(rng, 0.06, 0.25), 0.6 / hz),
        vector=unit(rng),
        parts=tuple(some_parts(scene, 3)),
        lag_s=rng.uniform(0, 0.04),
    )
    names = ("hz", "slowing", "growing_s", "fading", "size", "interval_spread", "size_spread", "width_s")
    scene.facts |= {name: float(getattr(drawn, name)) for name in names}
    return drawn


def jerk(scene: Scene, way: Jerking, at_s: float, seconds: float) -> Floats:
    """Jerk without a pause for `seconds`; give the times of the jerks (m,), stream seconds."""
    rng = scene.rng
    times = [0.0]
    while times[-1] < seconds:
        hz = max(min(0.5, way.hz), way.hz * (1 - way.slowing * times[-1] / seconds))
        times.append(times[-1] + float(np.exp(way.interval_spread * rng.normal())) / hz)
    t = np.array([time for time in times if time < seconds - min(0.5 * way.width_s, 0.1)])
    strength = np.exp(way.size_spread * rng.normal(size=len(t)))
    if way.growing_s:
        strength *= np.clip(0.3 + 0.7 * t / way.growing_s, 0, 1)
    if way.fading:
        strength *= np.clip((seconds - t) / (way.fading * seconds), 0.25, 1)
    side = np.tan(way.direction_spread_rad) * rng.normal(size=(len(t), 3))
    widths = way.width_s * np.exp(0.1 * rng.normal(size=len(t)))
    forces = {}
    for i, part in enumerate(way.parts):
        vectors = (way.vector + side) * strength[:, None] * (1.0, 0.7, 0.5)[i]
        forces[part] = pulses(t + i * way.lag_s, widths, vectors, seconds + 0.3)
    scene.push(at_s, forces, way.size * scene.quiet_g)
    return t + at_s


def rhythm(scene: Scene, seconds: float) -> None:
    """Jerk for `seconds` from `now`, without a pause: a clonic run."""
    jerk(scene, draw_jerking(scene), scene.now, seconds)
    scene.label(scene.now, seconds, "rhythmic")


def clusters(scene: Scene, seconds: float) -> Jerking:
    """Jerk in clusters of 2 to 3 s, in runs of 10 to 20 s with rests between, for about `seconds` from `now`."""
    rng, t, way = scene.rng, scene.now, draw_jerking(scene)
    rest_s = loguniform(rng, 8, 60)
    end = scene.now + seconds
    while t < end - 3:
        run_end = min(t + rng.uniform(10, 20), end)
        while t < run_end - 2:
            length = min(rng.uniform(2, 3), end - t)
            jerk(scene, _vary(scene, way), t, length)
            scene.label(t, length, "myoclonic_burst")
            t += length + rng.uniform(0.8, 3)
        t = run_end + lognormal(rng, rest_s, 0.7, 4, 240)
    return way


def _vary(scene: Scene, way: Jerking) -> Jerking:
    """Draw a cluster: much like the others, at times of another limb."""
    rng = scene.rng
    other = rng.random() < 0.25
    return Jerking(
        hz=float(np.clip(way.hz * np.exp(0.15 * rng.normal()), 1, 5)),
        slowing=0.0,
        growing_s=0.0,
        fading=0.0,
        size=way.size * float(np.exp(0.3 * rng.normal())),
        interval_spread=way.interval_spread,
        size_spread=way.size_spread,
        direction_spread_rad=way.direction_spread_rad,
        width_s=way.width_s,
        vector=unit(rng) if other else way.vector,
        parts=(str(rng.choice(LIMBS)),) if other else way.parts,
        lag_s=way.lag_s,
    )


def spasms(scene: Scene, count: int) -> float:
    """Contract `count` times, 5 to 30 s apart, growing then waning, the posture held; give the length, s."""
    rng = scene.rng
    interval = loguniform(rng, 6, 22)
    gaps = np.clip(interval * np.exp(rng.uniform(0.1, 0.35) * rng.normal(size=count)), 5, 30)
    swell = np.ones(count)
    if rng.random() < 0.8:
        swell = 0.4 + 0.6 * np.sin(np.pi * (np.arange(count) + 0.7) / (count + 0.4))
    axis, angle, size = scene.level_axis(), np.deg2rad(loguniform(rng, 5, 30)), loguniform(rng, 5, 30)
    contraction = loguniform(rng, 0.4, 3)
    onset, length = scene.now, 0.0
    for t, strength, gap in zip(np.cumsum(gaps) - gaps[0], swell, gaps, strict=True):
        lasts = float(np.clip(contraction * np.exp(0.2 * rng.normal()), 0.4, 3))
        tail = min(loguniform(rng, 0.4, 7), 0.7 * gap - lasts)
        rise = min(0.5 * lasts, rng.uniform(0.15, 0.45))
        course = hold_course(rise, lasts - rise, max(0.3, tail))
        scene.hold(onset + t, course, (axis + 0.15 * rng.normal(size=3)) * angle * strength, 0.5 * size * scene.quiet_g)
        force = pulses(np.zeros(1), np.array([lasts]), unit(rng)[None], lasts + 0.1)
        scene.push(onset + t, dict.fromkeys(("trunk", *LIMBS[2:]), force), size * strength * scene.quiet_g)
        length = lasts + max(0.3, tail)
    total = float(np.sum(gaps) - gaps[-1]) if count > 1 else 0.0
    scene.facts |= {"size": size, "interval_s": interval, "count": float(count), "tilt_deg": float(np.rad2deg(angle))}
    total += length
    scene.label(onset, total, "spasm_cluster", str(count))
    return total


def hold_course(rise_s: float, hold_s: float, fall_s: float) -> Floats:
    """Give a course (n,) from 0 to 1, held, and back, without a jump in speed."""
    up, stay, down = (max(2, round(s * SIM_HZ)) for s in (rise_s, hold_s, fall_s))
    ramp = _smooth(up)
    return np.concatenate([ramp, np.ones(stay), _smooth(down)[::-1]])


def _smooth(n: int) -> Floats:
    u = np.linspace(0, 1, n)
    return np.asarray(u**3 * (10 - 15 * u + 6 * u * u))


def stiffen(scene: Scene, seconds: float) -> None:
    """Stiffen: a tilt of 10 to 35 degrees held for `seconds`, with a tremor of 8 to 12 Hz."""
    rng = scene.rng
    angle, size, tremor_hz = rng.uniform(10.5, 35), loguniform(rng, 2, 15), rng.uniform(8, 12)
    rise, fall = rng.uniform(0.3, 1.5), rng.uniform(0.5, 3)
    course = hold_course(rise, seconds - rise, fall)
    n = len(course)
    scene.hold(scene.now, course, scene.level_axis() * np.deg2rad(angle), rng.uniform(2, 10) * scene.quiet_g)
    tremor = (
        band_noise(rng, n, tremor_hz - 0.8, tremor_hz + 0.8) * course * np.clip(1 + 0.3 * wander(rng, n, 1), 0.2, 2)
    )
    scene.push(scene.now, dict.fromkeys(some_parts(scene, 3), tremor[:, None] * unit(rng)), size * scene.quiet_g)
    scene.facts |= {"size": size, "tilt_deg": angle, "tremor_hz": tremor_hz}
    scene.label(scene.now, seconds + fall, "stiffening")
