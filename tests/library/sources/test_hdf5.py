import json
import zlib

import h5py
import numpy as np
import pytest

from synthem.errors import SynthemError
from synthem.sources.opening import open_stack
from tests.shared.whole_stacks import error_of, read_stack

STACK = np.random.default_rng(0).integers(0, 256, (6, 40, 30), dtype=np.uint8)


@pytest.fixture
def file(tmp_path):
    return tmp_path / "a.h5"


def write(path, **datasets):
    with h5py.File(path, "w") as hdf:
        for name, data in datasets.items():
            hdf[name] = data
    return path


# What can be read


@pytest.mark.parametrize("dtype", ["uint8", ">u2", "uint64", "float32", "bool", "float16"])
def test_a_dataset_reads_in_the_order_of_this_machine(file, dtype):
    write(file, **{"volumes/raw": STACK.astype(dtype)})
    returned = {"bool": "uint8", "float16": "float32", ">u2": "uint16"}.get(dtype, dtype)
    for name in (":volumes/raw", ":/volumes//raw/", "/volumes/raw"):
        with open_stack(f"{file}{name}") as stack:
            read = stack.read(0, 6)
            assert stack.levels == (2 if dtype == "bool" else None)
            assert read.dtype == stack.dtype == np.dtype(returned) and read.dtype.isnative
        np.testing.assert_array_equal(read, STACK.astype(dtype))


def test_without_a_name_the_only_stack_is_taken(file):
    others = {"meta/date": "2020", "names": [b"a", b"b"], "flat": np.zeros((5, 5))}
    write(file, **others, **{"a/b/raw": STACK})
    np.testing.assert_array_equal(read_stack(str(file)), STACK)


def test_without_a_name_several_stacks_are_listed(file):
    write(file, raw=STACK, labels=STACK[:2])
    problem = error_of(file)
    assert problem.code == "DATA_MISSING" and "labels (2, 40, 30), raw (6, 40, 30)" in problem.found
    assert problem.fix == f"name a dataset: `{file}:DATASET`"
    assert "it holds flat (5, 5)" in error_of(write(file, flat=np.zeros((5, 5)))).found
    assert "it holds no dataset" in error_of(write(file)).found


@pytest.mark.parametrize("options", [{}, {"compression": "gzip"}, {"compression": "lzf", "shuffle": True}])
@pytest.mark.parametrize("chunks", [(4, 16, 16), (1, 40, 30), (6, 7, 30)])
def test_chunks_are_read_in_slabs_of_their_depth(file, chunks, options):
    with h5py.File(file, "w") as hdf:
        hdf.create_dataset("raw", data=STACK, chunks=chunks, **options)
    with open_stack(str(file)) as stack:
        assert stack.step == chunks[0]
        slabs = list(stack.slabs())
        np.testing.assert_array_equal(stack.read(3, 5), STACK[3:5])
    assert [first for first, _ in slabs] == list(range(0, 6, chunks[0]))
    np.testing.assert_array_equal(np.concatenate([planes for _, planes in slabs]), STACK)


@pytest.mark.parametrize(("axes", "fits"), [("zyx", True), ("xyz", False), ("tyx", False), ("zyxc", True)])
def test_axes_that_ilastik_notes_in_another_order_are_refused(file, axes, fits):
    stack = STACK if len(axes) == 3 else np.stack([STACK] * 3, axis=-1)
    write(file, data=stack)
    with h5py.File(file, "a") as hdf:
        hdf["data"].attrs["axistags"] = json.dumps({"axes": [{"key": axis} for axis in axes]})
    if fits:
        np.testing.assert_array_equal(read_stack(f"{file}:data"), stack)
    else:
        found = f"DATA_SHAPE {file}:data: axes {', '.join(axes)}, by its `axistags`"
        assert found in str(error_of(f"{file}:data"))


