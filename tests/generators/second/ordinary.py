"""What healthy babies do: sleep with its twitches, wakefulness, waking, and the rhythms of ordinary life.

Each function writes from `scene.now` on; those that lie over other behaviour (marked *over*) do not move the clock.
"""

import numpy as np

from .body import SIM_HZ, band_noise, lognormal, loguniform, pulses, restless, unit, wander
from .case import Floats
from .scene import PARTS, Phase, Scene

LIMBS = PARTS[1:5]
LEGS = PARTS[1:3]


def stop_at(seconds: float, *spans: float) -> float:
    """Shorten the first span so that it ends before `seconds`."""
    return max(0.3, min(spans[0], seconds))


def some_parts(scene: Scene, most: int) -> list[str]:
    """Draw one to `most` parts."""
    count = int(scene.rng.integers(1, most + 1))
    return [str(p) for p in scene.rng.choice(PARTS, count, replace=False)]


# --- sleep ---------------------------------------------------------------------------------------------------------


def sleep(scene: Scene, seconds: float, *, calm: bool = False, twitchy: float = 1.0) -> None:
    """Sleep on: active and quiet sleep take turns; unless `calm`, with twitches, startles and large movements."""
    end = scene.now + seconds
    while scene.now < end - 0.01:
        cycle = scene.baby.cycle_s
        active_share = 0.28 + 0.22 * float(np.exp(-scene.baby.age_months / 4))
        place = scene.sleep_clock_s % cycle
        active = place < active_share * cycle
        left = (active_share * cycle if active else cycle) - place + 0.01
        span = min(left, end - scene.now)
        phase: Phase = "active" if active else "quiet"
        if scene.phase != phase or scene.now == 0:
            scene.enter(phase)
        if not calm:
            _sleep_events(scene, span, active=active, twitchy=twitchy)
        scene.now += span
        scene.sleep_clock_s += span


def _sleep_events(scene: Scene, seconds: float, *, active: bool, twitchy: float) -> None:
    rng, baby = scene.rng, scene.baby
    startles_per_h = 24 * float(np.exp(-baby.age_months / 3)) * (0.15 if active else 1)
    rates = {
        twitch_bout: twitchy * baby.bouts_per_h * (1 if active else 0.12),
        startle: startles_per_h,
        large_movement: 4.0 if active else 0.9,
    }
    drawn = [(t, f) for f, rate in rates.items() for t in rng.uniform(0, seconds, rng.poisson(rate * seconds / 3600))]
    free = 0.0
    for t, happen in sorted(drawn, key=lambda item: item[0]):
        if t > free and t < seconds - 2:
            free = t + happen(scene, scene.now + t, seconds - t) + 2


def twitch_bout(scene: Scene, at_s: float, room_s: float) -> float:
    """Twitch (*over*): irregular jerks of changing limbs, each under 0.5 s, at most 10 s apart; give its length, s."""
    rng = scene.rng
    gaps = np.clip(loguniform(rng, 0.5, 2.5) * np.exp(0.8 * rng.normal(size=int(rng.geometric(0.22)))), 0.25, 10)
    times = np.concatenate([[0.0], np.cumsum(gaps)[:-1]])
    times = times[times < max(0.1, room_s - 1)]
    size = loguniform(rng, 2, 20)
    parts = some_parts(scene, 3)
    width = loguniform(rng, 0.06, 0.28)
    for t in times:
        force = pulses(np.zeros(1), np.array([width]), unit(rng)[None], width + 0.05)
        scene.push(at_s + t, {parts[int(rng.integers(len(parts)))]: force}, _jitter(rng, size, 0.4) * scene.quiet_g)
    length = float(times[-1]) + width + 0.1
    scene.label(at_s, length, "myoclonic_burst")
    return length


def _jitter(rng: np.random.Generator, value: float, spread: float) -> float:
    return float(value * np.exp(spread * rng.normal()))


def startle(scene: Scene, at_s: float, room_s: float) -> float:
    """Startle (*over*): one jolt of the whole body, arms out and slowly back; give its length, s."""
    length = stop_at(room_s, scene.rng.uniform(0.5, 1.8))
    _jolt(scene, at_s, loguniform(scene.rng, 6, 40), 0.25)
    slow = pulses(np.array([0.15]), np.array([length - 0.15]), unit(scene.rng)[None], length)
    scene.push(at_s, {"left_arm": slow, "right_arm": slow}, loguniform(scene.rng, 1, 6) * scene.quiet_g)
    scene.label(at_s, length, "myoclonic_burst", "startle")
    return length


