"""Stiffening: a step of posture that is held, with a tremor of 7-13 Hz while it is held.

    trembles   the last 3 s have a line at 7-13 Hz that holds most of the power above 3 Hz, over the own quiet
    step       the posture differs from that before the tremor, and was taken within 2.5 s of its onset
    held       the posture of the last 2 s is that of the 2 s before

A turn-over ends in quiet; a vehicle shakes over a broad band; jitteriness takes no posture.
"""

from dataclasses import replace
from typing import Annotated, Final

import msgspec
import numpy as np
from numpy.typing import NDArray

from processing.events import Stiffening
from processing.moment import Moment, angle_deg, mean_posture
from processing.movement import HOP, HOP_S
from processing.samples import GRID_HZ

SECOND: Final = int(GRID_HZ)
WINDOW: Final = 150
TREMOR_HZ: Final = (7.0, 13.0)
"""8-12 Hz (docs/movements.md, prior), and a little beyond."""
ABOVE_HZ: Final = (3.0, 20.0)
LOOKS_FROM_S: Final = 1.5
BEFORE_HOPS: Final = 4
NARROW_HOPS: Final = 4
"""Hops in a row in which the tremor's line must stand: the shaking of a vehicle wanders."""
SAME_HZ: Final = 1.5
CALM_ROWS: Final = 100
LOOKS_S: Final = 10.0
"""How long after the shortest tremor a step of posture may come to rest: jerks may come first."""
CALM_HOPS: Final = 2
"""Hops without sway: the step is over, only the tremor goes on."""
_FFT: Final = 256
_HZ: Final = np.fft.rfftfreq(_FFT, 1 / GRID_HZ)


def _between(band_hz: tuple[float, float]) -> NDArray[np.bool_]:
    return np.asarray((band_hz[0] <= _HZ) & (band_hz[1] >= _HZ))


_HANN: Final = np.hanning(WINDOW)[:, None]
_TREMOR: Final = _between(TREMOR_HZ)
_ABOVE: Final = _between(ABOVE_HZ)
_LINE: Final = 1.6


class TonicSettings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """When a hold is stiffening. Tuned on the training split and the third generator."""

    rate_hz_min: Annotated[float, msgspec.Meta(gt=0)] = 24.0
    """Slower clips cannot show 8-12 Hz (docs/events.md: not judged below 25 Hz)."""
    tilt_deg: Annotated[float, msgspec.Meta(gt=0)] = 4.0
    tremor_over_quiet: Annotated[float, msgspec.Meta(gt=1)] = 1.15
    """Smallest hop of the tremor over the quiet level of 1 s peaks."""
    line: Annotated[float, msgspec.Meta(gt=0, lt=1)] = 0.62
    """Share of the power of 3-20 Hz within 1.6 Hz of the tremor's line."""
    steady: Annotated[float, msgspec.Meta(gt=0, lt=1)] = 0.15
    """Smallest envelope of the last 2 s over the largest: a tremor does not stop."""
    lasts_s: Annotated[float, msgspec.Meta(gt=0)] = 3.5
    moved_deg: Annotated[float, msgspec.Meta(gt=0)] = 0.3
    """Share of the tilt by which the posture may drift while it is held."""


