"""Clips that are not there, to try the program and to test it: a model of the clip, and two radios to put it on.

`VirtualClip` samples a movement and sends it as any family does. `bluez` puts it behind a stand-in for the Bluetooth
daemon on a private D-Bus; `python -m sensor.virtual` does so from a terminal. `air` makes it a Bluetooth peripheral
with bumble (`pip install sleepclip[virtual]`).
"""

from sensor.virtual.clip import Faults, VirtualClip

__all__ = ["Faults", "VirtualClip"]