def hypnic_jerk(scene: Scene, at_s: float) -> None:
    """Jerk once on falling asleep (*over*)."""
    width = scene.rng.uniform(0.075, 0.25)
    _jolt(scene, at_s, loguniform(scene.rng, 5, 30), width)
    scene.label(at_s, width + 0.15, "myoclonic_burst", "hypnic_jerk")


def _jolt(scene: Scene, at_s: float, size: float, width_s: float) -> None:
    force = pulses(np.zeros(1), np.array([width_s]), unit(scene.rng)[None], width_s + 0.05)
    scene.push(at_s, dict.fromkeys(("trunk", "left_arm", "right_arm"), force), size * scene.quiet_g)


def large_movement(scene: Scene, at_s: float, room_s: float) -> float:
    """Move the whole body, 3 to 30 s, often into another posture (*over*); give its length, s."""
    rng = scene.rng
    length = stop_at(room_s, lognormal(rng, 7, 0.6, 3, 30))
    wriggle(scene, at_s, length, scene.baby.vigour_g * loguniform(rng, 0.3, 1.2))
    if rng.random() < 0.75:
        scene.shift(at_s + 0.2 * length, 0.5 * length, np.deg2rad(loguniform(rng, 3, 60)))
    scene.label(at_s, length, "movement")
    return length


# --- waking and wakefulness ----------------------------------------------------------------------------------------


def wriggle(scene: Scene, at_s: float, seconds: float, peak_g: float) -> None:
    """Move irregularly (*over*): noise of the muscles, with kicks and blows among it."""
    rng = scene.rng
    forces: dict[str, Floats] = {}
    for part in some_parts(scene, 4):
        force = restless(rng, seconds, loguniform(rng, 0.8, 4))
        if rng.random() < 0.5:
            gaps = rng.gamma(2.0, rng.uniform(0.25, 0.7), 2 + int(seconds * 2))
            times = np.cumsum(gaps)
            times = times[times < seconds - 0.4]
            vectors = unit(rng) * rng.gamma(2.0, 1.5, (len(times), 1)) + 0.5 * rng.normal(size=(len(times), 3))
            force += pulses(times, rng.uniform(0.2, 0.45, len(times)), vectors, len(force) / SIM_HZ)
        forces[part] = force
    scene.push(at_s, forces, peak_g)


def arouse(scene: Scene) -> None:
    """Wake: 2 to 10 s of movement, often another posture; awake from its first moment."""
    rng = scene.rng
    length = rng.uniform(2, 10)
    scene.enter("awake")
    wriggle(scene, scene.now, length, scene.baby.vigour_g * loguniform(rng, 0.5, 1.5))
    if rng.random() < 0.8:
        scene.shift(scene.now, length, np.deg2rad(loguniform(rng, 4, 60)))
    scene.label(scene.now, length, "movement", "arousal")
    scene.now += length


def awake(scene: Scene, seconds: float, *, activity: float = 1.0, moving: bool = True) -> None:
    """Be awake: bouts of irregular movement of seconds, short rests, posture in steps, crying at times."""
    rng, end = scene.rng, scene.now + seconds
    if scene.phase != "awake" or scene.now == 0:
        scene.enter("awake")
    if activity > 0.9 and seconds > 120 and rng.random() < 0.3:
        _cry(scene, seconds)
    onset, last = scene.now, scene.now
    rest_s = loguniform(rng, 1, 4)
    t = scene.now + rng.uniform(0, 3)
    while t < end - 1:
        length = stop_at(end - t, lognormal(rng, 5, 0.8, 0.8, 45))
        wriggle(scene, t, length, activity * lognormal(rng, scene.baby.vigour_g, 0.6, 0.01, 1.0))
        if moving and rng.random() < 0.6:
            angle = min(90.0, rng.exponential(7)) if rng.random() < 0.93 else rng.uniform(20, 90)
            scene.shift(t, length, np.deg2rad(angle))
        if t - last > 5:
            scene.label(onset, last - onset, "movement", "restless")
            onset = t
        last = t + length
        t = last + lognormal(rng, rest_s, 0.9, 0.1, 60) / max(0.3, activity)
    if last > onset:
        scene.label(onset, last - onset, "movement", "restless")
    scene.now = end


def _cry(scene: Scene, seconds: float) -> None:
    rng = scene.rng
    length = rng.uniform(15, min(180, 0.6 * seconds))
    onset = scene.now + rng.uniform(0, seconds - length)
    scene.cry(onset, length, rng.uniform(0.7, 1.2))
    scene.label(onset, length, "movement", "crying")


