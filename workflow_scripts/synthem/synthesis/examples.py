"""Image and condition masks of the slices that a generator may learn from."""

from dataclasses import dataclass

import numpy as np

from synthem.intensity import as_bytes
from synthem.storage.arrays import read_array
from synthem.storage.ignore import blanked, either
from synthem.storage.splits import slice_numbers
from synthem.storage.volumes import read_ignore


@dataclass(frozen=True)
class Labelled:
    """Labelled slices of a volume to learn from."""

    image: np.ndarray  # uint8 [z, y, x] or [z, y, x, c]
    masks: dict  # name -> uint8 {0, 1} [z, y, x], 0 where unknown
    ignore: np.ndarray | None  # uint8 [z, y, x]: 1 where one of the masks is unknown
    slices: list  # their numbers in the volume


def labelled_examples(volume_path, membrane_path, *, conditions, slices):
    """Labelled slices (ranges) with the masks named in `conditions`.

    They are the volume's own, but for a membrane that was predicted: that of `membrane_path`, if not None. No
    other slice is ever read: what is made from this cannot leak.
    """
    own = [name for name in conditions if not (membrane_path and name == "membrane")]
    masks, ignores = {}, {}
    for name in conditions:
        where = (volume_path, f"masks/{name}") if name in own else (membrane_path, name)
        masks[name] = read_array(*where, block=slices)
    for name in own:
        ignores[name] = read_ignore(volume_path, name, block=slices)
    return Labelled(
        image=as_bytes(read_array(volume_path, "image", block=slices)),
        masks={name: blanked(mask, ignores.get(name)) for name, mask in masks.items()},
        ignore=either(*ignores.values()),
        slices=slice_numbers(slices),
    )
