import re
from pathlib import Path

import numpy as np
import pytest

from sensor.clips.family import PacketError
from sensor.clips.sleepclip import CONTROL_UUID, DATA_UUID, ROWS_MAX, SERVICE_UUID, SLEEPCLIP

DOCS = Path(__file__).parents[2] / "docs"


def test_the_packet_is_the_one_in_the_specification() -> None:
    example = bytes.fromhex("0A 00 CC 00 00 00 00 00 00 20 10 00 F0 FF 08 20")
    accel_g = np.array([[0, 0, 8192], [16, -16, 8200]]) / 8192
    assert list(SLEEPCLIP.encoder(50).encode(accel_g, first_sample=10)) == [example]
    (frame,) = SLEEPCLIP.decoder(50).decode(example)
    assert (frame.sequence, frame.clip_time_s) == (10, 204 / 1024)
    assert np.array_equal(frame.accel_g, accel_g)


@pytest.mark.parametrize("length", [0, 3, 4, 9, 11, 4 + 6 * ROWS_MAX + 6])
def test_other_lengths_are_no_packets(length: int) -> None:
    with pytest.raises(PacketError, match=f"{length} bytes"):
        SLEEPCLIP.decoder(50).decode(bytes(length))


def test_start_names_the_rate_and_stop_does_not() -> None:
    assert [(c.uuid, c.data) for c in SLEEPCLIP.start(50)] == [(CONTROL_UUID, b"\x01\x32")]
    assert [(c.uuid, c.data) for c in SLEEPCLIP.stop()] == [(CONTROL_UUID, b"\x00")]


def test_a_rate_the_clip_does_not_have_is_refused() -> None:
    with pytest.raises(ValueError, match="25, 50 or 100 Hz, not at 33 Hz"):
        SLEEPCLIP.start(33)


@pytest.mark.parametrize("name", ["clip-protocol.md", "clip-protocol/sleepclip.puck.js"])
def test_specification_sketch_and_receiver_agree(name: str) -> None:
    text = (DOCS / name).read_text()
    uuids = re.findall(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}", text)
    assert uuids == [SERVICE_UUID, DATA_UUID, CONTROL_UUID]
    assert "1024" in text
    assert "8192" in text
