"""A plan before anything exists, and studies that are refused before any training."""

import json
import re

from synthem.plans.trainings import TRAININGS
from tests.shared.project import PROJECT

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
    assert plan["steps"]["train_unet"][0] == 6 and plan["steps"]["train_unet"][1] > 0


def test_every_rule_that_trains_is_known_to_plans():
    rules = "\n".join(path.read_text() for path in (PROJECT / "rules").glob("*.smk"))
    blocks = re.split(r"^rule (\w+):$", rules, flags=re.MULTILINE)
    training = {
        name for name, text in zip(blocks[1::2], blocks[2::2], strict=True) if "runtime=time_to_train" in text
    }
    assert training == TRAININGS.keys()


def test_a_stylegan_that_is_wanted_is_in_the_plan(project):
    (project.folder / "wanted.yaml").write_text("stylegan: {wanted: true}\n")
    assert project.run("plan", config=[NANO, "wanted.yaml"]).returncode == 0
    page = (project.folder / "results/plan.txt").read_text()
    assert "1 StyleGAN (base): " in page and "by steps timed now" in page


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


def test_replicates_beyond_the_plan_are_warned_of_until_there_is_a_result(project):
    project.edit(NANO, "replicates: 2", "replicates: 6")
    warning = "WARNING study.replicates is 6 and study.planned 5"
    assert warning in project.run("check").stdout
    table = project.folder / "results/tables/hippocampus/comparison.csv"
    table.parent.mkdir(parents=True)
    table.touch()
    assert warning not in project.run("plan").stdout


def test_a_second_plan_rests_on_the_run_before(nano):
    done = nano.run("plan")
    assert done.returncode == 0, done.stdout
    page = (nano.folder / "results/plan.txt").read_text()
    assert "by earlier runs" in page and "by steps timed now" not in page
    assert nano.stale() == set()
