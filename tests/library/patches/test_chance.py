"""Random numbers that are counted."""

import numpy as np
import pytest

from synthem.patches.chance import PARTS, philox, slice_streams, streams_of, uniforms
from synthem.patches.places import PatchSet, one_after_the_other
from synthem.seeds import derived_seed

SETS = [PatchSet(name, np.zeros((1, 1, 1), np.uint8)) for name in ("real", "painted")]
ONES = 2**32 - 1
# Known answers of its authors (kat_vectors of Random123): counter, key, output.
PUBLISHED = [
    ([0] * 4, [0] * 2, [0x6627E8D5, 0xE169C58D, 0xBC57AC4C, 0x9B00DBD8]),
    ([ONES] * 4, [ONES] * 2, [0x408F276D, 0x41C83B0E, 0xA20BC7C6, 0x6D5451FD]),
    (
        [0x243F6A88, 0x85A308D3, 0x13198A2E, 0x03707344],  # digits of pi
        [0xA4093822, 0x299F31D0],
        [0xD16CFE09, 0x94FDCCEB, 0x5001E420, 0x24126EA1],
    ),
]


def words(counter, key):
    out = np.empty(4, np.uint32)
    philox(tuple(map(np.uint64, counter)), tuple(map(np.uint64, key)), out)
    return out.tolist()


def slow_philox(counter, key):
    """In the whole numbers of Python."""
    a, b, c, d = counter
    k, m = key
    for _ in range(10):
        x, y = 0xD2511F53 * a, 0xCD9E8D57 * c
        a, b, c, d = y // 2**32 ^ b ^ k, y % 2**32, x // 2**32 ^ d ^ m, x % 2**32
        k, m = (k + 0x9E3779B9) % 2**32, (m + 0xBB67AE85) % 2**32
    return [a, b, c, d]


@pytest.mark.parametrize(("counter", "key", "answer"), PUBLISHED)
def test_the_generator_gives_the_answers_of_its_authors(counter, key, answer):
    assert words(counter, key) == slow_philox(counter, key) == answer


def test_a_number_is_one_word_of_a_patch_of_a_set_under_a_seed():
    patches = [(0, 5), (1, 5), (0, 2**33 + 1)]
    drawn = uniforms(streams_of(SETS, patches, seed=3), PARTS, 7)
    assert drawn.shape == (3, 7)
    for row, (index, number) in zip(drawn, patches, strict=True):
        key = derived_seed(3, SETS[index].name)
        key = (key % 2**32, key // 2**32)
        blocks = [(PARTS // 4 + n, 0, number % 2**32, number // 2**32) for n in range(2)]
        expected = [word / 2**32 for block in blocks for word in slow_philox(block, key)]
        assert row.tolist() == expected[:7]


def test_a_slice_of_a_patch_has_numbers_of_its_own():
    stream = streams_of(SETS, [(1, 9)], seed=0)
    drawn = uniforms(slice_streams(stream, 3), 0, 4)
    key = derived_seed(0, "painted")
    for n, row in enumerate(drawn):
        expected = slow_philox((0, n + 1, 9, 0), (key % 2**32, key // 2**32))
        assert (row * 2**32).tolist() == expected
    assert not np.isin(uniforms(stream, 0, 4), drawn).any()


def test_numbers_depend_on_nothing_drawn_with_them():
    streams = streams_of(SETS, [(0, 3), (1, 4), (0, 5)], seed=1)
    together = uniforms(streams, 256, 130)
    assert (uniforms(streams[::-1], 256, 130)[::-1] == together).all()
    assert (uniforms(streams[1:2], 256 + 8, 2)[0] == together[1, 8:10]).all()
    assert (uniforms(streams_of(SETS[1:], [(0, 4)], seed=1), 256, 130)[0] == together[1]).all()
    other_seed = uniforms(streams_of(SETS, [(0, 3), (1, 4), (0, 5)], seed=2), 256, 130)
    assert len(np.unique(np.concatenate([together, other_seed]))) == 6 * 130


def test_numbers_are_uniform_and_neighbours_have_nothing_in_common():
    """Of 400,000 numbers; bounds of four deviations."""
    drawn = uniforms(streams_of(SETS, one_after_the_other(0, 4000), seed=0), 0, 100)
    assert drawn.min() >= 0 and drawn.max() < 1
    counts = np.histogram(drawn, 100, (0, 1))[0]
    chi = ((counts - 4000) ** 2 / 4000).sum()  # its mean is 99, its variance 198
    assert abs(chi - 99) < 4 * np.sqrt(198)
    pairs = [(drawn[:, :-1], drawn[:, 1:]), (drawn[:-1], drawn[1:])]  # of a patch; of two patches
    other = uniforms(streams_of(SETS, [(1, n) for n in range(4000)], seed=0), 0, 100)
    for one, next_one in (*pairs, (drawn, other)):
        assert abs(np.corrcoef(one.ravel(), next_one.ravel())[0, 1]) < 4 / np.sqrt(one.size)
