import numpy as np
import pytest
from scipy import ndimage
from skimage.metrics import adapted_rand_error, variation_of_information

from synthem.errors import SynthemError
from synthem.metrics.conventions import CONVENTIONS, convention_scores, convention_tables

VOXEL_NM = (40.0, 5.0, 5.0)  # 25 nm are 5 pixels


def halves(cut, width=40, border=0):
    """Two cells side by side, with a border of 0 between them."""
    labels = np.ones((2, 3, width), np.uint32)
    labels[:, :, cut:] = 2
    labels[:, :, cut - border : cut + border] = 0
    return labels


def by_convention(labels, truth, ignore=None, threads=1):
    rows = convention_scores(labels, truth, ignore, voxel_size_nm=VOXEL_NM, threads=threads)
    return {row["convention"]: row for row in rows}


def test_identical_labels_are_perfect_under_each_convention():
    scores = by_convention(halves(20), halves(20))
    assert tuple(scores) == CONVENTIONS
    for row in scores.values():
        assert (row["voi"], row["arand"], row["cremi_score"], row["pq"]) == (0.0, 0.0, 0.0, 1.0)


def test_a_predicted_border_costs_only_under_full_and_challenge():
    """16 of 40 columns become a third piece: each cell is split at 0.6, and the piece merges two halves."""
    scores = by_convention(halves(20, border=8), halves(20))
    assert scores["paper"]["voi"] == 0.0
    assert scores["cremi"]["voi"] == 0.0
    assert scores["full"]["voi_split"] == pytest.approx(0.6 * np.log2(1 / 0.6) + 0.4 * np.log2(1 / 0.4))
    assert scores["full"]["voi_merge"] == pytest.approx(0.4)


def test_an_error_within_25_nm_of_a_true_boundary_costs_nothing_under_cremi():
    # Columns 19 and 20 are the boundary: up to 5 pixels from them is 14 to 25.
    assert by_convention(halves(14), halves(20))["cremi"]["voi"] == 0.0
    assert by_convention(halves(13), halves(20))["cremi"]["voi"] > 0
    assert by_convention(halves(14), halves(20))["paper"]["voi"] > 0


def test_a_wide_predicted_border_flatters_only_the_paper_convention():
    """The cells are cut in the wrong place, by a border wide enough to hide it."""
    scores = by_convention(halves(30, border=9), halves(22))
    assert scores["paper"]["voi"] == pytest.approx(0)
    assert scores["cremi"]["voi"] > 0
    assert scores["full"]["voi"] > 0


def test_true_border_is_no_cell_under_cremi():
    tables = convention_tables(halves(20), halves(20, border=8), voxel_size_nm=VOXEL_NM, threads=1)
    assert set(tables["cremi"].truth.tolist()) == {1, 2}
    assert set(tables["full"].truth.tolist()) == {0, 1, 2}


def test_an_empty_prediction():
    empty, truth = np.zeros((2, 3, 40), np.uint32), halves(20)
    scores = by_convention(empty, truth)
    assert scores["paper"]["voi"] is None
    assert scores["cremi"]["voi_merge"] == scores["full"]["voi_merge"] == 1.0
    assert [row["ap50"] for row in scores.values()] == [None, 0.0, 0.0, 0.0]


def test_an_empty_truth():
    scores = by_convention(halves(20), np.zeros((2, 3, 40), np.uint32))
    assert scores["cremi"]["voi"] is None
    assert scores["paper"]["voi_split"] == scores["full"]["voi_split"] == 1.0


def test_a_wide_predicted_border_costs_under_challenge_by_hand():
    """Two cells of 25 columns, each 5 short of its neighbour, which the challenge does not score.

    Columns 19 to 30 lie within 5 pixels of the boundary, columns 24 and 25. The labels' border is columns
    16 to 33: of the 38 scored ones 6 lie in it, cells of 19 columns are found as 16 each.
    """
    row = by_convention(halves(25, width=50, border=9), halves(25, width=50))["challenge"]
    scored, inside, lost = 38, 16, 3
    cell = inside + lost
    split = inside / cell * np.log2(cell / inside) + lost / cell * np.log2(cell / lost)
    assert row["voi_split"] == pytest.approx(split)
    assert row["voi_merge"] == pytest.approx(2 * lost / scored)
    rows = 2 * 3  # every column is 6 voxels
    unpaired = 2 * lost / 50  # their part of all voxels
    shared, truth = 2 * (rows * inside) ** 2 + unpaired, 2 * (rows * cell) ** 2
    precision, recall = shared / (2 * (rows * inside) ** 2 + unpaired), shared / truth
    assert row["arand"] == pytest.approx(1 - 2 * precision * recall / (precision + recall))
    assert (row["arand_precision"], row["arand_recall"]) == (1, pytest.approx(recall))
    assert row["cremi_score"] == pytest.approx(np.sqrt(row["voi"] * row["arand"]))
    assert by_convention(halves(25, width=50, border=9), halves(25, width=50))["cremi"]["cremi_score"] == 0


