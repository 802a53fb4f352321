"""What the tests promise: none imports another or sees a GPU, and `--fast` starts no process."""

import ast
import os
import re
import subprocess
import sys

import pytest

from tests.shared.file_systems import has_room
from tests.shared.project import PROJECT

# Every process that imports torch writes down which GPUs it may see at that moment.
SITE = """
import os, sys
class Heard:
    def find_spec(self, name, path=None, target=None):
        if name == "torch":
            with open(os.environ["SEEN"], "a") as file:
                print(os.getpid(), repr(os.environ.get("CUDA_VISIBLE_DEVICES")), file=file)
sys.meta_path.insert(0, Heard())
"""
# All in a worker of xdist. Of processes that train together test_launcher.py shows it, for less.
OF_EVERY_KIND = (
    "tests/library/training/test_checkpoints.py::test_sigterm_saves_within_10_seconds",  # a server that forks
    # what jobs are forks of
    "tests/rules/test_stopped_runs.py::test_an_error_is_told_once_and_its_traceback_in_the_log_alone",
)


@pytest.fixture
def tests_run(tmp_path):
    """A function that runs pytest in a process that was given GPU 0: (its output, what each process saw)."""
    pytest.importorskip("torch")  # some of the tests that it is to run are of torch
    (tmp_path / "sitecustomize.py").write_text(SITE)
    environment = {key: value for key, value in os.environ.items() if not key.startswith("PYTEST_")}
    environment |= {
        "CUDA_VISIBLE_DEVICES": "0",
        "PYTHONPATH": str(tmp_path),
        "SEEN": str(tmp_path / "seen"),
    }

    def run(*arguments):
        command = [sys.executable, "-m", "pytest", *arguments, f"--basetemp={tmp_path / 'base'}"]
        done = subprocess.run(command, cwd=PROJECT, env=environment, capture_output=True, text=True)
        assert done.returncode == 0, done.stdout + done.stderr
        seen = [line.split() for line in (tmp_path / "seen").read_text().splitlines()]
        return done.stdout, dict(seen)

    return run


def test_no_test_module_imports_another():
    """What several of them use lies in tests/shared, where each file is named for what it holds."""
    for path in (PROJECT / "tests").rglob("*.py"):
        nodes = list(ast.walk(ast.parse(path.read_text())))
        names = [node.module or "." for node in nodes if isinstance(node, ast.ImportFrom)]
        names += [alias.name for node in nodes if isinstance(node, ast.Import) for alias in node.names]
        assert [name for name in names if re.match(r"\.|tests(?!\.shared\.)", name)] == [], path


def test_files_lie_in_memory_only_where_that_has_room(tmp_path):
    """Four gigabytes of a file system that programs run from, and of memory: 5 000 000 kB are enough."""
    told = tmp_path / "meminfo"
    space = os.statvfs(tmp_path)
    roomy = space.f_bavail * space.f_frsize > 4 * 2**30 and not space.f_flag & os.ST_NOEXEC
    for kilobytes, enough in ((5_000_000, roomy), (4_000_000, False)):
        told.write_text(f"MemTotal: 99000000 kB\nMemAvailable:    {kilobytes} kB\n")
        assert has_room(tmp_path, told) == enough
    told.write_text("")
    assert not has_room(tmp_path, told)
    assert not has_room(tmp_path / "absent", told) and not has_room(tmp_path, tmp_path / "not-linux")


@pytest.mark.tools
@pytest.mark.long
def test_no_process_of_any_test_sees_the_gpu_of_this_machine(tests_run):
    _, seen = tests_run("-n", "1", *OF_EVERY_KIND)
    assert set(seen.values()) == {"''"}
    assert len(seen) >= 3


@pytest.mark.tools
def test_tests_that_need_a_gpu_see_it_where_they_run_alone(tests_run):
    _, seen = tests_run("--collect-only", "tests/gpu/test_gpu_use.py")
    assert set(seen.values()) == {"'0'"}
    _, seen = tests_run(
        "--collect-only", "tests/gpu/test_gpu_use.py", "tests/library/compute/test_devices.py"
    )
    assert "''" in seen.values()


def test_a_gpu_that_is_hidden_is_not_asked_for(project, tmp_path, monkeypatch):
    program = tmp_path / "bin/nvidia-smi"
    program.parent.mkdir()
    program.write_text("#!/bin/sh\n")
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{program.parent}:{os.environ['PATH']}")
    for visible, asked in (("", 0), ("-1", 0), ("0", 1), (None, 1)):
        if visible is None:
            monkeypatch.delenv("CUDA_VISIBLE_DEVICES")
        else:
            monkeypatch.setenv("CUDA_VISIBLE_DEVICES", visible)
        plan = project.run("--dry-run", "results/membranes/larva/base/network.pt").stdout
        assert re.findall(r"\bgpu=(\d)", plan) == [str(asked)], plan


@pytest.mark.tools
def test_a_fast_test_ends_where_it_would_start_a_process(tests_run):
    out, _ = tests_run(
        "--fast",
        "tests/library/storage/test_files.py::test_a_kill_half_way_keeps_the_old_file",  # subprocess
        "tests/library/training/test_checkpoints.py::test_sigterm_saves_within_10_seconds",  # multiprocessing
        "tests/library/compute/test_compiled.py",  # a compiler that torch calls
        "tests/rules/test_design.py::test_the_arm_real_needs_no_gan",  # Snakemake
        "tests/rules/test_design.py::test_both_profiles_agree_on_what_is_stale",
        "tests/library/compute/test_devices.py",
    )
    assert "starts a process, which --fast (`make test-fast`) forbids" in out
    counts = {word: int(number) for number, word in re.findall(r"(\d+) (passed|skipped)", out)}
    assert counts["skipped"] == 5


@pytest.mark.tools
@pytest.mark.long
def test_the_tests_that_need_a_gpu_run_on_a_processor_too_so_they_do_not_rot(tests_run):
    """But for those of two processes, and those of what is learnt: tests/library has both."""
    out, _ = tests_run("tests/gpu", "--on-processor", "-k", "not two_gpus and not learn")
    assert re.search(r"(\d+) passed, (\d+) skipped", out), out
