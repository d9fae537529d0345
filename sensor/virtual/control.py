"""The clip's side of the families' commands: what it answers, and at what rate it then sends. Pure.

| family | told to | answers |
|---|---|---|
| sleepclip | 1 rate: start; 0: stop | nothing |
| Polar | 02 02 settings: start; 03 02: stop | F0 op type error more |
| Movesense | 01 ref resource: start; 02 ref: stop | 01 ref status |
| micro:bit | period, ms | nothing; the period can be read |
| Thingy:52 | configuration | nothing |
| InfiniTime | nothing | nothing |
"""

import struct
from collections.abc import Callable, Container, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

from sensor.clips import infinitime, microbit, movesense, polar, sleepclip, thingy52
from sensor.clips.family import Family


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """How a clip is set.

    Attributes:
        rate_hz: it samples at.
        streaming: it sends to whoever subscribed.
        answer: to the last command; empty for none.
    """

    rate_hz: float
    streaming: bool
    answer: bytes = b""


def at_power_on(family: Family) -> Settings:
    """Say how a clip is set when it is switched on."""
    commanded = family.traits.name in ("sleepclip", "polar", "polar_h10", "movesense")
    return Settings(rate_hz=family.traits.default_rate_hz, streaming=not commanded)


def obey(family: Family, settings: Settings, command: bytes, refused_hz: Container[float] = ()) -> Settings:
    """Give the settings after a command, with the answer to it; `refused_hz` are rates this clip does not take."""
    rates_hz = [rate_hz for rate_hz in family.traits.rates_hz if rate_hz not in refused_hz]
    return _OBEY[family.traits.name](rates_hz, replace(settings, answer=b""), command)


def readable(settings: Settings) -> Mapping[str, bytes]:
    """Give the values that can be read back, by characteristic."""
    return {microbit.PERIOD_UUID: round(1000 / settings.rate_hz).to_bytes(2, "little")}


def _sleepclip(rates_hz: Sequence[float], settings: Settings, command: bytes) -> Settings:
    match list(command):
        case [1, rate_hz] if rate_hz in rates_hz:
            return replace(settings, rate_hz=float(rate_hz), streaming=True)
        case [0]:
            return replace(settings, streaming=False)
        case _:
            return settings


def _polar(rates_hz: Sequence[float], settings: Settings, command: bytes) -> Settings:
    op, kind = command[0], command[1]
    if op == polar.STOP:
        return replace(settings, streaming=False, answer=bytes([polar.ANSWER, op, kind, 0, 0]))
    (rate_hz,) = struct.unpack_from("<H", command, 4)
    if rate_hz not in rates_hz:
        return replace(settings, answer=bytes([polar.ANSWER, op, kind, 5]))  # 5 = invalid parameter
    answer = bytes([polar.ANSWER, op, kind, 0, 0, polar.FACTOR, 1]) + struct.pack("<f", 1.0)
    return replace(settings, rate_hz=float(rate_hz), streaming=True, answer=answer)


def _movesense(rates_hz: Sequence[float], settings: Settings, command: bytes) -> Settings:
    op, reference = command[0], command[1]
    if op == movesense.UNSUBSCRIBE:
        return replace(settings, streaming=False)
    rate_hz = float(command.rsplit(b"/", 1)[1])
    status = movesense.STATUS_OK if rate_hz in rates_hz else 501  # 501 = no such rate (meas/acc.yaml)
    answer = bytes([movesense.ANSWER, reference]) + status.to_bytes(2, "little")
    if status != movesense.STATUS_OK:
        return replace(settings, answer=answer)
    return replace(settings, rate_hz=rate_hz, streaming=True, answer=answer)


def _microbit(rates_hz: Sequence[float], settings: Settings, command: bytes) -> Settings:
    asked_ms = int.from_bytes(command, "little")
    periods_ms = [1000 / rate_hz for rate_hz in rates_hz]
    return replace(settings, rate_hz=1000 / min(periods_ms, key=lambda period_ms: abs(period_ms - asked_ms)))


def _thingy52(rates_hz: Sequence[float], settings: Settings, command: bytes) -> Settings:  # noqa: ARG001 - takes any rate
    *_, rate_hz, _wake = struct.unpack("<HHHHB", command)
    return replace(settings, rate_hz=float(rate_hz))


def _infinitime(rates_hz: Sequence[float], settings: Settings, command: bytes) -> Settings:  # noqa: ARG001 - takes no command
    return settings


_OBEY: Final[Mapping[str, Callable[[Sequence[float], Settings, bytes], Settings]]] = {
    sleepclip.TRAITS.name: _sleepclip,
    polar.POLAR.traits.name: _polar,
    polar.POLAR_H10.traits.name: _polar,
    movesense.TRAITS.name: _movesense,
    microbit.TRAITS.name: _microbit,
    thingy52.TRAITS.name: _thingy52,
    infinitime.TRAITS.name: _infinitime,
}