def settle(scene: Scene, seconds: float) -> None:
    """Fall asleep: movement ebbs over `seconds`; asleep at its end, at times with a hypnic jerk."""
    for activity in (0.7, 0.4, 0.15):
        awake(scene, seconds / 3, activity=activity)
    sleep(scene, 40, calm=True)
    if scene.rng.random() < 0.35:
        hypnic_jerk(scene, scene.now - scene.rng.uniform(5, 38))


def turn_over(scene: Scene) -> None:
    """Roll from one side to another: 60 to 180 degrees about the long axis within 1 to 4 s, with effort before."""
    rng = scene.rng
    effort, roll, after = rng.uniform(0.5, 5), rng.uniform(1, 4), rng.uniform(0.5, 4)
    wriggle(scene, scene.now, effort + roll + after, scene.baby.vigour_g * loguniform(rng, 0.6, 2))
    axis = np.array([0.0, 1.0, 0.0]) + 0.25 * rng.normal(size=3)
    angle = np.deg2rad(rng.uniform(60, 180)) * rng.choice((-1, 1))
    scene.turn(scene.now + effort, roll, axis / np.linalg.norm(axis), float(angle))
    scene.rest = scene.up
    scene.label(scene.now, effort + roll + after, "movement", "turn_over")
    scene.now += effort + roll + after


# --- rhythms of ordinary life --------------------------------------------------------------------------------------


def periodic_movements(scene: Scene, count: int) -> float:
    """Move the legs every 10 to 90 s (*over*); give the length of the run, s."""
    rng = scene.rng
    interval = loguniform(rng, 13, 60)
    spread = loguniform(rng, 0.05, 0.2)
    gaps = np.clip(interval * np.exp(spread * rng.normal(size=count)), 10, 90)
    size, strokes, width = loguniform(rng, 2, 15), int(rng.integers(1, 4)), rng.uniform(0.4, 1.4)
    vector, parts = unit(rng), LEGS if rng.random() < 0.4 else LEGS[:1]
    onset, length = scene.now + 2, 0.0
    for t in np.cumsum(gaps) - gaps[0]:
        times = np.arange(strokes) * width * rng.uniform(0.7, 1.1)
        length = float(times[-1]) + width
        vectors = np.tile(vector, (strokes, 1)) + 0.2 * rng.normal(size=(strokes, 3))
        force = pulses(np.asarray(times, dtype=float), np.full(strokes, width), vectors, length + 0.1)
        scene.push(onset + t, dict.fromkeys(parts, force), _jitter(rng, size, 0.25) * scene.quiet_g)
    run = float(np.sum(gaps) - gaps[0]) + length
    scene.label(onset, run, "periodic_movements")
    scene.facts |= {"size": size, "interval_s": interval, "count": float(count)}
    return run + 4


def hiccups(scene: Scene, seconds: float) -> float:
    """Hiccup (*over*): jolts of about 0.3 s at a steady interval of 2 to 15 s; give the length of the bout, s."""
    rng = scene.rng
    interval, spread = loguniform(rng, 2, 15), rng.uniform(0.04, 0.12)
    times = np.cumsum(interval * np.exp(spread * rng.normal(size=max(3, int(seconds / interval)))))
    size, vector = loguniform(rng, 2, 15), unit(rng)
    for t in times:
        width = rng.uniform(0.2, 0.35)
        if rng.random() > 0.06:
            force = pulses(np.zeros(1), np.array([width]), (vector + 0.1 * rng.normal(size=3))[None], width + 0.05)
            scene.push(scene.now + t, {"trunk": force}, _jitter(rng, size, 0.2) * scene.quiet_g)
    scene.label(scene.now + times[0], times[-1] - times[0] + 0.4, "hiccups")
    scene.facts |= {"size": size, "interval_s": interval, "count": float(len(times))}
    return float(times[-1]) + 1


def sucking(scene: Scene, seconds: float) -> None:
    """Suck on a dummy or thumb (*over*): bursts of small waves near 2.1 Hz, shorter the older the baby."""
    rng, t, onset = scene.rng, 0.0, scene.now
    typical_s = float(np.interp(scene.baby.age_months, [3, 12], [4.7, 1.7]))
    hz, size = 2.1 * lognormal(rng, 1, 0.1, 0.75, 1.3), loguniform(rng, 0.7, 4)
    vector = unit(rng)
    while t < seconds:
        length = lognormal(rng, typical_s, 0.45, 1, 15)
        u = np.arange(round(length * SIM_HZ)) / SIM_HZ
        wave = np.sin(2 * np.pi * hz * _jitter(rng, 1, 0.04) * (u - 0.006 * u * u)) * np.sin(np.pi * u / length) ** 0.5
        scene.push(onset + t, {"head": wave[:, None] * vector}, _jitter(rng, size, 0.2) * scene.quiet_g)
        t += length + lognormal(rng, 4, 0.7, 1, 40)
    scene.label(onset, t, "movement", "sucking")
    scene.facts |= {"size": size, "frequency_hz": hz}


