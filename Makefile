# Everything a newcomer types. Needs Python 3.11 or newer and make, nothing else.
PYTHON ?= python3
VENV ?= .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip install --quiet --disable-pip-version-check --constraint constraints.txt

.PHONY: docs help run test nightly lint bench clean
help: ## show this list
	@grep -E '^[a-z]+:.*##' Makefile | sed -E 's/^([a-z]+):.*## /  make \1|/' | column -t -s '|'

run: $(VENV)/.run ## set up and run the shipped configuration: forecasts, alerts, database
	$(BIN)/tocsin run --config config.toml

test: $(VENV)/.dev ## set up and pass the tests, a file at a time on each core
	$(BIN)/python -m pytest --numprocesses auto --dist loadfile

nightly: $(VENV)/.dev ## the long tests: thousands of hostile series, hundreds of cycles and kills
	$(BIN)/python -m pytest -m nightly

lint: $(VENV)/.dev ## ruff, mypy --strict, import directions
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

bench: $(VENV)/.dev ## the measurements quoted in docs/
	$(BIN)/python -m bench

docs: $(VENV)/.dev ## rewrite the outputs that the documentation shows
	$(BIN)/python -m tests.acceptance.shown

clean: ## remove the virtual environment and caches
	rm -rf $(VENV) .mypy_cache .ruff_cache .pytest_cache .import_linter_cache

$(VENV)/bin/python:
	$(PYTHON) -m venv $(VENV)

$(VENV)/.run: pyproject.toml constraints.txt | $(VENV)/bin/python
	$(PIP) --config-settings editable_mode=compat --editable .
	$(BIN)/python -m forecast
	touch $@

$(VENV)/.dev: pyproject.toml constraints.txt | $(VENV)/bin/python
	$(PIP) --config-settings editable_mode=compat --editable '.[dev]'
	$(BIN)/python -m forecast
	touch $@ $(VENV)/.run
