import numpy as np
from scipy import ndimage

from synthem.watershed.linking import labelled, renumbered


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
