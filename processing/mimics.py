"""What moves the wearer from outside, and when it explains a rhythm: only with positive evidence of its own.

Each mimic has a score, a sum of what speaks for it and against it, and explains what is felt while the score is over
its threshold. Nothing is explained for not looking like a seizure.

    swing      one spectral line holds nearly all the power, keeps its phase for 4.5 s without harmonics, or is much
               larger than the jerks that come with it
    walking    up and down by centimetres at the step rate, along gravity, turned since the last rest
    patting    a carer is there: touched just before (movement and a small turn), or in arms; then impacts of equal
               size at equal intervals along one axis
"""

import math
from dataclasses import dataclass
from typing import Annotated, Final

import msgspec

from processing.jerks import Jerk
from processing.moment import REST_HOPS, Moment, angle_deg, mean_posture
from processing.movement import HOP
from processing.rhythm import BEATS_MIN, WINDOW, Beat
from processing.samples import GRID_HZ, Floats

SECOND: Final = int(GRID_HZ)
MINUTE: Final = 60 * SECOND
ROCKING_HZ_MIN: Final = 0.55
ROCKING_HZ_MAX: Final = 1.1
"""Carers rock at 0.67-0.95 Hz (docs/movements.md); what is faster is a machine."""
WAVE_HZ_MAX: Final = 2.6
"""Faster jerks run into each other and have no harmonics left."""
PLAIN_HZ: Final = (1.2, 3.4)
"""Below, arms and breathing are plain as well; over it jerks run into each other."""
BEAT_HZ_MIN: Final = 1.5
"""A line above it stands clear of 1.2 Hz, above which its share is taken, without breathing and the sway of arms."""
OVERTONE_MIN: Final = 1.9
OVERTONE_OFF: Final = 0.04
"""A machine may shake most at a multiple of its frequency."""
STEPS_HZ_MAX: Final = 3.4
"""Running takes 2.3-3.2 steps a second."""
PATTING_HZ: Final = (1.35, 3.4)
"""1.5-3 Hz (docs/movements.md, prior), and a little beyond."""
SUCKING_HZ: Final = (1.5, 3.4)
"""2.1 Hz at 3 months (Zimmerman 2020), and half as fast again."""
SMOOTH_ROWS: Final = 100
"""For so long a window that may be one of sucking counts: some of the next ones hold the pause between bursts."""
PACE_PAUSE_S: Final = 1.2
PACE_UNEVEN_HOPS: Final = 3
"""A hand that pauses for longer, or is not felt evenly in more hops, may come back at another pace."""
PACE_EVEN: Final = -0.4
"""Of the evidence of evenness, for a pace to be measured."""
PACE_SURE: Final = 4.0
"""Standard errors, from the spread of the intervals, by which a pace must have changed."""
PACE_JUMPS: Final = 0.4
"""Share by which no pace changes in seconds: its half was measured."""
GROWS_ROWS: Final = 300
YOUNG_ROWS: Final = 800
"""A clonic run grows over its first ten seconds (docs/movements.md): judged when 6-16 s are felt. A hand changes later
as well."""
GROWN_JERKS: Final = 7
GROWN_HOPS: Final = 4
GROWN_SURE: Final = 3.0
"""Standard errors by which jerks must have grown, for two seconds on end."""
LIKE_SIZE: Final = (0.4, 2.2)
MISSED_ONE: Final = 2.4
OFF_BEAT: Final = 0.35
"""A jerk belongs to a rhythm when its size is like the median, one beat at most is missed, and it is on the beat."""
TOUCH_PAUSE: Final = 150
"""Rows without sway, 3 s, before which a touch cannot have begun."""
UNCLEAR: Final = 0.5
"""What evenness gains while the window still holds some of the touch: no run is ten seconds long before it does not."""
RESTLESS_ROWS: Final = 2000
LASTING_HOPS: Final = 40
SETTLED_HOPS: Final = 14
"""7 s: an arousal lasts 2-4 s, preterm 7 s (docs/movements.md)."""
SURE_HOPS: Final = 6
"""Evidence for 3 s on end is a mimic; until then it only keeps a rhythm from being reported."""


