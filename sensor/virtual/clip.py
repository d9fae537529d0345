"""A clip that is not there: it samples a movement by its own clock and sends what a real one would, faults and all.

It knows no radio: `sensor.virtual.air` puts it on bumble, `sensor.virtual.bluez` behind a fake org.bluez.
"""

import asyncio
import random
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np

from processing.samples import Floats
from sensor.clips import polar, sleepclip
from sensor.clips.family import Family
from sensor.virtual.control import at_power_on, obey, readable

BATTERY_SERVICE: Final = "0000180f-0000-1000-8000-00805f9b34fb"
BATTERY_UUID: Final = "00002a19-0000-1000-8000-00805f9b34fb"
HEADER_BYTES: Final = 3
"""Of an ATT notification: so much less than the MTU fits into one."""


@dataclass(slots=True, kw_only=True)
class Faults:
    """What goes wrong, as shares of the packets; may be changed while the clip runs.

    Attributes:
        drop: never arrive.
        double: arrive twice.
        garbage: are other bytes, of an odd number, for what has the length of a packet is one.
        cut: lose their end, so that an odd number of bytes is left.
        silent: nothing is sent at all.
        stalled: packets are held back; once it is False again, they come in a burst.
        drift_ppm: the clip's clock is so much faster than ours.
    """

    drop: float = 0.0
    double: float = 0.0
    garbage: float = 0.0
    cut: float = 0.0
    silent: bool = False
    stalled: bool = False
    drift_ppm: float = 0.0


