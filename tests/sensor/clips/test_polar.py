"""Byte examples worked out by hand from the layout in the module."""

import struct

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sensor.clips.family import PacketError
from sensor.clips.polar import POLAR, POLAR_H10, Polar

LAST_NS = 1_000_000_000
# type 2, last sample at 1 s, then the frame type
HEAD = bytes.fromhex("02 00ca9a3b00000000")


def packet(frame_type: str, body: str) -> bytes:
    return HEAD + bytes.fromhex(frame_type) + bytes.fromhex(body)


def mg_of(data: bytes, *answers: bytes) -> list[list[float]]:
    decoder = POLAR.decoder(52.0)
    for answer in answers:
        assert not decoder.decode(answer)
    (frame,) = decoder.decode(data)
    rows_mg: list[list[float]] = (frame.accel_g * 1000).round(6).tolist()
    return rows_mg


def test_raw_8_bit() -> None:
    assert mg_of(packet("00", "01 ff 7f 80 00 02")) == [[1, -1, 127], [-128, 0, 2]]


def test_raw_16_bit() -> None:
    assert mg_of(packet("01", "e803 18fc 0000")) == [[1000, -1000, 0]]


def test_raw_24_bit() -> None:
    assert mg_of(packet("02", "e80300 18fcff 409c00")) == [[1000, -1000, 40000]]


def test_delta_blocks() -> None:
    # reference 100, -200, 1000; 4 bit x 2: (1, -1, 2), (3, -4, -8); 3 bit x 1: (1, -1, 3), 9 bits in 2 bytes
    body = "6400 38ff e803  04 02 f1 32 8c  03 01 f9 00"
    assert mg_of(packet("81", body)) == [[100, -200, 1000], [101, -201, 1002], [104, -205, 994], [105, -206, 997]]


def test_delta_in_g_takes_the_factor_of_the_answer() -> None:
    answer = bytes.fromhex("f0 02 02 00 00 05 01") + struct.pack("<f", 0.25)
    assert mg_of(packet("80", "0400 fcff 0000"), answer) == [[1000, -1000, 0]]
    assert mg_of(packet("81", "0400 fcff 0000"), answer) == [[1, -1, 0]]


def test_factor_is_found_behind_other_parameters() -> None:
    answer = bytes.fromhex("f0 02 02 00 00  00 01 3400  04 01 03  05 01") + struct.pack("<f", 2.0)
    assert mg_of(packet("81", "0400 0000 0000"), answer) == [[8, 0, 0]]


@pytest.mark.parametrize("answer", ["f0 03 02 00 00", "f0 02 02 05 00", "f0 02 02 00 00", "f0"])
def test_an_answer_without_factor_leaves_it(answer: str) -> None:
    assert mg_of(packet("81", "0400 0000 0000"), bytes.fromhex(answer)) == [[4, 0, 0]]


@pytest.mark.parametrize(
    "answer",
    [
        "f0 02 02 00 00 05 01 0000c0ff",  # NaN
        "f0 02 02 00 00 05 01 00000000",  # zero
        "f0 02 02 00 00 05 01 0000",  # cut
        "f0 02 02 00 00 77 01 00",  # unknown
    ],
)
def test_a_damaged_answer_is_no_packet(answer: str) -> None:
    with pytest.raises(PacketError):
        POLAR.decoder(52.0).decode(bytes.fromhex(answer))


def test_time_is_that_of_the_last_sample() -> None:
    (frame,) = POLAR.decoder(50.0).decode(packet("01", "0000 0000 e803" * 11))
    assert frame.clip_time_s == pytest.approx(1.0 - 10 / 50)


@pytest.mark.parametrize(
    "data",
    [
        HEAD + b"\x01",  # no samples
        packet("01", "e803 18fc"),  # two thirds of a sample
        packet("03", "00" * 12),  # unknown raw type
        packet("82", "00" * 12),  # unknown delta type
        packet("81", "0000 0000"),  # half a reference
        packet("81", "0000 0000 0000 04"),  # half a block header
        packet("81", "0000 0000 0000 04 02 f1"),  # cut block
        packet("81", "0000 0000 0000 00 ff"),  # no bits
        packet("81", "0000 0000 0000 20 01" + "00" * 12),  # 32 bits: no difference of two i16
        b"\x00" + HEAD[1:] + b"\x01" + bytes(6),  # ECG
        packet("02", "ffff7f 000000 000000"),  # 8388 g
    ],
)
def test_what_is_no_packet(data: bytes) -> None:
    with pytest.raises(PacketError):
        POLAR.decoder(52.0).decode(data)


def test_start_of_a_verity_sense() -> None:
    stop, start = POLAR.start(52.0)
    assert stop.data == bytes.fromhex("03 02")
    assert start.data == bytes.fromhex("02 02 00 01 34 00 01 01 10 00 02 01 08 00 04 01 03")
    assert start.reply == bytes.fromhex("f0 02 02 00")


def test_start_of_an_h10_names_no_channels() -> None:
    *_, start = POLAR_H10.start(200.0)
    assert start.data == bytes.fromhex("02 02 00 01 c8 00 01 01 10 00 02 01 08 00")


@given(
    st.lists(st.tuples(*[st.integers(-32768, 32767)] * 3), min_size=1, max_size=100),
    st.integers(0, 10**8),
    st.sampled_from([POLAR, POLAR_H10]),
)
def test_round_trip(rows_mg: list[tuple[int, int, int]], first_sample: int, family: Polar) -> None:
    decoder = POLAR.decoder(50.0)
    frames = [
        frame
        for data in family.encoder(50.0).encode(np.array(rows_mg) / 1000, first_sample=first_sample)
        for frame in decoder.decode(data)
    ]
    assert np.allclose(np.concatenate([f.accel_g for f in frames]) * 1000, rows_mg, atol=1e-9)
    assert frames[0].clip_time_s == pytest.approx(first_sample / 50, abs=1e-5)


@given(st.binary(max_size=250), st.integers(0, 255))
def test_any_bytes(body: bytes, frame_type: int) -> None:
    decoder = POLAR.decoder(52.0)
    for data in (body, HEAD + bytes([frame_type]) + body, bytes.fromhex("f002020000") + body):
        try:
            frames = decoder.decode(data)
        except PacketError:
            continue
        assert all(np.abs(frame.accel_g).max() <= 64 for frame in frames)
