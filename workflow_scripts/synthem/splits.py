"""Which slices train, which tune, which test: contiguous blocks with a gap, never single slices.

Neighbouring EM sections are nearly the same picture: a random split by slice would let a network see
its test data. A block is a tuple of ranges (first, end) in z: around the test block of a fold, the slices
to train on may lie on both sides.
"""

import math
from itertools import groupby

from synthem.errors import SynthemError


def split_slices(depth, *, validation, test, gap_slices, fold, own):
    """{"train" | "validation" | "test": ranges}; `validation`, `test` are fractions of the `depth` slices.

    fold 0 tests the last slices: train | gap | validation | gap | test. Fold k = 1, 2, ... tests block k of
    round(1 / test) equal ones, so that all folds together test every slice once.
    own {"validation" | "test": depth}: blocks that are stacks of their own, behind the main one in order.
    """
    sizes = {"validation": max(1, round(depth * validation)), "test": max(1, round(depth * test))}
    cuts = {}
    if "test" not in own:
        cuts["test"] = _tested(depth, sizes["test"], test, fold)
    if "validation" not in own:
        cuts["validation"] = _beside(
            cuts.get("test", (depth + gap_slices,) * 2), sizes["validation"], gap_slices
        )
    trained = [
        z for z in range(depth) if all(z < a - gap_slices or z >= b + gap_slices for a, b in cuts.values())
    ]
    outside = any(first < 0 or end > depth for first, end in cuts.values())
    if outside or not trained:
        taken = {name: sizes[name] for name in ("validation", "test") if name in cuts}
        raise _too_few(depth, taken, gap_slices)
    blocks = {"train": ranges_of(trained)}
    first = depth
    for name in ("validation", "test"):
        if name in own:
            cuts[name] = (first, first + own[name])
            first += own[name]
        blocks[name] = (cuts[name],)
    return blocks


def _tested(depth, size, test, fold):
    if fold == 0:
        return depth - size, depth
    folds = round(1 / test)
    return round((fold - 1) * depth / folds), round(fold * depth / folds)


def _beside(tested, size, gap_slices):
    """The validation block: before the tested one where there is room, else behind it."""
    end = tested[0] - gap_slices
    return (end - size, end) if end >= size else (tested[1] + gap_slices, tested[1] + gap_slices + size)


def _too_few(depth, sizes, gap_slices):
    taken = ", ".join(f"{size} {name}" for name, size in sizes.items())
    return SynthemError(
        "DATA_SPLIT",
        "split",
        f"{depth} slices leave 0 to train on after {taken} and {len(sizes)} x {gap_slices} gap slices",
        expected="at least 1 training slice beside every other block",
        fix="lower split: validation, test or gap_slices, or give more slices",
    )


def slice_numbers(block):
    """The slices of a block, one by one."""
    return [z for first, end in block for z in range(first, end)]


def ranges_of(numbers):
    """Rising slice numbers -> ranges."""
    runs = groupby(enumerate(numbers), lambda place: place[1] - place[0])
    found = ([z for _, z in run] for _, run in runs)
    return tuple((run[0], run[-1] + 1) for run in found)


def labelled_slices(blocks, fraction):
    """The slices (ranges) whose labels a run may use: the first `fraction` of the train block, or 1."""
    trained = slice_numbers(blocks["train"])
    return ranges_of(trained[: max(1, math.ceil(round(fraction * len(trained), 9)))])


def spread_slices(block, most):
    """At most `most` slices of a block, as evenly apart as can be."""
    numbers = slice_numbers(block)
    count = min(most, len(numbers))
    return [numbers[(2 * place + 1) * len(numbers) // (2 * count)] for place in range(count)]
