"""Commands are read strictly: everything else is no command."""

import hypothesis.strategies as st
import pytest
from hypothesis import example, given

from alerts.commands import Acknowledge, Command, Monitoring, Mute, parse


@pytest.mark.parametrize(
    ("name", "payload", "command"),
    [
        ("ack", b"ACK", Acknowledge()),
        ("ack", b'{"id": "nursery-1:alert-rhythmic-1000"}', Acknowledge("nursery-1:alert-rhythmic-1000")),
        ("mute", b"0", Mute(0)),
        ("mute", b"7.5", Mute(7.5)),
        ("mute", b"60", Mute(60)),
        ("monitoring", b"ON", Monitoring(on=True)),
        ("monitoring", b"OFF", Monitoring(on=False)),
        ("mute", b"60.1", None),
        ("mute", b"-0", None),
        ("mute", b"5 ", None),
        ("mute", b"5\n", None),
        ("monitoring", b"on", None),
        ("monitoring", b"OFF\n", None),
        ("ack", b"", None),
        ("ack", b'{"id": "' + b"x" * 300 + b'"}', None),
        ("ack", b'{"id": "x", "all": true}', None),
        ("ack/", b"ACK", None),
        ("ACK", b"ACK", None),
        ("", b"ACK", None),
    ],
)
def test_commands(name: str, payload: bytes, command: Command | None) -> None:
    assert parse(name, payload, 60) == command


@given(name=st.sampled_from(["ack", "mute", "monitoring"]), payload=st.binary(max_size=300))
@example(name="ack", payload=b'{"id": "\xff"}')
@example(name="ack", payload=b"[" * 200)
@example(name="mute", payload="\u0661".encode())
def test_rubbish_is_no_command_and_no_error(name: str, payload: bytes) -> None:
    match parse(name, payload, 60):
        case Mute(minutes):
            assert 0 <= minutes <= 60
        case Monitoring():
            assert payload in {b"ON", b"OFF"}
        case Acknowledge(alert_id):
            assert payload == b"ACK" or (alert_id is not None and payload.strip().startswith(b"{"))
        case None:
            pass
