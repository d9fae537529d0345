"""Single jerks, and segments of activity: when they begin and end, how large they are, which way they go.

A jerk is a crest of the envelope that stands over the threshold and falls by a third of its height on either side.
A segment is a stretch of activity, in the jerk band or the sway band, with no pause of half a second in it.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Annotated, Final

import msgspec
import numpy as np

from processing.movement import HOP, Movement
from processing.samples import GRID_HZ, Floats


class JerkSettings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What stands out from the quiet."""

    jerk_over_quiet: Annotated[float, msgspec.Meta(gt=1)] = 1.5
    """A jerk's envelope over the quiet level; noise alone exceeds it about once in ten hours (measured)."""
    jerk_floor_mg: Annotated[float, msgspec.Meta(gt=0)] = 1.8
    """No envelope below this is a jerk."""
    jerk_floor_resolutions: Annotated[float, msgspec.Meta(gt=0)] = 0.8
    """Nor one below this many steps of the clip: a toggle of the last bit reaches half a step."""
    sway_over_quiet: Annotated[float, msgspec.Meta(gt=1)] = 2.2
    """A sway over the quiet level of the sway band, which is breathing."""
    sway_floor_mg: Annotated[float, msgspec.Meta(gt=0)] = 18.0
    """No sway below this counts: 1 degree of tilt is 17 mg."""
    pause_s: Annotated[float, msgspec.Meta(gt=0)] = 0.5
    """Inactivity that ends a segment."""


FALL: Final = 0.62
"""A crest is over when the envelope has fallen to this share of it; the next one rises by as much."""

CREST_ROWS: Final = 25
"""A crest that is not left within 0.5 s is a swell or a tremor, no jerk, which lasts under 0.5 s."""

REFRACTORY: Final = 6
"""Rows between crests, at least: 0.12 s, 8 Hz."""

ACTIVE: Final = 0.7
"""Share of a threshold over which a movement goes on."""

TAIL: Final = 0.15
"""Share of a segment's largest sway under which only the band-pass still moves: it takes 1.5 s to forget a step."""

HELD_ROWS: Final = (30, 60)
"""Where a held posture is measured after the crest: 0.6-1.2 s (docs/detector.md: what told spasms from hiccups)."""

_BEFORE_ROWS: Final = (45, 10)


@dataclass(frozen=True, slots=True)
class Jerk:
    """One crest of the envelope.

    Attributes:
        at: row of the crest.
        size_g: height of the envelope there.
        axis: direction of the movement as a unit vector of unknown sign, `(3,)`.
    """

    at: int
    size_g: float
    axis: tuple[float, float, float]


@dataclass(slots=True)
class Segment:
    """A stretch of activity.

    Attributes:
        onset, end: first row, and the row after the last active one.
        peak_g, peak_at: largest envelope of the jerk band, and its row.
        sway_g: largest |sway|.
        jerks: crests in it.
        brief: whether each jerk in it lasts less than half a second.
        tilt_g: change of the mean acceleration from before the onset to 0.6-1.2 s after the peak, `(3,)`.
    """

    onset: int
    end: int
    peak_g: float = 0.0
    peak_at: int = 0
    sway_g: float = 0.0
    sway_at: int = 0
    active_rows: int = 0
    jerks: list[Jerk] = field(default_factory=list)
    tilt_g: Floats = field(default_factory=lambda: np.zeros(3))
    quiet_g: float = 0.0
    threshold_g: float = 0.0

    @property
    def lasted_s(self) -> float:
        """Seconds from onset to end."""
        return (self.end - self.onset) / GRID_HZ

    @property
    def tilt_deg(self) -> float:
        """The held change as an angle of the gravity vector."""
        return float(np.degrees(np.arcsin(min(1.0, float(np.sqrt(self.tilt_g @ self.tilt_g))))))

    @property
    def size(self) -> float:
        """Largest envelope over the quiet level."""
        return self.peak_g / self.quiet_g


