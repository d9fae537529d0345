"""Stiffening: a step of posture that is held, with a tremor that begins with it.

    step       the posture differs by 8-60 degrees from one of the 17 s before
    held       but the half seconds of the last 2 s by little
    trembles   in windows of 2 s, less the wearer's own quiet, 5.5-13 Hz holds most of the power over 2.5 Hz, and one
               line most of that over 3 Hz
    begins     when the first such window ends, the posture has been held for 3.5 s at most, and the tremor was not
               there before the step

A turn-over ends in quiet, or turns further; the jerks of a rhythm and ordinary movement have most of their power lower;
jitteriness takes no posture; a vehicle shakes before the posture changes too, and over a broad band: where much
shook before, more is asked of the line. Jerks may come before the step.
"""

from dataclasses import dataclass, replace
from typing import Annotated, Final

import msgspec

from processing.events import Stiffening
from processing.moment import Moment, angle_deg, mean_posture
from processing.movement import HOP, HOP_S
from processing.spectra import Spectra

WINDOW: Final = 100
TREMOR_HZ: Final = (5.5, 13.0)
"""8-12 Hz (docs/movements.md, prior), and what a tremor that wanders spreads around it."""
SLOW_HZ: Final = (2.5, 20.0)
"""A hold that is unsteady wavers below; of five such (seventh generator) two are found from 2 Hz, all from 2.5-3 Hz."""
ABOVE_HZ: Final = (3.0, 20.0)
BEFORE_HOPS: Final = 3
BEFORE_S: Final = (3.0, 17.0)
"""How long ago the posture before the step is looked for."""
HELD_HOPS: Final = 4
LIFTED_HOPS: Final = 40
NEVER: Final = 2.0
"""No share reaches this."""
MISSED_HOPS: Final = 3
"""Hops without tremor that end it."""
_SPECTRA: Final = Spectra(WINDOW, 256)
_TREMOR: Final = _SPECTRA.lines(TREMOR_HZ)
_SLOW: Final = _SPECTRA.lines(SLOW_HZ)
_ABOVE: Final = _SPECTRA.lines(ABOVE_HZ)
_LINE: Final = 1.6
LINE_FROM_HZ: Final = 6.0
"""A line that ends at the band's lower edge has most of its power below it: patting's harmonics and ringing cloth."""
NOISE: Final = 0.05
"""Power of each Hz over the quiet squared: noise whose 1 s peaks reach the quiet has a mean square of half of it in the
10 Hz of the jerk band."""
NOISE_MOST: Final = 0.4
"""Share of the power that may be noise: where there is nothing else, taking all of it away would leave chance."""


class TonicSettings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """When a hold is stiffening. Tuned on the training split, and the third to fifth generators."""

    rate_hz_min: Annotated[float, msgspec.Meta(gt=0)] = 24.0
    """Slower clips cannot show 8-12 Hz (docs/events.md: not judged below 25 Hz)."""
    tilt_deg: tuple[float, float] = (8.0, 60.0)
    """Vehicles tip less, and a turn-over goes further."""
    held: Annotated[float, msgspec.Meta(gt=0)] = 0.3
    """Share of the tilt by which the posture may drift while it is held."""
    held_hops: Annotated[int, msgspec.Meta(ge=1)] = 7
    """Hops for which the posture is held at most when its tremor is first seen."""
    tremor_over_quiet: Annotated[float, msgspec.Meta(gt=1)] = 1.1
    """Smallest hop of the tremor over the quiet level of 1 s peaks."""
    share_least: Annotated[float, msgspec.Meta(gt=0, lt=1)] = 0.55
    share: Annotated[float, msgspec.Meta(gt=0, lt=1)] = 0.7
    """Of the power of 2.5-20 Hz in 5.5-13 Hz, in each window and on the mean: over 2 Hz, 95 % of tremors hold 0.73 and
    more, 95 % of other movements 0.65 and less, noise included."""
    line: Annotated[float, msgspec.Meta(gt=0, lt=1)] = 0.6
    """Mean share of the power of 3-20 Hz within 1.6 Hz of the tremor's line: most vehicles hold less."""
    line_lifted: Annotated[float, msgspec.Meta(gt=0, lt=1)] = 0.7
    """The same after much movement: the wearer may have been lifted into a vehicle."""
    line_shaken: Annotated[float, msgspec.Meta(gt=0, lt=1)] = 0.85
    """The same where nearly all of the last 12-20 s shook: a vehicle's share is smaller, a tremor's reaches 0.95."""
    lifted_s: Annotated[float, msgspec.Meta(gt=0)] = 6.0
    """Sway within 20 s that is much movement; a step takes 2-3 s."""
    steady: Annotated[float, msgspec.Meta(gt=0, lt=1)] = 0.14
    """Mean of the smallest envelope of a window over its largest: what rings dies down."""
    windows: tuple[int, int] = (3, 6)
    """Windows, a hop apart, to average over: at least, at most."""
    there_before: Annotated[float, msgspec.Meta(gt=0, lt=1)] = 0.4
    """A tremor of this share of the power was there before the step."""


