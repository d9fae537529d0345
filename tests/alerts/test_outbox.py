"""Messages survive crashes, full disks and damage; they keep their order and know when they are late."""

import itertools
import json
import random
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import hypothesis.strategies as st
import pytest
from hypothesis import given, settings

from alerts.messages import Message
from alerts.outbox import Outbox, OutboxError, OutboxSettings

ALERT = "sleepclip/a/alert"
EVENT = "sleepclip/a/event"


class Clock:
    """A clock that is set by hand."""

    now_s = 0.0

    def __call__(self) -> float:
        return self.now_s


def alert(number: int, *, active: bool = True) -> Message:
    body = {"id": f"x{number}", "active": active, "raising": "rhythmic", "late": False, "superseded": False}
    return Message(ALERT, json.dumps(body).encode(), retain=True)


def event(number: int) -> Message:
    return Message(EVENT, json.dumps({"id": f"e{number}", "late": False}).encode())


@pytest.fixture
def open_outbox(tmp_path: Path) -> Iterator[Callable[..., Outbox]]:
    opened: list[Outbox] = []

    def open_it(run: str = "one", clock: Callable[[], float] | None = None, **given: Any) -> Outbox:
        opened.append(Outbox(OutboxSettings(path=str(tmp_path / "outbox.db"), **given), clock or Clock(), run))
        return opened[-1]

    yield open_it
    for outbox in opened:
        outbox.close()


def drain(outbox: Outbox) -> list[Message]:
    sent = []
    while waiting := outbox.oldest():
        sent.append(waiting.message)
        outbox.done(waiting.number)
    return sent


def test_messages_come_out_in_order_and_go_when_done(open_outbox: Callable[..., Outbox]) -> None:
    outbox = open_outbox()
    assert outbox.oldest() is None
    messages = [alert(1), event(2), event(3)._replace(expiry_s=60)]
    outbox.put(messages[:1])
    outbox.put(messages[1:])
    first = outbox.oldest()
    assert first is not None
    assert outbox.oldest() == first  # until it is done
    assert len(outbox) == 3
    assert drain(outbox) == messages
    assert len(outbox) == 0


def test_messages_of_an_earlier_run_are_late(open_outbox: Callable[..., Outbox]) -> None:
    before = open_outbox("one")
    before.put([alert(1), event(2)], {"a": b"standing"})
    before.close()
    outbox = open_outbox("two")
    assert outbox.kept("a") == b"standing"
    assert outbox.kept("b") is None
    sent = [json.loads(m.payload) for m in drain(outbox)]
    assert [(s["id"], s["late"]) for s in sent] == [("x1", True), ("e2", True)]
    assert sent[0]["raising"] is None


def test_messages_become_late_by_the_clock(open_outbox: Callable[..., Outbox]) -> None:
    clock = Clock()
    outbox = open_outbox(clock=clock, late_s=60)
    outbox.put([alert(1)])
    clock.now_s = 60.0
    assert outbox.oldest() == (1, alert(1))
    clock.now_s = 60.1
    outbox.put([alert(2, active=False)])
    sent = drain(outbox)
    told = json.loads(sent[0].payload)
    assert (told["late"], told["superseded"], told["active"], sent[0].retain) == (True, True, False, False)
    assert sent[1] == alert(2, active=False)


@given(kinds=st.lists(st.sampled_from(["event", "alert", "fault"]), min_size=1, max_size=250))
@settings(max_examples=30, deadline=None)
def test_the_bound_never_drops_what_stands(kinds: list[str]) -> None:
    outbox = Outbox(OutboxSettings(rows_max=100), Clock(), "one")
    newest = {}
    for number, kind in enumerate(kinds):
        message = event(number) if kind == "event" else alert(number)._replace(topic=f"sleepclip/a/{kind}")
        outbox.put([message])
        newest[message.topic] = message
    assert len(outbox) <= 100
    assert outbox.dropped == max(0, len(kinds) - 100)
    sent = drain(outbox)
    for topic in set(newest) - {EVENT}:
        assert [m for m in sent if m.topic == topic][-1] == newest[topic]
    if kinds.count("event") >= len(kinds) - 100:
        assert [m for m in sent if m.retain] == [m for m in sent if m.topic != EVENT]
        assert sum(m.retain for m in sent) == sum(kind != "event" for kind in kinds)
    outbox.close()


def test_a_damaged_file_is_set_aside(open_outbox: Callable[..., Outbox], tmp_path: Path) -> None:
    path = tmp_path / "outbox.db"
    path.write_bytes(b"this is no database" * 1000)
    outbox = open_outbox()
    assert "was damaged" in outbox.mended
    assert "set aside as outbox.db.damaged" in outbox.mended
    assert (tmp_path / "outbox.db.damaged").read_bytes().startswith(b"this is no database")
    outbox.put([event(1)])
    assert drain(outbox) == [event(1)]


