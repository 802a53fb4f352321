"""What a user reads while the workflow runs: real runs, their output as it stands on the terminal."""

import re
import signal

import pytest

import tests.shared.nano_workflow as nano_workflow
from tests.shared.run_output import LOG, NETWORK, SHORT, STOPPED, errors, last_line, output_after, started

PREDICTION = "results/unets/hippocampus/real/budget-all/replicate-1/seed-1/probability.h5"
MOST_LINES = 1.2  # a step: what is said beside the line of each
STEP = re.compile(r" +(\d+)/(\d+)\+? +(?:(\d+)% +)?(?:>?\d+ \w+(?: \d+ \w+)? +)?(?!>|unknown)(\S.*)")


@pytest.fixture
def as_users_see_it(monkeypatch):
    monkeypatch.delenv("SYNTHEM_OUTPUT", raising=False)
    of_tests = nano_workflow.environment

    def environment():
        return {name: value for name, value in of_tests().items() if name != "SYNTHEM_OUTPUT"}

    monkeypatch.setattr(nano_workflow, "environment", environment)


@pytest.fixture(autouse=True)
def torch_is_there():
    pytest.importorskip("torch")


@pytest.mark.usefixtures("as_users_see_it")
def test_a_run_is_a_line_for_each_step_and_its_share_never_falls(project):
    planned = project.run("--dry-run", "membranes").stdout.splitlines()
    assert len(planned) <= 10 and "  output files have to be generated (2):" in planned
    in_parts = ("--config", "progress={prediction_parts: 20}")  # their files are removed at the end
    assert len(project.run("--dry-run", PREDICTION, *in_parts).stdout.splitlines()) <= 12

    done = project.run("membranes")
    assert done.returncode == 0, done.stdout
    lines = done.stdout.splitlines()
    steps = [found for found in map(STEP.fullmatch, lines) if found]
    assert [int(step[1]) for step in steps] == list(range(1, len(steps) + 1))
    words = [step[4] for step in steps]
    assert words[:2] == ["make phantom: larva", "check volumes"]
    assert "train membranes: larva, base" in words and "ingest volume: hippocampus" in words
    shares = [int(step[3]) for step in steps if step[3]]
    assert shares == sorted(shares) and shares[-1] == 100 and len(shares) == len(steps) - 2
    assert any(line.startswith("Done: ") for line in lines)
    table = [line for line in lines if line.startswith(("volume ", "larva ", "hippocampus ", "WARNING "))]
    assert len(lines) - len(table) <= MOST_LINES * len(steps) + 3, done.stdout
    assert "Building DAG" not in done.stdout and "jobid" not in done.stdout

    again = project.run("check", "--forcerun", "check_volumes").stdout.splitlines()
    assert again[-1].startswith("WARNING hippocampus"), "the table and its warnings are last"
    table = [line for line in again if line.startswith(("volume ", "larva ", "hippocampus ", "WARNING "))]
    assert project.run("check").stdout.splitlines()[-len(table) :] == table == again[-len(table) :]
    assert "Building DAG" in project.run("membranes", "--verbose", "--forcerun", "assess_membranes").stdout
    assert "Nothing to be done" in project.run("membranes", "--dry-run").stdout


@pytest.mark.usefixtures("as_users_see_it")
def test_an_error_is_the_first_that_is_said_and_how_to_go_on_the_last(project):
    (project.folder / "results/checkpoints").mkdir(parents=True)
    (project.folder / "results/checkpoints/train_membranes").write_text("in the way of its folder")
    done = project.run(NETWORK)
    assert done.returncode != 0
    (error,) = errors(done.stdout)
    said = done.stdout[done.stdout.index(error) :].splitlines()
    assert said[1:] == [
        "FAILED  train membranes: larva, base",
        f"Failed: train_membranes ({LOG}).",
        "What is finished is kept: mend the error and run the same command again.",
    ]
    assert "Traceback" not in done.stdout


@pytest.mark.usefixtures("as_users_see_it")
def test_an_error_that_other_lines_pushed_away_is_said_again_at_the_end(project):
    (project.folder / "results/checkpoints").mkdir(parents=True)
    (project.folder / "results/checkpoints/train_membranes").write_text("in the way of its folder")
    done = project.run("membranes", "volumes", "--keep-going", "--prioritize", NETWORK)
    assert done.returncode != 0
    first, again = errors(done.stdout)
    assert first == again
    between = done.stdout.split(first)[1]
    assert any(map(STEP.fullmatch, between.splitlines()))
    assert done.stdout.splitlines()[-3] == again and last_line(done.stdout).startswith("What is finished")


@pytest.mark.usefixtures("as_users_see_it")
def test_what_was_stopped_by_ctrl_c_is_not_called_failed(project):
    project.edit("tests/nano/config.yaml", SHORT, SHORT.replace("steps: 6", "steps: 1000000"))
    said = output_after(started(project, "step "), signal.SIGINT).splitlines()
    assert "stopped  train membranes: larva, base" in said and said[-1] == STOPPED
    assert not [line for line in said if line.startswith(("FAILED", "Failed"))]
