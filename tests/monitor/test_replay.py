import asyncio
import re
import sys
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import msgspec

from alerts.mqtt import BrokerSettings, Connection, Incoming
from monitor.listener import heard

Sleepclip = Callable[..., Any]


def test_a_recording_is_replayed_to_a_broker_of_its_own(sleepclip: Sleepclip, rhythmic_awake: Path) -> None:
    done = sleepclip("replay", rhythmic_awake)
    assert done.status == 0, done.err
    assert re.search(r"mosquitto_sub -h 127\.0\.0\.1 -p \d+ -t 'sleepclip/replay/#' -v", done.out)
    assert "HIGH  rhythmic" in done.out
    assert "film it" in done.out


def test_a_table_without_a_date_is_replayed_too(sleepclip: Sleepclip, rhythmic_awake_csv: Path) -> None:
    assert "HIGH  rhythmic" in sleepclip("replay", rhythmic_awake_csv).out


def test_a_broker_that_is_named_must_be_there(sleepclip: Sleepclip, rhythmic_awake: Path, tmp_path: Path) -> None:
    config = tmp_path / "config.toml"
    config.write_text("[mqtt]\nhost = '127.0.0.1'\nport = 1\n")
    done = sleepclip("replay", rhythmic_awake, "--config", config)
    assert done.status == 1
    assert len(done.err.splitlines()) == 1
    assert "nothing answers at the broker's address 127.0.0.1:1" in done.err


def message(*, raising: str | None, **others: Any) -> Incoming:
    told = {
        "kind": "rhythmic",
        "priority": "high",
        "technical": False,
        "since": "2026-03-01T02:00:00.000Z",
        "raised": "2026-03-01T02:00:12.000Z",
        "text": "Rhythmic jerking",
    }
    payload = {**told, "raising": raising, "others": [], **others}
    return Incoming("sleepclip/baby/alert", msgspec.json.encode(payload), retained=False)


def test_only_what_raises_an_alert_is_heard() -> None:
    assert heard(message(raising=None)) is None
    assert heard(Incoming("sleepclip/baby/alert", b"", retained=False)) is None


def test_an_alert_that_is_not_the_most_urgent_is_found_among_the_others() -> None:
    other = {
        "kind": "stiffening",
        "priority": "medium",
        "technical": False,
        "since": "2026-03-01T02:01:00.000Z",
        "raised": "2026-03-01T02:01:10.000Z",
        "text": "Stiffening",
    }
    alert = heard(message(raising="stiffening", others=[other]))
    assert alert is not None
    assert (alert.clip, alert.kind, alert.priority) == ("baby", "stiffening", "medium")
    assert alert.raised == datetime(2026, 3, 1, 2, 1, 10, tzinfo=UTC)


async def test_a_replay_at_a_broker_in_use_is_a_guest(
    broker: BrokerSettings, rhythmic_awake: Path, tmp_path: Path
) -> None:
    config = tmp_path / "config.toml"
    config.write_text(
        f'[mqtt]\nhost = "{broker.host}"\nport = {broker.port}\nclient_id = "{broker.client_id}"\n'
        '[[clip]]\nname = "baby"\naddress = "C0:FF:EE:A1:B2:C3"\n'
    )
    last: dict[str, bytes] = {}
    async with Connection(broker, ["sleepclip/#", "homeassistant/#"]) as live:
        command = [sys.executable, "-m", "monitor.cli", "replay", rhythmic_awake, "--config", config]
        replaying = await asyncio.create_subprocess_exec(*command)
        async for message in live.incoming():  # breaks if the replay takes the name of the live client
            last[message.topic] = message.payload
            if message.topic == "sleepclip/baby-replay/availability" and not message.payload:
                break
        assert await replaying.wait() == 0
    assert "sleepclip/baby-replay/event" in last
    assert {payload for topic, payload in last.items() if topic != "sleepclip/baby-replay/event"} == {b""}
    assert all("baby-replay" in topic for topic in last)
