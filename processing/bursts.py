"""Myoclonic bursts of sleep: brief jerks at most 3 s apart, ten seconds at most (Sokoloff 2020, PMC8513809).

A burst is told once it is known what it was part of: the segments it lies in are measured, no rhythm is likely, and no
chain of hiccups or periodic movements grows on it. That takes seconds, or an interval of the chain; nothing is alerted.
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
from processing.jerks import Jerk
from processing.moment import Moment
from processing.samples import GRID_HZ

APART_S: Final = 3.0
LASTS_S: Final = 10.0
BEFORE_ROWS: Final = 6
AFTER_ROWS: Final = 8
"""A jerk begins so long before its crest and ends so long after."""
HISTORY_ROWS: Final = 6000
JERKS_MIN: Final = 3
WAIT_S: Final = 20.0
"""Longest wait for a segment to end, or a rhythm to be told."""
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
        self._begin = 0
        self._sway_g = 1.0

    @property
    def idle(self) -> bool:
        """Whether no burst goes on or waits."""
        return not self._jerks and not self._waiting

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
            explained: row from which on handling, hiccups or a rhythm account for jerks.
            taken: rows of the periodic movements of a run that is told.
            claimed: rows of a chain of hiccups or periodic movements that may yet be told.
            settled: whether every movement is over and measured.
        """
        self._holds.extend(holds)
        while self._holds and self._holds[0].end < moment.stop - HISTORY_ROWS:
            self._holds.popleft()
        self._begin, self._sway_g = moment.begin, moment.sway_threshold_g
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
        axes = np.array([jerk.axis for jerk in jerks])
        along = float(np.linalg.eigvalsh(axes.T @ axes)[2]) / len(jerks)
        spread = float(np.std([math.log(jerk.size_g) for jerk in jerks]))
        sway = min(max(hold.sway_g / self._sway_g, 0.5), 8.0)
        return 6 * (0.8 - along) + 3.5 * (spread - 0.35) + 2 * math.log(sway / 2)

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
        late = moment.stop - round(WAIT_S * GRID_HZ)
        for burst in self._waiting[:]:
            if not (settled and not moment.rhythm) and burst.end > late:
                break
            if _touches(burst, claimed):
                continue
            self._waiting.remove(burst)
            kept = self._kept(burst)
            if kept is not None and burst.asleep:
                out.append(self._told(kept, moment.seen))
            elif kept is not None:
                self._doubted.append(kept)
        while self._doubted and self._doubted[0].end < moment.stop - DOUBT_S * GRID_HZ:
            self._doubted.popleft()
        return out

    def _kept(self, burst: _Burst) -> _Burst | None:
        """Leave out the jerks that lie in a movement."""
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


def _touches(burst: _Burst, spans: Sequence[Span]) -> bool:
    return any(first <= burst.end and burst.onset <= last for first, last in spans)
