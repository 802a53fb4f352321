"""Whether images show what their masks say: what a network that learnt from real slices finds in them.

The idea is that of Park et al. 2019 (SPADE), who segment generated images with a network of real ones. Little
is found where masks do not show, or where images look like nothing that this network has learnt.
"""

import numpy as np

FOUND = 0.5  # probability from which on a voxel counts as found


def overlaps(segmenter, images, masks):
    """Voxels of a mask that were found, that were missed, and found outside of it: int64 [n, 3].

    images: uint8 [n, Y, X(, C)]; masks: {0, 1} [n, Y, X], of the structure that the Segmenter marks.
    """
    counts = []
    for image, mask in zip(images, masks, strict=True):
        (found,) = segmenter.probabilities([image[None]]) >= FOUND
        marked = mask != 0
        counts.append([(found & marked).sum(), (marked & ~found).sum(), (found & ~marked).sum()])
    return np.array(counts, np.int64)


def iou_of(counts):
    """IoU of all patches together; 1 where there is nothing to find and nothing was found."""
    shared, *others = counts.sum(axis=0).tolist()
    return shared / (shared + sum(others)) if shared + sum(others) else 1.0
