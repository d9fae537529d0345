"""The streams: one kind of happening each, after enough ordinary life; and whole healthy nights."""

from collections.abc import Callable, Iterator

import numpy as np

from . import carer, ordinary
from .body import lognormal, loguniform, unit
from .carer import MIMICS, mimic
from .case import Case
from .concerning import clusters, draw_jerking, jerk, rhythm, spasms, stiffen
from .ordinary import arouse, awake, settle, sleep
from .scene import Scene

_ANY_AGE = (0.2, 18.0)


def _before(scene: Scene, state: str, *, other: bool | None = None) -> None:
    """Live 10 to 13 min in one state, often after some in the other."""
    rng = scene.rng
    other = rng.random() < 0.5 if other is None else other
    if state == "asleep":
        if other:
            awake(scene, rng.uniform(60, 240))
            settle(scene, rng.uniform(120, 200))
        scene.sleep_clock_s = rng.uniform(0, scene.baby.cycle_s)
        sleep(scene, rng.uniform(600, 800))
    else:
        if other:
            sleep(scene, rng.uniform(120, 300))
            arouse(scene)
        awake(scene, rng.uniform(600, 800))


def _after(scene: Scene) -> None:
    """Spare what was from long holes, then go on for 2 to 5 min."""
    scene.spared.append((0.0, scene.now + 60))
    seconds = scene.rng.uniform(120, 300)
    if scene.phase == "awake":
        awake(scene, seconds)
    else:
        sleep(scene, seconds)


def _either(scene: Scene) -> str:
    return "asleep" if scene.rng.random() < 0.5 else "awake"


def _on(scene: Scene, seconds: float, *, activity: float = 1.0, moving: bool = True) -> None:
    """Go on under something that lies over it: still in sleep, moving when awake."""
    if scene.phase == "awake":
        awake(scene, seconds, activity=activity, moving=moving)
    else:
        sleep(scene, seconds, calm=True)


def _clonic_s(scene: Scene) -> float:
    return lognormal(scene.rng, 45, 0.8, 12, 360)


def _rhythmic(scene: Scene, state: str) -> None:
    _before(scene, state)
    seconds = _clonic_s(scene)
    rhythm(scene, seconds)
    _on(scene, seconds, activity=loguniform(scene.rng, 0.03, 0.6), moving=False)


def _rhythmic_awake(scene: Scene) -> None:
    _rhythmic(scene, "awake")


def _rhythmic_asleep(scene: Scene) -> None:
    _rhythmic(scene, "asleep")


def _rhythmic_unknown(scene: Scene) -> None:
    """Begin 1 to 20 s after the start of the stream, or after a gap of 20 s to 3 min."""
    rng = scene.rng
    go = awake if rng.random() < 0.5 else sleep
    if rng.random() < 0.5:
        go(scene, rng.uniform(600, 900))
        lost = rng.uniform(20, 180)
        scene.gaps.append((scene.now, scene.now + lost))
        go(scene, lost)
        scene.spared.append((0.0, scene.gaps[0][0]))
    resumed = scene.now
    go(scene, rng.uniform(1, 20))
    seconds = _clonic_s(scene)
    rhythm(scene, seconds)
    _on(scene, seconds, activity=loguniform(rng, 0.03, 0.6), moving=False)
    scene.spared.append((resumed, scene.now + 60))
    go(scene, rng.uniform(360, 480))


def _spasm_cluster(scene: Scene) -> None:
    """Sleep, wake, and contract within minutes; one in five while awake for long."""
    rng = scene.rng
    if rng.random() < 0.8:
        _before(scene, "asleep")
        arouse(scene)
        awake(scene, loguniform(rng, 20, 330))
    else:
        _before(scene, "awake")
    seconds = spasms(scene, int(rng.integers(3, 16)))
    awake(scene, seconds, activity=loguniform(rng, 0.05, 0.7), moving=False)


def _persists(scene: Scene) -> None:
    """Jerk in sleep, wake, and jerk on: in clusters, or as one run."""
    rng = scene.rng
    _before(scene, "asleep")
    before, after = rng.uniform(30, 300), rng.uniform(15, 150)
    if rng.random() < 0.65:
        way = clusters(scene, before)
        _sleep_through_clusters(scene)
        waking = scene.now
        t = waking + rng.uniform(0, 2)
        while t < waking + after - 1:
            length = min(rng.uniform(2, 6), waking + after - t)
            jerk(scene, way, t, length)
            t += length + rng.uniform(0.7, 5)
    else:
        before = lognormal(rng, 25, 0.5, 11, 80)
        jerk(scene, draw_jerking(scene), scene.now, before + after)
        scene.label(scene.now, before + after, "rhythmic")
        sleep(scene, before, calm=True)
        waking = scene.now
    arouse(scene)
    awake(scene, waking + after - scene.now, activity=loguniform(rng, 0.08, 0.8))
    scene.label(waking, after, "persists_after_waking")


