"""Samples in, events out: puts the parts together, and holds no rule of its own.

Movement -> Jerks -> Beats -> Mimics -> Runs -> patterns -> Sleep
"""

from collections import deque
from collections.abc import Sequence
from typing import Final, Protocol

import msgspec
import numpy as np

from processing.arms import Arms, ArmsSettings
from processing.bursts import Bursts, BurstSettings
from processing.events import Event, Gap, State
from processing.holds import KNOWN_AFTER, Hold, hold_of
from processing.jerks import Jerk, Jerks, JerkSettings, Segment
from processing.mimics import Mimics, MimicSettings
from processing.moment import REST_HOPS, Hop, Moment
from processing.movement import BLOCK_HOPS, HOP, Hops, Movement, Quiet, QuietSettings
from processing.outside import Movements, Outside, OutsideSettings
from processing.persistence import Persistence, PersistenceSettings
from processing.repeats import HiccupBouts, PeriodicRuns
from processing.rhythm import Beats
from processing.runs import Runs, RunSettings
from processing.samples import GRID_HZ, Counts, Floats, Samples
from processing.sleep import Sleep, SleepSettings
from processing.spasms import Spasms, SpasmSettings
from processing.tonic import Tonic, TonicSettings
from processing.wearing import Wearing, WearingSettings

GAP_S: Final = 1.0
RECENT_ROWS: Final = 3000


