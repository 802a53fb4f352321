"""The user's files: TIFF stacks, folders of slices and HDF5 datasets, read with distrust.

A file is judged by its header before any voxel is decoded, so that a forged or damaged one costs nothing.
What a source names: `source_names`. What a TIFF file holds: `tiff`.
"""

import os
from dataclasses import dataclass

import h5py
import numpy as np
from PIL import Image

from synthem.errors import SynthemError
from synthem.source_names import files_of, split_source
from synthem.tiff import page_header, read_page, read_series, series_header

LARGEST_BYTES = 64 * 2**30  # more than this in one source is a forged header or needs another tool
KINDS = ("a TIFF file", "a folder of PNG or TIFF slices", "`file.h5:dataset`")
DEFLATE_LIMIT = 1032  # no deflate stream, PNG's, unpacks to more than this times its size
Image.MAX_IMAGE_PIXELS = None  # `_refuse_giant` judges the header instead, with our own limit and error


@dataclass(frozen=True)
class Header:
    """What a source claims to hold, before it is decoded."""

    files: tuple
    shape: tuple  # [z, y, x] or [z, y, x, c]
    dtype: np.dtype
    voxel_size_nm: tuple | None  # as the file says, if it does


def read_header(source):
    files, dataset = files_of(source), split_source(source)[1]
    if not files:
        raise _missing(source, _instead_of_slices(source))
    for file in files:
        _check_plain(file)
    voxel_size_nm = None
    if dataset:
        shape, dtype = _read_hdf5(files[0], dataset, lambda data: (data.shape, data.dtype))
    elif _is_single(source):
        shape, dtype, voxel_size_nm = _decoded(files[0], series_header)
    else:
        shape, dtype = _folder_header(files)
    if len(shape) not in (3, 4) or (len(shape) == 4 and shape[3] not in (3, 4)) or 0 in shape:
        raise SynthemError(
            "DATA_SHAPE",
            source,
            f"shape {shape}",
            expected="[z, y, x], or [z, y, x, 3] in colour",
            fix="save a single stack",
        )
    _refuse_giant(source, shape, dtype)
    return Header(
        tuple(files), tuple(int(size) for size in shape), np.dtype(dtype).newbyteorder("="), voxel_size_nm
    )


def read_stack(source):
    """The whole stack as [z, y, x] or [z, y, x, c], as the file holds it."""
    header = read_header(source)
    dataset = split_source(source)[1]
    if dataset:
        stack = _read_hdf5(header.files[0], dataset, lambda data: data[...])
        return stack.astype(header.dtype, copy=False)
    if _is_single(source):
        stack = _decoded(header.files[0], read_series)
        _check_kept(header.files[0], stack, header.shape, header.dtype)
        return stack.reshape(header.shape)
    stack = np.empty(header.shape, header.dtype)
    for z, file in enumerate(header.files):
        plane = _decoded(file, _read_slice)
        _check_kept(file, plane, header.shape[1:], header.dtype)
        stack[z] = plane
    return stack


def as_mask(stack):
    """Bright = structure: 1 where a voxel is above half of the brightest one (0/1, 0/255 and 1-bit alike)."""
    return (stack > stack.max() / 2).astype(np.uint8)


def _is_single(source):
    """One TIFF file; a single PNG is read like a folder of one."""
    return os.path.isfile(source) and not source.lower().endswith(".png")


def _instead_of_slices(folder):
    try:
        held = sorted(os.listdir(folder))
    except OSError as error:
        return f"a folder that cannot be listed: {error.strerror}"
    found = f"; it holds {len(held)} others, such as {held[0]}" if held else "; it is empty"
    return "no PNG or TIFF files in this folder" + found


def _check_plain(file):
    """An existing file that is not empty; a pipe or a device would keep the run waiting for ever."""
    if not os.path.isfile(file):
        home = str(file).startswith("~")
        unsuitable = "neither a file nor a folder" if os.path.exists(file) else "no such file or folder"
        unsuitable = "a folder where a slice should be" if os.path.isdir(file) else unsuitable
        raise _missing(file, f"{unsuitable}, and `~` is not expanded" if home else unsuitable)
    if os.path.getsize(file) == 0:
        raise _damaged(file, "0 bytes")


def _check_kept(file, array, shape, dtype):
    """What was decoded is what the header announced: `[z, y, x]`, give or take axes of length 1."""
    kept = [size for size in array.shape if size != 1] == [size for size in shape if size != 1]
    if not kept or array.dtype != dtype:
        raise _damaged(
            file, f"the data is {array.dtype} {array.shape}, the header says {dtype} {tuple(shape)}"
        )


