"""Small files of images that claim to be large."""

import struct
import zlib


def forged_png(width, height, bits=8, kind=0, body=b""):
    """A PNG file that announces a size, with a body of its own."""

    def chunk(name, data):
        return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))

    header = chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, bits, kind, 0, 0, 0))
    return b"\x89PNG\r\n\x1a\n" + header + chunk(b"IDAT", zlib.compress(body)) + chunk(b"IEND", b"")


def forged_tiff(width, height, count=100, compression=1, tile=0):
    """A TIFF file that announces a size, with one strip or tile of `count` bytes, of which 100 are there."""
    entries = [(256, 4, width), (257, 4, height), (258, 3, 8), (259, 3, compression), (262, 3, 1)]
    start = 8 + 2 + (9 if tile else 8) * 12 + 4
    pieces = [(322, 4, tile), (323, 4, tile), (324, 4, start), (325, 4, count)]
    entries += pieces if tile else [(273, 4, start), (278, 4, height), (279, 4, count)]
    directory = struct.pack("<H", len(entries))
    directory += b"".join(struct.pack("<HHII", tag, kind, 1, value) for tag, kind, value in entries)
    return b"II*\0" + struct.pack("<I", 8) + directory + bytes(4) + bytes(100)
