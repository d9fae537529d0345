"""PineTime watch with InfiniTime, raw motion values of the motion service.

| bytes | type | meaning |
|---|---|---|
| 0-1 | i16 | x, 1024 = 1 g |
| 2-3 | i16 | y |
| 4-5 | i16 | z |

Little-endian, one sample a notification; no counter and no clock. The watch reads its sensor ten times a second and
notifies only what differs from the value before: silence means that nothing moved. 10 Hz is too slow to tell tremor
and fast jerking.

Sources: InfiniTime doc/MotionService.md and src/components/ble/MotionService.cpp; BMA421 at 2 g and 12 bit.
"""

import struct
from collections.abc import Iterable, Sequence

import numpy as np

from processing.samples import Floats
from sensor.clips.family import Command, Frame, PacketError, Traits

PER_G = 1024.0

TRAITS = Traits(
    name="infinitime",
    title="PineTime (InfiniTime)",
    rates_hz=(10.0,),
    default_rate_hz=10.0,
    resolution_g=1 / PER_G,
    service_uuid="00030000-78fc-48fe-8e23-433b3a1942d0",
    data_uuid="00030002-78fc-48fe-8e23-433b3a1942d0",
    advertised_uuids=("00030000-78fc-48fe-8e23-433b3a1942d0",),
    advertised_names=("InfiniTime", "Pinetime-JF"),
    notifies_on_change=True,
)

_LAYOUT = struct.Struct("<hhh")


class _Decoder:
    def decode(self, data: bytes) -> Sequence[Frame]:
        if len(data) != _LAYOUT.size:
            raise PacketError(f"InfiniTime: a packet has {_LAYOUT.size} bytes, not {len(data)}")
        return (Frame(accel_g=np.array([_LAYOUT.unpack(data)]) / PER_G),)


class _Encoder:
    def __init__(self) -> None:
        self._before = b""

    def encode(self, accel_g: Floats, *, first_sample: int) -> Iterable[bytes]:  # noqa: ARG002 - it sends no counter
        limits = np.iinfo("<i2")
        packets = []
        for row in np.clip(np.rint(accel_g * PER_G), limits.min, limits.max).astype("<i2"):
            data = row.tobytes()
            if data != self._before:
                packets.append(data)
            self._before = data
        return packets


class InfiniTime:
    """The family; see the module for its layout."""

    traits = TRAITS

    def decoder(self, rate_hz: float) -> _Decoder:  # noqa: ARG002 - samples say nothing of their rate
        """Make a decoder; it keeps no state."""
        return _Decoder()

    def encoder(self, rate_hz: float) -> _Encoder:  # noqa: ARG002 - see decoder
        """Make an encoder; it remembers what it sent last."""
        return _Encoder()

    def start(self, rate_hz: float) -> Sequence[Command]:  # noqa: ARG002 - it has one rate
        """Nothing: it streams once subscribed."""
        return ()

    def stop(self) -> Sequence[Command]:
        """Nothing: it stops with the link."""
        return ()


INFINITIME = InfiniTime()
