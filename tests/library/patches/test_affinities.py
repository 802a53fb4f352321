import numpy as np
import torch

from synthem.labels.boundaries import LONG_STEPS, SHORT_STEPS
from synthem.labels.targets import UNKNOWN
from synthem.patches.affinities import affinities_of_labels
from tests.shared.true_affinities import affinities

STEPS = SHORT_STEPS + LONG_STEPS


def of_patches(labels, steps):
    labels = np.ascontiguousarray(labels, np.uint32).view(np.int32)
    return [part.numpy() for part in affinities_of_labels(torch.from_numpy(labels), steps)]


def test_affinities_are_1_where_the_voxel_one_step_away_has_the_same_id():
    labels = np.array([[[1, 1, 2], [0, 0, 2]]])
    target, known = of_patches(labels[None], [(0, 0, -1), (0, -1, 0), (0, 1, 1), (-1, 0, 0)])
    assert target[0].tolist() == [
        [[[0, 1, 0], [0, 0, 0]]],  # the left neighbour
        [[[0, 0, 0], [0, 0, 1]]],  # the one above
        [[[0, 0, 0], [0, 0, 0]]],
        [[[0, 0, 0], [0, 0, 0]]],  # no such slice
    ]
    assert known[0].tolist() == [
        [[[0, 1, 1], [0, 1, 1]]],
        [[[0, 0, 0], [1, 1, 1]]],
        [[[1, 1, 0], [0, 0, 0]]],
        [[[0, 0, 0], [0, 0, 0]]],
    ]


def test_affinities_of_all_published_steps_agree_with_a_loop():
    labels = np.random.default_rng(2).integers(0, 4, (2, 3, 12, 13))
    target, known = of_patches(labels, STEPS)
    for patch, found, sure in zip(labels, target, known, strict=True):
        np.testing.assert_array_equal(found, affinities(patch, STEPS))
        np.testing.assert_array_equal(sure, affinities(np.ones_like(patch), STEPS))


def test_pairs_with_an_unknown_voxel_are_unknown():
    labels = np.array([[[[5, 5, UNKNOWN, UNKNOWN, 5]]]])
    target, known = of_patches(labels, [(0, 0, 1)])
    assert known[0, 0, 0, 0].tolist() == [1, 0, 0, 0, 0]
    assert target[0, 0, 0, 0].tolist() == [1, 0, 0, 0, 0]
