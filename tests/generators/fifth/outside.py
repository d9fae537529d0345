"""What moves a baby from outside: carers, their devices, vehicles."""

from collections.abc import Callable

import numpy as np
from scipy.signal import iirpeak, lfilter

from .body import LEGS, Stream
from .own import squirm, suckle
from .processes import FS, Floats, Span, hawkes, log_uniform, oscillation, renewal, resonator, turned, unit, wander


def sway(s: Stream, span: Span, tilt_deg: float) -> None:
    """Arms that hold: leaning to and fro, and the carer's own small movements."""
    rows = s.rows(span)
    n = rows.stop - rows.start
    fade = np.clip(np.minimum(np.arange(n), np.arange(n)[::-1]) / FS, 0, 1)[:, None]
    s.lean[rows] += np.tan(np.radians(tilt_deg)) * fade * wander(s.rng, n, s.rng.uniform(1, 4), 3)
    tissue = resonator(s.rng, n, s.rng.uniform(1, 4), 0.7, 3)
    s.outside[rows] += log_uniform(s.rng, 1e-3, 8e-3) * fade * tissue * np.exp(0.5 * wander(s.rng, n, 5))


def rock(
    s: Stream, span: Span, low_hz: float = 0.6, high_hz: float = 1.0, loose: float = 0.02, largest_g: float = 0.15
) -> None:
    """To and fro of a narrow frequency: acceleration along one axis, and a lean about another."""
    rows = s.rows(span)
    n = rows.stop - rows.start
    phase = oscillation(s.rng, n, log_uniform(s.rng, low_hz, high_hz), loose)
    fade = np.clip(np.minimum(np.arange(n), np.arange(n)[::-1]) / FS / 3, 0, 1) * np.exp(
        0.15 * wander(s.rng, n, 10)[:, 0]
    )
    size_g, tilt = log_uniform(s.rng, 0.01, largest_g), np.radians(s.rng.uniform(0.2, 40 * largest_g))
    wave = np.sin(phase) + s.rng.uniform(0, 0.3) * np.sin(2 * phase + s.rng.uniform(0, 6))
    s.outside[rows] += size_g * (fade * wave)[:, None] * unit(s.rng)
    s.lean[rows] += tilt * (fade * np.sin(phase + s.rng.uniform(0, 6)))[:, None] * unit(s.rng)


def impacts(s: Stream, span: Span, hz: float, cv: float, peak_g: float, way: Floats) -> None:
    """Impacts that ring through flesh and cloth: gait, pats."""
    decay_s, ring_hz = s.rng.uniform(0.04, 0.12), s.rng.uniform(3, 9)
    x = np.arange(round(FS * 6 * decay_s)) / FS
    kernel = np.sin(2 * np.pi * ring_hz * x) * np.exp(-x / decay_s)
    rows = s.rows(span)
    train = np.zeros((rows.stop - rows.start, 3))
    for at in renewal(s.rng, span, 1 / hz, cv):
        at_row = min(len(train) - 1, round((at - span[0]) * FS))
        train[at_row] += peak_g * s.rng.lognormal(0, 0.15) * turned(s.rng, way, s.rng.normal(0, 8))
    s.outside[rows] += lfilter(kernel / np.abs(kernel).max(), [1.0], train, axis=0)


def pat(s: Stream, span: Span, *, felt_hand: bool) -> None:
    """Runs of pats from one side; in some, the hand is felt before it pats."""
    way, hz, peak_g = unit(s.rng), s.rng.uniform(1.5, 3.2), max(log_uniform(s.rng, 0.01, 0.2), 2 * s.quiet_g)
    at_s = span[0]
    if felt_hand:
        squirm(s, (at_s, at_s + 3), s.usual_g * 0.3, s.rng.uniform(1, 5))
        at_s += s.rng.uniform(2, 5)
    while at_s < span[1] - 3:
        run = (at_s, min(span[1], at_s + log_uniform(s.rng, 6, 90)))
        impacts(s, run, hz * s.rng.lognormal(0, 0.05), s.rng.uniform(0.02, 0.12), peak_g, way)
        at_s = run[1] + log_uniform(s.rng, 1, 15)


def patting(s: Stream, span: Span) -> None:
    s.facts["felt_hand"] = felt = bool(s.rng.random() < 0.5)
    plain(s, span, "patting", lambda s, span: pat(s, span, felt_hand=felt))


def step(s: Stream, span: Span) -> None:
    """Gait of the carer: jittered heel strikes along gravity, swaying at half the rate, with turns and halts."""
    hz, peak_g = s.rng.uniform(1.5, 2.0), log_uniform(s.rng, 0.04, 0.3)
    at_s = span[0]
    while at_s < span[1] - 3:
        leg = (at_s, min(span[1], at_s + log_uniform(s.rng, 5, 90)))
        impacts(s, leg, hz * s.rng.lognormal(0, 0.03), s.rng.uniform(0.02, 0.08), peak_g, s.up(at_s))
        rock(s, leg, hz / 2, hz / 2 * 1.01, 0.03, max(0.02, 0.3 * peak_g))
        s.turn(leg[1], 1.5, s.rng.uniform(1, 10))
        at_s = leg[1] + s.rng.exponential(3)
    sway(s, span, s.rng.uniform(1, 4))


