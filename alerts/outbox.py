"""Messages on disk until the broker has them.

    put -> on disk (synced) -> oldest -> [broker takes it] -> done -> gone

Bounded: beyond `rows_max` the oldest events go first, then the oldest alert messages that a later one on their topic
has overtaken. The last message of each retained topic is never dropped, and it lists every alert that stands.

A full or failing disk stops nothing: messages are kept in memory, `fault` says so, and they go to disk in their
order once it takes them (a file that cannot be opened at the start is tried again at the next). A damaged file is
set aside under another name, and `mended` says so. The file is one program's alone: a second one would send, as late,
what the first has just decided.
"""

import contextlib
import sqlite3
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path
from typing import Annotated, Final, NamedTuple

import msgspec
from msgspec import Meta

from alerts.messages import Message, as_late

_SCHEMA: Final = """
CREATE TABLE IF NOT EXISTS message (
    number INTEGER PRIMARY KEY AUTOINCREMENT, topic TEXT NOT NULL, payload BLOB NOT NULL, retain INTEGER NOT NULL,
    expiry_s INTEGER, run TEXT NOT NULL, at_s REAL NOT NULL);
CREATE INDEX IF NOT EXISTS message_topic ON message (topic, number);
CREATE TABLE IF NOT EXISTS kept (name TEXT PRIMARY KEY, value BLOB NOT NULL) WITHOUT ROWID;
"""
_INSERT: Final = "INSERT INTO message (topic, payload, retain, expiry_s, run, at_s) VALUES (?, ?, ?, ?, ?, ?)"
_OLDEST: Final = """SELECT number, topic, payload, retain, expiry_s, run, at_s FROM message
    WHERE number > ? ORDER BY number LIMIT 1"""
_DROP_EVENTS: Final = "DELETE FROM message WHERE number IN (SELECT number FROM message WHERE NOT retain LIMIT ?)"
_DROP_OVERTAKEN: Final = """DELETE FROM message WHERE number IN (
    SELECT number FROM message WHERE number NOT IN (SELECT max(number) FROM message WHERE retain GROUP BY topic)
    ORDER BY number LIMIT ?)"""


_LOCKED_S: Final = 1.0
"""How long another program may hold the file: one that is just ending."""


class OutboxError(Exception):
    """The outbox has no place; the text says what to do."""


