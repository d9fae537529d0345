"""Myoclonic bursts of sleep: brief jerks at most 3 s apart, ten seconds at most (Sokoloff 2020, PMC8513809).

A burst is told once it is known what it was part of: the segments around it are measured, no rhythm is likely, no
waking has begun before it, and no chain of hiccups or periodic movements grows on it. Nothing is alerted, so it waits.
"""

import math
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Annotated, Final

import msgspec
import numpy as np

from processing.events import MyoclonicBurst, State
from processing.holds import Hold
from processing.jerks import Jerk, along
from processing.moment import Moment
from processing.samples import GRID_HZ

APART_S: Final = 3.0
LASTS_S: Final = 10.0
BEFORE_ROWS: Final = 6
AFTER_ROWS: Final = 8
"""A jerk begins so long before its crest and ends so long after."""
HISTORY_ROWS: Final = 6000
JERKS_MIN: Final = 3
CONTEXT_S: Final = 20.0
"""What moves so long before and after a burst tells what it was: hiccups come back within 16 s."""
WAIT_S: Final = 40.0
"""Longest wait for a segment to end, or a rhythm to be told."""
LULL_S: Final = 0.5
"""Segments are that long at least, and so far apart."""
RINGS_S: Final = 0.6
RINGS_OVER: Final = 6.0
"""What is so many times the quiet goes on for so long with each factor of e that it is larger."""
DOUBT_S: Final = 400.0
"""How long a burst is remembered that may have been in sleep: that takes minutes of stillness to be known (`sleep`)."""

Span = tuple[int, int]
"""First row and last."""


class BurstSettings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What counts as a jerk of a burst. Tuned on the simulator's training split and generators three to five."""

    over_quiet: Annotated[float, msgspec.Meta(gt=1)] = 2.0
    """A single jerk must stand out more than one of a rhythm: noise alone reaches 1.7 in ten hours."""
    turn_deg: Annotated[float, msgspec.Meta(gt=0)] = 2.0
    """A segment that leaves the body turned by this is movement: jerks leave it as it was (97 % under 1.7 degrees)."""
    sway_over_jerk: Annotated[float, msgspec.Meta(gt=0)] = 3.0
    """A segment that sways so much more than it jerks is movement."""
    lasts_s: Annotated[float, msgspec.Meta(gt=0)] = 2.0
    wakeful: float = 3.0
    """Log-odds of wakeful movement around a burst over which it is none: 98-100 % of the bursts of each of four
    generators stay, and three fifths of what kicks, plays and trembles go."""
    flails: float = 2.0
    """A segment of such a length and log-odds is movement. Weights by logistic regression with fixed signs; with each
    generator left out in turn, 98-99 % of the bursts stay and half to four fifths of the arousals that lie back go."""


@dataclass(frozen=True, slots=True)
class _Burst:
    jerks: tuple[Jerk, ...]
    quiet_g: float
    asleep: bool

    @property
    def onset(self) -> int:
        return self.jerks[0].at - BEFORE_ROWS

    @property
    def end(self) -> int:
        return self.jerks[-1].at + AFTER_ROWS


