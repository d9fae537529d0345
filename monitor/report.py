"""An evaluation as tables in the terminal and as JSON; docs/evaluation.md tells what each figure means."""

import math
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from importlib.metadata import version
from typing import Any, Final

import msgspec
from rich import box
from rich.console import Console
from rich.table import Table

from monitor.scores import OURS, Evaluation
from monitor.szcore import SzCore
from processing.scoring import Outcome
from processing.targets import (
    DAY_S,
    Estimate,
    Result,
    curve,
    epoch_counts,
    false_by_mimic,
    false_per_day,
    rate,
    results,
    sensitivity,
    share,
)

WIDTH: Final = 150
"""Columns where the output is no terminal."""
RATES: Final = frozenset({"false_alerts", "false_stiffening"})
CURVES: Final = ("rhythmic", "spasm_cluster", "stiffening", "persists_after_waking")


def to_json(
    evaluation: Evaluation,
    *,
    failed: Mapping[str, str] | None = None,
    unknown_labels: Mapping[str, Sequence[str]] | None = None,
) -> str:
    """Write everything, indented; a figure that cannot be computed is null."""
    everything = {
        "version": version("sleepclip"),
        "systems": {system: summary(evaluation, system) for system in evaluation.systems()},
        "recordings": [
            {"name": recorded.name, "systems": {k: v.outcome for k, v in recorded.scores.items()}}
            for recorded in evaluation.recorded
        ],
        "failed": failed or {},
        "unknown_labels": unknown_labels or {},
    }
    return msgspec.json.format(msgspec.json.encode(everything), indent=1).decode()


def summary(evaluation: Evaluation, system: str) -> dict[str, Any]:
    """Everything that is added up over recordings for one system."""
    outcomes = evaluation.outcomes(system)
    added = {
        "hours": sum(o.duration_s for o in outcomes) / 3600,
        "targets": results(outcomes, alerts_only=system != OURS),
        "sensitivity": sensitivity(outcomes),
        "false_alerts_per_24h": false_per_day(outcomes),
        "false_alerts_per_24h_during": false_by_mimic(outcomes),
        "szcore": szcore_figures(evaluation.szcore(system)),
    }
    if system != OURS:
        return added
    return added | {
        "technical_alerts": _added(o.technical_alerts for o in outcomes),
        "confusion": confusion(outcomes),
        "epochs": [{"true": a, "found": b, "epochs": n} for (a, b), n in sorted(epoch_counts(outcomes).items())],
        "curves": {kind: curve(outcomes, kind) for kind in CURVES},
    }


def szcore_figures(counts: SzCore) -> dict[str, Estimate | float]:
    """SzCORE sensitivity, precision, F1 and false ones in 24 h."""
    sensitivity_, precision = share(counts.hits, counts.reference), share(counts.hits, counts.hits + counts.false)
    doubled = 2 * counts.hits + counts.false + counts.reference - counts.hits
    return {
        "sensitivity": sensitivity_,
        "precision": precision,
        "f1": 2 * counts.hits / doubled if doubled else math.nan,
        "false_per_24h": rate(counts.false, counts.duration_s / DAY_S),
    }


def confusion(outcomes: Iterable[Outcome]) -> dict[str, dict[str, int]]:
    """Add up label x found kind."""
    counts: defaultdict[str, Counter[str]] = defaultdict(Counter)
    for outcome in outcomes:
        for label, kind, n in outcome.confusion:
            counts[label][kind] += n
    return {label: dict(sorted(row.items())) for label, row in sorted(counts.items())}


def _added(pairs: Iterable[Iterable[tuple[str, int]]]) -> dict[str, int]:
    counts: Counter[str] = Counter()
    for some in pairs:
        for kind, n in some:
            counts[kind] += n
    return dict(sorted(counts.items()))


def show(evaluation: Evaluation) -> None:
    """Print tables on standard output."""
    console = Console(highlight=False)
    if not console.is_terminal:
        console = Console(width=WIDTH, highlight=False)
    outcomes = evaluation.outcomes(OURS)
    console.print(f"{len(outcomes)} recordings, {sum(o.duration_s for o in outcomes) / 3600:.1f} h")
    for table in (_targets(evaluation), _alerts(evaluation), _during(evaluation), _confusion(outcomes)):
        console.print(table if table.row_count else f"{table.title}: none\n")
    console.print("Strict: an alert counts from a label's onset to 10 s after its end. [ ]: 95 % intervals.")


