"""Folders and patterns of PNG, TIFF or JPEG slices, each file one slice or tile."""

import os
from contextlib import ExitStack
from itertools import islice, pairwise

import numpy as np
from PIL import Image

from synthem.errors import SynthemError
from synthem.sources.errors import LARGEST_PLANE, check_plain, decoding, refuse_giant
from synthem.sources.names import is_jpeg, is_slice, numbers_in_names
from synthem.sources.packed import MOST_DEFLATED
from synthem.sources.stack import Stack
from synthem.sources.tiff import open_tiff

PLACES = "if each is of a place of its own, say `tiles: true` of the volume, or TILES=yes to `make new`"
Image.MAX_IMAGE_PIXELS = None  # `refuse_giant` judges the header instead, with our own limit and error


def open_slices(source, files, *, tiles, light, gaps):
    """One plane from each file. Tiles may differ in size and be numbered at will; `gaps` are allowed."""
    for file in files:
        check_plain(file)
    above = os.path.commonpath([file.parent for file in files])
    names = tuple(os.path.relpath(file, above) for file in files)
    _refuse_mixture(source, files)
    if not tiles:
        _refuse_gaps(source, names, allowed=gaps)
    found = [_header(file) for file in files]
    headers = [header[:2] for header in found]
    mixed = {dtype for _, dtype in headers} == {np.dtype(bool), np.dtype(np.uint8)}
    dtype = np.dtype(np.uint8) if mixed else headers[0][1]
    _refuse_strangers(files, [(shape, dtype if mixed else own) for shape, own in headers], tiles=tiles)
    sizes = tuple(shape[:2] for shape, _ in headers)

    def planes(first, end):
        read = [_read(file, light=light) for file in files[first:end]]
        # In a file of bytes that is a mask, 255 is what 1 is in a file of bits.
        return np.stack([plane * np.uint8(255) if mixed and plane.dtype == bool else plane for plane in read])

    return Stack(
        source=source,
        shape=(len(files), *map(max, zip(*sizes, strict=True)), *headers[0][0][2:]),
        stored=dtype,
        planes=planes,
        shapes=sizes if tiles else None,
        names=names,
        white_is_zero=any(white_is_zero for *_, white_is_zero in found),
        lossy=any(is_jpeg(file) for file in files),
    )


def _refuse_mixture(source, files):
    if len({file.suffix.lower() == ".png" for file in files}) > 1:
        raise SynthemError(
            "DATA_FORMAT",
            source,
            f"{len(files)} files, PNG and TIFF mixed",
            expected="slices of one kind",
            fix="keep one kind: both would be read as slices of one stack",
        )


def _refuse_gaps(source, names, *, allowed):
    """Slices that are missing or there twice would shift all that follow against their masks."""
    numbers = numbers_in_names(names)
    if numbers is None:
        return
    places = {}
    for number, name in zip(numbers, names, strict=True):
        places.setdefault(number, []).append(name)
    twice = next((same for same in places.values() if len(same) > 1), None)
    if twice:
        raise _numbering(source, f"{' and '.join(twice)} have one number", "keep one of them")
    if allowed:
        return
    steps = [after - before for before, after in pairwise(numbers)]
    absent = [number for ends in pairwise(numbers) for number in islice(range(*ends, min(steps)), 1, 7)]
    if absent or len(set(steps)) > 1:
        found = f"no slice has the number {', '.join(map(str, absent[:5]))}" + " and more" * (len(absent) > 5)
        found = found if absent else f"numbers that go on by {min(steps)} to {max(steps)}"
        raise _numbering(source, found, f"add what is missing, or number the slices again; {PLACES}")


def _numbering(source, found, fix):
    return SynthemError("DATA_SHAPE", source, found, expected="slice numbers in equal steps", fix=fix)


def _refuse_strangers(files, headers, *, tiles):
    """Every slice must have the shape and type of the first; every tile its colours and type."""
    first = headers[0]
    for file, (shape, dtype) in zip(files, headers, strict=True):
        alike = shape[2:] == first[0][2:] if tiles else shape == first[0]
        if not alike or dtype != first[1]:
            sizes_alone = dtype == first[1] and shape[2:] == first[0][2:]
            places = f"; {PLACES}" if sizes_alone else ""
            raise SynthemError(
                "DATA_SHAPE",
                file,
                f"{dtype} {shape}",
                expected=f"{first[1]} {first[0]} as in {files[0].name}",
                fix=f"make all slices of the folder alike{places}",
            )


def _header(file):
    """(shape [y, x] or [y, x, c], type, whether white is 0) of one slice; nothing is decoded."""
    with decoding(file):
        if file.suffix.lower() == ".png":
            return *_png_header(file), False
        if is_jpeg(file):
            return *_jpeg_header(file), False
        with ExitStack() as closing:
            stack = open_tiff(str(file), file, closing, light=False)
    if stack.shape[0] != 1:
        raise SynthemError(
            "DATA_FORMAT",
            file,
            f"a stack of {stack.shape[0]} slices",
            expected="one slice in each file of a folder",
            fix="give the file itself, not its folder",
        )
    refuse_giant(file, stack.shape, stack.dtype, LARGEST_PLANE)
    return stack.shape[1:], stack.stored, stack.white_is_zero


def _png_header(file):
    # Only PNG: by itself, Pillow would also hand a file that looks like PostScript to Ghostscript.
    with Image.open(file, formats=["PNG"]) as image:
        channels = len(image.getbands())
        if image.mode == "P":
            raise _unsuited(file, "a palette image: its numbers are places of colours", "save it in grey")
        if image.tile and "16" in str(image.tile[0].args) and channels > 1:
            raise _unsuited(file, "16 bits a colour", "save it with 8 bits, or in grey")
        _refuse_several(file, image)
        dtype = np.dtype("bool" if image.mode == "1" else "uint16" if image.mode[0] == "I" else "uint8")
        shape = (image.height, image.width, *([channels] if channels > 1 else []))
    refuse_giant(file, shape, dtype, LARGEST_PLANE)
    size = os.path.getsize(file)
    if shape[0] * shape[1] / 8 > MOST_DEFLATED * size:
        raise ValueError(f"{size} bytes cannot hold {shape[0]} x {shape[1]} pixels")
    return shape, dtype


def _jpeg_header(file):
    with Image.open(file, formats=["JPEG"]) as image:
        if image.mode not in ("L", "RGB"):
            raise _unsuited(file, f"colours of the kind {image.mode}", "save it in grey, or in RGB")
        _refuse_several(file, image)
        shape = (image.height, image.width, *([3] if image.mode == "RGB" else []))
    refuse_giant(file, shape, np.dtype("uint8"), LARGEST_PLANE)
    return shape, np.dtype("uint8")


def _refuse_several(file, image):
    if getattr(image, "n_frames", 1) > 1:
        raise _unsuited(file, f"{image.n_frames} pictures in one file", "save each in a file of its own")


def _unsuited(file, found, fix):
    """The error of a file that is sound, and of another kind than slices are."""
    expected = "one picture with grey values, or with 8 bits a colour"
    return SynthemError("DATA_FORMAT", file, found, expected=expected, fix=fix)


def _read(file, *, light):
    with decoding(file):
        if is_slice(file) and file.suffix.lower() != ".png":
            with ExitStack() as closing:
                return open_tiff(str(file), file, closing, light=light).planes(0, 1)[0]
        with Image.open(file, formats=["JPEG" if is_jpeg(file) else "PNG"]) as image:
            array = np.asarray(image)
    return array.astype(np.uint16) if array.dtype == np.int32 else array  # older Pillow: 16 bits as 32
