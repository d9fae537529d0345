"""The MQTT connection: the only file that knows aiomqtt and paho.

One `Connection` is one connection: paho keeps what it could not send and repeats it when the same client object
reconnects, so a fresh one is made each time and the outbox alone remembers. A publish counts when the broker has
confirmed it with a good reason code; aiomqtt drops that code, so it is kept here.
"""

import asyncio
import contextlib
import os
import socket
import ssl
import time
from collections.abc import AsyncIterator, Sequence
from pathlib import Path
from types import TracebackType
from typing import Annotated, Any, Final, Literal, NamedTuple, Self

import aiomqtt
import msgspec
from aiomqtt.exceptions import MqttConnectError
from msgspec import Meta
from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.properties import Properties
from paho.mqtt.reasoncodes import ReasonCode
from paho.mqtt.subscribeoptions import SubscribeOptions

from alerts.messages import Message

_INCOMING_MAX: Final = 1000
"""Commands that may wait; more are dropped, for a flood on the command topics must not eat the memory."""
_SESSION_S: Final = 60
"""The broker remembers our subscriptions this long, so that a command is not lost in a short break."""


class BrokerSettings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How to reach the MQTT broker. Secrets are named by file or environment variable, never written here.

    Attributes:
        host: name or address.
        port: None takes 1883, or 8883 with TLS.
        username: None for a broker without passwords.
        password_file: file whose first line is the password.
        password_env: environment variable that holds it.
        tls: encrypt. Implied by `ca_file`.
        ca_file: certificate of your own authority; None trusts the system's.
        cert_file: client certificate, for a broker that asks for one.
        key_file: its key.
        websocket_path: connect over websockets at this path.
        protocol: auto takes MQTT 5, or 3.1.1 where the broker does not know it.
        client_id: must be unique on the broker; empty takes the machine's name.
        keepalive_s: a dead link is noticed after two of these. Measured on a half-open link.
        will_delay_s: a break shorter than this is not shown as offline (MQTT 5).
        timeout_s: longest wait for an answer of the broker.
        retry_s: wait before the first reconnect; doubled each time, with jitter.
        retry_max_s: longest wait; an alert may be waiting too.
    """

    host: str = "localhost"
    port: Annotated[int, Meta(ge=1, le=65535)] | None = None
    username: str | None = None
    password_file: str | None = None
    password_env: str | None = None
    tls: bool = False
    ca_file: str | None = None
    cert_file: str | None = None
    key_file: str | None = None
    websocket_path: str | None = None
    protocol: Literal["auto", "5", "3.1.1"] = "auto"
    client_id: str = ""
    keepalive_s: Annotated[int, Meta(ge=1, le=600)] = 15
    will_delay_s: Annotated[int, Meta(ge=0, le=60)] = 10
    timeout_s: Annotated[float, Meta(gt=0)] = 10.0
    retry_s: Annotated[float, Meta(gt=0)] = 1.0
    retry_max_s: Annotated[float, Meta(gt=0)] = 15.0

    def __post_init__(self) -> None:
        """Check that there is somebody to connect to."""
        if not self.host.strip():
            raise ValueError("host is empty: give the broker's name or address, or leave the line out for localhost")

    @property
    def encrypted(self) -> bool:
        """Whether TLS is used."""
        return self.tls or self.ca_file is not None or self.cert_file is not None

    @property
    def address(self) -> str:
        """Host and port, for people."""
        return f"{self.host}:{self.port or (8883 if self.encrypted else 1883)}"

    def password(self) -> str | None:
        """Read the password.

        Raises:
            LoginRefusedError: the file or the environment variable is not there.
        """
        if self.password_file is not None:
            try:
                lines = Path(self.password_file).read_text(encoding="utf-8").splitlines()
            except (OSError, UnicodeDecodeError) as error:
                why = error.strerror if isinstance(error, OSError) else "it is no text"
                raise LoginRefusedError(
                    f"the password file {self.password_file} cannot be read ({why})",
                    "write the password into its first line, and let sleepclip read it; [mqtt] password_file names it",
                ) from error
            return lines[0] if lines else ""
        if self.password_env is None:
            return None
        password = os.environ.get(self.password_env)
        if password is None:
            raise LoginRefusedError(
                f"the environment variable {self.password_env} is not set", "set it to the password"
            )
        return password


class BrokerError(Exception):
    """The broker cannot be used. `cause` says why, `mend` what to do, both for people."""

    def __init__(self, cause: str, mend: str) -> None:
        super().__init__(f"{cause}; {mend}")
        self.cause = cause
        self.mend = mend


class HostUnknownError(BrokerError):
    """No address for the host's name."""