class Jerks:
    """Find jerks and segments, hop by hop.

    Attributes:
        open: the segment that goes on, if any.
    """

    def __init__(self, settings: JerkSettings, resolution_g: float) -> None:
        self._settings = settings
        self.follow(resolution_g)
        self._pause = round(settings.pause_s * GRID_HZ)
        self.restart()

    def follow(self, resolution_g: float) -> None:
        """Take the clip's step, once it is known better."""
        settings = self._settings
        self._jerk_floor_g = max(settings.jerk_floor_mg / 1000, settings.jerk_floor_resolutions * resolution_g)
        self._sway_floor_g = max(settings.sway_floor_mg / 1000, 1.5 * resolution_g)

    def restart(self) -> None:
        """Forget what was open, after a gap."""
        self.open: Segment | None = None
        self._waiting: list[Segment] = []
        self._crest_g = self._valley_g = 0.0
        self._crest_at = 0
        self._rising = True
        self._last_jerk = -REFRACTORY

    def threshold_g(self, quiet_g: float) -> float:
        """Envelope over which a jerk stands."""
        return max(self._settings.jerk_over_quiet * quiet_g, self._jerk_floor_g)

    def sway_threshold_g(self, quiet_g: float) -> float:
        """|Sway| over which a swell stands."""
        return max(self._settings.sway_over_quiet * quiet_g, self._sway_floor_g)

    @property
    def idle(self) -> bool:
        """Whether nothing is open or waiting."""
        return self.open is None and not self._waiting and self._rising and self._crest_g == 0.0

    def push(
        self, movement: Movement, first: int, quiet_g: float, sway_quiet_g: float
    ) -> tuple[list[Jerk], list[Segment]]:
        """Read the hop at row `first`; give the jerks it completes and the segments that are over and measured."""
        threshold_g = self.threshold_g(quiet_g)
        stop = first + HOP
        envelope = movement.envelope.view(first, stop)[:, 0]
        jerks = self._crests(envelope.tolist(), movement, first, threshold_g)
        self._segment(movement, envelope, first, threshold_g, self.sway_threshold_g(sway_quiet_g), quiet_g)
        if self.open is not None:
            self.open.jerks += jerks
        elif jerks and self._waiting:
            self._waiting[-1].jerks += jerks
        done = [s for s in self._waiting if stop >= max(s.peak_at, s.sway_at) + HELD_ROWS[1]]
        if done:
            self._waiting = [s for s in self._waiting if stop < max(s.peak_at, s.sway_at) + HELD_ROWS[1]]
            for segment in done:
                segment.tilt_g = held_tilt_g(movement, segment.onset, max(segment.peak_at, segment.sway_at))
        return jerks, done

    def _crests(self, envelope: list[float], movement: Movement, first: int, threshold_g: float) -> list[Jerk]:
        found: list[Jerk] = []
        for row, value in enumerate(envelope, first):
            if self._rising:
                if value > self._crest_g and value > threshold_g:
                    self._crest_g, self._crest_at = value, row
                elif self._crest_g > 0 and value < FALL * self._crest_g:
                    if self._crest_at - self._last_jerk >= REFRACTORY:
                        found.append(Jerk(self._crest_at, self._crest_g, _axis(movement, self._crest_at)))
                        self._last_jerk = self._crest_at
                    self._rising, self._valley_g = False, value
                elif self._crest_g > 0 and row - self._crest_at > CREST_ROWS:
                    self._rising, self._valley_g = False, value
            elif value < self._valley_g:
                self._valley_g = value
            elif value * FALL > self._valley_g and value > threshold_g:
                self._rising, self._crest_g, self._crest_at = True, value, row
        if not self._rising and self._valley_g < FALL * threshold_g:
            self._rising, self._crest_g = True, 0.0
        return found

    def _segment(
        self,
        movement: Movement,
        envelope: Floats,
        first: int,
        threshold_g: float,
        sway_threshold_g: float,
        quiet_g: float,
    ) -> None:
        sway = movement.sway.view(first, first + HOP)
        sway_size = np.sqrt(sway[:, 0] ** 2 + sway[:, 1] ** 2 + sway[:, 2] ** 2)
        segment = self.open
        tail_g = TAIL * segment.sway_g if segment is not None else 0.0
        sways = sway_size > max(ACTIVE * sway_threshold_g, tail_g)
        active = np.flatnonzero((envelope > ACTIVE * threshold_g) | sways)
        if len(active):
            begin, end = first + int(active[0]), first + int(active[-1]) + 1
            if segment is not None and begin - segment.end >= self._pause:
                self._close(segment)
                segment = None
            if segment is None:
                segment = self.open = Segment(begin, end, quiet_g=quiet_g, threshold_g=threshold_g)
            segment.end = end
            segment.active_rows += len(active)
            _raise_peaks(segment, envelope, sway_size, first)
        elif segment is not None and first + HOP - segment.end >= self._pause:
            self._close(segment)

    def _close(self, segment: Segment) -> None:
        self.open = None
        if segment.peak_g > segment.threshold_g or segment.sway_g > self._sway_floor_g:
            self._waiting.append(segment)


