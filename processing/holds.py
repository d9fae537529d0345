"""Movements that hold a posture for a moment: how far, which way, and whether it goes back.

    tilt  = mean acceleration 0.25-0.85 s after the onset - mean before it        `(3,)`, g
    back  = mean 1-1.6 s after the end - mean before it, along the tilt, over its length

A contraction tips the trunk and lets it go; a jolt leaves no tilt; a turn-over does not go back.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np

from processing.jerks import Segment
from processing.movement import Movement
from processing.samples import GRID_HZ, Floats

BEFORE_ROWS: Final = (50, 5)
HELD_ROWS: Final = (12, 42)
LONG_ROWS: Final = 125
"""A segment of more than 2.5 s may hold another movement first: its tilt may come with its largest sway."""
PEAK_ROWS: Final = 20
BACK_ROWS: Final = (25, 60)
KNOWN_AFTER: Final = 60
"""Rows after a segment's end until it can be measured: 1.2 s."""


@dataclass(frozen=True, slots=True)
class Hold:
    """A segment with its tilt.

    Attributes:
        onset, end: rows of the segment.
        peak_g: largest envelope of the jerk band.
        size: the same over the quiet level.
        tilt_g: `(3,)`.
        tilt: its length, g.
        back: share of the tilt that is left after the end; 0 when it has gone back.
        turn_deg: angle by which the posture differs after the end.
        axes: directions of the jerk band and of the sway where each is largest, units `(3,)`.
        sway_g: largest |sway|.
        jerks: crests at least half as high as the peak.
    """

    onset: int
    end: int
    peak_g: float
    size: float
    tilt_g: Floats
    tilt: float
    back: float
    turn_deg: float
    axes: tuple[Floats, Floats]
    sway_g: float
    jerks: int

    @property
    def lasted_s(self) -> float:
        """Seconds from onset to end."""
        return (self.end - self.onset) / GRID_HZ

    @property
    def tilt_deg(self) -> float:
        """The tilt as an angle of gravity."""
        return float(np.degrees(np.arcsin(min(1.0, self.tilt))))


def hold_of(segment: Segment, movement: Movement) -> Hold:
    """Measure a segment that ended at least `KNOWN_AFTER` rows ago."""
    onset, end = segment.onset, segment.end
    before = _mean(movement, onset - BEFORE_ROWS[0], onset - BEFORE_ROWS[1])
    tilt_g = _mean(movement, onset + HELD_ROWS[0], onset + HELD_ROWS[1]) - before
    if end - onset > LONG_ROWS:
        at_peak = _mean(movement, segment.sway_at, segment.sway_at + PEAK_ROWS) - before
        tilt_g = max(tilt_g, at_peak, key=lambda v: float(v @ v))
    back_g = _mean(movement, end + BACK_ROWS[0], end + BACK_ROWS[1]) - before
    tilt = float(np.sqrt(tilt_g @ tilt_g))
    jerk, sway = (
        track.view(max(at - 8, 0), at + 2)
        for track, at in ((movement.jerk, segment.peak_at), (movement.sway, segment.sway_at))
    )
    return Hold(
        onset=onset,
        end=end,
        peak_g=segment.peak_g,
        size=segment.peak_g / segment.quiet_g,
        tilt_g=tilt_g,
        tilt=tilt,
        turn_deg=float(np.degrees(np.arcsin(min(1.0, float(np.sqrt(back_g @ back_g)))))),
        back=float(back_g @ tilt_g) / max(tilt * tilt, 1e-12),
        axes=(_principal(jerk), _principal(sway)),
        sway_g=segment.sway_g,
        jerks=sum(j.size_g > 0.5 * segment.peak_g for j in segment.jerks),
    )


def _mean(movement: Movement, start: int, stop: int) -> Floats:
    rows = movement.raw.view(start, stop)
    return np.asarray(rows.mean(axis=0)) if len(rows) else np.zeros(3)


def _principal(rows: Floats) -> Floats:
    if not len(rows):
        return np.array([1.0, 0.0, 0.0])
    return np.asarray(np.linalg.eigh(rows.T @ rows)[1][:, 2])