def ride(s: Stream, span: Span, low_hz: float, high_hz: float) -> None:
    """A road through a suspension: noise at its resonance, joints of the paving, halts, curves."""
    rows = s.rows(span)
    n = rows.stop - rows.start
    up = s.up(span[0])
    road = resonator(s.rng, n, s.rng.uniform(low_hz, high_hz), s.rng.uniform(0.7, 3), 3)
    road[:, 1:] *= s.rng.uniform(0.1, 0.5)
    road += 0.5 * resonator(s.rng, n, s.rng.uniform(1, 2), 1.5, 3)
    axes = np.stack([up, turned(s.rng, up, 90), unit(s.rng)])
    speed = np.zeros(n)
    at_s = 0.0
    while at_s < n / FS:
        drive_s, halt_s = log_uniform(s.rng, 20, 300), log_uniform(s.rng, 2, 40)
        speed[int(at_s * FS) : int((at_s + drive_s) * FS)] = s.rng.uniform(0.5, 1)
        at_s += drive_s + halt_s
    speed = lfilter([0.005], [1, -0.995], speed)
    rough = np.exp(0.5 * wander(s.rng, n, 15)[:, 0])
    s.outside[rows] += log_uniform(s.rng, 0.008, 0.08) * (speed * rough)[:, None] * (road @ axes)
    s.lean[rows] += (0.04 * speed)[:, None] * wander(s.rng, n, 5, 3)
    impacts(s, span, s.rng.uniform(0.05, 0.5), 0.8, log_uniform(s.rng, 0.02, 0.2), up)


def machine(s: Stream, span: Span) -> None:
    rock(s, span, 0.5, 4.5, 0.001)
    rows = s.rows(span)
    s.outside[rows] += log_uniform(s.rng, 0.2e-3, 3e-3) * resonator(s.rng, rows.stop - rows.start, 20.0, 4, 3)


def nurse(s: Stream, span: Span) -> None:
    """At breast or bottle: sucking in arms that sway, with changes of side."""
    sway(s, span, s.rng.uniform(0.5, 3))
    at_s = span[0]
    while at_s < span[1] - 5:
        part = (at_s, min(span[1], at_s + log_uniform(s.rng, 60, 600)))
        suckle(s, part)
        s.turn(part[1], 2.0, s.rng.uniform(5, 40))
        at_s = part[1] + s.rng.uniform(3, 20)


def burp(s: Stream, span: Span) -> None:
    sway(s, span, s.rng.uniform(1, 4))
    pat(s, span, felt_hand=False)
    for at in renewal(s.rng, (span[0] + 5, span[1]), 25.0, 0.8):
        s.hit(s.limbs[5], at, s.usual_g * s.rng.lognormal(-0.5, 0.4))


def change(s: Stream, span: Span) -> None:
    """A nappy: lifted legs, wipes, fastenings, a baby that kicks meanwhile."""
    sway(s, span, 2)
    at_s = span[0]
    while at_s < span[1] - 6:
        part = (at_s, at_s + s.rng.uniform(2, 6))
        choice = s.rng.integers(3)
        if choice == 0:
            s.turn(at_s, 1.0, s.rng.uniform(10, 50))
        if choice == 1:
            impacts(s, part, s.rng.uniform(1.5, 3.5), 0.25, s.usual_g * s.rng.uniform(0.2, 0.6), unit(s.rng))
        squirm(s, part, s.usual_g * s.rng.uniform(0.3, 1.2), s.rng.uniform(2, 15))
        at_s = part[1] + s.rng.exponential(2)


def bounce(s: Stream, span: Span) -> None:
    """A bouncer: its spring is driven by the baby's kicks, or by a foot."""
    hz, up = s.rng.uniform(1, 3), s.up(span[0])
    s.facts["own_bouncing"] = own = bool(s.rng.random() < 0.5)
    at_s = span[0]
    while at_s < span[1] - 4:
        bout = (at_s, min(span[1], at_s + log_uniform(s.rng, 8, 90)))
        rows = s.rows(bout)
        drive = np.zeros(rows.stop - rows.start)
        times = hawkes(s.rng, bout, 0.5, 0.6, 1 / hz) if own else renewal(s.rng, bout, 1 / hz, 0.05)
        for at in times:
            drive[min(len(drive) - 1, round((at - bout[0]) * FS))] += s.rng.lognormal(0, 0.3)
            if own:
                s.hit(s.limbs[s.rng.choice(LEGS)], at, 0.4 * s.usual_g * s.rng.lognormal(0, 0.4))
        b, a = iirpeak(hz, s.rng.uniform(3, 10), fs=FS)
        swing = lfilter(b, a, drive)
        s.outside[rows] += log_uniform(s.rng, 0.03, 0.3) * (swing / max(1e-9, np.abs(swing).max()))[:, None] * up
        s.label(bout, *(("movement", "bouncer") if own else ("handling", "bouncer")))
        at_s = bout[1] + log_uniform(s.rng, 2, 30)


def handled(s: Stream, span: Span, detail: str, inner: Callable[[Stream, Span], None]) -> None:
    """Pick up, do something, put down: the label covers it all."""
    s.turn(span[0], 2.5, s.rng.uniform(30, 100))
    squirm(s, (span[0], span[0] + 4), s.usual_g * s.rng.uniform(0.5, 1.5), 10)
    inner(s, (span[0] + 4, span[1] - 4))
    s.turn(span[1] - 4, 3.0, s.rng.uniform(30, 100))
    squirm(s, (span[1] - 4, span[1]), s.usual_g * s.rng.uniform(0.3, 1.2), 8)
    s.label(span, "handling", detail)


def plain(s: Stream, span: Span, detail: str, inner: Callable[[Stream, Span], None]) -> None:
    inner(s, span)
    s.label(span, "handling", detail)
