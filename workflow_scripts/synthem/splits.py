"""Which slices train, which tune, which test: contiguous blocks with a gap, never single slices.

Neighbouring EM sections are nearly the same picture: a random split by slice would let a network see
its test data.
"""

import math

from synthem.errors import SynthemError


def split_slices(depth, *, validation, test, gap_slices):
    """Blocks (first, end) in z: train | gap | validation | gap | test; `validation`, `test` are fractions."""
    sizes = {"validation": max(1, round(depth * validation)), "test": max(1, round(depth * test))}
    train = depth - sum(sizes.values()) - 2 * gap_slices
    if train < 1:
        raise SynthemError(
            "DATA_SPLIT",
            "split",
            f"{depth} slices leave {max(train, 0)} to train on after {sizes['validation']} validation, "
            f"{sizes['test']} test and 2 x {gap_slices} gap slices",
            expected="at least 1 training slice",
            fix="lower split: validation, test or gap_slices, or give more slices",
        )
    blocks, first = {}, 0
    for name, size in {"train": train, **sizes}.items():
        blocks[name] = (first, first + size)
        first += size + gap_slices
    return blocks


def labelled_slices(blocks, fraction):
    """The slices (first, end) whose labels a run may use: the first `fraction` of the train block, or 1."""
    first, end = blocks["train"]
    return first, first + max(1, math.ceil(round(fraction * (end - first), 9)))


def spread_slices(block, most):
    """At most `most` slices of the block (first, end), as evenly apart as can be."""
    first, end = block
    count = min(most, end - first)
    return [first + (2 * place + 1) * (end - first) // (2 * count) for place in range(count)]
