"""Movements that come back at intervals: hiccups (2-15 s, steady jolts) and periodic movements (10-90 s, in sleep).

Both are chains of segments found by dynamic programming: a segment continues the longest chain whose last interval,
axis and size it matches. Movements between that do not fit are skipped. What tells the two apart is the length of the
single movement and of the interval; what tells them from chance is how steady the intervals are.
"""

from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Annotated, Final

import msgspec

from processing.events import Hiccups, PeriodicMovements, State
from processing.holds import Hold
from processing.moment import Moment
from processing.movement import HOP
from processing.samples import GRID_HZ

SECOND: Final = int(GRID_HZ)
CHAIN_MAX: Final = 60
"""Movements of a chain that are looked at."""


class RepeatSettings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A kind of repeated movement. Tuned on the training split and the third generator."""

    apart_s: tuple[float, float]
    lasts_s: tuple[float, float]
    """Length of the single movement."""
    steady: Annotated[float, msgspec.Meta(gt=0, lt=1)]
    """How far, as a share, one interval may be from the one before."""
    count: Annotated[int, msgspec.Meta(ge=3)]
    jerks_max: Annotated[int, msgspec.Meta(ge=1)] = 4
    """A jolt rings two or three times; a cluster of myoclonus has more crests."""
    same_axis: Annotated[float, msgspec.Meta(gt=0, lt=1)] = 0.8
    like_size: Annotated[float, msgspec.Meta(gt=1)] = 2.5


HICCUPS: Final = RepeatSettings(apart_s=(1.9, 15.5), lasts_s=(0.0, 2.0), steady=0.4, count=6, jerks_max=2)
"""Adult interval 11.4 +- 2.9 s, infant 2-15 s (prior); the same diaphragm, so the same axis and size."""
PERIODIC: Final = RepeatSettings(
    apart_s=(9.5, 90.0), lasts_s=(0.3, 11.0), steady=0.5, count=4, like_size=4.0, jerks_max=3
)
"""Four or more 10-90 s apart (WASM 2016), each 0.5-10 s."""


@dataclass(slots=True)
class _Link:
    hold: Hold
    count: int
    gap: int
    before: "_Link | None"


class Chain:
    """The longest chain of like movements that ends with the newest."""

    def __init__(self, settings: RepeatSettings) -> None:
        self._settings = settings
        self._links: list[_Link] = []

    def restart(self) -> None:
        """Forget, after a gap."""
        self._links = []

    def push(self, hold: Hold) -> list[Hold]:
        """Take a movement; give the chain it ends, if that is long enough."""
        s = self._settings
        if hold.jerks > s.jerks_max or not s.lasts_s[0] <= hold.lasted_s <= s.lasts_s[1]:
            return []
        best = _Link(hold, 1, 0, None)
        for link in self._links:
            gap = hold.onset - link.hold.onset
            if self._fits(link, hold, gap) and link.count + 1 >= best.count:
                best = _Link(hold, link.count + 1, gap, link)
        oldest = hold.onset - s.apart_s[1] * SECOND
        self._links = [x for x in self._links if x.hold.onset >= oldest] + [best]
        return _holds(best) if best.count >= s.count else []

    def _fits(self, link: _Link, hold: Hold, gap: int) -> bool:
        s = self._settings
        before = link.hold
        return (
            s.apart_s[0] * SECOND <= gap <= s.apart_s[1] * SECOND
            and (not link.gap or 1 - s.steady < gap / link.gap < 1 / (1 - s.steady))
            and abs(float(before.axis @ hold.axis)) > s.same_axis
            and 1 / s.like_size < _size(hold) / _size(before) < s.like_size
        )


def _size(hold: Hold) -> float:
    return max(hold.peak_g, hold.sway_g)


def _holds(link: _Link | None) -> list[Hold]:
    holds: list[Hold] = []
    while link is not None and len(holds) < CHAIN_MAX:
        holds.append(link.hold)
        link = link.before
    return holds[::-1]


def intervals(holds: list[Hold]) -> tuple[float, float]:
    """Median interval, s, and regularity: one less the spread of the intervals over it."""
    gaps = sorted((b.onset - a.onset) / GRID_HZ for a, b in pairwise(holds))
    median = gaps[len(gaps) // 2]
    spread = sorted(abs(g - median) for g in gaps)[len(gaps) // 2] * 1.48 / median
    return round(median, 1), round(max(0.0, 1 - spread), 3)


class HiccupBouts:
    """Follow bouts of hiccups."""

    def __init__(self) -> None:
        self._chain = Chain(HICCUPS)
        self.open: Hiccups | None = None

    def restart(self) -> None:
        """Forget, after a gap."""
        self._chain.restart()
        self.open = None

    def push(self, moment: Moment, holds: list[Hold]) -> list[Hiccups]:
        """Take one hop and the holds it completed."""
        out: list[Hiccups] = []
        for hold in holds:
            chain = self._chain.push(hold)
            if chain and not moment.mimic and not moment.rhythm:
                out = [self._snapshot(moment, chain)]
        if not out and self.open is not None:
            if moment.stop - self.open.end > 2.5 * self.open.interval_s * SECOND:
                return self.close(moment.seen)
            if moment.stop % SECOND < HOP:
                self.open = replace(self.open, updated=moment.seen)
        return out

    def close(self, seen: int) -> list[Hiccups]:
        """End what is open."""
        if self.open is None:
            return []
        ended = replace(self.open, open=False, updated=max(seen, self.open.updated))
        self.open = None
        return [ended]

    def _snapshot(self, moment: Moment, chain: list[Hold]) -> Hiccups:
        interval_s, regularity = intervals(chain)
        was = self.open
        self.open = Hiccups(
            onset=chain[0].onset if was is None else was.onset,
            end=chain[-1].end,
            reported=moment.seen if was is None else was.reported,
            updated=moment.seen,
            open=True,
            state=moment.state if was is None else was.state,
            jolts=len(chain) if was is None else was.jolts + 1,
            interval_s=interval_s,
            regularity=regularity,
        )
        return self.open


class PeriodicRuns:
    """Follow runs of periodic movements in sleep."""

    def __init__(self) -> None:
        self._chain = Chain(PERIODIC)
        self.open: PeriodicMovements | None = None

    def restart(self) -> None:
        """Forget, after a gap."""
        self._chain.restart()
        self.open = None

    def push(self, moment: Moment, holds: list[Hold], *, hiccups: bool) -> list[PeriodicMovements]:
        """Take one hop and the holds it completed."""
        out: list[PeriodicMovements] = []
        for hold in holds:
            chain = self._chain.push(hold)
            if chain and moment.state is State.ASLEEP and not moment.mimic and not hiccups:
                out = [self._snapshot(moment, chain)]
        if not out and self.open is not None and moment.stop - self.open.end > 2.5 * self.open.interval_s * SECOND:
            return self.close(moment.seen)
        return out

    def close(self, seen: int) -> list[PeriodicMovements]:
        """End what is open."""
        if self.open is None:
            return []
        ended = replace(self.open, open=False, updated=max(seen, self.open.updated))
        self.open = None
        return [ended]

    def _snapshot(self, moment: Moment, chain: list[Hold]) -> PeriodicMovements:
        interval_s, regularity = intervals(chain)
        was = self.open
        self.open = PeriodicMovements(
            onset=chain[0].onset if was is None else was.onset,
            end=chain[-1].end,
            reported=moment.seen if was is None else was.reported,
            updated=moment.seen,
            open=True,
            state=moment.state if was is None else was.state,
            movements=len(chain) if was is None else was.movements + 1,
            interval_s=interval_s,
            regularity=regularity,
        )
        return self.open
