"""What the detector is held to: one table of rules, each computed from scored recordings with its confidence interval.

Shares carry Wilson's interval (Wilson 1927), rates Garwood's exact Poisson interval (Garwood 1936), both 95 %.
"""

import math
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from scipy.stats import chi2

from processing.events import State
from processing.labels import CONCERNING, SERIES
from processing.scoring import Outcome, Scored

Z_95: Final = 1.959963984540054
SIZE_MIN: Final = 4.0
"""Median jerk peak over the quiet level from which a jerk must not be missed."""
FEW: Final = 5
"""Contractions of a cluster from which the alert is high."""
NIGHT_S: Final = 36_000.0
"""An ordinary night: 10 h."""
DAY_S: Final = 86_400.0
SERIES_AFTER_S: Final = 30.0
"""An alert this long after a benign series still belongs to it: the rule for jerks after waking takes up to 25 s."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Estimate:
    """A share or a rate with its 95 % interval; NaN where there is nothing to count.

    Attributes:
        value: the estimate.
        low: lower end.
        high: upper end.
        hits: what was counted.
        of: out of how many (a share), or in how many units (a rate).
    """

    value: float
    low: float
    high: float
    hits: float
    of: float


def share(hits: int, of: int) -> Estimate:
    """Estimate a share with Wilson's interval.

    >>> e = share(8, 10)
    >>> round(e.low, 3), round(e.high, 3)
    (0.49, 0.943)
    """
    if of == 0:
        return Estimate(value=math.nan, low=math.nan, high=math.nan, hits=0, of=0)
    p, z2 = hits / of, Z_95**2
    middle = (p + z2 / (2 * of)) / (1 + z2 / of)
    half = Z_95 * math.sqrt(p * (1 - p) / of + z2 / (4 * of**2)) / (1 + z2 / of)
    low, high = 0.0 if hits == 0 else middle - half, 1.0 if hits == of else middle + half  # exact at the ends
    return Estimate(value=p, low=low, high=high, hits=hits, of=of)


def rate(count: int, units: float) -> Estimate:
    """Estimate a rate with Garwood's interval.

    >>> e = rate(0, 20)
    >>> round(e.low, 3), round(e.high, 3)
    (0.0, 0.184)
    """
    if units <= 0:
        return Estimate(value=math.nan, low=math.nan, high=math.nan, hits=count, of=0)
    low = float(chi2.ppf(0.025, 2 * count)) / 2 if count else 0.0
    high = float(chi2.ppf(0.975, 2 * count + 2)) / 2
    return Estimate(value=count / units, low=low / units, high=high / units, hits=count, of=units)


@dataclass(frozen=True, slots=True, kw_only=True)
class Latency:
    """Seconds from what a rule counts from to the alert: median, 95th percentile, maximum, and all of them."""

    median_s: float
    p95_s: float
    max_s: float
    all_s: tuple[float, ...]


def latency(seconds: Iterable[float]) -> Latency | None:
    """Summarise latencies; None where there are none."""
    all_s = sorted(seconds)
    if not all_s:
        return None
    median_s, p95_s = (float(x) for x in np.percentile(all_s, [50, 95]))
    return Latency(median_s=median_s, p95_s=p95_s, max_s=all_s[-1], all_s=tuple(all_s))


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """One row of the table.

    Attributes:
        key: short name of the rule.
        what: for people.
        target: for people.
        estimate: the share or rate.
        in_time: the share within the rule's time limit; None where there is no limit.
        latency: of the alerts that count; None where nothing was alerted or time does not matter.
        met: whether the estimate and its times reach the target; None where nothing could be counted.
    """

    key: str
    what: str
    target: str
    estimate: Estimate
    in_time: Estimate | None = None
    latency: Latency | None = None
    met: bool | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class AlertRule:
    """Labels of which a family must be told, and by when.

    Attributes:
        key: short name.
        what: for people.
        picks: which labels.
        since_s: stream seconds the latency counts from; None leaves the label out.
        high: whether only a high alert counts.
        least: share that must be alerted; 0 where there is no target.
        within_s: the longest latency allowed.
        median_s: the largest median allowed.
    """

    key: str
    what: str
    picks: Callable[[Scored], bool]
    since_s: Callable[[Scored], float | None]
    high: bool
    least: float
    within_s: float
    median_s: float = math.inf

    def told_s(self, scored: Scored) -> float | None:
        """Stream seconds at which an alert that counts came."""
        return scored.high_s if self.high else scored.medium_s

    def delay_s(self, scored: Scored) -> float:
        """Seconds from what counts to the alert; NaN for a miss."""
        told_s, since_s = self.told_s(scored), self.since_s(scored)
        return math.nan if told_s is None or since_s is None else told_s - since_s

    def result(self, outcomes: Sequence[Outcome]) -> Result:
        """Compute the row."""
        labels = [x for o in outcomes for x in o.labels if self.picks(x) and self.since_s(x) is not None]
        delays_s = [d for d in map(self.delay_s, labels) if not math.isnan(d)]
        estimate, times = share(len(delays_s), len(labels)), latency(delays_s)
        in_time = share(sum(d <= self.within_s for d in delays_s), len(labels))
        late = times is not None and (times.max_s > self.within_s or times.median_s > self.median_s)
        target = f">= {self.least:.0%} alerted, all <= {self.within_s:g} s"
        if self.median_s < math.inf:
            target += f", median <= {self.median_s:g} s"
        met = estimate.value >= self.least and not late if labels and self.least > 0 else None
        return Result(
            key=self.key,
            what=self.what,
            target=target if self.least > 0 else "",
            estimate=estimate,
            in_time=in_time,
            latency=times,
            met=met,
        )


def _onset_s(scored: Scored) -> float:
    return scored.label.onset_s


def _fifth_s(scored: Scored) -> float | None:
    """End of the fifth contraction; None for smaller clusters. A detail that is a number says how many there are."""
    ends_s, detail = scored.truth.contractions, scored.label.detail
    count = int(detail) if detail.isdecimal() else len(ends_s)
    if count < FEW:
        return None
    return ends_s[FEW - 1] if len(ends_s) >= FEW else scored.label.end_s


def _rhythmic(scored: Scored, at_least_s: float, *, asleep: bool) -> bool:
    label = scored.label
    in_sleep = scored.truth.state is State.ASLEEP
    return label.kind == "rhythmic" and label.duration_s >= at_least_s and in_sleep == asleep


def _large(scored: Scored) -> bool:
    return scored.truth.size is not None and scored.truth.size >= SIZE_MIN


ALERT_RULES: Final = (
    AlertRule(
        key="rhythmic_awake",
        what="rhythmic awake or unknown, 15 s or longer, jerks >= 4 x quiet: high alert",
        picks=lambda x: _rhythmic(x, 15, asleep=False) and _large(x),
        since_s=_onset_s,
        high=True,
        least=0.99,
        within_s=15.0,
        median_s=12.0,
    ),
    AlertRule(
        key="rhythmic_asleep",
        what="rhythmic asleep, 25 s or longer: medium or high alert",
        picks=lambda x: _rhythmic(x, 25, asleep=True),
        since_s=_onset_s,
        high=False,
        least=0.98,
        within_s=25.0,
    ),
    AlertRule(
        key="rhythmic_asleep_large",
        what="of these, jerks >= 4 x quiet",
        picks=lambda x: _rhythmic(x, 25, asleep=True) and _large(x),
        since_s=_onset_s,
        high=False,
        least=0.98,
        within_s=25.0,
    ),
    AlertRule(
        key="spasm_cluster",
        what="spasm cluster of 5 or more: high alert, from the end of the fifth contraction",
        picks=lambda x: x.label.kind == "spasm_cluster",
        since_s=_fifth_s,
        high=True,
        least=0.97,
        within_s=5.0,
    ),
    AlertRule(
        key="persists_after_waking",
        what="jerking that persists after waking: high alert, from waking",
        picks=lambda x: x.label.kind == "persists_after_waking",
        since_s=_onset_s,
        high=True,
        least=0.97,
        within_s=25.0,
    ),
    AlertRule(
        key="seizure",
        what="seizure of no described movement (clinics' labels): medium or high alert",
        picks=lambda x: x.label.kind == "seizure",
        since_s=_onset_s,
        high=False,
        least=0.0,
        within_s=60.0,
    ),
)
"""Rules 1 to 4 of the targets; the last holds clinics' labels and has no target of its own."""


