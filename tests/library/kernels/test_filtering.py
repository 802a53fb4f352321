import numpy as np
import pytest
from scipy import ndimage

from synthem.kernels.filtering import Filters, smooth_volume, smoothed_slice
from synthem.metrics.responses import FEATURES, SIGMAS_PX, WINDOW, responses

FILTERS = Filters(SIGMAS_PX, WINDOW)


def picture(shape, dtype=np.uint8):
    """Noise with patches of one level, where slopes are 0 and eigenvalues tie."""
    rng = np.random.default_rng(sum(shape))
    noise = rng.integers(0, np.iinfo(dtype).max, shape, endpoint=True).astype(dtype)
    noise[: shape[0] // 3] = 7
    return noise


@pytest.mark.parametrize("dtype", [np.uint8, np.uint16])
@pytest.mark.parametrize("shape", [(90, 130), (130, 31), (9, 14), (5, 3), (1, 40), (17, 1), (1, 1)], ids=str)
def test_responses_are_scipys_bit_for_bit_however_often_a_small_picture_is_mirrored(shape, dtype):
    grey = picture(shape, dtype)
    found = FILTERS.of_tile(grey.astype(np.float32), slice(0, shape[0]), slice(0, shape[1]))
    assert found.dtype == np.float32 and (found == responses(grey)).all()


@pytest.mark.parametrize("rows", [(0, 20), (33, 64), (100, 120), (60, 61)], ids=str)
@pytest.mark.parametrize("columns", [(0, 97), (0, 5), (40, 66), (96, 97)], ids=str)
def test_a_part_of_a_picture_has_the_responses_that_it_has_in_the_whole(rows, columns):
    grey = picture((120, 97))
    found = FILTERS.of_tile(grey.astype(np.float32), slice(*rows), slice(*columns))
    assert (found == responses(grey)[:, slice(*rows), slice(*columns)]).all()


def test_single_pixels_have_the_responses_that_they_have_in_the_whole_in_the_order_asked_for():
    grey = picture((70, 55))
    y, x = np.random.default_rng(0).integers(0, [[70], [55]], (2, 300))
    y[:4], x[:4] = [0, 0, 69, 69], [0, 54, 0, 54]
    found = FILTERS.at(grey.astype(np.float32), y, x)
    assert found.shape == (300, FEATURES) and (found == responses(grey)[:, y, x].T).all()


def test_no_pixels_have_no_responses():
    none = np.zeros(0, np.int64)
    assert FILTERS.at(np.zeros((4, 4), np.float32), none, none).shape == (0, FEATURES)


@pytest.mark.parametrize("sigma", [0.7, 1, 8])
@pytest.mark.parametrize("shape", [(80, 60), (6, 50), (1, 1), (0, 5)], ids=str)
def test_a_smoothed_slice_is_scipys_bit_for_bit(shape, sigma):
    grey = picture(shape, np.uint16)
    assert (smoothed_slice(grey, sigma) == ndimage.gaussian_filter(grey.astype(np.float32), sigma)).all()


@pytest.mark.parametrize("sigmas", [(0.05, 0.05, 0.05), (0.3, 3, 3), (1, 2, 4), (6, 0.7, 9)])
@pytest.mark.parametrize("shape", [(1, 1, 1), (1, 20, 21), (7, 3, 40), (9, 30, 2)])
def test_a_smoothed_volume_is_scipys_bit_for_bit(shape, sigmas):
    heights = np.random.default_rng(5).normal(size=shape).astype(np.float32)
    expected = ndimage.gaussian_filter(heights, sigmas, mode="nearest")
    smooth_volume(heights, sigmas, threads=2)
    np.testing.assert_array_equal(heights, expected, strict=True)
