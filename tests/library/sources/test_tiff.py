import os
import struct
import subprocess
import sys

import numpy as np
import pytest
import tifffile

from synthem.errors import SynthemError
from synthem.sources.opening import open_stack
from tests.shared.forged_images import forged_tiff
from tests.shared.project import LIBRARY
from tests.shared.whole_stacks import error_of, read_stack

STACK = np.random.default_rng(0).integers(0, 256, (6, 40, 30), dtype=np.uint8)
COLOUR = np.random.default_rng(0).integers(0, 256, (5, 7, 9, 3), dtype=np.uint8)


def size_of(path):
    with open_stack(str(path)) as stack:
        return stack.voxel_size_nm


# What can be read


@pytest.mark.parametrize(
    "options",
    [
        {},
        {"metadata": None, "contiguous": False},
        {"compression": "zlib"},
        {"compression": "zlib", "rowsperstrip": 7, "metadata": None},
        {"compression": "lzw", "predictor": True},
        {"compression": "zstd"},
        {"compression": "packbits"},
        {"bigtiff": True},
        {"bigtiff": True, "byteorder": ">", "compression": "zlib"},
        {"byteorder": ">"},
        {"tile": (16, 16)},
        {"tile": (16, 16), "compression": "zlib", "metadata": None},
        {"imagej": True},
        {"imagej": True, "metadata": {"axes": "ZYX"}},
        {"imagej": True, "metadata": {"axes": "TYX"}},
        {"ome": True},
        {"ome": True, "metadata": {"axes": "ZYX"}, "compression": "zlib"},
        {"metadata": {"axes": "ZYX"}},
    ],
    ids=str,
)
def test_a_stack_reads_as_written_whole_and_in_parts(tmp_path, options):
    path = tmp_path / "a.tif"
    tifffile.imwrite(path, STACK, **options)
    np.testing.assert_array_equal(read_stack(str(path)), STACK)
    with open_stack(str(path)) as stack:
        assert (stack.shape, stack.dtype, stack.levels, stack.step) == (STACK.shape, np.uint8, None, 1)
        assert stack.names is None and stack.shapes is None
        np.testing.assert_array_equal(stack.read(2, 5), STACK[2:5])
        np.testing.assert_array_equal(stack.read(5, 6), STACK[5:])
        for first, planes in stack.slabs():
            np.testing.assert_array_equal(planes, STACK[first : first + 1])


@pytest.mark.parametrize("shape", [(1, 101, 99), (3, 7, 5), (1, 1, 512), (4, 1, 2), (1, 1, 1)])
@pytest.mark.parametrize("options", [{}, {"metadata": None}, {"imagej": True}, {"compression": "zlib"}])
def test_stacks_of_odd_sizes_keep_them(tmp_path, shape, options):
    stack = np.arange(np.prod(shape)).astype(np.uint8).reshape(shape)
    metadata = {"metadata": {"axes": "ZYX"}} if "imagej" in options else {}
    tifffile.imwrite(tmp_path / "a.tif", stack, photometric="minisblack", **options | metadata)
    np.testing.assert_array_equal(read_stack(str(tmp_path / "a.tif")), stack)


@pytest.mark.parametrize("dtype", ["uint16", "int16", "uint32", "float32", "float64", "int64"])
@pytest.mark.parametrize("order", "<>")
@pytest.mark.parametrize("options", [{}, {"compression": "zlib"}, {"metadata": None}])
def test_numbers_read_in_the_order_of_this_machine(tmp_path, dtype, order, options):
    tifffile.imwrite(tmp_path / "a.tif", STACK.astype(dtype) * 100, byteorder=order, **options)
    read = read_stack(str(tmp_path / "a.tif"))
    assert read.dtype == np.dtype(dtype) and read.dtype.isnative and read.flags.writeable
    np.testing.assert_array_equal(read, STACK.astype(dtype) * 100)


def test_half_floats_come_as_floats(tmp_path):
    tifffile.imwrite(tmp_path / "a.tif", (STACK / 4).astype(np.float16))
    read = read_stack(str(tmp_path / "a.tif"))
    assert read.dtype == np.float32
    np.testing.assert_array_equal(read, STACK.astype(np.float32) / 4)


