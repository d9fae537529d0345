"""Wires `sensor`, `processing` and `alerts` together; nothing imports it."""

from typing import Final

NOT_A_MEDICAL_DEVICE: Final = (
    "sleepclip is not a medical device. It sorts movements and never diagnoses; no alert does not mean no seizure."
)
"""Said wherever somebody may begin to trust it."""
