"""Rules of other systems, run on the same data for comparison.

OpenSeizureDetector's default rule (the phone app's, made for tonic-clonic seizures felt at the wrist of children and
adults), written from a description of what it computes. It is weak for infants by design: clonic rhythms of 1-3 Hz lie
below its band, and a sideways jerk of 100 mg changes the vector's length by 5 mg.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Final

import numpy as np
from scipy.signal import resample_poly

from processing.felt import Felt, stretches
from processing.samples import GRID_HZ, Floats, Samples
from processing.scoring import HIGH, AlertSpan, Heard

RATE_HZ: Final = 25.0
WINDOW: Final = 125
WINDOW_S: Final = WINDOW / RATE_HZ
SPECTRUM_BINS: Final = slice(1, 61)
"""0.2-12 Hz, in steps of 0.2 Hz."""
REGION_BINS: Final = slice(15, 40)
"""3-7.8 Hz, where it looks for a seizure."""
REGION_POWER_MIN: Final = 100
RATIO_MIN: Final = 57
"""Ten times the region's mean power over the spectrum's."""
WARNING_AFTER_S: Final = 5.0
ALARM_AFTER_S: Final = 10.0
MERGE_S: Final = 180.0
"""Not the peer's: alarms nearer than this are counted as one false alert, as ours are."""


def is_bad(window_mg: Floats) -> bool:
    """Judge one 5 s window of the vector's length, `(125,)`, mg.

    P = |rfft|^2, not normalised. spec = sum(P[1..60]) / 125 / 2 and roi = sum(P[15..39]) / 25, each cut to an integer
    and divided by 1000 as an integer (spec 0 counts as 1). Bad: roi > 100 and (10 roi) // spec > 57.
    """
    power = np.abs(np.fft.rfft(window_mg)) ** 2
    spectrum = int(power[SPECTRUM_BINS].sum() / WINDOW / 2) // 1000 or 1
    region = int(power[REGION_BINS].sum() / (REGION_BINS.stop - REGION_BINS.start)) // 1000
    return region > REGION_POWER_MIN and (10 * region) // spectrum > RATIO_MIN


@dataclass(frozen=True, slots=True)
class _Alarm:
    """Where the counter stands: each bad window adds 5 s; a good one steps down from alarm to warning to ok."""

    status: int = 0  # 0 ok, 1 warning, 2 alarm
    bad_s: float = 0.0

    def after(self, *, bad: bool) -> "_Alarm":
        if bad:
            bad_s = self.bad_s + WINDOW_S
            return _Alarm(2 if bad_s > ALARM_AFTER_S else 1 if bad_s > WARNING_AFTER_S else self.status, bad_s)
        return _Alarm(1, self.bad_s) if self.status == 2 else _Alarm()  # noqa: PLR2004  alarm


def open_seizure_detector(blocks: Sequence[Samples]) -> Heard:
    """Run the rule over a recording; its alarms count as high alerts, its warnings are left out.

    Input is brought to 25 Hz (FIR low-pass, without delay). The rule starts afresh after every hole.
    """
    spans: list[AlertSpan] = []
    for start_s, window_mg in _stretches_mg(blocks):
        bad = [is_bad(row) for row in window_mg]
        spans += _alarms(start_s, bad)
    return Heard(spans=tuple(_merged(spans)))


def _stretches_mg(blocks: Sequence[Samples]) -> Iterator[tuple[float, Floats]]:
    accel_g = Felt.lay(blocks)
    for first, last in stretches(np.isfinite(accel_g[:, 0])):
        slow_g = resample_poly(accel_g[first:last], 1, round(GRID_HZ / RATE_HZ), axis=0, padtype="line")
        windows = len(slow_g) // WINDOW
        yield first / GRID_HZ, 1000 * np.linalg.norm(slow_g[: windows * WINDOW], axis=1).reshape(windows, WINDOW)


def _alarms(start_s: float, bad: Iterable[bool]) -> list[AlertSpan]:
    spans: list[AlertSpan] = []
    state, begun_s, raised_s, now_s = _Alarm(), start_s, None, start_s
    for window in bad:
        begun_s = now_s if window and state.bad_s == 0 else begun_s
        now_s += WINDOW_S
        state = state.after(bad=window)
        if state.status == 2 and raised_s is None:  # noqa: PLR2004  alarm
            raised_s = now_s
        elif state.status < 2 and raised_s is not None:  # noqa: PLR2004  alarm
            spans.append(_span(begun_s, raised_s, now_s))
            raised_s = None
    return spans if raised_s is None else [*spans, _span(begun_s, raised_s, now_s)]


def _merged(spans: Iterable[AlertSpan]) -> Iterator[AlertSpan]:
    """Count alarms less than 3 min apart as one alert, as ours are."""
    last: AlertSpan | None = None
    for span in spans:
        last = replace(span, id=last.id) if last and span.onset_s - last.end_s < MERGE_S else span
        yield last


def _span(onset_s: float, start_s: float, end_s: float) -> AlertSpan:
    return AlertSpan(
        id=f"alarm-{start_s:.2f}",
        kind="alarm",
        priority=HIGH,
        technical=False,
        onset_s=onset_s,
        start_s=start_s,
        end_s=end_s,
    )
