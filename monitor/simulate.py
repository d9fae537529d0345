"""`sleepclip simulate`: a synthetic recording, and its true labels beside it."""

import tempfile
from collections.abc import Iterator
from pathlib import Path

import click
from rich.console import Console

from monitor.errors import FailureError, UseError
from processing.labels import labels_to_tsv
from processing.samples import Readings
from sensor.clips import FAMILIES
from sensor.convert import convert, record
from sensor.inputs import InputError, whole_output
from sensor.recording import Item, RecordingError
from sensor.replay import SUFFIXES
from sensor.simulator import SCENARIOS, Simulation
from sensor.simulator import simulate as play


def simulate(scenario: str, output: Path, *, seed: int, family: str) -> None:
    """Play a scenario and write what the radio made of it, with the labels.

    Raises:
        UseError, InputError: no such scenario or family, or a file exists already or cannot be written.
        FailureError: the disk does not take it.
    """
    if output.suffix.lower() not in SUFFIXES:
        raise InputError(output, f"ends in {output.suffix or 'nothing'}; it must be one of {', '.join(SUFFIXES)}")
    labels = output.with_name(f"{output.stem}.events.tsv")
    try:
        with Console(stderr=True).status(f"simulating {scenario} …"), whole_output(labels) as file:
            if output.exists():
                raise InputError(output, "exists already and is not overwritten; choose another name")
            simulation = _played(scenario, seed, family)
            file.write(labels_to_tsv(simulation.labels).encode())
            file.flush()
            _write(output, simulation, {"origin": "synthetic", "scenario": scenario, "seed": str(seed)})
    except RecordingError as error:
        raise FailureError(str(error)) from error
    except OSError as error:
        raise FailureError(f"{labels}: cannot be written ({error.strerror}); free some space") from error
    minutes = simulation.time_s[-1] / 60
    click.echo(f"{output}: {minutes:.0f} min of {scenario}, synthetic; the true labels are in {labels.name}", err=True)


def list_all() -> None:
    """Print scenarios and clip families."""
    width = max(map(len, (*SCENARIOS, *FAMILIES)))
    click.echo("Scenarios:")
    for scenario in SCENARIOS.values():
        click.echo(f"  {scenario.name:<{width}}  {scenario.description}")
    click.echo("\nClip families (--clip):")
    for name, family in FAMILIES.items():
        click.echo(f"  {name:<{width}}  {family.traits.title}")


def _played(scenario: str, seed: int, family: str) -> Simulation:
    try:
        return play(scenario, seed=seed, family=family)
    except ValueError as error:
        raise UseError(f"{error} ('sleepclip simulate --list' tells what they are)") from error


def _write(output: Path, simulation: Simulation, about: dict[str, str]) -> None:
    if output.suffix.lower() == ".mcap":
        record(output, _packets(simulation), about)
        return
    with tempfile.TemporaryDirectory() as folder:
        recording = Path(folder, "simulated.mcap")
        record(recording, _packets(simulation), about)
        convert(recording, output)


def _packets(simulation: Simulation) -> Iterator[Item]:
    for item in simulation.items:
        assert not isinstance(item, Readings), "a radio carries packets"
        yield item
