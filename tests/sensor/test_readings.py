from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from processing.samples import Floats, Readings
from sensor import carry
from sensor.clips import FAMILIES
from sensor.clips.family import Command, Frame, PacketError, Traits
from sensor.clips.polar import SAMPLES_PER_PACKET
from sensor.readings import Assembler, Counts
from sensor.stream import Arrival, Battery, LinkDown, LinkUp, Packet, StreamItem

RNG = np.random.default_rng(5)


def accel(rows: int) -> Floats:
    return np.asarray(np.round(RNG.normal(0, 0.3, (rows, 3)) * 1024) / 1024 + [0, 0, 1])


def link_up(family: str = "sleepclip", rate_hz: float = 50.0) -> LinkUp:
    return LinkUp(at_s=1000.0, wall_s=0.0, family=family, address="", name="", rate_hz=rate_hz)


def packet(data: bytes, at_s: float) -> Packet:
    return Packet(at_s=at_s, wall_s=0.0, data=data)


def packets_of(
    accel_g: Floats, *, family: str = "sleepclip", rate_hz: float = 50.0, at_s: float = 1000.0
) -> list[StreamItem]:
    start = Arrival(at_s=at_s, wall_s=0.0)
    up = carry.link_up(FAMILIES[family], rate_hz, start)
    return [up, *carry.carry(accel_g, FAMILIES[family], rate_hz, start)]


def restamped(items: Sequence[StreamItem], arrivals_s: Floats) -> list[StreamItem]:
    packets = [item for item in items if isinstance(item, Packet)]
    return [items[0], *(packet(p.data, float(at_s)) for p, at_s in zip(packets, arrivals_s, strict=True))]


def assembled(items: Sequence[StreamItem], assembler: Assembler | None = None) -> tuple[list[Readings], Counts]:
    assembler = assembler or Assembler()
    readings = [r for item in items for r in assembler.push(item)]
    times = np.concatenate([r.time_s for r in readings]) if readings else np.zeros(1)
    assert times[0] >= 0
    assert (np.diff(times) > 0).all()
    assembler.push(LinkDown(at_s=items[-1].at_s, wall_s=0, cause="the end"))  # type: ignore[union-attr]
    counts = assembler.counts
    assert counts.awaited == 0
    if not counts.estimated:
        assert sum(r.missing for r in readings) == counts.missing
    return readings, counts


def joined(readings: Sequence[Readings]) -> tuple[Floats, Floats]:
    return np.concatenate([r.time_s for r in readings]), np.concatenate([r.accel_g for r in readings])


def test_a_good_link_gives_every_row_its_time() -> None:
    accel_g = accel(3000)
    readings, counts = assembled(packets_of(accel_g))
    time_s, felt_g = joined(readings)
    assert np.array_equal(felt_g, accel_g)
    assert np.allclose(time_s, np.arange(3000) / 50, atol=0.002)
    assert counts == Counts(received=3000, sessions=1)
    assert readings[0].rate_hz == 50
    assert readings[0].resolution_g == 1 / 8192


COUNTING = ("sleepclip", "polar", "movesense")
"""Families with a counter or a clock."""


def delivered(data: st.DataObject, packets: Sequence[StreamItem]) -> list[StreamItem]:
    """Lose some or most packets but the first and last; others come twice or late, by any time."""
    last = len(packets) - 1
    lost = data.draw(st.sets(st.integers(1, last - 1), max_size=last - 1))
    there = [n for n in range(len(packets)) if n not in lost]
    before_last = st.integers(0, len(there) - 2)
    late, doubled = (data.draw(st.sets(before_last, max_size=5)) for _ in range(2))
    late -= {0}
    order = [(data.draw(st.integers(n, len(there) - 2)) if n in late else n, n in late, n) for n in range(len(there))]
    order += [(data.draw(st.integers(n, len(there) - 2)), True, n) for n in sorted(doubled)]
    return [packets[there[n]] for _, _, n in sorted(order)]


