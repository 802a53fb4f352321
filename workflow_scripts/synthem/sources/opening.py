"""The user's stacks: TIFF, MRC, NIfTI files, folders of slices, HDF5 and Zarr, read with distrust.

A file is judged by its header before any voxel is decoded, so that a forged or damaged one costs nothing,
and is read a few planes at a time, so that its size does not matter. What a source names: `sources.names`.
"""

import os
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from pathlib import Path

from synthem.errors import SynthemError
from synthem.sources.errors import KINDS, check_plain, decoding, missing
from synthem.sources.folder import open_slices
from synthem.sources.hdf5 import open_hdf5
from synthem.sources.mrc import open_mrc
from synthem.sources.names import (
    HDF5_SUFFIXES,
    JPEG_SUFFIXES,
    MRC_SUFFIXES,
    NIFTI_SUFFIXES,
    files_of,
    is_pattern,
    is_store,
    split_source,
)
from synthem.sources.nifti import open_nifti
from synthem.sources.tiff import open_tiff
from synthem.sources.zarr import open_zarr


@contextmanager
def open_stack(source, *, tiles=False, light=False, gaps=False):
    """A `Stack`, judged by its header. With `tiles`, slices of a folder need not belong together; with
    `gaps`, their numbers may leave out some: those without labels.

    With `light`, for images, high numbers are what viewers show bright. Masks and labels are numbers as they
    are stored: tifffile and ImageJ write masks whose structure has the high number, and looks dark.
    """
    with ExitStack() as closing:
        with decoding(source):
            stack = _opened(source, closing, tiles=tiles, light=light, gaps=gaps)
            _check_shape(stack)
            stack.check_size()
        stack = replace(stack, light=light, gaps=gaps)
        if tiles and stack.shapes is None:
            stack = replace(stack, shapes=(stack.shape[1:3],) * stack.shape[0], step=1)
        yield stack


@contextmanager
def open_mask(source, *, tiles=False, gaps=False):
    """The `Stack` of a mask, or of labels: one number a voxel, from colours where these are all alike."""
    with open_stack(source, tiles=tiles, gaps=gaps) as stack:
        yield stack if len(stack.shape) == 3 else _in_grey(stack)


def _in_grey(stack):
    def planes(first, end):
        read = stack.read(first, end)
        colours = read[..., :3] if read.shape[3] > 2 else read[..., :1]  # without the alpha channel
        differ = (colours != colours[..., :1]).any((1, 2, 3))
        if differ.any():
            raise SynthemError(
                "DATA_FORMAT",
                stack.source,
                f"colours, and not all alike, first in slice {first + differ.argmax()}",
                expected="one number a voxel",
                fix="save it in grey",
            )
        return read[..., 0]

    return replace(stack, shape=stack.shape[:3], stored=stack.dtype, planes=planes, coloured=True)


def _opened(source, closing, *, tiles, light, gaps):
    """The Stack from the reader for this kind of name; the reader checks that the content fits it."""
    name, inside = split_source(source)
    files, suffix = files_of(source), Path(name).suffix.lower()
    if not files:
        raise missing(source, _instead_of_slices(source))
    if is_store(name):
        return open_zarr(source, Path(name), inside, files)
    if not inside and (os.path.isdir(name) or is_pattern(name)):
        return open_slices(source, files, tiles=tiles, light=light, gaps=gaps)
    check_plain(files[0])
    if suffix in HDF5_SUFFIXES:
        return open_hdf5(source, files[0], inside, closing)
    if suffix in MRC_SUFFIXES:
        return open_mrc(source, files[0])
    if name.lower().endswith(NIFTI_SUFFIXES):
        return open_nifti(source, files[0], closing)
    if suffix in (".png", *JPEG_SUFFIXES):
        return open_slices(source, files, tiles=tiles, light=light, gaps=gaps)
    if suffix in (".tif", ".tiff"):
        return open_tiff(source, files[0], closing, light=light)
    raise SynthemError(
        "DATA_FORMAT",
        source,
        f"a file of kind `{suffix}`",
        expected=" or ".join(KINDS),
        fix="save it as a TIFF stack, with the suffix .tif",
    )


def _check_shape(stack):
    shape = stack.shape
    if len(shape) not in (3, 4) or (len(shape) == 4 and shape[3] not in (2, 3, 4)) or 0 in shape:
        raise SynthemError(
            "DATA_SHAPE",
            stack.source,
            f"shape {shape}",
            expected="[z, y, x], or [z, y, x, 3] in colour",
            fix="save a single stack",
        )


def _instead_of_slices(folder):
    if is_pattern(folder):
        return "no PNG, TIFF or JPEG file fits this pattern"
    try:
        held = sorted(os.listdir(folder))
    except OSError as error:
        return f"a folder that cannot be listed: {error.strerror}"
    several = f"{len(held)} others, such as" if held[1:] else "1 other,"
    found = f"; it holds {several} {held[0]}" if held else "; it is empty"
    return "no PNG, TIFF or JPEG files in this folder" + found
