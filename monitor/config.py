"""The configuration: one TOML file, read into frozen settings. A fault names the file, the key, the value and the mend.

`monitor/example.toml` documents every key. Secrets are never in the file: a key names the file or the environment
variable that holds one.
"""

import difflib
import math
import os
import re
from pathlib import Path
from typing import Annotated, Final

import msgspec
from msgspec import Meta, Struct, field, inspect

from alerts.mqtt import BrokerSettings
from alerts.notify import NotifySettings
from alerts.outbox import OutboxSettings
from alerts.policy import PolicySettings
from alerts.service import ServiceSettings
from monitor.conditions import ConditionSettings
from monitor.errors import UseError
from monitor.nights import RecordingSettings
from processing.detector import DetectorSettings
from sensor.ble.settings import RadioSettings
from sensor.clips import FAMILIES

SYSTEM_FILE: Final = Path("/etc/sleepclip/config.toml")
EXAMPLE_FILE: Final = Path(__file__).with_name("example.toml")

_WORDS: Final = {
    "str": "text in quotes",
    "int": "a whole number",
    "float": "a number",
    "bool": "true or false",
    "array": "a list, in [ ], or tables under [[ ]]",
    "object": "a table",
}
"""msgspec's names of types, in the words of the file."""


class ClipSettings(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One clip, as `sleepclip scan` prints it.

    Attributes:
        name: short name, in topics and file names.
        title: for people; Home Assistant puts the room in front of it.
        address: Bluetooth address.
        advertised_name: instead of an address, where it has no fixed one.
        family: as 'sleepclip scan' names it; None to tell it from the advertisement.
        rate_hz: samples a second; None for the family's usual rate.
    """

    name: str
    title: str = "Sleep clip"
    address: str | None = None
    advertised_name: str | None = None
    family: str | None = None
    rate_hz: Annotated[float, Meta(gt=0)] | None = None

    def __post_init__(self) -> None:
        """Check that it can be named and found, and that its family has this rate."""
        if not re.fullmatch(r"[a-z0-9][a-z0-9_-]{0,30}", self.name):
            raise ValueError(f"name {self.name!r} goes into topics: use up to 31 of a-z, 0-9, _ and -")
        if self.address is not None and not re.fullmatch(r"([0-9A-Fa-f]{2}:){5}[0-9A-Fa-f]{2}", self.address):
            raise ValueError(f"address {self.address!r} must look like C0:FF:EE:A1:B2:C3; 'sleepclip scan' shows it")
        if self.address is None and self.advertised_name is None:
            raise ValueError(f"clip {self.name!r} needs an address: 'sleepclip scan' shows it")
        if self.family is not None and self.family not in FAMILIES:
            raise ValueError(f"family {self.family!r} is none of {', '.join(FAMILIES)}")
        rates_hz = FAMILIES[self.family].traits.rates_hz if self.family and self.rate_hz else (self.rate_hz,)
        if self.rate_hz not in rates_hz:
            rates = ", ".join(f"{rate_hz:g}" for rate_hz in rates_hz)
            raise ValueError(f"rate_hz {self.rate_hz:g} is none of this family's: {rates}")

    def is_meant(self, address: str, advertised_name: str) -> bool:
        """Say whether what was heard is this clip; an address decides before a name does."""
        if self.address is not None:
            return address.upper() == self.address.upper()
        return advertised_name == self.advertised_name


class HomeAssistantSettings(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What Home Assistant is told.

    Attributes:
        discovery: describe the clips, so that they appear by themselves.
    """

    discovery: bool = True


class MonitoringSettings(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The monitoring switch.

    Attributes:
        back_on: local time at which monitoring that was switched off goes on again by itself, or 'never'.
    """

    back_on: str = "18:00"

    def __post_init__(self) -> None:
        """Check the time."""
        if not re.fullmatch(r"([01][0-9]|2[0-3]):[0-5][0-9]|never", self.back_on):
            raise ValueError(f"back_on {self.back_on!r} must be a time like '18:00', or 'never'")


class Config(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Everything that can be set; each attribute is a table of the file."""

    clips: tuple[ClipSettings, ...] = field(default=(), name="clip")
    mqtt: BrokerSettings | None = None
    """None: for `run` the broker of this machine, for `replay` one of its own."""
    home_assistant: HomeAssistantSettings = HomeAssistantSettings()
    monitoring: MonitoringSettings = MonitoringSettings()
    notify: NotifySettings = NotifySettings()
    recording: RecordingSettings = RecordingSettings()
    bluetooth: RadioSettings = RadioSettings()
    policy: PolicySettings = PolicySettings()
    conditions: ConditionSettings = ConditionSettings()
    outbox: OutboxSettings = OutboxSettings()
    detector: DetectorSettings = DetectorSettings()

    def __post_init__(self) -> None:
        """Check that clips can be told apart."""
        names = [clip.name for clip in self.clips]
        if twice := {name for name in names if names.count(name) > 1}:
            raise ValueError(f"more than one clip is called {min(twice)!r}: give each a name of its own")

    def service(self, mqtt: BrokerSettings, outbox: OutboxSettings, *, guest: bool = False) -> ServiceSettings:
        """Give the settings of the alert service with this broker and outbox; a guest says nothing for the program."""
        return ServiceSettings(
            mqtt=mqtt,
            outbox=outbox,
            notify=self.notify,
            discovery=self.home_assistant.discovery,
            bridge=not guest,
            monitoring_back_on=None if self.monitoring.back_on == "never" else self.monitoring.back_on,
        )


def find(explicit: Path | None) -> Path | None:
    """Say which file counts: the one given, else the user's, else the system's, else none.

    Raises:
        UseError: nobody can tell, for a directory may not be looked into.
    """
    if explicit is not None:
        return explicit
    user_file = Path(os.environ.get("XDG_CONFIG_HOME") or Path.home() / ".config") / "sleepclip" / "config.toml"
    for path in (user_file, SYSTEM_FILE):
        try:
            if path.is_file():
                return path
        except PermissionError as error:
            raise _forbidden(path) from error
    return None


def _forbidden(path: Path) -> UseError:
    return UseError(f"{path}: may not be read; ask for read permission (chmod, chown)")


def load(explicit: Path | None) -> Config:
    """Read the file that counts, or the defaults where there is none.

    Raises:
        UseError: the file cannot be read, is no TOML, or holds an unknown key or an impossible value.
    """
    path = find(explicit)
    return Config() if path is None else read(path)


def read(path: Path) -> Config:
    """Read one configuration file.

    Raises:
        UseError: as for `load`.
    """
    try:
        return parse(path.read_text(encoding="utf-8"))
    except PermissionError as error:
        raise _forbidden(path) from error
    except OSError as error:
        raise UseError(f"{path}: cannot read the configuration: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise UseError(f"{path}: no UTF-8 text (byte {error.start}): save it as UTF-8") from error
    except ValueError as error:
        raise UseError(f"{path}: {error}") from error


def parse(text: str) -> Config:
    """Read a configuration from text.

    Raises:
        ValueError: with the key, its value and the mend, or the line of a syntax error.
    """
    try:
        raw = msgspec.toml.decode(text)
    except msgspec.DecodeError as error:
        raise ValueError(f"no valid TOML: {error}") from error
    _check_finite(raw, [])
    try:
        return msgspec.convert(_over_defaults(raw, Config()), Config)
    except msgspec.ValidationError as error:
        raise ValueError(_explain(str(error), raw)) from error


def _check_finite(raw: object, keys: list[int | str]) -> None:
    """Refuse `nan` and `inf`, which TOML has and no setting means."""
    if isinstance(raw, float) and not math.isfinite(raw):
        raise ValueError(f"{_dotted(keys)} = {raw}: expected a finite number")
    inner = raw.items() if isinstance(raw, dict) else enumerate(raw) if isinstance(raw, list) else ()
    for key, value in inner:
        _check_finite(value, [*keys, key])


def _over_defaults(raw: object, default: object) -> object:
    """Fill a table up from the settings it stands for, whose values may differ from those of their class."""
    if not (isinstance(raw, dict) and isinstance(default, Struct)):
        return raw
    values = {key.encode_name: getattr(default, key.name) for key in msgspec.structs.fields(type(default))}
    return values | {name: _over_defaults(value, values.get(name)) for name, value in raw.items()}


def _explain(message: str, raw: object) -> str:
    """Put msgspec's message into the words of the file."""
    what, _, path = message.partition(" - at `$")
    keys = [int(word) if word.isdigit() else word for word in re.findall(r"[^.\[\]`]+", path)]
    if unknown := re.fullmatch(r"Object contains unknown field `(.*)`", what):
        return f"{_dotted([*keys, unknown[1]])}: unknown key{_nearest(unknown[1], keys)}"
    if missing := re.fullmatch(r"Object missing required field `(.*)`", what):
        return f"{_dotted([*keys, missing[1]])}: this key is missing: add it"
    if what.startswith("Invalid enum value"):
        what = f"expected one of {', '.join(map(repr, _allowed(keys)))}"
    what = re.sub(r"`(\w+)( \| null)?`", lambda name: _WORDS.get(name[1], name[1]), what)
    return f"{_dotted(keys)}{_value_at(raw, keys)}: {what[:1].lower()}{what[1:]}".removeprefix(": ")


def _dotted(keys: list[int | str]) -> str:
    """Write a path as a person would: `clip 2, rate_hz` counts tables from one."""
    words = [f" {key + 1}," if isinstance(key, int) else f".{key}" for key in keys]
    return "".join(words).strip(".,").replace(",.", ", ")


def _value_at(raw: object, keys: list[int | str]) -> str:
    """Write ` = value`, or nothing for a table."""
    for key in keys:
        raw = raw[key]  # type: ignore[index]  # msgspec walked the same path
    return "" if isinstance(raw, dict | list) else f" = {msgspec.json.encode(raw, enc_hook=str).decode()}"


def _nearest(unknown: str, keys: list[int | str]) -> str:
    known = _known_keys(keys)
    close = difflib.get_close_matches(unknown, known, n=1)
    return f": did you mean {close[0]!r}?" if close else f": remove it; known here are {', '.join(known)}"


def _known_keys(keys: list[int | str]) -> list[str]:
    """List the keys the table at this path may have."""
    table = _type_at(keys)
    assert isinstance(table, inspect.StructType), f"{keys} lead to {table}, which has no keys"
    return [key.encode_name for key in table.fields]


def _allowed(keys: list[int | str]) -> list[object]:
    """List the values that are allowed at this path."""
    choice = _type_at(keys)
    return list(choice.values) if isinstance(choice, inspect.LiteralType) else []


def _type_at(keys: list[int | str]) -> inspect.Type:
    kind: inspect.Type = inspect.type_info(Config)
    for key in keys:
        if isinstance(kind, inspect.StructType):
            kind = _without_none(next(field.type for field in kind.fields if field.encode_name == key))
        elif isinstance(kind, inspect.VarTupleType):
            kind = kind.item_type
    return kind


def _without_none(kind: inspect.Type) -> inspect.Type:
    if isinstance(kind, inspect.UnionType):
        return next(option for option in kind.types if not isinstance(option, inspect.NoneType))
    return kind
