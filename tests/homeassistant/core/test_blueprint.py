"""The blueprint in a real core: whom it tells, when, and when not."""

import shutil
from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from homeassistant.core import HomeAssistant, ServiceCall
from homeassistant.setup import async_setup_component
from homeassistant.util import dt as dt_util
from pytest_homeassistant_custom_component.common import async_fire_time_changed, async_mock_service

from alerts.alert import Condition, ConditionKind
from alerts.messages import again

BLUEPRINT = Path(__file__).parents[3] / "homeassistant" / "sleepclip-alert.yaml"


class Home:
    """A home with two phones, a light and a camera."""

    def __init__(self, hass: HomeAssistant) -> None:
        self.phones = [async_mock_service(hass, "notify", f"mobile_app_{name}") for name in ("anna", "ben")]
        self.light = async_mock_service(hass, "light", "turn_on")
        self.camera = async_mock_service(hass, "camera", "record")

    def calls(self) -> Sequence[int]:
        return [len(c) for c in (*self.phones, self.light, self.camera)]


@pytest.fixture
def blueprint(tmp_path: Path) -> str:
    """Put the blueprint where Home Assistant looks: its configuration is in `tmp_path`."""
    folder = tmp_path / "blueprints" / "automation" / "sleepclip"
    folder.mkdir(parents=True)
    shutil.copy(BLUEPRINT, folder)
    return f"sleepclip/{BLUEPRINT.name}"


@pytest.fixture
async def home(hass: HomeAssistant, clip: Any, blueprint: str) -> Home:
    made = Home(hass)
    automation = {
        "use_blueprint": {
            "path": blueprint,
            "input": {
                "alert": clip.entity("alert"),
                "fault": clip.entity("fault"),
                "phones": ["notify.mobile_app_anna", "notify.mobile_app_ben"],
                "light": ["light.hall"],
                "camera": ["camera.nursery"],
            },
        }
    }
    assert await async_setup_component(hass, "automation", {"automation": automation})
    await hass.async_block_till_done()
    assert hass.states.async_entity_ids("automation")
    return made


def critical(call: ServiceCall) -> bool:
    data = call.data["data"]
    return data["push"]["sound"]["critical"] == 1 and data["ttl"] == 0 and data["channel"] == "alarm_stream"


async def test_a_high_alert_rings_flashes_and_records(clip: Any, home: Home) -> None:
    _, raised = await clip.rhythm(20, 32)
    assert home.calls() == [1, 1, 1, 1]
    (call,) = home.phones[0]
    assert critical(call)
    assert "Rhythmic jerking" in call.data["message"]
    assert home.light[0].data["flash"] == "long"
    assert home.camera[0].data["duration"] == 120
    assert home.camera[0].data["filename"].startswith("/media/sleepclip/")
    await clip.tell(again(raised))
    assert home.calls() == [1, 1, 1, 1]


async def test_a_medium_alert_does_not_until_it_worsens(clip: Any, home: Home) -> None:
    await clip.rhythm(20, 41, asleep=True)
    assert home.calls() == [0, 0, 0, 0]
    await clip.rhythm(20, 90, asleep=True)
    assert home.calls() == [1, 1, 1, 1]


async def test_acknowledging_tells_nobody(clip: Any, home: Home) -> None:
    await clip.rhythm(20, 32)
    for alert in clip.policy.acknowledge(40):
        await clip.tell(clip.boards[False].show(alert))
    assert home.calls() == [1, 1, 1, 1]


async def test_muting_silences_the_phones(clip: Any, home: Home, freezer: Any) -> None:
    freezer.move_to("2026-11-20T00:00:40Z")
    (alert,) = (a for a in clip.policy.event(_rhythm()) if a.raising)
    await clip.tell(clip.boards[False].show(alert, muted_until_s=600.0))
    assert home.calls() == [0, 0, 0, 0]
    assert clip.state("alert").state == "on"


async def test_what_was_muted_rings_when_sound_is_back(clip: Any, home: Home, freezer: Any) -> None:
    freezer.move_to("2026-11-20T00:00:40Z")
    clip.policy.mute(30, 5)
    (alert,) = (a for a in clip.policy.event(_rhythm()) if a.raising)
    await clip.tell(clip.boards[False].show(alert, muted_until_s=330.0))
    assert home.calls() == [0, 0, 0, 0]
    freezer.move_to("2026-11-20T00:05:30Z")
    clip.policy.heard(330)
    for again_raised in clip.policy.tick(330):
        await clip.tell(clip.boards[False].show(again_raised))
    assert home.calls() == [1, 1, 1, 1]


async def test_a_fault_rings(clip: Any, home: Home) -> None:
    for kind in (ConditionKind.BATTERY_LOW, ConditionKind.ADAPTER):
        fact = Condition(kind=kind, present=True, at_s=10, cause=f"{kind} is so")
        for alert in clip.policy.condition(fact):
            await clip.tell(clip.boards[True].show(alert))
    assert home.calls() == [1, 1, 0, 0]
    assert critical(home.phones[1][0])
    assert "adapter is so" in home.phones[1][0].data["message"].lower()


async def test_an_unavailable_device_rings(hass: HomeAssistant, clip: Any, home: Home) -> None:
    await clip.rhythm(20, 41, asleep=True)
    await clip.say("sleepclip/bridge/availability", "offline")
    assert home.calls() == [0, 0, 0, 0]
    async_fire_time_changed(hass, dt_util.utcnow() + timedelta(seconds=61))
    await hass.async_block_till_done()
    assert home.calls() == [1, 1, 0, 0]
    assert "unavailable" in home.phones[0][0].data["message"]


def _rhythm() -> Any:
    from processing.events import PersistsAfterWaking, State  # noqa: PLC0415  one use

    return PersistsAfterWaking(
        onset=1000,
        end=1700,
        reported=1500,
        updated=1700,
        open=True,
        state=State.AWAKE,
        waking=1000,
        waking_evidence="posture",
        jerks_before=3,
        jerks_after=6,
        same_direction=0.9,
        size=9.0,
        margin=1.0,
    )
