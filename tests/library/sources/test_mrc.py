import numpy as np
import pytest

from tests.shared.volume_headers import mrc, writing
from tests.shared.whole_stacks import error_of, read_header, read_stack

GREY = np.random.default_rng(0).integers(-100, 100, (3, 4, 5))

written = pytest.fixture(writing("a.mrc"))


@pytest.mark.parametrize("order", ["<", ">"])
@pytest.mark.parametrize("mode, kind", [(0, "i1"), (1, "i2"), (2, "f4"), (12, "f2"), (6, "u2")])
def test_every_mode_reads_in_either_byte_order(written, order, mode, kind):
    stack = np.abs(GREY) if kind[0] == "u" else GREY
    read = read_stack(written(mrc(stack.astype(order + kind), mode=mode, order=order)))
    np.testing.assert_array_equal(read, stack)
    assert read.dtype == {"f2": "f4"}.get(kind, kind)


@pytest.mark.parametrize("name", ["a.MRC", "a.rec", "a.map", "a.st"])
def test_every_suffix_of_the_format_is_known(written, name):
    assert read_header(written(mrc(GREY.astype("<i2"), mode=1), name)).shape == (3, 4, 5)


@pytest.mark.parametrize(
    "fields, first",
    [
        ({}, -56),  # signed, as the standard has it
        ({"dmin": -100, "dmax": 100}, -56),
        ({"dmin": 0, "dmax": 255}, 200),  # a maximum that no signed byte has: an older program
        ({"imod": 1146047817, "flags": 0}, 200),
        ({"imod": 1146047817, "flags": 1, "dmin": 0, "dmax": 255}, -56),
    ],
)
def test_bytes_are_signed_or_not_as_the_header_tells(written, fields, first):
    assert read_stack(written(mrc(np.full((1, 2, 2), 200, np.uint8), mode=0, **fields)))[0, 0, 0] == first


def test_the_byte_order_of_an_old_file_without_a_stamp_is_found(written):
    for order in "<>":
        data = mrc(GREY.astype(f"{order}i2"), mode=1, order=order, stamp=bytes(4), mapc=0, mapr=0, maps=0)
        np.testing.assert_array_equal(read_stack(written(data)), GREY)


def test_an_extended_header_is_left_out(written):
    data = mrc(GREY.astype("<f4"), mode=2, nsymbt=77, extended=b"x" * 77)
    np.testing.assert_array_equal(read_stack(written(data)), GREY)


def test_the_voxel_size_is_the_cell_in_angstrom_over_its_samples(written):
    sized = {"cella": (50.0, 80.0, 900.0), "mx": 5, "my": 4, "mz": 3}
    assert read_header(written(mrc(GREY.astype("<i2"), mode=1, **sized))).voxel_size_nm == (30, 2, 1)


@pytest.mark.parametrize(
    "fields",
    [
        {},
        {"cella": (5, 4, 3)},  # 1 Angstrom: what programs write where they know nothing
        {"cella": (50, 40, 30), "mz": 0},
        {"cella": (50, -40, 30)},
        {"cella": (50, float("nan"), 30)},
    ],
)
def test_a_size_that_nobody_wrote_is_none(written, fields):
    assert read_header(written(mrc(GREY.astype("<i2"), mode=1, **fields))).voxel_size_nm is None


@pytest.mark.parametrize(
    "fields, code, words",
    [
        ({"mode": 4}, "DATA_FORMAT", "mode 4 (complex numbers), not one of 0, 1, 2, 6, 12"),
        ({"mode": 99}, "DATA_FORMAT", "mode 99 (unknown)"),
        ({"nz": 4}, "DATA_FORMAT", "truncated: 1144 bytes of at least 1184"),
        ({"nz": 0}, "DATA_FORMAT", "0 sections of 4 x 5"),
        ({"nx": -5}, "DATA_FORMAT", "3 sections of 4 x -5"),
        ({"nsymbt": -4}, "DATA_FORMAT", "an extended header of -4 bytes"),
        ({"nsymbt": 2**31 - 1}, "DATA_FORMAT", "truncated"),
        ({"mapc": 2, "mapr": 1}, "DATA_SHAPE", "along the axes (2, 1, 3)"),
        ({"nx": 2**30, "ny": 2**30}, "DATA_TOO_LARGE", "GiB"),
        ({"ispg": 401, "mz": 1}, "DATA_SHAPE", "3 volumes of 1 sections in one file"),
        ({"stamp": b"soso", "mapc": 9}, "DATA_FORMAT", "no header of an MRC file"),
    ],
)
def test_headers_that_cannot_be_true_are_refused(written, fields, code, words):
    data = mrc(GREY.astype("<i2"), **{"mode": 1} | fields)
    problem = error_of(written(data))
    assert problem.code == code and words in problem.found


@pytest.mark.parametrize("fields", [{"ispg": 401}, {"ispg": 1, "mz": 1}, {"ispg": 0, "mz": 1}])
def test_one_volume_and_a_stack_of_images_are_stacks(written, fields):
    """A volume of its own group, one whose cell has a single section, images: as mrcfile 1.5.4 tells them."""
    assert read_header(written(mrc(GREY.astype("<i2"), mode=1, **fields))).shape == (3, 4, 5)


def test_a_file_that_ends_in_its_header_is_refused(written):
    assert "truncated: 100 bytes of a header of 1024" in error_of(written(bytes(100))).found
