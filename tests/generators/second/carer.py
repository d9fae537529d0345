"""What others do to the baby: every way of being moved from outside. Each moves the clock by its whole length.

The baby goes on sleeping or waking meanwhile; the label `handling` spans from the first touch to the last.
"""

from collections.abc import Callable

import numpy as np

from .body import SIM_HZ, band_noise, lognormal, loguniform, pulses, unit, wander
from .case import Floats
from .clip import lie
from .ordinary import awake, sleep
from .scene import Scene

_RAISED_DEG = {
    "walking": (55.0, 95.0),
    "rocking": (10.0, 60.0),
    "patting": (50.0, 95.0),
    "pram": (0.0, 30.0),
    "car": (30.0, 55.0),
    "feeding": (20.0, 50.0),
}
"""How far the head is raised in each hold, or seat."""


def _samples(seconds: float) -> int:
    return max(8, round(seconds * SIM_HZ))


def _ramp(n: int, seconds: float) -> Floats:
    """Give 1 (n,) with soft ends."""
    i = np.arange(n)
    return np.asarray(np.clip(np.minimum(i, i[::-1]) / (seconds * SIM_HZ), 0, 1))


def touch(scene: Scene, seconds: float) -> None:
    """Touch, tuck in, change: irregular jolts and small turns."""
    rng, n = scene.rng, _samples(seconds)
    size = loguniform(rng, 0.02, 0.15)
    noise = np.stack([band_noise(rng, n, 0.3, loguniform(rng, 3, 9)) for _ in range(3)], axis=1)
    swell = np.abs(wander(rng, n, 0.7)) * _ramp(n, 0.3)
    scene.add(scene.now, 0.5 * size * noise * swell[:, None])
    scene.shift(scene.now, 0.8 * seconds, np.deg2rad(loguniform(rng, 1, 15)))
    scene.now += seconds


def lift(scene: Scene, raised_deg: tuple[float, float]) -> None:
    """Take the baby up, on its back: head raised by an angle between two, degrees."""
    angle = np.deg2rad(scene.rng.uniform(*raised_deg))
    _move_to(scene, np.array([0.0, np.sin(angle), np.cos(angle)]) + 0.25 * unit(scene.rng))


def lay_down(scene: Scene) -> None:
    """Lay the baby down to sleep."""
    scene.rest = lie(scene.rng)
    _move_to(scene, scene.rest)


def _move_to(scene: Scene, up: Floats) -> None:
    """Move the baby within 2 to 6 s: a heave, the hands' unrest, and the turn."""
    rng, seconds = scene.rng, scene.rng.uniform(2, 6)
    n = _samples(seconds)
    heave = np.sin(2 * np.pi * np.arange(n) / n) * rng.uniform(0.05, 0.25)
    shake = np.stack([band_noise(rng, n, 0.4, 6) for _ in range(3)], axis=1) * rng.uniform(0.02, 0.08)
    scene.add(scene.now, heave[:, None] * scene.up + shake * _ramp(n, 0.3)[:, None])
    scene.turn_to(scene.now, seconds, up / np.linalg.norm(up))
    scene.now += seconds


def carried(scene: Scene, seconds: float) -> None:
    """Lie in someone's arms (*over*): slow sway and small shifts of the grip."""
    n = _samples(seconds)
    sway = np.stack([wander(scene.rng, n, 1.2) for _ in range(3)], axis=1)
    scene.add(scene.now, np.zeros((1, 3)), np.deg2rad(scene.rng.uniform(0.5, 2)) * sway * _ramp(n, 1)[:, None])


def _rock(scene: Scene, seconds: float) -> float:
    """Rock at 0.67 to 0.95 Hz, very even: a swing of some degrees with the pull that goes with it."""
    rng, n, hz = scene.rng, _samples(seconds), scene.rng.uniform(0.67, 0.95)
    phase = 2 * np.pi * np.cumsum(hz * (1 + rng.uniform(0.01, 0.04) * wander(rng, n, 3))) / SIM_HZ
    wave = (np.sin(phase) + rng.uniform(0, 0.2) * np.sin(2 * phase + 1)) * _ramp(n, 3)
    wave *= np.clip(1 + rng.uniform(0.05, 0.2) * wander(rng, n, 5), 0.2, 2)
    angle, pull_g = np.deg2rad(loguniform(rng, 1, 9)), loguniform(rng, 0.01, 0.12)
    scene.add(scene.now, wave[:, None] * unit(rng) * pull_g, (wave * angle)[:, None] * scene.level_axis())
    return hz


