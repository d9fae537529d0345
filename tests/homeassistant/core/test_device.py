"""The device in a real core: discovery accepted, states shown, nothing stale, commands sent, and removal."""

import json
import logging
from datetime import timedelta
from typing import Any

import pytest
from homeassistant.components.device_automation import DeviceAutomationType
from homeassistant.components.mqtt.schemas import DEVICE_DISCOVERY_SCHEMA
from homeassistant.core import HomeAssistant
from homeassistant.helpers import device_registry as dr
from homeassistant.helpers import entity_registry as er
from homeassistant.setup import async_setup_component
from homeassistant.util import dt as dt_util
from pytest_homeassistant_custom_component.common import (
    async_fire_time_changed,
    async_get_device_automations,
    async_mock_service,
)

from alerts.homeassistant import ALERT_KINDS, FAULT_KINDS, Device, discovery, removal
from alerts.messages import again, as_late

STATE = {
    "v": 1,
    "at": "2026-11-20T00:00:00.000Z",
    "state": "asleep",
    "pattern": "burst",
    "motion": True,
    "masked": False,
    "counts": {
        "bursts": 7, "rhythmic": 0, "spasm_clusters": 0, "periodic_movements": 3, "movements": 2, "handling": 1,
        "gaps": 0,
    },
    "monitoring": True,
    "muted_until": None,
    "mute_min": 0,
}  # fmt: skip


def test_the_schema_takes_it() -> None:
    payload = json.loads(discovery(Device(clip="a")).payload)
    DEVICE_DISCOVERY_SCHEMA(payload)


@pytest.mark.usefixtures("clip")
async def test_discovery_is_accepted_whole(
    hass: HomeAssistant, caplog: pytest.LogCaptureFixture, entity_registry: er.EntityRegistry
) -> None:
    components = json.loads(discovery(Device(clip="nursery")).payload)["components"]
    entities = {key: c for key, c in components.items() if c["platform"] != "device_automation"}
    registered = {e.unique_id: e for e in entity_registry.entities.values()}
    assert set(registered) == {c["unique_id"] for c in entities.values()}
    for entity in entities.values():
        entry = registered[entity["unique_id"]]
        if entry.disabled_by is None:
            assert hass.states.get(entry.entity_id)
    problems = [r.getMessage() for r in caplog.records if r.levelno >= logging.WARNING and "mqtt" in r.name]
    assert problems == []


async def test_states(clip: Any) -> None:
    await clip.say("sleepclip/nursery/state", STATE)
    await clip.say("sleepclip/nursery/diag", {"v": 1, "battery": 81, "rssi": -70, "hz": 50.02, "commands_ignored": 0})
    await clip.say("sleepclip/nursery/monitoring", "ON")
    shown = {key: clip.state(key).state for key in (
        "state", "pattern", "motion", "battery", "rate", "night_bursts", "monitoring", "connected", "mute",
    )}  # fmt: skip
    assert shown == {
        "state": "asleep", "pattern": "burst", "motion": "on", "battery": "81", "rate": "50.02", "night_bursts": "7",
        "monitoring": "on", "connected": "on", "mute": "0",
    }  # fmt: skip


async def test_an_alert_is_shown_with_its_words(clip: Any) -> None:
    await clip.rhythm(20, 32)
    shown = clip.state("alert")
    assert shown.state == "on"
    assert shown.attributes["priority"] == "high"
    assert shown.attributes["text"].startswith("Rhythmic jerking while awake, 2.1 to 1.8 times a second")
    for alert in clip.policy.acknowledge(40) + clip.policy.heard(41):
        await clip.tell(clip.boards[False].show(alert))
    await clip.rhythm(20, 50, goes_on=False)
    assert clip.state("alert").state == "off"
    assert clip.state("last_alert").state == "2026-11-20T00:00:32+00:00"


async def test_an_event_is_told_once(clip: Any) -> None:
    (event, _) = await clip.rhythm(20, 32)
    first = clip.state("detection")
    assert first.attributes["event_type"] == "rhythmic"
    assert first.attributes["id"] == "nursery-1:rhythmic-1000"
    await clip.rhythm(20, 60, goes_on=False)  # revision 2
    await clip.tell(as_late(event, None))
    assert clip.state("detection") == first


