"""Byte examples worked out by hand from the layout in the module."""

import struct

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sensor.clips.family import Frame, PacketError
from sensor.clips.movesense import GRAVITY_MPS2, MOVESENSE, TIME_MODULUS_S

# data of subscription 99, 1500 ms since boot; float32 0.0 = 00000000, 9.80665 = 0x0ae81c41
HEAD = bytes.fromhex("02 63 dc050000")
REST = bytes.fromhex("00000000 00000000 0ae81c41")


def decode(*packets: bytes) -> list[Frame]:
    decoder = MOVESENSE.decoder(52.0)
    return [frame for data in packets for frame in decoder.decode(data)]


def test_metres_per_second_squared() -> None:
    (frame,) = decode(HEAD + REST * 2)
    assert np.allclose(frame.accel_g, [[0, 0, 1], [0, 0, 1]], atol=1e-6)
    assert frame.clip_time_s == 1.5


def test_a_sensor_that_lies_still_at_one_sends_g() -> None:
    still, moved = struct.pack("<3f", 0, 0, 1), struct.pack("<3f", 3, 0, 1)
    frames = decode(HEAD + still * 4, HEAD + moved)
    assert frames[0].accel_g[0].tolist() == [0, 0, 1]
    assert frames[1].accel_g[0].tolist() == [3, 0, 1]


def test_the_unit_is_chosen_once() -> None:
    falling = struct.pack("<3f", 0, 0, 1)
    frames = decode(HEAD + REST, HEAD + falling)
    assert frames[1].accel_g[0, 2] == pytest.approx(1 / GRAVITY_MPS2)


@pytest.mark.parametrize("cut", [7, 18, 20, 23, 29])
def test_a_packet_in_two_parts(cut: int) -> None:
    whole = HEAD + REST + struct.pack("<3f", GRAVITY_MPS2, 0, 0)
    frames = decode(whole[:cut], b"\x03\x63" + whole[cut:])
    assert np.allclose(np.concatenate([f.accel_g for f in frames]), [[0, 0, 1], [1, 0, 0]], atol=1e-6)
    assert frames[-1].clip_time_s == pytest.approx(1.5 if len(frames) == 1 else 1.5 + 1 / 52)


def test_an_mtu_of_23() -> None:
    whole = HEAD + REST * 4
    parts = [whole[:20], *(b"\x03\x63" + whole[at : at + 18] for at in range(20, len(whole), 18))]
    assert max(map(len, parts)) <= 20
    frames = decode(*parts)
    assert np.allclose(np.concatenate([f.accel_g for f in frames]), [[0, 0, 1]] * 4, atol=1e-6)
    assert [round((f.clip_time_s or 0) * 1000) for f in frames] == [1500, 1519, 1538]


def test_a_lost_rest_is_forgotten() -> None:
    frames = decode((HEAD + REST * 2)[:20], HEAD + REST)
    assert [len(f.accel_g) for f in frames] == [1, 1]


def test_answers_are_no_data() -> None:
    assert not decode(bytes.fromhex("01 63 c800"), b"\x01\x63Hello")


def test_the_clock_wraps() -> None:
    (frame,) = decode(bytes.fromhex("02 63 ffffffff") + REST)
    assert frame.clip_time_s == pytest.approx(TIME_MODULUS_S - 0.001)
    (packet,) = MOVESENSE.encoder(52.0).encode(np.array([[0.0, 0.0, 1.0]]), first_sample=52 * 2**32 // 1000 + 1)
    assert struct.unpack_from("<I", packet, 2)[0] == 12


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"\x02",
        HEAD,
        b"\x04\x63" + REST,
        b"\x02\x62" + HEAD[2:] + REST,  # another subscription
        b"\x03\x63" + REST,  # the rest of nothing
        HEAD + struct.pack("<3f", float("nan"), 0, 0),
        HEAD + struct.pack("<3f", float("inf"), 0, 0),
        HEAD + struct.pack("<3f", 1e30, 0, 0),
    ],
)
def test_what_is_no_packet(data: bytes) -> None:
    with pytest.raises(PacketError):
        decode(data)


def test_commands() -> None:
    (start,) = MOVESENSE.start(52.0)
    assert start.data == b"\x01\x63/Meas/Acc/52"
    assert start.reply == bytes.fromhex("01 63 c8 00")
    (stop,) = MOVESENSE.stop()
    assert stop.data == b"\x02\x63"


@given(st.lists(st.binary(max_size=70), min_size=1, max_size=4), st.lists(st.sampled_from([1, 2, 3]), min_size=4))
def test_any_bytes(bodies: list[bytes], kinds: list[int]) -> None:
    decoder = MOVESENSE.decoder(52.0)
    for body, kind in zip(bodies, kinds, strict=False):
        for data in (body, bytes([kind, 99]) + body):
            try:
                frames = decoder.decode(data)
            except PacketError:
                continue
            assert all(np.abs(frame.accel_g).max() <= 64 for frame in frames)
