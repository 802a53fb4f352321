import numpy as np
import pytest
from scipy import ndimage

from synthem.kernels.distance import distance_to_border, distances_between

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
        np.testing.assert_array_equal(distance_to_border(mask, spacing, threads=1), expected, strict=True)


@pytest.mark.parametrize("spacing", [(1, 1, 1), (50, 4, 6)])
@pytest.mark.parametrize("shape", SHAPES)
def test_distances_in_slices_are_bit_equal_to_scipy(shape, spacing):
    for mask in masks(shape, 1):
        for z in range(len(mask)):
            expected = ndimage.distance_transform_edt(mask[z], sampling=spacing[1:])
            found = distance_to_border(mask[z : z + 1], spacing, threads=2)
            np.testing.assert_array_equal(found, expected[None])


def test_spacings_that_are_no_binary_fractions_agree_to_the_last_digits():
    for mask in masks((6, 25, 24), 2):
        found = distance_to_border(mask, (4.6, 1.3, 0.7), threads=2)
        expected = ndimage.distance_transform_edt(mask, sampling=(4.6, 1.3, 0.7))
        np.testing.assert_allclose(found, expected, rtol=1e-14)


def test_half_the_memory_costs_only_the_last_digits():
    for mask in masks((6, 25, 24), 3):
        found = distance_to_border(mask, (50, 4.6, 4.6), threads=1, dtype=np.float32)
        assert found.dtype == np.float32
        np.testing.assert_allclose(found, ndimage.distance_transform_edt(mask, (50, 4.6, 4.6)), rtol=1e-6)


def test_without_an_outside_voxel_the_distance_is_infinite():
    full = np.ones((2, 3, 4), bool)
    assert np.isinf(distance_to_border(full, (1, 1, 1), threads=1)).all()
    assert np.isinf(distance_to_border(full[:1], (1, 1, 1), threads=1)).all()
    full[0, 1, 1] = False
    assert np.isfinite(distance_to_border(full, (1, 1, 1), threads=1)).all()


def test_empty_masks_have_no_distance():
    assert not distance_to_border(np.zeros((2, 3, 4), bool), (1, 1, 1), threads=1).any()
    for shape in ((0, 3, 4), (2, 0, 4), (2, 3, 0)):
        assert distance_to_border(np.zeros(shape, bool), (1, 1, 1), threads=1).shape == shape


@pytest.mark.parametrize("threads", [1, 3])
@pytest.mark.parametrize("spacing", [(1, 1, 1), (50, 4, 6), (3, 5, 7)])
@pytest.mark.parametrize("shape", [*SHAPES, (1, 40, 90), (1, 3, 200)])
def test_distances_between_voxels_are_those_of_the_whole_volume(shape, spacing, threads):
    rng = np.random.default_rng(4)
    for few in (0.002, 0.05, 0.5, 1.0):
        here, there = rng.random((2, *shape)) < few
        there[rng.integers(shape[0]), rng.integers(shape[1]), rng.integers(shape[2])] = True
        expected = ndimage.distance_transform_edt(~there, sampling=spacing)[here]
        found = distances_between(here, there, spacing, threads=threads)
        np.testing.assert_array_equal(found, expected, strict=True)


def test_distances_to_nothing_are_infinite_and_from_nothing_there_are_none():
    one, nothing = np.ones((2, 3, 4), bool), np.zeros((2, 3, 4), bool)
    assert np.array_equal(distances_between(one, nothing, (1, 1, 1), threads=1), np.full(24, np.inf))
    assert np.array_equal(distances_between(one[:1], nothing[:1], (1, 1, 1), threads=1), np.full(12, np.inf))
    assert not len(distances_between(nothing, one, (1, 1, 1), threads=1))
    assert not len(distances_between(one[:0], one[:0], (1, 1, 1), threads=2))
