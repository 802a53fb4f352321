"""Random patches of an array on the disk, without the array in memory.

HDF5 takes 50 us and more to find the chunks of a patch, though a written file's chunks never move. So they
are looked up once, and patches are cut straight from the file, mapped into memory.
"""

import mmap
from math import prod

import h5py
import numpy as np
from imagecodecs import DeflateError, deflate_decode

from synthem.errors import SynthemError
from synthem.storage.arrays import open_arrays, reading_hdf5

GZIP, SHUFFLE = h5py.h5z.FILTER_DEFLATE, h5py.h5z.FILTER_SHUFFLE


class PatchReader:
    """Patches of one array [z, y, x] or [z, y, x, c] of a file that `write_arrays` made."""

    def __init__(self, path, name):
        self.path, self.name = path, name
        with open_arrays(path) as file, reading_hdf5(path):
            dataset = file[name].dataset
            self.shape, self.dtype = dataset.shape, dataset.dtype
            self._filters, self._chunks = _filters(dataset), _chunks(dataset)
            self._chunk_shape = dataset.chunks[1:]
        with open(path, "rb") as file:
            self._bytes = memoryview(mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ))

    def read(self, z, y, x, size):
        """A copy of array[z, y : y + size, x : x + size]; like that slice, smaller at the far borders."""
        if not (0 <= z < self.shape[0] and y >= 0 and x >= 0):
            raise IndexError(f"no patch at {(z, y, x)} in {self.name} of shape {self.shape}")
        end_y, end_x = min(y + size, self.shape[1]), min(x + size, self.shape[2])
        shape = (max(end_y - y, 0), max(end_x - x, 0), *self.shape[3:])
        patch = np.zeros((*shape, self.dtype.itemsize), np.uint8)
        high, wide = self._chunk_shape[:2]
        for top, rows, patch_rows in _pieces(y, end_y, high):
            for left, columns, patch_columns in _pieces(x, end_x, wide):
                chunk = self._chunks.get((z, top, left))
                if not chunk:
                    continue  # never written: 0
                piece = self._unpacked(*chunk)[rows, columns]
                for byte in range(self.dtype.itemsize):  # faster than all at once: long rows of one byte each
                    patch[patch_rows, patch_columns, ..., byte] = piece[..., byte]
        return patch.view(self.dtype)[..., 0]

    def _unpacked(self, first, end):
        """The bytes of the chunk that lies there in the file: [y, x, (c,) itemsize]."""
        stored, itemsize = self._bytes[first:end], self.dtype.itemsize
        try:
            if GZIP in self._filters:
                stored = deflate_decode(stored, out=prod(self._chunk_shape) * itemsize)
            stored = np.frombuffer(stored, np.uint8)
            if SHUFFLE in self._filters:  # the first byte of every element, then the second of every one, ...
                return np.moveaxis(stored.reshape(itemsize, *self._chunk_shape), 0, -1)
            return stored.reshape(*self._chunk_shape, itemsize)
        except (DeflateError, ValueError) as error:
            raise SynthemError(
                "FILE_READ",
                f"{self.path}: {self.name}",
                f"bytes {first} to {end} are damaged: {error}",
                expected="an undamaged HDF5 file this workflow wrote",
                fix="delete it and run again",
            ) from error


def _filters(dataset):
    """Codes of the filters that its chunks went through."""
    properties = dataset.id.get_create_plist()
    filters = {properties.get_filter(place)[0] for place in range(properties.get_nfilters())}
    if not (dataset.chunks and dataset.chunks[0] == 1 and filters <= {GZIP, SHUFFLE}):
        raise ValueError(f"chunks {dataset.chunks} and filters {filters} are not as this workflow writes")
    return filters


def _chunks(dataset):
    """{(z, y, x) of the first voxel: (first byte, end) in the file}."""
    chunks = {}

    def add(chunk):
        chunks[chunk.chunk_offset[:3]] = (chunk.byte_offset, chunk.byte_offset + chunk.size)

    dataset.id.chunk_iter(add)
    return chunks


def _pieces(first, end, length):
    """The chunks that first...end meets: (start, slice in the chunk, slice in first...end)."""
    for start in range(first - first % length, end, length):
        low, high = max(first, start), min(end, start + length)
        yield start, slice(low - start, high - start), slice(low - first, high - first)
