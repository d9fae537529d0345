"""Cost of the detector on eight hours, against filtering and spectrograms of the same array."""

import time
from collections.abc import Callable

import numpy as np
from scipy.signal import butter, sosfilt, spectrogram

from processing.detector import Detector
from processing.samples import GRID_HZ, Floats, Samples

HOURS = 8
BLOCK = 30_000
PACKET = 10


def night(rng: np.random.Generator) -> Floats:
    """Eight hours of breathing and noise, with a movement of 4 s and a burst of jerks every 5 minutes, `(n, 3)` g."""
    rows = round(HOURS * 3600 * GRID_HZ)
    breath = 0.003 * np.sin(2 * np.pi * 0.6 * np.arange(rows) / GRID_HZ)
    accel_g = np.array([0.1, 0.2, 0.97]) + breath[:, None] * [0.3, 0.9, 0.1] + 0.002 * rng.standard_normal((rows, 3))
    for first in range(6_000, rows - 1_000, 15_000):
        accel_g[first : first + 200] += 0.1 * np.cumsum(rng.standard_normal((200, 3)), axis=0) / 14
        for jerk in range(first + 400, first + 700, 40):
            accel_g[jerk : jerk + 5, 0] += 0.05
    return accel_g


def spent_s(work: Callable[[], object]) -> float:
    """Seconds of processor time."""
    before = time.process_time()
    work()
    return time.process_time() - before


def reference(accel_g: Floats) -> None:
    """What the budget compares with."""
    sos = butter(4, [0.5, 12], "bandpass", fs=GRID_HZ, output="sos")
    for axis in range(3):
        sosfilt(sos, accel_g[:, axis])
        spectrogram(accel_g[:, axis], nperseg=256, noverlap=231)


def detect(accel_g: Floats, rows: int) -> int:
    """Push in pieces of so many rows; give the number of snapshots."""
    detector = Detector()
    pieces = range(0, len(accel_g), rows)
    told = sum(len(detector.push(Samples(start=a, accel_g=accel_g[a : a + rows].copy()))) for a in pieces)
    return told + len(detector.close())


def main() -> None:
    """Print the ratios of one run."""
    accel_g = night(np.random.default_rng(0))
    least_s = min(spent_s(lambda: reference(accel_g)) for _ in range(2))
    block_s = spent_s(lambda: detect(accel_g, BLOCK))
    packet_s = spent_s(lambda: detect(accel_g, PACKET))
    print(f"{HOURS} h at 50 Hz: filter and spectrogram of each axis {least_s:.2f} s")
    print(f"  detector, blocks of {BLOCK} rows: {block_s:.2f} s, {block_s / least_s:.2f} x (budget 3 x)")
    print(f"  detector, {PACKET} rows a push: {packet_s:.2f} s (budget 15 s)")


if __name__ == "__main__":
    main()
