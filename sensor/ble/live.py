"""A live clip as a source: one supervisor that brings the link back, every time, and says why it was gone."""

import asyncio
import logging
import random
from collections import deque
from collections.abc import AsyncIterator, Sequence
from contextlib import suppress
from types import TracebackType

from sensor.ble.errors import BluetoothError, ClipError
from sensor.ble.radio import Found, OutOfRangeError, Radio
from sensor.ble.session import Clip, Session, stamp
from sensor.clips import FAMILIES
from sensor.clips.family import Traits
from sensor.stream import LinkDown, StreamItem

_log = logging.getLogger(__name__)


class LiveClip:
    """One clip, named by its address or its advertised name. A `sensor.stream.Source`.

    The stream never ends by itself. A session gives `LinkUp`, packets, battery and signal; its end, and every other
    cause for which none begins, gives a `LinkDown`. Packets that are not taken in time end the session, loudly.

    Args:
        radio: the adapter, shared by all clips on it.
        address: of the clip. With it, no other clip is ever taken for this one.
        name: as advertised, if there is no address. After the first session its address counts.
        family: name of its family; None to tell it from the advertisement.
        rate_hz: rate to ask for; None for the family's usual rate, or another that the clip takes.

    Raises:
        ValueError: neither address nor name, or a family or rate that does not exist.
    """

    def __init__(
        self,
        radio: Radio,
        *,
        address: str = "",
        name: str = "",
        family: str | None = None,
        rate_hz: float | None = None,
    ) -> None:
        if not address and not name:
            raise ValueError("a clip needs an address or a name")
        if family is not None and family not in FAMILIES:
            raise ValueError(f"clip family {family!r} is none of {', '.join(FAMILIES)}")
        self._radio = radio
        self._address = address.upper()
        self._name = name
        self._family = FAMILIES[family] if family else None
        self._rate_hz = rate_hz
        self._items: deque[StreamItem] = deque()
        self._news = asyncio.Event()
        self._supervisor: asyncio.Task[None] | None = None
        self._cause = ""  # of the last LinkDown; empty while a session is on
        self._tries = 0
        self._failures = 0  # those that may be the adapter's fault

    async def __aenter__(self) -> AsyncIterator[StreamItem]:
        """Start the supervisor."""
        self._supervisor = asyncio.create_task(self._supervise(), name=f"clip {self._address or self._name}")
        self._supervisor.add_done_callback(lambda _: self._news.set())
        return self._stream(self._supervisor)

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None, /
    ) -> None:
        """Stop the clip and leave it."""
        assert self._supervisor is not None
        self._supervisor.cancel()
        with suppress(asyncio.CancelledError):
            await self._supervisor

    async def _stream(self, supervisor: asyncio.Task[None]) -> AsyncIterator[StreamItem]:
        while True:
            while self._items:
                yield self._items.popleft()
            if supervisor.done():
                supervisor.result()  # it only ends by a bug: let it be seen
                return
            self._news.clear()
            await self._news.wait()

    def _give(self, item: StreamItem) -> None:
        """Queue an item.

        Raises:
            asyncio.QueueFull: too many wait.
        """
        if len(self._items) >= self._radio.settings.queue_items:
            raise asyncio.QueueFull
        self._items.append(item)
        self._news.set()

    def _down(self, error: BluetoothError) -> None:
        """Tell why there is no session, once for each cause; it has room even in a full queue."""
        if error.cause != self._cause:
            _log.warning("%s: %s", self._address or self._name, error)
            self._cause = error.cause
            now_s, wall_s = stamp()
            self._items.append(LinkDown(at_s=now_s, wall_s=wall_s, cause=error.cause, mend=error.mend))
            self._news.set()

    async def _supervise(self) -> None:
        while True:
            self._tries += 1
            try:
                await self._session()
            except OutOfRangeError as error:
                self._tries = 1  # to listen was pause enough
                self._down(error)
            except BluetoothError as error:
                self._failures += not isinstance(error, ClipError)
                self._down(error)
            await self._power_cycle()
            await asyncio.sleep(self._backoff_s())

    async def _session(self) -> None:
        """Find, connect, stream.

        Raises:
            BluetoothError: no session came about.
        """
        heard = await self._radio.find(self._is_wanted, thorough=not self._address)
        clip = self._chosen(heard)
        session = Session(clip, self._radio.settings, self._give, self._opened)
        async with self._radio.connection(clip.found, session.gone) as client:
            try:
                await session.run(client)
            except BluetoothError as error:
                self._failures += not session.opened and not isinstance(error, ClipError)
                self._down(error)  # at once: to disconnect may take its time
            except asyncio.CancelledError:
                await session.stop(client)
                raise

    def _opened(self) -> None:
        self._cause, self._tries, self._failures = "", 0, 0

    def _is_wanted(self, found: Found) -> bool:
        return found.address == self._address if self._address else found.name == self._name

    def _chosen(self, found: Sequence[Found]) -> Clip:
        if len({one.address for one in found}) > 1:
            addresses = " and ".join(sorted(one.address for one in found))
            raise ClipError(f"more than one device is called {self._name!r}: {addresses}", "configure the address")
        one = found[0]
        family = self._family or one.family
        if family is None:
            raise ClipError(f"{one.name or one.address} is no clip that is known", "configure its family")
        self._address = one.address
        return Clip(found=one, family=family, rates_hz=self._rates_hz(family.traits))

    def _rates_hz(self, traits: Traits) -> Sequence[float]:
        if self._rate_hz is None:
            return sorted(traits.rates_hz, key=lambda rate_hz: abs(rate_hz - traits.default_rate_hz))
        if self._rate_hz not in traits.rates_hz:
            rates = ", ".join(f"{rate_hz:g}" for rate_hz in traits.rates_hz)
            raise ClipError(f"a {traits.title} does not run at {self._rate_hz:g} Hz", f"set rate_hz to {rates}")
        return (self._rate_hz,)

    async def _power_cycle(self) -> None:
        if self._failures < self._radio.settings.power_cycle_after:
            return
        self._failures = 0
        try:
            await self._radio.power_cycle()
        except BluetoothError as error:
            self._down(error)

    def _backoff_s(self) -> float:
        settings = self._radio.settings
        longest_s = min(settings.backoff_max_s, settings.backoff_min_s * 2.0 ** min(max(0, self._tries - 1), 20))
        return longest_s * random.uniform(0.5, 1.0)  # noqa: S311 - so that several clips do not try in step
