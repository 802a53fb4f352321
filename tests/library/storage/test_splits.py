import itertools
import time

import pytest

from synthem.errors import SynthemError
from synthem.storage.splits import (
    gap_in_slices,
    pictured_slices,
    ranges_of,
    ranges_within,
    slice_numbers,
    split_slices,
    spread_slices,
)

PLAIN = {"fold": 0, "own": {}}


def test_ten_slices_are_seven_to_train_a_gap_and_two_to_test():
    assert split_slices(10, test=0.2, gap_slices=1, **PLAIN) == {"train": ((0, 7),), "test": ((8, 10),)}


def test_a_stack_without_labels_is_its_own_test_block():
    assert split_slices(10, test=1, gap_slices=0, **PLAIN) == {"test": ((0, 10),)}


def test_blocks_never_meet_and_end_with_the_volume():
    for depth, gap in itertools.product(range(8, 60), range(3)):
        ((start, a),), ((b, end),) = split_slices(depth, test=0.25, gap_slices=gap, **PLAIN).values()
        assert (start, b - a, end) == (0, gap, depth)
        assert min(a - start, end - b) >= 1


def test_folds_test_every_slice_once_and_keep_the_gap_on_both_sides():
    for depth, gap in ((20, 1), (23, 2), (40, 3)):
        tested = []
        for fold in range(1, 5):
            blocks = split_slices(depth, test=0.25, gap_slices=gap, fold=fold, own={})
            numbers = {name: slice_numbers(block) for name, block in blocks.items()}
            tested += numbers["test"]
            assert min(abs(a - b) for a in numbers["train"] for b in numbers["test"]) == gap + 1
        assert sorted(tested) == list(range(depth))


def test_the_second_fold_of_four_trains_before_and_behind_what_it_tests():
    # 20 slices: test 5-9, with a gap of 1 on both sides
    blocks = split_slices(20, test=0.25, gap_slices=1, fold=2, own={})
    assert blocks == {"train": ((0, 4), (11, 20)), "test": ((5, 10),)}


def test_a_gap_of_nm_is_never_narrower_than_asked_for():
    assert [gap_in_slices(100, size) for size in (50, 40, 5, 101)] == [2, 3, 20, 1]
    assert gap_in_slices(0, 5) == 0
    # 0.7 / 0.1 is 6.999999999999999 and 0.3 / 0.1 is 2.9999999999999996, 0.6 / 0.2 is 2.9999999999999996
    assert [gap_in_slices(0.7, 0.1), gap_in_slices(0.6, 0.2)] == [7, 3]
    # 2.1 / 0.7 is 3.0000000000000004: no fourth slice
    assert gap_in_slices(2.1, 0.7) == 3
    # NIfTI has 32 bits for 50e-6 m, a config six digits for 2 x 33.333333 nm
    assert [gap_in_slices(100, 49.999999), gap_in_slices(66.6667, 33.333333)] == [2, 2]
    assert gap_in_slices(100.1, 50) == 3


def test_a_test_stack_of_its_own_follows_the_main_stack_and_needs_no_gap():
    blocks = split_slices(10, test=0.25, gap_slices=1, fold=0, own={"test": 4})
    assert blocks == {"train": ((0, 10),), "test": ((10, 14),)}


def test_a_validation_stack_of_its_own_is_labelled_data_that_never_grows_together_with_the_main_stack():
    blocks = split_slices(10, test=0.2, gap_slices=1, fold=0, own={"validation": 3})
    assert blocks == {"train": ((0, 7), (10, 13)), "test": ((8, 10),)}
    blocks = split_slices(10, test=0.25, gap_slices=1, fold=0, own={"validation": 3, "test": 4})
    assert blocks == {"train": ((0, 10), (10, 13)), "test": ((13, 17),)}


def test_one_slice_can_be_learnt_from_where_the_test_block_is_a_stack_of_its_own():
    blocks = split_slices(1, test=0.25, gap_slices=2, fold=0, own={"test": 1})
    assert blocks == {"train": ((0, 1),), "test": ((1, 2),)}


@pytest.mark.parametrize("depth, fold", [(3, 0), (1, 0), (2, 0), (4, 2), (4, 3)])
def test_too_few_slices_are_refused(depth, fold):
    words = "1 slice leaves 0 to train on" if depth == 1 else f"{depth} slices leave 0 to train on"
    with pytest.raises(SynthemError, match=words) as caught:
        split_slices(depth, test=0.25, gap_slices=2, fold=fold, own={})
    assert caught.value.code == "DATA_SPLIT"


