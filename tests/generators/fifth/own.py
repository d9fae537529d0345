"""What a baby does of itself: single movements, and what it goes on with."""

from collections.abc import Iterator

import numpy as np
from scipy.signal import butter, sosfilt

from .body import LEGS, Stream
from .processes import FS, Span, hawkes, log_uniform, oscillation, renewal, resonator, unit, wander


def squirm(s: Stream, span: Span, peak_g: float, tilt_deg: float) -> None:
    """Whole-body movement: band noise in a swelling envelope, with leaning that returns."""
    rows = s.rows(span)
    n = rows.stop - rows.start
    if n < 30:
        return
    sos = butter(2, (0.3, s.rng.uniform(2, 6)), "bandpass", fs=FS, output="sos")
    noise = sosfilt(sos, s.rng.normal(size=(n + 200, 3)), axis=0)[200:] @ s.rng.normal(size=(3, 3))
    swell = np.sin(np.linspace(0, np.pi, n))[:, None] ** 0.5
    noise *= swell * np.exp(0.5 * wander(s.rng, n, 1.5))
    s.own[rows] += noise * peak_g / max(1e-9, float(np.percentile(np.linalg.norm(noise, axis=1), 95)))
    s.lean[rows] += np.tan(np.radians(tilt_deg)) * swell * wander(s.rng, n, s.rng.uniform(0.8, 3), 3) / 1.7


def turn_over(s: Stream, at_s: float, angle_deg: float | None = None, detail: str = "turn_over") -> float:
    """Turn the whole body; give the time at which it lies again."""
    span = (at_s, at_s + s.rng.uniform(2, 9))
    tries = s.rng.integers(1, 3)
    angle = s.rng.uniform(30, 165) if angle_deg is None else angle_deg
    for i in range(tries):
        s.turn(at_s + i * 0.5 * (span[1] - at_s), (span[1] - at_s) / (tries + 0.5), angle / tries)
    squirm(s, span, s.usual_g * s.rng.uniform(0.3, 1), s.rng.uniform(2, 10))
    for at in hawkes(s.rng, span, 0.5, 0.3, 0.4):
        s.hit(s.limbs[s.rng.integers(6)], at, s.usual_g * s.rng.lognormal(-0.5, 0.5))
    s.label(span, "movement", detail)
    return span[1]


def arousal(s: Stream, at_s: float, detail: str = "arousal") -> float:
    """2-10 s of mixed movement, often with a change of posture."""
    span = (at_s, at_s + log_uniform(s.rng, 2, 10))
    squirm(s, span, s.usual_g * s.rng.uniform(0.3, 1.2), s.rng.uniform(2, 12))
    for at in hawkes(s.rng, span, s.rng.uniform(0.3, 1.2), 0.4, 0.4):
        s.hit(s.limbs[s.rng.integers(6)], at, s.usual_g * s.rng.lognormal(-0.4, 0.5))
    if s.rng.random() < 0.6:
        s.turn(at_s, span[1] - at_s, s.rng.uniform(3, 30))
    s.label(span, "movement", detail)
    return span[1]


def twitches(s: Stream, at_s: float, limit_s: float) -> float:
    """One burst of twitches of one limb or two, at most 10 s; give its end."""
    limb = s.limbs[s.rng.integers(6)]
    other = s.limbs[s.rng.integers(6)] if s.rng.random() < 0.3 else limb
    size = log_uniform(s.rng, 2.5, 20)
    at, last = at_s, at_s
    for _ in range(1 + s.rng.poisson(s.rng.choice([0, 1, 4, 8]))):
        s.hit(limb if s.rng.random() < 0.7 else other, at, size * s.quiet_g * s.rng.lognormal(0, 0.35))
        last = at
        at += float(np.clip(s.rng.gamma(1.5, 0.5), 0.12, 2.8))
        if at > min(at_s + 9.4, limit_s - 0.5):
            break
    s.label((at_s, last + 0.4), "myoclonic_burst")
    return last + 0.4


def startle(s: Stream, at_s: float) -> float:
    """One jerk of all limbs at nearly the same time, and a short settling."""
    for limb in s.limbs:
        s.hit(limb, at_s + s.rng.uniform(0, 0.06), s.usual_g * limb.coupling * s.rng.lognormal(0, 0.3))
    squirm(s, (at_s + 0.1, at_s + s.rng.uniform(0.6, 2)), 0.2 * s.usual_g, 2)
    s.label((at_s, at_s + 0.9), "movement", "startle")
    return at_s + 2.0