class MimicSettings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Weights of the evidence. Signs are physics; sizes: training split, third to fifth generators, recordings."""

    pure: Annotated[float, msgspec.Meta(gt=0, lt=1)] = 0.93
    """Share of power in one line: carers rock and machines move in sinusoids, jerks have harmonics."""
    wave_line: Annotated[float, msgspec.Meta(ge=0)] = 5.0
    """Log-odds for the share of power in the line of the jerks themselves: sucking, body rocking, a sprung seat have
    0.55-0.9, runs 0.05-0.65."""
    wave_sway: Annotated[float, msgspec.Meta(ge=0)] = 0.7
    """Log-odds for the logarithm of sway over jerks: what swings moves most below 2 Hz; runs have 0.1-0.7."""
    wave_plain: Annotated[float, msgspec.Meta(ge=0)] = 1.0
    """Log-odds for the logarithm of the power in the line over that at two and three times its frequency."""
    wave_bias: float = -5.4
    """Half of the windows of sucking and sprung seats stand 0.6 and more over it."""
    wave_line_min: Annotated[float, msgspec.Meta(ge=0, lt=1)] = 0.5
    """Without a line there is no wave: kicking and rousing have 0.3-0.45, and no harmonics for having no rhythm."""
    wave_swings_min: Annotated[float, msgspec.Meta(ge=0, lt=1)] = 0.2
    """Autocorrelation two periods later: of waves 0.3-0.9, of kicking and rousing 0-0.3."""
    wave_held: Annotated[float, msgspec.Meta(ge=0)] = 0.7
    """What being in arms adds, where babies suck."""
    sucking_over: float = 3.0
    """Evidence of a wave, without bias, that is no mimic but asks for more of a run: half of the windows at which feeds
    raised alerts have over 3.4, of 159 runs at 1.5-3.4 Hz, as small and as swayed, none over 2.7."""
    sucking_sway: Annotated[float, msgspec.Meta(ge=0)] = 0.35
    """Sway over jerks, for arms sway: in feeds 0.4-3."""
    sucking_over_quiet: Annotated[float, msgspec.Meta(gt=1)] = 6.5
    """Jerks over the quiet: in feeds 1.7-6, for sucking is small."""
    smooth_lines: Annotated[float, msgspec.Meta(gt=0, lt=1)] = 0.84
    """Share, of the power over 1.2 Hz, at the frequency and twice that: sucking has 0.75-0.99, runs up to 2.6 Hz less
    than 0.81, for jerks are short and the jaw moves smoothly."""
    smooth_line: Annotated[float, msgspec.Meta(gt=0, lt=1)] = 0.12
    """The same at the frequency alone: less has what comes twice as often."""
    smooth_over_quiet: Annotated[float, msgspec.Meta(gt=1)] = 12.0
    """Jerks over the quiet: of sucking that is so smooth, 2-10."""
    swings: Annotated[float, msgspec.Meta(gt=0, lt=1)] = 0.5
    """Autocorrelation two periods later: one tilt is no swing."""
    swings_max: Annotated[float, msgspec.Meta(gt=1)] = 1.2
    """A swing comes back as it was; a drift of posture through the window seems to come back larger."""
    plain: Annotated[float, msgspec.Meta(gt=0, lt=1)] = 0.83
    """Share, of the power over 1.2 Hz, of a line without harmonics, from 1.2 to 3.4 Hz, which nobody's jerks have: a
    sprung seat, sucking, a rocking body have 0.83-0.98, runs with so few harmonics less than 0.85."""
    plain_harmonics: Annotated[float, msgspec.Meta(gt=0)] = 0.05
    """Power of what is plain at two and three times its frequency, over that at it."""
    machine_long: Annotated[float, msgspec.Meta(gt=0, lt=1)] = 0.9
    """Autocorrelation after 4.5 s over that after one period: a machine keeps its phase."""
    machine_harmonics: Annotated[float, msgspec.Meta(gt=0)] = 0.04
    machine_pure: Annotated[float, msgspec.Meta(gt=0, lt=1)] = 0.7
    machine_again: Annotated[float, msgspec.Meta(gt=0, lt=1)] = 0.75
    overtone_long: Annotated[float, msgspec.Meta(gt=0, lt=1)] = 0.93
    overtone_again: Annotated[float, msgspec.Meta(gt=0, lt=1)] = 0.8
    """The same where the strongest line is an overtone: of 21,000 windows of runs (six generators) five are so."""
    walking_over: float = 1.3
    walking_again: Annotated[float, msgspec.Meta(gt=0, lt=1)] = 0.3
    """Steps come back like a rhythm, and without pauses; a single large movement is no walk."""
    walking_pause_s: Annotated[float, msgspec.Meta(gt=0)] = 2.5
    walking_mm: Annotated[float, msgspec.Meta(gt=0)] = 4.0
    """Movement at the step rate, a root mean square: steps move trunk and wrist by 5-50 mm, runs the clip by 0.1-2 mm,
    and by 3-15 mm if their jerks had 1 g."""
    walking_upright: Annotated[float, msgspec.Meta(gt=0, lt=1)] = 0.4
    """Share of it along gravity: steps have 0.5-1, runs 0-0.3, for limbs jerk any way."""
    walking_turned_deg: Annotated[float, msgspec.Meta(gt=0)] = 5.0
    """From the last rest: 8-70 degrees in those who walk or are carried, under 1 in most runs."""
    patting_over: float = 1.0
    patting_turned_deg: Annotated[float, msgspec.Meta(gt=0)] = 0.7
    patting_shift: Annotated[float, msgspec.Meta(ge=0)] = 0.5
    """Jerks that all push one way shift the mean acceleration, by this share of their root mean square at most."""
    patting_wave: Annotated[float, msgspec.Meta(gt=0, lt=1)] = 0.5
    """A hand falls like the time before: 0.5-0.9 come back; of runs taken for patting, 0.1-0.5."""
    patting_held: Annotated[float, msgspec.Meta(ge=0)] = 1.2
    """Weight of being in arms, where carers pat."""
    patting_restless: Annotated[float, msgspec.Meta(ge=0)] = 0.5
    """Weight at most of a touch amid movement: the wearer may have moved by itself."""
    patting_even: float = 0.3
    """Evidence of evenness without which no hand explains a rhythm: 85-99 % of patting's windows have it (59 % on the
    third generator), 15-34 % of those of runs."""
    patting_still_even: float = -0.1
    """The same for patting that was felt before to go on."""
    patting_lifted: Annotated[float, msgspec.Meta(ge=0)] = 1.2
    """The same when it turned as far as someone who is picked up."""
    lifted_deg: Annotated[float, msgspec.Meta(gt=0)] = 32.0
    """Onto a shoulder by 37-90 degrees, within a few seconds by less; rousing turned runs' wearers by 15-40."""
    grows: Annotated[float, msgspec.Meta(gt=0)] = 0.05
    """Growth of the jerks, a second, that is no hand's: a fifth of runs grows so at first, 4 % of patting."""
    restless_share: Annotated[float, msgspec.Meta(gt=0, lt=1)] = 0.25
    """Of the 40 s before."""
    slows: Annotated[float, msgspec.Meta(gt=0, lt=1)] = 0.1
    """Share by which hands and feet slow down at most, twice as much in arms, where they change places: of patting 1 %
    in 20 s by more than 0.05, of runs half by more than 0.06."""
    same_hz: Annotated[float, msgspec.Meta(gt=0, lt=1)] = 0.15
    """How far, as a share, the frequency of what a mimic explains may lie from the mimic's own."""
    still_pure: Annotated[float, msgspec.Meta(gt=0, lt=1)] = 0.7
    """Share of its line that a swing keeps while nothing is added to it."""
    same_axis: Annotated[float, msgspec.Meta(gt=0, lt=1)] = 0.75
    """Cosine between its axis and the mimic's."""
    same_size: Annotated[float, msgspec.Meta(gt=1)] = 2.2
    """Ratio of its size and the mimic's, either way."""
    kept_s: Annotated[float, msgspec.Meta(gt=0)] = 15.0
    """What lasts longer after a mimic is judged alone (docs/events.md)."""
    touch_rows: Annotated[int, msgspec.Meta(gt=0)] = 250
    """How long before the rhythm a hand may have gone to rest: 5 s."""
    touch_lasts_s: Annotated[float, msgspec.Meta(gt=0)] = 10.0
    """Without a lift a hand comes to rest within 1-4 s, in arms within 9 s; who moves by itself does so for 10-25 s."""