class Bursts:
    """Group brief jerks."""

    def __init__(self, settings: BurstSettings) -> None:
        self._settings = settings
        self.restart()

    def restart(self) -> None:
        """Forget, after a gap."""
        self._jerks: list[Jerk] = []
        self._waiting: list[_Burst] = []
        self._doubted: deque[_Burst] = deque()
        self._holds: deque[Hold] = deque()
        self._recent: list[Jerk] = []
        self._begin = 0
        self._sway_g = 1.0

    def idle(self, stop: int) -> bool:
        """Whether no burst goes on, and none is due by row `stop`."""
        return not self._jerks and not (self._waiting and self._waiting[0].end <= stop - CONTEXT_S * GRID_HZ)

    def push(
        self,
        moment: Moment,
        holds: list[Hold],
        *,
        explained: int | None,
        taken: Sequence[Span],
        claimed: Sequence[Span],
        settled: bool,
    ) -> list[MyoclonicBurst]:
        """Take one hop, and the segments it completed.

        Args:
            moment: the hop.
            holds: segments that were measured.
            explained: row from which on handling or a rhythm account for jerks.
            taken: rows of hiccups and of periodic movements that are told.
            claimed: rows that hiccups or periodic movements may yet account for.
            settled: whether every movement is over and measured.
        """
        self._holds.extend(holds)
        while self._holds and self._holds[0].end < moment.stop - HISTORY_ROWS:
            self._holds.popleft()
        self._begin, self._sway_g, self._recent = moment.begin, moment.sway_threshold_g, moment.recent
        if explained is None:
            self._group(moment)
        else:
            self._jerks = [jerk for jerk in self._jerks if jerk.at < explained]
            self.woke(explained)
        if self._jerks and moment.stop - self._jerks[-1].at > APART_S * GRID_HZ:
            self._over(moment)
        if taken:
            self._waiting = [burst for burst in self._waiting if not _touches(burst, taken)]
            self._doubted = deque(burst for burst in self._doubted if not _touches(burst, taken))
        return self._decide(moment, claimed, settled=settled) if self._waiting else []

    def fell_asleep(self, moment: Moment, since: int) -> list[MyoclonicBurst]:
        """Tell the bursts that lie in sleep, now that it is known to have begun at row `since`."""
        self._waiting = [replace(burst, asleep=burst.asleep or burst.onset >= since) for burst in self._waiting]
        told = [burst for burst in self._doubted if burst.onset >= since]
        self._doubted.clear()
        return [self._told(burst, moment.seen) for burst in told]

    def woke(self, since: int) -> None:
        """Drop what came after row `since`, where something else began."""
        self._waiting = [burst for burst in self._waiting if burst.end < since]

    def close(self, seen: int) -> list[MyoclonicBurst]:
        """Tell the bursts that wait, for no more will be known."""
        told = [self._told(kept, seen) for burst in self._waiting if burst.asleep and (kept := self._kept(burst))]
        self._waiting = []
        return told

    def _moves(self, hold: Hold, jerks: list[Jerk]) -> bool:
        """Whether a segment with these jerks is a movement of the body."""
        s = self._settings
        if hold.turn_deg > s.turn_deg or hold.sway_g > s.sway_over_jerk * hold.peak_g:
            return True
        return hold.lasted_s >= s.lasts_s and len(jerks) >= JERKS_MIN and self._flails(hold, jerks) > s.flails

    def _flails(self, hold: Hold, jerks: list[Jerk]) -> float:
        """Log-odds that jerks are limbs that flail: every which way, of every size, and the body sways with them."""
        one_way, spread = _alike(jerks)
        sway = min(max(hold.sway_g / self._sway_g, 0.5), 8.0)
        return 6 * (0.8 - one_way) + 3.5 * (spread - 0.35) + 2 * math.log(sway / 2)

    def _group(self, moment: Moment) -> None:
        for jerk in moment.jerks:
            if jerk.size_g < self._settings.over_quiet * moment.quiet_g:
                continue
            if self._jerks and (
                jerk.at - self._jerks[-1].at > APART_S * GRID_HZ or jerk.at - self._jerks[0].at > LASTS_S * GRID_HZ
            ):
                self._over(moment)
            self._jerks.append(jerk)

    def _over(self, moment: Moment) -> None:
        asleep = moment.state is State.ASLEEP
        self._waiting.append(_Burst(tuple(self._jerks), moment.quiet_g, asleep))
        self._jerks = []

    def _decide(self, moment: Moment, claimed: Sequence[Span], *, settled: bool) -> list[MyoclonicBurst]:
        """Tell the bursts of which enough is known."""
        out: list[MyoclonicBurst] = []
        due, late = (moment.stop - round(wait_s * GRID_HZ) for wait_s in (CONTEXT_S, WAIT_S))
        known = settled and not moment.rhythm
        for burst in self._waiting[:]:
            if burst.end > (due if known else late):
                break
            if _touches(burst, claimed):
                continue
            self._waiting.remove(burst)
            if moment.open_segment is not None and moment.open_segment.onset <= burst.end:
                continue  # a movement that still goes on is no burst
            kept = self._kept(burst)
            if kept is not None and burst.asleep:
                out.append(self._told(kept, moment.seen))
            elif kept is not None:
                self._doubted.append(kept)
        while self._doubted and self._doubted[0].end < moment.stop - DOUBT_S * GRID_HZ:
            self._doubted.popleft()
        return out

    def _wakeful(self, burst: _Burst) -> bool:
        """Whether it lies in wakeful movement: long, with few crests in it, of several limbs, large and small."""
        around = round(CONTEXT_S * GRID_HZ)
        first, last = burst.onset - around, burst.end + around
        own: list[Hold] = []
        others_s = [0.0, 0.0]
        for hold in self._holds:
            if hold.onset < burst.end and hold.end > burst.onset:
                own.append(hold)
            elif hold.onset < last and hold.end > first:
                others_s.append(hold.lasted_s)
        if not own:
            return False
        longest_s = (max(_moved_s(hold) for hold in own), *sorted(others_s)[-2:])
        apart_s = max(_moved_s(hold) / max(1, hold.jerks) for hold in own)
        odds = 1.8 * math.log(min(max(apart_s, 0.3), 4) / 0.7)
        odds += 0.7 * sum(math.log(min(max(lasted_s, LULL_S), 15) / 2) for lasted_s in longest_s)
        least_g = self._settings.over_quiet * burst.quiet_g
        jerks = [jerk for jerk in self._recent if first < jerk.at < last and jerk.size_g >= least_g]
        if len(jerks) > JERKS_MIN:
            one_way, spread = _alike(jerks)
            odds += 3.5 * (0.8 - one_way) + 2.1 * (spread - 0.35)
        return odds > self._settings.wakeful

    def _kept(self, burst: _Burst) -> _Burst | None:
        """Leave out the jerks that lie in a movement."""
        if self._wakeful(burst):
            return None
        jerks = list(burst.jerks)
        for hold in self._holds:
            inside = [jerk for jerk in jerks if hold.onset <= jerk.at <= hold.end]
            if inside and self._moves(hold, inside):
                jerks = [jerk for jerk in jerks if jerk not in inside]
        return replace(burst, jerks=tuple(jerks)) if jerks else None

    def _told(self, burst: _Burst, seen: int) -> MyoclonicBurst:
        peak_g = max(jerk.size_g for jerk in burst.jerks)
        return MyoclonicBurst(
            onset=max(self._begin, burst.onset),
            end=burst.end,
            reported=seen,
            updated=seen,
            open=False,
            state=State.ASLEEP,
            jerks=len(burst.jerks),
            peak_mg=round(peak_g * 1000, 1),
            size=round(peak_g / burst.quiet_g, 2),
        )


def _moved_s(hold: Hold) -> float:
    """Length of a segment less the time in which a large jerk may ring, and sway, on soft bedding."""
    return max(hold.lasted_s - RINGS_S * math.log(max(1.0, hold.size / RINGS_OVER)), LULL_S)


def _alike(jerks: Sequence[Jerk]) -> tuple[float, float]:
    """How far jerks go one way (1: all), and the standard deviation of the logarithm of their sizes."""
    return along(jerks), float(np.std([math.log(jerk.size_g) for jerk in jerks]))


def _touches(burst: _Burst, spans: Sequence[Span]) -> bool:
    return any(first <= burst.end and burst.onset <= last for first, last in spans)
