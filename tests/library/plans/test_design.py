"""What studies can find."""

import pytest

from synthem.comparison.layout import Components
from synthem.comparison.planning import needed_replicates, possible_components, prior
from synthem.plans.design import family_size, outlook
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
    assert family_size(config(labels__budgets=[2, 4, "all"], study__arms=[*ARMS], **CONTROLLED)) == 3


@pytest.mark.parametrize("arms", [["real"], ["real", "twice"]])
def test_a_study_that_asks_nothing_has_no_family_and_finds_nothing(arms):
    asks_nothing = config(study__arms=arms, **CONTROLLED)
    assert family_size(asks_nothing) == 0
    assert outlook(asks_nothing, [(11, None)]).keys() == {"replicates", "test_slices", "blocks", "family"}


def test_a_difference_far_above_all_chance_is_found_always_and_one_far_below_never():
    """One replicate differs from another by 0.001, and blocks hardly: 0.05 is 100 standard errors of 5.

    Scores in bits have no prior: what an earlier run saw is all that is known of them.
    """
    earlier = Components(replicates=1e-6, seeds=0, blocks=1e-9, rest=1e-9), 8, 100
    study = {"study__arms": ["real", "mixed"], "labels__budgets": [3], "comparison__smallest_effect": 0.05}
    study["comparison__endpoint"] = "voi"
    found = outlook(config(**study), [(16, earlier)])
    assert found["power"] == pytest.approx(1, abs=1e-3)
    assert (found["needed_replicates"], found["blocks"], found["family"]) == (5, 8, 1)
    assert found["detectable"] < 0.005
    assert found["rests_on"] == "an earlier run here"
    noisy = Components(replicates=1.0, seeds=0, blocks=0.1, rest=0.1), 8, 100
    assert outlook(config(**study), [(16, noisy)])["power"] < 0.1


def test_a_plan_after_a_run_asks_for_as_many_replicates_as_the_run_itself_did():
    """Both take the variances for what may lie behind them, not for known (`planning.possible`)."""
    seen = Components(replicates=8e-4, seeds=0, blocks=5e-4, rest=6e-3)
    study = {"study__arms": ["real", "mixed"], "labels__budgets": [3], "comparison__smallest_effect": 0.05}
    found = outlook(config(**study), [(40, (seen, 8, 5))])["needed_replicates"]
    sizes = {"blocks": 8, "seeds": 1}
    spread = possible_components(seen, replicates=5, expected=prior(40), **sizes)
    claims = {"effect": 0.05, "confidence": 0.95, "family": 1, "planned_replicates": None}
    assert found == needed_replicates(spread, **sizes, **claims)
    assert found > needed_replicates(seen, **sizes, **claims) + 3


def test_the_replicates_of_a_new_study_do_not_depend_on_those_of_this_one():
    study = {"study__arms": ["real", "mixed"], "labels__budgets": [3], "comparison__smallest_effect": 0.03}
    few, many = (
        outlook(config(**study, study__replicates=count, study__planned=count), [(200, None)])
        for count in (5, 20)
    )
    assert few["needed_replicates"] == many["needed_replicates"]


def test_a_design_that_never_answers_says_so_without_an_error():
    found = outlook(config(study__replicates=2, study__explore=True), [(11, None)])
    assert found["never_helps"].startswith("2 replicates")
    assert (found["power"], found["detectable"]) == (0, None)
    alone = outlook(config(study__replicates=1, study__explore=True), [(11, None)])
    assert alone["never_helps"].startswith("1 replicate") and alone["smallest_p"] is None
    one = outlook(config(study__explore=True), [(1, None)])
    assert one["never_helps"].startswith("1 block") and one["smallest_p"] is None


def test_two_targets_as_one_find_what_half_the_variance_of_each_finds():
    """The mean of two equal strata: a replicate of both varies half as much, and blocks are twice as many."""
    one = Components(replicates=2e-3, seeds=0, blocks=4e-4, rest=8e-4), 8, 6
    half = Components(replicates=1e-3, seeds=0, blocks=4e-4, rest=8e-4), 16, 6
    study = config(study__arms=["real", "mixed"])
    both = outlook(study, [(16, one), (16, one)])
    assert both == outlook(study, [(16, None), (16, None)], together=half)
    assert (both["blocks"], both["test_slices"]) == (16, 32)
    assert both["power"] > outlook(study, [(16, one)])["power"]


def test_it_says_what_one_comparison_would_find():
    """Asked about one arm with one budget, the same study has no others to be corrected for."""
    noisy = Components(replicates=0.002, seeds=0, blocks=1e-4, rest=1e-4), 8, 6
    four = {"study__arms": ["real", "mixed", "synthetic"], "labels__budgets": [3, 4]}
    one = {"study__arms": ["real", "mixed"], "labels__budgets": [3]}
    many, alone = (outlook(config(**study), [(16, noisy)]) for study in (four, one))
    assert (many["family"], alone["family"]) == (4, 1)
    assert many["power"] < many["power_of_one"] == alone["power"] == alone["power_of_one"]
