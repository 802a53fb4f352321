import csv
from itertools import product

import numpy as np
import pytest

from synthem.comparison.statistics import (
    COMPARISON_COLUMNS,
    compare,
    interval,
    sign_flip,
)
from synthem.comparison.summaries import OF_RUN, summarise
from synthem.errors import SynthemError
from synthem.metrics.columns import SCORE_COLUMNS as COLUMNS
from synthem.metrics.definitions import SCORES
from synthem.storage.files import write_table

SETTINGS = {
    **{"reference": "real", "unlearnt": {}, "resamples": 300},
    **{"confidence": 0.95, "smallest_effect": 0.01, "seed": 0},
}


def run_rows(arm, fraction, seed, slice_ious, *, voxels=1000):
    """Rows of one trained network: slices of equal union, and the volume."""
    rows = []
    for z, iou in enumerate(slice_ious):
        shared = round(iou * voxels)
        counts = {"shared_voxels": shared, "extra_voxels": voxels - shared, "missed_voxels": 0}
        rows.append(
            {"scope": "slice", "slice": z, "iou": shared / voxels, "accuracy": shared / voxels} | counts
        )
    total = {key: sum(row[key] for row in rows) for key in rows[0] if key.endswith("voxels")}
    iou = total["shared_voxels"] / sum(total.values())
    rows.append({"scope": "volume", "slice": None, "iou": iou} | total)
    identity = {"volume": "v", "arm": arm, "fraction": fraction, "seed": seed}
    return [dict.fromkeys(COLUMNS) | identity | row for row in rows]


def experiment(effect, *, seeds=3, slices=12, seed_noise=0.01, slice_noise=0.03, fraction=1.0, draw=0):
    """Arms real and mixed; what a slice or a seed costs is the same for both, save a little noise."""
    rng = np.random.default_rng(draw)
    hard = rng.normal(0, slice_noise, slices)
    rows = []
    for seed in range(seeds):
        base = 0.6 + hard + rng.normal(0, 0.05)
        rows += run_rows("real", fraction, seed, base + rng.normal(0, seed_noise))
        rows += run_rows("mixed", fraction, seed, base + effect + rng.normal(0, seed_noise))
    return rows


def test_slices_of_which_nothing_is_known_test_nothing():
    rows, known = experiment(0.1), experiment(0.1)
    unknown = dict.fromkeys(COLUMNS) | {
        "scope": "slice",
        "shared_voxels": 0,
        "extra_voxels": 0,
        "missed_voxels": 0,
    }
    for row in known:
        if row["scope"] == "volume":  # of every run, then, one slice more
            identity = {key: row[key] for key in ("volume", "arm", "fraction", "seed")}
            rows.append(unknown | identity | {"slice": 99})
    assert compare(rows, **SETTINGS) == compare(known, **SETTINGS)


def test_a_planted_effect_is_found():
    (row,) = compare(experiment(0.1), **SETTINGS)
    assert row["verdict"] == "helps"
    assert row["difference"] == pytest.approx(0.1, abs=0.03)
    assert 0 < row["low"] < row["difference"] < row["high"]
    assert (row["n_pairs"], row["n_slices"], row["fraction"], row["arm"]) == (3, 12, 1.0, "mixed")
    assert set(row) == set(COMPARISON_COLUMNS)
    (row,) = compare(experiment(-0.1), **SETTINGS)
    assert row["verdict"] == "harms"
    assert row["high"] < 0


def test_a_null_effect_is_not_found():
    """With chance alone, 95 % intervals leave out 0 in about 1 of 20 experiments, not in many."""
    verdicts = [
        compare(experiment(0, draw=draw), **SETTINGS | {"resamples": 100, "smallest_effect": 0})[0]["verdict"]
        for draw in range(60)
    ]
    assert verdicts.count("helps") + verdicts.count("harms") <= 7
    assert verdicts.count("undecided") >= 53


def test_seeds_are_matched_not_mixed():
    """Seeds differ by 0.4, the arm adds 0.02 to each: paired, that is certain; the order of rows is not."""
    rows = []
    for seed, base in ((2, 0.7), (0, 0.3), (1, 0.5)):
        rows += run_rows("real", 0.1, seed, [base, base, base])
    for seed, base in ((0, 0.3), (1, 0.5), (2, 0.7)):
        rows += run_rows("mixed", 0.1, seed, [base + 0.02] * 3)
    (row,) = compare(rows, **SETTINGS)
    assert row["difference"] == pytest.approx(0.02)
    assert row["low"] == pytest.approx(0.02)
    assert row["high"] == pytest.approx(0.02)
    assert row["verdict"] == "helps"


