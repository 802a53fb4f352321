"""OME-Zarr 0.4 (Zarr format 2, which all viewers read), in pieces that a viewer can fetch."""

import math
from itertools import islice

import numpy as np

from synthem.errors import SynthemError
from synthem.exports.planes import ANY_TYPES, original_planes, original_type, planes

PIECE = 512  # voxels along y and x; a level that is no larger has no smaller one
DEEPEST = 16  # slices of a piece: fewer where a slice is large, since a row of pieces is held in memory
SLAB_BYTES = 2**25


def write_zarr(root, volume):
    """volume.ome.zarr: the image in the user's grey levels, and labels/<name>, /mask_<name>, /ignore_<name>.

    Each with a pyramid: a level has half as many voxels along y and x as the one before it, and along z where
    its voxels are less than twice as deep as wide. Images are averaged; of labels every second voxel is kept,
    for there is no mean of two numbers. Tiles keep their padding; colours come first, as the format wants it.
    """
    zarr = _zarr()
    image = zarr.open_group(root / "volume.ome.zarr", mode="w", zarr_format=2)
    dtype = original_type(volume, ANY_TYPES)
    slices = original_planes(volume, dtype)
    _write_pyramid(image, slices, volume.shape, dtype, volume.facts, "image", smaller=_averaged)
    names = {name: f"labels/{name}" for name in volume.names("labels")}
    names |= {f"mask_{name}": f"masks/{name}" for name in volume.names("masks")}
    names |= {f"ignore_{name}": f"ignore/{name}" for name in volume.names("ignore")}
    if not names:
        return
    labels = image.create_group("labels")
    labels.attrs["labels"] = sorted(names)
    for label, name in sorted(names.items()):
        group = labels.create_group(label)
        kind = np.dtype(np.uint32 if name.startswith("labels/") else np.uint8)
        slices, shape = planes(volume, name), volume.shape[:3]
        _write_pyramid(group, slices, shape, kind, volume.facts, label, smaller=_every_second)
        group.attrs["image-label"] = {"version": "0.4", "source": {"image": "../../"}}


def _write_pyramid(group, slices, shape, dtype, facts, name, *, smaller):
    """Write the arrays `0`, `1` ... of a group, each from the one before it, and the format's metadata."""
    colours, steps = shape[3:], [(1, 1, 1)]
    array = _write_level(group, "0", slices, shape, dtype)
    while max(array.shape[-2:]) > PIECE:
        step = _next_step(facts.voxel_size_nm, steps[-1], array.shape[-3])
        *_, depth, height, width = array.shape
        shape = (*(-(-n // s) for n, s in zip((depth, height, width), step, strict=True)), *colours)
        array = _write_level(group, str(len(steps)), _smaller_slices(array, step, smaller), shape, dtype)
        steps.append(tuple(old * new for old, new in zip(steps[-1], step, strict=True)))
    shift = 0.5 if smaller is _averaged else 0  # of a voxel: the mean of two lies between them
    group.attrs["multiscales"] = [_multiscale(facts, name, colours, steps, shift)]


def _next_step(voxel_size_nm, step, depth):
    z, *pixel = (side * times for side, times in zip(voxel_size_nm, step, strict=True))
    return (2 if depth > 1 and z < 2 * min(pixel) else 1, 2, 2)


def _smaller_slices(array, step, smaller):
    """The slices [y, x] or [y, x, c] of the next level, of an array that is read a few slices at a time."""
    depth, rows = array.shape[-3], -(-array.chunks[-3] // 2) * 2
    for first in range(0, depth, rows):  # each piece is unpacked once
        slab = array[..., first : first + rows, :, :]
        for z in range(0, slab.shape[-3], step[0]):
            plane = smaller(slab[..., z : z + step[0], :, :])
            yield np.moveaxis(plane, 0, -1) if plane.ndim == 3 else plane


def _averaged(slab):
    """[..., z, y, x] -> [..., y / 2, x / 2], means; an odd last row or column counts twice."""
    edges = [(0, 0)] * (slab.ndim - 2) + [(0, side % 2) for side in slab.shape[-2:]]
    even = np.pad(slab.astype(np.float64).mean(axis=-3, keepdims=True), edges, mode="edge")[..., 0, :, :]
    rows = even[..., 0::2, :] + even[..., 1::2, :]
    means = (rows[..., 0::2] + rows[..., 1::2]) / 4
    return means.astype(slab.dtype) if slab.dtype.kind == "f" else np.rint(means).astype(slab.dtype)


def _every_second(slab):
    return slab[..., 0, ::2, ::2]


def _write_level(group, name, slices, shape, dtype):
    """Write one array of a group, a row of pieces at a time."""
    import numcodecs

    colours = shape[3:]
    depth = max(1, min(DEEPEST, shape[0], SLAB_BYTES // (math.prod(shape[1:]) * dtype.itemsize)))
    array = group.create_array(
        name,
        shape=(*colours, *shape[:3]),
        dtype=dtype,
        chunks=(*colours, depth, min(PIECE, shape[1]), min(PIECE, shape[2])),
        compressors=numcodecs.Blosc("zstd", clevel=3, shuffle=numcodecs.Blosc.SHUFFLE),
        chunk_key_encoding={"name": "v2", "separator": "/"},
        fill_value=0,
    )
    for first in range(0, shape[0], depth):
        slab = np.stack(list(islice(slices, depth)))
        array[..., first : first + len(slab), :, :] = np.moveaxis(slab, -1, 0) if colours else slab
    return array


def _multiscale(facts, name, colours, steps, shift):
    """Metadata of levels whose voxels are so many (`steps`) of the first one's along z, y and x."""
    axes = [{"name": axis, "type": "space", "unit": "nanometer"} for axis in "zyx"]
    if colours:
        axes = [{"name": "c", "type": "channel"}, *axes]
    datasets = []
    for level, step in enumerate(steps):
        sides = list(zip(facts.offset_nm, facts.voxel_size_nm, step, strict=True))
        scale = [float(side * times) for _, side, times in sides]
        place = [float(offset + side * (times - 1) * shift) for offset, side, times in sides]
        if colours:
            scale, place = [1.0, *scale], [0.0, *place]
        found = [{"type": "scale", "scale": scale}, {"type": "translation", "translation": place}]
        datasets.append({"path": str(level), "coordinateTransformations": found})
    return {"version": "0.4", "name": name, "axes": axes, "datasets": datasets}


def _zarr():
    """The package, which only this format needs."""
    try:
        import zarr

        found = f"zarr {zarr.__version__} is installed"
        if int(zarr.__version__.split(".")[0]) >= 3:
            return zarr
    except ImportError:
        found = "the package zarr is not installed"
    raise SynthemError(
        "CONFIG_VALUE", "exports: zarr", found, expected="zarr 3 or newer", fix='pip install "zarr>=3"'
    )
