"""What can be simulated, by name: short streams about one movement, and nights."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

from sensor.simulator import body, held, jerks, night, outside, repeats, sleep, waking
from sensor.simulator.body import Play, stirring
from sensor.simulator.splits import Span
from sensor.simulator.wearer import Stage, Wearer

SIZE: Final = Span(1.5, 30.0, log=True)
"""Size of concerning movements over the baby's own quiet."""
SETTLE_S: Final = Span(480.0, 600.0)
"""Sleep before the event: van Hees' rule takes 5 min to call sleep."""
NIGHT_H: Final = Span(8.0, 12.0)

Build = Callable[[Wearer], None]


@dataclass(frozen=True, slots=True)
class Scenario:
    """One thing to simulate.

    Attributes:
        name: for the command line.
        description: one line.
        duration_s: range its length is drawn from.
        build: plays it on a canvas.
    """

    name: str
    description: str
    duration_s: Span
    build: Build


def _size(wearer: Wearer) -> float:
    return SIZE.draw(wearer.rng)


def _draw(wearer: Wearer, low: float, high: float) -> float:
    return float(wearer.rng.uniform(low, high))


def _asleep(play: Play) -> Build:
    """Sleep, the event, sleep."""

    def build(wearer: Wearer) -> None:
        start_s = SETTLE_S.draw(wearer.rng)
        sleep.asleep(wearer, 0.0, start_s - 20)
        end_s = play(wearer, start_s)
        sleep.asleep(wearer, end_s + 5, wearer.duration_s)

    return build


def _awake(play: Play) -> Build:
    """Sleep, waking, minutes awake, the event, more of being awake."""

    def build(wearer: Wearer) -> None:
        waking_s = _draw(wearer, 120, 240)
        sleep.asleep(wearer, 0.0, waking_s)
        at_s = sleep.awake(wearer, sleep.wakes(wearer, waking_s), waking_s + _draw(wearer, 240, 420))
        sleep.awake(wearer, play(wearer, at_s), wearer.duration_s)

    return build


def _after_waking(play: Play) -> Build:
    """Sleep, waking, the event within three minutes, more of being awake."""

    def build(wearer: Wearer) -> None:
        waking_s = SETTLE_S.draw(wearer.rng)
        sleep.asleep(wearer, 0.0, waking_s)
        at_s = sleep.awake(wearer, sleep.wakes(wearer, waking_s), waking_s + _draw(wearer, 30, 180))
        sleep.awake(wearer, play(wearer, at_s), wearer.duration_s)

    return build


def _after_hole(play: Play) -> Build:
    """Sleep, a hole in the data after which nobody knows the state, and the event within a minute."""

    def build(wearer: Wearer) -> None:
        hole_s = _draw(wearer, 240, 420)
        open_s = hole_s + _draw(wearer, 20, 60)
        sleep.asleep(wearer, 0.0, hole_s)
        wearer.hole(hole_s, open_s)
        end_s = play(wearer, open_s + _draw(wearer, 10, 60))
        sleep.asleep(wearer, end_s + 5, wearer.duration_s)

    return build


def _any_state(play: Play) -> Build:
    return _either(_asleep(play), _awake(stirring(play)))


def _night_with(concern: night.Concern) -> Build:
    return lambda wearer: night.night(wearer, concern)


def _either(*builds: Build) -> Build:
    return lambda wearer: builds[wearer.rng.integers(len(builds))](wearer)


def _lasting(play: Callable[[Wearer, float, float], float], low_s: float, high_s: float) -> Play:
    return lambda wearer, start_s: play(wearer, start_s, _draw(wearer, low_s, high_s))


def _sized(play: Callable[[Wearer, float, float, float], float], length_s: tuple[float, float], sizes: Span) -> Play:
    return lambda wearer, at_s: play(wearer, at_s, _draw(wearer, *length_s), sizes.draw(wearer.rng))


def _clonic(low_s: float, high_s: float) -> Play:
    def play(wearer: Wearer, start_s: float) -> float:
        duration_s = Span(low_s, high_s, log=True).draw(wearer.rng)
        wearer.facts["duration_s"] = duration_s
        return jerks.clonic(wearer, start_s, duration_s, _size(wearer))

    return play


def _spasms(wearer: Wearer, start_s: float) -> float:
    return held.spasms(wearer, start_s, int(wearer.rng.integers(3, 13)), _size(wearer))


