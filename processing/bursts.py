"""Myoclonic bursts of sleep: brief jerks at most 3 s apart, ten seconds at most (Sokoloff 2020, PMC8513809)."""

from typing import Annotated, Final

import msgspec

from processing.events import MyoclonicBurst, State
from processing.jerks import Jerk
from processing.moment import Moment
from processing.samples import GRID_HZ

APART_S: Final = 3.0
LASTS_S: Final = 10.0


class BurstSettings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What counts as a jerk of a burst. Tuned on the simulator's training split."""

    over_quiet: Annotated[float, msgspec.Meta(gt=1)] = 2.0
    """A single jerk must stand out more than one of a rhythm: noise alone reaches 1.7 in ten hours."""


class Bursts:
    """Group brief jerks."""

    def __init__(self, settings: BurstSettings) -> None:
        self._settings = settings
        self.restart()

    def restart(self) -> None:
        """Forget, after a gap."""
        self._jerks: list[Jerk] = []
        self._spoilt = False
        self._quiet_g = 1.0

    @property
    def idle(self) -> bool:
        """Whether no burst goes on."""
        return not self._jerks

    def push(self, moment: Moment, *, explained: bool) -> list[MyoclonicBurst]:
        """Take one hop; `explained` while handling, hiccups or a rhythm account for the jerks."""
        if moment.state is not State.ASLEEP or explained:
            self._jerks = []
            return []
        out: list[MyoclonicBurst] = []
        for jerk in moment.jerks:
            if jerk.size_g < self._settings.over_quiet * moment.quiet_g:
                continue
            if self._jerks and (
                jerk.at - self._jerks[-1].at > APART_S * GRID_HZ or jerk.at - self._jerks[0].at > LASTS_S * GRID_HZ
            ):
                out += self._done(moment)
            self._jerks.append(jerk)
        if moment.gross and self._jerks:
            self._spoilt = True
        if self._jerks and moment.stop - self._jerks[-1].at > APART_S * GRID_HZ:
            out += self._done(moment)
        return out

    def _done(self, moment: Moment) -> list[MyoclonicBurst]:
        jerks, spoilt = self._jerks, self._spoilt
        self._jerks, self._spoilt = [], False
        if spoilt or moment.rhythm:
            return []
        peak_g = max(j.size_g for j in jerks)
        return [
            MyoclonicBurst(
                onset=max(moment.begin, jerks[0].at - 6),
                end=jerks[-1].at + 8,
                reported=moment.seen,
                updated=moment.seen,
                open=False,
                state=moment.state,
                jerks=len(jerks),
                peak_mg=round(peak_g * 1000, 1),
                size=round(peak_g / moment.quiet_g, 2),
            )
        ]
