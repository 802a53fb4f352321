"""The benchmarks for GPUs run to their end where they are smoked, so that they do on one, rarely at hand."""

import json
import os
import subprocess
import sys

import pytest

from tests.shared.project import PROJECT

pytest.importorskip("torch")  # the program below needs it
pytestmark = pytest.mark.tools
# What a machine with torch, numpy, h5py, numba, scikit-image and tifffile need not have.
ABSENT = """
import sys
names = "yaml snakemake pandas jsonschema matplotlib PIL jinja2 sklearn imagecodecs"
sys.modules.update(dict.fromkeys(names.split()))
"""


def smoked(benchmark, folder):
    """The lines that it tells on a processor with few packages."""
    (folder / "sitecustomize.py").write_text(ABSENT)
    hidden = {"CUDA_VISIBLE_DEVICES": "", "OMP_NUM_THREADS": "1", "PYTHONPATH": str(folder)}
    command = [sys.executable, PROJECT / "benchmarks" / benchmark, "--smoke"]
    ended = subprocess.run(command, env=os.environ | hidden, capture_output=True, text=True)
    assert ended.returncode == 0, ended.stderr
    return ended.stdout.splitlines()


def test_every_line_of_the_benchmark_of_steps_runs_on_a_processor(tmp_path):
    *lines, last = smoked("gpu.py", tmp_path)
    result = json.loads(last)
    assert result["topic"] == "gpu" and set(result["equal"].values()) == {0}  # all steps are plain here
    seconds = result["ratios"]["seconds"]
    for case in ("U-Net 31 M, 16 x 256^2", "U-Net 1.9 M, 12 x 160^2", "pix2pix 57 M, 1 x 256^2"):
        assert all(seconds[f"{case}: {what}"] > 0 for what in ("captured", "its graph alone", "plain"))
    assert (
        seconds["first start-up"] > 0
        and seconds["start-up"] > 0
        and seconds["pix2pix 57 M, 8 x 256^2: peer"] > 0
    )
    goals = [line for line in lines if "(goal" in line]
    assert any(">= 230" in line for line in goals) and any("<= 20" in line for line in goals)
    assert all("not asked" in line for line in goals)


def test_every_line_of_the_benchmark_of_kernels_runs_on_a_processor(tmp_path):
    lines = smoked("gpu_kernels.py", tmp_path)
    assert sum("kernels a step" in line for line in lines) == 2
    assert sum(", 10 algorithms: " in line and "img/s" in line for line in lines) == 2
    assert sum(", compiled: " in line and "img/s" in line for line in lines) == 1
    assert sum("2 at once" in line and "steps/s together" in line for line in lines) == 1


def test_every_variant_of_a_step_runs_on_a_processor_and_finds_the_same_losses(tmp_path):
    lines = smoked("gpu_variants.py", tmp_path)
    assert len(lines) == 12 and all("img/s" in line and "(same, " in line for line in lines), lines
