"""Reads an array of a Zarr store, or of OME-Zarr, as a Stack.

Their metadata is judged here, before the library `zarr` (an extra: most users have none) sees it.
"""

import json
import math
import os
import re
from itertools import product
from pathlib import Path

import numpy as np

from synthem.errors import SynthemError
from synthem.sources.axes import guessed_axes
from synthem.sources.errors import (
    LARGEST_PLANE,
    check_plain,
    damaged,
    decoding,
    listed,
    missing,
    refuse_giant,
    unknown_packing,
)
from synthem.sources.ngff import level_of
from synthem.sources.packed import refuse_bomb, refuse_unwritten
from synthem.sources.stack import Stack, planes_at_once
from synthem.sources.units import in_attributes

METADATA = ("zarr.json", ".zarray", ".zgroup", ".zattrs", ".zmetadata")
LARGEST_METADATA = 16 * 2**20
NUMBERS = re.compile(r"(bool|u?int(8|16|32|64)|float(16|32|64)|[<>|](b1|[iu][1248]|f[248]))")
# Lossless, and none that makes objects: `pickle`, `json2`, `vlen-...` and the like stay out.
CODECS = {
    **dict.fromkeys(("bytes", "transpose", "crc32c", "shuffle", "sharding_indexed")),
    **{"gzip": "gzip", "zlib": "gzip", "zstd": "zstd", "blosc": "blosc", "lz4": "lz4"},
}


def open_zarr(source, store, inside, files):
    """The array at `inside`; without it level 0 of an OME-Zarr, or the only array that is a stack."""
    with decoding(store):
        _check_files(store, files)
        folder = _folder(store, inside)
        level = level_of(folder, read_node)
        folder = _inside(store, folder / level.path) if level.path else folder
        if (read_node(folder) or {}).get("node_type") != "array":
            folder = _only_stack(store, folder)
        node = read_node(folder)
        shape, dtype, chunks, packing = _claims(folder, node)
        refuse_giant(source, shape, dtype)
        refuse_giant(folder, chunks, dtype, LARGEST_PLANE, "one chunk has")
        unwritten = _check_written(folder, shape, dtype, _files_of_chunks(node))
        axes = level.axes(folder, shape)
        array = _library(store).open_array(str(folder), mode="r", zarr_format=node["zarr_format"])
        if array.shape != shape or array.dtype.newbyteorder("=") != dtype:
            raise ValueError(f"its metadata has {dtype} {shape}, and zarr reads {array.dtype} {array.shape}")
        size, offset = in_attributes(node["attributes"])
    kept = axes.shape(shape)
    return Stack(
        source=source,
        shape=kept,
        stored=dtype,
        planes=_reader(array, folder, axes, dtype, chunks, packing),
        voxel_size_nm=level.voxel_size_nm or size,
        offset_nm=level.offset_nm or offset,
        unwritten=unwritten,
        step=planes_at_once(axes.depth(chunks), math.prod(kept[1:]) * dtype.itemsize),
    )


def _reader(array, folder, axes, dtype, chunks, packing):
    checked = set()

    def planes(first, end):
        index = axes.index(first, end)
        if packing:
            for key in _keys(array, chunks, index):
                if key not in checked and os.path.isfile(folder / key):
                    with open(folder / key, "rb") as chunk:
                        refuse_bomb(packing, chunk.read(), math.prod(chunks) * dtype.itemsize)
                    checked.add(key)
        return axes.kept(np.asarray(array[index])).astype(dtype, copy=False)

    return planes


