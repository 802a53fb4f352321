import os
import resource
import struct
import subprocess
import sys
import zlib
from pathlib import Path

import h5py
import numpy as np
import pytest
import tifffile
from PIL import Image

from synthem.errors import SynthemError
from synthem.source_names import files_of, split_source
from synthem.sources import as_mask, read_header, read_stack

LIBRARY = Path(__file__).parents[2] / "workflow_scripts"
STACK = np.random.default_rng(0).integers(0, 256, (6, 40, 30), dtype=np.uint8)


def error_of(source):
    with pytest.raises(SynthemError) as caught:
        read_stack(str(source))
    return caught.value


def png_folder(folder, stack=STACK, name="slice{}.png"):
    folder.mkdir()
    for z, plane in enumerate(stack):
        Image.fromarray(plane).save(folder / name.format(z))
    return folder


def png_header(width, height, bits=8, kind=0, body=b""):
    """A PNG file that announces a size, with a body of its own."""

    def chunk(name, data):
        return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))

    header = chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, bits, kind, 0, 0, 0))
    return b"\x89PNG\r\n\x1a\n" + header + chunk(b"IDAT", zlib.compress(body)) + chunk(b"IEND", b"")


def tiff_header(width, height, count=100, compression=1):
    """A TIFF file of one page that announces a size, with one strip of `count` bytes; 100 are there."""
    entries = [(256, 4, width), (257, 4, height), (258, 3, 8), (259, 3, compression), (262, 3, 1)]
    entries += [(273, 4, 8 + 2 + 12 * 8 + 4), (278, 4, height), (279, 4, count)]
    directory = struct.pack("<H", len(entries))
    directory += b"".join(struct.pack("<HHII", tag, kind, 1, value) for tag, kind, value in entries)
    return b"II*\0" + struct.pack("<I", 8) + directory + bytes(4) + bytes(100)


# What a source names


def test_a_dataset_is_split_from_its_file():
    assert split_source("a/b.h5:c/d") == ("a/b.h5", "c/d")
    assert split_source("a:b/c.HDF5:d:e") == ("a:b/c.HDF5", "d:e")
    assert split_source("C:/a.tif") == ("C:/a.tif", None)
    assert split_source("a\nb.h5:c") == ("a\nb.h5", "c")


def test_slices_are_in_natural_order_without_hidden_and_other_files(tmp_path):
    names = ["slice10.png", "slice2.png", "Slice1.PNG", "slice02.png", "slice²3.tif", "0.tiff"]
    for name in [*names, ".DS_Store", "._slice1.png", "Thumbs.db", "notes.txt"]:
        (tmp_path / name).touch()
    found = [file.name for file in files_of(str(tmp_path))]
    assert found == ["0.tiff", "Slice1.PNG", "slice02.png", "slice2.png", "slice10.png", "slice²3.tif"]


def test_a_file_that_is_missing_is_named_too(tmp_path):
    for name in ("missing.tif", "a" * 300, "a\0b", "loop"):
        if name == "loop":
            (tmp_path / name).symlink_to(tmp_path / name)
        assert files_of(str(tmp_path / name)) == [tmp_path / name]


# What can be read


@pytest.mark.parametrize(
    "options",
    [
        {},
        {"metadata": None, "contiguous": False},
        {"compression": "zlib"},
        {"compression": "lzw", "predictor": True},
        {"bigtiff": True},
        {"byteorder": ">"},
        {"tile": (16, 16)},
        {"imagej": True},
        {"ome": True},
    ],
    ids=str,
)
def test_a_tiff_stack_reads_as_written(tmp_path, options):
    tifffile.imwrite(tmp_path / "a.tif", STACK, **options)
    np.testing.assert_array_equal(read_stack(str(tmp_path / "a.tif")), STACK)


@pytest.mark.parametrize("order", "<>")
def test_16_bits_read_in_the_order_of_this_machine(tmp_path, order):
    tifffile.imwrite(tmp_path / "a.tif", STACK.astype(np.uint16) * 257, byteorder=order)
    read = read_stack(str(tmp_path / "a.tif"))
    assert read.dtype == np.uint16 and read[0, 0, 0] == 257 * int(STACK[0, 0, 0])


