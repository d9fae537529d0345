"""In arms: held by a body that breathes, sways and shifts, a wearer is never still; lying, there are pauses.

    d(t) = |mean acceleration of the last second less that of a second 1.5 s before|        drift of the posture
    held    d stands over 6 mg (0.35 degrees) in most of a minute, and in most of its calm hops

Breathing moves the trunk by a few milli-g and returns; jerks last too short to move a second's mean. A wearer who moves
by itself jerks while it drifts, and is still when calm: when the jerk band is under its usual height, the 30 % quantile
of the hops' peaks, for a walk or a patting hand shakes all the time. What is held is handled (`outside`); alone that
explains no rhythm away.

Feeding, burping and carrying move the clip on and on, and now and then at a rhythm by chance. Jerking that begins
stands out of what was felt just before:

    buried    d stands over 6 mg in most of a minute, and the jerks are under 1.5 times the 30 % quantile of the
              hops' peaks of that minute, or 1.3 times that of its second half
"""

import math
from collections import deque
from typing import Annotated, Final

import msgspec

from processing.moment import Moment
from processing.movement import HOP, HOP_S

LAG_HOPS: Final = 3
CALM_UP: Final = 1.03
CALM_DOWN: Final = 1 / 1.07
"""Steps of the quantile, as a factor, each hop: a doubling takes 12 s."""
BREAK_HOPS: Final = 12
"""Six seconds of stillness: being held began after it."""
BEFORE_HOPS: Final = 24
"""What is being told has lasted for 10 s; before, there was what it must stand out of."""
USUAL: Final = 0.3
"""Quantile of the hops' peaks that is their usual height."""


class ArmsSettings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """When a wearer is held. Chosen on the training split, third and fourth generators; `buried`: and fifth, sixth."""

    drift_mg: Annotated[float, msgspec.Meta(gt=0)] = 6.0
    """In arms four fifths of the time 8-18, asleep one fifth of it over 4, awake between bouts under 5."""
    lasts_s: Annotated[float, msgspec.Meta(gt=0)] = 60.0
    share: Annotated[float, msgspec.Meta(gt=0, lt=1)] = 0.8
    """Of the minute that drifts."""
    calm_share: Annotated[float, msgspec.Meta(gt=0, lt=1)] = 0.8
    """Of its calm hops that drift: nearly all in arms; half of those of a restless wearer."""
    calm_min: Annotated[float, msgspec.Meta(gt=0, lt=1)] = 0.1
    """Share of calm hops below which nothing is known."""
    kept: Annotated[float, msgspec.Meta(gt=0, lt=1)] = 0.7
    """Both shares may fall so far before it ends."""
    buried_share: Annotated[float, msgspec.Meta(gt=0, lt=1)] = 0.6
    """Of the minute that drifts, for jerks to be weighed against what was usual before them."""
    buried_minute: Annotated[float, msgspec.Meta(gt=0)] = 1.5
    buried_half: Annotated[float, msgspec.Meta(gt=0)] = 1.3
    """Jerks over the usual height of the minute, and of the half minute, before: in arms 0.9-1.7, of runs over 1.8."""


class Arms:
    """Follow whether the wearer is held.

    Attributes:
        held: whether it is.
        since: row from which it has been, or may have been, as long as it moves without a rest.
        last: row after the last drift.
    """

    def __init__(self, settings: ArmsSettings) -> None:
        self._settings = settings
        self._hops = round(settings.lasts_s / HOP_S)
        self.restart()

    def restart(self) -> None:
        """Forget, after a gap."""
        self.held = False
        self.since = self.last = 0
        self._told = deque([(False, False)] * self._hops, maxlen=self._hops)
        self._drifting = self._calm = self._both = 0
        self._still = BREAK_HOPS
        self._usual_g = 0.0
        self._peaks_g: deque[float] = deque(maxlen=BEFORE_HOPS + self._hops)
        self._held_from = 0

    def buried(self, size_g: float) -> bool:
        """Whether jerks do not stand out of what was felt before them in arms, or in movement without end."""
        s, peaks_g = self._settings, list(self._peaks_g)[:-BEFORE_HOPS]
        if self._drifting < s.buried_share * self._hops or len(peaks_g) < self._hops // 2:
            return False
        return size_g < max(s.buried_minute * _usual(peaks_g), s.buried_half * _usual(peaks_g[-self._hops // 2 :]))

    def held_before(self, stop: int) -> bool:
        """Whether the wearer was held before what has lasted for 10 s."""
        return self.held and stop - self._held_from > BEFORE_HOPS * HOP

    def push(self, moment: Moment) -> None:
        """Take one hop."""
        drifts, calm = _drift_g(moment) * 1000 > self._settings.drift_mg, moment.peak_g < self._usual_g
        self._usual_g = max(self._usual_g * (CALM_DOWN if calm else CALM_UP), moment.threshold_g)
        drifted, calmed = self._told[0]  # falls out, for the minute is full
        self._told.append((drifts, calm))
        self._drifting += drifts - drifted
        self._calm += calm - calmed
        self._both += (drifts and calm) - (drifted and calmed)
        if drifts:
            if self._still >= BREAK_HOPS:
                self.since = moment.first
            self._still, self.last = 0, moment.stop
        else:
            self._still += 1
        self._peaks_g.append(moment.peak_g)
        held = self._holds()
        if held and not self.held:
            self._held_from = moment.stop
        self.held = held

    def _holds(self) -> bool:
        s, kept = self._settings, self._settings.kept if self.held else 1.0
        return (
            self._drifting > s.share * kept * self._hops
            and self._both > s.calm_share * kept * self._calm
            and (self.held or self._calm > s.calm_min * self._hops)
        )


def _usual(peaks_g: list[float]) -> float:
    return sorted(peaks_g)[int(USUAL * len(peaks_g))]


def _drift_g(moment: Moment) -> float:
    """How far the posture drifted in 1.5 s."""
    hops = moment.hops
    if len(hops) < LAG_HOPS + 2:
        return 0.0
    a, b = hops[-1].posture_g, hops[-2].posture_g
    c, d = hops[-1 - LAG_HOPS].posture_g, hops[-2 - LAG_HOPS].posture_g
    return 0.5 * math.hypot(a[0] + b[0] - c[0] - d[0], a[1] + b[1] - c[1] - d[1], a[2] + b[2] - c[2] - d[2])
