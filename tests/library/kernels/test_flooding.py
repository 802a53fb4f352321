import heapq

import numpy as np
import pytest
from scipy import ndimage
from skimage import measure, segmentation
from skimage.metrics import variation_of_information

from synthem.errors import SynthemError
from synthem.kernels.flooding import watershed
from synthem.kernels.neighbourhoods import steps_to


def slow_watershed(heights, seeds, mask, neighbours, lines):
    """The same with one heap of (level, age) and dictionaries: as the definition says, voxel by voxel."""
    labels, reached = {}, {}
    heap, age = [], 0
    for place in map(tuple, np.argwhere((seeds > 0) & mask)):
        labels[place] = reached[place] = int(seeds[place])
        heapq.heappush(heap, (heights[place], age, place))
        age += 1
    while heap:
        level, _, place = heapq.heappop(heap)
        around = [tuple(np.add(place, step)) for step in steps_to(neighbours)]
        around = [at for at in around if all(0 <= i < n for i, n in zip(at, mask.shape, strict=True))]
        own = reached[place]
        if lines and place not in labels and all(labels.get(at, own) == own for at in around):
            labels[place] = own
        for at in around:
            if mask[at] and at not in reached:
                reached[at] = own
                if not lines:
                    labels[at] = own
                heapq.heappush(heap, (max(level, heights[at]), age, at))
                age += 1
    result = np.zeros(mask.shape, np.uint32)
    for place, label in labels.items():
        result[place] = label
    return result


def landscape(shape, seed, *, ties):
    """Smooth random heights, single seeds and a mask with holes."""
    rng = np.random.default_rng(seed)
    sigma = tuple(min(2, length / 2) for length in shape)
    heights = ndimage.gaussian_filter(rng.standard_normal(shape), sigma)
    heights = np.round(heights * 20) if ties else np.argsort(np.argsort(heights.ravel())).reshape(shape)
    mask = ndimage.gaussian_filter(rng.standard_normal(shape), 1) > -0.2
    seeds = np.zeros(shape, int)
    chosen = rng.choice(np.flatnonzero(mask), 12, replace=False)
    seeds.flat[chosen] = np.arange(1, 13)
    return heights, seeds, mask


def test_two_basins_share_a_ridge_or_leave_it_as_a_line():
    heights = np.array([[[0, 1, 5, 1, 0]]])
    seeds = np.array([[[1, 0, 0, 0, 2]]])
    mask = np.ones_like(seeds, bool)
    assert watershed(heights, seeds, mask, neighbours=4, lines=False).tolist() == [[[1, 1, 1, 2, 2]]]
    assert watershed(heights, seeds, mask, neighbours=4, lines=True).tolist() == [[[1, 1, 0, 2, 2]]]


@pytest.mark.parametrize("lines", [False, True])
@pytest.mark.parametrize(
    ("neighbours", "shape"),
    [(4, (2, 14, 15)), (8, (1, 20, 18)), (6, (5, 9, 10)), (18, (4, 8, 9)), (26, (4, 8, 9))],
)
@pytest.mark.parametrize("ties", [False, True])
def test_labels_are_those_of_the_definition(neighbours, shape, lines, ties):
    heights, seeds, mask = landscape(shape, 3, ties=ties)
    expected = slow_watershed(heights, seeds, mask, neighbours, lines)
    found = watershed(heights, seeds, mask, neighbours=neighbours, lines=lines)
    np.testing.assert_array_equal(found, expected, strict=True)


# scikit-image needs unbounded memory for lines with more neighbours than share a face.
@pytest.mark.parametrize(
    ("neighbours", "connectivity", "lines"),
    [(4, 1, False), (4, 1, True), (8, 2, False), (6, 1, False), (6, 1, True)],
)
def test_labels_are_those_of_scikit_image_where_no_heights_are_equal(neighbours, connectivity, lines):
    shape = (1, 90, 100) if neighbours in (4, 8) else (6, 25, 30)
    heights, seeds, mask = landscape(shape, 5, ties=False)
    squeeze = (lambda a: a[0]) if neighbours in (4, 8) else (lambda a: a)
    expected = segmentation.watershed(
        squeeze(heights), squeeze(seeds), connectivity=connectivity, mask=squeeze(mask), watershed_line=lines
    )
    found = watershed(heights, seeds, mask, neighbours=neighbours, lines=lines)
    np.testing.assert_array_equal(squeeze(found), expected)


def distances_and_seeds(seed):
    """Distances within noisy cells: whole squares, so nearly every height is shared by many pixels."""
    noise = np.random.default_rng(seed).standard_normal((400, 400))
    inside = ndimage.gaussian_filter(noise, 5) > -0.01
    distance = ndimage.distance_transform_edt(inside)
    top = (distance == ndimage.maximum_filter(distance, 21)) & inside
    return distance, measure.label(top, connectivity=2), inside


@pytest.mark.parametrize("lines", [False, True])
def test_on_distances_labels_are_those_of_scikit_image_if_it_takes_equal_seeds_in_order(lines):
    distance, seeds, inside = distances_and_seeds(0)
    heights = -np.round(distance**2)
    found = watershed(heights[None], seeds[None], inside[None], neighbours=4, lines=lines)[0]
    heights[seeds > 0] -= np.linspace(0.9, 0, (seeds > 0).sum())  # the first in the image is first
    expected = segmentation.watershed(heights, seeds, mask=inside, watershed_line=lines)
    np.testing.assert_array_equal(found, expected)


def test_with_seeds_of_equal_height_labels_are_nearly_those_of_scikit_image():
    distance, seeds, inside = distances_and_seeds(2)
    expected = segmentation.watershed(-distance, seeds, mask=inside)
    found = watershed(-distance[None], seeds[None], inside[None], neighbours=4, lines=False)[0]
    assert max(variation_of_information(expected, found.astype(int))) <= 0.002


@pytest.mark.parametrize("neighbours", [4, 8])
def test_a_line_keeps_basins_apart(neighbours):
    heights, seeds, mask = landscape((1, 60, 60), 7, ties=True)
    labels = watershed(heights, seeds, mask, neighbours=neighbours, lines=True)[0]
    padded = np.pad(labels, 1)
    for _, y, x in steps_to(neighbours):
        other = np.roll(padded, (-y, -x), (0, 1))[1:-1, 1:-1]
        assert not ((labels > 0) & (other > 0) & (labels != other)).any()


def test_what_no_seed_reaches_has_no_label():
    mask = np.array([[[1, 1, 0, 1]]], bool)
    seeds = np.array([[[3, 0, 0, 0]]])
    labels = watershed(np.zeros((1, 1, 4)), seeds, mask, neighbours=8, lines=False)
    assert labels.tolist() == [[[3, 3, 0, 0]]]
    assert not watershed(np.zeros((1, 1, 4)), 0 * seeds, mask, neighbours=8, lines=True).any()
    assert not watershed(np.zeros((1, 1, 4)), seeds, 0 * mask, neighbours=6, lines=True).any()


def test_arrays_of_different_shapes_are_refused():
    with pytest.raises(SynthemError, match="DATA_SHAPE watershed"):
        watershed(
            np.zeros((1, 2, 2)), np.zeros((1, 2, 3), int), np.ones((1, 2, 2)), neighbours=4, lines=False
        )


def test_more_voxels_than_places_have_numbers_are_refused():
    huge = np.broadcast_to(np.uint8(1), (2000, 1000, 1001))  # takes no memory
    with pytest.raises(SynthemError, match="DATA_SHAPE watershed: 2002000000 voxels"):
        watershed(huge, huge, huge, neighbours=6, lines=False)
