import itertools

import pytest

from synthem.errors import SynthemError
from synthem.splits import labelled_slices, split_slices


def test_ten_slices_are_five_train_gap_one_gap_two_test():
    blocks = split_slices(10, validation=0.1, test=0.2, gap_slices=1)
    assert blocks == {"train": (0, 5), "validation": (6, 7), "test": (8, 10)}


def test_blocks_never_meet_and_end_with_the_volume():
    for depth, gap in itertools.product(range(8, 60), range(3)):
        blocks = split_slices(depth, validation=0.15, test=0.25, gap_slices=gap)
        (start, a), (b, c), (d, end) = blocks.values()
        assert (start, b - a, d - c, end) == (0, gap, gap, depth)
        assert min(a - start, c - b, end - d) >= 1


def test_too_few_slices_are_refused_with_the_numbers():
    with pytest.raises(SynthemError, match="6 slices leave 0 to train on .* 2 x 2 gap") as caught:
        split_slices(6, validation=0.15, test=0.2, gap_slices=2)
    assert caught.value.code == "DATA_SPLIT"


def test_labelled_slices_are_the_first_part_of_the_training_block():
    blocks = {"train": (0, 10), "test": (12, 20)}
    assert labelled_slices(blocks, 0.3) == (0, 3)
    assert labelled_slices(blocks, 1.0) == (0, 10)


def test_a_fraction_leaves_at_least_one_slice():
    assert labelled_slices({"train": (0, 10)}, 0.001) == (0, 1)


def test_rounding_of_binary_numbers_adds_no_slice():
    # 0.07 * 100 is 7.000000000000001
    assert labelled_slices({"train": (0, 100)}, 0.07) == (0, 7)
