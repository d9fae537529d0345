import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from monitor.demo import demo, fixtures
from monitor.errors import FailureError

Sleepclip = Callable[..., Any]


@pytest.fixture
def stage(tmp_path: Path) -> Path:
    """One real recording and one simulated, as a demo of their own."""
    for name in ("real/chest_at_rest_1.mcap", "simulated/rhythmic_awake.mcap", "simulated/rhythmic_awake.events.tsv"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        shutil.copy(fixtures() / name, tmp_path / name)
    (tmp_path / "manifest.toml").write_text(
        '[[recording]]\nfile = "real/chest_at_rest_1.mcap"\nwhat = "at rest"\nwearer = "adult"\n'
        '[[recording]]\nfile = "simulated/rhythmic_awake.mcap"\nwhat = "a rhythm"\nwearer = "simulated baby"\n'
        'labels = "simulated/rhythmic_awake.events.tsv"\n'
    )
    return tmp_path


def test_the_demo_tells_what_it_should(sleepclip: Sleepclip) -> None:
    shown = sleepclip("demo")
    assert shown.status == 0, shown.out + shown.err
    assert "not a medical device" in shown.out
    assert "A second client listens" in shown.out
    assert "HIGH  rhythmic" in shown.out
    assert "✗" not in shown.out
    for recording in sorted(fixtures().rglob("*.mcap")):
        assert recording.stem in shown.out


def test_the_real_recordings_raise_none(sleepclip: Sleepclip) -> None:
    for recording in sorted((fixtures() / "real").glob("*.mcap")):
        assert sleepclip("detect", recording, "--alerts-only").out == ""


def test_an_alert_that_is_missing_fails_the_demo(stage: Path) -> None:
    labels = stage / "simulated" / "rhythmic_awake.events.tsv"
    labels.write_text("onset\tduration\ttrial_type\n30\t20\tspasm_cluster\n" + labels.read_text().partition("\n")[2])
    with pytest.raises(FailureError, match="spasm_cluster at 30 s was not told"):
        demo(stage)


def test_an_alert_on_a_real_recording_fails_the_demo(stage: Path) -> None:
    manifest = stage / "manifest.toml"
    manifest.write_text(manifest.read_text().partition("labels =")[0])  # as if it had been measured
    with pytest.raises(FailureError, match=r"rhythmic at .* has no cause"):
        demo(stage)


def test_a_false_alert_on_a_simulated_baby_is_shown(stage: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (stage / "simulated" / "rhythmic_awake.events.tsv").write_text("onset\tduration\ttrial_type\n0\t9\tawake\n")
    demo(stage)
    assert "! 20 min: a false alert, rhythmic" in capsys.readouterr().out
