"""Every fault that was seen or heard of, against bleak as it is and a stand-in for bluetoothd; recovery after each.

`balance` is the check of all of them: nothing twice, and received + missing = sent, to the sample.
"""

import asyncio
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from typing import Any

import msgspec
import pytest

from sensor.ble import BluetoothError, LiveClip, Radio, RadioSettings, diagnose, scan
from sensor.clips.microbit import MICROBIT
from sensor.clips.movesense import MOVESENSE
from sensor.clips.polar import POLAR
from sensor.clips.sleepclip import SLEEPCLIP
from sensor.stream import LinkUp
from sensor.virtual import VirtualClip
from sensor.virtual.bluez import BluezError

Listening = Callable[[LiveClip], AbstractAsyncContextManager[Any]]
Balance = Callable[[Any], None]


@pytest.fixture
def clip() -> VirtualClip:
    return VirtualClip(SLEEPCLIP)


@pytest.fixture
def live(radio: Radio, clip: VirtualClip) -> LiveClip:
    return LiveClip(radio, address=clip.address, rate_hz=100.0)


async def test_link_loss(bluez: Any, clip: VirtualClip, live: LiveClip, listening: Listening, balance: Balance) -> None:
    daemon = await bluez(clip)
    async with listening(live) as listener:
        for session in (1, 2, 3):
            await listener.sessions(session)
            await listener.more(20)
            daemon.lose(clip)
        await listener.sessions(4)
        await listener.more(20)
    assert listener.causes == ["the link to the clip was lost"] * 3
    assert all(item.at_s == round(item.at_s, 6) for item in listener.items)  # recordings count on it
    balance(listener)


async def test_link_loss_in_the_middle_of_a_packet(
    bluez: Any, radio: Radio, listening: Listening, balance: Balance
) -> None:
    clip = VirtualClip(MOVESENSE)
    clip.mtu = 23
    daemon = await bluez(clip)
    async with listening(LiveClip(radio, address=clip.address)) as listener:
        for session in (1, 2):
            await listener.sessions(session)
            await listener.until(lambda: listener.packets[-1].data[0] == 3)  # parts are on their way
            daemon.lose(clip)
        await listener.sessions(3)
        await listener.more(20)
    balance(listener)


async def test_a_clip_that_falls_silent(
    bluez: Any, clip: VirtualClip, live: LiveClip, listening: Listening, balance: Balance
) -> None:
    await bluez(clip)
    async with listening(live) as listener:
        await listener.more(20)
        clip.faults.silent = True
        await listener.until(lambda: len(listener.causes) >= 2)
        clip.faults.silent = False
        await listener.sessions(2)
        await listener.more(20)
    silent, nothing = listener.causes
    assert "sent nothing for" in silent
    assert "sends nothing that can be read" in nothing
    balance(listener)


async def test_a_read_that_hangs_hides_no_silence(
    bluez: Any, clip: VirtualClip, fast: RadioSettings, listening: Listening, balance: Balance
) -> None:
    daemon = await bluez(clip)
    daemon.unanswered = {"ReadValue"}
    patient = Radio(msgspec.structs.replace(fast, reply_s=300.0))
    async with listening(LiveClip(patient, address=clip.address)) as listener:
        await listener.more(20)
        clip.faults.silent = True
        await listener.until(lambda: listener.causes)
        clip.faults.silent = False
    assert "sent nothing for" in listener.causes[0]
    balance(listener)


@pytest.mark.parametrize("away_s", [0.0, 1.0])
async def test_bluetoothd_killed_and_restarted(
    away_s: float, bluez: Any, clip: VirtualClip, live: LiveClip, listening: Listening, balance: Balance
) -> None:
    daemon = await bluez(clip)
    async with listening(live) as listener:
        await listener.more(20)
        await daemon.kill()
        if away_s:
            await listener.until(lambda: "the Bluetooth service is not running" in listener.causes)
        await daemon.start()
        await listener.sessions(2)
        await listener.more(20)
    assert "sent nothing for" in listener.causes[0]
    balance(listener)


async def test_adapter_pulled_and_back(
    bluez: Any, clip: VirtualClip, live: LiveClip, listening: Listening, balance: Balance
) -> None:
    daemon = await bluez(clip)
    async with listening(live) as listener:
        await listener.more(20)
        daemon.pull()
        await listener.until(lambda: len(listener.causes) >= 2)
        daemon.plug()
        await listener.sessions(2)
        await listener.more(20)
    assert listener.causes == ["the link to the clip was lost", "there is no Bluetooth adapter"]
    balance(listener)


