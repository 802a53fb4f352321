import numpy as np
import pytest

from synthem.sources.opening import open_stack
from tests.shared.volume_headers import nifti, writing
from tests.shared.whole_stacks import error_of, read_header, read_stack

GREY = np.random.default_rng(0).integers(0, 100, (3, 4, 5))
KINDS = {
    2: "u1",
    4: "i2",
    8: "i4",
    16: "f4",
    64: "f8",
    256: "i1",
    512: "u2",
    768: "u4",
    1024: "i8",
    1280: "u8",
}

written = pytest.fixture(writing("a.nii"))


@pytest.mark.parametrize("name", ["a.nii", "a.nii.gz"])
@pytest.mark.parametrize("order", ["<", ">"])
@pytest.mark.parametrize("kind, dtype", KINDS.items())
def test_every_type_reads_in_either_byte_order(written, name, order, kind, dtype):
    data = nifti(GREY.astype(order + dtype), kind=kind, order=order, offset=400)
    read = read_stack(written(data, name))
    np.testing.assert_array_equal(read, GREY)
    assert read.dtype == dtype


def test_packed_planes_are_read_in_any_order(written):
    with open_stack(written(nifti(GREY.astype("u1"), kind=2), "a.nii.gz")) as stack:
        for first, end in ((1, 3), (0, 1), (2, 3), (0, 3)):
            np.testing.assert_array_equal(stack.read(first, end), GREY[first:end])


def test_colours_are_the_last_axis(written):
    stack = np.random.default_rng(0).integers(0, 255, (3, 4, 5, 3), np.uint8)
    data = nifti(stack, kind=128, dim=(3, 5, 4, 3, 1, 1, 1, 1))
    np.testing.assert_array_equal(read_stack(written(data)), stack)


def test_one_slice_and_a_time_of_one_are_stacks(written):
    one = GREY[:1].astype("u1")
    assert read_stack(written(nifti(one, kind=2, dim=(2, 5, 4, 1, 1, 1, 1, 1)))).shape == (1, 4, 5)
    assert read_stack(written(nifti(GREY.astype("u1"), kind=2, dim=(4, 5, 4, 3, 1, 1, 1, 1)))).shape == (
        3,
        4,
        5,
    )


@pytest.mark.parametrize(
    "slope, intercept, seen",
    [(2, -3, [-3, 7]), (0, 7, [0, 5]), (1, 0, [0, 5]), (float("nan"), 1, [0, 5]), (0.5, 0, [0, 2.5])],
)
def test_values_are_scaled_where_the_header_has_a_slope(written, slope, intercept, seen):
    stack = np.array([[[0, 5]]], np.int16)
    assert read_stack(written(nifti(stack, kind=4, slope=slope, intercept=intercept))).tolist() == [[seen]]


@pytest.mark.parametrize("unit, nm", [(1, 1e9), (2, 1e6), (3, 1e3), (3 + 8, 1e3)])
def test_the_voxel_size_is_in_the_units_of_the_header(written, unit, nm):
    sized = {"pixdim": (1, 2.0, 4.0, 8.0, 0, 0, 0, 0), "units": unit}
    assert read_header(written(nifti(GREY.astype("u1"), kind=2, **sized))).voxel_size_nm == (
        8 * nm,
        4 * nm,
        2 * nm,
    )


@pytest.mark.parametrize(
    "fields",
    [
        {"pixdim": (1, 2, 4, 8, 0, 0, 0, 0)},  # no unit
        {"units": 2, "pixdim": (1,) * 8},  # 1 mm: what programs write where they know nothing
        {"units": 2, "pixdim": (1, 2, 0, 8, 0, 0, 0, 0)},
        {"units": 2, "pixdim": (1, 2, -4, 8, 0, 0, 0, 0)},
    ],
)
def test_a_size_that_nobody_wrote_is_none(written, fields):
    assert read_header(written(nifti(GREY.astype("u1"), kind=2, **fields))).voxel_size_nm is None


@pytest.mark.parametrize("name", ["a.nii", "a.nii.gz"])
@pytest.mark.parametrize(
    "fields, code, words",
    [
        ({"size": 540}, "DATA_FORMAT", "NIfTI-2; save it as NIfTI-1"),
        ({"size": 12}, "DATA_FORMAT", "no header of a NIfTI file"),
        ({"magic": b"ni1\0"}, "DATA_FORMAT", "its voxels are in another file, .img"),
        ({"magic": b"none"}, "DATA_FORMAT", "no header of a NIfTI file"),
        ({"kind": 32}, "DATA_FORMAT", "datatype 32, not whole numbers"),
        ({"dim": (9,) * 8}, "DATA_FORMAT", "9 axes"),
        ({"dim": (3, 5, -4, 3, 1, 1, 1, 1)}, "DATA_FORMAT", "3 axes of the sizes [5, -4, 3"),
        ({"dim": (4, 5, 4, 3, 2, 1, 1, 1)}, "DATA_SHAPE", "axes of the sizes [5, 4, 3, 2]"),
        ({"dim": (3, 5, 4, 4, 1, 1, 1, 1)}, "DATA_FORMAT", ""),  # a plane more than there are bytes
        ({"dim": (3, *[32767] * 3, 1, 1, 1, 1)}, "DATA_TOO_LARGE", "GiB"),
        ({"offset": 4}, "DATA_FORMAT", "voxels from byte 4 on"),
        ({"offset": float("nan")}, "DATA_FORMAT", "voxels from byte nan on"),
        ({"offset": 2.0**40}, "DATA_FORMAT", "bytes"),
        ({"slope": 2, "intercept": float("inf")}, "DATA_FORMAT", "scaled by 2 and inf"),
    ],
)
def test_headers_that_cannot_be_true_are_refused(written, name, fields, code, words):
    data = nifti(GREY.astype("u1"), **{"kind": 2} | fields)
    problem = error_of(written(data, name))
    assert problem.code == code and words in problem.found


def test_files_that_end_early_are_refused(written, tmp_path):
    whole = nifti(GREY.astype("u1"), kind=2)
    assert "truncated: 411 bytes of at least 412" in error_of(written(whole[:-1])).found
    assert "truncated: 100 bytes of a header of 348" in error_of(written(whole[:100])).found
    source = written(whole, "a.nii.gz")
    packed = (tmp_path / "a.nii.gz").read_bytes()
    (tmp_path / "a.nii.gz").write_bytes(packed[:-20])
    assert error_of(source).code == "DATA_FORMAT"
    (tmp_path / "a.nii.gz").write_bytes(whole)  # not packed at all
    assert error_of(source).code == "DATA_FORMAT"


def test_a_packed_file_cannot_hold_a_thousand_times_its_size(written):
    forged = nifti(GREY.astype("u1"), kind=2, dim=(3, 4096, 4096, 1000, 1, 1, 1, 1))
    problem = error_of(written(forged, "a.nii.gz"))
    assert problem.code == "DATA_FORMAT" and "bytes cannot hold 16777216352" in problem.found
