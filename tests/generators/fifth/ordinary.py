"""Ordinary sleep and waking, and the change from one to the other."""

from collections.abc import Callable

import numpy as np

from .body import Stream
from .own import arousal, kick, sigh, startle, stir, suck, turn_over, twitches
from .processes import Span, log_uniform


def wake(s: Stream, at_s: float) -> float:
    s.becomes(at_s, "awake")
    s.facts.setdefault("woke_s", at_s)
    return arousal(s, at_s)


def sleep(s: Stream, span: Span, active: float) -> None:
    """Sleep: `active` 0 is quiet (startles, sighs), 1 is active (bursts of twitches, squirms, arousals)."""
    events: tuple[tuple[float, Callable[[Stream, float], float]], ...] = (
        (0.05 + 0.9 * active, lambda s, at: twitches(s, at, span[1])),
        (0.03 * (1 - active) + 0.004, startle),
        (0.2, sigh),
        (0.01 + 0.08 * active, arousal),
        (0.003 + 0.008 * active, turn_over),
    )
    rates = np.array([rate for rate, _ in events])
    at_s = span[0] + float(s.rng.exponential(60 / rates.sum()))
    while at_s < span[1] - 12:
        end_s = events[int(s.rng.choice(5, p=rates / rates.sum()))][1](s, at_s)
        at_s = end_s + 3.5 + float(s.rng.exponential(60 / rates.sum()))


def wakeful(s: Stream, span: Span) -> None:
    """Ordinary time awake: quiet minutes, play, kicking, rolling, sucking, in any order."""
    at_s = span[0]
    while at_s < span[1] - 5:
        part = (at_s, min(span[1], at_s + log_uniform(s.rng, 15, 180)))
        choice = s.rng.choice(5, p=(0.3, 0.3, 0.25, 0.1, 0.05))
        if choice == 0:
            stir(s, part, "fidgeting", 0.25)
        elif choice == 1:
            stir(s, part, "playing", s.rng.uniform(0.6, 4))
        elif choice == 2:
            kick(s, part)
        elif choice == 3:
            part = (at_s, min(span[1], turn_over(s, at_s)))
        else:
            suck(s, part)
        at_s = part[1] + float(s.rng.exponential(8))


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
