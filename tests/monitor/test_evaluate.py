import json
import os
import re
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from monitor.cli import main
from monitor.errors import FailureError, UseError
from monitor.evaluate import evaluate
from monitor.evaluation import Options, find, labels_path, run

HEADER = "onset\tduration\ttrial_type\tdetail\n"
Record = Callable[..., Path]


def csv(seed: int, seconds: float = 200, rate_hz: float = 25.0) -> str:
    """A baby that lies still, and half a minute of jerks twice a second from the 100th second."""
    n = round(seconds * rate_hz)
    t = np.arange(n) / rate_hz
    accel_g = np.random.default_rng(seed).normal(0, 2e-3, (n, 3)) + np.array([0.1, 0.2, 0.97])
    jerks = (t >= 100) & (t < 130) & (t % 0.5 < 0.1)
    accel_g[jerks] += [0.1, 0.05, 0.02]
    rows = (f"{a:.3f},{x:.4f},{y:.4f},{z:.4f}" for a, (x, y, z) in zip(t, accel_g, strict=True))
    return "\n".join(("t,x,y,z", *rows)) + "\n"


@pytest.fixture(scope="session")
def recordings(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("recordings")
    for seed in range(3):
        (folder / f"night{seed}.csv").write_text(csv(seed))
        labels = "0\t200\tawake\tn/a\n100\t30\trhythmic\tn/a\n" if seed else ""
        (folder / f"night{seed}.events.tsv").write_text(HEADER + labels)
    return folder


@pytest.fixture
def folder(recordings: Path, tmp_path: Path) -> Path:
    """A copy that a test may spoil."""
    return Path(shutil.copytree(recordings, tmp_path / "clinic"))


def as_json(paths: list[Path], capsys: pytest.CaptureFixture[str], **options: object) -> dict[str, object]:
    run(paths, Options(as_json=True, **options))
    out = capsys.readouterr().out
    read = json.loads(out)
    assert isinstance(read, dict)
    return read


def test_json_holds_every_figure_and_every_recording(recordings: Path, capsys: pytest.CaptureFixture[str]) -> None:
    everything = as_json([recordings], capsys, peers=("osd",))
    assert list(everything["systems"]) == ["sleepclip", "osd"]
    ours = everything["systems"]["sleepclip"]
    assert set(ours) >= {"targets", "sensitivity", "false_alerts_per_24h", "szcore", "confusion", "epochs", "curves"}
    assert ours["hours"] == pytest.approx(600 / 3600, rel=0.01)
    (awake,) = (row for row in ours["targets"] if row["key"] == "rhythmic_awake")
    assert awake["estimate"]["of"] == 2
    assert ours["sensitivity"]["rhythmic"]["of"] == 2
    assert everything["systems"]["osd"]["szcore"]["sensitivity"]["of"] == 2
    names = [Path(r["name"]).name for r in everything["recordings"]]
    assert names == ["night0.csv", "night1.csv", "night2.csv"]
    label = everything["recordings"][1]["systems"]["sleepclip"]["labels"][0]
    assert label["truth"]["state"] == "awake"
    assert label["truth"]["size"] > 10


@pytest.mark.parametrize("jobs", [2, 7])
def test_processes_give_the_same_json(recordings: Path, capsys: pytest.CaptureFixture[str], jobs: int) -> None:
    alone = as_json([recordings], capsys, peers=("osd",))
    assert as_json([recordings], capsys, peers=("osd",), jobs=jobs) == alone


@pytest.mark.skipif(not Path("/proc/self/task").exists(), reason="looks for children as Linux shows them")
def test_ctrl_c_ends_processes_without_a_traceback(recordings: Path) -> None:
    heeds = ["env", "--default-signal=INT"]  # a shell ignores it for what runs in the background
    command = [*heeds, sys.executable, "-m", "monitor.cli", "evaluate", str(recordings), "--jobs", "3"]
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True, start_new_session=True) as process:
        children = Path(f"/proc/{process.pid}/task/{process.pid}/children")
        while process.poll() is None and len(children.read_text().split()) < 3:
            time.sleep(0.01)
        time.sleep(0.3)  # they import numpy
        os.killpg(process.pid, signal.SIGINT)
        _, error = process.communicate(timeout=60)
    assert process.returncode == 130
    assert error.strip() == ""