def results(outcomes: Sequence[Outcome], *, alerts_only: bool = False) -> list[Result]:
    """Compute the whole table; `alerts_only` for a peer that says no more than that something is wrong."""
    rows = [rule.result(outcomes) for rule in ALERT_RULES]
    rows += [_series(outcomes), _false_alerts(outcomes)]
    if alerts_only:
        return rows
    rows += [_reported(outcomes), _false_stiffening(outcomes), *_bursts(outcomes), *_states(outcomes)]
    return rows + [_labelled(outcomes, kind) for kind in ("periodic_movements", "hiccups", "handling")]


def _at_least(key: str, what: str, estimate: Estimate, least: float) -> Result:
    met = None if math.isnan(estimate.value) else estimate.value >= least
    return Result(key=key, what=what, target=f">= {least:.0%}", estimate=estimate, met=met)


def _at_most(key: str, what: str, target: str, estimate: Estimate, most: float) -> Result:
    met = None if math.isnan(estimate.value) else estimate.value <= most
    if met and estimate.of * most < 1:  # too little was seen to say so
        met = None
    return Result(key=key, what=what, target=target, estimate=estimate, met=met)


def alerted_series(outcome: Outcome) -> list[Scored]:
    """Give the benign series during which, or 30 s after which, a false medium or high alert came."""
    return [
        x
        for x in outcome.labels
        if x.label.kind == SERIES
        and any(x.label.onset_s <= f.at_s <= x.label.end_s + SERIES_AFTER_S for f in outcome.false_alerts)
    ]


