"""Recordings with their labels, from disk: found, read, scored here, in processes or on a Dask cluster, and printed."""

import signal
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from functools import partial
from multiprocessing import get_context
from pathlib import Path
from typing import Any, Final

import click

from monitor import config, report
from monitor.errors import FailureError, UseError
from monitor.scores import Evaluation, Recorded, evaluate_one, listen
from processing.labels import Label, parse_labels
from processing.samples import Readings
from sensor.inputs import InputError
from sensor.readings import Assembler
from sensor.replay import SUFFIXES, open_source

CONNECT_S: Final = 10


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """How to evaluate."""

    config: Path | None = None
    peers: tuple[str, ...] = ()
    jobs: int = 1
    scheduler: str | None = None
    as_json: bool = False
    plots: Path | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Recording:
    """A file, with the name it was given by. The path is absolute, for a cluster's workers run elsewhere."""

    name: str
    path: Path


@dataclass(frozen=True, slots=True, kw_only=True)
class FileResult:
    """What became of one recording.

    Attributes:
        name: of the recording.
        recorded: its scores; None where it could not be scored.
        unknown: trial types that were left out because nobody knows them here.
        warnings: what was left out of the signal.
        error: why it could not be scored.
    """

    name: str
    recorded: Recorded | None = None
    unknown: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()
    error: str = ""


def run(paths: Sequence[Path], options: Options) -> None:
    """Evaluate and print.

    Raises:
        UseError: there is no recording, or not one could be scored.
        FailureError: some could not be scored; the rest has been printed.
    """
    recordings = find(paths)
    settings = {} if options.config is None else _settings(config.read(options.config))
    work = partial(evaluate_file, settings=settings, peers=options.peers, traces=options.plots is not None)
    results = list(_shown(spread(work, recordings, options), len(recordings)))
    broken = [result for result in results if result.error]
    if len(broken) == len(results):
        raise UseError(broken[0].error + (f" (and {len(broken) - 1} more like it)" if len(broken) > 1 else ""))
    for line in (*_warnings(results), *(f"not scored: {result.error}" for result in broken)):
        click.echo(f"sleepclip: {line}", err=True)
    _write(Evaluation(recorded=[result.recorded for result in results if result.recorded]), results, options)
    if broken:
        raise FailureError(f"{len(broken)} of {len(results)} recordings could not be scored; the lines above name them")


def _settings(of: config.Config) -> dict[str, Any]:
    return {"detector": of.detector, "policy": of.policy}


def _write(evaluation: Evaluation, results: Sequence[FileResult], options: Options) -> None:
    if options.as_json:
        failed = {result.name: result.error for result in results if result.error}
        unknown = {result.name: result.unknown for result in results if result.unknown}
        click.echo(report.to_json(evaluation, failed=failed, unknown_labels=unknown))
    else:
        report.show(evaluation)
    if options.plots is not None:
        from monitor import plots  # noqa: PLC0415  matplotlib is an extra

        for path in plots.write(evaluation, options.plots):
            click.echo(f"wrote {path}", err=True)


def find(paths: Iterable[Path]) -> list[Recording]:
    """List the recordings in files and folders, each once, in order.

    Raises:
        UseError: a path does not exist or is no recording, or there is none at all.
    """
    found: set[Path] = set()
    for path in paths:
        if not path.exists():
            raise UseError(f"{path}: no such file or folder")
        if path.is_file() and path.suffix.lower() not in SUFFIXES:
            raise UseError(f"{path}: not a recording; evaluate reads {', '.join(SUFFIXES)}")
        files = [path] if path.is_file() else path.rglob("*")
        found |= {file for file in files if file.suffix.lower() in SUFFIXES and file.is_file()}
    if not found:
        raise UseError(f"{', '.join(map(str, paths))}: no recording here; evaluate reads {', '.join(SUFFIXES)}")
    return [Recording(name=str(path), path=path.absolute()) for path in sorted(found)]


def labels_path(recording: Path) -> Path:
    """Say where the labels of a recording lie: NAME.events.tsv, or BIDS' own sub-1_task-sleep_events.tsv.

    >>> labels_path(Path("a/night.csv")).name
    'night.events.tsv'
    """
    beside = recording.with_name(f"{recording.stem}.events.tsv")
    bids = recording.with_name(f"{recording.stem.rpartition('_')[0]}_events.tsv")
    if not beside.is_file() and bids.is_file():
        return bids
    return beside


