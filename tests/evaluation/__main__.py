"""The table of targets over a generator. All its figures are synthetic.

python -m tests.evaluation --generator first --split test --cases 40 --nights 20 --seed 0
"""

import argparse
import importlib
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from functools import partial
from multiprocessing import get_context

from monitor.scores import Listener, Recorded, evaluate_one
from processing.scoring import Outcome
from tests.evaluation import table
from tests.evaluation.generators import GENERATORS, NIGHTS, Task, kinds, tasks


@dataclass(frozen=True)
class Done:
    """What one task gave."""

    task: Task
    recorded: list[Recorded]


def run(listener: str, peers: tuple[str, ...], task: Task) -> Done:
    """Draw the streams of one task and score them."""
    module, _, name = listener.partition(":")
    listen: Listener = getattr(importlib.import_module(module), name)
    streams = task.streams()
    return Done(
        task, [evaluate_one((name, signal, labels), listen, peers=peers) for name, signal, labels, _ in streams]
    )


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.evaluation", description=__doc__)
    parser.add_argument("--generator", choices=GENERATORS, default="first")
    parser.add_argument("--split", choices=("train", "test"), default="test", help="of the first generator")
    parser.add_argument("--cases", type=int, default=20, help="of each kind")
    parser.add_argument("--kinds", nargs="*", help="only these kinds of case; none for none")
    parser.add_argument("--nights", type=int, default=4)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--jobs", type=int, default=1)
    parser.add_argument("--listener", default="monitor.scores:listen", help="MODULE:FUNCTION of the system to score")
    parser.add_argument("--no-peer", action="store_true")
    return parser.parse_args()


def all_done(options: argparse.Namespace) -> Iterator[Done]:
    chosen = kinds(options.generator) if options.kinds is None else options.kinds
    todo = tasks(options.generator, options.split, chosen, options.cases, options.nights, options.seed)
    work = partial(run, options.listener, () if options.no_peer else ("osd",))
    if options.jobs == 1:
        yield from map(work, todo)
        return
    with ProcessPoolExecutor(options.jobs, mp_context=get_context("spawn")) as pool:
        yield from pool.map(work, todo)


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
    cases, nights = (outcomes(done, "sleepclip", nights=x) for x in (False, True))
    peer = [outcomes(done, "osd", nights=x) for x in (False, True)]
    ours = [*cases, *nights]
    print(f"## Generator {options.generator}, split {options.split}, seed {options.seed}: synthetic\n")
    print(f"{len(cases)} cases, {len(nights)} nights, {sum(o.duration_s for o in ours) / 3600:.1f} h\n")
    beside = table.rows(*peer, alerts_only=True) if any(peer) else []
    sections = {
        "": table.markdown(table.rows(cases, nights), beside),
        "### False alerts, nights": table.false_alerts(nights),
        "### False alerts, cases": table.false_alerts(cases),
        "### Bursts that are none": table.bursts(ours),
        "### Label x found": table.confusion(ours),
        "### Sleep and wake, nights (or cases)": table.epochs(nights or cases),
        "### Margins": table.curves(ours),
        "### Misses": table.misses(ours),
    }
    for title, lines in sections.items():
        print(title, *lines, sep="\n")
        print()


if __name__ == "__main__":
    main()