def with_rubbish(data: st.DataObject, sent: list[StreamItem]) -> int:
    """Put bytes that are no packet between the items, and give their number."""
    rubbish = data.draw(st.lists(st.tuples(st.integers(1, len(sent)), st.binary(max_size=8)), max_size=4))
    for at, junk in rubbish:
        sent.insert(at, packet(b"\xff" + junk, getattr(sent[at - 1], "at_s", 1000.0)))
    return len(rubbish)


@pytest.mark.parametrize("family", COUNTING)
@given(data=st.data())
@settings(max_examples=60)
def test_received_and_missing_are_what_the_clip_measured(family: str, data: st.DataObject) -> None:
    rows = data.draw(st.integers(110, 2500))
    up, *packets = packets_of(accel(rows), family=family)
    sent = [up, *delivered(data, packets)]
    malformed = with_rubbish(data, sent)
    _, counts = assembled(sent)
    assert counts.received + counts.missing == rows
    assert counts.malformed == malformed
    assert counts.jumps == 0


@pytest.mark.parametrize("family", COUNTING)
@given(data=st.data())
@settings(max_examples=40)
def test_a_clip_that_starts_again_loses_no_sample(family: str, data: st.DataObject) -> None:
    """After some seconds or minutes, a pause, and with its packets doubled at once or by stale ones from before."""
    first_rows, pause_s, rows = data.draw(st.tuples(st.integers(150, 6000), st.floats(0, 60), st.integers(150, 800)))
    up, *before = packets_of(accel(first_rows), family=family)
    _, *after = packets_of(accel(rows), family=family, at_s=1000 + first_rows / 50 + pause_s)
    both = data.draw(st.integers(1, 2))
    stale = data.draw(st.sets(st.integers(0, len(after) - 1), max_size=5))
    sent = [up, *before]
    for n, one in enumerate(after):
        sent += [one] * both + [before[-1 - n % len(before)]] * (n in stale)
    readings, counts = assembled(sent)
    assert (counts.received, counts.jumps) == (first_rows + rows, 1)
    assert counts.missing == pytest.approx(50 * pause_s, abs=2)
    assert counts.doubles + counts.late == (both - 1) * len(after) + len(stale)
    assert joined(readings)[0][-1] == pytest.approx((first_rows + rows) / 50 + pause_s, abs=0.05)


def test_doubles_are_dropped_and_late_ones_too() -> None:
    up, first, second, third, fourth = packets_of(accel(40))
    _, counts = assembled([up, first, second, second, fourth, third, third])
    assert (counts.received, counts.missing, counts.doubles, counts.late) == (30, 10, 2, 1)


def test_three_subscriptions_give_every_row_once() -> None:
    up, *packets = packets_of(accel(5000))
    readings, counts = assembled([up, *(p for p in packets for _ in range(3))])
    assert counts.received == sum(map(len, readings)) == 5000
    assert (counts.missing, counts.doubles) == (0, 2 * len(packets))


@pytest.mark.parametrize("seconds", [90, 600])
def test_the_counters_wrap_in_silence(seconds: int) -> None:
    """Both are more than a turn of the ticks (64 s) and less than half of one of the sequence."""
    up, *packets = packets_of(accel(50 * (seconds + 120)))
    kept = [p for n, p in enumerate(packets) if not 300 <= n < 300 + 5 * seconds]
    readings, counts = assembled([up, *kept])
    assert counts.missing == 50 * seconds
    assert counts.jumps == 0
    time_s, _ = joined(readings)
    assert time_s[-1] == pytest.approx(seconds + 119.98, abs=0.01)


def test_a_silence_over_half_the_counter_begins_an_epoch() -> None:
    rows = 50 * 1000
    up, *packets = packets_of(accel(rows))
    readings, counts = assembled([up, *packets[:100], *packets[-500:]])
    assert counts.jumps == 1
    assert counts.received == 6000
    assert counts.received + counts.missing == pytest.approx(rows, abs=2)
    assert joined(readings)[0][-1] == pytest.approx(rows / 50, abs=0.03)


