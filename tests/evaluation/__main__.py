"""The table of targets over a generator. All its figures are synthetic.

python -m tests.evaluation --generator first --split test --cases 40 --nights 20 --seed 0
"""

import argparse
import importlib
import sys
import time
from collections.abc import Iterator, Mapping
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from functools import partial
from multiprocessing import get_context
from pathlib import Path
from typing import Any

from monitor import config, plots, report
from monitor.scores import OURS, Evaluation, Recorded, evaluate_one
from processing.scoring import Outcome
from tests.evaluation import table
from tests.evaluation.generators import GENERATORS, NIGHTS, Task, kinds, tasks


@dataclass(frozen=True)
class Done:
    """What one task gave, and what was drawn for each of its streams, by name."""

    task: Task
    recorded: list[Recorded]
    facts: dict[str, Mapping[str, Any]]


def run(listener: str, settings: dict[str, Any], peers: tuple[str, ...], task: Task, *, traces: bool) -> Done:
    """Draw the streams of one task and score them."""
    module, _, name = listener.partition(":")
    listen = partial(getattr(importlib.import_module(module), name), **settings)
    recorded, facts = [], {}
    for name, signal, labels, drawn in task.streams():
        recorded.append(evaluate_one((name, signal, labels), listen, peers=peers, traces=traces))
        facts[name] = drawn
    return Done(task, recorded, facts)


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.evaluation", description=__doc__)
    parser.add_argument("--generator", choices=GENERATORS, default="first")
    parser.add_argument("--split", choices=("train", "test"), default="test", help="of the first generator")
    parser.add_argument("--cases", type=int, default=20, help="of each kind")
    parser.add_argument("--kinds", nargs="*", help="only these kinds of case; none for none")
    parser.add_argument("--nights", type=int, default=4)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--jobs", type=int, default=1)
    parser.add_argument("--config", type=Path, help="detector and policy settings")
    parser.add_argument("--listener", default="monitor.scores:listen", help="MODULE:FUNCTION of the system to score")
    parser.add_argument("--no-peer", action="store_true")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write every figure as JSON too")
    parser.add_argument("--plots", type=Path, metavar="DIR", help="write plots too")
    return parser.parse_args()


def all_done(options: argparse.Namespace) -> Iterator[Done]:
    chosen = kinds(options.generator) if options.kinds is None else options.kinds
    todo = tasks(options.generator, options.split, chosen, options.cases, options.nights, options.seed)
    of = None if options.config is None else config.read(options.config)
    settings = {} if of is None else {"detector": of.detector, "policy": of.policy}
    peers = () if options.no_peer else ("osd",)
    work = partial(run, options.listener, settings, peers, traces=options.plots is not None)
    if options.jobs == 1:
        yield from shown(map(work, todo), len(todo))
        return
    with ProcessPoolExecutor(options.jobs, mp_context=get_context("spawn")) as pool:
        yield from shown(pool.map(work, todo), len(todo))


def shown(done: Iterator[Done], total: int) -> Iterator[Done]:
    """Count tasks on standard error."""
    began_s = time.monotonic()
    for number, one in enumerate(done, start=1):
        left = f"{number}/{total} {one.task.kind} {time.monotonic() - began_s:.0f} s"
        print(f"\r{left:60}", end="\n" if number == total else "", file=sys.stderr, flush=True)
        yield one


def outcomes(done: list[Done], system: str, *, nights: bool) -> list[Outcome]:
    return [
        recorded.scores[system].outcome
        for d in done
        if (d.task.kind == NIGHTS) == nights
        for recorded in d.recorded
        if system in recorded.scores
    ]


def main() -> None:
    options = arguments()
    done = list(all_done(options))
    of_split = f", split {options.split}" if options.generator == "first" else ""
    print(f"## Generator {options.generator}{of_split}, seed {options.seed}: synthetic\n")
    for title, lines in sections(done).items():
        print(title, *lines, sep="\n", end="\n\n")
    evaluation = Evaluation(recorded=[recorded for d in done for recorded in d.recorded])
    if options.json:
        options.json.write_text(report.to_json(evaluation))
    if options.plots:
        plots.write(evaluation, options.plots)


def sections(done: list[Done]) -> dict[str, Iterator[str]]:
    cases, nights = (outcomes(done, OURS, nights=x) for x in (False, True))
    peer = [outcomes(done, "osd", nights=x) for x in (False, True)]
    ours = [*cases, *nights]
    facts = {name: drawn for d in done for name, drawn in d.facts.items()}
    beside = table.rows(*peer, alerts_only=True) if any(peer) else []
    counted = f"{len(cases)} cases, {len(nights)} nights, {sum(o.duration_s for o in ours) / 3600:.1f} h\n"
    return {
        counted: table.markdown(table.rows(cases, nights), beside),
        "### False alerts, nights": table.false_alerts(nights),
        "### False alerts, cases": table.false_alerts(cases),
        "### Bursts that are none": table.bursts(ours),
        "### Label x found": table.confusion(ours),
        "### Sleep and wake, nights (or cases)": table.epochs(nights or cases),
        "### Margins": table.curves(ours),
        "### Misses": table.misses(ours, facts),
    }


if __name__ == "__main__":
    main()