def sigh(s: Stream, at_s: float) -> float:
    lasts_s = s.rng.uniform(2, 4)
    rows = s.rows((at_s, at_s + lasts_s))
    breath = np.sin(np.linspace(0, 2 * np.pi, rows.stop - rows.start)) * np.sin(
        np.linspace(0, np.pi, rows.stop - rows.start)
    )
    s.lean[rows] += s.rng.uniform(0.005, 0.03) * breath[:, None] * unit(s.rng)
    return at_s + lasts_s


def vigours(s: Stream, span: Span, restless: float) -> Iterator[tuple[Span, float]]:
    """Hidden Markov chain of vigour: spans with levels 0 (rest) to 2 (storm)."""
    at_s, level = span[0], 0
    dwell_s = (12 / restless, 5.0, 6.0, 4.0)
    while at_s < span[1]:
        until_s = min(span[1], at_s + float(np.clip(s.rng.exponential(dwell_s[level]), 1.0, 60)))
        yield (at_s, until_s), (0.0, 0.3, 1.0, 2.0)[level]
        at_s = until_s
        level = int(s.rng.choice([i for i in range(4) if i != level], p=s.rng.dirichlet((1.5, 1.5, 1.0))))


def stir(s: Stream, span: Span, detail: str, restless: float = 1.0) -> None:
    """Restless movement of changing limbs, vigour and direction; bouts less than 3 s apart share a label."""
    bouts: list[Span] = []
    for part, vigour in vigours(s, span, restless):
        if vigour == 0 or part[1] - part[0] < 0.5:
            continue
        size_g = max(vigour * s.usual_g, 2 * s.quiet_g)
        active = s.rng.permutation(6)[: s.rng.integers(1, 6)]
        for limb in (s.limbs[i] for i in active):
            times = hawkes(s.rng, part, s.rng.uniform(0.1, 0.6), s.rng.uniform(0.2, 0.6), log_uniform(s.rng, 0.25, 1.0))
            for at_s in times:
                s.hit(limb, at_s, size_g * limb.coupling * s.rng.lognormal(0, 0.5))
        squirm(s, part, size_g * s.rng.uniform(0.2, 0.8), vigour * s.rng.uniform(2, 12))
        if s.rng.random() < 0.35:
            s.turn(part[0], max(0.8, 0.6 * (part[1] - part[0])), vigour * s.rng.uniform(3, 25))
        bouts = [*bouts[:-1], (bouts[-1][0], part[1])] if bouts and part[0] - bouts[-1][1] < 3 else [*bouts, part]
    for bout in bouts:
        s.label(bout, "movement", detail)


def kick(s: Stream, span: Span, detail: str = "kicking") -> None:
    """Bouts of one or two legs: nearly rhythmic, with a rate that wanders and kicks left out; other limbs join."""
    at_s = span[0]
    while at_s < span[1] - 2:
        bout = (at_s, min(span[1], at_s + log_uniform(s.rng, 2, 20)))
        legs = [s.limbs[i] for i in s.rng.permutation(LEGS)[: s.rng.integers(1, 3)]]
        hz, cv, size_g = s.rng.uniform(0.5, 3), s.rng.uniform(0.25, 0.6), s.usual_g * s.rng.lognormal(0, 0.4)
        for at in renewal(s.rng, bout, 1 / hz, cv):
            if s.rng.random() > 0.15:
                leg = legs[s.rng.integers(len(legs))]
                s.hit(leg, at, size_g * leg.coupling * s.rng.lognormal(0, 0.5))
        for at in hawkes(s.rng, bout, 0.3, 0.3, 0.5):
            s.hit(s.limbs[s.rng.integers(6)], at, 0.6 * size_g * s.rng.lognormal(0, 0.5))
        squirm(s, bout, 0.25 * size_g, s.rng.uniform(0.5, 5))
        if s.rng.random() < 0.3:
            s.turn(bout[0], 2.0, s.rng.uniform(2, 15))
        s.label(bout, "movement", detail)
        at_s = bout[1] + log_uniform(s.rng, 1, 40)


