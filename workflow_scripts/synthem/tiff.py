"""TIFF files: what they hold, and whether all of it is there.

tifffile reads a truncated stack as a shorter one, with a line in its log. Here that is an error.
"""

import logging
import math
from contextlib import contextmanager

import tifffile

MOST_PACKED = 100_000  # times smaller than its voxels: even a blank stack hardly is
NM = {"nm": 1, "nanometer": 1, "um": 1000, "micron": 1000, "\\u00B5m": 1000, "µm": 1000}


def series_header(path):
    """(shape, dtype, voxel_size_nm or None) of the stack in a file; shape [z, y, x] or [z, y, x, c]."""
    with _opened(path) as tiff:
        series = _only_series(tiff)
        shape, axes = series.shape, series.axes
        if "S" in axes[:-1]:
            raise ValueError(f"colours stored plane by plane (axes {axes}); save them pixel by pixel")
        if len(shape) == 2 or (len(shape) == 3 and axes.endswith("S")):
            shape = (1, *shape)
        _check_complete(path, series)
        return shape, series.dtype, _voxel_size(tiff)


def read_series(path):
    with _opened(path) as tiff:
        return _only_series(tiff).asarray()


def page_header(path):
    """(shape, dtype) of a file that holds one slice."""
    with _opened(path) as tiff:
        if len(tiff.pages) != 1:
            raise ValueError(f"a stack of {len(tiff.pages)} slices; give the file itself, not its folder")
        _check_complete(path, tiff.series[0])
        return tiff.pages[0].shape, tiff.pages[0].dtype


def read_page(path):
    with _opened(path) as tiff:
        return tiff.pages[0].asarray()


@contextmanager
def _opened(path):
    """The file, open; what tifffile reports as an error in its log is one. Other files are not followed."""
    said = _Errors(logging.ERROR)
    logger = tifffile.logger()
    logger.addHandler(said)
    try:
        with tifffile.TiffFile(path, _multifile=False) as tiff:
            yield tiff
        if said.lines:
            raise ValueError(f"truncated or corrupted: {said.lines[0]}")
    finally:
        logger.removeHandler(said)


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


def _check_complete(path, series):
    """Every strip or tile of every page lies inside the file."""
    size = path.stat().st_size
    if series.dataoffset is not None:  # in one piece, as ImageJ writes them
        if series.dataoffset + series.nbytes > size:
            raise ValueError(f"truncated: {size} bytes of at least {series.dataoffset + series.nbytes}")
        return
    stored = 0
    for number, page in enumerate(series.pages):
        if page is None:
            raise ValueError(f"slice {number} is missing")
        for offset, count in zip(page.dataoffsets, page.databytecounts, strict=True):
            if count == 0 or offset + count > size:
                raise ValueError(
                    f"slice {number} lies outside the file of {size} bytes, or was never written"
                )
            stored += count
    if series.nbytes > MOST_PACKED * stored:
        raise ValueError(f"{stored} bytes of data cannot hold a stack of shape {series.shape}")


def _voxel_size(tiff):
    """(z, y, x) in nm as ImageJ and Synthem write it, or None where it is not given or senseless."""
    meta, tags = tiff.imagej_metadata or {}, tiff.pages[0].tags
    try:
        nm = NM[meta["unit"]]
        (x_pixels, x_units), (y_pixels, y_units) = tags["XResolution"].value, tags["YResolution"].value
        found = float(meta["spacing"]) * nm, y_units / y_pixels * nm, x_units / x_pixels * nm
    except (KeyError, TypeError, ValueError, ZeroDivisionError):
        return None
    return found if all(math.isfinite(size) and size > 0 for size in found) else None
