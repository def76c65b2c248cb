# Two commands for a newcomer: `make up` runs the product, `make test` runs the tests. Both set everything up first.
# PYTHON=/path/to/python3.12 chooses the interpreter, PORT=8080 the port, ARGS="-k sign" goes to the tool that runs.

BIN := .venv/bin
READY := .venv/ready
CATALOGUES := .venv/catalogues

.PHONY: up test check demo bench docs messages lock chromium clean
.DEFAULT_GOAL := up

up: $(READY) $(CATALOGUES)
	@$(BIN)/sledi up $(if $(PORT),--port $(PORT)) $(ARGS)

test: $(READY) $(CATALOGUES) chromium
	@$(BIN)/python -m pytest -n 2 $(ARGS)

check: $(READY) $(CATALOGUES)
	@$(BIN)/ruff format --check .
	@$(BIN)/ruff check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports
	@$(BIN)/python -m pytest -q tests/tidy

demo: $(READY) $(CATALOGUES)
	@$(BIN)/sledi demo $(ARGS)

bench: $(READY) $(CATALOGUES)
	@$(BIN)/python -m benchmarks $(ARGS)

docs: $(READY)
	@$(BIN)/python -m ops.promises

# New texts go into the catalogues, empty; then everything is compiled.
messages: $(READY)
	@$(BIN)/python -m sledi.web.catalogues
	@$(BIN)/python ops/compile_catalogues.py

# The exact versions of everything, for every system, without the address of any index.
lock: $(READY)
	@$(BIN)/python -m venv --clear build/lock && build/lock/bin/pip install -q uv
	@build/lock/bin/uv pip compile -q --universal --python-version 3.11 --extra dev --upgrade --no-header \
		--no-annotate --no-emit-index-url pyproject.toml -o requirements.lock

chromium:
	@sh ops/chromium.sh

$(READY): requirements.lock pyproject.toml ops/venv.sh
	@PYTHON="$(PYTHON)" sh ops/venv.sh
	@touch $@

$(CATALOGUES): $(READY) $(wildcard src/sledi/locale/*/LC_MESSAGES/*.po)
	@$(BIN)/python ops/compile_catalogues.py >/dev/null
	@touch $@

# The data folder stays: what is in it cannot be made again.
clean:
	rm -rf .venv build dist test-results .mypy_cache .ruff_cache .import_linter_cache .hypothesis
	find src tests benchmarks ops -name __pycache__ -type d -prune -exec rm -rf {} +
	find src -name '*.mo' -delete
