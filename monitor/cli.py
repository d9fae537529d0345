"""The command `sleepclip`: reads the command line, calls the part that does the work, says in one line what went wrong.

Exit status: 0 done; 1 it ran and failed; 2 wrong use or bad input; 130 interrupted at the keyboard.
Each command imports its own part when it is called, so that `--help` is quick and `run` stays small.
"""

import errno
import logging
import math
import os
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, Final, NoReturn, TypeVar

import click

from monitor.errors import FailureError, UseError
from monitor.evaluate import evaluate
from sensor.inputs import InputError

DONE: Final = 0
FAILED: Final = 1
WRONG_USE: Final = 2
INTERRUPTED: Final = 130  # 128 + SIGINT, as shells count
_FULL: Final = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EIO})
"""What a disk says that takes no more; whoever opens a file by name has told the rest."""

_Command = TypeVar("_Command", bound=Callable[..., Any])
_LOG_LEVELS: Final = (logging.WARNING, logging.INFO, logging.DEBUG)
_FILE: Final = click.Path(path_type=Path, readable=False)  # who opens it says better what is wrong


def _set_log_level(context: click.Context, _parameter: click.Parameter, verbose: int) -> None:
    quietest = 1 if context.info_name == "run" else 0  # a service tells its journal what it does
    level = _LOG_LEVELS[min(quietest + verbose, len(_LOG_LEVELS) - 1)]
    logging.basicConfig(format="%(levelname)s %(name)s: %(message)s")
    logging.getLogger().setLevel(level)


def _command(name: str, *examples: str) -> Callable[[_Command], click.Command]:
    """Register a command with its examples and the options that all of them have."""
    epilog = "\b\n" + "\n".join(
        ["Example:" if len(examples) == 1 else "Examples:", *(f"  {line}" for line in examples)]
    )
    return lambda function: cli.command(name, epilog=epilog)(_verbose_option(_version_option(function)))


_verbose_option = click.option(
    "-v",
    "--verbose",
    count=True,
    expose_value=False,
    callback=_set_log_level,
    help="Say more of what happens; -vv says everything.",
)
_version_option = click.version_option(package_name="sleepclip", prog_name="sleepclip", message="%(prog)s %(version)s")


def _speed(_context: click.Context, _parameter: click.Parameter, word: str) -> float | None:
    if word == "max":
        return None
    try:
        speed = float(word)
    except ValueError:
        speed = 0.0
    if not 0 < speed < math.inf:
        raise click.BadParameter(f"{word!r} is no speed: give a number above 0, or 'max'")
    return speed


class _InOrderOfUse(click.Group):
    """Lists commands as they are defined, which is the order in which a new user needs them."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Give their names."""
        del ctx
        return list(self.commands)


_config_option = click.option(
    "--config",
    type=_FILE,
    metavar="FILE",
    help="Configuration. Otherwise $XDG_CONFIG_HOME/sleepclip/config.toml, then /etc/sleepclip/config.toml.",
)


@click.group(
    cls=_InOrderOfUse,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
    epilog="Start with 'sleepclip demo'. Not a medical device: it sorts movements, it never diagnoses.",
)
@_version_option
def cli() -> None:
    """Tell a sleeping baby's benign twitches from movements worth a doctor's look."""


@_command("demo", "sleepclip demo")
def _demo() -> None:
    """Show the whole system at work on recorded streams."""
    from monitor.demo import demo

    demo()


@_command("scan", "sleepclip scan")
@click.option("--seconds", type=click.FloatRange(1, 300), default=10.0, show_default=True, help="How long to listen.")
def _scan(seconds: float) -> None:
    """List the clips in range, and the lines for the configuration."""
    from monitor.scan import scan

    scan(seconds)


@_command("check", "sleepclip check")
@_config_option
def _check(config: Path | None) -> None:
    """Tell whether it is going to work, and what to mend.

    Looks at configuration, Bluetooth adapter, clips, broker, clock and disk.
    """
    from monitor.check import check

    check(config)


@_command("run", "sleepclip run --config ~/.config/sleepclip/config.toml")
@_config_option
def _run(config: Path | None) -> None:
    """Watch the configured clips: record, detect, publish.

    Runs until it is told to stop. Made for systemd: see docs/running.md.
    """
    from monitor.config import load
    from monitor.run import run

    run(load(config))


@_command("replay", "sleepclip replay night.mcap --speed 60")
@click.argument("file", type=_FILE)
@click.option(
    "--speed",
    callback=_speed,
    metavar="N|max",
    default="max",
    show_default=True,
    help="Times the recorded pace: 1 keeps the recorded times, max goes as fast as it can.",
)
@_config_option
def _replay(file: Path, speed: float | None, config: Path | None) -> None:
    """Run the whole system on a recording, as if live.

    Reads .mcap, .csv and .edf. Without --config it starts a broker of its own, says how to listen, and
    disturbs nobody.
    """
    from monitor.config import load
    from monitor.replay import replay

    replay(file, speed, load(config), named=config is not None)


