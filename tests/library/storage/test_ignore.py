import numpy as np

from synthem.storage.ignore import blanked, either, only_known, plane

LEFT, RIGHT = np.uint8([[1, 0, 0]]), np.uint8([[0, 0, 1]])


def test_unknown_in_one_is_unknown():
    assert either(LEFT, None, RIGHT).tolist() == [[1, 0, 1]]
    assert either(None, LEFT) is LEFT
    assert either(None, None) is either() is None


def test_known_voxels_are_left_in_a_row():
    assert only_known(np.array([[7, 8, 9]]), LEFT).tolist() == [8, 9]


def test_labels_are_none_where_nobody_knows_and_keep_their_type():
    labels = np.uint32([[4, 5, 6]])
    assert blanked(labels, RIGHT).tolist() == [[4, 5, 0]]
    assert blanked(labels, RIGHT).dtype == np.uint32


def test_where_all_is_known_nothing_is_touched():
    array = np.array([[7, 8, 9]])
    assert only_known(array, None) is blanked(array, None) is array
    assert plane(None, 3) is None and plane(LEFT, 0).tolist() == [1, 0, 0]
