"""One simulated stream: what the clip sent, and what truly happened."""

from collections.abc import Mapping
from dataclasses import dataclass

from processing.samples import Floats
from sensor.simulator.labels import Label
from sensor.simulator.wearer import Wearer


@dataclass(frozen=True, eq=False, slots=True, kw_only=True)
class Simulation:
    """One simulated stream.

    Attributes:
        name: of the scenario or case.
        time_s: true sampling times, `(n,)`, stream seconds.
        accel_g: what the clip measured, clip axes, `(n, 3)`.
        rate_hz: nominal rate.
        resolution_g: the sensor's step.
        labels: what truly happened, by onset.
        facts: what was drawn: `size`, `hz`, `shape` and the like, and `quiet_mg`.
    """

    name: str
    time_s: Floats
    accel_g: Floats
    rate_hz: float
    resolution_g: float
    labels: tuple[Label, ...]
    facts: Mapping[str, float | str]


def finish(name: str, wearer: Wearer) -> Simulation:
    """Let the clip measure what was played on the canvas."""
    time_s, accel_g = wearer.felt()
    baby, sensor = wearer.baby, wearer.sensor
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
            "age_months": baby.age_months,
        },
    )
