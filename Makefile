# Wurao. `make` prints this help.
PACK ?= quzhou
PORT ?= 8000
DATA ?= .wurao
SCALE ?= 1000000
DRAW_SCALE ?= 5000000
BIN := .venv/bin
export WURAO_DATA := $(DATA)

.DEFAULT_GOAL := help
.PHONY: help setup run demo up down test check bench format docs clean

help: ## Print this help
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-8s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

setup: .venv/.ready ## Make .venv with the wurao command (Python 3.11 or newer is enough)

.tools/bin/uv:
	@command -v python3 >/dev/null || { echo "Python 3.11 or newer is needed"; exit 1; }
	@python3 -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "Python 3.11 or newer is needed"; exit 1; }
	python3 -m venv .tools
	.tools/bin/pip install --quiet --disable-pip-version-check "uv>=0.9,<1"

.venv/.ready: .tools/bin/uv uv.lock pyproject.toml $(wildcard libs/*/pyproject.toml services/*/pyproject.toml deploy/*/pyproject.toml)
	.tools/bin/uv sync --frozen --quiet --compile-bytecode --python python3
	@touch $@

run: setup ## Start the embedded platform, play one quarter of a county, keep serving on 127.0.0.1
	@$(BIN)/wurao run --pack $(PACK) --port $(PORT)

demo: setup ## Play one quarter under PACK=yongzhou|dingtao|linxia|quzhou|cangxian and stop
	@$(BIN)/wurao demo --pack $(PACK)

up: setup ## Start five processes on PostgreSQL and Kafka without containers, play the same quarter
	@$(BIN)/wurao up --pack $(PACK) --port $(PORT)

down: setup ## Stop what `make up` started
	@$(BIN)/wurao down

test: setup ## All tests: embedded, and on real PostgreSQL and Kafka (started and stopped here)
	@$(BIN)/python -m wurao.local test -- -n 2 --dist loadgroup

check: setup ## Format, lint, types, architecture, deployment files, generated documents, tests
	@$(BIN)/ruff format --check .
	@$(BIN)/ruff check .
	@$(BIN)/mypy libs/common/src services/*/src deploy/*/src tests
	@$(BIN)/lint-imports
	@$(BIN)/python deploy/lint.py
	@$(BIN)/wurao pack check
	@$(BIN)/wurao docs check
	@$(MAKE) --no-print-directory test

bench: setup ## Grading, imports, search, merging at SCALE, draws at DRAW_SCALE, beside bare programs; fails beyond a goal
	@status=0; for bench in grading imports search merge; do \
		$(BIN)/python -m tests.bench.$$bench --scale $(SCALE) || status=1; \
	done; \
	$(BIN)/python -m tests.bench.draw --scale $(DRAW_SCALE) || status=1; \
	exit $$status

format: setup ## Format the code and fix what ruff can fix
	@$(BIN)/ruff format .
	@$(BIN)/ruff check --fix .

docs: setup ## Write the generated documents
	@$(BIN)/wurao docs write

clean: ## Remove all data, after stopping what `make up` started
	@if [ -x $(BIN)/wurao ]; then $(BIN)/wurao down; fi
	rm -rf $(DATA)
