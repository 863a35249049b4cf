PYTHON ?= python3
BIN := .venv/bin
DATA ?= $(or $(TIMBRE_DATA),../shared/data)

.PHONY: run test lint train evaluate bench gallery

run: .venv/run
	$(BIN)/python -m bot

test: .venv/dev
	$(BIN)/python -m pytest -q

lint: .venv/dev
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy

train: .venv/dev
	$(BIN)/python -m ml train --data $(DATA) --out artifacts

evaluate: .venv/dev
	$(BIN)/python -m ml evaluate --data $(DATA) -o report.json

bench: .venv/dev
	$(BIN)/python -m tests.benchmarks

gallery: .venv/dev
	$(BIN)/python -m tests.gallery

.venv/run: requirements.lock
	$(PYTHON) -c 'import sys; sys.exit("Timbre needs Python 3.11 or newer." if sys.version_info < (3, 11) else 0)'
	test -x $(BIN)/python || $(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -r requirements.lock
	touch $@

.venv/dev: .venv/run requirements-dev.lock
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -r requirements-dev.lock
	touch $@
