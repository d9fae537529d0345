"""Packets to readings: decode, put in order, count what is lost, and give every row its time.

assembler = Assembler()
for item in stream:
    for readings in assembler.push(item): ...
"""

from collections import Counter, deque
from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum, auto
from typing import Final

import numpy as np

from processing.samples import Floats, Readings
from sensor.clips import FAMILIES
from sensor.clips.family import Family, Frame, PacketError, Traits
from sensor.clock import LATE_MAX_S, SETTLE_S, ArrivalClock, ClipClock
from sensor.stream import LinkDown, LinkUp, Packet, StreamItem

MEASURE_S: Final = 5.0
"""Twice this, between its multiples, is the span over which the clip's true period is measured by its own clock."""
MEASURE_LEAST_S: Final = 4.0
"""Span that will do at the start."""
PERIOD_FACTOR_MAX: Final = 4.0
"""A measured period further from the nominal one than this is not believed."""
REORDER_MAX_S: Final = 2.0
"""A counter further back than this is no packet out of order."""
ANEW_S: Final = 0.5
"""A clip counts anew, or its clock has jumped, if packets follow one another for so long and none follows those before.
A packet that is late or doubled by seconds comes alone, or with others at once."""
SQUEEZE: Final = 2
"""Rows are moved together to this fraction of their distance at most, so that a jerk stays one."""
SQUEEZE_HARD: Final = 100
AHEAD_MAX_S: Final = 2.0
"""Times this far ahead are those of a clip much faster than it says: then its rows must give way, not the time."""
RATE_TOLERANCE: Final = 0.1
"""A clip whose rate is further off than this is given as a clip of unknown rate."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Counts:
    """What became of the packets so far.

    Within one session, with a clip that counts: received + missing = measured by the clip, exactly. With one that
    neither counts nor has a clock, received + missing + awaited: docs/timing.md tells how well.

    Attributes:
        received: samples given.
        missing: samples known to be lost. Between two sessions nobody knows what the clip measured: nothing is counted.
        awaited: samples that are late, and lost unless they come in a burst yet; only of clips that do not count.
        held: rows filled in by repeating the last, for clips that send only changes.
        estimated: samples whose time rests on arrivals alone, because the clip neither counts nor has a clock.
        doubles: packets dropped because they had come before.
        late: packets dropped because they came out of order, after they had been counted as missing, or because the
            session ended before they were known to begin a count anew.
        malformed: packets that could not be decoded, or came before any session.
        jumps: times the clip's clock or counter jumped within a session.
        sessions: sessions begun.
    """

    received: int = 0
    missing: int = 0
    awaited: int = 0
    held: int = 0
    estimated: int = 0
    doubles: int = 0
    late: int = 0
    malformed: int = 0
    jumps: int = 0
    sessions: int = 0


class Assembler:
    """A stream's items to readings in stream seconds: 0 is the arrival of the first item, times only increase.

    Args:
        families: that it can decode, by name.
    """

    def __init__(self, families: Mapping[str, Family] = FAMILIES) -> None:
        self._counts: Counter[str] = Counter()
        self._families = families
        self._zero_s: float | None = None
        self._now_s = 0.0
        self._session: _Session | None = None
        self._before: tuple[LinkUp, _Session] | None = None
        self._last_s: float | None = None

    @property
    def counts(self) -> Counts:
        """What became of the packets so far."""
        missing, awaited = self._session.uncounted if self._session else (0, 0)
        return Counts(**self._counts | Counter(missing=missing + self._counts["missing"], awaited=awaited))

    @property
    def now_s(self) -> float:
        """Monotonic second of the latest item."""
        return self._now_s

    def push(self, item: StreamItem) -> list[Readings]:
        """Take one item and give the readings it completes.

        Raises:
            ValueError: a session begins with a family this program does not know.
        """
        if isinstance(item, Readings):
            self._add(received=len(item), missing=item.missing)
            return [item] if len(item) else []
        if self._zero_s is None:
            self._zero_s = self._now_s = item.at_s
        self._now_s = max(self._now_s, item.at_s)
        match item:
            case LinkUp():
                self._end()
                self._session = self._begin(item)
                self._add(sessions=1)
            case LinkDown():
                self._end()
            case Packet():
                return self._packet(item.data)
            case _:
                pass
        return []

    def _begin(self, link: LinkUp) -> "_Session":
        session = _Session(link, self._family(link.family))
        before, self._before = self._before, (link, session)
        if before is not None and _same(link) == _same(before[0]):
            session.follow(before[1])
        return session

    def _end(self) -> None:
        if self._session is not None:
            self._add(missing=self._session.close(), late=self._session.undecided)
        self._session = None

    def _family(self, name: str) -> Family:
        if name not in self._families:
            raise ValueError(f"clip family {name!r} is none of {', '.join(self._families)}")
        return self._families[name]

    def _packet(self, data: bytes) -> list[Readings]:
        if self._session is None:
            self._add(malformed=1)
            return []
        try:
            frames = self._session.decoder.decode(data)
        except PacketError:
            self._add(malformed=1)
            return []
        placed = [one for frame in frames for one in self._session.place(frame, self._now_s)]
        fates = Counter(one.fate for one in placed)
        self._add(doubles=fates[_Fate.DOUBLE], late=fates[_Fate.LATE])
        return [self._given(self._session, one) for one in placed if one.fate is _Fate.KEPT]

    def _given(self, session: "_Session", placed: "_Placed") -> Readings:
        accel_g, held = session.fill(placed.accel_g, placed.missing)
        missing = placed.missing - held
        rows = len(placed.accel_g)
        self._add(received=rows, held=held, jumps=int(placed.jumped))
        self._add(**{"estimated": rows} if session.estimated else {"missing": missing})
        return Readings(
            time_s=self._times(len(accel_g), placed.last_row_s, session.period_s),
            accel_g=accel_g,
            rate_hz=session.rate_hz,
            resolution_g=session.traits.resolution_g,
            missing=missing,
        )

    def _times(self, rows: int, last_row_s: float, period_s: float) -> Floats:
        """Times of the rows. Where the estimate steps back, rows move together until it is caught up, never past."""
        assert self._zero_s is not None
        wanted_s = last_row_s - self._zero_s - period_s * np.arange(rows - 1, -1, -1)
        ahead_s = (self._last_s or 0.0) - wanted_s[0]
        step_s = period_s / (SQUEEZE if ahead_s < AHEAD_MAX_S else SQUEEZE_HARD)
        earliest_s = 0.0 if self._last_s is None else self._last_s + step_s
        time_s = np.maximum(wanted_s, earliest_s + step_s * np.arange(rows))
        self._last_s = float(time_s[-1])
        return np.asarray(time_s, np.float64)

    def _add(self, **more: int) -> None:
        self._counts.update(more)


def _same(link: LinkUp) -> tuple[str, str, float]:
    """What must be the same for a session to be with the same clip in the same state."""
    return link.address, link.family, link.rate_hz


class _Fate(Enum):
    KEPT = auto()
    DOUBLE = auto()
    LATE = auto()


@dataclass(frozen=True, slots=True)
class _Placed:
    """What becomes of a frame: the monotonic second of its last row, and how many rows are missing before its first."""

    fate: _Fate
    accel_g: Floats
    last_row_s: float = 0.0
    missing: int = 0
    jumped: bool = False


@dataclass(frozen=True, slots=True)
class _Came:
    """A frame and its arrival, with its place by the clip's counter, or by its clock where it does not count."""

    frame: Frame
    at_s: float
    mark: float

    @property
    def content(self) -> int:
        """Two frames of the same place are the same if this is."""
        return hash((self.frame.clip_time_s, self.frame.accel_g.tobytes()))


