"""What the clip reads of it."""

import math

import numpy as np
from scipy.signal import bilinear, butter, lfilter, lfilter_zi, sosfilt

from tests.generators.sixth.body import FS, STANDARD_G, Floats, Singles, Stage, X, band, pulse, unit


def resonate(x: Singles, hz: float, damping: float, *, low: bool) -> Singles:
    """Swing on a spring: what is left of a push (low is False), or the tilt that follows a twist."""
    w = 2 * np.pi * hz
    b, a = bilinear([w * w] if low else [1.0, 0.0, 0.0], [1.0, 2 * damping * w, w * w], fs=FS)
    start = lfilter_zi(b, a) * x[0]
    return np.asarray(lfilter(b.astype(np.float32), a.astype(np.float32), x, zi=start.astype(np.float32))[0])


def gravity(stage: Stage) -> Singles:
    """Follow the trunk's turns, each along the shortest way, `(n, 3)`."""
    out = np.zeros((stage.n, 3), np.float32)
    _, _, up = stage.turns[0]
    out[:] = up
    for at_s, took_s, target in sorted(stage.turns[1:], key=lambda turn: turn[0]):
        first, n = round(at_s * FS), round(took_s * FS)
        if first >= stage.n:
            continue
        angle = math.acos(float(np.clip(up @ target, -0.999, 0.999)))
        s = (0.5 - 0.5 * np.cos(np.pi * np.linspace(0, 1, n)))[: stage.n - first, None]
        way = np.sin((1 - s) * angle) * up + np.sin(s * angle) * target
        out[first : first + n] = way / np.linalg.norm(way, axis=1, keepdims=True)
        out[first + n :] = up = target
    return out


def breathe(stage: Stage) -> None:
    """Add breathing, evenly in quiet sleep, and the heart's recoil."""
    rng, baby, seconds = stage.rng, stage.baby, math.ceil(stage.duration_s) + 1
    uneven = lfilter([0.25], [1, -0.9], rng.standard_normal((seconds, 2)), axis=0)
    for a, b in stage.still:
        uneven[int(a) : int(b)] *= 0.3
    depth = np.exp(0.35 * uneven[:, 1])
    for a, b in stage.breath_holds:
        depth[int(a) : math.ceil(b)] *= 0.1
    time_s = np.arange(stage.n) / FS
    hz, deep = (np.interp(time_s, np.arange(seconds), v) for v in (baby.breath_hz * np.exp(0.12 * uneven[:, 0]), depth))
    phase = np.cumsum(2 * np.pi * hz / FS)
    wave = (deep * (np.sin(phase) + 0.25 * np.sin(2 * phase + 0.6))).astype(np.float32)
    aim = unit(X + rng.normal(0, 0.4, 3)).astype(np.float32)
    for axis in range(3):
        stage.twist[:, axis] += wave * aim[axis] * np.float32(baby.breath_rad)
    stage.base[:, 2] += wave * np.float32(baby.breath_g)
    beats = np.cumsum(rng.normal(1, 0.04, math.ceil(stage.duration_s * baby.heart_hz * 1.2))) / baby.heart_hz
    at = (beats * FS).astype(int)
    recoil = np.diff(pulse(0.16, 0.4), prepend=0)
    train = np.bincount(at[at < stage.n], minlength=stage.n)
    stage.push[:, 1] += np.convolve(train, recoil / np.abs(recoil).max())[: stage.n].astype(np.float32) * baby.heart_g


def tilted(up: Singles, tilt: Singles) -> Singles:
    """Turn gravity by a tilt (Rodrigues), row by row, in place."""
    for first in range(0, len(up), 200_000):
        g, v = up[first : first + 200_000], tilt[first : first + 200_000]
        angle = np.sqrt(np.einsum("ij,ij->i", v, v))[:, None] + np.float32(1e-9)
        around = np.einsum("ij,ij->i", v, g)[:, None] * (1 - np.cos(angle)) / angle**2
        g[:] = g * np.cos(angle) + np.cross(v, g) * np.sin(angle) / angle + v * around
    return up


def felt(stage: Stage) -> Singles:
    """Compute what the clip's place feels: trunk on its support, then clip on its cloth."""
    breathe(stage)
    slips = np.zeros_like(stage.twist)
    for at_s, turn in stage.slips:
        stage.put(slips, at_s, turn[None])
    stage.twist += np.cumsum(slips, axis=0)
    supports = sorted(stage.supports, key=lambda one: one[0])
    edges = [0, *(min(stage.n, round(at_s * FS)) for at_s, _ in supports[1:]), stage.n]
    parts = [(slice(a, b), one) for a, b, (_, one) in zip(edges[:-1], edges[1:], supports, strict=True) if b > a]
    tilt = np.stack([resonate(stage.twist[:, i], stage.roll_hz, stage.roll_damping, low=True) for i in range(3)], 1)
    spin = np.gradient(np.gradient(tilt, 1 / FS, axis=0), 1 / FS, axis=0)
    lever = np.cross(spin, stage.sensor.lever_m).astype(np.float32) / np.float32(STANDARD_G)
    swing = stage.push - stage.base
    out = stage.base + tilted(gravity(stage), tilt) + lever
    for part, one in parts:
        for i in range(3):
            out[part, i] += resonate(swing[part, i], one.trunk_hz[i], one.trunk_damping[i], low=False)
            loose = resonate(out[part, i], one.cloth_hz[i], one.cloth_damping[i], low=False)
            out[part, i] -= np.float32(one.cloth_share) * loose
    return out


def lie_off(stage: Stage, accel: Singles) -> None:
    """Leave the clip lying somewhere; steps in the room are all it feels."""
    for off_s, on_s in stage.off:
        part = slice(round(off_s * FS), round(on_s * FS))
        accel[part] = unit(stage.rng.standard_normal(3))
        for _ in range(int(stage.rng.poisson((on_s - off_s) / 60))):
            at = stage.rng.uniform(off_s, on_s - 1)
            stage.put(accel, at, band(stage.rng, 40, 8, 20) * np.hanning(40)[:, None] * 0.002)


def read(stage: Stage) -> tuple[Floats, Floats]:
    """Read it with the sensor: its rate, its filter, its errors, its steps; some packets are lost."""
    rng, sensor, accel = stage.rng, stage.sensor, felt(stage)
    lie_off(stage, accel)
    corner = min(0.45 * sensor.rate_hz, 0.45 * FS)
    sos = butter(2, corner, fs=FS, output="sos").astype(np.float32)
    rest = accel[0].copy()
    accel = sosfilt(sos, accel - rest, axis=0) + rest
    time_s = np.arange(rng.uniform(0, 0.05), stage.duration_s - 1 / FS, 1 / sensor.rate_hz)
    sampled = np.stack([np.interp(time_s, np.arange(stage.n) / FS, accel[:, i]) for i in range(3)], axis=1)
    out = sampled @ sensor.gain.T + sensor.offset_g + rng.normal(0, sensor.noise_g, sampled.shape)
    out = np.clip(np.round(out / sensor.step_g) * sensor.step_g, -sensor.range_g, sensor.range_g)
    kept = np.ones(len(time_s), dtype=bool)
    for at_s in rng.uniform(5, stage.duration_s, rng.poisson(sensor.lost_per_h * stage.duration_s / 3600)):
        kept[(time_s >= at_s) & (time_s < at_s + rng.uniform(0.05, 0.8))] = False
    return time_s[kept], out[kept]
