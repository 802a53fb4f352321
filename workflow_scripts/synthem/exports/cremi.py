"""One HDF5 file in the layout of the CREMI challenge."""

import h5py
import numpy as np

from synthem.exports.planes import ANY_TYPES, mask_names, original_planes, original_type, planes
from synthem.storage.arrays import CHUNK, PACKED
from synthem.storage.files import PatientFile

NOTHING = np.uint64(2**64 - 1)  # no cleft; in neuron ids: not to be scored


def write_cremi(root, volume):
    """volume.hdf: volumes/raw, and volumes/labels/<name> as uint64, each with resolution and offset in nm.

    raw has the user's grey levels; the challenge's own is uint8. Labels called `neuron_ids` or
    `segmentation`, or the only ones, are neuron_ids. Their 0 stays 0; unknown voxels are 2^64 - 1, which
    the package cremi does not score. In clefts 2^64 - 1 is the background, as in the challenge. Masks stand
    beside them in volumes/masks and volumes/ignore. Tiles keep their padding, and colours are a fourth axis.
    """
    neurons = _neuron_ids(volume.names("labels"))
    with PatientFile(root / "volume.hdf") as raw, h5py.File(raw, "w") as file:
        file.attrs["file_format"] = "0.2"
        dtype = original_type(volume, ANY_TYPES)
        _write(file, "raw", original_planes(volume, dtype), volume.shape, dtype, volume.facts)
        for name in mask_names(volume):
            _write(file, name, planes(volume, name), volume.shape[:3], np.uint8, volume.facts)
        for name in volume.names("labels"):
            place = "neuron_ids" if name == neurons else name
            background = NOTHING if place == "clefts" else np.uint64(0)
            slices = _scored(volume, name, background)
            dataset = _write(file, f"labels/{place}", slices, volume.shape[:3], np.uint64, volume.facts)
            dataset.attrs["background"] = background


def _neuron_ids(names):
    """The name of the labels that are neurons; None where the names leave it open."""
    called = [name for name in ("neuron_ids", "segmentation") if name in names]
    return (called or (names if len(names) == 1 and names != ["clefts"] else [None]))[0]


def _scored(volume, name, background):
    """Labels with what CREMI does not score marked; the file makes 64 bits of 32."""
    unknown = f"ignore/{name}" if name in volume.names("ignore") else None
    for z, plane in enumerate(planes(volume, f"labels/{name}")):
        if unknown or background:
            wide = plane.astype(np.uint64)
            wide[plane == 0] = background
            if unknown:
                wide[volume.read(unknown, z, z + 1)[0] == 1] = NOTHING
            plane = wide
        yield plane


def _write(file, name, slices, shape, dtype, facts):
    chunks = (1, *(min(CHUNK, size) for size in shape[1:3]), *shape[3:])
    packed = {} if name == "raw" else PACKED
    dataset = file.create_dataset(f"volumes/{name}", shape, dtype, chunks=chunks, **packed)
    dataset.attrs["resolution"] = [float(size) for size in facts.voxel_size_nm]
    dataset.attrs["offset"] = [float(size) for size in facts.offset_nm]
    for z, plane in enumerate(slices):
        dataset[z] = plane
    return dataset
