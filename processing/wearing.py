"""Off body: for minutes nothing is felt that a body does, neither movement nor breathing.

Every 40 s without a jerk or sway, the power of 0.25-1.2 Hz, where breathing lies (0.43-0.73 Hz, Fleming 2011), is
taken over all axes, less what white noise of the level at 4-11 Hz leaves there. When its root mean square stays below
0.55 mg for five minutes, and their mean spectrum has no line at 0.3-1.2 Hz, nothing breathes. A clip whose step or
noise would hide a breath is not judged; nor is one whose noise does not move its last bit, for then little shows.
"""

from dataclasses import replace
from statistics import median
from typing import Annotated, Final

import msgspec
import numpy as np

from processing.events import OffBody
from processing.moment import Moment
from processing.movement import HOP
from processing.samples import GRID_HZ, Floats
from processing.spectra import Spectra

WINDOW: Final = 1024
"""Rows of one spectrum: 20.5 s."""
BREATH_HZ: Final = (0.25, 1.2)
LINE_HZ: Final = (0.3, 1.2)
WHITE_HZ: Final = (4.0, 11.0)
_SPECTRA: Final = Spectra(WINDOW)
_BREATH: Final = _SPECTRA.lines(BREATH_HZ)
_LINE: Final = _SPECTRA.lines(LINE_HZ)
_WHITE: Final = _SPECTRA.lines(WHITE_HZ)
_EVERY_ROWS: Final = 80 * HOP
"""Looks lie on the same rows, whatever gap came before."""


class WearingSettings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """When the clip lies somewhere else. Tuned on the training split and the third generator."""

    lasts_s: Annotated[float, msgspec.Meta(gt=0)] = 290.0
    breath_mg: Annotated[float, msgspec.Meta(gt=0)] = 0.55
    """Root mean square of 0.25-1.2 Hz over all axes below which nothing breathes; a faint breath of 1 mg has 0.7."""
    resolution_mg_max: Annotated[float, msgspec.Meta(gt=0)] = 2.5
    noise_mg_max: Annotated[float, msgspec.Meta(gt=0)] = 2.0
    """Of one axis: with more, a faint breath is no line over the noise."""
    noise_mg_min: Annotated[float, msgspec.Meta(ge=0)] = 0.05
    """No sensor is quieter; what is sends the same value again and again."""
    dither: Annotated[float, msgspec.Meta(ge=0)] = 0.15
    """Noise over the step below which the last bit does not move with what is felt."""
    line: Annotated[float, msgspec.Meta(gt=1)] = 1.9
    """Strongest line of 0.3-1.2 Hz over the middle of that band, in the mean spectrum: noise reaches 1.8, a breath of
    0.5 mg in noise of 2 mg 4.6."""
    jerk_over_quiet: Annotated[float, msgspec.Meta(gt=1)] = 2.5
    """Jerk band over the quiet: noise reaches 1.9 in minutes, twitches have 3.7 and more."""
    windows: Annotated[int, msgspec.Meta(gt=0)] = 7
    """Spectra that count in that mean."""


class Wearing:
    """Watch for signs of a body."""

    def __init__(self, settings: WearingSettings) -> None:
        self._settings = settings
        self.restart()

    def restart(self) -> None:
        """Forget, after a gap."""
        self.open: OffBody | None = None
        self._from: int | None = None
        self._mean = np.zeros(len(_SPECTRA.hz))

    def decides(self, moment: Moment) -> bool:
        """Whether resolution and noise let a breath through."""
        s = self._settings
        return moment.resolution_g * 1000 <= s.resolution_mg_max

    def push(self, moment: Moment) -> list[OffBody]:
        """Take one hop."""
        if moment.active and self._moves(moment):
            self._from = None
            return self.close(moment.seen)
        if moment.stop % _EVERY_ROWS:
            if self.open is not None and moment.stop % GRID_HZ < HOP:
                self.open = replace(self.open, end=moment.stop, updated=moment.seen)
                return [self.open]
            return []
        return self._look(moment)

    def close(self, seen: int) -> list[OffBody]:
        """End what is open."""
        if self.open is None:
            return []
        ended = replace(self.open, open=False, updated=max(seen, self.open.updated))
        self.open = None
        return [ended]

    def _moves(self, moment: Moment) -> bool:
        """Whether a body moves, for what lies somewhere neither sways nor jerks."""
        jerks = moment.peak_g > self._settings.jerk_over_quiet * moment.quiet_g
        return jerks or moment.sway_g > moment.sway_threshold_g

    def _look(self, moment: Moment) -> list[OffBody]:
        s = self._settings
        raw = moment.movement.raw.view(moment.stop - WINDOW, moment.stop)
        if len(raw) < WINDOW or not self.decides(moment):
            return []
        power = _SPECTRA.power(raw)
        breath_mg, noise_mg = _levels_mg(power)
        self._mean = power if self._from is None else self._mean + (power - self._mean) / s.windows
        hidden = noise_mg > s.noise_mg_max or noise_mg < max(s.noise_mg_min, s.dither * 1000 * moment.resolution_g)
        if hidden or breath_mg > s.breath_mg:
            self._from = None
            return self.close(moment.seen)
        if self._from is None:
            self._from = moment.stop - WINDOW
        if moment.stop - self._from < s.lasts_s * GRID_HZ:
            return []
        if _line(self._mean) > s.line:
            return self.close(moment.seen)
        if self.open is None:
            self.open = OffBody(
                onset=max(self._from, moment.begin),
                end=moment.stop,
                reported=moment.seen,
                updated=moment.seen,
                open=True,
                state=moment.state,
                noise_mg=round(noise_mg, 2),
            )
            return [self.open]
        return []


def _levels_mg(power: Floats) -> tuple[float, float]:
    """Root mean square of 0.25-1.2 Hz over all axes, white noise taken off, and the white noise of one axis, mg."""
    white = median(power[_WHITE].tolist()) / 0.9
    breath = max(0.0, float(power[_BREATH].sum()) - white * (_BREATH.stop - _BREATH.start))
    return 1000 * float(np.sqrt(breath)), 1000 * float(np.sqrt(white * WINDOW / 2 / 3))


def _line(power: Floats) -> float:
    """Strongest line of 0.3-1.2 Hz over the middle of that band."""
    lines = power[_LINE]
    return float(lines.max()) / max(float(np.median(lines)), 1e-18)
