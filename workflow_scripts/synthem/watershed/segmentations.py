"""Mask and instances of a block in one file, slab by slab: nothing of the block's size is made for it."""

import numpy as np

from synthem.storage.arrays import writing_arrays
from synthem.storage.scratch import slabs


def write_segmentation(path, labels, inside, *, threshold, voxel_size_nm, confidence=None):
    """Write `labels` uint32 [Z, Y, X] and `mask`: inside float32 >= threshold, or without one labels > 0.

    confidence(slab of slices) -> uint8 [z, Y, X], written under this name; None: of no interest.
    """
    kinds = {"mask": (labels.shape, bool), "labels": (labels.shape, np.uint32)}
    kinds |= {"confidence": (labels.shape, np.uint8)} if confidence else {}
    with writing_arrays(path, kinds, {"voxel_size_nm": voxel_size_nm}) as put:
        for slab in slabs(labels.shape):
            put("mask", slab.start, labels[slab] > 0 if threshold is None else inside[slab] >= threshold)
            if confidence:
                put("confidence", slab.start, confidence(slab))
        for slab in slabs(labels.shape):
            put("labels", slab.start, labels[slab])
