"""A whole plan with steps of a known length, and its page."""

import pytest
import yaml

from synthem.plans.design import EARLIER
from synthem.plans.jobs import lighter_jobs, trainings
from synthem.plans.page import page_of, time_in_words
from synthem.plans.planning import plan_of
from tests.shared.demo_config import checked, edited, study_in

STEP = {"seconds": 0.2, "network": 1_000_000, "state": 4_000_000}
CHANGES = {"study__arms": ["real", "mixed"], "labels__budgets": [3], "comparison__smallest_effect": 0.05}
CHANGES |= {"gans__conditions": ["structure"], "unets__training__steps": 100, "gans__training__steps": 500}


def planned(folder, cores=2, step=STEP, gpus=0, **changes):
    edits = edited(**CHANGES | changes)
    config, study = checked(edits), study_in(edits)
    works = trainings(study, config["volumes"])
    own = {"cores": cores, "gpus": gpus, "folder": folder, "measure": lambda wanted: [step] * len(wanted)}
    return plan_of(config, works, lighter_jobs(study), **own)


def test_time_and_disk_are_those_of_all_trainings_together(tmp_path):
    """5 seconds to start and 0.2 of each step: 25 of a U-Net, 105 of a GAN. A network and two states each."""
    plan = planned(tmp_path)
    assert {(one["name"], one["count"], one["seconds"]) for one in plan["trainings"]} == {
        ("base", 5, 105),
        ("real", 5, 25),
        ("mixed", 5, 25),
    }
    assert plan["seconds"] == pytest.approx((5 * (105 + 25 + 25) + plan["other_seconds"]) / 2)
    images = 5 * 24 * 160 * 160 * 3 + 10 * 11 * 160 * 160
    assert plan["disk"] == 15 * 9_000_000 + images


def test_no_number_of_cores_is_faster_than_one_training_of_each_kind(tmp_path):
    assert planned(tmp_path, cores=1000)["seconds"] == 105 + 25


def test_nobody_waits_for_a_stylegan(tmp_path):
    """It takes 5 seconds and 0.2 for each of its steps; a GAN and a U-Net, one after the other, 130."""
    for steps, longest in ((100, 130), (1000, 205)):
        wanted = {"stylegan__wanted": True, "stylegan__training__steps": steps}
        wanted |= {"stylegan__progressive__first_side": 0}
        assert planned(tmp_path, cores=1000, **wanted)["seconds"] == longest


def test_on_a_gpu_networks_take_turns_whatever_the_number_of_cores(tmp_path):
    plan = planned(tmp_path, cores=16, gpus=1)
    assert plan["seconds"] == 5 * (105 + 25 + 25)
    assert "on 16 cores and 1 GPU, and" in page_of(plan)


def test_the_page_of_one_arm_asks_for_no_better_one(tmp_path):
    page = page_of(planned(tmp_path, study__arms=["real"]))
    assert page.startswith(
        "PLAN  How well does real segment mitochondria? No arm is compared with it.\n\nCan it answer?"
    )
    assert "nothing is compared, so there is no answer" in page


def test_the_page_says_first_whether_the_study_can_answer(tmp_path):
    page = page_of(planned(tmp_path))
    assert page.startswith("PLAN  Which arm segments mitochondria better than real: mixed?")
    assert page.index("Can it answer?") < page.index("What does it take?") < page.index("learn from?")
    assert "hippocampus: 5 replicates, 11 test slices" in page
    assert "No number of replicates reaches 80 of 100 at 0.05 here" in page
    assert "15 trainings" in page
    assert "A difference of 1 IoU would have p < 1e-8." in page and "smallest p" not in page
    assert "5 GANs (base): 1.8 minutes each, by steps timed now" in page
    assert "hippocampus: 3 of 31 labelled slices (spread); 11 others are for the test." in page


def test_the_page_advises_a_plan_that_keeps_what_it_promises(tmp_path):
    """Of 60 test slices: with the advice followed to the letter, the next plan finds at least 80 of 100."""
    long = {"phantoms__hippocampus__shape": [160, 160, 160], "split__test": 0.4}
    plan = planned(tmp_path, **long)
    needed = plan["outlooks"]["hippocampus"]["needed_replicates"]
    advice = f"study: {{replicates: {needed}, planned: {needed}}}"
    assert f"For 80 of 100 at 0.05: {advice}, set before a result is seen." in page_of(plan)
    seen = plan["outlooks"]["hippocampus"] | {"rests_on": EARLIER}
    after_a_run = page_of(plan | {"outlooks": {"hippocampus": seen}})
    assert f"0.05, a new study on other test slices: {advice}. How this one goes on" in after_a_run
    study = {f"study__{key}": value for key, value in yaml.safe_load(advice.replace("study: ", "")).items()}
    assert planned(tmp_path, **long, **study)["outlooks"]["hippocampus"]["power"] >= 0.8
    alone = {"study__replicates": needed}
    assert planned(tmp_path, **long, **alone)["outlooks"]["hippocampus"]["power"] < 0.5


