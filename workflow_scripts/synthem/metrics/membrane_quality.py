"""Quality of predicted membranes: plausibility without truth, agreement where truth was withheld."""

import numpy as np
from scipy import ndimage

from synthem.metrics.masks import membrane_f1, overlap_scores
from synthem.storage.arrays import as_probability, read_array
from synthem.storage.ignore import blanked, either, only_known, plane
from synthem.storage.volumes import read_ignore

TOLERANCE_PX = 2  # borders drawn by two people differ by about this much


def assess_membranes(probability, membrane, structure, truth, *, ignore, truth_ignore):
    """Quality measures of predicted membranes; all arrays [z, y, x], `truth` or None.

    Where the structure is unknown (`ignore` {0, 1} or None), a network that sees it has a wrong input: these
    places count for nothing. Agreement leaves out those of `truth_ignore`, too.

    coverage: part of the image. undecided: part with probability 0.2 to 0.8. closed: part of the membrane
    that lies between two different regions, as a real membrane does. inside_structure: part of the membrane
    that lies in the structure, where none should be. f1 and f1_tolerant: agreement with the truth, exact and
    within 2 pixels; iou, precision and recall: exact.
    """
    inner = blanked(ndimage.binary_erosion(structure, np.ones((1, 7, 7))), ignore)
    certain = only_known(probability, ignore)
    quality = {
        "slices": len(membrane),
        "coverage": _part(only_known(membrane, ignore)),
        "undecided": _part((certain > 0.2) & (certain < 0.8)),
        "closed": closedness(membrane, ignore),
        "inside_structure": float(membrane[inner].mean()) if inner.any() else None,
    }
    if truth is not None:
        unknown = either(ignore, truth_ignore)
        exact = membrane_f1(membrane, truth, unknown, tolerance_px=0)
        tolerant = membrane_f1(membrane, truth, unknown, tolerance_px=TOLERANCE_PX)
        coverage = _part(only_known(truth, unknown))
        quality |= exact | {"f1_tolerant": tolerant["f1"], "truth_coverage": coverage}
        quality["iou"] = overlap_scores(membrane, truth, unknown)["iou"]
    return quality


def quality_of_slices(volume, predicted, slices, *, structure, beside):
    """`assess_membranes` of some slices (ranges) of a volume that knows its membranes; both are paths.

    structure: the name of a mask of the volume, None where it has none; beside: masks that the network sees.
    """
    membrane = read_array(predicted, "membrane", block=slices)
    return assess_membranes(
        as_probability(read_array(predicted, "probability", block=slices)),
        membrane,
        read_array(volume, f"masks/{structure}", block=slices) if structure else np.zeros_like(membrane),
        read_array(volume, "masks/membrane", block=slices),
        ignore=either(*(read_ignore(volume, mask, block=slices) for mask in beside)),
        truth_ignore=read_ignore(volume, "membrane", block=slices),
    )


def closedness(membrane, ignore=None):
    """Part of the known membrane voxels with two regions (4-connected, per slice) within 5 pixels."""
    between, total = 0, 0
    for z, mask in enumerate(membrane):
        regions, _ = ndimage.label(mask == 0)
        if not mask.any():
            continue
        highest = ndimage.grey_dilation(regions, size=(11, 11))
        # The lowest region number nearby: background (0) is membrane and must not win.
        lowest = ndimage.grey_erosion(np.where(regions == 0, regions.max() + 1, regions), size=(11, 11))
        on = blanked(mask, plane(ignore, z)) > 0
        between += int((highest[on] > lowest[on]).sum())
        total += int(on.sum())
    return between / total if total else None


def _part(mask):
    return float(mask.mean()) if mask.size else None
