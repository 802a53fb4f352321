from synthem.metrics.columns import SCORE_COLUMNS
from synthem.synthesis.acceptance import announcement, cause, decide, sentence, untrained_rows


def row(kept, reason="", furthest="mean"):
    return {"kept": kept, "reason": reason, "furthest": furthest}


ROWS = [
    row(True),
    row(False, "deviates", "sharpness"),
    row(False, "deviates", "sharpness"),
    row(False, "deviates", "mean"),
    row(False, "blank", "std"),
    row(True),
]


def test_too_few_kept_slices_are_a_decision_with_its_reasons_counted():
    decision = decide(ROWS, least_kept=3)
    assert decision == {
        "kept": 2,
        "of": 6,
        "least_kept": 3,
        "enough": False,
        "rejected": {"sharpness": 2, "mean": 1, "blank": 1},
    }
    assert decide(ROWS, least_kept=2)["enough"]


def test_a_slice_is_rejected_for_its_furthest_measure_or_for_what_is_wrong_in_all():
    assert [cause(row) for row in ROWS[1:5]] == ["sharpness", "sharpness", "mean", "blank"]


def test_the_decision_is_said_with_its_numbers():
    assert sentence(decide(ROWS, least_kept=3)) == (
        "2 of 6 generated images passed the filter, 3 or more are needed; "
        "rejected for: sharpness (2), brightness (1), blank (1)"
    )
    assert sentence(decide([row(True)], least_kept=0)) == (
        "1 of 1 generated images passed the filter, enough to train on"
    )
    new = decide(
        [row(False, "deviates", "grid_strength")], least_kept=1
    )  # a measure without words of its own
    assert sentence(new).endswith("rejected for: grid strength (1)")


def test_the_terminal_hears_what_it_means():
    decision = {"fraction": 0.1} | decide([row(True)], least_kept=1)
    assert announcement(decision) == (
        "Synthetic images with 10 % of the labels: 1 of 1 generated images passed the filter, enough "
        "to train on."
    )
    said = announcement({"fraction": 1.0} | decide(ROWS, least_kept=3))
    assert "100 % of the labels: 2 of 6" in said and "not good enough for this data. Raise gans:" in said


def test_arms_have_a_row_without_scores_at_the_fractions_that_lack_synthetic_data():
    bad, good = ({"fraction": f} | decide(ROWS, least_kept=n) for f, n in ((0.1, 3), (1.0, 1)))
    rows = untrained_rows([bad, good], volume="v", arms=["mixed", "synthetic"])
    assert [(row["arm"], row["fraction"], row["seed"], row["scope"]) for row in rows] == [
        ("mixed", 0.1, None, "not trained"),
        ("synthetic", 0.1, None, "not trained"),
    ]
    assert all(set(row) == set(SCORE_COLUMNS) and row["iou"] is None for row in rows)
    assert rows[0]["reason"].startswith("2 of 6 generated images passed")
