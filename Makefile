# Needs Python 3.11 or later, make and a package index.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin

.PHONY: build test test-system bench system catalogues lock clean

build: $(VENV)/ready ## set up, check the project, write public/
	$(BIN)/whereas build

test: $(VENV)/ready-for-tests ## set up, run the tests
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/python -m pytest -n auto --dist loadfile -m "not system"

test-system: $(VENV)/ready-for-tests ## run the tests that need servers, a browser or Debian packages
	$(BIN)/python -m pytest -n auto --dist loadfile -m system

bench: $(VENV)/ready-for-tests ## run the benchmarks, write docs/benchmarks.md
	$(BIN)/python -m benchmarks

system: ## install the Debian packages that test-system needs; without them its tests skip
	if [ "$$(id -u)" = 0 ]; then sudo=; else sudo=sudo; fi; \
	$$sudo apt-get update -qq && $$sudo apt-get install -y -qq --no-install-recommends virtuoso-opensource-7 apache2 openssl zsh fish \
		chromium nginx libnginx-mod-http-js libnginx-mod-http-brotli-filter libnginx-mod-http-brotli-static caddy \
		libapache-jena-java default-jre-headless openrefine r-base-core \
		nodejs $$(command -v npm >/dev/null || echo npm)

$(VENV)/ready: requirements/run.txt pyproject.toml
	$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Python 3.11 or later is needed, this is " + sys.version)'
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements/run.txt
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	touch $@

$(VENV)/ready-for-tests: $(VENV)/ready requirements/test.txt
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements/test.txt
	touch $@

catalogues: $(VENV)/ready ## update the message catalogues from the source, and compile them
	$(BIN)/python src/whereas/locale/update.py

lock: ## update the pinned, hashed dependencies (needs `uv`)
	uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-annotate \
		--custom-compile-command 'make lock' pyproject.toml --group build -o requirements/run.txt
	uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-annotate \
		--custom-compile-command 'make lock' pyproject.toml --group build --group test -o requirements/test.txt

clean: ## remove generated files
	rm -rf $(VENV) public .whereas dist
