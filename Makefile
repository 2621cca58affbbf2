# Throughcare. Needs make and Python 3.11 or newer; everything else is installed into .venv from a hash-locked file.
.POSIX:
.SUFFIXES:

PYTHON ?= python3
PORT ?= 8000
SEED ?= item
VENV = .venv
PY = $(VENV)/bin/python
INSTALL = $(PY) -m pip install --disable-pip-version-check --no-input -q --require-hashes -r

.PHONY: help run demo test chaos drill nightly mutation audit fuzz check lint format-check types contracts core architecture format bench timing soak races openapi compatibility lock clean

help: ## List these targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-13s %s\n", $$1, $$2 }' Makefile

run: $(VENV)/.installed-runtime ## Set up, migrate, register the sandbox and serve on 127.0.0.1:$PORT (8000); SEED=county adds 500 people
	@$(PY) -m app sandbox --port $(PORT) --seed $(SEED)

demo: $(VENV)/.installed-dev ## Play the stories over HTTP on SQLite and PostgreSQL and tell what each party sees
	@$(PY) -m app demo

test: $(VENV)/.installed-dev ## Run every test, PostgreSQL from its wheel included
	@$(PY) -m pytest -q -n auto --maxprocesses 4 --dist loadfile

chaos: $(VENV)/.installed-dev ## THROUGHCARE_KILLS (200) of service, worker and PostgreSQL under load, full disks, promotion; var/chaos.json
	@THROUGHCARE_KILLS=$${THROUGHCARE_KILLS:-200} THROUGHCARE_PROMOTIONS=$${THROUGHCARE_PROMOTIONS:-5} \
	  $(PY) -m pytest -q -p no:schemathesis tests/resilience/test_kill.py tests/resilience/test_chaos.py \
	  tests/resilience/test_standby.py tests/resilience/test_disk.py

drill: $(VENV)/.installed-dev ## Back up under load, restore elsewhere, serve the copy, reckon; var/drill.json
	@THROUGHCARE_DRILL=1 $(PY) -m pytest -q -p no:schemathesis tests/resilience/test_drill.py

nightly: $(VENV)/.installed-dev fuzz ## Fuzz, properties of the decision, the whole small world, THROUGHCARE_SEQUENCES (2000) of two worlds, audit
	@THROUGHCARE_EXAMPLES=$${THROUGHCARE_EXAMPLES:-10000} THROUGHCARE_ENUMERATION=whole \
	  $(PY) -m pytest -q -rP -p no:schemathesis -n 2 --dist load \
	  tests/core/test_decision_properties.py tests/core/test_decision_laws.py tests/core/test_decision_narrowing.py \
	  tests/core/test_decision_enumeration.py tests/core/test_decision_sweeps.py
	@THROUGHCARE_SEQUENCES=$${THROUGHCARE_SEQUENCES:-2000} THROUGHCARE_SEED=$${THROUGHCARE_SEED:-new} \
	  $(PY) -m pytest -q -rP -p no:schemathesis -n 2 --dist loadfile \
	  tests/api/test_two_worlds_sqlite.py tests/api/test_two_worlds_postgresql.py
	@THROUGHCARE_AUDIT_ONLINE=1 $(PY) -m tests.audit

mutation: $(VENV)/.installed-dev ## Change the decision, derivation and ledger by one fault at a time; each must fail a test; var/mutation.json
	@$(PY) -m tests.mutation $(MUTATE)

races: $(VENV)/.installed-dev ## Race THROUGHCARE_RACES (10000) reads against all that narrows, on four workers; writes var/races.json
	@THROUGHCARE_RACES=$${THROUGHCARE_RACES:-10000} $(PY) -m pytest -q -p no:schemathesis tests/resilience/test_races.py

audit: $(VENV)/.installed-dev ## Look for insecure code, known vulnerabilities of the locked packages, and secrets in the text
	@$(PY) -m tests.audit

fuzz: $(VENV)/.installed-dev ## Generated requests that follow one another, for THROUGHCARE_FUZZ_SECONDS (600)
	@THROUGHCARE_FUZZ_SECONDS=$${THROUGHCARE_FUZZ_SECONDS:-600} $(PY) -m pytest -q -s tests/attack/test_fuzz.py

