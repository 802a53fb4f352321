import pytest

from synthem.comparison.answers import answer_of, budgets_text, headline, remedy, signed, verdict_sentence

WORDS = {
    "real": "real images alone",
    "mixed": "half real, half images of `painted`",
    "new": "bent images alone",
}
QUESTION = "Does synthetic data help to segment mitochondria?"


def comparison(**changes):
    row = {
        "volume": "v",
        "arm": "mixed",
        "reference": "real",
        "budget": "3",
        "labelled_slices": 3,
        "n_replicates": 6,
        "n_blocks": 7,
        "effective_blocks": 6.5,
        "reference_score": 0.71,
        "arm_score": 0.78,
        "difference": 0.07,
        "low": 0.03,
        "high": 0.11,
        "df": 6.2,
        "p": 0.004,
        "p_adjusted": 0.012,
        "better": 0.98,
        "confidence": 0.95,
        "smallest_effect": 0.05,
        "verdict": "helps",
        "reason": "",
        "needed_replicates": None,
    }
    return row | changes


def say(**changes):
    return verdict_sentence(comparison(**changes), words=WORDS, endpoint="iou")


def test_an_interval_ends_where_two_scores_cannot_lie_further_apart():
    assert "95 % interval -0.30 to +1.00," in say(low=-0.3, high=1.4)
    row = comparison(low=-0.3, high=1.4)
    assert "95 % interval -0.30 to +1.40," in verdict_sentence(row, words=WORDS, endpoint="voi")


def test_the_sentence_says_what_changed_how_sure_and_what_it_means():
    assert say() == (
        "With 3 labelled slices, `mixed` (half real, half images of `painted`) has an IoU of 0.78, `real` of "
        "0.71 (+0.07, 95 % interval +0.03 to +0.11, 6 replicates, adjusted p = 0.012): it helps here. In a "
        "new replicate it beats `real` with a probability of 98 %."
    )


def test_any_arm_reference_endpoint_and_budget_has_words():
    row = comparison(
        arm="new", reference="mixed", budget="all", labelled_slices=22, n_replicates=1, better=0.999
    )
    assert verdict_sentence(row, words=WORDS, endpoint="dice") == (
        "With all 22 labelled slices, `new` (bent images alone) has a Dice score of 0.78, `mixed` of 0.71 "
        "(+0.07, 95 % interval +0.03 to +0.11, 1 replicate, adjusted p = 0.012): it helps here. In a new "
        "replicate it beats `mixed` with a probability of more than 99 %."
    )


def test_a_small_change_is_not_rounded_away():
    sentence = say(
        arm_score=0.7112, difference=0.0012, low=-0.0004, high=0.0028, verdict="no effect", better=0.7
    )
    assert "has an IoU of 0.711, `real` of 0.710 (+0.001, 95 % interval -0.0004 to +0.003" in sentence
    assert "it has no effect here larger than 0.05." in sentence


@pytest.mark.parametrize(
    ("value", "text"),
    [(0.07, "+0.07"), (-0.004, "-0.004"), (0.00004, "+0.00004"), (0, "0"), (3e-9, "+3e-09")],
)
def test_signed_numbers_are_never_plus_nothing(value, text):
    assert signed(value) == text


def test_sentences_of_the_other_verdicts():
    harms = say(verdict="harms", difference=-0.2, arm_score=0.51, low=-0.3, high=-0.1, better=0.001)
    assert "has an IoU of 0.51, `real` of 0.71 (-0.20" in harms
    assert "it harms here. In a new replicate it beats `real` with a probability of less than 1 %." in harms
    why = "neither is ruled out; 14 replicates would decide with 80 % power"
    undecided = say(verdict="undecided", reason=why, needed_replicates=14, better=0.8)
    assert undecided.endswith(
        f"whether it helps is undecided, as {why}. In a new replicate it beats `real` with a probability "
        "of 80 %."
    )
    few = say(verdict="exploratory", reason="3 replicates, of which", needed_replicates=14, better=0.8)
    assert few.endswith("of 80 %. About 14 replicates would decide whether it makes 0.05.")
    first = say(verdict="exploratory", reason="3 replicates are fewer than 5", n_replicates=3, better=None)
    assert first.endswith(
        "3 replicates, adjusted p = 0.012): a first look, no answer, as 3 replicates are fewer than 5."
    )
    single = say(
        low=None, high=None, p_adjusted=None, n_replicates=1, verdict="exploratory", reason="it is one"
    )
    assert "(+0.07, no interval, 1 replicate): a first look" in single
    assert "nothing can be said about `mixed`" in say(difference=None, low=None, verdict="exploratory")
    same = say(arm_score=0.71, difference=0.0, low=0.0, high=0.0, verdict="no effect")
    assert "has an IoU of 0.71, `real` of 0.71 (0, 95 % interval 0 to 0," in same


