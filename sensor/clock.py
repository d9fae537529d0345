"""Clip time to monotonic time. A packet is never early, only late, so the estimators are minima, not means.

`ClipClock` is for clips that say when they measured, by a clock or by a counter that serves as one. `ArrivalClock` is
for clips that say nothing: their rows are put on the nominal period, and what stays late for good was lost.
"""

import math
from bisect import bisect_right
from collections import deque
from dataclasses import dataclass
from typing import Final

import numpy as np

WINDOW_S: Final = 30.0
"""Span of the lower envelope; measured best of those tried on a link with 10 % retransmissions (docs/timing.md)."""
BLOCK_S: Final = 5.0
"""Each block gives its earliest packet to the fit: long enough to hold one that was hardly delayed."""
FIT_BLOCKS: Final = 60
"""Blocks in the drift fit: five minutes, within which a crystal's temperature hardly changes."""
FIT_BLOCKS_MIN: Final = 4
DRIFT_MAX: Final = 200e-6
"""Two crystals of 100 ppm, the worst that Bluetooth sleep clocks are built with in practice."""
EARLY_MAX_S: Final = 0.5
"""Once an epoch has settled, a packet that is earlier than this has a clip clock that jumped."""
EARLY_AGAIN_S: Final = 0.02
LATE_AGAIN_S: Final = 0.25
"""A session's first packet within these is taken for one of a clock that ran on. Of clocks that wrap in 64 s and began
anew, one in 240 is so too, and then is wrong by no more."""
AWAY_MAX_S: Final = 300.0
"""Drift is known to some ppm: a millisecond in this time."""
LATE_MAX_S: Final = 10.0
"""No clip keeps samples longer, and no link delays them longer, before it is given up."""


class ClipClock:
    """Lower envelope of arrival minus clip time over 30 s, with a drift fitted to the earliest packets, within 200 ppm.

    One epoch: make another one after a jump of the clip's clock, and after a reconnect unless it `spans` the time
    between. Blocks lie at fixed seconds of the monotonic clock, and five minutes of them are remembered: so long after
    a reconnect, all is as if there had been none.

    Args:
        clip_s: clip time of the first packet, unwrapped.
        at_s: its arrival, monotonic clock.
    """

    def __init__(self, clip_s: float, at_s: float) -> None:
        self._clip_0_s = clip_s
        self._offset_0_s = at_s - clip_s
        self._drift = 0.0
        self._floor_s = 0.0
        self._block = math.floor(at_s / BLOCK_S)
        self._best = (0.0, 0.0)
        self._blocks: deque[tuple[float, float]] = deque(maxlen=FIT_BLOCKS)

    def lateness_s(self, clip_s: float, at_s: float) -> float:
        """Say by how much a packet is later than the earliest ones; below zero if it is earlier than all of them."""
        elapsed_s = clip_s - self._clip_0_s
        return self._delay_s(clip_s, at_s) - self._drift * elapsed_s - self._floor_s

    def fits(self, clip_s: float, at_s: float) -> bool:
        """Say whether a packet belongs to this epoch; if not, the clip's clock has jumped."""
        early_max_s = EARLY_MAX_S if self._blocks else LATE_MAX_S  # the first packets themselves may have been late
        return -early_max_s <= self.lateness_s(clip_s, at_s) <= LATE_MAX_S

    def spans(self, clip_s: float, at_s: float) -> bool:
        """Say whether the first packet of another session belongs to this epoch: the clip's clock has run on."""
        settled = len(self._blocks) >= FIT_BLOCKS_MIN
        away_s = clip_s - self._clip_0_s - self._best[0]
        on_time = -EARLY_AGAIN_S <= self.lateness_s(clip_s, at_s) <= LATE_AGAIN_S
        return settled and on_time and 0 <= away_s <= AWAY_MAX_S

    def see(self, clip_s: float, at_s: float) -> float:
        """Take a packet into account and give the monotonic second of `clip_s`."""
        if math.floor(at_s / BLOCK_S) > self._block:
            self._close_block(clip_s, at_s)
        self.lower(clip_s, at_s)
        return self.time_s(clip_s)

    def lower(self, clip_s: float, at_s: float) -> None:
        """Take a packet into account that may only show that others were late."""
        point = (clip_s - self._clip_0_s, self._delay_s(clip_s, at_s))
        if self._residual_s(point) < self._residual_s(self._best):
            self._best = point
        self._floor_s = min(self._floor_s, self._residual_s(point))

    def time_s(self, clip_s: float) -> float:
        """Give the monotonic second of `clip_s`."""
        return clip_s + self._offset_0_s + self._floor_s + self._drift * (clip_s - self._clip_0_s)

    def _delay_s(self, clip_s: float, at_s: float) -> float:
        return at_s - clip_s - self._offset_0_s

    def _residual_s(self, point: tuple[float, float]) -> float:
        elapsed_s, delay_s = point
        return delay_s - self._drift * elapsed_s

    def _close_block(self, clip_s: float, at_s: float) -> None:
        self._blocks.append(self._best)
        self._drift = _drift(self._blocks)
        self._best = (clip_s - self._clip_0_s, self._delay_s(clip_s, at_s))
        self._block = math.floor(at_s / BLOCK_S)
        recent = list(self._blocks)[-int(WINDOW_S / BLOCK_S) :]
        self._floor_s = min(self._residual_s(point) for point in (*recent, self._best))