def test_a_single_page_is_a_stack_of_one(tmp_path):
    tifffile.imwrite(tmp_path / "a.tif", STACK[0])
    Image.fromarray(STACK[0]).save(tmp_path / "a.png")
    for name in ("a.tif", "a.png"):
        np.testing.assert_array_equal(read_stack(str(tmp_path / name)), STACK[:1])


@pytest.mark.parametrize("slices", [1, 5])
def test_colour_is_the_last_axis(tmp_path, slices):
    colour = np.random.default_rng(0).integers(0, 255, (slices, 7, 9, 3), np.uint8)
    tifffile.imwrite(tmp_path / "a.tif", colour, photometric="rgb")
    np.testing.assert_array_equal(read_stack(str(tmp_path / "a.tif")), colour)
    np.testing.assert_array_equal(read_stack(str(png_folder(tmp_path / "png", colour))), colour)


def test_colour_planes_are_not_taken_for_slices(tmp_path):
    colour = np.zeros((3, 7, 9), np.uint8)
    tifffile.imwrite(tmp_path / "a.tif", colour, photometric="rgb", planarconfig="separate")
    assert "plane by plane" in error_of(tmp_path / "a.tif").found


@pytest.mark.parametrize("unit, factor", [("nm", 1), ("um", 1000), ("micron", 1000), ("\\u00B5m", 1000)])
def test_the_voxel_size_of_imagej_is_in_nm(tmp_path, unit, factor):
    meta = {"axes": "ZYX", "spacing": 50 / factor, "unit": unit}
    tifffile.imwrite(
        tmp_path / "a.tif", STACK, imagej=True, resolution=(factor / 5, factor / 8), metadata=meta
    )
    assert read_header(str(tmp_path / "a.tif")).voxel_size_nm == pytest.approx((50, 8, 5))


@pytest.mark.parametrize(
    "meta, resolution",
    [({}, (1, 1)), ({"unit": "pixel", "spacing": 1}, (1, 1)), ({"unit": "nm", "spacing": 0}, (1, 1)),
     ({"unit": "nm", "spacing": 5}, ((0, 1), (0, 1))), ({"unit": "nm", "spacing": "x"}, (1, 1))],
)  # fmt: skip
def test_a_senseless_voxel_size_is_none(tmp_path, meta, resolution):
    tifffile.imwrite(
        tmp_path / "a.tif", STACK, imagej=True, resolution=resolution, metadata={"axes": "ZYX", **meta}
    )
    assert read_header(str(tmp_path / "a.tif")).voxel_size_nm is None


def test_a_folder_reads_in_natural_order(tmp_path):
    stack = np.arange(12, dtype=np.uint8)[:, None, None] * np.ones((1, 3, 2), np.uint8)
    folder = png_folder(tmp_path / "png", stack)
    (folder / ".DS_Store").write_text("not an image")
    assert read_stack(str(folder))[:, 0, 0].tolist() == list(range(12))


def test_a_folder_of_tiff_slices_reads_too(tmp_path):
    for z, plane in enumerate(STACK):
        tifffile.imwrite(tmp_path / f"{z}.tif", plane, compression="zlib")
    np.testing.assert_array_equal(read_stack(str(tmp_path)), STACK)


def test_16_bit_and_1_bit_png_slices_read(tmp_path):
    deep = STACK.astype(np.uint16) * 257
    np.testing.assert_array_equal(read_stack(str(png_folder(tmp_path / "deep", deep))), deep)
    flat = STACK > 99
    read = read_stack(str(png_folder(tmp_path / "flat", flat)))
    assert read.dtype == np.uint8
    np.testing.assert_array_equal(as_mask(read), flat)


@pytest.mark.parametrize("dtype", ["uint8", ">u2", "uint64", "float32", "bool"])
def test_an_hdf5_dataset_reads_in_the_order_of_this_machine(tmp_path, dtype):
    with h5py.File(tmp_path / "a.h5", "w") as file:
        file["volumes/raw"] = STACK.astype(dtype)
    for name in ("volumes/raw", "/volumes//raw/"):
        read = read_stack(f"{tmp_path}/a.h5:{name}")
        assert read.dtype == np.dtype(dtype).newbyteorder("=") and read.dtype.isnative
        np.testing.assert_array_equal(read, STACK.astype(dtype))


