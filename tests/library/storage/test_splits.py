import itertools
import time

import pytest

from synthem.errors import SynthemError
from synthem.storage.splits import (
    labelled_slices,
    pictured_slices,
    ranges_of,
    slice_numbers,
    split_slices,
    spread_slices,
)

PLAIN = {"fold": 0, "own": {}}


def test_ten_slices_are_five_train_gap_one_gap_two_test():
    blocks = split_slices(10, validation=0.1, test=0.2, gap_slices=1, **PLAIN)
    assert blocks == {"train": ((0, 5),), "validation": ((6, 7),), "test": ((8, 10),)}


def test_blocks_never_meet_and_end_with_the_volume():
    for depth, gap in itertools.product(range(8, 60), range(3)):
        blocks = split_slices(depth, validation=0.15, test=0.25, gap_slices=gap, **PLAIN)
        ((start, a),), ((b, c),), ((d, end),) = blocks.values()
        assert (start, b - a, d - c, end) == (0, gap, gap, depth)
        assert min(a - start, c - b, end - d) >= 1


def test_folds_test_every_slice_once_and_keep_the_gap_on_both_sides():
    for depth, gap in ((20, 1), (23, 2), (40, 3)):
        tested = []
        for fold in range(1, 5):
            blocks = split_slices(depth, validation=0.1, test=0.25, gap_slices=gap, fold=fold, own={})
            numbers = {name: slice_numbers(block) for name, block in blocks.items()}
            tested += numbers["test"]
            for one, other in itertools.combinations(numbers.values(), 2):
                assert min(abs(a - b) for a in one for b in other) > gap
        assert sorted(tested) == list(range(depth))


def test_the_second_fold_of_four_trains_before_and_behind_what_it_tests():
    # 20 slices: test 5-9; validation of 2 before it with a gap of 1: 2-3; 4 and 10 are gaps, and 1.
    blocks = split_slices(20, validation=0.1, test=0.25, gap_slices=1, fold=2, own={})
    assert blocks == {"train": ((0, 1), (11, 20)), "validation": ((2, 4),), "test": ((5, 10),)}


def test_the_first_fold_tunes_behind_what_it_tests():
    blocks = split_slices(20, validation=0.1, test=0.25, gap_slices=1, fold=1, own={})
    assert blocks == {"train": ((9, 20),), "validation": ((6, 8),), "test": ((0, 5),)}


def test_stacks_of_their_own_follow_the_main_stack_and_need_no_gap():
    own = {"test": 4}
    blocks = split_slices(10, validation=0.2, test=0.25, gap_slices=1, fold=0, own=own)
    assert blocks == {"train": ((0, 7),), "validation": ((8, 10),), "test": ((10, 14),)}
    blocks = split_slices(
        10, validation=0.2, test=0.25, gap_slices=1, fold=0, own={"validation": 3, "test": 4}
    )
    assert blocks == {"train": ((0, 10),), "validation": ((10, 13),), "test": ((13, 17),)}


def test_one_slice_can_be_learnt_from_where_the_others_are_stacks_of_their_own():
    own = {"validation": 1, "test": 1}
    blocks = split_slices(1, validation=0.2, test=0.25, gap_slices=2, fold=0, own=own)
    assert blocks == {"train": ((0, 1),), "validation": ((1, 2),), "test": ((2, 3),)}


@pytest.mark.parametrize("depth, fold", [(6, 0), (1, 0), (3, 0), (8, 1), (8, 2), (8, 4)])
def test_too_few_slices_are_refused(depth, fold):
    with pytest.raises(SynthemError, match=f"{depth} slices leave 0 to train on") as caught:
        split_slices(depth, validation=0.4, test=0.25, gap_slices=2, fold=fold, own={})
    assert caught.value.code == "DATA_SPLIT"


def test_the_refusal_has_the_numbers():
    with pytest.raises(SynthemError, match="6 slices leave 0 to train on .* 2 x 2 gap"):
        split_slices(6, validation=0.15, test=0.2, gap_slices=2, **PLAIN)


def test_the_split_is_made_inside_the_labelled_slices_and_gaps_are_distances_in_z():
    # 11 of 60 are labelled: test round(.25 * 11) = 3, the last; 8 and 9 count from 8 on. With a gap of 2 the
    # validation of 2 ends before 6, and what trains before 2. Unlabelled slices of the spans 8-50 and 4-5 and
    # of their gaps are nobody's.
    blocks = split_slices(
        60, validation=0.15, test=0.25, gap_slices=2, labelled={"": [*range(10), 50]}, **PLAIN
    )
    assert blocks == {
        "train": ((0, 2),),
        "validation": ((4, 6),),
        "test": ((8, 10), (50, 51)),
        "unlabelled": ((53, 60),),
    }
    assert pictured_slices(blocks) == ((0, 2), (53, 60))