async def test_connect_race_and_stuck_client(
    bluez: Any, clip: VirtualClip, live: LiveClip, listening: Listening, balance: Balance
) -> None:
    daemon = await bluez(clip)
    daemon.late_s = 0.02
    async with listening(live) as listener:
        await listener.until(lambda: "Disconnect" in daemon.calls)  # the attempt that raced is given up
        daemon.late_s = 0.0
        await listener.more(20)
    assert daemon.calls.count("Connect") >= 2
    assert not listener.causes
    balance(listener)


async def test_errors_on_the_way(
    bluez: Any, clip: VirtualClip, live: LiveClip, listening: Listening, balance: Balance
) -> None:
    daemon = await bluez(clip)
    daemon.fail["StartDiscovery"] = [BluezError("InProgress", "Operation already in progress")]
    daemon.fail["Connect"] = [BluezError("Failed", "br-connection-canceled"), BluezError("InProgress")]
    daemon.fail["StartNotify"] = [BluezError("Failed", "Operation failed with ATT error: 0x0e")]
    daemon.fail["WriteValue"] = [BluezError("Failed", "Not connected")]
    async with listening(live) as listener:
        await listener.more(20)
    assert listener.causes[0] == "the Bluetooth adapter is busy"
    assert not any(daemon.fail.values())
    balance(listener)


async def test_garbage(bluez: Any, clip: VirtualClip, live: LiveClip, listening: Listening, balance: Balance) -> None:
    clip.faults.garbage = clip.faults.cut = 0.2
    await bluez(clip)
    async with listening(live) as listener:
        await listener.more(150)
        clip.faults.garbage = clip.faults.cut = 0.0
        await listener.more(20)
    assert listener.assembler.counts.malformed > 0
    assert listener.assembler.counts.missing > 0
    assert listener.count(LinkUp) == 1
    balance(listener)


async def test_nothing_but_garbage_is_silence(
    bluez: Any, clip: VirtualClip, live: LiveClip, listening: Listening, balance: Balance
) -> None:
    await bluez(clip)
    async with listening(live) as listener:
        await listener.more(20)
        clip.faults.cut = 1.0
        await listener.until(lambda: len(listener.causes) >= 1)
        clip.faults.cut = 0.0
        await listener.sessions(2)
        await listener.more(20)
    balance(listener)


@pytest.mark.parametrize("family", [SLEEPCLIP, MOVESENSE, POLAR], ids=lambda family: family.traits.name)
async def test_small_mtu(family: Any, bluez: Any, radio: Radio, listening: Listening, balance: Balance) -> None:
    clip = VirtualClip(family)
    clip.mtu = 23
    await bluez(clip)
    async with listening(LiveClip(radio, address=clip.address)) as listener:
        await listener.more(20)
    assert listener.assembler.counts.missing == 0
    balance(listener)


async def test_another_clip_with_the_same_name(
    bluez: Any, clip: VirtualClip, radio: Radio, listening: Listening, balance: Balance
) -> None:
    other = VirtualClip(SLEEPCLIP, address="C4:F2:17:1A:1D:BB", name=clip.name)
    daemon = await bluez(other, clip)
    async with listening(LiveClip(radio, address=clip.address)) as listener:
        await listener.more(20)
        daemon.unheard.add(clip)
        daemon.lose(clip)
        await listener.until(lambda: len(listener.causes) >= 2)
        daemon.unheard.clear()
        await listener.sessions(2)
        await listener.more(20)
    assert {item.address for item in listener.items if isinstance(item, LinkUp)} == {clip.address}
    assert "not in range" in listener.causes[1]
    assert not other.packets
    balance(listener)


async def test_a_name_that_two_clips_have_is_refused(
    bluez: Any, clip: VirtualClip, radio: Radio, listening: Listening
) -> None:
    other = VirtualClip(SLEEPCLIP, address="C4:F2:17:1A:1D:BB", name=clip.name)
    daemon = await bluez(other, clip)
    async with listening(LiveClip(radio, name=clip.name)) as listener:
        await listener.until(lambda: len(listener.causes) >= 1)
        assert "more than one device" in listener.causes[0]
        daemon.pull()
        daemon.plug()
        daemon.unheard.add(other)
        await listener.more(20)