class PortClosedError(BrokerError):
    """Nothing listens there, or the way is barred."""


class TlsRefusedError(BrokerError):
    """One side does not trust the other, or one of them does not speak TLS."""


class LoginRefusedError(BrokerError):
    """Wrong user or password, or the password could not be read."""


class ProtocolRefusedError(BrokerError):
    """The broker does not speak this version of MQTT."""


class AccessDeniedError(BrokerError):
    """The broker's access list refuses a topic."""


class LinkLostError(BrokerError):
    """The connection broke, or the broker does not answer."""


class NoAnswerError(LinkLostError):
    """Something listens there, but it does not answer as an MQTT broker does."""


class Incoming(NamedTuple):
    """A message from the broker."""

    topic: str
    payload: bytes
    retained: bool


class _Client(aiomqtt.Client):
    """Keeps the reason code of a PUBACK, which aiomqtt drops: a denied publish would look delivered."""

    refusal: ReasonCode | None = None
    _abandoned = False

    def _on_publish(self, client: Any, userdata: Any, mid: int, reason_code: ReasonCode, properties: Any) -> None:  # noqa: ANN401  paho's own signature
        if reason_code.is_failure:
            self.refusal = reason_code
        super()._on_publish(client, userdata, mid, reason_code, properties)

    def abandon(self) -> None:
        """Close the socket, which aiomqtt leaves open when the broker refuses or the connecting task is cancelled."""
        self._abandoned = True
        if self._disconnected.done():
            self._disconnected.exception()  # looked at, or asyncio complains that nobody did
        self._loop.call_soon(self._client._sock_close)  # noqa: SLF001  paho closes it nowhere else without an answer

    def _client_connect(self) -> None:
        """Connect, in a thread that nothing can cancel: what was abandoned meanwhile is closed at once."""
        super()._client_connect()
        if self._abandoned:
            self._loop.call_soon_threadsafe(self._client._sock_close)  # noqa: SLF001  as above


