"""Predicts volumes from file to file, chunk by chunk: no volume is in memory as a whole."""

import numpy as np

from synthem.inference.parts import chunks_of, extents, share_of
from synthem.storage.arrays import as_stored, read_array, writing_arrays
from synthem.storage.splits import ranges_within
from synthem.storage.volumes import open_volume


def predict_blocks(path, volume, segmenter, *, validation, train=(), part=1, parts=1):
    """Write probabilities uint8 [z, y, x] of the test block and, where there are any, of validation slices.

    Or one part of `parts`. volume: path of a canonical one. validation: ranges of its train block; train:
    others of it, such as those that the network has learnt. A 3-D network sees the images beside them, as it
    does inside of the test block. A network with several outputs gives [z, y, x, c].
    """
    shape, facts = _about(volume)
    blocks = {"validation": validation, "test": facts.blocks["test"], "train": train}
    around = dict.fromkeys(("validation", "train"), facts.blocks["train"])
    chunks = chunks_of(blocks, segmenter.cuts, around=around, reach=segmenter.halo_slices)
    chunks = share_of(chunks, part, parts)
    ends = extents(chunks)
    rest = shape[1:3] if segmenter.outputs == 1 else (*shape[1:3], segmenter.outputs)
    kinds = {array: ((end - first, *rest), np.uint8) for array, (first, end) in ends.items()}
    with writing_arrays(path, kinds, {"voxel_size_nm": facts.voxel_size_nm}) as put:
        for array, z, plane in predicted(segmenter, volume, ["image"], chunks):
            put(array, z - ends[array][0], as_stored(plane)[None])


def predict_membrane(path, volume, segmenter, *, beside, threshold):
    """Write the membrane of a whole volume: its probability uint8 and a mask {0, 1}, [z, y, x].

    beside: names of the masks that the network sees beside the image, in the order of its training. Slices of
    which one of them is unknown stay 0.
    """
    shape, facts = _about(volume)
    names, known = ["image", *(f"masks/{name}" for name in beside)], _known_slices(volume, beside)
    stacks = facts.stacks(shape[0])  # no network sees from one into the next: another place
    chunks = chunks_of({"probability": ranges_within(stacks, known)}, segmenter.cuts)
    kinds = {"probability": (shape[:3], np.uint8), "membrane": (shape[:3], bool)}
    with writing_arrays(path, kinds, {"voxel_size_nm": facts.voxel_size_nm}) as put:
        for _, place, plane in predicted(segmenter, volume, names, chunks):
            put("probability", known[place], as_stored(plane)[None])
            put("membrane", known[place], (plane >= threshold)[None])


def predicted(segmenter, volume, names, chunks):
    """(array, slice in it, probabilities float32 [Y, X] or [Y, X, C]) of all slices of the chunks."""
    for chunk in chunks:
        channels = [read_array(volume, name, block=[chunk.window]) for name in names]
        planes = segmenter.probabilities(channels)[chunk.inner]
        for z, plane in enumerate(planes, start=chunk.first):
            yield chunk.array, z, plane


def _known_slices(path, masks):
    """Numbers of the slices of which each mask is known somewhere."""
    with open_volume(path) as volume:
        ignores = [f"ignore/{mask}" for mask in masks if mask in volume.names("ignore")]
        slices = range(volume.shape[0])
        return [z for z in slices if not any(volume.read(name, z, z + 1).all() for name in ignores)]


def _about(path):
    with open_volume(path) as volume:
        return volume.shape, volume.facts