def test_an_hour_of_wraps_loses_no_sample() -> None:
    rows = 50 * 3600 + 7
    _, counts = assembled(packets_of(np.zeros((rows, 3))))
    assert counts == Counts(received=rows, sessions=1)


def test_a_clip_that_starts_again_in_a_session_is_a_new_epoch() -> None:
    up, *packets = packets_of(accel(5000))
    _, *again = packets_of(accel(5000), at_s=1100.0)
    readings, counts = assembled([up, *packets, *again])
    assert (counts.received, counts.jumps) == (10_000, 1)
    assert counts.missing <= 1
    assert joined(readings)[0][-1] == pytest.approx(200, abs=0.05)


def test_between_sessions_nothing_is_counted_and_time_goes_on() -> None:
    first = packets_of(accel(500))
    down = LinkDown(at_s=1010.5, wall_s=0, cause="out of range")
    second = packets_of(accel(500), at_s=1030.0)
    readings, counts = assembled([*first, down, *second])
    assert counts == Counts(received=1000, sessions=2)
    time_s, _ = joined(readings)
    assert time_s[500] == pytest.approx(30.0, abs=0.01)


def reconnected(
    link: Callable[..., Floats], *, true_hz: float = 52.3, restarts: bool = False
) -> tuple[list[StreamItem], list[StreamItem]]:
    """The packets of half an hour, unbroken, and without those from 1000.3 to 1030.1 s of the stream."""
    up = replace(link_up("polar", 52.0), address="C4")
    data = list(FAMILIES["polar"].encoder(true_hz).encode(accel(round(1800 * true_hz)), first_sample=0))
    ready_s = SAMPLES_PER_PACKET * np.arange(1, len(data) + 1) / true_hz
    arrivals_s = 1000 + link(ready_s, stalls=0)
    whole = [packet(one, at_s) for one, at_s in zip(data, arrivals_s.tolist(), strict=True)]
    before = [one for one in whole if one.at_s < 2000.3]
    after = [one for one in whole if one.at_s > 2030.1]
    if restarts:
        after = [replace(one, data=first.data) for one, first in zip(after, whole, strict=False)]
    down = LinkDown(at_s=2001.0, wall_s=0, cause="out of range")
    return [up, *whole], [up, *before, down, replace(up, at_s=2030.1), *after]


def last_rows_s(items: Sequence[StreamItem]) -> dict[float, float]:
    """Time of each packet's last row, by its arrival."""
    assembler = Assembler()
    return {
        item.at_s: float(readings.time_s[-1])
        for item in items
        for readings in assembler.push(item)
        if isinstance(item, Packet)
    }


def test_times_after_a_reconnect_are_those_of_an_unbroken_session(link: Callable[..., Floats]) -> None:
    whole, patchy = map(last_rows_s, reconnected(link))
    off_ms = np.array([(at_s - 2030.1, 1000 * (time_s - whole[at_s])) for at_s, time_s in patchy.items()])
    again = off_ms[off_ms[:, 0] > 0]
    assert len(again) > 1000
    assert abs(again[:, 1]).max() < 4
    assert np.median(abs(again[again[:, 0] < 60, 1])) < 1
    assert abs(again[again[:, 0] > 310, 1]).max() < 1e-3


def test_a_clip_that_was_switched_on_again_has_another_clock(link: Callable[..., Floats]) -> None:
    _, patchy = reconnected(link, restarts=True)
    late_s = [at_s - 1000 - time_s for at_s, time_s in last_rows_s(patchy).items() if at_s > 2040]
    assert min(late_s) > -0.01
    assert max(late_s) < 0.25


def test_packets_outside_a_session_are_counted_not_decoded() -> None:
    _, one, two = packets_of(accel(20))
    _, counts = assembled([one, LinkDown(at_s=1002, wall_s=0, cause="x"), two])
    assert counts == Counts(malformed=2)


