"""Compressed chunks that are larger or smaller than they can be, refused before they are unpacked."""

import math
import struct
import zlib

from synthem.sources.errors import LARGEST_PLANE, damaged

MOST_DEFLATED = 1032  # no deflate stream unpacks to more than this times its size
HARMLESS = LARGEST_PLANE // MOST_DEFLATED
MOST_PACKED = 100_000  # times smaller than its voxels, chunks that were never written counted as zeros
PIECE = 16 * 2**20


def refuse_bomb(kind, packed, size):
    """A chunk that unpacks to more than the `size` bytes of its voxels; `kind`: gzip, zstd, blosc, lz4."""
    found = {
        "gzip": _unpacked,
        "zstd": _announced_by_zstd,
        "blosc": _announced_by_blosc,
        "lz4": _announced_by_lz4,
    }[kind](packed, size)
    if found > size:
        raise ValueError(f"a chunk of {len(packed)} bytes unpacks to more than the {size} of its voxels")


def refuse_unwritten(where, name, shape, dtype, stored):
    """An array of this shape cannot lie in `stored` bytes: it was announced, and not or hardly written."""
    if stored == 0:
        raise damaged(where, f"{name} is announced as {shape} but was never written")
    if math.prod(shape) * dtype.itemsize > MOST_PACKED * stored:
        raise damaged(where, f"{stored} bytes of data cannot hold shape {shape}")


def _unpacked(packed, size):
    """Bytes of a deflate stream, which has no header with its size: unpacked in pieces, and not kept."""
    if len(packed) < HARMLESS:
        return 0
    unpacker, found = zlib.decompressobj(wbits=47), 0  # 47: with the header of zlib or of gzip
    while packed and found <= size and not unpacker.eof:
        found += len(unpacker.decompress(packed, PIECE))
        packed = unpacker.unconsumed_tail
    return found


def _announced_by_zstd(packed, size):
    """The size in the frame header (RFC 8878, 3.1.1); 0 where the header has none."""
    if packed[:4] != b"\x28\xb5\x2f\xfd" or len(packed) < 18:
        return 0  # damaged, or too short to be dangerous
    flags = packed[4]
    single = flags >> 5 & 1
    place = 5 + (1 - single) + (0, 1, 2, 4)[flags & 3]
    width = (single, 2, 4, 8)[flags >> 6]
    size = int.from_bytes(packed[place : place + width], "little")
    return size + 256 if width == 2 else size


def _announced_by_blosc(packed, size):
    return struct.unpack("<I", packed[4:8])[0] if len(packed) >= 16 else 0


def _announced_by_lz4(packed, size):
    return struct.unpack("<I", packed[:4])[0] if len(packed) >= 4 else 0
