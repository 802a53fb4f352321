import numpy as np

from synthem.kernels.threads import each_slice
from synthem.kernels.unions import number_sets, unite_pairs


def test_members_of_one_set_share_its_first_member():
    roots = unite_pairs(8, np.array([[5, 3], [7, 5], [2, 1], [6, 6]]))
    assert roots.tolist() == [0, 1, 1, 3, 4, 3, 6, 3]
    assert unite_pairs(3, np.zeros((0, 2))).tolist() == [0, 1, 2]


def test_sets_are_those_of_a_slow_search():
    pairs = np.random.default_rng(0).integers(0, 60, (40, 2))
    sets = [{member} for member in range(60)]
    for one, other in pairs.tolist():
        a, b = (next(s for s in sets if member in s) for member in (one, other))
        if a is not b:
            sets.remove(b)
            a |= b
    assert unite_pairs(60, pairs).tolist() == [min(next(s for s in sets if i in s)) for i in range(60)]


def test_sets_are_numbered_by_their_first_members():
    numbers = np.zeros(6, np.int32)
    assert number_sets(np.array([0, 1, 2, 1, 4, 2]), numbers) == 3
    assert numbers.tolist() == [0, 1, 2, 1, 3, 2]


def test_results_of_slices_keep_their_order_whatever_the_threads():
    assert each_slice(lambda z: z * z, 5, 1) == each_slice(lambda z: z * z, 5, 3) == [0, 1, 4, 9, 16]
    assert each_slice(lambda z: z, 0, 2) == []
