"""What a person or a simulator saw in a recording: its labels, and their table as BIDS has it (`NAME.events.tsv`)."""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from processing.events import KINDS, State

HEADER: Final = ("onset", "duration", "trial_type", "detail")
NO_DETAIL: Final = "n/a"

CONCERNING: Final = ("rhythmic", "spasm_cluster", "stiffening", "persists_after_waking", "seizure")
"""Labels of which a family should be told. `seizure` is a clinic's label that names no movement."""

STATES: Final = tuple(State)
SERIES: Final = "myoclonic_series"
"""A whole benign series of myoclonic clusters, which stops on waking."""
CONTRACTION: Final = "contraction"
"""Optional label of a single contraction within a `spasm_cluster`; without it contractions are measured."""

BACKGROUND: Final = "background"
OWN: Final = (*KINDS, SERIES, CONTRACTION)
"""What our own recordings are labelled with."""

OTHERS: Final = {
    # sleep and wake, as polysomnography files name them
    "sleep": "asleep",
    "n1": "asleep",
    "n2": "asleep",
    "n3": "asleep",
    "r": "asleep",
    "rem": "asleep",
    "quiet_sleep": "asleep",
    "active_sleep": "asleep",
    "wake": "awake",
    "w": "awake",
    # no event; an impedance check says nothing of the baby (SzCORE)
    "bckg": BACKGROUND,
    "background": BACKGROUND,
    "impd": BACKGROUND,
    "n/a": BACKGROUND,
    # seizures without a described movement
    "sz": "seizure",
    "seiz": "seizure",
    "seizure": "seizure",
    # codes of the Temple University corpus
    "fnsz": "seizure",
    "gnsz": "seizure",
    "cpsz": "seizure",
    "spsz": "seizure",
    "absz": "seizure",
    "mysz": "seizure",
    "atsz": "seizure",
    "cnsz": "rhythmic",
    "tcsz": "rhythmic",
    "tnsz": "stiffening",
    "clonic": "rhythmic",
    "tonic": "stiffening",
    "spasms": "spasm_cluster",
    "hiccup": "hiccups",
    "plm": "periodic_movements",
    "plms": "periodic_movements",
}
"""Words of other vocabularies for what we name otherwise, in lower case."""

MOVEMENT_OF_SZ: Final = {
    "clonic": "rhythmic",
    "tonicclonic": "rhythmic",
    "spasms": "spasm_cluster",
    "tonic": "stiffening",
}
"""Last part of a SzCORE / BIDS-score event type such as `sz_foc_a_m_clonic`; every other `sz_...` is a `seizure`."""


@dataclass(frozen=True, slots=True, order=True, kw_only=True)
class Label:
    """One true event or state interval; labels sort by onset.

    Attributes:
        onset_s: stream seconds.
        duration_s: seconds; 0 for a single moment.
        kind: an event kind, `myoclonic_series`, `contraction` or `seizure`.
        detail: one word, e.g. the mimic; otherwise "n/a".

    Raises:
        ValueError: onset or duration is not finite, or negative.
    """

    onset_s: float
    duration_s: float
    kind: str
    detail: str = NO_DETAIL

    def __post_init__(self) -> None:
        """Check that it lies in time."""
        if not (0 <= self.onset_s < math.inf and 0 <= self.duration_s < math.inf):  # NaN fails too
            raise ValueError(
                f"label {self.kind}: onset {self.onset_s} and duration {self.duration_s} must be 0 or more"
            )

    @property
    def end_s(self) -> float:
        """Stream seconds at which it ends."""
        return self.onset_s + self.duration_s

    @property
    def name(self) -> str:
        """What it is called in tables: the detail of a mimic, otherwise the kind."""
        plain = self.kind in CONCERNING or self.detail in {NO_DETAIL, ""}
        return self.kind if plain else self.detail


def our_kind(trial_type: str) -> str | None:
    """Give our word for a label of any known vocabulary, or None for an unknown one.

    >>> our_kind("sz_foc_a_m_clonic"), our_kind("bckg"), our_kind("rhythmic"), our_kind("lunch")
    ('rhythmic', 'background', 'rhythmic', None)
    """
    word = trial_type.strip().lower()
    if word in OWN:
        return word
    if word.startswith("sz_"):
        return MOVEMENT_OF_SZ.get(word.rsplit("_", 1)[-1], "seizure")
    return OTHERS.get(word)


def parse_labels(text: str) -> tuple[list[Label], list[str]]:
    """Read a BIDS `events.tsv`: columns onset, duration, trial_type (or SzCORE's eventType), detail if there is one.

    Returns:
        the labels in order of onset, and the trial types that are not known, each once.

    Raises:
        ValueError: a column is missing or a number cannot be read; names the line.
    """
    lines = text.lstrip("\ufeff").splitlines()
    if not text.strip():
        raise ValueError("it is empty: it needs at least the header onset, duration, trial_type")
    columns = _columns(lines[0])
    rows = [_row(line, number, columns) for number, line in enumerate(lines[1:], start=2) if line.strip()]
    unknown = sorted({trial_type for label, trial_type in rows if label is None})
    labels = [label for label, _ in rows if label is not None and label.kind != BACKGROUND]
    return sorted(labels), unknown


def labels_to_tsv(labels: Iterable[Label]) -> str:
    """Write a BIDS `events.tsv`, to the millisecond, in the order of the onsets."""
    rows = (f"{x.onset_s:.3f}\t{x.duration_s:.3f}\t{x.kind}\t{x.detail}" for x in sorted(labels))
    return "\n".join(("\t".join(HEADER), *rows)) + "\n"


def _columns(header: str) -> dict[str, int]:
    columns = {name.strip(): i for i, name in enumerate(header.split("\t"))}
    if "trial_type" not in columns and "eventType" in columns:
        columns["trial_type"] = columns["eventType"]
    missing = [name for name in ("onset", "duration", "trial_type") if name not in columns]
    if missing:
        raise ValueError(
            f"line 1: column {missing[0]} is missing; BIDS events have tab-separated onset, duration, trial_type"
        )
    return columns


def _row(line: str, number: int, columns: dict[str, int]) -> tuple[Label | None, str]:
    cells = [cell.strip() for cell in line.split("\t")]
    try:
        onset, duration, trial_type = (cells[columns[name]] for name in ("onset", "duration", "trial_type"))
        detail = cells[columns["detail"]] if columns.get("detail", len(cells)) < len(cells) else NO_DETAIL
        kind = our_kind(trial_type)
        if kind is None:
            return None, trial_type
        seconds = 0.0 if duration == "n/a" else float(duration)
        named = detail if kind == trial_type or detail != NO_DETAIL else trial_type
        return Label(onset_s=float(onset), duration_s=seconds, kind=kind, detail=named or NO_DETAIL), trial_type
    except IndexError:
        raise ValueError(f"line {number}: fewer cells than the header; cells are separated by tabs") from None
    except ValueError as error:
        raise ValueError(f"line {number}: {error}") from None


def state_at(labels: Sequence[Label], at_s: float) -> State:
    """Give the true state at a time; a boundary belongs to the state that begins there."""
    for label in reversed(labels):
        if label.kind in STATES and label.onset_s <= at_s < label.end_s:
            return State(label.kind)
    return State.UNKNOWN
