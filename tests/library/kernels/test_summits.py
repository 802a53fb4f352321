import heapq

import numpy as np
import pytest
from scipy import ndimage
from skimage import segmentation
from skimage.morphology import local_maxima, reconstruction

from synthem.kernels.hills import HIGHEST, find_hills, find_saddles
from synthem.kernels.summits import find_summits, flood_hills, keep_hills

CUBE = np.ones((3, 3, 3), bool)


def summits_of(levels, rise):
    """[(level of the peak, centre in the array without frame)] of the summits."""
    framed = np.pad(np.uint16(levels), 1)
    hills, peaks = find_hills(framed, neighbours=26)
    saddles = find_saddles(framed, hills, peaks, neighbours=26)
    summits, centres = find_summits(framed, hills, peaks, saddles, rise)
    return [(int(peaks[hill]), tuple(centre - 1)) for hill, centre in zip(summits, centres, strict=True)]


@pytest.mark.parametrize(
    ("levels", "rise", "summits"),
    [
        ([1, 9, 6, 8, 1], 1, [(9, 1), (8, 3)]),
        ([1, 9, 6, 8, 1], 2, [(9, 1)]),  # the 8 rises by exactly 2 over the 6: that is not more than 2
        ([1, 9, 6, 8, 1], 3, [(9, 2)]),  # 9, 6 and 8
        ([1, 9, 5, 8, 8, 1], 2, [(9, 1), (8, 3.5)]),
        ([8, 6, 8, 1], 1, [(8, 0), (8, 2)]),
        ([8, 6, 8, 1], 2, [(8, 1)]),
        ([7, 5, 9, 5, 7], 3, [(9, 2)]),  # both 7 count for nothing, and the 5 is too low for this summit
        ([5, 0, 9], 100, [(5, 0), (9, 2)]),  # nothing higher that they are connected with
        ([3, 3, 3], 5, [(3, 1)]),
    ],
)
def test_a_summit_rises_more_than_that_over_the_saddle_to_a_higher_one(levels, rise, summits):
    assert summits_of([[levels]], rise) == [(peak, (0, 0, x)) for peak, x in summits]


@pytest.mark.parametrize("rise", [1, 2, 5, 30])
def test_summits_are_the_maxima_of_the_h_maxima_transform(rise):
    for seed in range(12):
        rng = np.random.default_rng(seed)
        noise = ndimage.gaussian_filter(rng.standard_normal((6, 14, 15)), rng.uniform(0.4, 1.5))
        levels = np.round(1 + 30 * (noise - noise.min()) / np.ptp(noise)).astype(int)
        levels[rng.random(levels.shape) < rng.choice([0, 0.1, 0.6])] = 0
        inside = np.pad(np.where(levels > 0, levels, -2 * rise - 1), 1, constant_values=-2 * rise - 1)
        flooded = reconstruction(inside - rise, inside)
        maxima = local_maxima(flooded, connectivity=3) & (inside > 0)
        ids, count = ndimage.label(maxima, CUBE)
        numbers = np.arange(1, count + 1)
        centres = np.reshape(ndimage.center_of_mass(maxima, ids, numbers), (-1, 3)) - 1
        found = summits_of(levels, rise)
        assert [peak - rise for peak, _ in found] == ndimage.maximum(flooded, ids, numbers).tolist()
        np.testing.assert_allclose([centre for _, centre in found], centres)


def flooded_from(kept, saddles, hills):
    """The levels at which hills 1, 2, .. are flooded, and the saddles that are left."""
    flooded, left = flood_hills(np.array(saddles, np.int64).reshape(-1, 3), np.array(kept), hills)
    return flooded.tolist()[1:], left.tolist()


def test_a_hill_is_flooded_over_the_highest_saddles_from_a_kept_one():
    saddles = [(1, 2, 9), (2, 3, 7), (3, 4, 5)]
    assert flooded_from([1, 4], saddles, 4) == ([HIGHEST, 9, 7, HIGHEST], [[1, 2, 5]])
    assert flooded_from([3], saddles, 4) == ([7, 7, HIGHEST, 5], [])  # hill 1 lies behind hill 2
    both = [(3, 4, 9), (1, 2, 7), (2, 3, 5)]
    assert flooded_from([1, 4], both, 4) == ([HIGHEST, 7, 9, HIGHEST], [[1, 2, 5]])


def test_what_no_saddle_connects_with_a_kept_hill_is_not_lowered():
    assert flooded_from([1], [(1, 2, 9)], 3) == ([HIGHEST, 9, HIGHEST], [])


@pytest.mark.parametrize("seed", range(10))
def test_levels_of_a_flood_are_those_of_going_from_hill_to_hill(seed):
    """The highest saddle at the edge of what is flooded is crossed next."""
    rng = np.random.default_rng(seed)
    count = 40
    levels = rng.permutation(1000)[: count - 1]
    saddles = [(int(rng.integers(1, hill)), hill, int(levels[hill - 2])) for hill in range(2, count + 1)]
    saddles.sort(key=lambda saddle: -saddle[2])
    kept = np.sort(rng.choice(count, 6, replace=False) + 1).tolist()
    flooded, owners, edge = dict.fromkeys(kept, HIGHEST), {hill: 1 + i for i, hill in enumerate(kept)}, []

    def reach(hill):
        for one, other, level in saddles:
            if hill in (one, other):
                heapq.heappush(edge, (-min(level, flooded[hill]), one + other - hill, owners[hill]))

    for hill in kept:
        reach(hill)
    while edge:
        level, hill, owner = heapq.heappop(edge)
        if hill not in flooded:
            flooded[hill], owners[hill] = -level, owner
            reach(hill)
    found, left = flooded_from(kept, saddles, count)
    assert found == [flooded[hill] for hill in range(1, count + 1)]
    met = [
        [owners[one], owners[other], level] for one, other, level in saddles if owners[one] != owners[other]
    ]
    assert [(set(row[:2]), row[2]) for row in left] == [(set(row[:2]), row[2]) for row in met]


@pytest.mark.parametrize("seed", range(8))
def test_kept_hills_are_the_watershed_of_scikit_image_from_their_peaks(seed):
    """No two levels are equal, so nothing depends on an order."""
    rng = np.random.default_rng(seed)
    heights = ndimage.gaussian_filter(rng.standard_normal((9, 20, 25)), rng.uniform(0.3, 1))
    levels = 1 + np.argsort(np.argsort(heights.ravel())).reshape(heights.shape)
    levels[rng.random(levels.shape) < 0.1] = 0
    framed = np.pad(np.uint16(levels), 1)
    hills, peaks = find_hills(framed, neighbours=26)
    saddles = find_saddles(framed, hills, peaks, neighbours=26)
    parts, count = ndimage.label(np.pad(levels, 1), CUBE)
    highest = ndimage.maximum_position(framed, parts, range(1, count + 1))
    for share in (0.5, 0.2):  # the second time of those that the first time has left
        chosen = rng.choice(hills.max(), int(share * hills.max()), replace=False) + 1
        kept = np.union1d(chosen, hills[tuple(np.transpose(highest))])
        seeds = np.zeros(framed.shape, int)
        seeds[tuple(np.transpose(ndimage.maximum_position(framed, hills, kept)))] = np.arange(len(kept)) + 1
        saddles = keep_hills(framed, hills, saddles, rng.permutation(kept), neighbours=26)
        expected = segmentation.watershed(
            -np.pad(levels, 1), seeds, connectivity=CUBE, mask=np.pad(levels, 1) > 0
        )
        np.testing.assert_array_equal(hills, expected)
