# Everything runs in .venv, made by scripts/setup.py with pip alone. `make help` lists the targets.
SHELL := /bin/sh
PYTHON ?= python3
BIN := .venv/bin
PIN := $(BIN)/python -m uv pip compile -q --universal --python-version 3.11 --no-annotate --no-header

.DEFAULT_GOAL := help
.PHONY: help run test unit check format interop bench rush trial lock clean setup setup-dev translations

help: ## this list
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/  make \1\t\2/p' Makefile | expand -t 22

run: setup ## set up what is missing and serve the app with demo data (PORT=8000, DATABASE_URL=)
	@exec $(BIN)/python -m scripts.run

setup:
	@$(PYTHON) scripts/setup.py requirements.txt

setup-dev:
	@$(PYTHON) scripts/setup.py requirements-dev.txt
	@$(BIN)/python -m scripts.prepare

test: setup-dev ## all tests: unit, SQLite and PostgreSQL, browser, interoperability
	@$(BIN)/pytest -q -n $${JOBS_OF_PYTEST:-2} --ignore tests/interop/external $(ARGS)

unit: setup-dev ## the tests of the rules alone, in seconds
	@$(BIN)/pytest -q tests/unit $(ARGS)

check: setup-dev ## format, lint, types, import layers, templates, complete translations
	@$(BIN)/ruff format --check --output-format concise . || { echo "Run make format."; exit 1; }
	@$(BIN)/ruff check --output-format concise .
	@$(BIN)/mypy
	@$(BIN)/lint-imports --no-cache
	@$(BIN)/python -m scripts.translations check

format: setup-dev ## format the code
	@$(BIN)/ruff check --quiet --fix-only .
	@$(BIN)/ruff format .

interop: setup-dev ## calendar files and mail read by programs that are not ours
	@sh tests/interop/external/setup.sh
	@$(BIN)/pytest -q tests/interop $(ARGS)

bench: setup-dev ## speed as ratios to a bare Flask page, sign-ups and letters per second, memory, page weight
	@$(BIN)/python -m bench $(ARGS)

rush: setup-dev ## thousands at once against the running app, and a verdict (ARGS="--people 2000 --places 300")
	@$(BIN)/python -m tests.history.rush $(ARGS)

trial: setup-dev ## thousands of letters by a mail server that misbehaves, everybody killed by and by (ARGS="--letters 10000")
	@$(BIN)/python -m tests.delivery.trial $(ARGS)

lock: setup-dev ## pin requirements*.in anew
	@$(BIN)/python -m pip install -q uv
	@$(PIN) requirements.in -o requirements.txt
	@$(PIN) requirements-postgres.in -c requirements.txt -o requirements-postgres.txt
	@$(PIN) requirements-dkim.in -c requirements.txt -o requirements-dkim.txt
	@$(PIN) requirements-dev.in -c requirements-postgres.txt -o requirements-dev.txt

translations: setup-dev ## bring the catalogues up to date with the code
	@$(BIN)/python -m scripts.translations update

clean: ## remove what can be made again (keeps var/, the data)
	rm -rf .venv .mypy_cache .ruff_cache .pytest_cache .import_linter_cache .hypothesis static/fonts test-results
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
	find translations -name '*.mo' -delete