def test_a_torn_page_is_found_at_the_start(open_outbox: Callable[..., Outbox], tmp_path: Path) -> None:
    before = open_outbox()
    before.put([event(n) for n in range(2000)])
    before.close()
    path = tmp_path / "outbox.db"
    torn = bytearray(path.read_bytes())
    torn[8192:16384] = random.Random(1).randbytes(8192)
    path.write_bytes(torn)
    outbox = open_outbox("two")
    assert outbox.mended
    outbox.put([event(1)])
    assert drain(outbox) == [event(1)]


def test_a_folder_that_is_not_there_is_named() -> None:
    with pytest.raises(OutboxError, match=r"the outbox /nowhere/outbox\.db has no folder; create /nowhere"):
        Outbox(OutboxSettings(path="/nowhere/outbox.db"), Clock(), "one")


def test_a_file_that_cannot_be_opened_leaves_the_memory(open_outbox: Callable[..., Outbox], tmp_path: Path) -> None:
    (tmp_path / "outbox.db").mkdir()
    outbox = open_outbox()
    outbox.put([event(1)])
    assert "cannot be opened" in outbox.fault
    assert drain(outbox) == [event(1)]


FULL_DISK = """
import json, resource, signal, sys
from alerts.messages import Message
from alerts.outbox import Outbox, OutboxSettings

signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
outbox = Outbox(OutboxSettings(path=sys.argv[1]), lambda: 0.0, "one")
_, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
resource.setrlimit(resource.RLIMIT_FSIZE, (200_000, hard))  # a write beyond it fails, as on a full disk
message = lambda n: Message("sleepclip/a/event", json.dumps({"id": f"e{n}", "late": False, "x": "y" * 500}).encode())
for n in range(500):
    outbox.put([message(n)])
print(json.dumps({"fault": outbox.fault, "waiting": len(outbox)}))
sent = []
for _ in range(300):
    waiting = outbox.oldest()
    sent.append(json.loads(waiting.message.payload)["id"])
    outbox.done(waiting.number)
resource.setrlimit(resource.RLIMIT_FSIZE, (hard, hard))
outbox.put([message(500)])
print(json.dumps({"fault": outbox.fault, "waiting": len(outbox)}))
while waiting := outbox.oldest():
    sent.append(json.loads(waiting.message.payload)["id"])
    outbox.done(waiting.number)
print(json.dumps(sent))
"""


def test_a_full_disk_loses_nothing_and_says_so(tmp_path: Path) -> None:
    ran = subprocess.run(
        [sys.executable, "-c", FULL_DISK, str(tmp_path / "outbox.db")], capture_output=True, check=True, text=True
    )
    full, freed, sent = map(json.loads, ran.stdout.splitlines())
    assert "cannot be written" in full["fault"]
    assert full["waiting"] == 500
    assert freed == {"fault": "", "waiting": 201}
    assert sent == [f"e{n}" for n in range(501)]


class FullDisk(Outbox):
    """An outbox whose disk may be filled and freed."""

    def fill(self) -> None:
        """Let no page be added; the file is as large as it may become."""
        (pages,) = self._db.execute("PRAGMA page_count").fetchone()
        self._db.execute(f"PRAGMA max_page_count = {pages}")

    def free(self) -> None:
        self._db.execute("PRAGMA max_page_count = 1000000")


@pytest.fixture
def full_disk(tmp_path: Path) -> Iterator[Callable[..., FullDisk]]:
    opened: list[FullDisk] = []

    def open_it(clock: Callable[[], float] | None = None, **given: Any) -> FullDisk:
        path = str(tmp_path / "outbox.db")
        opened.append(FullDisk(OutboxSettings(path=path, **given), clock or Clock(), f"run {len(opened)}"))
        return opened[-1]

    yield open_it
    for outbox in opened:
        outbox.close()


def large(message: Message) -> Message:
    """Make a message that needs a page of its own."""
    return message._replace(payload=json.dumps(json.loads(message.payload) | {"x": "y" * 9000}).encode())


def ids(messages: list[Message]) -> list[str]:
    return [json.loads(m.payload)["id"] for m in messages]


def test_what_is_on_its_way_when_the_disk_is_freed_is_sent_again(full_disk: Callable[..., FullDisk]) -> None:
    outbox = full_disk()
    outbox.fill()
    outbox.put([large(event(1))])
    on_its_way = outbox.oldest()
    assert on_its_way is not None
    assert outbox.fault
    outbox.free()
    outbox.put([])
    assert outbox.fault == ""
    outbox.done(on_its_way.number)  # the broker has it; the copy on disk is not known to be the same
    assert ids(drain(outbox)) == ["e1"]


def test_what_was_dropped_meanwhile_takes_no_other_with_it(full_disk: Callable[..., FullDisk]) -> None:
    outbox = full_disk(rows_max=100)
    outbox.fill()
    outbox.put([large(event(1))])
    on_its_way = outbox.oldest()
    assert on_its_way is not None
    outbox.put([large(event(n)) for n in range(2, 102)])  # the bound drops the first
    outbox.done(on_its_way.number)
    assert ids(drain(outbox)) == [f"e{n}" for n in range(2, 102)]