def test_a_seed_that_one_arm_lacks_is_left_out():
    rows = run_rows("real", 1.0, 0, [0.5, 0.5]) + run_rows("real", 1.0, 1, [0.9, 0.9])
    rows += run_rows("mixed", 1.0, 0, [0.6, 0.6]) + run_rows("mixed", 1.0, 7, [0.1, 0.1])
    (row,) = compare(rows, **SETTINGS)
    assert row["n_pairs"] == 1
    assert row["difference"] == pytest.approx(0.1)


def test_each_arm_and_fraction_is_compared_with_the_reference_of_that_fraction():
    rows = experiment(0.1, fraction=0.1) + experiment(-0.1, fraction=1.0)
    rows += [row | {"arm": "threshold", "fraction": "", "seed": ""} for row in run_rows("", "", "", [0.3])]
    found = {(row["arm"], row["fraction"]): row["verdict"] for row in compare(rows, **SETTINGS)}
    assert found == {("mixed", 0.1): "helps", ("mixed", 1.0): "harms"}


def test_one_seed_is_never_more_than_undecided():
    (row,) = compare(experiment(0.3, seeds=1), **SETTINGS)
    assert (row["verdict"], row["low"], row["high"]) == ("undecided", None, None)
    assert row["difference"] == pytest.approx(0.3, abs=0.05)
    assert "1 seed" in row["reason"]


def test_one_test_slice_is_never_more_than_undecided():
    (row,) = compare(experiment(0.3, slices=1), **SETTINGS)
    assert row["verdict"] == "undecided"
    assert "slices" in row["reason"]


def test_a_tiny_certain_effect_is_no_effect():
    rows = []
    for seed in range(3):
        rows += run_rows("real", 1.0, seed, [0.5] * 4) + run_rows("mixed", 1.0, seed, [0.505] * 4)
    (row,) = compare(rows, **SETTINGS)
    assert 0 < row["low"] <= row["high"] < 0.01
    assert row["verdict"] == "no effect"
    assert compare(rows, **SETTINGS | {"smallest_effect": 0.001})[0]["verdict"] == "helps"


def test_a_pair_without_an_iou_is_left_out():
    rows = experiment(0.1, seeds=2)
    undefined = [row | {"iou": ""} if row["seed"] == 1 and row["scope"] == "volume" else row for row in rows]
    assert compare(undefined, **SETTINGS)[0]["n_pairs"] == 1
    nothing = [row | {"iou": None} for row in rows]
    (row,) = compare(nothing, **SETTINGS)
    assert (row["n_pairs"], row["difference"], row["p"], row["verdict"]) == (0, None, None, "undecided")


def not_trained(arm, fraction):
    identity = {"volume": "v", "arm": arm, "fraction": fraction, "scope": "not trained"}
    return dict.fromkeys(COLUMNS) | identity | {"reason": "0 of 24 images passed"}


def test_an_arm_that_was_not_trained_has_a_row_with_the_reason_and_no_number():
    rows = [*experiment(0.1, fraction=1.0), not_trained("mixed", 0.1)]
    trained, untrained = compare(rows, **SETTINGS)
    assert trained == compare(experiment(0.1, fraction=1.0), **SETTINGS)[0]
    assert (untrained["arm"], untrained["fraction"], untrained["verdict"]) == ("mixed", 0.1, "not trained")
    assert (untrained["n_pairs"], untrained["difference"], untrained["low"]) == (0, None, None)
    assert untrained["reason"] == "0 of 24 images passed"
    (alone,) = compare([not_trained("mixed", 0.1)], **SETTINGS)
    assert alone["verdict"] == "not trained"


def test_a_reference_that_has_not_learnt_gives_no_verdict_at_its_fraction():
    rows = experiment(0.1, fraction=0.1) + experiment(0.1, fraction=1.0)
    here, there = compare(rows, **SETTINGS | {"unlearnt": {0.1: "real is no better than a threshold"}})
    assert (here["verdict"], here["reason"]) == ("no answer", "real is no better than a threshold")
    assert here["difference"] == pytest.approx(0.1, abs=0.03) and here["low"] is not None
    assert there["verdict"] == "helps"
    both = [not_trained("mixed", 0.1)]
    (row,) = compare(both, **SETTINGS | {"unlearnt": {0.1: "real is no better"}})
    assert row["verdict"] == "not trained"
    assert row["reason"] == "0 of 24 images passed; besides, real is no better"


def test_two_scores_of_one_network_are_refused():
    with pytest.raises(SynthemError, match="two volume rows"):
        compare(experiment(0) + experiment(0), **SETTINGS)


