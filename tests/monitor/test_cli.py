import os
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


def in_shell(command: str) -> tuple[int, str, str]:
    """Status of the last command, and what was said."""
    done = subprocess.run(["bash", "-o", "pipefail", "-c", command], capture_output=True, text=True, check=False)
    return done.returncode, done.stdout, done.stderr


@pytest.mark.parametrize(
    ("command", "first"), [("detect", '{"type":"event"'), ("replay", "sleepclip is not a medical device")]
)
def test_a_reader_that_has_seen_enough_ends_it_quietly(rhythmic_awake: Path, command: str, first: str) -> None:
    status, out, complaint = in_shell(f"{sys.executable} -m monitor.cli {command} {rhythmic_awake} | head -n 1")
    assert out.startswith(first)
    assert len(out.splitlines()) == 1
    assert (status, complaint) == (0, "")


@pytest.mark.parametrize("arguments", ["--help", "detect {}", "replay {}"])
def test_a_full_disk_behind_the_output_is_told_in_one_line(rhythmic_awake: Path, arguments: str) -> None:
    told = in_shell(f"{sys.executable} -m monitor.cli {arguments.format(rhythmic_awake)} > /dev/full")
    assert told == (1, "", "sleepclip: standard output cannot be written: No space left on device\n")


def test_a_closed_output_takes_nothing(rhythmic_awake: Path) -> None:
    assert in_shell(f"{sys.executable} -m monitor.cli detect {rhythmic_awake} >&-") == (0, "", "")
    assert in_shell(f"{sys.executable} -m monitor.cli detect absent.csv <&- >&- 2>&-") == (2, "", "")


def without_rights(*arguments: str | Path) -> subprocess.CompletedProcess[str]:
    """Run a command as one who may not read everything, as root may."""
    as_anybody = ["setpriv", "--bounding-set=-dac_override,-dac_read_search"] if os.geteuid() == 0 else []
    command = [*as_anybody, sys.executable, "-m", "monitor.cli", *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, check=False)


@pytest.mark.parametrize("command", [["detect"], ["evaluate"], ["check", "--config"]])
def test_a_file_that_may_not_be_read_is_told_with_the_mend(tmp_path: Path, command: Sequence[str]) -> None:
    path = tmp_path / "night.csv"
    path.write_text("t,x,y,z\n")
    path.chmod(0)
    (tmp_path / "night.events.tsv").write_text("onset\tduration\ttrial_type\n")
    told = without_rights(*command, path)
    assert told.returncode == 2
    assert told.stderr == f"sleepclip: {path}: may not be read; ask for read permission (chmod, chown)\n"


def test_a_configuration_that_may_not_be_looked_for_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    (tmp_path / "sleepclip").mkdir(mode=0)
    told = without_rights("detect", tmp_path / "night.csv")
    assert told.returncode == 2
    assert told.stderr.startswith(f"sleepclip: {tmp_path}/sleepclip/config.toml: may not be read")
    assert len(told.stderr.splitlines()) == 1


def test_an_interrupt_at_the_keyboard_ends_it_quietly(rhythmic_awake: Path) -> None:
    heeds = ["env", "--default-signal=INT"]  # a shell ignores it for what runs in the background
    command = [*heeds, sys.executable, "-m", "monitor.cli", "replay", str(rhythmic_awake), "--speed", "1"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as running:
        assert running.stdout is not None
        while not running.stdout.readline().startswith("Alerts go to the broker"):
            assert running.poll() is None
        running.send_signal(signal.SIGINT)
        _, complaint = running.communicate(timeout=60)
    assert running.returncode == 130
    assert complaint.strip() == ""
