"""A Home Assistant core with its MQTT integration, and a clip to show it."""

import json
from pathlib import Path
from typing import Any

import pytest
from homeassistant.core import HomeAssistant
from homeassistant.helpers import entity_registry as er
from pytest_homeassistant_custom_component.common import async_fire_mqtt_message
from pytest_homeassistant_custom_component.typing import MqttMockHAClient, MqttMockHAClientGenerator

from alerts.homeassistant import Device, discovery
from alerts.messages import Board, Happenings, Message, Stream
from alerts.policy import Policy
from processing.events import Rhythmic, State

DEVICE = Device(clip="nursery", address="C0:FF:EE:A1:B2:C3", version="0.1.0")


def utc(stream_s: float) -> str:
    return f"2026-11-20T0{int(stream_s) // 3600}:{int(stream_s) // 60 % 60:02}:{stream_s % 60:06.3f}Z"


class Clip:
    """What a clip says, told to Home Assistant as its broker would."""

    def __init__(self, hass: HomeAssistant, mqtt: MqttMockHAClient) -> None:
        self.hass = hass
        self.mqtt = mqtt
        self.policy = Policy()
        self.stream = Stream(clip="nursery", session="nursery-1", utc=utc)
        self.boards = {technical: Board(self.stream, technical) for technical in (False, True)}
        self.happenings = Happenings(self.stream)

    async def say(self, topic: str, payload: object, *, retain: bool = False) -> None:
        text = payload if isinstance(payload, str) else json.dumps(payload)
        async_fire_mqtt_message(self.hass, topic, text, retain=retain)
        await self.hass.async_block_till_done()

    async def tell(self, message: Message, *, retained: bool = False) -> None:
        """Publish live (a live copy never carries the retain flag), or as the broker tells a newcomer."""
        await self.say(message.topic, message.payload.decode(), retain=retained and message.retain)

    async def online(self) -> None:
        await self.say("sleepclip/bridge/availability", "online")
        await self.say("sleepclip/nursery/availability", "online")

    async def rhythm(
        self, onset_s: float, end_s: float, *, asleep: bool = False, goes_on: bool = True
    ) -> list[Message]:
        """Let a rhythm be felt; give what was published."""
        state = State.ASLEEP if asleep else State.AWAKE
        event = Rhythmic(
            onset=round(onset_s * 50),
            end=round(end_s * 50),
            reported=round(onset_s * 50) + 500,
            updated=round(end_s * 50),
            open=goes_on,
            state=state,
            state_now=state,
            frequency_start_hz=2.1,
            frequency_end_hz=1.8,
            regularity=0.8,
            jerks=20,
            size=12.0,
            longest_pause_s=0.6,
            recent_pause_s=0.6,
            margin=1.0,
        )
        messages = [message for message in [self.happenings.message(event)] if message is not None]
        messages += [self.boards[alert.technical].show(alert) for alert in self.policy.event(event)]
        for message in messages:
            await self.tell(message)
        return messages

    def entity(self, key: str) -> str:
        """Give the entity id Home Assistant chose."""
        entries = er.async_get(self.hass).entities.values()
        return next(e.entity_id for e in entries if e.unique_id == f"sleepclip_nursery_{key}")

    def state(self, key: str) -> Any:
        found = self.hass.states.get(self.entity(key))
        assert found is not None, f"{key} is not there"
        return found


@pytest.fixture
def expected_lingering_timers() -> bool:
    """Let the MQTT integration's own timers be."""
    return True


@pytest.fixture
async def clip(hass: HomeAssistant, mqtt_mock_entry: MqttMockHAClientGenerator, tmp_path: Path) -> Clip:
    """Give a clip that has been discovered and is online."""
    (tmp_path / "configuration.yaml").touch()
    hass.config.config_dir = str(tmp_path)
    made = Clip(hass, await mqtt_mock_entry())
    await made.tell(discovery(DEVICE), retained=True)
    await made.online()
    return made
