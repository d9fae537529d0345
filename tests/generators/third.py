"""A third generator of synthetic nights, for development: what is tuned on the first must hold here too.

It works by superposition on a 200 Hz line: every movement is a train of pulses (gamma-shaped forces rung through a
cloth resonance, plus a transient tilt of gravity), every carer is an oscillator, every posture a rotation. A clip then
samples that line with its own rate, noise, step, range, offsets and mounting.

| quantity | drawn from |
|---|---|
| force pulse | gamma shape 2-5, 30-150 ms wide |
| cloth | 4-14 Hz, decay 50-200 ms, share 0.2-1 of the peak |
| quiet level (band 0.5-12 Hz) | breathing tilt 2-8 mg, heart 0-2 mg, drift 1/f |
| jerk size | 2-30 x quiet, log-uniform; amplitude CV 0-0.4 |
| direction | one axis for each event, wobble 0-45 deg |
| contraction | jolt, slow flexion, or jolt and small tilt; 3-40 deg about any axis, held 0.4-3 s, let go or not quite |
| cluster | 3-15 every 5-20 s, CV 0.2-0.5; still, shifting, moving or crying between |
| rhythm | 0.8-5 Hz, interval CV 0-0.25, slowing to 0.4-1 of the start, growth over 0-10 s |
| movement in awake runs | bouts at 0-60 % of the usual height, drift of posture 0-12 deg, onset out of gross movement |
| sensor | 25, 26, 50, 52, 100 Hz +-3 %; noise 0.3-5 mg; step 0.06-16 mg; 2-8 g |
"""

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray
from scipy.signal import butter, sosfilt

LINE_HZ = 200.0
Floats = NDArray[np.float64]
Label = tuple[float, float, str, str]


@dataclass(frozen=True, eq=False)
class Case:
    """One stream and its truth: labels are (onset_s, duration_s, trial_type, detail)."""

    name: str
    time_s: Floats
    accel_g: Floats
    rate_hz: float
    labels: tuple[Label, ...]


def unit(rng: np.random.Generator) -> Floats:
    v = rng.normal(size=3)
    return v / np.linalg.norm(v)


def log_uniform(rng: np.random.Generator, low: float, high: float) -> float:
    return float(np.exp(rng.uniform(math.log(low), math.log(high))))


def near(rng: np.random.Generator, axis: Floats, wobble_deg: float) -> Floats:
    v = axis + math.tan(math.radians(min(wobble_deg, 80))) * abs(rng.normal()) * unit(rng)
    return v / np.linalg.norm(v)


def turned(rng: np.random.Generator, gravity: Floats, degrees: float) -> Floats:
    across = np.cross(gravity, unit(rng))
    across /= np.linalg.norm(across)
    a = math.radians(degrees)
    return math.cos(a) * gravity + math.sin(a) * across


