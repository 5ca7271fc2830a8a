# What people type; each target installs what it needs into .venv first. See README.md.
PORT ?= 8080
PYTHON ?= python3
BIN := .venv/bin
TEST_DATABASE ?= $(LTI_TOOL_TEST_DATABASE_URL)
CATALOGUES := $(patsubst %.po,%.mo,$(wildcard lti_tool/translations/*/LC_MESSAGES/messages.po))

.DEFAULT_GOAL := help
.PHONY: help run serve test browser bench lint types docs check format messages lock

help: ## this list
	@grep -hE '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/'

run: .venv/run.ok $(CATALOGUES) ## try it: the tool and two sandbox schools (PORT=8080)
	@PORT=$(PORT) $(BIN)/python -m lti_tool.sandbox.run

serve: .venv/run.ok $(CATALOGUES) ## the tool alone, for production (PORT, HOST)
	@$(BIN)/flask --app wsgi db upgrade
	@exec $(BIN)/gunicorn --config gunicorn.conf.py wsgi:app

test: .venv/dev.ok $(CATALOGUES) ## the whole suite but the browser's
	$(BIN)/pytest -q -n 2 --dist worksteal tests --ignore tests/browser --ignore tests/bench
ifneq ($(TEST_DATABASE),)
	$(BIN)/pytest -q -n 2 --dist worksteal tests --ignore tests/browser --ignore tests/bench --database $(TEST_DATABASE)
else
	@echo "PostgreSQL: skipped, LTI_TOOL_TEST_DATABASE_URL names no server"
endif

browser: .venv/dev.ok $(CATALOGUES) ## the whole story in Chromium
	$(BIN)/pytest -q tests/browser

bench: .venv/dev.ok $(CATALOGUES) ## figures beside their floors and peers
	$(BIN)/python -m tests.bench

lint: .venv/dev.ok ## style
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

types: .venv/dev.ok ## mypy
	$(BIN)/mypy

docs: .venv/dev.ok ## links in the documentation lead somewhere
	$(BIN)/pytest -q tests/test_docs.py

check: lint types docs test browser ## everything CI runs

format: .venv/dev.ok
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

messages: .venv/dev.ok ## collect strings into the Russian catalogue
	$(BIN)/pybabel -q extract --ignore-dirs '.*' -F babel.cfg -k _l -k lazy_gettext -k _lp:1c,2 --no-location --sort-output -o $(CURDIR)/.venv/messages.pot .
	$(BIN)/pybabel -q update -i .venv/messages.pot -d lti_tool/translations -l ru --no-fuzzy-matching --ignore-obsolete --width 110

lock: .venv/uv.ok ## renew the hashed locks after a change of pyproject.toml
	$(BIN)/uv pip compile -q --universal --python-version 3.11 --generate-hashes --no-header --no-annotate --extra postgresql --extra redis --upgrade pyproject.toml -o requirements.lock
	$(BIN)/uv pip compile -q --universal --python-version 3.11 --generate-hashes --no-header --no-annotate --all-extras --group dev --upgrade pyproject.toml -o requirements-dev.lock

%.mo: %.po
	@$(BIN)/python -m babel.messages.frontend -q compile -i $< -o $@

.venv/uv.ok:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null || { echo "Python 3.11 or newer is needed: install python3, or name one with PYTHON=python3.12"; exit 1; }
	@$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null || { echo "Python's venv module is missing: install it first (Debian: apt install python3-venv)"; exit 1; }
	@test -x $(BIN)/python || $(PYTHON) -m venv .venv
	@$(BIN)/python -m pip install -q --disable-pip-version-check uv
	@touch $@

.venv/run.ok: .venv/uv.ok requirements.lock
	@test -f .venv/dev.ok || $(BIN)/uv pip install -q --python $(BIN)/python --require-hashes -r requirements.lock
	@touch $@

.venv/dev.ok: .venv/uv.ok requirements-dev.lock
	@$(BIN)/uv pip install -q --python $(BIN)/python --require-hashes -r requirements-dev.lock
	@touch $@
