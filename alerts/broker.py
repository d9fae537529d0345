"""A broker inside the program, for demo and replay on one machine: MQTT 3.1.1, loopback, no passwords.

Home Assistant needs a real one (mosquitto). Nothing imports this module at import time, for amqtt is large.
"""

import asyncio
import logging
from types import TracebackType
from typing import Self

from amqtt.broker import Broker

from alerts.mqtt import BrokerSettings

_HOST = "127.0.0.1"
_PLUGINS = {"amqtt.plugins.authentication.AnonymousAuthPlugin": {"allow_anonymous": True}}


class EmbeddedBroker:
    """A broker on a free port of the loopback address.

    async with EmbeddedBroker() as broker:
        Connection(broker.settings)
    """

    def __init__(self) -> None:
        for name in ("amqtt", "transitions"):  # they tell every packet
            logging.getLogger(name).setLevel(logging.ERROR)
        listener = {"type": "tcp", "bind": f"{_HOST}:0"}
        self._broker = Broker({"listeners": {"default": listener}, "plugins": _PLUGINS})
        self._port = 0

    @property
    def settings(self) -> BrokerSettings:
        """How to reach it, once it is started."""
        return BrokerSettings(host=_HOST, port=self._port, protocol="3.1.1")

    async def __aenter__(self) -> Self:
        """Start it."""
        await self._broker.start()
        listening = self._broker._servers["default"].instance  # noqa: SLF001  amqtt tells the port nowhere else
        assert isinstance(listening, asyncio.Server)
        self._port = listening.sockets[0].getsockname()[1]
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Stop it."""
        await self._broker.shutdown()
