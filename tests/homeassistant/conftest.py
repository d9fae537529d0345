"""The tests in core/ run inside Home Assistant's own environment; `test_core.py` starts them there."""

import importlib.util

collect_ignore = [] if importlib.util.find_spec("pytest_homeassistant_custom_component") else ["core"]
