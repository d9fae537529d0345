"""The command `sleepclip evaluate`. What it does is in `monitor.evaluation`, which is imported when it is called."""

from pathlib import Path
from typing import Any, Final

import click

_PATH: Final = click.Path(path_type=Path, readable=False)  # who opens it says better what is wrong
_EPILOG: Final = """\b
Examples:
  sleepclip evaluate recordings/ --peer osd --jobs 2
  sleepclip evaluate night.mcap --json | python3 -m json.tool
"""


@click.command("evaluate", epilog=_EPILOG)
@click.argument("paths", metavar="PATH...", nargs=-1, required=True, type=_PATH)
@click.option(
    "--config",
    type=_PATH,
    metavar="FILE",
    help="Use its detector and alert settings instead of the defaults; no other configuration is looked for.",
)
@click.option("--peer", "peers", type=click.Choice(["osd"]), multiple=True, help="Run OpenSeizureDetector's rule too.")
@click.option("--jobs", type=click.IntRange(min=1), default=1, show_default=True, help="Processes to use.")
@click.option("--scheduler", metavar="ADDRESS", help="Dask scheduler that runs the work, such as tcp://10.0.0.5:8786.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON instead of tables.")
@click.option("--plots", type=_PATH, metavar="DIR", help="Write plots (PNG) into this folder.")
def evaluate(paths: tuple[Path, ...], **options: Any) -> None:  # noqa: ANN401  the fields of `evaluation.Options`
    """Score recordings (.mcap, .csv, .edf; or folders of them) against the labels beside them.

    The labels of NAME.csv are in NAME.events.tsv (BIDS: onset, duration, trial_type). docs/evaluation.md tells what the
    figures mean. Results do not depend on --jobs or --scheduler.
    """
    from monitor import evaluation  # noqa: PLC0415  heavy, and `--help` is not

    evaluation.run(paths, evaluation.Options(**options))
