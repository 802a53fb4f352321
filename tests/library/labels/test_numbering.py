import numpy as np
from scipy import ndimage

from synthem.labels.numbering import labelled, parts_in_slices, renumbered, without_small
from synthem.watershed.linking import link_slices


def label(stack):
    return ndimage.label(stack)[0].astype(np.uint32)


def test_slices_that_are_no_neighbours_have_instances_of_their_own():
    stack = np.array([[[1, 0, 1]], [[1, 0, 1]], [[0, 0, 0]], [[1, 1, 1]]])
    assert labelled(label, stack, linked=True)[:, 0].tolist() == [[1, 0, 2], [1, 0, 2], [0, 0, 0], [3, 3, 3]]
    assert labelled(label, stack, linked=False)[:, 0].tolist() == [[1, 0, 2], [3, 0, 4], [0, 0, 0], [5, 5, 5]]


def test_ids_go_on_in_the_order_of_the_old_ones():
    labels, highest = renumbered(np.array([[0, 70, 9], [9, 2**32 - 1, 0]], np.uint32), 3)
    assert labels.tolist() == [[0, 5, 4], [4, 6, 0]] and highest == 6 and labels.dtype == np.uint32


def test_a_slice_without_background_or_without_instances_is_numbered_too():
    assert renumbered(np.array([[8, 9]], np.uint32), 0)[0].tolist() == [[1, 2]]
    labels, highest = renumbered(np.zeros((1, 2), np.uint32), 7)
    assert labels.tolist() == [[0, 0]] and highest == 7


def squares(*sides):
    """A slice per side: one square from the corner on, ids going on; 0 is an empty slice."""
    labels = np.zeros((len(sides), 10, 10), np.uint32)
    for z, side in enumerate(sides):
        labels[z, :side, :side] = sum(side > 0 for side in sides[: z + 1])
    return labels


def test_instances_of_neighbouring_slices_are_one_from_an_iou_on():
    labels = squares(10, 8, 4)  # IoU 64 / 100, then 16 / 64
    assert np.unique(link_slices(labels.copy(), overlap=0.65)).tolist() == [0, 1, 2, 3]
    linked = link_slices(labels.copy(), overlap=0.64)
    assert linked.dtype == np.uint32
    assert [plane.max() for plane in linked] == [1, 1, 2]
    assert [plane.max() for plane in link_slices(labels.copy(), overlap=0.25)] == [1, 1, 1]
    np.testing.assert_array_equal(link_slices(labels.copy(), overlap=0), labels)


def test_an_empty_slice_ends_all_instances():
    assert [plane.max() for plane in link_slices(squares(5, 0, 5), overlap=0.1)] == [1, 0, 2]
    assert not link_slices(squares(0, 0), overlap=0.5).any()


def test_a_branch_makes_two_instances_one_and_ids_stay_in_reading_order():
    labels = np.zeros((2, 1, 9), np.uint32)
    labels[0, 0] = [1, 1, 1, 0, 2, 0, 3, 3, 3]
    labels[1, 0] = [4, 4, 4, 4, 0, 0, 0, 5, 5]
    labels[1, 0, 6] = 4
    # 4 has 5 voxels: 3 of 5 with id 1, 1 of 7 with id 3; 5 has 2 of 3 with id 3.
    linked = link_slices(labels, overlap=1 / 7)
    assert linked[0, 0].tolist() == [1, 1, 1, 0, 2, 0, 1, 1, 1]
    assert linked[1, 0].tolist() == [1, 1, 1, 1, 0, 0, 1, 1, 1]


def test_small_instances_go_and_the_others_keep_their_order():
    labels = np.uint32([[[1, 2, 2, 3, 4, 4, 4]]])
    assert without_small(labels.copy(), 2).tolist() == [[[0, 1, 1, 0, 2, 2, 2]]]
    assert without_small(labels.copy(), 0).tolist() == labels.tolist()


def test_the_parts_of_an_id_in_a_slice_are_told_apart():
    labels = np.uint32([[[7, 0, 7], [0, 0, 7]], [[7, 9, 9], [7, 0, 0]], [[1, 0, 0], [0, 1, 0]]])
    parts = parts_in_slices(labels)
    assert parts.dtype == np.uint32
    assert parts[0].tolist() == [[1, 0, 2], [0, 0, 2]]
    assert parts[1].tolist() == [[3, 4, 4], [3, 0, 0]]
    assert parts[2].tolist() == [[5, 0, 0], [0, 5, 0]]  # corners connect