@pytest.mark.parametrize(
    "name", ["a b.tif", 'it\'s "x".tif', "a\nb.tif", "$(touch hacked).tif", "-rf.tif", "ä☃.tif"]
)
def test_a_file_may_have_any_name(tmp_path, monkeypatch, name):
    monkeypatch.chdir(tmp_path)
    tifffile.imwrite(tmp_path / name, STACK)
    np.testing.assert_array_equal(read_stack(name), STACK)
    assert os.listdir() == [name]


@pytest.mark.parametrize("values", [(0, 1), (0, 255), (0, 65535), (False, True), (0.0, 0.9), (1, 3)])
def test_bright_is_structure(values):
    stack = np.array([[[values[0], values[1]]]])
    assert as_mask(stack).tolist() == [[[0, 1]]] and as_mask(stack).dtype == np.uint8


def test_an_empty_mask_stays_empty():
    assert not as_mask(np.zeros((1, 2, 2), np.uint8)).any()


# What is missing


def test_a_missing_file_is_told(tmp_path):
    problem = error_of(tmp_path / "a.tif")
    assert (problem.code, problem.found) == ("DATA_MISSING", "no such file or folder")


def test_a_home_folder_in_short_is_explained():
    assert "`~` is not expanded" in error_of("~/a.tif").found


def test_a_missing_dataset_lists_what_there_is(tmp_path):
    with h5py.File(tmp_path / "a.h5", "w") as file:
        file["volumes/raw"], file["labels"] = STACK, STACK[:2]
    for name in ("volumes/row", "volumes", "volumes/raw/x", "/"):
        problem = error_of(f"{tmp_path}/a.h5:{name}")
        assert problem.code == "DATA_MISSING"
        assert "labels (2, 40, 30), volumes/raw (6, 40, 30)" in problem.found


def test_a_folder_without_slices_says_what_it_holds(tmp_path):
    assert error_of(tmp_path).found.endswith("it is empty")
    (tmp_path / "a.jpg").touch()
    problem = error_of(tmp_path)
    assert problem.code == "DATA_MISSING" and problem.found.endswith("it holds 1 others, such as a.jpg")


def test_pipes_folders_and_loops_are_told_and_do_not_hang(tmp_path):
    os.mkfifo(tmp_path / "pipe.tif")
    (tmp_path / "loop.tif").symlink_to(tmp_path / "loop.tif")
    folder = png_folder(tmp_path / "png")
    (folder / "slice9.png").mkdir()
    assert error_of(tmp_path / "pipe.tif").found == "neither a file nor a folder"
    assert error_of(tmp_path / "loop.tif").found == "no such file or folder"
    assert error_of(folder).found == "a folder where a slice should be"
    (folder / "slice9.png").rmdir()
    os.mkfifo(folder / "slice9.png")
    assert error_of(folder).code == "DATA_MISSING"


# What is damaged or forged


@pytest.mark.parametrize("name", ["a.tif", "a.png", "a.h5"])
def test_an_empty_file_and_a_text_are_told(tmp_path, name):
    source = f"{tmp_path / name}:x" if name == "a.h5" else tmp_path / name
    (tmp_path / name).touch()
    assert (error_of(source).code, error_of(source).found) == ("DATA_FORMAT", "not readable: 0 bytes")
    (tmp_path / name).write_text("z,y,x\n1,2,3\n" * 99)
    assert error_of(source).code == "DATA_FORMAT"


def test_an_hdf5_file_without_a_dataset_asks_for_one(tmp_path):
    with h5py.File(tmp_path / "a.h5", "w") as file:
        file["raw"] = STACK
    assert f"name a dataset: `{tmp_path}/a.h5:DATASET`" in error_of(tmp_path / "a.h5").found


@pytest.mark.parametrize(
    "options", [{}, {"imagej": True}, {"compression": "zlib"}, {"metadata": None, "contiguous": False}]
)
def test_a_truncated_tiff_is_never_a_shorter_stack(tmp_path, options):
    tifffile.imwrite(tmp_path / "a.tif", STACK, **options)
    data = (tmp_path / "a.tif").read_bytes()
    for length in [1, 4, 8, 20, *range(100, len(data) - 300, 601)]:
        (tmp_path / "a.tif").write_bytes(data[:length])
        try:
            # ImageJ's stacks have all data before what was cut off here.
            np.testing.assert_array_equal(read_stack(str(tmp_path / "a.tif")), STACK)
            assert length > 368 + STACK.size
        except SynthemError as problem:
            assert problem.code == "DATA_FORMAT"


