import numpy as np
import pytest
from scipy import ndimage
from scipy.interpolate import RegularGridInterpolator

from synthem.kernels.bending import _region, bent_labels, bent_mask, between_nodes


def slow_mask(mask, regions, bend):
    """The same by scipy, whole planes at a time."""
    places = np.indices(mask.shape) + bend
    bent = ndimage.map_coordinates(mask.astype(np.float32), places, order=1, mode="mirror") > 0.5
    before = bent.copy()
    if regions.any():
        origin = ndimage.map_coordinates(with_nearest(regions), places, order=0, mode="mirror")
        for axis in (0, 1):
            apart = np.diff(origin, axis=axis) != 0
            line = np.moveaxis(bent, axis, 0)
            line[:-1] |= np.moveaxis(apart, axis, 0) & ~line[1:]
    return bent, bent & ~before


def with_nearest(regions, reach=8):
    """Each pixel gets the nearest part; of several the one less far along an axis, then the upper left."""
    offsets = [(y, x) for y in range(-reach, reach + 1) for x in range(-reach, reach + 1)]
    filled = regions.copy()
    for y, x in sorted(offsets, key=lambda at: (at[0] ** 2 + at[1] ** 2, max(abs(at[0]), abs(at[1])), *at)):
        moved = np.pad(regions, reach)[reach + y :, reach + x :][: regions.shape[0], : regions.shape[1]]
        filled = np.where(filled == 0, moved, filled)
    assert filled.all()
    return filled


def smooth(rng, shape, strength):
    field = np.stack([ndimage.gaussian_filter(rng.standard_normal(shape), 6) for _ in range(2)])
    return (field / field.std() * strength).astype(np.float32)


def honeycomb(rng, shape):
    """Thin walls between cells, torn by nothing: the places that are as near to two of some points."""
    points = rng.uniform(0, shape, (40, 2))
    distance = np.sort(np.hypot(*(np.indices(shape)[:, None] - points.T[..., None, None])), axis=0)
    return distance[1] - distance[0] < 1.2


@pytest.mark.parametrize("strength", [0, 2, 6, 60], ids="bent {} pixels".format)
@pytest.mark.parametrize("seed", range(4))
def test_a_bent_mask_is_that_of_scipy(seed, strength):
    rng = np.random.default_rng(seed)
    mask = honeycomb(rng, (90, 120))
    regions = ndimage.label(~mask)[0].astype(np.int32)
    bend = smooth(rng, mask.shape, strength or 1) * (strength > 0)
    (bent, drawn), (slow, slow_drawn) = bent_mask(mask, regions, bend), slow_mask(mask, regions, bend)
    assert (bent == slow).all() and (drawn == slow_drawn).all()
    assert strength == 0 or drawn.any()


def test_a_mask_moved_by_one_pixel_is_mirrored_at_the_border():
    mask = np.array([[0, 1, 0, 0, 1]], bool)
    regions = np.array([[1, 0, 2, 2, 0]], np.int32)
    right = np.stack([np.zeros((1, 5)), np.ones((1, 5))]).astype(np.float32)  # each takes its right neighbour
    bent, drawn = bent_mask(mask, regions, right)
    assert bent.tolist() == [[True, False, False, True, False]] and not drawn.any()
    assert bent_labels(regions.astype(np.uint32), right).tolist() == [[0, 2, 2, 0, 2]]


def test_a_line_between_two_samples_is_drawn_again():
    mask = np.array([[0, 0, 1, 0, 0]], bool)
    regions = np.array([[1, 1, 0, 2, 2]], np.int32)
    skipping = np.stack([np.zeros((1, 5)), [[0, 0, 1, 0, 0]]]).astype(
        np.float32
    )  # the line is seen by nobody
    bent, drawn = bent_mask(mask, regions, skipping)
    assert bent.tolist() == drawn.tolist() == [[False, True, False, False, False]]


@pytest.mark.parametrize("seed", range(3))
def test_bent_labels_are_those_of_scipy(seed):
    rng = np.random.default_rng(seed)
    labels = rng.integers(0, 2**32, (50, 70), np.uint32)
    bend = smooth(rng, labels.shape, 30)
    slow = ndimage.map_coordinates(labels, np.indices(labels.shape) + bend, order=0, mode="mirror")
    assert (bent_labels(labels, bend) == slow).all()


def test_a_pixel_inside_the_mask_belongs_to_a_nearest_part():
    rng = np.random.default_rng(0)
    regions = np.zeros((23, 31), np.int32)
    there = rng.integers(0, regions.size, 12)
    regions.flat[there] = 1 + np.arange(12)
    y, x = np.indices(regions.shape)
    for at in rng.integers(0, regions.shape, (60, 2)):
        away = np.where(regions > 0, (y - at[0]) ** 2 + (x - at[1]) ** 2, 10**6)
        assert away[regions == _region(regions, *at)].min() == away.min()


def test_between_nodes_a_field_is_linear():
    nodes = np.random.default_rng(0).standard_normal((5, 6))
    exact = RegularGridInterpolator((np.arange(5) * 3, np.arange(6) * 4), nodes)
    field = between_nodes(nodes, 3, 4, 12, 20)
    assert field.dtype == np.float32 and field.shape == (12, 20)
    assert field == pytest.approx(exact(np.moveaxis(np.indices((12, 20)), 0, -1)), abs=1e-6)
    assert (between_nodes(nodes, 1, 1, 4, 5) == nodes[:4, :5].astype(np.float32)).all()
