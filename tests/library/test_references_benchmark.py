"""The benchmark of what is scored beside the networks runs to its end on a small volume."""

import json
import subprocess
import sys

import pytest

from synthem.storage.volumes import Facts, Volume, write_volume
from tests.shared.noisy_discs import noisy_discs
from tests.shared.project import PROJECT

pytest.importorskip("sklearn", reason="scikit-learn is not installed")
pytestmark = pytest.mark.tools


def test_every_job_is_measured(tmp_path):
    discs = noisy_discs(1, slices=6)
    facts = Facts(voxel_size_nm=(5.0, 5.0, 5.0), blocks={"train": ((0, 4),), "test": ((4, 6),)})
    write_volume(tmp_path / "volume.h5", Volume(discs.image, facts, discs.masks))
    command = [sys.executable, PROJECT / "benchmarks" / "references.py", tmp_path / "volume.h5"]
    command += ["--budgets", "2", "--rounds", "1", "--structure", "m"]
    ended = subprocess.run(command, capture_output=True, text=True)
    assert ended.returncode == 0, ended.stderr
    *_, last = ended.stdout.splitlines()
    result = json.loads(last)
    jobs = {"score_forest, 2 labelled slices", "score_baseline, 2 labelled slices"}
    assert result["topic"] == "references" and set(result["ratios"]) == jobs
    assert set(result["equal"]) == jobs and "goal of 10 s by the clock" in ended.stdout


def test_a_job_that_fails_ends_it(tmp_path):
    command = [sys.executable, PROJECT / "benchmarks" / "references.py", tmp_path / "none.h5"]
    ended = subprocess.run(command, capture_output=True, text=True)
    assert ended.returncode == 1 and "score_forest" in ended.stderr
