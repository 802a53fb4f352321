from itertools import product

from synthem.seeds import run_seed


def test_no_two_networks_of_an_arm_have_one_seed():
    seeds = [run_seed(replicate, seed) for replicate, seed in product(range(1, 21), range(1, 1001))]
    assert len(set(seeds)) == 20_000
    assert run_seed(2, 3) == 2003
    assert run_seed(replicate=1, seed=1000) < run_seed(replicate=2, seed=1)
