"""Reads a dataset of an HDF5 file as a Stack: numbers alone, and nothing that lies in another file."""

import json
import math
from itertools import product

import h5py

from synthem.errors import SynthemError
from synthem.sources.axes import COLOURS, guessed_axes, named_axes
from synthem.sources.errors import (
    LARGEST_PLANE,
    damaged,
    decoding,
    listed,
    missing,
    refuse_giant,
    unknown_packing,
)
from synthem.sources.packed import HARMLESS, refuse_bomb, refuse_unwritten
from synthem.sources.stack import SLAB_BYTES, Stack, planes_at_once
from synthem.sources.units import in_attributes

MOST_SEARCHED = 10_000
NOTES = ("resolution", "offset", "element_size_um")
KNOWN_FILTERS = {32000: "LZF", 32001: "Blosc", 32004: "LZ4", 32008: "bitshuffle", 32015: "Zstandard"}


def open_hdf5(source, file, name, closing):
    """The dataset `name`, or without a name the only one that is a stack; `closing` closes the file."""
    with decoding(file):
        # Chunks stay unpacked until all planes that cross them are read.
        hdf = closing.enter_context(
            h5py.File(file, "r", rdcc_nbytes=SLAB_BYTES, rdcc_nslots=100_003, rdcc_w0=1)
        )
        data = _dataset(file, hdf, name or _only_stack(file, hdf))
        shape, depth = tuple(map(int, data.shape or ())), 1
        refuse_giant(source, shape, data.dtype)
        refuse_unwritten(file, f"`{data.name}`", data.shape, data.dtype, data.id.get_storage_size())
        axes = _axes(file, data)
        if data.chunks:
            _check_chunks(file, data)
            depth = axes.depth(data.chunks)
        kept = axes.shape(shape)
        size, offset = in_attributes(_notes(data))
    return Stack(
        source=source,
        shape=kept,
        stored=data.dtype,
        planes=_reader(data, axes),
        voxel_size_nm=size,
        offset_nm=offset,
        step=planes_at_once(depth, math.prod(kept[1:]) * data.dtype.itemsize),
    )


def _reader(data, axes):
    checked = set()

    def planes(first, end):
        index = axes.index(first, end)
        if _is_deflated(data):
            for place in _chunks(data, index):
                chunk = data.id.get_chunk_info_by_coord(place)
                if chunk.byte_offset and chunk.size >= HARMLESS and place not in checked:
                    packed = data.id.read_direct_chunk(place)[1]
                    refuse_bomb("gzip", packed, math.prod(data.chunks) * data.dtype.itemsize)
                    checked.add(place)
        return axes.kept(data[index])

    return planes


def _chunks(data, index):
    """Where the chunks start that hold some of `index` (slices, and 0 where an axis has length 1)."""
    ranges = []
    for part, size, chunk in zip(index, data.shape, data.chunks, strict=True):
        first, end, _ = part.indices(size) if isinstance(part, slice) else (0, 1, 1)
        ranges.append(range(first // chunk * chunk, end, chunk))
    return product(*ranges)


def _is_deflated(data):
    return bool(data.chunks) and data.compression == "gzip"


def _dataset(file, hdf, name):
    """The dataset of this name, if all of it lies in this very file and is made of numbers."""
    node = hdf
    for part in filter(None, name.split("/")):
        # A link may point to any other file of this machine: none is followed.
        link = node.get(part, getlink=True) if isinstance(node, h5py.Group) and part in node.keys() else None
        if link and not isinstance(link, h5py.HardLink):
            raise damaged(file, f"`{name}` is a link, to another file or another name; name the data itself")
        node = node.get(part) if link else None
    if not isinstance(node, h5py.Dataset):
        raise missing(f"{file}:{name}", f"no such dataset; the file holds {_listed(hdf)}")
    if node.external or node.is_virtual:
        raise damaged(file, f"`{name}` has its data in another file")
    if not _numeric(node):
        raise damaged(file, f"`{name}` has type {node.dtype}, not numbers")
    return node


def _numeric(node):
    return node.dtype.kind in "buif" and node.dtype.itemsize <= 8


def _only_stack(file, hdf):
    stacks = [name for name, node in _datasets(hdf) if guessed_axes(node.shape or ()) and _numeric(node)]
    if len(stacks) != 1:
        found = f"{len(stacks)} stacks in the file, and none is named; it holds {_listed(hdf)}"
        raise missing(file, found, fix=f"name a dataset: `{file}:DATASET`")
    return stacks[0]


def _datasets(hdf):
    """(name, dataset) of those in the file; links are not followed."""
    found, seen = [], []

    def visit(name, node):
        seen.append(name)
        if isinstance(node, h5py.Dataset):
            found.append((name, node))
        return True if len(seen) == MOST_SEARCHED else None  # True ends the visit

    hdf.visititems(visit)
    return found


def _listed(hdf):
    return listed([f"{name} {node.shape}" for name, node in _datasets(hdf)], "dataset")


def _check_chunks(file, data):
    refuse_giant(file, data.chunks, data.dtype, LARGEST_PLANE, "one chunk has")
    settings = data.id.get_create_plist()
    for place in range(settings.get_nfilters()):
        code, _, _, name = settings.get_filter(place)
        if not h5py.h5z.filter_avail(code):
            raise unknown_packing(file, KNOWN_FILTERS.get(code) or name.decode(errors="replace") or code)


def _axes(file, data):
    """`Axes` by ilastik's note of them, or else by the shape; colours are the last."""
    where = f"{file}:{data.name.strip('/')}"
    try:
        names = "".join(axis["key"] for axis in json.loads(data.attrs["axistags"])["axes"])
    except (KeyError, TypeError, ValueError, OSError):
        names = ""
    if len(names) == len(data.shape):
        coloured = names[:-1] + "s" if names.endswith("xc") and data.shape[-1] in COLOURS else names
        axes, found = named_axes(coloured, data.shape), f"axes {', '.join(names)}, by its `axistags`"
        fix = "export it again with the axes zyx, as `Transpose to Axis Order` in ilastik does"
    else:
        axes, found, fix = guessed_axes(data.shape), f"shape {data.shape}", "save a single stack"
    if not axes:
        raise SynthemError(
            "DATA_SHAPE", where, found, expected="axes z, y, x, all others of length 1", fix=fix
        )
    return axes


def _notes(data):
    """The attributes that are three numbers; others may be of any size and type."""
    found = {}
    for name in NOTES:
        if name in data.attrs:
            note = data.attrs.get_id(name)
            if note.shape == (3,) and note.dtype.kind in "uif":
                found[name] = data.attrs[name]
    return found
