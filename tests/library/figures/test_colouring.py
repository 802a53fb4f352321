from itertools import combinations

import numpy as np
import pytest

from synthem.figures.colouring import colour_labels, neighbour_pairs


def voronoi(shape, count, seed):
    rng = np.random.default_rng(seed)
    points = rng.uniform(0, shape, (count, 3))
    places = np.indices(shape).reshape(3, -1).T
    return (1 + ((places[:, None] - points) ** 2).sum(-1).argmin(1)).reshape(shape).astype(np.uint32)


def with_borders(labels):
    """A border of 0, one or two pixels wide, between the cells of each slice."""
    gaps = np.zeros(labels.shape, bool)
    gaps[:, :, 1:] |= labels[:, :, 1:] != labels[:, :, :-1]
    gaps[:, 1:] |= labels[:, 1:] != labels[:, :-1]
    return np.where(gaps, 0, labels)


def colour_of(labels, colours):
    """{id: colour}; fails if one id has two."""
    found = {}
    for label, colour in zip(labels.ravel().tolist(), colours.ravel().tolist(), strict=True):
        assert found.setdefault(label, colour) == colour
    return found


@pytest.mark.parametrize("borders", [False, True])
def test_neighbours_differ_and_six_colours_are_enough_for_a_slice(borders):
    for seed in range(5):
        labels = voronoi((1, 70, 80), 60, seed)
        cells = with_borders(labels) if borders else labels
        colour = colour_of(cells, colour_labels(cells, reach=2))
        touching = {(a, b) for a, b in zip(labels[:, :, 1:].ravel(), labels[:, :, :-1].ravel(), strict=True)}
        touching |= {(a, b) for a, b in zip(labels[:, 1:].ravel(), labels[:, :-1].ravel(), strict=True)}
        for a, b in touching:
            if a != b and not borders:
                assert colour[a] != colour[b]
        for a, b in neighbour_pairs(cells, 2):
            assert colour[a] != colour[b]
        assert max(colour.values()) <= 6
        assert colour.get(0, 0) == 0
        assert min(value for label, value in colour.items() if label) == 1


def test_a_cell_has_one_colour_and_differs_from_its_neighbours_in_every_slice():
    labels = voronoi((6, 20, 20), 30, 7)
    colours = colour_labels(labels, reach=0)
    colour_of(labels, colours)
    for axis in (1, 2):
        a, b = (np.take(labels, np.arange(i, labels.shape[axis] - 1 + i), axis) for i in (0, 1))
        c, d = (np.take(colours, np.arange(i, labels.shape[axis] - 1 + i), axis) for i in (0, 1))
        assert (c[a != b] != d[a != b]).all()
    above = np.array([[[1, 1]], [[2, 2]]])
    assert colour_labels(above, reach=3).tolist() == [[[1, 1]], [[1, 1]]], "never seen side by side"


@pytest.mark.parametrize(
    ("reach", "pairs"), [(0, []), (1, [[3, 9]]), (2, [[3, 9], [4, 9]]), (5, [[3, 9], [4, 9]])]
)
def test_reach_bridges_a_border_but_no_other_cell(reach, pairs):
    assert neighbour_pairs(np.array([[[9, 0, 3, 3]], [[0, 0, 0, 0]]]), reach).tolist() == pairs[:1]
    assert neighbour_pairs(np.array([[[3, 0, 9, 0, 0, 4]]]), reach).tolist() == pairs


def test_the_end_of_a_row_is_no_neighbour_of_the_next_one():
    assert neighbour_pairs(np.array([[[0, 0, 1], [0, 0, 0], [2, 0, 0]]]), 3).tolist() == []


def test_two_cells_that_do_not_touch_may_share_a_colour():
    assert colour_labels(np.array([[[5, 0, 0, 0, 8]]]), reach=1).tolist() == [[[1, 0, 0, 0, 1]]]


@pytest.mark.parametrize("shape", [(0, 4, 4), (1, 3, 3)])
def test_without_cells_there_are_no_colours(shape):
    empty = np.zeros(shape, np.uint32)
    assert not colour_labels(empty, reach=2).any()


def test_where_all_colours_are_taken_the_rarest_around_is_taken_again():
    """Five cells that all touch one another: each pair in a slice of its own."""
    touching = np.array([[pair] for pair in combinations(range(1, 6), 2)])
    chosen = colour_of(touching, colour_labels(touching, reach=0, most=3))
    assert sorted(list(chosen.values()).count(colour) for colour in (1, 2, 3)) == [1, 2, 2]