def _keys(array, chunks, index):
    """The files of the chunks that hold some of `index` (whole numbers and slices)."""
    ranges = []
    for part, size, chunk in zip(index, array.shape, chunks, strict=True):
        first, end, _ = part.indices(size) if isinstance(part, slice) else (part, part + 1, 1)
        ranges.append(range(first // chunk, -(-end // chunk)))
    return (array.metadata.encode_chunk_key(place) for place in product(*ranges))


def _library(store):
    try:
        import zarr
    except ImportError as error:
        raise SynthemError(
            "DATA_FORMAT",
            store,
            "a Zarr store, and the package zarr is not installed",
            expected="zarr 3 in the environment of Synthem",
            fix='pip install "zarr>=3"',
        ) from error
    return zarr


def _check_files(store, files):
    """All of a store lies in it, in plain files: links may lead anywhere, and pipes never end."""
    within = os.path.realpath(store)
    for folder, folders, _ in os.walk(store):
        for name in folders:
            _refuse_way_out(within, os.path.join(folder, name))
    for file in files:
        _refuse_way_out(within, file)
        if not os.path.isfile(file):
            check_plain(file)


def _refuse_way_out(within, path):
    if os.path.islink(path) and not os.path.realpath(path).startswith(within + os.sep):
        raise damaged(path, "a link that leads out of its Zarr store")


def _inside(store, folder):
    within = os.path.realpath(store)
    if not (os.path.realpath(folder) + os.sep).startswith(within + os.sep):
        raise damaged(store, f"`{os.path.relpath(folder, store)}` leads out of the store")
    return folder


def _folder(store, inside):
    parts = [part for part in (inside or "").split("/") if part]
    folder = _inside(store, Path(store, *parts))
    if read_node(folder) is None:
        raise missing(f"{store}:{inside}" if inside else store, f"no array here; it holds {_listed(store)}")
    return folder


def read_node(folder):
    """The metadata of an array or a group (Zarr 2 or 3) with its attributes; None where there is neither."""
    folder = Path(folder)
    if os.path.isfile(folder / "zarr.json"):
        return {"attributes": {}, **_json(folder / "zarr.json"), "zarr_format": 3}
    for name, kind in ((".zarray", "array"), (".zgroup", "group")):
        if os.path.isfile(folder / name):
            notes = _json(folder / ".zattrs") if os.path.isfile(folder / ".zattrs") else {}
            return {**_json(folder / name), "attributes": notes, "node_type": kind, "zarr_format": 2}
    return None


def _json(file):
    if os.path.getsize(file) > LARGEST_METADATA:
        raise damaged(file, f"{os.path.getsize(file)} bytes of metadata")
    with decoding(file):
        found = json.loads(file.read_bytes())
        if not isinstance(found, dict):
            raise ValueError("not a JSON object")
    return found


def _only_stack(store, folder):
    stacks = [place for place, shape in _arrays(folder) if guessed_axes(shape)]
    if len(stacks) != 1:
        found = f"{len(stacks)} stacks in the store, and none is named; it holds {_listed(store)}"
        raise missing(store, found, fix=f"name an array: `{store}:ARRAY`")
    return stacks[0]


def _arrays(store):
    """(folder, shape) of each array below a folder."""
    for folder, folders, _ in os.walk(store):
        node = read_node(folder)
        if node and node.get("node_type") == "array":
            folders.clear()  # below it are only chunks
            yield Path(folder), tuple(node.get("shape", ()))
        folders.sort()


def _listed(store):
    return listed([f"{os.path.relpath(folder, store)} {shape}" for folder, shape in _arrays(store)], "array")


def _claims(folder, node):
    """(shape, type in this machine's byte order, shape of a chunk, compression or None) of the metadata."""
    name = node.get("dtype", node.get("data_type"))
    if not isinstance(name, str) or not NUMBERS.fullmatch(name):
        raise damaged(folder, f"type {name}, not numbers")
    if node["zarr_format"] == 2:
        chunks = node["chunks"]
        codecs = [codec["id"] for codec in [*(node["filters"] or ()), node["compressor"]] if codec]
        unread = []
    else:
        if node["chunk_grid"]["name"] != "regular":
            raise damaged(folder, f"chunks of {node['chunk_grid']['name']} kind")
        chunks = node["chunk_grid"]["configuration"]["chunk_shape"]
        chunks, codecs = _flat(chunks, node["codecs"])
        unread = node.get("storage_transformers") or []
    codecs = [str(codec).removeprefix("numcodecs.") for codec in codecs]
    for codec in [*codecs, *map(str, unread)]:
        if codec not in CODECS:
            raise unknown_packing(folder, codec)
    shape, chunks = (tuple(int(size) for size in sizes) for sizes in (node["shape"], chunks))
    if len(shape) != len(chunks) or min((*shape, *chunks), default=0) < 1:
        raise damaged(folder, f"shape {shape} in chunks of {chunks}")
    packing = next((CODECS[codec] for codec in codecs if CODECS[codec]), None)
    sharded = "sharding_indexed" in codecs  # its chunks share files, and cannot be looked at one by one
    return shape, np.dtype(name).newbyteorder("="), chunks, None if sharded else packing


def _flat(chunks, codecs):
    """(shape of the smallest chunk, names of all codecs): a shard has chunks and codecs of its own."""
    names = []
    for codec in codecs:
        codec = {"name": codec} if isinstance(codec, str) else codec
        names.append(codec["name"])
        if codec["name"] == "sharding_indexed":
            chunks, inner = _flat(codec["configuration"]["chunk_shape"], codec["configuration"]["codecs"])
            names += inner
    return chunks, names


def _files_of_chunks(node):
    """The shape of what one file of the array holds: a chunk, or a shard of chunks."""
    grid = node["chunks"] if node["zarr_format"] == 2 else node["chunk_grid"]["configuration"]["chunk_shape"]
    return tuple(int(size) for size in grid)


def _check_written(folder, shape, dtype, chunk):
    """`3 of 8 chunks` that have no file, "" if all have one: zarr reads their fill value instead."""
    files = [
        Path(place, name) for place, _, names in os.walk(folder) for name in names if name not in METADATA
    ]
    stored = sum(os.path.getsize(file) for file in files)
    refuse_unwritten(folder, "the array", shape, dtype, stored)
    counts = [-(-size // side) for size, side in zip(shape, chunk, strict=True)]
    places = (_place_of(file.relative_to(folder), len(shape)) for file in files)
    there = {place for place in places if place and all(map(int.__lt__, place, counts))}
    missing = math.prod(counts) - len(there)
    return f"{missing} of {math.prod(counts)} chunks" if missing else ""


def _place_of(key, axes):
    """(2, 0, 1) of the chunk `2.0.1`, `2/0/1`, `c.2.0.1` or `c/2/0/1`; None of another file."""
    parts = re.split(r"[./]", key.as_posix().removeprefix("c"))
    parts = [part for part in parts if part]
    return tuple(map(int, parts)) if len(parts) == axes and all(map(str.isdecimal, parts)) else None
