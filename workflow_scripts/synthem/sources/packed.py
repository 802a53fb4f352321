"""Chunks that would unpack to far more than they should: found out before a library makes room for them."""

import struct
import zlib

from synthem.sources.errors import LARGEST_PLANE

MOST_PACKED = 1032  # no deflate stream unpacks to more than this times its size
HARMLESS = LARGEST_PLANE // MOST_PACKED
PIECE = 16 * 2**20


def refuse_bomb(kind, packed, size):
    """`packed` is one chunk; `size` is what the array needs of it. `kind`: gzip, zstd, blosc, lz4."""
    found = {"gzip": _unpacked, "zstd": _said_by_zstd, "blosc": _said_by_blosc, "lz4": _said_by_lz4}[kind](
        packed, size
    )
    if found > size:
        raise ValueError(f"a chunk of {len(packed)} bytes unpacks to more than the {size} of its voxels")


def _unpacked(packed, size):
    """Deflate says nothing ahead: unpack what may be dangerous, and keep nothing of it."""
    if len(packed) < HARMLESS:
        return 0
    unpacker, found = zlib.decompressobj(wbits=47), 0  # 47: with the header of zlib or of gzip
    while packed and found <= size and not unpacker.eof:
        found += len(unpacker.decompress(packed, PIECE))
        packed = unpacker.unconsumed_tail
    return found


def _said_by_zstd(packed, size):
    """The size in the frame header (RFC 8878, 3.1.1); a frame that keeps silent counts as fitting."""
    if packed[:4] != b"\x28\xb5\x2f\xfd" or len(packed) < 18:
        return 0  # damaged, or too short to be dangerous
    flags = packed[4]
    single = flags >> 5 & 1
    place = 5 + (1 - single) + (0, 1, 2, 4)[flags & 3]
    width = (single, 2, 4, 8)[flags >> 6]
    said = int.from_bytes(packed[place : place + width], "little")
    return said + 256 if width == 2 else said


def _said_by_blosc(packed, size):
    return struct.unpack("<I", packed[4:8])[0] if len(packed) >= 16 else 0


def _said_by_lz4(packed, size):
    return struct.unpack("<I", packed[:4])[0] if len(packed) >= 4 else 0
