"""`sleepclip convert`: between recording, table and EDF+."""

from pathlib import Path

import click
from rich.console import Console

from monitor.errors import FailureError
from sensor.convert import convert as write_as
from sensor.recording import RecordingError


def convert(source: Path, target: Path) -> None:
    """Write `source` in the form of the target's suffix, and say what was left out.

    Raises:
        InputError: the source cannot be used, or the target exists or is of no known form.
        FailureError: the disk does not take it.
    """
    try:
        with Console(stderr=True).status(f"{source.name} → {target.name} …"):
            warnings = write_as(source, target)
    except RecordingError as error:
        raise FailureError(str(error)) from error
    for warning in warnings:
        click.echo(f"sleepclip: {source}: {warning}", err=True)