def _myoclonic_series(scene: Scene) -> None:
    """Jerk in clusters for 3 to 20 min of sleep; waking ends it at once."""
    _before(scene, "asleep", other=False)
    seconds = loguniform(scene.rng, 180, 1200)
    onset = scene.now
    clusters(scene, seconds)
    _sleep_through_clusters(scene)
    scene.label(onset, scene.now - onset, "myoclonic_series")
    arouse(scene)


def _sleep_through_clusters(scene: Scene) -> None:
    """Sleep until the last cluster is over, or a few seconds longer."""
    end = max(label.end_s for label in scene.labels if label.trial_type == "myoclonic_burst")
    sleep(scene, end + loguniform(scene.rng, 0.1, 5) - scene.now, calm=True)


def _stiffening(scene: Scene) -> None:
    _before(scene, _either(scene))
    seconds = loguniform(scene.rng, 5, 30)
    stiffen(scene, seconds)
    _on(scene, seconds + 3, activity=loguniform(scene.rng, 0.03, 0.4), moving=False)


def _turn_over(scene: Scene) -> None:
    _before(scene, _either(scene))
    for _ in range(int(scene.rng.integers(1, 4))):
        ordinary.turn_over(scene)
        _on(scene, scene.rng.uniform(30, 200))


def _periodic(scene: Scene) -> None:
    _before(scene, "asleep")
    sleep(scene, ordinary.periodic_movements(scene, int(scene.rng.integers(4, 13))), calm=True)


def _hiccups(scene: Scene) -> None:
    _before(scene, _either(scene))
    seconds = float(np.clip(scene.rng.normal(504, 252), 120, 750))
    _on(scene, ordinary.hiccups(scene, seconds))


def _bursts(scene: Scene) -> None:
    """Fall asleep with hypnic jerks, then twitch far more than most."""
    awake(scene, scene.rng.uniform(120, 300))
    settle(scene, scene.rng.uniform(120, 300))
    scene.sleep_clock_s = 0.0
    sleep(scene, scene.rng.uniform(900, 1500), twitchy=scene.rng.uniform(1, 5))


def _sucking(scene: Scene) -> None:
    _before(scene, _either(scene))
    seconds = loguniform(scene.rng, 90, 600)
    ordinary.sucking(scene, seconds)
    _on(scene, seconds, activity=loguniform(scene.rng, 0.03, 0.4))


def _kicking(scene: Scene) -> None:
    """Kick in bouts among other movement."""
    _before(scene, "awake")
    for _ in range(int(scene.rng.integers(3, 9))):
        seconds = ordinary.kicking(scene, scene.now, int(scene.rng.integers(4, 41)))
        awake(scene, seconds, activity=0.4, moving=False)
        awake(scene, scene.rng.uniform(5, 40))


def _head_banging(scene: Scene) -> None:
    _before(scene, "awake", other=False)
    seconds = loguniform(scene.rng, 40, 900)
    ordinary.head_banging(scene, seconds)
    awake(scene, seconds, activity=0.15, moving=False)
    if scene.rng.random() < 0.6:
        settle(scene, 120)


def _jitteriness(scene: Scene) -> None:
    _before(scene, "awake")
    for _ in range(int(scene.rng.integers(2, 9))):
        seconds = loguniform(scene.rng, 2, 25)
        ordinary.jitteriness(scene, scene.now, seconds)
        awake(scene, seconds, activity=0.4, moving=False)
        awake(scene, scene.rng.uniform(10, 60))


