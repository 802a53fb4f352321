"""Which studies can answer, and what is said of the others."""

import pytest

from synthem.comparison.layout import Components
from synthem.plans.design import family_of, hopeless, outlook
from tests.shared.demo_config import checked, edited


def config(**changes):
    return checked(edited(**changes))


def test_five_replicates_can_answer_and_four_cannot():
    assert hopeless(config(study__replicates=5), {"hippocampus": 11}) is None
    problem = hopeless(config(study__replicates=4))
    assert (problem.code, problem.where) == ("CONFIG_CONTRADICTION", "study.replicates")
    assert problem.found.startswith("this design can never say that an arm helps: 4 replicates")
    assert "study.explore" in problem.fix


def test_five_slices_can_answer_and_four_cannot():
    assert hopeless(config(), {"hippocampus": 5}) is None
    assert hopeless(config(), {"hippocampus": 11, "other": 4}).where == "split.test"


@pytest.mark.parametrize("changes", [{"study__explore": True}, {"study__arms": ["real"]}])
def test_who_explores_or_compares_nothing_may_do_with_fewer(changes):
    assert hopeless(config(study__replicates=1, **changes), {"hippocampus": 1}) is None


def test_a_family_is_every_arm_and_budget_but_the_reference_and_controls():
    sets = {"synthetic": {"kind": "gan"}, "copies": {"kind": "copies"}}
    arms = {
        "real": {"sets": {"real": 1}},
        "mixed": {"sets": {"real": 0.5, "synthetic": 0.5}},
        "twice": {"sets": {"real": 0.5, "copies": 0.5}},
    }
    study = {"data_sets": sets, "arms": arms, "study__arms": [*arms]}
    assert family_of(config(labels__budgets=[2, 4, "all"], **study)) == 3
    assert family_of(config(study__arms=["real"])) == 1


def test_a_difference_far_above_all_chance_is_found_always_and_one_far_below_never():
    """One replicate differs from another by 0.001, and blocks hardly: 0.05 is 100 standard errors of 5."""
    earlier = Components(replicates=1e-6, seeds=0, blocks=1e-9, rest=1e-9), 8
    study = {"study__arms": ["real", "mixed"], "labels__budgets": [3], "comparison__smallest_effect": 0.05}
    found = outlook(config(**study), test_slices=16, earlier=earlier)
    assert found["power"] == pytest.approx(1, abs=1e-3)
    assert (found["needed_replicates"], found["blocks"], found["family"]) == (5, 8, 1)
    assert found["detectable"] < 0.005
    assert found["rests_on"] == "an earlier run here"
    noisy = Components(replicates=1.0, seeds=0, blocks=0.1, rest=0.1), 8
    assert outlook(config(**study), test_slices=16, earlier=noisy)["power"] < 0.1


def test_a_design_that_never_answers_says_so_without_an_error():
    found = outlook(config(study__replicates=2, study__explore=True), test_slices=11)
    assert found["never_helps"].startswith("2 replicates")
    assert (found["power"], found["detectable"]) == (0, None)
