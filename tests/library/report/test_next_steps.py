"""What a reader is told to do follows from the verdict, with the numbers of this study."""

import pytest

from synthem.report.next_steps import next_steps


def row(**changed):
    found = {"arm": "mixed", "budget": "3", "labelled_slices": 3, "n_replicates": 6, "planned_replicates": 6}
    found |= {"n_blocks": 9, "effective_blocks": 8.0}
    found |= {"difference": 0.04, "low": -0.02, "high": 0.1, "smallest_effect": 0.05}
    needed = {"needed_replicates": 11, "needed_anew": 9}
    return found | {"verdict": "undecided", "reason": "", "caveat": None} | needed | changed


def steps(*rows, tested=9, apart=False, **changed):
    answer = {"asked": [one["arm"] for one in rows], "reference": "real", "subject": "synthetic data"}
    answer |= {"unlearnt": []} | changed
    return next_steps(list(rows), answer, tested=tested, apart=apart)


def test_an_open_verdict_names_the_number_of_replicates_that_would_decide():
    first, then = steps(row())
    assert "`study: {replicates: 11}`, leave `planned`, and start again" in first
    assert "0.05 with 3 labelled slices in about 80 of 100" in first
    assert then == "Until then, segment with `real`."


def test_where_no_number_of_replicates_decides_more_test_slices_are_asked_for():
    assert "split: {test: ...}" in steps(row(needed_replicates=None, needed_anew=None))[0]


def test_a_test_stack_of_its_own_is_not_made_larger_by_a_split():
    asked = steps(row(needed_replicates=None, needed_anew=None), apart=True)
    assert asked[0].startswith("Label more test slices (a larger stack at `test:` of the volume): ")
    asked += steps(row(needed_replicates=None), apart=True)
    asked += steps(row(verdict="exploratory", low=None, n_blocks=1), tested=1, apart=True)
    assert not [one for one in asked if "split" in one]
    assert "(another stack at `test:` of the volume)" in "".join(asked)


def test_where_only_a_new_study_would_decide_it_is_asked_for():
    first, _ = steps(row(needed_replicates=None))
    assert first.startswith("A new study on other test slices")
    assert "`study: {replicates: 9, planned: 9}` would find a difference of 0.05" in first


def test_an_arm_that_helps_is_named_with_its_labels_and_the_way_to_apply_it():
    rows = [row(verdict="helps"), row(verdict="helps", budget="8", labelled_slices=8, difference=0.02)]
    first, then = steps(*rows)
    assert first == (
        "Learn with `mixed` with 3 and 8 labelled slices. `apply: {stacks: ...}` and `snakemake apply` "
        "segment whole stacks by the arm that is best with the most labels."
    )
    assert "another block or animal" in then


def test_the_arm_that_helps_most_comes_first_whatever_the_order_of_the_table():
    rows = [row(verdict="helps", arm="a", difference=0.02), row(verdict="helps", arm="b", difference=0.09)]
    assert "`b`" in steps(*rows)[0]


def test_what_is_still_open_is_told_after_what_is_decided():
    rows = [row(verdict="helps"), row(budget="8", labelled_slices=8)]
    assert "with 8 labelled slices in about 80 of 100" in steps(*rows)[2]


def test_an_arm_that_harms_is_not_to_be_used():
    first, then = steps(row(verdict="harms", difference=-0.1))
    assert first == "Do not learn from `mixed` with 3 labelled slices; segment with `real`."
    assert "images below" in then
    assert steps(row(verdict="harms"), subject="what was tried") == [first]


@pytest.mark.parametrize("verdict", ["harms", "no effect"])
def test_an_arm_that_had_not_finished_learning_is_to_be_given_more_steps_before_it_is_dropped(verdict):
    caveat = "its networks had not finished learning: 56 % of the fall of their loss came late"
    found = steps(row(verdict=verdict, difference=-0.1, caveat=caveat), row(verdict=verdict, budget="8"))
    assert found[1] == (
        "Raise `unets: training: steps` before you drop `mixed`: its networks had not finished learning."
    )
    assert "Raise" not in " ".join(steps(row(verdict="helps", caveat=caveat)))


def test_no_effect_of_synthetic_data_leads_to_fewer_labels_beside_those_that_were_tried():
    first, then = steps(row(verdict="no effect", difference=0.001))
    assert first.startswith("Segment with `real`") and "labels: {budgets: [1, 3]}" in then
    assert len(steps(row(verdict="no effect", labelled_slices=1, budget="1"))) == 1
    assert len(steps(row(verdict="no effect"), subject="what was tried")) == 1
    open_with_fewer = [
        row(verdict="no effect", budget="8", labelled_slices=8),
        row(budget="2", labelled_slices=2),
    ]
    assert not any("has most to give" in step for step in steps(*open_with_fewer))
    both = [row(verdict="no effect", budget="8", labelled_slices=8), row(verdict="no effect")]
    assert "labels: {budgets: [1, 8, 3]}" in steps(*both)[1]


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({"n_replicates": 2}, "`study: {replicates: 11}`"),
        ({"n_replicates": 2, "needed_replicates": None}, "`study: {replicates: 6}`"),
        ({"n_blocks": 3}, "3 blocks of slices that err apart are too few"),
        ({"n_blocks": 1}, "1 block of slices that err apart is too few"),
        ({"effective_blocks": 1.84}, "say as much as 1.8 blocks of equal size; 3 make a verdict"),
        ({"difference": None, "low": None, "reason": "a score is undefined"}, "a score is undefined"),
        ({"low": None, "n_replicates": 6}, "Test on several slices"),
    ],
)
def test_a_first_look_says_what_it_lacks(changed, words):
    assert words in steps(row(verdict="exploratory", **changed))[0]


def test_of_too_few_test_slices_no_number_of_replicates_is_asked_for_alone():
    first, then = steps(row(verdict="exploratory", n_replicates=1, low=None, n_blocks=0), tested=1)[:2]
    assert first.startswith("Test on 5 slices or more") and "of 1 test slice no number of replicates" in first
    assert then.startswith("Set `study: {replicates: 11}`")
    assert "Test on" not in steps(row(verdict="exploratory", n_replicates=1, low=None), tested=5)[0]


def test_where_there_is_no_answer_stands_the_remedy_of_its_reason():
    found = steps(row(verdict="no answer", reason="0 of 24 images passed the filter"))
    assert found == ["Raise gans: training: steps, then base_width in gans: generator."]


def test_one_arm_is_given_a_second_one():
    assert steps()[0].startswith("Name a second arm")
    learning, second = steps(unlearnt=[{"reason": "the networks are no better than nothing"}])
    assert learning.startswith("Set a larger `size`") and second.startswith("Name a second arm")


def test_the_second_arm_is_another_one():
    assert "arms: [real, mixed]" in steps()[0]
    assert "arms: [real, mixed]" in steps(reference="mixed")[0]
    assert "arms: [real, pasted]" in steps(reference="pasted")[0]


def test_controls_are_given_an_arm_that_asks():
    assert steps(row(arm="copies", verdict="no effect"), asked=[]) == [
        "Name an arm to compare beside the controls, for example `study: {arms: [real, mixed, copies]}`: "
        "what is finished is kept."
    ]


def test_nobody_is_given_more_than_three_things_to_do():
    rows = [row(arm=f"arm-{n}", verdict="exploratory", n_replicates=2, budget=str(n)) for n in range(9)]
    assert len(steps(row(verdict="helps"), *rows)) == 3
