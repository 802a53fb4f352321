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
)
from synthem.storage.arrays import write_arrays
from synthem.storage.files import write_table


def test_the_doubt_of_one_network_is_its_entropy_in_bits():
    # 0 and 1 are sure; 51 / 255 is 0.2, of 0.7219 bits: a quarter of the slice.
    assert doubt_of_slice(np.array([[0, 255], [0, 51]], np.uint8)) == pytest.approx(0.7219281 / 4)


def test_the_doubt_of_several_is_the_variance_between_them():
    # Twice the deviation is 1 (variance 1/4) on half of the slice, and nothing on the other.
    assert doubt_of_slice(np.zeros((1, 2), np.uint8), np.array([[255, 0]], np.uint8)) == 0.125


def test_slices_have_labels_where_anything_is_known_and_all_of_them_where_nothing_is_unknown(tmp_path):
    unknown = np.ones((5, 2, 2), np.uint8)
    unknown[1, 0, 0] = unknown[3] = 0
    image = np.zeros((5, 2, 2), np.uint8)
    write_arrays(tmp_path / "some.h5", {"image": image, "ignore/cells": unknown}, {})
    # The last slice is of a stack of its own, behind the four that are asked about.
    assert labelled_slices(tmp_path / "some.h5", "cells", 4) == [1, 3]
    assert labelled_slices(tmp_path / "some.h5", "mitochondria", 4) == [0, 1, 2, 3]


def test_the_most_doubtful_slices_come_first_and_neighbours_are_left_out():
    doubts = [0.0] * 40
    doubts[20], doubts[21], doubts[30], doubts[5] = 0.9, 0.8, 0.5, 0.6
    rows = label_next(doubts, measure=ENTROPY, most=3)  # at least 40 / 6 = 6 slices apart
    assert [(row["rank"], row["slice"]) for row in rows] == [(1, 20), (2, 5), (3, 30)]


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