@dataclass(frozen=True, slots=True)
class _Tremor:
    """A window: line, Hz; power of the band, its share, the line's share, smallest envelope over the largest."""

    hz: float
    power: float
    share: float
    line: float
    steady: float


class Tonic:
    """Follow holds with tremor."""

    def __init__(self, settings: TonicSettings) -> None:
        self._settings = settings
        self.restart()

    def restart(self) -> None:
        """Forget, after a gap."""
        self.open: Stiffening | None = None
        self._missed = 0
        self._line = 0.0
        self._tremors: list[_Tremor] = []

    def rest(self) -> None:
        """Take a hop in which nothing moves."""
        self._tremors = []

    def push(self, moment: Moment, *, quiet_g: float, shaken: bool) -> list[Stiffening]:
        """Take one hop.

        Args:
            moment: the hop.
            quiet_g: highest level that the wearer's quiet may have.
            shaken: a vehicle has shaken the wearer, which it does over the same band.
        """
        s = self._settings
        stands_out = moment.peak_g > s.tremor_over_quiet * quiet_g
        if self.open is not None:
            return self._go_on(moment, stands_out=stands_out)
        judged = stands_out and moment.rate_hz >= s.rate_hz_min
        tilt_deg = self._step_deg(moment) if judged else None
        tremor = _tremor(moment, moment.stop) if tilt_deg is not None else None
        if tilt_deg is None or tremor is None or tremor.share < s.share_least:
            self._missed += 1
            if self._missed >= MISSED_HOPS:
                self._tremors = []
            return []
        self._missed = 0
        if not self._tremors:
            self._line = self._line_asked(moment, tilt_deg, tremor)
        if shaken:
            self._line = max(self._line, s.line_shaken)
        self._tremors = [*self._tremors[1 - s.windows[1] :], tremor]
        return self._begin(moment, tilt_deg) if self._trembles() else []

    def close(self, seen: int) -> list[Stiffening]:
        """End what is open."""
        if self.open is None:
            return []
        ended = replace(self.open, open=False, updated=max(seen, self.open.updated))
        self.open, self._tremors = None, []
        return [ended]

    def _go_on(self, moment: Moment, *, stands_out: bool) -> list[Stiffening]:
        assert self.open is not None
        self._missed = 0 if stands_out else self._missed + 1
        if self._missed >= MISSED_HOPS:
            return self.close(moment.seen)
        self.open = replace(self.open, end=moment.stop, updated=moment.seen)
        return [self.open]

    def _begin(self, moment: Moment, tilt_deg: float) -> list[Stiffening]:
        onset = moment.stop - len(self._tremors) * HOP - WINDOW
        self.open = Stiffening(
            onset=max(onset, moment.begin),
            end=moment.stop,
            reported=moment.seen,
            updated=moment.seen,
            open=True,
            state=moment.state,
            tilt_deg=round(tilt_deg, 1),
            tremor_hz=round(self._tremors[-1].hz, 1),
            size=round(moment.peak_g / moment.quiet_g, 2),
            margin=round(_mean([t.line for t in self._tremors]) - self._line, 3),
        )
        return [self.open]

    def _line_asked(self, moment: Moment, tilt_deg: float, tremor: _Tremor) -> float:
        """Share of the line that is asked of a tremor first seen; over 1 if it did not begin with a step."""
        s = self._settings
        held = _held_hops(moment, s.held * tilt_deg)
        if held > s.held_hops:
            return NEVER
        before = _tremor(moment, moment.stop - held * HOP - WINDOW)
        if before is not None and self._there(before, tremor):
            return NEVER
        swayed = sum(hop.swayed for hop in moment.last(LIFTED_HOPS))
        return s.line_lifted if swayed * HOP_S >= s.lifted_s else s.line

    def _there(self, before: _Tremor, tremor: _Tremor) -> bool:
        s = self._settings
        return before.share > s.share and before.steady > s.steady and before.power > s.there_before * tremor.power

    def _trembles(self) -> bool:
        s, tremors = self._settings, self._tremors
        return (
            len(tremors) >= s.windows[0]
            and _mean([t.share for t in tremors]) >= s.share
            and _mean([t.line for t in tremors]) >= self._line
            and _mean([t.steady for t in tremors]) >= s.steady
        )

    def _step_deg(self, moment: Moment) -> float | None:
        """Angle between the posture before the step and the one held; None where it is not a step that is held."""
        least_deg, most_deg = self._settings.tilt_deg
        hops = moment.last(HELD_HOPS)
        held = mean_posture(hops)
        tilt_deg = max((angle_deg(before, held) for before in _before(moment)), default=0.0)
        if not least_deg <= tilt_deg <= most_deg:
            return None
        drift_deg = max(angle_deg(hop.posture_g, held) for hop in hops)
        return tilt_deg if drift_deg <= self._settings.held * tilt_deg else None


