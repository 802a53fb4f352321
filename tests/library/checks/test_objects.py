import numpy as np
import pytest
from scipy import ndimage

from synthem.checks.objects import ObjectsInLabels, ObjectsInMask


def counted(mask, blocks, *, linked=True, slices=None):
    """Objects of the blocks; only some slices are added where `slices` says so."""
    objects = ObjectsInMask(blocks, linked=linked)
    for z in range(len(mask)) if slices is None else slices:
        objects.add(z, mask[z])
    return objects.counts()


def test_two_arms_that_meet_in_a_later_slice_are_one_object_and_two_in_a_block_that_ends_before():
    mask = np.zeros((4, 5, 9), np.uint8)
    mask[:3, 2, 1] = mask[:3, 2, 7] = 1
    mask[3, 2, 1:8] = 1
    assert counted(mask, {"all": ((0, 4),), "first": ((0, 3),), "last": ((3, 4),)}) == {
        "all": 1,
        "first": 2,
        "last": 1,
    }


def test_an_object_that_splits_again_stays_one():
    mask = np.zeros((5, 5, 9), np.uint8)
    mask[0, 2, 1:8] = 1
    mask[1:4, 2, 1] = mask[1:4, 2, 7] = 1
    mask[4, 2, 7] = 1
    assert counted(mask, {"all": ((0, 5),)}) == {"all": 1}


def test_corners_touch_and_missing_slices_part():
    mask = np.zeros((4, 4, 4), np.uint8)
    mask[0, 0, 0] = mask[1, 1, 1] = mask[3, 2, 2] = 1
    assert counted(mask, {"all": ((0, 4),)}) == {"all": 2}
    mask[2, 1, 1] = 1
    blocks = {"all": ((0, 4),), "scattered": ((0, 2), (3, 4))}
    assert counted(mask, blocks) == {"all": 1, "scattered": 2}
    assert counted(mask, {"all": ((0, 4),)}, slices=[0, 1, 3]) == {"all": 2}


def test_tiles_are_counted_one_by_one():
    mask = np.ones((3, 4, 4), np.uint8)
    assert counted(mask, {"all": ((0, 3),)}, linked=False) == {"all": 3}


@pytest.mark.parametrize("density", [0.02, 0.08, 0.15, 0.5])
def test_counts_are_those_of_the_whole_block_labelled_at_once(density):
    mask = np.random.default_rng(3).random((24, 20, 22)) < density
    blocks = {"one": ((0, 11),), "two": ((13, 24),), "three": ((2, 5), (8, 20)), "all": ((0, 24),)}
    expected = {
        name: sum(ndimage.label(mask[first:end], np.ones((3, 3, 3)))[1] for first, end in block)
        for name, block in blocks.items()
    }
    assert counted(mask, blocks) == expected


def test_labels_count_by_their_numbers_wherever_they_lie():
    labels = np.zeros((4, 3, 3), np.uint32)
    labels[0, 0], labels[2, 1], labels[3, 2] = 7, 7, [0, 4, 4]
    for linked, expected in ((True, {"all": 2, "end": 2}), (False, {"all": 3, "end": 2})):
        objects = ObjectsInLabels({"all": ((0, 4),), "end": ((2, 4),)}, linked=linked)
        for z in (3, 0, 1, 2):
            objects.add(z, labels[z])
        assert objects.counts() == expected


def test_a_block_may_be_a_stack_of_another_size():
    """The next slice then has another shape; nothing in it goes on from the one before."""
    objects = ObjectsInMask({"train": ((0, 2),), "test": ((2, 4),)}, linked=True)
    for z, side in enumerate((9, 9, 5, 5)):
        objects.add(z, np.ones((side, side), np.uint8))
    assert objects.counts() == {"train": 1, "test": 1}


def cross(depth, side=20):
    """A row and a column through all of each slice, and beside them one pixel."""
    mask = np.zeros((depth, side, side), np.uint8)
    mask[:, 4] = mask[:, :, 7] = mask[:, 12, 12] = 1
    return mask


def sheet_in(mask):
    objects = ObjectsInMask({"all": ((0, len(mask)),)}, linked=True)
    for z, plane in enumerate(mask):
        objects.add(z, plane)
    return objects.sheet


def test_what_reaches_all_four_sides_in_most_slices_is_a_sheet():
    mask = cross(4)
    mask[2:, 3:6, 6:9] = 0  # cut in four: no part reaches all sides
    mask[3] = 0  # two slices of three with any of it
    assert sheet_in(mask)
    mask[1, 3:6, 6:9] = 0  # one of three
    assert not sheet_in(mask)
    assert not sheet_in(mask * 0)


def test_a_part_within_a_twentieth_of_a_side_reaches_it():
    mask = cross(1, side=40)  # two pixels are near
    mask[0, 4, 39] = 0
    assert sheet_in(mask)
    mask[0, 4, 38] = 0
    assert not sheet_in(mask)


def test_numbered_objects_are_no_sheet():
    assert not ObjectsInLabels({"all": ((0, 1),)}, linked=True).sheet
