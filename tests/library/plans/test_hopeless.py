"""Which studies can answer, and what is said of the others."""

import pytest

from synthem.plans.design import independent_blocks
from synthem.plans.hopeless import hopeless, is_to_answer, too_short, unplanned
from tests.shared.demo_config import checked, edited


def config(**changes):
    return checked(edited(**changes))


def test_five_replicates_can_answer_and_four_cannot():
    assert hopeless(config(study__replicates=5)) is None
    problem = hopeless(config(study__replicates=4))
    assert (problem.code, problem.where) == ("CONFIG_CONTRADICTION", "study.replicates")
    assert problem.found.startswith("this design can never say that an arm helps: 4 replicates")
    assert "study.explore" in problem.fix


def test_fewer_replicates_than_planned_cannot_answer_yet():
    assert hopeless(config(study__replicates=8, study__planned=8)) is None
    problem = hopeless(config(study__replicates=7, study__planned=8))
    assert "7 replicates are fewer than the planned 8" in problem.found
    assert "set study.replicates to 8 or more" in problem.fix


def test_replicates_beyond_the_plan_are_warned_of_before_there_is_a_result(tmp_path):
    more = config(study__replicates=10)
    warning = unplanned(more, tmp_path)
    assert warning.startswith("WARNING study.replicates is 10 and study.planned 5")
    assert warning.endswith("study: {replicates: 10, planned: 10}")
    assert unplanned(config(study__replicates=10, study__planned=10), tmp_path) == ""
    assert unplanned(config(study__replicates=10, study__arms=["real"]), tmp_path) == ""
    (tmp_path / "hippocampus").mkdir()
    assert unplanned(more, tmp_path) == warning
    (tmp_path / "hippocampus/comparison.csv").touch()
    assert unplanned(more, tmp_path) == "", "a study that has been looked at keeps its plan"


def test_five_slices_can_answer_and_four_cannot():
    assert too_short(independent_blocks({"mine": 5})) is None
    problem = too_short(independent_blocks({"mine": 11, "other": 4}))
    assert problem.where == "split.test of other"
    assert "4 test slices are 4 blocks of test slices, of which at least 5" in problem.found
    alone = too_short(independent_blocks({"mine": 1})).found
    assert "1 test slice is 1 block of test slices, of which at least 5" in alone


@pytest.mark.parametrize("changes", [{"study__explore": True}, {"study__arms": ["real"]}])
def test_who_explores_or_compares_nothing_may_do_with_fewer(changes):
    assert not is_to_answer(config(study__replicates=1, **changes))
    assert hopeless(config(study__replicates=1, **changes)) is None
