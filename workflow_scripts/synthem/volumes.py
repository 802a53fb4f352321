"""The canonical volume: one HDF5 file that nothing after ingest asks the origin of."""

import json
from contextlib import contextmanager
from dataclasses import dataclass, field, replace

import h5py
import numpy as np

from synthem.errors import SynthemError
from synthem.files import PatientFile, writing

PATCH = 256  # chunks are [1, 256, 256]: a patch touches few of them


@dataclass(frozen=True)
class Volume:
    """An EM stack with what is known about it; every array starts with [z, y, x]."""

    image: np.ndarray  # uint8 or uint16 [z, y, x] or [z, y, x, c]
    voxel_size_nm: tuple  # (z, y, x)
    masks: dict = field(default_factory=dict)  # name -> uint8 {0, 1}, 1 = structure
    labels: dict = field(default_factory=dict)  # name -> uint32, 0 = none
    blocks: dict = field(default_factory=dict)  # "train" | "validation" | "test" -> (first, end) slice
    provenance: dict = field(default_factory=dict)  # plain data: where it came from

    @property
    def axes(self):
        return "zyx" if self.image.ndim == 3 else "zyxc"


def synthetic_volume(image, masks, origin, *, generator):
    """Generated slices as a volume, all of them to train on; `origin`: the attributes of the masks' file."""
    return Volume(
        image=image,
        voxel_size_nm=tuple(float(size) for size in origin["voxel_size_nm"]),
        masks=masks,
        blocks={"train": (0, len(image))},
        provenance={
            "origin": "synthetic",
            "generator": generator,
            "source_slices": [int(z) for z in origin["source_slices"]],
        },
    )


def keep_slices(volume, kept):
    """The volume with only the slices where `kept` (bool [z]) is true, all of them to train on."""
    places = np.flatnonzero(kept)
    provenance = dict(volume.provenance)
    provenance["source_slices"] = [provenance["source_slices"][z] for z in places]
    masks = {name: mask[places] for name, mask in volume.masks.items()}
    return replace(
        volume,
        image=volume.image[places],
        masks=masks,
        blocks={"train": (0, len(places))},
        provenance=provenance,
    )


def write_volume(path, volume):
    arrays = {"image": volume.image}
    arrays |= {f"masks/{name}": mask.astype(np.uint8) for name, mask in volume.masks.items()}
    arrays |= {f"labels/{name}": label.astype(np.uint32) for name, label in volume.labels.items()}
    attributes = {
        "voxel_size_nm": np.asarray(volume.voxel_size_nm, float),
        "axes": volume.axes,
        "blocks": json.dumps(volume.blocks, sort_keys=True),
        "provenance": json.dumps(volume.provenance, sort_keys=True),
    }
    write_arrays(path, arrays, attributes)


def read_volume(path, *, block=None, masks=None, labels=None):
    """Read a volume, or only the slices of one block, with all masks and labels or only those named."""
    with open_arrays(path) as file:
        blocks = _blocks(file)
        first, end = blocks[block] if block else (0, file["image"].shape[0])
        return Volume(
            image=file["image"][first:end],
            voxel_size_nm=tuple(float(size) for size in file.attrs["voxel_size_nm"]),
            masks={name: file[f"masks/{name}"][first:end] for name in _names(file, "masks", masks)},
            labels={name: file[f"labels/{name}"][first:end] for name in _names(file, "labels", labels)},
            blocks=blocks,
            provenance=json.loads(file.attrs["provenance"]),
        )


def write_arrays(path, arrays, attributes):
    """Named arrays [z, y, x] and plain attributes as HDF5: the same bytes for the same content."""
    with (
        writing(path) as temporary,
        PatientFile(temporary) as raw,
        h5py.File(raw, "w", libver="v110") as file,
    ):
        for name, array in arrays.items():
            if (
                array.dtype == bool
            ):  # as every mask is stored; HDF5 has no truth values that other programs read
                array = array.astype(np.uint8)
            # Masks and labels compress fortyfold; EM images are noise, and reading them raw is faster.
            packed = (
                {"compression": "gzip", "compression_opts": 4, "shuffle": True} if name != "image" else {}
            )
            chunks = (1, *(min(PATCH, size) for size in array.shape[1:3]), *array.shape[3:])
            file.create_dataset(name, data=array, chunks=chunks, **packed)
        file.attrs.update(attributes)


def read_array(path, name, *, block=None):
    """One array of a file made by `write_arrays`; `block` = (first, end) reads only those slices."""
    with open_arrays(path) as file:
        first, end = block or (0, None)
        return file[name][first:end]


def read_attributes(path):
    with open_arrays(path) as file:
        return dict(file.attrs)


def read_blocks(path):
    """Which slices train, tune and test: {"train": (first, end), ...}."""
    with open_arrays(path) as file:
        return _blocks(file)


def as_stored(probability):
    """float [0, 1] -> uint8 [0, 255]: steps of 0.4 % are finer than any threshold needs."""
    return np.round(probability * 255).astype(np.uint8)


def as_probability(stored):
    return stored.astype(np.float32) / 255


@contextmanager
def open_arrays(path):
    """The HDF5 file, open; damage found here or while it is read is one error."""
    try:
        with h5py.File(path, "r") as file:
            yield file
    except (OSError, KeyError, ValueError, RuntimeError) as error:
        raise SynthemError(
            "FILE_READ",
            path,
            f"not readable: {error}",
            expected="an undamaged HDF5 file this workflow wrote, with this dataset",
            fix="delete it and run again",
        ) from error


def _blocks(file):
    return {name: tuple(ends) for name, ends in json.loads(file.attrs["blocks"]).items()}


def _names(file, group, wanted):
    return sorted(file.get(group, {})) if wanted is None else wanted
