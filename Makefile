# Each command makes .venv and installs what it needs, pinned and hashed, from the package index.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
CACHE := .cache
SEEDS ?= 20000
PROCESSES ?= 4
MINUTES ?= 30
DOCKER ?= docker
IMAGE ?= orcid-sync
VERSION = $(shell sed -n 's/^version = "\(.*\)"/\1/p' pyproject.toml)
REVISION = $(shell git rev-parse HEAD 2>/dev/null)

# The tests start programs by the hundred: what Python compiled is kept, whatever the machine is set to.
unexport PYTHONDONTWRITEBYTECODE

.DEFAULT_GOAL := help
.PHONY: help install demo test soak lint simulate fuzz bench screenshots image sbom lock clean

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
	@tests/fetch_kustomize $(CACHE)
	@tests/fetch_crds $(CACHE)
	$(BIN)/pytest --numprocesses=$(PROCESSES)

simulate: $(VENV)/.develop ## SEEDS=20000 random lives of the whole, or the one of SEED with its story
	$(BIN)/python -m tests.simulation $(if $(SEED),$(SEED) --story,--seeds $(SEEDS))
	$(if $(SEED),,STORM_ITEMS=70 $(BIN)/pytest -q tests/storms -k "full_rate and 503")

soak: $(VENV)/.develop ## kill -9 for MINUTES=30 on end, with broker and stand-in restarts; figures
	@tests/fetch_kafka $(CACHE)
	$(BIN)/python -m tests.soak --minutes $(MINUTES) --seed $(or $(SEED),1) --state $(or $(STATE),sqlite)

lint: $(VENV)/.develop ## style, types, import contracts
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/hadolint deploy/Dockerfile
	$(BIN)/check-jsonschema --builtin-schema vendor.compose-spec deploy/compose.yaml
	$(BIN)/python -m tests.deploy.watching
	@tests/fetch_kustomize $(CACHE)
	@tests/fetch_crds $(CACHE)
	$(BIN)/python -m tests.deploy.manifests

fuzz: $(VENV)/.develop ## a million malformed events and 100,000 malformed replies
	$(BIN)/python -m tests.fuzz

bench: $(VENV)/.develop ## events/s and calls/s of 1, 2 and 4 replicas, PostgreSQL beside SQLite, memory, disk
	@tests/fetch_kafka $(CACHE)
	@$(BIN)/python -W ignore -m tests.benchmarks

screenshots: $(VENV)/.develop ## a picture of each page, in screenshots/ (needs Chromium)
	@$(BIN)/python -m tests.browser.screenshots

image: ## the container image (needs a container engine; BUILD_DIGEST= and BASE_DIGEST= as in deploy/Dockerfile)
	@$(DOCKER) version >/dev/null 2>&1 || { echo "make image: no container engine answers to '$(DOCKER) version': start one, or name another (DOCKER=podman)" >&2; exit 1; }
	@test -n "$(BUILD_DIGEST)" && test -n "$(BASE_DIGEST)" || { echo "make image: give BUILD_DIGEST=sha256:… and BASE_DIGEST=sha256:…; deploy/Dockerfile says how to look them up" >&2; exit 1; }
	$(DOCKER) build --file deploy/Dockerfile --build-arg BUILD_DIGEST=$(BUILD_DIGEST) --build-arg BASE_DIGEST=$(BASE_DIGEST) --build-arg VERSION=$(VERSION) --build-arg REVISION=$(REVISION) --tag $(IMAGE):$(VERSION) .

sbom: $(VENV)/.develop ## build/orcid-sync.cdx.json: what of ours the image holds (CycloneDX), without a container engine
	@$(BIN)/python -m tests.deploy.sbom build/orcid-sync.cdx.json

lock: ## compile requirements/ from pyproject.toml (needs uv)
	uv pip compile --universal --generate-hashes --no-header --no-annotate --no-emit-index-url --no-emit-find-links pyproject.toml -o requirements/runtime.txt
	uv pip compile --universal --generate-hashes --no-header --no-annotate --no-emit-index-url --no-emit-find-links --extra traces pyproject.toml -o requirements/image.txt
	uv pip compile --universal --generate-hashes --no-header --no-annotate --no-emit-index-url --no-emit-find-links --extra traces --extra test --extra lint pyproject.toml -o requirements/develop.txt
	printf 'hatchling\neditables\n' | uv pip compile --universal --generate-hashes --no-header --no-annotate --no-emit-index-url - -o requirements/build.txt

clean: ## remove what was installed and built
	rm -rf $(VENV) $(CACHE) screenshots build dist *.egg-info .mypy_cache .ruff_cache .pytest_cache .import_linter_cache
