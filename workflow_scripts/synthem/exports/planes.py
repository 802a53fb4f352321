"""The slices of a volume one by one, in the forms that exports need: any size fits in memory."""

import numpy as np

# Of grey levels in formats that hold any numbers, HDF5 and Zarr; narrower ones come first.
ANY_TYPES = ("uint8", "int8", "uint16", "int16", "uint32", "int32", "uint64", "int64", "float32")


def planes(volume, name):
    """Each slice of an array [y, x] or [y, x, c]."""
    for z in range(volume.shape[0]):
        yield volume.read(name, z, z + 1)[0]


def tiles(volume, name):
    """Each slice in its own size: where slices are tiles, without the padding."""
    sizes = volume.facts.tiles or (volume.shape[1:3],) * volume.shape[0]
    for (y, x), plane in zip(sizes, planes(volume, name), strict=True):
        yield plane[:y, :x]


def black_and_white(slices):
    """Masks {0, 1} -> {0, 255}, to be seen."""
    for plane in slices:
        yield plane * np.uint8(255)


def mask_names(volume):
    """Names of the arrays that hold 0 and 1: masks/<name> and ignore/<name>."""
    return [f"{group}/{name}" for group in ("masks", "ignore") for name in volume.names(group)]


def original_type(volume, known):
    """The type of the user's file, or the narrowest wider one of `known`, the types that a format has.

    float32 where none holds all of its values: a volume has 65536 different ones at most.
    """
    if _as_stored(volume):
        return volume.dtype
    kind = np.dtype(volume.facts.grey["type"])
    wider = [name for name in known if kind.kind in "iu" and np.can_cast(kind, name)]
    return np.dtype(wider[0] if wider else np.float32)


def original_planes(volume, dtype):
    """The image in the user's units, undoing what ingest did to fit it into 8 or 16 bits."""
    if _as_stored(volume):
        yield from planes(volume, "image")
        return
    stored = np.arange(np.iinfo(volume.dtype).max + 1)
    values = stored * float(volume.facts.grey["scale"]) + float(volume.facts.grey["offset"])
    table = (np.rint(values) if dtype.kind in "iu" else values).astype(dtype)
    for plane in planes(volume, "image"):
        yield table[plane]


def _as_stored(volume):
    grey = volume.facts.grey
    return not grey or (grey["scale"], grey["offset"]) == (1, 0) or grey["type"] == "bool"
