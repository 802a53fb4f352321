import numpy as np
import pytest
from scipy import ndimage

from synthem.kernels.medians import median_of_slices


def test_a_voxel_becomes_the_median_of_the_slices_around_it():
    column = np.uint8([9, 1, 8, 2, 7]).reshape(-1, 1, 1)
    assert median_of_slices(column, 3).ravel().tolist() == [9, 8, 2, 7, 7], "the ends count twice"
    assert median_of_slices(column, 5).ravel().tolist() == [9, 8, 7, 7, 7]
    assert median_of_slices(column, 1) is not None and (median_of_slices(column, 1) == column).all()


def test_a_mask_is_outvoted():
    column = np.uint8([0, 1, 0, 1, 1, 0, 0]).reshape(-1, 1, 1)
    assert median_of_slices(column, 3).ravel().tolist() == [0, 0, 1, 1, 1, 0, 0]


@pytest.mark.parametrize("slices", [1, 3, 5, 9])
@pytest.mark.parametrize("shape", [(1, 2, 3), (2, 3, 70), (7, 5, 4), (12, 1, 33)], ids=str)
def test_medians_are_scipys_and_so_are_those_of_some_planes(slices, shape):
    planes = np.random.default_rng(1).integers(0, 256, shape, dtype=np.uint8)
    expected = ndimage.median_filter(planes, (slices, 1, 1), mode="nearest")
    np.testing.assert_array_equal(median_of_slices(planes, slices), expected, strict=True)
    last = len(planes) - 1
    found = median_of_slices(planes, slices, first=last, count=1)
    np.testing.assert_array_equal(found, expected[last:], strict=True)