def test_a_family_from_the_future_is_named() -> None:
    with pytest.raises(ValueError, match=r"clip family 'sonar' is none of sleepclip"):
        Assembler().push(link_up("sonar"))


def test_readings_from_files_pass_as_they_are() -> None:
    given_ = Readings(time_s=np.arange(3.0), accel_g=np.zeros((3, 3)), missing=2)
    empty = Readings(time_s=np.zeros(0), accel_g=np.zeros((0, 3)))
    assembler = Assembler()
    assert assembler.push(given_) == [given_]
    assert assembler.push(empty) == []
    assert (assembler.counts.received, assembler.counts.missing) == (3, 2)


def test_the_stream_begins_with_its_first_item() -> None:
    up, *packets = packets_of(accel(50), at_s=1000.0)
    early = Battery(at_s=990.0, wall_s=0, percent=80)
    readings, _ = assembled([early, up, *packets])
    assert readings[0].time_s[-1] == pytest.approx(10.18, abs=0.001)


def test_a_first_packet_that_was_held_up_does_not_turn_time_back() -> None:
    up, *packets = packets_of(accel(2000))
    arrivals_s = np.maximum([p.at_s for p in packets if isinstance(p, Packet)], 1001.4)
    readings, counts = assembled(restamped([up, *packets], arrivals_s))
    assert counts.received == 2000
    assert joined(readings)[0][-1] == pytest.approx(39.98, abs=0.01)


def test_a_first_packet_of_several_seconds_does_not_begin_before_the_stream() -> None:
    (data, *_) = FAMILIES["polar"].encoder(10.0).encode(accel(SAMPLES_PER_PACKET), first_sample=0)
    readings, counts = assembled([link_up("polar", 10.0), packet(data, 1000.0)])
    assert counts.received == SAMPLES_PER_PACKET
    assert readings[0].time_s[0] == 0


@pytest.mark.parametrize("true_hz", [48.0, 52.0])
def test_the_clips_own_rate_is_measured(true_hz: float) -> None:
    """A clip told to run at 50 Hz whose accelerometer runs at another rate, as the LSM6DS3 of the Puck.js does."""
    rows = 6000
    accel_g = accel(rows)
    ticks = FAMILIES["sleepclip"].encoder(true_hz).encode(accel_g, first_sample=0)
    items: list[StreamItem] = [link_up()]
    items += [packet(data, 1000 + (10 * n + 10) / true_hz) for n, data in enumerate(ticks)]
    readings, counts = assembled(items)
    assert counts.received == rows
    time_s, _ = joined(readings)
    settled = np.diff(time_s[2000:])
    assert settled.mean() == pytest.approx(1 / true_hz, rel=1e-4)
    assert settled.max() < 1.5 / true_hz  # one step, when the packets from before the measurement leave the window
    assert readings[-1].rate_hz == 50


@pytest.mark.parametrize("true_hz", [49.4, 50.5, 53.5, 54.6])
def test_a_clip_with_a_clock_but_no_counter_loses_nothing_by_its_own_rate(true_hz: float) -> None:
    """A packet of 36 rows from a clip that is 3 % slow ends a whole row later than its nominal rate tells."""
    sent = list(FAMILIES["polar"].encoder(true_hz).encode(accel(6000), first_sample=0))
    rows = SAMPLES_PER_PACKET
    lost = range(50, 53)
    items: list[StreamItem] = [link_up("polar", 52.0)]
    items += [packet(data, 1000 + rows * (n + 1) / true_hz) for n, data in enumerate(sent) if n not in lost]
    _, counts = assembled(items)
    assert counts.received + counts.missing == pytest.approx(6000, abs=1)
    assert counts.missing == pytest.approx(rows * len(lost), abs=1)


