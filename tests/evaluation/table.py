"""The table of targets in Markdown, with confidence intervals, and what helps to understand it."""

import math
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from processing.scoring import Outcome, Scored
from processing.targets import ALERT_RULES, Estimate, Result, curve, epoch_counts, results

OF_NIGHTS: Final = frozenset({"false_alerts", "false_stiffening", "agreement", "wake_specificity", "undecided"})
"""Rows that only an ordinary night can answer."""
RATES: Final = frozenset({"false_alerts", "false_stiffening"})


def rows(cases: Sequence[Outcome], nights: Sequence[Outcome], *, alerts_only: bool = False) -> list[Result]:
    """Compute the table: what only nights can answer from nights, if there are any, the rest from everything."""
    of_all = results([*cases, *nights], alerts_only=alerts_only)
    of_nights = {row.key: row for row in results(nights or cases, alerts_only=alerts_only)}
    return [of_nights[row.key] if row.key in OF_NIGHTS else row for row in of_all]


def markdown(ours: Sequence[Result], peer: Sequence[Result]) -> Iterator[str]:
    """Write the table, the peer beside ours."""
    beside = {row.key: row for row in peer}
    yield "| what | target | n | sleepclip [95 % CI] | in time | median / p95 / max s | met | OpenSeizureDetector |"
    yield "|---|---|---|---|---|---|---|---|"
    for row in ours:
        other = beside.get(row.key)
        met = "" if row.met is None else "yes" if row.met else "**no**"
        cells = [
            row.what,
            row.target,
            f"{row.estimate.of:.4g}",
            written(row.key, row.estimate),
            "" if row.in_time is None else percent(row.in_time.value),
            ""
            if row.latency is None
            else f"{row.latency.median_s:.1f} / {row.latency.p95_s:.1f} / {row.latency.max_s:.1f}",
            met,
            "" if other is None else written(other.key, other.estimate),
        ]
        yield "| " + " | ".join(cells) + " |"


def written(key: str, e: Estimate) -> str:
    """Write a share in percent, or a rate with its count."""
    if math.isnan(e.value):
        return "-"
    if key in RATES:
        return f"{e.value:.3g} [{e.low:.2g}, {e.high:.2g}] ({e.hits:g} in {e.of:.3g})"
    return f"{percent(e.value)} [{100 * e.low:.1f}, {100 * e.high:.1f}]"


def percent(value: float) -> str:
    """Write a share.

    >>> percent(0.9876)
    '98.8 %'
    """
    return "-" if math.isnan(value) else f"{100 * value:.1f} %"


def false_alerts(outcomes: Sequence[Outcome]) -> Iterator[str]:
    """List false alerts by what they came during, beside how often that was there."""
    false = Counter((f.during, f.kind) for o in outcomes for f in o.false_alerts)
    there = Counter(x.label.name for o in outcomes for x in o.labels)
    yield "| false alert during | kind | alerts | such labels |"
    yield "|---|---|---|---|"
    for (during, kind), n in false.most_common():
        yield f"| {during} | {kind} | {n} | {there[during] or ''} |"


def bursts(outcomes: Sequence[Outcome]) -> Iterator[str]:
    """List what bursts were found in that are none."""
    wrong = Counter(b.during for o in outcomes for b in o.bursts if b.right is False)
    yield "| burst found during | number |"
    yield "|---|---|"
    for during, n in wrong.most_common():
        yield f"| {during} | {n} |"


def confusion(outcomes: Sequence[Outcome]) -> Iterator[str]:
    """Write label x found kind."""
    counts: defaultdict[str, Counter[str]] = defaultdict(Counter)
    for outcome in outcomes:
        for label, kind, n in outcome.confusion:
            counts[label][kind] += n
    columns = sorted({kind for row in counts.values() for kind in row})
    yield "| label | " + " | ".join(columns) + " |"
    yield "|---" * (len(columns) + 1) + "|"
    for label, row in sorted(counts.items()):
        yield f"| {label} | " + " | ".join(f"{row[kind] or ''}" for kind in columns) + " |"


def epochs(outcomes: Sequence[Outcome]) -> Iterator[str]:
    """Write true x found sleep state, in 30 s epochs."""
    for (true, found), n in sorted(epoch_counts(outcomes).items()):
        yield f"{true} called {found}: {n}"


def misses(outcomes: Sequence[Outcome], facts: Mapping[str, Mapping[str, Any]]) -> Iterator[str]:
    """List every label an alert rule asks for that was missed or told too late, with what was drawn for it."""
    for rule in ALERT_RULES:
        for outcome in outcomes:
            for x in outcome.labels:
                delay_s = rule.delay_s(x)
                if rule.picks(x) and rule.since_s(x) is not None and not delay_s <= rule.within_s:
                    yield f"{rule.key}: {outcome.name}: {_told(x, delay_s)}{_drawn(facts.get(outcome.name, {}))}"


def _told(x: Scored, delay_s: float) -> str:
    size = "?" if x.truth.size is None else f"{x.truth.size:.1f}"
    when = "missed" if math.isnan(delay_s) else f"told after {delay_s:.1f} s"
    found = ", ".join(x.found) or "nothing"
    return (
        f"at {x.label.onset_s:.1f} s for {x.label.duration_s:.1f} s, {x.truth.state}, size {size}, "
        f"detail {x.label.detail}: {when}; found {found}"
    )


def _drawn(facts: Mapping[str, Any]) -> str:
    shown = (f"{name} {value:.3g}" if isinstance(value, float) else f"{name} {value}" for name, value in facts.items())
    return f" [{', '.join(shown)}]" if facts else ""


def curves(outcomes: Sequence[Outcome]) -> Iterator[str]:
    """Write sensitivity against false events by margin, a line each kind."""
    for kind in ("rhythmic", "spasm_cluster", "stiffening", "persists_after_waking"):
        points = curve(outcomes, kind)[::5]
        told = ", ".join(f"{p.margin:.2f}: {100 * p.sensitivity:.0f} % / {p.false_per_day:.2g}" for p in points)
        yield f"{kind}, margin: sensitivity / false in 24 h: {told or 'none'}"