@pytest.mark.parametrize("options", [{}, {"compression": "zlib"}, {"metadata": None}])
def test_files_of_bits_come_as_0_and_1_and_have_two_levels(tmp_path, options):
    tifffile.imwrite(tmp_path / "a.tif", STACK > 99, **options)
    with open_stack(str(tmp_path / "a.tif")) as stack:
        assert (stack.dtype, stack.levels) == (np.uint8, 2)
        np.testing.assert_array_equal(stack.read(0, 6), (STACK > 99).astype(np.uint8))


@pytest.mark.parametrize("slices", [1, 5])
@pytest.mark.parametrize("options", [{}, {"compression": "zlib"}, {"imagej": True}, {"tile": (16, 16)}])
def test_colour_is_the_last_axis(tmp_path, slices, options):
    tifffile.imwrite(tmp_path / "a.tif", COLOUR[:slices], photometric="rgb", **options)
    np.testing.assert_array_equal(read_stack(str(tmp_path / "a.tif")), COLOUR[:slices])


@pytest.mark.parametrize("slices", [1, 5])
@pytest.mark.parametrize("options", [{}, {"compression": "zlib"}, {"metadata": None}])
def test_colour_planes_are_not_taken_for_slices(tmp_path, slices, options):
    planar = np.moveaxis(COLOUR[:slices], -1, 1)
    tifffile.imwrite(tmp_path / "a.tif", planar, photometric="rgb", planarconfig="separate", **options)
    with open_stack(str(tmp_path / "a.tif")) as stack:
        np.testing.assert_array_equal(stack.read(0, slices), COLOUR[:slices])
        np.testing.assert_array_equal(stack.read(slices - 1, slices), COLOUR[slices - 1 : slices])


@pytest.mark.parametrize(
    "axes, shape, fix",
    [
        ("TZYX", (2, 3, 5, 5), "save one time"),
        ("ZCYX", (3, 2, 5, 5), "save one channel"),
        ("TZCYX", (2, 3, 2, 5, 5), "save one channel"),
    ],
)
@pytest.mark.parametrize("kind", ["imagej", "ome"])
def test_more_axes_than_a_stack_has_are_named(tmp_path, axes, shape, fix, kind):
    tifffile.imwrite(tmp_path / "a.tif", np.zeros(shape, np.uint8), metadata={"axes": axes}, **{kind: True})
    problem = error_of(tmp_path / "a.tif")
    assert problem.code == "DATA_SHAPE" and problem.fix == fix and "Z (3)" in problem.found


# Black and white


@pytest.mark.parametrize(
    "stored, light",
    [
        (np.uint8([0, 1, 255]), np.uint8([255, 254, 0])),
        (np.uint16([0, 256, 65535]), np.uint16([65535, 65279, 0])),
        (np.int16([-32768, -1, 32767]), np.int16([32767, 0, -32768])),
        (np.array([False, True, True]), np.uint8([1, 0, 0])),
    ],
)
@pytest.mark.parametrize("options", [{}, {"compression": "zlib"}, {"byteorder": ">"}])
def test_where_white_is_0_an_image_is_turned_round_and_a_mask_keeps_its_numbers(
    tmp_path, stored, light, options
):
    path = tmp_path / "a.tif"
    tifffile.imwrite(path, stored.reshape(1, 1, 3), photometric="miniswhite", **options)
    with open_stack(str(path), light=True) as image, open_stack(str(path)) as mask:
        assert image.white_is_zero and mask.white_is_zero
        assert image.read(0, 1).dtype == light.dtype
        np.testing.assert_array_equal(image.read(0, 1)[0, 0], light)
        np.testing.assert_array_equal(mask.read(0, 1)[0, 0], stored)
    tifffile.imwrite(path, stored.reshape(1, 1, 3), photometric="minisblack", **options)
    with open_stack(str(path), light=True) as image:
        assert not image.white_is_zero
        np.testing.assert_array_equal(image.read(0, 1)[0, 0], stored)


def test_in_a_file_of_12_bits_white_is_4095(tmp_path):
    page = [(256, 2), (257, 1), (258, 12), (259, 1), (262, 0), (273, 0), (277, 1), (278, 1), (279, 3)]
    start = 8 + 2 + 12 * len(page) + 4
    entries = [struct.pack("<HHII", tag, 4, 1, start if tag == 273 else value) for tag, value in page]
    directory = struct.pack("<IH", 8, len(page)) + b"".join(entries) + bytes(4)
    (tmp_path / "a.tif").write_bytes(b"II*\0" + directory + b"\xab\xc0\x01")  # 0xabc and 0x001
    with open_stack(str(tmp_path / "a.tif"), light=True) as image:
        np.testing.assert_array_equal(image.read(0, 1), [[[0xFFF - 0xABC, 0xFFF - 0x001]]])


