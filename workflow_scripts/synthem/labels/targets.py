"""Targets of U-Nets, by the words of `unets.target`. Without torch: readers of predictions need it, too."""

import numpy as np
from scipy import ndimage

from synthem.errors import SynthemError
from synthem.labels.boundaries import LONG_STEPS, SHORT_STEPS, filtered_interior, interior

UNKNOWN = np.uint32(2**32 - 1)  # the id of unknown voxels among labels


def steps_of(target):
    """Steps (z, y, x) of the channels of affinities in their order; None where there is one plain channel."""
    if target["kind"] != "affinities":
        return None
    options = target["affinities"]
    long = LONG_STEPS if options["long_range"] else ()
    return [step for step in (*SHORT_STEPS, *long) if options["across_slices"] or step[0] == 0]


def attractive_of(target):
    """How many of the first channels are of short range and join voxels; the others part them."""
    return sum(step in SHORT_STEPS for step in steps_of(target) or ())


def is_of_labels(target):
    """Whether a target is made of labels/<structure>, not of the mask."""
    return target["kind"] != "mask"


def interior_target(labels, ignore, target, *, runs):
    """Labels [Z, Y, X] and where they are unknown -> interior uint8 {0, 1}, and where that is unknown.

    runs: ranges of slices that are neighbours, which borders across slices do not leave.
    Made once of whole slices: a border that crosses the edge of a patch is the same on both sides of it.
    Patches are turned and bent afterwards, so strong bending changes its width by some percent.
    """
    made = np.empty(labels.shape, np.uint8)
    unknown = None if ignore is None or not ignore.any() else np.empty(labels.shape, np.uint8)
    for first, end in runs:
        made[first:end], near = _interior(labels[first:end], target)
        if unknown is not None:  # unknown labels may be any: so is what they decide
            unknown[first:end] = ndimage.binary_dilation(ignore[first:end], near)
    return made, unknown


def _interior(labels, target):
    """Interior of slices that are neighbours, and the neighbourhood that decides a voxel of it."""
    if target["kind"] == "boundaries":
        dilation = target["boundaries"]["dilation"]
        reach = 1 + dilation
        return filtered_interior(labels, dilation=dilation), np.ones((1, 2 * reach + 1, 2 * reach + 1), bool)
    reach, across = target["interior"]["width"], target["interior"]["across_slices"]
    near = np.ones((2 * reach + 1 if across else 1, 2 * reach + 1, 2 * reach + 1), bool)
    return interior(labels, width=reach, per_slice=not across), near


def labels_with_unknown(labels, ignore):
    """Labels uint32 [Z, Y, X] with UNKNOWN where they are unknown: one array, which moves with patches."""
    if labels.size and labels.max() == UNKNOWN:
        raise SynthemError(
            "DATA_VALUE",
            "labels",
            f"the number {UNKNOWN}",
            expected="smaller numbers: this one means unknown",
            fix="name it in `ignore` or `background` of these labels, or number the instances again",
        )
    return labels if ignore is None else np.where(ignore > 0, UNKNOWN, labels)
