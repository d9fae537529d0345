"""`sleepclip detect`: what a recording holds, as JSON lines."""

from collections.abc import Iterable, Iterator
from itertools import islice
from pathlib import Path
from typing import Final

import click
from rich.console import Console

from alerts.alert import Alert
from alerts.messages import alert_line, event_line
from monitor.config import Config
from monitor.pipeline import Output, Pipeline
from monitor.progress import Progress
from processing.events import Event
from sensor.replay import open_source
from sensor.stream import StreamItem

_ITEMS_AT_ONCE: Final = 1000
"""Some minutes of packets: long enough for the detector to be cheap."""


def detect(path: Path, *, alerts_only: bool, config: Config) -> None:
    """Print events and alerts in the order in which they were known.

    Raises:
        InputError: the file cannot be used.
    """
    source = open_source(path)
    pipeline = Pipeline(config.detector, config.policy, config.conditions)
    with Progress(Console(stderr=True), path.name) as progress:
        outputs: list[Output] = []
        for items in batches(source.items(), _ITEMS_AT_ONCE):
            outputs += pipeline.push_all(items)
            progress.show(pipeline.at_s)
        outputs += pipeline.close()
    for line in lines(outputs, alerts_only=alerts_only):
        click.echo(line)
    for warning in source.warnings:
        click.echo(f"sleepclip: {path}: {warning}", err=True)


def batches(items: Iterable[StreamItem], size: int) -> Iterator[list[StreamItem]]:
    """Cut a stream into lists.

    >>> [len(batch) for batch in batches(range(7), 3)]
    [3, 3, 1]
    """
    stream = iter(items)
    while batch := list(islice(stream, size)):
        yield batch


def lines(outputs: Iterable[Output], *, alerts_only: bool = False) -> list[str]:
    """Give the lines: of an event its last snapshot, where it was first known; of an alert each time it is raised."""
    timed: dict[tuple[str, float], tuple[float, str]] = {}
    for output in outputs:
        match output:
            case Alert() if output.raising:
                timed[output.id, output.raised_s] = (output.raised_s, alert_line(output))
            case Event() if not alerts_only:
                timed[output.id, output.reported_s] = (output.reported_s, event_line(output))
            case _:
                pass
    return [line for _, line in sorted(timed.values(), key=lambda entry: entry[0])]
