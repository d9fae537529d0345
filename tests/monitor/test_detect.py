import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from sensor.tables import read_csv

Sleepclip = Callable[..., Any]
Row = dict[str, Any]
STATES = ("asleep", "awake", "unknown")


def told(done: Any) -> list[Row]:
    assert done.status == 0, done.err
    return [json.loads(line) for line in done.out.splitlines()]


def known_s(row: Row) -> float:
    return float(row["reported_s"] if row["type"] == "event" else row["raised_s"])


def write(path: Path, time_s: np.ndarray, accel_g: np.ndarray) -> Path:
    np.savetxt(path, np.column_stack([time_s, accel_g]), fmt="%.5f", delimiter=",", header="t,x,y,z", comments="")
    return path


@pytest.mark.parametrize("rate_hz", [25.0, 50.0, 100.0])
def test_a_table_at_any_rate_gives_the_lines(
    sleepclip: Sleepclip, rhythmic_awake_csv: Path, tmp_path: Path, rate_hz: float
) -> None:
    table = read_csv(rhythmic_awake_csv)
    time_s = np.arange(0, table.time_s[-1], 1 / rate_hz)
    accel_g = np.column_stack([np.interp(time_s, table.time_s, axis) for axis in table.accel_g.T])
    rows = told(sleepclip("detect", write(tmp_path / "baby.csv", time_s, accel_g)))
    assert [known_s(row) for row in rows] == sorted(known_s(row) for row in rows)
    alerts = [row for row in rows if row["type"] == "alert" and not row["technical"]]
    assert "rhythmic" in {alert["kind"] for alert in alerts}
    assert {alert["priority"] for alert in alerts if alert["kind"] == "rhythmic"} == {"high"}
    for row in rows:
        wanted = {"type", "kind", "id", "onset_s"} | (
            {"end_s", "reported_s", "state", "evidence"}
            if row["type"] == "event"
            else {"priority", "technical", "raised_s", "rule", "text"}
        )
        assert set(row) == wanted


def test_the_states_cover_the_stream(sleepclip: Sleepclip, rhythmic_awake_csv: Path) -> None:
    states = [row for row in told(sleepclip("detect", rhythmic_awake_csv)) if row["kind"] in STATES]
    states.sort(key=lambda row: row["onset_s"])
    ends = [0.0, *(row["end_s"] for row in states)]
    assert [row["onset_s"] for row in states] == ends[:-1]
    assert ends[-1] == pytest.approx(read_csv(rhythmic_awake_csv).time_s[-1], abs=0.1)


def test_only_alerts_on_request(sleepclip: Sleepclip, rhythmic_awake: Path) -> None:
    rows = told(sleepclip("detect", rhythmic_awake))
    assert told(sleepclip("detect", rhythmic_awake, "--alerts-only")) == [r for r in rows if r["type"] == "alert"]


def test_a_file_cut_after_the_report_tells_the_same(
    sleepclip: Sleepclip, rhythmic_awake_csv: Path, tmp_path: Path
) -> None:
    table = read_csv(rhythmic_awake_csv)
    rows = told(sleepclip("detect", write(tmp_path / "whole.csv", table.time_s, table.accel_g)))
    assert any(row["type"] == "alert" for row in rows)
    for number, row in enumerate(_some(rows, 14)):
        kept = table.time_s <= known_s(row)
        cut = write(tmp_path / f"cut-{number}.csv", table.time_s[kept], table.accel_g[kept])
        again = [other for other in told(sleepclip("detect", cut)) if other["id"] == row["id"]]
        if row["type"] == "alert":
            assert row in again
        else:
            same = ("kind", "onset_s", "reported_s")
            assert [{key: other[key] for key in same} for other in again] == [{key: row[key] for key in same}]


