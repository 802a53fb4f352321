import numpy as np
import pytest

from synthem.storage.arrays import write_arrays
from synthem.storage.volumes import Facts, Volume, write_volume
from synthem.watershed.methods import METHODS, segment
from synthem.watershed.tuning import (
    NO_SLICES,
    NO_TRUTH,
    border_of,
    convention_rows,
    marked_by,
    tune,
    validation_of,
)
from tests.shared.cell_predictions import SETTINGS, predicted, true_cells, truth, two_cells

MEMBRANES = SETTINGS["membranes"] | {"interior_thresholds": [0.5], "edge_rises": [0, 0.05, 0.2, 0.4]}


def tuned(inside, true, *, method="membranes", tune_by="cremi_score", settings=MEMBRANES, linked=True):
    # Voxels of 1 nm would hide all cells under the 25 nm around their borders.
    prediction = predicted(inside, linked)._replace(voxel_size_nm=(50, 20, 20))
    return tune(prediction, true, method=method, tune_by=tune_by, settings=settings, threads=1)


def test_the_border_is_the_threshold_but_of_fragments():
    assert border_of("bodies", {"threshold": 0.7}) == 0.7
    assert border_of("membranes", {"interior_threshold": 0.8, "edge_rise": 0.1}) == 0.8
    assert border_of("agglomeration", {"threshold": 0.9}) == 0.5


def test_only_the_probability_of_the_mask_marks_the_mask_that_is_scored():
    for method in METHODS:
        joins = method == "agglomeration"  # its threshold is none of the probability
        assert marked_by({"kind": "mask"}, method, 0.3) == (None if joins else 0.3)
        assert marked_by({"kind": "interior"}, method, 0.3) is None
        assert marked_by({"kind": "affinities"}, method, 0.3) is None


@pytest.mark.parametrize("tune_by", ["cremi_score", "voi"])
def test_the_setting_whose_cells_are_the_true_ones_is_chosen(tune_by):
    apart = tuned(two_cells(0.6), truth(joined=False), tune_by=tune_by)
    # The gap's mean is .6: from an edge threshold of .7 on it is closed, and ties go to the first.
    assert apart["settings"] == {"interior_threshold": 0.5, "edge_rise": 0.2, "edge_threshold": 0.7}
    assert apart["threshold"] == 0.5 and apart["method"] == "membranes" and apart["reason"] == ""
    assert apart["validation_score"] == pytest.approx(0)
    assert [row["edge_threshold"] for row in apart["curve"]] == [0.5, 0.55, 0.7, 0.9]
    # Two equal cells as one cost one bit.
    assert [row["voi"] for row in apart["curve"]] == pytest.approx([1, 1, 0, 0])
    assert [row["voi_merge"] for row in apart["curve"]] == pytest.approx([1, 1, 0, 0])
    joined = tuned(two_cells(0.6), truth(joined=True), tune_by=tune_by)
    assert joined["settings"]["edge_threshold"] == 0.5


def test_cells_that_end_at_their_slice_are_scored_by_slices():
    """One true cell through both slices: as two labels it is split in the volume, but not in its slices."""
    true = truth(joined=True)
    apart, linked = (tuned(two_cells(0.95), true, settings=MEMBRANES | {"link_overlap": o}) for o in (0, 0.5))
    assert apart["validation_score"] == linked["validation_score"] == pytest.approx(0)
    labels = np.where(true.instances > 0, np.uint32([1, 2])[:, None, None], 0).astype(np.uint32)
    rows = convention_rows(labels, true, (50, 20, 20), whole=True, threads=1)
    assert rows[1]["convention"] == "cremi" and rows[1]["voi_split"] == pytest.approx(1)


def test_voxels_that_nobody_knows_do_not_choose():
    true = truth(joined=False)
    ignore = np.zeros(true.mask.shape, np.uint8)
    ignore[:, :, 13:] = 1  # of the second cell nothing is known, so joining it costs nothing
    chosen = tuned(two_cells(0.6), true._replace(ignore=ignore))
    assert chosen["settings"]["edge_threshold"] == 0.5


def test_without_truth_the_first_setting_is_used_and_the_reason_is_said():
    chosen = tuned(two_cells(0.6), true_cells(np.zeros((2, 13, 25), np.uint32)))
    assert chosen["settings"]["edge_threshold"] == 0.5 and chosen["validation_score"] is None
    assert chosen["reason"] == NO_TRUTH