def test_a_p_at_the_end_of_what_is_known_is_a_bound():
    assert "adjusted p < 1e-8): it helps" in say(p_adjusted=3e-9)


def test_what_a_verdict_leaves_out_stands_behind_it():
    told = say(verdict="harms", caveat="its networks had not finished learning: 56 % came late")
    assert "it harms here. In a new replicate" in told
    assert told.endswith(". But its networks had not finished learning: 56 % came late.")
    assert "But" not in say(verdict="harms", caveat="") + say(verdict="no answer", reason="r", caveat="no")


NOTHING = {
    "difference": None,
    "low": None,
    "high": None,
    "n_replicates": 0,
    "p_adjusted": None,
    "better": None,
}
UNLEARNT = "the networks of the arm real are no better than everything marked"
REJECTED = "replicate 1, painted: 0 of 24 generated images passed the filter, 12 or more are needed"


def test_where_there_is_no_answer_stand_the_reason_and_what_to_do_and_no_number():
    unlearnt = say(verdict="no answer", reason=UNLEARNT)
    assert unlearnt == (
        "With 3 labelled slices, there is no answer about `mixed` (half real, half images of `painted`): "
        f"{UNLEARNT}. Set a larger `size`, or raise unets: training: steps or base_width in unets: network, "
        "or label more slices."
    )
    assert "Raise gans: training: steps" in say(verdict="no answer", reason=REJECTED, **NOTHING)
    assert "Look at the pictures" in remedy("the control copies helps, which it cannot")
    unfinished = remedy("the networks of the arm real had not finished learning: 56 % of the fall")
    assert unfinished == "Raise unets: training: steps, or the learning_rate of its optimiser."


def test_the_headline_sums_up_all_comparisons_by_verdict_and_arm():
    rows = [
        comparison(),
        comparison(budget="all", labelled_slices=22, verdict="undecided", difference=0.004),
        comparison(arm="new", verdict="harms", difference=-0.2, n_replicates=5),
        comparison(arm="new", budget="8", labelled_slices=8, verdict="harms", difference=-0.1),
    ]
    assert headline(rows, question=QUESTION, endpoint="iou") == (
        f"{QUESTION} Helps: mixed with 3 labelled slices (+0.07). "
        "Harms: new with 3 and 8 labelled slices (-0.20, -0.10). "
        "Undecided: mixed with all 22 labelled slices (+0.004). "
        "(Change of the IoU on the test block; 5 to 6 replicates, p corrected for 4 comparisons.)"
    )


def test_the_headline_of_one_comparison_and_of_none():
    one = headline([comparison(verdict="no effect", difference=0.001)], question=QUESTION, endpoint="iou")
    assert one == (
        f"{QUESTION} No effect: mixed with 3 labelled slices (+0.001). "
        "(Change of the IoU on the test block; 6 replicates.)"
    )
    assert "nothing can be said" in headline([], question=QUESTION, endpoint="iou")


def test_the_headline_gives_no_number_where_there_is_no_answer():
    rows = [comparison(verdict="no answer", reason=REJECTED, **NOTHING)]
    rows += [comparison(arm="new", verdict="no answer", reason=UNLEARNT)]
    assert headline(rows, question=QUESTION, endpoint="iou") == (
        f"{QUESTION} No answer: mixed with 3 labelled slices; new with 3 labelled slices. "
        "Replicate 1, painted: 0 of 24 generated images passed the filter, 12 or more are needed; "
        f"{UNLEARNT}. Raise gans: training: steps, then base_width in gans: generator. Set a larger "
        "`size`, or raise unets: training: steps or base_width in unets: network, or label more slices."
    )


