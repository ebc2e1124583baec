PYTHON ?= $(shell for python in python3.13 python3.12 python3.11 python3; do \
	$$python -c 'import sys, ensurepip, venv; sys.exit(sys.version_info < (3, 11))' 2>/dev/null \
	&& { echo $$python; break; }; done)
VENV := .venv
BIN := $(VENV)/bin
UV := $(or $(shell command -v uv 2>/dev/null),$(BIN)/uv)
LOCK := --universal --python-version 3.11 --generate-hashes --no-header --no-annotate --no-emit-index-url

export UV_PYTHON_DOWNLOADS = never
export UV_SYSTEM_CERTS = 1
export PIP_DISABLE_PIP_VERSION_CHECK = 1

# uv takes a fifth of pip's time, but does not read its configuration: where it finds no registry, pip may.
pip_install = echo "Installing packages from $(1)" && start=$$(date +%s) \
	&& { $(UV) pip install --quiet --python $(BIN)/python --require-hashes -r $(1) \
	|| $(BIN)/python -m pip install --quiet --quiet --require-hashes -r $(1); } \
	&& echo "Installed in $$(($$(date +%s) - start)) s"

.DEFAULT_GOAL := help
.PHONY: help run test lint adapters bench trials soak messages lock clean

help: ## Show this list
	@sed -n 's/^\([a-z]*\):.*## /\1\t/p' $(MAKEFILE_LIST) | expand -t 8

run: $(VENV)/.runtime $(if $(OPENAI_API_KEY),$(VENV)/.models) ## Start the portal and a worker (PORT=8000, DB=path of an SQLite file)
	@$(if $(DB),DATABASE_URL="sqlite:///$(abspath $(DB))") exec $(BIN)/python manage.py up $(if $(PORT),--port $(PORT))

test: $(VENV)/.chromium ## Run every test: on SQLite, on PostgreSQL and in a browser (BOTH=1: those of pages on both databases, and every page)
	@PYTHON=$(BIN)/python BOTH=$(BOTH) tests/run.sh

lint: $(VENV)/.dev ## Check format, rules, types, import contracts and migrations
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports --no-cache
	$(BIN)/python manage.py makemigrations --check --dry-run

adapters: $(VENV)/.dev ## Prove the adapters against the real frameworks, each in an environment of its own
	@TEST_DATABASE=sqlite $(BIN)/python -m pytest --quiet -n 0 -m adapters tests/adapters

bench: $(VENV)/.dev ## Measure what the product costs over the bare calls (BIG=1: a crowd, a million rows; WRITE=1: docs/performance.md)
	@$(BIN)/python -m tests.bench $(if $(BIG),--big) $(if $(WRITE),--write)

trials: $(VENV)/.dev ## Kill processes and run races, at length, and write docs/reliability.md (TRIALS=500)
	@$(BIN)/python -m tests.trials $(if $(ON),--on $(ON)) trials $(if $(TRIALS),--trials $(TRIALS)) $(if $(SEED),--seed $(SEED))

soak: $(VENV)/.dev ## Put an even load on the portal for long, and write docs/reliability.md (MINUTES=30 RUNS=10000 ON=sqlite or postgres)
	@$(BIN)/python -m tests.trials $(if $(ON),--on $(ON)) soak $(if $(MINUTES),--minutes $(MINUTES)) $(if $(RUNS),--runs $(RUNS))

messages: $(VENV)/.dev ## Bring the translations up to the sources, and say what is left to translate
	@$(BIN)/python -m tests.messages

lock: $(filter $(BIN)/uv,$(UV)) ## Write the lock files anew from pyproject.toml
	$(UV) pip compile --quiet --upgrade $(LOCK) pyproject.toml -o requirements.lock
	$(UV) pip compile --quiet --upgrade $(LOCK) pyproject.toml --extra dev -c requirements.lock -o requirements-dev.lock
	$(UV) pip compile --quiet $(LOCK) pyproject.toml --extra models -c requirements-dev.lock -o requirements-models.lock
	@for framework in agno langgraph; do cd $(CURDIR)/tests/adapters/environments \
		&& $(abspath $(UV)) pip compile --quiet $(LOCK) $$framework.in -o $$framework.lock || exit 1; done

clean: ## Remove the environment and all caches (keeps var/, where your data is)
	rm -rf $(VENV) .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

$(BIN)/python:
	@test -n "$(PYTHON)" || { echo "Python 3.11 or newer with venv and pip is needed (on Debian: apt-get install python3-venv)" >&2; exit 1; }
	@$(PYTHON) -m venv --clear $(VENV)

$(VENV)/.runtime: requirements.lock | $(BIN)/python $(filter $(BIN)/uv,$(UV))
	@$(call pip_install,requirements.lock)
	@touch $@

# What speaks to providers of models is large: only where there is a key for one.
$(VENV)/.models: requirements-models.lock $(VENV)/.runtime
	@$(call pip_install,requirements-models.lock)
	@touch $@

$(VENV)/.dev: requirements-dev.lock | $(BIN)/python $(filter $(BIN)/uv,$(UV))
	@$(call pip_install,requirements-dev.lock)
	@touch $(VENV)/.runtime $@

$(VENV)/.chromium: tests/e2e/ensure_chromium.sh $(VENV)/.dev
	@PYTHON=$(BIN)/python tests/e2e/ensure_chromium.sh
	@touch $@

$(BIN)/uv: | $(BIN)/python
	-@$(BIN)/python -m pip install --quiet --quiet uv==0.13.9
