import numpy as np
import pytest

from synthem.comparison.layout import Components, Layout, estimate, mean_of, mean_squares, pooled_components
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
    variance, df, components = mean_of([Layout(np.array([[1.0, 2], [3, 6]]), 1, 1)])
    assert (variance, df) == pytest.approx((3, 1.6))
    assert components == pytest.approx(Components(replicates=4, seeds=0, blocks=1.5, rest=1))


def test_of_few_slices_what_is_taken_off_as_noise_is_uncertain_too():
    """As above V = (9 + 4 - 1) / 4, but MS_b and MS_rb err apart: 3**2 / ((9 / 4)**2 + 1 + (1 / 4)**2).

    MS of 4, 0 and 1, of factor 2: V = 4 / 4, and 1 / (1 + (2 / 4)**2) would be below the one of two numbers.
    """
    variance, df, _ = mean_of([Layout(np.array([[1.0, 2], [3, 6]]), 1, 1, few=True)])
    assert (variance, df) == pytest.approx((3, 9 / 6.125))
    assert mean_of([Layout(np.array([[1.5, 0.5], [2.5, 3.5]]), 2, 1, few=True)])[:2] == pytest.approx((1, 1))


def test_slices_are_few_below_twenty_four():
    """Noise alone, the same in both: the more is taken off, the less sure is what is left."""
    random = np.random.default_rng(1)
    d = random.normal(0, 1, (5, 23)) + random.normal(0, 0.5, (5, 1))
    few, enough = (estimate([pairs_of(own)], VOI) for own in (d, np.hstack([d, d[:, :1]])))
    assert few.df < 2 < 3 < enough.df


def test_the_variance_is_never_below_that_of_replicates_or_of_blocks_alone():
    """Columns differ by 2 and rows do not, and no rest: MS_b = 4, MS_r = MS_rb = 0."""
    assert mean_of([Layout(np.array([[1.0, 3], [1, 3]]), 1, 1)])[:2] == pytest.approx((1, 1))
    # MS_r = 4, MS_b = 0, MS_rb = 1 would make (4 + 0 - 1) / 4.
    d = np.array([[1.5, 0.5], [2.5, 3.5]])
    assert mean_squares(d) == pytest.approx((4, 0, 1))
    variance, df, components = mean_of([Layout(d, 1, 1)])
    assert (variance, df) == pytest.approx((1, 1))
    assert components == pytest.approx(Components(replicates=1.5, seeds=0, blocks=0, rest=1))


def test_blocks_that_hide_their_spread_count_more():
    """Of factor 2: (9 + 2 * 3) / 4."""
    assert mean_of([Layout(np.array([[1.0, 2], [3, 6]]), 2, 1)])[0] == pytest.approx(15 / 4)


def test_the_components_are_those_that_were_put_in():
    random = np.random.default_rng(0)
    found = []
    for _ in range(200):
        d = random.normal(0, 2, (20, 1)) + random.normal(0, 1, (1, 60)) + random.normal(0, 3, (20, 60))
        found.append(mean_of([Layout(d, 1, 59)])[2])
    assert np.mean(found, axis=0) == pytest.approx([4, 0, 1, 9], rel=0.06)


def test_an_estimate_has_the_difference_of_the_scores():
    found = estimate([pairs_of([[1.0, 2, 4, 1], [3, 6, 1, 2]])], VOI)
    assert (found.reference, found.arm, found.difference) == pytest.approx((0, 2.5, 2.5))
    assert (found.replicates, found.seeds, found.blocks) == (2, 1, 4)


def test_seeds_of_a_replicate_are_averaged_and_split_the_variance():
    """Replicates 1 and 4, seeds +-0.5: variance between seeds 0.5, of the replicates 4.5 - 0.5 / 2."""
    d = np.array([0.5, 1.5, 3.5, 4.5])[:, None] + np.zeros((1, 6))
    found = estimate([pairs_of(d, [1, 1, 2, 2])], VOI)
    assert (found.replicates, found.seeds) == (2, 2)
    assert found.components == pytest.approx(Components(4.5 - 0.25, 0.5, 0, 0))
    averaged = estimate([pairs_of([[1.0] * 6, [4] * 6])], VOI)
    assert (found.variance, found.df, found.difference) == (
        averaged.variance,
        averaged.df,
        averaged.difference,
    )


