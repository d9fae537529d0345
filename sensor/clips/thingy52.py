"""Nordic Thingy:52, raw data of the motion service.

| bytes | type | meaning |
|---|---|---|
| 0-5 | 3 x i16 | acceleration x, y, z: Q6.10, 1024 = 1 g |
| 6-11 | 3 x i16 | angular rate, Q11.5 degrees/s; not used |
| 12-17 | 3 x i16 | magnetic field, Q12.4 microtesla; not used |

Little-endian, one sample a notification; no counter and no clock. Configuration, written whole: u16 pedometer ms,
u16 temperature compensation ms, u16 magnetometer compensation ms, u16 motion Hz (5 to 200), u8 wake on motion.

Sources: Nordic Thingy:52 firmware documentation, Bluetooth services, Thingy Motion Service; the scales also in
pip thingy52 and github.com/jtguggedal/thingy_web_bluetooth.
"""

import struct
from collections.abc import Iterable, Sequence

import numpy as np

from processing.samples import Floats
from sensor.clips.family import Command, Frame, PacketError, Traits

PER_G = 1024.0
CONFIG_UUID = "ef680401-9b35-4933-9b10-52ffa9740042"
SLOW_MS = 5000  # pedometer and compensations: the slowest they go, for the battery's sake

TRAITS = Traits(
    name="thingy52",
    title="Nordic Thingy:52",
    rates_hz=(25.0, 50.0, 100.0, 200.0),  # any whole number from 5 to 200 works
    default_rate_hz=50.0,
    resolution_g=1 / PER_G,
    service_uuid="ef680400-9b35-4933-9b10-52ffa9740042",
    data_uuid="ef680406-9b35-4933-9b10-52ffa9740042",
    control_uuid=CONFIG_UUID,
    advertised_uuids=("ef680100-9b35-4933-9b10-52ffa9740042",),  # the configuration service, the one it advertises
    advertised_names=("Thingy",),
)

_LAYOUT = struct.Struct("<9h")
_CONFIG = struct.Struct("<HHHHB")


class _Decoder:
    def decode(self, data: bytes) -> Sequence[Frame]:
        if len(data) != _LAYOUT.size:
            raise PacketError(f"Thingy:52: a packet has {_LAYOUT.size} bytes, not {len(data)}")
        return (Frame(accel_g=np.array([_LAYOUT.unpack(data)[:3]]) / PER_G),)


class _Encoder:
    def encode(self, accel_g: Floats, *, first_sample: int) -> Iterable[bytes]:  # noqa: ARG002 - it sends no counter
        limits = np.iinfo("<i2")
        nine = np.zeros((len(accel_g), 9), dtype="<i2")
        nine[:, :3] = np.clip(np.rint(accel_g * PER_G), limits.min, limits.max)
        return [row.tobytes() for row in nine]


class Thingy52:
    """The family; see the module for its layout."""

    traits = TRAITS

    def decoder(self, rate_hz: float) -> _Decoder:  # noqa: ARG002 - samples say nothing of their rate
        """Make a decoder; it keeps no state."""
        return _Decoder()

    def encoder(self, rate_hz: float) -> _Encoder:  # noqa: ARG002 - see decoder
        """Make an encoder; it keeps no state."""
        return _Encoder()

    def start(self, rate_hz: float) -> Sequence[Command]:
        """Set the rate of the motion unit; the other values are as slow as they go."""
        return (Command(uuid=CONFIG_UUID, data=_CONFIG.pack(SLOW_MS, SLOW_MS, SLOW_MS, round(rate_hz), 0)),)

    def stop(self) -> Sequence[Command]:
        """Nothing: it stops with the link."""
        return ()


THINGY52 = Thingy52()
