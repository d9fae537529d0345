"""Clusters of contractions: the trunk is tipped the same way each time, held for a moment, and let go.

A contraction is a segment (`holds`) with a tilt over the breathing, of 8 s at most, that goes back by itself or with
the next segment. Contractions of one cluster tip the same way (cosine > 0.85), are of like size, and follow each other
at 3-35 s. The longest such chain that ends with the newest contraction is found by dynamic programming; movements
between that do not fit are left out of it, but speak against it:

    margin = sum of ln p(angle | cluster) / p(angle | chance) - 0.4 (other movements between) - threshold
"""

from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Annotated, Final

import msgspec

from processing.events import SpasmCluster, State
from processing.holds import Hold
from processing.moment import Moment
from processing.samples import GRID_HZ

SECOND: Final = int(GRID_HZ)
CONTRACTIONS_MIN: Final = 3
LIKE_BACK: Final = 2.5
"""Ratio of the tilt that is let go and the one that was held, either way."""


class SpasmSettings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What is a contraction, and what is a cluster. Tuned on the training split and the third generator."""

    tilt_mg: Annotated[float, msgspec.Meta(gt=0)] = 16.0
    """Least tilt: 1 degree."""
    tilt_over_sway: Annotated[float, msgspec.Meta(gt=0)] = 0.22
    """Tilt over the largest sway: hiccups reach 0.18, held contractions 0.4-1.3."""
    tilt_over_quiet: Annotated[float, msgspec.Meta(gt=0)] = 2.0
    jolt_over_quiet: Annotated[float, msgspec.Meta(gt=0)] = 1.5
    """A contraction is quick: its onset shows in the jerk band, over the quiet. Slow sway in arms does not."""
    tilt_alone_mg: Annotated[float, msgspec.Meta(gt=0)] = 110.0
    """A tilt so large counts without a jolt."""
    lasts_s: Annotated[float, msgspec.Meta(gt=0)] = 9.0
    back: Annotated[float, msgspec.Meta(gt=0, lt=1)] = 0.35
    same_way: Annotated[float, msgspec.Meta(gt=0, lt=1)] = 0.85
    apart_s: tuple[float, float] = (3.0, 35.0)
    """Intervals: 3-30 s (interfaces.md), and a little more for one that was missed in part."""
    like_size: Annotated[float, msgspec.Meta(gt=1)] = 4.0
    very_same_way: Annotated[float, msgspec.Meta(gt=0, lt=1)] = 0.96
    very_like: float = 2.5
    like: float = 1.2
    """Log-odds of one more contraction that tips the same way within 16, within 32 degrees."""
    jerky_over_quiet: Annotated[float, msgspec.Meta(gt=1)] = 3.0
    """Crests that stand out less are noise on the hold."""
    jerks_max: Annotated[int, msgspec.Meta(ge=1)] = 4
    """A contraction is one swell; a cluster of jerks has many crests."""
    other_weight: Annotated[float, msgspec.Meta(ge=0)] = 0.4
    margin: float = 4.5
    asleep_jolt: Annotated[float, msgspec.Meta(ge=0)] = 0.15
    """In sleep the jolt's envelope over the tilt: a slow swell has none."""
    asleep_tilt_mg: Annotated[float, msgspec.Meta(gt=0)] = 90.0
    """In sleep the slow swells of periodic movements tip less than 5 degrees."""
    ends_after_s: Annotated[float, msgspec.Meta(gt=0)] = 40.0


@dataclass(slots=True)
class _Link:
    """A contraction and the longest chain that ends with it."""

    hold: Hold
    number: int
    count: int
    score: float
    before: "_Link | None"


