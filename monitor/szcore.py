"""SzCORE event scores; the only importer of `timescoring`.

Events less than 90 s apart are merged, those over 5 min are split, an alert may come from 30 s before to 60 s after,
any overlap counts, false ones are given per 24 h (Dan 2024, "SzCORE").
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from monitor.errors import UseError
from processing.labels import CONCERNING
from processing.samples import GRID_HZ
from processing.scoring import MEDIUM, Heard, Truth

MASK_HZ: Final = 10
"""Rate at which `timescoring` itself counts."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SzCore:
    """Counts of one or more recordings.

    Attributes:
        reference: events after merging and splitting.
        hits: of these, found.
        false: found events without a reference.
        duration_s: of the recordings, holes included.
    """

    reference: int = 0
    hits: int = 0
    false: int = 0
    duration_s: float = 0.0

    def __add__(self, other: "SzCore") -> "SzCore":
        """Add up two counts."""
        return SzCore(
            reference=self.reference + other.reference,
            hits=self.hits + other.hits,
            false=self.false + other.false,
            duration_s=self.duration_s + other.duration_s,
        )


def szcore(truth: Truth, heard: Heard) -> SzCore:
    """Score concerning labels against medium and high alerts about the baby, from the onset of their cause to its end.

    Raises:
        UseError: `timescoring` is not installed.
    """
    try:
        from timescoring.annotations import Annotation  # noqa: PLC0415  an extra
        from timescoring.scoring import EventScoring  # noqa: PLC0415  an extra
    except ImportError:
        raise UseError("evaluate needs the package timescoring: pip install 'sleepclip[evaluate]'") from None
    seconds = len(truth.signal.norm_g) / GRID_HZ
    told = [s for s in heard.spans if s.priority >= MEDIUM and not s.technical]
    reference = union(((x.onset_s, x.end_s) for x in truth.labels if x.kind in CONCERNING), seconds)
    found = union(((s.onset_s, max(s.end_s, s.start_s)) for s in told), seconds)
    rows = round(seconds * MASK_HZ)
    scores = EventScoring(Annotation(reference, MASK_HZ, rows), Annotation(found, MASK_HZ, rows))
    return SzCore(reference=scores.refTrue, hits=scores.tp, false=scores.fp, duration_s=seconds)


def union(times: Iterable[tuple[float, float]], end_s: float) -> list[tuple[float, float]]:
    """Join overlapping times, for `timescoring` expects events in order and apart; a moment becomes 0.1 s.

    >>> union([(5, 6), (1, 4), (2, 3), (9, 9)], 20)
    [(1, 4), (5, 6), (9, 9.1)]
    """
    joined: list[tuple[float, float]] = []
    for onset_s, stop_s in sorted((a, min(max(b, a + 1 / MASK_HZ), end_s)) for a, b in times if a < end_s):
        if joined and onset_s <= joined[-1][1]:
            joined[-1] = (joined[-1][0], max(stop_s, joined[-1][1]))
        else:
            joined.append((onset_s, stop_s))
    return joined
