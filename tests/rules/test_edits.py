"""Code and config that are edited while jobs of a run wait (issue 3234 of Snakemake)."""

import json

import tests.shared.nano_workflow as nano_workflow
from synthem.storage.syntaxes import KEPT

PHANTOM = "workflow_scripts/make_phantom.py"
CHECKS = "workflow_scripts/synthem/checks/everything.py"


def test_a_job_refuses_code_that_was_edited_while_it_waited_and_the_next_run_has_it(project):
    """The first job edits what the second is going to run."""
    with (project.folder / PHANTOM).open("a") as script:
        script.write(f"    print('edited = 1', file=open('{CHECKS}', 'a'))\n")
    done = project.run("check")
    assert done.returncode != 0
    assert f"/{CHECKS}: edited since the run began (expected" in done.stdout, done.stdout
    assert done.stdout.count("ERROR CODE_EDITED ") == 1
    again = project.run("check")
    assert again.returncode == 0, again.stdout


def test_a_job_on_another_machine_takes_the_config_that_its_run_began_with(project):
    """As the executors of clusters start it, while a user saves the configs."""
    assert project.run("check").returncode == 0
    (kept,) = (project.folder / ".snakemake/synthem-run").glob("*.json")
    project.edit("tests/nano/config.yaml", "\n", "\nunets: {\n")
    project.edit("config.yaml", "\n", "\nunets: {\n")
    mode = ("--mode", "remote", "--executor", "local", "--nolock", "--force")
    phantom = project.run("results/phantoms/larva", *mode, config=str(kept))
    assert phantom.returncode == 0 and "localrule make_phantom" in phantom.stdout, phantom.stdout
    assert project.run("check").returncode != 0
    project.edit("tests/nano/config.yaml", "\nunets: {\n", "\n")
    project.edit("config.yaml", "\nunets: {\n", "\n")
    again = project.run("--dry-run", "check").stdout
    assert "check_volumes" in again and "make_phantom" not in again and "Params have changed" not in again, (
        again
    )


def test_a_start_keeps_what_the_code_means_for_the_next_one_which_reads_nothing_else(project, monkeypatch):
    """By what it means: a kept meaning that is wrong makes its module stale, which nothing else would."""
    as_tests = nano_workflow.environment()
    monkeypatch.setattr(nano_workflow, "environment", lambda: as_tests | {"PYTHONDONTWRITEBYTECODE": ""})
    kept = project.folder / "workflow_scripts" / KEPT
    kept.unlink()
    assert project.run_alone("check").returncode == 0
    files = json.loads(kept.read_text())
    assert len(files["files"]) > 100
    assert "Nothing to be done" in project.run_alone("check").stdout
    for syntax in files["files"].values():
        syntax[0] = "another"
    kept.write_text(json.dumps(files))
    assert "Params have changed" in project.run_alone("check", "--dry-run").stdout
