"""Recordings: every stream item as it came, in MCAP, safe against power cuts. docs/recording.md is the format.

Items are gathered for up to `BATCH_S`, then written as one compressed chunk and synced to the disk. A file that was cut
off anywhere is read up to its last whole chunk.
"""

import os
import struct
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path
from types import TracebackType
from typing import BinaryIO, Final, Self

import msgspec
import numpy as np
import zstandard
from mcap.exceptions import McapError
from mcap.records import Channel, Chunk, Message, Metadata
from mcap.stream_reader import StreamReader, breakup_chunk
from mcap.writer import CompressionType, IndexType, Writer

from processing.samples import RATE_HZ_MAX, RATE_HZ_MIN, Floats
from sensor.clips import FAMILIES
from sensor.inputs import InputError, new_output, open_input
from sensor.stream import Battery, LinkDown, LinkUp, Packet, Signal

Item = LinkUp | LinkDown | Packet | Battery | Signal
"""What can be recorded: all that comes from a clip."""

BATCH_S: Final = 4.0
"""Items stay in memory this long: with a second to notice and write, under the 5 s that a power cut may cost."""
WALL_TOLERANCE_S: Final = 0.001
"""A batch keeps wall time as one offset to monotonic time; when that moves by more, a new batch begins."""
PROFILE: Final = "sleepclip"
SESSION: Final = "session"
TOPIC: Final = "stream"
ENCODING: Final = "sleepclip-batch-1"

_KINDS: Final[tuple[type[Item], ...]] = (Packet, LinkUp, LinkDown, Battery, Signal)
_HEAD: Final = struct.Struct("<IdB")  # number of items, wall minus monotonic seconds, how arrivals are stored
_FLOATS: Final = 0
_TICKS_PER_S: Final = (1e6, 1e9)
"""Arrivals are stored as whole ticks of the first of these in which they are exact, else as floats."""
_RECORD_BYTES_MAX: Final = 1 << 26
"""A longer record is damage: a batch has some kB."""
_DAMAGE: Final = (
    *(McapError, zstandard.ZstdError, msgspec.DecodeError, struct.error),
    *(ValueError, MemoryError, OverflowError),
)
"""What damaged bytes make the libraries, and the decoding below, raise: a damaged length asks for terabytes."""


class RecordingError(Exception):
    """Nothing more can be written, and why. What is on the disk stays readable."""


class Recorder:
    """Writes one recording.

    What reaches the disk (`flush`, `close`, and `push` when it is `due`) waits for it: call it from a thread where that
    matters.

    Args:
        path: of the new file.
        about: facts for the metadata, such as the clip's name in the configuration.
        sync: forces the bytes of a file descriptor to the disk.

    Raises:
        InputError: the file exists or cannot be created.
        RecordingError: the disk does not take it.
    """

    def __init__(
        self, path: Path, about: Mapping[str, str] | None = None, *, sync: Callable[[int], None] = os.fsync
    ) -> None:
        self.path = path
        software = f"sleepclip {metadata.version('sleepclip')}"
        self._sync = sync
        self._items: list[Item] = []
        self._failed = False
        self._sink = _Sink()
        self._writer = Writer(
            self._sink,  # type: ignore[arg-type]  # it needs no more of a file than this
            compression=CompressionType.ZSTD,
            index_types=IndexType.METADATA,  # an index of the chunks would add a tenth, and we read from end to end
        )
        self._file: BinaryIO = new_output(path)
        self._writer.start(profile=PROFILE, library=software)
        self._writer.add_metadata(PROFILE, {"software": software, **(about or {})})
        self._channel = self._writer.register_channel(TOPIC, ENCODING, schema_id=0)
        try:
            self._save()
            self._sync_directory()
        except RecordingError:
            path.unlink(missing_ok=True)  # it holds nothing
            raise

    def __enter__(self) -> Self:
        """Give the recorder itself."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Close it."""
        self.close()

    def due(self, at_s: float) -> bool:
        """Say whether what is in memory must go to the disk now, at this monotonic second."""
        return bool(self._items) and at_s - self._items[0].at_s >= BATCH_S

    def push(self, item: Item) -> None:
        """Take one item; write what came before it, if that is due.

        Raises:
            RecordingError: the disk does not take it.
        """
        if self.due(item.at_s) or not self._fits(item):
            self.flush()
        if isinstance(item, LinkUp):
            facts = {"family": item.family, "rate_hz": f"{item.rate_hz:g}", "name": item.name, "address": item.address}
            self._writer.add_metadata(SESSION, facts)
        self._items.append(item)

    def flush(self) -> None:
        """Write what is in memory and sync it to the disk.

        Raises:
            RecordingError: the disk does not take it.
        """
        if self._items:
            first = self._items[0]
            self._writer.add_message(
                self._channel, log_time=_ns(first.wall_s), publish_time=_ns(first.at_s), data=encode(self._items)
            )
            self._items.clear()
            self._writer.flush()  # type: ignore[no-untyped-call]
        self._save()

    def close(self) -> None:
        """Write the rest and the index. After a failure, or twice, it does nothing more.

        Raises:
            RecordingError: the disk does not take it.
        """
        if self._file.closed:
            return
        try:
            if not self._failed:
                self.flush()
                self._writer.finish()  # type: ignore[no-untyped-call]
                self._save()
        finally:
            self._file.close()

    def _fits(self, item: Item) -> bool:
        if not self._items:
            return True
        first, last = self._items[0], self._items[-1]
        wall_moved_s = (item.wall_s - item.at_s) - (first.wall_s - first.at_s)
        return item.at_s >= last.at_s and abs(wall_moved_s) <= WALL_TOLERANCE_S

    def _save(self) -> None:
        if self._failed:
            raise RecordingError(f"{self.path}: the recording has failed before; begin another")
        rest = memoryview(self._sink.take())
        try:
            while rest:
                rest = rest[self._file.write(rest) :]
            self._sync(self._file.fileno())
        except OSError as error:
            raise self._failure(error) from error

    def _failure(self, error: OSError) -> RecordingError:
        self._failed = True
        self._file.close()
        return RecordingError(f"{self.path}: cannot be written ({error.strerror}); free some space, then begin another")

    def _sync_directory(self) -> None:
        """The file's name must survive a power cut too."""
        try:
            descriptor = os.open(self.path.parent, os.O_RDONLY)
            try:
                self._sync(descriptor)
            finally:
                os.close(descriptor)
        except OSError as error:
            raise self._failure(error) from error


