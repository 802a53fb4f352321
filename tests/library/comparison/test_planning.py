import numpy as np
import pytest
from scipy import stats

from synthem.comparison.layout import Components, Layout, mean_of
from synthem.comparison.planning import (
    correlation_to_plan_with,
    detectable,
    expected_p,
    needed_replicates,
    never_helps,
    possible_components,
    power,
    prior,
)

COMPONENTS = Components(replicates=0.0018, seeds=0.0, blocks=0.0004, rest=0.0016)
CLAIM = {"confidence": 0.95, "family": 1, "seeds": 1}


def planned(n, **own):
    return {"replicates": n, "planned_replicates": n, "blocks": 12} | CLAIM | own


def simulated(components, n, blocks, effect, tail, draws=3000):
    """Share of simulated layouts whose interval lies above or below 0."""
    random, found = np.random.default_rng(0), 0
    for _ in range(draws):
        d = effect + random.normal(0, components.replicates**0.5, (n, 1))
        d = d + random.normal(0, components.blocks**0.5, (1, blocks))
        d = d + random.normal(0, components.rest**0.5, (n, blocks))
        variance, df, _ = mean_of([Layout(d, factor=1, df_blocks=blocks - 1)])
        found += abs(d.mean()) > stats.t.isf(tail, df) * variance**0.5
    return found / draws


@pytest.mark.parametrize("n, effect", [(5, 0.05), (10, 0.05), (20, 0.03)])
def test_the_power_is_that_of_simulated_layouts(n, effect):
    assert power(COMPONENTS, effect=effect, **planned(n)) == pytest.approx(
        simulated(COMPONENTS, n, 12, effect, tail=0.02), abs=0.03
    )


def test_without_blocks_and_rest_the_power_is_that_of_students_test():
    alone = Components(0.0018, 0.0, 0.0, 0.0)
    bound = stats.t.isf(0.02, 9)
    exact = stats.nct.sf(bound, 9, 0.05 / 0.00018**0.5)
    assert power(alone, effect=0.05, **planned(10)) == pytest.approx(exact, abs=0.01)


def test_power_grows_with_the_effect_and_falls_with_the_family_and_with_looks():
    whole = power(COMPONENTS, effect=0.05, **planned(10))
    assert power(COMPONENTS, effect=0.08, **planned(10)) > whole
    assert power(COMPONENTS, effect=0.05, **planned(10, family=6)) < whole
    assert power(COMPONENTS, effect=0.05, **planned(10, planned_replicates=5)) < whole
    assert power(COMPONENTS, effect=0.0, **planned(10)) == pytest.approx(0.04, abs=0.005)


def test_several_seeds_average_out_what_seeds_add():
    split = COMPONENTS._replace(replicates=0.0008, seeds=0.001)
    assert power(split, effect=0.05, **planned(10)) == power(COMPONENTS, effect=0.05, **planned(10))
    assert power(split, effect=0.05, **planned(10, seeds=4)) > power(split, effect=0.05, **planned(10))


@pytest.mark.parametrize(
    "own, why",
    [
        ({"replicates": 4}, "4 replicates"),
        ({"blocks": 4}, "4 blocks"),
        ({"blocks": 1}, "1 block of"),
        ({"replicates": 6}, "planned 8"),
    ],
)
def test_a_design_that_can_never_help_says_why(own, why):
    design = {"replicates": 8, "blocks": 6, "planned_replicates": 8} | own
    assert why in never_helps(**design)
    assert power(COMPONENTS, effect=1.0, **CLAIM, **design) == 0
    assert detectable(COMPONENTS, **CLAIM, **design) is None


def test_a_design_of_five_replicates_and_five_blocks_can_help():
    assert never_helps(replicates=5, blocks=5, planned_replicates=5) == ""


def test_few_test_slices_are_planned_with_a_higher_correlation():
    """The limit with 20 replicates, 0.9 + 1.2 / 20**2, is higher by half of 0.03 at half of 24 slices."""
    found = [correlation_to_plan_with(n, 20) for n in (24, 12, 6)]
    assert found == pytest.approx([0.903, 0.918, 0.9255])
    assert correlation_to_plan_with(1000, 20) < 0.9


def test_the_detectable_effect_has_the_power_that_was_wanted():
    effect = detectable(COMPONENTS, **planned(10))
    assert power(COMPONENTS, effect=effect, **planned(10)) == pytest.approx(0.8, abs=1e-3)


