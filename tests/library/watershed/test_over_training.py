"""The Dice loss of probabilities, and what touches before it is cut, by hand."""

import numpy as np
import pytest

from synthem.metrics.truth import Truth
from synthem.watershed.over_training import dice_loss, learnt_map, pixel_accuracy, touching_parts

PROBABILITY = np.array([[[0.5, 1.0, 0.0, 0.2]]], np.float32)
MASK = np.array([[[1, 1, 0, 0]]], np.uint8)


def test_it_is_the_one_of_v_net():
    # 2 (0.5 + 1) / (0.25 + 1 + 0.04 + 2)
    assert dice_loss(PROBABILITY, MASK, None) == pytest.approx(1 - 3 / 3.29)


def test_unknown_voxels_do_not_count():
    ignore = np.array([[[1, 0, 0, 1]]], np.uint8)
    assert dice_loss(PROBABILITY, MASK, ignore) == pytest.approx(0)


def test_nothing_found_where_nothing_is_has_no_loss():
    assert dice_loss(np.zeros((1, 1, 4), np.float32), np.zeros((1, 1, 4), np.uint8), None) == 0


def truth_of_cells(ignore=None):
    """Cells 1 and 2 of three columns each; their mask, as data has it, is thinner than what is learnt."""
    instances = np.array([[[1, 1, 1, 2, 2, 2]] * 3], np.uint32)
    mask = (np.arange(6) != 3)[None, None].repeat(3, 1).astype(np.uint8)
    return Truth(mask, instances, True, ignore, [0], True, (40.0, 4.0, 4.0))


INTERIOR = {"kind": "interior", "interior": {"width": 1, "across_slices": False}}


def test_a_network_that_answers_with_what_it_learnt_is_right_everywhere_whatever_the_mask_says():
    """Within one step of the other cell lie two columns of six: a third of the pixels."""
    truth = truth_of_cells()
    learnt = learnt_map(truth, INTERIOR, ((0, 1),))
    assert learnt[0][0].tolist() == [[1, 1, 0, 0, 1, 1]] * 3
    assert pixel_accuracy(learnt[0] > 0, *learnt) == 1
    assert pixel_accuracy(np.ones((1, 3, 6), bool), *learnt) == pytest.approx(2 / 3)
    assert learnt_map(truth, {"kind": "mask"}, ((0, 1),)) == (truth.mask, None)
    far = {"kind": "affinities", "affinities": {"long_range": False, "across_slices": False}}
    assert learnt_map(truth, far, ((0, 1),)) is None


def test_pixels_that_unknown_cells_decide_do_not_count():
    """All is called inside: column 0 is unknown, as is 1, which it decides; of the other four two are."""
    ignore = np.zeros((1, 3, 6), np.uint8)
    ignore[..., 0] = 1
    learnt = learnt_map(truth_of_cells(ignore), INTERIOR, ((0, 1),))
    assert pixel_accuracy(np.ones((1, 3, 6), bool), *learnt) == pytest.approx(2 / 4)
    assert pixel_accuracy(np.ones((1, 3, 6), bool), learnt[0], np.ones((1, 3, 6), np.uint8)) is None


def test_what_touches_lies_above_the_threshold_and_with_fragments_above_one_half():
    """Their threshold of 0.9 is of borders between fragments; one of probabilities would drop the 0.6."""
    inside = np.array([[[0.95, 0.2, 0.6, 0.6]]], np.float32)
    fragments = {"method": "agglomeration", "settings": {"threshold": 0.9}}
    assert touching_parts(inside, fragments).tolist() == [[[1, 0, 2, 2]]]
    components = {"method": "components", "settings": {"threshold": 0.9}}
    assert touching_parts(inside, components).tolist() == [[[1, 0, 0, 0]]]
