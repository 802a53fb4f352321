from synthem.metrics.membrane_rows import COLUMNS, source_rows, target_rows

PLAUSIBLE = {"slices": 4, "coverage": 0.2, "undecided": 0.1, "closed": 0.7, "inside_structure": None}
KNOWN = {"precision": 0.5, "recall": 1.0, "f1": 2 / 3, "iou": 0.5, "f1_tolerant": 0.9, "truth_coverage": 0.1}


def by_place(rows):
    assert all({*row} | {"variant", "noise", "seed", "volume"} == set(COLUMNS) for row in rows)
    found = {(row["block"], row["score"]): row for row in rows}
    assert len(found) == len(rows)
    return found


def test_a_target_with_withheld_truth_has_every_score_and_its_slices():
    rows = by_place(target_rows(PLAUSIBLE | KNOWN))
    assert rows["target", "iou"]["value"] == 0.5 and rows["target", "iou"]["reason"] is None
    assert rows["target", "closed"]["value"] == 0.7
    assert {row["n"] for row in rows.values()} == {4}
    missing = rows["target", "inside_structure"]
    assert missing["value"] is None and "could be measured" in missing["reason"]


def test_without_truth_agreement_is_undefined_with_its_reason():
    rows = by_place(target_rows(PLAUSIBLE))
    undefined = {score for (_, score), row in rows.items() if row["value"] is None}
    assert undefined == {*KNOWN, "inside_structure"}
    assert "withheld" in rows["target", "f1"]["reason"]


def test_slices_of_the_source_that_taught_and_those_held_out_stand_apart():
    rows = by_place(source_rows({"learnt": PLAUSIBLE | KNOWN, "held_out": PLAUSIBLE | KNOWN | {"f1": 0.6}}))
    assert rows["source_learnt", "f1"]["value"] == 2 / 3 and rows["source_held_out", "f1"]["value"] == 0.6


def test_a_source_of_which_nothing_is_held_out_has_no_score_and_the_reason():
    rows = by_place(source_rows({"learnt": PLAUSIBLE | KNOWN}))
    held_out = rows["source_held_out", "f1"]
    assert held_out["n"] == 0 and held_out["value"] is None and "labels.validation" in held_out["reason"]
