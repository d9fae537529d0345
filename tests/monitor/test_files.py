"""Commands that write files: simulate, convert."""

import json
import os
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from processing.labels import parse_labels
from sensor.clips import FAMILIES
from sensor.simulator import SCENARIOS

Sleepclip = Callable[..., Any]


def test_every_scenario_and_family_is_listed(sleepclip: Sleepclip) -> None:
    shown = sleepclip("simulate", "--list")
    assert shown.status == 0
    assert all(f"  {name} " in shown.out for name in (*SCENARIOS, *FAMILIES))


@pytest.mark.parametrize("suffix", ["mcap", "csv", "edf"])
def test_a_simulation_is_written_with_its_labels(sleepclip: Sleepclip, tmp_path: Path, suffix: str) -> None:
    path = tmp_path / f"night.{suffix}"
    done = sleepclip("simulate", "twitches", "-o", path, "--seed", "2")
    assert (done.status, done.out) == (0, "")
    assert "synthetic" in done.err
    labels, unknown = parse_labels((tmp_path / "night.events.tsv").read_text())
    assert unknown == []
    assert "myoclonic_burst" in {label.kind for label in labels}
    kinds = {json.loads(line)["kind"] for line in sleepclip("detect", path).out.splitlines()}
    assert "asleep" in kinds


def test_the_same_seed_gives_the_same_stream(sleepclip: Sleepclip, tmp_path: Path) -> None:
    for name, seed in (("a", "1"), ("b", "1"), ("c", "2")):
        sleepclip("simulate", "twitches", "-o", tmp_path / f"{name}.csv", "--seed", seed)
    a, b, c = ((tmp_path / f"{name}.csv").read_bytes() for name in "abc")
    assert a == b != c


@pytest.mark.parametrize("there", ["night.mcap", "night.events.tsv"])
def test_nothing_is_overwritten(sleepclip: Sleepclip, tmp_path: Path, there: str) -> None:
    (tmp_path / there).write_text("mine")
    done = sleepclip("simulate", "twitches", "-o", tmp_path / "night.mcap")
    assert done.status == 2
    assert there in done.err
    assert "not overwritten" in done.err
    assert [path.name for path in tmp_path.iterdir()] == [there]


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["twitchs", "-o", "a.mcap"], "no scenario 'twitchs'"),
        (["twitches", "-o", "a.mcap", "--clip", "polr"], "no clip family 'polr'"),
        (["twitches", "-o", "a.wav"], "ends in .wav"),
        (["twitches", "-o", ""], "ends in nothing"),
        (["twitches", "-o", f"{'a' * 300}.csv"], "File name too long"),
        (["twitches", "-o", "absent/a.mcap"], "directory that does not exist"),
        (["twitches", "-o", "a.mcap", "--seed", "-1"], "--seed"),
    ],
)
def test_what_cannot_be_simulated_is_told(
    sleepclip: Sleepclip, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, arguments: list[str], says: str
) -> None:
    monkeypatch.chdir(tmp_path)
    done = sleepclip("simulate", *arguments)
    assert done.status == 2
    assert says in done.err
    assert len(done.err.splitlines()) == 1
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("blocks", [0, 3])
@pytest.mark.parametrize("suffix", ["mcap", "csv", "edf"])
def test_a_disk_that_takes_no_more_keeps_no_half(tmp_path: Path, suffix: str, blocks: int) -> None:
    command = f"ulimit -f {blocks}; exec {sys.executable} -m monitor.cli simulate twitches -o {tmp_path}/a.{suffix}"
    environment = {**os.environ, "TMPDIR": str(tmp_path)}
    done = subprocess.run(["bash", "-c", command], env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert re.fullmatch(r"sleepclip: /\S+: cannot be written \(File too large\); .*free some space.*\n", done.stderr)
    assert list(tmp_path.iterdir()) == []


def test_a_recording_goes_to_edf_and_back(sleepclip: Sleepclip, rhythmic_awake: Path, tmp_path: Path) -> None:
    edf, csv = tmp_path / "night.edf", tmp_path / "night.csv"
    assert sleepclip("convert", rhythmic_awake, edf).status == 0
    assert sleepclip("convert", edf, csv).status == 0
    assert csv.read_text().startswith("t,x,y,z\n")
    again = sleepclip("convert", edf, csv)
    assert again.status == 2
    assert "not overwritten" in again.err


def test_what_a_torn_recording_lost_is_said(sleepclip: Sleepclip, rhythmic_awake: Path, tmp_path: Path) -> None:
    torn = tmp_path / "torn.mcap"
    torn.write_bytes(rhythmic_awake.read_bytes()[:-5000])
    done = sleepclip("convert", torn, tmp_path / "torn.csv")
    assert done.status == 0
    assert done.err.startswith(f"sleepclip: {torn}: it was cut off")
