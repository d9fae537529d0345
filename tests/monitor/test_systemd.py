import os
import shutil
import socket
import subprocess
from pathlib import Path

import pytest

from monitor.systemd import ALIVE, READY, Systemd, status


@pytest.mark.parametrize("abstract", [False, True])
def test_messages_arrive_in_one_datagram(tmp_path: Path, *, abstract: bool) -> None:
    name = f"@sleepclip-test-{os.getpid()}" if abstract else str(tmp_path / "notify")
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as manager:
        manager.bind("\0" + name[1:] if abstract else name)
        Systemd({"NOTIFY_SOCKET": name}).notify(READY, ALIVE, status("two\nclips"))
        assert manager.recv(1000) == b"READY=1\nWATCHDOG=1\nSTATUS=two clips"


def test_a_manager_that_does_not_read_holds_nothing_up(tmp_path: Path) -> None:
    name = str(tmp_path / "notify")
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as manager:
        manager.bind(name)
        for _ in range(10_000):
            Systemd({"NOTIFY_SOCKET": name}).notify(ALIVE)
        assert manager.recv(1000) == b"WATCHDOG=1"
    Systemd({"NOTIFY_SOCKET": name}).notify(ALIVE)  # nobody listens any more
    Systemd({"NOTIFY_SOCKET": f"{name}-absent"}).notify(ALIVE)


def test_without_a_service_manager_nothing_is_sent() -> None:
    Systemd({}).notify(READY)


@pytest.mark.parametrize(
    ("environment", "watchdog_s"),
    [
        ({}, None),
        ({"WATCHDOG_USEC": "30000000"}, 30.0),
        ({"WATCHDOG_USEC": "30000000", "WATCHDOG_PID": str(os.getpid())}, 30.0),
        ({"WATCHDOG_USEC": "30000000", "WATCHDOG_PID": "1"}, None),
    ],
)
def test_the_watchdog_is_ours_only_when_it_names_us(environment: dict[str, str], watchdog_s: float | None) -> None:
    assert Systemd(environment).watchdog_s == watchdog_s


def test_the_unit_is_one_systemd_understands() -> None:
    if shutil.which("systemd-analyze") is None:
        pytest.skip("systemd-analyze is not installed (Debian: systemd)")
    unit = Path(__file__).parents[2] / "packaging" / "sleepclip.service"
    done = subprocess.run(["systemd-analyze", "verify", unit], capture_output=True, text=True, check=False)
    complaints = [line for line in done.stderr.splitlines() if "sleepclip.service" in line]
    assert [line for line in complaints if "is not executable" not in line] == []
