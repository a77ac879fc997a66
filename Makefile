# Dastan: `make run` opens the archive, `make test` proves it.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
DATA ?= $(if $(DASTAN_DATA_DIR),$(DASTAN_DATA_DIR),var)
STATIC_FILES := $(shell find static archive/static -type f 2>/dev/null)

.DEFAULT_GOAL := help
.PHONY: help run test check format lock bench lighthouse pictures

help: ## List what can be made
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## /\1\t/' | expand -t 10

run: $(VENV)/installed $(DATA)/static/staticfiles.json ## Open the archive on http://127.0.0.1:8000 (PORT=… changes it)
	@$(BIN)/python manage.py setup
	@exec $(BIN)/gunicorn --config python:archive.server archive.wsgi

test: $(VENV)/installed-dev ## Run every test: style, SQLite, PostgreSQL, browser
	@$(MAKE) --no-print-directory check
	@$(BIN)/python -m tests.run

check: $(VENV)/installed-dev ## Style, types, layers, missing migrations
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/djade --check --target-version 5.2 $(shell find templates -name '*.html')
	$(BIN)/mypy
	$(BIN)/lint-imports
	DASTAN_DATA_DIR=build/check $(BIN)/python manage.py makemigrations --check --dry-run

format: $(VENV)/installed-dev ## Put code and templates in shape
	$(BIN)/ruff check --fix-only .
	$(BIN)/ruff format .
	$(BIN)/djade --target-version 5.2 $(shell find templates -name '*.html')

bench: $(VENV)/installed ## Measure tagging and pages of results (STORIES=… changes their number)
	@rm -rf build/bench-*
	@DASTAN_DATA_DIR=build/bench-texts $(BIN)/python manage.py migrate --verbosity 0
	@DASTAN_DATA_DIR=build/bench-texts $(BIN)/python manage.py bench_tagging
	@DASTAN_DATA_DIR=build/bench-texts $(BIN)/python manage.py bench_import --stories $(or $(IMPORTED),1000)
	@mkdir -p $(DATA)
	@for stories in $(or $(STORIES),10000 100000); do \
	  export DASTAN_DATA_DIR=build/bench-$$stories; \
	  $(BIN)/python manage.py migrate --verbosity 0 && \
	  $(BIN)/python manage.py bench --stories $$stories && \
	  cp build/bench-$$stories/bench.json $(DATA)/bench.json || exit 1; \
	done

lighthouse: $(VENV)/installed-dev ## Measure home, list and story with Lighthouse (needs Node and Chromium)
	@command -v npm >/dev/null || { echo "Lighthouse needs Node. On Debian and Ubuntu: apt install npm"; exit 1; }
	@npm install --silent --no-audit --no-fund --prefix build/lighthouse lighthouse@12.8.2
	@$(BIN)/python -m tests.lighthouse

pictures: $(VENV)/installed-dev ## Take the README's pictures anew (needs Chromium)
	@$(BIN)/python -m tests.pictures

lock: $(VENV)/installed-dev ## Write the lock files anew from pyproject.toml
	$(BIN)/pip-compile --quiet --strip-extras --generate-hashes --no-emit-index-url \
	  --no-emit-trusted-host --no-emit-find-links --no-header --allow-unsafe --output-file requirements.lock pyproject.toml
	$(BIN)/pip-compile --quiet --strip-extras --generate-hashes --no-emit-index-url \
	  --no-emit-trusted-host --no-emit-find-links --no-header --allow-unsafe --extra dev --constraint requirements.lock \
	  --output-file requirements-dev.lock pyproject.toml

$(BIN)/pip:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
	  { echo "Dastan needs Python 3.11 or newer; $(PYTHON) is older. Try: make PYTHON=python3.12 …"; exit 1; }
	@$(PYTHON) -m venv $(VENV) || \
	  { rm -rf $(VENV); echo "Python's venv is missing. On Debian and Ubuntu: apt install python3-venv"; exit 1; }

$(VENV)/installed: requirements.lock | $(BIN)/pip
	@echo "Installing what Dastan needs (once)…"
	@$(BIN)/pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
	@touch $@

$(VENV)/installed-dev: requirements-dev.lock $(VENV)/installed
	@echo "Installing what the tests need (once)…"
	@$(BIN)/pip install --quiet --disable-pip-version-check --require-hashes -r requirements-dev.lock
	@touch $@

$(DATA)/static/staticfiles.json: requirements.lock $(STATIC_FILES) | $(VENV)/installed
	@$(BIN)/python manage.py collectstatic --noinput --clear --verbosity 0
