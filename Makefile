PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin

.PHONY: demo serve screenshots test campaign check clean

# Trains attention, LSTM and both together on real text, and compares them.
demo: $(VENV)/demo.stamp
	$(BIN)/tandem compare recipes/demo/*.toml

# A page and a JSON API that ask what the demo trained, and a model of inference in a made language.
serve: $(VENV)/serve.stamp
	$(BIN)/tandem compare recipes/demo/*.toml
	$(BIN)/tandem train recipes/inference.toml
	$(BIN)/tandem serve

# The whole test suite, in the same environment, two files at a time.
test: $(VENV)/test.stamp
	$(BIN)/python -m pytest --numprocesses 2 --dist loadfile

# What is too long for the test suite: every malformed input, and every script written into the pages.
campaign: $(VENV)/test.stamp
	$(BIN)/python -m pytest tests/campaign tests/browser --all-cases
	$(BIN)/python -m pytest tests -m campaign --ignore tests/campaign --all-cases

# Pictures of the pages, of whatever `make serve` shows in another terminal.
screenshots: $(VENV)/test.stamp
	$(BIN)/python tests/browser/pictures.py http://127.0.0.1:8000 docs/pictures

# Style, types and the direction of imports.
check: $(VENV)/test.stamp
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports

$(VENV)/bin/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
		|| { echo "Tandem needs Python 3.11 or newer; name it with: make PYTHON=python3.11 $(MAKECMDGOALS)" >&2; exit 2; }
	@$(PYTHON) -m venv $(VENV) 2>/dev/null || { rm -rf $(VENV); $(MAKE) --no-print-directory debian-venv && $(PYTHON) -m venv $(VENV); } \
		|| { rm -rf $(VENV); echo "Python cannot make virtual environments here; on Debian: apt install python3-venv" >&2; exit 2; }

# Debian keeps what `python3 -m venv` needs in a package of its own.
.PHONY: debian-venv
debian-venv:
	@test "$$(id -u)" = 0 && command -v apt-get >/dev/null && echo "installing Debian's python3-venv" \
		&& apt-get update -qq && apt-get install -y -qq --no-install-recommends python3-venv >/dev/null

$(VENV)/demo.stamp: pyproject.toml | $(VENV)/bin/python
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable '.[plots]'
	@touch $@

$(VENV)/serve.stamp: pyproject.toml | $(VENV)/bin/python
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable '.[plots,web]'
	@touch $@ $(VENV)/demo.stamp

$(VENV)/test.stamp: pyproject.toml | $(VENV)/bin/python
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable '.[dev]'
	@touch $@ $(VENV)/demo.stamp $(VENV)/serve.stamp

clean:
	rm -rf $(VENV) .pytest_cache .mypy_cache .ruff_cache .import_linter_cache
