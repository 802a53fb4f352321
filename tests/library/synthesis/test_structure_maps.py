import numpy as np
import pytest

from synthem.errors import SynthemError
from synthem.synthesis.structure_maps import METHODS, luminance, structure_maps

SQUARE = np.s_[20:44, 20:44]


def slice_with(background, square, shape=(64, 64)):
    plane = np.full(shape, background, np.uint8)
    plane[SQUARE] = square
    return plane


def maps_of(planes, method, sizes=None):
    image = np.stack(planes)
    names = [f"slice {z}" for z in range(len(image))]
    return structure_maps(image, method, sizes=sizes or [image.shape[1:3]] * len(image), where=names)


def test_otsu_finds_what_is_dark_in_each_image_by_itself():
    bright, dim = slice_with(220, 180), slice_with(90, 40)  # no threshold suits both
    for found in maps_of([bright, dim], "otsu"):
        assert found.dtype == np.uint8 and found[SQUARE].all() and found.sum() == 24 * 24


def test_one_threshold_for_all_is_half_of_the_grey_levels():
    (found,) = maps_of([slice_with(128, 127)], "fixed")
    assert found[SQUARE].all() and found.sum() == 24 * 24


def test_adaptive_finds_what_is_darker_than_its_surroundings_in_any_light():
    light = np.broadcast_to(np.linspace(60, 240, 64)[None, :], (64, 64))
    plane = np.uint8(light)
    spots = [(16, 16), (48, 48)]
    for y, x in spots:
        plane[y - 1 : y + 2, x - 1 : x + 2] -= 25
    (found,) = maps_of([plane], "adaptive")
    assert all(found[y - 1 : y + 2, x - 1 : x + 2].all() for y, x in spots)
    assert not maps_of([plane], "otsu")[0][48, 48]  # brighter than what is dark on the left


def test_canny_draws_lines_along_edges_and_nowhere_else():
    (found,) = maps_of([slice_with(200, 100)], "canny")
    y, x = np.nonzero(found)
    assert len(y) > 60  # most of a way around of 96 pixels
    distance = np.maximum(np.abs(y - 31.5), np.abs(x - 31.5))
    assert np.abs(distance - 12).max() <= 2


@pytest.mark.parametrize("method", METHODS)
def test_an_image_without_two_classes_is_an_error_that_names_the_slice(method):
    with pytest.raises(SynthemError) as caught:
        maps_of([slice_with(200, 100), slice_with(90, 90)], method)
    line = str(caught.value)
    assert line.startswith(
        f"ERROR DATA_VALUE slice 1: grey levels 90 to 90 of 255, of which structure:{method}"
    )


def test_an_image_on_one_side_of_the_fixed_threshold_has_one_class():
    with pytest.raises(SynthemError, match="grey levels 150 to 200"):
        maps_of([slice_with(200, 150)], "fixed")


def test_colours_count_by_their_luminance():
    plane = np.zeros((1, 3, 3), np.uint8)
    plane[0] = np.eye(3) * 100
    assert luminance(plane).tolist() == [[21, 72, 7]]  # 0.2125, 0.7154, 0.0721 of 100
    green = np.zeros((64, 64, 3), np.uint8)
    green[..., 2] = 255  # blue is darker than green at any strength above a tenth
    green[SQUARE] = (0, 80, 0)
    (found,) = maps_of([green], "otsu")
    assert not found[SQUARE].any() and found.sum() == 64 * 64 - 24 * 24


@pytest.mark.parametrize("method", METHODS)
def test_padding_beyond_a_tile_is_no_part_of_its_map(method):
    tile = slice_with(200, 100)
    padded = np.zeros((80, 90), np.uint8)
    padded[:64, :64] = tile
    (found,) = maps_of([padded], method, sizes=[(64, 64)])
    assert (found[:64, :64] == maps_of([tile], method)[0]).all()
    assert not found[64:].any() and not found[:, 64:].any()
