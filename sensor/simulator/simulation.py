"""One simulated stream: a scenario played by a drawn baby, and carried by a radio."""

import zlib
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Final

import numpy as np

from processing.labels import Label
from processing.samples import Floats
from sensor.clips import FAMILIES
from sensor.clips.family import Family
from sensor.simulator.radio import GOOD, ROUGH, Faults, Feed, Transmission, has_clip_time, transmit
from sensor.simulator.scenarios import SCENARIOS, Scenario
from sensor.simulator.splits import SPLITS, SplitName
from sensor.simulator.wearer import Sensor, Wearer, draw_sensor, new_wearer
from sensor.stream import StreamItem

RANGE_G: Final = 4.0
"""Measuring range of a simulated family's clip: that of the open profile."""


@dataclass(frozen=True, eq=False, slots=True, kw_only=True)
class Simulation:
    """One simulated stream.

    Attributes:
        name: of the scenario.
        time_s: true sampling times, `(n,)`, stream seconds.
        accel_g: what the clip measured, clip axes, `(n, 3)`.
        rate_hz: nominal rate.
        resolution_g: the sensor's step.
        labels: what truly happened, by onset.
        facts: what was drawn: `size`, `hz`, `shape` and the like, `quiet_mg`, `noise_mg`, `true_rate_hz`, `age_months`.
        transmission: what the radio made of it; None where there was no radio.
    """

    name: str
    time_s: Floats
    accel_g: Floats
    rate_hz: float
    resolution_g: float
    labels: tuple[Label, ...]
    facts: Mapping[str, float | str]
    transmission: Transmission | None = None

    @property
    def items(self) -> tuple[StreamItem, ...]:
        """What arrives at the host, in order; empty where there was no radio."""
        return self.transmission.items if self.transmission else ()


def simulate(
    scenario: str | Scenario,
    *,
    seed: int,
    family: str = "sleepclip",
    split: SplitName = "train",
    faults: Faults | None = None,
) -> Simulation:
    """Play a scenario and send it over the radio; the same arguments give the same bits.

    Args:
        scenario: one of `SCENARIOS`, or its name.
        seed: of everything that is drawn.
        family: clip family that encodes the packets.
        split: whose distributions.
        faults: of the radio; None for a good link, and for every fault in the scenario `faults`.

    Raises:
        ValueError: there is no such scenario or family.
    """
    played = scenario_named(scenario) if isinstance(scenario, str) else scenario
    if family not in FAMILIES:
        raise ValueError(f"no clip family {family!r}; there are {', '.join(FAMILIES)}")
    radio_rng = np.random.default_rng((SPLITS[split].key, seed, zlib.crc32(b"radio")))
    faults = faults or (ROUGH if played.name == "faults" else GOOD)
    sensor = _sensor_of(FAMILIES[family], split, faults.drift_ppm, radio_rng)
    simulation = play(played, split=split, seed=(seed,), sensor=sensor)
    feed = Feed(
        family=FAMILIES[family],
        rate_hz=sensor.rate_hz,
        true_rate_hz=sensor.true_rate_hz,
        index=np.rint(simulation.time_s * sensor.true_rate_hz).astype(np.int64),
        accel_g=simulation.accel_g,
        duration_s=float(simulation.time_s[-1]) + 1 / sensor.true_rate_hz,
    )
    return replace(simulation, transmission=transmit(feed, faults, radio_rng))


def play(scenario: Scenario, *, split: SplitName, seed: tuple[int, ...], sensor: Sensor | None = None) -> Simulation:
    """Play a scenario without a radio, on a sensor of the split's if none is given."""
    seed = (*seed, zlib.crc32(scenario.name.encode()))
    duration_s = scenario.duration_s.draw(np.random.default_rng((SPLITS[split].key, *seed, zlib.crc32(b"length"))))
    wearer = new_wearer(split, seed, duration_s, sensor=sensor)
    scenario.build(wearer)
    return _measured(scenario.name, wearer)


def scenario_named(name: str) -> Scenario:
    """Find a scenario, written with hyphens or with underscores.

    Raises:
        ValueError: there is none of this name.
    """
    found = SCENARIOS.get(name.replace("_", "-"))
    if found is None:
        raise ValueError(f"no scenario {name!r}; there are {', '.join(SCENARIOS)}")
    return found


def _sensor_of(family: Family, split: SplitName, drift_ppm: float, rng: np.random.Generator) -> Sensor:
    """Draw a sensor as this family has it. A clip that tells no time samples by its crystal, which drifts."""
    rate_hz = family.traits.default_rate_hz
    sensor = draw_sensor(rng, SPLITS[split], rate_hz)
    true_rate_hz = sensor.true_rate_hz if has_clip_time(family, rate_hz) else rate_hz * (1 + drift_ppm * 1e-6)
    return replace(
        sensor,
        true_rate_hz=true_rate_hz,
        range_g=min(sensor.range_g, RANGE_G),
        resolution_g=family.traits.resolution_g,
    )


def _measured(name: str, wearer: Wearer) -> Simulation:
    """Let the clip measure what was played on the canvas."""
    time_s, accel_g = wearer.felt()
    sensor = wearer.sensor
    return Simulation(
        name=name,
        time_s=time_s,
        accel_g=accel_g,
        rate_hz=sensor.rate_hz,
        resolution_g=sensor.resolution_g,
        labels=tuple(sorted([*wearer.state_labels(), *wearer.labels])),
        facts={
            **wearer.facts,
            "quiet_mg": wearer.quiet_g * 1000,
            "noise_mg": sensor.noise_g * 1000,
            "true_rate_hz": sensor.true_rate_hz,
            "age_months": wearer.baby.age_months,
        },
    )
