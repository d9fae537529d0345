"""Movements that come back at intervals: hiccups (2-15 s, single jolts) and periodic movements (10-90 s, in sleep).

Both are point processes with a period, told from chance (a Poisson process) by a sum of log-likelihood ratios:

    w(g) = ln N(d; 0, s sqrt(1 + 1/n)) + 1 - m (k - 1),     d = ln(g / (k p))
    S    = ln of the mean over s of exp( sum of w(g) + min(0, like) - skipped )

g is the interval to the movement before, p the chain's period so far, from n intervals, k - 1 how many were missed. The
train is regular or irregular throughout, so each spread s sums its own evidence. In a Poisson process
ln g has a density of at most 1/e, hence the 1. Direction and size can only speak against a link, for other series of
movements keep theirs too. Like movements between two links speak against the period; unlike ones hardly do.
"""

import math
from collections import deque
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Annotated, Final, Generic, TypeVar

import msgspec

from processing.events import Hiccups, PeriodicMovements, State
from processing.holds import Hold
from processing.jerks import Jerk
from processing.moment import Moment
from processing.movement import HOP
from processing.samples import GRID_HZ

SECOND: Final = int(GRID_HZ)
JOINED_ROWS: Final = 30
"""Crests at most 0.6 s apart are one jolt: the cloth rings."""
BEFORE_ROWS: Final = (40, 8)
AFTER_ROWS: Final = (20, 45)
"""Where the posture is measured before the first and after the last crest; a jolt is over then."""
MERGED_ROWS: Final = 150
"""Segments at most 3 s apart are one movement of a limb."""
JERKY: Final = 0.6
"""Jerk band over sway band: a swell's crests are noise."""
LEAST_G: Final = 1e-4
"""No size is less."""
HELD_G: Final = 0.015
HELD_OVER_QUIET: Final = 1.5
HELD_OVER_JOLT: Final = 0.3
"""A change of posture over these is held: breathing and the jolt's own tail stay below."""
HELD_ALIKE: Final = 0.8
"""Cosine of two tilts over which a posture is held the same way: a contraction."""
HELD: Final = 2.0
"""Taken off for two jolts after which the posture is held the same way."""
LINKS_MAX: Final = 24
"""Movements back that a movement may be linked to."""
KNOWN_MAX: Final = 5
"""Intervals that make up the period: it drifts."""
STATES_MAX: Final = 4
"""Periods followed for each movement."""

LIKE: Final = -0.7
UNLIKE: Final = -2.5
"""Log-odds of likeness over which two movements may be of one train, and under which they are not linked."""
HOPELESS: Final = -3.0
"""A chain with less is forgotten."""
GAIN_MIN: Final = -0.5
"""A movement that speaks more against a train does not carry it on: it may be another."""
NEAR: Final = 1.25
"""Periods within this ratio are one."""
GROWS_OVER: Final = -0.5
GROWS_PERIODS: Final = 1.5
"""A chain with no evidence against it may become one, until the next movement has failed to come."""
ENDS_PERIODS: Final = 3.5
"""Without a movement for so long a bout is over."""
SPANS_MAX: Final = 12
"""Movements of a chain whose rows are kept."""

Axis = tuple[float, float, float]
Span = tuple[int, int]
"""First row and last."""


