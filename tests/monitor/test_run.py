import asyncio
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from alerts.mqtt import BrokerSettings, Connection, Incoming
from monitor.config import parse
from monitor.errors import FailureError
from monitor.run import Monitor, alone
from monitor.systemd import Systemd
from processing.samples import Floats
from sensor.clips import FAMILIES
from sensor.recording import Recording
from sensor.simulator import simulate
from sensor.stream import Packet, StreamItem
from sensor.virtual import VirtualClip
from sensor.virtual.bluez import FakeBluez, private_bus

Sleepclip = Callable[..., Any]
PATIENCE_S = 60.0
ADDRESS = "C4:F2:17:1A:1D:AA"


@pytest.fixture
async def bus() -> AsyncIterator[str]:
    if shutil.which("dbus-daemon") is None:
        pytest.skip("dbus-daemon is not installed (Debian: dbus)")
    async with private_bus() as address:
        yield address


class Program:
    """`sleepclip run` as a process, with this test as its service manager."""

    def __init__(self, folder: Path, broker: BrokerSettings, bus: str) -> None:
        self.nights = folder / "nights"
        self.config = folder / "config.toml"
        self.config.write_text(
            f'[[clip]]\nname = "baby"\naddress = "{ADDRESS}"\n[mqtt]\nhost = "{broker.host}"\nport = {broker.port}\n'
            f'[recording]\ndirectory = "{self.nights}"\n'
        )
        self._notify = folder / "notify"
        self._environment = os.environ | {"DBUS_SYSTEM_BUS_ADDRESS": bus, "NOTIFY_SOCKET": str(self._notify)}
        self._manager = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self._manager.bind(str(self._notify))
        self._manager.settimeout(0)

    async def start(self) -> asyncio.subprocess.Process:
        return await asyncio.create_subprocess_exec(
            sys.executable, "-m", "monitor.cli", "run", "--config", self.config, env=self._environment
        )

    async def told(self) -> str:
        """Give the next message to the service manager."""
        async with asyncio.timeout(PATIENCE_S):
            return (await asyncio.get_running_loop().sock_recv(self._manager, 4096)).decode()

    def close(self) -> None:
        self._manager.close()


@asynccontextmanager
async def program(folder: Path, broker: BrokerSettings, bus: str) -> AsyncIterator[tuple[Program, Any]]:
    started = Program(folder, broker, bus)
    running = await started.start()
    try:
        yield started, running
    finally:
        started.close()
        if running.returncode is None:
            running.kill()
        await running.wait()


async def until(connection: Connection, wanted: Callable[[Incoming], bool]) -> list[Incoming]:
    """Listen until a message is the one that is wanted; give all up to it."""
    heard: list[Incoming] = []
    async with asyncio.timeout(PATIENCE_S):
        async for message in connection.incoming():
            heard.append(message)
            if wanted(message):
                break
    return heard


def payload(message: Incoming) -> dict[str, Any]:
    return dict(json.loads(message.payload))


def short_id(event: dict[str, Any]) -> str:
    return str(event["id"]).partition(":")[2]


def jerking_g() -> Floats:
    """Half a minute of rhythmic jerking, large enough to stand out before the clip's own quiet is known."""
    simulation = simulate("rhythmic-awake", seed=3)
    (onset_s,) = (label.onset_s for label in simulation.labels if label.kind == "rhythmic")
    first = int(np.searchsorted(simulation.time_s, onset_s))
    felt_g = simulation.accel_g[first : first + 1500]
    rest_g = np.median(felt_g, axis=0)
    return np.asarray(rest_g + 6 * (felt_g - rest_g))