def test_labelled_slices_far_apart_lose_none_to_gaps():
    blocks = split_slices(
        100, validation=0.2, test=0.2, gap_slices=3, labelled={"": list(range(90, -1, -10))}, **PLAIN
    )
    numbers = {name: slice_numbers(block) for name, block in blocks.items()}
    unlabelled = numbers.pop("unlabelled")
    assert numbers == {"train": [0, 10, 20, 30, 40, 50], "validation": [60, 70], "test": [80, 90]}
    # away from 60 to 70 and 80 to 90 by more than 3
    assert unlabelled == [z for z in range(100) if z % 10 and (z < 57 or 73 < z < 77 or z > 93)]


def test_folds_test_every_labelled_slice_once_and_keep_the_gap():
    labelled, tested = [0, 1, 2, 3, 10, 11, 12, 20, 21, 30, 31, 32, 40, 41, 42, 43], []
    for fold in range(1, 5):
        blocks = split_slices(
            50, validation=0.1, test=0.25, gap_slices=2, fold=fold, own={}, labelled={"": labelled}
        )
        numbers = {name: slice_numbers(block) for name, block in blocks.items()}
        tested += numbers["test"]
        for scored in ("validation", "test"):
            span = range(numbers[scored][0] - 2, numbers[scored][-1] + 3)
            others = [z for name, block in numbers.items() if name != scored for z in block]
            assert not set(span) & set(others)
    assert sorted(tested) == labelled


def test_too_few_labelled_slices_are_refused_with_how_many_are_enough():
    # 6 in a row: 2 test, 1 validation, 2 x 2 gaps: 7 without any to train on, 8 with one.
    with pytest.raises(
        SynthemError, match="6 labelled slices leave 0 .*: 8 labelled slices in a row.*label more"
    ):
        split_slices(60, validation=0.15, test=0.25, gap_slices=2, labelled={"": list(range(6))}, **PLAIN)
    blocks = split_slices(
        60, validation=0.15, test=0.25, gap_slices=2, labelled={"": list(range(8))}, **PLAIN
    )
    assert blocks["train"] == ((0, 1),)


def test_without_a_test_block_all_but_validation_and_a_gap_is_learnt():
    blocks = split_slices(20, validation=0.15, test=0, gap_slices=2, fold=3, own={})
    assert blocks == {"train": ((0, 15),), "validation": ((17, 20),)}


def test_a_stack_of_its_own_may_be_labelled_in_a_few_slices():
    blocks = split_slices(
        10, validation=0.2, test=0.25, gap_slices=1, fold=0, own={"test": 9}, labelled={"test": [0, 4, 5]}
    )
    assert blocks == {"train": ((0, 7),), "validation": ((8, 10),), "test": ((10, 11), (14, 16))}


def test_labelled_slices_are_the_first_part_of_the_training_block():
    blocks = {"train": ((0, 10),), "test": ((12, 20),)}
    assert labelled_slices(blocks, 0.3) == ((0, 3),)
    assert labelled_slices(blocks, 1.0) == ((0, 10),)


def test_labelled_slices_go_on_behind_a_block_in_between():
    blocks = {"train": ((0, 4), (10, 16))}
    assert labelled_slices(blocks, 0.5) == ((0, 4), (10, 11))
    assert labelled_slices(blocks, 0.4) == ((0, 4),)


def test_a_fraction_leaves_at_least_one_slice():
    assert labelled_slices({"train": ((0, 10),)}, 0.001) == ((0, 1),)


def test_rounding_of_binary_numbers_adds_no_slice():
    # 0.07 * 100 is 7.000000000000001
    assert labelled_slices({"train": ((0, 100),)}, 0.07) == ((0, 7),)


def test_slices_are_spread_evenly_over_all_ranges():
    assert spread_slices(((0, 10),), 2) == [2, 7]
    assert spread_slices(((0, 2), (8, 10)), 2) == [1, 9]
    assert spread_slices(((3, 5),), 9) == [3, 4]


def test_ranges_and_slice_numbers_are_two_ways_to_say_the_same():
    assert ranges_of([0, 1, 2, 5, 7, 8]) == ((0, 3), (5, 6), (7, 9))
    assert slice_numbers(((0, 3), (5, 6), (7, 9))) == [0, 1, 2, 5, 7, 8]


def test_shares_that_no_number_of_slices_can_have_are_refused_at_once():
    """What the check asks of every fold; it took 30 s of searching."""
    start = time.process_time()
    with pytest.raises(SynthemError, match="DATA_SPLIT"):
        split_slices(10, validation=0.6, test=0.5, gap_slices=0, fold=0, own={})
    assert time.process_time() - start < 5