async def test_a_wrong_configuration_never_switches_the_adapter_off(
    bluez: Any, clip: VirtualClip, radio: Radio, listening: Listening
) -> None:
    stranger = VirtualClip(MICROBIT, address="C4:F2:17:1A:1D:BB", name="toaster")
    stranger.advertised = ()
    daemon = await bluez(clip, stranger)
    async with (
        listening(LiveClip(radio, address=clip.address, rate_hz=33.0)) as odd,
        listening(LiveClip(radio, address=stranger.address)) as unknown,
    ):
        await odd.until(lambda: daemon.calls.count("StartDiscovery") >= 12)
    assert odd.causes == ["a sleepclip open profile (Puck.js, Zephyr, ESP32) does not run at 33 Hz"]
    assert unknown.causes == ["toaster is no clip that is known"]
    assert "Set" not in daemon.calls


async def test_clip_reboot(
    bluez: Any, clip: VirtualClip, live: LiveClip, listening: Listening, balance: Balance
) -> None:
    daemon = await bluez(clip)
    async with listening(live) as listener:
        await listener.more(150)
        daemon.lose(clip)
        clip.reboot()
        await listener.sessions(2)
        await listener.more(20)
    assert listener.assembler.counts.missing == 0
    balance(listener)


async def test_ten_percent_loss_doubles_and_drift(
    bluez: Any, clip: VirtualClip, live: LiveClip, listening: Listening, balance: Balance
) -> None:
    clip.faults.drop = clip.faults.double = 0.1
    clip.faults.drift_ppm = 100.0
    await bluez(clip)
    async with listening(live) as listener:
        await listener.more(300)
        clip.faults.drop = 0.0
        await listener.more(20)
    assert listener.assembler.counts.missing > 0
    assert listener.assembler.counts.doubles > 0
    balance(listener)


async def test_a_burst_after_a_stall(
    bluez: Any, clip: VirtualClip, fast: RadioSettings, listening: Listening, balance: Balance
) -> None:
    await bluez(clip)
    patient = Radio(msgspec.structs.replace(fast, silence_s=5.0))
    async with listening(LiveClip(patient, address=clip.address, rate_hz=100.0)) as listener:
        await listener.more(20)
        clip.faults.stalled = True
        await asyncio.sleep(1.0)
        clip.faults.stalled = False
        await listener.more(150)
    assert listener.count(LinkUp) == 1
    assert listener.assembler.counts.missing == 0
    balance(listener)


async def test_a_stall_beyond_the_watchdog(
    bluez: Any, clip: VirtualClip, live: LiveClip, listening: Listening, balance: Balance
) -> None:
    await bluez(clip)
    async with listening(live) as listener:
        await listener.more(20)
        clip.faults.stalled = True
        await listener.until(lambda: len(listener.causes) >= 1)
        clip.faults.stalled = False
        await listener.sessions(2)
        await listener.more(20)
    balance(listener)


async def test_a_program_that_was_killed_left_the_clip_connected(
    bluez: Any, clip: VirtualClip, live: LiveClip, listening: Listening, balance: Balance
) -> None:
    daemon = await bluez(clip)
    await scan(0.3, battery=False)
    await daemon.connect_for_another(clip)
    async with listening(live) as listener:
        await listener.more(20)
    assert "Connect" not in daemon.calls
    balance(listener)


async def test_one_failing_never_disturbs_another(
    bluez: Any, clip: VirtualClip, radio: Radio, live: LiveClip, listening: Listening, balance: Balance
) -> None:
    mute = VirtualClip(MICROBIT, address="C4:F2:17:1A:1D:BB")
    mute.faults.silent = True
    lost = LiveClip(radio, address="C4:F2:17:1A:1D:CC")
    await bluez(clip, mute)
    async with (
        listening(live) as good,
        listening(LiveClip(radio, address=mute.address)) as bad,
        listening(lost) as gone,
    ):
        await bad.until(lambda: len(bad.causes) >= 1)
        await gone.until(lambda: len(gone.causes) >= 1)
        await good.more(150)
    assert not good.causes
    assert good.assembler.counts.missing == 0
    balance(good)


async def test_a_full_queue_ends_that_session_loudly(bluez: Any, clip: VirtualClip, fast: RadioSettings) -> None:
    await bluez(clip)
    small = Radio(msgspec.structs.replace(fast, queue_items=5))
    live = LiveClip(small, address=clip.address, rate_hz=100.0)
    async with live as stream:
        await anext(stream)
        await asyncio.sleep(1.0)  # the program is busy with something else
        items = [await anext(stream) for _ in range(8)]
    assert "fell behind" in next(item.cause for item in items if hasattr(item, "cause"))


