"""Labelled streams of a sleeping baby as stochastic processes; written from the facts on movements alone.

What is drawn for each stream (U uniform, L log-uniform, N normal, G gamma, P Poisson):

- Sensor: rate one of 25, 26, 31.25, 50, 52, 100, 104 Hz, true rate +-4 % U; white noise L 0.3-5 mg; step L 0.06-16 mg;
  range 2, 4, 8 or 16 g; offset U +-60 mg an axis, its drift with temperature N 5 mg, settling in L 5-40 min;
  second-order anti-alias low-pass at 0.35-0.5 x rate; time jitter N, up to 10 % of an interval; in 25 % of streams a
  hole of 0.05-0.8 s every 2 min.
- Mounting: gravity anywhere on the sphere. Cloth: resonance U 4-14 Hz, decay L 50-200 ms, share U 0-0.6.
- Background: 1/f^a noise an axis, a U 0-1.6, L 0.2-2.5 mg; posture a random walk of about L 0.1-1 degrees a minute;
  breathing U 0.43-0.73 Hz with wandering phase, L 0.5-5 mg; heart 110-160/min, visible in half, L 0.2-2 mg.
- Limbs (two arms, two legs, head, trunk): direction, coupling L 0.3-1.2, wobble U 0-45 degrees, pulse width L 30-150 ms
  and one pulse shape (biphasic, asymmetric exponential, double, ringing at U 4-11 Hz) for all its pulses.
- Own movement: a hidden Markov state of vigour (rest, fidget, brisk, storm; exponential dwell 4-40 s) drives Hawkes
  processes (branching U 0.2-0.6) of each active limb, band noise (squirms), leaning, and changes of posture.
  Sizes: vigour x L 0.02-0.25 g x coupling x log-normal (0.5), at least 3 x quiet.
- Rhythms: U 0.8-5 Hz (at most 0.6 / pulse width), interval CV U 0-0.25 (G renewal), amplitude CV U 0-0.4, one or two
  limbs (equal odds), growth over 10 s in half, slowing to U 0.4-0.85 in half, size L 2-30 x quiet, L 12-150 s.
- Spasms: 3-15, every U 4-25 s +-25 %, lean U 3-40 degrees held U 0.4-3 s after U 60-100 % of them, growing, then
  fading.
- Benign series: L 1.5-30 min of clusters, 1-5 Hz, U 1.5-4 s, pauses L 1-15 s.
- Carers: rocking 0.6-1 Hz, patting 1.5-3.2 Hz, steps 1.5-2 Hz, bassinet 0.5-4.5 Hz; vehicles: noise through a
  suspension (pram U 4-11 Hz, car U 6-17 Hz).

Sizes are peaks of the norm of the 0.5-12 Hz band over the quiet level: the 25th percentile of the largest norm of each
second.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from scipy.signal import iirpeak, lfilter, sosfiltfilt

from tests.generators.fifth_baby import (
    BAND,
    FS,
    LEGS,
    Case,
    Floats,
    Limb,
    Span,
    Stream,
    arousal,
    hawkes,
    kick,
    log_uniform,
    oscillation,
    renewal,
    resonator,
    sigh,
    sleep,
    squirm,
    startle,
    stir,
    suck,
    suckle,
    turn_over,
    turned,
    twitches,
    unit,
    wake,
    wakeful,
    wander,
)  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class Beat:
    """A rhythm of jerks: what all its jerks share."""

    limbs: tuple[Limb, ...]
    lag_s: float
    hz: float
    slowing: float
    grows: bool
    interval_cv: float
    amplitude_cv: float
    size: float


# Jerks that matter, and their benign likenesses


def draw_beat(s: Stream, low_hz: float = 0.8, high_hz: float = 5.0) -> Beat:
    rng = s.rng
    limbs = tuple(s.limbs[i] for i in rng.permutation(6)[: rng.integers(1, 3)])
    beat = Beat(
        limbs=limbs,
        lag_s=rng.uniform(0, 0.06),
        hz=min(rng.uniform(low_hz, high_hz), 0.6 / max(limb.width_s for limb in limbs)),
        slowing=rng.uniform(0.4, 0.85) if rng.random() < 0.5 else 1.0,
        grows=bool(rng.random() < 0.5),
        interval_cv=rng.uniform(0, 0.25),
        amplitude_cv=rng.uniform(0, 0.4),
        size=log_uniform(rng, 2, 30),
    )
    s.facts |= {"size": beat.size, "hz": beat.hz, "slowing": beat.slowing, "grows": beat.grows}
    s.facts |= {"interval_cv": beat.interval_cv, "amplitude_cv": beat.amplitude_cv, "limbs": [x.name for x in limbs]}
    return beat


def jerk(s: Stream, beat: Beat, times: Sequence[float], heights: Floats) -> None:
    """Jerks of the limbs of a beat; the first leads, the median jerk has the drawn size."""
    heights = np.clip(heights, 0.15, None)
    heights = heights / np.median(heights) * beat.size * s.quiet_g
    for at_s, height_g in zip(times, heights, strict=True):
        for i, limb in enumerate(beat.limbs):
            s.hit(limb, at_s + i * beat.lag_s, height_g * (1 if i == 0 else 0.6))


def beats(s: Stream, span: Span, beat: Beat) -> float:
    """A train of jerks, with growth and slowing as drawn; give the end of the last."""
    times = [span[0]]
    shape = 1 / max(beat.interval_cv, 1e-3) ** 2
    while True:
        share = (times[-1] - span[0]) / (span[1] - span[0])
        mean_s = 1 / (beat.hz * (1 + (beat.slowing - 1) * share))
        at_s = times[-1] + max(0.1, float(s.rng.gamma(shape, mean_s / shape)))
        if at_s > span[1]:
            break
        times.append(at_s)
    heights = s.rng.normal(1, beat.amplitude_cv, size=len(times))
    if beat.grows:
        heights *= np.clip(0.3 + 0.07 * (np.array(times) - span[0]), 0, 1)
    jerk(s, beat, times, heights)
    return min(s.length_s, times[-1] + 0.3)


def clusters(s: Stream, span: Span, beat: Beat) -> float:
    """A series of clusters of jerks with pauses between; give its end."""
    at_s, pause_s, times = span[0], log_uniform(s.rng, 1.5, 10), list[float]()
    while at_s < span[1] - 4:
        hz = beat.hz * s.rng.lognormal(0, 0.1)
        times += renewal(s.rng, (at_s, at_s + s.rng.uniform(1.5, 4)), 1 / hz, max(0.05, beat.interval_cv))
        at_s = times[-1] + float(np.clip(pause_s * s.rng.lognormal(0, 0.5), 1, 15))
    jerk(s, beat, times, s.rng.normal(1, beat.amplitude_cv, size=len(times)))
    return times[-1] + 0.3


def around(s: Stream) -> float:
    """When the thing in the middle begins."""
    return float(s.length_s * s.rng.uniform(0.3, 0.5))


def surroundings(s: Stream, first: Span, second: Span) -> None:
    """Ordinary sleep or waking before and after, as the states have it."""
    for span in (first, second):
        state = next(state for at_s, state in sorted(s.states, reverse=True) if at_s <= span[0])
        if state == "asleep":
            sleep(s, (span[0], span[1] - 2), float(s.rng.random()))
        else:
            wakeful(s, (span[0], span[1] - 2))


def rhythm(s: Stream, at_s: float) -> float:
    lasts_s = min(log_uniform(s.rng, 12, 150), 0.9 * (s.length_s - at_s) - 20)
    end_s = beats(s, (at_s, at_s + lasts_s), draw_beat(s))
    s.label((at_s, end_s), "rhythmic")
    return end_s


def rhythmic_awake(s: Stream) -> None:
    at_s = around(s)
    s.states = [(0.0, "awake")]
    if s.rng.random() < 0.4:
        s.states = [(0.0, "asleep")]
        wake(s, at_s * s.rng.uniform(0.1, 0.6))
    end_s = rhythm(s, at_s)
    woke_s = s.facts.get("woke_s", 0.0)
    surroundings(s, (0, woke_s or at_s - 4), (end_s + 5, s.length_s))
    if woke_s:
        wakeful(s, (woke_s + 12, at_s - 4))


def rhythmic_asleep(s: Stream) -> None:
    at_s = around(s)
    end_s = rhythm(s, at_s)
    if s.rng.random() < 0.3:
        wake(s, end_s + s.rng.uniform(5, 60))
    surroundings(s, (0, at_s), (end_s + 75, s.length_s))


def rhythmic_unknown(s: Stream) -> None:
    s.states = [(0.0, str(s.rng.choice(["asleep", "awake"])))]
    if s.rng.random() < 0.5:
        end_s = rhythm(s, s.rng.uniform(0.5, 20))
        s.facts["unknown"] = "start"
        surroundings(s, (0, 1), (end_s + 5, s.length_s))
        return
    gap = (around(s), log_uniform(s.rng, 5, 60))
    s.gaps.append((gap[0], sum(gap)))
    s.label((gap[0], sum(gap)), "gap")
    s.facts["unknown"] = "gap"
    end_s = rhythm(s, sum(gap) + s.rng.uniform(0.5, 20))
    surroundings(s, (0, gap[0]), (end_s + 5, s.length_s))


def rhythmic_moving(s: Stream) -> None:
    s.states = [(0.0, "awake")]
    at_s = around(s)
    end_s = rhythm(s, at_s)
    s.usual_g = s.facts["size"] * s.quiet_g * s.rng.uniform(0.6, 1.3)
    stir(s, (at_s - s.rng.uniform(5, 60), end_s + s.rng.uniform(5, 60)), "playing", s.rng.uniform(2, 8))
    surroundings(s, (0, at_s - 60), (end_s + 60, s.length_s))


def contraction(s: Stream, beat: Beat, at_s: float, size: float, lean: Floats) -> float:
    """A jolt, then a lean that is held and let go; give its end."""
    rise_s, hold_s, fall_s = s.rng.uniform(0.1, 0.35), s.rng.uniform(0.4, 3), s.rng.uniform(0.25, 1.0)
    ends = np.cumsum([0, rise_s, hold_s if lean.any() else 0.1, fall_s])
    rows = s.rows((at_s, at_s + ends[-1]))
    held = np.interp(np.arange(rows.stop - rows.start) / FS, ends, [0, 1, s.rng.uniform(0.8, 1.0), 0])
    held = held**2 * (3 - 2 * held)
    s.lean[rows] += held[:, None] * lean
    for limb in beat.limbs:
        s.hit(limb, at_s + s.rng.uniform(0, 0.04), size * s.quiet_g)
    s.label((at_s, at_s + ends[-1]), "contraction")
    return float(at_s + ends[-1])


def spasm_cluster(s: Stream) -> None:
    at_s = around(s)
    asleep = s.rng.random() < 0.1
    woke_s = 0.0
    if not asleep and s.rng.random() < 0.8:
        woke_s = max(20.0, at_s - log_uniform(s.rng, 15, 180))
        wake(s, woke_s)
    elif not asleep:
        s.states = [(0.0, "awake")]
    count, every_s = int(s.rng.integers(3, 16)), s.rng.uniform(4, 25)
    every_s = min(every_s, 0.8 * (s.length_s - at_s) / count)
    tilt_deg, holds, beat = s.rng.uniform(3, 40), s.rng.uniform(0.6, 1.0), draw_beat(s)
    s.facts |= {"contractions": count, "tilt_deg": tilt_deg, "holds": holds}
    way, t, end_s = turned(s.rng, s.up(at_s), 90), at_s, at_s
    for i in range(count):
        strength = 0.5 + 0.5 * np.sin(np.pi * (i + 0.5) / count)
        held = s.rng.random() < holds or i % 3 == 0
        lean = np.tan(np.radians(tilt_deg * strength)) * held * turned(s.rng, way, s.rng.normal(0, 10))
        end_s = contraction(s, beat, t, beat.size * strength * s.rng.lognormal(0, 0.2), lean)
        t = max(t + float(np.clip(every_s * s.rng.normal(1, 0.25), 3, 29)), end_s + 1)
    s.label((at_s, end_s), "spasm_cluster")
    first_s = woke_s or at_s - 4
    surroundings(s, (0, first_s - 4), (end_s + 10, s.length_s))
    if woke_s and at_s - woke_s > 25:
        wakeful(s, (woke_s + 12, at_s - 3))


def persists_after_waking(s: Stream) -> None:
    at_s = around(s)
    beat = draw_beat(s)
    woke_s = at_s + s.rng.uniform(20, 90)
    end_s = min(s.length_s - 30, woke_s + s.rng.uniform(20, 120))
    if s.rng.random() < 0.5:
        end_s = beats(s, (at_s, end_s), beat)
        s.label((at_s, woke_s), "rhythmic")
    else:
        last_s = clusters(s, (at_s, woke_s), beat)
        s.label((at_s, min(last_s, woke_s)), "myoclonic_series")  # until it does not stop on waking
        end_s = beats(s, (woke_s, end_s), beat)
    wake(s, woke_s)
    if s.rng.random() < 0.4:
        stir(s, (woke_s + 10, end_s + 20), "playing")
    s.label((woke_s, end_s), "persists_after_waking")
    surroundings(s, (0, at_s), (end_s + 20, s.length_s))


def series(s: Stream, span: Span) -> float:
    """A benign series; sometimes with an arousal in the middle that does not wake. Give its end."""
    beat = draw_beat(s, 1, 5)
    end_s = clusters(s, span, beat)
    if s.rng.random() < 0.3:
        arousal(s, s.rng.uniform(span[0] + 5, end_s))
        s.facts["arousal"] = True
    s.label((span[0], end_s), "myoclonic_series")
    return end_s


def myoclonic_series(s: Stream) -> None:
    at_s = s.length_s * s.rng.uniform(0.15, 0.3)
    end_s = series(s, (at_s, s.length_s * s.rng.uniform(0.5, 0.75)))
    if s.rng.random() < 0.6:
        awake_s = wake(s, end_s + 0.3)
        s.facts["stopped_by_waking"] = True
        if s.rng.random() < 0.5:
            stir(s, (awake_s, awake_s + s.rng.uniform(20, 90)), "playing", 4)
    surroundings(s, (0, at_s), (end_s + 90, s.length_s))


def stiffening(s: Stream) -> None:
    at_s, lasts_s = around(s), log_uniform(s.rng, 4, 30)
    s.states = [(0.0, str(s.rng.choice(["asleep", "awake"])))]
    start_s = at_s
    if s.rng.random() < 0.3:
        at_s = beats(s, (start_s, start_s + s.rng.uniform(10, 25)), draw_beat(s))
        s.label((start_s, at_s), "rhythmic")
    rows, tilt_deg = s.rows((at_s, at_s + lasts_s)), s.rng.uniform(5, 40)
    n = rows.stop - rows.start
    times = np.cumsum([0, s.rng.uniform(0.3, 1.5), 0.8 * lasts_s, s.rng.uniform(0.5, 3)])
    held = np.interp(np.linspace(0, lasts_s, n), times / times[-1] * lasts_s, [0, 1, s.rng.uniform(0.7, 1), 0])
    s.lean[rows] += np.tan(np.radians(tilt_deg)) * (held**2 * (3 - 2 * held))[:, None] * turned(s.rng, s.up(at_s), 90)
    tremor = resonator(s.rng, n, s.rng.uniform(6, 12), s.rng.uniform(3, 15), 2) @ s.rng.normal(size=(2, 3))
    size = log_uniform(s.rng, 1.5, 10)
    peak = np.percentile(np.linalg.norm(sosfiltfilt(BAND, tremor, axis=0), axis=1), 80)
    s.own[rows] += held[:, None] * tremor * size * s.quiet_g / peak
    s.facts |= {"tilt_deg": tilt_deg, "tremor_size": size}
    s.label((at_s, at_s + lasts_s), "stiffening")
    surroundings(s, (0, start_s), (at_s + lasts_s + 5, s.length_s))


def periodic(s: Stream, span: Span) -> float:
    """A limb that moves every 10-60 s, each time for 0.5-5 s; give its end."""
    limb, every_s, size = s.limbs[s.rng.choice(LEGS)], s.rng.uniform(12, 45), log_uniform(s.rng, 3, 15)
    lasts_s, end_s = log_uniform(s.rng, 0.5, 5), span[0]
    way = turned(s.rng, s.up(span[0]), 90)
    for at in renewal(s.rng, span, every_s, 0.15):
        rows = s.rows((at, at + lasts_s))
        swell = np.sin(np.linspace(0, np.pi, rows.stop - rows.start))[:, None]
        s.lean[rows] += np.tan(np.radians(s.rng.uniform(0.3, 3))) * swell * way
        for extra in (0.0, *s.rng.uniform(0, lasts_s, size=s.rng.poisson(0.7 * lasts_s))):
            s.hit(limb, at + float(extra), size * s.quiet_g * s.rng.lognormal(0, 0.2))
        end_s = at + lasts_s
    s.label((span[0], end_s), "periodic_movements")
    return end_s


def periodic_movements(s: Stream) -> None:
    at_s = 0.2 * s.length_s
    end_s = periodic(s, (at_s, s.length_s * s.rng.uniform(0.65, 0.85)))
    surroundings(s, (0, at_s), (end_s + 10, s.length_s))


def hiccup(s: Stream, span: Span) -> float:
    trunk, size = s.limbs[5], log_uniform(s.rng, 3, 20)
    every_s, end_s = log_uniform(s.rng, 2, 15), span[0]
    for at in renewal(s.rng, span, every_s, s.rng.uniform(0.05, 0.2)):
        s.hit(trunk, at, size * s.quiet_g * s.rng.lognormal(0, 0.15))
        end_s = at + 0.4
    s.label((span[0], end_s), "hiccups")
    return end_s


def hiccups(s: Stream) -> None:
    s.states = [(0.0, str(s.rng.choice(["asleep", "awake"])))]
    at_s = 0.2 * s.length_s
    end_s = hiccup(s, (at_s, s.length_s * s.rng.uniform(0.5, 0.85)))
    if s.states[0][1] == "awake":
        stir(s, (at_s, end_s), "fidgeting", 0.3)
    surroundings(s, (0, at_s), (end_s + 10, s.length_s))


# What moves a baby from outside


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


# The kinds


def amid(state: str, do: Callable[[Stream, Span], None], shortest: float = 0.15) -> Callable[[Stream], None]:
    """A kind whose middle is one doing, with ordinary sleep or waking around it."""

    def kind(s: Stream) -> None:
        s.states = [(0.0, state if state != "any" else str(s.rng.choice(["asleep", "awake"])))]
        at_s = s.length_s * s.rng.uniform(0.15, 0.3)
        end_s = at_s + s.length_s * s.rng.uniform(shortest, 0.6)
        do(s, (at_s, end_s))
        surroundings(s, (0, at_s - 3), (end_s + 12, s.length_s))

    return kind


def by_carer(detail: str, inner: Callable[[Stream, Span], None], *, lifted: bool) -> Callable[[Stream, Span], None]:
    return lambda s, span: (handled if lifted else plain)(s, span, detail, inner)


def patting(s: Stream, span: Span) -> None:
    s.facts["felt_hand"] = felt = bool(s.rng.random() < 0.5)
    plain(s, span, "patting", lambda s, span: pat(s, span, felt_hand=felt))


def still(s: Stream, span: Span) -> None:
    for at in renewal(s.rng, span, 90.0, 0.8):
        sigh(s, at)


def bursts(s: Stream, span: Span) -> None:
    at_s = span[0]
    while at_s < span[1]:
        at_s = twitches(s, at_s, span[1]) + 3.5 + float(s.rng.exponential(12))


def several(event: Callable[[Stream, float], float], every_s: float) -> Callable[[Stream, Span], None]:
    def do(s: Stream, span: Span) -> None:
        at_s = span[0]
        while at_s < span[1]:
            at_s = event(s, at_s) + 3.5 + float(s.rng.exponential(every_s))

    return do


def off_body(s: Stream) -> None:
    """The clip is taken off and lies somewhere, to the end or until it is put on again."""
    s.states = [(0.0, "awake")]
    at_s, back = s.length_s * s.rng.uniform(0.2, 0.4), s.rng.random() < 0.5
    until_s = s.length_s * s.rng.uniform(0.75, 0.9) if back else s.length_s
    wakeful(s, (0, at_s - 8))
    for t in (at_s - 5, until_s) if back else (at_s - 5,):
        s.turn(t, 3.0, s.rng.uniform(20, 160))
        squirm(s, (t, t + 5), 2 * s.usual_g, 20)
        s.label((t, t + 5), "handling", "clip")
    s.off.append((at_s, until_s))
    s.label((at_s, until_s), "off_body")
    if back:
        wakeful(s, (until_s + 8, s.length_s - 3))


KINDS: Final[Mapping[str, Callable[[Stream], None]]] = {
    "rhythmic_awake": rhythmic_awake,
    "rhythmic_asleep": rhythmic_asleep,
    "rhythmic_unknown": rhythmic_unknown,
    "rhythmic_moving": rhythmic_moving,
    "spasm_cluster": spasm_cluster,
    "persists_after_waking": persists_after_waking,
    "myoclonic_series": myoclonic_series,
    "stiffening": stiffening,
    "bursts": amid("asleep", bursts),
    "turn_over": amid("any", several(turn_over, 60)),
    "startles": amid("asleep", several(startle, 40)),
    "periodic_movements": periodic_movements,
    "hiccups": hiccups,
    "patting": amid("any", patting),
    "rocking": amid("any", by_carer("rocking", rock, lifted=False)),
    "feeding": amid("awake", by_carer("feeding", nurse, lifted=True), 0.4),
    "sucking": amid("any", suck),
    "kicking": amid("awake", kick),
    "playing": amid("awake", lambda s, span: stir(s, span, "playing", s.rng.uniform(1, 6))),
    "crying": amid("awake", cry),
    "burping": amid("awake", by_carer("burping", burp, lifted=True)),
    "walking": amid("any", by_carer("walking", step, lifted=True)),
    "bassinet": amid("any", by_carer("bassinet", machine, lifted=False)),
    "bouncer": amid("awake", bounce),
    "pram": amid("any", by_carer("pram", lambda s, span: ride(s, span, 4, 11), lifted=True)),
    "car": amid("any", by_carer("car", lambda s, span: ride(s, span, 6, 17), lifted=True)),
    "head_banging": amid("awake", bang),
    "diaper_change": amid("awake", by_carer("diaper_change", change, lifted=True)),
    "jitteriness": amid("awake", tremble),
    "quiet": amid("asleep", still, 0.5),
    "off_body": off_body,
}


def cases(kind: str, n: int, seed: int) -> Iterator[Case]:
    """Draw `n` streams of a kind of `KINDS`; the same seed gives the same streams."""
    number = list(KINDS).index(kind)
    for i in range(n):
        rng = np.random.default_rng([5, seed, number, i])
        long = kind == "myoclonic_series"
        s = Stream(rng, 60 * (log_uniform(rng, 6, 45) if long else rng.uniform(6, 15)))
        KINDS[kind](s)
        yield s.case(f"{kind}-{i}")


# Nights


def awakening(s: Stream, at_s: float) -> float:
    """Wakes, stirs, is cared for in some order, and is put down; give the time of falling asleep."""
    care = {
        "feeding": (nurse, 300, 1200), "diaper_change": (change, 90, 240), "burping": (burp, 60, 240),
        "walking": (step, 60, 600), "rocking": (rock, 60, 600),
    }  # fmt: skip
    t = wake(s, at_s) + s.rng.uniform(2, 30)
    for _ in range(s.rng.integers(2, 7)):
        choice = str(s.rng.choice(["crying", "wakeful", "patting", *care]))
        lasts_s = log_uniform(s.rng, 40, 400)
        if choice == "crying":
            cry(s, (t, t + lasts_s))
        elif choice == "wakeful":
            wakeful(s, (t, t + lasts_s))
        elif choice == "patting":
            patting(s, (t, t + lasts_s))
        else:
            inner, low_s, high_s = care[choice]
            lasts_s = log_uniform(s.rng, low_s, high_s)
            handled(s, (t, t + lasts_s), choice, inner)
        t += lasts_s + s.rng.exponential(20)
    wakeful(s, (t, t + 120))
    t += 140 + s.rng.exponential(60)
    s.becomes(t, "asleep")
    return t


def asleep(s: Stream, span: Span) -> None:
    """Cycles of active and quiet sleep; in some a series, hiccups or periodic movements."""
    at_s = span[0]
    while at_s < span[1] - 60:
        part = (at_s, min(span[1], at_s + 60 * s.rng.uniform(10, 30)))
        extra = s.rng.choice(40)
        at_s = part[1]
        if extra < 3 and part[1] - part[0] > 400:
            doing = (series, hiccup, periodic)[extra]
            end_s = doing(s, (part[0] + 20, min(part[1] - 20, part[0] + log_uniform(s.rng, 120, 1500))))
            s.facts.setdefault("extras", []).append(doing.__name__)
            part = (end_s + 20, part[1])
        sleep(s, part, float(s.rng.beta(0.5, 0.5)))


def night(s: Stream) -> None:
    at_s, end_s = 0.0, s.length_s - 30
    s.states = [(0.0, "awake")]
    if s.rng.random() < 0.2:
        low, high, name = ((4, 11, "pram"), (6, 17, "car"))[s.rng.integers(2)]
        at_s = 60 * s.rng.uniform(10, 40)
        handled(s, (20, at_s), name, lambda s, span: ride(s, span, low, high))
    wakeful(s, (at_s + 15, at_s + 400))
    at_s += 420
    s.becomes(at_s, "asleep")
    count = s.rng.integers(2, 6)
    times = at_s + (end_s - 3000 - at_s) * np.sort((np.arange(count) + s.rng.uniform(0.3, 1, size=count)) / count)
    for woke_s in times:
        if woke_s > at_s + 600:
            asleep(s, (at_s, woke_s - 15))
            at_s = awakening(s, float(woke_s))
    last_s = s.length_s - 60 * s.rng.uniform(3, 10)
    asleep(s, (at_s, last_s - 15))
    wakeful(s, (wake(s, last_s) + 5, end_s))


def nights(n: int, seed: int) -> Iterator[Case]:
    """Draw `n` ordinary nights of 8-11 h, in which nothing concerns."""
    for i in range(n):
        rng = np.random.default_rng([5, seed, 99, i])
        s = Stream(rng, 3600 * rng.uniform(8, 11))
        night(s)
        yield s.case(f"night-{i}")