async def test_a_killed_run_leaves_what_it_told(
    tmp_path: Path, broker: BrokerSettings, bus: str, sleepclip: Sleepclip
) -> None:
    clip = VirtualClip(FAMILIES["sleepclip"], address=ADDRESS, movement_g=jerking_g())
    async with (
        FakeBluez(bus, [clip]),
        Connection(broker, ["sleepclip/baby/#"]) as listener,
        program(tmp_path, broker, bus) as (started, running),
    ):
        assert await started.told() == "READY=1"
        heard = await until(listener, lambda m: m.topic.endswith("/alert") and payload(m)["raising"] == "rhythmic")
        await asyncio.sleep(6)  # what was told is older than the 5 s that a power cut may cost
        running.kill()
    live = {short_id(payload(message)) for message in heard if message.topic.endswith("/event")}
    (recording,) = started.nights.glob("baby-*.mcap")
    done = sleepclip("detect", recording)
    assert done.status == 0, done.err
    lines = [json.loads(line) for line in done.out.splitlines()]
    assert live <= {line["id"] for line in lines if line["type"] == "event"}
    alert = payload(heard[-1])
    assert {short_id(alert): alert["text"]}.items() <= {
        line["id"]: line["text"] for line in lines if line["type"] == "alert"
    }.items()


async def test_a_machine_without_bluetooth_says_so_and_stops_when_told(tmp_path: Path, broker: BrokerSettings) -> None:
    nowhere = f"unix:path={tmp_path}/absent"
    async with (
        Connection(broker, ["sleepclip/#"]) as listener,
        program(tmp_path, broker, nowhere) as (started, running),
    ):
        heard = await until(listener, lambda m: m.topic.endswith("/fault") and payload(m)["raising"] == "adapter")
        assert "D-Bus cannot be reached" in payload(heard[-1])["text"]
        running.send_signal(signal.SIGTERM)
        offline = await until(
            listener, lambda m: m.topic == "sleepclip/bridge/availability" and m.payload == b"offline"
        )
        assert offline
        assert await running.wait() == 0
        told = [await started.told() for _ in range(2)]
        assert told[0] == "READY=1"
        assert told[1].startswith("WATCHDOG=1\nSTATUS=baby ")


def test_two_runs_never_fight_over_a_clip(monkeypatch: pytest.MonkeyPatch) -> None:
    clips = parse(f'[[clip]]\nname = "baby"\naddress = "{ADDRESS}"\n').clips
    renamed = parse(f'[[clip]]\nname = "leg"\naddress = "{ADDRESS.lower()}"\n').clips
    other = parse(f'[[clip]]\nname = "twin"\nadvertised_name = "{"Puck.js" * 30}"\n').clips
    with alone(clips), alone(other):
        with pytest.raises(FailureError, match="another 'sleepclip run' watches the clip leg"), alone([*renamed]):
            pass
        monkeypatch.setenv("DBUS_SYSTEM_BUS_ADDRESS", "unix:path=/another")
        with alone(clips):
            pass
        monkeypatch.undo()
    with alone(clips):
        pass


class Broken:
    """A source with a bug: the stream it gives breaks."""

    async def __aenter__(self) -> AsyncIterator[StreamItem]:
        return self._stream()

    async def __aexit__(self, *_: object) -> None:
        return None

    async def _stream(self) -> AsyncIterator[StreamItem]:
        for item in simulate("quiet", seed=1).items[:100]:
            yield item
        raise ZeroDivisionError("a bug")


def recorded_packets(folder: Path) -> int:
    return sum(isinstance(item, Packet) for path in folder.glob("*.mcap") for item in Recording(path))


async def test_a_bug_ends_the_program_and_leaves_the_recording(tmp_path: Path) -> None:
    config = parse(
        f'[[clip]]\nname = "baby"\naddress = "{ADDRESS}"\n[mqtt]\nhost = "127.0.0.1"\nport = 1\n'
        f'[recording]\ndirectory = "{tmp_path}"\nmin_free_mb = 10\n'
    )
    with pytest.raises(ExceptionGroup) as bug:
        await Monitor(config, {"baby": Broken()}, Systemd({})).run(asyncio.Event())
    assert bug.group_contains(ZeroDivisionError)
    assert recorded_packets(tmp_path) > 90


def test_run_imports_neither_the_embedded_broker_nor_what_only_people_look_at() -> None:
    script = "import sys, monitor.run, monitor.config; print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    heavy = {"amqtt", "matplotlib", "rich", "distributed", "bumble", "edfio", "sensor.simulator", "click"}
    assert not heavy & set(done.stdout.split())
