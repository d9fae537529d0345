"""The manifest tells the truth about every file in fixtures/."""

import hashlib
import tomllib
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from processing.labels import STATES, Label, parse_labels
from sensor.convert import readings
from sensor.recording import Recording
from sensor.stream import LinkUp
from tests import make_fixtures

FOLDER = Path(__file__).parents[2] / "fixtures"
ENTRIES: list[dict[str, Any]] = tomllib.loads((FOLDER / "manifest.toml").read_text())["recording"]
LABELLED = [entry for entry in ENTRIES if "labels" in entry]

every_entry = pytest.mark.parametrize("entry", ENTRIES, ids=[entry["file"] for entry in ENTRIES])


def sha256(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def read_labels(entry: dict[str, Any]) -> list[Label]:
    labels, unknown = parse_labels((FOLDER / entry["labels"]).read_text())
    assert not unknown
    return labels


@every_entry
def test_the_file_is_the_one_described(entry: dict[str, Any]) -> None:
    assert sha256(FOLDER / entry["file"]) == entry["sha256"]
    assert (FOLDER / entry["licence_file"]).read_text().strip()
    assert entry["unit"] == "g"
    assert entry["wearer"] in ("adult", "simulated baby")
    assert entry["origin"]
    assert entry["what"]


@every_entry
def test_the_recording_is_whole_and_holds_what_a_clip_feels(entry: dict[str, Any]) -> None:
    recording = Recording(FOLDER / entry["file"])
    items = list(recording)
    assert not str(recording.damage)
    assert isinstance(items[0], LinkUp)
    assert items[0].rate_hz == entry["rate_hz"]
    parts = list(readings(items))
    accel_g = np.concatenate([part.accel_g for part in parts])
    time_s = np.concatenate([part.time_s for part in parts])
    assert len(time_s) / (time_s[-1] - time_s[0]) == pytest.approx(entry["rate_hz"], rel=0.03)
    assert np.median(np.linalg.norm(accel_g, axis=1)) == pytest.approx(1, abs=0.05)


@pytest.mark.parametrize("entry", LABELLED, ids=[entry["labels"] for entry in LABELLED])
def test_the_labels_are_valid_and_their_states_cover_the_stream(entry: dict[str, Any]) -> None:
    assert sha256(FOLDER / entry["labels"]) == entry["labels_sha256"]
    labels = read_labels(entry)
    end_s = max(float(part.time_s[-1]) for part in readings(Recording(FOLDER / entry["file"])))
    assert all(label.end_s <= end_s + 0.5 for label in labels)
    states = [label for label in labels if label.kind in STATES]
    edges = [(label.onset_s, label.end_s) for label in states]
    assert edges[0][0] == 0
    assert all(before[1] == pytest.approx(after[0], abs=0.002) for before, after in pairwise(edges))
    assert edges[-1][1] == pytest.approx(end_s, abs=0.5)


def test_every_pattern_that_the_demo_tells_apart_is_there() -> None:
    kinds = {label.kind for entry in LABELLED for label in read_labels(entry)}
    assert kinds >= {"myoclonic_burst", "rhythmic", "persists_after_waking", "myoclonic_series", "asleep", "awake"}


def test_nothing_lies_about_unmentioned_and_all_is_small() -> None:
    files = [path for path in FOLDER.rglob("*") if path.is_file()]
    told = {FOLDER / entry[key] for entry in ENTRIES for key in ("file", "labels", "licence_file") if key in entry}
    assert set(files) - {FOLDER / "manifest.toml"} <= told
    assert sum(path.stat().st_size for path in files) < 15e6


def test_the_manifest_is_the_scripts() -> None:
    assert make_fixtures.manifest(FOLDER) == (FOLDER / "manifest.toml").read_text()


def test_the_script_gives_the_same_bytes_each_time(tmp_path: Path) -> None:
    first, second = (make_fixtures.make_simulated("twitches", tmp_path / name) for name in ("a", "b"))
    assert first.read_bytes() == second.read_bytes()


def test_a_table_is_carried_whole(tmp_path: Path) -> None:
    table = tmp_path / "lying.csv"
    table.write_text("t,x,y,z\n" + "".join(f"{n / 100},0,0,1\n" for n in range(1000)))
    parts = list(readings(Recording(make_fixtures.make_real(table, tmp_path))))
    assert sum(map(len, parts)) == 1000