def _stiffening(wearer: Wearer, start_s: float) -> float:
    tilt_deg, size = held.TONIC_TILT_DEG.draw(wearer.rng), held.TREMOR_SIZE.draw(wearer.rng)
    return held.stiffening(wearer, start_s, _draw(wearer, 4, 30), tilt_deg, size)


def _myoclonus(wearer: Wearer, start_s: float) -> float:
    return jerks.myoclonus(wearer, start_s, start_s + _draw(wearer, 60, 400), _size(wearer))


def _twitches(wearer: Wearer, start_s: float) -> float:
    at_s = start_s
    while at_s < start_s + 600:
        at_s = jerks.twitches(wearer, at_s, _size(wearer)) + _draw(wearer, 5, 40)
    return at_s


def _startles(wearer: Wearer, start_s: float) -> float:
    at_s = start_s
    while at_s < start_s + 600:
        at_s = jerks.single(wearer, at_s, _draw(wearer, 4, 30), "startle") + _draw(wearer, 40, 180)
    return at_s


def _hypnic(wearer: Wearer) -> None:
    asleep_s = sleep.awake(wearer, 0.0, 300.0)
    wearer.enters(asleep_s, Stage.ACTIVE)
    end_s = jerks.single(wearer, asleep_s + _draw(wearer, 5, 90), _draw(wearer, 4, 30), "hypnic_jerk")
    sleep.asleep(wearer, end_s + 20, wearer.duration_s)


def _periodic(wearer: Wearer, start_s: float) -> float:
    return repeats.periodic(wearer, start_s, int(wearer.rng.integers(6, 16)), _draw(wearer, 4, 20))


def _turn_overs(wearer: Wearer, start_s: float) -> float:
    at_s = start_s
    for _ in range(3):
        at_s = body.turn_over(wearer, at_s, wearer.baby.gross_g * _draw(wearer, 0.3, 1.0)) + _draw(wearer, 30, 120)
    return at_s


def _persists(wearer: Wearer) -> None:
    start_s = SETTLE_S.draw(wearer.rng)
    sleep.asleep(wearer, 0.0, start_s - 20)
    end_s = _persists_from(wearer, start_s)
    sleep.awake(wearer, end_s, wearer.duration_s)


def _persists_from(wearer: Wearer, start_s: float) -> float:
    return waking.persists(wearer, start_s, start_s + _draw(wearer, 30, 240), _size(wearer))


def _stops(wearer: Wearer) -> None:
    start_s = SETTLE_S.draw(wearer.rng)
    sleep.asleep(wearer, 0.0, start_s - 20)
    waking_s = start_s + _draw(wearer, 60, min(1800, wearer.duration_s - start_s - 300))
    jerks.myoclonus(wearer, start_s, waking_s, _size(wearer))
    at_s = sleep.awake(wearer, sleep.wakes(wearer, waking_s), waking_s + _draw(wearer, 120, 240))
    sleep.asleep(wearer, at_s, wearer.duration_s)


def _handling(wearer: Wearer, start_s: float) -> float:
    at_s = night.fed(wearer, start_s)
    return outside.rocking(wearer, at_s + 20, 90, in_arms=True)


def _off_body(wearer: Wearer) -> None:
    off_s = SETTLE_S.draw(wearer.rng)
    sleep.asleep(wearer, 0.0, off_s)
    outside.taken_off(wearer, off_s, wearer.duration_s)


def _concerns(wearer: Wearer) -> None:
    concerns = tuple(CONCERNS.values())
    night.night(wearer, concerns[wearer.rng.integers(len(concerns))])


_SPASMS: Final = _either(
    _after_waking(_spasms), _after_waking(stirring(_spasms, 15.0)), _after_waking(_spasms), _awake(_spasms)
)
_CLONIC_AWAKE: Final = _either(
    _awake(_clonic(15, 180)), _awake(_clonic(15, 180)), _awake(stirring(_clonic(15, 180), 12.0))
)


CONCERNS: Final[Mapping[str, night.Concern]] = MappingProxyType(
    {
        "rhythmic-asleep": night.Concern(Stage.QUIET, _clonic(25, 180)),
        "rhythmic-awake": night.Concern(Stage.AWAKE, _clonic(15, 180)),
        "spasms": night.Concern(Stage.AWAKE, _spasms),
        "stiffening": night.Concern(Stage.QUIET, _stiffening),
        "persists": night.Concern(Stage.QUIET, _persists_from),
    }
)
"""Movements worth a doctor's look that a night may hold."""

