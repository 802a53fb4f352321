from types import SimpleNamespace

import numpy as np
import pytest

from synthem.errors import SynthemError
from synthem.ingest.marks import conversion_of, histogram_of, shares
from synthem.ingest.pieces import Placement


def stack_of(array):
    about = {"source": "a.tif", "dtype": array.dtype, "shape": array.shape, "lossy": False}
    return SimpleNamespace(step=len(array), read=lambda a, b: array[a:b], **about)


def every(stack):
    return Placement(np.arange(stack.shape[0]))


def read(group, array, levels=None, **entry):
    """(marks, unknown, relabelled) of an array as a file would give them."""
    array = np.asarray(array).reshape(1, 1, -1)
    stack = stack_of(array)
    filled = {"foreground": "bright", "background": [], "ignore": []} | entry
    conversion = conversion_of(group, filled, stack, every(stack))
    marks, unknown = conversion.marks(array), conversion.unknown(array)
    assert marks.dtype == conversion.dtype == (np.uint32 if group == "labels" else np.uint8)
    return (
        marks.ravel().tolist(),
        None if unknown is None else unknown.ravel().tolist(),
        conversion.relabelled,
    )


def mask(array, **entry):
    return read("masks", array, **entry)[0]


@pytest.mark.parametrize("dtype", [np.uint8, np.int16, np.uint64, np.float32])
@pytest.mark.parametrize("bright", [1, 100, 127])
def test_bright_is_above_half_of_the_brightest(dtype, bright):
    assert mask(np.array([0, bright, 0], dtype)) == [0, 1, 0]
    assert mask(np.array([0, bright, 0], dtype), foreground="dark") == [1, 0, 1]


def test_half_of_the_brightest_itself_is_dark():
    assert mask(np.array([0, 100, 101, 200], np.uint8)) == [0, 0, 1, 1]
    assert mask(np.array([0, 2, 3, 5], np.uint8)) == [0, 0, 1, 1]
    assert mask(np.array([0, 0.5, 0.51, 1.0])) == [0, 0, 1, 1]


def test_an_ignored_value_does_not_set_what_bright_means():
    array = np.array([0, 1, 255, 1], np.uint8)
    assert read("masks", array, ignore=[255])[:2] == ([0, 1, 0, 1], [False, False, True, False])
    assert read("masks", array, ignore=[255], foreground="dark")[0] == [1, 0, 0, 0]
    assert read("masks", array, ignore=[7])[1] is None  # it does not occur


def test_values_and_labels_name_the_structure():
    array = np.array([0, 32, 64, 255], np.uint8)
    assert mask(array, foreground=[0, 64]) == [1, 0, 1, 0]
    assert mask(array, foreground="labels") == [0, 1, 1, 1]
    assert mask(array, foreground="labels", background=[255], ignore=[32]) == [0, 0, 1, 0]


def test_borders_are_both_voxels_where_numbers_meet_in_a_slice():
    assert mask(np.array([5, 5, 5, 2, 2, 0, 0], np.uint64), foreground="borders") == [0, 0, 1, 1, 1, 1, 0]
    assert mask(np.array([5, 5, 9, 2], np.uint8), foreground="borders", ignore=[9]) == [0, 1, 0, 1]
    cells = np.array([[[1, 1, 2], [1, 1, 2], [3, 3, 3]], [[4, 4, 4]] * 3], np.uint32)  # slices do not meet
    stack = stack_of(cells)
    conversion = conversion_of(
        "masks", {"foreground": "borders", "background": [], "ignore": []}, stack, every(stack)
    )
    assert conversion.marks(cells).tolist() == [[[0, 1, 1], [1, 1, 1], [1, 1, 1]], [[0] * 3] * 3]


def test_the_inside_is_every_number_but_for_where_numbers_meet():
    assert mask(np.array([5, 5, 5, 2, 2, 2, 0, 0]), foreground="inside") == [1, 1, 0, 0, 1, 0, 0, 0]
    numbers = np.array([5, 5, 9, 2, 2, 2], np.uint8)
    for other in ("background", "ignore"):
        assert mask(numbers, foreground="inside", **{other: [9]}) == [1, 0, 0, 0, 1, 1]


@pytest.mark.parametrize("dtype", [np.uint8, np.uint32, np.int64, np.float64])
def test_labels_that_fit_keep_their_numbers(dtype):
    array = np.array([0, 7, 9, 3, 7], dtype)
    assert read("labels", array, background=[9], ignore=[3]) == (
        [0, 7, 0, 0, 7],
        [False, False, False, True, False],
        False,
    )


@pytest.mark.parametrize(
    "array, numbers",
    [
        (np.array([0, 2**64 - 1, 2**63, 5], np.uint64), [0, 3, 2, 1]),
        (np.array([-3, 0, 8, -7]), [2, 0, 3, 1]),
        (np.array([0, 2**32, 1, 2**32 + 1]), [0, 2, 1, 3]),
        (np.array([0, 2**32 - 1, 7], np.uint32), [0, 2, 1]),  # means unknown where instances are learnt
        (np.array([0.0, 1e12, 4.0]), [0, 2, 1]),
    ],
)
def test_labels_that_do_not_fit_are_numbered_in_order_of_value(array, numbers):
    assert read("labels", array) == (numbers, None, True)


def test_the_largest_number_fits_and_a_negative_background_is_no_reason_to_number_again():
    assert read("labels", np.array([0, 2**32 - 2], np.uint64)) == ([0, 2**32 - 2], None, False)
    assert read("labels", np.array([-1, 4]), background=[-1]) == ([0, 4], None, False)


def test_labels_are_whole_and_finite():
    with pytest.raises(SynthemError, match="2 instance numbers not whole, the first is 0.5"):
        read("labels", np.array([0, 0.5, 1, 1.5]))
    with pytest.raises(SynthemError, match="1 number that is not finite"):
        read("labels", np.array([0, np.inf]))


def test_shares_are_in_words_and_of_the_commonest_where_there_are_many():
    def words(array):
        array = np.array(array, np.uint8).reshape(1, 1, -1)
        return shares(histogram_of(stack_of(array), every(stack_of(array))))

    assert words([0, 0, 0, 9]) == "0 (75.0%), 9 (25.0%)"
    assert words([*range(1, 21), *[50] * 20]).endswith("50 (50.0%) and 9 more")


def test_only_slices_that_count_decide_what_bright_is():
    """The others hold a filler of 255: half of it is above all of the mask's own 1."""
    array = np.array([[[0, 1]], [[255, 255]], [[1, 0]]], np.uint8)
    conversion = conversion_of(
        "masks",
        {"foreground": "bright", "background": [], "ignore": []},
        stack_of(array),
        Placement(np.array([0, -1, 2])),
    )
    assert conversion.marks(array[[0, 2]]).tolist() == [[[0, 1]], [[1, 0]]]