@pytest.mark.parametrize("around", [(0, 1), (1, 0), (1, 1), (2, 0)])
@pytest.mark.parametrize("tags", ["", "ctzyx"])
def test_axes_of_length_1_around_a_stack_are_left_out(file, around, tags):
    """ilastik saves z, y, x and a channel, its bundles t, z, y, x and a channel."""
    before, behind = around
    shape = (1,) * before + STACK.shape + (1,) * behind
    chunks = (1,) * before + (4, 16, 16) + (1,) * behind
    with h5py.File(file, "w") as hdf:
        data = hdf.create_dataset(
            "exported_data", data=STACK.reshape(shape), chunks=chunks, compression="gzip"
        )
        if tags:
            keys = tags[2 - before : 2] + "zyx" + "c" * behind
            data.attrs["axistags"] = json.dumps({"axes": [{"key": key} for key in keys]})
    with open_stack(str(file)) as stack:
        assert (stack.shape, stack.step) == (STACK.shape, 4)
        np.testing.assert_array_equal(stack.read(3, 5), STACK[3:5])
        np.testing.assert_array_equal(np.concatenate([planes for _, planes in stack.slabs()]), STACK)


def test_a_time_of_one_before_colours_is_left_out(file):
    coloured = np.stack([STACK, STACK + 1, STACK + 2], axis=-1)
    write(file, raw=coloured[None])
    np.testing.assert_array_equal(read_stack(str(file)), coloured)


def test_two_times_are_no_stack(file):
    write(file, raw=np.stack([STACK, STACK]), times=np.zeros((2, 6, 8, 8, 1), np.uint8))
    assert "shape (2, 6, 40, 30)" in str(error_of(f"{file}:raw"))
    assert "shape (2, 6, 8, 8, 1)" in str(error_of(f"{file}:times"))
    assert "0 stacks in the file" in str(error_of(file))


def test_cremi_notes_voxel_size_and_offset_at_the_dataset(file):
    write(file, raw=STACK)
    with h5py.File(file, "a") as hdf:
        hdf["raw"].attrs.update(resolution=(40.0, 4, 4), offset=(1480.0, 3644, 3644))
    with open_stack(str(file)) as stack:
        assert (stack.voxel_size_nm, stack.offset_nm) == ((40, 4, 4), (1480, 3644, 3644))
    with h5py.File(file, "a") as hdf:
        del hdf["raw"].attrs["resolution"], hdf["raw"].attrs["offset"]
        hdf["raw"].attrs["element_size_um"] = (0.05, 0.01, 0.01)
    with open_stack(str(file)) as stack:
        assert stack.voxel_size_nm == pytest.approx((50, 10, 10)) and stack.offset_nm is None
    with h5py.File(file, "a") as hdf:
        hdf["raw"].attrs["element_size_um"] = "tiny"
        hdf["raw"].attrs["resolution"] = np.zeros((3, 3))
        hdf["raw"].attrs["offset"] = h5py.Empty("f8")
    with open_stack(str(file)) as stack:
        assert stack.voxel_size_nm is None and stack.offset_nm is None


# What is missing


def test_a_missing_dataset_lists_what_there_is(file):
    write(file, **{"volumes/raw": STACK, "labels": STACK[:2]})
    for name in (":volumes/row", ":volumes", ":volumes/raw/x", ":/", "/volumes/row", "/volumes"):
        problem = error_of(f"{file}{name}")
        assert problem.code == "DATA_MISSING"
        assert "labels (2, 40, 30), volumes/raw (6, 40, 30)" in problem.found


# What is refused