def test_fractions_of_which_the_lowest_is_white_are_refused_as_an_image(tmp_path):
    tifffile.imwrite(tmp_path / "a.tif", STACK.astype(np.float32), photometric="miniswhite")
    with pytest.raises(SynthemError, match="MINISWHITE") as caught:
        with open_stack(str(tmp_path / "a.tif"), light=True):
            pass
    assert caught.value.code == "DATA_FORMAT"
    np.testing.assert_array_equal(read_stack(str(tmp_path / "a.tif")), STACK)


# Signs


def imagej_of_16_bits(path, values, coefficients=("-32768.0", "1.0"), **options):
    """A stack as ImageJ saves 16 bits with a sign: 32768 more in the file, and a line that subtracts it."""
    stored = np.tile(np.array(values).reshape(-1, 1, 1) + 32768, (1, 2, 3)).astype(np.uint16)
    line = {"cf": 0, "c0": coefficients[0], "c1": coefficients[1], "vunit": "Gray Value"}
    tifffile.imwrite(path, stored, imagej=True, metadata={"axes": "ZYX"} | line, **options)


@pytest.mark.parametrize("options", [{}, {"compression": "zlib"}, {"byteorder": "<"}])
def test_numbers_that_imagej_saves_with_a_sign_have_their_sign(tmp_path, options):
    imagej_of_16_bits(tmp_path / "a.tif", [-32768, -1, 0, 255, 32767], **options)
    with open_stack(str(tmp_path / "a.tif")) as mask:
        assert mask.dtype == mask.stored == np.int16
        assert mask.read(0, 5)[:, 1, 2].tolist() == [-32768, -1, 0, 255, 32767]
        assert mask.read(2, 3)[:, 0, 0].tolist() == [0]


def test_where_white_is_0_an_image_with_a_sign_is_turned_round(tmp_path):
    imagej_of_16_bits(tmp_path / "a.tif", [-32768, 0, 32767], photometric="miniswhite")
    with open_stack(str(tmp_path / "a.tif"), light=True) as image:
        assert image.read(0, 3)[:, 0, 0].tolist() == [32767, -1, -32768]  # in the file 65535, 32767, 0


@pytest.mark.parametrize("coefficients", [("-32768.0", "2.0"), ("-1024.0", "1.0"), ("0.5", "-1.0")])
def test_other_lines_of_imagej_are_densities_and_change_no_number(tmp_path, coefficients):
    imagej_of_16_bits(tmp_path / "a.tif", [0, 1], coefficients)
    read = read_stack(str(tmp_path / "a.tif"))
    assert read.dtype == np.uint16 and read[:, 0, 0].tolist() == [32768, 32769]


# Voxel sizes


@pytest.mark.parametrize("unit, factor", [("nm", 1), ("um", 1000), ("micron", 1000), ("\\u00B5m", 1000)])
def test_the_voxel_size_of_imagej_is_in_nm(tmp_path, unit, factor):
    meta = {"axes": "ZYX", "spacing": 50 / factor, "unit": unit}
    size = (factor / 5, factor / 8)
    tifffile.imwrite(tmp_path / "a.tif", STACK, imagej=True, resolution=size, metadata=meta)
    assert size_of(tmp_path / "a.tif") == pytest.approx((50, 8, 5))


def test_the_voxel_size_of_imagej_may_have_a_unit_for_each_axis(tmp_path):
    meta = {"axes": "ZYX", "spacing": 0.05, "unit": "nm", "zunit": "um", "yunit": "um"}
    tifffile.imwrite(tmp_path / "a.tif", STACK, imagej=True, resolution=(1 / 5, 1000 / 8), metadata=meta)
    assert size_of(tmp_path / "a.tif") == pytest.approx((50, 8, 5))


