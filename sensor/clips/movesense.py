"""Movesense sensors, GATT SensorData Protocol (GSP).

| bytes | type | meaning |
|---|---|---|
| 0 | u8 | 1 answer, 2 data, 3 the rest of the data packet before |
| 1 | u8 | reference: what we named the subscription |
| 2-5 | u32 | in data: ms since boot at the **first** sample |
| then | n x 3 float32 | x, y, z, m/s2 |

Little-endian. An answer is 1, reference, u16 status (200 is yes). Commands: HELLO 0, SUBSCRIBE 1, UNSUBSCRIBE 2, each
with the reference; a subscription names its resource, "/Meas/Acc/52", and ends with the link. A sensor cuts at the MTU
and sends the rest in packets of type 3, anywhere within a sample.

The API states m/s2. The first packet is checked against gravity: what lies still weighs 9.8 in m/s2, so a packet whose
samples all measure about 1 can only be in g (or in free fall), and the session is read as g.

Sources: Movesense gatt_sensordata_app and its bleak client; movesense-api meas/acc.yaml (unit, "timestamp of first
measurement"); sample rates of the /Meas/Acc/Info documentation.
"""

import struct
from collections.abc import Iterable, Sequence

import numpy as np

from processing.samples import Floats
from sensor.clips.family import Command, Frame, PacketError, Traits

GRAVITY_MPS2 = 9.80665  # standard gravity, CGPM 1901
REFERENCE = 99
ANSWER, DATA, REST = 1, 2, 3
SUBSCRIBE, UNSUBSCRIBE = 1, 2
STATUS_OK = 200
RANGE_G = 8.0  # the default
RESOLUTION_G = RANGE_G / 2**15
REST_G = (0.8, 1.2)  # magnitude of what lies still, with room for offset and slow movement
PACKETS_PER_S = 13  # samples come in groups, 4 at 52 Hz
TIME_MODULUS_S = 2**32 / 1000
CONTROL_UUID = "34800001-7185-4d5d-b431-630e7050e8f0"

TRAITS = Traits(
    name="movesense",
    title="Movesense",
    rates_hz=(13.0, 26.0, 52.0, 104.0, 208.0),
    default_rate_hz=52.0,
    resolution_g=RESOLUTION_G,
    service_uuid="34802252-7185-4d5d-b431-630e7050e8f0",
    data_uuid="34800002-7185-4d5d-b431-630e7050e8f0",
    control_uuid=CONTROL_UUID,
    advertised_uuids=(
        "34802252-7185-4d5d-b431-630e7050e8f0",
        "0000fdf3-0000-1000-8000-00805f9b34fb",
        "0000fe06-0000-1000-8000-00805f9b34fb",  # older firmware
    ),
    advertised_names=("Movesense",),
    clip_time_modulus_s=TIME_MODULUS_S,
)

_HEAD = struct.Struct("<BBI")
_SAMPLE_BYTES = 12


class _Decoder:
    """Whole samples are given at once; the bytes of one that is cut wait for the rest of the packet."""

    def __init__(self, rate_hz: float) -> None:
        self._rate_hz = rate_hz
        self._unit_per_g: float | None = None
        self._begun = False
        self._next_time_s = 0.0
        self._tail = b""

    def decode(self, data: bytes) -> Sequence[Frame]:
        if len(data) < 2 or data[0] not in (ANSWER, DATA, REST):  # noqa: PLR2004 - type and reference
            raise PacketError("Movesense: neither an answer nor data")
        if data[0] == ANSWER:
            return ()
        if data[1] != REFERENCE:
            raise PacketError(f"Movesense: data of subscription {data[1]}, which is not ours ({REFERENCE})")
        return self._data(data) if data[0] == DATA else self._rest(data)

    def _data(self, data: bytes) -> Sequence[Frame]:
        self._begun = False
        if len(data) <= _HEAD.size:
            raise PacketError("Movesense: data without samples")
        *_, time_ms = _HEAD.unpack_from(data)
        frames = self._samples(data[_HEAD.size :], time_ms / 1000)
        self._begun = True
        return frames

    def _rest(self, data: bytes) -> Sequence[Frame]:
        if not self._begun or len(data) == 2:  # noqa: PLR2004 - type and reference
            raise PacketError("Movesense: the rest of a packet that was not seen, or nothing of it")
        self._begun = False
        frames = self._samples(self._tail + data[2:], self._next_time_s)
        self._begun = True
        return frames

    def _samples(self, payload: bytes, time_s: float) -> Sequence[Frame]:
        whole = len(payload) - len(payload) % _SAMPLE_BYTES
        with np.errstate(invalid="ignore"):  # a NaN is refused by Frame
            values = np.frombuffer(payload[:whole], dtype="<f4").reshape(-1, 3).astype(np.float64)
        frames: tuple[Frame, ...] = ()
        if whole:
            unit_per_g = self._unit_per_g or _unit_per_g(values)
            frames = (Frame(accel_g=values / unit_per_g, clip_time_s=time_s % TIME_MODULUS_S),)
            self._unit_per_g = unit_per_g
        self._tail = payload[whole:]
        self._next_time_s = time_s + len(values) / self._rate_hz
        return frames


def _unit_per_g(values: Floats) -> float:
    size = np.sqrt((values**2).sum(axis=1))
    return 1.0 if ((size > REST_G[0]) & (size < REST_G[1])).all() else GRAVITY_MPS2


class _Encoder:
    def __init__(self, rate_hz: float) -> None:
        self._rate_hz = rate_hz
        self._group = max(1, round(rate_hz / PACKETS_PER_S))

    def encode(self, accel_g: Floats, *, first_sample: int) -> Iterable[bytes]:
        packets = []
        for row in range(0, len(accel_g), self._group):
            time_ms = round((first_sample + row) * 1000 / self._rate_hz) % 2**32
            within_g = np.clip(accel_g[row : row + self._group], -RANGE_G, RANGE_G)
            values = (np.rint(within_g / RESOLUTION_G) * (RESOLUTION_G * GRAVITY_MPS2)).astype("<f4")
            packets.append(_HEAD.pack(DATA, REFERENCE, time_ms) + values.tobytes())
        return packets


class Movesense:
    """The family; see the module for its layout."""

    traits = TRAITS

    def decoder(self, rate_hz: float) -> _Decoder:
        """Make a decoder; it keeps the unit, and a packet in parts."""
        return _Decoder(rate_hz)

    def encoder(self, rate_hz: float) -> _Encoder:
        """Make an encoder; it keeps no state."""
        return _Encoder(rate_hz)

    def start(self, rate_hz: float) -> Sequence[Command]:
        """Subscribe to the accelerometer."""
        resource = f"/Meas/Acc/{rate_hz:.0f}".encode()
        return (
            Command(
                uuid=CONTROL_UUID,
                data=bytes([SUBSCRIBE, REFERENCE]) + resource,
                reply=bytes([ANSWER, REFERENCE]) + STATUS_OK.to_bytes(2, "little"),
            ),
        )

    def stop(self) -> Sequence[Command]:
        """End the subscription."""
        return (Command(uuid=CONTROL_UUID, data=bytes([UNSUBSCRIBE, REFERENCE])),)


MOVESENSE = Movesense()
