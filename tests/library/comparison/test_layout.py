import numpy as np
import pytest

from synthem.comparison.layout import Components, estimate, mean_squares, pooled, pooled_components, two_way
from synthem.comparison.pairs import Pairs, endpoint_of

VOI = endpoint_of("voi")  # the mean of slices


def pairs_of(differences, replicates=None):
    """Pairs whose differences on slices are these; the reference has 0 everywhere."""
    d = np.asarray(differences, float)
    ones = np.ones_like(d)
    names = np.arange(len(d)) if replicates is None else np.array(replicates)
    return Pairs(names, np.stack([0 * d, ones], axis=-1), np.stack([d, ones], axis=-1))


def test_mean_squares_of_two_by_two_by_hand():
    """Rows 1.5 and 4.5, columns 2 and 4, mean 3; what is left is +-0.5 everywhere."""
    assert mean_squares(np.array([[1.0, 2], [3, 6]])) == pytest.approx((9, 4, 1))


def test_mean_squares_are_those_of_loops():
    d = np.random.default_rng(0).normal(size=(4, 7))
    of_rows = 7 * sum((row.mean() - d.mean()) ** 2 for row in d) / 3
    of_columns = 4 * sum((column.mean() - d.mean()) ** 2 for column in d.T) / 6
    whole = sum((value - d.mean()) ** 2 for value in d.ravel())
    rest = (whole - 3 * of_rows - 6 * of_columns) / 18
    assert mean_squares(d) == pytest.approx((of_rows, of_columns, rest))


def test_the_variance_of_two_by_two_by_hand():
    """(9 + 4 - 1) / 4 = 3; degrees of freedom 3**2 / ((9 / 4)**2 / 1 + (3 / 4)**2 / 1) = 1.6."""
    variance, df, components = two_way(np.array([[1.0, 2], [3, 6]]), factor=1, df_blocks=1)
    assert (variance, df) == pytest.approx((3, 1.6))
    assert components == pytest.approx(Components(replicates=4, seeds=0, blocks=1.5, rest=1))


def test_the_variance_is_never_below_that_of_replicates_or_of_blocks_alone():
    """Columns differ by 2 and rows do not, and no rest: MS_b = 4, MS_r = MS_rb = 0."""
    assert two_way(np.array([[1.0, 3], [1, 3]]), factor=1, df_blocks=1)[:2] == pytest.approx((1, 1))
    # MS_r = 4, MS_b = 0, MS_rb = 1 would make (4 + 0 - 1) / 4.
    d = np.array([[1.5, 0.5], [2.5, 3.5]])
    assert mean_squares(d) == pytest.approx((4, 0, 1))
    variance, df, components = two_way(d, factor=1, df_blocks=1)
    assert (variance, df) == pytest.approx((1, 1))
    assert components == pytest.approx(Components(replicates=1.5, seeds=0, blocks=0, rest=1))


def test_blocks_that_hide_their_spread_count_more():
    """Of factor 2: (9 + 2 * 3) / 4."""
    assert two_way(np.array([[1.0, 2], [3, 6]]), factor=2, df_blocks=1)[0] == pytest.approx(15 / 4)


def test_the_components_are_those_that_were_put_in():
    random = np.random.default_rng(0)
    found = []
    for _ in range(200):
        d = random.normal(0, 2, (20, 1)) + random.normal(0, 1, (1, 60)) + random.normal(0, 3, (20, 60))
        found.append(two_way(d, factor=1, df_blocks=59)[2])
    assert np.mean(found, axis=0) == pytest.approx([4, 0, 1, 9], rel=0.06)


def test_an_estimate_has_the_difference_of_the_scores():
    found = estimate(pairs_of([[1.0, 2, 4, 1], [3, 6, 1, 2]]), VOI)
    assert (found.reference, found.arm, found.difference) == pytest.approx((0, 2.5, 2.5))
    assert (found.replicates, found.seeds, found.blocks) == (2, 1, 4)


def test_seeds_of_a_replicate_are_averaged_and_split_the_variance():
    """Replicates 1 and 4, seeds +-0.5: variance between seeds 0.5, of the replicates 4.5 - 0.5 / 2."""
    d = np.array([0.5, 1.5, 3.5, 4.5])[:, None] + np.zeros((1, 6))
    found = estimate(pairs_of(d, [1, 1, 2, 2]), VOI)
    assert (found.replicates, found.seeds) == (2, 2)
    assert found.components == pytest.approx(Components(4.5 - 0.25, 0.5, 0, 0))
    averaged = estimate(pairs_of([[1.0] * 6, [4] * 6]), VOI)
    assert (found.variance, found.df, found.difference) == (
        averaged.variance,
        averaged.df,
        averaged.difference,
    )


def test_replicates_may_have_different_numbers_of_seeds():
    d = np.array([1.0, 1, 1, 4])[:, None] + np.zeros((1, 6))
    found = estimate(pairs_of(d, [1, 1, 1, 2]), VOI)
    assert found.difference == pytest.approx(2.5)
    assert found.seeds == pytest.approx(1.5)  # 2 / (1 / 3 + 1)


@pytest.mark.parametrize("shape", [(1, 8), (8, 1), (0, 0)])
def test_one_replicate_or_slice_has_no_spread(shape):
    assert estimate(pairs_of(np.ones(shape)), VOI) is None


def test_a_score_that_is_undefined_without_one_slice_is_no_score():
    counts = np.zeros((3, 2, 4))
    counts[:, 0, 0] = 5  # all of the structure lies in the first slice
    assert estimate(Pairs(np.arange(3), counts, counts), endpoint_of("iou")) is None


def test_strata_are_pooled_by_their_mean():
    """Variances 3 and 1: (3 + 1) / 4; degrees of freedom 1 / ((3/4)**2 / 2 + (1/4)**2 / 4)."""
    one = estimate(pairs_of([[1.0, 2, 4, 1], [3, 6, 1, 2]]), VOI)
    parts = [one._replace(variance=v, df=df, arm=arm) for v, df, arm in ((3.0, 2.0, 1.0), (1.0, 4.0, 2.0))]
    found = pooled(parts)
    assert (found.arm, found.difference, found.variance) == pytest.approx((1.5, 1.5, 1.0))
    assert found.df == pytest.approx(1 / ((3 / 4) ** 2 / 2 + (1 / 4) ** 2 / 4))
    assert (found.replicates, found.blocks) == (2, 8)


def test_components_of_equal_strata_give_the_variance_of_their_mean():
    """Two strata of (R, B) = (3, 4): each (a + b / 4 ...) / 3 ...; the mean of two has half of it."""
    own = Components(replicates=6.0, seeds=2.0, blocks=8.0, rest=12.0)
    both = pooled_components([own, own])

    def variance(parts, blocks):
        return (parts.replicates + parts.seeds / 2) / 3 + parts.blocks / blocks + parts.rest / (3 * blocks)

    assert variance(both, blocks=8) == pytest.approx(variance(own, blocks=4) / 2)