def test_the_page_says_how_far_it_looked_for_a_difference_that_is_found(tmp_path):
    """No IoU differs by more than 1, but VOI may."""
    plan = planned(tmp_path)
    blind = plan["outlooks"]["hippocampus"] | {"detectable": None}
    page = page_of(plan | {"endpoint": "voi", "outlooks": {"hippocampus": blind}})
    assert "In 80 of 100, no difference up to 1 voi is found." in page


def test_the_page_of_a_study_that_cannot_answer_and_of_a_budget_that_is_too_large(tmp_path):
    page = page_of(planned(tmp_path, study__replicates=2, study__explore=True, labels__budgets=[40]))
    assert "It can NEVER say that an arm helps: 2 replicates" in page
    assert "A budget of 40 is more than there are." in page


def test_a_plan_asks_about_no_control(tmp_path):
    again = {"data_sets__copies": {"kind": "copies"}, "arms__again": {"sets": {"real": 0.5, "copies": 0.5}}}
    page = page_of(planned(tmp_path, study__arms=["real", "mixed", "again"], **again))
    assert page.startswith("PLAN  Which arm segments mitochondria better than real: mixed?")
    page = page_of(planned(tmp_path, study__arms=["real", "again"], **again))
    assert page.startswith(
        "PLAN  How well does real segment mitochondria? Controls alone are compared with it."
    )
    assert "controls alone are compared, so there is no answer." in page and "comparison" not in page
    assert "nothing is compared, so there is no answer." in page_of(planned(tmp_path, study__arms=["real"]))


def test_what_is_not_timed_or_not_known_is_said(tmp_path):
    page = page_of(planned(tmp_path, step=None))
    assert "5 GANs (base): not timed\n" in page
    assert "What is not timed is not in the sum" in page
    missing = {"image": "nowhere.tif", "masks": {"mitochondria": "no.tif"}, "voxel_size_nm": [5, 5, 5]}
    page = page_of(planned(tmp_path, volumes__mine=missing, targets=["mine"]))
    assert "mine: not known yet, for nowhere.tif" in page


def test_what_does_not_fit_into_memory_is_warned_of_once(tmp_path):
    why = "a training step needs about 22 TB of memory, 16 GB can be had here: lower a (1)"
    plan = planned(tmp_path, step={"too_large": why})
    assert page_of(plan).count(f"WARNING {why}\n") == 1 and "5 GANs (base): not timed" in page_of(plan)
    assert "WARNING" not in page_of(planned(tmp_path))


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (7.26, "7.3 seconds"),
        (80, "80 seconds"),
        (108, "1.8 minutes"),
        (5400, "1.5 hours"),
        (4 * 86400, "4 days"),
    ],
)
def test_times_have_two_digits(seconds, words):
    assert time_in_words(seconds) == words


def test_whole_stacks_are_in_time_and_disk_and_have_a_line(tmp_path):
    without = planned(tmp_path)
    image = "results/phantoms/hippocampus/image.tif"
    stack = {"image": image, "voxel_size_nm": [5, 5, 5]}
    stacks = {"apply__stacks": {"mine": stack, "gone": "nowhere.tif"}, "apply__formats": ["fiji"]}
    plan = planned(tmp_path, **stacks)
    voxels = 44 * 160 * 160
    # For each stack ingest, prediction, segmentation, objects, ranking, figure, export; for all the choice of
    # an arm and a table.
    assert plan["stacks"]["jobs"] == 16 and list(plan["stacks"]["unknown"]) == ["gone"]
    # Image, probability, segmentation; for Fiji image, mask, confidence and labels; 13 while it is cut.
    assert plan["disk"] - without["disk"] == (2 + 6 + 13) * voxels
    assert (plan["seconds"] - without["seconds"]) * 2 == pytest.approx(plan["stacks"]["seconds"])
    page = page_of(plan)
    assert "  2 whole stacks (apply): 16 jobs, " in page and "gone is in no sum: nowhere.tif" in page
    assert "whole stack" not in page_of(without)
