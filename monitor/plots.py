"""An evaluation in pictures, one page each; the only importer of matplotlib."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np

from monitor.errors import UseError
from monitor.scores import OURS, TRACE_HZ, Evaluation, Recorded, Trace
from processing.labels import CONCERNING, CONTRACTION, STATES, Label
from processing.scoring import MEDIUM, Scored
from processing.targets import ALERT_RULES, curve

try:
    import matplotlib as mpl
    from matplotlib.artist import Artist
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure
    from matplotlib.lines import Line2D
    from matplotlib.patches import Patch
except ImportError:
    raise UseError("--plots needs the package matplotlib: pip install 'sleepclip[evaluate]'") from None

DPI: Final = 100
PANELS_MAX: Final = 8
AROUND_S: Final = 30.0
"""Seconds shown before and after a miss or a false alert."""
COLOURS: Final = {
    "asleep": "#c6d8f0",
    "awake": "#fde7b0",
    "unknown": "#dddddd",
    "rhythmic": "#c1121f",
    "spasm_cluster": "#e85d04",
    "stiffening": "#9d4edd",
    "persists_after_waking": "#d00070",
    "seizure": "#6a040f",
    "myoclonic_burst": "#2a9d8f",
    "myoclonic_series": "#1b6e64",
    "periodic_movements": "#577590",
    "hiccups": "#4d908e",
    "handling": "#8a6d3b",
    "movement": "#90a955",
    "off_body": "#444444",
    "gap": "#000000",
}
"""Colour of each kind; the states are pale, what concerns a family is red to purple."""
OTHER: Final = "#777777"


def write(evaluation: Evaluation, folder: Path) -> list[Path]:
    """Write the pages into a folder, which is made if need be, and name them.

    Raises:
        UseError: the folder cannot be written.
    """
    mpl.use("Agg")
    pages: dict[str, Callable[[Evaluation], Figure]] = {
        "traces": traces,
        "latency": latency,
        "misses": misses,
        "false_alerts": false_alerts,
        "curves": curves,
    }
    paths = []
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for name, draw in pages.items():
            path = folder / f"{name}.png"
            draw(evaluation).savefig(path, dpi=DPI)
            paths.append(path)
    except OSError as error:
        raise UseError(f"{folder}: plots cannot be written: {error.strerror}") from None
    return paths


def traces(evaluation: Evaluation) -> Figure:
    """Draw the recordings with most to see: signal, true and found events, alerts."""
    shown = sorted(evaluation.recorded, key=_interest, reverse=True)[:PANELS_MAX]
    chosen = [recorded for recorded in evaluation.recorded if recorded in shown and recorded.trace is not None]
    figure, axes = _page(len(chosen), "Band-passed movement, true events (upper row) and found events (lower row)")
    for ax, recorded in zip(axes, chosen, strict=True):
        assert recorded.trace is not None
        _trace(ax, recorded.trace, 0.0, len(recorded.trace.envelope_mg) / TRACE_HZ)
        ax.set_title(recorded.name, fontsize=8, loc="left")
    _seconds(axes)
    _legend(figure, [recorded.trace for recorded in chosen if recorded.trace])
    return figure


def _interest(recorded: Recorded) -> tuple[int, int]:
    outcome = recorded.scores[OURS].outcome
    return len(outcome.false_alerts) + len(_missed(recorded)), len(outcome.labels)


def _page(panels: int, title: str) -> tuple[Figure, Sequence[Axes]]:
    figure = Figure(figsize=(14, 1.2 + 2.0 * max(panels, 1)), layout="constrained")
    figure.suptitle(title, fontsize=11)
    if panels == 0:
        figure.text(0.5, 0.5, "none", ha="center")
        return figure, []
    return figure, list(np.atleast_1d(figure.subplots(panels, 1)))


def _trace(ax: Axes, trace: Trace, first_s: float, last_s: float) -> None:
    """Draw one stretch: envelope on a logarithmic scale, events as bars above it, alerts as lines."""
    first, last = (round(np.clip(t * TRACE_HZ, 0, len(trace.envelope_mg))) for t in (first_s, last_s))
    part = trace.envelope_mg[first:last]
    step = max(1, len(part) // 4000)
    rows = len(part) // step
    times_s = (first + step * np.arange(rows)) / TRACE_HZ
    ax.semilogy(times_s, np.maximum(part[: rows * step].reshape(rows, step).max(axis=1), 0.1), color="#333", lw=0.5)
    ax.axhline(max(trace.quiet_mg, 0.1), color="#999", lw=0.5, ls="--")
    top = max(200.0, float(np.nanmax(part, initial=0.0)))
    ax.set_ylim(0.5, top * 30)
    ax.set_xlim(first_s, last_s)
    ax.set_ylabel("mg", fontsize=8)
    ax.tick_params(labelsize=7)
    told = [x for x in trace.labels if x.kind != CONTRACTION]
    _bars(ax, [(x.kind, x.onset_s, x.end_s) for x in told], top * 8)
    _bars(ax, [(d.kind, d.onset_s, d.end_s) for d in trace.heard[OURS].detections], top * 2)
    for system, heard in trace.heard.items():
        for span in heard.spans:
            if span.priority >= MEDIUM and not span.technical and first_s <= span.start_s <= last_s:
                ax.axvline(span.start_s, color="#c1121f" if system == OURS else "#0050b0", lw=1, alpha=0.8)


def _bars(ax: Axes, events: Sequence[tuple[str, float, float]], height: float) -> None:
    for state_row in (True, False):
        low = height * (0.7 if state_row else 1.0)
        high = height * (1.0 if state_row else 2.2)
        for kind, onset_s, end_s in events:
            if (kind in STATES) == state_row:
                width_s = max(end_s - onset_s, 0.2)
                ax.fill_between([onset_s, onset_s + width_s], low, high, color=COLOURS.get(kind, OTHER), lw=0.8)


def _seconds(axes: Sequence[Axes]) -> None:
    if axes:
        axes[-1].set_xlabel("seconds", fontsize=8)


def _legend(figure: Figure, shown: Sequence[Trace]) -> None:
    kinds = {x.kind for trace in shown for x in trace.labels}
    kinds |= {d.kind for trace in shown for d in trace.heard[OURS].detections}
    handles: list[Artist] = [
        Patch(color=colour, label=kind.replace("_", " ")) for kind, colour in COLOURS.items() if kind in kinds
    ]
    handles += [Line2D([], [], color="#c1121f", label="our alert")]
    if any(len(trace.heard) > 1 for trace in shown):
        handles += [Line2D([], [], color="#0050b0", label="peer's alarm")]
    figure.legend(handles=handles, loc="outside lower center", ncols=8, fontsize=8)


def latency(evaluation: Evaluation) -> Figure:
    """Draw for each alert rule how many labels had been alerted by when."""
    outcomes = evaluation.outcomes(OURS)
    figure, axes = _page(1, "Alerted labels by latency; dotted: the limit of the rule of the same colour")
    for rule, colour in zip(ALERT_RULES, mpl.color_sequences["tab10"], strict=False):
        result = rule.result(outcomes)
        if result.latency is None:
            continue
        n = result.estimate.of
        steps_s = [min(0.0, result.latency.all_s[0]), *result.latency.all_s, max(60.0, result.latency.max_s)]
        shares = [0.0, *(np.arange(1, len(result.latency.all_s) + 1) / n), result.estimate.value]
        axes[0].step(steps_s, shares, where="post", color=colour, label=f"{rule.key} (n = {n:.0f})")
        axes[0].axvline(rule.within_s, color=colour, ls=":", lw=1)
    axes[0].set(xlabel="seconds from what the rule counts from", ylabel="share alerted", ylim=(0, 1.05))
    figure.set_size_inches(10, 6)
    if axes[0].get_legend_handles_labels()[0]:
        axes[0].legend(loc="lower right", fontsize=8)
    return figure


@dataclass(frozen=True)
class _Moment:
    recorded: Recorded
    onset_s: float
    end_s: float
    title: str


def _moments(title: str, found: Sequence[_Moment]) -> Figure:
    shown = [moment for moment in found if moment.recorded.trace is not None][:PANELS_MAX]
    more = f" ({len(shown)} of {len(found)})" if len(shown) < len(found) else ""
    figure, axes = _page(len(shown), title + more)
    for ax, moment in zip(axes, shown, strict=True):
        assert moment.recorded.trace is not None
        _trace(ax, moment.recorded.trace, max(0.0, moment.onset_s - AROUND_S), moment.end_s + AROUND_S)
        ax.set_title(f"{moment.recorded.name}: {moment.title}", fontsize=8, loc="left")
    _seconds(axes)
    if shown:
        _legend(figure, [moment.recorded.trace for moment in shown if moment.recorded.trace])
    return figure


def _missed(recorded: Recorded) -> list[Scored]:
    return [x for x in recorded.scores[OURS].outcome.labels if x.label.kind in CONCERNING and x.medium_s is None]


def misses(evaluation: Evaluation) -> Figure:
    """Draw concerning labels of which no medium or high alert told."""
    found = [
        _Moment(recorded, x.label.onset_s, min(x.label.end_s, x.label.onset_s + 120), _described(x.label, x.truth.size))
        for recorded in evaluation.recorded
        for x in _missed(recorded)
    ]
    return _moments("Misses: concerning labels without a medium or high alert", found)


def _described(label: Label, size: float | None) -> str:
    return f"{label.name} of {label.duration_s:.0f} s" + ("" if size is None else f", {size:.1f} x quiet")


def false_alerts(evaluation: Evaluation) -> Figure:
    """Draw medium and high alerts without a concerning label."""
    found = [
        _Moment(recorded, false.at_s - AROUND_S, false.at_s, f"{false.kind} during {false.during}")
        for recorded in evaluation.recorded
        for false in recorded.scores[OURS].outcome.false_alerts
    ]
    return _moments("False medium and high alerts", found)


def curves(evaluation: Evaluation) -> Figure:
    """Draw sensitivity against false alerts in 24 h, by the margin of the events behind them."""
    figure, axes = _page(1, "Alerts of each kind with at least some margin: sensitivity against false ones")
    for kind in CONCERNING:
        points = curve(evaluation.outcomes(OURS), kind)
        if points:
            false = [p.false_per_day for p in points]
            axes[0].plot(false, [p.sensitivity for p in points], marker=".", color=COLOURS[kind], label=kind)
    axes[0].set_xscale("symlog", linthresh=0.1)
    axes[0].set(
        xlabel="false alerts of the kind in 24 h", ylabel="share of labels alerted in their own kind", ylim=(0, 1.05)
    )
    figure.set_size_inches(9, 6)
    if axes[0].get_legend_handles_labels()[0]:
        axes[0].legend(loc="lower right", fontsize=8)
    return figure
