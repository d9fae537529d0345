"""Ordinary nights."""

import zlib
from collections.abc import Iterator

import numpy as np

from .body import Case, Scene, breathe
from .draw import Draw
from .jerks import series
from .kinds import MIMICS, mimicked
from .own import awake
from .sleep import arouse, asleep, hiccup, periodic


def tended(s: Scene, a: float) -> float:
    """A waking and what the carer does about it, until the baby is put down; give the end."""
    t = arouse(s, a) + s.draw.wait(20)
    alone_s = t + s.draw.log(10, 400)
    awake(s, t, alone_s)
    t = alone_s + 2
    chosen = [name for name in ("crying", "diaper_change", "feeding", "burping") if s.draw.chance(0.6)]
    chosen += [name for name in ("kicking", "playing", "sucking") if s.draw.chance(0.3)]
    for name in [*chosen, s.draw.pick("rocking", "walking", "patting", "bassinet")]:
        low_s, high_s = MIMICS[name].seconds
        t = mimicked(s, name, t + 4, t + s.draw.log(low_s, 2 * high_s)) + s.draw.log(2, 30)
    return t


def slept(s: Scene, a: float, b: float) -> None:
    """A stretch of sleep, in some with hiccups, periodic movements or a benign series that waking ends."""
    t = a
    for odd, p in ((hiccup, 0.12), (periodic, 0.1), (benign_series, 0.1)):
        begin_s = t + s.draw.uniform(300, 1200)
        end_s = begin_s + s.draw.log(120, 600)
        if end_s + 300 < b and s.draw.chance(p):
            asleep(s, t, begin_s - 5)
            odd(s, begin_s, end_s)
            t = max(onset_s + lasts_s for onset_s, lasts_s, _, _ in s.labels) + 5
    asleep(s, t, b)


def benign_series(s: Scene, a: float, b: float) -> None:
    series(s, a, b)
    s.label(a, b, "myoclonic_series")


def night(i: int, seed: int) -> Case:
    draw = Draw(np.random.default_rng([seed, i, zlib.crc32(b"nights")]))
    s = Scene.drawn(draw, draw.uniform(8, 11) * 3600)
    breathe(s, 0, s.duration_s)
    s.becomes(0, "awake")
    trip = draw.pick("pram", "car", "", "", "")
    t = mimicked(s, trip, 5, draw.uniform(300, 1500)) + 20 if trip and draw.chance(0.5) else 5.0
    t = tended(s, t)
    wakings = int(draw.rng.integers(2, 6))
    for k in range(wakings):
        s.becomes(t, "asleep")
        woke_s = t + max(1200, (s.duration_s - t) / (wakings - k + 0.5) * draw.uniform(0.6, 1.2))
        if woke_s > s.duration_s - 2400:
            break
        slept(s, t, woke_s)
        s.becomes(woke_s, "awake")
        t = tended(s, woke_s)
    else:
        s.becomes(t, "asleep")
    slept(s, t, s.duration_s)
    return s.sampled(f"nights-{i}")


def nights(n: int, seed: int) -> Iterator[Case]:
    """Draw n ordinary nights, without anything concerning."""
    return (night(i, seed) for i in range(n))
