"""The open sleepclip profile: sequence and clip clock in every packet. `docs/clip-protocol.md` is its specification."""

import struct
from collections.abc import Iterator, Sequence
from typing import Final

import numpy as np

from processing.samples import Floats
from sensor.clips.family import Command, Frame, PacketError, Traits

SERVICE_UUID: Final = "d1010000-1aad-49ae-82b7-fe15437958d5"
DATA_UUID: Final = "d1010001-1aad-49ae-82b7-fe15437958d5"
CONTROL_UUID: Final = "d1010002-1aad-49ae-82b7-fe15437958d5"

COUNTS_PER_G: Final = 8192
TICKS_PER_S: Final = 1024
ROWS_MAX: Final = 84
"""An attribute value holds at most 512 bytes (Bluetooth Core, Vol 3, Part F, 3.2.9)."""
ROWS_SENT: Final = 10
"""Rows a packet when this program plays the clip: 64 bytes, as any link with an MTU of 67 carries them."""

_MODULUS: Final = 1 << 16
_HEADER: Final = struct.Struct("<HH")  # sequence, ticks
_ROW_BYTES: Final = 6  # int16 x, y, z
_STOP: Final = 0
_START: Final = 1
_ROWS: Final = np.dtype("<i2")

TRAITS: Final = Traits(
    name="sleepclip",
    title="sleepclip open profile (Puck.js, Zephyr, ESP32)",
    rates_hz=(25.0, 50.0, 100.0),
    default_rate_hz=50.0,
    resolution_g=1 / COUNTS_PER_G,
    service_uuid=SERVICE_UUID,
    data_uuid=DATA_UUID,
    control_uuid=CONTROL_UUID,
    advertised_uuids=(SERVICE_UUID,),
    advertised_names=("sleepclip",),
    sequence_modulus=_MODULUS,
    sequence_per_sample=True,
    clip_time_modulus_s=_MODULUS / TICKS_PER_S,
)


class SleepclipDecoder:
    """Bytes to frames; it keeps no state."""

    def decode(self, data: bytes) -> Sequence[Frame]:
        """Give the one frame of a packet.

        Raises:
            PacketError: the length is not 4 + 6 n bytes with n from 1 to 84.
        """
        rows, rest = divmod(len(data) - _HEADER.size, _ROW_BYTES)
        if rest or not 1 <= rows <= ROWS_MAX:
            raise PacketError(f"{len(data)} bytes are no sleepclip packet: it has 4 + 6 n, n from 1 to {ROWS_MAX}")
        sequence, ticks = _HEADER.unpack_from(data)
        counts = np.frombuffer(data, _ROWS, offset=_HEADER.size).reshape(rows, 3)
        return (Frame(accel_g=counts / COUNTS_PER_G, sequence=sequence, clip_time_s=ticks / TICKS_PER_S),)


class SleepclipEncoder:
    """Samples to packets of up to `ROWS_SENT` rows.

    Args:
        rate_hz: of the clip.
    """

    def __init__(self, rate_hz: float) -> None:
        self._rate_hz = rate_hz

    def encode(self, accel_g: Floats, *, first_sample: int) -> Iterator[bytes]:
        """Give the packets for `(n, 3)` g; values beyond +-4 g saturate, as in the chip."""
        counts = np.clip(np.rint(accel_g * COUNTS_PER_G), -32768, 32767).astype(_ROWS)
        for row in range(0, len(counts), ROWS_SENT):
            sample = first_sample + row
            ticks = int(sample * TICKS_PER_S / self._rate_hz)
            yield _HEADER.pack(sample % _MODULUS, ticks % _MODULUS) + counts[row : row + ROWS_SENT].tobytes()


class Sleepclip:
    """The family."""

    traits = TRAITS

    def decoder(self, rate_hz: float) -> SleepclipDecoder:  # noqa: ARG002  the packets do not depend on the rate
        """Make a decoder for a new session."""
        return SleepclipDecoder()

    def encoder(self, rate_hz: float) -> SleepclipEncoder:
        """Make an encoder for a clip that runs at this rate."""
        return SleepclipEncoder(rate_hz)

    def start(self, rate_hz: float) -> Sequence[Command]:
        """Start sampling at one of `TRAITS.rates_hz`.

        Raises:
            ValueError: the rate is none of them.
        """
        if rate_hz not in TRAITS.rates_hz:
            raise ValueError(f"a sleepclip runs at 25, 50 or 100 Hz, not at {rate_hz:g} Hz")
        return (Command(uuid=CONTROL_UUID, data=bytes((_START, int(rate_hz)))),)

    def stop(self) -> Sequence[Command]:
        """Stop sampling."""
        return (Command(uuid=CONTROL_UUID, data=bytes((_STOP,))),)


SLEEPCLIP: Final = Sleepclip()