def _pat(scene: Scene, seconds: float) -> float:
    """Pat at 1.5 to 3 Hz: blows of 30 to 80 ms on the trunk, in stretches with short pauses."""
    rng, hz = scene.rng, scene.rng.uniform(1.5, 3)
    spread, times = rng.uniform(0.03, 0.1), [0.0]
    often = loguniform(rng, 0.003, 0.05)
    while times[-1] < seconds - 1:
        pause = rng.uniform(0.8, 6) if rng.random() < often else 0.0
        times.append(times[-1] + pause + float(np.exp(spread * rng.normal())) / hz)
    count = len(times)
    vectors = (unit(rng) + 0.12 * rng.normal(size=(count, 3))) * np.exp(0.25 * rng.normal(size=(count, 1)))
    force = pulses(np.array(times), rng.uniform(0.03, 0.08, count), vectors, seconds)
    scene.push(scene.now, {"trunk": force}, loguniform(rng, 0.02, 0.3))
    return hz


def _bassinet(scene: Scene, seconds: float) -> float:
    """Be moved by a machine at 0.5 to 4.5 Hz: constant to a fraction of a percent; levels change at once."""
    rng, n, hz = scene.rng, _samples(seconds), loguniform(scene.rng, 0.5, 4.5)
    levels = np.ones(n)
    for at in np.flatnonzero(rng.random(int(seconds / 60)) < 0.2) * 60:
        levels[round(at * SIM_HZ) :] *= rng.choice((0.8, 1.25))
    phase = 2 * np.pi * np.cumsum(hz * levels * (1 + 0.002 * wander(rng, n, 5))) / SIM_HZ
    wave = (np.sin(phase) + rng.uniform(0, 0.25) * np.sin(3 * phase + rng.uniform(0, 6))) * _ramp(n, rng.uniform(1, 5))
    swing_g = min(0.15, rng.uniform(0.004, 0.02) * (2 * np.pi * hz) ** 2 / 9.8)
    motor = 0.001 * band_noise(rng, n, 15, 40) * _ramp(n, 1)
    tilt = (wave * np.deg2rad(rng.uniform(0, 2)))[:, None] * scene.level_axis()
    scene.add(scene.now, wave[:, None] * scene.level_axis() * swing_g + motor[:, None] * unit(rng), tilt)
    return hz


def _walk(scene: Scene, seconds: float) -> float:
    """Be carried upright: steps at 1.5 to 2 Hz with harmonics, sway at half of it, stops and turns."""
    rng, n, hz = scene.rng, _samples(seconds), scene.rng.uniform(1.5, 2.0)
    going = np.ones(n)
    for _ in range(rng.poisson(seconds / 40)):
        stop = round(rng.uniform(0, seconds) * SIM_HZ)
        going[stop : stop + round(rng.uniform(1, 8) * SIM_HZ)] = 0.1
    going = np.convolve(going, np.ones(60) / 60, mode="same") * _ramp(n, 1)
    phase = 2 * np.pi * np.cumsum(hz * (1 + 0.04 * wander(rng, n, 2))) / SIM_HZ
    share = rng.uniform(0.1, 0.5, 2)
    lilt = np.sin(phase) + share[0] * np.sin(2 * phase + 1) + 0.5 * share[1] * np.sin(3 * phase + 2)
    sway = np.sin(phase / 2 + 0.5)
    bounce_g = loguniform(rng, 0.04, 0.25)
    lilt = lilt * going * (1 + 0.15 * wander(rng, n, 2)) * bounce_g
    linear = lilt[:, None] * scene.up + (0.4 * bounce_g * sway * going)[:, None] * scene.level_axis()
    scene.add(scene.now, linear, (np.deg2rad(1.5) * sway * going)[:, None] * scene.level_axis())
    carried(scene, seconds)
    return hz


def _pram(scene: Scene, seconds: float) -> float:
    """Ride in a pram: broad shaking at 4 to 11 Hz, mostly vertical, as the ground is; kerbs and stops."""
    rng, n = scene.rng, _samples(seconds)
    low = rng.uniform(4, 6)
    going = (wander(rng, n, 25) > -1.1) * 1.0
    going = np.convolve(going, np.ones(180) / 180, mode="same") * np.exp(0.5 * wander(rng, n, 12)) * _ramp(n, 2)
    shake_g = loguniform(rng, 0.02, 0.15)
    up = band_noise(rng, n, low, rng.uniform(8, 11)) * going * shake_g
    side = band_noise(rng, n, 3, 9) * going * shake_g * 0.35
    push = 0.15 * shake_g * np.sin(2 * np.pi * np.cumsum(1.8 * (1 + 0.05 * wander(rng, n, 3))) / SIM_HZ) * going
    scene.add(scene.now, up[:, None] * scene.up + (side + push)[:, None] * scene.level_axis())
    kerbs = np.sort(rng.uniform(0, max(1, seconds - 2), rng.poisson(seconds / 40)))
    if len(kerbs):
        blows = pulses(kerbs, np.full(len(kerbs), 0.12), np.tile(scene.up, (len(kerbs), 1)), seconds)
        scene.push(scene.now, {"trunk": blows}, rng.uniform(0.1, 0.6))
    sway = np.stack([wander(rng, n, 4) for _ in range(3)], axis=1) * going[:, None]
    scene.add(scene.now, np.zeros((1, 3)), np.deg2rad(1.5) * sway)
    return 0.5 * (low + 10)