class Connection:
    """One connection to the broker.

        async with Connection(settings, topics) as connection:
            await connection.publish(message)

    Args:
        settings: how to reach it.
        subscriptions: topic filters to listen on.
        will: what the broker says for us when we are gone without goodbye.

    Raises:
        BrokerError: on entering, publishing or listening; the class says what is wrong.
    """

    def __init__(
        self, settings: BrokerSettings, subscriptions: Sequence[str] = (), *, will: Message | None = None
    ) -> None:
        self._settings = settings
        self._will = will
        self._subscriptions = tuple(subscriptions)
        self._one_at_a_time = asyncio.Lock()
        self._client: _Client | None = None
        self.mqtt5 = settings.protocol != "3.1.1"
        """False where the broker speaks 3.1.1 only: no expiry, no delayed will, and a denied topic goes unnoticed."""

    async def __aenter__(self) -> Self:
        """Connect with MQTT 5, or with 3.1.1 where the broker does not know it."""
        if self._settings.protocol == "auto":
            await self._connect_as_both_can()
        else:
            await self._connect()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Say goodbye, if anyone still listens."""
        await self._leave()

    async def publish(self, message: Message) -> None:
        """Send a message and wait until the broker has taken it."""
        client = self._connected()
        async with self._one_at_a_time:
            client.refusal = None
            try:
                await client.publish(
                    message.topic, message.payload, qos=1, retain=message.retain, properties=self._expiry(message)
                )
            except aiomqtt.MqttError as error:
                raise self._lost() from error
            if client.refusal is not None:
                raise AccessDeniedError(
                    f"the broker {self._settings.address} refuses to take {message.topic} ({client.refusal})",
                    "let this user write sleepclip/# and homeassistant/device/# in the broker's access list",
                )

    async def incoming(self) -> AsyncIterator[Incoming]:
        """Give what arrives on the subscriptions, until the connection breaks."""
        client = self._connected()
        try:
            async for message in client.messages:
                yield Incoming(str(message.topic), message.payload, message.retain)
        except aiomqtt.MqttError as error:
            raise self._lost() from error

    def _connected(self) -> _Client:
        if self._client is None:
            raise LinkLostError("not connected", "enter the connection first")
        return self._client

    async def _connect_as_both_can(self) -> None:
        """Try MQTT 5 twice before 3.1.1: some brokers hang on what they cannot read, but any may be slow once."""
        with contextlib.suppress(NoAnswerError, ProtocolRefusedError):
            return await self._connect()
        with contextlib.suppress(NoAnswerError, ProtocolRefusedError):
            return await self._connect()
        self.mqtt5 = False
        return await self._connect()

    async def _connect(self) -> None:
        started_s = time.monotonic()
        client = _Client(**self._arguments())
        try:
            await client.__aenter__()
        except BaseException as error:
            client.abandon()
            if not isinstance(error, (aiomqtt.MqttError, OSError, ValueError)):
                raise
            raise _explain(error, self._settings, time.monotonic() - started_s) from error
        self._client = client
        try:
            await self._subscribe(client)
        except BaseException:
            await self._leave()
            raise

    async def _subscribe(self, client: _Client) -> None:
        """Listen, and ask not to be told what was retained: an old command is no command."""
        options = SubscribeOptions(qos=1, retainAsPublished=True, retainHandling=SubscribeOptions.RETAIN_DO_NOT_SEND)
        for topic in self._subscriptions:
            try:
                codes = await client.subscribe(topic, 0, options) if self.mqtt5 else await client.subscribe(topic, 1)
            except aiomqtt.MqttError as error:
                raise self._lost() from error
            if any((code.is_failure if isinstance(code, ReasonCode) else code >= _SUBACK_FAILURE) for code in codes):
                raise AccessDeniedError(
                    f"the broker {self._settings.address} refuses to let us listen on {topic}",
                    "let this user read sleepclip/# and homeassistant/status in the broker's access list",
                )

    async def _leave(self) -> None:
        client, self._client = self._client, None
        if client is None:
            return
        with contextlib.suppress(aiomqtt.MqttError):  # the link is gone, which is where we were going
            await client.__aexit__(None, None, None)
        client.abandon()

    def _lost(self) -> LinkLostError:
        return LinkLostError(
            f"the connection to the broker {self._settings.address} broke",
            "it is tried again by itself; see whether the broker runs, and that nobody else has this client_id",
        )

    def _expiry(self, message: Message) -> Properties | None:
        if message.expiry_s is None or not self.mqtt5:
            return None
        return _properties(PacketTypes.PUBLISH, MessageExpiryInterval=message.expiry_s)

    def _arguments(self) -> dict[str, Any]:
        s = self._settings
        given: dict[str, Any] = {
            "hostname": s.host,
            "port": s.port or (8883 if s.encrypted else 1883),
            "username": s.username,
            "password": s.password(),
            "identifier": s.client_id or f"{socket.gethostname()}-sleepclip",
            "keepalive": s.keepalive_s,
            "timeout": s.timeout_s,
            "max_queued_incoming_messages": _INCOMING_MAX,
            "tls_context": _tls_context(s) if s.encrypted else None,
            "transport": "tcp" if s.websocket_path is None else "websockets",
            "websocket_path": s.websocket_path,
        }
        if self.mqtt5:
            session = _properties(PacketTypes.CONNECT, SessionExpiryInterval=_SESSION_S)
            v5 = aiomqtt.ProtocolVersion.V5
            return given | {"will": self._last_will(), "protocol": v5, "clean_start": False, "properties": session}
        return given | {"will": self._last_will(), "protocol": aiomqtt.ProtocolVersion.V311, "clean_session": True}

    def _last_will(self) -> aiomqtt.Will | None:
        if self._will is None:
            return None
        delay = _properties(PacketTypes.WILLMESSAGE, WillDelayInterval=self._settings.will_delay_s)
        return aiomqtt.Will(self._will.topic, self._will.payload, 1, self._will.retain, delay if self.mqtt5 else None)


_TIMED_OUT: Final = "Operation timed out"
"""What aiomqtt says when the broker's answer does not come; a TCP timeout reads otherwise."""
_SUBACK_FAILURE: Final = 0x80
_PROTOCOL_REFUSED: Final = frozenset({0x01, 0x84})
"""MQTT 3.1.1 return code 1, and MQTT 5 reason code "unsupported protocol version"."""
_LOGIN_REFUSED: Final = frozenset({0x04, 0x05, 0x86, 0x87})
"""Bad user name or password, and not authorised, in both versions."""


