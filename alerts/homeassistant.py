"""A clip as a device of Home Assistant, by MQTT discovery. Pure.

Checked against running cores 2025.4 and 2026.11: an unknown key at the top level, or no `origin`, has the whole
payload refused; `default_entity_id` names entities; event entities and device triggers ignore retained messages, so
triggers fire on the live copy of `…/alert` and `…/fault`, by its `raising`.
"""

from dataclasses import dataclass
from typing import Any, Final

import msgspec

from alerts.alert import ConditionKind
from alerts.messages import BRIDGE_AVAILABILITY, OFFLINE, ONLINE, PREFIX, STATE_EXPIRY_S, Message, Payload
from alerts.rules import MASKED, NIGHT
from alerts.status import PATTERNS
from processing.events import (
    KINDS,
    Gap,
    OffBody,
    PersistsAfterWaking,
    Rhythmic,
    SpasmCluster,
    State,
    Stiffening,
)

BIRTH_TOPIC: Final = "homeassistant/status"
BIRTH: Final = b"online"
"""Home Assistant says this 13-18 s after its start, not retained: everything is published again then."""

ALERT_KINDS: Final = (Rhythmic.kind, PersistsAfterWaking.kind, SpasmCluster.kind, Stiffening.kind, NIGHT)
"""Kinds on `…/alert`."""
FAULT_KINDS: Final = (Gap.kind, OffBody.kind, MASKED, *(str(kind) for kind in ConditionKind))
"""Kinds on `…/fault`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Device:
    """What Home Assistant shows of a clip.

    Attributes:
        clip: short name, in topics and ids.
        title: for people; Home Assistant puts the room in front, so it names none.
        manufacturer: of the clip.
        model: of the clip.
        address: Bluetooth address; empty where it is not known.
        version: of this program.
        mute_max_min: longest time to mute, minutes.
    """

    clip: str
    title: str = "Sleep clip"
    manufacturer: str = "sleepclip"
    model: str = "Accelerometer clip"
    address: str = ""
    version: str = ""
    mute_max_min: float = 60.0


def discovery_topic(clip: str) -> str:
    """Give the topic Home Assistant finds the device at."""
    return f"homeassistant/device/{PREFIX}_{clip}/config"


def discovery(device: Device) -> Message:
    """Describe the device and its entities."""
    payload = {
        "device": _device(device),
        "origin": {"name": "sleepclip", "sw_version": device.version or "0"},
        "availability": [{"topic": BRIDGE_AVAILABILITY}, {"topic": _topic(device, "availability")}],
        "availability_mode": "all",
        "qos": 1,
        "components": {
            **_alerting(device),
            **_watching(device),
            **_counting(device),
            **_diagnosing(device),
            **_commanding(device),
            **_triggering(device),
        },
    }
    return Message(discovery_topic(device.clip), msgspec.json.encode(payload), retain=True)


def removal(clip: str) -> Message:
    """Take the device out of Home Assistant."""
    return Message(discovery_topic(clip), b"", retain=True)


def _device(device: Device) -> Payload:
    described: Payload = {
        "identifiers": [f"{PREFIX}_{device.clip}"],
        "name": device.title,
        "manufacturer": device.manufacturer,
        "model": device.model,
        "sw_version": device.version or "0",
    }
    if device.address:
        described["connections"] = [["bluetooth", device.address]]
    return described


def _topic(device: Device, name: str) -> str:
    return f"{PREFIX}/{device.clip}/{name}"


def _entity(device: Device, key: str, platform: str, name: str, *, always: bool = False, **rest: object) -> Payload:
    """Describe one entity; `always` keeps it available while only the clip is away."""
    entity: Payload = {
        "platform": platform,
        "name": name,
        "unique_id": f"{PREFIX}_{device.clip}_{key}",
        "default_entity_id": f"{platform}.{PREFIX}_{device.clip}_{key}",
        **rest,
    }
    if always:
        entity["availability"] = [{"topic": BRIDGE_AVAILABILITY}]
    return {key: entity}


def _alerting(device: Device) -> Payload:
    alert, fault = _topic(device, "alert"), _topic(device, "fault")
    onoff = "{{ 'ON' if value_json.active else 'OFF' }}"
    # fmt: off
    return {
        **_entity(
            device, "alert", "binary_sensor", "Alert", always=True, device_class="safety",
            state_topic=alert, value_template=onoff, json_attributes_topic=alert,
        ),
        **_entity(
            device, "fault", "binary_sensor", "Monitoring fault", always=True, device_class="problem",
            entity_category="diagnostic", state_topic=fault, value_template=onoff, json_attributes_topic=fault,
        ),
        **_entity(
            device, "last_alert", "sensor", "Last alert", always=True, device_class="timestamp",
            state_topic=alert, value_template="{{ value_json.last_alert }}",
        ),
        # An event is told again when it is over (revision 2); an empty payload is passed over.
        **_entity(
            device, "detection", "event", "Detection", always=True, icon="mdi:pulse", event_types=list(KINDS),
            state_topic=_topic(device, "event"),
            value_template="{{ value if value_json.revision == 1 and not value_json.late else '' }}",
        ),
    }
    # fmt: on


def _watching(device: Device) -> Payload:
    state = _topic(device, "state")
    fresh: dict[str, Any] = {"state_topic": state, "expire_after": STATE_EXPIRY_S}
    # fmt: off
    return {
        **_entity(
            device, "state", "sensor", "Sleep state", device_class="enum", options=[str(s) for s in State],
            value_template="{{ value_json.state }}", json_attributes_topic=state, icon="mdi:sleep", **fresh,
        ),
        **_entity(
            device, "pattern", "sensor", "Pattern", device_class="enum", options=list(PATTERNS),
            value_template="{{ value_json.pattern }}", icon="mdi:waveform", **fresh,
        ),
        **_entity(
            device, "motion", "binary_sensor", "Motion", device_class="motion",
            value_template="{{ 'ON' if value_json.motion else 'OFF' }}", **fresh,
        ),
    }
    # fmt: on


def _counting(device: Device) -> Payload:
    names = {
        "bursts": "Bursts tonight",
        "rhythmic": "Rhythmic runs tonight",
        "spasm_clusters": "Spasm clusters tonight",
        "periodic_movements": "Periodic movements tonight",
        "movements": "Movements tonight",
    }
    counted: Payload = {}
    for key, name in names.items():
        counted |= _entity(
            device,
            f"night_{key}",
            "sensor",
            name,
            state_class="total",
            state_topic=_topic(device, "state"),
            value_template=f"{{{{ value_json.counts.{key} }}}}",
            icon="mdi:counter",
            expire_after=STATE_EXPIRY_S,
        )
    return counted


def _diagnosing(device: Device) -> Payload:
    diag: dict[str, Any] = {
        "state_topic": _topic(device, "diag"),
        "entity_category": "diagnostic",
        "state_class": "measurement",
    }
    # fmt: off
    return {
        **_entity(
            device, "connected", "binary_sensor", "Clip connection", always=True, device_class="connectivity",
            entity_category="diagnostic", state_topic=_topic(device, "availability"),
            payload_on=ONLINE, payload_off=OFFLINE,
        ),
        **_entity(
            device, "battery", "sensor", "Battery", device_class="battery", unit_of_measurement="%",
            value_template="{{ value_json.battery }}", **diag,
        ),
        **_entity(
            device, "rssi", "sensor", "Signal strength", device_class="signal_strength", unit_of_measurement="dBm",
            enabled_by_default=False, value_template="{{ value_json.rssi }}", suggested_display_precision=0, **diag,
        ),
        **_entity(
            device, "rate", "sensor", "Sample rate", device_class="frequency", unit_of_measurement="Hz",
            value_template="{{ value_json.hz }}", suggested_display_precision=1, **diag,
        ),
    }
    # fmt: on


def _commanding(device: Device) -> Payload:
    # fmt: off
    return {
        **_entity(
            device, "ack", "button", "Acknowledge alert", always=True, qos=1,
            command_topic=_topic(device, "cmd/ack"), payload_press="ACK", icon="mdi:check",
        ),
        **_entity(
            device, "mute", "number", "Mute", always=True, qos=1, command_topic=_topic(device, "cmd/mute"),
            state_topic=_topic(device, "state"), value_template="{{ value_json.mute_min }}",
            min=0, max=device.mute_max_min, step=1, mode="box", unit_of_measurement="min", icon="mdi:volume-off",
        ),
        **_entity(
            device, "monitoring", "switch", "Monitoring", always=True, qos=1, entity_category="config",
            command_topic=_topic(device, "cmd/monitoring"), state_topic=_topic(device, "monitoring"),
        ),
    }
    # fmt: on


def _triggering(device: Device) -> Payload:
    triggers: Payload = {}
    for topic, kinds in (("alert", ALERT_KINDS), ("fault", FAULT_KINDS)):
        for kind in kinds:
            triggers[f"trigger_{kind}"] = {
                "platform": "device_automation",
                "automation_type": "trigger",
                "type": topic,
                "subtype": kind,
                "topic": _topic(device, topic),
                "value_template": "{{ value_json.raising }}",
                "payload": kind,
            }
    return triggers