def challenge_by_pairs(labels, truth, border):
    """VOI and Rand from every voxel and every pair of voxels, one by one, as the challenge defines them."""
    voxels = [(a, b) for a, b in zip(labels.ravel(), np.where(border, 0, truth).ravel(), strict=True)]
    scored = [(a, b) for a, b in voxels if b > 0]
    n = len(scored)
    split = merge = 0.0
    for one in scored:
        both = sum(one == other for other in scored)
        split -= np.log2(both / sum(one[1] == b for _, b in scored)) / n
        merge -= np.log2(both / sum(one[0] == a for a, _ in scored)) / n
    pairs = [(one, other) for one in scored for other in scored]  # a voxel with itself, too
    true = sum(one[1] == other[1] for one, other in pairs)
    found = [(one, other) for one, other in pairs if one[0] == other[0] > 0]
    lost = sum(a == 0 for a, _ in scored) / len(voxels)
    shared = sum(one[1] == other[1] for one, other in found) + lost
    precision, recall = shared / (len(found) + lost), shared / true
    return split, merge, 1 - 2 * precision * recall / (precision + recall)


def test_challenge_agrees_with_a_loop_over_every_pair_of_voxels():
    random = np.random.default_rng(3)
    for given in (False, True):
        truth = np.kron([[[1, 2]], [[2, 3]]], np.ones((1, 2, 14), int)).astype(np.uint32)
        labels = np.kron(random.integers(0, 3, (2, 1, 7)), np.ones((1, 2, 4), int)).astype(np.uint32)
        ignore = (random.random(truth.shape) < 0.1).astype(np.uint8) if given else None
        border = np.stack([near_boundary(section) for section in truth])
        border = border | (ignore > 0) if given else border
        row = by_convention(labels, truth, ignore)["challenge"]
        expected = challenge_by_pairs(labels, truth, border)
        assert (row["voi_split"], row["voi_merge"], row["arand"]) == pytest.approx(expected, abs=1e-9)
        assert row["cremi_score"] == pytest.approx(np.sqrt(sum(expected[:2]) * expected[2]), abs=1e-9)


def test_where_nothing_is_scored_challenge_has_no_value():
    row = by_convention(halves(20), np.zeros((2, 3, 40), np.uint32))["challenge"]
    assert [row[name] for name in ("voi", "arand", "cremi_score")] == [None, None, None]


def test_ignored_voxels_count_under_no_convention():
    labels, truth = halves(20), halves(20)
    ignore = np.zeros(truth.shape, np.uint8)
    labels[:, :, :4], ignore[:, :, :4] = 9, 1
    for row in by_convention(labels, truth, ignore).values():
        assert (row["voi"], row["arand"], row["pq"], row["count"]) == (0.0, 0.0, 1.0, 2)


def test_instances_mostly_in_ignored_ground_count_under_no_convention():
    labels, truth = halves(20, width=60), halves(20, width=60)
    truth[:, :, 45:] = 3
    ignore = np.zeros(truth.shape, np.uint8)
    ignore[:, :, 52:] = 1  # 8 of 15 columns of cell 3
    for row in by_convention(labels, truth, ignore).values():
        assert row["true_count"] == 2


def test_scores_do_not_depend_on_threads_or_on_ids():
    random = np.random.default_rng(0)
    labels, truth = np.kron(random.integers(0, 30, (2, 5, 4, 6)), np.ones((1, 1, 9, 7), int)).astype(
        np.uint32
    )
    scores = by_convention(labels, truth)
    assert by_convention(labels, truth, threads=4) == scores
    renamed = np.where(labels > 0, 4_000_000_000 - labels, 0).astype(np.uint32)
    assert by_convention(renamed, truth) == scores


def near_boundary(section):
    """Pixels within 25 nm of one whose neighbour differs (the edge repeated outside), or of no cell."""
    around = np.pad(section, 1, mode="edge")
    neighbours = (around[:-2, 1:-1], around[2:, 1:-1], around[1:-1, :-2], around[1:-1, 2:])
    inside = np.all([section == neighbour for neighbour in neighbours], axis=0)
    return (ndimage.distance_transform_edt(inside, sampling=VOXEL_NM[1:]) <= 25) | (section == 0)


def grown(section):
    """The nearest label by search over all labelled pixels; the first of equals wins."""
    seeds, filled = np.argwhere(section > 0), section.copy()
    for place in np.argwhere(section == 0):
        filled[tuple(place)] = section[tuple(seeds[np.abs(seeds - place).sum(axis=1).argmin()])]
    return filled


def test_each_convention_agrees_with_scikit_image_on_its_own_voxels():
    random = np.random.default_rng(1)
    blocks = np.ones((1, 1, 20, 30), int)
    labels, truth = np.kron(random.integers(0, 6, (2, 2, 3, 3)), blocks).astype(np.uint32)
    border = np.stack([near_boundary(section) for section in truth])
    scores = by_convention(labels, truth)
    for name, used, chosen in (
        ("paper", labels, labels > 0),
        ("cremi", np.stack([grown(section) for section in labels]), ~border),
        ("full", labels, np.ones(truth.shape, bool)),
    ):
        split, merge = variation_of_information(truth[chosen], used[chosen])
        error, _, _ = adapted_rand_error(truth[chosen], used[chosen], ignore_labels=())
        assert scores[name]["voi_split"] == pytest.approx(split, abs=1e-6)
        assert scores[name]["voi_merge"] == pytest.approx(merge, abs=1e-6)
        assert scores[name]["arand"] == pytest.approx(error, abs=1e-6)


def test_volumes_of_different_shapes_are_refused():
    with pytest.raises(SynthemError, match="DATA_SHAPE"):
        by_convention(halves(20), halves(20, width=41))
