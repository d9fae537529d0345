"""The clip families: one module each, all under the contract in `family`."""

from collections.abc import Iterable, Mapping
from types import MappingProxyType
from typing import Final

from sensor.clips.family import Family
from sensor.clips.infinitime import INFINITIME
from sensor.clips.microbit import MICROBIT
from sensor.clips.movesense import MOVESENSE
from sensor.clips.polar import POLAR, POLAR_H10
from sensor.clips.sleepclip import SLEEPCLIP
from sensor.clips.thingy52 import THINGY52

__all__ = ["FAMILIES", "identify"]

_ALL: Final[tuple[Family, ...]] = (SLEEPCLIP, POLAR, POLAR_H10, MOVESENSE, MICROBIT, THINGY52, INFINITIME)

FAMILIES: Final[Mapping[str, Family]] = MappingProxyType({family.traits.name: family for family in _ALL})
"""Every family by its name."""


def identify(name: str | None, service_uuids: Iterable[str]) -> Family | None:
    """Tell the family from an advertisement: a service UUID decides before a name does; None if it is no clip of ours.

    Args:
        name: local name as advertised, if any.
        service_uuids: 128-bit text form, in any case.
    """
    services = {uuid.lower() for uuid in service_uuids}
    for family in _ALL:
        if services.intersection(family.traits.advertised_uuids):
            return family
    for family in _ALL:
        if name and name.startswith(family.traits.advertised_names):
            return family
    return None
