import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from monitor.check import Grade, clip_finding, configuration, disk, notify
from monitor.config import ClipSettings, Config, parse
from monitor.nights import RecordingSettings
from monitor.scan import clip_tables, signal_words
from sensor.ble import Found
from sensor.clips import FAMILIES

Sleepclip = Callable[..., Any]
BABY = ClipSettings(name="baby", address="C0:FF:EE:A1:B2:C3")


def found(family: str | None) -> Found:
    return Found(
        address="C0:FF:EE:A1:B2:C3",
        name="clip",
        family=FAMILIES[family] if family else None,
        rssi_dbm=-60,
        device=None,  # type: ignore[arg-type]  # bleak's own handle; nobody connects here
    )


def test_everything_is_looked_at_although_nothing_is_there(
    sleepclip: Sleepclip, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DBUS_SYSTEM_BUS_ADDRESS", f"unix:path={tmp_path}/absent")
    config = tmp_path / "config.toml"
    config.write_text(
        f'[[clip]]\nname = "baby"\naddress = "C0:FF:EE:A1:B2:C3"\n[mqtt]\nhost = "127.0.0.1"\nport = 1\n'
        f'[recording]\ndirectory = "{tmp_path}"\n[notify]\ncommand = ["{tmp_path}/siren"]\n'
    )
    done = sleepclip("check", "--config", config)
    assert done.status == 1
    lines = done.out.splitlines()
    looked_at = [line[2:].partition(":")[0] for line in lines if not line.startswith(" ") and line]
    assert looked_at == ["configuration", "D-Bus", "broker", "clock", "disk", "notify"]
    bad = [number for number, line in enumerate(lines) if line.startswith("✗")]
    assert all(lines[number + 1].startswith("    ") for number in bad)
    assert done.err == "sleepclip: D-Bus, broker, notify: see the mend above\n"


@pytest.mark.parametrize(
    ("configured", "seen", "grade"),
    [
        (None, "polar", Grade.GOOD),
        ("polar", "polar", Grade.GOOD),
        ("polar", None, Grade.GOOD),
        (None, None, Grade.BAD),
        ("polar", "microbit", Grade.BAD),
    ],
)
def test_a_clip_must_be_of_its_family(configured: str | None, seen: str | None, grade: Grade) -> None:
    clip = ClipSettings(name="baby", address="C0:FF:EE:A1:B2:C3", family=configured)
    assert clip_finding("clip baby", clip, found(seen)).grade is grade


@pytest.mark.parametrize(
    ("config", "path", "grade"),
    [
        (Config(), None, Grade.BAD),
        (Config(), Path("a.toml"), Grade.BAD),
        (Config(clips=(BABY,)), Path("a"), Grade.GOOD),
    ],
)
def test_a_configuration_must_name_a_clip(config: Config, path: Path | None, grade: Grade) -> None:
    assert configuration(config, path).grade is grade


def test_the_disk_must_have_room(tmp_path: Path) -> None:
    def judged(**settings: Any) -> Grade:
        return disk(Config(recording=RecordingSettings(**settings))).grade

    (tmp_path / "file").touch()
    assert judged(directory=str(tmp_path), min_free_mb=10) is Grade.GOOD
    assert judged(directory=str(tmp_path / "new"), min_free_mb=10) is Grade.GOOD
    assert judged(directory=str(tmp_path), min_free_mb=10**9) is Grade.BAD
    assert judged(directory=str(tmp_path / "file" / "nights")) is Grade.BAD
    assert judged(enabled=False) is Grade.WARNING
    assert not (tmp_path / "new").exists()


def test_the_command_must_be_a_program(tmp_path: Path) -> None:
    assert notify([sys.executable]).grade is Grade.GOOD
    assert notify([str(tmp_path / "siren")]).grade is Grade.BAD


def test_scan_prints_what_the_configuration_reads() -> None:
    two = parse(clip_tables([found("polar"), found("microbit")])).clips
    assert [(clip.name, clip.family) for clip in two] == [("baby1", "polar"), ("baby2", "microbit")]
    (one,) = parse(clip_tables([found("sleepclip")])).clips
    assert one.name == "baby"


@pytest.mark.parametrize(("dbm", "words"), [(-60, "good"), (-80, "fair"), (-95, "weak"), (None, "connected")])
def test_a_signal_is_said_in_words(dbm: int | None, words: str) -> None:
    assert words in signal_words(dbm)