def _series(outcomes: Sequence[Outcome]) -> Result:
    series = sum(x.label.kind == SERIES for o in outcomes for x in o.labels)
    estimate = share(sum(len(alerted_series(o)) for o in outcomes), series)
    return _at_most("benign_series", "benign series of myoclonus with a medium or high alert", "<= 2%", estimate, 0.02)


def _false_alerts(outcomes: Sequence[Outcome]) -> Result:
    nights = sum(o.duration_s for o in outcomes) / NIGHT_S
    estimate = rate(sum(len(o.false_alerts) for o in outcomes), nights)
    what = "false medium or high alerts per 10 h"
    return _at_most("false_alerts", what, "<= 1 in 20 nights", estimate, 1 / 20)


def false_per_day(outcomes: Sequence[Outcome]) -> Estimate:
    """Estimate the false medium and high alerts in 24 h."""
    return rate(sum(len(o.false_alerts) for o in outcomes), sum(o.duration_s for o in outcomes) / DAY_S)


def _reported(outcomes: Sequence[Outcome]) -> Result:
    tonic = [x for o in outcomes for x in o.labels if x.label.kind == "stiffening" and (x.truth.tilt_deg or 0) >= 10]  # noqa: PLR2004  # the target's own number
    estimate = share(sum(x.reported_s is not None for x in tonic), len(tonic))
    return _at_least("stiffening", "stiffening with a tilt of 10 degrees or more: reported", estimate, 0.80)


def _false_stiffening(outcomes: Sequence[Outcome]) -> Result:
    nights = sum(o.duration_s for o in outcomes) / NIGHT_S
    estimate = rate(sum(u.kind == "stiffening" for o in outcomes for u in o.unmatched), nights)
    return _at_most("false_stiffening", "false stiffening per 10 h", "<= 1 in 10 nights", estimate, 0.1)


def _bursts(outcomes: Sequence[Outcome]) -> list[Result]:
    true = [
        x
        for o in outcomes
        for x in o.labels
        if x.label.kind == "myoclonic_burst" and x.truth.state is State.ASLEEP and _large(x)
    ]
    judged = [b for o in outcomes for b in o.bursts if b.right is not None]
    large = [b for b in judged if b.size is not None and b.size >= SIZE_MIN]
    recall = share(sum("myoclonic_burst" in x.found for x in true), len(true))
    precision = share(sum(b.right is True for b in large), len(large))
    of_all = share(sum(b.right is True for b in judged), len(judged))
    return [
        _at_least("burst_recall", "bursts asleep, jerks >= 4 x quiet: recall", recall, 0.97),
        _at_least("burst_precision", "bursts found, jerks >= 4 x quiet: precision", precision, 0.95),
        Result(key="burst_precision_all", what="bursts found, of any size: precision", target="", estimate=of_all),
    ]


