"""TIFF files: what they hold, whether all of it is there, and their planes one by one.

tifffile reads a truncated stack as a shorter one, with a line in its log. Here that is an error.
"""

import logging
import math
import struct
from contextlib import contextmanager

import numpy as np
import tifffile

from synthem.errors import SynthemError
from synthem.sources.errors import LARGEST_PLANE, damaged, decoding, refuse_giant
from synthem.sources.ome import refuse_forged, voxel_size_nm
from synthem.sources.stack import Stack
from synthem.sources.units import size_nm

MOST_PACKED = 100_000  # times smaller than its voxels: even a blank stack hardly is
# Lossless, and none whose own header announces a size: none, CCITT, LZW, deflate, PackBits, Zstandard
PACKED_BY = (1, 2, 3, 4, 5, 8, 32946, 32773, 34926, 50000)
# Kinds of TIFF that tifffile arranges from metadata that we do not check: read as plain pages instead
OTHER_KINDS = (
    *("lsm", "mmstack", "ndtiff", "fluoview", "stk", "sis", "svs", "scn", "qpi", "ndpi", "bif", "avs"),
    *("eer", "philips", "scanimage", "nih", "mdgel"),
)


def open_tiff(source, file, closing):
    """The stack in one TIFF file, which `closing` (an ExitStack) closes."""
    with decoding(file), _errors_raised():
        pages = count_pages(file)
        kinds = {f"is_{kind}": False for kind in OTHER_KINDS}
        tiff = closing.enter_context(tifffile.TiffFile(file, _multifile=False, **kinds))
        if tiff.is_ome:
            refuse_forged(tiff.ome_metadata, pages)
        series = _only_series(tiff)
        depth, plane = _layout(file, series)
        _check_packing(file, series.keyframe)
        refuse_giant(source, (depth, *plane), series.dtype)
        _check_complete(file, series, depth, plane)
        size = _imagej_size(tiff) or (voxel_size_nm(tiff.ome_metadata) if tiff.is_ome else None)
    return Stack(
        source=source,
        files=(file,),
        shape=(depth, *plane),
        stored=series.dtype,
        planes=_reader(tiff, series, plane),
        voxel_size_nm=size,
    )


def _reader(tiff, series, plane):
    """(first, end) -> planes, from their place in the file or from their pages."""
    stored, start = series.dtype.newbyteorder(tiff.byteorder), series.dataoffset
    size, planar = math.prod(plane), "S" in series.keyframe.axes[:-1]
    page = (plane[2], *plane[:2]) if planar else plane

    def planes(first, end):
        with _errors_raised():
            if start is not None:
                place = start + first * size * stored.itemsize
                read = tiff.filehandle.read_array(stored, (end - first) * size, place)
            else:
                read = np.stack([series.pages[z].asarray() for z in range(first, end)])
        read = read.reshape(end - first, *page).astype(series.dtype, copy=False)
        return np.moveaxis(read, 1, -1) if planar else read

    return planes


def count_pages(file):
    """The number of pages; a chain of them that leads back to itself would keep tifffile busy for ever."""
    with open(file, "rb") as data:
        order = {b"II": "<", b"MM": ">"}.get(data.read(2))
        kind = struct.unpack(order + "H", data.read(2))[0] if order else None
        if kind not in (42, 43):
            raise ValueError("not a TIFF file")
        count, entry, link = ("H", 12, "I") if kind == 42 else ("Q", 20, "Q")

        def number(place, form):
            data.seek(place)
            found = data.read(struct.calcsize(order + form))
            return struct.unpack(order + form, found)[0] if len(found) == struct.calcsize(form) else 0

        page, pages, kept = number(4 if kind == 42 else 8, link), 0, None
        while page:
            if page == kept:
                raise ValueError("its pages lead back to an earlier page")
            pages += 1
            if pages & (pages - 1) == 0:  # keep every 1st, 2nd, 4th, 8th: any circle meets one of them
                kept = page
            page = number(page + struct.calcsize(order + count) + number(page, count) * entry, link)
        return pages


