"""Polar Verity Sense, OH1 and H10: Polar Measurement Data (PMD), acceleration.

Data:

| bytes | type | meaning |
|---|---|---|
| 0 | u8 | measurement type, 2 = acceleration (the upper two bits are reserved) |
| 1-8 | u64 | ns since 2000-01-01 of the **last** sample, by the clip's own clock |
| 9 | u8 | frame type; bit 7 = delta |
| 10... | | samples x, y, z |

Frame types 0, 1, 2 raw: i8, i16 or i24, mg. Delta: three i16 as reference, then blocks of u8 bits, u8 count and
count x 3 signed differences of that many bits, packed from the lowest bit, each block filled up to a whole byte; every
sample is the one before plus its difference. Delta type 0 is in g, type 1 in mg, both times FACTOR.

Control point, written and answered by indication (F0, command, type, error, more, parameters): STOP 3, START 2 with
parameters [type][count 1][value]: 0 rate u16 Hz, 1 resolution u16 bit, 2 range u16 g, 4 channels u8; START's answer may
carry 5, FACTOR float32. So the answer goes through the decoder, like a packet.

Little-endian. The clock may jump: after a reset, and when a phone sets it.

Sources: polarofficial/polar-ble-sdk, technical documentation "Polar Measurement Data Specification" and the SDK's
AccData, BlePMDClient and PmdSetting (types, field sizes, delta frames, units of the delta types); the channels
parameter as sent to a Verity Sense by several independent clients; H10 rates from the SDK's product page.
"""

import struct
from collections.abc import Iterable, Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from processing.samples import Floats
from sensor.clips.family import Command, Frame, PacketError, Traits

MG_PER_G = 1000.0
CONTROL_UUID = "fb005c81-02e7-f387-1cad-8acd2d8df0c8"
ACCELERATION = 2
START, STOP = 2, 3
ANSWER = 0xF0
RATE, RESOLUTION, RANGE, RANGE_MILLI, CHANNELS, FACTOR = 0, 1, 2, 3, 4, 5
PARAMETER_BYTES: Mapping[int, int] = {RATE: 2, RESOLUTION: 2, RANGE: 2, RANGE_MILLI: 4, CHANNELS: 1, FACTOR: 4}
RESOLUTION_BIT, RANGE_G = 16, 8
DELTA = 0x80
RAW_BYTES: Mapping[int, int] = {0: 1, 1: 2, 2: 3}
DELTA_UNIT_G: Mapping[int, float] = {0: 1.0, 1: 1 / MG_PER_G}
BITS_MAX = 17  # the difference of two i16
SAMPLES_PER_PACKET = 36  # as a Verity Sense sends at most, at an MTU of 232 (0.7 s at 52 Hz)

Ints = NDArray[np.int64]

_HEAD = struct.Struct("<BQB")
_ANSWER_HEAD = 5


def _traits(
    name: str, title: str, rates_hz: tuple[float, ...], default_rate_hz: float, names: tuple[str, ...]
) -> Traits:
    return Traits(
        name=name,
        title=title,
        rates_hz=rates_hz,
        default_rate_hz=default_rate_hz,
        resolution_g=1 / MG_PER_G,
        service_uuid="fb005c80-02e7-f387-1cad-8acd2d8df0c8",
        data_uuid="fb005c82-02e7-f387-1cad-8acd2d8df0c8",
        control_uuid=CONTROL_UUID,
        reply_uuid=CONTROL_UUID,
        advertised_names=names,  # its advertised service, 0xFEEE, is that of every Polar device
    )


class _Decoder:
    """It keeps FACTOR."""

    def __init__(self, rate_hz: float) -> None:
        self._rate_hz = rate_hz
        self._factor = 1.0

    def decode(self, data: bytes) -> Sequence[Frame]:
        if data[:1] == bytes([ANSWER]):
            self._factor = _factor(data) or self._factor
            return ()
        if len(data) <= _HEAD.size:
            raise PacketError("Polar: shorter than its header")
        kind, last_ns, frame_type = _HEAD.unpack_from(data)
        if kind & 0x3F != ACCELERATION:
            raise PacketError(f"Polar: measurement type {kind & 0x3F}, not acceleration ({ACCELERATION})")
        accel_g = self._samples(frame_type, data[_HEAD.size :])
        first_s = last_ns / 1e9 - (len(accel_g) - 1) / self._rate_hz
        return (Frame(accel_g=accel_g, clip_time_s=max(first_s, 0.0)),)

    def _samples(self, frame_type: int, body: bytes) -> Floats:
        kind = frame_type & ~DELTA
        if frame_type & DELTA and kind in DELTA_UNIT_G:
            return _delta(body) * (self._factor * DELTA_UNIT_G[kind])
        if not frame_type & DELTA and kind in RAW_BYTES:
            return _raw(body, RAW_BYTES[kind]) / MG_PER_G
        raise PacketError(f"Polar: unknown frame type 0x{frame_type:02x}")


def _raw(body: bytes, size: int) -> Floats:
    if len(body) % (3 * size):
        raise PacketError(f"Polar: {len(body)} bytes do not hold whole samples of 3 x {size}")
    octets = np.frombuffer(body, dtype=np.uint8).reshape(-1, 3, size).astype(np.int64)
    unsigned = (octets << (8 * np.arange(size))).sum(axis=2)
    return _signed(unsigned, 8 * size).astype(np.float64)


def _signed(unsigned: Ints, bits: int) -> Floats:
    return (unsigned - ((unsigned >> (bits - 1)) << bits)).astype(np.float64)