class _Sink:
    """Where the MCAP writer writes: memory, so that each write to the disk is whole and its failure ours to see."""

    def __init__(self) -> None:
        self._taken = 0
        self._data = bytearray()

    def write(self, data: bytes) -> int:
        self._data += data
        return len(data)

    def tell(self) -> int:
        return self._taken + len(self._data)

    def flush(self) -> None:
        """Nothing to do: the recorder says when."""

    def take(self) -> bytes:
        data = bytes(self._data)
        self._taken += len(data)
        self._data.clear()
        return data


@dataclass(frozen=True, slots=True, kw_only=True)
class Damage:
    """What of a recording could not be read.

    Attributes:
        torn: it has no end: the program or the power stopped while it was written, or a record's length is damaged.
        bytes: left over at the end.
        chunks: that were whole but damaged, up to `BATCH_S` each.
    """

    torn: bool = False
    bytes: int = 0
    chunks: int = 0

    def __str__(self) -> str:
        """Tell it in one sentence; empty if nothing was lost."""
        parts = []
        if self.torn:
            parts.append(
                "it was cut off while being written, or is damaged: "
                f"at most 5 s never reached the disk, and its last {self.bytes} bytes cannot be read"
            )
        if self.chunks:
            parts.append(f"{self.chunks} damaged part{'s' * (self.chunks > 1)} of up to {BATCH_S:g} s left out")
        return "; ".join(parts)