@contextmanager
def _errors_raised():
    """What tifffile only reports as an error in its log is raised."""
    said = _Errors(logging.ERROR)
    logger = tifffile.logger()
    logger.addHandler(said)
    try:
        yield
    finally:
        logger.removeHandler(said)
    if said.lines:
        raise ValueError(f"truncated or corrupted: {said.lines[0]}")


class _Errors(logging.Handler):
    def __init__(self, level):
        super().__init__(level)
        self.lines = []

    def emit(self, record):
        self.lines.append(record.getMessage().split("> ", 1)[-1])


def _only_series(tiff):
    if not tiff.series:
        raise ValueError("no image in the file")
    if len(tiff.series) > 1:
        shapes = ", ".join(str(series.shape) for series in tiff.series[:5])
        raise ValueError(f"{len(tiff.series)} stacks of different kinds ({shapes}); save one")
    if tiff.is_ome and tiff.series[0].kind != "ome":
        raise ValueError("an OME-TIFF file with slices in other files; save the stack as one file")
    return tiff.series[0]


def _layout(file, series):
    """(number of planes, (y, x) or (y, x, c)).

    One axis beside those of a page is the stack, whatever it is called: many programs save slices as times
    or channels. The names of axes of length 1 are guesses of tifffile.
    """
    page = series.keyframe
    axes = zip(series.get_axes(False), series.get_shape(False), strict=True)
    axes = [(name, int(size)) for name, size in axes if size != 1]
    inner = [size for size in page.shape if size != 1]
    outer = axes[: len(axes) - len(inner)]
    if [size for _, size in axes[len(outer) :]] != inner or len(outer) > 1:
        names = [name for name, _ in axes]
        raise SynthemError(
            "DATA_SHAPE",
            file,
            "axes " + ", ".join(f"{name} ({size})" for name, size in axes),
            expected="z, y, x, and perhaps colours as the last",
            fix=f"save one {'channel' if 'C' in names else 'time' if 'T' in names else 'stack'}",
        )
    colour = (page.samplesperpixel,) if page.samplesperpixel > 1 else ()
    return (outer[0][1] if outer else 1), (page.imagelength, page.imagewidth, *colour)


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


def _check_complete(file, series, depth, plane):
    """Every strip or tile of every page lies inside the file."""
    size, start = file.stat().st_size, series.dataoffset
    if start is not None:  # in one piece, as ImageJ writes them
        if start + series.nbytes > size:
            raise ValueError(f"truncated: {size} bytes of at least {start + series.nbytes}")
        return
    if len(series.pages) != depth or math.prod(series.keyframe.shape) != math.prod(plane):
        raise ValueError(f"{len(series.pages)} pages of {series.keyframe.shape} for {depth} slices")
    stored, pieces = 0, math.prod(series.keyframe.chunked)
    for number, page in enumerate(series.pages):
        if page is None:
            raise ValueError(f"slice {number} is missing")
        places = list(zip(page.dataoffsets, page.databytecounts, strict=True))
        if len(places) < pieces or any(count == 0 or place + count > size for place, count in places):
            raise ValueError(f"slice {number} lies outside the file of {size} bytes, or was never written")
        stored += sum(count for _, count in places)
    if series.nbytes > MOST_PACKED * stored:
        raise ValueError(f"{stored} bytes of data cannot hold a stack of shape {series.shape}")


def _imagej_size(tiff):
    """(z, y, x) in nm as ImageJ and Synthem write it."""
    meta, tags = tiff.imagej_metadata or {}, tiff.pages[0].tags
    try:
        (x_pixels, x_units), (y_pixels, y_units) = tags["XResolution"].value, tags["YResolution"].value
        return size_nm((meta["spacing"], y_units / y_pixels, x_units / x_pixels), [meta["unit"]] * 3)
    except (KeyError, TypeError, ValueError, ZeroDivisionError):
        return None
