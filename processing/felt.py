"""What the signal says of a label: how large it was, how it turned the baby, where its contractions lie.

It is measured in the same way for every recording, so that "jerks of 4 x baseline" means the same on one simulator, on
another and in a clinic.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import maximum_filter1d, median_filter
from scipy.signal import butter, find_peaks, sosfiltfilt

from processing.events import State
from processing.labels import CONTRACTION, STATES, Label, state_at
from processing.samples import GRID_HZ, Floats, Samples

BAND_HZ: Final = (0.5, 12.0)
"""Where jerks and rhythms lie: jerks under 0.5 s at 0.2-5 Hz, tremor up to 12 Hz."""
QUIET_PERCENTILE: Final = 25.0
LABEL_MARGIN_S: Final = 2.0
"""Seconds around a label that say nothing of quiet."""
QUIET_MIN_S: Final = 20
"""With fewer unlabelled seconds the quiet is taken from all."""
STILL_G: Final = 5e-5
"""Less than this is arithmetic on a constant: the finest clips step by 0.06 mg."""
PEAK_APART_S: Final = 0.2
"""Two peaks nearer than this are one jerk: 5 Hz is the fastest clonic rhythm."""
PART_S: Final = 1.5
"""Every part this long holds a jerk, down to 0.7 Hz."""
SPARSE_PART_S: Final = 30.0
"""Every part this long holds a contraction of a cluster, or a cluster of a series."""
DENSE: Final = frozenset({"rhythmic", "myoclonic_burst", "stiffening"})
AROUND_S: Final = 15.0
CONTRACTION_ROWS: Final = round(3 * GRID_HZ)
"""A contraction lasts 0.4-3 s; what follows is its hold."""
HALF_APART: Final = round(0.35 * GRID_HZ)
"""Half of the longest lull within one contraction, rows."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Measured:
    """A label with what the signal says of it.

    Attributes:
        label: the label.
        state: true sleep state at its onset; `unknown` where no label tells.
        size: median jerk peak over the recording's own quiet level; None where there are no samples.
        tilt_deg: how far gravity turned from before the onset to the label's middle; None without samples.
        contractions: ends of its contractions, stream seconds (`spasm_cluster` only).
    """

    label: Label
    state: State
    size: float | None = None
    tilt_deg: float | None = None
    contractions: tuple[float, ...] = ()


def measure(signal: "Felt", quiet_g: float, labels: Sequence[Label]) -> list[Measured]:
    """Measure every label that is no state; contractions that are labelled belong to their cluster.

    Size: the norm over axes of the acceleration, band-passed 0.5-12 Hz (zero phase, 2nd order each way). Its local
    maxima within the label, at least 0.2 s apart and at least half as high as usual, are the jerk peaks (usual: the
    median, over parts of 1.5 s, 30 s where jerks are sparse, of the largest norm; so a movement over less than half of
    the label changes little); their median is divided by the quiet level (`Felt.quiet_g`). A size of 1 cannot be told
    from quiet.
    """
    plain = [label for label in labels if label.kind not in STATES and label.kind != CONTRACTION]
    few = [label for label in labels if label.kind in {*STATES, CONTRACTION}]
    return [_measure(signal, quiet_g, label, few) for label in plain]


