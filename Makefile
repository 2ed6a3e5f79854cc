# The front door. Everything made stays in .venv and .floe; nothing outside this folder is touched.

SHELL := /bin/sh
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:

PORT ?= 3000
PYTHON ?=
ROWS ?= 1000000
SEED ?=
WORKERS ?= 2
RUN := .venv/bin/python
READY := .venv/.ready

export PIP_DISABLE_PIP_VERSION_CHECK := 1
export PIP_NO_INPUT := 1

.PHONY: help setup demo dev test bench chaos lint format clean

help: ## list these commands
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "  make %-8s %s\n", $$1, $$2 }' Makefile

demo: $(READY) ## run everything once on real data, headless, and say what was found
	@$(RUN) -m demo.run

test: $(READY) ## run the tests (WORKERS=2)
	@$(RUN) -m pytest -n $(WORKERS)

dev: $(READY) ## open Dagster on what the demo left behind (PORT=3000)
	@$(RUN) -m demo.home
	@DAGSTER_HOME="$$PWD/.floe/demo" $(RUN) -m dagster dev -w workspace.yaml -p $(PORT)

bench: $(READY) ## compare our plans and our records with work by hand (ROWS=1000000)
	@$(RUN) -m benchmarks --rows $(ROWS)
	@$(RUN) -m benchmarks.recording

chaos: $(READY) ## kill whoever records and delivers, over and over, and count what is lost (SEED=any)
	@$(RUN) -m tests.chaos $(if $(SEED),--seed $(SEED))

lint: $(READY) ## check style, types and the arrows between the rooms
	@$(RUN) -m ruff check .
	@$(RUN) -m ruff format --check .
	@$(RUN) -m mypy
	@$(RUN) -c 'from importlinter.cli import lint_imports_command; lint_imports_command()'

format: $(READY) ## put the code into its form
	@$(RUN) -m ruff check --fix .
	@$(RUN) -m ruff format .

setup: $(READY) ## make .venv with the pinned dependencies
	@echo ".venv is ready"

clean: ## remove everything that was made
	rm -rf .venv .floe dist build .pytest_cache .mypy_cache .ruff_cache .import_linter_cache .hypothesis
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

$(READY): requirements.lock pyproject.toml
	@set -e; \
	python=; \
	for each in "$(PYTHON)" python3 python3.13 python3.12 python3.11; do \
	  if "$$each" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then python=$$each; break; fi; \
	done; \
	if [ -z "$$python" ]; then \
	  echo "No Python 3.11 or newer was found. Install one, or name it: make PYTHON=/path/to/python" >&2; exit 1; \
	fi; \
	echo "Setting up .venv with the pinned dependencies: one to three minutes, once"; \
	if [ ! -x $(RUN) ] && ! "$$python" -m venv .venv; then \
	  rm -rf .venv; \
	  echo "$$python cannot make a virtual environment; on Debian and Ubuntu, install python3-venv" >&2; exit 1; \
	fi; \
	$(RUN) -m pip install -qq --requirement requirements.lock; \
	$(RUN) -m pip install -qq --no-deps --no-build-isolation --editable .; \
	touch $(READY)
