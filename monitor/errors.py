"""The two ways in which a command ends badly; `monitor.cli` prints the message as one line and sets the exit status."""


class UseError(Exception):
    """Wrong use or bad input (exit 2). The message names the file, line or key, and the mend."""


class FailureError(Exception):
    """It ran and failed (exit 1). The message says what failed and what to do."""
