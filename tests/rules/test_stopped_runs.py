"""What a user reads when a run fails, is stopped, or loses a job: real failures, real signals."""

import os
import re
import signal
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path

import pytest

from tests.shared.nano_workflow import HUNG
from tests.shared.run_output import LOG, NETWORK, SHORT, STOPPED, errors, last_line, output_after, started


@pytest.fixture
def training(project):
    """The project, its membrane network far too long in training to end by itself."""
    project.edit("tests/nano/config.yaml", SHORT, SHORT.replace("steps: 6", "steps: 1000000"))
    return project


@pytest.mark.parametrize(
    "signals",
    [[signal.SIGINT], [signal.SIGINT, signal.SIGINT], [signal.SIGTERM]],
    ids=["ctrl-c", "ctrl-c twice", "sigterm"],
)
def test_a_stopped_training_ends_with_how_it_goes_on(training, signals):
    output = output_after(started(training, "step "), *signals)
    assert last_line(output) == STOPPED
    (error,) = errors(output)
    assert error.startswith("ERROR TRAINING_STOPPED ")
    assert "complete successfully" not in output
    again = training.run(NETWORK, "--dry-run")
    assert again.returncode == 0 and "train_membranes" in again.stdout, "no lock is left"


def test_a_second_snakemake_starts_no_job_whatever_it_says_of_locks(training):
    """Its training would find the first one's, fail, and be cleared away with what the first has made."""
    first = started(training, "step ")
    second = training.run(NETWORK, "--nolock")
    (error,) = errors(second.stdout)
    assert second.returncode != 0 and "rule train" not in second.stdout
    assert f"another run of Snakemake works in this folder, process {first.pid} on " in error
    assert first.poll() is None and training.run(NETWORK, "--dry-run", "--nolock").returncode == 0
    assert last_line(output_after(first, signal.SIGINT)) == STOPPED


def test_a_request_to_snakemake_alone_stops_its_jobs_too(training):
    """As `kill -INT` and the button of an editor send it: a terminal would tell the jobs as well."""
    process = started(training, "step ")
    process.send_signal(signal.SIGINT)
    output, _ = process.communicate(timeout=HUNG)
    assert process.returncode != 0 and last_line(output) == STOPPED
    (error,) = errors(output)
    assert error.startswith("ERROR TRAINING_STOPPED ") and "Traceback" not in output


def test_ctrl_c_while_a_job_loads_its_packages_is_no_traceback(training):
    output = output_after(started(training, ""), signal.SIGINT)
    # Nothing is to be said, but where Python lost the exception: then the first step is the last.
    assert [error for error in errors(output) if "TRAINING_STOPPED" not in error] == []
    assert last_line(output) == STOPPED
    assert "Traceback" not in (training.folder / LOG).read_text()


def test_a_job_that_the_system_killed_is_told(training):
    process = started(training, "step ")
    (job,) = jobs_of(process)
    os.kill(job, signal.SIGKILL)
    output = output_after(process)
    (error,) = errors(output)
    assert error.startswith("ERROR STEP_DIED train_membranes: ") and LOG in error
    assert last_line(output).startswith("What is finished is kept")


def jobs_of(process):
    """The processes of the group of a Snakemake that run a script: not it, nor the shells between."""
    found = []
    for path in Path("/proc").glob("[0-9]*"):
        with suppress(OSError):  # others come and go
            line = (path / "cmdline").read_bytes().split(b"\0")
            if os.getpgid(int(path.name)) == process.pid and line[1].endswith(b".train_membranes.py"):
                found.append(int(path.name))
    return found


def test_an_error_is_told_once_and_its_traceback_in_the_log_alone(project):
    (project.folder / "results/checkpoints").mkdir(parents=True)
    (project.folder / "results/checkpoints/train_membranes").write_text("in the way of its folder")
    done = project.run(NETWORK)
    assert done.returncode != 0
    (error,) = errors(done.stdout)
    assert "train_membranes" in error
    assert "Traceback" not in done.stdout
    assert f"Failed: train_membranes ({LOG})." in done.stdout
    assert last_line(done.stdout).startswith("What is finished is kept")
    log = (project.folder / LOG).read_text()
    assert log.startswith(f"{error}\n") and "Traceback" in log


def test_after_a_crash_unlock_is_all_that_is_needed(training):
    process = started(training, "step 6 ")  # the state of step 3 is saved by now
    os.killpg(process.pid, signal.SIGKILL)
    process.communicate()
    locked = training.run(NETWORK)
    assert locked.returncode != 0 and "--unlock" in locked.stdout
    assert training.run(NETWORK, "--unlock").returncode == 0
    output_after(started(training, "goes on from"), signal.SIGINT)


def test_a_package_that_is_missing_is_named_with_its_environment(project, tmp_path):
    python = environment_without("torch", tmp_path / "poor")
    command = [str(python), *project.command(NETWORK)[1:]]
    done = subprocess.run(command, cwd=project.folder, capture_output=True, text=True)
    output = done.stdout + done.stderr
    assert done.returncode != 0
    (error,) = errors(output)
    assert error.startswith("ERROR ENVIRONMENT torch: No module named 'torch'")
    assert str(tmp_path / "poor") in error and "make setup" in error
    assert "Traceback" not in output
    assert (project.folder / LOG).read_text().startswith(error)


def environment_without(package, folder):
    """A Python with all that this one has but `package`."""
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", str(folder)], check=True)
    (packages,) = folder.glob("lib/python*/site-packages")
    (own,) = (Path(path) for path in sys.path if path.endswith("site-packages"))
    for path in own.iterdir():
        if path.name.split("-")[0] != package:
            (packages / path.name).symlink_to(path)
    return folder / "bin/python"


def date_tomorrow(files):
    for file in files:
        os.utime(file, (time.time() + 86400,) * 2)


def test_data_dated_tomorrow_is_read_like_any_other(project):
    """As of a microscope whose clock is wrong, or of a stick with hours of another time zone."""
    date_tomorrow(project.folder.glob("tests/nano/data/image/*"))
    assert project.run("results/checks/volumes.json").returncode == 0
    assert "Nothing to be done" in project.run("results/checks/volumes.json").stdout


def test_results_dated_tomorrow_are_one_error_whose_fix_helps(project):
    """As of a folder that comes from a computer whose clock is ahead."""
    assert project.run("results/phantoms/larva").returncode == 0
    date_tomorrow(project.folder.glob("results/phantoms/larva/.*"))
    done = project.run("results/checks/volumes.json")
    (error,) = errors(done.stdout)
    assert error.startswith("ERROR FILE_READ results/phantoms/larva") and "later than now" in error
    fix = re.search(r"then: (find .* \+) ", error)[1]
    assert fix.startswith("find -L results/phantoms ")
    subprocess.run(fix, shell=True, cwd=project.folder, check=True)
    assert project.run("results/checks/volumes.json").returncode == 0


def test_ctrl_c_while_snakemake_still_plans_is_a_line_and_leaves_no_lock(project):
    process = project.start("check")
    while "Building DAG of jobs" not in (line := process.stdout.readline()):
        assert line, "it ended before"
    os.killpg(process.pid, signal.SIGINT)
    output, _ = process.communicate(timeout=HUNG)
    assert process.returncode == 128 + signal.SIGINT, output
    assert "\nStopped before the first step.\n" in output and "Traceback" not in output
    assert not (project.folder / "results/phantoms").exists(), "no step began"
    assert not list(project.folder.glob(".snakemake/locks/*"))