class DetectorSettings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Everything that can be set, by part."""

    quiet: QuietSettings = QuietSettings()
    sway_quiet: QuietSettings = QuietSettings(start_mg=12.0, floor_mg=3.0, cap_mg=30.0)
    jerks: JerkSettings = JerkSettings()
    runs: RunSettings = RunSettings()
    mimics: MimicSettings = MimicSettings()
    arms: ArmsSettings = ArmsSettings()
    sleep: SleepSettings = SleepSettings()
    bursts: BurstSettings = BurstSettings()
    persistence: PersistenceSettings = PersistenceSettings()
    spasms: SpasmSettings = SpasmSettings()
    tonic: TonicSettings = TonicSettings()
    outside: OutsideSettings = OutsideSettings()
    wearing: WearingSettings = WearingSettings()


class Detector:
    """Find events in a stream of samples. The same events, bit for bit, however the stream is cut."""

    def __init__(self, settings: DetectorSettings | None = None) -> None:
        self.settings = settings or DetectorSettings()
        self._movement = Movement()
        self._moment = Moment(self._movement)
        self._parts: _Parts | None = None
        self._next = self._first = 0
        self._seen = 0
        self._rows: list[Floats] = []
        self._seen_rows: list[Counts] = []
        self._waiting = 0
        self._steps: deque[tuple[int, float]] = deque()

    def push(self, samples: Samples) -> list[Event]:
        """Take samples; give the events they complete or bring up to date.

        Raises:
            ValueError: the samples begin before the last ones ended.
        """
        if not len(samples):
            return []
        if samples.start < self._next:
            raise ValueError(f"samples at row {samples.start} come after row {self._next - 1}")
        seen = samples.seen if samples.seen is not None else np.arange(samples.start + 1, samples.stop + 1)
        out: list[Event] = []
        if self._parts is None or samples.start > self._next:
            out += self._begin(samples, int(seen[0]))
        self._steps.append((samples.start, samples.resolution_g))
        skipped = min(max(self._first - samples.start, 0), len(samples))
        self._rows.append(samples.accel_g[skipped:])
        self._seen_rows.append(seen[skipped:])
        self._waiting += len(samples) - skipped
        self._next = samples.stop
        self._seen = max(self._seen, int(seen[-1]))
        if self._waiting >= HOP:
            out += self._work()
        return out

    @property
    def masked(self) -> bool:
        """Whether handling hides what the wearer does."""
        return self._parts is not None and self._parts.outside.masked

    def limits(self) -> tuple[str, ...]:
        """Kinds of event that this clip is too slow or too coarse to be judged for."""
        if self._parts is None:
            return ()
        slow = self._moment.rate_hz < self.settings.tonic.rate_hz_min
        hides = not self._parts.wearing.decides(self._moment)
        return ("stiffening",) * slow + ("off_body",) * hides

    def close(self) -> list[Event]:
        """End the stream: what is still open ends here."""
        if self._parts is None:
            return []
        return [
            *self._parts.close(self._seen),
            *self._parts.sleep.close(self._next, self._seen),
        ]

    def _begin(self, samples: Samples, seen: int) -> list[Event]:
        """Start, or start again after a hole."""
        first = self._parts is None
        if self._parts is None:
            self._parts = _Parts(self.settings, samples)
        out: list[Event] = []
        onset = self._next
        if not first:
            out += self._parts.close(seen)
        hole = samples.start - onset
        if first or hole > GAP_S * GRID_HZ:
            if hole > GAP_S * GRID_HZ:
                state = self._parts.sleep.state
                out.append(Gap(onset=onset, end=samples.start, reported=seen, updated=seen, open=False, state=state))
            out += self._parts.sleep.begin(onset, seen, "start" if first else "gap")
        self._first = samples.start + -samples.start % HOP  # hops lie on the same rows, whatever came before
        self._parts.restart(self._first)
        self._movement.restart(self._first, samples.rate_hz)
        moment = self._moment
        moment.begin, moment.swaying, moment.still = self._first, 0, 0
        moment.hops.clear()
        moment.rate_hz = samples.rate_hz
        self._steps.clear()
        moment.jerks, moment.segments, moment.window = [], [], None
        moment.state, moment.rhythm, moment.mimic = State.UNKNOWN, False, ""
        self._rows, self._seen_rows, self._waiting = [], [], 0
        return out

    def _work(self) -> list[Event]:
        rows = np.concatenate(self._rows)
        seen = np.concatenate(self._seen_rows)
        whole = len(rows) // HOP * HOP
        out: list[Event] = []
        for first in range(0, whole, BLOCK_HOPS * HOP):
            stop = min(first + BLOCK_HOPS * HOP, whole)
            hops = self._movement.push(rows[first:stop], seen[first:stop])
            out += self._judge(hops, self._next - len(rows) + first)
        self._rows, self._seen_rows = [rows[whole:]], [seen[whole:]]
        self._waiting = len(rows) - whole
        return out

    def _follow(self, resolution_g: float) -> None:
        """Take the clip's step, which may be known only after a while, from a hop on."""
        if resolution_g != self._moment.resolution_g and self._parts is not None:
            self._moment.resolution_g = resolution_g
            self._parts.follow(resolution_g)

    def _judge(self, hops: Hops, first: int) -> list[Event]:
        assert self._parts is not None
        out: list[Event] = []
        for peak_g, sway_g, posture_g, seen in zip(hops.peak_g, hops.sway_g, hops.posture_g, hops.seen, strict=True):
            moment = self._moment
            while self._steps and self._steps[0][0] <= first:
                self._follow(self._steps.popleft()[1])
            moment.first, moment.stop, moment.seen = first, first + HOP, seen
            moment.peak_g, moment.sway_g, moment.posture_g = peak_g, sway_g, posture_g
            first += HOP
            out += self._parts.push(moment)
        return out


class _Follower(Protocol):
    """A part that may have an event open."""

    @property
    def open(self) -> Event | None: ...

    def restart(self) -> None: ...

    def close(self, seen: int) -> Sequence[Event]: ...