def _table(title: str, *columns: str) -> Table:
    table = Table(title=title, box=box.SIMPLE_HEAD, title_justify="left")
    for i, column in enumerate(columns):
        table.add_column(column, justify="right" if i else "left", overflow="fold")
    return table


def _targets(evaluation: Evaluation) -> Table:
    peers = {s: _by_key(results(evaluation.outcomes(s), alerts_only=True)) for s in evaluation.systems()[1:]}
    table = _table("Targets", "what", "target", "n", OURS, "median / p95 / max s", "met", *peers)
    for row in results(evaluation.outcomes(OURS)):
        others = (
            written(peer[row.key].key, peer[row.key].estimate) if row.key in peer else "" for peer in peers.values()
        )
        times = row.latency
        latency = "" if times is None else f"{times.median_s:.1f} / {times.p95_s:.1f} / {times.max_s:.1f}"
        met = {None: "", True: "yes", False: "no"}[row.met]
        mine = written(row.key, row.estimate)
        target = row.target.replace(" alerted", "").replace(", median", ",\nmedian")
        table.add_row(row.what, target, written_count(row.estimate.of), mine, latency, met, *others)
    return table


def _by_key(rows: Iterable[Result]) -> dict[str, Result]:
    return {row.key: row for row in rows}


def written(key: str, e: Estimate) -> str:
    """Write a share in percent, or a rate as it is, with its interval.

    >>> written("hiccups", share(8, 10))
    '80 % [49, 94.3]'
    """
    if math.isnan(e.value):
        return "-"
    if key in RATES:
        return f"{_number(e.value)} [{_number(e.low)}, {_number(e.high)}]"
    return f"{100 * e.value:.3g} % [{100 * e.low:.3g}, {100 * e.high:.3g}]"


def written_count(of: float) -> str:
    """Write how many were counted, or how many nights.

    >>> written_count(1507), written_count(1.2599)
    ('1507', '1.26')
    """
    return f"{of:.0f}" if of == int(of) else f"{of:.3g}"


def _number(x: float) -> str:
    return f"{x:.2g}" if x < 10 else f"{x:.0f}"  # noqa: PLR2004  two figures below, all above


def _alerts(evaluation: Evaluation) -> Table:
    systems = evaluation.systems()
    table = _table("Alerts, medium and high, for labels of any size", "", *systems)
    told = {system: sensitivity(evaluation.outcomes(system)) for system in systems}
    for kind in told[OURS]:
        table.add_row(f"sensitivity, {kind} (strict)", *(written(kind, told[s][kind]) for s in systems))
    false = (false_per_day(evaluation.outcomes(s)) for s in systems)
    table.add_row("false in 24 h (strict)", *(written("false_alerts", e) for e in false))
    for name in ("sensitivity", "precision", "f1", "false_per_24h"):
        figures = (szcore_figures(evaluation.szcore(s))[name] for s in systems)
        table.add_row(f"{name.replace('_', ' ')} (SzCORE)", *(_figure(name, x) for x in figures))
    return table


def _figure(name: str, figure: Estimate | float) -> str:
    if isinstance(figure, Estimate):
        return written("false_alerts" if "false" in name else name, figure)
    return "-" if math.isnan(figure) else f"{figure:.2f}"


def _during(evaluation: Evaluation) -> Table:
    systems = evaluation.systems()
    table = _table("False alerts in 24 h, by what they came during", "during", *systems)
    rates = {system: false_by_mimic(evaluation.outcomes(system)) for system in systems}
    for during in dict.fromkeys(mimic for system in systems for mimic in rates[system]):
        cells = (written("false_alerts", rates[s][during]) if during in rates[s] else "0" for s in systems)
        table.add_row(during, *cells)
    return table


def _confusion(outcomes: Sequence[Outcome]) -> Table:
    counts = confusion(outcomes)
    columns = sorted({kind for row in counts.values() for kind in row})
    words = (kind.replace("_", " ") for kind in columns)  # which a narrow terminal can break
    table = _table("Labels (rows) and the event that covers most of each", "label", *words)
    for label, row in counts.items():
        table.add_row(label.replace("_", " "), *(str(row.get(kind, "")) for kind in columns))
    return table