@pytest.mark.parametrize(
    "meta, resolution",
    [({}, (1, 1)), ({"unit": "pixel", "spacing": 1}, (1, 1)), ({"unit": "nm", "spacing": 0}, (1, 1)),
     ({"unit": "nm", "spacing": 5}, ((0, 1), (0, 1))), ({"unit": "nm", "spacing": "x"}, (1, 1)),
     ({"unit": "nm"}, (1, 1))],
)  # fmt: skip
def test_a_senseless_voxel_size_is_none(tmp_path, meta, resolution):
    meta = {"axes": "ZYX", **meta}
    tifffile.imwrite(tmp_path / "a.tif", STACK, imagej=True, resolution=resolution, metadata=meta)
    assert size_of(tmp_path / "a.tif") is None


def test_the_voxel_size_of_ome_is_in_nm(tmp_path):
    units = {f"PhysicalSize{axis}Unit": "nm" for axis in "ZX"}  # y: micrometres, as OME assumes
    sizes = {"PhysicalSizeX": 5, "PhysicalSizeY": 0.008, "PhysicalSizeZ": 50}
    tifffile.imwrite(tmp_path / "a.tif", STACK, ome=True, metadata={"axes": "ZYX", **sizes, **units})
    assert size_of(tmp_path / "a.tif") == pytest.approx((50, 8, 5))
    del sizes["PhysicalSizeZ"]
    tifffile.imwrite(tmp_path / "a.tif", STACK, ome=True, metadata={"axes": "ZYX", **sizes})
    assert size_of(tmp_path / "a.tif") is None


# Whose file it is


def test_pages_of_a_stack_that_are_written_one_by_one_are_one_stack(tmp_path):
    with tifffile.TiffWriter(tmp_path / "a.tif") as tiff:
        for plane in STACK:
            tiff.write(plane)
    np.testing.assert_array_equal(read_stack(str(tmp_path / "a.tif")), STACK)


def test_a_preview_is_no_slice(tmp_path):
    with tifffile.TiffWriter(tmp_path / "a.tif") as tiff:
        for plane in STACK:
            tiff.write(plane, metadata=None)
            tiff.write(plane[::4, ::4], subfiletype=1, metadata=None)
    np.testing.assert_array_equal(read_stack(str(tmp_path / "a.tif")), STACK)


def test_of_a_pyramid_the_finest_level_is_read(tmp_path):
    with tifffile.TiffWriter(tmp_path / "a.tif", ome=True) as tiff:
        tiff.write(STACK, subifds=1, metadata={"axes": "ZYX"})
        tiff.write(STACK[:, ::2, ::2], subfiletype=1)
    np.testing.assert_array_equal(read_stack(str(tmp_path / "a.tif")), STACK)


def test_ome_xml_says_which_page_is_which_slice(tmp_path):
    order = (2, 0, 1)
    data = "".join(f'<TiffData FirstZ="{z}" IFD="{page}" PlaneCount="1"/>' for page, z in enumerate(order))
    xml = (
        '<?xml version="1.0" encoding="UTF-8"?><OME xmlns="http://www.openmicroscopy.org/Schemas/OME/2016-06">'
        '<Image ID="Image:0"><Pixels ID="Pixels:0" DimensionOrder="XYCZT" Type="uint8" SizeX="30" SizeY="40" '
        f'SizeZ="3" SizeC="1" SizeT="1"><Channel ID="Channel:0:0"/>{data}</Pixels></Image></OME>'
    )
    tifffile.imwrite(tmp_path / "a.tif", STACK[:3], description=xml, metadata=None, photometric="minisblack")
    np.testing.assert_array_equal(read_stack(str(tmp_path / "a.tif")), STACK[[1, 2, 0]])


ZEISS = (34412, "B", 600, struct.pack("<I", 0x0300494C) + bytes(596), True)


@pytest.mark.parametrize(
    "options",
    [
        {"description": "Aperio Image Library v10.2.24\r\n40x30 [0,0 40x30] |AppMag = 20"},
        {"software": "SI.LINE_FORMAT_VERSION = 1"},
        {"description": "state.configPath='x'\rstate.acq.numberOfFrames=99"},
        {"description": "<?xml?><PhilipsFoo>..."},
        {"description": '{"Summary": {"Slices": 99, "Frames": 99}}'},
        {"extratags": [ZEISS]},
        {"extratags": [(33629, 5, 99, (1, 1) * 99, True)]},  # MetaMorph's planes
        {"extratags": [(65420, "I", 1, 1, True)]},  # Hamamatsu
        {"extratags": [(34361, "B", 8, bytes(8), True)]},  # FluoView
    ],
    ids=[
        "Aperio",
        "ScanImage",
        "old ScanImage",
        "Philips",
        "Micro-Manager",
        "Zeiss",
        "STK",
        "NDPI",
        "FluoView",
    ],
)
@pytest.mark.parametrize("packing", [{}, {"compression": "zlib"}, {"tile": (16, 16)}])
@pytest.mark.parametrize("stack", [STACK, STACK[:1]], ids=["stack", "slice"])
def test_what_other_programs_note_moves_no_page(tmp_path, stack, options, packing):
    with tifffile.TiffWriter(tmp_path / "a.tif") as tiff:
        for plane in stack:
            tiff.write(plane, metadata=None, contiguous=False, **packing, **options)
    with open(tmp_path / "a.tif", "ab") as file:
        file.write(bytes(10 * stack.size))  # room for slices that are only announced
    np.testing.assert_array_equal(read_stack(str(tmp_path / "a.tif")), stack)


