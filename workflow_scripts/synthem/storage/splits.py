"""Splits a volume into blocks of neighbouring slices that train, validate and test, with gaps between them.

Neighbouring EM sections are nearly the same picture: a random split by slice would let a network see
its test data. A block is a tuple of ranges (first, end) in z: around the test block of a fold, the slices
to train on may lie on both sides, and labelled slices may lie far apart.
"""

import math
from itertools import groupby

from synthem.errors import SynthemError

MOST_NEEDED = 1000  # slices to try for the message of how many are enough: a third of a second


def split_slices(depth, *, validation, test, gap_slices, fold, own, labelled=None):
    """{"train" | "validation" | "test" | "unlabelled": ranges} of a stack of `depth` slices.

    `validation`, `test` are fractions of the labelled slices. fold 0 tests the last ones: train | gap |
    validation | gap | test. Fold k = 1, 2, ... tests block k of folds_of(test) equal ones, so that all folds
    together test every labelled slice once. test 0: there is no test block. Gaps are distances in z.

    own {"validation" | "test": depth}: blocks that are stacks of their own, behind the main one in order.
    labelled {"" (the main stack) | "validation" | "test": its slices that have labels}, where not all have.
    "unlabelled" are slices of the main stack away from validation and test, for what learns without labels.
    """
    labelled = labelled or {}
    numbers = sorted(labelled.get("") or range(depth))
    sizes = {"validation": max(1, round(len(numbers) * validation))}
    sizes |= {"test": max(1, round(len(numbers) * test))} if test else {}
    sizes = {name: size for name, size in sizes.items() if name not in own}
    cut = _cut(numbers, sizes, test=test, gap_slices=gap_slices, fold=fold)
    if cut is None:
        sharing = {"validation": validation, "test": test}
        shares = {name: sharing[name] for name in sizes}
        raise _too_few(numbers, sizes, shares, gap_slices, fold, known="" in labelled)
    first, blocks = depth, {name: ranges_of(block) for name, block in cut.items()}
    for name in ("validation", "test"):
        if name in own:
            places = sorted(labelled.get(name) or range(own[name]))
            blocks[name] = ranges_of([first + z for z in places])
            first += own[name]
    others = sorted(set(range(depth)) - set(numbers)) if "" in labelled else []
    others = _away_from([cut[name] for name in sizes], others, gap_slices)
    blocks = {name: blocks[name] for name in ("train", "validation", "test") if name in blocks}
    return blocks | ({"unlabelled": ranges_of(others)} if others else {})


def _cut(numbers, sizes, *, test, gap_slices, fold):
    """{"train" | "validation" | "test": labelled slices}; None where one of them would be empty."""
    cut = {}
    if "test" in sizes:
        cut["test"] = _tested(numbers, sizes["test"], test, fold)
        if not cut["test"]:
            return None
    if "validation" in sizes:
        cut["validation"] = _beside(cut.get("test"), numbers, sizes["validation"], gap_slices)
    cut["train"] = _away_from([block for block in cut.values() if block], numbers, gap_slices)
    return cut if all(cut.values()) else None


def folds_of(test):
    """The highest fold where a test block is this fraction of the labelled slices."""
    return round(1 / test)


def _tested(numbers, size, test, fold):
    if fold == 0:
        return numbers[-size:]
    folds = folds_of(test)
    return numbers[round((fold - 1) * len(numbers) / folds) : round(fold * len(numbers) / folds)]


def _beside(tested, numbers, size, gap_slices):
    """The validation block: before the tested one where there is room, else behind it; else nothing."""
    if not tested:
        return numbers[-size:]
    before = [z for z in numbers if z < tested[0] - gap_slices]
    behind = [z for z in numbers if z > tested[-1] + gap_slices]
    if len(before) >= size:
        return before[-size:]
    return behind[:size] if len(behind) >= size else []


def _away_from(blocks, numbers, gap_slices):
    """The slices that lie neither in the span of a block nor in the gaps on its two sides."""
    spans = [(block[0] - gap_slices, block[-1] + gap_slices) for block in blocks]
    return [z for z in numbers if all(z < first or z > last for first, last in spans)]


def _too_few(numbers, sizes, shares, gap_slices, fold, *, known):
    taken = ", ".join(f"{size} {name}" for name, size in sizes.items())
    kind = "labelled slices" if known else "slices"
    least = _least(shares, gap_slices, fold)
    enough = f": {least} {kind} in a row, or fewer with gaps between them" if least else ""
    return SynthemError(
        "DATA_SPLIT",
        "split",
        f"{len(numbers)} {kind} leave 0 to train on after {taken} and {len(sizes)} x {gap_slices} gap slices",
        expected=f"at least 1 training slice beside every other block{enough}",
        fix=f"lower split: validation, test or gap_slices, or {'label' if known else 'give'} more slices",
    )


def _least(shares, gap_slices, fold):
    """How many slices in a row can be split; None where no number helps."""
    for count in range(1, MOST_NEEDED):
        sizes = {name: max(1, round(count * share)) for name, share in shares.items()}
        if _cut(range(count), sizes, test=shares.get("test", 0), gap_slices=gap_slices, fold=fold):
            return count
    return None


def slice_numbers(block):
    """The slices of a block (ranges) as a list of numbers."""
    return [z for first, end in block for z in range(first, end)]


def ranges_of(numbers):
    """Rising slice numbers -> ranges ((first, end), ...)."""
    runs = groupby(enumerate(numbers), lambda place: place[1] - place[0])
    found = ([z for _, z in run] for _, run in runs)
    return tuple((run[0], run[-1] + 1) for run in found)


def labelled_slices(blocks, fraction):
    """The slices (ranges) whose labels a run may use: the first `fraction` of the train block, or 1."""
    trained = slice_numbers(blocks["train"])
    return ranges_of(trained[: max(1, math.ceil(round(fraction * len(trained), 9)))])


def pictured_slices(blocks):
    """The slices (ranges) to learn from without labels: those to train on, and those without any."""
    return ranges_of(sorted(slice_numbers(blocks["train"] + blocks.get("unlabelled", ()))))


def spread_slices(block, most):
    """At most `most` slices of a block, as evenly apart as can be."""
    numbers = slice_numbers(block)
    count = min(most, len(numbers))
    return [numbers[(2 * place + 1) * len(numbers) // (2 * count)] for place in range(count)]
