"""How many slices a target has to learn from and to be tested on, by headers: before anything is read."""

import re
from contextlib import ExitStack

from synthem.errors import SynthemError
from synthem.ingest.pieces import blocks_of, pieces_of, voxel_size_of
from synthem.sources.opening import open_stack
from synthem.storage.splits import slice_numbers

PHANTOM = re.compile(r"results/phantoms/([^/]+)/.*")


def outline_of(name, volume, *, split, phantoms, section="volumes"):
    """{train, test: numbers of slices, slice_pixels} of a target; {unknown: why} where that cannot be read
    yet.

    volume: its entry, filled in; split: of `config.entries.split_of`. Embedded data need not be made: it
    will be as `phantoms` of the config describe it.
    """
    try:
        depths, shape, voxel_size_nm = _stacks(f"{section}.{name}", volume, phantoms)
        blocks = blocks_of(volume, depths, split, voxel_size_nm)
    except SynthemError as problem:
        return {"unknown": f"{problem.where}: {problem.found}"}
    height, width = volume.get("resize") or shape
    slices = {block: len(slice_numbers(blocks.get(block, ()))) for block in ("train", "test")}
    return slices | {"slice_pixels": height * width}


def pixels_of(name, volume, *, phantoms, section="volumes"):
    """[(pixels, nm of one) along y and x] of slices as ingest leaves them; None where nobody knows yet."""
    try:
        _, shape, (_, *sides) = _stacks(f"{section}.{name}", volume, phantoms)
    except SynthemError:
        return None
    size = volume.get("resize") or shape
    return [(new, side * old / new) for new, old, side in zip(size, shape, sides, strict=True)]


def slices_tested(outlines):
    """{target: its test slices} of those targets whose slices are known."""
    return {name: one["test"] for name, one in outlines.items() if "unknown" not in one}


def _stacks(where, volume, phantoms):
    """({stack: its slices}, size of a slice, size of a voxel in nm)."""
    embedded = PHANTOM.fullmatch(volume["image"])
    if embedded and embedded[1] in phantoms and volume["voxel_size_nm"]:
        depth, *shape = phantoms[embedded[1]]["shape"]
        return {"": depth}, shape, tuple(volume["voxel_size_nm"])
    with ExitStack() as files:
        images = {
            stack: files.enter_context(open_stack(entry["image"], tiles=volume["tiles"], light=True))
            for stack, entry in pieces_of(volume).items()
        }
        size = voxel_size_of(volume, images[""], f"{where}.voxel_size_nm")
        return {stack: image.shape[0] for stack, image in images.items()}, images[""].shape[1:3], size