def test_budgets_of_one_arm_are_told_together():
    def budgets(*names):
        return budgets_text([{"budget": name, "labelled_slices": None} for name in names])

    assert budgets("1") == "1 labelled slice"
    assert budgets("1", "3", "all") == "1, 3 and all labelled slices"


def test_the_whole_answer_has_the_question_that_its_arms_ask():
    arms = {
        name: {"sets": {of: 1}, "then": {}, "switch": 0.5, "variant": "", "data_sets": sets}
        for name, of, sets in (
            ("real", "real", {}),
            ("mixed", "painted", {"painted": {"kind": "gan", "of": "", "volume": ""}}),
            ("new", "bent", {"bent": {"kind": "bent", "of": "", "volume": ""}}),
        )
    }
    settings = {"arms": arms, "structure": "nuclei", "endpoint": "iou"}
    answer = answer_of([comparison()], **settings)
    assert answer["question"] == "Does synthetic data help to segment nuclei?"
    assert answer["headline"].startswith(answer["question"])
    assert (answer["subject"], answer["asked"]) == ("synthetic data", ["mixed"])
    assert answer["arms"]["mixed"] == "images of `painted` alone"
    assert "`mixed` (images of `painted` alone) has an IoU" in answer["sentences"][0]
    both = answer_of([comparison(), comparison(arm="new")], **settings)
    assert both["question"] == "What helps to segment nuclei, against the arm `real`?"
    assert (both["subject"], both["asked"]) == ("synthetic data", ["mixed"])
    other = answer_of([comparison(arm="new")], **settings)
    assert (other["subject"], other["asked"]) == ("what was tried", ["new"])
    assert answer_of([], **settings)["sentences"] == []


@pytest.mark.parametrize(
    ("of_reference", "variant", "subject"),
    [("real", "", "synthetic data"), ("real", "strong", "what was tried"), ("painted", "", "what was tried")],
    ids=["images alone", "other settings, too", "two generators"],
)
def test_synthetic_data_is_asked_about_where_nothing_else_differs(of_reference, variant, subject):
    """Between two generators, or where augmentation differs as well, it is not synthetic data that helps."""
    painted = {"painted": {"kind": "gan", "of": "", "volume": ""}}
    mixed = {"sets": {"painted": 1}, "then": {}, "switch": 0.5, "variant": variant, "data_sets": painted}
    reference = mixed | {"sets": {of_reference: 1}, "variant": ""}
    reference |= {"data_sets": painted if of_reference == "painted" else {}}
    arms = {"real": reference, "mixed": mixed}
    answer = answer_of([comparison(arm="mixed")], arms=arms, structure="nuclei", endpoint="iou")
    start = "Does synthetic data help" if subject == "synthetic data" else "What helps"
    assert answer["question"].startswith(start)
    assert (answer["subject"], answer["asked"]) == (subject, ["mixed"])


def test_controls_ask_nothing_and_are_named_at_the_end():
    real = {"sets": {"real": 1}, "then": {}, "switch": 0.0, "variant": "base", "data_sets": {}}
    arms = {"real": real} | {
        name: real
        | {"sets": {name: 1}, "data_sets": {name: {"kind": kind, "variant": "", "of": "", "volume": ""}}}
        for name, kind in (("mixed", "gan"), ("copies", "copies"))
    }
    rows = [comparison(arm="mixed"), comparison(arm="copies", verdict="no effect")]
    answer = answer_of(rows, arms=arms, structure="nuclei", endpoint="iou")
    assert answer["question"] == "Does synthetic data help to segment nuclei?"
    assert answer["asked"] == ["mixed"]
    assert "copies" not in answer["headline"].partition(" Controls: ")[0]
    assert answer["headline"].endswith(" Controls: copies with 3 labelled slices: no effect.")
    assert "comparisons" not in answer["headline"]
    alone = answer_of(rows[1:], arms=arms, structure="nuclei", endpoint="iou")
    assert alone["asked"] == [] and alone["headline"] == (
        "Does synthetic data help to segment nuclei? Controls alone were compared: nothing can be said. "
        "Controls: copies with 3 labelled slices: no effect."
    )
