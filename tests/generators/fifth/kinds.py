"""The kinds of stream."""

from collections.abc import Callable, Iterator, Mapping
from typing import Final

import numpy as np

from .body import Case, Stream
from .concerning import (
    myoclonic_series,
    persists_after_waking,
    rhythmic_asleep,
    rhythmic_awake,
    rhythmic_moving,
    rhythmic_unknown,
    spasm_cluster,
    stiffening,
)
from .ordinary import surroundings, wakeful
from .outside import bounce, burp, change, handled, machine, nurse, patting, plain, ride, rock, step
from .own import bang, cry, kick, sigh, squirm, startle, stir, suck, tremble, turn_over, twitches
from .processes import Span, log_uniform, renewal
from .rhythm import hiccup, periodic


def periodic_movements(s: Stream) -> None:
    at_s = 0.2 * s.length_s
    end_s = periodic(s, (at_s, s.length_s * s.rng.uniform(0.65, 0.85)))
    surroundings(s, (0, at_s), (end_s + 10, s.length_s))


def hiccups(s: Stream) -> None:
    s.states = [(0.0, str(s.rng.choice(["asleep", "awake"])))]
    at_s = 0.2 * s.length_s
    end_s = hiccup(s, (at_s, s.length_s * s.rng.uniform(0.5, 0.85)))
    if s.states[0][1] == "awake":
        stir(s, (at_s, end_s), "fidgeting", 0.3)
    surroundings(s, (0, at_s), (end_s + 10, s.length_s))


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
