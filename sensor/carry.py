"""Samples as a clip would have sent them: the way from a table to packets."""

from collections.abc import Iterator

from processing.samples import Floats
from sensor.clips.family import Family
from sensor.stream import Arrival, LinkUp, Packet

ADDRESS = "00:00:00:00:00:00"
"""Of a clip that never was."""


def link_up(family: Family, rate_hz: float, start: Arrival, *, name: str = "") -> LinkUp:
    """The item that begins a session."""
    return LinkUp(
        at_s=start.at_s,
        wall_s=start.wall_s,
        family=family.traits.name,
        address=ADDRESS,
        name=name or family.traits.name,
        rate_hz=rate_hz,
    )


def carry(
    accel_g: Floats, family: Family, rate_hz: float, start: Arrival, *, first_sample: int = 0
) -> Iterator[Packet]:
    """Give the packets of consecutive rows over a link without delay: each arrives when its last row was felt.

    Args:
        accel_g: `(n, 3)`, g.
        family: of the clip.
        rate_hz: of the clip.
        start: when sample 0 was felt.
        first_sample: number of row 0.
    """
    decoder = family.decoder(rate_hz)
    sample = first_sample
    for data in family.encoder(rate_hz).encode(accel_g, first_sample=first_sample):
        sample += sum(len(frame.accel_g) for frame in decoder.decode(data))
        felt_s = max(sample - 1, 0) / rate_hz
        yield Packet(at_s=start.at_s + felt_s, wall_s=start.wall_s + felt_s, data=data)
