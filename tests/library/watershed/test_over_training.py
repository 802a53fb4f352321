"""The Dice loss of probabilities, and what touches before it is cut, by hand."""

import numpy as np
import pytest

from synthem.watershed.over_training import dice_loss, touching_parts

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


def test_what_touches_lies_above_the_threshold_and_with_fragments_above_one_half():
    """Their threshold of 0.9 is of borders between fragments; one of probabilities would drop the 0.6."""
    inside = np.array([[[0.95, 0.2, 0.6, 0.6]]], np.float32)
    fragments = {"method": "agglomeration", "settings": {"threshold": 0.9}}
    assert touching_parts(inside, fragments).tolist() == [[[1, 0, 2, 2]]]
    components = {"method": "components", "settings": {"threshold": 0.9}}
    assert touching_parts(inside, components).tolist() == [[[1, 0, 0, 0]]]
