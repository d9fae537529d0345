"""Tells systemd how the service is: ready, alive, stopping, and a line of status (the protocol of sd_notify(3)).

One datagram a message, to the socket named by NOTIFY_SOCKET; without that variable nothing is sent.
"""

import os
import socket
from collections.abc import Mapping
from contextlib import suppress
from typing import Final

READY: Final = "READY=1"
ALIVE: Final = "WATCHDOG=1"
STOPPING: Final = "STOPPING=1"


def status(text: str) -> str:
    """Give the message that `systemctl status` shows as one line."""
    return f"STATUS={' '.join(text.split())}"


class Systemd:
    """The service manager, as the environment of this process describes it."""

    def __init__(self, environment: Mapping[str, str] = os.environ) -> None:
        self._address = environment.get("NOTIFY_SOCKET", "")
        for_us = environment.get("WATCHDOG_PID", str(os.getpid())) == str(os.getpid())
        microseconds = int(environment.get("WATCHDOG_USEC", 0)) if for_us else 0
        self.watchdog_s: float | None = microseconds / 1e6 or None
        """The longest silence it allows; None where it does not watch."""

    def notify(self, *messages: str) -> None:
        """Send messages in one datagram; it is lost where nobody reads it, for that must not stop the program."""
        if not self._address:
            return
        address = "\0" + self._address[1:] if self._address.startswith("@") else self._address
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as datagram:
            datagram.settimeout(0)
            with suppress(BlockingIOError, ConnectionRefusedError, FileNotFoundError):
                datagram.sendto("\n".join(messages).encode(), address)