def test_replicates_may_have_different_numbers_of_seeds():
    d = np.array([1.0, 1, 1, 4])[:, None] + np.zeros((1, 6))
    found = estimate([pairs_of(d, [1, 1, 1, 2])], VOI)
    assert found.difference == pytest.approx(2.5)
    assert found.seeds == pytest.approx(1.5)  # 2 / (1 / 3 + 1)


@pytest.mark.parametrize("shape", [(1, 8), (8, 1), (0, 0)])
def test_one_replicate_or_slice_has_no_spread(shape):
    assert estimate([pairs_of(np.ones(shape))], VOI) is None


def test_a_score_that_is_undefined_without_one_slice_is_no_score():
    counts = np.zeros((3, 2, 4))
    counts[:, 0, 0] = 5  # all of the structure lies in the first slice
    assert estimate([Pairs(np.arange(3), counts, counts)], endpoint_of("iou")) is None


def test_correlated_test_slices_leave_fewer_degrees_of_freedom_than_blocks():
    """Slices that drift, alike in all replicates: six blocks of four, and no five independent ones.

    Of two such strata of equal parts twice as many.
    """
    random = np.random.default_rng(0)
    drift = np.cumsum(random.normal(0, 0.02, 24)) + random.normal(0, 0.001, (6, 24))

    def df_blocks(*strata):  # of what blocks add, as if replicates added nothing
        return estimate([pairs_of(d) for d in strata], VOI).of_blocks.beside(0.0, 5)[1]

    assert estimate([pairs_of(drift)], VOI).blocks == 6 and df_blocks(drift) < 3.5
    assert df_blocks(drift, drift) == pytest.approx(2 * df_blocks(drift))
    apart = random.normal(0, 0.02, 24)[random.permutation(24)] + random.normal(0, 0.001, (6, 24))
    assert df_blocks(apart) > 2 * df_blocks(drift)


def slowly(layouts):
    """(V, df) of several strata: sums as the docstring of `mean_of` has them."""
    n_strata, n_replicates = len(layouts), len(layouts[0].d)
    wholes = [sum(np.mean(own.d[r]) for own in layouts) / n_strata for r in range(n_replicates)]
    mean = sum(wholes) / n_replicates
    parts = [sum((whole - mean) ** 2 for whole in wholes) / (n_replicates - 1) / n_replicates]
    errors, of_blocks = [parts[0] ** 2 / (n_replicates - 1)], []
    for d, factor, df_blocks, few in layouts:
        n_blocks = d.shape[1]
        columns = [np.mean(d[:, b]) for b in range(n_blocks)]
        blocks = n_replicates * sum((column - np.mean(d)) ** 2 for column in columns) / (n_blocks - 1)
        rest = sum(
            (d[r, b] - np.mean(d[r]) - columns[b] + np.mean(d)) ** 2
            for r in range(n_replicates)
            for b in range(n_blocks)
        ) / ((n_replicates - 1) * (n_blocks - 1))
        each = factor / (n_replicates * n_blocks) / n_strata**2
        parts.append(each * max(blocks - rest, 0))
        of_rest = (n_replicates - 1) * (n_blocks - 1)
        errors += (
            [(each * blocks) ** 2 / df_blocks, (each * rest) ** 2 / of_rest]
            if few
            else [parts[-1] ** 2 / df_blocks]
        )
        of_blocks.append(blocks / (n_replicates * n_blocks) / n_strata**2)
    if sum(parts) < sum(of_blocks):
        parts = of_blocks
        errors = [part**2 / (own.d.shape[1] - 1) for part, own in zip(parts, layouts, strict=True)]
    return sum(parts), max(sum(parts) ** 2 / sum(errors), 1)