def _off_body(scene: Scene) -> None:
    """Come off in someone's hands, lie on a table for 5 to 12 min with a bump now and then, at times come back."""
    rng = scene.rng
    _before(scene, _either(scene))
    onset = scene.now
    scene.enter("awake")
    carer.touch(scene, rng.uniform(3, 12))
    scene.turn(scene.now - 1.5, 1.4, unit(rng), rng.uniform(0.3, 2.5))
    scene.label(onset, scene.now - onset, "handling", "undressing")
    scene.enter("off")
    seconds = loguniform(rng, 300, 700)
    scene.label(scene.now, seconds, "off_body")
    for t in rng.uniform(0, seconds, rng.poisson(seconds / 300)):
        ring = np.exp(-np.arange(36) / 6) * np.sin(np.arange(36) * 1.1) * loguniform(rng, 0.002, 0.03)
        scene.add(scene.now + t, ring[:, None] * unit(rng))
    scene.now += seconds
    scene.spared.append((0.0, scene.now))
    if rng.random() < 0.5:
        onset = scene.now
        scene.enter("awake")
        carer.touch(scene, rng.uniform(3, 12))
        scene.label(onset, scene.now - onset, "handling", "dressing")
        awake(scene, rng.uniform(120, 360))


def _quiet(scene: Scene) -> None:
    """Sleep, and nothing else: breathing with its sighs and pauses."""
    scene.sleep_clock_s = 0.6 * scene.baby.cycle_s
    sleep(scene, loguniform(scene.rng, 400, 2000), calm=True)


def _mimic(which: str) -> Callable[[Scene], None]:
    def stream(scene: Scene) -> None:
        _before(scene, _either(scene))
        mimic(scene, which, loguniform(scene.rng, 15 if which == "patting" else 60, 600))

    return stream


_ENDLESS = {"rhythmic_unknown", "off_body", "quiet", "bursts"}
"""Kinds that write their own end."""

_AGES = {
    "jitteriness": (0.1, 2.0),
    "head_banging": (5.0, 20.0),
    "spasm_cluster": (2.0, 12.0),
    "turn_over": (3.0, 18.0),
    "myoclonic_series": (0.1, 4.0),
}

_STREAMS: dict[str, Callable[[Scene], None]] = {
    "rhythmic_awake": _rhythmic_awake,
    "rhythmic_asleep": _rhythmic_asleep,
    "rhythmic_unknown": _rhythmic_unknown,
    "spasm_cluster": _spasm_cluster,
    "persists_after_waking": _persists,
    "myoclonic_series": _myoclonic_series,
    "stiffening": _stiffening,
    "turn_over": _turn_over,
    "periodic_movements": _periodic,
    "hiccups": _hiccups,
    "bursts": _bursts,
    **{which: _mimic(which) for which in MIMICS},
    "kicking": _kicking,
    "head_banging": _head_banging,
    "sucking": _sucking,
    "jitteriness": _jitteriness,
    "off_body": _off_body,
    "quiet": _quiet,
}
KINDS = tuple(_STREAMS)


def cases(kind: str, n: int, seed: int) -> Iterator[Case]:
    """Make `n` streams of 6 to 40 min of one of `KINDS`; case i of a seed is the same whatever `n` is.

    Raises:
        ValueError: no such kind.
    """
    if kind not in _STREAMS:
        raise ValueError(f"no kind {kind!r}; there are {', '.join(KINDS)}")
    for i in range(n):
        rng = np.random.default_rng([seed, KINDS.index(kind), i])
        scene = Scene(f"{kind}-{seed}-{i}", rng, _AGES.get(kind, _ANY_AGE))
        _STREAMS[kind](scene)
        if kind not in _ENDLESS:
            _after(scene)
        yield scene.finish()


def nights(n: int, seed: int) -> Iterator[Case]:
    """Make `n` healthy nights of 8 to 12 h: no concerning pattern in any of them."""
    for i in range(n):
        scene = Scene(f"night-{seed}-{i}", np.random.default_rng([seed, len(KINDS), i]))
        _night(scene, scene.rng.uniform(8, 12) * 3600)
        scene.facts = {"age_months": scene.baby.age_months}
        yield scene.finish()


def _night(scene: Scene, seconds: float) -> None:
    rng, age = scene.rng, scene.baby.age_months
    has_bassinet = age < 6 and rng.random() < 0.2
    if rng.random() < 0.06:
        mimic(scene, str(rng.choice(("pram", "car"))), rng.uniform(300, 1800))
    awake(scene, rng.uniform(120, 900))
    _soothe(scene, fed=True, has_bassinet=has_bassinet)
    while scene.now < seconds - 600:
        stretch = min(lognormal(rng, 3600 * float(np.interp(age, [0, 3, 12], [2.2, 3, 5])), 0.4, 1200, 30000), seconds)
        _stretch(scene, min(stretch, seconds - scene.now))
        if scene.now > seconds - 600:
            break
        _wake(scene, has_bassinet=has_bassinet)
    if rng.random() < 0.5:
        arouse(scene)
        awake(scene, rng.uniform(120, 1200))


