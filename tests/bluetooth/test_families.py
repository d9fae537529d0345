"""Every family through bleak, from movement to readings: behind a stand-in for bluetoothd, and over bumble's GATT."""

from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from typing import Any

import numpy as np
import pytest

from processing.detector import Detector
from processing.events import Event
from processing.resampling import Resampler
from processing.samples import Floats, Readings
from sensor.ble import LiveClip, Radio, RadioSettings
from sensor.clips import FAMILIES
from sensor.clips.family import Family
from sensor.readings import Assembler
from sensor.stream import LinkUp
from sensor.virtual import VirtualClip

Listening = Callable[[LiveClip], AbstractAsyncContextManager[Any]]

COUNTED = ("sleepclip", "polar", "polar_h10", "movesense")
"""Those with a counter or a clock: their losses are known to the sample."""

every_family = pytest.mark.parametrize("family", FAMILIES.values(), ids=FAMILIES)


@pytest.fixture(params=["bluez", "bumble"])
def on_air(request: pytest.FixtureRequest, fast: RadioSettings) -> Callable[[VirtualClip], Any]:
    """Put a clip on the air, and give a radio that hears it."""

    @asynccontextmanager
    async def on_bluez(clip: VirtualClip) -> AsyncIterator[Radio]:
        await request.getfixturevalue("bluez")(clip)
        yield Radio(fast)

    @asynccontextmanager
    async def on_bumble(clip: VirtualClip) -> AsyncIterator[Radio]:
        pytest.importorskip("bumble", reason="bumble is not installed (pip install sleepclip[virtual])")
        from sensor.ble.in_process import backend  # noqa: PLC0415 - optional
        from sensor.virtual.air import Air  # noqa: PLC0415 - optional

        air = Air()
        async with air.clip(clip), backend(air) as virtual:
            yield Radio(fast, virtual)

    if request.param == "bluez":
        request.getfixturevalue("bluez")
        return on_bluez
    return on_bumble


def wave() -> Floats:
    """2 s at 50 Hz of which every value differs from the one before."""
    time_s = np.arange(100) / 50
    return np.stack([0.5 * np.sin(np.pi * time_s), 0.3 * np.cos(3 * np.pi * time_s), 0.8 + 0.1 * time_s], axis=1)


def felt(items: list[Any]) -> list[Readings]:
    assembler = Assembler()
    return [readings for item in items for readings in assembler.push(item)]


@every_family
async def test_movement_arrives(family: Family, on_air: Any, listening: Listening, balance: Any) -> None:
    clip = VirtualClip(family, movement_g=wave())
    async with on_air(clip) as radio, listening(LiveClip(radio, address=clip.address)) as listener:
        await listener.more(12 if family.traits.notifies_on_change else 60)
    (link,) = (item for item in listener.items if isinstance(item, LinkUp))
    assert (link.family, link.address, link.name) == (family.traits.name, clip.address, clip.name)
    assert link.rate_hz == family.traits.default_rate_hz
    assert not listener.causes
    rows = np.concatenate([readings.accel_g for readings in felt(listener.items)])
    every = round(50 / link.rate_hz) if link.rate_hz < 50 else 1  # a slow clip feels every so many rows
    nearest = np.abs(rows[:, None, :] - wave()[None, :, :]).max(axis=2)
    assert nearest.min(axis=1).max() <= family.traits.resolution_g
    steps = np.diff(nearest.argmin(axis=1)) % 100
    assert set(steps.tolist()) <= {0, every}
    if family.traits.name in COUNTED:
        balance(listener)
    assert {event.name for event in events(felt(listener.items))} & {"unknown", "awake"}


def events(readings: list[Readings]) -> list[Event]:
    resampler, detector = Resampler(), Detector()
    blocks = [samples for one in readings for samples in resampler.push(one)]
    return [*(event for block in [*blocks, *resampler.close()] for event in detector.push(block)), *detector.close()]


@every_family
async def test_link_lost_on_the_air(family: Family, fast: RadioSettings, listening: Listening) -> None:
    pytest.importorskip("bumble", reason="bumble is not installed (pip install sleepclip[virtual])")
    from sensor.ble.in_process import backend  # noqa: PLC0415 - optional
    from sensor.virtual.air import Air  # noqa: PLC0415 - optional

    clip, air = VirtualClip(family, movement_g=wave()), Air()
    async with (
        air.clip(clip),
        backend(air) as virtual,
        listening(LiveClip(Radio(fast, virtual), address=clip.address)) as listener,
    ):
        await listener.more(2)
        air.lose(clip)
        await listener.sessions(2)
        await listener.more(2)
    assert listener.causes == ["the link to the clip was lost"]
    assert listener.assembler.counts.doubles == 0


async def test_faults_on_the_air(fast: RadioSettings, listening: Listening, balance: Any) -> None:
    pytest.importorskip("bumble", reason="bumble is not installed (pip install sleepclip[virtual])")
    from sensor.ble.in_process import backend  # noqa: PLC0415 - optional
    from sensor.virtual.air import Air  # noqa: PLC0415 - optional

    clip, air = VirtualClip(FAMILIES["sleepclip"]), Air()
    clip.mtu = 23
    clip.faults.drop = clip.faults.double = clip.faults.cut = 0.1
    async with (
        air.clip(clip),
        backend(air) as virtual,
        listening(LiveClip(Radio(fast, virtual), address=clip.address, rate_hz=100.0)) as listener,
    ):
        await listener.more(150)
    counts = listener.assembler.counts
    assert min(counts.missing, counts.doubles, counts.malformed) > 0
    balance(listener)
