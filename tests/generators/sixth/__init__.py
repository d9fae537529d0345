"""Sixth generator: a clip on cloth, on a trunk, on a mattress, with limbs that push the trunk by their momentum.

Nothing is drawn as a signal: muscles drive limbs (a drive, then its brake), limbs push and twist the trunk, the trunk
swings on what it lies on, the clip swings on the cloth, gravity is projected through every turn and tilt, and a sensor
reads the rest. Written from the signatures of movements alone, without knowledge of any detector or other generator.

Frame: x to the baby's left, y to the head, z out of the belly. Times in seconds, accelerations in g, tilts in radians.
Every stream has its own numpy SeedSequence, and draws baby, bed, cloth and sensor before what happens.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from numpy.random import SeedSequence, default_rng

from tests.generators.sixth import outside, own
from tests.generators.sixth.body import Floats, Row, Stage
from tests.generators.sixth.clip import read
from tests.generators.sixth.concerning import spasms, stiffen
from tests.generators.sixth.night import night
from tests.generators.sixth.scenes import (
    around,
    in_arms_or_not,
    in_either,
    myoclonic_series,
    off,
    persists,
    rhythmic,
    several,
    spasms_on_waking,
)


@dataclass(frozen=True)
class Case:
    """One stream with its labels (onset, duration, kind, detail) and what was drawn for it."""

    name: str
    time_s: Floats
    accel_g: Floats
    rate_hz: float
    resolution_g: float
    labels: list[Row]
    facts: Mapping[str, Any]


CASES: Final[Mapping[str, Callable[[Stage], None]]] = {
    "rhythmic_awake": lambda stage: rhythmic(stage, "awake"),
    "rhythmic_asleep": lambda stage: rhythmic(stage, "asleep"),
    "spasms_awake": lambda stage: around(stage, "awake", spasms),
    "spasms_asleep": lambda stage: around(stage, "asleep", spasms),
    "spasms_on_waking": spasms_on_waking,
    "persists_after_waking": persists,
    "myoclonic_series": myoclonic_series,
    "stiffening": in_either(stiffen, 0.5),
    "myoclonus": several(own.burst, 12, "asleep"),
    "turn_over": several(own.turn_over, 60, "asleep"),
    "hiccups": in_either(own.hiccups, 0.5),
    "periodic_movements": lambda stage: around(stage, "asleep", own.periodic),
    "startles": several(own.startle, 35, "asleep"),
    "sucking": in_either(own.sucking, 0.4),
    "feeding": in_arms_or_not(outside.feeding, 1, 0.2),
    "crying": in_either(own.crying, 0),
    "kicking": several(own.kicking, 8, "awake"),
    "playing": several(own.playing, 6, "awake"),
    "wriggling": several(own.wriggle, 25, "asleep"),
    "head_banging": in_either(own.head_banging, 0.2),
    "patting": in_either(outside.patting, 0.6),
    "patting_in_arms": in_arms_or_not(outside.patting_held, 1, 0.4),
    "rocking": in_arms_or_not(outside.rocking, 0.5, 0.6),
    "bassinet": in_either(outside.bassinet, 0.8),
    "bouncer": in_either(outside.bouncer, 0.2),
    "walking": in_arms_or_not(outside.walking, 1, 0.5),
    "burping": in_arms_or_not(outside.burping, 1, 0.2),
    "car": in_either(lambda stage, at_s: outside.ride(stage, at_s, car=True), 0.6),
    "pram": in_either(lambda stage, at_s: outside.ride(stage, at_s, car=False), 0.6),
    "jitteriness": several(own.jitteriness, 30, "awake"),
    "diaper_change": in_either(outside.diaper_change, 0),
    "off_body": off,
    "quiet": lambda stage: around(stage, "asleep", own.sigh),
}


def drawn(name: str, sequence: SeedSequence, act: Callable[[Stage], None], shortest_s: float, longest_s: float) -> Case:
    rng = default_rng(sequence)
    stage = Stage(rng, float(rng.uniform(shortest_s, longest_s)))
    act(stage)
    time_s, accel_g = read(stage)
    sensor = stage.sensor
    return Case(name, time_s, accel_g, sensor.nominal_hz, sensor.step_g, sorted(stage.labels), stage.facts)


def cases(kind: str, n: int, seed: int) -> Iterator[Case]:
    """Draw streams of one kind, 12 to 20 minutes each."""
    root = SeedSequence((seed, 6, list(CASES).index(kind)))
    for i, sequence in enumerate(root.spawn(n)):
        yield drawn(f"{kind}-{i}", sequence, CASES[kind], 720, 1200)


def nights(n: int, seed: int) -> Iterator[Case]:
    """Draw ordinary nights of 8 to 12 hours."""
    for i, sequence in enumerate(SeedSequence((seed, 6, 1000)).spawn(n)):
        yield drawn(f"night-{i}", sequence, night, 8 * 3600, 12 * 3600)
