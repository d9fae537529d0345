"""A virtual clip as its own process, found from another."""

import asyncio
import shutil
import sys

import pytest

from sensor.ble import Radio, RadioSettings, scan


async def test_a_virtual_clip_is_found_from_another_process(
    fast: RadioSettings, monkeypatch: pytest.MonkeyPatch
) -> None:
    if shutil.which("dbus-daemon") is None:
        pytest.skip("dbus-daemon is not installed (Debian: dbus)")
    arguments = ("-m", "sensor.virtual", "--clip", "movesense", "--scenario", "quiet")
    clip = await asyncio.create_subprocess_exec(sys.executable, *arguments, stdout=asyncio.subprocess.PIPE)
    assert clip.stdout is not None
    try:
        export = (await clip.stdout.readline()).decode()
        monkeypatch.setenv("DBUS_SYSTEM_BUS_ADDRESS", export.split("'")[1])
        (found,) = await scan(0.5, radio=Radio(fast))
        assert (found.name, found.battery_percent) == ("Movesense", 87)
    finally:
        clip.terminate()
        assert await clip.wait() == 0
