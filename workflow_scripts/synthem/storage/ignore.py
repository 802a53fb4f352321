"""Masks of unknown voxels (`ignore`), which are neither learnt from nor tuned on nor scored.

`ignore` is uint8 {0, 1}, 1 = unknown, of the shape of what it belongs to; None: all is known.
"""

from functools import reduce

import numpy as np


def either(*ignores):
    """What is unknown in at least one of several `ignore` masks."""
    given = [ignore for ignore in ignores if ignore is not None]
    return reduce(np.maximum, given) if given else None


def plane(ignore, z):
    """Slice z of an `ignore` mask, which may be None."""
    return None if ignore is None else ignore[z]


def only_known(array, ignore):
    """The known voxels in a row; the array as it is where all are known."""
    return array if ignore is None else array[ignore == 0]


def blanked(mask, ignore):
    """The mask or labels with 0, not structure, wherever it is unknown."""
    return mask if ignore is None else np.where(ignore > 0, mask.dtype.type(0), mask)
