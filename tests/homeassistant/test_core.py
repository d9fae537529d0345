"""Runs the tests of core/ in a real Home Assistant core, where its environment has been made."""

import os
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
CACHE = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
PYTHON = CACHE / "sleepclip" / "homeassistant" / "bin" / "python"


@pytest.mark.skipif(not PYTHON.exists(), reason="no Home Assistant here: tests/homeassistant/make_venv makes one")
def test_in_a_home_assistant_core() -> None:
    core = ROOT / "tests" / "homeassistant" / "core"
    ran = subprocess.run(
        [str(PYTHON), "-m", "pytest", "-q", "-c", str(core / "pytest.ini"), str(core)],
        cwd=core,
        env={**os.environ, "PYTHONPATH": str(ROOT), "PYTHONDONTWRITEBYTECODE": "1"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert ran.returncode == 0, ran.stdout[-5000:] + ran.stderr[-2000:]