def _drift(blocks: deque[tuple[float, float]]) -> float:
    """Median slope of all pairs (Theil 1950, Sen 1968): a block whose every packet was late does not bend it."""
    if len(blocks) < FIT_BLOCKS_MIN:
        return 0.0
    points = np.array(blocks)
    first, second = np.triu_indices(len(points), 1)
    elapsed_s, delay_s = (points[second] - points[first]).T
    slopes = delay_s[elapsed_s > 0] / elapsed_s[elapsed_s > 0]
    return float(np.clip(np.median(slopes), -DRIFT_MAX, DRIFT_MAX)) if len(slopes) else 0.0


SETTLE_S: Final = 1.0
"""Rows are put after a hole once packets have stayed late for this long."""
TAIL_S: Final = 0.1
"""At the end of a session, loss so short before the last packet cannot be told from delay."""
HEIGHT_BLOCKS: Final = 8
"""The line runs through the middle of 40 s: connection events shift the earliest packets to and fro within minutes."""
SLOPE_BLOCKS: Final = 24
"""Two minutes, before which a slope is only those shifts."""
TOLERANCE: Final = 0.35
"""Of a period: so much below the line the earliest packets may be, and the loss of one is still seen. They are known to
a quarter either way, unless connection events shift them by a whole period at once (docs/timing.md)."""
TURN: Final = 7
"""Packets in which every place in the turn of connection events comes up, at the intervals where shifts are a half."""
SHIFT: Final = 100
"""Packets for which the earliest must stay apart from the line, to have shifted."""
WAITS: Final = (0, 5, 9)
"""Packets from which on a wait is longer than a turn, or than one in which a packet was lost or sent again."""
STRANGE: Final = 0.005
"""Share of waits that may be of any length for some other reason."""
FAST_AT_FIRST: Final = -1.0
"""Logarithm of the odds of fast against slow: a loss is not counted without a sign of it."""
DECIDED: Final = 6.0
"""Logarithm of the odds, 400 to 1, beyond which what was counted at earlier shifts stands."""


@dataclass(frozen=True, slots=True)
class _Mark:
    """A packet earlier, against the rows received, than all that came since.

    Attributes:
        since_s: arrival of the oldest packet that it is not later than, or long ago where nothing can be earlier.
        at_s: its own arrival.
        delay_s: its arrival less the periods of the rows received with it.
        since: rows received by `since_s`.
        reached: rows received by the first packet since then that was as early, to a quarter of a period.
    """

    since_s: float
    at_s: float
    delay_s: float
    since: int
    reached: int

    @property
    def wait(self) -> int:
        """Class of the rows that came in its time before one was as early."""
        return bisect_right(WAITS, self.reached - self.since) - 1


