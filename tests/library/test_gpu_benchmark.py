"""benchmarks/gpu.py runs to its end where it is smoked, so that it does on a GPU, which is rarely at hand."""

import json
import os
import subprocess
import sys

import pytest

from tests.shared.project import PROJECT

pytest.importorskip("torch")  # the program below needs it
# What a machine with torch, numpy, h5py, numba, scikit-image and tifffile need not have.
ABSENT = """
import sys
names = "yaml snakemake pandas jsonschema matplotlib PIL jinja2 sklearn imagecodecs"
sys.modules.update(dict.fromkeys(names.split()))
"""


def test_every_line_of_the_benchmark_for_gpus_runs_on_a_processor_with_few_packages(tmp_path):
    (tmp_path / "sitecustomize.py").write_text(ABSENT)
    hidden = {"CUDA_VISIBLE_DEVICES": "", "OMP_NUM_THREADS": "1", "PYTHONPATH": str(tmp_path)}
    command = [sys.executable, PROJECT / "benchmarks" / "gpu.py", "--smoke"]
    ended = subprocess.run(command, env=os.environ | hidden, capture_output=True, text=True)
    assert ended.returncode == 0, ended.stderr
    *lines, last = ended.stdout.splitlines()
    result = json.loads(last)
    assert result["topic"] == "gpu" and set(result["equal"].values()) == {0}  # all steps are plain here
    seconds = result["ratios"]["seconds"]
    for case in ("U-Net 31 M, 16 x 256^2", "U-Net 1.9 M, 12 x 160^2", "pix2pix 57 M, 1 x 256^2"):
        assert all(seconds[f"{case}: {what}"] > 0 for what in ("captured", "its graph alone", "plain"))
    assert seconds["start-up"] > 0 and seconds["pix2pix 57 M, 8 x 256^2: peer"] > 0
    goals = [line for line in lines if "(goal" in line]
    assert any(">= 230" in line for line in goals) and any("<= 20" in line for line in goals)
    assert all("not asked" in line for line in goals)
