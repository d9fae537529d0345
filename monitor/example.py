"""Writes the commented example configuration from the settings: python -m monitor.example > monitor/example.toml.

What a key means and why its default is what it is stands in the code, once; a test holds the file to it.
"""

import ast
import inspect
import re
import textwrap
from collections.abc import Iterator, Mapping
from typing import Final

import msgspec
from msgspec import Struct

from alerts.mqtt import BrokerSettings
from monitor.config import ClipSettings, Config

_HEAD: Final = """\
# Configuration of sleepclip: ~/.config/sleepclip/config.toml, or /etc/sleepclip/config.toml for the service.
# A key that is commented out shows its default; one without a default shows an example. 'sleepclip check' reads the
# file and says what is wrong. Secrets are never in it: keys name the file or the environment variable that holds one.
"""
_TITLES: Final[Mapping[str, str]] = {
    "clip": "A clip; repeat the table for another (two legs, twins). 'sleepclip scan' prints these lines.",
    "mqtt": "The MQTT broker. Without this table 'run' takes the one on this machine.",
    "home_assistant": "Home Assistant.",
    "monitoring": "The monitoring switch.",
    "notify": "A command of your own on alerts: a siren, a text message. It works without broker and Home Assistant.",
    "recording": "Recordings of the nights.",
    "bluetooth": "How patient the radio is. The defaults suit all known clips.",
    "policy": "When an alert is raised, merged and released.",
    "conditions": "When the state of a clip becomes a technical alert.",
    "outbox": "Messages that wait for the broker.",
    "detector": "The detector's parts, tuned together (docs/detector.md): change one, then measure with 'evaluate'.",
}
_SAMPLES: Final[Mapping[str, object]] = {
    "clip.name": "baby",
    "clip.address": "C0:FF:EE:A1:B2:C3",
    "clip.advertised_name": "Puck.js a1b2",
    "clip.family": "sleepclip",
    "clip.rate_hz": 50.0,
    "mqtt.port": 1883,
    "mqtt.username": "sleepclip",
    "mqtt.password_file": "/etc/sleepclip/mqtt-password",
    "mqtt.password_env": "SLEEPCLIP_MQTT_PASSWORD",
    "mqtt.ca_file": "/etc/sleepclip/ca.pem",
    "mqtt.cert_file": "/etc/sleepclip/client.pem",
    "mqtt.key_file": "/etc/sleepclip/client.key",
    "mqtt.websocket_path": "/mqtt",
    "outbox.path": "/var/lib/sleepclip/outbox.sqlite",
    "policy.release_s": 300.0,
}
"""Values for keys that have no default."""
_MEANT: Final[Mapping[str, str]] = {"outbox.path": "The database file; absent for outbox.sqlite beside the recordings."}
"""Keys whose absence `run` fills in otherwise than their settings say."""
_ACTIVE: Final = frozenset({"clip.name", "clip.address"})
_WIDTH: Final = 120


def example() -> str:
    """Give the file."""
    clip = ClipSettings(name=str(_SAMPLES["clip.name"]), address=str(_SAMPLES["clip.address"]))
    tables = [_table("[[clip]]", "clip", clip)]
    for name, part in _items(Config(mqtt=BrokerSettings())):
        if name != "clip":
            tables.append(_table(f"[{name}]", name, part))
    return _HEAD + "".join(tables)


def _items(settings: object) -> Iterator[tuple[str, object]]:
    for key in msgspec.structs.fields(type(settings)):  # type: ignore[arg-type]  # settings are Structs
        yield key.encode_name, getattr(settings, key.name)


def _table(header: str, path: str, settings: object) -> str:
    title = _TITLES.get(path) or (inspect.getdoc(type(settings)) or "").partition("\n")[0]
    lines = ["", *_comment(title), header]
    nested: list[str] = []
    docs = _docs(type(settings))
    for name, value in _items(settings):
        if isinstance(value, Struct):
            nested.append(_table(f"[{path}.{name}]", f"{path}.{name}", value))
        else:
            key = f"{path}.{name}"
            lines += [*_comment(_MEANT.get(key, docs.get(name, ""))), _line(key, name, value)]
    return "\n".join(lines) + "\n" + "".join(nested)


def _line(path: str, name: str, value: object) -> str:
    shown = _SAMPLES[path] if value is None else value
    mark = "" if path in _ACTIVE else "#"
    return f"{mark}{name} = {msgspec.json.format(msgspec.json.encode(shown), indent=0).decode()}"  # JSON's is TOML's


def _comment(text: str) -> list[str]:
    text = re.sub(r"\bNone\b", "absent", text)  # a file cannot say None
    text = text[:1].upper() + text[1:]
    return textwrap.wrap(text, _WIDTH, initial_indent="# ", subsequent_indent="# ")


def _docs(part: type) -> dict[str, str]:
    """What the source says of each field: its own docstring, or its entry under `Attributes:`."""
    (definition,) = ast.parse(textwrap.dedent(inspect.getsource(part))).body
    assert isinstance(definition, ast.ClassDef)
    docs = dict(_listed(ast.get_docstring(definition) or ""))
    for field, after in zip(definition.body, definition.body[1:], strict=False):
        if isinstance(field, ast.AnnAssign) and isinstance(field.target, ast.Name) and isinstance(after, ast.Expr):
            docs[field.target.id] = " ".join(ast.literal_eval(after.value).split())
    return docs


def _listed(docstring: str) -> Iterator[tuple[str, str]]:
    listing = docstring.partition("Attributes:\n")[2].partition("\n\n")[0]
    for entry in re.finditer(r"^    (\w+): (.*(?:\n      .*)*)", listing, re.MULTILINE):
        yield entry[1], " ".join(entry[2].split())


if __name__ == "__main__":
    print(example(), end="")  # noqa: T201  this is what it is for
