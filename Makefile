# Two commands matter: `make run` and `make test`. Everything is installed into .venv; nothing else on the machine is touched.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.installed
PEERS := .venv-peers
PEERS_STAMP := $(PEERS)/.installed

.DEFAULT_GOAL := help
.PHONY: help run test check format bench bench-peers clean

help:  ## show this list
	@grep -E '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | awk -F ':.*## ' '{printf "make %-12s %s\n", $$1, $$2}'

$(STAMP): pyproject.toml constraints.txt
	@$(PYTHON) -c 'import sys; sys.exit(0 if sys.version_info >= (3, 11) else "Python 3.11 or newer is needed: make run PYTHON=python3.11")'
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@echo "installing (once; some minutes) ..."
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check torch==2.13.0 --constraint constraints.txt
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable '.[dev]' --constraint constraints.txt
	@# only its copy of axe-core is read, for the tests of accessibility; what it depends on (a second browser driver) is not needed
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps axe-playwright-python --constraint constraints.txt
	@touch $(STAMP)

run: $(STAMP)  ## set up, read the corpus in, and serve
	@$(BIN)/kb model
	@$(BIN)/kb ingest
	@$(BIN)/kb serve --samples

test: $(STAMP)  ## run all tests
	@$(BIN)/kb model
	@$(BIN)/python -m pytest

check: $(STAMP)  ## linters, types, corpus
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy
	@$(BIN)/kb check

format: $(STAMP)  ## bring the code into the one format
	@$(BIN)/ruff check --fix-only --quiet .
	@$(BIN)/ruff format .

bench: $(STAMP)  ## speed and relevance, printed (KB_EVAL=folder with public test sets)
	@$(BIN)/python bench/bounds.py relevance.py encoding.py starting.py understanding.py suggesting.py \
		"proposals.py --check" "ingestion.py --documents 120" "ingestion.py --stand-in 2000" segmenting.py \
		"growth.py --counts 10000 100000" roofline.py "serving.py --workers 2"

$(PEERS_STAMP): bench/peers/requirements.txt bench/peers/constraints.txt
	@test -x $(PEERS)/bin/python || $(PYTHON) -m venv $(PEERS)
	@echo "installing the other tools (once; some minutes, 2.4 GB) ..."
	@$(PEERS)/bin/python -m pip install --quiet --disable-pip-version-check torch==2.13.0 --constraint bench/peers/constraints.txt
	@$(PEERS)/bin/python -m pip install --quiet --disable-pip-version-check --requirement bench/peers/requirements.txt --constraint bench/peers/constraints.txt
	@touch $(PEERS_STAMP)

bench-peers: $(STAMP) $(PEERS_STAMP)  ## the same beside other tools, written into docs/benchmarks.md
	@$(BIN)/kb model
	@$(BIN)/python bench/bench_peers.py
	@$(BIN)/python bench/bench_peers.py --write

clean:  ## remove the environments and everything derived; the database in var/ stays
	rm -rf $(VENV) $(PEERS) build *.egg-info
	find index -mindepth 1 ! -name README.md -delete
