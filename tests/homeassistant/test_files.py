"""The files people copy into Home Assistant: they load, and name only entities that exist."""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import yaml

from alerts.homeassistant import ALERT_KINDS, FAULT_KINDS, Device, discovery, removal
from alerts.rules import MASKED
from processing.events import KINDS

FOLDER = Path(__file__).parents[2] / "homeassistant"


class Loader(yaml.SafeLoader):
    """Knows Home Assistant's `!input`."""


Loader.add_constructor("!input", lambda loader, node: f"input:{loader.construct_scalar(node)}")


def load(name: str) -> Any:
    return yaml.load((FOLDER / name).read_text(encoding="utf-8"), Loader)  # noqa: S506  a SafeLoader with one tag more


def walk(node: Any) -> Iterator[Any]:
    yield node
    for child in node.values() if isinstance(node, dict) else node if isinstance(node, list) else ():
        yield from walk(child)


def components() -> dict[str, Any]:
    payload = json.loads(discovery(Device(clip="nursery")).payload)
    found = payload["components"]
    assert isinstance(found, dict)
    return found


def test_the_blueprint_uses_each_input_it_asks_for() -> None:
    blueprint = load("sleepclip-alert.yaml")
    asked = set(blueprint["blueprint"]["input"])
    rest = {key: value for key, value in blueprint.items() if key != "blueprint"}
    used = {node.removeprefix("input:") for node in walk(rest) if isinstance(node, str) and node.startswith("input:")}
    assert used == asked
    assert blueprint["blueprint"]["domain"] == "automation"
    called = {node["action"] for node in walk(rest) if isinstance(node, dict) and "action" in node}
    assert called == {"{{ repeat.item }}", "light.turn_on", "camera.record"}


def test_the_dashboard_names_entities_that_exist() -> None:
    text = (FOLDER / "dashboard.yaml").read_text(encoding="utf-8")
    assert load("dashboard.yaml")["sections"]
    named = set(re.findall(r"\b(?:binary_sensor|sensor|button|number|switch|event)\.sleepclip_\w+", text))
    exist = {c["default_entity_id"] for c in components().values() if "default_entity_id" in c}
    assert named
    assert named <= exist


def test_discovery_has_what_is_promised() -> None:
    message = discovery(Device(clip="nursery", address="AA:BB"))
    assert message.topic == "homeassistant/device/sleepclip_nursery/config"
    assert message.retain
    payload = json.loads(message.payload)
    assert set(payload) == {"device", "origin", "availability", "availability_mode", "qos", "components"}
    assert payload["device"]["connections"] == [["bluetooth", "AA:BB"]]
    found = payload["components"]
    assert found["detection"]["event_types"] == list(KINDS)
    assert {c["unique_id"] for c in found.values() if "unique_id" in c} == {
        f"sleepclip_nursery_{key}" for key in found if not key.startswith("trigger_")
    }
    triggers = {c["subtype"] for c in found.values() if c["platform"] == "device_automation"}
    assert triggers == {*ALERT_KINDS, *FAULT_KINDS}
    assert MASKED in triggers


def test_two_clips_share_nothing() -> None:
    left, right = (json.loads(discovery(Device(clip=name)).payload) for name in ("left", "right"))
    ids = [{c.get("unique_id") for c in p["components"].values()} - {None} for p in (left, right)]
    assert not ids[0] & ids[1]
    assert left["device"]["identifiers"] != right["device"]["identifiers"]


def test_removal_is_an_empty_retained_payload() -> None:
    assert removal("nursery") == (discovery(Device(clip="nursery")).topic, b"", True, None)
