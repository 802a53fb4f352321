"""Image and condition masks of the slices that a generator may learn from."""

from dataclasses import dataclass

import numpy as np

from synthem.arrays import read_array
from synthem.intensity import as_bytes
from synthem.splits import labelled_slices, slice_numbers
from synthem.unknown import blanked, either
from synthem.volumes import read_blocks, read_ignore


@dataclass(frozen=True)
class Labelled:
    """The labelled training slices of a volume."""

    image: np.ndarray  # uint8 [z, y, x] or [z, y, x, c]
    masks: dict  # {structure, membrane}: uint8 {0, 1} [z, y, x], 0 where unknown
    ignore: np.ndarray | None  # uint8 [z, y, x]: 1 where the structure or the membrane is unknown
    slices: list  # their numbers in the volume


def labelled_examples(volume_path, membrane_path, *, structure, fraction):
    """The labelled training slices.

    The membrane is the volume's own where it has one, else the predicted one of `membrane_path`. No slice
    outside the labelled part of the training block is ever read: what is made from this cannot leak.
    """
    block = labelled_slices(read_blocks(volume_path), fraction)
    membrane = (membrane_path, "membrane") if membrane_path else (volume_path, "masks/membrane")
    masks = {
        structure: read_array(volume_path, f"masks/{structure}", block=block),
        "membrane": read_array(*membrane, block=block),
    }
    ignores = {structure: read_ignore(volume_path, structure, block=block)}
    if not membrane_path:
        ignores["membrane"] = read_ignore(volume_path, "membrane", block=block)
    return Labelled(
        image=as_bytes(read_array(volume_path, "image", block=block)),
        masks={name: blanked(mask, ignores.get(name)) for name, mask in masks.items()},
        ignore=either(*ignores.values()),
        slices=slice_numbers(block),
    )
