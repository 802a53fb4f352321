"""What studies can find."""

import pytest

from synthem.comparison.layout import Components
from synthem.plans.design import family_of, outlook
from tests.shared.demo_config import checked, edited


def config(**changes):
    return checked(edited(**changes))


ARMS = {
    "real": {"sets": {"real": 1}},
    "mixed": {"sets": {"real": 0.5, "synthetic": 0.5}},
    "twice": {"sets": {"real": 0.5, "copies": 0.5}},
}
CONTROLLED = {"data_sets": {"synthetic": {"kind": "gan"}, "copies": {"kind": "copies"}}, "arms": ARMS}


def test_a_family_is_every_arm_and_budget_but_the_reference_and_controls():
    assert family_of(config(labels__budgets=[2, 4, "all"], study__arms=[*ARMS], **CONTROLLED)) == 3


@pytest.mark.parametrize("arms", [["real"], ["real", "twice"]])
def test_a_study_that_asks_nothing_has_no_family_and_finds_nothing(arms):
    asks_nothing = config(study__arms=arms, **CONTROLLED)
    assert family_of(asks_nothing) == 0
    assert outlook(asks_nothing, [(11, None)]).keys() == {"replicates", "test_slices", "blocks", "family"}


def test_a_difference_far_above_all_chance_is_found_always_and_one_far_below_never():
    """One replicate differs from another by 0.001, and blocks hardly: 0.05 is 100 standard errors of 5."""
    earlier = Components(replicates=1e-6, seeds=0, blocks=1e-9, rest=1e-9), 8
    study = {"study__arms": ["real", "mixed"], "labels__budgets": [3], "comparison__smallest_effect": 0.05}
    found = outlook(config(**study), [(16, earlier)])
    assert found["power"] == pytest.approx(1, abs=1e-3)
    assert (found["needed_replicates"], found["blocks"], found["family"]) == (5, 8, 1)
    assert found["detectable"] < 0.005
    assert found["rests_on"] == "an earlier run here"
    noisy = Components(replicates=1.0, seeds=0, blocks=0.1, rest=0.1), 8
    assert outlook(config(**study), [(16, noisy)])["power"] < 0.1


def test_a_design_that_never_answers_says_so_without_an_error():
    found = outlook(config(study__replicates=2, study__explore=True), [(11, None)])
    assert found["never_helps"].startswith("2 replicates")
    assert (found["power"], found["detectable"]) == (0, None)
    alone = outlook(config(study__replicates=1, study__explore=True), [(11, None)])
    assert alone["never_helps"].startswith("1 replicate") and alone["smallest_p"] is None


def test_two_targets_as_one_find_what_half_the_variance_of_each_finds():
    """The mean of two equal strata: a replicate of both varies half as much, and blocks are twice as many."""
    one = Components(replicates=2e-3, seeds=0, blocks=4e-4, rest=8e-4), 8
    half = Components(replicates=1e-3, seeds=0, blocks=4e-4, rest=8e-4), 16
    study = config(study__arms=["real", "mixed"])
    both, alone = outlook(study, [(16, one), (16, one)]), outlook(study, [(32, half)])
    assert both == alone
    assert (both["blocks"], both["test_slices"]) == (16, 32)
    assert both["power"] > outlook(study, [(16, one)])["power"]


def test_it_says_what_one_comparison_would_find():
    """Asked about one arm with one budget, the same study has no others to be corrected for."""
    noisy = Components(replicates=0.002, seeds=0, blocks=1e-4, rest=1e-4), 8
    four = {"study__arms": ["real", "mixed", "synthetic"], "labels__budgets": [3, 4]}
    one = {"study__arms": ["real", "mixed"], "labels__budgets": [3]}
    many, alone = (outlook(config(**study), [(16, noisy)]) for study in (four, one))
    assert (many["family"], alone["family"]) == (4, 1)
    assert many["power"] < many["power_of_one"] == alone["power"] == alone["power_of_one"]
