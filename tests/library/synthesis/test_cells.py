import numpy as np
import pytest

from synthem.synthesis.cells import END, Cell, cut, grid_of, places_of

SHEET = {"data_sets": ["one", "two"], "panels": ["drawn"], "masks": 3, "noises": 2, "snapshots": [5, 9]}


def grid(rows, columns, **changes):
    return grid_of(SHEET | {"rows": rows, "columns": columns} | changes)


def test_what_is_no_axis_is_the_first_of_its_kind():
    rows, columns, cells = grid("data_sets", "masks")
    assert (rows, columns) == (2, 3)
    assert cells[0] == Cell("drawn", "one", 0, 0, END) and cells[5] == Cell("drawn", "two", 2, 0, END)
    assert [(c.step, c.noise) for c in grid("snapshots", "noise")[2]] == [(5, 0), (5, 1), (9, 0), (9, 1)]
    panels = grid("masks", "panels", panels=["real", "drawn"])[2]
    assert [(c.mask, c.panel) for c in panels[:3]] == [(0, "real"), (0, "drawn"), (1, "real")]


@pytest.mark.parametrize(("count", "shape"), [(48, (6, 8)), (12, (3, 4)), (5, (2, 3)), (1, (1, 2))])
def test_masks_twice_are_all_masks_in_lines(count, shape):
    rows, columns, cells = grid("masks", "masks", masks=count)
    assert (rows, columns) == shape and [cell.mask for cell in cells] == list(range(count))


def test_places_are_spread_over_slices_and_show_the_structure():
    mask = np.zeros((4, 40, 60), np.uint8)
    mask[:, 10:30, 20:50] = 1
    places = places_of(mask, count=8, size=16, words=(0, "a"))
    assert [place.z for place in places] == [0, 0, 1, 1, 2, 2, 3, 3]
    assert all(cut(mask, place, 16).any() and cut(mask, place, 16).shape == (16, 16) for place in places)
    assert len({place[1:] for place in places}) > 4
    assert places == places_of(mask, count=8, size=16, words=(0, "a"))
    assert places != places_of(mask, count=8, size=16, words=(1, "a"))


def test_a_slice_that_is_smaller_is_shown_whole():
    (place,) = places_of(np.ones((3, 20, 30), np.uint8), count=1, size=100, words=(0, "a"))
    assert place == (1, 0, 0) and cut(np.ones((3, 20, 30)), place, 100).shape == (20, 30)
