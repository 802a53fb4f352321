from synthem.metrics.columns import SCORE_COLUMNS
from synthem.storage.naming import run_of
from synthem.synthesis.acceptance import announcement, cause, collapse_rows, decide, sentence, untrained_rows


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
        "failed": "",
    }
    assert decide(ROWS, least_kept=2)["enough"]


FAILED = [
    {"score": "contrast", "step": 4, "value": 0.01, "limit": 0.02},
    {"score": "contrast", "step": 6, "value": 0.001, "limit": 0.02},
]


def test_images_of_a_generator_that_failed_are_never_enough_and_the_cause_is_said():
    decision = decide(ROWS, least_kept=1, findings=FAILED)
    assert decision["enough"] is False and decision["kept"] == 2
    assert sentence(decision) == (
        "the generator failed while it trained: images are blank "
        "(step 4 to 6; contrast 0.001, expected at least 0.02)"
    )


def test_data_sets_of_one_generator_share_its_findings():
    place = "results/gans/v/{}/budget-3/replicate-2/findings.json"
    found = {place.format("base"): FAILED[:1], place.format("wide"): []}
    sets = {"one": "base", "two": "base", "three": "wide"}
    run = {"budget": "3", "replicate": 2}
    assert collapse_rows(found, data_sets=sets) == [
        {"data_set": name} | run | FAILED[0] for name in ("one", "two")
    ]


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
    about = {"data_set": "painted", "budget": "3", "replicate": 2, "labelled_slices": 3}
    assert announcement(about | decide([row(True)], least_kept=1)) == (
        "Images of painted with 3 labelled slices, replicate 2: 1 of 1 generated images passed the filter, "
        "enough to train on."
    )
    said = announcement(about | {"budget": "all"} | decide(ROWS, least_kept=3))
    assert "all 3 labelled slices, replicate 2: 2 of 6" in said
    assert "not good enough for this data. Raise gans:" in said


def test_arms_have_a_row_without_scores_for_each_replicate_that_lacks_a_data_set_of_theirs():
    kept = {("painted", 1): 3, ("painted", 2): 1, ("oasis", 1): 1, ("oasis", 2): 3}  # 2 of 6 were kept
    decisions = {
        run_of(f"results/synthesis/v/{name}/budget-3/replicate-{n}/decision.json"): decide(
            ROWS, least_kept=least
        )
        for (name, n), least in kept.items()
    }
    arms = {"mixed": ["painted"], "both": ["painted", "oasis"]}
    rows = untrained_rows(decisions, arms=arms, labelled_slices={"3": 3})
    assert [(row["arm"], row["replicate"], row["reason"].split(":")[0]) for row in rows] == [
        ("mixed", 1, "replicate 1, painted"),
        ("both", 1, "replicate 1, painted"),
        ("both", 2, "replicate 2, oasis"),
    ]
    for found in rows:
        assert set(found) == set(SCORE_COLUMNS) and found["iou"] is None and found["seed"] is None
        assert (found["volume"], found["budget"], found["labelled_slices"]) == ("v", "3", 3)
        assert found["scope"] == "not trained" and "2 of 6 generated images passed" in found["reason"]
