"""Splits a volume into blocks of slices that train and test, with gaps between them.

Neighbouring EM sections are nearly the same picture: a random split by slice would let a network see
its test data. A block is a tuple of ranges (first, end) in z: around the test block of a fold, the slices
to train on may lie on both sides, and labelled slices may lie far apart.
"""

import math
from itertools import groupby

from synthem.errors import SynthemError
from synthem.storage.naming import count_text

WHOLE = {"test": 1, "gap_nm": 0, "fold": 0}  # the split of a stack without labels
ALL = "all"  # the budget of every labelled slice of a train block
MOST_NEEDED = 1000  # slices to try for the message of how many are enough: a third of a second


def split_slices(depth, *, test, gap_slices, fold, own, labelled=None):
    """{"train" | "test" | "unlabelled": ranges} of a stack of `depth` slices.

    `test` is a fraction of the labelled slices. fold 0 tests the last ones: train | gap | test. Fold k = 1,
    2, ... tests block k of folds_of(test) equal ones, so that all folds together test every labelled slice
    once. test 0: there is no test block; 1: nothing but that, as of a stack without labels. Gaps are
    distances in z.

    own {"validation" | "test": depth}: stacks of their own, behind the main one in order. That of validation
    is labelled data like any other: its slices are ranges of the block "train", never one with slices of
    the main stack. labelled {"" (the main stack) | "validation" | "test": its slices that have labels},
    where not all have. "unlabelled" are slices of the main stack away from the test block, for what learns
    without labels.
    """
    labelled = labelled or {}
    numbers = sorted(labelled.get("") or range(depth))
    cut = _cut(numbers, test=0 if "test" in own else test, gap_slices=gap_slices, fold=fold)
    if cut is None:
        raise _too_few(numbers, test, gap_slices, fold, known="" in labelled)
    blocks, first = {name: ranges_of(block) for name, block in cut.items()}, depth
    for name, stack in (("validation", "train"), ("test", "test")):
        if name in own:
            places = sorted(labelled.get(name) or range(own[name]))
            blocks[stack] = blocks.get(stack, ()) + ranges_of([first + z for z in places])
            first += own[name]
    others = sorted(set(range(depth)) - set(numbers)) if "" in labelled else []
    others = _away_from(cut.get("test"), others, gap_slices)
    return blocks | ({"unlabelled": ranges_of(others)} if others else {})


def gap_in_slices(gap_nm, slice_nm):
    """How many slices of this thickness (nm) a gap takes: never less than it asks for, but for rounding.

    Files and configs hold sizes with six digits and more: 50 nm may be 49.999999 there.
    """
    return math.ceil(round(gap_nm / slice_nm, 4))


def _cut(numbers, *, test, gap_slices, fold):
    """{"train" | "test": labelled slices}; None where one of them would be empty."""
    if test in (0, 1):
        return {"test" if test else "train": numbers} if numbers else None
    tested = _tested(numbers, test, fold)
    cut = {"train": _away_from(tested, numbers, gap_slices), "test": tested}
    return cut if all(cut.values()) else None


def folds_of(test):
    """The highest fold where a test block is this fraction of the labelled slices."""
    return round(1 / test)


def _tested(numbers, test, fold):
    if fold == 0:
        return numbers[-_test_size(numbers, test) :]
    folds = folds_of(test)
    return numbers[round((fold - 1) * len(numbers) / folds) : round(fold * len(numbers) / folds)]


def _test_size(numbers, test):
    return max(1, round(len(numbers) * test))


def _away_from(block, numbers, gap_slices):
    """The slices that lie neither in the span of a block, if there is one, nor in the gaps beside it."""
    if not block:
        return numbers
    first, last = block[0] - gap_slices, block[-1] + gap_slices
    return [z for z in numbers if z < first or z > last]


def _too_few(numbers, test, gap_slices, fold, *, known):
    kind = "labelled slice" if known else "slice"
    least = _least(test, gap_slices, fold)
    enough = f": {count_text(least, kind)} in a row, or fewer with gaps between them" if least else ""
    size = _test_size(numbers, test)
    return SynthemError(
        "DATA_SPLIT",
        "split",
        f"{count_text(len(numbers), kind)} {'leaves' if len(numbers) == 1 else 'leave'} 0 to train on after "
        f"{size} test and {gap_slices} gap slices",
        expected=f"at least 1 training slice beside the test block{enough}",
        fix=f"lower split.test or split.gap_nm, or {'label' if known else 'give'} more slices",
    )


def _least(test, gap_slices, fold):
    """How many slices in a row can be split; None where no number helps."""
    for count in range(1, MOST_NEEDED):
        if _cut(range(count), test=test, gap_slices=gap_slices, fold=fold):
            return count
    return None


def held_out_of(count, validation):
    """How many of so many slices validate: the share rounded down, and at least one is left to learn from."""
    return min(math.floor(round(validation * count, 9)), count - 1)


def slice_numbers(block):
    """The slices of a block (ranges) as a list of numbers."""
    return [z for first, end in block for z in range(first, end)]


def ranges_of(numbers):
    """Rising slice numbers -> ranges ((first, end), ...)."""
    runs = groupby(enumerate(numbers), lambda place: place[1] - place[0])
    found = ([z for _, z in run] for _, run in runs)
    return tuple((run[0], run[-1] + 1) for run in found)


def ranges_within(block, numbers):
    """Some slices of a block -> ranges that are cut where those of the block are: stacks meet there."""
    chosen = set(numbers)
    runs = (ranges_of([z for z in range(first, end) if z in chosen]) for first, end in block)
    return tuple(run for found in runs for run in found)


def runs_of(block, *, linked):
    """Ranges of slices of a volume -> the same as they stand in an array of these slices alone.

    Slices that are no neighbours in space, tiles or synthetic ones, are a range each.
    """
    runs, first = [], 0
    for start, end in block:
        length = end - start
        runs += [(first, first + length)] if linked else [(first + k, first + k + 1) for k in range(length)]
        first += length
    return tuple(runs)


def pictured_slices(blocks):
    """The slices (ranges) to learn from without labels: those to train on, and those without any."""
    return ranges_of(sorted(slice_numbers(blocks["train"] + blocks.get("unlabelled", ()))))


def spread_slices(block, most):
    """At most `most` slices of a block, as evenly apart as can be."""
    numbers = slice_numbers(block)
    count = min(most, len(numbers))
    return [numbers[(2 * place + 1) * len(numbers) // (2 * count)] for place in range(count)]
