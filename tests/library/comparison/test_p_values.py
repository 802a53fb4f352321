import pytest

from synthem.comparison.looks import ERRORS
from synthem.comparison.p_values import p_text


@pytest.mark.parametrize(
    ("p", "said"),
    [
        *[(1.0, "= 1"), (0.0123, "= 0.012"), (1e-6, "= 1e-06"), (9e-7, "< 1e-6"), (2e-8, "< 1e-7")],
        *[(1e-8, "< 1e-8"), (3e-9, "< 1e-8"), (1e-12, "< 1e-8"), (0, "< 1e-8")],
    ],
)
def test_a_small_p_is_what_it_is_smaller_than(p, said):
    assert p_text(p) == said


@pytest.mark.parametrize(("family", "said"), [(1, "< 1e-8"), (10, "< 1e-8"), (11, "< 1e-7")])
def test_the_end_of_the_table_of_looks_times_a_family_is_a_bound_that_holds(family, said):
    """1e-9 times the family is the most that p can be there."""
    assert p_text(family * ERRORS[0]) == said
