# `make run` and `make test` are what a newcomer needs; docs/development.md tells of the rest.
PYTHON ?= python3
export PYTHON PORT HOST

run: ; @$(call with_python,tools/run.py)
test: ; @$(call with_python,tools/test.py)
lint: .dev ; @.venv/bin/python tools/lint.py
search-node: .dev ; @.venv/bin/python tools/search_node.py $(ARGS)
bench-search: .dev ; @.venv/bin/python -m tools.bench.search $(ARGS)
bench: .dev ; @.venv/bin/python -m tools.bench.run $(ARGS)
stripe-mock: .dev ; @.venv/bin/python tools/stripe_mock.py
relevance: .dev ; @ARGS="$(ARGS)" .venv/bin/python tools/relevance.py
soak: .dev ; @.venv/bin/python -m tools.bench.soak $(ARGS)
screenshots: .dev ; @.venv/bin/python tools/screenshots.py $(ARGS)
requirements: .dev ; @.venv/bin/python tools/requirements.py

# The environment with the tools of development in it.
.dev: ; @$(call with_python,tools/environment.py dev)

# Only make and a Python are taken for granted; without one, say so plainly.
define with_python
command -v $(PYTHON) >/dev/null 2>&1 || { \
	printf '\n  ✗ Python belum ada di sini. Pasang Python 3.11 atau lebih baru, lalu ulangi (Debian/Ubuntu: sudo apt install python3 python3-venv).\n'; \
	printf '    There is no Python here. Install Python 3.11 or newer and try again (Debian/Ubuntu: sudo apt install python3 python3-venv).\n\n'; exit 1; }; \
exec $(PYTHON) $(1)
endef

.PHONY: run test lint soak relevance stripe-mock search-node bench-search bench screenshots requirements .dev
.DEFAULT_GOAL := run