@dataclass(frozen=True, slots=True)
class _Known:
    """A mimic as it was when the evidence spoke for it."""

    name: str
    hz: float
    axis: Floats
    size_g: float
    swings: bool


@dataclass(frozen=True, slots=True)
class _Touch:
    """A hand that may have come before a rhythm.

    Attributes:
        carer: evidence of it.
        clear: whether it came before the window too.
        lifted: whether the wearer was turned as one who is picked up.
    """

    carer: float
    clear: bool
    lifted: bool


class _Growth:
    """Whether jerks grow from their first on: so do those of a clonic run; a hand's first blow is like its last."""

    def __init__(self, grows: float) -> None:
        self._grows = grows
        self._for = 0

    def push(self, moment: Moment, window: Beat) -> bool:
        """Take a window; give whether its rhythm has grown since it began."""
        if window.pause_s > PACE_PAUSE_S:
            self._for = 0
        elif self._for < GROWN_HOPS and window.beats >= BEATS_MIN and PATTING_HZ[0] < window.hz < PATTING_HZ[1]:
            self._for = self._for + 1 if self._growing(moment, window) else 0
        return self._for >= GROWN_HOPS

    def _growing(self, moment: Moment, window: Beat) -> bool:
        begun = _regular_from(moment.recent, window)
        if moment.stop - begun > YOUNG_ROWS:
            return False
        jerks = [jerk for jerk in moment.recent if jerk.at >= begun and _like(jerk, window)]
        if len(jerks) < GROWN_JERKS or jerks[-1].at - jerks[0].at < GROWS_ROWS:
            return False
        slope, error = _slope([jerk.at / SECOND for jerk in jerks], [math.log(jerk.size_g) for jerk in jerks])
        return slope > max(self._grows, GROWN_SURE * error)


