import numpy as np

from synthem.kernels.hash_table import slot_of


def filled(numbers, slots):
    keys, counts = np.zeros(slots, np.uint64), np.zeros(slots, np.int64)
    for number in numbers:
        slot = slot_of(keys, counts, np.uint64(number))
        keys[slot] = number
        counts[slot] += 1
    return keys, counts


def test_every_key_has_a_slot_of_its_own_in_a_full_table():
    """0 and the largest number are keys like others: a count marks what is taken."""
    numbers = [0, 2**64 - 1, 1, 2**32, *range(2, 14)]
    keys, counts = filled(numbers + numbers, slots=16)
    assert sorted(keys.tolist()) == sorted(numbers)
    assert counts.tolist() == [2] * 16


def test_a_key_that_is_not_there_gets_a_free_slot():
    keys, counts = filled(range(100, 112), slots=16)
    assert counts[slot_of(keys, counts, np.uint64(7))] == 0
