"""BBC micro:bit, accelerometer service.

| bytes | type | meaning |
|---|---|---|
| 0-1 | i16 | x, mg |
| 2-3 | i16 | y, mg |
| 4-5 | i16 | z, mg |

Little-endian, one sample a notification; no counter and no clock. The period is a u16 in ms. A clip rounds it to what
its sensor can do (version 1.5 makes 100 ms of 80), so it is read back. Zero is never written, and 1 ms has crashed
clips (lancaster-university/microbit-dal, issues 300 and 445).

Sources: UUIDs and layout: lancaster-university.github.io/microbit-docs, Bluetooth profile, Accelerometer Service.
"""

import struct
from collections.abc import Iterable, Sequence

import numpy as np

from processing.samples import RATE_HZ_MAX, RATE_HZ_MIN, Floats
from sensor.clips.family import Command, Frame, PacketError, Traits

MG_PER_G = 1000.0
PERIOD_UUID = "e95dfb24-251d-470a-a062-fa1922dfa9a8"

TRAITS = Traits(
    name="microbit",
    title="BBC micro:bit",
    rates_hz=(12.5, 50.0, 100.0, 200.0),  # of the periods 1, 2, 5, 10, 20, 80, 160, 640 ms: those in our range
    default_rate_hz=50.0,
    resolution_g=0.004,  # version 2: LSM303AGR, 10 bit at 2 g. Version 1 gives multiples of 16 mg
    service_uuid="e95d0753-251d-470a-a062-fa1922dfa9a8",
    data_uuid="e95dca4b-251d-470a-a062-fa1922dfa9a8",
    control_uuid=PERIOD_UUID,
    advertised_uuids=("e95d0753-251d-470a-a062-fa1922dfa9a8",),
    advertised_names=("BBC micro:bit",),
)

_LAYOUT = struct.Struct("<hhh")
_PERIOD = struct.Struct("<H")


def rate_hz_of(period: bytes) -> float:
    """Give the rate, Hz, for the value of the period characteristic.

    Raises:
        PacketError: it is no period, or one that is of no use here.
    """
    if len(period) != _PERIOD.size:
        raise PacketError(f"micro:bit: a period has {_PERIOD.size} bytes, not {len(period)}")
    (period_ms,) = _PERIOD.unpack(period)
    if not RATE_HZ_MIN <= 1000 / max(period_ms, 1) <= RATE_HZ_MAX:
        raise PacketError(f"micro:bit: it chose a period of {period_ms} ms, which is of no use")
    return float(1000 / period_ms)


class _Decoder:
    def decode(self, data: bytes) -> Sequence[Frame]:
        if len(data) != _LAYOUT.size:
            raise PacketError(f"micro:bit: a packet has {_LAYOUT.size} bytes, not {len(data)}")
        return (Frame(accel_g=np.array([_LAYOUT.unpack(data)]) / MG_PER_G),)


class _Encoder:
    def encode(self, accel_g: Floats, *, first_sample: int) -> Iterable[bytes]:  # noqa: ARG002 - it sends no counter
        limits = np.iinfo("<i2")
        accel_mg = np.clip(np.rint(accel_g * MG_PER_G), limits.min, limits.max).astype("<i2")
        return [row.tobytes() for row in accel_mg]


class MicroBit:
    """The family; see the module for its layout."""

    traits = TRAITS

    def decoder(self, rate_hz: float) -> _Decoder:  # noqa: ARG002 - samples say nothing of their rate
        """Make a decoder; it keeps no state."""
        return _Decoder()

    def encoder(self, rate_hz: float) -> _Encoder:  # noqa: ARG002 - see decoder
        """Make an encoder; it keeps no state."""
        return _Encoder()

    def start(self, rate_hz: float) -> Sequence[Command]:
        """Set the period, and read back what the clip made of it."""
        period_ms = max(1, round(1000 / rate_hz))
        return (Command(uuid=PERIOD_UUID, data=_PERIOD.pack(period_ms), rate_hz=rate_hz_of),)

    def stop(self) -> Sequence[Command]:
        """Nothing: it stops with the link."""
        return ()


MICROBIT = MicroBit()
