"""Off body: for minutes nothing is felt that a body does, neither movement nor breathing.

Every 40 s without sway, the power of 0.25-1.2 Hz, where breathing lies (0.43-0.73 Hz, Fleming 2011), is taken over
all axes, less what white noise of the level at 4-11 Hz leaves there. When its root mean square stays below 0.55 mg for
150 s, nothing breathes. A clip whose step or noise would hide a breath is not judged.
"""

from dataclasses import replace
from typing import Annotated, Final

import msgspec
import numpy as np
from numpy.typing import NDArray

from processing.events import OffBody
from processing.moment import Moment
from processing.movement import HOP
from processing.samples import GRID_HZ

WINDOW: Final = 1024
"""Rows of one spectrum: 20.5 s."""
BREATH_HZ: Final = (0.25, 1.2)
WHITE_HZ: Final = (4.0, 11.0)
_HZ: Final = np.fft.rfftfreq(WINDOW, 1 / GRID_HZ)


def _between(band_hz: tuple[float, float]) -> NDArray[np.bool_]:
    return np.asarray((band_hz[0] <= _HZ) & (band_hz[1] >= _HZ))


_HANN: Final = np.hanning(WINDOW)[:, None]
_BREATH: Final = _between(BREATH_HZ)
_WHITE: Final = _between(WHITE_HZ)
_EVERY_HOPS: Final = 80


class WearingSettings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """When the clip lies somewhere else. Tuned on the training split and the third generator."""

    lasts_s: Annotated[float, msgspec.Meta(gt=0)] = 150.0
    breath_mg: Annotated[float, msgspec.Meta(gt=0)] = 0.55
    """Root mean square of 0.25-1.2 Hz over all axes below which nothing breathes; a faint breath of 1 mg has 0.7."""
    resolution_mg_max: Annotated[float, msgspec.Meta(gt=0)] = 2.5
    noise_mg_max: Annotated[float, msgspec.Meta(gt=0)] = 2.5
    """Of one axis: with more, noise alone leaves 0.8 mg in the band."""


class Wearing:
    """Watch for signs of a body."""

    def __init__(self, settings: WearingSettings) -> None:
        self._settings = settings
        self.restart()

    def restart(self) -> None:
        """Forget, after a gap."""
        self.open: OffBody | None = None
        self._from: int | None = None
        self._hops = 0

    def decides(self, moment: Moment) -> bool:
        """Whether resolution and noise let a breath through."""
        s = self._settings
        return moment.resolution_g * 1000 <= s.resolution_mg_max

    def push(self, moment: Moment) -> list[OffBody]:
        """Take one hop."""
        self._hops += 1
        if moment.active and moment.sway_g > moment.sway_threshold_g:
            self._from = None
            return self.close(moment.seen)
        if self._hops % _EVERY_HOPS:
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

    def _look(self, moment: Moment) -> list[OffBody]:
        s = self._settings
        raw = moment.movement.raw.view(moment.stop - WINDOW, moment.stop)
        if len(raw) < WINDOW or not self.decides(moment):
            return []
        breath_mg, noise_mg = _levels_mg(raw)
        if breath_mg > s.breath_mg or noise_mg > s.noise_mg_max:
            self._from = None
            return self.close(moment.seen)
        if self._from is None:
            self._from = moment.stop - WINDOW
        if self.open is None and moment.stop - self._from >= s.lasts_s * GRID_HZ:
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


def _levels_mg(raw: np.ndarray) -> tuple[float, float]:
    """Root mean square of 0.25-1.2 Hz over all axes, white noise taken off, and the white noise of one axis, mg."""
    ramp = np.linspace(-1, 1, len(raw))[:, None]
    level = raw - raw.mean(axis=0)
    level = level - ramp * (ramp * level).sum(axis=0) / (ramp**2).sum()
    spectrum = np.fft.rfft(level * _HANN, axis=0)
    power = (spectrum.real**2 + spectrum.imag**2).sum(axis=1) * (2 / (WINDOW * (_HANN**2).sum()))
    white = float(np.median(power[_WHITE])) / 0.9
    breath = max(0.0, float(power[_BREATH].sum()) - white * int(_BREATH.sum()))
    return 1000 * float(np.sqrt(breath)), 1000 * float(np.sqrt(white * WINDOW / 2 / 3))
