"""Is the structure marked wherever it is learnt, tuned or scored?"""

import numpy as np

from synthem.errors import SynthemError
from synthem.splits import labelled_slices, slice_numbers


def marks_per_slice(pieces):
    """(marked, known) voxels of every slice of the volume.

    `pieces`: (depth, SeenMask or None, its first slice in the stack) in the order of z; what lies beside a
    mask is unknown.
    """
    total = sum(depth for depth, _, _ in pieces)
    marked, known = np.zeros(total, int), np.zeros(total, int)
    first = 0
    for depth, seen, offset in pieces:
        if seen:
            place = slice(first + offset, first + offset + len(seen.marked))
            marked[place], known[place] = seen.marked, seen.known
        first += depth
    return marked, known


def check_blocks(source, marked, blocks, fractions):
    """Nothing to learn, to tune on or to score is an error: the results would look like results."""
    slices = {f"the {name} block": ranges for name, ranges in blocks.items()}
    if "train" in blocks:
        slices |= {
            f"the label fraction {part:g}": labelled_slices(blocks, part) for part in sorted(fractions)
        }
    empty = {what: ranges for what, ranges in slices.items() if not marked[slice_numbers(ranges)].any()}
    if empty:
        named = ", ".join(f"{what} (slices {_spelt(ranges)})" for what, ranges in empty.items())
        raise SynthemError(
            "DATA_SPLIT",
            source,
            f"no voxel is marked in {named}",
            expected="the structure in every block and label fraction",
            fix="change split or experiment.fractions, or mark the structure there",
        )


def warn_of_unmarked(finding, marked, known, blocks):
    """Where many slices of a block have no structure, labels may be forgotten: they teach background."""
    for block, ranges in blocks.items():
        numbers = [z for z in slice_numbers(ranges) if known[z]]
        empty = [z for z in numbers if not marked[z]]
        if len(empty) > len(numbers) / 4:
            finding.warn(f"{len(empty)} of {len(numbers)} {block} slices have none and count as background")


def _spelt(ranges):
    return " and ".join(f"{first} to {end - 1}" for first, end in ranges)
