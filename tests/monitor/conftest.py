"""Recordings to try commands on, and the command itself as a user starts it."""

import asyncio
import os
import shutil
import socket
import subprocess
import sys
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from alerts.mqtt import BrokerSettings
from monitor.cli import main
from processing.samples import Readings
from sensor.convert import convert, record
from sensor.simulator import simulate


@dataclass(frozen=True)
class Done:
    """How a command ended, and what it said."""

    status: int
    out: str
    err: str


Sleepclip = Callable[..., Done]


@pytest.fixture
def sleepclip(capsys: pytest.CaptureFixture[str]) -> Sleepclip:
    """Run a command in this process."""

    def run(*arguments: str | Path) -> Done:
        capsys.readouterr()
        with pytest.raises(SystemExit) as end:
            main([str(argument) for argument in arguments])
        assert isinstance(end.value.code, int)
        return Done(end.value.code, *capsys.readouterr())

    return run


@pytest.fixture(scope="session")
def sleepclip_process() -> Sleepclip:
    """Run a command in a process of its own."""

    def run(*arguments: str | Path) -> Done:
        command = [sys.executable, "-m", "monitor.cli", *map(str, arguments)]
        done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)
        return Done(done.returncode, done.stdout, done.stderr)

    return run


@pytest.fixture(scope="session")
def rhythmic_awake(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Ten minutes with rhythmic jerking of an awake baby, as packets."""
    path = tmp_path_factory.mktemp("recordings") / "awake.mcap"
    items = simulate("rhythmic-awake", seed=3).items
    record(path, (item for item in items if not isinstance(item, Readings) and item.at_s < items[0].at_s + 600))  # type: ignore[union-attr]
    return path


@pytest.fixture(scope="session")
def rhythmic_awake_csv(rhythmic_awake: Path) -> Path:
    """The same as a table."""
    path = rhythmic_awake.with_suffix(".csv")
    convert(rhythmic_awake, path)
    return path


def free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])


@pytest.fixture
async def broker(tmp_path: Path) -> AsyncIterator[BrokerSettings]:
    program = shutil.which("mosquitto", path=f"{os.environ['PATH']}:/usr/sbin")
    if program is None:
        pytest.skip("mosquitto is not installed (Debian: mosquitto)")
    port = free_port()
    settings_file = tmp_path / "mosquitto.conf"
    settings_file.write_text(f"listener {port} 127.0.0.1\nallow_anonymous true\n")
    running = await asyncio.create_subprocess_exec(program, "-c", settings_file, stderr=subprocess.DEVNULL)
    async with asyncio.timeout(60):
        while True:
            try:
                _, writer = await asyncio.open_connection("127.0.0.1", port)
            except OSError:
                await asyncio.sleep(0.02)
            else:
                writer.close()
                break
    yield BrokerSettings(host="127.0.0.1", port=port, client_id="listener")
    running.terminate()
    await running.wait()
