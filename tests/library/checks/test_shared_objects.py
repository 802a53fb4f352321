import numpy as np
import pytest
from scipy import ndimage

from synthem.checks.shared_objects import SharedInLabels, SharedInMask

BLOCKS = {"train": ((0, 4),), "test": ((6, 10),)}  # with a gap of two slices


def found_in(stack, kind=SharedInMask, blocks=BLOCKS, slices=None):
    objects = kind(blocks)
    for z in range(len(stack)) if slices is None else slices:
        objects.add(z, stack[z])
    return objects.summary()


def test_an_object_through_the_gap_is_shared_and_one_behind_it_is_not():
    mask = np.zeros((10, 8, 8), np.uint8)
    mask[3:8, 0:2, 0:2] = 1  # from the last train slice into two test slices: 8 voxels of it tested
    mask[7:10, 5, 5] = 1  # in the test block alone: 3
    mask[0:3, 5, 1] = 1  # in the train block alone
    mask[4:6, 2, 6] = 1  # in the gap alone
    mask[4:7, 7, 0] = 1  # in gap and test block: 1 voxel
    found = found_in(mask)
    assert (found.tested, found.shared, found.voxels, found.shared_voxels) == (3, 1, 12, 8)
    assert found.lengths == {5: 1, 3: 3, 2: 1}


def test_two_arms_that_meet_behind_the_gap_are_one_object():
    mask = np.zeros((10, 5, 9), np.uint8)
    mask[2:8, 2, 1] = 1  # from the train block on
    mask[6:8, 2, 7] = 1  # from the test block on
    mask[8, 2, 1:8] = 1
    found = found_in(mask)
    assert (found.tested, found.shared, found.voxels, found.shared_voxels) == (1, 1, 11, 11)
    assert found.lengths == {7: 1}


def test_missing_slices_part_objects():
    mask = np.ones((10, 2, 2), np.uint8)
    found = found_in(mask, slices=[0, 1, 2, 3, 5, 6, 7, 8, 9])
    assert (found.tested, found.shared) == (1, 0) and found.lengths == {4: 1, 5: 1}


def test_the_gap_that_is_advised_is_longer_than_19_of_20_objects():
    mask = np.zeros((10, 40, 3), np.uint8)
    for number in range(20):
        mask[:, 2 * number, 0] = np.arange(10) < (9 if number == 0 else 4 if number == 1 else 2)
    assert found_in(mask).longest() == 4
    assert found_in(np.zeros((10, 4, 4), np.uint8)).longest() == 0


@pytest.mark.parametrize("density", [0.03, 0.1, 0.2, 0.4])
def test_counts_are_those_of_the_whole_stack_labelled_at_once(density):
    mask = np.random.default_rng(5).random((10, 30, 31)) < density
    labels, count = ndimage.label(mask, np.ones((3, 3, 3)))
    tested, shared, voxels, shared_voxels, lengths = 0, 0, 0, 0, []
    for number in range(1, count + 1):
        own = labels == number
        there, learnt = int(own[6:].sum()), own[:4].any()
        tested, voxels = tested + (there > 0), voxels + there
        shared, shared_voxels = shared + (there > 0 and learnt), shared_voxels + there * learnt
        lengths.append(int(own.any((1, 2)).sum()))
    for found in (found_in(mask), found_in(labels, SharedInLabels)):
        assert (found.tested, found.shared, found.voxels, found.shared_voxels) == (
            tested,
            shared,
            voxels,
            shared_voxels,
        )
        assert sorted(found.lengths.elements()) == sorted(lengths)


def test_ids_are_objects_wherever_their_parts_lie():
    labels = np.zeros((10, 2, 2), np.uint32)
    labels[0, 0, 0] = labels[9, 1, 1] = 7
    found = found_in(labels, SharedInLabels, slices=[9, 0, 3])
    assert (found.tested, found.shared, found.shared_voxels, found.lengths) == (1, 1, 1, {10: 1})
