"""Wires `sensor`, `processing` and `alerts` together; nothing imports it."""