check: $(VENV)/.installed-dev ## Lint, format, types, contracts and core tests, in parallel (the inner loop)
	@$(MAKE) -s -k -j 4 core architecture types contracts lint format-check

lint: $(VENV)/.installed-dev
	@$(PY) -m ruff check -q --output-format=concise .

format-check: $(VENV)/.installed-dev
	@$(PY) -m ruff format --check --output-format=concise . >$(VENV)/.format 2>&1 || { cat $(VENV)/.format; exit 1; }

types: $(VENV)/.installed-dev
	@$(PY) -m mypy --no-error-summary

contracts: $(VENV)/.installed-dev
	@$(VENV)/bin/lint-imports --no-logo >$(VENV)/.contracts 2>&1 || { cat $(VENV)/.contracts; exit 1; }

core: $(VENV)/.installed-dev
	@THROUGHCARE_EXAMPLES=$${THROUGHCARE_EXAMPLES:-25} $(PY) -m pytest -q -p no:schemathesis tests/core

architecture: $(VENV)/.installed-dev
	@$(PY) -m pytest -q -p no:schemathesis tests/architecture

format: $(VENV)/.installed-dev ## Rewrite the sources in the one format and apply safe lint fixes
	@$(PY) -m ruff check -q --fix . && $(PY) -m ruff format -q .

bench: $(VENV)/.installed-bench ## Measure; prints the figures and writes var/bench.json
	@$(PY) -m benchmarks

timing: $(VENV)/.installed-dev ## Whether a court can tell by time what it is not told: THROUGHCARE_SAMPLES (50000) a class and route
	@$(PY) -m benchmarks.timing

soak: $(VENV)/.installed-dev ## Mixed traffic on four workers for THROUGHCARE_SOAK_SECONDS (600); fails on 5xx and on growth
	@$(PY) -m benchmarks.soak

openapi: $(VENV)/.installed-runtime ## Write openapi.yaml from the code
	@$(PY) -m app openapi

compatibility: $(VENV)/.installed-dev ## Fail on a breaking change of openapi.yaml since the last tag that CHANGELOG.md does not announce
	@$(PY) -m tests.compatibility

lock: ## Resolve pyproject.toml again into the lock files (needs uv; the lock files name no host)
	@command -v uv >/dev/null || { echo "make lock needs uv (CONTRIBUTING.md says how to get it)." >&2; exit 1; }
	uv pip compile -q --universal --python-version 3.11 --generate-hashes --no-header --no-annotate \
	  pyproject.toml -o requirements.lock
	uv pip compile -q --universal --python-version 3.11 --generate-hashes --no-header --no-annotate \
	  --extra dev -c requirements.lock pyproject.toml -o requirements-dev.lock
	uv pip compile -q --universal --python-version 3.11 --generate-hashes --no-header --no-annotate \
	  --extra bench -c requirements-dev.lock pyproject.toml -o requirements-bench.lock

clean: ## Remove the virtual environment and the caches; var/ (the data) stays
	rm -rf $(VENV) .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache

$(PY):
	@command -v $(PYTHON) >/dev/null || \
	  { echo "Throughcare needs Python 3.11 or newer, and '$(PYTHON)' is not on the PATH. Try: make PYTHON=/path/to/python3" >&2; exit 1; }
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
	  { echo "Throughcare needs Python 3.11 or newer; this is $$($(PYTHON) -V). Try: make PYTHON=/path/to/python3.11" >&2; exit 1; }
	@trap 'rm -rf $(VENV); exit 1' HUP INT TERM; $(PYTHON) -m venv --clear $(VENV) || \
	  { rm -rf $(VENV); echo "'$(PYTHON) -m venv' failed: this Python lacks its venv module (on Debian: apt install python3-venv)." >&2; exit 1; }

$(VENV)/.installed-runtime: requirements.lock $(PY)
	@echo "Installing the locked packages into $(VENV) ..."
	@$(INSTALL) requirements.lock
	@touch $@

$(VENV)/.installed-dev: requirements-dev.lock $(PY)
	@echo "Installing the locked packages and the tools for work on the code into $(VENV) ..."
	@$(INSTALL) requirements-dev.lock
	@touch $@

$(VENV)/.installed-bench: requirements-bench.lock $(VENV)/.installed-dev
	@$(INSTALL) requirements-bench.lock
	@touch $@