def evaluate_file(
    recording: Recording, *, settings: Mapping[str, Any], peers: Sequence[str], traces: bool
) -> FileResult:
    """Score one recording. It never raises for bad input, so that one broken file does not end the rest."""
    name = recording.name
    try:
        labels, unknown = read_labels(recording.path)
        readings, warnings = read(recording.path)
        recorded = evaluate_one((name, readings, labels), partial(listen, **settings), peers=peers, traces=traces)
    except InputError as error:  # names the file itself
        return FileResult(name=name, error=str(error))
    except (OSError, ValueError) as error:
        return FileResult(name=name, error=f"{name}: {error}")
    return FileResult(name=name, recorded=recorded, unknown=tuple(unknown), warnings=warnings)


def read_labels(recording: Path) -> tuple[list[Label], list[str]]:
    """Read the labels of a recording, and the trial types nobody knows.

    Raises:
        ValueError: there are none, or they cannot be read.
    """
    path = labels_path(recording)
    if not path.is_file():
        mend = "write one with the columns onset, duration, trial_type (a header alone says that nothing happened)"
        raise ValueError(f"labels are missing: no {path.name} beside it; {mend}")
    try:
        return parse_labels(path.read_text(encoding="utf-8"))
    except ValueError as error:
        raise ValueError(f"its labels, {path.name}: {error}") from error


def read(path: Path) -> tuple[list[Readings], tuple[str, ...]]:
    """Read a recording, and what was left out of it.

    Raises:
        ValueError: it is damaged, or holds no samples.
    """
    assembler, source = Assembler(), open_source(path)
    readings = [readings for item in source.items() for readings in assembler.push(item)]
    if not readings:
        raise ValueError("it holds no samples")
    return readings, source.warnings


Work = Callable[[Recording], FileResult]


def spread(work: Work, recordings: Sequence[Recording], options: Options) -> Iterator[FileResult]:
    """Do the work here, in processes, or on a cluster; results come in the order of the recordings."""
    if options.scheduler is not None:
        yield from _on_cluster(work, recordings, options.scheduler)
    elif options.jobs > 1 and len(recordings) > 1:
        yield from _in_processes(work, recordings, min(options.jobs, len(recordings)))
    else:
        yield from map(work, recordings)


def _in_processes(work: Work, recordings: Sequence[Recording], jobs: int) -> Iterator[FileResult]:
    # Spawned, for a forked child would inherit the locks of numpy's threads.
    with ProcessPoolExecutor(jobs, mp_context=get_context("spawn"), initializer=_end_silently) as pool:
        # The terminal sends Ctrl-C to the workers too. It waits while they start, or each would print a traceback.
        signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
        try:
            results = pool.map(work, recordings)
        finally:
            signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGINT})
        yield from results


def _end_silently() -> None:
    """Let Ctrl-C end this worker; what it was doing concerns nobody."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGINT})


def _on_cluster(work: Work, recordings: Sequence[Recording], address: str) -> Iterator[FileResult]:
    try:
        from distributed import Client  # noqa: PLC0415  an extra
    except ImportError:
        raise UseError("--scheduler needs the package distributed: pip install 'sleepclip[cluster]'") from None
    try:
        client = Client(address, timeout=CONNECT_S)  # type: ignore[no-untyped-call]  # distributed has no types
    except (OSError, ValueError) as error:
        raise UseError(f"--scheduler {address}: cannot be reached: {error}") from None
    with client:
        # Workers read the files themselves, so they must see the same folders.
        for future in client.map(work, recordings, pure=False):
            yield future.result()


def _shown(results: Iterable[FileResult], total: int) -> Iterator[FileResult]:
    """Count recordings on a terminal's standard error."""
    for number, result in enumerate(results, start=1):
        if sys.stderr.isatty():
            click.echo(f"\r{number} of {total} recordings", nl=number == total, err=True)
        yield result


def _warnings(results: Iterable[FileResult]) -> Iterator[str]:
    for result in results:
        yield from (f"{result.name}: {warning}" for warning in result.warnings)
        if result.unknown:
            yield f"{result.name}: labels left out, their trial_type is not known here: {', '.join(result.unknown)}"