def test_a_clip_at_quite_another_rate_is_of_unknown_rate() -> None:
    ticks = FAMILIES["sleepclip"].encoder(100).encode(accel(6000), first_sample=0)
    items: list[StreamItem] = [link_up(rate_hz=25)]
    items += [packet(data, 1000 + (10 * n + 10) / 100) for n, data in enumerate(ticks)]
    readings, _ = assembled(items)
    assert readings[-1].rate_hz is None
    assert joined(readings)[0][-1] == pytest.approx(60, abs=0.05)


@pytest.mark.parametrize("name", FAMILIES)
def test_every_family_is_received_whole_over_a_real_link(name: str, link: Callable[..., Floats]) -> None:
    family = FAMILIES[name]
    rate_hz = family.traits.default_rate_hz
    wave = np.sin(np.arange(int(rate_hz) * 120)[:, None] * [0.7, 1.1, 1.9]) * 0.9
    items = packets_of(wave, family=name, rate_hz=rate_hz)
    ready_s = np.array([p.at_s for p in items if isinstance(p, Packet)])
    readings, counts = assembled(restamped(items, link(ready_s, stalls=0)))
    exact = family.traits.sequence_modulus is not None
    assert counts.received == len(wave)
    assert counts.missing + counts.held <= (0 if exact else 2)
    assert joined(readings)[0][-1] == pytest.approx(120, abs=0.15)


@dataclass
class PlainFamily:
    """A family of int16 mg rows, one a packet, with a clock in ms if asked for, and no counter."""

    traits: Traits
    clock: bool = False

    def decoder(self, rate_hz: float) -> "PlainFamily":  # noqa: ARG002  the contract's
        return self

    encoder = decoder

    def decode(self, data: bytes) -> Sequence[Frame]:
        if len(data) != 10:
            raise PacketError(f"{len(data)} bytes are not 10")
        milliseconds = int.from_bytes(data[:4], "little")
        accel_g = np.frombuffer(data, "<i2", offset=4)[None, :] / 1000
        return (Frame(accel_g=accel_g, clip_time_s=milliseconds / 1000 if self.clock else None),)

    def encode(self, accel_g: Floats, *, first_sample: int) -> Iterator[bytes]:
        for n, row in enumerate(accel_g):
            milliseconds = int((first_sample + n) * 1000 / self.traits.default_rate_hz)
            yield milliseconds.to_bytes(4, "little") + np.rint(row * 1000).astype("<i2").tobytes()

    def start(self, rate_hz: float) -> Sequence[Command]:  # noqa: ARG002  the contract's
        return ()

    def stop(self) -> Sequence[Command]:
        return ()


PLAIN = Traits(
    name="plain",
    title="",
    rates_hz=(50.0,),
    default_rate_hz=50.0,
    resolution_g=0.001,
    service_uuid="",
    data_uuid="",
)


def plain(rows: int, lost: range, family: PlainFamily) -> tuple[list[Readings], Counts]:
    accel_g = np.round(accel(rows), 3)
    items: list[StreamItem] = [link_up("plain")]
    for n, data in enumerate(family.encode(accel_g, first_sample=0)):
        if n not in lost:
            items.append(packet(data, 1000 + (n + 1) / 50))
    return assembled(items, Assembler({"plain": family}))


@pytest.mark.parametrize("clock", [False, True])
@pytest.mark.parametrize("lost", [range(100, 101), range(100, 130), range(200, 900)])
def test_without_a_counter_more_than_one_and_a_half_periods_is_a_loss(lost: range, clock: bool) -> None:  # noqa: FBT001
    readings, counts = plain(2000, lost, PlainFamily(PLAIN, clock=clock))
    assert counts.missing == len(lost)
    assert counts.received == 2000 - len(lost)
    assert counts.estimated == (0 if clock else counts.received)
    assert joined(readings)[0][-1] == pytest.approx(40, abs=0.02)


