import gzip
import zlib

import pytest

from synthem.sources.packed import refuse_bomb

numcodecs = pytest.importorskip("numcodecs", reason="it comes with zarr, which is an extra")

SIZE = 16 * 2**20
BOMB = bytes(160 * 2**20)  # 0.7 MB when deflated


def packed(kind, data):
    if kind == "zlib":
        return zlib.compress(data, 1)
    if kind == "gzip":
        return gzip.compress(data, 1)
    codec = {"zstd": numcodecs.Zstd, "blosc": numcodecs.Blosc, "lz4": numcodecs.LZ4}[kind]()
    return bytes(codec.encode(data))


@pytest.mark.parametrize("kind", ["gzip", "zlib", "zstd", "blosc", "lz4"])
def test_what_unpacks_to_more_than_its_voxels_is_refused_and_the_rest_is_not(kind):
    name = "gzip" if kind == "zlib" else kind
    for size in (100, 300, 70_000):
        refuse_bomb(name, packed(kind, bytes(range(100)) * (size // 100)), size)
    with pytest.raises(ValueError, match="unpacks to more than the 16777216"):
        refuse_bomb(name, packed(kind, BOMB), SIZE)


def test_the_size_that_zstd_notes_is_read_in_all_its_widths():
    for size in (20, 255, 256, 300, 65_791, 65_792, 2**20):
        data = bytes(numcodecs.Zstd().encode(numcodecs.compat.ensure_bytes(bytes(range(256)) * 4096)[:size]))
        refuse_bomb("zstd", data, size)
        if len(data) >= 18:
            with pytest.raises(ValueError):
                refuse_bomb("zstd", data, size - 1)


@pytest.mark.parametrize("kind", ["gzip", "zstd", "blosc", "lz4"])
def test_what_is_cut_off_is_left_to_the_decoder(kind):
    for data in (b"", b"\x28", b"\x28\xb5\x2f"):
        assert refuse_bomb(kind, data, 10) is None  # no complaint: decoding it will fail, with better words