class _Line:
    """Straight line through the earliest packets: in each 5 s, those of the longest stretch without a loss."""

    def __init__(self, at_s: float, delay_s: float, stood_s: float = 0.0) -> None:
        self._blocks: deque[tuple[float, float]] = deque(maxlen=FIT_BLOCKS)
        self._best, self._stood_s = (at_s, delay_s), stood_s
        self._begin_s, self._end_s = at_s, at_s + BLOCK_S
        self._at_s, self._height_s, self._slope = at_s, delay_s, 0.0

    def height_s(self, at_s: float) -> float:
        """Give the delay of the earliest packets at some time."""
        return self._height_s + self._slope * (at_s - self._at_s)

    def see(self, at_s: float, delay_s: float, stood_s: float) -> None:
        """Take a packet into account that was the earliest for `stood_s`."""
        if at_s < self._begin_s:
            return
        if at_s >= self._end_s:
            self._blocks.append(self._best)
            self._draw()
            self._end_s, self._stood_s = at_s + BLOCK_S, 0.0
        if stood_s >= self._stood_s:
            self._best, self._stood_s = (at_s, delay_s), stood_s
        if not self._blocks:
            self._at_s, self._height_s = self._best

    def _draw(self) -> None:
        self._slope = _drift(self._blocks) if len(self._blocks) >= SLOPE_BLOCKS else 0.0
        at_s, delay_s = np.array(self._blocks)[-HEIGHT_BLOCKS:].T
        self._at_s = float(at_s[-1])
        self._height_s = float(np.median(delay_s - self._slope * (at_s - self._at_s)))


class _Shifts:
    """Which shifts of the earliest packets by half a period hide a loss.

    They do if the clip is fast. Then packets between the loss and the shift were later by another half, unless the two
    fell together; if it is slow, none waits longer than usual for one as early as the rest. The odds of fast against
    slow are kept over shifts, for a crystal's sign seldom changes. Until they are clear, all shifts stay open.
    """

    def __init__(self) -> None:
        self._odds = FAST_AT_FIRST
        self._open = self._hidden = 0
        self._waits = [1] * len(WAITS)
        self._apart: _Mark | None = None

    def see(self, mark: _Mark, until: int, late: float, lost: float) -> int | None:
        """Take a mark into account; give how many more rows were lost than was thought, if there was a shift.

        Args:
            mark: the earliest packet of its time.
            until: rows received when its time ended.
            late: periods by which it is above the line.
            lost: share of the rows that are lost.
        """
        if until - mark.since < TURN:
            return None  # too short to say whether its earliest packet is early
        if not TOLERANCE < late < 1 - TOLERANCE:
            self._apart = None
            self._waits[mark.wait] += 1
            return None
        self._apart = self._apart or mark
        if until - self._apart.since < SHIFT:
            return None
        wait, self._apart = self._apart.wait, None
        return self._decide(wait, lost)

    def _decide(self, wait: int, lost: float) -> int:
        before = self._hidden
        self._open += 1
        self._odds += self._evidence(wait, lost)
        self._hidden = self._open if self._odds > 0 else 0
        more = self._hidden - before
        if abs(self._odds) > DECIDED:
            self._odds = math.copysign(DECIDED, self._odds)
            self._open = self._hidden = 0
        return more

    def _evidence(self, wait: int, lost: float) -> float:
        """Logarithm of how much likelier a wait is if the clip is fast: geometric then, or as usual by coincidence."""
        together = max(0.02, 1 - (1 - lost) ** 4)
        kept = [(1 - lost) ** packets for packets in (*WAITS, math.inf)]
        usual = self._waits[wait] / sum(self._waits) + STRANGE
        return math.log(together + (1 - together) * (kept[wait] - kept[wait + 1]) / usual)


