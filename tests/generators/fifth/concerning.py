"""Kinds with a rhythm, contractions or stiffening, and the benign series like them."""

import numpy as np
from scipy.signal import sosfiltfilt

from .body import BAND, Stream
from .ordinary import around, surroundings, wake, wakeful
from .own import stir
from .processes import FS, Floats, log_uniform, resonator, turned
from .rhythm import Beat, beats, clusters, draw_beat, series


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
