PYTHON ?= python3
BIN := .venv/bin

.PHONY: demo test check bench soak evaluate fixtures clean

demo: .venv/ready
	$(BIN)/sleepclip demo

test: .venv/dev
	$(BIN)/python -m pytest

check: .venv/dev
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports

bench: .venv/dev
	$(BIN)/python -m tests.bench

soak: .venv/dev
	$(BIN)/python -m tests.soak

# Scores on the test split of the simulator and on the second generator, neither tuned on (docs/detector.md).
evaluate: .venv/dev
	$(BIN)/python -m tests.evaluation --generator first --split test --cases 40 --nights 20 --jobs 2
	$(BIN)/python -m tests.evaluation --generator second --cases 40 --nights 20 --jobs 2

# Makes the simulated fixtures anew; a FOLDER with the source recordings makes the real ones too.
fixtures: .venv/dev
	$(BIN)/python -m tests.make_fixtures $(FOLDER)

# What the demo needs, and no more.
.venv/ready: pyproject.toml
	$(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable .
	touch $@

.venv/dev: .venv/ready
	$(BIN)/python -m pip install --quiet --disable-pip-version-check 'pip>=25.1'
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable . --group dev
	touch $@

clean:
	rm -rf .venv build dist
