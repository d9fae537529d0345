"""Small signals that hold one thing each, for the tests of the parts."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import numpy as np
import pytest
from numpy.typing import NDArray

from processing.detector import Detector
from processing.events import Event
from processing.resampling import Resampler
from processing.samples import GRID_HZ, Readings, Samples

Floats = NDArray[np.float64]
Way = tuple[float, float, float]
SIDE: Way = (0.8, 0.6, 0.0)


@dataclass
class Bed:
    """A baby with a clip that lies still: gravity, breathing of 3 mg at 0.6 Hz and noise; movements are added to it."""

    lasts_s: float
    seed: int = 3
    noise_g: float = 0.0015
    ring_hz: float = 7.0
    ring_s: float = 0.1
    ring: float = 1 / 3
    rng: np.random.Generator = field(init=False)
    accel_g: Floats = field(init=False)

    def __post_init__(self) -> None:
        self.rng = np.random.default_rng(self.seed)
        rows = round(self.lasts_s * GRID_HZ)
        breath = 0.003 * np.sin(2 * np.pi * 0.6 * np.arange(rows) / GRID_HZ)
        noise = self.noise_g * self.rng.standard_normal((rows, 3))
        self.accel_g = np.array([0.1, 0.2, 0.97]) + breath[:, None] * [0.3, 0.9, 0.1] + noise

    def add(self, at_s: float, wave: Floats, way: Way = SIDE) -> None:
        first = round(at_s * GRID_HZ)
        stop = min(first + len(wave), len(self.accel_g))
        self.accel_g[first:stop] += wave[: stop - first, None] * np.array(way)

    def jerk(self, at_s: float, size_g: float = 0.06, way: Way = SIDE) -> None:
        """A pulse of 80 ms that rings in the cloth."""
        t = np.arange(round(6 * self.ring_s * GRID_HZ)) / GRID_HZ
        pulse = np.where(t < 0.08, np.sin(np.pi * t / 0.08), 0)
        rings = np.exp(-t / self.ring_s) * np.sin(2 * np.pi * self.ring_hz * t)
        self.add(at_s, size_g * ((1 - self.ring) * pulse + self.ring * rings) / max(1 - self.ring, self.ring), way)

    def run(self, at_s: float, lasts_s: float, hz: float = 2.2, size_g: float = 0.06, cv: float = 0.06) -> None:
        """Rhythmic jerking, a little uneven."""
        stop_s = at_s + lasts_s
        while at_s < stop_s:
            self.jerk(at_s, size_g * float(self.rng.uniform(0.8, 1.2)))
            at_s += (1 + cv * float(self.rng.uniform(-1.7, 1.7))) / hz

    def toss(self, at_s: float, lasts_s: float, turn_g: float = 0.2) -> None:
        """Whole-body movement: slow irregular swings, and another posture after it."""
        rows = round(lasts_s * GRID_HZ)
        knots = np.arange(0, rows, 12)
        for way in ((1.0, 0.0, 0.0), (0.0, 1.0, 0.0), (0.0, 0.0, 1.0)):
            wave = np.interp(np.arange(rows), knots, 0.12 * self.rng.standard_normal(len(knots)))
            self.add(at_s, wave * np.sin(np.pi * np.arange(rows) / rows), way)
        self.turn(at_s, lasts_s, turn_g)

    def turn(self, at_s: float, lasts_s: float, turn_g: float) -> None:
        """Take another posture, and keep it."""
        ramp = np.clip((np.arange(len(self.accel_g)) / GRID_HZ - at_s) / lasts_s, 0, 1)
        self.accel_g[:, 0] += turn_g * (0.5 - 0.5 * np.cos(np.pi * ramp))

    def contraction(self, at_s: float, tilt_g: float = 0.15, hold_s: float = 1.5) -> None:
        """A quick tilt that is held and let go."""
        t = np.arange(round((hold_s + 1) * GRID_HZ)) / GRID_HZ
        rise, fall = np.clip(t / 0.2, 0, 1), np.clip((t - hold_s) / 0.6, 0, 1)
        self.add(at_s, tilt_g * np.sin(np.pi / 2 * rise) * np.cos(np.pi / 2 * fall))
        self.jerk(at_s, 0.04)

    def swing(self, at_s: float, lasts_s: float, hz: float, size_g: float = 0.05) -> None:
        """A sinusoid with soft ends: rocking, a machine, a tremor."""
        t = np.arange(round(lasts_s * GRID_HZ)) / GRID_HZ
        self.add(at_s, size_g * np.clip(np.minimum(t, lasts_s - t), 0, 1) * np.sin(2 * np.pi * hz * t))

    def events(self, cuts: Sequence[int] = (), hole: tuple[int, int] | None = None) -> list[Event]:
        """Push the rows in pieces, with the rows of the hole left out."""
        detector, out = Detector(), []
        for first, stop in zip([0, *cuts], [*cuts, len(self.accel_g)], strict=True):
            for a, b in _without((first, stop), hole):
                if a < b:
                    out += detector.push(Samples(start=a, accel_g=self.accel_g[a:b].copy()))
        return out + detector.close()

    def names(self) -> list[str]:
        """Names of what was found, states left out."""
        return [e.name for e in last_snapshots(self.events()) if e.kind != "state"]

    def felt(self, rate_hz: float, resolution_g: float = 0.0) -> tuple[Floats, Floats]:
        """What a clip of another rate and step would have sent: times, rows."""
        time_s = np.arange(0, self.lasts_s - 0.1, 1 / rate_hz)
        grid_s = np.arange(len(self.accel_g)) / GRID_HZ
        rows = np.column_stack([np.interp(time_s, grid_s, self.accel_g[:, axis]) for axis in range(3)])
        return time_s, np.round(rows / resolution_g) * resolution_g if resolution_g else rows


def _without(span: tuple[int, int], hole: tuple[int, int] | None) -> list[tuple[int, int]]:
    if hole is None:
        return [span]
    return [(span[0], min(span[1], hole[0])), (max(span[0], hole[1]), span[1])]


def last_snapshots(events: list[Event]) -> list[Event]:
    """The last snapshot of each event, in the order of the first."""
    return list({event.id: event for event in events}.values())


def detected(time_s: Floats, accel_g: Floats, rate_hz: float | None = None) -> list[Event]:
    """Events of readings: resampled and judged."""
    resampler, detector = Resampler(), Detector()
    samples = resampler.push(Readings(time_s=time_s.copy(), accel_g=accel_g.copy(), rate_hz=rate_hz))
    out = [event for piece in (*samples, *resampler.close()) for event in detector.push(piece)]
    return out + detector.close()


@pytest.fixture
def bed() -> Callable[..., Bed]:
    """Make a bed."""
    return Bed


@pytest.fixture
def eventful() -> Bed:
    """Six minutes: sleep, a burst, a run asleep, waking, and jerking that goes on."""
    bed = Bed(360)
    for at_s in (90.0, 91.1, 92.9):
        bed.jerk(at_s)
    bed.run(150, 80)
    bed.toss(192, 3)
    return bed


@pytest.fixture
def last() -> Callable[[list[Event]], list[Event]]:
    """The last snapshot of each event."""
    return last_snapshots


@pytest.fixture
def detect() -> Callable[..., list[Event]]:
    """Events of readings."""
    return detected
