from collections import Counter

import numpy as np
import pytest

from synthem.ingest.histogram import Histogram, among, fitting

KINDS = [np.uint8, np.uint16, np.int8, np.int32, np.uint64, np.float32]


@pytest.mark.parametrize("dtype", KINDS)
def test_every_value_is_counted_over_all_slabs(dtype, monkeypatch):
    monkeypatch.setattr("synthem.ingest.histogram.AT_ONCE", 7)  # runs go on from part to part
    stack = np.repeat(np.random.default_rng(0).integers(0, 9, (4, 5, 2)), 3, axis=2).astype(dtype)
    histogram = Histogram()
    for first in range(0, 4, 2):
        histogram.add(first, stack[first : first + 2])
    assert dict(zip(histogram.values, histogram.counts, strict=True)) == Counter(stack.ravel().tolist())
    assert histogram.values.dtype == dtype


def test_many_values_are_summed_up_right():
    stack = np.random.default_rng(1).integers(0, 2**40, (3, 300, 200))
    stack[2] = stack[0]
    histogram = Histogram()
    for first, plane in enumerate(stack):
        histogram.add(first, plane[None])
    np.testing.assert_array_equal(histogram.values, sorted(set(stack.ravel().tolist())))
    assert histogram.counts.sum() == stack.size and histogram.counts.max() == 2


def test_numbers_that_are_not_finite_are_kept_apart():
    planes = np.array([[[1, np.nan]], [[np.inf, 1]]], np.float32)
    histogram = Histogram()
    histogram.add(5, planes)
    assert (histogram.unfinite.count, histogram.unfinite.first) == (2, (5, 0, 1))
    assert (histogram.values.tolist(), histogram.counts.tolist()) == ([1], [2])


def test_noise_is_given_up(monkeypatch):
    monkeypatch.setattr("synthem.ingest.histogram.MOST_VALUES", 10)
    histogram = Histogram()
    for first in range(3):
        histogram.add(first, np.arange(12.0).reshape(1, 3, 4))
    assert histogram.too_many


def test_an_empty_tally_holds_no_values():
    assert len(Histogram().values) == len(Histogram().counts) == len(Histogram().without([0])) == 0


def test_values_that_a_type_cannot_hold_do_not_occur_in_it():
    assert fitting([0, 1.5, -1, 255, 256], np.dtype(np.uint8)).tolist() == [0, 255]
    planes = np.array([2**63 + 1, 2**63], np.uint64)  # alike as floats
    assert among(planes, fitting([2**63], planes.dtype)).tolist() == [False, True]