def _mean(values: list[float]) -> float:
    return sum(values) / len(values)


def _before(moment: Moment) -> list[list[float]]:
    """Postures of the time before."""
    first, last = (round(s / HOP_S) for s in BEFORE_S)
    hops = moment.last(last - first, skip=first)[::-1]
    return [mean_posture(hops[k : k + BEFORE_HOPS]) for k in range(0, len(hops) - BEFORE_HOPS + 1, BEFORE_HOPS)]


def _held_hops(moment: Moment, drift_deg: float) -> int:
    """Hops for which the posture has been the one of the last second."""
    held = mean_posture(moment.last(2))
    for count, hop in enumerate(reversed(moment.hops)):
        if angle_deg(hop.posture_g, held) > drift_deg:
            return count
    return len(moment.hops)


def _tremor(moment: Moment, stop: int) -> _Tremor | None:
    """Measure the window before a row; None where it is not kept."""
    raw = moment.movement.raw.view(stop - WINDOW, stop)
    if len(raw) < WINDOW:
        return None
    envelope = moment.movement.envelope.view(stop - WINDOW, stop)
    power = _SPECTRA.power(raw)
    hz = float(_SPECTRA.hz[_TREMOR.start + int(power[_TREMOR].argmax())])
    low_hz, high_hz = max(hz - _LINE, LINE_FROM_HZ), hz + _LINE
    slow = float(power[_SLOW].sum())
    noise = min(NOISE * moment.quiet_g**2, NOISE_MOST * slow / _width(SLOW_HZ))
    band = float(power[_TREMOR].sum()) - noise * _width(TREMOR_HZ)
    line = float(power[_SPECTRA.lines((low_hz, high_hz))].sum()) - noise * (high_hz - low_hz)
    above = float(power[_ABOVE].sum()) - noise * _width(ABOVE_HZ)
    return _Tremor(
        hz=hz,
        power=band,
        share=band / max(slow - noise * _width(SLOW_HZ), 1e-18),
        line=line / max(above, 1e-18),
        steady=float(envelope.min() / max(envelope.max(), 1e-9)),
    )


def _width(band_hz: tuple[float, float]) -> float:
    return band_hz[1] - band_hz[0]
