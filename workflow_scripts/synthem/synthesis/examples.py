"""Image and condition masks of the slices that a generator may learn from."""

from dataclasses import dataclass

import numpy as np

from synthem.gans.conditions import MEMBRANE, map_method
from synthem.intensity import as_bytes
from synthem.storage.arrays import read_array
from synthem.storage.ignore import blanked, either
from synthem.storage.splits import slice_numbers
from synthem.storage.volumes import read_facts, read_ignore
from synthem.synthesis.structure_maps import structure_maps


@dataclass(frozen=True)
class Labelled:
    """Labelled slices of a volume to learn from."""

    image: np.ndarray  # uint8 [z, y, x] or [z, y, x, c]
    masks: dict  # name -> uint8 {0, 1} [z, y, x], 0 where unknown; structure maps, too
    ignore: np.ndarray | None  # uint8 [z, y, x]: 1 where one of the masks is unknown
    slices: list  # their numbers in the volume

    @property
    def maps(self):
        """The names of structure maps among the masks."""
        return [name for name in self.masks if map_method(name)]


def labelled_examples(volume_path, membrane_path, *, conditions, slices):
    """Labelled slices (ranges) with the masks named in `conditions`.

    They are the volume's own, but for structure maps, which are made of the image, and a membrane that was
    predicted: that of `membrane_path`, if not None. No other slice is ever read: what is made from this
    cannot leak.
    """
    drawn = [name for name in conditions if not map_method(name)]
    own = [name for name in drawn if not (membrane_path and name == MEMBRANE)]
    masks, ignores = {}, {}
    for name in drawn:
        where = (volume_path, f"masks/{name}") if name in own else (membrane_path, name)
        masks[name] = read_array(*where, block=slices)
    for name in own:
        ignores[name] = read_ignore(volume_path, name, block=slices)
    image = as_bytes(read_array(volume_path, "image", block=slices))
    masks = {name: blanked(mask, ignores.get(name)) for name, mask in masks.items()}
    for name in set(conditions) - set(drawn):
        masks[name] = _map_of(volume_path, image, slices, method=map_method(name))
    return Labelled(
        image=image,
        masks={name: masks[name] for name in conditions},
        ignore=either(*ignores.values()),
        slices=slice_numbers(slices),
    )


def _map_of(volume_path, image, slices, *, method):
    """The structure map of slices (ranges) of a volume, each made of its own image."""
    numbers, tiles = slice_numbers(slices), read_facts(volume_path).tiles
    sizes = [tiles[z] if tiles else image.shape[1:3] for z in numbers]
    return structure_maps(image, method, sizes=sizes, where=[f"{volume_path} slice {z}" for z in numbers])
