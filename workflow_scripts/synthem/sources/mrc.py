"""Reads an MRC file (.mrc, .rec, .map, .st) as a Stack: the format of tomograms and of volume EM.

After MRC2014 (Cheng et al. 2015), with what older programs and IMOD do. Sections, rows and columns are
z, y and x in the order of the file, as mrcfile and Fiji show them; IMOD shows the rows from the bottom up.
"""

import struct

import numpy as np

from synthem.errors import SynthemError
from synthem.sources.errors import damaged, decoding, refuse_giant
from synthem.sources.raw import check_complete, planes_of
from synthem.sources.stack import Stack
from synthem.sources.units import size_nm

HEADER = 1024  # bytes
MODES = {0: "i1", 1: "i2", 2: "f4", 6: "u2", 12: "f2"}
OTHER_MODES = {3: "complex numbers", 4: "complex numbers", 16: "colours", 101: "4 bits a voxel"}
ORDERS = {b"DD": "<", b"DA": "<", b"\x11\x11": ">"}  # the first two bytes of the machine stamp
NX, MODE, MX, CELL, MAPS, LOWEST, GROUP, EXTENDED = 0, 12, 28, 40, 64, 76, 88, 92  # places in the header
IMOD, STAMP = 152, 212
OF_IMOD, SIGNED = 1146047817, 1
XYZ = (1, 2, 3)
VOLUMES = range(401, 631)  # space groups of several volumes in one file, of mz sections each
UNSET = (0.1, 0.1, 0.1)  # nm: programs write 1 Angstrom where they know no size


def open_mrc(source, file):
    with decoding(file):
        with open(file, "rb") as opened:
            header = opened.read(HEADER)
        if len(header) < HEADER:
            raise ValueError(f"truncated: {len(header)} bytes of a header of {HEADER}")
        order = _byte_order(header)
        shape, dtype = _shape(file, header, order), _type(file, header, order)
        (extended,) = struct.unpack_from(f"{order}i", header, EXTENDED)
        if extended < 0:
            raise ValueError(f"an extended header of {extended} bytes")
        start = HEADER + extended
        refuse_giant(source, shape, dtype)
        check_complete(file, start, shape, dtype)
    return Stack(
        source=source,
        shape=shape,
        stored=dtype,
        planes=planes_of(file, start, shape, dtype),
        voxel_size_nm=_voxel_size(header, order),
    )


def _byte_order(header):
    """`<` or `>`: of the machine stamp; of old files, which have none, the one that makes sense."""
    order = ORDERS.get(header[STAMP : STAMP + 2])
    if order:
        return order
    sensible = (order for order in "<>" if _is_sensible(header, order))
    if order := next(sensible, None):
        return order
    raise ValueError("no header of an MRC file")


def _is_sensible(header, order):
    (mode,) = struct.unpack_from(f"{order}i", header, MODE)
    axes = struct.unpack_from(f"{order}3i", header, MAPS)
    return (mode in MODES or mode in OTHER_MODES) and (axes == (0, 0, 0) or sorted(axes) == sorted(XYZ))


def _shape(file, header, order):
    nx, ny, nz = struct.unpack_from(f"{order}3i", header, NX)
    axes = struct.unpack_from(f"{order}3i", header, MAPS)
    if min(nx, ny, nz) < 1:
        raise ValueError(f"{nz} sections of {ny} x {nx}")
    (group,), (sections,) = (struct.unpack_from(f"{order}i", header, at) for at in (GROUP, MX + 8))
    if group in VOLUMES and 0 < sections < nz:
        raise SynthemError(
            "DATA_SHAPE",
            file,
            f"{nz // sections} volumes of {sections} sections in one file",
            expected="one volume",
            fix="save each in a file of its own",
        )
    if axes not in (XYZ, (0, 0, 0)):
        raise SynthemError(
            "DATA_SHAPE",
            file,
            f"columns, rows and sections along the axes {axes}",
            expected=f"{XYZ}: x, y and z",
            fix="save it with its columns along x, and its sections along z",
        )
    return nz, ny, nx


def _type(file, header, order):
    (mode,) = struct.unpack_from(f"{order}i", header, MODE)
    if mode not in MODES:
        words = OTHER_MODES.get(mode, "unknown")
        raise damaged(file, f"mode {mode} ({words}), not one of {', '.join(map(str, MODES))}")
    if mode == 0 and not _is_signed(header, order):
        return np.dtype("u1")
    return np.dtype(order + MODES[mode])


def _is_signed(header, order):
    """Whether bytes are signed: as IMOD notes it; else as the standard has it, if the noted maximum fits."""
    stamp, flags = struct.unpack_from(f"{order}2i", header, IMOD)
    if stamp == OF_IMOD:
        return bool(flags & SIGNED)
    lowest, highest = struct.unpack_from(f"{order}2f", header, LOWEST)
    return not (highest > 127 and lowest >= 0)


def _voxel_size(header, order):
    """(z, y, x) in nm: the cell, in Angstrom, over its number of voxels; None where nobody wrote it."""
    samples = struct.unpack_from(f"{order}3i", header, MX)
    cell = struct.unpack_from(f"{order}3f", header, CELL)
    if min(samples) < 1:
        return None
    sizes = [length / count for length, count in zip(cell, samples, strict=True)]
    size = size_nm(sizes[::-1], ["angstrom"] * 3)
    return None if size is None or np.allclose(size, UNSET) else tuple(round(one, 6) for one in size)