async def test_battery_and_signal(bluez: Any, clip: VirtualClip, fast: RadioSettings, listening: Listening) -> None:
    await bluez(clip)
    curious = Radio(msgspec.structs.replace(fast, battery_s=0.2))
    async with listening(LiveClip(curious, address=clip.address)) as listener:
        await listener.until(lambda: listener.batteries == [87])
        clip.battery_percent = 12
        await listener.until(lambda: listener.batteries == [87, 12])
    assert any(getattr(item, "rssi_dbm", 0) == -60 for item in listener.items)


async def test_a_battery_that_is_told_to_nobody_is_no_fault(
    bluez: Any, clip: VirtualClip, live: LiveClip, listening: Listening
) -> None:
    daemon = await bluez(clip)
    daemon.fail["ReadValue"] = [BluezError("NotPermitted", "Read not permitted")]
    async with listening(live) as listener:
        await listener.more(50)
    assert not daemon.fail["ReadValue"]
    assert not listener.batteries
    assert not listener.causes


async def test_a_rate_the_clip_refuses_is_not_insisted_on(bluez: Any, radio: Radio, listening: Listening) -> None:
    clip = VirtualClip(POLAR)
    clip.refused_hz = {52.0}
    await bluez(clip)
    async with listening(LiveClip(radio, address=clip.address)) as listener:
        await listener.more(20)
    assert [item.rate_hz for item in listener.items if isinstance(item, LinkUp)] == [50.0]


async def test_the_adapter_is_switched_off_and_on_where_it_is_permitted(
    bluez: Any, clip: VirtualClip, live: LiveClip, listening: Listening
) -> None:
    daemon = await bluez(clip)
    daemon.fail["Connect"] = [BluezError("Failed", "Software caused connection abort") for _ in range(40)]
    async with listening(live) as listener:
        await listener.until(lambda: bool(listener.causes) and "Set" in daemon.calls)
        daemon.fail.clear()
        await listener.more(20)
    assert daemon.calls.count("Set") == 2


async def test_where_it_is_not_permitted_the_command_is_told(
    bluez: Any, clip: VirtualClip, live: LiveClip, listening: Listening
) -> None:
    daemon = await bluez(clip)
    daemon.fail["Connect"] = [BluezError("Failed", "Software caused connection abort") for _ in range(40)]
    daemon.fail["Set"] = [BluezError("org.freedesktop.DBus.Error.AccessDenied", "Rejected send message")]
    async with listening(live) as listener:
        await listener.until(lambda: any("bluetoothctl power off" in getattr(i, "mend", "") for i in listener.items))


@pytest.mark.usefixtures("bus")
async def test_diagnosis(bluez: Any, clip: VirtualClip, monkeypatch: pytest.MonkeyPatch) -> None:
    assert [(check.what, check.good) for check in await diagnose()] == [("D-Bus", True), ("Bluetooth service", False)]
    daemon = await bluez(clip)
    assert all(check.good for check in await diagnose())
    assert not (await diagnose("hci7"))[-1].good
    daemon.pull()
    assert "bluetoothctl list" in (await diagnose())[-1].mend
    monkeypatch.setenv("DBUS_SYSTEM_BUS_ADDRESS", "unix:path=/nowhere")
    assert [check.good for check in await diagnose()] == [False]
    with pytest.raises(BluetoothError, match="D-Bus cannot be reached"):
        await scan(0.1)


async def test_scan(bluez: Any, clip: VirtualClip, radio: Radio) -> None:
    strangers = VirtualClip(MICROBIT, address="C4:F2:17:1A:1D:BB", name="BBC micro:bit [zuvat]")
    await bluez(clip, strangers)
    found = await scan(0.5, radio=radio)
    assert [(one.address, one.name, one.rssi_dbm, one.battery_percent) for one in found] == [
        (clip.address, clip.name, -60, 87),
        (strangers.address, strangers.name, -60, 87),
    ]
    assert [one.family for one in found] == [SLEEPCLIP, MICROBIT]


def test_a_clip_needs_a_name_or_an_address(fast: RadioSettings) -> None:
    with pytest.raises(ValueError, match="address or a name"):
        LiveClip(Radio(fast))
    with pytest.raises(ValueError, match="none of sleepclip"):
        LiveClip(Radio(fast), name="x", family="toaster")
