import pytest

from alerts.alert import Condition, ConditionKind
from monitor.conditions import Conditions, ConditionSettings
from processing.detector import DetectorSettings
from sensor.ble.errors import PLUG_MEND
from sensor.readings import Counts
from sensor.stream import Battery, LinkDown, LinkUp, Packet, Signal, StreamItem


def link_up(rate_hz: float = 50.0, family: str = "sleepclip") -> LinkUp:
    return LinkUp(at_s=0, wall_s=0, family=family, address="C0:FF:EE:00:00:01", name="clip", rate_hz=rate_hz)


def told(items: list[tuple[float, StreamItem, Counts]]) -> list[tuple[ConditionKind, bool, float]]:
    conditions = Conditions(ConditionSettings(), DetectorSettings())
    found: list[Condition] = [c for at_s, item, counts in items for c in conditions.push(item, at_s, counts)]
    return [(c.kind, c.present, c.at_s) for c in found]


def test_a_lost_link_begins_and_ends_once() -> None:
    down = LinkDown(at_s=0, wall_s=0, cause="the clip is out of range")
    items = [(0.0, link_up(), Counts()), (1.0, down, Counts()), (2.0, down, Counts()), (9.0, link_up(), Counts())]
    assert told(items) == [(ConditionKind.LINK_LOST, True, 1.0), (ConditionKind.LINK_LOST, False, 9.0)]


def test_another_cause_is_told() -> None:
    conditions = Conditions(ConditionSettings(), DetectorSettings())
    first, second = (LinkDown(at_s=0, wall_s=0, cause=cause) for cause in ("out of range", "the adapter is gone"))
    conditions.push(first, 1.0, Counts())
    assert [c.cause for c in conditions.push(second, 2.0, Counts())] == ["the adapter is gone"]


def test_a_battery_is_low_until_it_is_charged() -> None:
    levels = [40, 15, 14, 16, 19, 20, 15]
    items = [(float(i), Battery(at_s=0, wall_s=0, percent=percent), Counts()) for i, percent in enumerate(levels)]
    low = ConditionKind.BATTERY_LOW
    assert told(items) == [(low, True, 1.0), (low, False, 5.0), (low, True, 6.0)]


def test_a_weak_signal_does_not_flap() -> None:
    levels = [-60, -91, -88, -92, -85, -86]
    items = [(float(i), Signal(at_s=0, wall_s=0, rssi_dbm=dbm), Counts()) for i, dbm in enumerate(levels)]
    assert told(items) == [(ConditionKind.WEAK_SIGNAL, True, 1.0), (ConditionKind.WEAK_SIGNAL, False, 4.0)]


@pytest.mark.parametrize(("lost", "expected"), [(0, []), (15, []), (30, [ConditionKind.PACKET_LOSS])])
def test_losses_count_by_their_share_of_a_minute(lost: int, expected: list[ConditionKind]) -> None:
    packet = Packet(at_s=0, wall_s=0, data=b"")
    items = [(float(s), packet, Counts(received=s * (100 - lost), missing=s * lost)) for s in range(300)]
    assert [kind for kind, present, _ in told(items) if present] == expected


def test_losses_end_when_they_end() -> None:
    packet = Packet(at_s=0, wall_s=0, data=b"")
    bad = [(float(s), packet, Counts(received=50 * s, missing=50 * s)) for s in range(100)]
    good = [(100.0 + s, packet, Counts(received=5000 + 100 * s, missing=5000)) for s in range(100)]
    assert [(kind, present) for kind, present, _ in told(bad + good)] == [
        (ConditionKind.PACKET_LOSS, True),
        (ConditionKind.PACKET_LOSS, False),
    ]


def test_what_was_lost_between_sessions_is_no_packet_loss() -> None:
    packet = Packet(at_s=0, wall_s=0, data=b"")
    before = [(float(s), packet, Counts(received=50 * s)) for s in range(100)]
    after = [(400.0 + s, packet, Counts(received=5000 + 50 * s, missing=15000)) for s in range(100)]
    assert told([*before, (399.0, link_up(), Counts(received=5000)), *after]) == []


@pytest.mark.parametrize(
    ("rate_hz", "family", "says"),
    [
        (50.0, "sleepclip", []),
        (10.0, "infinitime", ["too slow"]),
        (50.0, "microbit", ["too coarse"]),
        (20.0, "microbit", ["too slow", "too coarse"]),
    ],
)
def test_what_a_clip_hides_is_named(rate_hz: float, family: str, says: list[str]) -> None:
    found = Conditions(ConditionSettings(), DetectorSettings()).push(link_up(rate_hz, family), 0.0, Counts())
    assert [condition.kind for condition in found] == [ConditionKind.CLIP_LIMITS] * bool(says)
    assert all(words in found[0].cause for words in says)


def test_levels_out_of_order_are_refused() -> None:
    with pytest.raises(ValueError, match="battery_good_percent"):
        ConditionSettings(battery_low_percent=30)


def test_a_fault_of_the_receiver_is_told_apart_from_one_of_the_clip() -> None:
    down, gone = (LinkDown(at_s=0, wall_s=0, cause=c, mend=m) for c, m in (("no adapter", PLUG_MEND), ("away", "")))
    kinds = [(ConditionKind.LINK_LOST, True), (ConditionKind.ADAPTER, True)]
    over = [(ConditionKind.LINK_LOST, True), (ConditionKind.ADAPTER, False), (ConditionKind.LINK_LOST, False)]
    items = [(0.0, down, Counts()), (1.0, gone, Counts()), (2.0, link_up(), Counts())]
    assert [(kind, present) for kind, present, _ in told(items)] == kinds + over
