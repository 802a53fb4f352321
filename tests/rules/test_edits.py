"""Code and config that are edited while jobs of a run wait (issue 3234 of Snakemake)."""

PHANTOM = "workflow_scripts/make_phantom.py"
CHECKS = "workflow_scripts/synthem/checks/everything.py"


def test_a_job_refuses_code_that_was_edited_while_it_waited_and_the_next_run_has_it(project):
    """The first job edits what the second is going to run."""
    with (project.folder / PHANTOM).open("a") as script:
        script.write(f"    print('edited = 1', file=open('{CHECKS}', 'a'))\n")
    done = project.run("check")
    assert done.returncode != 0
    assert f"/{CHECKS}: edited since the run began, with 0 other files" in done.stdout, done.stdout
    assert done.stdout.count("ERROR CODE_EDITED ") == 1
    again = project.run("check")
    assert again.returncode == 0, again.stdout
