"""Named arrays [z, y, x] with plain attributes in one HDF5 file: the form of all large results."""

from contextlib import contextmanager
from math import prod

import h5py
import numpy as np

from synthem.errors import reading
from synthem.storage.files import PatientFile, writing

CHUNK = 256  # chunks are [1, 256, 256]: part of a slice is read without the rest
PACKED = {"compression": "gzip", "compression_opts": 4, "shuffle": True}


def write_arrays(path, arrays, attributes):
    """Write whole arrays {name: array}: the same bytes for the same content."""
    kinds = {name: (array.shape, array.dtype) for name, array in arrays.items()}
    with writing_arrays(path, kinds, attributes) as put:
        for name, array in arrays.items():
            put(name, 0, array)


@contextmanager
def writing_arrays(path, kinds, attributes):
    """Yields `put(name, first, planes)`, which writes planes from slice `first` on: arrays of any size.

    kinds {name: (shape, dtype)}; truth values are stored as 0 and 1, as every mask is: HDF5 has none that
    other programs read.
    """
    size = sum(prod(shape) * np.dtype(dtype).itemsize for shape, dtype in kinds.values())
    with (
        writing(path, size=size) as temporary,
        PatientFile(temporary) as raw,
        h5py.File(raw, "w", libver="v110") as file,
    ):
        for name, (shape, dtype) in kinds.items():
            # Masks and labels compress fortyfold, gzip's checksum with them; EM images are noise, and reading
            # them raw is faster.
            packed = {"fletcher32": True} if name == "image" else PACKED
            chunks = (1, *(min(CHUNK, size) for size in shape[1:3]), *shape[3:])
            dtype = np.uint8 if np.dtype(dtype).kind == "b" else dtype
            stored = {"chunks": chunks} | packed if shape[0] else {}  # HDF5 has no chunks of no slices
            file.create_dataset(name, shape, dtype, **stored)

        def put(name, first, planes):
            file[name][first : first + len(planes)] = planes
            raw.refuse_to_go_on()

        yield put
        file.attrs.update(attributes)


def read_array(path, name, *, block=None):
    """One array; `block` (ranges of slices) reads only those."""
    with open_arrays(path) as file:
        return read_slices(file[name], block)


def read_slices(array, block):
    if block is None:
        return array[...]
    pieces = [array[first:end] for first, end in block]
    return pieces[0] if len(pieces) == 1 else np.concatenate(pieces)


def read_attributes(path):
    with open_arrays(path) as file:
        return file.attrs


@contextmanager
def open_arrays(path):
    """Yields the StoredArrays of a file; damage, found now or when they are read, is FILE_READ."""
    with reading_hdf5(path):
        file = h5py.File(path, "r")
    with file:
        yield StoredArrays(path, file)


class StoredArrays:
    """An open file: `attrs`, a dict, and arrays by their names."""

    def __init__(self, path, file):
        self.path, self.file = path, file
        with reading_hdf5(path):
            self.attrs = dict(file.attrs)

    def __contains__(self, name):
        with reading_hdf5(self.path):
            return name in self.file

    def __getitem__(self, name):
        with reading_hdf5(self.path):
            return StoredArray(self.path, self.file[name])

    def names(self, group):
        """The arrays of a group; none if there is no such group."""
        with reading_hdf5(self.path):
            return sorted(self.file.get(group, {}))


class StoredArray:
    """An array that is still in its file, to be read like one in memory."""

    def __init__(self, path, dataset):
        self.path, self.dataset = path, dataset
        self.shape, self.dtype, self.ndim = dataset.shape, dataset.dtype, dataset.ndim

    def __getitem__(self, place):
        with reading_hdf5(self.path):
            return self.dataset[place]


def reading_hdf5(path):
    """Turns every way in which reading HDF5 fails into FILE_READ; the block must read `path` alone."""
    return reading(
        path,
        expected="an undamaged HDF5 file this workflow wrote, with this dataset",
        damage=(OSError, KeyError, ValueError, RuntimeError, TypeError, AttributeError),
    )


def as_stored(probability):
    """float [0, 1] -> uint8 [0, 255]: steps of 0.4 % are finer than any threshold needs."""
    return np.round(probability * 255).astype(np.uint8)


def as_probability(stored):
    """uint8 [0, 255] -> float32 [0, 1]."""
    return stored.astype(np.float32) / 255
