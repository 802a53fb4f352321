import pytest

from synthem.comparison.answers import headline, signed, verdict_sentence


def comparison(**changes):
    row = {
        "arm": "mixed",
        "reference": "real",
        "fraction": 0.1,
        "n_pairs": 3,
        "n_slices": 11,
        "reference_iou": 0.71,
        "arm_iou": 0.78,
        "difference": 0.07,
        "low": 0.03,
        "high": 0.11,
        "confidence": 0.95,
        "p": 0.25,
        "smallest_possible_p": 0.25,
        "smallest_effect": 0.01,
        "verdict": "helps",
        "reason": "",
    }
    return row | changes


def test_the_sentence_says_what_changed_how_sure_and_what_it_means():
    assert verdict_sentence(comparison()) == (
        "With 10 % of the labels, mixing synthetic images in raised the IoU from 0.71 to 0.78 (+0.07, "
        "95 % interval +0.03 to +0.11, 3 seeds, 11 test slices, p = 0.25): synthetic data helps here. "
        "(3 seeds cannot give a p below 0.25, so this rests on the interval alone.)"
    )


def test_with_six_seeds_the_sentence_needs_no_caveat():
    sentence = verdict_sentence(comparison(n_pairs=6, p=2 / 64, smallest_possible_p=2 / 64, fraction=1.0))
    assert sentence.startswith("With all labels, mixing")
    assert sentence.endswith("p = 0.031): synthetic data helps here.")


def test_a_small_change_is_not_rounded_away():
    row = comparison(arm_iou=0.7112, difference=0.0012, low=-0.0004, high=0.0028, verdict="no effect")
    sentence = verdict_sentence(row)
    assert "raised the IoU from 0.710 to 0.711 (+0.001, 95 % interval -0.0004 to +0.003" in sentence
    assert "no effect here larger than 0.01" in sentence


@pytest.mark.parametrize(
    ("value", "text"),
    [(0.07, "+0.07"), (-0.004, "-0.004"), (0.00004, "+0.00004"), (0, "0"), (3e-9, "+3e-09")],
)
def test_signed_numbers_are_never_plus_nothing(value, text):
    assert signed(value) == text


def test_sentences_of_the_other_verdicts():
    reason = "the interval holds 0 and reaches beyond +-0.01"
    harms = comparison(verdict="harms", difference=-0.2, arm_iou=0.51, low=-0.3, high=-0.1, arm="synthetic")
    assert "training on synthetic images alone lowered the IoU from 0.71 to 0.51 (-0.20" in verdict_sentence(
        harms
    )
    assert "synthetic data harms here." in verdict_sentence(harms)
    undecided = verdict_sentence(comparison(verdict="undecided", reason=reason))
    assert f"whether synthetic data helps here is undecided, as {reason}." in undecided
    single = verdict_sentence(comparison(low=None, high=None, n_pairs=1, verdict="undecided", reason=reason))
    assert "no interval, 1 seed, 11 test slices" in single
    none = comparison(difference=None, low=None, high=None, n_pairs=0, p=None, verdict="undecided")
    assert "nothing can be said about mixing synthetic images in" in verdict_sentence(none)
    other = verdict_sentence(comparison(arm="more", reference="mixed"))
    assert 'the arm "more" instead of "mixed" raised' in other
    assert other.count("synthetic") == 0
    same = verdict_sentence(comparison(arm_iou=0.71, difference=0.0, low=0.0, high=0.0, verdict="no effect"))
    assert "left the IoU at 0.71 (0, 95 % interval 0 to 0," in same


def test_the_headline_sums_up_all_comparisons():
    rows = [comparison(), comparison(fraction=1.0, verdict="undecided", difference=0.004)]
    rows.append(comparison(arm="synthetic", fraction=1.0, verdict="harms", difference=-0.2))
    assert headline(rows, structure="mitochondria") == (
        "Does synthetic data help to segment mitochondria? Helps: mixed with 10 % of the labels: +0.07. "
        "Harms: synthetic with all labels: -0.20. Undecided: mixed with all labels: +0.004. "
        "(Change of the IoU on the test block, 3 seeds, intervals not widened for their number.)"
    )


def test_the_headline_of_one_comparison_and_of_none():
    one = headline([comparison(verdict="no effect", difference=0.001)], structure="membranes")
    assert one == (
        "Does synthetic data help to segment membranes? No effect: mixed with 10 % of the labels: +0.001. "
        "(Change of the IoU on the test block, 3 seeds.)"
    )
    assert "nothing can be said" in headline([], structure="membranes")


NOTHING = {"difference": None, "low": None, "high": None, "n_pairs": 0, "n_slices": 0, "p": None}


def test_sentences_where_there_is_no_verdict_say_why_and_what_to_do():
    untrained = comparison(verdict="not trained", reason="0 of 24 images passed", **NOTHING)
    assert verdict_sentence(untrained) == (
        "With 10 % of the labels, mixing synthetic images in could not be tried: 0 of 24 images passed. This "
        "generator is not good enough for this data. Raise gans: training: steps, then base_width in "
        "gans: generator."
    )
    unlearnt = verdict_sentence(comparison(verdict="no answer", reason="real marks everything"))
    assert unlearnt.startswith(
        "With 10 % of the labels, there is no answer about mixing synthetic images in: real marks everything."
    )
    assert "Raise unets: training: steps" in unlearnt and "0.07" not in unlearnt


def test_the_headline_gives_no_number_where_there_is_no_verdict():
    rows = [
        comparison(verdict="not trained", reason="0 of 24 passed", **NOTHING),
        comparison(arm="synthetic", verdict="not trained", reason="0 of 24 passed", **NOTHING),
    ]
    assert headline(rows, structure="mitochondria") == (
        "Does synthetic data help to segment mitochondria? Not trained: mixed with 10 % of the labels; "
        "synthetic with 10 % of the labels. 0 of 24 passed. This generator is not good enough for this data. "
        "Raise gans: training: steps, then base_width in gans: generator."
    )
    helped = comparison(fraction=1.0)
    assert headline([rows[0], helped], structure="mitochondria").startswith(
        "Does synthetic data help to segment mitochondria? Helps: mixed with all labels: +0.07. Not trained: "
    )
    assert headline([rows[0], helped], structure="mitochondria").endswith(
        "(Change of the IoU on the test block, 3 seeds.)"
    )
    unlearnt = headline([comparison(verdict="no answer", reason="real marks everything")], structure="nuclei")
    assert "No answer: mixed with 10 % of the labels. Real marks everything. Raise unets:" in unlearnt