@pytest.mark.parametrize("part", [0.01, 0.3, 0.6, 0.9])
def test_truncated_png_and_hdf5_files_are_told(tmp_path, part):
    Image.fromarray(STACK[0]).save(tmp_path / "a.png")
    with h5py.File(tmp_path / "a.h5", "w") as file:
        file["x"] = STACK
    for name, source in (("a.png", "a.png"), ("a.h5", "a.h5:x")):
        data = (tmp_path / name).read_bytes()
        (tmp_path / name).write_bytes(data[: int(len(data) * part) + 1])
        assert error_of(tmp_path / source).code == "DATA_FORMAT"


def test_a_file_with_flipped_bits_is_an_array_or_an_error(tmp_path):
    """In a process of its own: a library that crashes on damage would take the tests with it."""
    small = STACK[:2, :16, :16]
    tifffile.imwrite(tmp_path / "plain.tif", small)
    tifffile.imwrite(tmp_path / "packed.tif", small, compression="zlib")
    tifffile.imwrite(tmp_path / "ij.tif", small, imagej=True)
    Image.fromarray(small[0]).save(tmp_path / "a.png")
    with h5py.File(tmp_path / "a.h5", "w") as file:
        file["x"] = small
    program = f"""
import random, sys, warnings; sys.path.insert(0, {str(LIBRARY)!r})
from pathlib import Path
from synthem.errors import SynthemError
from synthem.sources import read_stack
for name in ("plain.tif", "packed.tif", "ij.tif", "a.png", "a.h5"):
    data, path = Path(name).read_bytes(), Path("flipped" + Path(name).suffix)
    for seed in range(60):
        flip, damaged = random.Random(seed), bytearray(data)
        for _ in range(1 + seed % 4):
            # Half of the flips in the first bytes, where the headers are.
            place = flip.randrange(len(data) if flip.random() < 0.5 else 200)
            damaged[place] ^= 1 << flip.randrange(8)
        path.write_bytes(damaged)
        try:
            outcome = read_stack(str(path) + (":x" if name == "a.h5" else "")).shape
        except SynthemError as error:
            outcome = error.code
        print(name, seed, outcome)
"""
    run = subprocess.run(
        [sys.executable, "-c", program], cwd=tmp_path, capture_output=True, text=True, timeout=60
    )
    assert run.returncode == 0, run.stdout[-300:] + run.stderr[-2000:]
    assert run.stdout.count("\n") == 5 * 60 and run.stdout.count("DATA_") > 60


@pytest.mark.parametrize(
    "name, content, code",
    [
        ("a.png", png_header(10**6, 10**6), "DATA_TOO_LARGE"),
        ("a.tif", tiff_header(10**6, 10**6), "DATA_FORMAT"),
        ("a.tif", tiff_header(10**6, 10**6, compression=8), "DATA_FORMAT"),
    ],
)
def test_a_forged_size_is_refused_from_the_header(tmp_path, name, content, code):
    (tmp_path / name).write_bytes(content)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    assert error_of(tmp_path / name).code == code
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 50_000  # kB


def test_a_stack_above_the_limit_is_refused_with_its_size(tmp_path, monkeypatch):
    tifffile.imwrite(tmp_path / "a.tif", np.zeros((2, 1024, 1024), np.uint8))
    monkeypatch.setattr("synthem.sources.LARGEST_BYTES", 2**20)
    problem = error_of(tmp_path / "a.tif")
    assert (problem.code, problem.found) == ("DATA_TOO_LARGE", "the header announces 0.0 GiB")


@pytest.mark.parametrize(
    "name, content",
    [
        ("a.png", png_header(200_000, 200_000)),  # 37 GiB in 70 bytes
        ("a.tif", tiff_header(200_000, 200_000)),
        ("a.tif", tiff_header(200_000, 200_000, compression=8)),
        ("a.tif", tiff_header(200_000, 200_000, compression=5)),
        ("a.tif", tiff_header(100, 100)),
        ("a.tif", tiff_header(100, 100, count=0)),
        ("a.tif", tiff_header(100, 100, count=10_000)),
    ],
)
def test_a_forged_size_below_the_limit_is_refused_before_memory_is_taken(tmp_path, name, content):
    (tmp_path / name).write_bytes(content)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    assert error_of(tmp_path / name).code == "DATA_FORMAT"
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 50_000  # kB