def held_tilt_g(movement: Movement, onset: int, peak_at: int) -> Floats:
    """Mean acceleration 0.6-1.2 s after the peak, less that before the onset, `(3,)`."""
    before = movement.raw.view(onset - _BEFORE_ROWS[0], onset - _BEFORE_ROWS[1])
    after = movement.raw.view(peak_at + HELD_ROWS[0], peak_at + HELD_ROWS[1])
    if not len(before) or not len(after):
        return np.zeros(3)
    return np.asarray(after.mean(axis=0) - before.mean(axis=0))


def _raise_peaks(segment: Segment, envelope: Floats, sway_size: Floats, first: int) -> None:
    at, sway_at = int(envelope.argmax()), int(sway_size.argmax())
    if envelope[at] > segment.peak_g:
        segment.peak_g, segment.peak_at = float(envelope[at]), first + at
    if sway_size[sway_at] > segment.sway_g:
        segment.sway_g, segment.sway_at = float(sway_size[sway_at]), first + sway_at


def _axis(movement: Movement, at: int) -> tuple[float, float, float]:
    """Principal axis of the jerk band around a crest: the row of the largest swing, which needs no eigenvectors."""
    rows = movement.jerk.view(at - 9, at + 2)
    power = rows[:, 0] ** 2 + rows[:, 1] ** 2 + rows[:, 2] ** 2
    row = rows[int(power.argmax())]
    length = float(np.sqrt(row @ row)) or 1.0
    x, y, z = (row / length).tolist()
    return x, y, z


def along(jerks: Sequence[Jerk]) -> float:
    """Share of the scatter of the axes along one, 1/3 to 1."""
    axes = np.array([j.axis for j in jerks])
    return _largest_eigenvalue((axes.T @ axes).tolist()) / len(jerks)


def limbs(jerks: Sequence[Jerk]) -> float:
    """Log-odds that jerks come from several limbs: they go any way, and are of any size (docs/detector.md)."""
    spread = float(np.std(np.log([jerk.size_g for jerk in jerks])))
    return 3.5 * (0.8 - along(jerks)) + 2.1 * (spread - 0.35)


def _largest_eigenvalue(m: list[list[float]]) -> float:
    """Of a symmetric matrix of three rows, in closed form (Smith 1961): a fifth of the time of a general solver."""
    (a, d, e), (_, b, f), (_, _, c) = m
    mean = (a + b + c) / 3
    a, b, c = a - mean, b - mean, c - mean
    size = math.sqrt((a * a + b * b + c * c + 2 * (d * d + e * e + f * f)) / 6)
    if size <= 1e-12 * mean:
        return mean
    half = (a * (b * c - f * f) - d * (d * c - e * f) + e * (d * f - b * e)) / (2 * size**3)
    return mean + 2 * size * math.cos(math.acos(max(-1.0, min(1.0, half))) / 3)