@_command("detect", "sleepclip detect night.csv | head")
@click.argument("file", type=_FILE)
@click.option("--alerts-only", is_flag=True, help="Print alerts, not events.")
@_config_option
def _detect(file: Path, *, alerts_only: bool, config: Path | None) -> None:
    """Print the events and alerts of a recording.

    One JSON object a line, in the order of their times. Reads .mcap, .csv and .edf.

    A .csv has the header t,x,y,z: seconds and g, 10 to 400 rows a second.
    """
    from monitor.config import load
    from monitor.detect import detect

    detect(file, alerts_only=alerts_only, config=load(config))


@_command("simulate", "sleepclip simulate --list", "sleepclip simulate rhythmic-awake -o awake.mcap --seed 7")
@click.argument("scenario", required=False)
@click.option("-o", "--output", type=_FILE, metavar="FILE", help="Recording to write: .mcap, .csv or .edf.")
@click.option("--seed", type=click.IntRange(min=0), default=0, show_default=True, help="Another seed, another night.")
@click.option("--clip", metavar="FAMILY", default="sleepclip", show_default=True, help="Clip family to imitate.")
@click.option("--list", "list_scenarios", is_flag=True, help="List the scenarios and the families.")
def _simulate(scenario: str | None, output: Path | None, *, seed: int, clip: str, list_scenarios: bool) -> None:
    """Write a synthetic recording and its true labels.

    The labels go into NAME.events.tsv beside it.
    """
    from monitor.simulate import list_all, simulate

    if list_scenarios:
        list_all()
        return
    if scenario is None or output is None:
        raise click.UsageError("give a SCENARIO and -o FILE, or --list")
    simulate(scenario, output, seed=seed, family=clip)


evaluate.short_help = "Score the detector against labelled recordings."
cli.add_command(_verbose_option(_version_option(evaluate)))


@_command("convert", "sleepclip convert night.mcap night.edf")
@click.argument("source", metavar="IN", type=_FILE)
@click.argument("target", metavar="OUT", type=_FILE)
def _convert(source: Path, target: Path) -> None:
    """Convert between .mcap, .csv and .edf."""
    from monitor.convert import convert

    convert(source, target)


def main(arguments: Sequence[str] | None = None) -> NoReturn:
    """Run one command and exit."""
    _fill_closed_streams()
    sys.exit(_status(arguments))


def _fill_closed_streams() -> None:
    """Put nothing where a standard stream is closed, or the next file that is opened takes its place and its output."""
    sys.stdin = sys.stdin or open(os.devnull)  # noqa: SIM115, PTH123  as long as the process
    sys.stdout = sys.stdout or open(os.devnull, "w")  # noqa: SIM115, PTH123
    sys.stderr = sys.stderr or open(os.devnull, "w")  # noqa: SIM115, PTH123


def _status(arguments: Sequence[str] | None) -> int:
    try:
        with cli.make_context("sleepclip", list(sys.argv[1:] if arguments is None else arguments)) as context:
            cli.invoke(context)
            sys.stdout.flush()
    except click.exceptions.Exit as end:
        return end.exit_code
    except (click.UsageError, UseError, InputError, FailureError) as error:
        click.echo(_one_line(error), err=True)
        return FAILED if isinstance(error, FailureError) else WRONG_USE
    except KeyboardInterrupt:
        click.echo(err=True)  # leaves the ^C on a line of its own
        return INTERRUPTED
    except (BrokenPipeError, SystemExit):  # the reader has seen enough (`| head`), as click and as rich tell it
        _silence_output()
    except OSError as error:
        if error.errno not in _FULL:
            raise
        click.echo(f"sleepclip: {error.filename or 'standard output'} cannot be written: {error.strerror}", err=True)
        _silence_output()
        return FAILED
    return DONE


def _silence_output() -> None:
    """Send standard output into nothing, for Python flushes it once more at exit."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _one_line(error: click.UsageError | UseError | InputError | FailureError) -> str:
    match error:
        case click.exceptions.NoArgsIsHelpError():
            return error.format_message()  # the help itself
        case click.UsageError():
            command = error.ctx.command_path if error.ctx else "sleepclip"
            message = f"{error.format_message().rstrip('.')} (see '{command} --help')"
        case _:
            message = str(error)
    return f"sleepclip: {' '.join(message.split())}"


if __name__ == "__main__":
    main()