def test_data_that_unpacks_to_more_than_announced_is_cut_or_refused(tmp_path):
    tifffile.imwrite(tmp_path / "a.tif", np.zeros((64, 64), np.uint8), compression="zlib", metadata=None)
    with tifffile.TiffFile(tmp_path / "a.tif", mode="r+") as tiff:
        tiff.pages[0].tags["ImageLength"].overwrite(8)
        tiff.pages[0].tags["RowsPerStrip"].overwrite(8)
    try:
        assert read_stack(str(tmp_path / "a.tif")).shape == (1, 8, 64)
    except SynthemError as problem:
        assert problem.code == "DATA_FORMAT"


def test_what_is_decoded_must_be_what_was_announced(tmp_path, monkeypatch):
    tifffile.imwrite(tmp_path / "a.tif", STACK)
    monkeypatch.setattr("synthem.sources.read_series", lambda path: STACK[:2])
    problem = error_of(tmp_path / "a.tif")
    assert problem.code == "DATA_FORMAT"
    assert "the data is uint8 (2, 40, 30), the header says uint8 (6, 40, 30)" in problem.found


def test_a_picture_with_a_wrong_name_is_not_handed_to_another_decoder(tmp_path):
    Image.fromarray(STACK[0]).save(tmp_path / "a.png", format="BMP")
    assert "cannot identify image file" in error_of(tmp_path / "a.png").found
    (tmp_path / "a.png").write_text("%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 9 9\n%%EndComments\n")
    assert error_of(tmp_path / "a.png").code == "DATA_FORMAT"


def test_palettes_and_deep_colours_are_refused(tmp_path):
    Image.fromarray(STACK[0]).convert("P").save(tmp_path / "a.png")
    assert "palette" in error_of(tmp_path / "a.png").found
    (tmp_path / "a.png").write_bytes(png_header(2, 2, bits=16, kind=2, body=bytes(2 * 13)))
    assert "16 bits a colour" in error_of(tmp_path / "a.png").found


def test_hdf5_data_in_other_files_is_refused(tmp_path):
    secret = tmp_path / "secret.h5"
    with h5py.File(secret, "w") as file:
        file["x"] = STACK
    (tmp_path / "raw.bin").write_bytes(STACK.tobytes())
    layout = h5py.VirtualLayout(STACK.shape, np.uint8)
    layout[:] = h5py.VirtualSource(str(secret), "x", STACK.shape)
    with h5py.File(tmp_path / "a.h5", "w") as file:
        file["link"] = h5py.ExternalLink(str(secret), "x")
        file["group"] = h5py.ExternalLink(str(secret), "/")
        file["soft"] = h5py.SoftLink("/link")
        file.create_virtual_dataset("virtual", layout)
        file.create_dataset(
            "external", STACK.shape, np.uint8, external=[(str(tmp_path / "raw.bin"), 0, STACK.size)]
        )
    for name in ("link", "group/x", "soft", "virtual", "external"):
        problem = error_of(f"{tmp_path}/a.h5:{name}")
        assert problem.code == "DATA_FORMAT" and ("link" in problem.found or "another file" in problem.found)


def test_hdf5_data_that_are_not_numbers_are_refused(tmp_path):
    with h5py.File(tmp_path / "a.h5", "w") as file:
        file.create_dataset("object", (2, 2, 2), h5py.string_dtype())
        file["text"] = np.full((2, 2, 2), b"a")
        file["pairs"] = np.zeros((2, 2, 2), [("a", "u1"), ("b", "u1")])
        file.create_dataset("unwritten", (2, 2, 2), "u1")
        file.create_dataset("giant", (10**6, 10**6, 1), "u1", chunks=(9, 9, 1))[0, 0, 0] = 1
        file["flat"] = np.zeros((2, 2), np.uint8)
        file["none"] = np.zeros((0, 2, 2), np.uint8)
    found = {name: error_of(f"{tmp_path}/a.h5:{name}") for name in h5py.File(tmp_path / "a.h5")}
    assert {name: problem.code for name, problem in found.items()} == {
        "object": "DATA_FORMAT",
        "text": "DATA_FORMAT",
        "pairs": "DATA_FORMAT",
        "unwritten": "DATA_FORMAT",
        "giant": "DATA_TOO_LARGE",
        "flat": "DATA_SHAPE",
        "none": "DATA_FORMAT",
    }


