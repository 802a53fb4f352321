import numpy as np
import pytest
from scipy import ndimage

from synthem.errors import SynthemError
from synthem.kernels.distance import NEAR, distance_to_border, squared_distances

SHAPES = [(1, 7, 9), (4, 30, 31), (3, 1, 50), (3, 50, 1), (5, 1, 1)]


def masks(shape, seed):
    """Random masks from nearly empty to nearly full, each with an outside voxel in every slice."""
    rng = np.random.default_rng(seed)
    for filled in (0.02, 0.3, 0.7, 0.97, 1.0):
        mask = rng.random(shape) < filled
        mask[:, rng.integers(shape[1]), rng.integers(shape[2])] = False
        yield mask


@pytest.mark.parametrize("spacing", [(1, 1, 1), (8, 1, 1), (50, 5, 5), (2, 0.5, 0.25), (3, 5, 7)])
@pytest.mark.parametrize("shape", SHAPES)
def test_distances_in_a_volume_are_bit_equal_to_scipy(shape, spacing):
    for mask in masks(shape, 0):
        expected = ndimage.distance_transform_edt(mask, sampling=spacing)
        np.testing.assert_array_equal(
            distance_to_border(mask, spacing, per_slice=False, threads=1), expected, strict=True
        )


@pytest.mark.parametrize("spacing", [(1, 1, 1), (50, 4, 6)])
@pytest.mark.parametrize("shape", SHAPES)
def test_distances_in_slices_are_bit_equal_to_scipy(shape, spacing):
    for mask in masks(shape, 1):
        expected = [ndimage.distance_transform_edt(plane, sampling=spacing[1:]) for plane in mask]
        np.testing.assert_array_equal(distance_to_border(mask, spacing, per_slice=True, threads=2), expected)


@pytest.mark.parametrize("outside", [1, 2, 6, 40])
@pytest.mark.parametrize("shape", [(64, 64), (2 * NEAR + 1, 70), (70, 2 * NEAR + 1), (300, 20), (333, 250)])
def test_squared_distances_are_exact_near_and_far(shape, outside):
    mask = np.ones(shape, bool)
    mask.flat[np.random.default_rng(outside).choice(mask.size, outside, replace=False)] = False
    framed = squared_distances(mask)
    expected = np.pad(np.round(ndimage.distance_transform_edt(mask) ** 2), 1)
    np.testing.assert_array_equal(framed, expected)
    assert framed.dtype == np.int32


def test_spacings_that_are_no_binary_fractions_agree_to_the_last_digits():
    for mask in masks((6, 25, 24), 2):
        found = distance_to_border(mask, (4.6, 1.3, 0.7), per_slice=False, threads=2)
        expected = ndimage.distance_transform_edt(mask, sampling=(4.6, 1.3, 0.7))
        np.testing.assert_allclose(found, expected, rtol=1e-14)


def test_half_the_memory_costs_only_the_last_digits():
    for mask in masks((6, 25, 24), 3):
        found = distance_to_border(mask, (50, 4.6, 4.6), per_slice=False, threads=1, dtype=np.float32)
        assert found.dtype == np.float32
        np.testing.assert_allclose(found, ndimage.distance_transform_edt(mask, (50, 4.6, 4.6)), rtol=1e-6)


def test_without_an_outside_voxel_the_distance_is_infinite():
    full = np.ones((2, 3, 4), bool)
    assert np.isinf(distance_to_border(full, (1, 1, 1), per_slice=False, threads=1)).all()
    full[0, 1, 1] = False
    found = distance_to_border(full, (1, 1, 1), per_slice=True, threads=1)
    assert np.isinf(found[1]).all()
    assert np.isfinite(found[0]).all()
    assert (squared_distances(full[1])[1:-1, 1:-1] == (3 + 4) ** 2).all()


def test_a_slice_whose_squares_do_not_fit_is_refused():
    assert squared_distances(np.zeros((1, 46339), bool)).shape == (3, 46341)
    with pytest.raises(SynthemError, match="DATA_SHAPE slice: 1 rows and 46340 columns"):
        squared_distances(np.zeros((1, 46340), bool))


def test_empty_masks_have_no_distance():
    assert not distance_to_border(np.zeros((2, 3, 4), bool), (1, 1, 1), per_slice=False, threads=1).any()
    assert distance_to_border(np.zeros((0, 3, 4), bool), (1, 1, 1), per_slice=True, threads=1).shape == (
        0,
        3,
        4,
    )