class Tonic:
    """Follow holds with tremor."""

    def __init__(self, settings: TonicSettings) -> None:
        self._settings = settings
        self.restart()

    def restart(self) -> None:
        """Forget, after a gap."""
        self.open: Stiffening | None = None
        self._hops = self._missed = self._calm = self._narrow_hops = 0
        self._hz = self._share = 0.0

    def rest(self) -> None:
        """Take a hop in which nothing moves."""
        self._hops = self._missed = self._narrow_hops = 0
        self._calm += 1

    def push(self, moment: Moment, *, handled: bool) -> list[Stiffening]:
        """Take one hop; what shakes while the wearer is handled is no tremor."""
        self._calm = 0 if moment.sway_g > max(moment.sway_threshold_g, 1.5 * moment.peak_g) else self._calm + 1
        if moment.peak_g > self._settings.tremor_over_quiet * moment.quiet_g:
            self._hops, self._missed = self._hops + 1 + self._missed, 0
        else:
            self._missed += 1
            if self._missed > 1:
                self._hops = self._missed = 0
        self._narrow_hops = self._narrow_hops + 1 if not handled and self._trembles(moment) else 0
        if self._hops * HOP_S < self._settings.lasts_s or moment.rate_hz < self._settings.rate_hz_min:
            return self.close(moment.seen) if self.open is not None else []
        if self.open is not None:
            self.open = replace(self.open, end=moment.stop, updated=moment.seen)
            return [self.open]
        return [] if handled else self._maybe_begin(moment)

    def close(self, seen: int) -> list[Stiffening]:
        """End what is open."""
        if self.open is None:
            return []
        ended = replace(self.open, open=False, updated=max(seen, self.open.updated))
        self.open = None
        return [ended]

    def _maybe_begin(self, moment: Moment) -> list[Stiffening]:
        s = self._settings
        if self._hops * HOP_S > s.lasts_s + LOOKS_S or moment.mimic or moment.rhythm or self._calm < CALM_HOPS:
            return []
        if self._narrow_hops < NARROW_HOPS:
            return []
        envelope = moment.movement.envelope.view(moment.stop - CALM_ROWS, moment.stop)
        if envelope.min() < s.steady * envelope.max():
            return []
        tilt_deg = self._step_deg(moment)
        if tilt_deg is None or tilt_deg < s.tilt_deg:
            return []
        onset = moment.stop - self._hops * HOP
        self.open = Stiffening(
            onset=max(onset, moment.begin),
            end=moment.stop,
            reported=moment.seen,
            updated=moment.seen,
            open=True,
            state=moment.state,
            tilt_deg=round(tilt_deg, 1),
            tremor_hz=round(self._hz, 1),
            size=round(moment.peak_g / moment.quiet_g, 2),
            margin=round(self._share - s.line, 3),
        )
        return [self.open]

    def _trembles(self, moment: Moment) -> bool:
        """Whether one line at 7-13 Hz, the same as a hop before, holds most of the power above 3 Hz."""
        lasted_s = self._hops * HOP_S
        if (
            moment.rate_hz < self._settings.rate_hz_min
            or not LOOKS_FROM_S <= lasted_s <= self._settings.lasts_s + LOOKS_S
        ):
            return False
        before = self._hz
        self._hz, self._share = self._tremor(moment)
        return self._share >= self._settings.line and (not self._narrow_hops or abs(self._hz - before) < SAME_HZ)

    def _tremor(self, moment: Moment) -> tuple[float, float]:
        """Frequency of the tremor's line, and its share of the power above 3 Hz."""
        raw = moment.movement.raw.view(moment.stop - WINDOW, moment.stop)
        if len(raw) < WINDOW:
            return 0.0, 0.0
        spectrum = np.fft.rfft((raw - raw.mean(axis=0)) * _HANN, _FFT, axis=0)
        power = (spectrum.real**2 + spectrum.imag**2).sum(axis=1)
        hz = float(_HZ[int(np.argmax(power * _TREMOR))])
        near = power[np.abs(_HZ - hz) <= _LINE].sum()
        return hz, float(near / max(power[_ABOVE].sum(), 1e-18))

    def _step_deg(self, moment: Moment) -> float | None:
        """Angle between the posture before the tremor and the one held; None where it is not a step that is held."""
        s = self._settings
        before = moment.last(BEFORE_HOPS, skip=self._hops + 2)
        if len(before) < BEFORE_HOPS:
            return None
        held, taken = mean_posture(moment.last(3)), mean_posture(moment.last(3, skip=3))
        tilt_deg = angle_deg(mean_posture(before), held)
        if angle_deg(taken, held) > s.moved_deg * tilt_deg:
            return None
        return tilt_deg