@dataclass(frozen=True, eq=False, slots=True, kw_only=True)
class Felt:
    """A whole recording on the grid, for measuring; NaN where there are no samples.

    Attributes:
        norm_g: norm of the band-passed acceleration, `(n,)`, g.
        accel_g: `(n, 3)`, g.
        step_g: the sensor's smallest step.
    """

    norm_g: Floats
    accel_g: Floats
    step_g: float = 0.0

    @classmethod
    def of(cls, blocks: Sequence[Samples]) -> "Felt":
        """Lay blocks on one time line, and band-pass every stretch without a hole."""
        accel_g = cls.lay(blocks)
        step_g = max((block.resolution_g for block in blocks), default=0.0)
        return cls(norm_g=_band_norm(accel_g), accel_g=accel_g, step_g=step_g)

    @staticmethod
    def lay(blocks: Sequence[Samples]) -> Floats:
        """Lay blocks on one time line, `(n, 3)` g, NaN where there are no samples."""
        accel_g = np.full((max((block.stop for block in blocks), default=0), 3), np.nan)
        for block in blocks:
            accel_g[block.start : block.stop] = block.accel_g
        return accel_g

    def cut(self, values: Floats, onset_s: float, end_s: float) -> Floats:
        """Give the finite rows of an array between two times."""
        first, last = (round(np.clip(t * GRID_HZ, 0, len(values))) for t in (onset_s, end_s))
        part = values[first:last]
        return part[np.isfinite(part if part.ndim == 1 else part[:, 0])]

    def away_g(self, first: int, last: int) -> Floats:
        """How far gravity stands from where it mostly is, for rows first to last, `(n,)`, g."""
        margin = round(AROUND_S * GRID_HZ)
        start = max(0, first - margin)
        accel_g = np.nan_to_num(self.accel_g[start : last + margin])
        slow_g = sosfiltfilt(butter(2, 2.0, fs=GRID_HZ, output="sos"), accel_g, axis=0)
        every = round(GRID_HZ / 5)  # a running median at 5 Hz costs little and loses nothing
        mostly_g = median_filter(slow_g[::every], size=(round(2 * AROUND_S * 5) + 1, 1), mode="nearest")
        away_g = np.linalg.norm(slow_g - np.repeat(mostly_g, every, axis=0)[: len(slow_g)], axis=1)
        return np.asarray(away_g[first - start : last - start])

    def largest_g(self, part_s: float) -> Floats:
        """Largest norm in each part of so many seconds, g; NaN where a sample is missing."""
        rows = round(part_s * GRID_HZ)
        parts = len(self.norm_g) // rows
        return np.asarray(self.norm_g[: parts * rows].reshape(parts, rows).max(axis=1))

    def quiet_g(self, labels: Sequence[Label]) -> float:
        """Quiet level: the 25th percentile, over the seconds outside labels, of the largest norm in each second, g.

        Half a step of the sensor at least, for less cannot be seen; seconds in which no bit moved tell nothing. NaN for
        a recording without a single second that tells.
        """
        peaks = self.largest_g(1.0)
        outside = np.ones(len(peaks), dtype=bool)
        for label in labels:
            if label.kind not in STATES:
                outside[max(0, int(label.onset_s - LABEL_MARGIN_S)) : int(label.end_s + LABEL_MARGIN_S) + 1] = False
        known = peaks > STILL_G  # False for NaN
        chosen = peaks[known & outside] if (known & outside).sum() >= QUIET_MIN_S else peaks[known]
        return max(float(np.percentile(chosen, QUIET_PERCENTILE)), self.step_g / 2) if len(chosen) else float("nan")


def _band_norm(accel_g: Floats) -> Floats:
    sos = butter(2, BAND_HZ, "bandpass", fs=GRID_HZ, output="sos")
    norm_g = np.full(len(accel_g), np.nan)
    for first, last in stretches(np.isfinite(accel_g[:, 0])):
        if last - first > GRID_HZ:  # a shorter stretch is all edge
            norm_g[first:last] = np.linalg.norm(sosfiltfilt(sos, accel_g[first:last], axis=0), axis=1)
    return norm_g


def stretches(true: NDArray[np.bool_]) -> list[tuple[int, int]]:
    """Give (first, after last) of every run of True.

    >>> stretches(np.array([False, True, True, False, True]))
    [(1, 3), (4, 5)]
    """
    edges = np.flatnonzero(np.diff(np.concatenate([[False], true, [False]]).astype(int)))
    return [(int(a), int(b)) for a, b in zip(edges[::2], edges[1::2], strict=True)]


