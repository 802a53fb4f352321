# make demo   the whole workflow on embedded data, then the answer
# make test   every test
SHELL := /bin/bash
BIN := .venv/bin
CORES ?= $(shell nproc 2>/dev/null || echo 2)

.PHONY: demo test setup lint docs lock clean

setup:
	@PYTHON="$(PYTHON)" TORCH="$(TORCH)" envs/setup.sh

demo: setup
	@start=$$(date +%s); $(BIN)/snakemake --cores $(CORES) --quiet rules && \
	$(BIN)/python -c 'import json; print("\n" + json.load(open("results/tables/hippocampus/verdict.json"))["headline"])' && \
	echo "Report: $(CURDIR)/results/report/index.html" && \
	echo "Took $$(( $$(date +%s) - start )) s on $(CORES) cores"

test: setup
	@$(BIN)/python -m pytest

lint: setup
	@$(BIN)/ruff check . && $(BIN)/ruff format --check . && $(BIN)/snakefmt --check . && $(BIN)/snakemake --lint

docs: setup # docs/config.md from the schema, docs/errors.md from the codes
	@cd workflow_scripts && ../$(BIN)/python -m synthem.reference ../rules/schemas/config.schema.yaml ../docs

lock: # exact versions, without addresses and without torch (envs/setup.sh picks its build)
	@$(BIN)/uv pip compile --quiet --upgrade --universal --python-version 3.11 --all-extras pyproject.toml \
	  --no-emit-package torch --no-annotate --no-emit-index-url --no-emit-find-links --custom-compile-command "make lock" \
	  -o envs/requirements.lock
	@sed -i -E '/^(nvidia-|cuda-|triton)/d' envs/requirements.lock # they come with the CUDA build of torch

clean:
	rm -rf results .snakemake
