"""Volumes -> probabilities, piece by piece from file to file: no volume is ever in memory."""

import numpy as np

from synthem.arrays import as_stored, read_array, writing_arrays
from synthem.inference.parts import PREDICTED, extents, pieces_of, share_of
from synthem.volumes import open_volume


def predict_blocks(path, volume, segmenter, *, part=1, parts=1):
    """Write probabilities uint8 [z, y, x] of the validation and the test block, or one part of `parts`.

    volume: path of a canonical one. A network with several outputs gives [z, y, x, c].
    """
    shape, facts = _about(volume)
    blocks = {name: facts.blocks[name] for name in PREDICTED}
    pieces = share_of(pieces_of(blocks, segmenter.cuts), part, parts)
    ends = extents(pieces)
    rest = shape[1:3] if segmenter.outputs == 1 else (*shape[1:3], segmenter.outputs)
    kinds = {array: ((end - first, *rest), np.uint8) for array, (first, end) in ends.items()}
    with writing_arrays(path, kinds, {"voxel_size_nm": facts.voxel_size_nm}) as put:
        for array, z, plane in predicted(segmenter, volume, ["image"], pieces):
            put(array, z - ends[array][0], as_stored(plane)[None])


def predict_membrane(path, volume, segmenter, *, beside, threshold):
    """Write the membrane of a whole volume: its probability, and where it is.

    beside: names of the masks that the network sees beside the image, in the order of its training.
    """
    shape, facts = _about(volume)
    names = ["image", *(f"masks/{name}" for name in beside)]
    pieces = pieces_of({"probability": [(0, shape[0])]}, segmenter.cuts)
    kinds = {"probability": (shape[:3], np.uint8), "membrane": (shape[:3], bool)}
    with writing_arrays(path, kinds, {"voxel_size_nm": facts.voxel_size_nm}) as put:
        for _, z, plane in predicted(segmenter, volume, names, pieces):
            put("probability", z, as_stored(plane)[None])
            put("membrane", z, (plane >= threshold)[None])


def predicted(segmenter, volume, names, pieces):
    """(array, slice in it, probabilities float32 [Y, X] or [Y, X, C]) of all slices of the pieces."""
    for piece in pieces:
        channels = [read_array(volume, name, block=[piece.window]) for name in names]
        planes = segmenter.probabilities(channels)[piece.inner]
        for z, plane in enumerate(planes, start=piece.first):
            yield piece.array, z, plane


def _about(path):
    with open_volume(path) as volume:
        return volume.shape, volume.facts
