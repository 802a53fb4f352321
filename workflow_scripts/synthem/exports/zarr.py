"""OME-Zarr 0.4 (Zarr format 2, which all viewers read), in pieces that a viewer can fetch."""

import math
from itertools import islice

import numpy as np

from synthem.errors import SynthemError
from synthem.exports.planes import original_planes, original_type, planes

TYPES = ("uint8", "int8", "uint16", "int16", "uint32", "int32", "uint64", "int64", "float32")
PIECE = 512  # voxels along y and x
DEEPEST = 16  # slices of a piece: fewer where a slice is large, since a row of pieces is held in memory
SLAB_BYTES = 2**25


def write_zarr(root, volume):
    """volume.ome.zarr: the image in the user's grey levels, and labels/<name>, /mask_<name>, /ignore_<name>.

    Tiles keep their padding; colours come first, as the format wants it.
    """
    zarr = _zarr()
    image = zarr.open_group(root / "volume.ome.zarr", mode="w", zarr_format=2)
    dtype = original_type(volume, TYPES)
    _write_level(image, original_planes(volume, dtype), volume.shape, dtype, volume.facts, "image")
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
        _write_level(group, planes(volume, name), volume.shape[:3], kind, volume.facts, label)
        group.attrs["image-label"] = {"version": "0.4", "source": {"image": "../../"}}


def _write_level(group, slices, shape, dtype, facts, name):
    """Write the array `0` of a group, and the metadata of the format."""
    import numcodecs

    colours = shape[3:]
    depth = max(1, min(DEEPEST, shape[0], SLAB_BYTES // (math.prod(shape[1:]) * dtype.itemsize)))
    array = group.create_array(
        "0",
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
    group.attrs["multiscales"] = [_multiscale(facts, name, colours)]


def _multiscale(facts, name, colours):
    axes = [{"name": axis, "type": "space", "unit": "nanometer"} for axis in "zyx"]
    scale, shift = [float(size) for size in facts.voxel_size_nm], [float(size) for size in facts.offset_nm]
    if colours:
        axes, scale, shift = [{"name": "c", "type": "channel"}, *axes], [1.0, *scale], [0.0, *shift]
    place = [{"type": "scale", "scale": scale}, {"type": "translation", "translation": shift}]
    return {
        "version": "0.4",
        "name": name,
        "axes": axes,
        "datasets": [{"path": "0", "coordinateTransformations": place}],
    }


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
