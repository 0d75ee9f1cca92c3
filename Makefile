# The few verbs. Each prints what it does; everything is installed into .venv by this file and pyproject.toml.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.installed
# Tests start Python hundreds of times: what it has compiled is kept, also where the environment says not to.
export PYTHONDONTWRITEBYTECODE :=
PYTEST := $(BIN)/python -m pytest -n 2 --dist loadgroup --no-loadscope-reorder

.DEFAULT_GOAL := help
.PHONY: help sim lint check test soak prove cover mutate fuzz lockstep bench resources bitstream playground docs dist clean

help: ## say what there is to do
	@echo "Ganglion: golden model, emulator and RTL, bit for bit the same"
	@awk -F ':.*## ' '/^[a-z]+:.*## /{printf "  make %-10s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

$(STAMP): pyproject.toml
	@echo "== installing Ganglion and its tools into $(VENV) (once)"
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
		{ echo "Ganglion needs Python 3.11 or later; $(PYTHON) is `$(PYTHON) --version 2>&1`. Try: make PYTHON=python3.12"; exit 1; }
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@$(BIN)/python -m pip install -q --disable-pip-version-check -e '.[dev]'
	@touch $@

sim: $(STAMP) ## run the main job: handwritten digits on the RTL and the golden model, in lockstep
	@echo "== handwritten digits on the RTL and the golden model"
	@$(BIN)/ganglion run digits --report --out build/digits

lint: $(STAMP)
	@echo "== lint"
	@$(BIN)/ruff check .
	@echo "== types"
	@$(BIN)/mypy

check: $(STAMP) ## run lint, types and the quick tests that need no C++ compiler and no solver: a minute
	@echo "== lint"
	@$(BIN)/ruff check .
	@echo "== types, and tests of Python alone"
	@$(BIN)/mypy > $(VENV)/types.txt & types=$$!; \
		$(PYTEST) -m "not (sim or formal or flow or system or long or slow)" --costs 5; tests=$$?; \
		wait $$types; types=$$?; cat $(VENV)/types.txt; exit $$((tests | types))

test: lint ## run lint, types and every test (what CI runs): ten minutes on a quiet machine
	@echo "== tests"
	@$(BIN)/python -m tests.debian
	@$(PYTEST) --costs 20

soak: $(STAMP) ## run the long tests, 10,000 random networks and more: an hour; goes on where it was stopped
	@$(BIN)/python -m tests.debian
	@echo "== long tests; what has passed is kept in build/soak.json"
	@$(PYTEST) -m slow --soak build/soak.json

prove: $(STAMP) ## run the formal proofs alone, those of the soak too
	@echo "== proofs"
	@$(BIN)/python -m tests.debian
	@$(BIN)/python -m pytest tests/formal -m "slow or not slow"

cover: $(STAMP) ## measure which lines, branches and bits of the chip's Verilog the random runs reach
	@echo "== coverage"
	@$(BIN)/python -m tests.coverage.run

mutate: $(STAMP) ## break the chip in many ways, and see each one caught
	@echo "== mutations"
	@$(BIN)/python -m tests.debian
	@$(BIN)/python -m tests.mutations.run
	@$(BIN)/python -m tests.mutations.score

MINUTES ?= 60
SEED ?= 1
fuzz: $(STAMP) ## give anything to all that takes files and packets: make fuzz MINUTES=60 SEED=1; goes on where it was stopped
	@echo "== $(MINUTES) minutes of inputs of seed $(SEED); what is wrong is kept in build/fuzz"
	@$(BIN)/python -m tests.fuzz.run --minutes $(MINUTES) --seed $(SEED)

LOCKSTEP ?= 10000000
lockstep: $(STAMP) ## compare ten million steps of random networks on random chips; goes on where it was stopped
	@echo "== $(LOCKSTEP) steps in lockstep; the log is build/lockstep.jsonl"
	@$(BIN)/python -m tests.sim.campaign --steps $(LOCKSTEP)

bench: $(STAMP) ## print rates: the chip per cycle, its simulation, the emulator
	@echo "== benches"
	@$(BIN)/ganglion bench

resources: $(STAMP) ## synthesise, place and route the board's core for ECP5
	@echo "== resources"
	@$(BIN)/ganglion resources --route

BOARD ?= icebreaker
bitstream: $(STAMP) ## make the bitstream of a board: make bitstream BOARD=ulx3s
	@echo "== bitstream for $(BOARD)"
	@$(BIN)/ganglion bitstream $(BOARD)

playground: $(STAMP) ## build the playground, the chip in a browser, as a folder for any web server: build/playground
	@echo "== data of the playground"
	@$(BIN)/python -m ganglion.web.playground.folder
	@echo "== page, in build/playground"
	@$(BIN)/ganglion playground --out build/playground

docs: $(STAMP) ## build the documentation as a site, after writing again what it has from the code
	@echo "== generated pages"
	@$(BIN)/python -m docs.generate.reference
	@$(BIN)/python -m docs.generate.resources
	@$(BIN)/python -m docs.generate.coverage
	@$(BIN)/python -m docs.generate.mutations
	@$(BIN)/python -m docs.generate.neurons
	@$(BIN)/python -m docs.generate.learning
	@$(BIN)/python -m docs.generate.frameworks
	@echo "== site, in build/site"
	@$(BIN)/sphinx-build -q -W --keep-going docs build/site

dist: $(STAMP) ## build the wheel and the source distribution; make dist TAG=v0.1.0 holds the version to the tag
	@echo "== distribution, in dist"
	@version=v$$($(BIN)/python -c 'import ganglion; print(ganglion.__version__)'); \
		test "$${TAG:-$$version}" = $$version || { echo "the tag is $$TAG, and the version $$version"; exit 1; }
	@rm -rf dist
	@$(BIN)/python -m build -q
	@$(BIN)/twine check --strict dist/*

clean: ## remove what was built and installed
	rm -rf $(VENV) build dist *.egg-info