def test_the_same_seed_gives_the_same_interval():
    rows = experiment(0.05)
    assert compare(rows, **SETTINGS) == compare(rows, **SETTINGS)
    assert compare(rows, **SETTINGS)[0]["low"] != compare(rows, **SETTINGS | {"seed": 1})[0]["low"]


def test_the_interval_of_seeds_alone_is_that_of_a_t_test():
    """All slices alike: the resampled spread is that of the mean of n seeds, freed of its bias."""
    ious = np.array([0.50, 0.52, 0.57])
    counts = np.stack([1000 * ious, 1000 - 1000 * ious, 0 * ious], axis=-1)[:, None].repeat(9, axis=1)
    reference = np.broadcast_to([500, 500, 0], counts.shape)
    half = interval(reference, counts, resamples=4000, confidence=0.95, seed=0)
    assert half == pytest.approx(4.303 * ious.std(ddof=1) / 3**0.5, rel=0.05)


def test_slices_that_disagree_widen_the_interval():
    calm, wild = experiment(0.1, slice_noise=0), experiment(0.1, slice_noise=0)
    wild = [
        row | {"shared_voxels": row["shared_voxels"] - 100 * (-1) ** (row["slice"] // 4)}
        if row["scope"] == "slice" and row["arm"] == "mixed"
        else row
        for row in wild
    ]
    (calm,), (wild,) = compare(calm, **SETTINGS), compare(wild, **SETTINGS)
    assert wild["high"] - wild["low"] > 2 * (calm["high"] - calm["low"])


def test_slices_are_drawn_in_blocks_of_neighbours():
    """16 slices, blocks of 4: what alternates from slice to slice cancels in every block."""
    ious = np.full((3, 16), 0.5) + 0.2 * (-1.0) ** np.arange(16)
    counts = np.stack([1000 * ious, 1000 - 1000 * ious, 0 * ious], axis=-1)
    reference = np.broadcast_to([500.0, 500.0, 0.0], counts.shape)
    assert interval(reference, counts, resamples=100, confidence=0.95, seed=0) == pytest.approx(0, abs=1e-9)


def test_three_pairs_of_one_sign_have_p_one_quarter():
    """Of 8 sign flips, + + + and - - - are as extreme: 2 / 8; no three pairs can do better."""
    assert sign_flip([0.1, 0.2, 0.3], seed=0) == (0.25, 0.25)


def test_sign_flips_counted_by_hand():
    """Sums of +-1 +-2 +-4: 8 flips; |sum| >= |1 - 2 + 4| = 3 in 6 of them (7, 5, 3 and their negatives)."""
    assert sign_flip([1, -2, 4], seed=0) == (0.75, 0.25)


def test_sign_flips_agree_with_a_loop():
    differences = np.random.default_rng(0).normal(0.5, 1, 10)
    observed = abs(sum(differences))
    flips = [
        abs(sum(s * d for s, d in zip(signs, differences, strict=True)))
        for signs in product((1, -1), repeat=10)
    ]
    p, smallest = sign_flip(differences, seed=0)
    assert p == sum(flip >= observed - 1e-12 for flip in flips) / 1024
    assert smallest == 2 / 1024


def test_sign_flips_of_no_difference_and_of_one():
    assert sign_flip([0.0, 0.0, 0.0], seed=0)[0] == 1.0
    assert sign_flip([0.4], seed=0) == (1.0, 1.0)


def test_many_pairs_are_flipped_at_random_and_reproducibly():
    differences = np.random.default_rng(0).normal(0.3, 1, 13)
    exact = np.mean(np.abs(list(product((1, -1), repeat=13)) @ differences) >= abs(differences.sum()) - 1e-12)
    p, _ = sign_flip(differences, seed=3)
    assert p == pytest.approx(exact, abs=0.02)
    assert p == sign_flip(differences, seed=3)[0]
    assert sign_flip(np.ones(20), seed=0) == (1e-4, 1e-4)


def test_scores_survive_a_csv_file(tmp_path):
    rows = experiment(0.1) + run_rows("threshold", None, None, [0.4, 0.4])
    write_table(tmp_path / "scores.csv", rows, COLUMNS)
    words = ("volume", "arm", "scope")
    with open(tmp_path / "scores.csv") as file:
        read = [
            {k: v if k in words or v == "" else float(v) for k, v in row.items()}
            for row in csv.DictReader(file)
        ]
    assert compare(read, **SETTINGS) == compare(rows, **SETTINGS)
    of = {"of": OF_RUN, "confidence": 0.95}
    assert summarise(read, SCORES, **of) == summarise(rows, SCORES, **of)