def test_the_overlap_of_masks_chooses_a_threshold_alone():
    settings = SETTINGS["components"] | {"thresholds": [0.3, 0.7, 0.97]}
    chosen = tuned(two_cells(0.6), truth(joined=False), method="components", tune_by="iou", settings=settings)
    assert chosen["settings"] == {"threshold": 0.7} and chosen["validation_iou"] == 1.0
    assert [row["iou"] for row in chosen["curve"]] == [pytest.approx(242 / 245), 1.0, 0.0]


@pytest.mark.parametrize(
    "method, tune_by, lists, fixed",
    [
        ("bodies", "iou", {"thresholds": [0.1, 0.2, 0.3]}, {"threshold": 0.5}),
        ("components", "voi", {"thresholds": [0.9, 0.2, 0.3]}, {"threshold": 0.3}),
        ("components", "voi", {"thresholds": [0.2, 0.9, 0.3, 0.4]}, {"threshold": 0.3}),
        (
            "membranes",
            "cremi_score",
            {"interior_thresholds": [0.6, 0.7, 0.8], "edge_rises": [0.1]},
            {"interior_threshold": 0.7, "edge_rise": 0.1},
        ),
        ("membranes", "voi", {"preset": "paper"}, {"interior_threshold": 0.83, "edge_rise": 0.08}),
    ],
)
def test_without_labelled_slices_to_tune_on_settings_are_fixed(method, tune_by, lists, fixed):
    settings = SETTINGS[method] | lists
    chosen = tune(None, None, method=method, tune_by=tune_by, settings=settings, threads=1)
    assert chosen["settings"] == fixed and chosen["reason"] == NO_SLICES
    assert chosen["threshold"] == next(iter(fixed.values())) and chosen["validation_score"] is None
    labels = segment(predicted(two_cells(0.95)), method=method, settings=settings, chosen=fixed, threads=1)
    assert labels.max() > 0


MASK = {"kind": "mask"}
BLOCKS = {"train": ((0, 4), (4, 6)), "test": ((8, 9),)}


@pytest.fixture
def files(tmp_path):
    """Slices 0-5 hold their number + 10 as their mask's id; the predictions are those of two drawn slices."""
    cells = np.broadcast_to(np.arange(9, dtype=np.uint32)[:, None, None] + 10, (9, 2, 3)).copy()
    masks, labels = {"mito": (cells > 0).astype(np.uint8)}, {"mito": cells}
    facts = Facts((50, 5, 5), blocks=BLOCKS)
    write_volume(tmp_path / "v.h5", Volume(np.zeros(cells.shape, np.uint8), facts, masks, labels))
    write_arrays(tmp_path / "p.h5", {"validation": np.full((2, 2, 3), 51, np.uint8)}, {})
    return tmp_path / "p.h5", tmp_path / "v.h5"


def test_drawn_slices_in_a_row_are_tuned_on_together_and_others_one_by_one(files):
    prediction, true = validation_of(*files, ((1, 3),), structure="mito", target=MASK)
    assert prediction.linked and true.linked and true.slices == [1, 2]
    assert true.instances[:, 0, 0].tolist() == [11, 12] and prediction.inside.mean() == pytest.approx(0.2)
    prediction, true = validation_of(*files, ((0, 1), (3, 4)), structure="mito", target=MASK)
    assert not prediction.linked and not true.linked and true.slices == [0, 3] and prediction.scattered
    # Neighbours by number that lie in two stacks
    _, true = validation_of(*files, ((3, 4), (4, 5)), structure="mito", target=MASK)
    assert not true.linked and true.slices == [3, 4]


def test_a_median_is_taken_of_slices_in_a_row_alone(files):
    write_arrays(files[0], {"validation": np.uint8([51, 255, 51]).repeat(6).reshape(3, 2, 3)}, {})
    how = {"structure": "mito", "target": MASK, "median_slices": 3}
    prediction, _ = validation_of(*files, ((0, 3),), **how)
    assert (prediction.inside == np.float32(0.2)).all()
    prediction, _ = validation_of(*files, ((0, 1), (2, 4)), **how)
    assert prediction.inside[1].tolist() == [[1] * 3] * 2


def test_no_drawn_slices_are_no_validation(files):
    assert validation_of(*files, (), structure="mito", target=MASK) == (None, None)
