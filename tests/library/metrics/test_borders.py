import numpy as np
import pytest
from scipy import ndimage

from synthem.metrics.borders import near_borders, with_thin_borders, without_borders


def plane(*rows):
    return np.array(rows, np.uint32)


def scattered_labels(random, share):
    """Few labelled pixels in free ground."""
    return np.where(random.random((9, 11)) < share, random.integers(1, 5, (9, 11)), 0).astype(np.uint32)


def nearest_labels(labels):
    """The slow reference: each free pixel looks at all labelled ones; the first of the nearest wins."""
    seeds = np.argwhere(labels > 0)
    filled = labels.copy()
    for y, x in np.argwhere(labels == 0):
        steps = np.abs(seeds - (y, x)).sum(axis=1)
        filled[y, x] = labels[tuple(seeds[steps.argmin()])]
    return filled


@pytest.mark.parametrize("share", [0.02, 0.1, 0.9])
def test_labels_grow_to_the_nearest_as_a_search_over_all_pixels_says(share):
    random = np.random.default_rng(0)
    for _ in range(20):
        labels = scattered_labels(random, share)
        if labels.any():
            assert np.array_equal(without_borders(labels), nearest_labels(labels))


def test_a_border_is_shared_out_from_both_sides():
    assert without_borders(plane([4, 0, 0, 9])).tolist() == [[4, 4, 9, 9]]


def test_at_equal_distance_the_label_that_comes_first_wins():
    assert without_borders(plane([4, 0, 9])).tolist() == [[4, 4, 9]]


def test_a_section_without_labels_stays_empty():
    assert not without_borders(np.zeros((3, 4), np.uint32)).any()
    assert not with_thin_borders(np.zeros((3, 4), np.uint32)).any()


def test_thin_borders_are_one_pixel_wide():
    thin = with_thin_borders(plane([4, 0, 0, 0, 0, 9]))
    assert thin.tolist() == [[4, 4, 0, 9, 9, 9]]


def test_thin_borders_leave_labels_as_they_are_and_apart_if_they_were():
    random = np.random.default_rng(3)
    for _ in range(50):
        labels = scattered_labels(random, 0.05)
        thin = with_thin_borders(labels)
        assert np.array_equal(thin[labels > 0], labels[labels > 0])
        for before, after, was_before, was_after in (
            (thin[:-1], thin[1:], labels[:-1], labels[1:]),
            (thin[:, :-1], thin[:, 1:], labels[:, :-1], labels[:, 1:]),
        ):
            touch = (before != after) & (before > 0) & (after > 0)
            assert (touch <= ((was_before > 0) & (was_after > 0))).all()


def test_a_lonely_label_has_no_border():
    assert with_thin_borders(plane([0, 7, 0, 0])).tolist() == [[7, 7, 7, 7]]


def test_25_nm_are_5_pixels_of_5_nm_from_both_sides_of_a_boundary():
    labels = plane([1] * 10 + [2] * 10)
    # Pixels 9 and 10 differ from a neighbour: distance 0.
    assert near_borders(labels, 25.0, (5.0, 5.0))[0].tolist() == [False] * 4 + [True] * 12 + [False] * 4


@pytest.mark.parametrize("pixel_nm", [(4.0, 4.0), (5.0, 5.0), (3.0, 7.0), (30.0, 10.0)])
def test_near_borders_are_those_of_a_distance_transform(pixel_nm):
    random = np.random.default_rng(5)
    for size in (1, 4, 20):
        labels = np.kron(random.integers(0, 3, (3, 4)), np.ones((size, size), int)).astype(np.uint32)
        differs = np.zeros(labels.shape, bool)
        for y, x in np.ndindex(labels.shape):
            for v, u in ((y - 1, x), (y + 1, x), (y, x - 1), (y, x + 1)):
                if 0 <= v < labels.shape[0] and 0 <= u < labels.shape[1]:
                    differs[y, x] |= labels[v, u] != labels[y, x]
        away = ndimage.distance_transform_edt(~differs, sampling=pixel_nm)
        assert np.array_equal(near_borders(labels, 25.0, pixel_nm), away <= 25.0 + 1e-6)


def test_a_section_of_one_cell_has_no_border():
    assert not near_borders(np.ones((4, 4), np.uint32), 25.0, (5.0, 5.0)).any()