def epoch_counts(outcomes: Iterable[Outcome]) -> Counter[tuple[str, str]]:
    """Add up epochs by (true state, found state)."""
    counts: Counter[tuple[str, str]] = Counter()
    for outcome in outcomes:
        for true, found, n in outcome.epochs:
            counts[true, found] += n
    return counts


def _states(outcomes: Sequence[Outcome]) -> list[Result]:
    counts = epoch_counts(outcomes)
    agree = counts["asleep", "asleep"] + counts["awake", "awake"]
    undecided = sum(n for (_, found), n in counts.items() if found == State.UNKNOWN)
    wake = sum(n for (true, _), n in counts.items() if true == State.AWAKE)
    return [
        _at_least(
            "agreement",
            "sleep and wake, 30 s epochs: agreement (unknown counts against)",
            share(agree, counts.total()),
            0.95,
        ),  # one row, one line
        _at_least(
            "wake_specificity",
            "wake epochs called awake (unknown counts against)",
            share(counts["awake", "awake"], wake),
            0.90,
        ),  # one row, one line
        Result(key="undecided", what="epochs called unknown", target="", estimate=share(undecided, counts.total())),
    ]


def _labelled(outcomes: Sequence[Outcome], kind: str) -> Result:
    labels = [x for o in outcomes for x in o.labels if x.label.kind == kind]
    estimate = share(sum(kind in x.found for x in labels), len(labels))
    return _at_least(kind, f"{kind.replace('_', ' ')} labelled", estimate, 0.90)


def sensitivity(outcomes: Sequence[Outcome]) -> dict[str, Estimate]:
    """Estimate for each concerning label kind, whatever its size, the share of which a family was told."""
    told: defaultdict[str, list[bool]] = defaultdict(list)
    for outcome in outcomes:
        for x in outcome.labels:
            if x.label.kind in CONCERNING:
                told[x.label.kind].append(x.medium_s is not None)
    return {kind: share(sum(told[kind]), len(told[kind])) for kind in CONCERNING if told[kind]}


def false_by_mimic(outcomes: Sequence[Outcome]) -> dict[str, Estimate]:
    """Estimate false alerts in 24 h by what they came during, the most frequent first."""
    counts = Counter(f.during for o in outcomes for f in o.false_alerts)
    days = sum(o.duration_s for o in outcomes) / DAY_S
    return {mimic: rate(n, days) for mimic, n in sorted(counts.items(), key=lambda item: (-item[1], item[0]))}


@dataclass(frozen=True, slots=True, kw_only=True)
class CurvePoint:
    """Without alerts below a margin: the share of labels told of in their own kind, and false alerts in 24 h."""

    margin: float
    sensitivity: float
    false_per_day: float


CURVE_POINTS: Final = 50


def curve(outcomes: Sequence[Outcome], kind: str) -> list[CurvePoint]:
    """Trade sensitivity against false alerts by the margin of the events behind the alerts of one kind.

    At most 50 points, at quantiles of the margins seen; empty where there are no labels of the kind, or no margins.
    It shows stricter settings only: what is below the detector's own threshold was never an event.
    """
    labels = [x for o in outcomes for x in o.labels if x.label.kind == kind]
    true = np.array([x.margin for x in labels if x.margin is not None])
    false = np.array([f.margin for o in outcomes for f in o.false_alerts if f.kind == kind and f.margin is not None])
    margins = np.concatenate([true, false])
    days = sum(o.duration_s for o in outcomes) / DAY_S
    if not labels or not len(margins) or days <= 0:
        return []
    cuts = np.unique(np.quantile(margins, np.linspace(0, 1, CURVE_POINTS), method="nearest"))
    return [
        CurvePoint(
            margin=float(m),
            sensitivity=int((true >= m).sum()) / len(labels),
            false_per_day=int((false >= m).sum()) / days,
        )
        for m in cuts
    ]
