"""An open stack of the user's: shape and type from its header, planes read on request."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from synthem.sources.errors import LARGEST_PLANE, damaged, decoding, refuse_giant

SLAB_BYTES = 128 * 2**20  # what the planes that are read together may take


def planes_at_once(depth, plane_bytes):
    """How many planes to read together where chunks are `depth` planes deep."""
    return max(1, min(depth, SLAB_BYTES // max(1, plane_bytes)))


@dataclass(frozen=True)
class Stack:
    """Built by the readers; `opening.open_stack` gives it out and closes its files."""

    source: str
    shape: tuple  # [z, y, x] or [z, y, x, c]; of tiles: y and x of the largest
    stored: np.dtype  # the type in the file
    planes: Callable  # (first, end) -> array [n, y, x(, c)], or (z, z + 1) -> one tile
    voxel_size_nm: tuple | None = None  # (z, y, x) where the file has all three
    offset_nm: tuple | None = None  # (z, y, x) from an origin that the maker of the file knows
    step: int = 1  # planes best read together: they lie in the same chunks
    shapes: tuple | None = None  # (y, x) of every tile, where tiles were asked for
    names: tuple | None = None  # of the slices of a folder
    white_is_zero: bool = False  # a note in the file: viewers show high numbers dark
    light: bool = False  # numbers are light: black is 0 even then; otherwise they are read as stored
    gaps: bool = False  # files of some slices only: numbers that are missing are no fault
    lossy: bool = False  # packed with loss: grey values are near those that were, and edges are blurred
    coloured: bool = False  # of a mask: the file has colours, which must all be alike
    unwritten: str = ""  # chunks that are not in the store, in words; they read as its fill value

    @property
    def levels(self):
        """2 where a voxel is one bit, else None."""
        return 2 if self.stored.kind == "b" else None

    @property
    def dtype(self):
        """What `read` returns: of this machine's byte order, bits as 0 and 1, half floats as floats."""
        wider = {np.dtype(bool): np.dtype(np.uint8), np.dtype(np.float16): np.dtype(np.float32)}
        native = self.stored.newbyteorder("=")
        return wider.get(native, native)

    def read(self, first, end):
        """Planes [n, y, x(, c)] from `first` up to, not with, `end`."""
        if not 0 <= first < end <= self.shape[0]:
            raise IndexError(f"slices {first} to {end} of {self.shape[0]}")
        if self.shapes and end - first > 1:
            raise IndexError("tiles are read one by one: they differ in size")
        with decoding(self.source):
            planes = self.planes(first, end)
        size = self.shapes[first] if self.shapes else self.shape[1:3]
        announced = (end - first, *size, *self.shape[3:])
        if planes.shape != announced or planes.dtype != self.stored:
            found = (
                f"the data is {planes.dtype} {planes.shape}, the header announces {self.stored} {announced}"
            )
            raise damaged(self.source, found)
        return planes.astype(self.dtype, copy=False)

    def slabs(self):
        """(first, planes) of the whole stack, `step` planes at a time."""
        for first in range(0, self.shape[0], self.step):
            yield first, self.read(first, min(first + self.step, self.shape[0]))

    def check_size(self):
        refuse_giant(self.source, self.shape, self.stored)
        refuse_giant(self.source, self.shape[1:], self.dtype, LARGEST_PLANE, "one plane has")