@pytest.mark.parametrize("factor", [0.2, 5.0])
def test_time_keeps_to_the_arrivals_even_of_a_clip_at_another_rate(factor: float) -> None:
    family = PlainFamily(PLAIN)
    items: list[StreamItem] = [link_up("plain")]
    data = list(family.encode(accel(6000), first_sample=0))
    items += [packet(d, 1000 + (n + 1) / (50 * factor)) for n, d in enumerate(data)]
    readings, _ = assembled(items, Assembler({"plain": family}))
    assert joined(readings)[0][-1] == pytest.approx(6000 / (50 * factor), abs=3)


@pytest.mark.parametrize("family", COUNTING)
@pytest.mark.parametrize("stale", [range(2, 3), range(2, 12), range(20, 0, -1)])
def test_doubles_far_back_are_still_doubles(family: str, stale: range) -> None:
    up, *packets = packets_of(accel(2000), family=family)
    doubled = [packets[n] for n in stale]
    readings, counts = assembled([up, *packets[:-20], *doubled, *packets[-20:]])
    assert (counts.doubles, counts.jumps, counts.received) == (len(stale), 0, sum(map(len, readings)))


@pytest.mark.parametrize("rows", [64, 84])
def test_a_still_clip_whose_clock_stands_sends_no_doubles_after_a_turn_of_its_counter(rows: int) -> None:
    still = np.tile(np.array([0, 0, 8192], "<i2"), rows).tobytes()
    data = [(n * rows % 65536).to_bytes(2, "little") + bytes(2) + still for n in range(1100)]
    packets = [packet(one, 1000 + (n + 1) * rows / 50) for n, one in enumerate(data)]
    _, counts = assembled([link_up("sleepclip"), *packets])
    assert (counts.received, counts.doubles) == (1100 * rows, 0)


def test_with_a_clip_clock_doubles_and_late_packets_are_dropped() -> None:
    family = PlainFamily(PLAIN, clock=True)
    data = list(family.encode(accel(100), first_sample=0))
    order = [*range(10), 9, 11, 10, 3, *range(12, 100)]
    items: list[StreamItem] = [link_up("plain"), *(packet(data[n], 1000 + (n + 1) / 50) for n in order)]
    _, counts = assembled(items, Assembler({"plain": family}))
    assert (counts.received, counts.missing, counts.doubles, counts.late) == (99, 1, 2, 1)


def test_a_jump_of_the_clips_clock_is_survived() -> None:
    family = PlainFamily(PLAIN, clock=True)
    data = list(family.encode(accel(1000), first_sample=0)) + list(family.encode(accel(1000), first_sample=9_000_000))
    items: list[StreamItem] = [link_up("plain"), *(packet(d, 1000 + (n + 1) / 50) for n, d in enumerate(data))]
    readings, counts = assembled(items, Assembler({"plain": family}))
    assert (counts.received, counts.missing, counts.jumps) == (2000, 0, 1)
    assert joined(readings)[0][-1] == pytest.approx(40, abs=0.02)


def test_a_clip_that_sends_changes_only_holds_its_last_value() -> None:
    family = PlainFamily(replace(PLAIN, notifies_on_change=True))
    readings, counts = plain(1000, range(300, 400), family)
    assert (counts.missing, counts.held, counts.received) == (0, 100, 900)
    time_s, accel_g = joined(readings)
    assert len(time_s) == 1000
    assert np.allclose(time_s, np.arange(1, 1001) / 50, atol=0.03)
    assert (accel_g[300:400] == accel_g[299]).all()