@dataclass(frozen=True, slots=True)
class _Step:
    """How a frame follows the one before: rows missing between, None after a jump that leaves their number open."""

    fate: _Fate
    missing: int | None = 0


_FOLLOWS: Final = _Step(_Fate.KEPT)
_JUMP: Final = _Step(_Fate.KEPT, missing=None)
_DOUBLE: Final = _Step(_Fate.DOUBLE)
_LATE: Final = _Step(_Fate.LATE)


class _Session:
    """One session with one clip: order and time of its frames."""

    def __init__(self, link: LinkUp, family: Family) -> None:
        self.traits = family.traits
        self.decoder = family.decoder(link.rate_hz)
        self.period_s = self._nominal_s = 1 / link.rate_hz
        self.estimated = False
        self._row: Floats | None = None
        self._order = _Order(family.traits, self._nominal_s)
        self._clock: ClipClock | None = None
        self._arrivals: ArrivalClock | None = None
        self._clip_s = self._at_s = self._last_row_s = 0.0
        self._measured: deque[tuple[float, int]] = deque(maxlen=2)  # clip seconds and numbers of rows
        self._number = 0  # of the row that comes next, counted from the epoch's first
        self._follows = False

    def follow(self, before: "_Session") -> None:
        """Take over what is known of the clip's rate and clock, if its first packet shows that the clock ran on."""
        self.period_s, self._clock = before.period_s, before._clock  # noqa: SLF001 - its own class
        self._clip_s, self._at_s = before._clip_s, before._at_s  # noqa: SLF001 - its own class
        self._follows = self._clock is not None

    @property
    def rate_hz(self) -> float | None:
        """Nominal rate, or None if the clip's own clock says that it is another."""
        return 1 / self._nominal_s if abs(self.period_s / self._nominal_s - 1) <= RATE_TOLERANCE else None

    @property
    def uncounted(self) -> tuple[int, int]:
        """Rows missing and awaited, where they are not counted with the frames; none where only changes are sent."""
        if self._arrivals is None or self.traits.notifies_on_change:
            return 0, 0
        return self._arrivals.missing, self._arrivals.awaited

    def close(self) -> int:
        """Give the rows missing that were not counted with the frames."""
        if self._arrivals is not None:
            self._arrivals.close()
        return self.uncounted[0]

    def fill(self, accel_g: Floats, missing: int) -> tuple[Floats, int]:
        """Repeat the last row over a hole, if the clip only sends changes; give the rows and how many were repeated."""
        last, self._row = self._row, accel_g[-1]
        if not (self.traits.notifies_on_change and missing and last is not None):
            return accel_g, 0
        return np.concatenate([np.tile(last, (missing, 1)), accel_g]), missing

    @property
    def undecided(self) -> int:
        """Frames that may begin a count anew, or came late."""
        return self._order.held

    def place(self, frame: Frame, at_s: float) -> list[_Placed]:
        """Say where in time a frame belongs, and those that waited for it."""
        if frame.sequence is None and frame.clip_time_s is None:
            return [self._place_by_arrival(frame, at_s)]
        mark = frame.sequence if frame.sequence is not None else self._unwrapped_s(frame.clip_time_s, at_s)
        assert mark is not None
        decided = self._order.decide(_Came(frame, at_s, mark), self.period_s)
        return [self._place_by_clip(came, step) for came, step in decided]

    def _place_by_arrival(self, frame: Frame, at_s: float) -> _Placed:
        self.estimated = True
        if self._arrivals is None:
            stall_max_s = SETTLE_S if self.traits.notifies_on_change else LATE_MAX_S
            self._arrivals = ArrivalClock(self._nominal_s, at_s, stall_max_s=stall_max_s)
        last_row_s, missing = self._arrivals.see(len(frame.accel_g), at_s)
        return _Placed(_Fate.KEPT, frame.accel_g, last_row_s, missing)

    def _place_by_clip(self, came: _Came, step: _Step) -> _Placed:
        accel_g, at_s = came.frame.accel_g, came.at_s
        if step.fate is not _Fate.KEPT:
            return _Placed(step.fate, accel_g)
        rows = len(accel_g)
        clip_s = self._unwrapped_s(came.frame.clip_time_s, at_s)
        if clip_s is None:
            clip_s = (self._number + (step.missing or 0)) * self._nominal_s
        end_s = clip_s + (rows - 1) * self.period_s
        if self._follows and self._clock is not None and not self._clock.spans(end_s, at_s):
            self._clock = None
        self._follows = False
        jumped = self._clock is not None and (step.missing is None or not self._clock.fits(end_s, at_s))
        if self._clock is None or jumped:
            self._clock = ClipClock(end_s, at_s)
        last_row_s = self._clock.see(end_s, at_s)
        missing = self._guess(last_row_s, rows) if step.missing is None else step.missing
        if came.frame.clip_time_s is not None:
            self._measure(clip_s, missing, jumped=jumped)
        self._number += missing + rows
        self._clip_s, self._at_s, self._last_row_s = clip_s, at_s, last_row_s
        return _Placed(_Fate.KEPT, accel_g, last_row_s, missing, jumped)

    def _unwrapped_s(self, clip_time_s: float | None, at_s: float) -> float | None:
        """Clip time with the turns of its counter that this machine's clock says have passed."""
        modulus_s = self.traits.clip_time_modulus_s
        if clip_time_s is None or modulus_s is None or self._clock is None:
            return clip_time_s
        expected_s = self._clip_s + at_s - self._at_s
        return clip_time_s + modulus_s * round((expected_s - clip_time_s) / modulus_s)

    def _guess(self, last_row_s: float, rows: int) -> int:
        """Rows lost over a jump, by the arrivals."""
        return max(0, round((last_row_s - self._last_row_s) / self.period_s) - rows)

    def _measure(self, clip_s: float, missing: int, *, jumped: bool) -> None:
        """Measure the period by the clip's clock: the accelerometer's own rate may be some percent off."""
        number = self._number + missing
        if number == 0 or jumped:
            self._measured.clear()
        elif clip_s // MEASURE_S == self._measured[-1][0] // MEASURE_S:
            return  # the spans lie at fixed seconds, whenever the session began
        else:
            since_s, since = self._measured[0]
            period_s = (clip_s - since_s) / (number - since)
            believed = 1 / PERIOD_FACTOR_MAX <= period_s / self._nominal_s <= PERIOD_FACTOR_MAX
            if believed and clip_s - since_s > MEASURE_LEAST_S:
                self.period_s = period_s
        self._measured.append((clip_s, number))


