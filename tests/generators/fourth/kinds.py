"""The kinds of stream."""

import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Final

import numpy as np

from .body import PAD_S, Case, Scene, breathe
from .carer import bassinet, bounce, burp, car, change, feed, hand, pat, pram, rock, walk
from .draw import Draw
from .jerks import Jerks, rhythm, series, spasms, startle, stiffen
from .movements import squirm
from .own import awake, bang, cry, jitter, kicking, play, suck
from .sleep import arouse, asleep, hiccup, periodic, turn_over, twitch_run


@dataclass(frozen=True, kw_only=True)
class Mimic:
    """What looks like a rhythm and is none: how it is drawn, whose movement it is, where and for how long."""

    draw: Callable[[Scene, float, float], None]
    own: bool = False
    lifted: bool = False
    states: tuple[str, ...] = ("awake", "asleep")
    seconds: tuple[float, float] = (60, 240)


AWAKE: Final = ("awake",)
MIMICS: Final = {
    "patting": Mimic(draw=pat),
    "rocking": Mimic(draw=rock, lifted=True),
    "feeding": Mimic(draw=feed, lifted=True, states=AWAKE, seconds=(120, 420)),
    "sucking": Mimic(draw=suck, own=True),
    "kicking": Mimic(draw=kicking, own=True, states=AWAKE),
    "playing": Mimic(draw=play, own=True, states=AWAKE),
    "crying": Mimic(draw=cry, own=True, states=AWAKE),
    "burping": Mimic(draw=burp, lifted=True, states=AWAKE),
    "walking": Mimic(draw=walk, lifted=True),
    "bassinet": Mimic(draw=bassinet),
    "bouncer": Mimic(draw=bounce, states=AWAKE),
    "pram": Mimic(draw=pram),
    "car": Mimic(draw=car),
    "head_banging": Mimic(draw=bang, own=True, states=AWAKE),
    "diaper_change": Mimic(draw=change, states=AWAKE),
    "jitteriness": Mimic(draw=jitter, own=True, states=AWAKE),
}


def live(s: Scene, state: str, a: float, b: float) -> None:
    (awake if state == "awake" else asleep)(s, a, b)


def middle(s: Scene, low_s: float, high_s: float) -> tuple[float, float]:
    """Draw a time around the stream's middle, two minutes at least from its ends."""
    seconds = min(s.draw.log(low_s, high_s), s.duration_s - 240)
    a = 120 + s.draw.uniform(0.3, 0.7) * (s.duration_s - 240 - seconds)
    return a, a + seconds


def mimicked(s: Scene, name: str, a: float, b: float) -> float:
    """Lay a mimic with the hands before and after it; give the end of all."""
    mimic = MIMICS[name]
    detail = "handling" if not mimic.own else "movement"
    if mimic.lifted:
        a = hand(s, a, s.draw.uniform(30, 90), "lifting")
    elif name == "patting" and s.draw.chance(0.5):
        squirm(s, a - 4, a - 1.5, 0.4)
        s.label(a - 4, a - 1.5, "handling", "touch")
    elif name == "bouncer" and s.draw.chance(0.5):
        detail = "movement"
    b = max(b, a + 10)
    mimic.draw(s, a, b)
    s.label(a, b, detail, name)
    return hand(s, b, s.draw.uniform(30, 90), "laying_down") if mimic.lifted else b


def mimic_stream(name: str) -> Callable[[Scene], None]:
    def build(s: Scene) -> None:
        state = s.draw.pick(*MIMICS[name].states)
        s.becomes(0, state)
        a, b = middle(s, *MIMICS[name].seconds)
        live(s, state, 0, a - 6)
        live(s, state, mimicked(s, name, a, b) + 3, s.duration_s)

    return build


def within(
    state: str, low_s: float, high_s: float, draw: Callable[[Scene, float, float], None]
) -> Callable[[Scene], None]:
    """Build a stream of one state with something in the middle, clear of other movement."""

    def build(s: Scene) -> None:
        now = state or s.draw.pick("awake", "asleep")
        s.becomes(0, now)
        a, b = middle(s, low_s, high_s)
        live(s, now, 0, a - 5)
        draw(s, a, b)
        ends_s = max((onset_s + lasts_s for onset_s, lasts_s, _, _ in s.labels), default=b)
        live(s, now, max(b, ends_s) + 5, s.duration_s)

    return build


def clonic(s: Scene, a: float, b: float) -> None:
    rhythm(s, a, b)
    s.label(a, b, "rhythmic")


def moving(s: Scene, a: float, b: float) -> None:
    """A clonic rhythm within voluntary movement as large as its jerks."""
    clonic(s, a, b)
    first, last = a - s.draw.uniform(5, 20), b + s.draw.uniform(5, 20)
    stir = s.draw.uniform(0.6, 1.2) * s.facts["size"]
    s.sized(first, last, stir, lambda layer: squirm(layer, PAD_S, PAD_S + last - first), 30)
    s.label(first, last, "movement", "playing")


def rhythmic_unknown(s: Scene) -> None:
    """A rhythm at the start of the stream, or after a gap: nothing tells its state."""
    state, a = s.draw.pick("awake", "asleep"), s.draw.uniform(0, 20)
    s.becomes(0, state)
    if s.draw.chance(0.5):
        gap_s = s.draw.uniform(120, 240)
        live(s, state, 0, gap_s - 5)
        a += gap_s + s.draw.uniform(5, 60) - 10
        back_s = a - s.draw.uniform(0, 10)
        s.gaps.append((gap_s, back_s))
        s.label(gap_s, back_s, "gap")
    b = a + s.draw.log(15, 120)
    clonic(s, a, b)
    live(s, state, b + 5, s.duration_s)


