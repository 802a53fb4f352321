"""Named arrays [z, y, x] with plain attributes in one HDF5 file: what every step hands to the next."""

from contextlib import contextmanager

import h5py
import numpy as np

from synthem.errors import SynthemError
from synthem.files import PatientFile, writing

PATCH = 256  # chunks are [1, 256, 256]: a patch touches few of them
PACKED = {"compression": "gzip", "compression_opts": 4, "shuffle": True}


def write_arrays(path, arrays, attributes):
    """Whole arrays: the same bytes for the same content."""
    kinds = {name: (array.shape, array.dtype) for name, array in arrays.items()}
    with writing_arrays(path, kinds, attributes) as put:
        for name, array in arrays.items():
            put(name, 0, array)


@contextmanager
def writing_arrays(path, kinds, attributes):
    """Give `put(name, first, planes)`, which writes planes from slice `first` on: arrays of any size.

    kinds {name: (shape, dtype)}; truth values are stored as 0 and 1, as every mask is: HDF5 has none that
    other programs read.
    """
    with (
        writing(path) as temporary,
        PatientFile(temporary) as raw,
        h5py.File(raw, "w", libver="v110") as file,
    ):
        for name, (shape, dtype) in kinds.items():
            # Masks and labels compress fortyfold; EM images are noise, and reading them raw is faster.
            packed = {} if name == "image" else PACKED
            chunks = (1, *(min(PATCH, size) for size in shape[1:3]), *shape[3:])
            dtype = np.uint8 if np.dtype(dtype).kind == "b" else dtype
            stored = {"chunks": chunks} | packed if shape[0] else {}  # HDF5 has no chunks of no slices
            file.create_dataset(name, shape, dtype, **stored)

        def put(name, first, planes):
            file[name][first : first + len(planes)] = planes

        yield put
        file.attrs.update(attributes)


def read_array(path, name, *, block=None):
    """One array; `block` (ranges of slices) reads only those."""
    with open_arrays(path) as file:
        return read_slices(file[name], block)


def read_slices(dataset, block):
    if block is None:
        return dataset[...]
    pieces = [dataset[first:end] for first, end in block]
    return pieces[0] if len(pieces) == 1 else np.concatenate(pieces)


def read_attributes(path):
    with open_arrays(path) as file:
        return dict(file.attrs)


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


def as_stored(probability):
    """float [0, 1] -> uint8 [0, 255]: steps of 0.4 % are finer than any threshold needs."""
    return np.round(probability * 255).astype(np.uint8)


def as_probability(stored):
    return stored.astype(np.float32) / 255