class ArrivalClock:
    """Arrivals snapped to the nominal period, and the count of what never arrived.

    A row that is lost makes all packets after it later by a period, against the rows received, for good; a delay
    passes. So what is missing is how much later the earliest packets to come are than the line through the earliest of
    all. Each such count is of the whole session, not of what came since the last: it corrects itself.

    The clip's rate is taken at its word: one that is 1 % slow seems to lose one row in a hundred, one that is fast has
    its rows moved together. A drift of up to 200 ppm is followed.

    Args:
        period_s: nominal.
        at_s: arrival of the first packet.
        stall_max_s: after a longer silence nothing comes late.

    Attributes:
        missing: rows lost: `LATE_MAX_S` have passed in which they could have come.
    """

    def __init__(self, period_s: float, at_s: float, *, stall_max_s: float = LATE_MAX_S) -> None:
        self._period_s = period_s
        self._stall_max_s = stall_max_s
        self._now_s = at_s
        self._received = 0
        self._marks: deque[_Mark] = deque()
        self._line = _Line(at_s, at_s)
        self._presumed = 0
        self.missing = 0
        self._shifts = _Shifts()

    @property
    def awaited(self) -> int:
        """Rows that are late: lost by now, or still to come."""
        return max(0, self._presumed - self.missing)

    def see(self, rows: int, at_s: float) -> tuple[float, int]:
        """Give the monotonic second of a packet's last row, and how many rows to leave out before its first."""
        self._received += rows
        self._mark(at_s)
        self._settle(at_s - LATE_MAX_S)
        before, self._presumed = self._presumed, self._lost(self._mark_at(at_s - SETTLE_S))
        last_row_s = self._line.height_s(at_s) + (self._received + self._presumed) * self._period_s
        return last_row_s, max(0, self._presumed - before)

    def close(self) -> int:
        """Give the rows missing in all: nothing comes any more."""
        self._settle(self._now_s - TAIL_S)
        return self.missing

    def _mark(self, at_s: float) -> None:
        since_s = at_s if at_s - self._now_s <= self._stall_max_s else -math.inf
        since = reached = self._received
        self._now_s = at_s
        delay_s = at_s - self._received * self._period_s
        while self._marks and self._marks[-1].delay_s >= delay_s:
            mark = self._marks.pop()
            since_s, since = mark.since_s, mark.since
            if mark.delay_s < delay_s + self._period_s / 4:
                reached = min(reached, mark.reached)
        self._marks.append(_Mark(since_s, at_s, delay_s, since, reached))
        self._lower(self._marks[-1])

    def _settle(self, until_s: float) -> None:
        """Count what was lost before packets that arrived by then, and let them draw the line."""
        while self._marks and self._marks[0].since_s <= until_s:
            mark = self._marks[0]
            stood_until_s = self._marks[1].since_s if len(self._marks) > 1 else self._now_s
            self.missing = self._lost(mark)
            self._shift(mark)
            self._line.see(mark.at_s, mark.delay_s - self._missing_s, stood_until_s - mark.since_s)
            self._lower(mark)
            if len(self._marks) == 1 or stood_until_s > until_s:
                return
            self._marks.popleft()

    def _shift(self, mark: _Mark) -> None:
        """Begin the line anew where the earliest packets have shifted by a half, and count a loss that this hid."""
        until = self._marks[1].since if len(self._marks) > 1 else self._received
        lost = self.missing / (self.missing + self._received)
        more = self._shifts.see(mark, until, self._late(mark), lost)
        if more is not None:
            self.missing = max(0, self.missing + more)
            self._line = _Line(mark.at_s, mark.delay_s - self._missing_s, BLOCK_S)

    def _mark_at(self, at_s: float) -> _Mark:
        """Give the earliest packet of those from the last one that had arrived by then."""
        return next((mark for mark in reversed(self._marks) if mark.since_s <= at_s), self._marks[0])

    @property
    def _missing_s(self) -> float:
        return self.missing * self._period_s

    def _late(self, mark: _Mark) -> float:
        """Periods by which a packet is above the line."""
        return (mark.delay_s - self._missing_s - self._line.height_s(mark.at_s)) / self._period_s

    def _lost(self, mark: _Mark) -> int:
        late = self._late(mark)
        rows = math.floor(abs(late) + TOLERANCE)
        return max(0, self.missing + (rows if late > 0 else -rows))

    def _lower(self, mark: _Mark) -> None:
        """Begin the line anew at a packet that cannot be so early."""
        if self._late(mark) < -TOLERANCE:
            self._line = _Line(mark.at_s, mark.delay_s - self._missing_s, BLOCK_S)