def _properties(packet: int, **values: int) -> Properties:
    properties = Properties(packet)  # type: ignore[no-untyped-call]  # paho leaves it untyped
    for name, value in values.items():
        setattr(properties, name, value)
    return properties


def _tls_context(settings: BrokerSettings) -> ssl.SSLContext:
    try:
        context = ssl.create_default_context(cafile=settings.ca_file)
        if settings.cert_file is not None:
            context.load_cert_chain(settings.cert_file, settings.key_file)
    except OSError as error:  # ssl.SSLError is one
        files = ", ".join(f for f in (settings.ca_file, settings.cert_file, settings.key_file) if f)
        raise TlsRefusedError(
            f"a certificate or key cannot be used: {files} ({error})", "see that the files are there, readable and PEM"
        ) from error
    return context


def _explain(error: Exception, settings: BrokerSettings, waited_s: float) -> BrokerError:
    """Say what is wrong. aiomqtt flattens errors into text, so the one beneath is asked first."""
    where = settings.address
    if isinstance(error, MqttConnectError):
        return _explain_refusal(error, settings)
    if str(error) == _TIMED_OUT:
        return NoAnswerError(
            f"{where} accepts connections but gives no MQTT answer ({waited_s:.0f} s)",
            "see that the port is the broker's, and whether it wants TLS",
        )
    beneath = (error.__context__ if isinstance(error, aiomqtt.MqttError) else None) or error
    detail = getattr(beneath, "reason", None) or getattr(beneath, "strerror", None) or beneath
    if isinstance(beneath, socket.gaierror):
        return HostUnknownError(
            f"the broker's host {settings.host!r} is unknown", "see how it is spelled in [mqtt] host"
        )
    if isinstance(beneath, ssl.SSLError) or (settings.encrypted and isinstance(beneath, ConnectionResetError)):
        return TlsRefusedError(
            f"TLS with the broker {where} failed ({detail})",
            "see that the port speaks TLS, that ca_file is the authority that signed the broker's certificate, and "
            "that host is the name in it",
        )
    if isinstance(beneath, OSError):
        return PortClosedError(
            f"nothing answers at the broker's address {where} ({detail})",
            "see that the broker runs, that the port is right, and that no firewall is between",
        )
    return PortClosedError(f"the broker {where} cannot be used as configured ({detail})", "see [mqtt]")


def _explain_refusal(error: MqttConnectError, settings: BrokerSettings) -> BrokerError:
    code = error.rc.value if isinstance(error.rc, ReasonCode) else error.rc
    if code in _PROTOCOL_REFUSED:
        return ProtocolRefusedError(
            f"the broker {settings.address} speaks neither MQTT 5 nor 3.1.1", "use a current broker"
        )
    if code in _LOGIN_REFUSED:
        user = settings.username or "without a name"
        return LoginRefusedError(
            f"the broker {settings.address} refuses user {user!r} ({error.rc})",
            "see [mqtt] username and its password file",
        )
    return LinkLostError(f"the broker {settings.address} refuses the connection ({error.rc})", "see the broker's log")
