import numpy as np
import pytest

from synthem.metrics.label_next import (
    COLUMNS,
    DISAGREEMENT,
    ENTROPY,
    blank_slices,
    doubt_of_slice,
    label_next,
    labelled_slices,
    read_label_next,
    slice_doubts,
)
from synthem.storage.files import write_table
from synthem.storage.volumes import Facts, Volume, write_volume


def test_the_doubt_of_one_network_is_its_entropy_in_bits():
    # 0 and 1 are sure; 51 / 255 is 0.2, of 0.7219 bits: a quarter of the slice.
    assert doubt_of_slice(np.array([[0, 255], [0, 51]], np.uint8)) == pytest.approx(0.7219281 / 4)


def test_the_doubt_of_several_is_the_variance_between_them():
    # Twice the deviation is 1 (variance 1/4) on half of the slice, and nothing on the other.
    assert doubt_of_slice(np.zeros((1, 2), np.uint8), np.array([[255, 0]], np.uint8)) == 0.125


def test_what_fills_a_small_tile_up_raises_no_doubt():
    """A tile of 1 x 2 pixels in a frame of 2 x 3, beside one of the frame's own size."""
    predicted = {"test": np.zeros((2, 2, 3), np.uint8), "disagreement": np.zeros((2, 2, 3), np.uint8)}
    predicted["disagreement"][:, 1], predicted["disagreement"][0, 0, 0] = 255, 255
    assert slice_doubts(predicted, [(1, 2), (2, 3)]) == [0.125, 0.125]  # one of 2 pixels, three of 6


def test_slices_have_labels_where_anything_is_known_and_all_of_them_where_nothing_is_unknown(tmp_path):
    unknown = np.ones((9, 2, 2), np.uint8)
    unknown[1, 0, 0] = unknown[3] = unknown[4] = unknown[8] = 0
    image = np.zeros(unknown.shape, np.uint8)
    # Four slices, and behind them stacks of their own: two slices to validate on, three to test.
    facts = Facts((5.0, 5.0, 5.0), own_stacks=((4, (0.0, 0.0, 0.0)), (6, (0.0, 0.0, 0.0))))
    write_volume(tmp_path / "some.h5", Volume(image, facts, ignore={"cells": unknown}))
    found = [
        labelled_slices(tmp_path / "some.h5", "cells", stack, depth)
        for stack, depth in {"image": 4, "validation": 2, "test": 3}.items()
    ]
    assert found == [[1, 3], [0], [2]]
    assert labelled_slices(tmp_path / "some.h5", "mitochondria", "test", 3) == [0, 1, 2]


def test_the_most_doubtful_slices_come_first_and_neighbours_are_left_out():
    doubts = [0.0] * 40
    doubts[20], doubts[21], doubts[30], doubts[5] = 0.9, 0.8, 0.5, 0.6
    rows = label_next(doubts, measure=ENTROPY, most=3)  # at least 40 / 6 = 6 slices apart
    assert [(row["rank"], row["slice"]) for row in rows] == [(1, 20), (2, 5), (3, 30)]


def test_tiles_that_follow_each_other_show_other_places_and_are_named_both():
    doubts = [0.0] * 40
    doubts[20], doubts[21], doubts[30], doubts[5] = 0.9, 0.8, 0.5, 0.6
    rows = label_next(doubts, measure=ENTROPY, linked=False, most=3)
    assert [row["slice"] for row in rows] == [20, 21, 5]


def test_of_few_slices_a_fifth_is_named_and_at_least_one():
    rising = [z / 100 for z in range(24)]  # 4 of 24, at least 3 apart
    assert [row["slice"] for row in label_next(rising, measure=ENTROPY)] == [23, 20, 17, 14]
    assert [row["slice"] for row in label_next([0.1, 0.3, 0.2], measure=ENTROPY)] == [1]


@pytest.mark.parametrize(
    ("measure", "words"), [(DISAGREEMENT, "replicates disagree most"), (ENTROPY, "replicates: all")]
)
def test_the_list_reads_back_with_the_reason(tmp_path, measure, words):
    rows = label_next([0.25, 0.5], measure=measure)
    write_table(tmp_path / "label_next.csv", rows, COLUMNS)
    found, why = read_label_next(tmp_path / "label_next.csv")
    assert found == rows and words in why


def test_slices_that_show_nothing_or_have_labels_are_not_named():
    doubts = [0.1] * 20
    doubts[3], doubts[12] = 0.9, 0.5
    assert [row["slice"] for row in label_next(doubts, measure=ENTROPY, without=[3], most=1)] == [12]
    assert [row["slice"] for row in label_next(doubts, measure=ENTROPY, without=range(20), most=1)] == [3]
    stack = np.full((3, 4, 5), 7, np.uint8)
    stack[1, 0, 0] = 8
    assert blank_slices(stack) == [0, 2]


def test_slices_with_labels_are_never_named_not_even_where_all_others_show_nothing(tmp_path):
    doubts = [0.1, 0.9, 0.5, 0.2, 0.3]
    own = {"measure": ENTROPY, "most": 1}
    assert [row["slice"] for row in label_next(doubts, labelled=[1], **own)] == [2]
    assert [row["slice"] for row in label_next(doubts, labelled=[1, 2], without=[0, 3, 4], **own)] == [4]
    assert label_next(doubts, labelled=range(5), **own) == []
    write_table(tmp_path / "label_next.csv", [], COLUMNS)
    rows, why = read_label_next(tmp_path / "label_next.csv")
    assert rows == [] and why == "All slices of this stack have labels already: none is left to label."