@dataclass(eq=False)
class Stage:
    """A stream in the making: `shake` is linear acceleration (g), `tilt` bends gravity, `gravity` is the posture."""

    rng: np.random.Generator
    length_s: float
    labels: list[Label] = field(default_factory=list)
    steps: list[tuple[float, Floats]] = field(default_factory=list)
    asleep_until: float | None = None
    gaps: list[tuple[float, float]] = field(default_factory=list)

    def __post_init__(self) -> None:
        n = int(self.length_s * LINE_HZ)
        rng = self.rng
        self.time_s = np.arange(n) / LINE_HZ
        self.shake = np.zeros((n, 3))
        self.gravity0 = unit(rng)
        self.quiet_g = rng.uniform(0.002, 0.008)
        self.ring_hz, self.decay_s = rng.uniform(4, 14), rng.uniform(0.05, 0.2)
        self.ring_share = rng.uniform(0.2, 1.0)
        self.width_s = rng.uniform(0.03, 0.15)
        self._breathe()

    def _breathe(self) -> None:
        rng, n = self.rng, len(self.time_s)
        slow = np.interp(
            self.time_s,
            np.linspace(0, self.length_s, 2 + int(self.length_s / 20)),
            rng.normal(1, 0.08, 2 + int(self.length_s / 20)),
        )
        phase = 2 * np.pi * np.cumsum(rng.uniform(0.4, 0.75) * slow) / LINE_HZ
        self.shake += np.outer(self.quiet_g * (np.sin(phase) + 0.3 * np.sin(2 * phase)), unit(rng))
        beat = np.maximum(0, np.sin(2 * np.pi * rng.uniform(1.8, 2.4) * self.time_s)) ** 8
        self.shake += np.outer(rng.uniform(0, 0.002) * beat, unit(rng))
        sos = butter(1, 0.02, fs=LINE_HZ, output="sos")
        self.shake += 0.05 * sosfilt(sos, rng.normal(0, 0.02, (n, 3)), axis=0)

    # ---- pieces of movement
    def pulse(self, at_s: float, size_g: float, axis: Floats, width_s: float | None = None, tilt: float = 0.3) -> None:
        rng, w = self.rng, width_s or self.width_s
        t = np.arange(int((w * 3 + 5 * self.decay_s) * LINE_HZ)) / LINE_HZ
        shape = rng.uniform(2, 5)
        force = (t / w) ** (shape - 1) * np.exp(-shape * t / w * 1.5)
        ring = np.exp(-t / self.decay_s) * np.sin(2 * np.pi * self.ring_hz * t)
        kick = force / force.max() + self.ring_share * np.convolve(force, ring)[: len(t)] / max(force.sum(), 1e-9)
        bend = np.convolve(force, np.exp(-t / 0.2))[: len(t)]
        wave = (1 - tilt) * kick / np.abs(kick).max() + tilt * bend / bend.max()
        self.add(at_s, np.outer(size_g * wave, axis))

    def add(self, at_s: float, wave: Floats) -> None:
        i = int(at_s * LINE_HZ)
        j = min(i + len(wave), len(self.shake))
        if 0 <= i < j:
            self.shake[i:j] += wave[: j - i]

    def train(
        self,
        onset_s: float,
        length_s: float,
        size_g: float,
        hz: float,
        *,
        style: dict[str, float] | None = None,
        axis: Floats | None = None,
    ) -> float:
        """Jerks at a rhythm; returns the time after the last."""
        rng = self.rng
        style = style or rhythm_style(rng)
        axis = unit(rng) if axis is None else axis
        t = 0.0
        while t < length_s:
            now_hz = hz * (1 - (1 - style["slow"]) * t / length_s)
            grow = min(1.0, 0.3 + 0.7 * t / style["grow_s"]) if style["grow_s"] else 1.0
            size = size_g * grow * max(0.2, 1 + style["amp_cv"] * rng.normal())
            self.pulse(onset_s + t, size, near(rng, axis, style["wobble_deg"]), min(self.width_s, 0.45 / now_hz))
            t += max(0.5, 1 + style["int_cv"] * rng.normal()) / now_hz
        return onset_s + t

    def flail(self, onset_s: float, length_s: float, size_g: float, turn_deg: float) -> None:
        """Gross body movement: band noise under an envelope, kicks, and a change of posture."""
        rng, n = self.rng, int(length_s * LINE_HZ)
        if n < 20:
            return
        sos = butter(2, [rng.uniform(0.2, 0.5), rng.uniform(3, 8)], "bandpass", fs=LINE_HZ, output="sos")
        noise = sosfilt(sos, rng.normal(size=(n, 3)), axis=0)
        envelope = np.abs(
            np.interp(
                np.arange(n), np.linspace(0, n, 3 + int(length_s)), np.r_[0, rng.gamma(2, 0.5, 1 + int(length_s)), 0]
            )
        )
        self.add(onset_s, size_g * noise / noise.std() * envelope[:, None])
        for _ in range(rng.poisson(length_s * 0.4)):
            self.pulse(onset_s + rng.uniform(0, length_s), size_g * rng.uniform(1, 3), unit(rng), rng.uniform(0.1, 0.3))
        self.turn(onset_s + length_s / 2, turn_deg)

    @property
    def posture(self) -> Floats:
        """Gravity as the last turn left it."""
        return self.steps[-1][1] if self.steps else self.gravity0

    def turn(self, at_s: float, degrees: float) -> None:
        self.steps.append((at_s, turned(self.rng, self.posture, degrees)))

    def sway(
        self,
        onset_s: float,
        length_s: float,
        size_g: float,
        hz: float,
        *,
        harmonic: float = 0.03,
        wander: float = 0.005,
    ) -> None:
        """An oscillator that is not the baby."""
        rng, n = self.rng, int(length_s * LINE_HZ)
        f = hz * (
            1
            + wander
            * np.interp(np.arange(n), np.linspace(0, n, 3 + int(length_s / 5)), rng.normal(size=3 + int(length_s / 5)))
        )
        phase = 2 * np.pi * np.cumsum(f) / LINE_HZ
        wave = np.sin(phase) + harmonic * np.sin(2 * phase + 1)
        ramp = np.minimum(1, np.minimum(np.arange(n), np.arange(n)[::-1]) / (2 * LINE_HZ))
        self.add(onset_s, np.outer(size_g * wave * ramp, unit(rng)))

    def rumble(self, onset_s: float, length_s: float, size_g: float, low_hz: float, high_hz: float) -> None:
        rng, n = self.rng, int(length_s * LINE_HZ)
        sos = butter(2, [low_hz, high_hz], "bandpass", fs=LINE_HZ, output="sos")
        noise = sosfilt(sos, rng.normal(size=n))
        slow = 0.4 + np.abs(
            np.interp(np.arange(n), np.linspace(0, n, 3 + int(length_s / 3)), rng.normal(size=3 + int(length_s / 3)))
        )
        self.add(onset_s, np.outer(size_g * noise / noise.std() * slow, near(rng, self.gravity0, 20)))

    # ---- states
    def state(self, onset_s: float, end_s: float, word: str) -> None:
        self.labels.append((onset_s, end_s - onset_s, word, "n/a"))
        if word == "awake":
            self._wriggle(onset_s, end_s)
        else:
            self._sleep(onset_s, end_s)

    def _wriggle(self, onset_s: float, end_s: float) -> None:
        rng, t = self.rng, onset_s
        size = self.quiet_g * rng.uniform(5, 25)
        while t < end_s:
            length = min(rng.gamma(2, 3), end_s - t)
            self.flail(t, length, size * rng.uniform(0.5, 1.5), rng.uniform(2, 35))
            self.labels.append((t, length, "movement", "awake"))
            t += length + rng.exponential(6)

    def _sleep(self, onset_s: float, end_s: float) -> None:
        """Ordinary sleep: scattered twitches and now and then an arousal or a startle."""
        rng = self.rng
        for t in np.sort(rng.uniform(onset_s, end_s - 12, rng.poisson(max(0, end_s - onset_s) / 900))):
            self.flail(t, rng.uniform(2, 8), self.quiet_g * rng.uniform(4, 15), rng.uniform(0, 15))
            self.labels.append((t, 5.0, "movement", "arousal"))

    def burst(self, at_s: float) -> None:
        rng, t = self.rng, at_s
        size, axis = self.quiet_g * log_uniform(rng, 3, 25), unit(rng)
        count = int(rng.integers(1, 7))
        for _ in range(count):
            self.pulse(t, size * max(0.4, 1 + 0.3 * rng.normal()), near(rng, axis, 30))
            last, t = t, t + rng.uniform(0.25, 1.8)
        self.labels.append((at_s, last - at_s + 0.3, "myoclonic_burst", str(count)))

    # ---- the clip
    def record(self, name: str) -> Case:
        rng = self.rng
        gravity = np.tile(self.gravity0, (len(self.time_s), 1))
        for at_s, g in sorted(self.steps, key=lambda s: s[0]):
            i, j = int(at_s * LINE_HZ), int((at_s + rng.uniform(0.4, 1.5)) * LINE_HZ)
            j = min(j, len(gravity))
            if i < j:
                w = (0.5 - 0.5 * np.cos(np.pi * np.arange(j - i) / (j - i)))[:, None]
                gravity[i:j] = (1 - w) * gravity[i - 1 if i else 0] + w * g
                gravity[j:] = g
        gravity /= np.linalg.norm(gravity, axis=1, keepdims=True)
        rate = float(rng.choice([25, 26, 50, 52, 100]))
        true = rate * (1 + rng.uniform(-0.03, 0.03))
        t = np.arange(int((self.length_s - 0.1) * true)) / true
        line = gravity + self.shake
        if rate < 60:
            line = sosfilt(butter(2, 0.45 * true, fs=LINE_HZ, output="sos"), line - line[0], axis=0) + line[0]
        a = np.column_stack([np.interp(t, self.time_s, line[:, k]) for k in range(3)])
        a = a @ np.linalg.qr(rng.normal(size=(3, 3)))[0] + rng.uniform(-0.04, 0.04, 3)
        a += rng.normal(0, log_uniform(rng, 0.0003, 0.005), a.shape)
        step = float(rng.choice([0.00006, 0.00025, 0.001, 0.004, 0.016], p=[0.2, 0.2, 0.3, 0.2, 0.1]))
        full = float(rng.choice([2, 4, 8]))
        a = np.clip(np.round(a / step) * step, -full, full)
        kept = np.ones(len(t), dtype=bool)
        for at in rng.uniform(0, len(t), rng.poisson(self.length_s / 600)):
            kept[int(at) : int(at + true * rng.uniform(0.05, 0.9))] = False
        for onset_s, end_s in self.gaps:
            kept[(t >= onset_s) & (t < end_s)] = False
        return Case(name, t[kept], a[kept], rate, tuple(sorted(self.labels)))