class Recording:
    """Reads a recording, whole or torn.

    Attributes:
        path: of the file.
        about: its metadata.
        damage: what could not be read; complete once it has been read to its end.

    Raises:
        InputError: it is no recording of ours.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self.about: dict[str, str] = {}
        self.damage = Damage()
        self._begun: dict[str, str] | None = None  # the session of which the metadata tell, until its LinkUp is read
        with open_input(path) as file:
            if file.read(8) != b"\x89MCAP0\r\n":
                raise InputError(path, "is no MCAP file, though its name says so")
        if next(iter(self), None) is None:
            raise InputError(path, "holds no stream of a clip, or was cut off in its first seconds")

    def __iter__(self) -> Iterator[Item]:
        """Give the items in the order in which they came.

        Raises:
            InputError: a session's family or rate is none this program knows.
        """
        with open_input(self.path) as file:
            for data in self._batches(file):
                try:
                    items = self._with_session(decode(data))
                except _DAMAGE:
                    self._add_damaged_chunk()
                    continue
                for item in items:
                    self._check(item)
                    yield item

    def _batches(self, file: BinaryIO) -> Iterator[bytes]:
        """Messages of our channel, chunk by chunk."""
        self.damage = Damage()
        self._begun = None
        whole = 0
        size = os.fstat(file.fileno()).st_size
        records = StreamReader(file, emit_chunks=True, record_size_limit=_RECORD_BYTES_MAX).records
        foreign: set[int] = set()
        while True:
            try:
                record = next(records)
            except StopIteration:
                return
            except _DAMAGE:
                self.damage = Damage(torn=True, bytes=size - whole, chunks=self.damage.chunks)
                return
            whole = file.tell()
            if isinstance(record, Chunk):
                yield from self._messages(record, foreign)
            elif isinstance(record, Metadata) and record.name == SESSION:
                self._begun = record.metadata
            elif isinstance(record, Channel) and not _ours(record):
                foreign.add(record.id)

    def _messages(self, chunk: Chunk, foreign: set[int]) -> list[bytes]:
        try:
            records = breakup_chunk(chunk, validate_crc=True)
        except _DAMAGE:
            self._add_damaged_chunk()
            return []
        # A channel that is not told was told in a chunk that is damaged.
        foreign |= {record.id for record in records if isinstance(record, Channel) and not _ours(record)}
        return [record.data for record in records if isinstance(record, Message) and record.channel_id not in foreign]

    def _with_session(self, items: list[Item]) -> list[Item]:
        """Put back a LinkUp that lay in a damaged chunk: without it no packet after it could be decoded."""
        begun, self._begun = self._begun, None
        if not begun or not items or any(isinstance(item, LinkUp) for item in items):
            return items
        arrival = {"at_s": items[0].at_s, "wall_s": items[0].wall_s}
        return [msgspec.convert({**begun, **arrival}, LinkUp, strict=False), *items]

    def _add_damaged_chunk(self) -> None:
        self.damage = Damage(torn=self.damage.torn, bytes=self.damage.bytes, chunks=self.damage.chunks + 1)

    def _check(self, item: Item) -> None:
        if not isinstance(item, LinkUp):
            return
        if item.family not in FAMILIES:
            raise InputError(
                self.path, f"was made with a clip of family {item.family!r}, none of {', '.join(FAMILIES)}"
            )
        if not RATE_HZ_MIN <= item.rate_hz <= RATE_HZ_MAX:
            raise InputError(self.path, f"holds a session at {item.rate_hz:g} Hz, outside 10 to 400 Hz")


def _ours(channel: Channel) -> bool:
    return channel.topic == TOPIC and channel.message_encoding == ENCODING


def encode(items: Sequence[Item]) -> bytes:
    """Give a batch: columns instead of rows, and bodies of the same length byte by byte, which compresses best."""
    how, stamps = _stamps(np.array([item.at_s for item in items]))
    bodies = [item.data if isinstance(item, Packet) else msgspec.json.encode(item) for item in items]
    lengths = np.array([len(body) for body in bodies], "<u2")
    kinds = bytes(_KINDS.index(type(item)) for item in items)
    groups = [
        _transposed(b"".join(body for body in bodies if len(body) == length), rows=int((lengths == length).sum()))
        for length in np.unique(lengths)
    ]
    head = _HEAD.pack(len(items), items[0].wall_s - items[0].at_s, how)
    return b"".join((head, _transposed(stamps, rows=len(items)), kinds, lengths.tobytes(), *groups))


def _stamps(at_s: Floats) -> tuple[int, bytes]:
    """Arrivals in the coarsest form that keeps every bit, and which it is."""
    for how, ticks_per_s in enumerate(_TICKS_PER_S, start=1):
        ticks = np.rint(at_s * ticks_per_s).astype(np.int64)
        if np.array_equal(ticks / ticks_per_s, at_s):
            return how, np.diff(ticks, prepend=0).astype("<i8").tobytes()
    return _FLOATS, at_s.astype("<f8").tobytes()


def decode(data: bytes) -> list[Item]:
    """Give the items of a batch; wall times are exact to `WALL_TOLERANCE_S`.

    Raises:
        ValueError, struct.error, msgspec.DecodeError: it is damaged.
    """
    count, wall_offset_s, how = _HEAD.unpack_from(data)
    at = _HEAD.size
    stamps = np.frombuffer(_transposed(data[at : at + 8 * count], columns=count), "<i8", count)
    at += 8 * count
    kinds = np.frombuffer(data, np.uint8, count, at)
    at += count
    lengths = np.frombuffer(data, "<u2", count, at)
    at += 2 * count
    if len(data) - at != lengths.sum(dtype=np.int64) or (count and kinds.max() >= len(_KINDS)):
        raise ValueError("the parts of a batch do not fit together")
    if not _FLOATS <= how <= len(_TICKS_PER_S):
        raise ValueError(f"arrivals are stored in an unknown way, {how}")
    at_s = (np.cumsum(stamps) / _TICKS_PER_S[how - 1] if how else stamps.view(np.float64)).tolist()
    bodies = _bodies(data[at:], lengths)
    return [
        Packet(at_s=at_s[n], wall_s=at_s[n] + wall_offset_s, data=body)
        if kinds[n] == 0
        else msgspec.json.decode(body, type=_KINDS[kinds[n]])
        for n, body in enumerate(bodies)
    ]


def _bodies(data: bytes, lengths: "np.ndarray[tuple[int], np.dtype[np.uint16]]") -> list[bytes]:
    bodies = [b""] * len(lengths)
    at = 0
    for length in np.unique(lengths).tolist():
        which = np.flatnonzero(lengths == length).tolist()
        block = _transposed(data[at : at + length * len(which)], columns=len(which))
        at += length * len(which)
        for n, item in enumerate(which):
            bodies[item] = block[n * length : (n + 1) * length]
    return bodies


def _transposed(data: bytes, *, rows: int | None = None, columns: int | None = None) -> bytes:
    """Turn a matrix of bytes, given either of its sides."""
    shape = (rows, -1) if rows is not None else (len(data) // columns if columns else 0, columns or 0)
    return np.frombuffer(data, np.uint8).reshape(shape).T.tobytes() if data else b""


def _ns(seconds: float) -> int:
    return max(0, round(seconds * 1e9))