# What is damaged


@pytest.mark.parametrize(
    "options",
    [{}, {"imagej": True}, {"compression": "zlib"}, {"metadata": None, "contiguous": False}, {"ome": True}],
)
def test_a_truncated_file_is_never_a_shorter_stack(tmp_path, options):
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


def test_a_strip_that_was_never_written_is_not_black(tmp_path):
    tifffile.imwrite(tmp_path / "a.tif", STACK, compression="zlib", rowsperstrip=10, metadata=None)
    with tifffile.TiffFile(tmp_path / "a.tif", mode="r+") as tiff:
        counts = tiff.pages[2].tags["StripByteCounts"]
        counts.overwrite([*counts.value[:-1], 0])
    assert "slice 2 lies outside the file" in error_of(tmp_path / "a.tif").found


def test_a_file_with_several_stacks_is_not_read_as_its_first(tmp_path):
    with tifffile.TiffWriter(tmp_path / "a.tif") as tiff:
        tiff.write(STACK)
        tiff.write(STACK[:, :9])
    error = error_of(tmp_path / "a.tif")
    assert error.found == "2 stacks of different kinds ((6, 40, 30), (6, 9, 30))"  # it is not damaged
    assert error.fix == "save one of them as a file of its own"
    with tifffile.TiffWriter(tmp_path / "b.ome.tif") as tiff:
        tiff.write(STACK, metadata={"axes": "ZYX"})
        tiff.write(STACK[:2], metadata={"axes": "ZYX"})
    error = error_of(tmp_path / "b.ome.tif")
    assert error.found == "2 images of t, c, z, y, x = (1, 1, 6, 40, 30), (1, 1, 2, 40, 30)"
    assert error.fix == "save one of them as a file of its own"


@pytest.mark.parametrize("kind", ["jpeg", "webp", "jpeg2000"])
def test_other_compressions_are_refused_by_name(tmp_path, kind):
    tifffile.imwrite(tmp_path / "a.tif", COLOUR, photometric="rgb", compression=kind)
    problem = error_of(tmp_path / "a.tif")
    assert problem.code == "DATA_FORMAT" and kind in problem.found.lower()


def test_an_unknown_compression_is_refused(tmp_path):
    (tmp_path / "a.tif").write_bytes(forged_tiff(10, 10, compression=12345))
    assert error_of(tmp_path / "a.tif").found.endswith("12345")


def test_complex_numbers_are_refused(tmp_path):
    tifffile.imwrite(tmp_path / "a.tif", STACK.astype(np.complex64))
    assert "complex64, not numbers" in error_of(tmp_path / "a.tif").found


# What is forged_tiff


@pytest.mark.parametrize(
    "content, code",
    [
        (forged_tiff(2**31, 2**31), "DATA_TOO_LARGE"),
        (forged_tiff(10**6, 10**6, compression=8), "DATA_TOO_LARGE"),
        (forged_tiff(30_000, 30_000), "DATA_TOO_LARGE"),  # 858 MiB in one plane
        (forged_tiff(100, 100, compression=8, tile=65_520), "DATA_TOO_LARGE"),
        (forged_tiff(20_000, 20_000), "DATA_FORMAT"),
        (forged_tiff(20_000, 20_000, compression=8), "DATA_FORMAT"),
        (forged_tiff(20_000, 20_000, compression=5), "DATA_FORMAT"),
        (forged_tiff(20_000, 20_000, compression=8, tile=16), "DATA_FORMAT"),
        (forged_tiff(100, 100), "DATA_FORMAT"),
        (forged_tiff(100, 100, count=0), "DATA_FORMAT"),
        (forged_tiff(100, 100, count=10_000), "DATA_FORMAT"),
    ],
)
def test_a_forged_size_is_refused_from_the_header(tmp_path, content, code):
    (tmp_path / "a.tif").write_bytes(content)
    problem = error_of(tmp_path / "a.tif")
    assert problem.code == code and not isinstance(problem.__cause__, MemoryError)


