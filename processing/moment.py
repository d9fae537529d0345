"""What every pattern sees at one decision: the newest hop, the levels, the jerks and segments it completed."""

import math
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import islice
from typing import Final

from processing.events import State
from processing.jerks import Jerk, Segment
from processing.movement import HOP, Movement
from processing.rhythm import Beat
from processing.samples import GRID_HZ

GROSS_HOPS: Final = 4
"""Hops in a row that sway: hiccups sway over two or three."""


REST_HOPS: Final = 5
"""A posture is a rest when nothing sways for 2.5 s."""

HOPS_KEPT: Final = 600
"""Five minutes of hops."""


@dataclass(slots=True)  # not frozen: one is made every half second of a night, and that costs four times as much
class Hop:
    """What is kept of a hop.

    Attributes:
        first, stop: first row, and the row after the last.
        posture_g: mean acceleration.
        sway_g: largest |sway|.
        sways: whether the sway stands out, and is larger than the jerks beside it.
        swayed: whether it stands out at all.
        rested: row after the last rest, `REST_HOPS` hops in a row in which nothing swayed; -1 without one.
        explained: whether something from outside explained what was felt.
    """

    first: int
    stop: int
    posture_g: list[float]
    sway_g: float
    sways: bool
    swayed: bool
    rested: int
    explained: bool = False


@dataclass(slots=True)
class Moment:
    """One hop; the same object is refilled from hop to hop.

    Attributes:
        movement: the recent past.
        active: whether anything stands out of the quiet in this hop.
        swaying, still: hops in a row, up to this one, that sway; in which nothing swayed.
        begin: first row since the stream began or the last gap ended.
        first, stop: first row of the hop, and the row after its last.
        seen: how much of the stream had been seen when the hop was known.
        peak_g, sway_g: largest envelope and |sway| in the hop.
        posture_g: mean acceleration of the hop.
        quiet_g, sway_quiet_g: the wearer's own quiet.
        threshold_g, sway_threshold_g: over which a jerk, a sway stands.
        hops: the last five minutes, oldest first, this hop included.
        jerks: jerks completed in the hop.
        recent: jerks of the last minute, oldest first.
        segments: segments of activity that are over and measured.
        open_segment: the one that goes on.
        window: how rhythmic the last 8 s were; None while little happens.
        state: sleep state as decided up to the hop before.
        since: row where that state began.
        asleep: probability of sleep.
        rhythm: whether a rhythm of the wearer's own is going on or likely.
        mimic: what from outside explains what is felt, or "".
        held: whether the wearer is in somebody's arms.
        held_before: whether it was before what has lasted for 10 s.
    """

    movement: Movement
    active: bool = False
    swaying: int = 0
    still: int = 0
    begin: int = 0
    first: int = 0
    stop: int = 0
    seen: int = 0
    peak_g: float = 0.0
    sway_g: float = 0.0
    posture_g: list[float] = field(default_factory=list)
    quiet_g: float = 0.0
    sway_quiet_g: float = 0.0
    threshold_g: float = 0.0
    sway_threshold_g: float = 0.0
    rate_hz: float = GRID_HZ
    resolution_g: float = 0.0
    hops: deque[Hop] = field(default_factory=lambda: deque(maxlen=HOPS_KEPT))
    jerks: list[Jerk] = field(default_factory=list)
    recent: list[Jerk] = field(default_factory=list)
    segments: list[Segment] = field(default_factory=list)
    open_segment: Segment | None = None
    window: Beat | None = None
    state: State = State.UNKNOWN
    since: int = 0
    asleep: float = 0.0
    rhythm: bool = False
    mimic: str = ""
    held: bool = False
    held_before: bool = False

    @property
    def gross(self) -> bool:
        """Whether the body moves as a whole: a sway of 1.5 s and more, which a single jolt does not give."""
        return self.swaying >= GROSS_HOPS

    def last(self, hops: int, *, skip: int = 0) -> list[Hop]:
        """Give the last hops, oldest first, less the newest `skip`."""
        return list(islice(reversed(self.hops), skip, skip + hops))[::-1]

    def between(self, start: int, stop: int) -> list[Hop]:
        """Give the hops that begin at rows `start` to `stop`, oldest first."""
        skip = max(0, (self.stop - stop) // HOP)
        return self.last(max(0, (self.stop - start) // HOP - skip), skip=skip)


def mean_posture(hops: Sequence[Hop]) -> list[float]:
    """Mean acceleration over hops, `[x, y, z]` g."""
    n = len(hops)
    x = y = z = 0.0
    for hop in hops:
        posture_g = hop.posture_g
        x += posture_g[0]
        y += posture_g[1]
        z += posture_g[2]
    return [x / n, y / n, z / n]


def angle_deg(a: list[float], b: list[float]) -> float:
    """Angle between two directions."""
    across = math.hypot(a[1] * b[2] - a[2] * b[1], a[2] * b[0] - a[0] * b[2], a[0] * b[1] - a[1] * b[0])
    return math.degrees(math.atan2(across, a[0] * b[0] + a[1] * b[1] + a[2] * b[2]))
