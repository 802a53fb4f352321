"""`size: auto`: what is chosen for which machine, once for a folder."""

import json
import os

import pytest

from synthem.plans.sizes import Machine, size_for, size_in, this_machine


@pytest.mark.parametrize(
    ("machine", "size"),
    [
        (Machine(2, 24, 0), "small"),
        (Machine(31, 128, 0), "small"),
        (Machine(32, 64, 0), "medium"),
        (Machine(64, 32, 0), "small"),
        (Machine(8, 32, 4), "small"),
        (Machine(8, 32, 8), "medium"),
        (Machine(8, 32, 24), "large"),
        (Machine(2, 8, 80), "large"),
    ],
)
def test_a_larger_machine_gets_a_larger_size(machine, size):
    assert size_for(machine) == size


def test_a_word_is_itself_and_asks_no_machine(tmp_path):
    assert size_in(tmp_path, "medium", machine=None) == "medium"
    assert size_in(tmp_path, "no size", machine=None) == "no size"  # the schema says what is wrong with it
    assert not list(tmp_path.iterdir())


def test_auto_is_chosen_once_and_kept_on_another_machine(tmp_path, capsys):
    assert size_in(tmp_path, "auto", machine=lambda: Machine(2, 24, 0)) == "small"
    assert "size: auto is small here (2 cores, 24 GiB, no GPU)" in capsys.readouterr().err
    assert size_in(tmp_path, "auto", machine=lambda: Machine(16, 128, 80)) == "small"
    assert not capsys.readouterr().err


@pytest.mark.parametrize("left", ["", "{", "[]", '{"length": 2}', '{"size": "auto"}', '{"size": "demo"}'])
def test_what_is_remembered_and_cannot_be_read_is_chosen_anew(tmp_path, left):
    (tmp_path / "synthem-size.json").write_text(left)
    assert size_in(tmp_path, "auto", machine=lambda: Machine(16, 128, 80)) == "large"
    assert json.loads((tmp_path / "synthem-size.json").read_text())["size"] == "large"


def test_this_machine_has_cores_and_memory():
    memory = next(line for line in open("/proc/meminfo") if line.startswith("MemTotal"))
    found = this_machine()
    assert found.cores == len(os.sched_getaffinity(0))
    assert found.memory_gib == pytest.approx(int(memory.split()[1]) / 2**20, rel=0.01)


def test_the_memory_of_the_largest_gpu_counts(tmp_path, monkeypatch):
    told = tmp_path / "nvidia-smi"
    told.write_text("#!/bin/sh\nprintf '8192\\n24576\\n'\n")
    told.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:{os.environ['PATH']}")
    monkeypatch.delenv("CUDA_VISIBLE_DEVICES", raising=False)
    assert this_machine().gpu_gib == 24
    for hidden in ("", "-1"):
        monkeypatch.setenv("CUDA_VISIBLE_DEVICES", hidden)
        assert this_machine().gpu_gib == 0
