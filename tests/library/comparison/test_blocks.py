import numpy as np
import pytest

from synthem.comparison.blocks import (
    block_length,
    cut,
    effective,
    pseudo_values,
    raised,
    slice_correlation,
    spread_hidden,
)
from synthem.comparison.pairs import endpoint_of


def series(random, *shape, correlation):
    values = random.standard_normal(shape)
    for z in range(1, shape[-1]):
        values[..., z] = correlation * values[..., z - 1] + (1 - correlation**2) ** 0.5 * values[..., z]
    return values


@pytest.mark.parametrize(
    "n_slices, length, starts", [(4, 1, [0, 1, 2, 3]), (12, 4, [0, 4, 8]), (11, 3, [0, 3, 7]), (3, 5, [0])]
)
def test_blocks_are_neighbours_of_nearly_equal_number(n_slices, length, starts):
    assert list(cut(n_slices, length)) == starts


def test_pseudo_values_of_a_mean_are_the_means_of_the_blocks():
    summands = np.array([[[1.0, 1], [2, 1], [3, 1], [6, 1]]])  # one run, four slices: value and number
    assert pseudo_values(summands, cut(4, 2), endpoint_of("voi").score)[0] == pytest.approx([1.5, 4.5])


def test_pseudo_values_of_an_iou_by_hand():
    """IoU 4/6; without the first slice 3/4, without the second 1/2: 2 * 4/6 less these, mean 17/24."""
    summands = np.array([[[1.0, 1, 0, 1], [3, 0, 1, 1]]])
    shift = 4 / 6 - 17 / 24
    expected = [7 / 12 + shift, 10 / 12 + shift]
    assert pseudo_values(summands, cut(2, 1), endpoint_of("iou").score)[0] == pytest.approx(expected)


def test_the_correlation_of_what_replicates_share_is_found_below_noise():
    random = np.random.default_rng(0)
    d = series(random, 1, 3000, correlation=0.7) + 2 * random.standard_normal((10, 3000))
    # The means have the correlation 0.7 / (1 + 4 / 10) = 0.5, which says nothing of what is shared.
    assert slice_correlation(d)[0] == pytest.approx(0.7, abs=0.06)


def test_what_few_slices_leave_open_counts_as_correlation():
    random = np.random.default_rng(0)
    few, many = (
        np.mean([slice_correlation(random.standard_normal((1, n)) + np.zeros((5, 1)))[0] for _ in range(200)])
        for n in (11, 400)
    )
    assert few > 0.25  # about a standard error, sqrt(1 / 11)
    assert 0.02 < many < 0.08


def test_a_correlation_is_believed_beyond_what_few_slices_raise_it_to():
    """Standard error sqrt((1 - c**2) / n): 0.866 / 5 for 0.5 and 25 slices; 0.9 and above stay as found.

    With a correlation of 49 / 51, (1 + c) / (1 - c) = 50 slices say as much as one.
    """
    assert raised(0.5, 25) == pytest.approx(0.5 + 0.75**0.5 / 5)
    assert raised(0.8, 25) == 0.9
    assert [raised(found, 50) for found in (0.9, 0.95, 1.0)] == [0.9, 0.95, 49 / 51]
    assert raised(1.0, 11) == 0.9
    assert raised(-0.5, 25) == 0


def test_of_slices_that_noise_hides_fewer_tell_of_their_correlation():
    """A fourth of 16 tells as much as 4 without noise: sqrt(1 / 4) above 0; none tells nothing."""
    assert raised(0.0, 16, told=0.25) == 0.5
    assert raised(0.0, 16, told=0.0) == 0.9


def test_few_slices_that_share_nothing_which_can_be_seen_are_taken_for_correlated():
    """Replicates that go against each other share nothing; of 24 slices that is 1 / 24 and its error."""
    d = np.random.default_rng(0).standard_normal((1, 24))
    against = np.vstack([d, -d])
    assert slice_correlation(against[:, :23]) == (0.9, True)
    assert slice_correlation(against)[0] == pytest.approx(1 / 24 + ((1 - 1 / 24**2) / 24) ** 0.5)


def test_slices_that_noise_hides_are_few_where_that_is_asked():
    """Replicates share +-1 in turn, and +-1/2 apart from it, which leaves 1 - 1/4 of the squares: 24 slices
    tell as much as 18, of 40 30 are enough."""
    means, apart = np.tile([1.0, -1], 20), np.tile([0.5, -0.5, -0.5, 0.5], 10)
    d = np.stack([means + apart, means - apart])
    few = [slice_correlation(d[:, :n], noise_hides=hides)[1] for n in (24, 40) for hides in (False, True)]
    assert few == [False, True, False, False]


def test_the_correlation_of_six_slices_by_hand():
    """Means 1, 0, -1, 1, 0, -1 of two replicates that differ by +-1/2 around them in two slices.

    Squares of the means 4, of their neighbours' products -1; of what is left 1 and 0, which by R (R - 1) = 2
    leave 7/2 and -1: 7/8 of the differences is no noise, the correlation -2/7, and freed of its bias
    -2/7 + (1 - 8/7) / 6 = -13/42. To that the error of 6 * 7/8 slices.
    """
    means, apart = np.array([1.0, 0, -1, 1, 0, -1]), np.array([0, 0.5, 0, 0, -0.5, 0])
    expected = -13 / 42 + ((1 - (13 / 42) ** 2) / (6 * 7 / 8)) ** 0.5
    assert slice_correlation(np.stack([means + apart, means - apart]))[0] == pytest.approx(expected)


def test_blocks_say_as_much_as_so_many_of_equal_weight():
    assert effective(np.array([5.0, 5, 5, 5])) == 4
    assert effective(np.array([0, 7.0, 0, 0])) == 1
    assert effective(np.array([3.0, 1, 0])) == 1.6  # 16 / 10
    assert effective(np.zeros(3)) == 0


def test_blocks_are_longer_where_slices_are_alike_and_six_where_there_are_slices_enough():
    assert [block_length(100, correlation) for correlation in (0.0, 0.5, 0.8)] == [1, 3, 9]
    assert [block_length(n, 0.9) for n in (5, 11, 24, 60)] == [1, 1, 4, 10]


def test_independent_blocks_hide_nothing():
    assert spread_hidden(12, 2, 0.0) == pytest.approx((1, 5))


def test_two_slices_that_are_alike_hide_most_by_hand():
    """Variance of the mean (1 + c) / 2, between the two 1 - c, of which a half: (1 + c) / (1 - c)."""
    assert spread_hidden(2, 1, 0.5) == pytest.approx((3, 1))


def test_what_slices_hide_that_are_nearly_the_same_is_a_number():
    """As above: 1.996 / 0.004 and 1.985 / 0.015. Long blocks of thin slices are found to be so alike."""
    assert spread_hidden(2, 1, 0.996) == pytest.approx((499, 1))
    assert spread_hidden(2, 1, 0.985) == pytest.approx((1.985 / 0.015, 1))
    correlation = raised(1.0, 500)  # the highest that 500 slices can show
    assert np.isfinite(spread_hidden(500, block_length(500, correlation), correlation)).all()


def test_what_correlated_blocks_hide_is_what_simulated_ones_hide():
    means = series(np.random.default_rng(0), 20000, 12, correlation=0.8).reshape(20000, 6, 2).mean(axis=2)
    between = means.var(axis=1, ddof=1)
    factor, df = spread_hidden(12, 2, 0.8)
    assert factor == pytest.approx(means.mean(axis=1).var() / (between.mean() / 6), rel=0.05)
    assert df == pytest.approx(2 * between.mean() ** 2 / between.var(), rel=0.05)
