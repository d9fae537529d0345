"""Clip time to monotonic time. A packet is never early, only late, so the estimators are minima, not means.

`ClipClock` is for clips that say when they measured, by a clock or by a counter that serves as one. `ArrivalClock` is
for clips that say nothing: their rows are put on the nominal period, and what stays late for a second was lost.
"""

from collections import deque
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
LATE_MAX_S: Final = 10.0
"""No clip keeps samples longer, and no link delays them longer, before it is given up."""


class ClipClock:
    """Lower envelope of arrival minus clip time over 30 s, with a drift fitted to the earliest packets, within 200 ppm.

    One epoch: make another one after a reconnect or a jump of the clip's clock.

    Args:
        clip_s: clip time of the first packet, unwrapped.
        at_s: its arrival, monotonic clock.
    """

    def __init__(self, clip_s: float, at_s: float) -> None:
        self._clip_0_s = clip_s
        self._offset_0_s = at_s - clip_s
        self._drift = 0.0
        self._floor_s = 0.0
        self._block_end_s = at_s + BLOCK_S
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

    def see(self, clip_s: float, at_s: float) -> float:
        """Take a packet into account and give the monotonic second of `clip_s`."""
        if at_s >= self._block_end_s:
            self._close_block(clip_s, at_s)
        point = (clip_s - self._clip_0_s, self._delay_s(clip_s, at_s))
        if self._residual_s(point) < self._residual_s(self._best):
            self._best = point
        self._floor_s = min(self._floor_s, self._residual_s(point))
        return clip_s + self._offset_0_s + self._floor_s + self._drift * point[0]

    def _delay_s(self, clip_s: float, at_s: float) -> float:
        return at_s - clip_s - self._offset_0_s

    def _residual_s(self, point: tuple[float, float]) -> float:
        elapsed_s, delay_s = point
        return delay_s - self._drift * elapsed_s

    def _close_block(self, clip_s: float, at_s: float) -> None:
        self._blocks.append(self._best)
        self._drift = _drift(self._blocks)
        self._best = (clip_s - self._clip_0_s, self._delay_s(clip_s, at_s))
        self._block_end_s = at_s + BLOCK_S
        oldest_s = self._best[0] - WINDOW_S
        recent = [point for point in list(self._blocks)[-int(WINDOW_S / BLOCK_S) :] if point[0] >= oldest_s]
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
"""A row that is late may still be caught up within this; after it, it was lost."""


class ArrivalClock:
    """Arrivals snapped to the nominal period.

    The clip's rate is taken at its word: one that is 1 % slow seems to lose one row in a hundred, one that is fast has
    its rows moved together. A drift of up to 200 ppm is followed.

    Args:
        period_s: nominal.
        at_s: arrival of the first packet.
    """

    def __init__(self, period_s: float, at_s: float) -> None:
        self._period_s = period_s
        self._row = 0
        self._origin_s = at_s
        self._now_s = at_s
        self._floor_s = 0.0
        self._recent: deque[tuple[float, float]] = deque()  # arrivals of the last second and their delays, ascending

    def see(self, rows: int, at_s: float) -> tuple[float, int]:
        """Give the monotonic second of a packet's last row, and how many rows are missing before its first."""
        self._floor_s += DRIFT_MAX * (at_s - self._now_s)
        self._now_s = at_s
        self._row += rows
        delay_s = self._delay_s(at_s)
        self._floor_s = min(self._floor_s, delay_s)
        missing = self._missing(delay_s)
        self._row += missing
        return self._origin_s + self._row * self._period_s + self._floor_s, missing

    def _delay_s(self, at_s: float) -> float:
        return at_s - self._origin_s - self._row * self._period_s

    def _missing(self, delay_s: float) -> int:
        recent = self._recent
        while recent and recent[0][0] < self._now_s - SETTLE_S:
            recent.popleft()
        while recent and recent[-1][1] >= delay_s:
            recent.pop()
        recent.append((self._now_s, delay_s))
        excess_s = recent[0][1] - self._floor_s
        if excess_s <= self._period_s / 2:
            return 0
        missing = round(excess_s / self._period_s)
        self._recent = deque((at_s, late_s - missing * self._period_s) for at_s, late_s in recent)
        return missing
