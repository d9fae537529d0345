"""`make bench`: runs each module of this folder and prints its figures. Ratios are measured within one run."""

import importlib
from pathlib import Path

for path in sorted(Path(__file__).parent.glob("[a-z]*.py")):
    print(f"\n== {path.stem}", flush=True)
    importlib.import_module(f"{__package__}.{path.stem}").main()
