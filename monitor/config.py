"""The configuration: one TOML file, read into frozen settings. A fault names the file, the key, the value and the mend.

`monitor/example.toml` documents every key. Secrets are never in the file: a key names the file or the environment
variable that holds one.
"""

import difflib
import os
import re
from pathlib import Path
from typing import Final

import msgspec
from msgspec import Struct, inspect

from monitor.errors import UseError

SYSTEM_FILE: Final = Path("/etc/sleepclip/config.toml")
EXAMPLE_FILE: Final = Path(__file__).with_name("example.toml")

_WORDS: Final = {
    "`str`": "text in quotes",
    "`int`": "a whole number",
    "`float`": "a number",
    "`bool`": "true or false",
    "`array`": "a list, in [ ]",
    "`object`": "a table",
    "`null`": "nothing",
}
"""msgspec's names of types, in the words of the file."""


class Config(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Everything that can be set."""


def find(explicit: Path | None) -> Path | None:
    """Say which file counts: the one given, else the user's, else the system's, else none."""
    if explicit is not None:
        return explicit
    user_file = Path(os.environ.get("XDG_CONFIG_HOME") or Path.home() / ".config") / "sleepclip" / "config.toml"
    return next((path for path in (user_file, SYSTEM_FILE) if path.is_file()), None)


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
    try:
        return msgspec.convert(raw, Config)
    except msgspec.ValidationError as error:
        raise ValueError(_explain(str(error), raw)) from error


def _explain(message: str, raw: object) -> str:
    """Put msgspec's message into the words of the file."""
    what, _, path = message.partition(" - at `$")
    keys = [int(word) if word.isdigit() else word for word in re.findall(r"[^.\[\]`]+", path)]
    where = _dotted(keys)
    if unknown := re.fullmatch(r"Object contains unknown field `(.*)`", what):
        return f"{_dotted([*keys, unknown[1]])}: unknown key{_nearest(unknown[1], keys)}"
    if missing := re.fullmatch(r"Object missing required field `(.*)`", what):
        return f"{_dotted([*keys, missing[1]])}: this key is missing: add it"
    what = re.sub("|".join(map(re.escape, _WORDS)), lambda name: _WORDS[name[0]], what)
    return f"{where} = {_value_at(raw, keys)}: {what[:1].lower()}{what[1:]}"


def _dotted(keys: list[int | str]) -> str:
    """Write a path as a person would: `clip 2, rate_hz` counts tables from one."""
    words = [f" {key + 1}," if isinstance(key, int) else f".{key}" for key in keys]
    return "".join(words).strip(".,").replace(",.", ", ")


def _value_at(raw: object, keys: list[int | str]) -> str:
    for key in keys:
        raw = raw[key]  # type: ignore[index]  # msgspec walked the same path
    return msgspec.json.encode(raw, enc_hook=str).decode()


def _nearest(unknown: str, keys: list[int | str]) -> str:
    known = _known_keys(keys)
    close = difflib.get_close_matches(unknown, known, n=1)
    return f": did you mean {close[0]!r}?" if close else f": remove it; known here are {', '.join(known)}"


def _known_keys(keys: list[int | str]) -> list[str]:
    """List the keys the table at this path may have."""
    table: inspect.Type = inspect.type_info(Config)
    for key in keys:
        if isinstance(table, inspect.StructType):
            table = _without_none(next(field.type for field in table.fields if field.encode_name == key))
        elif isinstance(table, inspect.VarTupleType):
            table = table.item_type
    assert isinstance(table, inspect.StructType), f"{keys} lead to {table}, which has no keys"
    return [field.encode_name for field in table.fields]


def _without_none(kind: inspect.Type) -> inspect.Type:
    if isinstance(kind, inspect.UnionType):
        return next(option for option in kind.types if not isinstance(option, inspect.NoneType))
    return kind
