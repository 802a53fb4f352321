import math
from types import SimpleNamespace

import numpy as np
import pytest

from synthem.errors import SynthemError
from synthem.ingest.grey import SAMPLE, Survey, grey_of, surveyed


def stack(array, levels=None, source="a.tif"):
    """An array as `open_stack` gives one, in slabs of two planes."""
    slabs = [(first, array[first : first + 2]) for first in range(0, len(array), 2)]
    return SimpleNamespace(
        source=source, shape=array.shape, dtype=array.dtype, levels=levels, slabs=lambda: iter(slabs)
    )


def stored(*arrays, levels=None):
    images = [stack(array, levels, f"{place}.tif") for place, array in enumerate(arrays)]
    grey = grey_of(images, surveyed(images))
    return grey, [grey.store(array) for array in arrays]


@pytest.mark.parametrize("dtype", [np.uint8, np.uint16])
def test_bytes_and_16_bits_are_kept_and_need_no_reading(dtype):
    array = np.random.default_rng(0).integers(0, 255, (3, 4, 5)).astype(dtype)
    grey, (kept,) = stored(array)
    assert surveyed([stack(array)]) is None
    assert grey.facts == {"type": np.dtype(dtype).name, "scale": 1.0, "offset": 0.0}
    np.testing.assert_array_equal(kept, array)
    assert kept.dtype == dtype


def test_bits_become_black_and_white():
    grey, (kept,) = stored(np.array([[[0, 1]]], np.uint8), levels=2)
    assert kept.tolist() == [[[0, 255]]] and kept.dtype == np.uint8
    assert grey.facts["type"] == "bool" and grey.scale * 255 == 1


@pytest.mark.parametrize(
    "dtype, ends",
    [
        (np.int8, (-128, 127)),
        (np.int16, (-32768, 32767)),
        (np.int32, (-70000, -70000 + 65535)),
        (np.uint32, (2**32 - 65536, 2**32 - 1)),
        (np.int64, (-(2**62), -(2**62) + 65535)),
        (np.uint64, (2**64 - 65536, 2**64 - 1)),
    ],
)
def test_whole_numbers_in_a_range_of_16_bits_lose_nothing(dtype, ends):
    array = np.array([ends, [ends[0] + 3, ends[1] - 5]], dtype).reshape(2, 1, 2)
    grey, (kept,) = stored(array)
    assert kept.dtype == np.uint16 and grey.scale == 1 and grey.offset == ends[0]
    assert [int(value) + grey.offset for value in kept.ravel()] == [int(value) for value in array.ravel()]


def test_floats_come_back_within_half_a_step_and_are_not_clipped():
    array = np.random.default_rng(0).normal(-3, 0.5, (4, 50, 60)).astype(np.float32)
    grey, (kept,) = stored(array)
    assert kept.dtype == np.uint16 and (kept.min(), kept.max()) == (0, 65535)
    assert np.abs(kept * grey.scale + grey.offset - array).max() <= grey.scale * 0.51
    assert grey.clipped(array) == 0


def test_far_outliers_are_clipped_and_leave_the_rest_its_precision():
    array = np.random.default_rng(0).uniform(0, 1, (2, 300, 400))
    array[0, 0, 0], array[1, 5, 5] = 1e9, -1e9
    grey, (kept,) = stored(array)
    assert grey.scale < 3.01 / 65535  # the distance of the percentiles, once more on either side
    assert (kept[0, 0, 0], kept[1, 5, 5]) == (65535, 0)
    assert grey.clipped(array) == 2


def test_where_nearly_all_is_one_value_nothing_is_clipped():
    array = np.zeros((2, 300, 400), np.float32)
    array[1, 7, 7] = 5
    grey, (kept,) = stored(array)
    assert kept[1, 7, 7] == 65535 and kept.sum() == 65535 and grey.clipped(array) == 0


def test_a_constant_float_image_can_be_stored():
    grey, (kept,) = stored(np.full((1, 2, 2), 0.3))
    assert not kept.any() and grey.offset == 0.3


def test_numbers_too_far_apart_for_a_float_are_refused():
    with pytest.raises(SynthemError, match="values from -1.5e.308 to 1.5e.308"):
        stored(np.array([[[-1.5e308, 1.5e308, 0.0]]]))


def test_all_stacks_of_a_volume_are_stored_alike():
    grey, (one, other) = stored(np.full((1, 2, 2), 7, np.int16), np.full((1, 3, 1), -5, np.int16))
    assert (grey.offset, one[0, 0, 0], other[0, 0, 0]) == (-5, 12, 0)
    with pytest.raises(SynthemError, match="1.tif: uint16, 1 value.s. a voxel .expected uint8"):
        stored(np.zeros((1, 2, 2), np.uint8), np.zeros((1, 2, 2), np.uint16))


def test_numbers_that_are_not_finite_are_refused_with_their_file():
    bad = np.ones((3, 2, 2))
    bad[2, 0, 1] = np.nan
    with pytest.raises(SynthemError, match=r"1.tif: 1 number .*first at z, y, x = \[2, 0, 1\]"):
        stored(np.ones((1, 2, 2)), bad)


def test_colours_that_are_alike_everywhere_are_grey():
    plain = np.random.default_rng(0).integers(0, 255, (3, 4, 5, 1), np.uint8).repeat(3, axis=3)
    grey, (kept,) = stored(plain)
    assert not grey.colour
    np.testing.assert_array_equal(kept, plain[..., 0])
    plain[2, 3, 4, 1] ^= 1
    grey, (kept,) = stored(plain)
    assert grey.colour
    np.testing.assert_array_equal(kept, plain)


def test_the_alpha_channel_is_dropped():
    pixels = np.random.default_rng(0).integers(0, 255, (2, 4, 5, 4), np.uint8)
    grey, (kept,) = stored(pixels)
    np.testing.assert_array_equal(kept, pixels[..., :3])
    grey, (kept,) = stored(pixels[..., 2:])
    assert not grey.colour
    np.testing.assert_array_equal(kept, pixels[..., 2])


def test_the_sample_is_even_small_and_not_of_one_column(monkeypatch):
    monkeypatch.setattr("synthem.ingest.grey.SAMPLE", 1000)
    planes = np.broadcast_to(
        np.arange(50.0), (20, 40, 50)
    )  # 40000 voxels: a stride of 40 would see 5 columns
    image = stack(planes)
    survey = Survey([image])
    for first, slab in image.slabs():
        survey.add(image, first, slab)
    sample = np.concatenate(survey._sample)
    assert 900 <= len(sample) <= 1000
    np.testing.assert_array_equal(sample, np.ravel(planes)[:: math.ceil(40000 / len(sample))])
    assert len(set(sample)) == 50
    assert SAMPLE == 4_000_000
