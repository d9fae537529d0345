"""Sustained rhythmic jerking: when a rhythm is a run, from when, and until when.

Each hop adds the log-odds of its last 8 s to a sum that never falls below zero (a cumulative-sum test, Page 1954):

    l = bias + a again + w wave + d along - e excess - u uneven - s spread - f (hz - 3.5)+ - g (1 - hz)+ - v shaken
        + b (T - T0) - c held
    S <- max(0, S + gain l)

    again    how much energy comes back after a period   uneven   spread of the jerks' sizes over their median
    wave     how much of the movement itself comes back  spread   of the intervals over the period
    excess   the longest pause over the one allowed      along    share of the axes along one, 0.8 at most
    shaken   whether a vehicle may shake the wearer
    held     whether the wearer is in arms           T       log-odds of the train of like jerks that goes on (`trains`)

The weights are a logistic regression with each sign fixed by physics.
A run is reported when S passes the threshold and its jerks go back ten seconds without a long pause. Myoclonus of
sleep, whose clusters of 2-3 s have pauses between them, never gets there. What moves the wearer from outside may
explain a rhythm away (`mimics`), with evidence of its own.
"""

from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Annotated, Final

import msgspec

from processing.arms import Arms
from processing.events import Rhythmic, State
from processing.jerks import Jerk
from processing.mimics import Mimics
from processing.moment import Moment
from processing.movement import HOP, Movement
from processing.rhythm import BEATS_MIN, MERGED_WAVE, WINDOW, Beat, lull_s
from processing.samples import GRID_HZ
from processing.trains import Train, Trains

SECOND: Final = int(GRID_HZ)
MINUTE: Final = 60 * SECOND
FAST_HZ: Final = 3.5
SLOW_HZ: Final = 1.0
RISE_MAX: Final = 1.5
"""The energy comes back no better: from its trough to its full height."""
NOISE_RISE: Final = 0.65
"""Energy that rises less is noise through a spring, as in a car, whose wave comes back once or twice as well: of such
windows over 3.3 Hz nine in ten have less, of those of runs one in 130 (seven generators)."""
ALONG_MAX: Final = 0.8
"""One direction is no rhythm: what shakes along one axis earns no more than jerks that wobble."""
RUN_JERKS: Final = 6
"""Fewer jerks in ten seconds come at any rhythm by chance."""
LIKELY_ROWS: Final = 250
"""A train of 5 s may be about to be reported."""
YOUNG_JERKS: Final = 4
YOUNG_RATIO: Final = 1.8
"""Longest interval over the shortest, of four jerks after which quiet is no longer learned from them."""
CREST_DELAY: Final = 6
"""Rows from a jerk's onset to the crest of its envelope: half a pulse and the smoothing, 0.12 s."""


