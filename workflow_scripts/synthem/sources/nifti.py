"""Reads a NIfTI-1 file (.nii, .nii.gz) as a Stack.

The axes i, j and k of the file are x, y and z, in the order in which the voxels lie there. Turns and mirrors
of qform and sform are not applied: they say how a patient lay. A mask has to lie in its file as its image
does in its own.
"""

import gzip
import math
import os
import struct

import numpy as np

from synthem.errors import SynthemError
from synthem.sources.errors import damaged, decoding, refuse_giant
from synthem.sources.packed import MOST_DEFLATED
from synthem.sources.raw import check_complete, planes_of
from synthem.sources.stack import Stack
from synthem.sources.units import size_nm

HEADER, FIRST = 348, 352  # bytes of the header; where voxels begin at the earliest
TYPES = {2: "u1", 4: "i2", 8: "i4", 16: "f4", 64: "f8", 128: "u1", 256: "i1", 512: "u2"}
TYPES |= {768: "u4", 1024: "i8", 1280: "u8"}
COLOUR = 128  # three bytes a voxel
UNITS = {1: "m", 2: "mm", 3: "um"}
DIM, TYPE, PIXDIM, OFFSET, SLOPE, XYZT, MAGIC = 40, 70, 76, 108, 112, 123, 344  # places in the header
UNSET = (1e6, 1e6, 1e6)  # nm: programs write 1 mm where they know no size


def open_nifti(source, file, closing):
    """The stack in one NIfTI file, which `closing` (an ExitStack) closes."""
    packed = str(file).lower().endswith(".gz")
    with decoding(file):
        opened = closing.enter_context((gzip.open if packed else open)(file, "rb"))
        header = opened.read(HEADER)
        order = _byte_order(header)
        shape, dtype = _shape(file, header, order), _type(header, order)
        (start,) = struct.unpack_from(f"{order}f", header, OFFSET)
        if not (math.isfinite(start) and start >= FIRST and start == int(start)):
            raise ValueError(f"voxels from byte {start:g} on")
        refuse_giant(source, shape, dtype)
        if packed:
            _check_packed(file, int(start), shape, dtype)
            planes = _unpacked(opened, int(start), shape, dtype)
        else:
            check_complete(file, int(start), shape, dtype)
            planes = planes_of(file, int(start), shape, dtype)
        stored, planes = _scaled(header, order, dtype, planes)
    return Stack(
        source=source, shape=shape, stored=stored, planes=planes, voxel_size_nm=_voxel_size(header, order)
    )


def _byte_order(header):
    if len(header) < HEADER:
        raise ValueError(f"truncated: {len(header)} bytes of a header of {HEADER}")
    order = next((order for order in "<>" if struct.unpack_from(f"{order}i", header)[0] == HEADER), None)
    if order is None:
        second = any(struct.unpack_from(f"{order}i", header)[0] == 540 for order in "<>")
        raise ValueError("NIfTI-2; save it as NIfTI-1" if second else "no header of a NIfTI file")
    magic = header[MAGIC : MAGIC + 4]
    if magic == b"ni1\0":
        raise ValueError("its voxels are in another file, .img; save both in one, .nii")
    if magic != b"n+1\0":
        raise ValueError("no header of a NIfTI file")
    return order


def _shape(file, header, order):
    count, *sizes = struct.unpack_from(f"{order}8h", header, DIM)
    if not 2 <= count <= 7 or min(sizes[:count]) < 1:
        raise ValueError(f"{count} axes of the sizes {sizes}")
    if any(size != 1 for size in sizes[3:count]):
        raise SynthemError(
            "DATA_SHAPE",
            file,
            f"axes of the sizes {sizes[:count]}",
            expected="x, y and z",
            fix="save one time, or one channel",
        )
    nx, ny, nz = [*sizes[:count], 1][:3]
    (kind,) = struct.unpack_from(f"{order}h", header, TYPE)
    return nz, ny, nx, *([3] if kind == COLOUR else [])


def _type(header, order):
    (kind,) = struct.unpack_from(f"{order}h", header, TYPE)
    if kind not in TYPES:
        raise ValueError(f"datatype {kind}, not whole numbers, fractions, or colours of 8 bits")
    return np.dtype(order + TYPES[kind])


def _check_packed(file, start, shape, dtype):
    """Whether so much can be packed in the file; that all is there shows when it is unpacked."""
    needed, size = start + math.prod(shape) * dtype.itemsize, os.path.getsize(file)
    if needed > MOST_DEFLATED * size:
        raise damaged(file, f"{size} bytes cannot hold {needed}")


def _unpacked(opened, start, shape, dtype):
    plane = math.prod(shape[1:]) * dtype.itemsize

    def planes(first, end):
        opened.seek(start + first * plane)  # backwards, it begins anew
        return np.frombuffer(opened.read((end - first) * plane), dtype).reshape(end - first, *shape[1:])

    return planes


def _scaled(header, order, dtype, planes):
    """(type, planes) of value = slope * stored + intercept, where the header has a slope."""
    slope, intercept = struct.unpack_from(f"{order}2f", header, SLOPE)
    if not math.isfinite(slope) or slope == 0 or (slope, intercept) == (1, 0):
        return dtype, planes
    if not math.isfinite(intercept):
        raise ValueError(f"values scaled by {slope:g} and {intercept:g}")
    small = dtype.itemsize <= 2 or dtype == np.dtype(f"{order}f4")
    kind = np.dtype(np.float32 if small else np.float64)

    def scaled(first, end):
        return planes(first, end).astype(kind) * kind.type(slope) + kind.type(intercept)

    return kind, scaled


def _voxel_size(header, order):
    """(z, y, x) in nm; None where the unit is unknown, or nobody wrote a size."""
    sizes = struct.unpack_from(f"{order}8f", header, PIXDIM)[1:4]
    size = size_nm(sizes[::-1], [UNITS.get(header[XYZT] & 7)] * 3)
    return None if size is None or np.allclose(size, UNSET) else tuple(round(one, 6) for one in size)
