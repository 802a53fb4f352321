from collections import Counter
from fractions import Fraction

import numpy as np
import pytest

from synthem.patches.series import Series, in_turn, phases_of

UNEVEN = [(0.75, 0.25), (0.1, 0.2, 0.7), (0.3333, 0.3333, 0.3334), (0.04, 0.01, 0.42, 0.49, 0.04)]


def drawn(phases, *, steps, batch_size=4):
    return patches_of(Series(phases, batch_size), 0, steps)


def patches_of(series, first, count=1):
    return [tuple(patch) for patch in series.of_steps(first, count).tolist()]


@pytest.mark.parametrize("shares", [(1,), (0.5, 0.5), *UNEVEN])
def test_every_prefix_keeps_the_shares_within_one_patch(shares):
    indices = np.array([index for index, _ in drawn(((0, shares),), steps=5001)])
    # The last of these shares lets a set fall 1.06 patches behind, if the one furthest behind is always next.
    for index, share in enumerate(shares):
        counts = np.cumsum(indices == index)
        wanted = np.arange(1, len(indices) + 1) * Fraction(str(share))
        assert max(abs(wanted - counts)) < 1


@pytest.mark.parametrize("shares", UNEVEN)
def test_each_set_gives_its_patches_one_after_the_other(shares):
    patches = drawn(((0, shares),), steps=5001)
    for index in range(len(shares)):
        numbers = [number for i, number in patches if i == index]
        assert numbers == list(range(len(numbers)))


def test_three_of_four_patches_are_spread_over_the_batch():
    """The second is behind by 0.25, then by 0.5 as the first, which goes before, then by 0.75."""
    assert drawn(((0, (0.75, 0.25)),), steps=1) == [(0, 0), (0, 1), (1, 0), (0, 2)]


def test_equal_shares_come_in_turn():
    for sets in (1, 2, 3, 5):
        assert drawn(in_turn(sets), steps=7, batch_size=3) == [(k % sets, k // sets) for k in range(21)]


def test_a_share_of_zero_gives_no_patch():
    assert {index for index, _ in drawn(((0, (0, 0.5, 0, 0.5)),), steps=50)} == {1, 3}
    assert {index for index, _ in drawn(((0, (0, 1)),), steps=50)} == {1}


def test_sevenths_are_sevenths_though_decimals_cannot_write_them():
    indices = Counter(index for index, _ in drawn(((0, (0.142857,) * 7),), steps=7000, batch_size=1))
    assert set(indices.values()) == {1000}


def test_sets_that_follow_others_count_on():
    """Half of 3 x 4 patches are of set 0; then it gives all; last, set 1 goes on after its 6."""
    patches = drawn(((0, (0.5, 0.5)), (3, (1, 0)), (5, (0, 1))), steps=6)
    assert [number for index, number in patches if index == 0] == list(range(6 + 8))
    assert patches[12:20] == [(0, n) for n in range(6, 14)]
    assert patches[20:] == [(1, n) for n in range(6, 10)]


def test_a_step_does_not_depend_on_the_steps_before_it():
    phases = ((0, (0.1, 0.2, 0.7)), (333_333, (0.75, 0, 0.25)))
    in_order, late = Series(phases, 6), Series(phases, 6)
    assert patches_of(late, 333_320, 20) == [
        patch for step in range(333_320, 333_340) for patch in patches_of(in_order, step)
    ]
    for step in range(333_320, 333_340):
        wanted = patches_of(late, step)
        assert patches_of(in_order, step) == wanted
    # Then 199,999 cycles of 10 patches are over, and 8 of the next; 0.8 of them are of the first set.
    index, number = patches_of(late, 333_333)[0]
    assert index == 0 and number in (199_999, 200_000)
    # 3 of 4 patches of all later steps, with no more work than at the first.
    index, number = patches_of(late, 333_333 + 10**12)[0]
    assert index == 0 and number - 4.5 * 10**12 in (199_999, 200_000)


def test_arms_of_the_config_are_phases():
    arm = {"sets": {"painted": 1.0}, "then": {"real": 0.5, "painted": 0.5}, "switch": 0.7}
    assert phases_of(["painted", "real"], **arm, steps=10) == ((0, (1, 0)), (7, (0.5, 0.5)))
    assert phases_of(["painted", "real"], **arm, steps=9) == ((0, (1, 0)), (7, (0.5, 0.5)))  # 6.3: from 7 on
    assert phases_of(["real"], sets={"real": 1}, then={}, switch=0.5, steps=10) == ((0, (1,)),)
