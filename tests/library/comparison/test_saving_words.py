"""What a study says of label saving, as whole sentences."""

from math import inf

import pytest

from synthem.comparison.extrapolation import Extrapolation
from synthem.comparison.saving_words import (
    choice_sentence,
    more_slices_sentence,
    saving_sentence,
    strategy_sentence,
)

ROW = {"arm": "mixed", "reference": "real", "labelled_slices": 4, "n_replicates": 6, "confidence": 0.95}
ROW |= {"equal_slices": 7.03, "low": 5.04, "high": 10.96, "fewest": 1, "most": 16, "hours": None}
ROW |= {"verdict": "helps"}
CHOICE = {
    "arm": "real",
    "budget": "4",
    "labelled_slices": 4,
    "n_replicates": 6,
    "endpoint": "iou",
    "sd": 0.0812,
}
CHOICE |= {"sd_low": 0.05, "sd_high": 0.2, "lowest": 0.707, "highest": 0.921}


def test_four_slices_and_a_gan_are_seven():
    assert saving_sentence(ROW) == (
        "4 labelled slices with mixed = 7 (95 % interval 5 to 11, 6 replicates) labelled slices with real: "
        "it saves 3 slices of labelling."
    )


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({"equal_slices": inf, "low": 9.0, "high": inf}, "= more than 16 (95 % interval 9 to more than 16,"),
        ({"equal_slices": inf, "low": 9.0, "high": inf}, "it saves more than 12 slices of labelling"),
        ({"equal_slices": 0.0, "low": 0.0, "high": 1.2}, "= fewer than 1 (95 % interval fewer than 1 to 1.2"),
        (
            {"equal_slices": 0.0, "low": 0.0, "high": 1.2, "verdict": "harms"},
            "it is worth less than its labels alone",
        ),
        (
            {"labelled_slices": 16, "equal_slices": inf, "low": inf, "high": inf},
            "= more than 16 (95 % interval more than 16, 6 replicates) labelled slices with real: "
            "it saves labels, and only larger budgets can tell how many.",
        ),
        (
            {"labelled_slices": 1, "equal_slices": 0.0, "low": 0.0, "high": 0.0, "verdict": "harms"},
            "= fewer than 1 (95 % interval fewer than 1, 6 replicates) labelled slices with real: "
            "it is worth less than its labels alone.",
        ),
        (
            {"labelled_slices": 16, "equal_slices": inf, "low": 12.0, "high": inf},
            "not told apart from the 16",
        ),
        ({"low": 3.5, "verdict": "undecided"}, "slices with real: not told apart from the 4 that it has."),
        ({"low": 3.5}, "not told apart from the 4 that it has, though the verdict is helps."),
        ({"equal_slices": None, "reason": "one budget"}, "no label saving can be read off, for one budget"),
        ({"equal_slices": 5.2}, "it saves 1.2 slices of labelling."),
        ({"equal_slices": 5.02}, "it saves 1 slice of labelling."),
        ({"hours": 0.25}, "A run takes 15 minutes of computing more."),
        ({"hours": 1.04}, "A run takes 1 hour of computing more."),
        ({"hours": -2.54}, "A run takes 2.5 hours of computing less."),
    ],
)
def test_what_the_curves_do_not_reach_and_what_it_costs(changed, words):
    assert words in saving_sentence(ROW | changed)


@pytest.mark.parametrize(
    ("verdict", "behind"),
    [
        ("undecided", "the verdict is undecided"),
        ("no effect", "the verdict is no effect"),
        ("exploratory", "the verdict is exploratory"),
        (None, "there is no verdict about this score"),
    ],
)
def test_an_interval_without_a_verdict_that_says_so_saves_nothing(verdict, behind):
    """So few of all arms and budgets are called a saving, or worth less, as verdicts are wrong."""
    above, below = {"verdict": verdict}, {"verdict": verdict, "equal_slices": 2.0, "low": 1.0, "high": 3.0}
    more, less = saving_sentence(ROW | above), saving_sentence(ROW | below)
    assert more.endswith(f"slices with real: not enough to say that it saves labels: {behind}.")
    start = "slices with real: not enough to say that it is worth less than its labels alone"
    assert less.endswith(f"{start}: {behind}.")


def test_a_verdict_of_the_other_sign_is_no_word_for_an_interval():
    assert "not enough to say that it saves labels: the verdict is harms" in saving_sentence(
        ROW | {"verdict": "harms"}
    )


def test_more_slices_with_their_condition_or_the_reason_for_silence():
    about = {"arm": "real", "last": 8, "endpoint": "iou", "confidence": 0.9, "n_replicates": 5}
    found = more_slices_sentence(Extrapolation(13, 0.881, 0.864, 0.899, ""), **about)
    start = "5 more labelled slices than 8 would bring real to IoU 0.88 (90 % interval 0.86 to 0.90), if"
    assert found.startswith(start)
    assert "if its error goes on as it has;" in found  # where the last budgets scored lower, it rose
    wide = more_slices_sentence(Extrapolation(13, 0.881, 0.2, 1.3, ""), **about)
    assert "IoU 0.88 (90 % interval 0.20 to 1.00), if" in wide  # no IoU is larger
    silent = more_slices_sentence(Extrapolation(13, None, None, None, "too few budgets"), **about)
    assert silent == "What more labels would bring is not said: too few budgets."
    few = more_slices_sentence(Extrapolation(13, 0.881, 0.864, 0.899, ""), **about | {"n_replicates": 4})
    assert few == f"Exploratory: {found}"


def test_how_far_replicates_lie_apart_and_in_what_they_differ():
    assert choice_sentence(CHOICE) == (
        "With 4 labelled slices, 6 replicates of real have an IoU from 0.71 to 0.92 (standard deviation "
        "0.081, 0.050 to 0.200); they differ in which slices are labelled, as far as the labelling strategy "
        "draws them, and in the chance of training."
    )
    every = choice_sentence(CHOICE | {"budget": "all"})
    assert every.endswith(
        "in which slices validate, if any, not in which are labelled, and in the chance of training."
    )
    one = choice_sentence(CHOICE | {"sd": None, "n_replicates": 1})
    assert one == "How far scores with 4 labelled slices lie apart is not known of one replicate."


STRATEGY = {"labelled_slices": 3, "endpoint": "iou", "confidence": 0.95, "p_adjusted": 0.01, "family": 1}
STRATEGY |= {"difference": 0.21, "low": 0.1, "high": 0.3, "n_replicates": 5}


def test_a_strategy_against_another():
    row = STRATEGY
    assert strategy_sentence(row, ("spread", "first")) == (
        "With 3 labelled slices, drawing them `spread` instead of `first` changes the IoU by +0.210 "
        "(95 % interval +0.100 to +0.300)."
    )
    unsure = row | {"low": -0.1, "p_adjusted": 0.2}
    assert strategy_sentence(unsure, ("spread", "first")).endswith("not told from no change.")
    few = strategy_sentence(row | {"n_replicates": 2}, ("spread", "first"))
    assert few.startswith("Exploratory: With 3 labelled slices")


def test_one_of_several_strategies_is_told_from_no_change_by_a_p_that_allows_for_all():
    """An interval of 95 % leaves out 0 by chance in one of 20 comparisons."""
    row = STRATEGY | {"p_adjusted": 0.081, "family": 3}
    assert strategy_sentence(row, ("spread", "first")) == (
        "With 3 labelled slices, drawing them `spread` instead of `first` changes the IoU by +0.210 "
        "(95 % interval +0.100 to +0.300; p = 0.081, corrected for 3 comparisons): not told from no change."
    )
