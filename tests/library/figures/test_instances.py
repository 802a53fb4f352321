from itertools import combinations

import numpy as np
import pytest
from matplotlib.figure import Figure

from synthem.figures import instances
from synthem.figures.segmentations import Replicate, found_text, segmentation_sheet, slice_ious
from synthem.figures.sheets import FALSE, MISSED, outline
from synthem.storage.volumes import Facts, Volume

TRUTH = np.array([[7, 7, 7, 0, 9, 9, 9, 0, 0, 0]])
LABELS = np.array([[2, 2, 0, 0, 0, 0, 0, 0, 5, 5]])


def test_a_label_has_the_colour_of_the_true_instance_it_matches():
    """Label 2 covers 2 of the 3 pixels of instance 7; 9 is missed; 5 lies on nothing."""
    compared = instances.compare_slice(LABELS, TRUTH, {7: 3, 9: 1})
    assert compared == ({2: 3, 5: instances.EXTRA}, [9], 1, 1)
    assert found_text(compared) == "1 of 2, 1 extra"


def test_half_of_an_instance_does_not_match_it():
    labels = np.array([[1, 0]])  # IoU 1/2
    compared = instances.compare_slice(labels, np.array([[4, 4]]), {4: 2})
    assert compared == ({1: instances.EXTRA}, [4], 0, 1)


def test_two_halves_of_a_cell_and_two_cells_in_one_are_errors():
    cell, halves = np.array([[3, 3, 3, 3]]), np.array([[1, 1, 2, 2]])
    assert instances.compare_slice(halves, cell, {3: 1}).extra == 2
    assert instances.compare_slice(cell, halves, {1: 1, 2: 2}).missed == [1, 2]


def test_an_instance_keeps_its_colour_in_all_slices_and_neighbours_differ():
    labels = np.array([[[4, 4, 8, 8]], [[4, 8, 8, 6]]])
    colours = instances.colours_of(labels)
    assert set(colours) == {4, 6, 8} and colours[4] != colours[8] != colours[6]
    numbers = instances.painted(labels[1], colours)
    assert numbers.tolist() == [[colours[4], colours[8], colours[8], colours[6]]]


def test_more_instances_than_colours_that_all_touch_are_still_coloured():
    count = len(instances.HUES) + 3
    pairs = list(combinations(range(1, count + 1), 2))  # a slice for each, which holds nothing else
    bars = np.array([[[one, other]] for one, other in pairs])
    assert set(instances.colours_of(bars).values()) == set(range(1, len(instances.HUES) + 1))


def test_no_colour_of_an_instance_is_that_of_an_error():
    assert all(a != b for a, b in combinations((*instances.HUES, MISSED, FALSE), 2))
    assert instances.PAINT[instances.EXTRA].tolist() == [213, 94, 0]  # vermillion of Okabe and Ito


def test_a_fill_mixes_colour_and_image_only_where_there_is_an_instance():
    rgb = np.full((1, 2, 3), 100, np.uint8)
    filled = instances.fill(rgb, np.array([[0, instances.EXTRA]]))
    assert filled.tolist() == [[[100, 100, 100], [145, 98, 60]]]  # 0.6 of 100 and 0.4 of (213, 94, 0)


def lines(axes):
    """{colour: number of closed lines} that contours drew."""
    drawn = {}
    for contour in axes.collections:
        colour = tuple(np.round(contour.get_edgecolor()[0][:3] * 255).astype(int).tolist())
        closed = sum(len(path.to_polygons(closed_only=False)) for path in contour.get_paths())
        drawn[colour] = drawn.get(colour, 0) + closed
    return drawn


def test_pieces_that_touch_have_a_line_each_though_they_share_a_colour():
    axes = Figure().add_subplot()
    pieces = np.repeat(np.repeat([[1, 2], [0, 3]], 4, 0), 4, 1)
    instances.outline_instances(axes, pieces, {1: instances.EXTRA, 2: instances.EXTRA, 3: 1})
    sky = (86, 180, 233)
    assert lines(axes) == {(213, 94, 0): 2, sky: 1}


