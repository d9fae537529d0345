"""The stand-in for bluetoothd has the quirks that were measured on BlueZ 5.66; without them it would prove little."""

import asyncio
from typing import Any

import pytest
from bleak import BleakClient, BleakScanner
from bleak.exc import BleakError

from sensor.clips.sleepclip import SLEEPCLIP
from sensor.virtual import VirtualClip

START_100_HZ = b"\x01\x64"


async def packets_of(clip: VirtualClip) -> tuple[BleakClient, list[bytes]]:
    device = await BleakScanner.find_device_by_address(clip.address)
    assert device is not None
    client = BleakClient(device)
    await client.connect()
    packets: list[bytes] = []
    await client.start_notify(SLEEPCLIP.traits.data_uuid, lambda _, data: packets.append(bytes(data)))
    await client.write_gatt_char(str(SLEEPCLIP.traits.control_uuid), START_100_HZ)
    async with asyncio.timeout(10):
        while len(packets) < 4:  # noqa: ASYNC110 - it looks at what the clip does
            await asyncio.sleep(0.01)
    return client, packets


@pytest.mark.parametrize(("leaves", "times"), [(True, 1), (False, 2)])
async def test_packets_double_after_a_loss_unless_the_old_client_disconnects(
    leaves: bool,  # noqa: FBT001 - a case
    times: int,
    bluez: Any,
) -> None:
    clip = VirtualClip(SLEEPCLIP)
    daemon = await bluez(clip)
    first, _ = await packets_of(clip)
    daemon.lose(clip)
    if leaves:
        await first.disconnect()
    second, packets = await packets_of(clip)
    assert packets.count(packets[1]) == times
    await first.disconnect()
    await second.disconnect()


async def test_a_client_whose_connection_raced_is_stuck(bluez: Any) -> None:
    clip = VirtualClip(SLEEPCLIP)
    daemon = await bluez(clip)
    daemon.late_s = 0.02
    device = await BleakScanner.find_device_by_address(clip.address)
    assert device is not None
    client = BleakClient(device)
    with pytest.raises(BleakError, match="device disconnected"):
        await client.connect()
    daemon.late_s = 0.0
    with pytest.raises(BleakError, match="already connected"):
        await client.connect()
    await asyncio.sleep(0.1)
    async with BleakClient(device) as fresh:
        assert fresh.is_connected
    await client.disconnect()


async def test_a_silent_or_killed_daemon_leaves_the_client_connected(bluez: Any) -> None:
    clip = VirtualClip(SLEEPCLIP)
    daemon = await bluez(clip)
    client, packets = await packets_of(clip)
    await daemon.kill()
    came = len(packets)
    await asyncio.sleep(0.3)
    assert client.is_connected
    assert len(packets) == came
    await daemon.start()
    with pytest.raises(BleakError):
        await client.disconnect()
