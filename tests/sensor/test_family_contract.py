"""What every clip family must do. A family in `FAMILIES` is under test."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from processing.samples import ACCEL_G_MAX, Floats, Readings
from sensor.clips import FAMILIES, identify
from sensor.clips.family import Family, Frame, PacketError

RATES = [(family, rate) for family in FAMILIES.values() for rate in family.traits.rates_hz]
IDS = [f"{family.traits.name}-{rate:g}" for family, rate in RATES]

every_family = pytest.mark.parametrize("family", FAMILIES.values(), ids=FAMILIES)
every_rate = pytest.mark.parametrize(("family", "rate_hz"), RATES, ids=IDS)


def decoded(family: Family, rate_hz: float, accel_g: Floats, first_sample: int = 0) -> list[Frame]:
    decoder = family.decoder(rate_hz)
    packets = family.encoder(rate_hz).encode(accel_g, first_sample=first_sample)
    return [frame for packet in packets for frame in decoder.decode(packet)]


def wave(rows: int, rate_hz: float) -> Floats:
    """Every value differs from the one before by more than a coarse clip's step."""
    t = np.arange(rows)[:, None] / rate_hz
    frequencies_hz, phases = np.array([0.7, 1.1, 1.9]), np.arange(3.0)
    return np.asarray([0.1, -0.2, 0.9] + 0.4 * np.sin(2 * np.pi * frequencies_hz * t + phases), np.float64)


@every_rate
def test_samples_survive_the_packets(family: Family, rate_hz: float) -> None:
    accel_g = wave(500, rate_hz)
    frames = decoded(family, rate_hz, accel_g)
    felt = np.concatenate([frame.accel_g for frame in frames])
    assert felt.shape == accel_g.shape
    assert np.abs(felt - accel_g).max() <= family.traits.resolution_g


@every_rate
def test_the_counter_counts_every_sample_or_packet(family: Family, rate_hz: float) -> None:
    modulus = family.traits.sequence_modulus
    frames = decoded(family, rate_hz, wave(500, rate_hz), first_sample=0 if modulus is None else modulus - 100)
    if modulus is None:
        assert all(frame.sequence is None for frame in frames)
        return
    sequences = [frame.sequence for frame in frames]
    assert None not in sequences
    steps = np.diff(np.array(sequences)) % modulus
    sizes = [len(frame.accel_g) if family.traits.sequence_per_sample else 1 for frame in frames]
    assert steps.tolist() == sizes[:-1]


@every_rate
def test_the_clip_clock_runs_at_the_rate(family: Family, rate_hz: float) -> None:
    frames = decoded(family, rate_hz, wave(500, rate_hz), first_sample=1000)
    times = [frame.clip_time_s for frame in frames]
    if family.traits.clip_time_modulus_s is None and None in times:
        assert times == [None] * len(times)
        return
    assert None not in times
    steps_s = np.diff(np.array(times, np.float64))
    if family.traits.clip_time_modulus_s is not None:
        assert (np.array(times) < family.traits.clip_time_modulus_s).all()
        steps_s %= family.traits.clip_time_modulus_s
    sizes = np.array([len(frame.accel_g) for frame in frames[:-1]])
    assert np.abs(steps_s - sizes / rate_hz).max() < 0.002


@every_rate
@pytest.mark.parametrize("accel_g", [-1000.0, 1000.0])
def test_a_value_beyond_the_range_saturates(family: Family, rate_hz: float, accel_g: float) -> None:
    frames = decoded(family, rate_hz, np.full((40, 3), accel_g))
    felt = np.concatenate([frame.accel_g for frame in frames])
    assert (np.sign(felt) == np.sign(accel_g)).all()
    assert (np.abs(felt) <= ACCEL_G_MAX).all()


@every_family
@given(data=st.data())
def test_rubbish_is_refused_or_decoded_but_nothing_else(family: Family, data: st.DataObject) -> None:
    rate_hz = data.draw(st.sampled_from(family.traits.rates_hz))
    good = b"".join(family.encoder(rate_hz).encode(wave(20, rate_hz), first_sample=0))
    decoder = family.decoder(rate_hz)
    for _ in range(4):
        packet = data.draw(st.binary(max_size=300) | st.builds(lambda a, b: good[a:b], *[st.integers(0, 300)] * 2))
        try:
            frames = decoder.decode(packet)
        except PacketError:
            continue
        for frame in frames:
            check(frame, family)


def check(frame: Frame, family: Family) -> None:
    rows = len(frame.accel_g)
    assert rows >= 1
    Readings(time_s=np.arange(rows, dtype=np.float64), accel_g=frame.accel_g)
    if frame.sequence is not None:
        assert family.traits.sequence_modulus is not None
        assert 0 <= frame.sequence < family.traits.sequence_modulus
    if frame.clip_time_s is not None:
        assert np.isfinite(frame.clip_time_s)


@every_rate
def test_a_flipped_bit_is_no_crash(family: Family, rate_hz: float) -> None:
    for packet in family.encoder(rate_hz).encode(wave(60, rate_hz), first_sample=0):
        for bit in range(8 * len(packet)):
            broken = bytearray(packet)
            broken[bit // 8] ^= 1 << bit % 8
            try:
                frames = family.decoder(rate_hz).decode(bytes(broken))
            except PacketError:
                continue
            for frame in frames:
                check(frame, family)


@every_rate
def test_commands_go_to_characteristics_of_the_family(family: Family, rate_hz: float) -> None:
    traits = family.traits
    for command in (*family.start(rate_hz), *family.stop()):
        assert command.data
        assert command.uuid == command.uuid.lower()
        if command.reply:
            assert traits.reply_uuid or traits.data_uuid


@every_family
def test_the_traits_fit_together(family: Family) -> None:
    traits = family.traits
    assert traits.default_rate_hz in traits.rates_hz
    assert list(traits.rates_hz) == sorted(traits.rates_hz)
    assert 10 <= traits.rates_hz[0] <= traits.rates_hz[-1] <= 400
    assert 0 < traits.resolution_g < 0.1
    assert FAMILIES[traits.name] is family
    assert all(uuid == uuid.lower() and len(uuid) == 36 for uuid in (traits.service_uuid, traits.data_uuid))


@every_family
def test_an_advertisement_tells_the_family(family: Family) -> None:
    for uuid in family.traits.advertised_uuids:
        assert identify(None, [uuid.upper()]) is family
    for prefix in family.traits.advertised_names:
        assert identify(prefix + " 12", []) is family
    assert family.traits.advertised_uuids or family.traits.advertised_names


def test_a_stranger_is_no_clip() -> None:
    assert identify("toaster", ["0000180f-0000-1000-8000-00805f9b34fb"]) is None
    assert identify(None, []) is None
