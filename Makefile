# Everything is installed into .venv; Python >= 3.11 and make are all that is needed.
PYTHON ?= python3
VENV   := .venv
BIN    := $(VENV)/bin
STAMP  := $(VENV)/.installed

.PHONY: demo test check format bench clean help

help:            ## this list
	@grep -hE '^[a-z]+: .*##|^[a-z]+:  *##' $(MAKEFILE_LIST) | sed 's/:.*##/ /' | awk '{n=$$1; $$1=""; printf "  make %-8s %s\n", n, $$0}'

demo: $(STAMP)   ## run every scenario and print the verdicts
	@$(BIN)/discord-sim run --all

test: $(STAMP)   ## the whole test suite
	@$(BIN)/python -m pytest

check: $(STAMP)  ## lint, strict types, import contracts
	@$(BIN)/ruff check . && $(BIN)/ruff format --check . && $(BIN)/mypy && $(BIN)/lint-imports

format: $(STAMP) ## format and fix what can be fixed
	@$(BIN)/ruff check --fix . ; $(BIN)/ruff format .

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