def test_data_in_other_files_is_refused(tmp_path, file):
    secret = write(tmp_path / "secret.h5", x=STACK)
    (tmp_path / "raw.bin").write_bytes(STACK.tobytes())
    layout = h5py.VirtualLayout(STACK.shape, np.uint8)
    layout[:] = h5py.VirtualSource(str(secret), "x", STACK.shape)
    external = [(str(tmp_path / "raw.bin"), 0, STACK.size)]
    with h5py.File(file, "w") as hdf:
        hdf["link"] = h5py.ExternalLink(str(secret), "x")
        hdf["group"] = h5py.ExternalLink(str(secret), "/")
        hdf["soft"] = h5py.SoftLink("/link")
        hdf.create_virtual_dataset("virtual", layout)
        hdf.create_dataset("external", STACK.shape, np.uint8, external=external)
    for name in ("link", "group/x", "soft", "virtual", "external"):
        problem = error_of(f"{file}:{name}")
        assert problem.code == "DATA_FORMAT" and ("link" in problem.found or "another file" in problem.found)


def test_data_that_are_not_numbers_or_not_a_stack_are_refused(file):
    with h5py.File(file, "w") as hdf:
        hdf.create_dataset("object", (2, 2, 2), h5py.string_dtype())
        hdf["text"] = np.full((2, 2, 2), b"a")
        hdf["pairs"] = np.zeros((2, 2, 2), [("a", "u1"), ("b", "u1")])
        hdf["complex"] = np.zeros((2, 2, 2), "c8")
        hdf.create_dataset("unwritten", (2, 2, 2), "u1")
        hdf.create_dataset("giant", (10**6, 10**4, 10**4), "u1", chunks=(9, 9, 1))[0, 0, 0] = 1
        hdf.create_dataset("wide", (2, 30_000, 30_000), "u1", chunks=(1, 3000, 3000))[0, :3000, :30_000] = 1
        hdf.create_dataset("sparse", (10**5, 10**3, 10**3), "u1", chunks=(9, 9, 9))[0, 0, 0] = 1
        hdf["flat"] = np.zeros((2, 2), np.uint8)
        hdf["none"] = np.zeros((0, 2, 2), np.uint8)
        hdf["empty"] = h5py.Empty("u1")
        hdf["channels"] = np.zeros((2, 2, 2, 7), np.uint8)
    with h5py.File(file) as hdf:
        found = {name: error_of(f"{file}:{name}").code for name in hdf}
    refused = {"wide": "DATA_TOO_LARGE", "giant": "DATA_TOO_LARGE"}
    refused |= {"flat": "DATA_SHAPE", "channels": "DATA_SHAPE"}
    assert found == {name: refused.get(name, "DATA_FORMAT") for name in found} and len(found) == 12


def test_chunks_too_large_to_unpack_are_refused(file):
    with h5py.File(file, "w") as hdf:
        data = hdf.create_dataset("x", (700, 1024, 1024), "u1", chunks=(700, 1024, 1024), compression="gzip")
        data.id.write_direct_chunk((0, 0, 0), np.random.default_rng(0).bytes(10**5))
    problem = error_of(file)
    assert (problem.code, problem.found) == ("DATA_TOO_LARGE", "one chunk has 0.7 GiB")


def test_a_chunk_that_unpacks_to_more_than_its_voxels_is_refused(file):
    with h5py.File(file, "w") as hdf:
        data = hdf.create_dataset("x", (8, 1024, 1024), "u1", chunks=(4, 1024, 1024), compression="gzip")
        data.id.write_direct_chunk((0, 0, 0), zlib.compress(bytes(4 * 2**20)))
        data.id.write_direct_chunk((4, 0, 0), zlib.compress(bytes(160 * 2**20), 1))
    with open_stack(str(file)) as stack:
        assert not stack.read(0, 4).any()
        with pytest.raises(SynthemError, match="unpacks to more than the 4194304 of its voxels"):
            stack.read(4, 8)


def test_an_unknown_compression_is_named(file, monkeypatch):
    with h5py.File(file, "w") as hdf:
        hdf.create_dataset("x", data=STACK, compression="lzf")
    monkeypatch.setattr("h5py.h5z.filter_avail", lambda code: False)
    problem = error_of(file)
    assert problem.code == "DATA_FORMAT" and problem.found == "compression LZF"
