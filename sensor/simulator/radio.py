"""The radio between clip and host: samples become packets of a clip family and arrive late, twice, damaged or never.

A packet waits for the next connection event, and for one more with each retransmission; it is never early.
"""

import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

import numpy as np

from processing.samples import Floats
from sensor.clips.family import Family, PacketError
from sensor.simulator.splits import Span
from sensor.stream import Battery, LinkDown, LinkUp, Packet, Signal, StreamItem

START_AT_S: Final = 1000.0
"""Monotonic clock at the start of the stream: not 0, for nobody may rely on that."""
START_WALL_S: Final = 1_768_510_800.0
"""Unix time at the start of the stream, an evening."""
SUPERVISION_S: Final = 2.0
"""Silence after which the link is called lost."""
AWAY_S: Final = Span(3.0, 40.0)
"""How long the clip is away once its link is lost."""
CUT_BYTES: Final = 20
"""What is left of a packet that is cut to the smallest MTU."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Faults:
    """How good the link is; the defaults are a good one. Shares are of packets.

    Attributes:
        interval_s: between connection events.
        retransmission: share sent again at the next event.
        jitter_s: mean time the host takes to hand a packet over.
        drift_ppm: how much too fast the clip's clock runs; of a clip that tells no time, its sampling.
        loss: share that never arrives.
        doubles: share that arrives twice.
        late: share that arrives after packets sent later.
        garbage: share followed by bytes that are no packet.
        truncated: share cut to `CUT_BYTES`.
        stalls_per_h: times nothing arrives for a while, and then all at once.
        stall_s: longest of these; the shortest is 0.5 s.
        link_losses_per_h: times the link is lost (`AWAY_S`); the clip counts from 0 again afterwards.
    """

    interval_s: float = 0.03
    retransmission: float = 0.03
    jitter_s: float = 0.001
    drift_ppm: float = 20.0
    loss: float = 0.0
    doubles: float = 0.0
    late: float = 0.0
    garbage: float = 0.0
    truncated: float = 0.0
    stalls_per_h: float = 0.0
    stall_s: float = 2.5
    link_losses_per_h: float = 0.0


GOOD: Final = Faults()
ROUGH: Final = Faults(
    interval_s=0.05,
    retransmission=0.15,
    jitter_s=0.004,
    drift_ppm=100.0,
    loss=0.01,
    doubles=0.01,
    late=0.005,
    garbage=0.003,
    truncated=0.003,
    stalls_per_h=20.0,
    link_losses_per_h=4.0,
)
"""Every fault at once."""


@dataclass(frozen=True, eq=False, slots=True, kw_only=True)
class Transmission:
    """What arrived, and what became of the samples that were sent.

    Attributes:
        items: in the order of arrival.
        sent: samples the clip measured while the link stood.
        lost: of these, samples that never arrived whole.
        doubles: packets that arrived twice.
        late: packets that arrived after one sent later.
        garbage: packets of other bytes.
        truncated: packets that arrived cut.
        sessions: links made.
    """

    items: tuple[StreamItem, ...]
    sent: int
    lost: int
    doubles: int
    late: int
    garbage: int
    truncated: int
    sessions: int


@dataclass(frozen=True, eq=False, slots=True, kw_only=True)
class Feed:
    """What goes into the radio.

    Attributes:
        family: of the clip.
        rate_hz: nominal.
        true_rate_hz: at which it samples.
        index: number of each row since the start of the stream, `(n,)`; holes are rows that were never sent.
        accel_g: `(n, 3)`.
        duration_s: of the stream.
    """

    family: Family
    rate_hz: float
    true_rate_hz: float
    index: np.typing.NDArray[np.int64]
    accel_g: Floats
    duration_s: float


@dataclass(slots=True)
class _Tally:
    sent: int = 0
    lost: int = 0
    doubles: int = 0
    late: int = 0
    garbage: int = 0
    truncated: int = 0


def has_clip_time(family: Family, rate_hz: float) -> bool:
    """Whether the family's packets carry the clip's own clock."""
    decoder = family.decoder(rate_hz)
    rows = np.tile((0.0, 0.0, 1.0), (32, 1))
    frames = [f for data in family.encoder(rate_hz).encode(rows, first_sample=0) for f in decoder.decode(data)]
    return bool(frames) and frames[0].clip_time_s is not None


def transmit(feed: Feed, faults: Faults, rng: np.random.Generator) -> Transmission:
    """Send everything, session by session."""
    tally = _Tally()
    timed: list[tuple[float, StreamItem]] = []
    sessions = _sessions(feed.duration_s, faults, rng)
    for start_s, stop_s in sessions:
        timed.append((start_s, _link_up(feed, start_s)))
        timed += _housekeeping(start_s, stop_s, feed.duration_s)
        timed += _packets(feed, faults, rng, (start_s, stop_s), tally)
        if stop_s < feed.duration_s:
            down_s = stop_s + SUPERVISION_S
            timed.append((down_s, LinkDown(at_s=_at(down_s), wall_s=_wall(down_s), cause="the clip went out of range")))
    timed.sort(key=lambda pair: pair[0])
    return Transmission(
        items=tuple(item for _, item in timed),
        sent=tally.sent,
        lost=tally.lost,
        doubles=tally.doubles,
        late=tally.late,
        garbage=tally.garbage,
        truncated=tally.truncated,
        sessions=len(sessions),
    )


def _at(stream_s: float) -> float:
    return START_AT_S + stream_s


def _wall(stream_s: float) -> float:
    return START_WALL_S + stream_s


def _sessions(duration_s: float, faults: Faults, rng: np.random.Generator) -> list[tuple[float, float]]:
    """Give start and end of each link."""
    sessions: list[tuple[float, float]] = []
    start_s = 0.0
    while start_s < duration_s:
        stands_s = rng.exponential(3600 / faults.link_losses_per_h) if faults.link_losses_per_h else math.inf
        stop_s = min(start_s + max(10.0, float(stands_s)), duration_s)
        sessions.append((start_s, stop_s))
        start_s = stop_s + SUPERVISION_S + AWAY_S.draw(rng)
    return sessions


def _link_up(feed: Feed, at_s: float) -> LinkUp:
    traits = feed.family.traits
    return LinkUp(
        at_s=_at(at_s),
        wall_s=_wall(at_s),
        family=traits.name,
        address="C1:1B:00:00:00:01",
        name=f"simulated {traits.name}",
        rate_hz=feed.rate_hz,
    )


def _housekeeping(start_s: float, stop_s: float, duration_s: float) -> Iterator[tuple[float, StreamItem]]:
    """Battery every ten minutes, from 95 % down to 70 %, and signal strength every minute."""
    for at_s in np.arange(start_s + 0.5, stop_s, 600.0).tolist():
        yield at_s, Battery(at_s=_at(at_s), wall_s=_wall(at_s), percent=round(95 - 25 * at_s / duration_s))
    for at_s in np.arange(start_s + 1.0, stop_s, 60.0).tolist():
        yield at_s, Signal(at_s=_at(at_s), wall_s=_wall(at_s), rssi_dbm=-62 - round(6 * math.sin(at_s / 700)))


def _packets(
    feed: Feed, faults: Faults, rng: np.random.Generator, session: tuple[float, float], tally: _Tally
) -> list[tuple[float, StreamItem]]:
    sent, rows, ready_s = _encoded(feed, faults, session)
    n = len(sent)
    tally.sent += int(rows.sum())
    if not n:
        return []
    arrival_s = _arrivals(ready_s, faults, rng)
    fate = rng.random((5, n))
    late = fate[2] < faults.late
    arrival_s[late] += rng.uniform(0.05, 0.5, int(late.sum()))
    gone = (fate[0] < faults.loss) | (
        arrival_s > session[1] + (SUPERVISION_S if session[1] >= feed.duration_s else 0.0)
    )
    cut = (fate[4] < faults.truncated) & ~gone
    tally.lost += int(rows[gone | cut].sum())
    tally.truncated += int(cut.sum())
    tally.late += _overtaken(arrival_s[~gone & ~cut])
    out = [(float(arrival_s[i]), sent[i][: CUT_BYTES if cut[i] else None]) for i in np.flatnonzero(~gone)]
    for i in np.flatnonzero((fate[1] < faults.doubles) & ~gone & ~cut):
        tally.doubles += 1
        out.append((float(arrival_s[i] + rng.uniform(0, 0.2)), sent[i]))
    for i in np.flatnonzero((fate[3] < faults.garbage) & ~gone):
        tally.garbage += 1
        out.append((float(arrival_s[i] + rng.uniform(0, 0.02)), _garbage(feed, rng)))
    return [(at_s, Packet(at_s=START_AT_S + at_s, wall_s=START_WALL_S + at_s, data=data)) for at_s, data in out]


def _encoded(
    feed: Feed, faults: Faults, session: tuple[float, float]
) -> tuple[list[bytes], np.typing.NDArray[np.int64], Floats]:
    """Give packets, samples in each, and the stream second at which its last sample was taken."""
    first, last = (math.ceil(at_s * feed.true_rate_hz - 1e-9) for at_s in session)
    a, b = np.searchsorted(feed.index, (first, last))
    index, accel_g = feed.index[a:b], feed.accel_g[a:b]
    encoder = feed.family.encoder(feed.true_rate_hz / (1 + faults.drift_ppm * 1e-6))
    sent: list[bytes] = []
    numbers: list[int] = []
    ends: list[int] = []
    for block in _blocks(feed, index):
        packets = list(encoder.encode(accel_g[block], first_sample=int(index[block[0]]) - first))
        counts = _rows_of(feed, packets)
        sent += packets
        numbers += counts
        ends += (int(index[block[0]]) + np.cumsum(counts, dtype=np.int64) - 1).tolist()
    return sent, np.array(numbers, np.int64), np.array(ends, np.float64) / feed.true_rate_hz


def _blocks(feed: Feed, index: np.typing.NDArray[np.int64]) -> list[np.typing.NDArray[np.intp]]:
    """Rows to encode in one go: those without a hole; each alone where a clip sends only changes."""
    if feed.family.traits.notifies_on_change:
        return list(np.arange(len(index))[:, None])
    return [block for block in np.split(np.arange(len(index)), np.flatnonzero(np.diff(index) > 1) + 1) if len(block)]


def _rows_of(feed: Feed, packets: list[bytes]) -> list[int]:
    """Samples that each packet completes."""
    decoder = feed.family.decoder(feed.rate_hz)
    return [sum(len(frame.accel_g) for frame in decoder.decode(data)) for data in packets]


def _arrivals(ready_s: Floats, faults: Faults, rng: np.random.Generator) -> Floats:
    """Seconds at which packets ready at `ready_s`, `(n,)`, reach the program, in order."""
    again = rng.geometric(1 - faults.retransmission, len(ready_s)) - 1
    event_s = (np.floor(ready_s / faults.interval_s) + 1 + again) * faults.interval_s
    arrival_s = np.maximum.accumulate(event_s)
    for _ in range(rng.poisson(faults.stalls_per_h * (ready_s[-1] - ready_s[0]) / 3600)):
        stall_s = float(rng.uniform(ready_s[0], ready_s[-1]))
        end_s = stall_s + float(rng.uniform(0.5, faults.stall_s))
        arrival_s[(arrival_s > stall_s) & (arrival_s < end_s)] = end_s
    jitter_s = rng.exponential(faults.jitter_s, len(ready_s)) if faults.jitter_s else 0.0
    return np.asarray(np.maximum.accumulate(arrival_s + jitter_s))


def _overtaken(arrival_s: Floats) -> int:
    """Count packets that arrive after one that was sent later."""
    if not len(arrival_s):
        return 0
    soonest_after = np.minimum.accumulate(arrival_s[::-1])[::-1]
    return int((arrival_s[:-1] > soonest_after[1:]).sum())


def _garbage(feed: Feed, rng: np.random.Generator) -> bytes:
    """Give bytes that the family's decoder refuses."""
    while True:
        data = rng.bytes(int(rng.integers(1, 61)))
        try:
            feed.family.decoder(feed.rate_hz).decode(data)
        except PacketError:
            return data