class VirtualClip:
    """One clip.

    Args:
        family: whose bytes it sends.
        address: of its radio.
        name: as advertised.
        movement_g: what it feels, `(n, 3)` g at `movement_hz`, again and again; None for a quiet sleeper.
        movement_hz: rate of that.
        seed: for the faults.

    Attributes:
        advertised: services in its advertisement.
        refused_hz: rates it does not take, though its family has them.
        packets: how many were handed to the radio.
    """

    def __init__(
        self,
        family: Family,
        *,
        address: str = "C4:F2:17:1A:1D:AA",
        name: str = "",
        movement_g: Floats | None = None,
        movement_hz: float = 50.0,
        seed: int = 0,
    ) -> None:
        self.family = family
        self.address = address.upper()
        self.name = name or (family.traits.advertised_names or (family.traits.title,))[0]
        self.advertised = family.traits.advertised_uuids[:1]
        self.battery_percent = 87
        self.faults = Faults()
        self.mtu = 247
        self.packets = 0
        self.refused_hz: set[float] = set()
        self._movement_g = quiet_sleep(movement_hz) if movement_g is None else movement_g
        self._movement_hz = movement_hz
        self._random = random.Random(seed)  # noqa: S311 - faults, no secrets
        self._notify: Callable[[str, bytes], None] | None = None
        self._subscribed: set[str] = set()
        self._held: list[bytes] = []
        self._next = 0
        self._power_on()

    @property
    def services(self) -> Mapping[str, Mapping[str, tuple[str, ...]]]:
        """The GATT table: characteristics and their properties, by service."""
        traits = self.family.traits
        own: dict[str, tuple[str, ...]] = {traits.data_uuid: ("read", "notify")}
        if traits.control_uuid:
            own[traits.control_uuid] = ("read", "write", *(("indicate",) if traits.reply_uuid else ()))
        return {traits.service_uuid: own, BATTERY_SERVICE: {BATTERY_UUID: ("read", "notify")}}

    @property
    def samples(self) -> int:
        """Samples measured since power-on."""
        return self._next

    def link_up(self, notify: Callable[[str, bytes], None], mtu: int = 247) -> None:
        """Take a connection: `notify` sends a value of a characteristic."""
        self._notify = notify
        self.mtu = mtu

    def link_down(self) -> None:
        """Take the loss of the connection: subscriptions and streams end with it."""
        self._notify = None
        self._subscribed.clear()
        self._held.clear()
        self._settings = at_power_on(self.family)

    def subscribe(self, uuid: str, *, on: bool) -> None:
        """Take a subscription, or its end."""
        if on:
            self._subscribed.add(uuid)
        else:
            self._subscribed.discard(uuid)

    def write(self, uuid: str, value: bytes) -> None:
        """Take a command, and answer it."""
        if uuid != self.family.traits.control_uuid:
            return
        before_hz = self._settings.rate_hz
        self._settings = obey(self.family, self._settings, value, self.refused_hz)
        if self._settings.rate_hz != before_hz:
            self._restart_encoder()
        if self._settings.answer:
            self._send(self.family.traits.reply_uuid or self.family.traits.data_uuid, self._settings.answer)

    def read(self, uuid: str) -> bytes:
        """Give the value of a characteristic."""
        if uuid == BATTERY_UUID:
            return bytes([self.battery_percent])
        return readable(self._settings).get(uuid, b"")

    def reboot(self) -> None:
        """Lose power for a moment: counter and clock begin anew. The radio has to drop the link."""
        self.link_down()
        self._power_on()

    async def run(self) -> None:
        """Measure and send, until cancelled."""
        while True:
            rows = self._rows()
            await asyncio.sleep(self._due_s(self._next + rows) - asyncio.get_running_loop().time())
            if self._due_s(self._next + rows) > asyncio.get_running_loop().time():
                continue  # it was set anew meanwhile
            first, self._next = self._next, self._next + rows
            accel_g = self._felt(first, rows)
            for data in self._encoder.encode(accel_g, first_sample=first):
                self._packet(data)
            if not self.faults.stalled:
                self._flush()

    def _power_on(self) -> None:
        self._settings = at_power_on(self.family)
        self._next = 0
        self._restart_encoder()

    def _restart_encoder(self) -> None:
        self._encoder = self.family.encoder(self._settings.rate_hz)
        self._since: tuple[float, int] | None = None

    def _rows(self) -> int:
        """Give the samples of one packet: no more than fit."""
        room = self.mtu - HEADER_BYTES
        match self.family.traits.name:
            case "sleepclip":
                return min(sleepclip.ROWS_SENT, (room - 4) // 6)
            case "polar" | "polar_h10":  # header and reference, then 17 bits a difference at most
                return min(polar.SAMPLES_PER_PACKET, 1 + max(0, room - 18) * 8 // (3 * polar.BITS_MAX))
            case "movesense":
                return 4
            case _:
                return 1

    def _due_s(self, number: int) -> float:
        """Say when sample `number` is measured."""
        if self._since is None:
            self._since = asyncio.get_running_loop().time(), self._next
        since_s, since = self._since
        return since_s + (number - since) / (self._settings.rate_hz * (1 + self.faults.drift_ppm * 1e-6))

    def _felt(self, first: int, rows: int) -> Floats:
        index = (np.arange(first, first + rows) * self._movement_hz / self._settings.rate_hz).astype(np.int64)
        return self._movement_g[index % len(self._movement_g)]

    def _packet(self, data: bytes) -> None:
        """Hand one packet to the radio."""
        uuid = self.family.traits.data_uuid
        if self._settings.streaming and uuid in self._subscribed and not self.faults.silent:
            self.packets += 1
            self._held += self._arriving(data)

    def _arriving(self, data: bytes) -> list[bytes]:
        """Let fate have its way with a packet."""
        faults, chance = self.faults, self._random.random
        if chance() < faults.drop:
            return []
        if chance() < faults.garbage:
            data = self._random.randbytes(1 + 2 * self._random.randrange(20))
        elif chance() < faults.cut:
            data = data[: self._random.randrange(0, len(data), 2) + 1]
        return [data] * (2 if chance() < faults.double else 1)

    def _flush(self) -> None:
        held, self._held = self._held, []
        for data in held:
            self._send(self.family.traits.data_uuid, data)

    def _send(self, uuid: str, data: bytes) -> None:
        if self._notify is None:
            return
        for part in self._parts(data):
            self._notify(uuid, part)

    def _parts(self, data: bytes) -> list[bytes]:
        """Cut at the MTU: a Movesense sends the rest in further packets, others lose it."""
        room = self.mtu - HEADER_BYTES
        if self.family.traits.name != "movesense":
            return [data[:room]]
        rest, head = data[room:], data[:room]
        step = room - 2
        return [head, *(bytes([3, data[1]]) + rest[at : at + step] for at in range(0, len(rest), step))]


def quiet_sleep(rate_hz: float, seconds: float = 60.0) -> Floats:
    """Give a baby that lies on its back and breathes 30 times a minute: `(n, 3)` g."""
    time_s = np.arange(round(seconds * rate_hz)) / rate_hz
    breath_g = 0.01 * np.sin(2 * np.pi * 0.5 * time_s)
    return np.stack([breath_g, 0.3 + breath_g, np.sqrt(1 - 0.3**2) - breath_g], axis=1)