_SHORT: Final = Span(1200.0, 1200.0)
_LONG: Final = Span(3000.0, 3000.0)
_HALF_HOUR: Final = Span(1800.0, 1800.0)
_MIMIC: Final = Span(1500.0, 1500.0)
_NIGHT: Final = Span(NIGHT_H.low * 3600, NIGHT_H.high * 3600)

_TABLE: Final = (
    Scenario("quiet", "quiet and active sleep with its ordinary twitches", _SHORT, _asleep(lambda _, at_s: at_s)),
    Scenario("awake", "an awake baby that moves and kicks", _SHORT, _awake(lambda _, at_s: at_s)),
    Scenario("twitches", "bursts of sleep twitches", _SHORT, _asleep(_twitches)),
    Scenario("startles", "isolated startles in sleep", _SHORT, _asleep(_startles)),
    Scenario("hypnic-jerk", "a single jolt while falling asleep", _SHORT, _hypnic),
    Scenario("myoclonus", "benign sleep myoclonus: clusters with pauses, in sleep", _SHORT, _asleep(_myoclonus)),
    Scenario("stops-on-waking", "a series of sleep myoclonus, up to 30 min, that stops on waking", _LONG, _stops),
    Scenario("persists-after-waking", "jerks in sleep that go on after waking", _SHORT, _persists),
    Scenario("rhythmic-asleep", "sustained rhythmic jerking in sleep", _SHORT, _asleep(_clonic(25, 180))),
    Scenario("rhythmic-awake", "sustained rhythmic jerking of an awake baby", _SHORT, _CLONIC_AWAKE),
    Scenario(
        "rhythmic-unknown", "rhythmic jerking soon after a hole in the data", _SHORT, _after_hole(_clonic(15, 180))
    ),
    Scenario("spasms", "a cluster of 3-12 spasms soon after waking", _SHORT, _SPASMS),
    Scenario("stiffening", "stiffening with a tremor, posture held", _SHORT, _any_state(_stiffening)),
    Scenario("turn-over", "turn-overs in sleep", _SHORT, _asleep(_turn_overs)),
    Scenario("periodic", "periodic limb movements in sleep", _HALF_HOUR, _asleep(_periodic)),
    Scenario("hiccups", "a bout of hiccups", _HALF_HOUR, _any_state(_sized(repeats.hiccups, (150, 900), Span(3, 25)))),
    Scenario("sucking", "sucking", _MIMIC, _any_state(_sized(repeats.sucking, (60, 400), Span(0.5, 5)))),
    Scenario("head-banging", "head banging or body rocking", _MIMIC, _awake(_lasting(repeats.head_banging, 60, 600))),
    Scenario(
        "jitteriness",
        "jitteriness of an awake baby",
        _MIMIC,
        _awake(_sized(repeats.jitteriness, (20, 120), Span(2, 10))),
    ),
    Scenario("handling", "picked up, fed, winded, rocked, put down", _LONG, _awake(_handling)),
    Scenario("rocking", "rocked by a carer", _MIMIC, _any_state(_lasting(outside.rocking, 60, 480))),
    Scenario("patting", "patted by a carer", _MIMIC, _any_state(_lasting(outside.patting, 10, 300))),
    Scenario("walking", "carried on a walk", _MIMIC, _any_state(_lasting(outside.walking, 60, 480))),
    Scenario("bassinet", "a moving bassinet", _MIMIC, _any_state(_lasting(outside.bassinet, 60, 600))),
    Scenario("pram", "a ride in a pram", _MIMIC, _asleep(_lasting(outside.pram, 120, 600))),
    Scenario("car", "a ride in a car", _MIMIC, _asleep(_lasting(outside.car, 120, 600))),
    Scenario("off-body", "the clip is taken off and laid down", _HALF_HOUR, _off_body),
    Scenario("nap", "an hour and a half of a healthy night", Span(5400.0, 5400.0), night.night),
    Scenario("healthy-night", "8-12 h with every mimic at a plausible rate", _NIGHT, night.night),
    Scenario("concerning-night", "a night with one concerning pattern, drawn by the seed", _NIGHT, _concerns),
    *(
        Scenario(f"night-{name}", f"a night with one concerning pattern: {name}", _NIGHT, _night_with(concern))
        for name, concern in CONCERNS.items()
    ),
    Scenario("faults", "rhythmic jerking in sleep over a radio with every fault", _SHORT, _asleep(_clonic(60, 180))),
)

SCENARIOS: Final[Mapping[str, Scenario]] = MappingProxyType({x.name: x for x in _TABLE})
"""Every scenario by its name."""