def _car(scene: Scene, seconds: float) -> float:
    """Ride in a car seat: shaking at 6 to 17 Hz, the body's own bounce near 1.5 Hz, braking, curves, stops."""
    rng, n = scene.rng, _samples(seconds)
    going = (wander(rng, n, 30) > -0.9) * 1.0
    going = np.convolve(going, np.ones(480) / 480, mode="same") * _ramp(n, 4)
    shake_g = loguniform(rng, 0.008, 0.05)
    road = band_noise(rng, n, 6, 17) * (0.1 + going * np.exp(0.4 * wander(rng, n, 15))) * shake_g
    bounce = band_noise(rng, n, 1.0, 2.2) * going * np.exp(0.5 * wander(rng, n, 6)) * shake_g * rng.uniform(0.3, 0.9)
    curve = np.stack([wander(rng, n, 4), wander(rng, n, 3)]) * going * 0.06
    ahead = scene.level_axis()
    side = np.cross(ahead, scene.up)
    vertical = (road + bounce)[:, None] * scene.up
    scene.add(scene.now, vertical + curve[0][:, None] * ahead + curve[1][:, None] * side + 0.4 * road[:, None] * side)
    return 11.0


_IN_ARMS = {"walking": 1.0, "rocking": 0.5, "patting": 0.35, "pram": 1.0, "car": 1.0, "bassinet": 0.0}
"""How often each begins with the baby being taken up (else with a touch)."""

_MOVE: dict[str, Callable[[Scene, float], float]] = {
    "rocking": _rock,
    "patting": _pat,
    "bassinet": _bassinet,
    "pram": _pram,
    "car": _car,
    "walking": _walk,
}
MIMICS = tuple(_MOVE)


def mimic(scene: Scene, which: str, seconds: float) -> None:
    """Be moved in one way for `seconds`, with the handling before and after it."""
    rng, onset = scene.rng, scene.now
    lifted = rng.random() < _IN_ARMS[which]
    touched = which != "bassinet" or rng.random() < 0.3
    if lifted:
        lift(scene, _RAISED_DEG[which])
    elif touched:
        touch(scene, rng.uniform(1, 6))
    scene.facts[f"{which}_hz"] = _MOVE[which](scene, seconds)
    if lifted and which not in {"walking", "pram", "car"}:
        carried(scene, seconds)
    _live(scene, seconds)
    if lifted:
        lay_down(scene)
    elif touched:
        touch(scene, rng.uniform(1, 6))
    scene.label(onset, scene.now - onset, "handling", which)


def _live(scene: Scene, seconds: float) -> None:
    """Let the baby do what it does meanwhile: sleep still, or move less than it would alone."""
    if scene.phase == "awake":
        awake(scene, seconds, activity=loguniform(scene.rng, 0.03, 0.5), moving=False)
    else:
        sleep(scene, seconds, calm=True)


def feed(scene: Scene) -> None:
    """Be fed in someone's arms, 8 to 25 min, with bursts of sucking, then held up and patted for a burp."""
    rng, onset = scene.rng, scene.now
    lift(scene, _RAISED_DEG["feeding"])
    seconds = rng.uniform(480, 1500)
    carried(scene, seconds)
    _swallow(scene, seconds)
    end = scene.now + seconds
    while (t := scene.now + rng.exponential(70)) < end - 5:
        scene.now = t
        touch(scene, rng.uniform(1, 4))
    scene.now = end
    scene.label(onset, scene.now - onset, "handling", "feeding")
    if rng.random() < 0.7:
        onset = scene.now
        lift(scene, _RAISED_DEG["patting"])
        burping = rng.uniform(30, 240)
        carried(scene, burping)
        _pat(scene, burping)
        _live(scene, burping)
        scene.label(onset, scene.now - onset, "handling", "patting")
    onset = scene.now
    lay_down(scene)
    scene.label(onset, scene.now - onset, "handling", "laid_down")


def _swallow(scene: Scene, seconds: float) -> None:
    """Suck for milk (*over*): about once a second, in long bursts."""
    rng, t, hz = scene.rng, 10.0, scene.rng.uniform(0.9, 1.3)
    vector, size = unit(rng), loguniform(rng, 0.7, 3)
    while t < seconds - 60:
        length = lognormal(rng, 15, 0.6, 4, 50)
        u = np.arange(_samples(length)) / SIM_HZ
        wave = np.sin(2 * np.pi * hz * u) * _ramp(len(u), 1)
        scene.push(scene.now + t, {"head": wave[:, None] * vector}, size * scene.quiet_g)
        t += length + lognormal(rng, 6, 0.7, 1.5, 60)


def change(scene: Scene) -> None:
    """Change the nappy: 1.5 to 5 min of being handled."""
    onset = scene.now
    for _ in range(int(scene.rng.integers(10, 30))):
        touch(scene, scene.rng.uniform(2, 8))
        scene.now += scene.rng.uniform(0, 4)
    scene.label(onset, scene.now - onset, "handling", "changing")
