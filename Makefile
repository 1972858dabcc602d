# Everything is installed into .venv; Python >= 3.11 and make are all that is needed.
PYTHON ?= python3
VENV   := .venv
BIN    := $(VENV)/bin
STAMP  := $(VENV)/.installed

.PHONY: demo test check format fuzz bench clean help

help:            ## this list
	@grep -hE '^[a-z]+: .*##|^[a-z]+:  *##' $(MAKEFILE_LIST) | sed 's/:.*##/ /' | awk '{n=$$1; $$1=""; printf "  make %-8s %s\n", n, $$0}'

demo: $(STAMP)   ## run every scenario and print the verdicts
	@$(BIN)/discord-sim run --all

# Two processes, one after the other: each simulation walks the heap, and what three libraries import makes it large.
SERVER := tests/conformance tests/discord_sim tests/fuzz

test: $(STAMP)   ## the whole test suite
	@status=0; \
	$(BIN)/python -m pytest $(SERVER) || status=1; \
	$(BIN)/python -m pytest tests $(SERVER:%=--ignore=%) || status=1; \
	exit $$status

check: $(STAMP)  ## lint, strict types, import contracts
	@$(BIN)/ruff check . && $(BIN)/ruff format --check . && $(BIN)/mypy && $(BIN)/lint-imports

format: $(STAMP) ## format and fix what can be fixed
	@$(BIN)/ruff check --fix . ; $(BIN)/ruff format .

fuzz: $(STAMP)   ## random calls and frames against the server, until one fails (SECONDS=60 SEED=1)
	@$(BIN)/python -m tests.fuzz --seconds $(or $(SECONDS),60) --seed $(or $(SEED),1)

bench: $(STAMP)  ## measure; prints ratios within one run
	@$(BIN)/python -m benchmarks

$(STAMP): pyproject.toml constraints.txt
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "Python >= 3.11 is needed: make PYTHON=python3.12 $(MAKECMDGOALS)"; exit 2; }
	@echo "Installing into $(VENV) (once) …"
	@$(PYTHON) -m venv $(VENV)
	@$(BIN)/python -m pip --quiet --disable-pip-version-check install -c constraints.txt -e '.[dev]'
	@touch $@

clean:           ## remove what make installed
	@rm -rf $(VENV) build *.egg-info .pytest_cache .mypy_cache .ruff_cache .import_linter_cache
