"""Recordings to try commands on, and the command itself as a user starts it."""

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from monitor.simulate import simulate

Sleepclip = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture(scope="session")
def sleepclip() -> Sleepclip:
    def run(*arguments: str | Path) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-m", "monitor.cli", *map(str, arguments)]
        return subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)

    return run


@pytest.fixture(scope="session")
def rhythmic_awake(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Twenty minutes with rhythmic jerking of an awake baby."""
    path = tmp_path_factory.mktemp("recordings") / "awake.mcap"
    simulate("rhythmic-awake", path, seed=3, family="sleepclip")
    return path
