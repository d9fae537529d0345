"""A clip's radio packets in, timed accelerometer readings out."""
