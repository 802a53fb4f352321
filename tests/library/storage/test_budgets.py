import itertools
import subprocess
import sys

import numpy as np
import pytest

from synthem.errors import SynthemError
from synthem.storage.budgets import Draw, draw_of, draw_slices
from synthem.storage.splits import slice_numbers
from synthem.storage.volumes import Facts, Volume, write_volume
from tests.shared.project import PROJECT

BLOCKS = {"train": ((3, 25),), "test": ((30, 40),)}  # 22 slices to train on
REPLICATES = range(1, 41)


def draw(budget, replicate=1, *, blocks=BLOCKS, strategy="spread", validation=0.25):
    return draw_slices(blocks, budget=budget, replicate=replicate, strategy=strategy, validation=validation)


def chosen(budget, replicate=1, **settings):
    return slice_numbers(draw(budget, replicate, **settings).labelled)


def test_spread_slices_are_evenly_apart_from_a_place_in_the_first_interval():
    # 22 / 4: places are 5 or 6 apart, and the first lies in the first interval.
    for replicate in REPLICATES:
        numbers = chosen(4, replicate)
        assert set(np.diff(numbers)) <= {5, 6}
        assert 3 <= numbers[0] < 3 + 5.5 and numbers[-1] < 25
    firsts = {chosen(4, replicate)[0] for replicate in REPLICATES}
    assert firsts == {3, 4, 5, 6, 7, 8}  # all of them come, in 40 draws


def test_one_spread_slice_may_be_any_and_no_place_is_much_more_likely():
    numbers = [chosen(1, replicate)[0] for replicate in range(1, 2201)]
    counts = np.bincount(numbers, minlength=25)[3:]
    # 100 expected in each, with a standard deviation of 9.8
    assert counts.sum() == 2200 and counts.min() > 50 and counts.max() < 150


def test_random_slices_are_any_and_a_larger_budget_has_the_same_ones_and_more():
    drawn = [tuple(chosen(3, replicate, strategy="random")) for replicate in range(1, 301)]
    assert len(set(drawn)) > 250  # of 1540 that there are
    assert {z for numbers in drawn for z in numbers} == set(range(3, 25))
    for replicate in REPLICATES:
        small, large = (set(chosen(n, replicate, strategy="random")) for n in (4, 9))
        assert small < large and len(large) == 9


def test_the_first_slices_are_the_same_for_every_replicate():
    for replicate in REPLICATES:
        assert chosen(4, replicate, strategy="first") == [3, 4, 5, 6]


@pytest.mark.parametrize("strategy", ["spread", "random", "first"])
def test_all_is_every_slice_of_the_train_block_and_so_is_its_number(strategy):
    for budget in ("all", 22, "22"):
        assert chosen(budget, 7, strategy=strategy) == list(range(3, 25))
    assert draw("all", strategy=strategy).count == 22


def test_validation_is_the_share_rounded_down_and_comes_out_of_the_budget():
    sizes = {budget: len(slice_numbers(draw(budget).validation)) for budget in (1, 2, 3, 4, 7, 8, 22)}
    assert sizes == {1: 0, 2: 0, 3: 0, 4: 1, 7: 1, 8: 2, 22: 5}
    for budget, replicate in itertools.product((4, 8, "all"), REPLICATES):
        found = draw(budget, replicate)
        learnt, apart = slice_numbers(found.train), slice_numbers(found.validation)
        assert not set(learnt) & set(apart)
        assert sorted(learnt + apart) == chosen(budget, replicate)


def test_a_share_that_binary_numbers_miss_by_a_little_loses_no_slice():
    # 0.29 * 100 is 28.999999999999996
    assert len(slice_numbers(draw("all", blocks={"train": ((0, 100),)}, validation=0.29).validation)) == 29


def test_one_slice_at_least_is_left_to_learn_from():
    assert len(slice_numbers(draw(2, validation=0.999999999999).train)) == 1


def test_slices_to_validate_on_are_neighbours_among_the_chosen_ones_from_an_offset_of_the_replicate():
    offsets = set()
    for replicate in REPLICATES:
        found, numbers = draw(8, replicate), chosen(8, replicate)
        places = [numbers.index(z) for z in slice_numbers(found.validation)]
        assert places[1] == places[0] + 1
        offsets.add(places[0])
    assert offsets == set(range(7))


def test_validation_of_all_slices_in_a_row_is_one_block():
    for replicate in REPLICATES:
        ((first, end),) = draw("all", replicate).validation
        assert end - first == 5 and 3 <= first and end <= 25


def test_ranges_end_where_stacks_meet():
    blocks = {"train": ((0, 10), (10, 13))}
    found = draw("all", blocks=blocks, validation=0)
    assert found == Draw(((0, 10), (10, 13)), ())
    assert all(
        not (first < 10 < end)
        for replicate in REPLICATES
        for first, end in draw("all", replicate, blocks=blocks).labelled
    )


def test_wildcards_are_text():
    assert draw("4", "3") == draw(4, 3)


@pytest.mark.parametrize("budget", [23, "23", 0])
def test_a_budget_beyond_the_train_block_is_an_error_with_both_numbers(budget):
    with pytest.raises(SynthemError, match=f"labels.budgets: a budget of {budget} .* has 22") as caught:
        draw(budget)
    assert caught.value.code == "DATA_SPLIT"


def test_a_draw_from_a_file_is_that_of_its_blocks(tmp_path):
    image = np.zeros((40, 1, 1), np.uint8)
    write_volume(tmp_path / "v.h5", Volume(image, Facts((5, 5, 5), blocks=BLOCKS)))
    settings = {"budget": "4", "replicate": "2", "strategy": "spread", "validation": 0.25}
    assert draw_of(tmp_path / "v.h5", **settings) == draw(4, 2)


def test_another_process_with_other_hashes_draws_the_same():
    program = (
        "from synthem.storage.budgets import draw_slices\n"
        f"print([draw_slices({BLOCKS}, budget=5, replicate=r, strategy=s, validation=0.4)\n"
        "       for r in range(9) for s in ('spread', 'random')])"
    )
    environment = {"PYTHONPATH": str(PROJECT / "workflow_scripts"), "PYTHONHASHSEED": "7"}
    told = subprocess.run(
        [sys.executable, "-c", program], env=environment, capture_output=True, text=True, check=True
    ).stdout
    settings = {"budget": 5, "validation": 0.4}
    drawn = [
        draw_slices(BLOCKS, replicate=r, strategy=s, **settings)
        for r in range(9)
        for s in ("spread", "random")
    ]
    assert told.strip() == str(drawn)
