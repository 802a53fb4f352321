"""Reads a TIFF file as a Stack, after checking that all of its pages are there.

The pages are arranged here, from the directories and the descriptions that ImageJ, OME and tifffile write.
Of what tifffile makes of a file, only the type and the voxels of single pages are used: its arrangements
differ from release to release, believe the metadata of dozens of vendors, and take a truncated stack for a
shorter one.
"""

import json
import logging
import math
from contextlib import contextmanager

import numpy as np
import tifffile

from synthem.errors import SynthemError
from synthem.sources import directories
from synthem.sources.directories import read_pages
from synthem.sources.errors import LARGEST_PLANE, damaged, decoding, not_one_stack, refuse_giant
from synthem.sources.ome import arrangement, refuse_forged, voxel_size_nm
from synthem.sources.packed import MOST_PACKED
from synthem.sources.stack import Stack
from synthem.sources.units import size_nm

# Lossless, and none whose own header announces a size: none, CCITT, LZW, deflate, PackBits, Zstandard
PACKED_BY = (1, 2, 3, 4, 5, 8, 32946, 32773, 34926, 50000)
# Kinds of TIFF for which tifffile believes metadata, or makes up pages, as soon as it opens the file
OTHER_KINDS = {"is_lsm": False, "is_ndpi": False, "is_scanimage": False}
WHITE_IS_ZERO = 0  # photometric interpretation MINISWHITE


def open_tiff(source, file, closing, *, light):
    """The stack in one TIFF file, which `closing` (an ExitStack) closes; `light` as in `open_stack`."""
    with decoding(file), _errors_raised():
        pages = read_pages(file)
        if not pages:
            raise ValueError("no image in the file")
        tiff = closing.enter_context(tifffile.TiffFile(file, **OTHER_KINDS))
        ome = tiff.ome_metadata if tiff.is_ome else None
        if ome:
            refuse_forged(ome, file, len(pages))
        axes, pages = _arranged(tiff, file, pages, ome)
        page = tiff.pages[pages[0].number]
        _check_packing(file, page)
        depth, plane = _layout(file, axes, page), _plane(page)
        refuse_giant(source, (depth, *plane), page.dtype)
        starts = _starts(pages, depth, page)
        _check_complete(file, pages, depth, page, starts)
        white_is_zero = page.photometric == WHITE_IS_ZERO
        white = _white(file, page) if light and white_is_zero else None
        signed = _is_signed(tiff, page)
        size = _imagej_size(tiff) or (voxel_size_nm(ome) if ome else None)
    return Stack(
        source=source,
        shape=(depth, *plane),
        stored=np.dtype(np.int16) if signed else page.dtype,
        planes=_reader(tiff, pages, page, plane, starts, white, signed),
        voxel_size_nm=size,
        white_is_zero=white_is_zero,
    )


def _reader(tiff, pages, page, plane, starts, white, signed):
    """(first, end) -> planes, from their place in the file or decoded page by page."""
    stored, planar = page.dtype.newbyteorder(tiff.byteorder), page.planarconfig == 2 and len(plane) == 3
    size = math.prod(plane)

    def planes(first, end):
        with _errors_raised():
            if starts is None:
                read = [tiff.pages[one.number].asarray() for one in pages[first:end]]
            else:
                read = [tiff.filehandle.read_array(stored, size, start) for start in starts[first:end]]
            read = np.stack([one.reshape((plane[2], *plane[:2]) if planar else plane) for one in read])
        read = read.astype(page.dtype, copy=False)
        if white is not None:
            read = ~read if read.dtype == bool else np.subtract(white, read, dtype=read.dtype)
        if signed:  # 32768 less: the highest bit is the sign
            read = (read ^ np.uint16(2**15)).view(np.int16)
        return np.moveaxis(read, 1, -1) if planar else read

    return planes


@contextmanager
def _errors_raised():
    """Raises what tifffile only logs as an error."""
    errors = _Errors(logging.ERROR)
    logger = tifffile.logger()
    logger.addHandler(errors)
    try:
        yield
    finally:
        logger.removeHandler(errors)
    if errors.lines:
        raise ValueError(f"truncated or corrupted: {errors.lines[0]}")


class _Errors(logging.Handler):
    def __init__(self, level):
        super().__init__(level)
        self.lines = []

    def emit(self, record):
        self.lines.append(record.getMessage().split("> ", 1)[-1])


def _arranged(tiff, file, pages, ome):
    """([(axis, size), ...], the pages of the stack): one for each plane, or one that all planes follow."""
    if ome:
        axes, pages = arrangement(ome, file, pages, tiff.pages[0].samplesperpixel)
        _refuse_kinds(file, pages)
        return axes, pages
    pages = [page for page in pages if not page.preview] or pages
    _refuse_kinds(file, pages)
    page = tiff.pages[pages[0].number]
    axes = _imagej_axes(tiff, page, len(pages)) or _shaped_axes(page) or []
    announced = math.prod(size for _, size in axes)
    if announced == 1:
        return [("I", len(pages))], pages
    if len(pages) not in (1, announced):
        raise ValueError(f"{len(pages)} pages for {announced} slices")
    return axes, pages


def _refuse_kinds(file, pages):
    kinds = {}
    for page in pages:
        kinds.setdefault(page.kind, []).append(page)
    if len(kinds) > 1:
        height, width = directories.HEIGHT, directories.WIDTH
        shapes = [str((len(one), one[0].value(height), one[0].value(width))) for one in kinds.values()]
        raise not_one_stack(file, f"{len(kinds)} stacks of different kinds ({', '.join(shapes[:5])})")