class _Order:
    """How frames follow each other, by the clip's counter, or by its clock where it does not count."""

    RECENT: Final = 512
    """Packets: of the longest, 84 rows, fewer than a turn of a counter of 16 bits, after which a clip that lies still
    may send the same again."""

    def __init__(self, traits: Traits, nominal_s: float) -> None:
        self._traits = traits
        self._nominal_s = nominal_s
        self._seen: dict[float, int] = {}
        self._last: _Came | None = None
        self._anew: list[tuple[_Came, _Step]] = []

    @property
    def held(self) -> int:
        """Frames that may begin a count anew, or came late."""
        return len(self._anew)

    def decide(self, came: _Came, period_s: float) -> list[tuple[_Came, _Step]]:
        """Say how a frame follows, after those that were held until it came; nothing while it is held itself."""
        if self._seen.get(came.mark) == came.content:
            return [(came, _DOUBLE)]
        step = self._step(self._last, came, period_s)
        if step is not None and step.fate is _Fate.KEPT:
            return [*self._dismissed(), *self._kept([(came, step)])]
        again = self._step(self._anew[-1][0], came, period_s) if self._anew else None
        if again is not None and again.fate is _Fate.KEPT:
            return self._held(came, again)
        if again is not None:
            return [(came, _LATE)]
        return [*self._dismissed(), *self._held(came, _JUMP)]

    def _held(self, came: _Came, step: _Step) -> list[tuple[_Came, _Step]]:
        """Hold a frame, or give all that are held, once it is clear that they count anew."""
        self._anew.append((came, step))
        self._remember(came)
        if came.at_s - self._anew[0][0].at_s < ANEW_S:
            return []
        anew, self._anew = self._anew, []
        return self._kept(anew)

    def _dismissed(self) -> list[tuple[_Came, _Step]]:
        """Give the frames that were held, and did not count anew."""
        late, self._anew = self._anew, []
        return [(came, _LATE) for came, _ in late]

    def _kept(self, kept: list[tuple[_Came, _Step]]) -> list[tuple[_Came, _Step]]:
        self._last = kept[-1][0]
        self._remember(self._last)
        return kept

    def _remember(self, came: _Came) -> None:
        self._seen.pop(came.mark, None)
        self._seen[came.mark] = came.content
        if len(self._seen) > self.RECENT:
            del self._seen[next(iter(self._seen))]

    def _step(self, last: _Came | None, came: _Came, period_s: float) -> _Step | None:
        """Say how a frame follows another one, if it does."""
        if last is None:
            return _FOLLOWS
        return self._by_counter(last, came) if came.frame.sequence is not None else _by_clock(last, came, period_s)

    def _by_counter(self, last: _Came, came: _Came) -> _Step | None:
        modulus = self._traits.sequence_modulus
        assert modulus is not None
        rows = len(last.frame.accel_g)
        rows_each, counts = (1, rows) if self._traits.sequence_per_sample else (rows, 1)
        count_s = rows_each * self._nominal_s
        elapsed_s = came.at_s - last.at_s
        if elapsed_s > modulus / 2 * count_s:
            return _JUMP
        ahead = int(came.mark - last.mark - counts + modulus // 2) % modulus - modulus // 2
        if ahead * count_s > elapsed_s + LATE_MAX_S or -ahead * count_s > REORDER_MAX_S:
            return None
        return _Step(_Fate.KEPT, ahead * rows_each) if ahead >= 0 else _LATE


def _by_clock(last: _Came, came: _Came, period_s: float) -> _Step | None:
    rows = len(last.frame.accel_g)
    ahead_s = came.mark - (last.mark + rows * period_s)
    if ahead_s > came.at_s - last.at_s + LATE_MAX_S or ahead_s < -REORDER_MAX_S:
        return None
    half_s = period_s / 2 * rows
    if ahead_s > half_s:
        return _Step(_Fate.KEPT, round(ahead_s / period_s))
    # what is lost is lost by the packet: less than half of one is a rate that is off
    return _FOLLOWS if ahead_s > -half_s else _LATE
