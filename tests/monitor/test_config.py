import re
from pathlib import Path

import msgspec
import pytest

from alerts.mqtt import BrokerSettings
from monitor.config import EXAMPLE_FILE, Config, find, load, parse, read
from monitor.errors import UseError
from monitor.example import example

CLIP = '[[clip]]\nname = "baby"\naddress = "C0:FF:EE:A1:B2:C3"\n'


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("clip = ", "no valid TOML"),
        ("[mqtt]\nhost = a", "line 2"),
        ("colour = 'red'", "colour: unknown key: remove it; known here are clip, mqtt"),
        ("[mqtt]\nhost = ' '", "mqtt: host is empty: give the broker's name or address, or leave the line out"),
        ("[mqtt]\nhots = 'a'", "mqtt.hots: unknown key: did you mean 'host'?"),
        ("[detector.quiet]\nflor_mg = 1", "detector.quiet.flor_mg: unknown key: did you mean 'floor_mg'?"),
        ("[mqtt]\nport = 0", "mqtt.port = 0: expected a whole number >= 1"),
        ("[mqtt]\nport = '1883'", 'mqtt.port = "1883": expected a whole number, got text in quotes'),
        ("mqtt = 3", "mqtt = 3: expected a table"),
        ("[notify]\ncommand = 'siren'", 'notify.command = "siren": expected a list'),
        ("[notify]\npriorities = ['hihg']", "notify.priorities 1 = \"hihg\": expected one of 'high'"),
        ("[policy]\nmerge_s = -1", "policy.merge_s = -1: expected a number >= 0"),
        ("[policy]\nmerge_s = nan", "policy.merge_s = nan: expected a finite number"),
        (CLIP + "rate_hz = inf", "clip 1, rate_hz = inf: expected a finite number"),
        ("[monitoring]\nback_on = '25:00'", "back_on '25:00' must be a time like '18:00', or 'never'"),
        ("[conditions]\nbattery_low_percent = 50", "conditions: battery_good_percent must be above"),
        ("[recording]\ndirectory = 'nights'", "directory 'nights' must begin with / or ~/"),
        ("[recording]\ndirectory = '~nobody/nights'", "directory '~nobody/nights' must begin"),
        ("clip = 3", "clip = 3: expected a list, in [ ], or tables under [[ ]]"),
        ("[[clip]]\naddress = 'C0:FF:EE:A1:B2:C3'", "clip 1, name: this key is missing: add it"),
        ("[[clip]]\nname = 'baby'", "clip 1: clip 'baby' needs an address: 'sleepclip scan' shows it"),
        ("[[clip]]\nname = 'My baby'\naddress = 'C0:FF:EE:A1:B2:C3'", "name 'My baby' goes into topics"),
        ("[[clip]]\nname = 'baby'\naddress = 'C0:FF'", "address 'C0:FF' must look like"),
        (CLIP + "family = 'polr'", "family 'polr' is none of sleepclip, polar"),
        (CLIP + "family = 'polar'\nrate_hz = 3", "rate_hz 3 is none of this family's: 50, 52"),
        (CLIP + CLIP, "more than one clip is called 'baby'"),
        (CLIP + "[[clip]]\nname = 'twin'\naddress = 3", "clip 2, address = 3: expected text in quotes"),
    ],
)
def test_a_fault_is_told_by_key_value_and_mend(text: str, says: str) -> None:
    with pytest.raises(ValueError, match=re.escape(says)) as told:
        parse(text)
    assert "`" not in str(told.value)


def test_the_clip_may_leave_its_family_and_rate_to_the_advertisement() -> None:
    (clip,) = parse(CLIP).clips
    assert (clip.name, clip.family, clip.rate_hz) == ("baby", None, None)


@pytest.mark.parametrize("content", [b"\xff\xfe", None])
def test_an_unreadable_file_is_named(tmp_path: Path, content: bytes | None) -> None:
    path = tmp_path / "config.toml"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(UseError, match=re.escape(str(path))):
        read(path)
    with pytest.raises(UseError, match="Is a directory"):
        read(tmp_path)


def test_a_table_changes_only_what_it_names() -> None:
    detector = parse("[detector.sway_quiet]\nquantile = 0.4").detector
    assert msgspec.structs.replace(detector.sway_quiet, quantile=Config().detector.sway_quiet.quantile) == (
        Config().detector.sway_quiet
    )


def test_a_file_that_is_named_must_be_there(tmp_path: Path) -> None:
    with pytest.raises(UseError, match="No such file"):
        load(tmp_path / "absent.toml")


def test_the_users_file_counts_where_none_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    assert find(None) != tmp_path / "sleepclip" / "config.toml"
    mine = tmp_path / "sleepclip" / "config.toml"
    mine.parent.mkdir()
    mine.write_text(CLIP)
    assert find(None) == mine
    assert len(load(None).clips) == 1
    assert find(tmp_path / "other.toml") == tmp_path / "other.toml"


def test_the_example_is_what_the_settings_say() -> None:
    assert EXAMPLE_FILE.read_text() == example(), "run: python -m monitor.example > monitor/example.toml"


def test_the_example_can_be_used_as_it_is() -> None:
    shown = parse(EXAMPLE_FILE.read_text())
    assert [clip.name for clip in shown.clips] == ["baby"]
    assert msgspec.structs.replace(shown, clips=()) == Config(mqtt=BrokerSettings())


def test_every_key_of_the_example_may_be_uncommented() -> None:
    lines = [re.sub(r"^#(?=\w+ = )", "", line) for line in EXAMPLE_FILE.read_text().splitlines()]
    uncommented = parse("\n".join(lines))
    assert uncommented.detector == Config().detector
    assert uncommented.mqtt is not None
    assert uncommented.mqtt.username == "sleepclip"