def test_a_tiff_file_does_not_open_others(tmp_path):
    """OME-TIFF may name other files that hold its slices."""
    here, there = (
        "urn:uuid:00000000-0000-0000-0000-000000000001",
        "urn:uuid:00000000-0000-0000-0000-000000000002",
    )
    parts = "".join(
        f'<TiffData FirstZ="{z}" IFD="0" PlaneCount="1"><UUID FileName="{name}">{uuid}</UUID></TiffData>'
        for z, (name, uuid) in enumerate([("a.tif", here), ("secret.tif", there)])
    )
    xml = (
        '<?xml version="1.0" encoding="UTF-8"?>'
        f'<OME xmlns="http://www.openmicroscopy.org/Schemas/OME/2016-06" UUID="{here}"><Image ID="Image:0">'
        '<Pixels ID="Pixels:0" DimensionOrder="XYZCT" Type="uint8" SizeX="30" SizeY="40" SizeZ="2" SizeC="1" '
        f'SizeT="1"><Channel ID="Channel:0:0" SamplesPerPixel="1"/>{parts}</Pixels></Image></OME>'
    )
    tifffile.imwrite(tmp_path / "a.tif", STACK[0], description=xml, metadata=None)
    tifffile.imwrite(
        tmp_path / "secret.tif", STACK[1], description=xml.replace(here, there, 1), metadata=None
    )
    np.testing.assert_array_equal(tifffile.imread(tmp_path / "a.tif")[1], STACK[1])  # it would
    assert "slices in other files" in error_of(tmp_path / "a.tif").found


def test_a_strip_that_was_never_written_is_not_black(tmp_path):
    tifffile.imwrite(tmp_path / "a.tif", STACK, compression="zlib", rowsperstrip=10, metadata=None)
    with tifffile.TiffFile(tmp_path / "a.tif", mode="r+") as tiff:
        counts = tiff.pages[2].tags["StripByteCounts"]
        counts.overwrite([*counts.value[:-1], 0])
    assert "slice 2 lies outside the file" in error_of(tmp_path / "a.tif").found


# What does not belong together


def test_slices_of_different_shape_or_type_are_told(tmp_path):
    folder = png_folder(tmp_path / "png")
    Image.fromarray(STACK[0, :, :9]).save(folder / "slice3.png")
    problem = error_of(folder)
    assert (problem.code, problem.where) == ("DATA_SHAPE", str(folder / "slice3.png"))
    assert (problem.found, problem.expected) == ("uint8 (40, 9)", "uint8 (40, 30) as in slice0.png")
    Image.fromarray(STACK[0].astype(np.uint16)).save(folder / "slice3.png")
    assert error_of(folder).found == "uint16 (40, 30)"


def test_a_folder_of_png_and_tiff_is_ambiguous(tmp_path):
    folder = png_folder(tmp_path / "png")
    tifffile.imwrite(folder / "slice0.tif", STACK[0])
    assert "PNG and TIFF mixed" in error_of(folder).found


def test_a_stack_among_slices_is_not_read_as_its_first_slice(tmp_path):
    tifffile.imwrite(tmp_path / "a.tif", STACK)
    assert "a stack of 6 slices; give the file itself" in error_of(tmp_path).found


def test_a_file_with_several_stacks_is_not_read_as_its_first(tmp_path):
    with tifffile.TiffWriter(tmp_path / "a.tif") as tiff:
        tiff.write(STACK)
        tiff.write(STACK[:, :9])
    assert "2 stacks of different kinds ((6, 40, 30), (6, 9, 30))" in error_of(tmp_path / "a.tif").found


def test_five_axes_are_not_a_stack(tmp_path):
    tifffile.imwrite(tmp_path / "a.tif", np.zeros((2, 3, 2, 5, 5), np.uint8), imagej=True)
    assert error_of(tmp_path / "a.tif").code == "DATA_SHAPE"
