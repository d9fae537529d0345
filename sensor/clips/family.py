"""The contract of a clip family, one module each: how its bytes become samples, and samples its bytes."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np

from processing.samples import ACCEL_G_MAX, Floats


class PacketError(ValueError):
    """The bytes are no packet of this family. Nothing else may be raised, whatever the bytes."""


@dataclass(frozen=True, eq=False, slots=True, kw_only=True)
class Frame:
    """One decoded packet.

    Attributes:
        accel_g: `(n, 3)`, n >= 1, g, clip axes.
        sequence: the clip's counter as sent, modulo `Traits.sequence_modulus`; None where the family has none.
        clip_time_s: the clip's own clock at row 0, modulo `Traits.clip_time_modulus_s`; None where it has none.

    Raises:
        PacketError: no row, or a value that no clip measures.
    """

    accel_g: Floats
    sequence: int | None = None
    clip_time_s: float | None = None

    def __post_init__(self) -> None:
        """Refuse what cannot have been felt, so that no decoder has to."""
        if self.accel_g.ndim != 2 or self.accel_g.shape[1] != 3 or not len(self.accel_g):  # noqa: PLR2004 - x, y, z
            raise PacketError(f"holds samples of shape {self.accel_g.shape}, not (n, 3)")
        if not (np.abs(self.accel_g) <= ACCEL_G_MAX).all():  # NaN fails the comparison too
            raise PacketError(f"holds an acceleration that is not finite or beyond {ACCEL_G_MAX:g} g")


@dataclass(frozen=True, slots=True, kw_only=True)
class Traits:
    """What is fixed for a family, with units; its module names the source beside each number.

    Attributes:
        name: short name, used in configuration, recordings and on the command line.
        title: for people.
        rates_hz: rates it can run at, ascending.
        default_rate_hz: the one asked for.
        resolution_g: step of one bit at the default range.
        service_uuid: GATT service that holds the data.
        data_uuid: characteristic that notifies samples.
        control_uuid: characteristic for commands; None where there is none.
        reply_uuid: characteristic whose indications or notifications answer commands, if not `data_uuid`.
        advertised_uuids: services of which any one in an advertisement marks the family.
        advertised_names: prefixes of the local name that mark it.
        sequence_modulus: of `Frame.sequence`; None where there is no counter.
        sequence_per_sample: the counter counts samples, not packets.
        clip_time_modulus_s: of `Frame.clip_time_s`; None where there is no clip clock or it never wraps in use.
        notifies_on_change: a hole in the data is no loss.
    """

    name: str
    title: str
    rates_hz: tuple[float, ...]
    default_rate_hz: float
    resolution_g: float
    service_uuid: str
    data_uuid: str
    control_uuid: str | None = None
    reply_uuid: str | None = None
    advertised_uuids: tuple[str, ...] = ()
    advertised_names: tuple[str, ...] = ()
    sequence_modulus: int | None = None
    sequence_per_sample: bool = False
    clip_time_modulus_s: float | None = None
    notifies_on_change: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Command:
    """Bytes to write before or after a session.

    Attributes:
        uuid: characteristic to write.
        data: what to write.
        reply: how the answer begins that says yes; empty for none. It comes on `Traits.reply_uuid`, or else among the
            data. Another answer with the same first byte says no.
        rate_hz: gives the rate the clip chose, Hz, from the value of the characteristic, which is then read back after
            the write. Raises `PacketError` where the value makes no sense.

    The answer also goes into the stream as a packet, for a decoder may need what it tells.
    """

    uuid: str
    data: bytes
    reply: bytes = b""
    rate_hz: Callable[[bytes], float] | None = None


class Decoder(Protocol):
    """Bytes to frames, for one session; it may keep state between packets."""

    def decode(self, data: bytes) -> Sequence[Frame]:
        """Give the frames these bytes complete (none while a packet is in parts).

        Raises:
            PacketError: for every malformed packet, and nothing else, ever.
        """
        ...


class Encoder(Protocol):
    """Samples to bytes, as the clip itself would send them."""

    def encode(self, accel_g: Floats, *, first_sample: int) -> Iterable[bytes]:
        """Give the packets for `(n, 3)` g; `first_sample` counts samples since the clip was switched on."""
        ...


class Family(Protocol):
    """A clip family."""

    traits: Traits

    def decoder(self, rate_hz: float) -> Decoder:
        """Make a decoder for a new session at this rate."""
        ...

    def encoder(self, rate_hz: float) -> Encoder:
        """Make an encoder for a clip that runs at this rate."""
        ...

    def start(self, rate_hz: float) -> Sequence[Command]:
        """Say what to write once subscribed, so that samples flow at this rate."""
        ...

    def stop(self) -> Sequence[Command]:
        """Say what to write before leaving."""
        ...
