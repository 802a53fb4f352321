import numpy as np
import pytest
from skimage import measure

from synthem.errors import SynthemError
from synthem.kernels.components import label_components
from synthem.kernels.neighbourhoods import steps_to


@pytest.mark.parametrize(("neighbours", "parts"), [(4, 3), (8, 2), (6, 3), (18, 1), (26, 1)])
def test_who_is_a_neighbour_decides_what_is_connected(neighbours, parts):
    mask = np.zeros((2, 3, 3), bool)
    mask[0, 0, 0] = mask[0, 1, 1] = True  # share a corner in the slice
    mask[1, 2, 1] = True  # shares an edge with the second, from the next slice
    labels, count = label_components(mask, neighbours=neighbours)
    assert count == labels.max() == parts
    assert labels.dtype == np.uint32


@pytest.mark.parametrize(("neighbours", "connectivity"), [(6, 1), (18, 2), (26, 3)])
@pytest.mark.parametrize("filled", [0.1, 0.3, 0.5, 0.9])
def test_volumes_are_numbered_as_by_scikit_image(neighbours, connectivity, filled):
    mask = np.random.default_rng(0).random((6, 20, 25)) < filled
    labels, count = label_components(mask, neighbours=neighbours)
    expected = measure.label(mask, connectivity=connectivity)
    np.testing.assert_array_equal(labels, expected)
    assert count == expected.max()


@pytest.mark.parametrize(("neighbours", "connectivity"), [(4, 1), (8, 2)])
@pytest.mark.parametrize("filled", [0.2, 0.45, 0.6])
def test_slices_are_numbered_one_after_the_other(neighbours, connectivity, filled):
    mask = np.random.default_rng(1).random((3, 40, 50)) < filled
    labels, _ = label_components(mask, neighbours=neighbours)
    before = 0
    for plane, found in zip(mask, labels, strict=True):
        expected = measure.label(plane, connectivity=connectivity)
        np.testing.assert_array_equal(found, np.where(expected > 0, expected + before, 0))
        before += expected.max()


@pytest.mark.parametrize("shape", [(0, 3, 3), (1, 1, 1), (2, 3, 4)])
def test_an_empty_mask_has_no_part(shape):
    labels, count = label_components(np.zeros(shape, bool), neighbours=26)
    assert (labels.shape, count) == (shape, 0)
    assert not labels.any()


def test_the_nearest_neighbours_come_first():
    assert steps_to(4) == [(0, -1, 0), (0, 0, -1), (0, 0, 1), (0, 1, 0)]
    assert [len(steps_to(count)) for count in (4, 8, 6, 18, 26)] == [4, 8, 6, 18, 26]
    lengths = [sum(map(abs, step)) for step in steps_to(26)]
    assert lengths == sorted(lengths)


def test_other_numbers_of_neighbours_are_refused():
    with pytest.raises(SynthemError, match="CONFIG_VALUE neighbours: 5"):
        label_components(np.ones((1, 2, 2), bool), neighbours=5)
