import numpy as np
import pytest
from scipy import ndimage

from synthem.errors import SynthemError
from synthem.kernels.squares import NEAR, squared_distances


@pytest.mark.parametrize("outside", [1, 2, 6, 40])
@pytest.mark.parametrize("shape", [(64, 64), (2 * NEAR + 1, 70), (70, 2 * NEAR + 1), (300, 20), (333, 250)])
def test_squared_distances_are_exact_near_and_far(shape, outside):
    mask = np.ones(shape, bool)
    mask.flat[np.random.default_rng(outside).choice(mask.size, outside, replace=False)] = False
    framed = squared_distances(mask)
    expected = np.pad(np.round(ndimage.distance_transform_edt(mask) ** 2), 1)
    np.testing.assert_array_equal(framed, expected)
    assert framed.dtype == np.int32


def test_without_an_outside_pixel_all_are_farther_than_any_distance():
    assert (squared_distances(np.ones((3, 4), bool))[1:-1, 1:-1] == (3 + 4) ** 2).all()


def test_a_slice_whose_squares_do_not_fit_is_refused():
    assert squared_distances(np.zeros((1, 46339), bool)).shape == (3, 46341)
    with pytest.raises(SynthemError, match="DATA_SHAPE slice: 1 rows and 46340 columns"):
        squared_distances(np.zeros((1, 46340), bool))
