from collections import deque

import numpy as np
import pytest
from scipy import ndimage
from skimage import segmentation

from synthem.kernels import hills as module
from synthem.kernels.hills import HIGHEST, find_hills, find_saddles, levels_of
from synthem.kernels.neighbourhoods import framed_shape, steps_to, within_frame

# The last one is looked at in several parts, which end within its rows.
KINDS = [(26, (5, 8, 9)), (6, (4, 9, 8)), (8, (2, 12, 14)), (26, (2, 3, 500))]


def hills_of(levels, neighbours=26, threads=1):
    """Hills without the frame, peaks and saddles of whole levels [Z, Y, X]."""
    framed = np.zeros(framed_shape(np.shape(levels), neighbours), np.uint16)
    how = {"neighbours": neighbours, "threads": threads}
    within_frame(framed, neighbours)[...] = levels
    hills, peaks = find_hills(framed, **how)
    saddles = find_saddles(framed, hills, peaks, **how)
    return within_frame(hills, neighbours), peaks.tolist(), saddles.tolist()


def landscape(shape, seed, *, ties):
    """Smooth random levels with places of level 0; few levels, or each voxel one of its own."""
    rng = np.random.default_rng(seed)
    heights = ndimage.gaussian_filter(rng.standard_normal(shape), (0.3, 0.7, 0.7))
    ranks = 1 + np.argsort(np.argsort(heights.ravel(), kind="stable")).reshape(shape)
    return np.where(rng.random(shape) < 0.1, 0, -(-ranks * 7 // ranks.size) if ties else ranks)


def slow_hills(levels, neighbours):
    """Level by level from the highest down, voxel by voxel, with dictionaries."""
    hills, peaks = {}, [0]

    def around(voxel):
        return [tuple(np.add(voxel, step)) for step in steps_to(neighbours)]

    def spread(queue):
        while queue:
            voxel = queue.popleft()
            for other in around(voxel):
                if other in here and other not in hills:
                    hills[other] = hills[voxel]
                    queue.append(other)

    for level in sorted(set(levels[levels > 0].tolist()), reverse=True):
        here = dict.fromkeys(map(tuple, np.argwhere(levels == level).tolist()))
        up = {v: [o for o in around(v) if o in hills] for v in here}
        hills |= {v: hills[max(higher, key=lambda o: levels[o])] for v, higher in up.items() if higher}
        beside = {v: [o for o in around(v) if o in here and o in hills] for v in here if v not in hills}
        ring = {v: hills[flat[0]] for v, flat in beside.items() if flat}
        hills |= ring
        spread(deque(ring))
        for voxel in here:
            if voxel not in hills:
                hills[voxel] = len(peaks)
                peaks.append(level)
                spread(deque([voxel]))
    result = np.zeros(levels.shape, int)
    for voxel, hill in hills.items():
        result[voxel] = hill
    return result, peaks


def test_a_voxel_belongs_to_its_highest_neighbour_and_hills_meet_at_the_saddle():
    hills, peaks, saddles = hills_of([[[1, 3, 2, 5, 1]]])
    assert hills.tolist() == [[[2, 2, 1, 1, 1]]]
    assert peaks == [0, 5, 3]
    assert saddles == [[1, 2, 2]]


def test_what_is_flat_is_shared_in_its_middle():
    hills, peaks, saddles = hills_of([[[5, 2, 2, 2, 2, 4]]])
    assert hills.tolist() == [[[1, 1, 1, 2, 2, 2]]]
    assert peaks == [0, 5, 4]
    assert sorted(saddles[0][:2]) == [1, 2] and saddles[0][2] == 2
    assert hills_of([[[4, 2, 2, 2, 5]]])[0].tolist() == [[[2, 2, 2, 1, 1]]], "the left one among equals"


def test_a_flat_top_is_one_peak_and_equal_peaks_are_numbered_in_their_order():
    hills, peaks, saddles = hills_of([[[3, 3, 1, 3]]])
    assert hills.tolist() == [[[1, 1, 1, 2]]]
    assert (peaks, saddles) == ([0, 3, 3], [[1, 2, 1]])
    assert hills_of([[[7, 7], [7, 7]]])[0].tolist() == [[[1, 1], [1, 1]]]


def test_level_zero_parts_the_landscape_and_nothing_is_no_landscape():
    hills, peaks, saddles = hills_of([[[2, 0, 3]]])
    assert (hills.tolist(), peaks, saddles) == ([[[2, 0, 1]]], [0, 3, 2], [])
    hills, peaks, saddles = hills_of([[[0, 0]]])
    assert (hills.tolist(), peaks, saddles) == ([[[0, 0]]], [0], [])


def test_corners_touch_with_26_neighbours_and_slices_do_not_with_8():
    corner = [[[2, 0], [0, 0]], [[0, 0], [0, 1]]]
    assert hills_of(corner, 26)[1] == [0, 2]
    assert hills_of(corner, 6)[1] == [0, 2, 1]
    assert hills_of([[[2]], [[3]]], 8)[0].tolist() == [[[2]], [[1]]]


@pytest.mark.parametrize("ties", [False, True])
@pytest.mark.parametrize(("neighbours", "shape"), KINDS)
def test_hills_are_those_of_a_flood_level_by_level(neighbours, shape, ties):
    for seed in range(6 if np.prod(shape) < 1000 else 1):
        levels = landscape(shape, seed, ties=ties)
        padded = np.pad(levels, 1)  # so that nothing around a voxel lies outside of the array
        expected, peaks = slow_hills(padded, neighbours)
        hills, found, _ = hills_of(levels, neighbours)
        np.testing.assert_array_equal(hills, expected[1:-1, 1:-1, 1:-1])
        assert found == peaks


@pytest.mark.parametrize("seed", range(4))
def test_without_equal_levels_hills_are_the_basins_of_scikit_image(seed):
    levels = landscape((8, 20, 25), seed, ties=False)
    hills, peaks, _ = hills_of(levels)
    seeds = np.where(np.isin(levels, peaks) & (levels > 0), hills, 0)
    basins = segmentation.watershed(-levels, seeds, connectivity=np.ones((3, 3, 3)), mask=levels > 0)
    np.testing.assert_array_equal(hills, basins)


@pytest.mark.parametrize("ties", [False, True])
@pytest.mark.parametrize("neighbours", [6, 26])
def test_at_every_level_hills_and_saddles_hang_together_like_the_voxels(neighbours, ties):
    """Each peak above a level begins a part of it, and each saddle above it makes one of two."""
    cube = ndimage.generate_binary_structure(3, 1 if neighbours == 6 else 3)
    for seed in range(8):
        levels = landscape((5, 8, 9), seed, ties=ties)
        hills, peaks, saddles = hills_of(levels, neighbours)
        heights = [level for _, _, level in saddles]
        assert heights == sorted(heights, reverse=True)
        for level in range(1, levels.max() + 1):
            parts, count = ndimage.label(levels >= level, cube)
            assert count == np.sum(np.array(peaks) >= level) - np.sum(np.array(heights) >= level)
            for one, other, height in saddles:
                if height >= level:
                    first, second = (parts[(hills == hill) & (levels >= level)] for hill in (one, other))
                    assert set(first) == set(second)


@pytest.mark.parametrize("ties", [False, True])
@pytest.mark.parametrize("neighbours", [6, 8, 26])
def test_threads_change_nothing(neighbours, ties):
    """Stretches of a thread end within rows, and hills of few levels reach through several."""
    levels = landscape((9, 40, 50), 3, ties=ties)
    hills, *others = hills_of(levels, neighbours)
    for threads in (2, 5):
        shared, *found = hills_of(levels, neighbours, threads)
        np.testing.assert_array_equal(shared, hills)
        assert found == others


def test_places_of_64_bits_give_the_same(monkeypatch):
    levels = landscape((5, 20, 20), 0, ties=True)
    hills, peaks, saddles = hills_of(levels)
    monkeypatch.setattr(module, "SHORT", 0)
    wide, *others = hills_of(levels)
    assert (hills.dtype, wide.dtype) == (np.int32, np.int64)
    np.testing.assert_array_equal(hills, wide)
    assert [peaks, saddles] == others


def test_levels_are_counted_from_the_lowest_voxel_of_the_mask():
    heights = np.float32([[[-3, 0.5, 1.0, 1.26, 2.5]]])
    mask = np.array([[[False, True, True, True, True]]])
    levels, step = levels_of(heights, mask, finest=0.5, neighbours=8, threads=2)
    assert step == 0.5
    assert levels.dtype == np.uint16
    assert levels.tolist() == [[[0] * 7, [0, 0, 1, 2, 3, 5, 0], [0] * 7]]  # 1.26 is 1.52 steps above 0.5


def test_levels_are_coarser_where_16_bits_would_not_do():
    heights = np.array([[[0.0, 1.0, 1e6]]])
    levels, step = levels_of(heights, np.ones_like(heights, bool), finest=0.01, neighbours=8)
    assert step == pytest.approx(1e6 / 65534)
    assert levels[0, 1].tolist() == [0, 1, 1, HIGHEST, 0]
