import h5py
import numpy as np
import pytest

from synthem.errors import SynthemError
from synthem.patches.reader import PatchReader
from synthem.storage.arrays import write_arrays, writing_arrays


def noise(shape, dtype, seed=0):
    return np.random.default_rng(seed).integers(0, np.iinfo(dtype).max, shape, dtype, endpoint=True)


def blobs(shape, dtype=np.uint32):
    """Labels that compress: squares of 30 with large numbers."""
    z, y, x = np.indices(shape)
    return (z * 70_001 + y // 30 * 1_000 + x // 30).astype(dtype)


def places_of(shape, size):
    """Corners, borders of chunks and of the array, and beyond it."""
    return [
        (z, y, x)
        for z in (0, shape[0] - 1)
        for y in (0, 1, 255, 256, 257, shape[1] - size, shape[1] - 1, shape[1], shape[1] + 9)
        for x in (0, 200, 256, shape[2] - size, shape[2] - 1, shape[2] + 300)
        if y >= 0 and x >= 0
    ]


@pytest.mark.parametrize("size", [1, 7, 256, 600])
@pytest.mark.parametrize(
    "name, array",
    [
        ("image", noise((2, 530, 517), np.uint8)),
        ("image", noise((2, 300, 270), np.uint16)),
        ("image", noise((2, 270, 300, 3), np.uint8)),
        ("image", noise((2, 9, 11), np.uint8)),
        ("labels/cells", blobs((2, 530, 517))),
        ("masks/membrane", (blobs((2, 300, 270)) % 2).astype(np.uint8)),
        ("probability/rgb", noise((2, 270, 300, 3), np.uint16) // 9999),
    ],
    ids=["grey", "grey16", "colour", "small", "labels", "mask", "colour packed"],
)
def test_a_patch_equals_the_slice_anywhere(tmp_path, name, array, size):
    write_arrays(tmp_path / "v.h5", {name: array}, {})
    reader = PatchReader(tmp_path / "v.h5", name)
    assert (reader.shape, reader.dtype) == (array.shape, array.dtype)
    for z, y, x in places_of(array.shape, size):
        patch, expected = reader.read(z, y, x, size), array[z, y : y + size, x : x + size]
        assert (patch.shape, patch.dtype) == (expected.shape, expected.dtype)
        np.testing.assert_array_equal(patch, expected)


def test_labels_that_do_not_compress_are_read_too(tmp_path):
    array = noise((1, 40, 40), np.uint32)
    write_arrays(tmp_path / "v.h5", {"x": array}, {})
    np.testing.assert_array_equal(PatchReader(tmp_path / "v.h5", "x").read(0, 3, 4, 30), array[0, 3:33, 4:34])


def test_slices_that_were_never_written_are_0(tmp_path):
    array = noise((3, 20, 20), np.uint8)
    with writing_arrays(tmp_path / "v.h5", {"image": (array.shape, array.dtype)}, {}) as put:
        put("image", 1, array[1:2])
    reader = PatchReader(tmp_path / "v.h5", "image")
    assert [reader.read(z, 0, 0, 20).any() for z in range(3)] == [False, True, False]


def test_a_patch_is_a_copy_that_may_be_changed(tmp_path):
    array = noise((1, 20, 20), np.uint8)
    write_arrays(tmp_path / "v.h5", {"image": array}, {})
    reader = PatchReader(tmp_path / "v.h5", "image")
    reader.read(0, 0, 0, 20)[:] = 0
    np.testing.assert_array_equal(reader.read(0, 0, 0, 20), array[0])


@pytest.mark.parametrize("place", [(-1, 0, 0), (2, 0, 0), (0, -1, 0), (0, 0, -1)])
def test_a_place_outside_is_refused_and_not_counted_from_the_end(tmp_path, place):
    write_arrays(tmp_path / "v.h5", {"image": noise((2, 20, 20), np.uint8)}, {})
    with pytest.raises(IndexError, match=r"no patch at .* in image of shape \(2, 20, 20\)"):
        PatchReader(tmp_path / "v.h5", "image").read(*place, 5)


def test_a_missing_file_or_array_is_a_read_error(tmp_path):
    with pytest.raises(SynthemError, match="ERROR FILE_READ .*No such file"):
        PatchReader(tmp_path / "v.h5", "image")
    write_arrays(tmp_path / "v.h5", {"image": noise((1, 9, 9), np.uint8)}, {})
    with pytest.raises(SynthemError, match="ERROR FILE_READ .*nuclei"):
        PatchReader(tmp_path / "v.h5", "nuclei")


@pytest.mark.parametrize("part", [0.0, 0.5, 0.99])
def test_a_truncated_file_is_a_read_error(tmp_path, part):
    path = tmp_path / "v.h5"
    write_arrays(path, {"image": noise((2, 90, 90), np.uint8)}, {})
    path.write_bytes(path.read_bytes()[: int(path.stat().st_size * part)])
    with pytest.raises(SynthemError, match="ERROR FILE_READ "):
        PatchReader(path, "image")


@pytest.mark.parametrize("start", [0, 30, -4], ids=["header", "middle", "checksum"])
def test_a_damaged_packed_chunk_is_a_read_error_with_its_place(tmp_path, start):
    path = tmp_path / "v.h5"
    write_arrays(path, {"x": blobs((1, 90, 90))}, {})
    with h5py.File(path) as file:
        chunk = file["x"].id.get_chunk_info(0)
    data = bytearray(path.read_bytes())
    first = chunk.byte_offset + start % chunk.size
    data[first : first + 4] = bytes(byte ^ 0xFF for byte in data[first : first + 4])
    path.write_bytes(data)
    with pytest.raises(SynthemError, match=f"FILE_READ .*v.h5: x: bytes {chunk.byte_offset} to "):
        PatchReader(path, "x").read(0, 0, 0, 90)


@pytest.mark.parametrize("how", [{"chunks": (2, 9, 9)}, {"chunks": (1, 9, 9), "compression": "lzf"}, {}])
def test_an_array_that_is_stored_otherwise_is_refused(tmp_path, how):
    with h5py.File(tmp_path / "v.h5", "w") as file:
        file.create_dataset("image", data=noise((2, 9, 9), np.uint8), **how)
    with pytest.raises(SynthemError, match="ERROR FILE_READ "):
        PatchReader(tmp_path / "v.h5", "image")
