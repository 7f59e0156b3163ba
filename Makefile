# Each command makes .venv and installs what it needs, pinned and hashed, from the package index.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
CACHE := .cache
SEEDS ?= 20000
PROCESSES ?= 2
MINUTES ?= 30

.DEFAULT_GOAL := help
.PHONY: help install demo test soak lint simulate fuzz bench screenshots lock clean

help: ## this list
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## (.*)/  make \1|\2/' | column -t -s '|'

$(BIN)/python:
	$(PYTHON) -c 'import sys; sys.exit(0 if sys.version_info >= (3, 11) else "Python 3.11 or newer is needed: make PYTHON=python3.11")'
	$(PYTHON) -m venv $(VENV)

$(VENV)/.runtime: $(BIN)/python requirements/runtime.txt requirements/build.txt pyproject.toml
	$(BIN)/pip install --quiet --disable-pip-version-check --require-hashes -r requirements/build.txt -r requirements/runtime.txt
	$(BIN)/pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	@touch $@

$(VENV)/.develop: $(VENV)/.runtime requirements/develop.txt
	$(BIN)/pip install --quiet --disable-pip-version-check --require-hashes -r requirements/develop.txt
	@touch $@

install: $(VENV)/.develop ## the virtual environment with everything for development

demo: $(VENV)/.runtime ## the whole product on embedded defaults, in under a minute
	@$(BIN)/orcid-sync demo

test: $(VENV)/.develop ## every test, against real parts (says which)
	@tests/fetch_kafka $(CACHE)
	$(BIN)/pytest --numprocesses=$(PROCESSES)

simulate: $(VENV)/.develop ## SEEDS=20000 random lives of the whole, or the one of SEED with its story
	$(BIN)/python -m tests.simulation $(if $(SEED),$(SEED) --story,--seeds $(SEEDS))
	$(if $(SEED),,STORM_ITEMS=70 $(BIN)/pytest -q tests/storms -k "full_rate and 503")

soak: $(VENV)/.develop ## kill -9 for MINUTES=30 on end, with broker and stand-in restarts; figures
	@tests/fetch_kafka $(CACHE)
	$(BIN)/python -m tests.soak --minutes $(MINUTES) --seed $(or $(SEED),1)

lint: $(VENV)/.develop ## style, types, import contracts
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

fuzz: $(VENV)/.develop ## a million malformed events and 100,000 malformed replies
	$(BIN)/python -m tests.fuzz

bench: $(VENV)/.develop ## calls, seconds and memory of the big replay
	$(BIN)/python -m tests.benchmarks.replay

screenshots: $(VENV)/.develop ## a picture of each page, in screenshots/ (needs Chromium)
	@$(BIN)/python -m tests.browser.screenshots

lock: ## compile requirements/ from pyproject.toml (needs uv)
	uv pip compile --universal --generate-hashes --no-header --no-annotate --no-emit-index-url --no-emit-find-links pyproject.toml -o requirements/runtime.txt
	uv pip compile --universal --generate-hashes --no-header --no-annotate --no-emit-index-url --no-emit-find-links --extra test --extra lint pyproject.toml -o requirements/develop.txt
	printf 'hatchling\neditables\n' | uv pip compile --universal --generate-hashes --no-header --no-annotate --no-emit-index-url - -o requirements/build.txt

clean: ## remove what was installed and built
	rm -rf $(VENV) $(CACHE) screenshots build dist *.egg-info .mypy_cache .ruff_cache .pytest_cache .import_linter_cache