def _stretch(scene: Scene, seconds: float) -> None:
    """Sleep between two feeds: turns, brief wakings, suckling, hiccups, runs of periodic movements."""
    rng, age, end = scene.rng, scene.baby.age_months, scene.now + seconds
    per_h: dict[Callable[[Scene], None], float] = {
        _brief_waking: 1.2,
        _roll: 0.1 if age < 4 else 1.2,
        _suckle: 0.5 * float(np.exp(-age / 18)),
        _hiccup: 0.12 * float(np.exp(-age / 6)),
        _legs: 0.04,
        _benign_series: 0.02 if age < 3 else 0.0,
    }
    rates = np.array(list(per_h.values()))
    while True:
        pause = rng.exponential(3600 / rates.sum())
        if scene.now + pause > end - 900:
            sleep(scene, max(1.0, end - scene.now))
            return
        sleep(scene, pause)
        list(per_h)[int(rng.choice(len(rates), p=rates / rates.sum()))](scene)


def _brief_waking(scene: Scene) -> None:
    """Wake for half a minute to minutes, kick or suck, and settle alone."""
    rng = scene.rng
    arouse(scene)
    if rng.random() < 0.3:
        _kick(scene)
    awake(scene, loguniform(rng, 15, 240), activity=rng.uniform(0.4, 1))
    if rng.random() < 0.3:
        _suckle(scene)
    settle(scene, rng.uniform(60, 240))


def _roll(scene: Scene) -> None:
    ordinary.turn_over(scene)


def _suckle(scene: Scene) -> None:
    seconds = loguniform(scene.rng, 40, 400)
    ordinary.sucking(scene, seconds)
    _on(scene, seconds, activity=0.3)


def _hiccup(scene: Scene) -> None:
    seconds = float(np.clip(scene.rng.normal(504, 252), 120, 1000))
    _on(scene, ordinary.hiccups(scene, seconds))


def _legs(scene: Scene) -> None:
    sleep(scene, ordinary.periodic_movements(scene, int(scene.rng.integers(4, 40))), calm=True)


def _benign_series(scene: Scene) -> None:
    onset = scene.now
    clusters(scene, loguniform(scene.rng, 60, 900))
    _sleep_through_clusters(scene)
    scene.label(onset, scene.now - onset, "myoclonic_series")


def _kick(scene: Scene) -> None:
    seconds = ordinary.kicking(scene, scene.now, int(scene.rng.integers(4, 41)))
    awake(scene, seconds, activity=0.4, moving=False)


def _wake(scene: Scene, *, has_bassinet: bool) -> None:
    """Wake, move, kick, cry, until someone comes."""
    rng = scene.rng
    arouse(scene)
    for _ in range(int(rng.integers(1, 5))):
        awake(scene, rng.uniform(20, 150))
        if rng.random() < 0.5:
            _kick(scene)
        if scene.baby.age_months < 1.5 and rng.random() < 0.1:
            ordinary.jitteriness(scene, scene.now, rng.uniform(2, 8))
    if scene.baby.age_months > 6 and rng.random() < 0.03:
        seconds = loguniform(rng, 30, 400)
        ordinary.head_banging(scene, seconds)
        awake(scene, seconds, activity=0.15, moving=False)
    _soothe(scene, fed=rng.random() < 0.75, has_bassinet=has_bassinet)


def _soothe(scene: Scene, *, fed: bool, has_bassinet: bool) -> None:
    """Feed, change, carry, rock or pat until the baby sleeps; it falls asleep before or after being put down."""
    rng = scene.rng
    if fed:
        carer.feed(scene)
        if rng.random() < 0.5:
            carer.change(scene)
    if rng.random() < 0.5:
        mimic(scene, "walking", loguniform(rng, 20, 240))
    asleep_before = rng.random() < 0.6
    ways = ("rocking", "patting", "bassinet" if has_bassinet else "rocking")
    for which in rng.choice(ways, int(rng.integers(0, 3))):
        if asleep_before and scene.phase == "awake" and rng.random() < 0.5:
            scene.enter("active")
        mimic(scene, str(which), loguniform(rng, 30, 600))
    if scene.phase == "awake":
        if rng.random() < 0.12 * float(np.exp(-scene.baby.age_months / 6)) * 3:
            _hiccup(scene)
        settle(scene, rng.uniform(120, 480))
    scene.sleep_clock_s = 0.0