def suckle(s: Stream, span: Span) -> None:
    """Bursts of sucking at 2.1 Hz with pauses; the jaw moves the head a little."""
    hz, size_g = s.rng.normal(2.1, 0.15), s.quiet_g * log_uniform(s.rng, 0.8, 5)
    way = unit(s.rng)
    at_s = span[0]
    while at_s < span[1] - 2:
        burst = (at_s, min(span[1], at_s + s.rng.gamma(4, 1.2) + 1))
        rows = s.rows(burst)
        n = rows.stop - rows.start
        phase = oscillation(s.rng, n, hz, 0.06)
        swell = np.sin(np.linspace(0, np.pi, n)) ** 0.4
        s.own[rows] += (size_g * swell * (np.sin(phase) + 0.25 * np.sin(2 * phase)))[:, None] * way
        at_s = burst[1] + s.rng.gamma(2, 2.0) + 0.8


def suck(s: Stream, span: Span) -> None:
    suckle(s, span)
    s.label(span, "movement", "sucking")


def cry(s: Stream, span: Span) -> None:
    """Phrases of sobs at about 1 Hz: the breath shakes the whole body, limbs flail."""
    at_s, trunk = span[0], s.limbs[5]
    while at_s < span[1] - 3:
        phrase = (at_s, min(span[1], at_s + log_uniform(s.rng, 5, 60)))
        for at in renewal(s.rng, phrase, 1 / s.rng.uniform(0.7, 1.4), s.rng.uniform(0.1, 0.3)):
            s.hit(trunk, at, s.usual_g * s.rng.lognormal(-0.2, 0.35))
            rows = s.rows((at, at + s.rng.uniform(0.4, 0.8)))
            n = rows.stop - rows.start
            shake = resonator(s.rng, n, s.rng.uniform(5, 10), 3) if n else np.zeros((0, 1))
            s.own[rows] += 0.2 * s.usual_g * np.hanning(n)[:, None] * shake * trunk.direction
        for limb in s.limbs[:4]:
            for at in hawkes(s.rng, phrase, s.rng.uniform(0.1, 0.8), 0.4, 0.4):
                s.hit(limb, at, s.usual_g * limb.coupling * s.rng.lognormal(0, 0.5))
        squirm(s, phrase, 0.4 * s.usual_g, s.rng.uniform(1, 6))
        at_s = phrase[1] + log_uniform(s.rng, 0.8, 15)
    s.label(span, "movement", "crying")


def bang(s: Stream, span: Span) -> None:
    """Rocking on all fours or banging the head: large, rhythmic, own will, with breaks."""
    hz, head, way = s.rng.uniform(0.5, 2), s.limbs[4], unit(s.rng)
    size_g, share = max(log_uniform(s.rng, 0.05, 0.4), 4 * s.quiet_g), s.rng.uniform(0, 0.8)
    at_s = span[0]
    while at_s < span[1] - 5:
        bout = (at_s, min(span[1], at_s + log_uniform(s.rng, 10, 200)))
        rows = s.rows(bout)
        phase = oscillation(s.rng, rows.stop - rows.start, hz, 0.05)
        level = np.exp(0.2 * wander(s.rng, len(phase), 4)[:, 0]) * np.clip(np.hanning(len(phase)) * 8, 0, 1)
        s.own[rows] += size_g * (1 - share) * (level * np.sin(phase))[:, None] * way
        s.lean[rows] += np.radians(s.rng.uniform(1, 8)) * (level * np.sin(phase - 1))[:, None] * unit(s.rng)
        for row in np.flatnonzero(np.diff(np.floor(phase / 2 / np.pi)) > 0):
            s.hit(head, bout[0] + row / FS, size_g * share * level[row] * s.rng.lognormal(0, 0.2))
        s.label(bout, "movement", "head_banging")
        at_s = bout[1] + log_uniform(s.rng, 3, 30)


def tremble(s: Stream, span: Span) -> None:
    """Jitteriness: fine tremor of a limb at 6 Hz or more, set off by movement."""
    for at in renewal(s.rng, span, 25.0, 0.7):
        bout = (at, at + log_uniform(s.rng, 1, 10))
        rows = s.rows(bout)
        phase = oscillation(s.rng, rows.stop - rows.start, s.rng.uniform(6, 10), 0.03)
        level = np.hanning(len(phase)) ** 0.5 * np.exp(0.2 * wander(s.rng, len(phase), 1)[:, 0])
        size_g = s.quiet_g * log_uniform(s.rng, 1.5, 8)
        s.own[rows] += size_g * (level * np.sin(phase))[:, None] * s.limbs[s.rng.integers(4)].direction
        s.hit(s.limbs[s.rng.integers(6)], at, 2 * size_g)
        s.label(bout, "movement", "jitteriness")