class RunSettings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """When a rhythm is a run. Tuned on the training split, the third to fifth generators and the recordings."""

    lasts_s: Annotated[float, msgspec.Meta(gt=0)] = 9.5
    """Shortest run, first crest to now: a newborn seizure lasts 10 s by definition (ACNS)."""
    pause_s: Annotated[float, msgspec.Meta(gt=0)] = 1.0
    pause_periods: Annotated[float, msgspec.Meta(gt=1)] = 2.2
    """A pause longer than both breaks a run: one jerk may be missed, not two."""
    rest_periods: Annotated[float, msgspec.Meta(gt=1)] = 1.5
    """So does a rest longer than that and `pause_s`: where nothing moves, no jerk is missed."""
    again: Annotated[float, msgspec.Meta(ge=0)] = 7.0
    wave: Annotated[float, msgspec.Meta(ge=0)] = 1.5
    excess: Annotated[float, msgspec.Meta(ge=0)] = 6.0
    uneven: Annotated[float, msgspec.Meta(ge=0)] = 2.0
    """Jerks of a run are of one size, spread 0.12 in the median; of kicking, crying, playing 0.25-0.4."""
    spread: Annotated[float, msgspec.Meta(ge=0)] = 4.0
    along: Annotated[float, msgspec.Meta(ge=0)] = 3.0
    """A limb jerks its own way; voluntary movement goes any way."""
    fast: Annotated[float, msgspec.Meta(ge=0)] = 0.3
    """Per Hz above 3.5 Hz, where chance finds a period in any shaking; vehicles are told by `shaken`."""
    slow: Annotated[float, msgspec.Meta(ge=0)] = 1.6
    """Per Hz below 1 Hz: ten lucky kicks look like ten jerks."""
    shaken: Annotated[float, msgspec.Meta(ge=0)] = 1.0
    """While most of 20 s has shaken without a rhythm (`outside`): what comes back in a vehicle does so by chance."""
    held: Annotated[float, msgspec.Meta(ge=0)] = 2.0
    """In arms most rhythms are a carer's or those of a feed. Held are 60-99 % of the windows of feeds (fourth to sixth
    generator), and 0-8 % of those of runs (all five)."""
    trained: Annotated[float, msgspec.Meta(ge=0)] = 0.4
    """Per log-odds of the train over `trained_usual`. Of windows that the rest leaves undecided, those of playing,
    kicking and crying have a train of 0.7-2.4 in the median, those of runs one of 6-9 (four generators)."""
    trained_usual: Annotated[float, msgspec.Meta(ge=0)] = 5.0
    """Train that speaks neither for nor against a rhythm; taken where waves merge and crests are not seen."""
    bias: float = -4.0
    gain: Annotated[float, msgspec.Meta(gt=0)] = 0.35
    """Share of a window's log-odds that one hop adds: windows overlap, so they are far from independent."""
    reported_over: Annotated[float, msgspec.Meta(gt=0)] = 2.0
    limit: Annotated[float, msgspec.Meta(gt=0)] = 5.0
    over_quiet: Annotated[float, msgspec.Meta(gt=1)] = 1.6
    """Median jerk over the quiet level."""
    train: Annotated[float, msgspec.Meta(ge=0)] = 0.3
    """Weight of the log-odds of a train of like jerks."""
    train_usual: Annotated[float, msgspec.Meta(ge=0)] = 4.0
    """Log-odds of a train that speak neither for a run nor against one."""
    train_most: Annotated[float, msgspec.Meta(gt=0)] = 12.0
    train_slow: Annotated[float, msgspec.Meta(ge=0)] = 20.0
    """Taken off a train's log-odds per Hz below 1 Hz: hiccups come every 2 s, clusters of myoclonus as well."""
    clear_s: Annotated[float, msgspec.Meta(ge=0)] = 2.0
    """For so long nothing from outside may have been suspected when a train is told."""
    sleeps_s: Annotated[float, msgspec.Meta(ge=0)] = 240.0
    """Sleep after which a run is surely one asleep: runs awake that were taken for sleep began within 194 s of the last
    movement (sixth generator). A run awake must not wait as one asleep does; one asleep may be told early."""
    buried_s: Annotated[float, msgspec.Meta(ge=0)] = 20.0
    """What is buried in movement, or may be sucking, is told all the same when it has lasted for so long."""
    own_after_s: Annotated[float, msgspec.Meta(gt=0)] = 20.0
    """What has gone on for so long is the wearer's own, whatever is felt from outside later."""


@dataclass(frozen=True, slots=True)
class _Seen:
    """What tells a run when it is first reported, from windows or from a train."""

    onset: int
    last: int
    jerks: int
    hz: float
    regularity: float
    size_g: float


