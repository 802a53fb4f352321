"""Patch sets for segmenters: which slices of which file, with what beside the image, to find what."""

from synthem.arrays import read_array
from synthem.patches.places import PatchSet
from synthem.unknown import either
from synthem.volumes import read_blocks, read_ignore


def structure_examples(name, path, block, *, structure):
    """Image -> structure, of the slices `block` (ranges) of a volume; None means all."""
    return PatchSet(
        name,
        read_array(path, "image", block=block),
        target=read_array(path, f"masks/{structure}", block=block),
        ignore=read_ignore(path, structure, block=block),
    )


def membrane_examples(path, block, *, structure):
    """Image and structure -> membrane, of a named block; unknown where one of the two masks is."""
    slices = read_blocks(path)[block]
    beside = {structure: read_array(path, f"masks/{structure}", block=slices)}
    return PatchSet(
        block,
        read_array(path, "image", block=slices),
        beside,
        read_array(path, "masks/membrane", block=slices),
        either(*(read_ignore(path, name, block=slices) for name in (structure, "membrane"))),
    )
