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


def test_a_predicted_border_costs_only_under_full():
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
    assert [row["ap50"] for row in scores.values()] == [None, 0.0, 0.0]


def test_an_empty_truth():
    scores = by_convention(halves(20), np.zeros((2, 3, 40), np.uint32))
    assert scores["cremi"]["voi"] is None
    assert scores["paper"]["voi_split"] == scores["full"]["voi_split"] == 1.0


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