class Runs:
    """Follow rhythms.

    Attributes:
        open: the run that goes on, as last told.
        likely: whether a run goes on, or may be about to be reported.
    """

    def __init__(self, settings: RunSettings) -> None:
        self._settings = settings
        self.restart()

    def restart(self) -> None:
        """Forget everything, after a gap."""
        self.open: Rhythmic | None = None
        self.likely = False
        self._score = 0.0
        self._since = 0
        self._last_jerk = 0
        self._trains = Trains()
        self._suspected = self._explained = self._in_arms = self._waits = self._doubted = 0

    def push(self, moment: Moment, arms: Arms, mimics: Mimics, *, shaken: bool) -> list[Rhythmic]:
        """Take one hop; `shaken` says that a vehicle may explain it."""
        window = moment.window
        suspect = bool(mimics.suspect) and not self._own(moment)
        self._trains.push(moment.jerks, moment.movement)
        if suspect:
            self._suspected = moment.stop
        if moment.mimic and suspect:
            self._explained = moment.stop
            if moment.held:  # where steps and pats go on for minutes, and are not felt evenly all the time
                self._in_arms = moment.stop
        train = self._train(moment)
        if window is None or suspect:
            self._score = 0.0
        else:
            before = self._score
            log_odds = self._log_odds(window, moment, train, shaken=shaken)
            self._score = max(0.0, min(self._settings.limit, before + log_odds))
            if before == 0.0 and self._score > 0.0:
                self._since = moment.stop - WINDOW - SECOND
        long = train is not None and train.last - train.onset > LIKELY_ROWS  # clusters of myoclonus last 2-3 s
        self.likely = self._score > 0.0 or (long and self._goes_on(train)) or (window is None and _young(moment))
        if self.open is not None:
            return self._go_on(moment, train)
        if not self._tells(moment, arms, train, mimics):
            return []
        if window is not None and self._score > 0.0:
            begun = self._maybe_begin(moment, window, train)
            if begun:
                return begun
        return self._begin_train(moment, train) if train is not None else []

    def _tells(self, moment: Moment, arms: Arms, train: Train | None, mimics: Mimics) -> bool:
        """Whether there is evidence enough; what may be the doing of arms must last, unless its jerks are alike."""
        s, window, margin = self._settings, moment.window, self._margin(moment, train)
        if margin < 0:
            self._waits = 0
            return False
        if train is not None and train.score >= s.train_most and not mimics.smooth:  # jaws move alike as well
            return True
        size_g = window.size_g if window is not None and self._score > 0 else train.size_g if train is not None else 0.0
        if mimics.sucking or arms.buried(size_g):
            self._doubted = moment.stop
        if not self._doubted or moment.stop - self._doubted >= s.clear_s * SECOND:
            return True
        self._waits += 1
        return self._waits * HOP >= s.buried_s * SECOND

    def _margin(self, moment: Moment, train: Train | None) -> float:
        """How far the windows and the train together stand over the threshold."""
        s = self._settings
        return (
            self._score - s.reported_over + s.train * (self._odds(moment.window, train, s.train_usual) - s.train_usual)
        )

    def _odds(self, window: Beat | None, train: Train | None, usual: float) -> float:
        """Log-odds of the train; at least the usual ones where few jerks are seen one by one."""
        s = self._settings
        slow = 0.0 if train is None else s.train_slow * max(0.0, SLOW_HZ - 1 / train.period_s)
        odds = 0.0 if train is None else max(0.0, min(s.train_most, train.score) - slow)  # slow ones tell nothing
        merged = window is not None and window.again_wave > MERGED_WAVE and window.again_energy > NOISE_RISE
        return max(odds, usual) if merged else odds

    def _train(self, moment: Moment) -> Train | None:
        """The train that is a rhythm of the wearer's own."""
        s = self._settings
        suspected = self._suspected and moment.stop - self._suspected < s.clear_s * SECOND
        train = None if suspected else self._trains.best(moment.stop)
        return None if train is None or train.size_g < s.over_quiet * moment.quiet_g else train

    def _hz(self, window: Beat | None, train: Train | None) -> float:
        """Frequency, of the windows where they speak for a run."""
        if window is not None and (self._score > 0 or train is None):
            return round(window.hz, 2)
        return round(1 / train.period_s, 2) if train is not None else 0.0

    def _own(self, moment: Moment) -> bool:
        """Whether the run has lasted too long for anything that is felt from outside later to explain it."""
        return self.open is not None and moment.stop - self.open.onset > self._settings.own_after_s * SECOND

    def _goes_on(self, train: Train | None) -> bool:
        """Whether a train alone is enough to keep a run open."""
        return train is not None and train.score > self._settings.train_usual

    def _begin_train(self, moment: Moment, train: Train) -> list[Rhythmic]:
        onset = max(train.onset, self._explained) - CREST_DELAY
        weak = self._odds(None, train, 0.0) < self._settings.train_usual  # jerks of several clusters make a slow one
        if weak or moment.stop - onset < self._settings.lasts_s * SECOND:
            return []
        rows = (*(jerk.at for jerk in moment.recent if jerk.at >= onset), moment.stop)
        if any(self._rests(a, b, train.period_s, train.size_g, moment.movement) for a, b in pairwise(rows)):
            return []
        regularity = moment.window.again if moment.window else 0.0
        seen = _Seen(onset, train.last, train.jerks, 1 / train.period_s, regularity, train.size_g)
        return self._begin(moment, train, seen)

    def onset(self, moment: Moment) -> int:
        """Where the rhythm began that goes on or may be about to be reported: its first jerk."""
        if self.open is not None:
            return moment.first if self._own(moment) else self.open.onset
        if moment.window is None or not moment.recent:
            return moment.stop
        return self._chain(moment, moment.window)[0].at - CREST_DELAY

    def _pause_s(self, window: Beat) -> float:
        return max(self._settings.pause_s, self._settings.pause_periods * window.period_s)

    def close(self, seen: int) -> list[Rhythmic]:
        """End what is open, at the last thing known of it."""
        if self.open is None:
            return []
        ended = replace(self.open, open=False, updated=max(seen, self.open.updated))
        self.open = None
        return [ended]

    def _log_odds(self, window: Beat, moment: Moment, train: Train | None, *, shaken: bool) -> float:
        s = self._settings
        few = window.beats < BEATS_MIN and not window.waves
        if few or window.size_g < s.over_quiet * moment.quiet_g:
            return -1.0
        excess = min(2.0, max(0.0, window.pause_s / self._pause_s(window) - 1))
        present = window.present**2  # a jerk comes back only where both readings came
        log_odds = (
            s.bias
            + s.again * min(RISE_MAX, window.again_energy / present)
            + s.wave * min(1.0, max(0.0, window.again_wave) / present)
            - s.excess * excess
            - s.uneven * window.size_spread
            - s.spread * window.jitter
            + s.along * min(window.along, ALONG_MAX)
            - s.fast * max(0.0, window.hz - FAST_HZ)
            - s.slow * max(0.0, SLOW_HZ - window.hz)
            - s.shaken * shaken
            - s.held * moment.held
            + s.trained * (self._odds(window, train, s.trained_usual) - s.trained_usual)
        )
        return max(-1.0, min(1.0, s.gain * log_odds))

    def _maybe_begin(self, moment: Moment, window: Beat, train: Train | None) -> list[Rhythmic]:
        s = self._settings
        chain = self._chain(moment, window)
        onset = max(chain[0].at, self._in_arms) - CREST_DELAY
        few = len(chain) < RUN_JERKS and window.again_wave < MERGED_WAVE
        over = self._breaks(chain[-1].at, moment.stop, window, moment.movement)
        if few or over or moment.stop - onset < s.lasts_s * SECOND:
            return []
        seen = _Seen(onset, chain[-1].at, len(chain), window.hz, window.again, window.size_g)
        return self._begin(moment, train, seen)

    def _begin(self, moment: Moment, train: Train | None, seen: _Seen) -> list[Rhythmic]:
        pause_s = self._longest_pause_s(moment, seen.onset)
        self._last_jerk = seen.last
        onset = max(seen.onset, moment.begin)
        self.open = Rhythmic(
            onset=onset,
            end=max(onset, self._until(moment, train)),
            reported=moment.seen,
            updated=moment.seen,
            open=True,
            state=self._state(moment, seen.onset),
            frequency_start_hz=round(seen.hz, 2),
            frequency_end_hz=round(seen.hz, 2),
            regularity=round(seen.regularity, 3),
            jerks=seen.jerks,
            size=round(seen.size_g / moment.quiet_g, 2),
            state_now=self._state(moment, seen.onset),
            longest_pause_s=pause_s,
            recent_pause_s=pause_s,
            margin=round(self._margin(moment, train), 2),
        )
        return [self.open]

    def _state(self, moment: Moment, onset: int) -> State:
        """Sleep state, as far as it is sure for a run that began at a row."""
        sure = onset - moment.since > self._settings.sleeps_s * SECOND
        return moment.state if sure or moment.state is not State.ASLEEP else State.UNKNOWN

    @staticmethod
    def _apart(a: int, b: int, movement: Movement) -> int:
        """Rows between two, less those of missing readings."""
        rows = b - a
        return rows - movement.missing(a, b) if rows > SECOND else rows

    def _breaks(self, a: int, b: int, window: Beat, movement: Movement) -> bool:
        """Whether a run ends in the rows after a jerk in which there is no other."""
        if b - a <= self._settings.pause_s * GRID_HZ:
            return False
        if self._rests(a, b, window.period_s, window.size_g, movement):
            return True
        return self._apart(a, b, movement) > self._pause_s(window) * GRID_HZ and not window.merged

    def _rests(self, a: int, b: int, period_s: float, size_g: float, movement: Movement) -> bool:
        """Whether nothing moves for so long between two rows that a jerk did not come."""
        rests_s = max(self._settings.pause_s, self._settings.rest_periods * period_s)
        if b - a <= rests_s * GRID_HZ or movement.missing(a, b):
            return False
        return lull_s(movement.envelope.view(a, b)[:, 0], size_g) > rests_s

    def _longest_pause_s(self, moment: Moment, onset: int) -> float:
        """Longest time between two jerks in the last minute of a run."""
        jerks = [jerk for jerk in moment.recent if jerk.at >= max(onset, moment.stop - MINUTE)]
        between = (self._apart(a.at, b.at, moment.movement) for a, b in pairwise(jerks))
        return round(max(between, default=0) / GRID_HZ, 2)

    def _chain(self, moment: Moment, window: Beat) -> list[Jerk]:
        """Jerks back from the newest, until a pause, or until before the rhythm was first felt."""
        jerks = moment.recent
        first = len(jerks) - 1
        while first > 0 and jerks[first - 1].at >= self._since:
            if self._breaks(jerks[first - 1].at, jerks[first].at, window, moment.movement):
                break
            first -= 1
        return jerks[first:]

    def _go_on(self, moment: Moment, train: Train | None) -> list[Rhythmic]:
        run, window = self.open, moment.window
        assert run is not None
        if not self._goes_on(train) and (self._score == 0.0 or window is None):
            end = max(run.onset, min(self._last_jerk + SECOND // 4, moment.stop))
            self.open = replace(run, end=end)
            return self.close(moment.seen)
        pause_s = self._longest_pause_s(moment, run.onset)
        if moment.jerks:
            self._last_jerk = moment.jerks[-1].at
        self.open = replace(
            run,
            end=max(run.end, self._until(moment, train)),
            updated=moment.seen,
            frequency_end_hz=self._hz(window, train),
            regularity=round(window.again, 3) if window else run.regularity,
            jerks=run.jerks + len(moment.jerks),
            state_now=self._state(moment, run.onset),
            longest_pause_s=max(run.longest_pause_s, pause_s),
            recent_pause_s=pause_s,
            margin=round(self._margin(moment, train), 2),
        )
        return [self.open]

    def _until(self, moment: Moment, train: Train | None) -> int:
        """How far the run has lasted for sure: to its newest jerk, though the windows feel it for seconds more."""
        window = moment.window
        if window is not None and window.merged and moment.peak_g > max(window.size_g / 2, moment.threshold_g):
            return moment.stop
        last = max(self._last_jerk, train.last if train is not None else 0)
        return min(last + SECOND // 4, moment.stop)


def _young(moment: Moment) -> bool:
    """Whether the stream has just begun, for no window yet, and its jerks come at a rhythm."""
    jerks = moment.recent[-YOUNG_JERKS:]
    if moment.stop - moment.begin > WINDOW + SECOND or len(jerks) < YOUNG_JERKS:
        return False
    steps = sorted(b.at - a.at for a, b in pairwise(jerks))
    return steps[-1] < YOUNG_RATIO * steps[0] and moment.stop - jerks[-1].at < 2 * steps[-1]