class RepeatSettings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A kind of repeated movement. Widths are those of the sources (docs/detector.md)."""

    apart_s: tuple[float, float]
    lasts_s: tuple[float, float]
    """Length of the single movement."""
    count: Annotated[int, msgspec.Meta(ge=3)]
    over: Annotated[float, msgspec.Meta(gt=0)]
    """Sum of log-odds asked for."""
    spread: tuple[float, ...]
    """Standard deviations of the logarithm of an interval: a regular to an irregular train, each as likely."""
    missed_max: int = 1
    missed: Annotated[float, msgspec.Meta(ge=0)] = 1.5
    """Taken off for a movement that was missed."""
    skipped: Annotated[float, msgspec.Meta(ge=0)] = 2.5
    """Taken off for a like movement in between."""
    unlike: Annotated[float, msgspec.Meta(ge=0)] = 0.1
    """Taken off for any other movement in between."""
    size_spread: Annotated[float, msgspec.Meta(gt=0)] = 0.35
    crests: Annotated[float, msgspec.Meta(ge=0)] = 0.0
    """Taken off for each crest over three: a cluster of jerks is no single movement."""
    swells: Annotated[float, msgspec.Meta(ge=0)] = 0.0
    """Added for each factor of e by which a movement sways more than it jerks (one at most), and taken off if less."""


HICCUPS: Final = RepeatSettings(
    apart_s=(1.7, 16.0), lasts_s=(0.0, 0.8), count=5, over=4.0, spread=(0.08, 0.2), size_spread=0.45
)
"""Adult interval 11.4 +- 2.9 s, infant 2-15 s (prior); the same diaphragm, so the same axis, and a size within a third.
Nothing is alerted, so odds of 50 to 1 are enough."""
PERIODIC: Final = RepeatSettings(
    apart_s=(9.0, 95.0),
    lasts_s=(0.2, 12.0),
    count=4,
    over=2.5,
    spread=(0.12, 0.3),
    size_spread=0.5,
    crests=0.3,
    swells=0.4,
)
"""Four or more 10-90 s apart (WASM 2016), each 0.5-10 s. A leg flexes slowly, where twitches take less than half a
second: on each of six generators the sway over the jerk is larger, by 1.1 to 6 times in the median."""


@dataclass(frozen=True, slots=True)
class Unit:
    """A single movement.

    Attributes:
        at, end: rows of its begin and end.
        sizes_g: its sizes, by band.
        axes: its directions, by band.
        crests: how many that count as jerks.
        tilt_g: by how much the posture differs after it, where that stands out; else 0.
    """

    at: int
    end: int
    sizes_g: tuple[float, ...]
    axes: tuple[Axis, ...]
    crests: int
    tilt_g: Axis = (0.0, 0.0, 0.0)

    @property
    def swell(self) -> float:
        """Logarithm of the sway over the jerk, within 1; 0 where only the jerk is known."""
        if len(self.sizes_g) == 1:
            return 0.0
        jerk_g, sway_g = (max(size_g, LEAST_G) for size_g in self.sizes_g)
        return min(max(math.log(sway_g / jerk_g), -1.0), 1.0)


class Jolts:
    """Group crests to single jolts."""

    def __init__(self) -> None:
        self.restart()

    def restart(self) -> None:
        """Forget, after a gap."""
        self._crests: list[Jerk] = []

    @property
    def idle(self) -> bool:
        """Whether no jolt is open."""
        return not self._crests

    def push(self, moment: Moment) -> list[Unit]:
        """Take one hop; give the jolts that are over."""
        out: list[Unit] = []
        for jerk in moment.jerks:
            if self._crests and jerk.at - self._crests[-1].at > JOINED_ROWS:
                out.append(self._done(moment))
            self._crests.append(jerk)
        if self._crests and moment.stop >= self._crests[-1].at + AFTER_ROWS[1]:
            out.append(self._done(moment))
        return out

    def _done(self, moment: Moment) -> Unit:
        crests, self._crests = self._crests, []
        largest = max(crests, key=lambda jerk: jerk.size_g)
        high = [jerk for jerk in crests if jerk.size_g > 0.5 * largest.size_g]
        tilt_g = _tilt_g(moment, high[0].at, high[-1].at)
        stands = max(HELD_G, HELD_OVER_QUIET * moment.sway_quiet_g, HELD_OVER_JOLT * largest.size_g)
        held = tilt_g if math.hypot(*tilt_g) > stands else (0.0, 0.0, 0.0)
        return Unit(high[0].at, high[-1].at + 8, (largest.size_g,), (largest.axis,), len(high), held)


def _tilt_g(moment: Moment, first: int, last: int) -> Axis:
    before = moment.movement.raw.view(first - BEFORE_ROWS[0], first - BEFORE_ROWS[1])
    after = moment.movement.raw.view(last + AFTER_ROWS[0], last + AFTER_ROWS[1])
    if not len(before) or not len(after):
        return 0.0, 0.0, 0.0
    x, y, z = (after.mean(axis=0) - before.mean(axis=0)).tolist()
    return x, y, z


class Limbs:
    """Group segments to single movements of a limb."""

    def __init__(self) -> None:
        self.restart()

    def restart(self) -> None:
        """Forget, after a gap."""
        self._unit: Unit | None = None

    @property
    def idle(self) -> bool:
        """Whether no movement is open."""
        return self._unit is None

    def push(self, moment: Moment, holds: list[Hold], *, settled: bool) -> list[Unit]:
        """Take one hop and the segments it completed; give the movements that are over, once all has `settled`."""
        out: list[Unit] = []
        for hold in holds:
            unit = _unit_of(hold)
            if self._unit is not None and unit.at - self._unit.end > MERGED_ROWS:
                out.append(self._unit)
                self._unit = None
            self._unit = unit if self._unit is None else _merged(self._unit, unit)
        if self._unit is not None and settled and moment.stop - self._unit.end > MERGED_ROWS:
            out.append(self._unit)
            self._unit = None
        return out


def _unit_of(hold: Hold) -> Unit:
    (a, b, c), (x, y, z) = (axis.tolist() for axis in hold.axes)
    crests = hold.jerks if hold.peak_g > JERKY * hold.sway_g else 1
    return Unit(hold.onset, hold.end, (hold.peak_g, hold.sway_g), ((a, b, c), (x, y, z)), crests)


def _merged(a: Unit, b: Unit) -> Unit:
    larger = a if max(a.sizes_g) >= max(b.sizes_g) else b
    return replace(larger, at=a.at, end=b.end, crests=a.crests + b.crests)


@dataclass(slots=True)
class _Link:
    unit: Unit
    score: float
    count: int = 1
    period: float = 0.0
    first: int = 0
    before: "_Link | None" = None
    gain: float = 0.0
    spans: tuple[Span, ...] = ()
    fits: tuple[float, ...] = ()


class Chain:
    """The likeliest periodic chain that ends with the newest movement."""

    def __init__(self, settings: RepeatSettings) -> None:
        self._settings = settings
        self._rows = settings.apart_s[0] * SECOND, settings.apart_s[1] * SECOND
        self.restart()

    def restart(self) -> None:
        """Forget, after a gap."""
        self._past: deque[tuple[Unit, list[_Link]]] = deque(maxlen=LINKS_MAX)

    def push(self, unit: Unit) -> _Link:
        """Take a movement; give the best chain it ends."""
        s = self._settings
        if not s.lasts_s[0] * SECOND <= unit.end - unit.at <= s.lasts_s[1] * SECOND:
            return _Link(unit, 0.0)
        links = [_Link(unit, 0.0, first=unit.at)]
        skipped = s.crests * max(0, unit.crests - 3) - s.swells * unit.swell
        for before, chains in reversed(self._past):
            gap = unit.at - before.at
            if gap > self._rows[1] * (1 + s.missed_max):
                break
            like = _like(before, unit, s.size_spread)
            if gap >= self._rows[0] and like > UNLIKE:
                links += [
                    x for chain in chains if (x := self._linked(chain, unit, gap, like - skipped)).score > HOPELESS
                ]
            skipped += s.skipped if like > LIKE else s.unlike
        links.sort(key=lambda link: -link.score)
        kept = _kept(links)
        for link in kept:
            earlier = link.before.spans[1 - SPANS_MAX :] if link.before is not None else ()
            link.spans, link.before = (*earlier, (unit.at, unit.end)), None
        self._past.append((unit, kept))
        return kept[0]

    def _linked(self, chain: _Link, unit: Unit, gap: int, cost: float) -> _Link:
        s = self._settings
        if chain.count == 1:
            if gap > self._rows[1]:
                return _Link(unit, -math.inf)
            less = min(0.0, chain.score + cost)
            return _Link(unit, less, 2, float(gap), chain.first, chain, fits=(less,) * len(s.spread))
        missed = min(max(0, round(gap / chain.period) - 1), s.missed_max)
        off = math.log(gap / (chain.period * (missed + 1)))
        known = min(chain.count - 1, KNOWN_MAX)
        period = chain.period * math.exp(off / (known + 1))
        if not self._rows[0] <= period <= self._rows[1]:
            return _Link(unit, -math.inf)
        less, wider = cost - s.missed * missed, math.sqrt(1 + 1 / known)
        fits = [fit + less + _timely(off, wider * sd) for fit, sd in zip(chain.fits, s.spread, strict=True)]
        score = _mean(fits)
        over = max(0.0, score - 2 * s.over)
        kept = tuple(fit - over for fit in fits)
        return _Link(unit, score - over, chain.count + 1, period, chain.first, chain, score - chain.score, fits=kept)


def _kept(links: list[_Link]) -> list[_Link]:
    """The best chains, each of another period; the movement alone has none."""
    kept: list[_Link] = []
    for link in links:
        if len(kept) < STATES_MAX and not any(1 / NEAR < link.period / k.period < NEAR for k in kept if k.period):
            kept.append(link)
    return kept


def _timely(off: float, spread: float) -> float:
    """Log-likelihood ratio of an interval that is off by so much, as a logarithm."""
    return max(1 - off * off / (2 * spread * spread) - math.log(spread * math.sqrt(2 * math.pi)), -4.0)


def _mean(fits: list[float]) -> float:
    """Log-odds of a train of any of the spreads, each as likely before."""
    top = max(fits)
    return top + math.log(math.fsum(math.exp(fit - top) for fit in fits) / len(fits))


def _like(a: Unit, b: Unit, size_spread: float) -> float:
    """Log-odds, at most 0, that two movements are alike in direction and size."""
    cosine = max(abs(p[0] * q[0] + p[1] * q[1] + p[2] * q[2]) for p, q in zip(a.axes, b.axes, strict=True))
    ratio = min(abs(math.log(max(p, LEAST_G) / max(q, LEAST_G))) for p, q in zip(a.sizes_g, b.sizes_g, strict=True))
    way = math.log(7.2 * math.exp(-8 * (1 - cosine)) + 0.1)
    size = 0.5 - ratio * ratio / (2 * size_spread**2)
    p, q = a.tilt_g, b.tilt_g
    along = p[0] * q[0] + p[1] * q[1] + p[2] * q[2]
    held = along > 0 and along > HELD_ALIKE * math.hypot(*p) * math.hypot(*q)
    return min(0.0, way) + min(0.0, size) - HELD * held


def _regularity(link: _Link) -> float:
    """One less the spread of the intervals about whole periods, over the period (from the median of the last few)."""
    periods = [(b - a) / link.period for (a, _), (b, _) in pairwise(link.spans)]
    off = sorted(abs(p / max(1, round(p)) - 1) for p in periods)
    return round(max(0.0, 1 - 1.48 * off[len(off) // 2]), 3)


_Event = TypeVar("_Event", Hiccups, PeriodicMovements)


class _Bouts(Generic[_Event]):
    """Follow bouts of one kind; the kinds say what their event is.

    Attributes:
        open: the bout that goes on.
    """

    def __init__(self, settings: RepeatSettings) -> None:
        self._settings = settings
        self._chain = Chain(settings)
        self._newest: _Link | None = None
        self._over = 0
        self._spans: tuple[Span, ...] = ()
        self.open: _Event | None = None

    def restart(self) -> None:
        """Forget, after a gap."""
        self._chain.restart()
        self.open = self._newest = None

    @property
    def told(self) -> tuple[Span, ...]:
        """Rows of the newest movements of the bout that goes on."""
        return self._spans if self.open is not None else ()

    @property
    def lasts(self) -> tuple[Span, ...]:
        """Rows from the begin of the bout that goes on to its newest movement."""
        return ((self.open.onset, self.open.end),) if self.open is not None else ()

    def grows(self, stop: int) -> tuple[Span, ...]:
        """Rows of the movements of a chain that may yet be told, as seen at row `stop`."""
        link = self._newest
        if self.open is not None or link is None or link.count == 1 or link.score < GROWS_OVER:
            return ()
        return link.spans if stop - link.unit.at < GROWS_PERIODS * link.period else ()

    def close(self, seen: int) -> list[_Event]:
        """End what is open."""
        if self.open is None:
            return []
        ended = replace(self.open, open=False, updated=max(seen, self.open.updated))
        self._over = self.open.end
        self.open = None
        return [ended]

    def _first(self, moment: Moment, link: _Link, onset: int) -> _Event:
        """What is told first."""
        raise NotImplementedError

    def _more(self, event: _Event) -> _Event:
        """Count another movement."""
        raise NotImplementedError

    def _follow(self, moment: Moment, units: list[Unit], *, allowed: bool) -> list[_Event]:
        """Take one hop and the movements it completed; no bout begins unless `allowed`."""
        s = self._settings
        out: list[_Event] = []
        for unit in units:
            link = self._newest = self._chain.push(unit)
            over = s.over if self.open is None else 0.5 * s.over
            if (
                (allowed or self.open is not None)
                and link.count >= s.count
                and link.score >= over
                and link.gain > GAIN_MIN
            ):
                self.open, self._spans = self._told(moment, link), link.spans
                out = [self.open]
        if not out and self.open is not None:
            if moment.stop - self.open.end > ENDS_PERIODS * self.open.interval_s * SECOND:
                return self.close(moment.seen)
            if moment.stop % SECOND < HOP:
                self.open = replace(self.open, updated=moment.seen)
        return out

    def _told(self, moment: Moment, link: _Link) -> _Event:
        """Open a bout, or go on; no two bouts share a movement."""
        if self.open is None:
            onset = link.first if link.first > self._over else next(a for a, _ in link.spans if a > self._over)
            event = self._first(moment, link, onset)
        else:
            event = self._more(self.open)
        return replace(
            event,
            end=link.unit.end,
            updated=moment.seen,
            interval_s=round(link.period / SECOND, 1),
            regularity=_regularity(link),
        )


class HiccupBouts(_Bouts[Hiccups]):
    """Follow bouts of hiccups."""

    def __init__(self) -> None:
        super().__init__(HICCUPS)
        self._jolts = Jolts()

    @property
    def idle(self) -> bool:
        """Whether no jolt is open."""
        return self._jolts.idle

    def restart(self) -> None:
        """Forget, after a gap."""
        super().restart()
        self._jolts.restart()

    def grows(self, stop: int) -> tuple[Span, ...]:
        """Rows of a chain that may yet be told, or that the bout that goes on may yet reach, as seen at row `stop`."""
        return ((self.open.end, stop),) if self.open is not None else super().grows(stop)

    def push(self, moment: Moment) -> list[Hiccups]:
        """Take one hop."""
        return self._follow(moment, self._jolts.push(moment), allowed=not moment.mimic and not moment.rhythm)

    def _first(self, moment: Moment, link: _Link, onset: int) -> Hiccups:
        return Hiccups(
            onset=onset,
            end=link.unit.end,
            reported=moment.seen,
            updated=moment.seen,
            open=True,
            state=moment.state,
            jolts=link.count,
            interval_s=0.0,
            regularity=0.0,
        )

    def _more(self, event: Hiccups) -> Hiccups:
        return replace(event, jolts=event.jolts + 1)


class PeriodicRuns(_Bouts[PeriodicMovements]):
    """Follow runs of periodic movements in sleep."""

    def __init__(self) -> None:
        super().__init__(PERIODIC)
        self._limbs = Limbs()

    @property
    def idle(self) -> bool:
        """Whether no movement is open."""
        return self._limbs.idle

    def restart(self) -> None:
        """Forget, after a gap."""
        super().restart()
        self._limbs.restart()

    def push(self, moment: Moment, holds: list[Hold], *, settled: bool, hiccups: bool) -> list[PeriodicMovements]:
        """Take one hop and the holds it completed; `settled` unless a segment is open or not yet measured."""
        allowed = moment.state is State.ASLEEP and not moment.mimic and not hiccups
        return self._follow(moment, self._limbs.push(moment, holds, settled=settled), allowed=allowed)

    def _first(self, moment: Moment, link: _Link, onset: int) -> PeriodicMovements:
        return PeriodicMovements(
            onset=onset,
            end=link.unit.end,
            reported=moment.seen,
            updated=moment.seen,
            open=True,
            state=moment.state,
            movements=link.count,
            interval_s=0.0,
            regularity=0.0,
        )

    def _more(self, event: PeriodicMovements) -> PeriodicMovements:
        return replace(event, movements=event.movements + 1)
