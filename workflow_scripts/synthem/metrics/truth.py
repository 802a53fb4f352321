"""The truth of a block that a segmentation is scored against."""

from typing import NamedTuple

import numpy as np

from synthem.kernels.components import label_components
from synthem.labels.numbering import labelled
from synthem.storage.splits import slice_numbers


class Truth(NamedTuple):
    """The true mask and instances of a block [Z, Y, X], with what is unknown and the voxel size."""

    mask: np.ndarray  # {0, 1}
    instances: np.ndarray  # uint32, 0 = none; where slices are not linked, no id is in two of them
    given: bool  # the instances come from the data, not from the mask
    ignore: np.ndarray | None  # {0, 1}, 1 = unknown
    slices: list  # their numbers in the volume
    linked: bool  # neighbouring slices show the same place
    voxel_size_nm: tuple


def truth_of(volume, structure, block):
    """A block of a volume, as `read_volume(block=...)` gives it -> Truth.

    Without labels of the structure the instances are the connected components of its mask.
    """
    mask, labels = volume.masks[structure], volume.labels.get(structure)
    linked = volume.facts.linked_in(block)
    if labels is None:
        instances = labelled(lambda stack: label_components(stack > 0, neighbours=26)[0], mask, linked=linked)
    else:  # tiles are labelled one by one: the same id in two of them is no one instance
        instances = labelled(lambda stack: stack, labels, linked=linked)
    return Truth(
        mask,
        instances,
        labels is not None,
        volume.ignore.get(structure),
        slice_numbers(volume.blocks[block]),
        linked,
        volume.voxel_size_nm,
    )
