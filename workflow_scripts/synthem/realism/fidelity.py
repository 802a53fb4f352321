"""Whether images show what their masks say: what a network that learnt from real slices finds in them.

The idea is that of Park et al. 2019 (SPADE), who segment generated images with a network of real ones. Little
is found where masks do not show, or where images look like nothing that this network has learnt.

Real images and generated ones are whole slices, each standardised by itself: so networks see both in use.
Of a patch, the mean would tell how much structure is in it, and what lies around it would be missing.
"""

from dataclasses import dataclass

import numpy as np

from synthem.storage.splits import spread_slices

FOUND = 0.5  # probability from which on a voxel counts as found
# Slices of a block that are looked at; of large ones so many pixels: to paint and segment them takes minutes.
LEAST, MOST, PIXELS = 4, 16, 2**24


@dataclass(frozen=True)
class Slices:
    """Whole slices in which masks are looked for."""

    image: np.ndarray  # uint8 [n, Y, X(, C)]
    masks: list  # {0, 1} [n, Y, X] each: those that a generator paints on
    structure: int  # which of them is looked for
    ignore: np.ndarray | None  # 1 where a mask is unknown
    numbers: list  # in the volume


def some_slices(examples, structure):
    """Of labelled slices (`synthesis.examples.Labelled`) some, as evenly apart as can be."""
    depth, *size = examples.image.shape[:3]
    most = min(max(PIXELS // (size[0] * size[1]), LEAST), MOST)
    chosen = spread_slices([(0, depth)], most)
    return Slices(
        image=examples.image[chosen],
        masks=[mask[chosen] for mask in examples.masks.values()],
        structure=list(examples.masks).index(structure),
        ignore=None if examples.ignore is None else examples.ignore[chosen],
        numbers=[examples.slices[n] for n in chosen],
    )


def overlaps(segmenter, images, slices):
    """Voxels of a mask that were found, that were missed, and found outside of it: int64 [n, 3].

    images: uint8 [n, Y, X(, C)], those of the Slices or others that were painted on their masks.
    """
    counts, masks = [], slices.masks[slices.structure]
    for number, (image, mask) in enumerate(zip(images, masks, strict=True)):
        (found,) = segmenter.probabilities([image[None]]) >= FOUND
        known = True if slices.ignore is None else slices.ignore[number] == 0
        marked = mask != 0
        pairs = (found & marked, marked & ~found, found & ~marked)
        counts.append([(pair & known).sum() for pair in pairs])
    return np.array(counts, np.int64)


def iou_of(counts):
    """IoU of all slices together; 1 where there is nothing to find and nothing was found."""
    shared, *others = counts.sum(axis=0).tolist()
    return shared / (shared + sum(others)) if shared + sum(others) else 1.0