def _measure(signal: Felt, quiet_g: float, label: Label, labels: Sequence[Label]) -> Measured:
    measured = Measured(label=label, state=state_at(labels, label.onset_s))
    norm_g = signal.cut(signal.norm_g, label.onset_s - 0.2, label.end_s + 0.2)
    if len(norm_g) == 0 or not quiet_g > 0:
        return measured
    contractions = _contractions(signal, quiet_g, label, labels) if label.kind == "spasm_cluster" else ()
    part_s = PART_S if label.kind in DENSE else SPARSE_PART_S
    return replace(
        measured,
        size=jerk_peak_g(norm_g, part_s) / quiet_g,
        tilt_deg=_tilt_deg(signal, label),
        contractions=contractions,
    )


def jerk_peak_g(norm_g: Floats, part_s: float = PART_S) -> float:
    """Median height of the jerk peaks in a stretch of the band-passed norm, g (see `measure`)."""
    parts = np.array_split(norm_g, math.ceil(len(norm_g) / (part_s * GRID_HZ)))
    usual_g = float(np.median([part.max() for part in parts]))
    peaks, _ = find_peaks(norm_g, distance=round(PEAK_APART_S * GRID_HZ), height=usual_g / 2)
    return float(np.median(norm_g[peaks])) if len(peaks) else usual_g


def _tilt_deg(signal: Felt, label: Label) -> float | None:
    """Angle between gravity in the 3 s before the label and in its middle half (median over samples, per axis)."""
    before = signal.cut(signal.accel_g, label.onset_s - 3.5, label.onset_s - 0.5)
    quarter = label.duration_s / 4
    during = signal.cut(signal.accel_g, label.onset_s + quarter, label.end_s - quarter)
    if not (len(before) and len(during)):
        return None
    a, b = (np.median(part, axis=0) for part in (before, during))
    cosine = a @ b / max(float(np.linalg.norm(a) * np.linalg.norm(b)), 1e-9)
    return float(np.degrees(np.arccos(np.clip(cosine, -1, 1))))


def _contractions(signal: Felt, quiet_g: float, cluster: Label, labels: Sequence[Label]) -> tuple[float, ...]:
    """Ends of the labelled contractions; without such labels, of those that can be seen, 3 s long at most.

    Seen: gravity stands away from where it mostly is (low-passed at 2 Hz, less its running median over 30 s) by more
    than 3 x quiet and 15 % of its usual excursion; or the band-passed norm is above 3 x quiet and a quarter of its
    usual peak. Stretches less than 0.7 s apart are one: the jolt, the hold and the way back.
    """
    told = [c.end_s for c in labels if c.kind == CONTRACTION and cluster.onset_s <= c.onset_s <= cluster.end_s]
    if told:
        return tuple(told)
    first, last = (round(max(0.0, t) * GRID_HZ) for t in (cluster.onset_s - 0.2, cluster.end_s + 0.2))
    away = _above(signal.away_g(first, last), quiet_g, 0.15)
    jolted = _above(np.nan_to_num(signal.norm_g[first:last]), quiet_g, 0.25)
    active = maximum_filter1d((away | jolted).astype(np.uint8), size=2 * HALF_APART + 1).astype(bool)
    lasting = [(a + HALF_APART, b - HALF_APART) for a, b in stretches(active)]
    return tuple((first + min(b, a + CONTRACTION_ROWS)) / GRID_HZ for a, b in lasting)


def _above(level_g: Floats, quiet_g: float, part: float) -> NDArray[np.bool_]:
    """Where a level is above 3 x quiet and a part of the 90th percentile of its peaks."""
    peaks, _ = find_peaks(level_g, distance=round(2 * GRID_HZ))
    usual_g = float(np.percentile(level_g[peaks], 90)) if len(peaks) else float(level_g.max(initial=0))
    return np.asarray(level_g > max(3 * quiet_g, part * usual_g))
