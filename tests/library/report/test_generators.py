"""How many replicates make a finding, by the binomial distribution."""

import pytest
from scipy.stats import binom

from synthem.report.generators import is_a_finding


@pytest.mark.parametrize("replicates", [1, 2, 3, 5, 8, 10, 11, 40])
def test_a_finding_is_rarer_by_luck_than_the_end_of_one_interval(replicates):
    for sure in range(replicates + 1):
        luck = binom.sf(sure - 1, replicates, 0.025)
        assert is_a_finding(sure, replicates) == (luck < 0.0250001), sure


def test_one_of_one_and_two_of_five_are_findings_and_one_of_two_is_none():
    assert is_a_finding(1, 1) and is_a_finding(2, 5)
    assert not is_a_finding(0, 1) and not is_a_finding(1, 2) and not is_a_finding(1, 5)