def test_messages_kept_in_memory_become_late_too(full_disk: Callable[..., FullDisk]) -> None:
    clock = Clock()
    outbox = full_disk(clock, late_s=60)
    outbox.put([alert(1)])
    outbox.fill()
    outbox.put([large(alert(2)), large(alert(3, active=False))])
    clock.now_s = 3600.0
    told = [json.loads(m.payload) for m in drain(outbox)]
    assert [(t["late"], t["superseded"], t["active"], t["raising"]) for t in told] == [
        (True, True, False, None),
        (True, True, False, None),
        (True, False, False, None),
    ]


def test_the_bound_holds_in_memory_by_the_same_rule(full_disk: Callable[..., FullDisk]) -> None:
    outbox = full_disk(rows_max=100)
    outbox.fill()
    outbox.put([large(alert(1)), large(alert(2))])
    outbox.put([large(event(n)) for n in range(200)])
    assert (len(outbox), outbox.dropped) == (100, 102)
    sent = ids(drain(outbox))
    assert sent == ["x1", "x2", *(f"e{n}" for n in range(102, 200))]


def test_what_should_have_been_kept_is_once_the_disk_takes_it(full_disk: Callable[..., FullDisk]) -> None:
    outbox = full_disk()
    outbox.put([], {"a": b"standing"})
    outbox.fill()
    outbox.put([large(alert(1))], {"a": b"acknowledged"})
    outbox.free()
    outbox.put([])
    outbox.close()
    assert full_disk().kept("a") == b"acknowledged"


PRODUCER = """
import os, random, signal, sys, time
from alerts.messages import Message
from alerts.outbox import Outbox, OutboxSettings

path, kills, seed = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
chance = random.Random(seed)
number = 0
for run in range(kills):
    told, say = os.pipe()
    child = os.fork()
    if child == 0:
        outbox = Outbox(OutboxSettings(path=path), time.monotonic, str(run))
        while True:
            outbox.put([Message("t", b'{"id": %d}' % (number + i), retain=False) for i in range(3)])
            os.write(say, number.to_bytes(4, "big"))  # decided and put: must never be lost
            number += 3
    os.close(say)
    os.read(told, 4)
    time.sleep(chance.uniform(0, 0.02))
    os.kill(child, signal.SIGKILL)
    os.waitpid(child, 0)
    rest = b""
    while more := os.read(told, 65536):
        rest += more
    os.close(told)
    last = int.from_bytes(rest[-4:], "big") if rest else number
    print(number, last, flush=True)
    number = last + 1000
"""


def test_nothing_decided_is_lost_when_killed_at_50_points(open_outbox: Callable[..., Outbox], tmp_path: Path) -> None:
    path = tmp_path / "outbox.db"
    ran = subprocess.run(
        [sys.executable, "-c", PRODUCER, str(path), "50", "7"], capture_output=True, check=True, text=True
    )
    spans = [tuple(map(int, line.split())) for line in ran.stdout.splitlines()]
    assert len(spans) == 50
    assert sum(last - first for first, last in spans) > 0
    outbox = open_outbox("after", rows_max=1_000_000)
    assert outbox.mended == ""
    found = [json.loads(m.payload)["id"] for m in drain(outbox)]
    assert found == sorted(set(found)), "out of order, or twice"
    told = set(itertools.chain.from_iterable(range(first, last + 3) for first, last in spans))
    assert told <= set(found)


def test_a_killed_consumer_repeats_at_most_one(open_outbox: Callable[..., Outbox]) -> None:
    outbox = open_outbox("one")
    outbox.put([event(n) for n in range(10)])
    for _ in range(4):
        waiting = outbox.oldest()
        assert waiting is not None
        outbox.done(waiting.number)
    outbox.oldest()  # sent, and killed before the confirmation
    outbox.close()
    again = open_outbox("two")
    assert [json.loads(m.payload)["id"] for m in drain(again)] == [f"e{n}" for n in range(4, 10)]


def test_a_second_program_leaves_the_file_alone(open_outbox: Callable[..., Outbox]) -> None:
    first = open_outbox("one")
    first.put([alert(1)])
    second = open_outbox("two")
    assert "another sleepclip uses it" in second.fault
    second.put([event(1)])
    assert drain(second) == [event(1)]
    assert drain(first) == [alert(1)]


def test_the_file_is_synced_fully(open_outbox: Callable[..., Outbox]) -> None:
    outbox = open_outbox()
    assert outbox._db.execute("PRAGMA journal_mode").fetchone() == ("wal",)
    outbox.put([event(1)])
    drain(outbox)  # what is done with is not synced; what comes next is
    assert outbox._db.execute("PRAGMA synchronous").fetchone() == (2,)
