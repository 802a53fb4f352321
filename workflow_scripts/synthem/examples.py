"""Patch sets for segmenters: which slices of which file, with what beside the image, to find what."""

from synthem.patches import PatchSet
from synthem.volumes import read_array, read_blocks


def structure_examples(name, path, block, *, structure):
    """Image -> structure, of the slices `block` = (first, end) of a volume; None means all."""
    return PatchSet(
        name,
        read_array(path, "image", block=block),
        target=read_array(path, f"masks/{structure}", block=block),
    )


def membrane_examples(path, block, *, structure):
    """Image and structure -> membrane, of a named block."""
    slices = read_blocks(path)[block]
    known = {structure: read_array(path, f"masks/{structure}", block=slices)}
    return PatchSet(
        block,
        read_array(path, "image", block=slices),
        known,
        read_array(path, "masks/membrane", block=slices),
    )
