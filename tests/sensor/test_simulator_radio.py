from collections.abc import Sequence

import numpy as np
import pytest

from sensor.clips import FAMILIES
from sensor.readings import Assembler, Counts
from sensor.simulator import GOOD, Faults, Simulation, simulate
from sensor.stream import LinkDown, LinkUp, Packet, StreamItem

ONE_FAULT = {
    "loss": Faults(loss=0.05),
    "doubles": Faults(doubles=0.05),
    "late": Faults(late=0.05),
    "garbage": Faults(garbage=0.05),
    "truncated": Faults(truncated=0.05),
    "stalls": Faults(stalls_per_h=60),
    "bad link": Faults(retransmission=0.3, jitter_s=0.01, drift_ppm=150, interval_s=0.1),
}


def counted(items: Sequence[StreamItem]) -> Counts:
    assembler = Assembler()
    for item in items:
        assembler.push(item)
    return assembler.counts


def sent(faults: Faults | None = None, *, seed: int = 3, family: str = "sleepclip") -> Simulation:
    return simulate("quiet", seed=seed, family=family, faults=faults)


@pytest.mark.parametrize("family", sorted(FAMILIES))
def test_packets_decode_to_the_samples_that_were_felt(family: str) -> None:
    simulation = sent(family=family)
    (up,) = (x for x in simulation.items if isinstance(x, LinkUp))
    assert up.family == family
    decoder = FAMILIES[family].decoder(up.rate_hz)
    rows = [f.accel_g for x in simulation.items if isinstance(x, Packet) for f in decoder.decode(x.data)]
    decoded = np.concatenate(rows)
    if FAMILIES[family].traits.notifies_on_change:
        kept = np.flatnonzero(np.any(np.diff(simulation.accel_g, axis=0, prepend=np.nan) != 0, axis=1))
        assert np.allclose(decoded, simulation.accel_g[kept])
    else:
        assert np.allclose(decoded, simulation.accel_g, atol=simulation.resolution_g / 2)


def test_a_good_link_delivers_in_order_soon_and_never_early() -> None:
    simulation = sent()
    at_s = np.array([x.at_s for x in simulation.items])
    assert (np.diff(at_s) >= 0).all()
    assert isinstance(simulation.items[0], LinkUp)
    zero_s = simulation.items[0].at_s
    rate_hz = float(simulation.facts["true_rate_hz"])
    packets = [x for x in simulation.items if isinstance(x, Packet)]
    taken_s = np.cumsum([(len(x.data) - 4) // 6 for x in packets]) / rate_hz - 1 / rate_hz
    delay_s = np.array([x.at_s for x in packets]) - zero_s - taken_s
    assert delay_s.min() > 0
    assert np.median(delay_s) < 2 * GOOD.interval_s
    walls = np.array([x.wall_s for x in simulation.items])
    assert np.allclose(walls - walls[0], at_s - at_s[0], atol=1e-5)


@pytest.mark.parametrize("name", ONE_FAULT)
def test_what_was_sent_was_received_or_lost(name: str) -> None:
    simulation = sent(ONE_FAULT[name])
    counts, radio = counted(simulation.items), simulation.transmission
    assert radio is not None
    assert radio.sent == len(simulation.time_s)
    late = radio.sent - radio.lost - counts.received
    assert (late > 0) == (name == "late")
    assert late <= 10 * radio.late
    assert counts.doubles == radio.doubles
    assert counts.malformed == radio.garbage + radio.truncated


@pytest.mark.parametrize(
    ("name", "count"), [("loss", "lost"), ("doubles", "doubles"), ("late", "late"), ("garbage", "garbage")]
)
def test_a_fault_comes_as_often_as_asked_and_alone(name: str, count: str) -> None:
    radio = sent(ONE_FAULT[name]).transmission
    assert radio is not None
    packets = radio.sent / 10
    happened = getattr(radio, count) / (10 if count == "lost" else 1)
    assert 0.025 < happened / packets < 0.08
    assert sum(bool(getattr(radio, x)) for x in ("lost", "doubles", "late", "garbage", "truncated")) == 1


def test_a_stall_ends_in_a_burst() -> None:
    simulation = sent(ONE_FAULT["stalls"])
    at_s = np.array([x.at_s for x in simulation.items if isinstance(x, Packet)])
    waits_s = np.diff(at_s)
    longest = int(np.argmax(waits_s))
    assert waits_s[longest] > 0.5
    assert (waits_s[longest + 1 : longest + 3] < 0.05).all()


def test_a_lost_link_comes_back_with_a_new_session_that_counts_from_zero() -> None:
    simulation = sent(Faults(link_losses_per_h=30))
    radio = simulation.transmission
    assert radio is not None
    assert radio.sessions > 2
    assert radio.sent < len(simulation.time_s)
    kinds = [type(x) for x in simulation.items if isinstance(x, LinkUp | LinkDown)]
    assert kinds == ([LinkUp, LinkDown] * radio.sessions)[: len(kinds)]
    decoder = FAMILIES["sleepclip"].decoder(50.0)
    after_up = [
        next(x for x in simulation.items[i + 1 :] if isinstance(x, Packet))
        for i, item in enumerate(simulation.items)
        if isinstance(item, LinkUp)
    ]
    assert [decoder.decode(x.data)[0].sequence for x in after_up] == [0] * radio.sessions
    counts = counted(simulation.items)
    assert counts.received + counts.missing <= radio.sent
    assert counts.received == radio.sent - radio.lost


def test_the_scenario_of_faults_has_every_fault() -> None:
    radio = simulate("faults", seed=2).transmission
    assert radio is not None
    assert min(radio.lost, radio.doubles, radio.late, radio.garbage, radio.truncated) > 0


def test_the_same_seed_gives_the_same_packets_and_another_others() -> None:
    one, again, other = sent(seed=1), sent(seed=1), sent(seed=2)
    assert one.items == again.items
    assert one.items != other.items


def test_holes_in_the_data_are_samples_never_sent() -> None:
    simulation = simulate("rhythmic-unknown", seed=1)
    (gap,) = (x for x in simulation.labels if x.kind == "gap")
    counts = counted(simulation.items)
    assert counts.received == len(simulation.time_s)
    rate_hz = float(simulation.facts["true_rate_hz"])
    assert counts.missing == pytest.approx(gap.duration_s * rate_hz, abs=2)


def test_wrong_names_are_refused() -> None:
    with pytest.raises(ValueError, match="no scenario 'yawn'"):
        simulate("yawn", seed=0)
    with pytest.raises(ValueError, match="no clip family 'acme'"):
        simulate("quiet", seed=0, family="acme")
