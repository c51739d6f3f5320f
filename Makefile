# Everything runs in the project's own virtual environment, .venv.
PYTHON ?= python3
BIN := .venv/bin

.PHONY: demo test format docs facts oracles bench growth fuzz lock audit clean

demo: .venv/runs  ## set up and lint fixtures/: the first thing to try
	$(BIN)/devopslint fixtures --no-config --no-context --statistics --exit-zero

test: .venv/develops  ## everything that must pass before a change lands
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/pytest -n auto

format: .venv/develops
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

docs: .venv/develops  ## write docs/rules.md anew from rules/
	$(BIN)/python -m devopslint.catalogue_text > docs/rules.md

facts: .venv/develops  ## read the tables of devopslint/facts again (npm and go have to be there)
	for script in $(filter-out packages base_images __init__,$(basename $(notdir $(wildcard support/*.py)))); do \
		$(BIN)/python -m support.$$script || exit 1; done

oracles: .venv/develops  ## hold the readers against the programs that really read these files (Go, Ruby, Git, npm and Node.js have to be there)
	$(BIN)/python support/oracles/run.py $(CORPUS)
	$(BIN)/python support/oracles/buildkit/compare.py
	$(BIN)/python support/oracles/kustomize/compare.py $(wildcard $(addsuffix /*,$(CORPUS)))
	$(BIN)/python support/oracles/compose/compare.py
	$(BIN)/python support/oracles/expressions.py
	$(BIN)/python support/oracles/admission/compare.py $(CORPUS)
	$(if $(CORPUS),$(BIN)/python support/oracles/promql/compare.py $(CORPUS))

SAMPLE ?= 60
SEED ?= 1

mutate: .venv/develops  ## change the code in small ways and see whether a test fails: docs/mutation.md (MODULES='cache commands', SAMPLE=20 and SEED=2 choose)
	$(BIN)/pip install --quiet --editable '.[mutation]'
	$(BIN)/python support/mutation/run.py $(MODULES) --sample $(SAMPLE) --seed $(SEED) --show

bench: .venv/develops
	$(BIN)/python benchmarks/run.py

growth: .venv/develops  ## how the time of a run grows with what an adversary repeats
	$(BIN)/python benchmarks/growth.py

MINUTES ?= 120

fuzz: .venv/develops  ## break the readers, the configuration and whole runs, for MINUTES; CORPUS is a folder of repositories
	$(BIN)/python support/fuzz/run.py --minutes $(MINUTES) $(if $(CORPUS),--corpus $(CORPUS))

lock:  ## write the hashed locks of requirements/ anew (uv has to be there)
	uv pip compile -q --generate-hashes --universal --python-version 3.11 --no-header --no-annotate --upgrade pyproject.toml -o requirements/run.txt
	for name in schema shell cel; do \
		uv pip compile -q --generate-hashes --universal --python-version 3.11 --no-header --no-annotate --upgrade --extra $$name pyproject.toml -o requirements/$$name.txt || exit 1; done
	for name in build audit publish; do \
		uv pip compile -q --generate-hashes --universal --python-version 3.11 --no-header --no-annotate --upgrade requirements/$$name.in -o requirements/$$name.txt || exit 1; done

audit:  ## look the locked dependencies up in the advisory database, and write their bill of materials to build/sbom.json
	$(PYTHON) -m venv build/audit
	build/audit/bin/pip install --quiet --require-hashes -r requirements/audit.txt
	build/audit/bin/pip-audit --require-hashes --disable-pip -r requirements/run.txt
	build/audit/bin/pip-audit --require-hashes --disable-pip -r requirements/build.txt
	build/audit/bin/cyclonedx-py requirements requirements/run.txt -o build/sbom.json

clean:
	rm -rf .venv build dist .mypy_cache .pytest_cache .ruff_cache .hypothesis .coverage mutants devopslint/_catalogue.json fuzz-found

.venv/runs: pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Python 3.11 or newer is needed; another is used with make PYTHON=python3.13 $(MAKECMDGOALS)")'
	$(PYTHON) -m venv .venv
	$(BIN)/pip install --quiet --editable .
	touch $@

.venv/develops: .venv/runs
	$(BIN)/pip install --quiet --editable '.[dev]'
	touch $@