def _delta(body: bytes) -> Floats:
    if len(body) < 6:  # noqa: PLR2004 - three i16
        raise PacketError("Polar: a delta frame without its reference")
    parts = [np.frombuffer(body[:6], dtype="<i2").reshape(1, 3).astype(np.float64)]
    at = 6
    while at < len(body):
        if at + 2 > len(body):
            raise PacketError("Polar: a delta block without its header")
        bits, count = body[at], body[at + 1]
        size = (bits * count * 3 + 7) // 8
        at += 2
        if not 1 <= bits <= BITS_MAX or not count or at + size > len(body):
            raise PacketError(f"Polar: a delta block of {count} x 3 x {bits} bit in {len(body) - at} bytes")
        parts.append(_block(body[at : at + size], bits, count))
        at += size
    return np.concatenate(parts).cumsum(axis=0)


def _block(packed: bytes, bits: int, count: int) -> Floats:
    flags = np.unpackbits(np.frombuffer(packed, dtype=np.uint8), count=bits * count * 3, bitorder="little")
    weights = 1 << np.arange(bits, dtype=np.int64)
    return _signed(flags.reshape(count, 3, bits) @ weights, bits)


def _factor(answer: bytes) -> float | None:
    """Find FACTOR in the answer to START; None in any other."""
    if answer[1:4] != bytes([START, ACCELERATION, 0]):
        return None
    at = _ANSWER_HEAD
    while at + 2 <= len(answer):
        kind, count = answer[at], answer[at + 1]
        size = PARAMETER_BYTES.get(kind)
        if size is None or at + 2 + size * count > len(answer):
            raise PacketError("Polar: an answer with a parameter that is unknown or cut")
        if kind == FACTOR and count == 1:
            return _positive(struct.unpack_from("<f", answer, at + 2)[0])
        at += 2 + size * count
    return None


def _positive(factor: float) -> float:
    if not 0 < factor < float("inf"):
        raise PacketError(f"Polar: a FACTOR of {factor}")
    return factor


class _Encoder:
    """`delta` as Verity Sense and OH1 send, else raw i16 as H10 does."""

    def __init__(self, rate_hz: float, *, delta: bool) -> None:
        self._rate_hz = rate_hz
        self._delta = delta

    def encode(self, accel_g: Floats, *, first_sample: int) -> Iterable[bytes]:
        limits = np.iinfo("<i2")
        accel_mg = np.clip(np.rint(accel_g * MG_PER_G), limits.min, limits.max).astype(np.int64)
        packets = []
        for row in range(0, len(accel_mg), SAMPLES_PER_PACKET):
            part = accel_mg[row : row + SAMPLES_PER_PACKET]
            last_ns = round((first_sample + row + len(part) - 1) * 1e9 / self._rate_hz)
            body = _packed(part) if self._delta else part.astype("<i2").tobytes()
            packets.append(_HEAD.pack(ACCELERATION, last_ns, DELTA | 1 if self._delta else 1) + body)
        return packets


def _packed(accel_mg: Ints) -> bytes:
    """Give a reference and one block of differences, as narrow as they fit."""
    reference: bytes = accel_mg[0].astype("<i2").tobytes()
    steps = np.diff(accel_mg, axis=0)
    if not len(steps):
        return reference
    bits = max(int(step).bit_length() if step >= 0 else int(~step).bit_length() for step in steps.flat) + 1
    flags = (steps.reshape(-1, 1) >> np.arange(bits)) & 1
    packed: bytes = np.packbits(flags.astype(np.uint8), bitorder="little").tobytes()
    return reference + bytes([bits, len(steps)]) + packed


class Polar:
    """One of the families; see the module for the layout.

    Args:
        traits: what is fixed.
        delta: it compresses, and wants to be told the number of channels.
    """

    def __init__(self, traits: Traits, *, delta: bool) -> None:
        self.traits = traits
        self._delta = delta

    def decoder(self, rate_hz: float) -> _Decoder:
        """Make a decoder; it reads every frame type."""
        return _Decoder(rate_hz)

    def encoder(self, rate_hz: float) -> _Encoder:
        """Make an encoder."""
        return _Encoder(rate_hz, delta=self._delta)

    def start(self, rate_hz: float) -> Sequence[Command]:
        """Stop first, for a stream that still runs is not started again and FACTOR not told; then start."""
        settings = struct.pack("<BBHBBHBBH", RATE, 1, round(rate_hz), RESOLUTION, 1, RESOLUTION_BIT, RANGE, 1, RANGE_G)
        channels = bytes([CHANNELS, 1, 3]) if self._delta else b""
        return (
            Command(uuid=CONTROL_UUID, data=bytes([STOP, ACCELERATION]), reply=bytes([ANSWER, STOP])),
            Command(
                uuid=CONTROL_UUID,
                data=bytes([START, ACCELERATION]) + settings + channels,
                reply=bytes([ANSWER, START, ACCELERATION, 0]),
            ),
        )

    def stop(self) -> Sequence[Command]:
        """Stop the stream, for it would go on without us and empty the battery."""
        return (Command(uuid=CONTROL_UUID, data=bytes([STOP, ACCELERATION])),)


POLAR = Polar(
    _traits("polar", "Polar Verity Sense or OH1", (50.0, 52.0), 52.0, ("Polar Sense", "Polar OH1")),  # OH1: 50
    delta=True,
)
POLAR_H10 = Polar(_traits("polar_h10", "Polar H10", (25.0, 50.0, 100.0, 200.0), 50.0, ("Polar H10",)), delta=False)
