"""For all tests: hypothesis sets no deadline, for a busy machine is no failure; in CI it tries the same every time."""

import os

from hypothesis import settings

settings.register_profile("ours", deadline=None, derandomize="CI" in os.environ)
settings.load_profile("ours")