class OutboxSettings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Where messages wait, and for how long they count as fresh.

    Attributes:
        path: the database file; None keeps messages in memory, for a demo.
        rows_max: most messages kept. 10 000 are some nights of events, about 10 MB.
        late_s: a message older than this is marked late and raises nothing anew. A broker restarts within a minute.
    """

    path: str | None = None
    rows_max: Annotated[int, Meta(ge=100)] = 10_000
    late_s: Annotated[float, Meta(gt=0)] = 60.0


class Waiting(NamedTuple):
    """The oldest message, as it should be sent at this moment."""

    number: int
    message: Message


class _Row(NamedTuple):
    number: int
    message: Message
    at_s: float


class Outbox:
    """The queue between the policy and the broker.

    Args:
        settings: where and how many.
        clock: monotonic seconds.
        run: name of this run of the program. Messages of another run are late: nobody knows for how long they waited.

    Raises:
        OutboxError: the folder does not exist.
    """

    def __init__(self, settings: OutboxSettings, clock: Callable[[], float], run: str) -> None:
        self._settings = settings
        self._clock = clock
        self._run = run
        self._memory: list[_Row] = []
        self._memory_number = 0
        self._unkept: dict[str, bytes] = {}
        self._done = 0
        self.dropped = 0
        """Messages given up by the bound."""
        self.fault = ""
        """Why the disk takes nothing; empty while it does."""
        self._no_file = ""
        self.mended = ""
        """What was set aside because it was damaged."""
        self._db = self._open()

    def close(self) -> None:
        """Close the file."""
        self._db.close()

    def __len__(self) -> int:
        """Give the number of messages that wait."""
        (rows,) = self._db.execute("SELECT count(*) FROM message WHERE number > ?", (self._done,)).fetchone()
        return int(rows) + len(self._memory)

    def put(self, messages: Iterable[Message], keep: Mapping[str, bytes] | None = None) -> None:
        """Write messages, and named values to keep beside them, in one synced transaction.

        What the disk refused before goes with them; without messages, it is only tried again.
        """
        for message in messages:
            self._memory_number -= 1
            self._memory.append(_Row(self._memory_number, message, self._clock()))
        self._unkept |= keep or {}
        try:
            with self._db:
                self._db.executemany(_INSERT, [(*row.message, self._run, row.at_s) for row in self._memory])
                self._db.executemany("INSERT OR REPLACE INTO kept VALUES (?, ?)", self._unkept.items())
                self._bound()
        except sqlite3.Error as error:
            self.fault = f"the outbox cannot be written ({error})"
            self._bound_memory()
            return
        self.fault = self._no_file
        self._memory.clear()
        self._unkept.clear()

    def kept(self, name: str) -> bytes | None:
        """Give a value that was kept by `put`."""
        row = self._db.execute("SELECT value FROM kept WHERE name = ?", (name,)).fetchone()
        return None if row is None else bytes(row[0])

    def oldest(self) -> Waiting | None:
        """Give the message to send next, marked if it is late; None when nothing waits."""
        row = self._db.execute(_OLDEST, (self._done,)).fetchone()
        if row is not None:
            number, topic, payload, retain, expiry_s, run, at_s = row
            message = Message(topic, bytes(payload), bool(retain), expiry_s)
        elif self._memory:
            number, message, at_s = self._memory[0]
            run = self._run
        else:
            return None
        if run == self._run and self._clock() - at_s <= self._settings.late_s:
            return Waiting(number, message)
        return Waiting(number, as_late(message, self._latest(message.topic) if message.retain else None))

    def done(self, number: int) -> None:
        """Forget a message, once the broker has confirmed it."""
        if number < 0:  # it may have gone to disk meanwhile: then it is sent again
            if self._memory and self._memory[0].number == number:
                del self._memory[0]
            return
        self._done = number
        # Not synced, for the next alert shall not wait for it: after a power cut some are sent twice.
        with contextlib.suppress(sqlite3.OperationalError), self._unsynced():  # a full disk: it goes with a later one
            self._db.execute("DELETE FROM message WHERE number <= ?", (number,))

    @contextlib.contextmanager
    def _unsynced(self) -> Iterator[None]:
        self._db.execute("PRAGMA synchronous = NORMAL")
        try:
            with self._db:
                yield
        finally:
            self._db.execute("PRAGMA synchronous = FULL")

    def _latest(self, topic: str) -> bytes:
        for waiting in reversed(self._memory):
            if waiting.message.topic == topic:
                return waiting.message.payload
        row = self._db.execute(
            "SELECT payload FROM message WHERE topic = ? ORDER BY number DESC LIMIT 1", (topic,)
        ).fetchone()
        return bytes(row[0])

    def _bound(self) -> None:
        (rows,) = self._db.execute("SELECT count(*) FROM message").fetchone()
        for drop in (_DROP_EVENTS, _DROP_OVERTAKEN):
            excess = rows - self._settings.rows_max
            if excess > 0:
                gone = self._db.execute(drop, (excess,)).rowcount
                rows -= gone
                self.dropped += gone

    def _bound_memory(self) -> None:
        """Keep to the bound what the disk does not take, by the same rule."""
        excess = len(self._memory) - self._settings.rows_max
        if excess <= 0:
            return
        newest = {row.message.topic: row.number for row in self._memory if row.message.retain}
        may_go = [row for row in self._memory if row.number != newest.get(row.message.topic)]
        gone = {row.number for row in sorted(may_go, key=lambda row: row.message.retain)[:excess]}
        self._memory = [row for row in self._memory if row.number not in gone]
        self.dropped += len(gone)

    def _open(self) -> sqlite3.Connection:
        path = self._settings.path
        if path is None:
            return _connect(":memory:")
        if not Path(path).parent.is_dir():
            raise OutboxError(f"the outbox {path} has no folder; create {Path(path).parent}")
        try:
            return _connect(path)
        except sqlite3.OperationalError as error:
            why = "another sleepclip uses it" if error.sqlite_errorcode == sqlite3.SQLITE_BUSY else str(error)
            self.fault = self._no_file = f"the outbox {path} cannot be opened ({why})"
            return _connect(":memory:")
        except sqlite3.DatabaseError as error:
            self.mended = _set_aside(Path(path), error)
            return _connect(path)


def _connect(path: str) -> sqlite3.Connection:
    db = sqlite3.connect(path, timeout=_LOCKED_S)
    try:
        db.execute("PRAGMA locking_mode = EXCLUSIVE")
        db.execute("PRAGMA journal_mode = WAL")
        db.execute("PRAGMA synchronous = FULL")
        (verdict,) = db.execute("PRAGMA quick_check(1)").fetchone()
        if verdict != "ok":
            raise sqlite3.DatabaseError(verdict)
        db.executescript(_SCHEMA)
    except sqlite3.Error:
        db.close()
        raise
    return db


def _set_aside(path: Path, error: sqlite3.DatabaseError) -> str:
    for suffix in ("", "-wal", "-shm"):
        part = path.with_name(path.name + suffix)
        if part.exists():
            part.replace(part.with_name(f"{path.name}.damaged{suffix}"))
    return f"the outbox {path} was damaged ({error}) and set aside as {path.name}.damaged; messages in it are lost"
