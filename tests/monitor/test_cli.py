import signal
import subprocess
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest

Sleepclip = Callable[..., Any]
COMMANDS = ("demo", "scan", "check", "run", "replay", "detect", "simulate", "evaluate", "convert")


def modules_after(*arguments: str) -> set[str]:
    """Modules that are imported once a command has run."""
    script = (
        "import sys\nfrom monitor.cli import main\ntry:\n main(sys.argv[1:])\n"
        "finally:\n print('\\n'.join(sys.modules), file=sys.stderr)"
    )
    done = subprocess.run([sys.executable, "-c", script, *arguments], capture_output=True, text=True, check=False)
    return set(done.stderr.split())


def test_the_commands_are_listed_in_the_order_of_use(sleepclip: Sleepclip) -> None:
    lines = sleepclip("--help").out.partition("Commands:\n")[2].splitlines()
    assert tuple(line.split()[0] for line in lines[: len(COMMANDS)]) == COMMANDS
    assert not any(line.endswith("...") for line in lines)


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_has_help_with_an_example_and_a_version(sleepclip: Sleepclip, command: str) -> None:
    shown = sleepclip(command, "--help")
    assert shown.status == 0
    assert f"sleepclip {command}" in shown.out.partition("Example")[2]
    assert "--verbose" in shown.out
    assert sleepclip(command, "--version").out.startswith("sleepclip ")


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        ([], "Usage: sleepclip"),
        (["dtect"], "detect"),
        (["detect"], "FILE"),
        (["detect", "a.csv", "--foo"], "--foo"),
        (["replay", "a.csv", "--speed", "0"], "'max'"),
        (["replay", "a.csv", "--speed", "fast"], "'max'"),
        (["simulate"], "--list"),
        (["scan", "--seconds", "0"], "--seconds"),
    ],
)
def test_wrong_use_is_told_in_one_line(sleepclip: Sleepclip, arguments: Sequence[str], says: str) -> None:
    told = sleepclip(*arguments)
    assert told.status == 2
    assert told.out == ""
    assert says in told.err
    assert not arguments or len(told.err.splitlines()) == 1


def test_help_imports_nothing_heavy() -> None:
    heavy = {"numpy", "scipy", "bleak", "aiomqtt", "amqtt", "rich", "matplotlib", "mcap", "edfio", "asyncio"}
    assert not heavy & modules_after("--help")
    assert not heavy & modules_after("detect", "--help")


def test_detect_imports_no_broker_and_no_plots(rhythmic_awake: Path) -> None:
    heavy = {"amqtt", "matplotlib", "distributed", "bumble"}
    assert not heavy & modules_after("detect", str(rhythmic_awake), "--alerts-only")


def test_a_reader_that_has_seen_enough_ends_it_quietly(rhythmic_awake: Path) -> None:
    command = f"{sys.executable} -m monitor.cli detect {rhythmic_awake} | head -n 1; echo ${{PIPESTATUS[0]}}"
    done = subprocess.run(["bash", "-c", command], capture_output=True, text=True, check=True)
    line, status = done.stdout.splitlines()
    assert line.startswith('{"type":"event"')
    assert (status, done.stderr) == ("0", "")


def test_an_interrupt_at_the_keyboard_ends_it_quietly(rhythmic_awake: Path) -> None:
    command = [sys.executable, "-m", "monitor.cli", "replay", str(rhythmic_awake), "--speed", "1"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as running:
        assert running.stdout is not None
        while not running.stdout.readline().startswith("Alerts go to the broker"):
            assert running.poll() is None
        running.send_signal(signal.SIGINT)
        _, complaint = running.communicate(timeout=60)
    assert running.returncode == 130
    assert complaint.strip() == ""