async def test_triggers_fire_when_raised_and_never_for_what_is_old(
    hass: HomeAssistant, clip: Any, device_registry: dr.DeviceRegistry
) -> None:
    device = device_registry.async_get_device(identifiers={("mqtt", "sleepclip_nursery")})
    assert device is not None
    triggers = await async_get_device_automations(hass, DeviceAutomationType.TRIGGER, device.id)
    ours = {(t["type"], t["subtype"]): t for t in triggers if t["domain"] == "mqtt"}
    assert set(ours) == {("alert", kind) for kind in ALERT_KINDS} | {("fault", kind) for kind in FAULT_KINDS}
    calls = async_mock_service(hass, "test", "alarm")
    wanted = {k: v for k, v in ours["alert", "rhythmic"].items() if k != "metadata"}
    assert await async_setup_component(
        hass, "automation", {"automation": {"triggers": [wanted], "actions": {"action": "test.alarm"}}}
    )
    _, raised = await clip.rhythm(20, 41, asleep=True)
    assert len(calls) == 1
    await clip.tell(again(raised))  # a broker or a Home Assistant that had forgotten
    await clip.tell(as_late(raised, raised.payload))
    await clip.tell(again(raised), retained=True)  # what the broker keeps
    assert len(calls) == 1
    await clip.rhythm(20, 90, asleep=True)  # it worsens
    assert len(calls) == 2


async def test_states_grow_stale(hass: HomeAssistant, clip: Any) -> None:
    await clip.say("sleepclip/nursery/state", STATE)
    assert clip.state("pattern").state == "burst"
    async_fire_time_changed(hass, dt_util.utcnow() + timedelta(seconds=61))
    await hass.async_block_till_done()
    assert clip.state("pattern").state == "unavailable"


async def test_a_clip_away_leaves_its_alert_on_display_and_a_dead_program_does_not(clip: Any) -> None:
    await clip.rhythm(20, 32)
    await clip.say("sleepclip/nursery/state", STATE)
    await clip.say("sleepclip/nursery/availability", "offline")
    assert clip.state("alert").state == "on"
    assert clip.state("connected").state == "off"
    assert clip.state("pattern").state == "unavailable"
    await clip.say("sleepclip/bridge/availability", "offline")
    assert clip.state("alert").state == "unavailable"


async def test_commands(hass: HomeAssistant, clip: Any) -> None:
    for domain, service, key, data, sent in (
        ("button", "press", "ack", {}, ("sleepclip/nursery/cmd/ack", "ACK")),
        ("number", "set_value", "mute", {"value": 10}, ("sleepclip/nursery/cmd/mute", "10")),
        ("switch", "turn_off", "monitoring", {}, ("sleepclip/nursery/cmd/monitoring", "OFF")),
    ):
        clip.mqtt.async_publish.reset_mock()
        target = {"entity_id": clip.entity(key)}
        await hass.services.async_call(domain, service, target | data, blocking=True)
        clip.mqtt.async_publish.assert_called_once_with(*sent, 1, False)  # noqa: FBT003  never retained


async def test_what_is_retained_comes_back_and_what_has_expired_does_not(hass: HomeAssistant, clip: Any) -> None:
    _, raised = await clip.rhythm(20, 32)
    await clip.say("sleepclip/nursery/state", STATE)
    (entry,) = hass.config_entries.async_entries("mqtt")
    assert await hass.config_entries.async_reload(entry.entry_id)
    await hass.async_block_till_done()
    await clip.tell(discovery(Device(clip="nursery")), retained=True)
    await clip.online()
    assert clip.state("alert").state == "unknown"
    await clip.tell(again(raised), retained=True)  # the state has expired at the broker (MessageExpiryInterval)
    assert clip.state("alert").state == "on"
    async_fire_time_changed(hass, dt_util.utcnow() + timedelta(seconds=61))  # restored, for its last minute at most
    await hass.async_block_till_done()
    assert clip.state("pattern").state == "unavailable"
    assert clip.state("alert").state == "on"


async def test_removal(hass: HomeAssistant, clip: Any, device_registry: dr.DeviceRegistry) -> None:
    entity = clip.entity("alert")
    await clip.tell(removal("nursery"))
    assert hass.states.get(entity) is None
    assert device_registry.async_get_device(identifiers={("mqtt", "sleepclip_nursery")}) is None