@pytest.mark.parametrize("few", [False, True])
@pytest.mark.parametrize("sd_blocks", [0.0, 0.5, 3.0])
def test_strata_are_pooled_as_sums_say(sd_blocks, few):
    random = np.random.default_rng(4)
    for n_replicates, sizes in ((3, (6, 9)), (5, (7, 6, 12)), (2, (4,))):
        layouts = [
            Layout(random.normal(0, sd_blocks, n) + random.normal(size=(n_replicates, n)), 1.5, n - 2.5, few)
            for n in sizes
        ]
        assert mean_of(layouts)[:2] == pytest.approx(slowly(layouts))


def test_what_replicates_share_between_strata_counts_whole_and_what_they_do_not_by_half():
    """Replicates 1 and 3 in both: variance 2 / 2. Replicates 1, 3 and 3, 1: their means do not differ."""
    up, down = (np.array(rows)[:, None] + np.zeros((1, 4)) for rows in ([1.0, 3], [3.0, 1]))
    alone = mean_of([Layout(up, 1, 3)])
    assert alone[:2] == mean_of([Layout(up, 1, 3)] * 2)[:2] == (1, 1)
    assert mean_of([Layout(up, 1, 3), Layout(down, 1, 3)])[0] == 0


def test_blocks_of_strata_are_not_shared_by_hand():
    """Blocks 0 and 2 in two strata of two replicates, no rest: MS_b = 4; 4 / 4 / 4 twice is 1/2, df 2."""
    one = Layout(np.array([[0.0, 2], [0, 2]]), 1, 1)
    assert mean_of([one])[:2] == (1, 1)
    assert mean_of([one, one])[:2] == (0.5, 2)


def test_components_of_strata_are_those_of_their_mean():
    """Of V: replicates / R + blocks / B + rest / (R B), where no part is below 0 and blocks hide nothing."""
    random = np.random.default_rng(1)
    layouts = [
        Layout(
            4 * random.normal(size=(5, 1)) + 4 * random.normal(size=(1, n)) + random.normal(size=(5, n)), 1, 9
        )
        for n in (6, 12)
    ]
    variance, _, own = mean_of(layouts)
    assert variance == pytest.approx(own.replicates / 5 + own.blocks / 18 + own.rest / 90)
    assert own.rest == pytest.approx(18 / 4 * sum(mean_squares(d)[2] / d.shape[1] for d, *_ in layouts))


def test_an_estimate_of_strata_is_the_mean_of_theirs_over_the_replicates_that_all_have():
    """Replicate 9 is in one stratum alone: 100 counts nowhere. 2.5 of the first, 1 of the second."""
    one = pairs_of([[1.0, 2, 4, 1], [3, 6, 1, 2]], [1, 2])
    other = pairs_of([[1.0] * 6, [100] * 6, [1] * 6], [1, 9, 2])
    found = estimate([one, other], VOI)
    assert found.difference == pytest.approx(1.75)
    assert (found.replicates, found.seeds, found.blocks) == (2, 1, 10)
    assert estimate([one, pairs_of([[1.0] * 6] * 3, [7, 8, 9])], VOI) is None


def test_seeds_of_strata_split_the_variance_of_their_mean():
    """Between seeds 0.5 in each of two: 0.5 / 2 in their mean; replicates 1 and 4 in both: 4.5 whole."""
    d = np.array([0.5, 1.5, 3.5, 4.5])[:, None] + np.zeros((1, 6))
    own = pairs_of(d, [1, 1, 2, 2])
    assert estimate([own, own], VOI).components == pytest.approx(Components(4.5 - 0.125, 0.25, 0, 0))


def test_components_of_strata_that_share_nothing_give_the_variance_of_their_mean():
    """Of (R, B) = (3, 4) and (3, 8), two seeds in each replicate: a quarter of the sum of both variances."""
    strata = [
        (Components(replicates=6.0, seeds=2.0, blocks=8.0, rest=12.0), 4),
        (Components(replicates=2.0, seeds=4.0, blocks=4.0, rest=8.0), 8),
    ]

    def variance(parts, blocks):
        return (parts.replicates + parts.seeds / 2) / 3 + parts.blocks / blocks + parts.rest / (3 * blocks)

    both = pooled_components(strata)
    assert variance(both, blocks=12) == pytest.approx(sum(variance(*own) for own in strata) / 4)