def test_the_needed_replicates_are_the_fewest_that_do():
    design = {"blocks": 12, "effect": 0.05} | CLAIM
    n = needed_replicates(COMPONENTS, planned_replicates=None, **design)
    assert power(COMPONENTS, effect=0.05, **planned(n)) >= 0.8
    assert power(COMPONENTS, effect=0.05, **planned(n - 1)) < 0.8
    longer = needed_replicates(COMPONENTS, planned_replicates=5, **design)
    assert longer > n
    assert power(COMPONENTS, effect=0.05, **planned(longer, planned_replicates=5)) >= 0.8


def test_replicates_that_have_not_decided_are_not_enough():
    design = {"blocks": 12, "effect": 0.05} | CLAIM
    n = needed_replicates(COMPONENTS, planned_replicates=None, **design)
    assert needed_replicates(COMPONENTS, planned_replicates=None, run=n, **design) == n + 1
    assert needed_replicates(COMPONENTS, planned_replicates=None, run=200, **design) is None


def test_no_number_of_replicates_outweighs_blocks():
    few = COMPONENTS._replace(blocks=0.02)
    assert needed_replicates(few, planned_replicates=None, blocks=6, effect=0.05, **CLAIM) is None


def test_what_is_possible_lies_around_what_was_found_as_chi_square_scatters():
    """A replicate varies by 0.0018 + 0.0016 / 12, the mean of the blocks by 0.0004 / 12."""
    own = {"replicates": 6, "blocks": 12, "seeds": 1}
    found = possible_components(COMPONENTS, expected=None, **own)
    scatter = [5 / stats.chi2.ppf(q, 5) for q in (0.1, 0.3, 0.5, 0.7, 0.9)]
    assert np.unique(found.replicates) == pytest.approx(sorted((0.0018 + 0.0016 / 12) * np.array(scatter)))
    assert np.median(found.blocks) == pytest.approx(0.0004 * 11 / stats.chi2.ppf(0.5, 11))
    assert len(found.replicates) == len(found.blocks) == 25 and (found.seeds, found.rest) == (0, 0)


def test_what_is_expected_weighs_as_four_degrees_of_freedom_and_bounds_those_of_blocks():
    """Of 40 blocks where 6 are expected 5 degrees of freedom count, of 9: here of a spread of 0."""
    none = Components(0.0, 0.0, 0.0, 0.0)
    found = possible_components(none, replicates=9, blocks=40, seeds=1, expected=(COMPONENTS, 6))
    assert np.median(found.replicates) == pytest.approx(
        4 * (0.0018 + 0.0016 / 6) / stats.chi2.ppf(0.5, 8 + 4)
    )
    assert np.median(found.blocks) / 40 == pytest.approx(4 * (0.0004 / 6) / stats.chi2.ppf(0.5, 5 + 4))


def test_what_is_not_known_surely_costs_replicates():
    design = {"blocks": 12, "effect": 0.05, "planned_replicates": None} | CLAIM
    sure = needed_replicates(COMPONENTS, **design)
    sizes = {"blocks": 12, "seeds": 1, "expected": None}
    few, many = (possible_components(COMPONENTS, replicates=n, **sizes) for n in (5, 50))
    assert needed_replicates(few, **design) > needed_replicates(many, **design) >= sure


def test_the_p_of_an_effect_is_students():
    """Variance 0.0018 / 5 with 4 degrees of freedom, at a planned look, in a family of two."""
    alone = Components(0.0018, 0.0, 0.0, 0.0)
    p = 2 * stats.t.sf(0.1 / (0.0018 / 5) ** 0.5, 4)
    found = expected_p(alone, replicates=5, blocks=6, effect=0.1, planned_replicates=5, family=2, seeds=1)
    assert found == pytest.approx(2 * p / 0.8, rel=0.01)
    small = expected_p(alone, replicates=5, blocks=6, effect=1.0, planned_replicates=5, family=2, seeds=1)
    assert small < found


def test_one_test_slice_is_one_block_that_can_never_answer():
    assert prior(1)[1] == 1  # without a warning of numpy, which pytest turns into an error


def test_the_prior_is_of_the_slices_that_there_are():
    few, many = prior(11, 10), prior(60, 10)
    assert (few[1], many[1]) == (11, 6)  # one slice, and ten of a correlation of more than 0.9
    of_few, of_many = (own.blocks / n + own.rest / n for own, n in (few, many))
    assert of_few > 2 * of_many  # five times the slices
    assert few[0].replicates == many[0].replicates == pytest.approx(2 * 0.03**2)