class Spasms:
    """Follow contractions."""

    def __init__(self, settings: SpasmSettings) -> None:
        self._settings = settings
        self.restart()

    def restart(self) -> None:
        """Forget, after a gap."""
        self.open: SpasmCluster | None = None
        self._links: list[_Link] = []
        self._chain: list[Hold] = []
        self._number = 0
        self._pending: Hold | None = None
        self._last = 0

    def push(self, moment: Moment, holds: list[Hold], *, hiccups: bool, handled: bool) -> list[SpasmCluster]:
        """Take one hop and the holds it completed; while hiccups or handling last, nothing is a contraction."""
        grown = False
        for hold in holds:
            grown = self._take(hold, moment, handled=handled) or grown
        if self.open is not None:
            return self._go_on(moment)
        if grown and not hiccups:
            return self._maybe_begin(moment)
        return []

    def close(self, seen: int) -> list[SpasmCluster]:
        """End what is open."""
        if self.open is None:
            return []
        ended = replace(self.open, open=False, updated=max(seen, self.open.updated))
        self.open = None
        return [ended]

    def _take(self, hold: Hold, moment: Moment, *, handled: bool) -> bool:
        """Count a hold as a contraction, or as a movement between."""
        s = self._settings
        pending, self._pending = self._pending, None
        if pending is not None and self._lets_go(pending, hold):
            return self._link(replace(pending, end=hold.end))
        self._number += 1
        tips = (
            hold.tilt * 1000 > s.tilt_mg
            and hold.tilt > s.tilt_over_sway * hold.sway_g
            and hold.tilt > s.tilt_over_quiet * moment.sway_quiet_g
            and hold.lasted_s < s.lasts_s
            and (hold.jerks <= s.jerks_max or hold.size < s.jerky_over_quiet)
            and (hold.size > s.jolt_over_quiet or hold.tilt * 1000 > s.tilt_alone_mg)
            and not handled
        )
        if self._links and self._lets_go(self._links[-1].hold, hold):
            return False
        if not tips:
            return False
        if abs(hold.back) < s.back:
            return self._link(hold)
        self._pending = hold
        return False

    def _lets_go(self, held: Hold, after: Hold) -> bool:
        """Whether the second takes back what the first held."""
        s = self._settings
        cosine = float(held.tilt_g @ after.tilt_g) / max(held.tilt * after.tilt, 1e-12)
        near = after.onset - held.onset < s.lasts_s * SECOND
        return near and cosine < -s.same_way and 1 / LIKE_BACK < after.tilt / held.tilt < LIKE_BACK

    def _link(self, hold: Hold) -> bool:
        s = self._settings
        best = _Link(hold, self._number, 1, 0.0, None)
        for link in self._links:
            gap_s = (hold.onset - link.hold.onset) / GRID_HZ
            if s.apart_s[0] <= gap_s <= s.apart_s[1] and self._fits(link.hold, hold):
                others = max(0, self._number - link.number - 1)
                score = link.score + self._likeness(link.hold, hold) - s.other_weight * others
                if score > best.score:
                    best = _Link(hold, self._number, link.count + 1, score, link)
        self._links = [x for x in self._links if hold.onset - x.hold.onset < s.apart_s[1] * SECOND] + [best]
        return True

    def _likeness(self, a: Hold, b: Hold) -> float:
        """Log of how much more likely two contractions of one cluster tip so nearly the same way than two movements."""
        cosine = float(a.tilt_g @ b.tilt_g) / (a.tilt * b.tilt)
        return self._settings.very_like if cosine > self._settings.very_same_way else self._settings.like

    def _fits(self, a: Hold, b: Hold) -> bool:
        cosine = float(a.tilt_g @ b.tilt_g) / (a.tilt * b.tilt)
        return (
            cosine > self._settings.same_way
            and 1 / self._settings.like_size < b.tilt / a.tilt < self._settings.like_size
        )

    def _longest(self) -> list[Hold]:
        link: _Link | None = self._links[-1]
        holds: list[Hold] = []
        while link is not None:
            holds.append(link.hold)
            link = link.before
        return holds[::-1]

    def _maybe_begin(self, moment: Moment) -> list[SpasmCluster]:
        s = self._settings
        link = self._links[-1]
        margin = link.score - s.margin
        if link.count < CONTRACTIONS_MIN or margin <= 0:
            return []
        chain = self._longest()
        tilts = sorted(h.tilt for h in chain)
        jolts = sorted(h.peak_g / h.tilt for h in chain)
        middle = len(chain) // 2
        swells = tilts[middle] * 1000 < s.asleep_tilt_mg or jolts[middle] < s.asleep_jolt
        if moment.state is State.ASLEEP and swells:
            return []
        self._chain, self._last = chain, chain[-1].end
        self.open = self._snapshot(moment, chain, margin, None)
        return [self.open]

    def _go_on(self, moment: Moment) -> list[SpasmCluster]:
        assert self.open is not None
        newest = self._links[-1].hold
        if moment.stop - self._last > self._settings.ends_after_s * SECOND:
            return self.close(moment.seen)
        if newest.onset > self._chain[-1].onset and any(self._fits(h, newest) for h in self._chain[-3:]):
            self._chain.append(newest)
            self._last = newest.end
            self.open = self._snapshot(moment, self._chain, self.open.margin + 2.0, self.open)
        else:
            self.open = replace(self.open, updated=moment.seen)
        return [self.open]

    def _snapshot(self, moment: Moment, chain: list[Hold], margin: float, was: SpasmCluster | None) -> SpasmCluster:
        gaps = sorted(b.onset - a.onset for a, b in pairwise(chain))
        tilts = sorted(h.tilt_deg for h in chain)
        return SpasmCluster(
            onset=chain[0].onset if was is None else was.onset,
            end=chain[-1].end,
            reported=moment.seen if was is None else was.reported,
            updated=moment.seen,
            open=True,
            state=moment.state if was is None else was.state,
            contractions=len(chain),
            interval_s=round(gaps[len(gaps) // 2] / GRID_HZ, 1),
            held_deg=round(tilts[len(tilts) // 2], 1),
            size=round(max(h.size for h in chain), 1),
            margin=round(margin, 2),
        )