def test_data_that_unpacks_to_more_than_announced_is_cut_or_refused(tmp_path):
    tifffile.imwrite(tmp_path / "a.tif", np.zeros((64, 64), np.uint8), compression="zlib", metadata=None)
    with tifffile.TiffFile(tmp_path / "a.tif", mode="r+") as tiff:
        tiff.pages[0].tags["ImageLength"].overwrite(8)
        tiff.pages[0].tags["RowsPerStrip"].overwrite(8)
    try:
        assert read_stack(str(tmp_path / "a.tif")).shape == (1, 8, 64)
    except SynthemError as problem:
        assert problem.code == "DATA_FORMAT"


def ome_file(path, changes=(), planes=2):
    """An OME-TIFF file of `planes` slices whose XML is changed; the XML keeps its length."""
    tifffile.imwrite(path, STACK[:planes], ome=True, metadata={"axes": "ZYX", "Name": "n" * 400})
    data = path.read_bytes()
    for old, new in changes:
        assert data.count(old) == 1
        data = data.replace(old, new).replace(b"n" * (len(new) - len(old)), b"", 1)
    path.write_bytes(data)


@pytest.mark.parametrize(
    "old, new",
    [
        (b'SizeZ="2"', b'SizeZ="9999999999"'),
        (b'PlaneCount="2"', b'PlaneCount="9999999999"'),
        (b'IFD="0"', b'IFD="9999999999"'),
        (b'SizeC="1"', b'SizeC="9999999999"'),
        (b'SizeZ="2"', b'SizeZ="two"'),
        (b"<?xml", b'<!DOCTYPE a [<!ENTITY b "c">]><?xml'),
    ],
)
def test_forged_ome_xml_costs_nothing(tmp_path, old, new):
    ome_file(tmp_path / "a.tif")
    np.testing.assert_array_equal(read_stack(str(tmp_path / "a.tif")), STACK[:2])
    ome_file(tmp_path / "a.tif", [(old, new)])
    assert error_of(tmp_path / "a.tif").code == "DATA_FORMAT"


def test_a_file_does_not_open_others(tmp_path):
    """OME-TIFF may name other files that hold its slices."""
    here, there = (f"urn:uuid:00000000-0000-0000-0000-00000000000{n}" for n in (1, 2))
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
    other = xml.replace(here, there, 1)
    tifffile.imwrite(tmp_path / "secret.tif", STACK[1], description=other, metadata=None)
    np.testing.assert_array_equal(tifffile.imread(tmp_path / "a.tif")[1], STACK[1])  # it would
    error = error_of(tmp_path / "a.tif")
    assert error.found == "slices in other files" and error.fix.startswith("save the whole stack as one file")


# What is large


def test_a_stack_larger_than_memory_is_read_in_a_few_planes(tmp_path):
    """20 GiB in one piece as ImageJ writes it: all holes, so that the disk does not notice."""
    path = tmp_path / "a.tif"
    text = "ImageJ=1.54\nimages=1280\nslices=1280\n"
    tifffile.imwrite(path, np.zeros((4096, 4096), np.uint8), description=text, metadata=None)
    with tifffile.TiffFile(path) as tiff:
        start = tiff.pages[0].dataoffsets[0]
    os.truncate(path, start + 1280 * 2**24)
    program = f"""
import resource, sys; sys.path.insert(0, {str(LIBRARY)!r})
from synthem.sources.opening import open_stack
def peak_kb():  # of this program alone: ru_maxrss begins with the memory of the one that started it
    return int(next(line for line in open("/proc/self/status") if line.startswith("VmHWM")).split()[1])
with open_stack({str(path)!r}) as stack:
    assert stack.shape == (1280, 4096, 4096), stack.shape
    for first in (0, 639, 1279):
        assert not stack.read(first, first + 1).any()
print(peak_kb() // 1024)
"""
    run = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)
    assert run.returncode == 0, run.stderr[-2000:]
    assert int(run.stdout) < 512  # MiB
