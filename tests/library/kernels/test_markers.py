import numpy as np
import pytest
from scipy import ndimage
from skimage import measure

from synthem.errors import SynthemError
from synthem.kernels.markers import place_markers


def image_of(depth, radius, most=None):
    """The ids of the markers at their places, int [Y, X]."""
    framed = np.pad(np.int32(depth), 1)
    places, ids = place_markers(framed, radius, most)
    image = np.zeros(framed.shape, int)
    image.flat[places] = ids
    return image[1:-1, 1:-1]


def test_a_marker_is_exceeded_by_none_within_its_radius():
    depth = [[1, 2, 1, 0, 0, 3, 1, 5]]
    assert image_of(depth, 1).tolist() == [[0, 1, 0, 0, 0, 2, 0, 3]]
    assert image_of(depth, 2).tolist() == [[0, 1, 0, 0, 0, 0, 0, 2]]
    assert image_of(depth, 4).tolist() == [[0, 0, 0, 0, 0, 0, 0, 1]]  # the 3 exceeds the 2, the 5 the 3


def test_equal_pixels_that_touch_are_one_marker_and_others_two():
    assert image_of([[2, 2, 1, 2], [1, 1, 2, 1]], 1).tolist() == [[1, 1, 0, 1], [0, 0, 1, 0]]
    assert image_of([[2, 1, 2]], 5).tolist() == [[1, 0, 2]]


def test_only_the_deepest_are_kept_and_the_first_among_equals():
    depth = [[4, 0, 7, 0, 4, 0, 9, 9]]
    assert image_of(depth, 1, most=4).tolist() == [[1, 0, 2, 0, 3, 0, 4, 4]]
    assert image_of(depth, 1, most=3).tolist() == [[1, 0, 2, 0, 0, 0, 3, 3]]
    assert image_of(depth, 1, most=1).tolist() == [[0, 0, 0, 0, 0, 0, 1, 1]]


@pytest.mark.parametrize("radius", [1, 3, 8])
def test_markers_are_the_maxima_of_a_window(radius):
    noise = ndimage.gaussian_filter(np.random.default_rng(radius).standard_normal((60, 70)), 2)
    depth = np.round(np.maximum(noise, 0) * 60).astype(int)
    maxima = (depth == ndimage.maximum_filter(depth, 2 * radius + 1)) & (depth > 0)
    np.testing.assert_array_equal(image_of(depth, radius), measure.label(maxima, connectivity=2))


def test_where_nothing_is_deep_there_is_no_marker():
    assert not image_of(np.zeros((3, 4)), 2).any()
    assert not image_of(np.zeros((3, 4)), 2, most=5).any()


def test_a_radius_below_one_pixel_is_refused():
    with pytest.raises(SynthemError, match="CONFIG_VALUE marker_radius: 0"):
        image_of(np.ones((2, 2)), 0)
