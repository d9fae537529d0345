"""Generators of labelled streams in one form.

The first is the simulator we ship. The third is for development. The second, fourth, fifth, sixth and seventh were
written without reading it or each other. Nothing is tuned on the second.
"""

import importlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

import numpy as np

from processing.labels import Label, our_kind
from processing.samples import Readings

GENERATORS: Final[Mapping[str, str]] = {
    "first": "sensor.simulator",
    "second": "tests.generators.second",
    "third": "tests.generators.third",
    "fifth": "tests.generators.fifth",
    "fourth": "tests.generators.fourth",
    "sixth": "tests.generators.sixth",
    "seventh": "tests.generators.seventh",
}
NIGHTS: Final = "nights"


@dataclass(frozen=True, kw_only=True)
class Task:
    """Some streams of one kind. A task always gives the same streams, wherever it runs."""

    generator: str
    split: str
    kind: str
    n: int
    seed: int

    def streams(self) -> Iterator[tuple[str, Readings, list[Label], Mapping[str, Any]]]:
        """Draw them: name, readings, labels, and what was drawn for each."""
        module = importlib.import_module(GENERATORS[self.generator])
        call = module.nights if self.kind == NIGHTS else module.cases
        kind = [] if self.kind == NIGHTS else [self.kind]
        split = [self.split] if self.generator == "first" else []
        for case in call(*split, *kind, n=self.n, seed=self.seed):
            readings = Readings(
                time_s=np.array(case.time_s, dtype=float),
                accel_g=np.array(case.accel_g, dtype=float),
                rate_hz=float(case.rate_hz),
                resolution_g=resolution_g(case),
            )
            name = f"{self.generator}/{case.name}/{self.seed}"
            labels = sorted(as_label(row) for row in case.labels)
            yield name, readings, labels, getattr(case, "facts", {})


def as_label(row: Label | tuple[float, float, str, str]) -> Label:
    """Take a label of ours, or one of another generator: onset_s, duration_s, trial_type, detail."""
    if isinstance(row, Label):
        return row
    onset_s, duration_s, trial_type, detail = row
    kind = our_kind(trial_type)
    if kind is None:
        raise ValueError(f"trial type {trial_type!r} is not known")
    return Label(onset_s=float(onset_s), duration_s=float(duration_s), kind=kind, detail=detail)


def resolution_g(case: Any) -> float | None:
    """A clip's family tells its resolution; None where the generator does not say."""
    facts = getattr(case, "facts", {})
    told = getattr(case, "resolution_g", None)
    return told if told is not None or "resolution_mg" not in facts else facts["resolution_mg"] / 1000


def kinds(generator: str) -> list[str]:
    """Name the kinds of case a generator has."""
    module = importlib.import_module(GENERATORS[generator])
    return list(module.CASES if hasattr(module, "CASES") else module.KINDS)


def tasks(generator: str, split: str, chosen: list[str], n: int, nights: int, seed: int) -> list[Task]:
    """Cut the work into tasks of at most 5 cases, or one night; the cut does not depend on who runs them."""
    made = [
        Task(generator=generator, split=split, kind=kind, n=min(5, n - first), seed=seed * 10_000 + first)
        for kind in chosen
        for first in range(0, n, 5)
    ]
    return [
        *made,
        *(Task(generator=generator, split=split, kind=NIGHTS, n=1, seed=seed * 10_000 + i) for i in range(nights)),
    ]
