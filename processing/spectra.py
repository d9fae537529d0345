"""Power spectra of windows over all axes, less their slope and weighted (Hann): for stiffening and off body."""

from typing import Final

import numpy as np

from processing.samples import GRID_HZ, Floats


class Spectra:
    """Spectra of windows of one length.

    Attributes:
        hz: frequency of each line, Hz, shape (m,).
    """

    def __init__(self, window: int, lines: int | None = None) -> None:
        """Take windows of `window` rows; `lines` rows, zeros appended, are transformed."""
        self._window, self._rows = window, lines or window
        self._hann: Final = np.hanning(window)
        self._ramp: Final = np.linspace(-1, 1, window)
        self._ramp_power: Final = float((self._ramp**2).sum())
        self._scale: Final = 2 / (self._rows * float((self._hann**2).sum()))
        self.hz: Final = np.fft.rfftfreq(self._rows, 1 / GRID_HZ)

    def lines(self, band_hz: tuple[float, float]) -> slice:
        """Lines of a band, its ends included."""
        low, high = band_hz
        return slice(int(np.searchsorted(self.hz, low)), int(np.searchsorted(self.hz, high, side="right")))

    def power(self, raw: Floats) -> Floats:
        """Power of each line of a window of shape (window, 3), less mean and slope, in its unit squared.

        It is the sum over the axes, and the sum over a band is the mean square in it.
        """
        level = raw.T - np.einsum("ij->j", raw)[:, None] / self._window  # less the mean, in a third of the time
        level -= self._ramp * (level @ self._ramp)[:, None] / self._ramp_power
        spectrum = np.fft.rfft(level * self._hann, self._rows, axis=1)
        return np.asarray((spectrum.real**2 + spectrum.imag**2).sum(axis=0) * self._scale)