def _some(rows: list[Row], count: int) -> list[Row]:
    """Alerts, the first of each kind, and others up to a number; without the very first, for a file needs two rows."""
    seen: set[str] = set()
    first = [row for row in rows if row["type"] == "alert" or (row["kind"] not in seen and not seen.add(row["kind"]))]
    others = [row for row in rows if row not in first]
    chosen = first + others[:: max(1, len(others) // max(1, count - len(first)))]
    return [row for row in chosen if known_s(row) > 1]


def good_rows(seconds: float = 20, rate_hz: float = 50) -> list[str]:
    return [f"{n / rate_hz:.5f},0.01,-0.02,1.0" for n in range(int(seconds * rate_hz))]


def csv(*lines: str, header: str = "t,x,y,z") -> str:
    return "\n".join([header, *lines]) + "\n"


BAD_FILES = {
    "empty file": ("a.csv", "", "is empty"),
    "header only": ("a.csv", csv(), "header only"),
    "wrong header": ("a.csv", csv(*good_rows(), header="time,ax,ay,az"), "line 1"),
    "NaN": ("a.csv", csv(*good_rows(), "20.00,nan,0,1", "20.02,0,0,1"), "line 1002"),
    "text": ("a.csv", csv(*good_rows(), "20.00,a,0,1", "20.02,0,0,1"), "line 1002"),
    "a column short": ("a.csv", csv(*good_rows(), "20.00,0,1", "20.02,0,0,1"), "line 1002"),
    "time backwards": ("a.csv", csv(*good_rows(), "19.00,0,0,1", "20.02,0,0,1"), "line 1002"),
    "3 Hz": ("a.csv", csv(*good_rows(rate_hz=3)), "3 rows a second"),
    "1000 Hz": ("a.csv", csv(*good_rows(rate_hz=1000)), "1000 rows a second"),
    "400 g": ("a.csv", csv(*good_rows(), "20.00,0,0,400", "20.02,0,0,1"), "line 1002"),
    "no MCAP": ("a.mcap", csv(*good_rows()), "no MCAP"),
    "empty MCAP": ("a.mcap", "", "is empty"),
    "no EDF": ("a.edf", csv(*good_rows()), "no EDF"),
    "unknown suffix": ("a.wav", "RIFF", "ends in .wav"),
}


@pytest.mark.parametrize("command", ["detect", "replay", "convert"])
@pytest.mark.parametrize("case", BAD_FILES)
def test_a_bad_file_is_named_in_one_line(sleepclip: Sleepclip, tmp_path: Path, command: str, case: str) -> None:
    name, content, says = BAD_FILES[case]
    path = tmp_path / name
    path.write_text(content)
    _is_refused(sleepclip(command, path, *([tmp_path / "out.csv"] if command == "convert" else [])), str(path), says)


@pytest.mark.parametrize("command", ["detect", "replay", "convert"])
def test_a_directory_and_a_missing_file_are_named(sleepclip: Sleepclip, tmp_path: Path, command: str) -> None:
    out = [tmp_path / "out.csv"] if command == "convert" else []
    _is_refused(sleepclip(command, tmp_path, *out), str(tmp_path), "is a directory")
    _is_refused(sleepclip(command, tmp_path / "absent.csv", *out), "absent.csv", "does not exist")


@pytest.mark.parametrize("command", ["detect", "replay", "run", "check"])
def test_a_bad_configuration_is_named(sleepclip: Sleepclip, tmp_path: Path, command: str) -> None:
    config = tmp_path / "config.toml"
    config.write_text("[mqtt]\nhots = 'a'\n")
    file = [tmp_path / "a.csv"] if command in {"detect", "replay"} else []
    _is_refused(sleepclip(command, *file, "--config", config), str(config), "mqtt.hots: unknown key")


def test_run_needs_a_clip(sleepclip: Sleepclip, tmp_path: Path) -> None:
    config = tmp_path / "config.toml"
    config.write_text("")
    _is_refused(sleepclip("run", "--config", config), "no clip is configured", "sleepclip scan")


def _is_refused(done: Any, *says: str) -> None:
    assert done.status == 2
    assert done.out == ""
    assert len(done.err.splitlines()) == 1
    assert all(words in done.err for words in says), done.err