class _Parts:
    """The parts in their order."""

    def __init__(self, settings: DetectorSettings, samples: Samples) -> None:
        self.quiet = Quiet(settings.quiet, samples.resolution_g)
        self.sway_quiet = Quiet(settings.sway_quiet, samples.resolution_g)
        self.jerks = Jerks(settings.jerks, samples.resolution_g)
        self.beats = Beats()
        self.arms = Arms(settings.arms)
        self.mimics = Mimics(settings.mimics)
        self.runs = Runs(settings.runs)
        self.sleep = Sleep(settings.sleep)
        self.bursts = Bursts(settings.bursts)
        self.persistence = Persistence(settings.persistence, settings.sleep.limb)
        self.spasms = Spasms(settings.spasms)
        self.hiccups = HiccupBouts()
        self.periodic = PeriodicRuns()
        self.tonic = Tonic(settings.tonic)
        self.outside = Outside(settings.outside)
        self.movements = Movements()
        self.wearing = Wearing(settings.wearing)
        self._recent: list[Jerk] = []
        self._segments: list[Segment] = []
        self._following = self._resting = False
        self._patterns: tuple[_Follower, ...] = (
            self.runs,
            self.persistence,
            self.spasms,
            self.hiccups,
            self.periodic,
            self.tonic,
            self.outside,
        )

    def restart(self, start: int) -> None:
        """Begin anew after a gap; the quiet level is kept, and learned anew."""
        self.quiet.restart()
        self.sway_quiet.restart()
        self.jerks.restart()
        self.beats.restart()
        self.arms.restart()
        self.mimics.restart()
        for part in (*self._patterns, self.wearing):
            part.restart()
        self.bursts.restart()
        self.sleep.resume(start)
        self._recent, self._segments = [], []
        self._following = self._resting = False

    def follow(self, resolution_g: float) -> None:
        """Take the clip's step."""
        self.quiet.follow(resolution_g)
        self.sway_quiet.follow(resolution_g)
        self.jerks.follow(resolution_g)

    def push(self, moment: Moment) -> list[Event]:
        """Take one hop."""
        self._measure(moment)
        self.arms.push(moment)
        moment.held = self.arms.held
        if not moment.active and self.bursts.idle(moment.stop) and (self._resting or self._rests(moment)):
            return self._rest(moment)
        self._resting = False
        moment.held_before = self.arms.held_before(moment.stop)
        quiet_most_g = self.quiet.most_g
        holds = self._holds(moment)
        onset = self.runs.onset(moment)
        moment.mimic = self.mimics.push(moment, onset)
        moment.hops[-1].explained = bool(moment.mimic)
        out: list[Event] = [*self.runs.push(moment, self.arms, self.mimics, shaken=self.outside.shaken)]
        moment.rhythm = self.runs.likely
        busy = moment.window is not None
        self.quiet.push(moment.peak_g, busy=busy, frozen=moment.rhythm)
        self.sway_quiet.push(moment.sway_g, busy=busy, frozen=moment.rhythm)
        out += self.outside.push(
            moment, self.arms, onset, self.mimics.turned_deg(moment, onset) or 0.0 if moment.mimic else 0.0
        )
        out += self.persistence.push(moment, self.runs.open, handled=self.mimics.settled, shaken=self.outside.shaken)
        out += self.spasms.push(moment, hiccups=self.hiccups.open is not None, handled=self.mimics.lasting)
        settled = self.jerks.idle and not self._segments
        out += self.hiccups.push(moment)
        out += self.periodic.push(moment, holds, settled=settled, hiccups=self.hiccups.open is not None)
        out += self.tonic.push(moment, quiet_g=quiet_most_g, shaken=self.outside.shaking)
        out += self.bursts.push(
            moment,
            holds,
            explained=self._explained(),
            taken=(*self.hiccups.lasts, *self.periodic.told, *self.mimics.smoothed),
            claimed=(*self.hiccups.grows(moment.stop), *self.periodic.grows(moment.stop)),
            settled=settled and self.hiccups.idle and self.periodic.idle,
        )
        out += self.movements.push(moment, holds)
        out += self.wearing.push(moment)
        out += self._sleep(moment)
        self._following = any(part.open is not None for part in self._patterns)
        return out

    def _sleep(self, moment: Moment) -> list[Event]:
        """Follow the state, and what it says of bursts: an interval begins before it is known."""
        woken = self.persistence.open.waking if self.persistence.open is not None else None
        repeats, shaken = self.periodic.open is not None, self.outside.shaken
        out: list[Event] = [*self.sleep.push(moment, repeats=repeats, shaken=shaken, woken=woken)]
        moment.since, moment.asleep = self.sleep.onset, self.sleep.asleep
        if self.sleep.state is not moment.state:
            moment.state = self.sleep.state
            if moment.state is State.ASLEEP:
                out += self.bursts.fell_asleep(moment, self.sleep.since)
            elif moment.state is State.AWAKE:
                self.bursts.woke(self.sleep.since)
        return out

    def _explained(self) -> int | None:
        """Row from which on handling or a run account for jerks."""
        return min((part.open.onset for part in (self.outside, self.runs) if part.open), default=None)

    def _rests(self, moment: Moment) -> bool:
        """Whether nothing moves and nothing is followed: most of a night."""
        return (
            moment.window is None
            and not self._segments
            and not moment.segments
            and not self.runs.likely
            and self.jerks.idle
            and self.hiccups.idle
            and self.periodic.idle
            and self.persistence.idle
            and self.spasms.idle
            and not self.outside.shaken
            and not self._following
        )

    def _rest(self, moment: Moment) -> list[Event]:
        """Take a hop in which nothing moves."""
        if not self._resting:
            self._resting = True  # and nothing will be followed until something moves, or a burst is due
            moment.mimic, moment.rhythm = self.mimics.rest(), False
            self.tonic.rest()
        self.quiet.push(moment.peak_g, busy=False, frozen=False)
        self.sway_quiet.push(moment.sway_g, busy=False, frozen=False)
        self.outside.rest()
        return [*self.wearing.push(moment), *self._sleep(moment)]

    def close(self, seen: int) -> list[Event]:
        """End what is open."""
        ended = [event for part in (*self._patterns, self.wearing) for event in part.close(seen)]
        return [*self.bursts.close(seen), *ended]

    def _holds(self, moment: Moment) -> list[Hold]:
        """Segments that ended long enough ago to be measured."""
        if not (self._segments or moment.segments):
            return []
        self._segments += moment.segments
        ready = [s for s in self._segments if moment.stop >= s.end + KNOWN_AFTER]
        if not ready:
            return []
        self._segments = [s for s in self._segments if moment.stop < s.end + KNOWN_AFTER]
        return [hold_of(s, moment.movement) for s in ready]

    def _measure(self, moment: Moment) -> None:
        """Levels, jerks and segments of the hop."""
        moment.quiet_g, moment.sway_quiet_g = self.quiet.level_g, self.sway_quiet.level_g
        moment.threshold_g = self.jerks.threshold_g(moment.quiet_g)
        moment.sway_threshold_g = self.jerks.sway_threshold_g(moment.sway_quiet_g)
        swayed = moment.sway_g > moment.sway_threshold_g
        sways = swayed and moment.sway_g > moment.peak_g
        moment.swaying = moment.swaying + 1 if sways else 0
        moment.still = 0 if swayed else moment.still + 1
        rested = moment.stop if moment.still >= REST_HOPS else moment.hops[-1].rested if moment.hops else -1
        moment.hops.append(Hop(moment.first, moment.stop, moment.posture_g, moment.sway_g, sways, swayed, rested))
        moment.active = active = swayed or moment.peak_g > moment.threshold_g
        if active or not self.jerks.idle:
            moment.jerks, moment.segments = self.jerks.push(
                moment.movement, moment.first, moment.quiet_g, moment.sway_quiet_g
            )
        elif moment.jerks or moment.segments:
            moment.jerks, moment.segments = [], []
        recent = self._recent
        recent += moment.jerks
        while recent and recent[0].at < moment.stop - RECENT_ROWS:
            recent.pop(0)
        moment.recent, moment.open_segment = recent, self.jerks.open
        moment.window = self.beats.push(moment.movement, moment.stop, recent, active=active)
