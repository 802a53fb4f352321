import itertools
import math
from collections import Counter

import numpy as np
import pytest
from skimage.metrics import adapted_rand_error, variation_of_information

from synthem.metrics.definitions import PARTITIONS
from synthem.metrics.partitions import foreground_scores, partition_scores
from tests.shared.overlap_tables import overlaps


def row(*values):
    return np.array(values)[None, None]  # [1, 1, X]


def scores_of(score, labels, truth, ignore=None):
    return score(overlaps(labels, truth, ignore))


def blobs(random, ids):
    """Runs of ids, 0 among them."""
    return np.repeat(random.integers(0, ids, (2, 4, 5)), 3, axis=2)


def bits(*sides):
    """Entropy of a list of voxels, each with one or more ids."""
    counts = Counter(zip(*(side.ravel().tolist() for side in sides), strict=True))
    total = sum(counts.values())
    return -sum(n / total * math.log2(n / total) for n in counts.values())


def test_identical_labels_are_perfect():
    labels = row(0, 1, 1, 2, 2, 2)
    for score in (partition_scores, foreground_scores):
        scores = scores_of(score, labels, labels)
        assert scores == {name: PARTITIONS[name].best for name in scores}


def test_permuted_ids_change_nothing():
    random = np.random.default_rng(0)
    labels, truth = blobs(random, 6), blobs(random, 5)
    names = random.permutation(1 << 16)[:6].astype(np.uint32)
    names[0] = 0  # the label of the border stays
    for score in (partition_scores, foreground_scores):
        assert scores_of(score, names[labels], truth) == scores_of(score, labels, truth)


def test_one_split_in_halves_costs_one_bit():
    """Of 6 pairs that belong together 2 have one label: recall 1/3, F1 = 1/2."""
    assert scores_of(partition_scores, row(1, 1, 2, 2), row(5, 5, 5, 5)) == pytest.approx(
        {
            "voi_split": 1,
            "voi_merge": 0,
            "voi": 1,
            "arand": 1 / 2,
            "arand_precision": 1,
            "arand_recall": 1 / 3,
            "cremi_score": math.sqrt(1 / 2),
        }
    )


def test_one_merge_of_equals_costs_one_bit():
    assert scores_of(partition_scores, row(5, 5, 5, 5), row(1, 1, 2, 2)) == pytest.approx(
        {
            "voi_split": 0,
            "voi_merge": 1,
            "voi": 1,
            "arand": 1 / 2,
            "arand_precision": 1 / 3,
            "arand_recall": 1,
            "cremi_score": math.sqrt(1 / 2),
        }
    )


def test_a_shift_by_a_pixel():
    """Cells of 4, cut at 3 instead: the pairs meet in 3, 1 and 4 voxels of 8."""
    scores = scores_of(partition_scores, row(1, 1, 1, 2, 2, 2, 2, 2), row(1, 1, 1, 1, 2, 2, 2, 2))
    split = 3 / 8 * math.log2(4 / 3) + 1 / 8 * math.log2(4)
    merge = 1 / 8 * math.log2(5) + 4 / 8 * math.log2(5 / 4)
    together, found, true = 3 + 6, 3 + 10, 6 + 6  # pairs: of 3 and 4; of 3 and 5; of 4 and 4
    assert scores == pytest.approx(
        {
            "voi_split": split,
            "voi_merge": merge,
            "voi": split + merge,
            "arand": 1 - 2 * together / (found + true),
            "arand_precision": together / found,
            "arand_recall": together / true,
            "cremi_score": math.sqrt((split + merge) * (1 - 2 * together / (found + true))),
        }
    )


def test_an_empty_prediction_merges_everything_and_an_empty_truth_is_all_split():
    empty, two = row(0, 0, 0, 0), row(1, 1, 2, 2)
    assert scores_of(partition_scores, empty, two)["voi_merge"] == 1.0
    assert scores_of(partition_scores, two, empty)["voi_split"] == 1.0


def test_a_single_voxel_has_no_pair():
    scores = scores_of(partition_scores, row(1), row(2))
    assert scores == {
        "voi_split": 0.0,
        "voi_merge": 0.0,
        "voi": 0.0,
        "arand": None,
        "arand_precision": None,
        "arand_recall": None,
        "cremi_score": None,
    }


def test_labels_that_are_all_single_voxels_have_no_precision():
    scores = scores_of(partition_scores, row(1, 2, 3, 4), row(5, 5, 5, 5))
    assert (scores["arand"], scores["arand_precision"], scores["arand_recall"]) == (1.0, None, 0.0)
    assert scores["cremi_score"] == pytest.approx(math.sqrt(2))


