# make demo        the whole workflow on embedded data, then the answer
# make new         a config for your own data: make new IMAGE=stack.tif MASK=mask.tif [NAME=mine] [VOXEL="40 4 4"]
#                  [STRUCTURE=mitochondria] [FOREGROUND="1 2"] [LABELLED="0-9 50"] [TILES=yes] [CONFIG=my.yaml], and a
#                  stack of its own to test: [TEST_IMAGE=test.tif TEST_MASK=test-mask.tif] [TEST_LABELLED="3 7"];
#                  for a network that somebody shared: make new IMAGE=stack.tif NETWORK=network.safetensors
# make run         your own data: make run CONFIG=my.yaml [TARGET=check] [CORES=4]
# make test        every test of the workflow: all but those of the last three lines
# make test-fast   those that start no process: two to five minutes, for the work at the desk
# make test-tissue a run of the README's own config on real tissue, where that is at hand: two minutes
# make test-tools  those of the set-up, the container, the benchmarks and the tests themselves: two minutes
# make test-gpu    those that need a GPU, which all others hide
SHELL := /bin/bash
BIN := .venv/bin
TESTS := not tissue and not tools
CORES ?= $(shell nproc 2>/dev/null || echo 2)

.PHONY: demo new run test test-fast test-tissue test-tools test-gpu setup lint docs lock peers clean

setup:
	@PYTHON="$(PYTHON)" TORCH="$(TORCH)" envs/setup.sh

demo: setup
	@start=$$(date +%s); $(BIN)/snakemake --cores $(CORES) --configfile presets/demo.yaml && \
	$(BIN)/python -c 'import json; print("\n" + json.load(open("results/tables/hippocampus/verdict.json"))["headline"])' && \
	echo "Report: $(CURDIR)/results/report/hippocampus/index.html" && \
	echo "Took $$(( $$(date +%s) - start )) s on $(CORES) cores"

# What a user writes reaches programs through the environment: nothing in it is executed.
GIVEN := IMAGE MASK NAME CONFIG VOXEL STRUCTURE FOREGROUND LABELLED TILES TEST_IMAGE TEST_MASK TEST_LABELLED NETWORK
unexport $(GIVEN)
$(foreach word,$(GIVEN),$(eval new run: export GIVEN_$(word) = $$(value $(word))))
new: setup
	@PYTHONPATH=workflow_scripts $(BIN)/python -m synthem.proposals.proposing --image "$$GIVEN_IMAGE" --mask "$$GIVEN_MASK" \
	  --name "$${GIVEN_NAME:-mine}" --config "$${GIVEN_CONFIG:-my.yaml}" --voxel "$$GIVEN_VOXEL" \
	  --structure "$$GIVEN_STRUCTURE" --foreground "$$GIVEN_FOREGROUND" --labelled "$$GIVEN_LABELLED" --tiles "$$GIVEN_TILES" \
	  --test-image "$$GIVEN_TEST_IMAGE" --test-mask "$$GIVEN_TEST_MASK" --test-labelled "$$GIVEN_TEST_LABELLED" \
	  --network "$$GIVEN_NETWORK"

run: setup
	@[ -n "$$GIVEN_CONFIG" ] || { echo "ERROR CONFIG_SYNTAX CONFIG: not given (expected a YAML file)." \
	  "Fix: make run CONFIG=my.yaml."; exit 1; } >&2
	@PYTHONPATH=workflow_scripts $(BIN)/python -m synthem.config.checking "$$GIVEN_CONFIG"
	@$(BIN)/snakemake $(TARGET) --cores $(CORES) --configfile "$$GIVEN_CONFIG"

test: setup
	@$(MAKE) --no-print-directory test-gpu
	@$(BIN)/python -m pytest -n $(CORES) --dist worksteal -m "$(TESTS)"

test-fast: setup
	@$(BIN)/python -m pytest -n $(CORES) --dist worksteal --fast -r fE

test-tissue: setup
	@$(BIN)/python -m pytest -m tissue tests/rules/test_real_tissue.py

test-tools: setup
	@$(BIN)/python -m pytest -n $(CORES) --dist worksteal -m tools

test-gpu: setup
	@$(BIN)/python -m pytest tests/gpu

lint: setup
	@$(BIN)/ruff check . && $(BIN)/ruff format --check . && $(BIN)/snakefmt --check . && $(BIN)/snakemake --lint

docs: setup # docs/config.md from the schema and config.yaml, docs/errors.md from the codes
	@cd workflow_scripts && ../$(BIN)/python -m synthem.config.reference ../rules/schemas/config.schema.yaml ../config.yaml ../docs

lock: # exact versions, without addresses and without torch (envs/setup.sh picks its build)
	@$(BIN)/uv pip compile --quiet --upgrade --universal --python-version 3.11 --all-extras pyproject.toml \
	  --no-emit-package torch --no-annotate --no-emit-index-url --no-emit-find-links --custom-compile-command "make lock" \
	  -o envs/requirements.lock
	@sed -i.bak -E '/^(nvidia-|cuda-|triton)/d' envs/requirements.lock && rm envs/requirements.lock.bak # they come with the CUDA build of torch

peers: .peers/complete # other programs that benchmarks compare with

# They compute with the project's own torch and numpy: the same build, and nothing large to fetch twice.
.peers/complete: benchmarks/peers.txt $(wildcard .venv/complete) | setup
	@rm -rf .peers && $(BIN)/python -m venv --without-pip .peers
	@$(BIN)/python -c 'import site; print(site.getsitepackages()[0])' > \
	  "$$(.peers/bin/python -c 'import site; print(site.getsitepackages()[0])')/project.pth"
	@$(BIN)/python -m pip --python .peers/bin/python install --quiet --no-deps -r benchmarks/peers.txt
	@touch $@

clean:
	rm -rf results .snakemake
