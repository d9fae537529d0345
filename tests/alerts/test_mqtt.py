"""The connection, against a real mosquitto: what it delivers, and what it says when it cannot."""

import contextlib
import gc
import socket
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec
import pytest

from alerts.broker import EmbeddedBroker
from alerts.messages import Message
from alerts.mqtt import (
    AccessDeniedError,
    BrokerError,
    BrokerSettings,
    Connection,
    HostUnknownError,
    Incoming,
    LinkLostError,
    LoginRefusedError,
    NoAnswerError,
    PortClosedError,
    ProtocolRefusedError,
    TlsRefusedError,
)

# paho leaves the socket of a failed handshake to the garbage collector
handshake_fails = pytest.mark.filterwarnings("ignore:unclosed <ssl.SSLSocket:ResourceWarning")

HELLO = Message("sleepclip/a/alert", b'{"x": 1}', retain=True)


def at(port: int, **rest: Any) -> BrokerSettings:
    return msgspec.structs.replace(BrokerSettings(host="127.0.0.1", port=port, timeout_s=2.0), **rest)


async def roundtrip(settings: BrokerSettings) -> tuple[Incoming, bool]:
    async with (
        Connection(msgspec.structs.replace(settings, client_id="listener"), ["sleepclip/#"]) as listener,
        Connection(msgspec.structs.replace(settings, client_id="speaker")) as speaker,
    ):
        await speaker.publish(HELLO)
        async for incoming in listener.incoming():
            return incoming, speaker.mqtt5
    raise AssertionError("nothing came")


async def failure(settings: BrokerSettings) -> BrokerError:
    with pytest.raises(BrokerError) as caught:
        async with Connection(settings, ["sleepclip/a/cmd/#"]) as connection:
            await connection.publish(HELLO)
    error = caught.value
    del caught
    error.__cause__ = error.__context__ = error.__traceback__ = None
    gc.collect()  # frees the socket of a failed handshake within the test that ignores its warning
    return error


@pytest.mark.parametrize(
    ("content", "why"), [(None, "No such file or directory"), (b"\xff\xfe", "it is no text")], ids=["none", "bytes"]
)
def test_a_password_that_cannot_be_read_names_the_file(tmp_path: Path, content: bytes | None, why: str) -> None:
    path = tmp_path / "password"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(LoginRefusedError) as told:
        at(1883, username="clip", password_file=str(path)).password()
    assert told.value.cause == f"the password file {path} cannot be read ({why})"
    assert told.value.mend.startswith("write the password into its first line")


async def test_plain(mosquitto: Callable[..., Any]) -> None:
    incoming, mqtt5 = await roundtrip(at(mosquitto().start().port))
    assert incoming[:2] == (HELLO.topic, HELLO.payload)
    assert mqtt5


@pytest.fixture
def guarded(mosquitto: Callable[..., Any], certificates: Callable[[str], Any], tmp_path: Path) -> BrokerSettings:
    """Settings that a broker with a password, an access list and certificates takes."""
    certs = certificates("home")
    (tmp_path / "acl").write_text("user clip\ntopic readwrite sleepclip/#\n")
    (tmp_path / "acl").chmod(0o600)
    subprocess.run(["mosquitto_passwd", "-c", "-b", str(tmp_path / "passwords"), "clip", "secret"], check=True)
    broker = mosquitto(f"password_file {tmp_path}/passwords", f"acl_file {tmp_path}/acl", anonymous=False)
    with broker.config.open("a") as config:
        config.write(
            f"\ncafile {certs['ca.crt']}\ncertfile {certs['localhost.crt']}\nkeyfile {certs['localhost.key']}\n"
            "require_certificate true\n"
        )
    broker.start()
    (tmp_path / "password").write_text("secret\n")
    return at(
        broker.port,
        host="localhost",
        username="clip",
        password_file=str(tmp_path / "password"),
        ca_file=certs["ca.crt"],
        cert_file=certs["client.crt"],
        key_file=certs["client.key"],
    )


@handshake_fails
async def test_password_acl_tls_and_client_certificate(guarded: BrokerSettings) -> None:
    assert (await roundtrip(guarded))[0].payload == HELLO.payload


@handshake_fails
async def test_a_wrong_password(guarded: BrokerSettings, tmp_path: Path) -> None:
    (tmp_path / "wrong").write_text("guess\n")
    error = await failure(msgspec.structs.replace(guarded, password_file=str(tmp_path / "wrong")))
    assert isinstance(error, LoginRefusedError)
    assert "refuses user 'clip'" in error.cause
    assert "guess" not in str(error)


@handshake_fails
async def test_a_certificate_that_does_not_fit(guarded: BrokerSettings, certificates: Callable[[str], Any]) -> None:
    replace = msgspec.structs.replace
    error = await failure(replace(guarded, ca_file=certificates("stranger")["ca.crt"]))
    assert isinstance(error, TlsRefusedError)
    assert "ca_file is the authority" in error.mend

    error = await failure(replace(guarded, host="127.0.0.1"))
    assert isinstance(error, TlsRefusedError)

    error = await failure(replace(guarded, ca_file="/nowhere/ca.crt"))
    assert isinstance(error, TlsRefusedError)
    assert "/nowhere/ca.crt" in error.cause


@handshake_fails
async def test_a_topic_that_the_access_list_denies(guarded: BrokerSettings) -> None:
    async with Connection(guarded) as connection:
        with pytest.raises(AccessDeniedError, match=r"refuses to take elsewhere/x .*access list"):
            await connection.publish(Message("elsewhere/x", b"x"))
        await connection.publish(HELLO)  # one denied topic does not spoil the next


