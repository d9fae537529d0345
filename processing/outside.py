"""Handling: stretches in which the wearer is moved from outside, and bodily movement in between.

A stretch lasts while a mimic explains what is felt (`mimics`), while the wearer is held (`arms`), or while a vehicle
shakes: the jerk band stands over the quiet in most hops of 20 s, over the sway, and without a rhythm.
"""

from dataclasses import replace
from typing import Annotated, Final

import msgspec

from processing.arms import Arms
from processing.events import Handling
from processing.events import Movement as BodyMovement
from processing.holds import Hold
from processing.moment import Moment
from processing.movement import HOP, HOP_S
from processing.samples import GRID_HZ

SHAKING_HOPS: Final = 24
SHAKING: Final = (1 << SHAKING_HOPS) - 1
SHAKING_SHARE: Final = 0.9
SECOND: Final = int(GRID_HZ)
MASK_HOPS: Final = 0xFFFF
MASKS_AFTER: Final = 8
MASKS_LEFT: Final = 4
"""Of the last 16 hops, 8 s, as many hide jerks when masking begins, and fewer when it ends."""


class OutsideSettings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """When the wearer is moved from outside. Tuned on the training split and the third to fifth generators."""

    vehicle_s: Annotated[float, msgspec.Meta(gt=0)] = 20.0
    vehicle_share: Annotated[float, msgspec.Meta(gt=0, lt=1)] = 0.7
    ends_after_s: Annotated[float, msgspec.Meta(gt=0)] = 15.0
    masks_over_quiet: Annotated[float, msgspec.Meta(gt=1)] = 3.0
    """What stands so far over the quiet hides jerks."""


class Outside:
    """Follow handling.

    Attributes:
        shaken: whether a vehicle shakes the wearer.
        masked: whether handling hides what the wearer does.
    """

    def __init__(self, settings: OutsideSettings) -> None:
        self._settings = settings
        self._hops = round(settings.vehicle_s / HOP_S)
        self._mask = (1 << self._hops) - 1
        self.restart()

    def restart(self) -> None:
        """Forget, after a gap."""
        self.open: Handling | None = None
        self.shaken = False
        self._shakes = 0
        self._last = 0
        self._hidden, self._hides = 0, False

    @property
    def masked(self) -> bool:
        """Whether handling hides what the wearer does."""
        return self.open is not None and self.open.masked

    def push(self, moment: Moment, arms: Arms, onset: int, turned_deg: float) -> list[Handling]:
        """Take one hop; `onset` is where the movement that a mimic explains began, `turned_deg` how far it turned."""
        self._shake(shakes=moment.peak_g > max(moment.threshold_g, moment.sway_g) and not moment.rhythm)
        self._hide(hides=moment.peak_g > self._settings.masks_over_quiet * moment.quiet_g)
        name = moment.mimic or ("vehicle" if self.shaken else "")
        if self.open is None:
            if name:
                begun = onset if moment.mimic else moment.stop - round(self._settings.vehicle_s * SECOND)
                return self._begin(moment, name, begun, turned_deg)
            return self._begin(moment, "handled", arms.since, 0.0) if arms.held else []
        if name or arms.held:
            self._last = max(self._last, moment.stop if name else arms.last)
        elif moment.stop - self._last > self._settings.ends_after_s * SECOND:
            return self.close(moment.seen)
        if moment.stop % SECOND < HOP or self._hides is not self.open.masked:
            self.open = replace(
                self.open, end=max(self._last, self.open.onset), updated=moment.seen, masked=self._hides
            )
            return [self.open]
        return []

    def close(self, seen: int) -> list[Handling]:
        """End what is open."""
        if self.open is None:
            return []
        ended = replace(
            self.open,
            open=False,
            end=max(self._last, self.open.onset),
            updated=max(seen, self.open.updated),
            masked=False,
        )
        self.open = None
        return [ended]

    @property
    def shaking(self) -> bool:
        """Whether nearly every hop of the last 12 s shook, as in a vehicle (or in a run, which others know of)."""
        return self.shaken or (self._shakes & SHAKING).bit_count() >= SHAKING_SHARE * SHAKING_HOPS

    def rest(self) -> None:
        """Take a hop in which nothing moves."""
        self._shake(shakes=False)
        self._hide(hides=False)

    def _hide(self, *, hides: bool) -> None:
        """Follow whether jerks are hidden, with hysteresis: from hop to hop a loud movement comes and goes."""
        self._hidden = (self._hidden << 1 | hides) & MASK_HOPS
        hops = self._hidden.bit_count()
        self._hides = hops >= (MASKS_LEFT if self._hides else MASKS_AFTER)

    def _shake(self, *, shakes: bool) -> None:
        self._shakes = (self._shakes << 1 | shakes) & self._mask
        share = self._settings.vehicle_share * (0.5 if self.shaken else 1.0)
        self.shaken = self._shakes.bit_count() > share * self._hops

    def _begin(self, moment: Moment, name: str, begun: int, turned_deg: float) -> list[Handling]:
        self._last = moment.stop
        self.open = Handling(
            onset=max(min(begun, moment.stop), moment.begin),
            end=moment.stop,
            reported=moment.seen,
            updated=moment.seen,
            open=True,
            state=moment.state,
            mimic=name,
            frequency_hz=round(moment.window.hz, 2) if moment.mimic and moment.window else None,
            posture_change_deg=round(turned_deg, 1),
            masked=self._hides,
        )
        return [self.open]


class Movements:
    """Tell each body movement that is over: a segment longer than a jerk."""

    LASTS_S: Final = 0.8

    def push(self, moment: Moment, holds: list[Hold]) -> list[BodyMovement]:
        """Take one hop and the holds it completed."""
        if moment.mimic or moment.rhythm:
            return []
        return [
            self._told(moment, hold)
            for hold in holds
            if hold.lasted_s >= self.LASTS_S and hold.sway_g > max(hold.peak_g, moment.sway_threshold_g)
        ]

    def _told(self, moment: Moment, hold: Hold) -> BodyMovement:
        return BodyMovement(
            onset=max(hold.onset, moment.begin),
            end=hold.end,
            reported=moment.seen,
            updated=moment.seen,
            open=False,
            state=moment.state,
            peak_mg=round(max(hold.peak_g, hold.sway_g) * 1000, 1),
            size=round(hold.size, 2),
            posture_change_deg=round(hold.tilt_deg, 1),
        )