def _imagej_axes(tiff, page, pages):
    notes = tiff.imagej_metadata
    if not notes:
        return None
    axes = [
        (axis, int(notes.get(key, 1)))
        for axis, key in zip("TZC", ("frames", "slices", "channels"), strict=True)
    ]
    if axes[2][1] == page.samplesperpixel:  # colours of one page
        axes.pop()
    if min(size for _, size in axes) < 1:
        raise ValueError(f"ImageJ's description announces {axes}")
    if pages == 1 and math.prod(size for _, size in axes) == 1:
        return [("I", int(notes.get("images", 1)))]
    return axes


def _shaped_axes(page):
    """The axes beside those of a page, from tifffile's own description; None where there is none."""
    if not page.description.startswith('{"shape":'):
        return None
    notes = json.loads(page.description)
    shape = [int(size) for size in notes["shape"]]
    names = notes.get("axes") or "Q" * len(shape)
    axes = [(name, size) for name, size in zip(names, shape, strict=True) if size != 1]
    inner = [size for size in page.shape if size != 1]
    if [size for _, size in axes[len(axes) - len(inner) :]] != inner:
        raise ValueError(f"a stack of shape {tuple(shape)} in pages of {page.shape}")
    return axes[: len(axes) - len(inner)]


def _layout(file, axes, page):
    """The number of planes of the stack.

    One axis beside those of a page is the stack, whatever it is called: many programs save slices as times
    or channels.
    """
    outer = [(name, size) for name, size in axes if size != 1]
    if len(outer) > 1 or page.imagedepth > 1:
        axes = outer + list(zip(page.axes, page.shape, strict=True))
        names = [name for name, _ in outer]
        raise SynthemError(
            "DATA_SHAPE",
            file,
            "axes " + ", ".join(f"{name} ({size})" for name, size in axes),
            expected="z, y, x, and perhaps colours as the last",
            fix=f"save one {'channel' if 'C' in names else 'time' if 'T' in names else 'stack'}",
        )
    return outer[0][1] if outer else 1


def _plane(page):
    """(y, x) or (y, x, c)"""
    return page.imagelength, page.imagewidth, *([page.samplesperpixel] if page.samplesperpixel > 1 else [])


def _check_packing(file, page):
    if page.compression not in PACKED_BY:
        raise SynthemError(
            "DATA_FORMAT",
            file,
            f"compression {getattr(page.compression, 'name', page.compression)}",
            expected="none, LZW, deflate, PackBits, CCITT or Zstandard",
            fix="save it without compression",
        )
    if page.dtype is None or page.dtype.kind not in "buif":
        raise damaged(file, f"type {page.dtype}, not numbers")
    refuse_giant(file, page.chunks, page.dtype, LARGEST_PLANE, "one strip or tile has")


def _starts(pages, depth, page):
    """Where each plane begins, if all lie in the file as they do in memory; else None."""
    whole = pages[0].as_in_memory and set(pages[0].values(directories.BITS)) == {8 * page.dtype.itemsize}
    if not whole or any(one.start is None or one.stored < page.nbytes for one in pages):
        return None
    if len(pages) < depth:  # ImageJ's large stacks: one piece behind one page
        return range(pages[0].start, pages[0].start + depth * page.nbytes, page.nbytes)
    return [one.start for one in pages]


def _check_complete(file, pages, depth, page, starts):
    """Every strip or tile of every page lies inside the file."""
    size = file.stat().st_size
    if starts is not None and max(starts) + page.nbytes > size:
        raise ValueError(f"truncated: {size} bytes of at least {max(starts) + page.nbytes}")
    if len(pages) < depth and starts is None:
        raise ValueError(f"{len(pages)} pages for {depth} slices")
    broken = next((number for number, one in enumerate(pages) if not one.complete), None)
    if broken is not None:
        raise ValueError(f"slice {broken} lies outside the file of {size} bytes, or was never written")
    stored = sum(one.stored for one in pages)
    bits = sum(pages[0].values(directories.BITS))
    unpacked = page.imagelength * page.imagewidth * bits // 8 * len(pages)
    if unpacked > stored * (MOST_PACKED if page.compression != 1 else 1):
        raise ValueError(f"{stored} bytes of data cannot hold {len(pages)} pages of shape {page.shape}")


def _white(file, page):
    """The number that white becomes where it is 0 in the file: stored numbers are subtracted from it."""
    if page.dtype.kind == "f":
        raise SynthemError(
            "DATA_FORMAT",
            file,
            "fractions of which the lowest is white (photometric interpretation MINISWHITE)",
            expected="black as the lowest number, or whole numbers",
            fix="invert it, and save it with black as the lowest (MINISBLACK)",
        )
    return -1 if page.dtype.kind == "i" else 2**page.bitspersample - 1


def _is_signed(tiff, page):
    """Whether the 16 bits have a sign: ImageJ has no such type, adds 32768, and notes what to subtract.

    Its other lines turn grey into densities, which change no picture: those numbers stay as they are stored.
    """
    notes = tiff.imagej_metadata or {}
    subtracts = tuple(notes.get(key) for key in ("cf", "c0", "c1")) == (0, -(2**15), 1)
    return subtracts and page.dtype == np.uint16


def _imagej_size(tiff):
    """(z, y, x) in nm as ImageJ and Synthem write it."""
    meta, tags = tiff.imagej_metadata or {}, tiff.pages[0].tags
    try:
        (x_pixels, x_units), (y_pixels, y_units) = tags["XResolution"].value, tags["YResolution"].value
        units = [meta.get(f"{axis}unit", meta["unit"]) for axis in "zy"] + [meta["unit"]]  # where they differ
        return size_nm((meta["spacing"], y_units / y_pixels, x_units / x_pixels), units)
    except (KeyError, TypeError, ValueError, ZeroDivisionError):
        return None
