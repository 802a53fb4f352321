"""TIFF stacks with their voxel size: as ImageJ and Fiji write them, and as OME-TIFF for napari and others.

Tiles keep their padding: the slices of a stack are all of one size.
"""

import json
import math
import uuid
from pathlib import Path

import numpy as np
import tifffile

from synthem.errors import SynthemError
from synthem.exports import open_in_napari
from synthem.exports.planes import black_and_white, mask_names, original_planes, original_type, planes
from synthem.storage.files import write_table

IMAGEJ_TYPES = ("uint8", "uint16", "int16", "float32")
OME_TYPES = ("uint8", "int8", "uint16", "int16", "uint32", "int32", "float32")
CLASSIC = 2**32 - 2**25  # bytes of voxels that a TIFF file with 32-bit addresses takes, with its tables
LARGEST = 2**16 - 1


def write_fiji(root, volume):
    """image.tif in the user's grey levels; masks/, ignore/<name>.tif: 0 and 255; labels/<name>.tif: 16 bits.

    Files of more than 4 GB have one table of contents for all slices, as ImageJ's own. Labels beyond 65535
    are numbered anew; labels/<name>.csv has the old number of each. Their grey levels are shown from 0 to the
    largest label: by itself ImageJ takes those of the first slice, and all labels beyond are one white.
    """
    # First: too many labels are refused before hours of writing.
    numbers_of = {name: numbers_in_16_bits(volume, name) for name in volume.names("labels")}
    dtype = original_type(volume, IMAGEJ_TYPES)
    _write_imagej(root / "image.tif", original_planes(volume, dtype), volume.shape, dtype, volume.facts)
    for name in mask_names(volume):
        slices = black_and_white(planes(volume, name))
        _write_imagej(root / f"{name}.tif", slices, volume.shape[:3], np.dtype(np.uint8), volume.facts)
    for name, (largest, ids) in numbers_of.items():
        slices = (_renumbered(plane, ids) for plane in planes(volume, f"labels/{name}"))
        path, shown = root / "labels" / f"{name}.tif", {"min": 0, "max": largest}
        _write_imagej(path, slices, volume.shape[:3], np.dtype(np.uint16), volume.facts, shown)
        if ids is not None:
            rows = [{"label": label, "original": int(old)} for label, old in enumerate(ids)]
            write_table(path.with_suffix(".csv"), rows, ["label", "original"])


def write_napari(root, volume):
    """image.tif in the user's grey levels, and masks/, ignore/, labels/<name>.tif: OME-TIFF with their place.

    Masks too are uint32: napari shows 32-bit integers as labels, and narrower ones as pictures.
    More than 4 GB become BigTIFF. open_in_napari.py opens all of them as layers.
    """
    (root / "open_in_napari.py").write_bytes(Path(open_in_napari.__file__).read_bytes())
    dtype = original_type(volume, OME_TYPES)
    _write_ome(root / "image.tif", original_planes(volume, dtype), volume.shape, dtype, volume.facts)
    for name in mask_names(volume) + [f"labels/{name}" for name in volume.names("labels")]:
        slices = (plane.astype(np.uint32, copy=False) for plane in planes(volume, name))
        _write_ome(root / f"{name}.tif", slices, volume.shape[:3], np.dtype(np.uint32), volume.facts)


def numbers_in_16_bits(volume, name):
    """(the largest label as it is written, ids): 0 and the labels in order; None where 16 bits hold them."""
    name = f"labels/{name}"
    largest = max(int(plane.max()) for plane in planes(volume, name))
    if largest <= LARGEST:
        return largest, None
    ids = np.zeros(1, np.uint32)
    for plane in planes(volume, name):
        flat = plane.ravel()
        # The last voxel of each run of equal ones holds all labels: far fewer to sort.
        ids = np.union1d(ids, flat[np.append(flat[1:] != flat[:-1], True)])
    if len(ids) - 1 > LARGEST:
        raise SynthemError(
            "DATA_VALUE",
            name,
            f"{len(ids) - 1} instances do not fit into the 16 bits of an ImageJ file",
            expected=f"at most {LARGEST} instances",
            fix="name napari or zarr instead of fiji in exports.formats or apply.formats",
        )
    return len(ids) - 1, ids


def _renumbered(plane, ids):
    if ids is None:
        return plane.astype(np.uint16)
    # Row by row: the search returns 64 bits.
    return np.stack([np.searchsorted(ids, row).astype(np.uint16) for row in plane])


def _write_imagej(path, slices, shape, dtype, facts, shown=None):
    path.parent.mkdir(exist_ok=True)
    (z_nm, y_nm, x_nm), colour = facts.voxel_size_nm, len(shape) == 4
    # ImageJ's origin is the voxel at 0 nm.
    z, y, x = (-offset / size for offset, size in zip(facts.offset_nm, facts.voxel_size_nm, strict=True))
    origin = {"xorigin": x, "yorigin": y, "zorigin": z} if any(facts.offset_nm) else {}
    extra = origin | (shown or {})
    with tifffile.TiffWriter(path, imagej=True) as tiff:
        tiff.write(
            slices,
            shape=shape,
            dtype=dtype,
            photometric="rgb" if colour else "minisblack",
            resolution=(1 / x_nm, 1 / y_nm),
            metadata={"axes": "ZYXS" if colour else "ZYX", "spacing": z_nm, "unit": "nm"} | extra,
            truncate=math.prod(shape) * dtype.itemsize > CLASSIC,
            # The date of writing would make every copy another file.
            datetime=False,
        )


def _write_ome(path, slices, shape, dtype, facts):
    path.parent.mkdir(exist_ok=True)
    colour = len(shape) == 4
    # A number made of the content: a drawn one would make every copy another file.
    content = json.dumps([path.name, str(shape), str(dtype), facts.provenance], sort_keys=True)
    metadata = {"axes": "ZYXS" if colour else "ZYX", "UUID": str(uuid.uuid5(uuid.NAMESPACE_OID, content))}
    for axis, size in zip("ZYX", facts.voxel_size_nm, strict=True):
        metadata |= {f"PhysicalSize{axis}": size, f"PhysicalSize{axis}Unit": "nm"}
    if any(facts.offset_nm):
        metadata["Plane"] = _positions(shape[0], facts)
    with tifffile.TiffWriter(path, ome=True, bigtiff=math.prod(shape) * dtype.itemsize > CLASSIC) as tiff:
        tiff.write(
            slices,
            shape=shape,
            dtype=dtype,
            photometric="rgb" if colour else "minisblack",
            # Labels shrink a hundredfold; images are noise.
            compression="zlib" if path.parent.name in ("labels", "masks", "ignore") else None,
            maxworkers=1,
            metadata=metadata,
            datetime=False,
        )


def _positions(depth, facts):
    """Where each slice lies, in nm, as OME-XML has it."""
    z, y, x = facts.offset_nm
    places = {
        "PositionX": [x] * depth,
        "PositionY": [y] * depth,
        "PositionZ": [z + number * facts.voxel_size_nm[0] for number in range(depth)],
    }
    return places | {f"{name}Unit": ["nm"] * depth for name in places}
