"""What moves the wearer from outside, and when it explains a rhythm: only with positive evidence of its own."""

from typing import Annotated, Final

import msgspec

from processing.moment import Moment

ROCKING_HZ_MAX: Final = 1.1
"""Carers rock at 0.67-0.95 Hz (movements.md); what is faster is a machine."""


class MimicSettings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What is positive evidence of which mimic."""

    pure: Annotated[float, msgspec.Meta(gt=0, lt=1)] = 0.94
    """Share of power in one line: carers rock and machines move in sinusoids, jerks have harmonics."""


class Mimics:
    """Follow what moves the wearer from outside.

    Attributes:
        name: what explains the movement felt, or "".
    """

    def __init__(self, settings: MimicSettings) -> None:
        self._settings = settings
        self.restart()

    def restart(self) -> None:
        """Forget, after a gap."""
        self.name = ""

    def push(self, moment: Moment) -> str:
        """Take one hop; give what explains it."""
        window = moment.window
        self.name = ""
        if window is not None and window.pure > self._settings.pure:
            self.name = "rocked" if window.pure_hz < ROCKING_HZ_MAX else "bassinet"
        return self.name