def kicking(scene: Scene, at_s: float, count: int) -> float:
    """Kick (*over*): strokes of 0.23 to 0.33 s at irregular intervals, of one leg, both or in turn; give its length."""
    rng = scene.rng
    hz, spread = rng.uniform(0.7, 2.5), rng.uniform(0.2, 0.6)
    gaps = np.maximum(rng.gamma(spread**-2, spread**2 / hz, count), 0.25)
    times = np.cumsum(gaps) - gaps[0]
    total = float(times[-1]) + 0.5
    vectors = unit(rng) * rng.gamma(6, 1 / 6, (count, 1)) + 0.25 * rng.normal(size=(count, 3))
    widths = rng.uniform(0.23, 0.33, count)
    left = rng.random(count) < rng.choice((0.5, 1.0))
    forces = {
        leg: pulses(times[which], widths[which], vectors[which], total)
        for leg, which in zip(LEGS, (left, ~left), strict=True)
        if which.any()
    }
    scene.push(at_s, forces, scene.baby.vigour_g * loguniform(rng, 0.7, 2.5))
    if rng.random() < 0.6:
        scene.shift(at_s, total, np.deg2rad(min(40.0, rng.exponential(6))))
    scene.label(at_s, total, "movement", "kicking")
    return total


def head_banging(scene: Scene, seconds: float) -> None:
    """Rock the body or bang the head (*over*): large waves at 0.5 to 2 Hz, in bouts, with or without the blow."""
    rng, t, hz = scene.rng, 0.0, loguniform(scene.rng, 0.5, 2)
    axis, vector = scene.level_axis(), unit(rng)
    angle, swing_g = np.deg2rad(rng.uniform(2, 12)), loguniform(rng, 0.03, 0.3)
    blow_g = loguniform(rng, 0.05, 0.6) if rng.random() < 0.5 else 0.0
    paused = rng.random() < 0.5
    while t < seconds:
        length = stop_at(seconds - t, rng.uniform(10, 90) if paused else seconds)
        n = round(length * SIM_HZ)
        cycles = np.cumsum(hz * (1 + 0.05 * wander(rng, n, 2))) / SIM_HZ
        ramp = np.clip(np.minimum(np.arange(n), np.arange(n)[::-1]) / (1.5 * SIM_HZ), 0, 1)
        wave = np.sin(2 * np.pi * cycles) * ramp * (1 + 0.12 * wander(rng, n, 2))
        scene.add(scene.now + t, wave[:, None] * vector * swing_g, (wave * angle)[:, None] * axis)
        blows = np.flatnonzero(np.diff(np.floor(cycles)) > 0) / SIM_HZ
        if blow_g and len(blows):
            vectors = -vector * rng.gamma(8, 1 / 8, (len(blows), 1))
            scene.push(scene.now + t, {"head": pulses(blows, np.full(len(blows), 0.05), vectors, length)}, blow_g)
        scene.label(scene.now + t, length, "movement", "head_banging")
        t += length + rng.uniform(3, 20)
    scene.facts |= {"frequency_hz": hz}


def jitteriness(scene: Scene, at_s: float, seconds: float) -> None:
    """Jitter (*over*): small waves of 6 to 10 Hz that swell and stop."""
    rng = scene.rng
    hz, n = rng.uniform(6, 10), round(seconds * SIM_HZ)
    phase = 2 * np.pi * np.cumsum(hz * (1 + 0.03 * wander(rng, n, 1))) / SIM_HZ
    wave = np.sin(phase) * np.sin(np.pi * np.arange(n) / n) ** 0.5 * (1 + 0.2 * wander(rng, n, 1))
    wave += 0.1 * band_noise(rng, n, 5, 12)
    size = loguniform(rng, 1.5, 8)
    scene.push(at_s, dict.fromkeys(some_parts(scene, 2), wave[:, None] * unit(rng)), size * scene.quiet_g)
    scene.label(at_s, seconds, "movement", "jitteriness")
    scene.facts |= {"size": size, "frequency_hz": hz}