@handshake_fails
async def test_plain_words_to_a_broker_that_wants_tls(guarded: BrokerSettings) -> None:
    no_tls = msgspec.structs.replace(guarded, ca_file=None, cert_file=None, key_file=None, timeout_s=0.5)
    error = await failure(no_tls)
    assert isinstance(error, NoAnswerError | LinkLostError)
    assert "whether it wants TLS" in error.mend


@handshake_fails
async def test_tls_to_a_plain_port(mosquitto: Callable[..., Any]) -> None:
    error = await failure(at(mosquitto().start().port, tls=True))
    assert isinstance(error, TlsRefusedError)


async def test_host_unknown() -> None:
    error = await failure(at(1883, host="no-such-host.invalid"))
    assert isinstance(error, HostUnknownError)
    assert "'no-such-host.invalid' is unknown" in error.cause


async def test_port_closed(mosquitto: Callable[..., Any]) -> None:
    broker = mosquitto()  # made, not started
    error = await failure(at(broker.port))
    assert isinstance(error, PortClosedError)
    assert f"127.0.0.1:{broker.port}" in error.cause


async def test_something_that_is_no_broker() -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        error = await failure(at(silent.getsockname()[1], timeout_s=0.3, protocol="5"))
    assert isinstance(error, NoAnswerError)


async def test_passwords_that_cannot_be_read(monkeypatch: pytest.MonkeyPatch) -> None:
    error = await failure(at(1883, password_file="/nowhere/password"))  # noqa: S106  a name of one
    assert isinstance(error, LoginRefusedError)
    assert "/nowhere/password" in error.cause
    monkeypatch.delenv("SLEEPCLIP_MQTT_PASSWORD", raising=False)
    from_environment = at(1883, password_env="SLEEPCLIP_MQTT_PASSWORD")  # noqa: S106  a name of one
    error = await failure(from_environment)
    assert "SLEEPCLIP_MQTT_PASSWORD is not set" in error.cause
    monkeypatch.setenv("SLEEPCLIP_MQTT_PASSWORD", "secret")
    assert from_environment.password() == "secret"
    assert at(1883).password() is None
    assert "secret" not in repr(from_environment)


async def test_the_embedded_broker_speaks_311() -> None:
    async with EmbeddedBroker() as broker:
        incoming, mqtt5 = await roundtrip(broker.settings)
        assert incoming[:2] == (HELLO.topic, HELLO.payload)
        assert not mqtt5


async def test_311_is_taken_where_5_is_not_known() -> None:
    async with EmbeddedBroker() as broker:
        settings = msgspec.structs.replace(broker.settings, protocol="auto", timeout_s=0.5)
        async with Connection(settings) as connection:
            assert not connection.mqtt5
            await connection.publish(HELLO)
        strict = msgspec.structs.replace(settings, protocol="5")
        assert isinstance(await failure(strict), NoAnswerError | ProtocolRefusedError)


async def test_websockets(mosquitto: Callable[..., Any]) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
    mosquitto(f"listener {port} lo", "protocol websockets").start()  # 2.0.11 wants an interface here
    incoming, _ = await roundtrip(at(port, websocket_path="/mqtt"))
    assert incoming.payload == HELLO.payload


async def test_retained_commands_are_told_as_such(mosquitto: Callable[..., Any]) -> None:
    settings = at(mosquitto().start().port)
    async with Connection(msgspec.structs.replace(settings, client_id="speaker")) as speaker:
        await speaker.publish(Message("sleepclip/a/cmd/ack", b"ACK", retain=True))
        async with Connection(settings, ["sleepclip/a/cmd/#"]) as connection:
            await speaker.publish(Message("sleepclip/a/cmd/mute", b"5"))
            await speaker.publish(Message("sleepclip/a/cmd/mute", b"6", retain=True))
            seen = [incoming async for incoming in _first(connection, 2)]
    assert [(incoming.payload, incoming.retained) for incoming in seen] == [(b"5", False), (b"6", True)]


async def _first(connection: Connection, number: int) -> Any:
    async for incoming in connection.incoming():
        yield incoming
        number -= 1
        if not number:
            return


async def test_a_broken_connection_is_told(mosquitto: Callable[..., Any]) -> None:
    broker = mosquitto().start()
    async with Connection(at(broker.port), ["sleepclip/#"]) as connection:
        broker.kill()
        with pytest.raises(LinkLostError, match="broke"):
            async for _ in connection.incoming():
                pass
        with pytest.raises(LinkLostError, match="broke"):
            await connection.publish(HELLO)


async def test_only_who_asks_for_it_has_a_last_will(mosquitto: Callable[..., Any], gate: Callable[[int], Any]) -> None:
    broker = mosquitto().start()
    told = []
    async with Connection(at(broker.port, client_id="witness"), ["gone/#"]) as witness:
        for will in (None, Message("gone/b", b"offline")):
            relay = gate(broker.port)
            await relay.open()
            with contextlib.suppress(LinkLostError):
                async with Connection(at(relay.port, will_delay_s=0), will=will):
                    await relay.shut()
        await witness.publish(Message("gone/end", b""))
        async for incoming in witness.incoming():
            told.append(incoming.topic)
            if incoming.topic == "gone/b":
                break
    assert set(told) <= {"gone/b", "gone/end"}
    assert told.count("gone/b") == 1