def rhythm_style(rng: np.random.Generator) -> dict[str, float]:
    return {
        "int_cv": rng.uniform(0, 0.2),
        "amp_cv": rng.uniform(0, 0.4),
        "wobble_deg": rng.uniform(0, 40),
        "slow": rng.choice([1.0, rng.uniform(0.4, 1.0)]),
        "grow_s": rng.choice([0.0, rng.uniform(2, 10)]),
    }


# ---- what happens in each kind of case: (stage, time) -> time after it
def _rhythm(s: Stage, t: float, low_s: float = 15, high_s: float = 120) -> float:
    rng = s.rng
    length, size = rng.uniform(low_s, high_s), s.quiet_g * log_uniform(rng, 3, 30)
    end = s.train(t, length, size, log_uniform(rng, 0.8, 5))
    s.labels.append((t, end - t, "rhythmic", "n/a"))
    return end


def _moves(s: Stage, onset_s: float, end_s: float, share: float) -> None:
    """Voluntary movement at a share of the usual height, in bouts, and a posture that drifts."""
    rng, t = s.rng, onset_s + s.rng.exponential(3)
    size = s.quiet_g * rng.uniform(5, 25) * share
    while t < end_s:
        length = min(rng.gamma(2, 2), end_s - t)
        s.flail(t, length, size * rng.uniform(0.5, 1.5), rng.uniform(0, 20) * share)
        t += length + rng.exponential(5)
    n = int((end_s - onset_s) * LINE_HZ)
    drift = np.interp(np.arange(n), np.linspace(0, n, 2 + n // 4000), rng.normal(size=2 + n // 4000))
    s.add(onset_s, np.outer(math.radians(rng.uniform(0, 12)) * (drift - drift[0]), unit(rng)))


def _moving_rhythm(s: Stage, t: float) -> float:
    """A run awake: the baby moves before and during it, and it may begin straight out of gross movement."""
    rng, onset = s.rng, t + s.rng.uniform(0, 20)
    share = float(rng.choice([0.0, rng.uniform(0, 0.6)], p=[0.15, 0.85]))
    if rng.random() < 0.4:
        length = rng.uniform(2, 10)
        s.flail(onset - length - rng.uniform(0, 2), length, s.quiet_g * rng.uniform(5, 20), rng.uniform(0, 40))
    end = _rhythm(s, onset)
    _moves(s, t - 20, end, share)
    return end


def _unknown_rhythm(s: Stage, t: float) -> float:
    """A run at the stream's start or soon after a gap, before anything is known of the state."""
    begin = t
    if t > 0:
        gap_s = log_uniform(s.rng, 2, 120)
        s.gaps.append((t, t + gap_s))
        s.labels.append((t, gap_s, "gap", "n/a"))
        begin += gap_s
    end = _rhythm(s, begin + float(s.rng.choice([0.0, s.rng.uniform(0, 20)])))
    _moves(s, begin, end, s.rng.uniform(0, 0.4))
    return end


def _clusters(s: Stage, t: float, length_s: float, axis: Floats, size: float, hz: float) -> float:
    """Benign sleep myoclonus: clusters of 2-3 s with pauses."""
    rng, end = s.rng, t + length_s
    while t < end:
        stop = s.train(
            t,
            rng.uniform(1.5, 3.2),
            size,
            hz,
            axis=axis,
            style={"int_cv": 0.1, "amp_cv": 0.3, "wobble_deg": 25, "slow": 1.0, "grow_s": 0.0},
        )
        s.labels.append((t, stop - t, "myoclonic_burst", "cluster"))
        t = stop + rng.choice([rng.uniform(1.2, 6), rng.uniform(6, 40)], p=[0.7, 0.3])
    return t


def _series(s: Stage, t: float, *, persists: bool) -> float:
    rng = s.rng
    axis, size, hz = unit(rng), s.quiet_g * log_uniform(rng, 4, 25), rng.uniform(1, 5)
    length = rng.uniform(60, 300 if persists else 900)
    waking = _clusters(s, t, length, axis, size, hz)
    s.flail(waking, rng.uniform(3, 8), s.quiet_g * rng.uniform(8, 25), rng.uniform(8, 60))
    if not persists:
        s.labels.append((t, waking - t, "myoclonic_series", "n/a"))
        return waking
    after = rng.uniform(30, 120)
    if rng.random() < 0.5:
        s.train(waking + 3, after, size, hz, axis=axis)
    else:
        _clusters(s, waking + 3, after, axis, size, hz)
    s.labels.append((waking, after + 3, "persists_after_waking", "n/a"))
    s.labels.append((waking, after + 3, "awake", "n/a"))
    s.asleep_until = waking
    return waking + after + 3


@dataclass(frozen=True)
class Contraction:
    """How the contractions of one cluster look; lengths in seconds, sizes in g, angles in degrees."""

    about: Floats
    tilt_deg: float
    axis: Floats
    jolt_g: float
    width_s: float
    wobble_deg: float
    rise_s: float
    fall_s: float
    hold_s: tuple[float, float]
    sag: float
    left: float
    creep_s: float
    twin: bool


def _contraction(s: Stage) -> Contraction:
    """A jolt into a posture, a slow flexion, or a jolt with a small tilt (3-10 deg), about any axis."""
    rng = s.rng
    form = rng.choice(["jolt", "slow", "small"], p=[0.5, 0.2, 0.3])
    gravity, about = s.posture, unit(rng)
    tilt = {"jolt": rng.uniform(8, 35), "slow": rng.uniform(12, 40), "small": rng.uniform(3, 10)}[form]
    while form == "slow" and np.linalg.norm(np.cross(about, gravity)) < 0.5:
        about = unit(rng)
    shortest = log_uniform(rng, 0.4, 1.5)
    return Contraction(
        about=about,
        tilt_deg=tilt,
        axis=unit(rng) if rng.random() < 0.5 else near(rng, np.cross(about, gravity), 30),
        jolt_g=0.0 if form == "slow" else s.quiet_g * log_uniform(rng, 6, 40),
        width_s=log_uniform(rng, 0.04, 0.3),
        wobble_deg=rng.uniform(5, 25),
        rise_s=rng.uniform(0.3, 0.8) if form == "slow" else rng.uniform(0.1, 0.4),
        fall_s=log_uniform(rng, 0.2, 1.5),
        hold_s=(shortest, min(3.0, shortest * rng.uniform(1, 3))),
        sag=rng.uniform(-0.2, 0.5),
        left=float(rng.choice([0.0, rng.uniform(0, 0.4)])),
        creep_s=log_uniform(rng, 1, 10),
        twin=bool(rng.random() < 0.15),
    )


def _contract(s: Stage, at_s: float, how: Contraction, strength: float) -> float:
    """One contraction; returns when its posture is let go."""
    rng = s.rng
    hold_s = max(how.rise_s, rng.uniform(*how.hold_s))
    end_s = hold_s + how.fall_s
    t = np.arange(int((end_s + 4 * how.creep_s * (how.left > 0)) * LINE_HZ)) / LINE_HZ
    up, down = np.clip(t / how.rise_s, 0, 1), np.clip((t - hold_s) / how.fall_s, 0, 1)
    held = np.sin(np.pi / 2 * up) ** 2 * (1 - how.sag * np.clip(t / hold_s, 0, 1))
    creep = how.left * np.exp(-np.maximum(0, t - end_s) / how.creep_s)
    wave = held * (1 - (1 - creep) * np.sin(np.pi / 2 * down) ** 2)
    angle = (math.radians(how.tilt_deg) * strength * wave)[:, None]
    about, gravity = near(rng, how.about, how.wobble_deg / 2), s.posture
    bent = gravity * np.cos(angle) + np.cross(about, gravity) * np.sin(angle)
    s.add(at_s, bent + about * (about @ gravity) * (1 - np.cos(angle)) - gravity)
    if how.jolt_g:
        axis = near(rng, how.axis, how.wobble_deg)
        s.pulse(at_s, how.jolt_g * strength, axis, how.width_s, tilt=rng.uniform(0, 0.3))
        if how.twin:
            s.pulse(at_s + rng.uniform(0.2, 0.5), 0.7 * how.jolt_g * strength, axis, how.width_s, tilt=0.1)
    return at_s + hold_s


def _strength(shape: str, rng: np.random.Generator, share: float) -> float:
    rise = {"arch": 0.4 + 0.6 * math.sin(math.pi * share), "grows": 0.4 + 0.6 * share, "even": 1.0}[shape]
    return float(rise * max(0.5, 1 + 0.12 * rng.normal()))


def _spasms(s: Stage, t: float) -> float:
    """A cluster of contractions; between them the baby lies still, shifts, moves or cries."""
    rng, onset, end, how = s.rng, t, t, _contraction(s)
    count, every_s, cv = int(rng.integers(3, 16)), log_uniform(rng, 5, 20), rng.uniform(0.2, 0.5)
    shape = str(rng.choice(["arch", "grows", "even"], p=[0.5, 0.25, 0.25]))
    restless, cries, shifts = (rng.uniform(0, 0.7) * (rng.random() < p) for p in (0.4, 0.3, 0.3))
    for i in range(count):
        end = _contract(s, t, how, _strength(shape, rng, (i + 0.5) / count))
        s.labels.append((t, end - t, "contraction", "n/a"))
        free = end + how.fall_s + 0.3
        t = max(free + 0.7, t + float(np.clip(every_s * (1 + cv * rng.normal()), 3, 30)))
        if rng.random() < restless and t - free > 2:
            s.flail(free, rng.uniform(0.5, min(4, t - free - 0.5)), s.quiet_g * rng.uniform(3, 12), rng.uniform(0, 8))
        if rng.random() < cries and t - free > 2:
            s.rumble(free, t - free - 0.5, s.quiet_g * rng.uniform(0.5, 2), 0.8, rng.uniform(3, 8))
        if rng.random() < shifts:
            s.turn(free, rng.uniform(0.5, 6))
    s.labels.append((onset, end - onset, "spasm_cluster", str(count)))
    return end


def _spasms_after_waking(s: Stage, t: float) -> float:
    rng, waking = s.rng, t
    s.flail(t, rng.uniform(3, 8), s.quiet_g * rng.uniform(8, 25), rng.uniform(8, 60))
    t += rng.uniform(10, 120)
    s.flail(waking + 10, t - waking - 10, s.quiet_g * rng.uniform(1, 8), rng.uniform(0, 20))
    end = _spasms(s, t + rng.uniform(1, 15))
    s.labels.append((waking, end - waking, "awake", "n/a"))
    s.asleep_until = waking
    return end


def _squirming(s: Stage, t: float) -> float:
    """Brief movements of an awake baby, each its own way, held or not: no cluster."""
    rng, onset, end = s.rng, t, t + s.rng.uniform(120, 600)
    while t < end:
        how = _contraction(s)
        t = _contract(s, t, how, rng.uniform(0.3, 1.0)) + how.fall_s + rng.uniform(1, 20)
        if rng.random() < 0.5:
            s.turn(t - 0.5, rng.uniform(1, 30))
    s.labels.append((onset, t - onset, "movement", "squirming"))
    return t


def _stiffening(s: Stage, t: float) -> float:
    rng, length = s.rng, s.rng.uniform(5, 30)
    last = s.steps[-1][1] if s.steps else s.gravity0
    s.steps += [(t, turned(rng, last, rng.uniform(10, 40))), (t + length, last)]
    n = int(length * LINE_HZ)
    f = rng.uniform(8, 12) * (1 + 0.05 * np.interp(np.arange(n), np.linspace(0, n, 10), rng.normal(size=10)))
    s.add(t, np.outer(s.quiet_g * rng.uniform(2, 8) * np.sin(2 * np.pi * np.cumsum(f) / LINE_HZ), unit(rng)))
    s.labels.append((t, length, "stiffening", "n/a"))
    return t + length


def _turn_over(s: Stage, t: float) -> float:
    length = s.rng.uniform(2, 6)
    s.flail(t, length, s.quiet_g * s.rng.uniform(6, 20), s.rng.uniform(40, 170))
    s.labels.append((t, length, "movement", "turn_over"))
    return t + length


def _periodic(s: Stage, t: float) -> float:
    rng, onset = s.rng, t
    interval, axis, size = rng.uniform(15, 45), unit(rng), s.quiet_g * log_uniform(rng, 4, 20)
    for _ in range(int(rng.integers(6, 30))):
        s.pulse(t, size, near(rng, axis, 15), rng.uniform(0.5, 2.0), tilt=0.8)
        end, t = t + 2, t + interval * (1 + 0.12 * rng.normal())
    s.labels.append((onset, end - onset, "periodic_movements", "n/a"))
    return end


def _hiccups(s: Stage, t: float) -> float:
    rng, onset = s.rng, t
    interval, axis, size = rng.uniform(2, 12), unit(rng), s.quiet_g * log_uniform(rng, 5, 30)
    end = t + rng.uniform(180, 700)
    while t < end:
        s.pulse(t, size * (1 + 0.1 * rng.normal()), near(rng, axis, 8), 0.12)
        t += interval * (1 + 0.07 * rng.normal())
    s.labels.append((onset, t - onset, "hiccups", "n/a"))
    return t


def _handled(s: Stage, t: float, detail: str, inside: Callable[[float, float], None], length: float) -> float:
    """Picked up, something done by the carer, put down."""
    rng, up, down = s.rng, s.rng.uniform(3, 8), s.rng.uniform(3, 8)
    s.flail(t, up, rng.uniform(0.1, 0.3), rng.uniform(20, 90))
    inside(t + up, length)
    s.flail(t + up + length, down, rng.uniform(0.1, 0.3), rng.uniform(20, 90))
    s.labels.append((t, up + length + down, "handling", detail))
    return t + up + length + down


def _rocking(s: Stage, t: float) -> float:
    rng = s.rng
    hz, size = rng.uniform(0.6, 1.0), rng.uniform(0.03, 0.15)
    return _handled(s, t, "rocking", lambda a, n: s.sway(a, n, size, hz), rng.uniform(60, 400))


def _patting(s: Stage, t: float) -> float:
    rng = s.rng
    hz, size, axis = rng.uniform(1.5, 3), rng.uniform(0.03, 0.2), unit(rng)
    style = {"int_cv": rng.uniform(0.03, 0.12), "amp_cv": 0.25, "wobble_deg": 10.0, "slow": 1.0, "grow_s": 0.0}

    def pat(onset_s: float, length_s: float) -> None:
        t = onset_s
        while t < onset_s + length_s:
            t = s.train(t, rng.uniform(8, 40), size, hz, axis=axis, style=style) + rng.uniform(0.5, 6)

    return _handled(s, t, "patting", pat, rng.uniform(20, 200))


def _walking(s: Stage, t: float) -> float:
    rng = s.rng
    hz, size = rng.uniform(1.5, 2.0), rng.uniform(0.08, 0.3)

    def walk(a: float, n: float) -> None:
        s.sway(a, n, size, hz, harmonic=rng.uniform(0.3, 0.9), wander=0.03)
        s.sway(a, n, size * 0.5, hz / 2, wander=0.03)
        s.rumble(a, n, size * 0.15, 3, 12)

    return _handled(s, t, "walking", walk, rng.uniform(30, 300))


def _bassinet(s: Stage, t: float) -> float:
    length = s.rng.uniform(120, 900)
    s.sway(t, length, log_uniform(s.rng, 0.02, 0.15), s.rng.uniform(0.5, 3), harmonic=0.05, wander=0.0005)
    s.labels.append((t, length, "handling", "bassinet"))
    return t + length


def _ride(detail: str, low: tuple[float, float], high: tuple[float, float]) -> Callable[[Stage, float], float]:
    def ride(s: Stage, t: float) -> float:
        rng = s.rng
        size, lo, hi = log_uniform(rng, 0.02, 0.15), rng.uniform(*low), rng.uniform(*high)
        return _handled(s, t, detail, lambda a, n: s.rumble(a, n, size, lo, hi), rng.uniform(120, 900))

    return ride


def _head_banging(s: Stage, t: float) -> float:
    length = s.rng.uniform(30, 300)
    s.sway(t, length, s.rng.uniform(0.1, 0.4), s.rng.uniform(0.5, 2), harmonic=0.1, wander=0.03)
    s.labels.append((t, length, "movement", "head_banging"))
    return t + length


def _sucking(s: Stage, t: float) -> float:
    rng, onset, end = s.rng, t, t + s.rng.uniform(120, 600)
    while t < end:
        length = rng.uniform(1.5, 6)
        s.sway(t, length, s.quiet_g * rng.uniform(0.3, 1.5), rng.uniform(1.8, 2.4))
        t += length + rng.uniform(1, 5)
    s.labels.append((onset, t - onset, "movement", "sucking"))
    return t


def _off_body(s: Stage, t: float) -> float:
    end = min(t + s.rng.uniform(600, 1200), s.length_s)
    i, j = int(t * LINE_HZ), int(end * LINE_HZ)
    s.shake[i:j] = 0
    s.labels.append((t, end - t, "off_body", "n/a"))
    return end


def _nothing(_: Stage, t: float) -> float:
    return t


def _bursts(s: Stage, t: float) -> float:
    end = t + 600
    while t < end:
        s.burst(t)
        t += 12 + s.rng.exponential(60)
    return end


KINDS: dict[str, tuple[str, Callable[[Stage, float], float]]] = {
    "rhythmic_awake": ("awake", _rhythm),
    "rhythmic_moving": ("awake", _moving_rhythm),
    "rhythmic_unknown": ("unknown", _unknown_rhythm),
    "rhythmic_asleep": ("asleep", lambda s, t: _rhythm(s, t, 25, 180)),
    "spasm_cluster": ("awake", _spasms),
    "spasms_after_waking": ("asleep", _spasms_after_waking),
    "squirming": ("awake", _squirming),
    "persists_after_waking": ("asleep", lambda s, t: _series(s, t, persists=True)),
    "myoclonic_series": ("asleep", lambda s, t: _series(s, t, persists=False)),
    "stiffening": ("asleep", _stiffening),
    "turn_over": ("asleep", _turn_over),
    "periodic_movements": ("asleep", _periodic),
    "hiccups": ("asleep", _hiccups),
    "hiccups_awake": ("awake", _hiccups),
    "bursts": ("asleep", _bursts),
    "rocking": ("awake", _rocking),
    "patting": ("awake", _patting),
    "walking": ("awake", _walking),
    "bassinet": ("asleep", _bassinet),
    "pram": ("asleep", _ride("pram", (3, 5), (9, 12))),
    "car": ("asleep", _ride("car", (5, 7), (13, 18))),
    "head_banging": ("awake", _head_banging),
    "sucking": ("asleep", _sucking),
    "off_body": ("asleep", _off_body),
    "quiet": ("asleep", _nothing),
    "kicking": ("awake", _nothing),
}


def case(kind: str, seed: int) -> Case:
    """One stream of 20-45 minutes: awake, (asleep,) the happening, and what follows."""
    rng = np.random.default_rng([seed, sum(kind.encode())])
    state, happen = KINDS[kind]
    s = Stage(rng, 3600.0)
    wake_end = rng.uniform(240, 420)
    if state == "unknown" and rng.random() < 0.5:
        wake_end = 0.0
    else:
        s.state(0, wake_end, "awake")
    t = wake_end
    if state == "asleep":
        t = wake_end + rng.uniform(700, 1000)
    end = happen(s, t + (20 if state == "awake" else 0))
    wakes = kind in ("persists_after_waking", "myoclonic_series", "spasms_after_waking")
    if state == "asleep":
        s.state(wake_end, s.asleep_until or end, "asleep")
        s.state(end, end + 240, "awake" if wakes else "asleep")
    elif state == "unknown":
        s.state(end, end + 240, "awake")
    else:
        s.labels.append((wake_end, end - wake_end, "awake", "n/a"))
        s.state(end, end + 240, "awake")
    keep = min(len(s.time_s), int((end + 240) * LINE_HZ))
    s.length_s, s.time_s, s.shake = keep / LINE_HZ, s.time_s[:keep], s.shake[:keep]
    return s.record(f"third-{kind}-{seed}")


def cases(kind: str, n: int, seed: int) -> Iterator[Case]:
    """Streams of one kind."""
    for i in range(n):
        yield case(kind, seed + i)


SETTLING = (_rocking, _patting, _walking)


def night(seed: int) -> Case:
    """An ordinary night of 9-10 h with feeds, settling and every mimic, and no concerning pattern."""
    rng = np.random.default_rng([seed, 7])
    s = Stage(rng, rng.uniform(9, 10) * 3600)
    t = 0.0
    while t < s.length_s - 2400:
        onset = t
        t += rng.uniform(120, 900)
        awake_until = t
        for _ in range(int(rng.integers(1, 4))):
            t = SETTLING[int(rng.integers(3))](s, t) + rng.uniform(5, 60)
        s.state(onset, awake_until, "awake")
        s.labels.append((awake_until, t - awake_until, "awake", "settling"))
        onset, t = t, t + rng.uniform(300, 600)
        end = onset + rng.uniform(2400, 7200)
        while t < end:
            happen = [
                _bursts,
                _turn_over,
                _hiccups,
                _periodic,
                _sucking,
                _bassinet,
                KINDS["pram"][1],
                KINDS["car"][1],
                lambda s, t: _series(s, t, persists=False),
            ]
            chosen = int(rng.choice(len(happen), p=[0.35, 0.25, 0.08, 0.06, 0.08, 0.06, 0.03, 0.03, 0.06]))
            t = happen[chosen](s, t) + rng.uniform(60, 900)
        s.state(onset, min(t, s.length_s), "asleep")
    if t < s.length_s:
        s.state(t, s.length_s, "awake")
    return s.record(f"third-night-{seed}")


def nights(n: int, seed: int) -> Iterator[Case]:
    """Ordinary nights."""
    for i in range(n):
        yield night(seed + i)