class _Pace:
    """The pace of an even rhythm: hands and feet keep theirs until they pause, a clonic run slows down."""

    def __init__(self, slows: float) -> None:
        self._slows = slows
        self._first_hz = 0.0
        self._slower_for = self._uneven_for = 0

    def slows(self, window: Beat, *, even: bool, held: bool) -> bool:
        """Take a window, and whether its impacts are even; give whether the rhythm has slowed down since it began."""
        self._uneven_for = 0 if even else self._uneven_for + 1
        if window.pause_s > PACE_PAUSE_S or self._uneven_for > PACE_UNEVEN_HOPS:
            self._first_hz, self._slower_for = 0.0, 0
        elif self._slower_for < SURE_HOPS and even and window.beats >= BEATS_MIN:
            self._first_hz = self._first_hz or window.hz
            asked = max(self._slows, PACE_SURE * window.spread / math.sqrt(window.beats)) * (1 + held)
            slower = asked < 1 - window.hz / self._first_hz < PACE_JUMPS
            self._slower_for = self._slower_for + 1 if slower else 0
        return self._slower_for >= SURE_HOPS


class Mimics:
    """Follow what moves the wearer from outside.

    Attributes:
        name: what explains the movement felt, or "".
        suspect: what would, if the evidence lasts.
        scores: by mimic, as far as the newest window goes.
        sucking: whether the newest window may be one of sucking; that alone explains nothing.
        smooth: whether it may be, and one of the last 2 s moved so smoothly that alike jerks say nothing against it.
        smoothed: first row, and row after the last, of what moved so smoothly, within a minute of the newest.
    """

    def __init__(self, settings: MimicSettings) -> None:
        self._settings = settings
        self.restart()

    def restart(self) -> None:
        """Forget, after a gap."""
        self.name = self.suspect = ""
        self._seen_for = 0
        self.sucking = False
        self.smooth = False
        self._smooth_until = 0
        self.smoothed: tuple[tuple[int, int], ...] = ()
        self.scores: dict[str, float] = {}
        self._known: _Known | None = None
        self._known_until = 0
        self._pace = _Pace(self._settings.slows)
        self._growth = _Growth(self._settings.grows)

    @property
    def lasting(self) -> bool:
        """Whether a mimic has been felt without a break for so long that no single movement can be behind it."""
        return bool(self.name) and self._seen_for >= LASTING_HOPS

    @property
    def settled(self) -> bool:
        """Whether a mimic has been felt for longer than a waking lasts."""
        return bool(self.name) and self._seen_for >= SETTLED_HOPS

    def rest(self) -> str:
        """Take a hop in which nothing moves."""
        self.name = self.suspect = ""
        self._seen_for = 0
        return ""

    def push(self, moment: Moment, onset: int) -> str:
        """Take one hop, and where the rhythm it may explain began; give what explains it."""
        window = moment.window
        if window is None:
            self.name = self.suspect = ""
            self._seen_for = 0
            return ""
        if self._smooth(window, moment.quiet_g):
            self._smooth_until = moment.stop + SMOOTH_ROWS
            self.smoothed = _joined(self.smoothed, moment.stop)
        self.smooth = moment.stop < self._smooth_until
        self.sucking = self.smooth or self._sucking(window, moment.quiet_g)
        self.scores = {
            "swing": self._swing(window, held=moment.held),
            "walked": self._walking(window, onset, moment),
            "patted": self._patting(window, onset, moment),
        }
        self._clear(moment, window)
        self.suspect = self._best(window)
        self._seen_for = self._seen_for + 1 if self.suspect else 0
        if self._goes_on(moment.stop, window):
            self.suspect, self._seen_for = "patted", max(self._seen_for, SURE_HOPS)
        self.name = self.suspect if self._seen_for >= SURE_HOPS else ""
        if self.name:
            swings = window.pure > self._settings.pure
            hz, size_g = (window.pure_hz, window.moving_g) if swings else (window.hz, window.size_g)
            self._known = _Known(self.name, hz, window.axis, size_g, swings)
            self._known_until = moment.stop + round(self._settings.kept_s * SECOND)
        elif self._known is not None and moment.stop < self._known_until and self._same(self._known, window):
            self.name = self.suspect = self._known.name
            if self._known.swings:
                self._known_until = moment.stop + round(self._settings.kept_s * SECOND)
        return self.name

    def _clear(self, moment: Moment, window: Beat) -> None:
        """Take back hands and feet where jerks have slowed down, and hands where they have grown."""
        slows = self._pace.slows(window, even=self._even(window) > PACE_EVEN, held=moment.held)
        grows = self._growth.push(moment, window)
        if slows:
            self.scores["walked"] = -1.0
        if slows or grows:
            self.scores["patted"] = -1.0
            if self._known is not None and not self._known.swings and (slows or self._known.name == "patted"):
                self._known = None

    def _goes_on(self, stop: int, window: Beat) -> bool:
        """Whether the patting goes on that was felt before: a hand may pat for long after it came."""
        known = self._known
        if known is None or known.name != "patted" or stop >= self._known_until:
            return False
        return self._even(window) > self._settings.patting_still_even and self._same(known, window)

    def _same(self, known: _Known, window: Beat) -> bool:
        """Whether frequency, axis and size are still the mimic's own."""
        s = self._settings
        if known.swings:
            like = 1 / s.same_size < window.moving_g / known.size_g < s.same_size
            return like and window.pure > s.still_pure and _apart(window.pure_hz, known.hz) < s.same_hz
        return (
            _apart(window.hz, known.hz) < s.same_hz
            and abs(float(window.axis @ known.axis)) > s.same_axis
            and 1 / s.same_size < window.size_g / max(known.size_g, 1e-6) < s.same_size
        )

    def _best(self, window: Beat) -> str:
        if self.scores["swing"] > 0:
            return "rocked" if window.pure_hz < ROCKING_HZ_MAX else "bassinet"
        if self.scores["walked"] > self._settings.walking_over:
            return "carried"
        if self.scores["patted"] > self._settings.patting_over:
            return "patted"
        return ""

    def _swing(self, window: Beat, *, held: bool) -> float:
        s = self._settings
        sinusoid = min(window.pure - s.pure, window.swings - s.swings, s.swings_max - window.swings)
        steady = min(
            window.long / max(window.again_wave, 1e-9) - s.machine_long,
            s.machine_harmonics - window.harmonics,
            window.again_wave - s.machine_again,
            window.pure_beat - s.machine_pure,
        )
        plain = min(window.pure_beat - s.plain, s.plain_harmonics - window.harmonics)
        return max(
            sinusoid,
            steady,
            self._overtone(window),
            plain if PLAIN_HZ[0] < window.hz < PLAIN_HZ[1] else -1.0,
            self._waves(window, held=held),
        )

    def _overtone(self, window: Beat) -> float:
        """How surely one line is a machine's, a whole multiple of the frequency found, and keeps its phase."""
        s, times = self._settings, window.pure_hz / window.hz
        if times < OVERTONE_MIN or abs(times / round(times) - 1) > OVERTONE_OFF:
            return -1.0
        return min(
            window.pure - s.machine_pure,
            window.long / max(window.again_wave, 1e-9) - s.overtone_long,
            window.again_wave - s.overtone_again,
        )

    def _waves(self, window: Beat, *, held: bool) -> float:
        """Log-odds that what comes back is a wave and no train of jerks."""
        s = self._settings
        if window.hz > WAVE_HZ_MAX:
            return -1.0
        line = window.pure_beat if window.hz > BEAT_HZ_MIN else 0.0
        if _apart(window.hz, window.pure_hz) < s.same_hz and window.pure_hz > ROCKING_HZ_MIN:
            line = max(line, window.pure)
        if line < s.wave_line_min or window.swings < s.wave_swings_min:
            return -1.0
        return self._shape(window, line) + s.wave_bias + s.wave_held * held

    def _shape(self, window: Beat, line: float) -> float:
        """Log-odds, but for the bias, that a line is that of a wave: large in sway, and plain."""
        s = self._settings
        over_jerks = math.log(max(window.sway_g, 1e-6) / max(window.size_g, 1e-6))
        plain = _between(-math.log(max(window.harmonics, 1e-3)), -1.0, 4.0)
        return s.wave_line * min(1.0, line) + s.wave_sway * _between(over_jerks, -3.0, 1.6) + s.wave_plain * plain

    def _sucking(self, window: Beat, quiet_g: float) -> bool:
        """Whether a small, plain wave rides on a sway about as large."""
        s = self._settings
        return (
            SUCKING_HZ[0] < window.hz < SUCKING_HZ[1]
            and window.size_g < s.sucking_over_quiet * quiet_g
            and window.sway_g > s.sucking_sway * window.size_g
            and self._shape(window, window.pure_beat) > s.sucking_over
        )

    def _smooth(self, window: Beat, quiet_g: float) -> bool:
        """Whether a small wave and its double are nearly all there is."""
        s = self._settings
        return (
            SUCKING_HZ[0] < window.hz < WAVE_HZ_MAX
            and window.size_g < s.smooth_over_quiet * quiet_g
            and window.pure_beat > s.smooth_line
            and window.pure_beat + window.pure_twice > s.smooth_lines
        )

    def _walking(self, window: Beat, onset: int, moment: Moment) -> float:
        """Log-odds that steps carry the wearer up and down: no jerk lifts a lying body by centimetres."""
        s = self._settings
        if window.hz > STEPS_HZ_MAX or window.beats < BEATS_MIN:
            return -1.0
        if window.again < s.walking_again or window.pause_s > s.walking_pause_s:
            return -1.0
        far = _between(1.5 * math.log(max(window.moves_mm, 1e-3) / s.walking_mm), -3.0, 2.5)
        up = max(4 * (window.upright - s.walking_upright), -1.2)
        turned = self.turned_deg(moment, onset)
        return far + up + (0.0 if turned is None else _between(turned / s.walking_turned_deg - 1, -1.0, 2.0))

    def _patting(self, window: Beat, onset: int, moment: Moment) -> float:
        s = self._settings
        if window.beats < BEATS_MIN or not PATTING_HZ[0] < window.hz < PATTING_HZ[1]:
            return -1.0
        touch = self._touched(window, onset, moment)
        if not touch.clear and touch.carer >= s.patting_lifted and (touch.lifted or moment.held):
            return touch.carer  # impacts are compared once the window is clear of the lifting
        carer = max(touch.carer, s.patting_held) if moment.held_before else touch.carer
        even = self._even(window) + (0.0 if touch.clear else UNCLEAR)
        return carer + even if carer > 0 and even > s.patting_even else -1.0

    def _even(self, window: Beat) -> float:
        """How much one impact is like the next."""
        return (
            _between(8 * (0.08 - window.spread), -1.0, 0.3)
            + _between(5 * (0.14 - window.size_spread), -1.0, 0.3)
            + _between(5 * (window.along - 0.9), -1.0, 0.3)
            + _between(5 * (window.again_wave - self._settings.patting_wave), -0.4, 0.3)
        )

    def _touched(self, window: Beat, onset: int, moment: Moment) -> _Touch:
        """Look for a hand that came just before the rhythm: it moved the wearer, and turned it."""
        s = self._settings
        begun = _regular_from(moment.recent, window)
        came, left, sway_g = self._touch(moment, begun, min(onset, begun))
        turned = None if came is None else self.turned_deg(moment, came)
        if came is None or turned is None:
            return _Touch(-1.0, clear=True, lifted=False)
        turned -= math.degrees(s.patting_shift * window.moving_g)
        hand = _between((turned - s.patting_turned_deg) / 1.5, -1.0, 1.0) + _between((turned - 10) / 10, 0.0, 1.0)
        touched = _between(math.log(max(sway_g, 1e-4) / moment.sway_threshold_g), -1.0, 2.0)
        lifted = turned > s.lifted_deg
        if self._restless(moment, came):
            hand = min(hand, s.patting_lifted if lifted else s.patting_restless)
        if not lifted and left - came > s.touch_lasts_s * SECOND:
            hand = -1.0  # the wearer's own
        return _Touch(min(hand, touched), clear=left <= moment.stop - WINDOW - SECOND, lifted=lifted)

    def _restless(self, moment: Moment, came: int) -> bool:
        """Whether the wearer moved much before a row."""
        before = moment.between(came - RESTLESS_ROWS, came)
        return sum(hop.swayed for hop in before) > self._settings.restless_share * len(before)

    def _touch(self, moment: Moment, begun: int, onset: int) -> tuple[int | None, int, float]:
        """Begin, end and largest sway of the movement that came just before the rhythm and is no jerk of it."""
        came, left, largest = None, 0, 0.0
        limit = onset - self._settings.touch_rows
        for hop in reversed(moment.hops):
            if hop.first < limit:
                break
            if hop.first >= begun + SECOND or not hop.sways:
                continue
            came, left, largest = hop.first, max(left, hop.stop), max(largest, hop.sway_g)
            limit = hop.first - TOUCH_PAUSE
        return came, left, largest

    @staticmethod
    def turned_deg(moment: Moment, onset: int) -> float | None:
        """Angle from the last rest before a row to the posture of the last 8 s; None without a rest."""
        rest = _rest_before(moment, onset)
        return None if rest is None else angle_deg(rest, mean_posture(moment.last(WINDOW // HOP)))


def _rest_before(moment: Moment, row: int) -> list[float] | None:
    """Posture of the last hops before `row` in which nothing swayed."""
    hops = moment.hops
    later = max(0, (moment.stop - row + SECOND // 2 + HOP - 1) // HOP)
    rested = hops[-1 - later].rested if later < len(hops) else -1
    rest = moment.between(rested - REST_HOPS * HOP, rested)
    return mean_posture(rest[::-1]) if len(rest) == REST_HOPS else None


def _apart(hz: float, own_hz: float) -> float:
    """How far a frequency lies from a mimic's own, or from a small whole multiple or part of it, as a share.

    Multiples lie closer together on that scale, so they must be met more closely.
    """
    ratio = max(hz, own_hz) / min(hz, own_hz)
    times = min(max(round(ratio), 1), 4)
    return abs(ratio / times - 1) * times


def _joined(spans: tuple[tuple[int, int], ...], stop: int) -> tuple[tuple[int, int], ...]:
    """Add the window that ends at a row to spans of windows, and leave out what is older than a minute."""
    first = stop - WINDOW
    recent = tuple(span for span in spans if span[1] > stop - MINUTE)
    if recent and recent[-1][1] >= first:
        return (*recent[:-1], (recent[-1][0], stop))
    return (*recent, (first, stop))


def _regular_from(jerks: list[Jerk], window: Beat) -> int:
    """Row of the first jerk that belongs to the rhythm by its interval and its size; others may lie in between."""
    first = jerks[-1]
    period = window.period_s * GRID_HZ
    for jerk in reversed(jerks):
        steps = (first.at - jerk.at) / period
        if steps > MISSED_ONE:
            break
        if steps > OFF_BEAT and abs(steps - round(steps)) < OFF_BEAT and _like(jerk, window):
            first = jerk
    return first.at - 6


def _slope(x: list[float], y: list[float]) -> tuple[float, float]:
    """Slope of a line through points, by least squares, and its standard error."""
    n, x0, y0 = len(x), sum(x) / len(x), sum(y) / len(y)
    spread = sum((a - x0) ** 2 for a in x)
    slope = sum((a - x0) * (b - y0) for a, b in zip(x, y, strict=True)) / spread
    left = sum((b - y0 - slope * (a - x0)) ** 2 for a, b in zip(x, y, strict=True))
    return slope, math.sqrt(left / (n - 2) / spread)


def _like(jerk: Jerk, window: Beat) -> bool:
    """Whether a jerk's size is like the median."""
    return LIKE_SIZE[0] < jerk.size_g / window.size_g < LIKE_SIZE[1]


def _between(value: float, low: float, high: float) -> float:
    return min(high, max(low, value))