def test_a_dask_cluster_gives_the_same_json(recordings: Path, capsys: pytest.CaptureFixture[str]) -> None:
    distributed = pytest.importorskip("distributed", reason="the extra 'cluster' is not installed")
    alone = as_json([recordings], capsys)
    with distributed.LocalCluster(
        n_workers=2, threads_per_worker=1, processes=False, dashboard_address=None, protocol="tcp", host="127.0.0.1"
    ) as cluster:
        assert as_json([recordings], capsys, scheduler=cluster.scheduler_address) == alone


def test_a_scheduler_that_is_not_there_is_wrong_use(recordings: Path) -> None:
    pytest.importorskip("distributed", reason="the extra 'cluster' is not installed")
    with pytest.raises(UseError, match="--scheduler here: cannot be reached"):
        run([recordings], Options(scheduler="here"))


def test_tables_are_printed(recordings: Path, capsys: pytest.CaptureFixture[str]) -> None:
    run([recordings], Options(peers=("osd",)))
    out = capsys.readouterr().out
    assert out.startswith("3 recordings, 0.2 h")
    for title in ("Targets", "Alerts, medium and high", "False alerts in 24 h", "Labels (rows)", "SzCORE"):
        assert title in out


def test_settings_of_a_configuration_are_used(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    plain = as_json([folder], capsys)
    lenient = folder / "config.toml"
    lenient.write_text("[policy]\nmerge_s = 1.0\n")
    assert as_json([folder], capsys, config=lenient)["recordings"]
    strict = folder / "wrong.toml"
    strict.write_text("[detector]\nno_such = 1\n")
    with pytest.raises(UseError, match="no_such"):
        run([folder], Options(config=strict))
    assert plain["failed"] == {}


def test_plots_are_written_one_page_each(recordings: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    pytest.importorskip("matplotlib", reason="the extra 'evaluate' is not installed")
    run([recordings], Options(peers=("osd",), plots=tmp_path / "new" / "plots"))
    pages = sorted((tmp_path / "new" / "plots").iterdir())
    assert [page.name for page in pages] == [
        "curves.png",
        "false_alerts.png",
        "latency.png",
        "misses.png",
        "traces.png",
    ]
    assert all(page.read_bytes().startswith(b"\x89PNG") for page in pages)
    assert "traces.png" in capsys.readouterr().err


def test_a_folder_that_cannot_hold_plots_is_wrong_use_and_costs_no_figures(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(UseError, match="plots cannot be written"):
        run([folder / "night0.csv"], Options(plots=folder / "night1.csv"))
    assert "Targets" in capsys.readouterr().out


def test_one_broken_file_is_named_counted_and_fails_after_the_rest(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (folder / "night1.csv").write_text("t,x,y,z\n0,0,0,1\n0.04,one,0,1\n")
    with pytest.raises(FailureError, match="1 of 3 recordings"):
        run([folder], Options(as_json=True))
    out, err = capsys.readouterr()
    assert [Path(r["name"]).name for r in json.loads(out)["recordings"]] == ["night0.csv", "night2.csv"]
    (name,) = json.loads(out)["failed"]
    assert name.endswith("night1.csv")
    (line,) = err.splitlines()
    assert "night1.csv" in line
    assert "line 3" in line


@pytest.mark.parametrize(
    ("spoilt", "status", "says"),
    [([], 0, ""), (["night1"], 1, "1 of 3 recordings"), (["night0", "night1", "night2"], 2, "and 2 more like it")],
)
def test_exit_status_tells_done_from_failed_from_wrong_use(
    folder: Path, capsys: pytest.CaptureFixture[str], spoilt: list[str], status: int, says: str
) -> None:
    for name in spoilt:
        (folder / f"{name}.events.tsv").unlink()
    with pytest.raises(SystemExit) as end:
        main(["evaluate", str(folder), "--json"])
    out, err = capsys.readouterr()
    assert end.value.code == status
    assert says in err
    assert "Traceback" not in err
    assert (status == 2) == (out == "")


def test_missing_labels_are_named_with_the_mend(folder: Path) -> None:
    (folder / "night1.events.tsv").unlink()
    with pytest.raises(UseError, match=r"night1\.csv: labels are missing: no night1\.events\.tsv beside it; write one"):
        run([folder / "night1.csv"], Options())


def test_broken_labels_name_file_and_line(folder: Path) -> None:
    (folder / "night1.events.tsv").write_text(HEADER + "1\tlong\tasleep\tn/a\n")
    with pytest.raises(UseError, match=r"night1\.csv: its labels, night1\.events\.tsv: line 2"):
        run([folder / "night1.csv"], Options())


def test_unknown_trial_types_are_named_and_left_out(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (folder / "night0.events.tsv").write_text("onset\tduration\teventType\n5\t9\tlunch\n100\t30\tsz_foc_a\n")
    everything = as_json([folder / "night0.csv"], capsys)
    assert list(everything["unknown_labels"].values()) == [["lunch"]]
    assert everything["systems"]["sleepclip"]["sensitivity"]["seizure"]["of"] == 1


def test_unknown_trial_types_are_warned_of(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (folder / "night0.events.tsv").write_text(HEADER + "5\t9\tlunch\tn/a\n")
    run([folder / "night0.csv"], Options())
    assert "trial_type is not known here: lunch" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("path", "says"),
    [("empty", "no recording here"), ("nowhere", "no such file or folder"), ("notes.txt", "not a recording")],
)
def test_no_recordings_is_wrong_use(tmp_path: Path, path: str, says: str) -> None:
    (tmp_path / "empty").mkdir()
    (tmp_path / "notes.txt").write_text("x")
    with pytest.raises(UseError, match=says):
        run([tmp_path / path], Options())


def test_recordings_are_found_once_in_order_in_folders_below(folder: Path) -> None:
    (folder / "b").mkdir()
    shutil.copy(folder / "night0.csv", folder / "b" / "x.CSV")
    found = find([folder, folder / "night0.csv"])
    assert [r.path.name for r in found] == ["x.CSV", "night0.csv", "night1.csv", "night2.csv"]


def test_labels_lie_beside_by_name_or_by_bids(tmp_path: Path) -> None:
    recording = tmp_path / "sub-01_task-sleep_acc.edf"
    assert labels_path(recording).name == "sub-01_task-sleep_acc.events.tsv"
    bids = tmp_path / "sub-01_task-sleep_events.tsv"
    bids.write_text(HEADER)
    assert labels_path(recording) == bids


def test_help_shows_an_example_and_needs_no_heavy_import() -> None:
    code = "import sys; from monitor.evaluate import evaluate; print('scipy' in sys.modules)"
    loaded = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert loaded.stdout.strip() == "False"
    assert "sleepclip evaluate" in (evaluate.epilog or "")


def test_a_narrow_terminal_breaks_lines_and_hides_nothing(
    folder: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TTY_COMPATIBLE", "1")  # what rich takes for a terminal
    monkeypatch.setenv("COLUMNS", "80")
    run([folder], Options(peers=("osd",)))
    shown = re.sub(r"\x1b\[[0-9;]*m", "", capsys.readouterr().out)
    assert max(map(len, shown.splitlines())) == 80
    assert "…" not in shown
    assert {"rhythmic", "stiffening", "median", "osd", "handling"} <= set(shown.split())