@pytest.mark.parametrize("stall_s", [5, 12, 30])
def test_a_burst_after_a_stall_is_put_where_it_was_felt(stall_s: int) -> None:
    """Up to 10 s a link may hold packets back; after that the clip's clock is doubted, but no row is lost."""
    up, *packets = packets_of(accel(50 * 120))
    arrivals_s = np.array([p.at_s for p in packets if isinstance(p, Packet)])
    arrivals_s[(arrivals_s > 1040) & (arrivals_s < 1040 + stall_s)] = 1040 + stall_s
    readings, counts = assembled(restamped([up, *packets], arrivals_s))
    assert (counts.received, counts.missing, counts.jumps) == (6000, 0, int(stall_s > 10))
    time_s, _ = joined(readings)
    felt_s = np.arange(6000) / 50
    settled = felt_s > 40 + stall_s + 5
    assert np.abs(time_s - felt_s)[settled].max() < 0.03
    assert (time_s - felt_s).max() < stall_s + 0.1
    if stall_s <= 10:
        assert np.abs(time_s - felt_s).max() < 0.03


def test_the_wall_clock_changes_nothing() -> None:
    items = packets_of(accel(3000))
    jumping = [replace(item, wall_s=(-1) ** n * 3600.0 * n) for n, item in enumerate(items)]  # type: ignore[type-var]
    plain, jumped = joined(assembled(items)[0]), joined(assembled(jumping)[0])
    assert all(map(np.array_equal, plain, jumped))


def test_a_session_may_follow_at_once_with_another_family_and_rate() -> None:
    """No LinkDown between: the program was killed, or the link was lost and made again unseen."""
    sessions = [("sleepclip", 100.0), ("polar", 52.0), ("sleepclip", 25.0), ("microbit", 50.0), ("sleepclip", 25.0)]
    items = [
        item
        for n, (family, rate_hz) in enumerate(sessions)
        for item in packets_of(accel(round(20 * rate_hz)), family=family, rate_hz=rate_hz, at_s=1000 + 20.5 * n)
    ]
    readings, counts = assembled(items)
    assert (counts.received, counts.missing, counts.sessions) == (20 * (100 + 52 + 25 + 50 + 25), 0, 5)
    assert (readings[0].rate_hz, readings[-1].rate_hz) == (100, 25)
    assert joined(readings)[0][-1] == pytest.approx(4 * 20.5 + 20, abs=0.05)


SENT = {name: list(family.encoder(50).encode(accel(300), first_sample=65400)) for name, family in FAMILIES.items()}
waits_s = st.sampled_from([0.0, 0.001, 0.02, 0.2, 0.2, 0.2, 3.0, 12.0, 70.0, 30_000.0, -5.0])
happenings = st.one_of(
    st.tuples(st.just("up"), waits_s, st.sampled_from(sorted(FAMILIES)), st.sampled_from([10.0, 25.0, 50.0, 400.0])),
    st.tuples(st.just("down"), waits_s, st.just(""), st.just(0.0)),
    *[st.tuples(st.just("packet"), waits_s, st.just(""), st.integers(-3, 9))] * 6,
)


@given(story=st.lists(happenings, min_size=20, max_size=80))
@settings(max_examples=200)
def test_whatever_arrives_time_goes_on_and_never_runs_away(story: list[tuple[str, float, str, float]]) -> None:
    assembler, family, number = Assembler(), "sleepclip", 0
    at_s = now_s = zero_s = 1000.0
    last_s = -1.0
    assembler.push(Battery(at_s=zero_s, wall_s=0.0, percent=80))
    for kind, wait_s, name, value in story:
        at_s += wait_s
        now_s = max(now_s, at_s)
        item: StreamItem
        if kind == "up":
            family, number = name, 0
            item = replace(link_up(name, value), at_s=at_s)
        elif kind == "down":
            item = LinkDown(at_s=at_s, wall_s=0.0, cause="out of range")
        else:
            number = (number + int(value)) % len(SENT[family])
            item = packet(SENT[family][number], at_s)
        for readings in assembler.push(item):
            times_s = np.concatenate([[last_s], readings.time_s])
            assert (np.diff(times_s) > 0).all()
            assert times_s[1] >= 0
            assert times_s[-1] <= now_s - zero_s + 4.0  # 2 s, and 36 rows at 10 Hz moved together to half their length
            last_s = float(times_s[-1])
