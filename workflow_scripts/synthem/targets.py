"""What a U-Net learns: the words of `unets.target`. No torch: whoever reads predictions needs this, too."""

import numpy as np
from scipy import ndimage

from synthem.boundaries import LONG_STEPS, SHORT_STEPS, filtered_interior, interior
from synthem.errors import SynthemError

UNKNOWN = np.uint32(2**32 - 1)  # among labels: nobody knows what is here


def steps_of(target):
    """Steps (z, y, x) of the channels of affinities in their order; None where there is one plain channel."""
    if target["kind"] != "affinities":
        return None
    return _short_steps(target) + [
        step for step in LONG_STEPS if target["long_range"] and _is_wanted(step, target)
    ]


def attractive_of(target):
    """How many of the first channels are of short range: what they say joins voxels; the others part them."""
    return len(_short_steps(target)) if target["kind"] == "affinities" else 0


def _short_steps(target):
    return [step for step in SHORT_STEPS if _is_wanted(step, target)]


def _is_wanted(step, target):
    return target["across_slices"] or step[0] == 0


def is_of_labels(target):
    """Whether it is made of labels/<structure>, not of the mask."""
    return target["kind"] != "mask"


def interior_target(labels, ignore, target):
    """Labels [Z, Y, X] and where they are unknown -> interior uint8 {0, 1}, and where that is unknown.

    Made once of whole slices: a border that crosses the edge of a patch is the same on both sides of it.
    Patches are turned and bent afterwards, so strong bending changes its width by some percent.
    """
    if target["kind"] == "boundaries":
        made, reach = filtered_interior(labels, dilation=target["dilation"]), 1 + target["dilation"]
    else:
        made, reach = interior(labels, width=target["width"], per_slice=True), target["width"]
    if ignore is None or not ignore.any():
        return made, ignore
    near = np.ones(
        (1, 2 * reach + 1, 2 * reach + 1), bool
    )  # unknown labels may be any: so is what they decide
    return made, ndimage.binary_dilation(ignore, near).astype(np.uint8)


def labels_with_unknown(labels, ignore):
    """Labels uint32 [Z, Y, X] with UNKNOWN wherever nobody knows: one array that patches can carry along."""
    if labels.size and labels.max() == UNKNOWN:
        raise SynthemError(
            "DATA_VALUE",
            "labels",
            f"the number {UNKNOWN}",
            expected="smaller numbers: this one means unknown",
            fix="name it in `ignore` or `background` of these labels, or number the instances again",
        )
    return labels if ignore is None else np.where(ignore > 0, UNKNOWN, labels)