def test_where_nothing_is_scored_every_score_is_undefined_for_a_reason():
    for score in (partition_scores, foreground_scores):
        scores = scores_of(score, row(1, 2), row(1, 2), row(1, 1))
        assert set(scores.values()) == {None}
        assert scores.keys() <= PARTITIONS.keys()


def test_scores_are_plain_floats():
    for score in (partition_scores, foreground_scores):
        scores = scores_of(score, row(1, 1, 2, 3), row(1, 1, 2, 2))
        assert {type(value) for value in scores.values()} == {float}


def test_partition_scores_agree_with_scikit_image():
    """It calls precision what we call recall: the part of the pairs that truly belong together."""
    random = np.random.default_rng(1)
    for _ in range(30):
        labels, truth = blobs(random, 7), blobs(random, 4)
        scores = scores_of(partition_scores, labels, truth)
        split, merge = variation_of_information(truth, labels)
        error, recall, precision = adapted_rand_error(truth, labels, ignore_labels=())
        assert scores["voi_split"] == pytest.approx(split, abs=1e-6)
        assert scores["voi_merge"] == pytest.approx(merge, abs=1e-6)
        assert scores["arand"] == pytest.approx(error, abs=1e-6)
        assert scores["arand_precision"] == pytest.approx(precision, abs=1e-6)
        assert scores["arand_recall"] == pytest.approx(recall, abs=1e-6)


def test_partition_scores_agree_with_loops_over_voxels_and_pairs():
    random = np.random.default_rng(2)
    for _ in range(10):
        labels, truth = blobs(random, 5), blobs(random, 3)
        ignore = (random.random(truth.shape) < 0.2).astype(np.uint8)
        scores = scores_of(partition_scores, labels, truth, ignore)
        s, t = labels[ignore == 0], truth[ignore == 0]
        pairs = [(s[i] == s[j], t[i] == t[j]) for i, j in itertools.combinations(range(len(s)), 2)]
        both, found, true = (sum(column) for column in zip(*((a & b, a, b) for a, b in pairs), strict=True))
        assert scores["voi_split"] == pytest.approx(bits(s, t) - bits(t))
        assert scores["voi_merge"] == pytest.approx(bits(s, t) - bits(s))
        assert scores["arand_precision"] == pytest.approx(both / found)
        assert scores["arand_recall"] == pytest.approx(both / true)
        assert scores["arand"] == pytest.approx(1 - 2 * both / (found + true))


def test_foreground_scores_of_a_split_in_halves():
    """2 x 2^2 of 4^2 pairs stay together; one cell holds no information to share."""
    scores = scores_of(foreground_scores, row(1, 1, 2, 2, 0, 9), row(5, 5, 5, 5, 0, 0))
    assert scores == pytest.approx(
        {
            "v_rand": 2 * 8 / (8 + 16),
            "v_rand_split": 1 / 2,
            "v_rand_merge": 1,
            "v_info": 0,
            "v_info_split": 0,
            "v_info_merge": None,
        }
    )


def test_foreground_scores_of_a_merge_of_halves():
    scores = scores_of(foreground_scores, row(5, 5, 5, 5), row(1, 1, 2, 2))
    assert scores == pytest.approx(
        {
            "v_rand": 2 * 8 / (8 + 16),
            "v_rand_split": 1,
            "v_rand_merge": 1 / 2,
            "v_info": 0,
            "v_info_split": None,
            "v_info_merge": 0,
        }
    )


def test_foreground_scores_agree_with_a_loop_in_which_lost_voxels_get_ids_of_their_own():
    random = np.random.default_rng(3)
    for _ in range(10):
        labels, truth = blobs(random, 5), blobs(random, 4)
        scores = scores_of(foreground_scores, labels, truth)
        s, t = labels[truth > 0], truth[truth > 0]
        s[s == 0] = 100 + np.arange((s == 0).sum())
        both, found, true = (
            sum(n**2 for n in Counter(ids).values())
            for ids in (zip(s.tolist(), t.tolist(), strict=True), s.tolist(), t.tolist())
        )
        shared = bits(s) + bits(t) - bits(s, t)
        assert scores == pytest.approx(
            {
                "v_rand": 2 * both / (found + true),
                "v_rand_split": both / true,
                "v_rand_merge": both / found,
                "v_info": 2 * shared / (bits(s) + bits(t)),
                "v_info_split": shared / bits(s),
                "v_info_merge": shared / bits(t),
            }
        )