def _folder_header(files):
    """Every slice must have the shape and type of the first."""
    kinds = {file.suffix.lower() == ".png" for file in files}
    if len(kinds) > 1:
        raise SynthemError(
            "DATA_FORMAT",
            files[0].parent,
            f"{len(files)} files, PNG and TIFF mixed",
            expected="slices of one kind",
            fix="keep one kind: both would be read as slices of one stack",
        )
    headers = [_decoded(file, _slice_header) for file in files]
    for file, header in zip(files, headers, strict=True):
        if header != headers[0]:
            raise SynthemError(
                "DATA_SHAPE",
                file,
                f"{header[1]} {header[0]}",
                expected=f"{headers[0][1]} {headers[0][0]} as in {files[0].name}",
                fix="make all slices of the folder alike",
            )
    shape, dtype = headers[0]
    return (len(files), *shape), dtype


def _slice_header(path):
    if path.suffix.lower() != ".png":
        return page_header(path)
    # Only PNG: by itself, Pillow would also hand a file that looks like PostScript to Ghostscript.
    with Image.open(path, formats=["PNG"]) as image:
        channels = len(image.getbands())
        if image.mode == "P":
            raise ValueError(
                "a palette image: its numbers are colours' places, not grey values; save it in grey"
            )
        if image.tile and "16" in str(image.tile[0].args) and channels > 1:
            raise ValueError("16 bits a colour; save it with 8 bits, or in grey")
        dtype = np.dtype("uint16" if image.mode.startswith("I") else "uint8")
        shape = (image.height, image.width, *([channels] if channels > 1 else []))
        _refuse_giant(path, shape, dtype)
        pixels, size = image.height * image.width, os.path.getsize(path)
        if pixels / 8 > DEFLATE_LIMIT * size:
            raise ValueError(f"{size} bytes cannot hold {image.height} x {image.width} pixels")
        return shape, dtype


def _read_slice(path):
    if path.suffix.lower() != ".png":
        return read_page(path)
    with Image.open(path, formats=["PNG"]) as image:
        array = np.asarray(image)
    if array.dtype == bool:
        return array.astype(np.uint8) * 255
    return array.astype(np.uint16) if array.dtype == np.int32 else array  # older Pillow: 16 bits as 32


def _read_hdf5(file, dataset, read):
    try:
        with h5py.File(file, "r") as hdf:
            node = _dataset(file, hdf, dataset)
            _refuse_giant(f"{file}:{dataset}", node.shape or (), node.dtype)
            return read(node)
    except (SynthemError, MemoryError):
        raise
    except Exception as error:
        raise _damaged(file, error) from error


def _dataset(file, hdf, name):
    """The dataset of this name, if all of it lies in this very file and is made of numbers."""
    node = hdf
    for part in filter(None, name.split("/")):
        # A link may point to any other file of this machine: none is followed.
        link = node.get(part, getlink=True) if isinstance(node, h5py.Group) and part in node.keys() else None
        if isinstance(link, h5py.ExternalLink | h5py.SoftLink):
            raise _damaged(file, f"`{name}` is a link, to another file or another name; name the data itself")
        node = node.get(part) if link else None
    if not isinstance(node, h5py.Dataset):
        raise _missing(f"{file}:{name}", f"no such dataset; the file holds {_contents(hdf)}")
    if node.external or node.is_virtual:
        raise _damaged(file, f"`{name}` has its data in another file")
    if node.dtype.kind not in "buif":
        raise _damaged(file, f"`{name}` has type {node.dtype}, not numbers")
    if node.id.get_storage_size() == 0:
        raise _damaged(file, f"`{name}` is announced as {node.shape} but was never written")
    return node


def _contents(hdf):
    found = []

    def visit(name, node):
        if isinstance(node, h5py.Dataset):
            found.append(f"{name} {node.shape}")
        return True if len(found) == 20 else None  # True ends the visit

    hdf.visititems(visit)
    return ", ".join(found) or "no dataset"


def _decoded(file, read):
    """`read(file)`, with whatever a damaged file raises as one error."""
    try:
        return read(file)
    except (SynthemError, MemoryError):
        raise
    except Exception as error:  # decoders raise almost anything on damaged input
        raise _damaged(file, error) from error


def _refuse_giant(source, shape, dtype):
    announced = int(np.prod([int(size) for size in shape], dtype=object)) * np.dtype(dtype).itemsize
    if announced > LARGEST_BYTES:
        raise SynthemError(
            "DATA_TOO_LARGE",
            source,
            f"the header announces {announced / 2**30:.1f} GiB",
            expected=f"at most {LARGEST_BYTES / 2**30:.0f} GiB",
            fix="check the file, or cut the stack",
        )


def _missing(where, found):
    return SynthemError(
        "DATA_MISSING", where, found, expected=" or ".join(KINDS), fix="correct the path in the config"
    )


def _damaged(file, error):
    held = (
        f" (name a dataset: `{file}:DATASET`)" if str(file).lower().endswith((".h5", ".hdf5", ".hdf")) else ""
    )
    return SynthemError(
        "DATA_FORMAT",
        file,
        f"not readable: {error or type(error).__name__}{held if 'TIFF' in str(error) else ''}",
        expected="an undamaged file of the kind its name says",
        fix="copy or export it again",
    )
