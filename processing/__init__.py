"""Readings in, events out: pure, synchronous and deterministic. Imports nothing of the other packages."""
