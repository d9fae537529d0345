"""Ordinary nights."""

from collections.abc import Iterator

import numpy as np

from .body import Case, Stream
from .ordinary import sleep, wake, wakeful
from .outside import burp, change, handled, nurse, patting, ride, rock, step
from .own import cry
from .processes import Span, log_uniform
from .rhythm import hiccup, periodic, series


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
