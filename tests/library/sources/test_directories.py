import struct
import time

import numpy as np
import pytest
import tifffile

from synthem.errors import SynthemError
from synthem.sources.directories import MOST_PAGES, read_pages
from synthem.sources.opening import open_stack


def tiny_pages(count, following=None):
    """A TIFF file of pages of 1 x 1 voxel: directory after directory, each 7 entries; the voxel is byte 8."""
    size = 2 + 7 * 12 + 4
    content = [b"II*\0" + struct.pack("<I", 10) + b"\7\0"]
    entries = [(256, 1), (257, 1), (258, 8), (262, 1), (273, 8), (278, 1), (279, 1)]
    table = struct.pack("<H", 7) + b"".join(struct.pack("<HHII", tag, 4, 1, value) for tag, value in entries)
    for number in range(count):
        last = number == count - 1
        content.append(table + struct.pack("<I", (following or 0) if last else 10 + size * (number + 1)))
    return b"".join(content)


@pytest.mark.parametrize("options", [{}, {"bigtiff": True}, {"byteorder": ">"}, {"compression": "zlib"}])
def test_pages_are_found_where_tifffile_finds_them(tmp_path, options):
    stack = np.random.default_rng(0).integers(0, 99, (5, 30, 20), dtype=np.uint8)
    tifffile.imwrite(tmp_path / "a.tif", stack, metadata=None, rowsperstrip=7, **options)
    pages = read_pages(tmp_path / "a.tif")
    with tifffile.TiffFile(tmp_path / "a.tif") as tiff:
        assert [page.number for page in pages] == [0, 1, 2, 3, 4]
        for page, other in zip(pages, tiff.pages, strict=True):
            assert page.complete and page.stored == sum(other.databytecounts)
            assert page.start == other.dataoffsets[0]  # tifffile writes strip behind strip
            assert page.as_in_memory == ("compression" not in options)


def test_pages_that_lead_in_a_circle_end(tmp_path):
    (tmp_path / "a.tif").write_bytes(tiny_pages(150))
    assert len(read_pages(tmp_path / "a.tif")) == 150
    (tmp_path / "a.tif").write_bytes(tiny_pages(150, following=10 + 90 * 120))
    with pytest.raises(ValueError, match="lead back to an earlier page"):
        read_pages(tmp_path / "a.tif")


def test_a_hundred_thousand_pages_open_in_seconds_and_more_are_refused(tmp_path):
    (tmp_path / "a.tif").write_bytes(tiny_pages(MOST_PAGES))
    began = time.process_time()
    with open_stack(str(tmp_path / "a.tif")) as stack:
        assert stack.shape == (MOST_PAGES, 1, 1)
        assert (stack.read(0, MOST_PAGES) == 7).all()
    assert time.process_time() - began < 20  # seconds of a processor: two on a quiet machine
    (tmp_path / "a.tif").write_bytes(tiny_pages(MOST_PAGES + 1))
    with pytest.raises(SynthemError, match="more than 100000 pages") as caught:
        with open_stack(str(tmp_path / "a.tif")):
            pass
    assert caught.value.code == "DATA_TOO_LARGE"


def test_a_huge_table_that_all_pages_name_is_read_a_few_times_only(tmp_path):
    """1000 pages of 1 x 100,000 voxels whose strips of one row stand in one table of 400 kB."""
    strips, size = 100_000, 2 + 7 * 12 + 4
    table = 8 + 1000 * size
    content = [b"II*\0" + struct.pack("<I", 8)]
    for number in range(1000):
        entries = [(256, 1, 1), (257, 1, strips), (258, 1, 8), (262, 1, 1)]
        entries += [(273, strips, table), (278, 1, 1), (279, strips, table)]
        content.append(
            struct.pack("<H", 7) + b"".join(struct.pack("<HHII", a, 4, b, c) for a, b, c in entries)
        )
        content.append(struct.pack("<I", 0 if number == 999 else 8 + size * (number + 1)))
    (tmp_path / "a.tif").write_bytes(b"".join(content) + bytes(4 * strips))
    with pytest.raises(ValueError, match="directories need more than its"):
        read_pages(tmp_path / "a.tif")


@pytest.mark.parametrize("length", [0, 1, 3, 6, 9, 10, 11, 50, 99])
def test_a_directory_that_is_cut_off_is_told(tmp_path, length):
    (tmp_path / "a.tif").write_bytes(tiny_pages(1)[:length])
    with pytest.raises(ValueError, match="truncated"):
        read_pages(tmp_path / "a.tif")