def wake(s: Scene, at_s: float, *, restless: bool) -> None:
    """Wake with a movement, then lie awake."""
    s.becomes(at_s, "awake")
    end_s = arouse(s, at_s, s.draw.uniform(3, 10))
    if restless:
        play_s = min(s.duration_s, end_s + s.draw.uniform(20, 90))
        play(s, end_s, play_s)
        s.label(end_s, play_s, "movement", "playing")
        end_s = play_s
    awake(s, end_s + 2, s.duration_s)


def spasm_stream(s: Scene) -> None:
    a, _ = middle(s, 60, 90)
    if s.draw.chance(0.2):
        s.becomes(0, "asleep")
        asleep(s, 0, a - 5)
        asleep(s, spasms(s, a) + 5, s.duration_s)
        return
    woke_s = a - s.draw.log(20, 110) if s.draw.chance(0.75) else 0.0
    if woke_s:
        s.becomes(0, "asleep")
        asleep(s, 0, woke_s - 5)
        arouse(s, woke_s)
    s.becomes(woke_s, "awake")
    awake(s, woke_s + 8, a - 4)
    awake(s, spasms(s, a) + 5, s.duration_s)


def persisting(s: Scene) -> None:
    """Jerks asleep, in clusters or without pauses, that go on after waking."""
    a, woke_s = middle(s, 15, 100)
    b = woke_s + s.draw.log(15, 90)
    jerks = Jerks.drawn(s.draw, s.draw.log(0.8, 5))
    s.becomes(0, "asleep")
    asleep(s, 0, a - 5)
    s.becomes(woke_s, "awake")
    arouse(s, woke_s, s.draw.uniform(3, 8))
    if s.draw.chance(0.4):
        series(s, a, woke_s, jerks=jerks, bursts=True)
        rhythm(s, woke_s, b, jerks)
    else:
        rhythm(s, a, b, jerks)
        s.label(a, b, "rhythmic")
    s.label(woke_s, b, "persists_after_waking")
    awake(s, b + 3, s.duration_s)


def benign(s: Scene) -> None:
    """A benign series that fades, or ends on waking; an arousal within it may wake nobody."""
    a = s.draw.uniform(90, 180)
    b = s.duration_s - s.draw.uniform(150, 200)
    s.becomes(0, "asleep")
    asleep(s, 0, a - 5)
    series(s, a, b)
    s.label(a, b, "myoclonic_series")
    if b - a > 60 and s.draw.chance(0.3):
        arouse(s, s.draw.uniform(a + 20, b - 20))
    if s.draw.chance(0.7):
        wake(s, b, restless=s.draw.chance(0.5))
    else:
        asleep(s, b + 5, s.duration_s)


def some(event: Callable[[Scene, float], float], pause_s: float) -> Callable[[Scene, float, float], None]:
    """Repeat a single movement."""

    def draw(s: Scene, a: float, b: float) -> None:
        t = a
        while t < b:
            t = event(s, t) + s.draw.lognormal(pause_s, 0.5)

    return draw


def quiet(s: Scene) -> None:
    s.becomes(0, "asleep")


def off_body(s: Scene) -> None:
    """The clip is taken off, lies on something that does not move, and is put back."""
    a, b = middle(s, 150, 420)
    s.becomes(0, "asleep")
    breathe(s, 0, a)
    breathe(s, b, s.duration_s)
    asleep(s, 0, a - 10)
    s.becomes(a, "unknown")
    hand(s, a - 6, s.draw.uniform(40, 120), "clip")
    s.label(a + 4, b - 2, "off_body")
    s.becomes(b, "asleep")
    hand(s, b - 1, s.draw.uniform(40, 120), "clip")
    asleep(s, b + 15, s.duration_s)


BUILD: Final[dict[str, Callable[[Scene], None]]] = {
    "rhythmic_awake": within("awake", 15, 120, clonic),
    "rhythmic_asleep": within("asleep", 15, 120, clonic),
    "rhythmic_unknown": rhythmic_unknown,
    "rhythmic_moving": within("awake", 15, 120, moving),
    "spasm_cluster": spasm_stream,
    "persists_after_waking": persisting,
    "myoclonic_series": benign,
    "stiffening": within("", 5, 40, stiffen),
    "bursts": within("asleep", 120, 400, twitch_run),
    "turn_over": within("asleep", 20, 200, some(turn_over, 60)),
    "startles": within("asleep", 60, 300, some(startle, 60)),
    "periodic_movements": within("asleep", 120, 500, periodic),
    "hiccups": within("", 120, 500, hiccup),
    **{name: mimic_stream(name) for name in MIMICS},
    "quiet": quiet,
    "off_body": off_body,
}
KINDS: Final = tuple(BUILD)


def stream(kind: str, i: int, seed: int) -> Case:
    draw = Draw(np.random.default_rng([seed, i, zlib.crc32(kind.encode())]))
    seconds = draw.log(60, 1800) + 360 if kind == "myoclonic_series" else draw.uniform(360, 900)
    scene = Scene.drawn(draw, seconds)
    if kind != "off_body":
        breathe(scene, 0, seconds)
    BUILD[kind](scene)
    return scene.sampled(f"{kind}-{i}")


def cases(kind: str, n: int, seed: int) -> Iterator[Case]:
    """Draw n streams of a kind."""
    return (stream(kind, i, seed) for i in range(n))
