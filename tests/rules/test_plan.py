"""A plan before anything exists, and studies that are refused before any training."""

import json

NANO = "tests/nano/config.yaml"


def test_a_plan_needs_no_data_and_makes_nothing_but_itself(project):
    """14 slices: 4 are tested (3.5, rounded to the even 4), one is the gap, 9 are left."""
    done = project.run("plan")
    assert done.returncode == 0, done.stdout
    assert "PLAN  Which arm segments mitochondria better than real: mixed, synthetic?" in done.stdout
    assert "It can NEVER say that an arm helps: 2 replicates" in done.stdout
    assert "hippocampus: all 9 of 9 labelled slices (spread); 4 others are for the test." in done.stdout
    plan = json.loads((project.folder / "results/plan.json").read_text())
    assert {(one["rule"], one["count"]) for one in plan["trainings"]} == {
        ("train_membranes", 1),
        ("train_gan", 2),
        ("train_unet", 2),
    }
    made = {path.name for path in (project.folder / "results").iterdir()}
    assert made <= {"plan.json", "plan.txt", "logs"}


def test_too_few_replicates_are_refused_at_once_and_too_few_slices_by_the_check(project):
    project.edit(NANO, ", explore: true", "")
    done = project.run("plan")
    assert "ERROR CONFIG_CONTRADICTION study.replicates: this design can never say" in done.stdout
    project.edit(NANO, "replicates: 2", "replicates: 5")
    for target in ("plan", "check"):
        done = project.run(target)
        assert done.returncode != 0
        error = "ERROR CONFIG_CONTRADICTION split.test of hippocampus: this design can never say"
        assert error in done.stdout, done.stdout
    assert "4 test slices are 4 blocks" in done.stdout


def test_a_second_plan_rests_on_the_run_before(nano):
    done = nano.run("plan")
    assert done.returncode == 0, done.stdout
    page = (nano.folder / "results/plan.txt").read_text()
    assert "by earlier runs" in page and "by steps timed now" not in page
    assert nano.stale() == set()