def test_the_refusal_has_the_numbers_and_how_many_are_enough():
    # 22 slices: 6 (22 / 4 = 5.5, rounded to the even 6) to test, 16 in the gap, none left. Of 23, 6 are
    # tested (round(5.75)), and 23 - 6 - 16 = 1 is left.
    with pytest.raises(SynthemError, match="22 slices leave 0 .* 6 test and 16 gap.*: 23 slices in a row"):
        split_slices(22, test=0.25, gap_slices=16, **PLAIN)
    assert split_slices(23, test=0.25, gap_slices=16, **PLAIN)["train"] == ((0, 1),)


def test_the_split_is_made_inside_the_labelled_slices_and_gaps_are_distances_in_z():
    # 11 of 60 are labelled: test round(.25 * 11) = 3, the last; 8 and 9 count from 8 on. With a gap of 2 what
    # trains ends before 6. Unlabelled slices of the span 8-50 and of its gaps are nobody's.
    blocks = split_slices(60, test=0.25, gap_slices=2, labelled={"": [*range(10), 50]}, **PLAIN)
    assert blocks == {"train": ((0, 6),), "test": ((8, 10), (50, 51)), "unlabelled": ((53, 60),)}
    assert pictured_slices(blocks) == ((0, 6), (53, 60))


def test_labelled_slices_far_apart_lose_none_to_gaps():
    labelled = {"": list(range(90, -1, -10))}
    blocks = split_slices(100, test=0.2, gap_slices=3, labelled=labelled, **PLAIN)
    numbers = {name: slice_numbers(block) for name, block in blocks.items()}
    unlabelled = numbers.pop("unlabelled")
    assert numbers == {"train": [0, 10, 20, 30, 40, 50, 60, 70], "test": [80, 90]}
    # away from 80 to 90 by more than 3
    assert unlabelled == [z for z in range(100) if z % 10 and (z < 77 or z > 93)]


def test_folds_test_every_labelled_slice_once_and_keep_the_gap():
    labelled, tested = [0, 1, 2, 3, 10, 11, 12, 20, 21, 30, 31, 32, 40, 41, 42, 43], []
    for fold in range(1, 5):
        blocks = split_slices(50, test=0.25, gap_slices=2, fold=fold, own={}, labelled={"": labelled})
        numbers = {name: slice_numbers(block) for name, block in blocks.items()}
        tested += numbers["test"]
        span = range(numbers["test"][0] - 2, numbers["test"][-1] + 3)
        assert not set(span) & set(numbers["train"] + numbers["unlabelled"])
    assert sorted(tested) == labelled


def test_without_a_test_block_everything_is_learnt():
    assert split_slices(20, test=0, gap_slices=2, fold=3, own={}) == {"train": ((0, 20),)}


def test_a_stack_of_its_own_may_be_labelled_in_a_few_slices():
    own = {"validation": 5, "test": 9}
    labelled = {"validation": [1, 3, 4], "test": [0, 4, 5]}
    blocks = split_slices(10, test=0.25, gap_slices=1, fold=0, own=own, labelled=labelled)
    assert blocks == {"train": ((0, 10), (11, 12), (13, 15)), "test": ((15, 16), (19, 21))}


def test_slices_are_spread_evenly_over_all_ranges():
    assert spread_slices(((0, 10),), 2) == [2, 7]
    assert spread_slices(((0, 2), (8, 10)), 2) == [1, 9]
    assert spread_slices(((3, 5),), 9) == [3, 4]


def test_ranges_and_slice_numbers_are_two_ways_to_say_the_same():
    assert ranges_of([0, 1, 2, 5, 7, 8]) == ((0, 3), (5, 6), (7, 9))
    assert slice_numbers(((0, 3), (5, 6), (7, 9))) == [0, 1, 2, 5, 7, 8]


def test_ranges_within_a_block_end_where_its_stacks_do():
    assert ranges_within(((0, 10), (10, 13)), [7, 8, 9, 10, 12]) == ((7, 10), (10, 11), (12, 13))
    assert ranges_within(((0, 10), (10, 13)), []) == ()


def test_shares_that_no_number_of_slices_can_have_are_refused_at_once():
    """What the check asks of every fold; it took 30 s of searching."""
    start = time.process_time()
    with pytest.raises(SynthemError, match="DATA_SPLIT"):
        split_slices(10, test=0.999, gap_slices=5, fold=0, own={})
    assert time.process_time() - start < 5