@pytest.mark.parametrize("shape", [(1, 1), (1, 5), (4, 4)])
def test_an_instance_that_fills_the_slice_has_a_line_at_its_border(shape):
    axes = Figure().add_subplot()
    axes.imshow(np.zeros(shape))
    before = axes.get_xlim(), axes.get_ylim()
    instances.outline_instances(axes, np.ones(shape, int), {1: 1})
    outline(axes, np.ones(shape, int), "white")
    assert list(lines(axes).values()) == [1, 1]
    assert (axes.get_xlim(), axes.get_ylim()) == before  # the panel is not widened


def test_nothing_is_drawn_where_there_is_nothing():
    axes = Figure().add_subplot()
    instances.outline_instances(axes, np.zeros((3, 3), int), {})
    outline(axes, np.zeros((3, 3), int), "white")
    assert not axes.collections


def volume(*, labels=None, ignore=None, linked=True):
    mask = np.zeros((2, 1, 5), np.uint8)
    mask[:, :, :2] = mask[:, :, 4:] = 1
    facts = Facts((5.0, 5.0, 5.0), blocks={"test": ((0, 2),)}, linked=linked)
    given = {} if labels is None else {"cell": labels}
    unknown = {} if ignore is None else {"cell": ignore}
    return Volume(mask * 200, facts, {"cell": mask}, given, unknown)


def test_instances_are_the_given_labels_or_the_parts_of_the_mask():
    given = np.full((2, 1, 5), 3, np.uint32)
    assert (instances.true_instances(volume(labels=given), "cell") == 3).all()
    assert len(np.unique(instances.true_instances(volume(), "cell"))) == 1 + 2
    assert len(np.unique(instances.true_instances(volume(linked=False), "cell"))) == 1 + 4


def test_instances_in_unknown_ground_are_left_out():
    ignore = np.zeros((2, 1, 5), np.uint8)
    ignore[..., 4] = 1
    true = instances.true_instances(volume(ignore=ignore), "cell")
    assert (true[..., 4] == 0).all() and (true[..., :2] > 0).all()


def test_the_iou_of_a_slice_is_undefined_where_nothing_is_true_or_found():
    truth = np.array([[[1, 1, 0]], [[0, 0, 0]]])
    assert slice_ious(np.array([[[0, 1, 1]], [[0, 0, 0]]]), truth) == [pytest.approx(1 / 3), None]


@pytest.mark.parametrize(
    ("cells", "said"), [(True, ["missed", "extra"]), (False, ["missed", "extra", "border of true cell"])]
)
def test_true_borders_are_drawn_unless_cells_fill_the_slice(monkeypatch, cells, said):
    legend = []
    monkeypatch.setattr(
        "synthem.figures.segmentations.add_legend", lambda figure, entries: legend.extend(entries)
    )
    labels = np.zeros((2, 1, 5), np.uint32)
    labels[..., : 4 if cells else 2] = 1
    chosen = {"structure": "cell", "reference": "real"}
    found = Replicate({"real": labels[:1]}, {"real": [1.0, 0.5]}, {"best": 0}, {"real": labels[:1] > 0})
    segmentation_sheet(volume(labels=labels), found, **chosen)
    assert legend == said


def test_what_was_marked_and_not_kept_is_hatched_and_named(monkeypatch):
    """The arm marks the whole mask; of its two parts in a slice the second is in no label."""
    legend, hatched = [], []
    place = "synthem.figures.segmentations"
    monkeypatch.setattr(f"{place}.add_legend", lambda figure, entries: legend.extend(entries))
    monkeypatch.setattr(f"{place}.hatch", lambda rgb, dropped: hatched.append(dropped.tolist()) or rgb)
    own = volume()
    marked = own.masks["cell"][:1] > 0
    kept = marked.astype(np.uint32)
    kept[..., 2:] = 0
    for labels in (kept, marked.astype(np.uint32)):
        found = Replicate({"real": labels}, {"real": [1.0, 0.5]}, {"best": 0}, {"real": marked})
        segmentation_sheet(own, found, structure="cell", reference="real")
    assert hatched == [[[False, False, False, False, True]], [[False] * 5]]
    assert legend.count("marked, not kept") == 1
