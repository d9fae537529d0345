"""micro:bit, Thingy:52 and InfiniTime: one sample a notification, no counter, no clock. Examples worked out by hand."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sensor.clips.family import Family, PacketError
from sensor.clips.infinitime import INFINITIME
from sensor.clips.microbit import MICROBIT, rate_hz_of
from sensor.clips.thingy52 import THINGY52

FAMILIES = [MICROBIT, THINGY52, INFINITIME]

EXAMPLES = [
    (MICROBIT, "70ff 9002 2003", [-0.144, 0.656, 0.8]),  # microbit-dal issue 300: -144, 656, 800
    (THINGY52, "0004 00fe 0100  2000 0000 0000  1000 0000 0000", [1.0, -0.5, 1 / 1024]),  # 1 deg/s, 1 uT
    (INFINITIME, "0004 00fc 0100", [1.0, -1.0, 1 / 1024]),
]


@pytest.mark.parametrize(
    ("family", "data", "accel_g"), EXAMPLES, ids=lambda v: getattr(v, "traits", None) and v.traits.name
)
def test_examples(family: Family, data: str, accel_g: list[float]) -> None:
    (frame,) = family.decoder(family.traits.default_rate_hz).decode(bytes.fromhex(data))
    assert frame.accel_g.tolist() == [accel_g]
    assert frame.sequence is None
    assert frame.clip_time_s is None


@pytest.mark.parametrize("family", FAMILIES, ids=lambda f: f.traits.name)
@given(data=st.binary(max_size=40))
def test_any_bytes(family: Family, data: bytes) -> None:
    size = 18 if family is THINGY52 else 6
    decoder = family.decoder(50.0)
    if len(data) == size:
        (frame,) = decoder.decode(data)
        assert np.abs(frame.accel_g).max() <= 33
    else:
        with pytest.raises(PacketError):
            decoder.decode(data)


@pytest.mark.parametrize("family", FAMILIES, ids=lambda f: f.traits.name)
@given(rows=st.lists(st.tuples(*[st.floats(-8, 8)] * 3), min_size=1, max_size=20, unique=True))
def test_round_trip(family: Family, rows: list[tuple[float, float, float]]) -> None:
    step_g = 0.001 if family is MICROBIT else 1 / 1024
    counts = np.unique(np.rint(np.array(rows) / step_g), axis=0)
    decoder = family.decoder(50.0)
    packets = family.encoder(50.0).encode(counts * step_g, first_sample=0)
    decoded = np.concatenate([frame.accel_g for data in packets for frame in decoder.decode(data)])
    assert np.allclose(decoded, counts * step_g, atol=1e-9)


def test_infinitime_is_silent_while_nothing_moves() -> None:
    encoder = INFINITIME.encoder(10.0)
    still, moved = np.array([[0.0, 0.0, 1.0]] * 5), np.array([[0.0, 0.1, 1.0]])
    assert len(list(encoder.encode(still, first_sample=0))) == 1
    assert not list(encoder.encode(still, first_sample=5))
    assert len(list(encoder.encode(moved, first_sample=10))) == 1


@pytest.mark.parametrize("rate_hz", [*MICROBIT.traits.rates_hz, 1e9])
def test_microbit_never_writes_period_zero(rate_hz: float) -> None:
    (command,) = MICROBIT.start(rate_hz)
    period_ms = int.from_bytes(command.data, "little")
    assert period_ms == max(1, 1000 / rate_hz)
    assert len(command.data) == 2


def test_microbit_period_is_read_back() -> None:
    (command,) = MICROBIT.start(12.5)
    assert command.data == b"\x50\x00"
    assert command.rate_hz is rate_hz_of
    assert rate_hz_of(b"\x64\x00") == 10.0  # version 1.5 makes 100 ms of 80


@pytest.mark.parametrize("period", ["", "14", "140000", "0000", "0100", "e803"])
def test_microbit_period_of_no_use(period: str) -> None:
    with pytest.raises(PacketError):
        rate_hz_of(bytes.fromhex(period))


def test_thingy_configuration() -> None:
    (command,) = THINGY52.start(50.0)
    assert command.data == bytes.fromhex("8813 8813 8813 3200 00")


@pytest.mark.parametrize("family", FAMILIES, ids=lambda f: f.traits.name)
def test_they_stop_with_the_link(family: Family) -> None:
    assert not family.stop()
