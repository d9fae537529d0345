"""What truly happened in a simulated stream, and its BIDS events table."""

import math
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from processing.events import KINDS

TRIAL_TYPES: Final = frozenset((*KINDS, "myoclonic_series", "contraction"))
"""Event kinds, a whole benign series of myoclonic clusters that stops on waking, and each contraction of a cluster."""

HEADER: Final = ("onset", "duration", "trial_type", "detail")
NO_DETAIL: Final = "n/a"


@dataclass(frozen=True, slots=True, order=True)
class Label:
    """One true event or state interval.

    Attributes:
        onset_s: stream seconds.
        duration_s: seconds; 0 for a moment.
        trial_type: one of `TRIAL_TYPES`.
        detail: one word, the mimic for instance, or 'n/a'.

    Raises:
        ValueError: a number is negative or not finite, the type is unknown, or the detail is not one word.
    """

    onset_s: float
    duration_s: float
    trial_type: str
    detail: str = NO_DETAIL

    def __post_init__(self) -> None:
        """Check what is promised."""
        if not (0 <= self.onset_s < math.inf and 0 <= self.duration_s < math.inf):
            raise ValueError(f"onset {self.onset_s} and duration {self.duration_s} must be finite and not negative")
        if self.trial_type not in TRIAL_TYPES:
            raise ValueError(f"trial_type {self.trial_type!r} is none of {', '.join(sorted(TRIAL_TYPES))}")
        if self.detail.split() != [self.detail]:
            raise ValueError(f"detail {self.detail!r} must be one word, or {NO_DETAIL}")

    @property
    def end_s(self) -> float:
        """Stream seconds at its end."""
        return self.onset_s + self.duration_s


def labels_to_tsv(labels: Iterable[Label]) -> str:
    """Write a BIDS events table, to the millisecond, in the order of the onsets."""
    rows = (f"{x.onset_s:.3f}\t{x.duration_s:.3f}\t{x.trial_type}\t{x.detail}" for x in sorted(labels))
    return "\n".join(("\t".join(HEADER), *rows)) + "\n"


def labels_from_tsv(text: str) -> tuple[Label, ...]:
    """Read a BIDS events table: columns onset, duration, trial_type and, where it is there, detail, in any order.

    Raises:
        ValueError: a column is missing or a row is no label; the message names the line.
    """
    lines = text.splitlines()
    columns = lines[0].split("\t") if lines else []
    if missing := [name for name in HEADER[:3] if name not in columns]:
        raise ValueError(f"line 1: no column {missing[0]!r}; an events table starts with {', '.join(HEADER)}")
    return tuple(_row(columns, line, number) for number, line in enumerate(lines[1:], start=2) if line.strip())


def _row(columns: list[str], line: str, number: int) -> Label:
    cells = line.split("\t")
    if len(cells) != len(columns):
        raise ValueError(f"line {number}: {len(cells)} cells where the header names {len(columns)}")
    row = dict(zip(columns, cells, strict=True))
    try:
        return Label(
            float(row["onset"]), float(row["duration"]), row["trial_type"], row.get("detail", NO_DETAIL) or NO_DETAIL
        )
    except ValueError as error:
        raise ValueError(f"line {number}: {error}") from error
