import gzip
import json
import os
import sys

import numpy as np
import pytest

from synthem.errors import SynthemError
from synthem.sources.opening import open_stack
from tests.shared.whole_stacks import error_of, read_stack

zarr = pytest.importorskip("zarr", minversion="3", reason="zarr is an extra")
STACK = np.random.default_rng(0).integers(0, 256, (6, 40, 30), dtype=np.uint8)


def store(path, data=STACK, *, name=None, version=3, chunks=(4, 16, 16), **options):
    group = zarr.open_group(str(path), mode="a", zarr_format=version) if name else None
    if not name:
        array = zarr.create_array(
            str(path), shape=data.shape, dtype=data.dtype, chunks=chunks, zarr_format=version, **options
        )
    else:
        array = group.create_array(name, shape=data.shape, dtype=data.dtype, chunks=chunks, **options)
    array[...] = data
    return path


def ome(path, data, names, scale, *, units=("nanometer",) * 3, version=2, factor=None):
    store(path, data, name="0", version=version, chunks=(1,) * (data.ndim - 2) + (16, 16))
    store(path, data[..., ::2, ::2], name="1", version=version, chunks=(1,) * (data.ndim - 2) + (16, 16))
    units = dict(zip("zyx", units, strict=True))
    axes = [{"name": name} | ({"unit": units[name]} if units.get(name) else {}) for name in names]
    levels = [
        {"path": str(n), "coordinateTransformations": [{"type": "scale", "scale": scale}]} for n in (0, 1)
    ]
    multiscale = {"axes": axes, "datasets": levels}
    if factor:
        multiscale["coordinateTransformations"] = [{"type": "scale", "scale": factor}]
    notes = {"multiscales": [multiscale]}
    zarr.open_group(str(path), mode="a").attrs.update({"ome": notes} if version == 3 else notes)
    return path


def changed(path, **changes):
    """Change the metadata of an array behind the back of zarr."""
    file = path / ("zarr.json" if (path / "zarr.json").exists() else ".zarray")
    file.write_text(json.dumps(json.loads(file.read_text()) | changes))


# What can be read


@pytest.mark.parametrize("dtype", ["uint8", ">u2", "uint64", "float32", "bool", "float16"])
@pytest.mark.parametrize("version", [2, 3])
def test_an_array_reads_in_the_order_of_this_machine(tmp_path, version, dtype):
    if (version, dtype) == (3, ">u2"):
        pytest.skip("Zarr 3 keeps the order of bytes in a codec")
    path = store(tmp_path / "a.zarr", STACK.astype(dtype), version=version)
    returned = {"bool": "uint8", "float16": "float32", ">u2": "uint16"}.get(dtype, dtype)
    with open_stack(str(path)) as stack:
        assert (stack.shape, stack.step, stack.levels) == ((6, 40, 30), 4, 2 if dtype == "bool" else None)
        slabs = list(stack.slabs())
        np.testing.assert_array_equal(stack.read(3, 5), STACK.astype(dtype)[3:5])
    assert [first for first, _ in slabs] == [0, 4]
    read = np.concatenate([planes for _, planes in slabs])
    assert read.dtype == stack.dtype == np.dtype(returned) and read.dtype.isnative
    np.testing.assert_array_equal(read, STACK.astype(dtype))


@pytest.mark.parametrize(
    "options",
    [
        {"compressors": zarr.codecs.GzipCodec()},
        {"compressors": zarr.codecs.ZstdCodec()},
        {"compressors": zarr.codecs.BloscCodec(cname="lz4")},
        {"compressors": None},
        {"shards": (4, 32, 32)},
        {"shards": (4, 32, 32), "compressors": zarr.codecs.GzipCodec()},
    ],
    ids=["gzip", "zstd", "blosc", "raw", "shards", "gzip in shards"],
)
def test_the_usual_compressions_and_shards_read(tmp_path, options):
    np.testing.assert_array_equal(read_stack(str(store(tmp_path / "a.zarr", **options))), STACK)


@pytest.mark.parametrize("name", ["Zlib", "GZip", "Blosc", "Zstd", "LZ4"])
def test_the_usual_compressions_of_zarr_2_read(tmp_path, name):
    numcodecs = pytest.importorskip("numcodecs")
    path = store(tmp_path / "a.zarr", version=2, compressors=getattr(numcodecs, name)())
    np.testing.assert_array_equal(read_stack(str(path)), STACK)


@pytest.mark.parametrize("version", [2, 3])
def test_an_array_is_found_by_its_path_or_because_it_is_the_only_one(tmp_path, version):
    path = store(tmp_path / "a.zarr", name="volumes/raw", version=version)
    inside = (f"{path}:volumes/raw", f"{path}:/volumes//raw/", f"{path}/volumes/raw", f"{path}/volumes/")
    for source in (path, f"{path}/", f"{path}:volumes", *inside):
        np.testing.assert_array_equal(read_stack(str(source)), STACK)
    store(path, STACK[:2], name="volumes/labels", version=version)
    np.testing.assert_array_equal(read_stack(f"{path}:volumes/raw"), STACK)
    held = "it holds volumes/labels (2, 40, 30), volumes/raw (6, 40, 30)"
    for source in (path, f"{path}:row", f"{path}/volumes/row", f"{path}/row.zarr/0"):
        problem = error_of(source)
        assert problem.code == "DATA_MISSING" and held in problem.found
    assert problem.where == f"{path}:row.zarr/0" and problem.found.startswith("no array here")


def test_notes_at_an_array_give_voxel_size_and_offset(tmp_path):
    path = store(tmp_path / "a.zarr")
    zarr.open_array(str(path), mode="a").attrs.update(resolution=[40, 4, 4], offset=[400, 8, 8])
    with open_stack(str(path)) as stack:
        assert (stack.voxel_size_nm, stack.offset_nm) == ((40, 4, 4), (400, 8, 8))


@pytest.mark.parametrize("version", [2, 3])
@pytest.mark.parametrize("names", ["zyx", "czyx", "tczyx"])
def test_of_ome_zarr_the_finest_level_is_read_with_its_voxel_size(tmp_path, version, names):
    extra = len(names) - 3
    data, scale = STACK.reshape((1,) * extra + STACK.shape), [1.0] * extra + [0.05, 8, 4]
    units = ("micrometer", "nanometer", "nanometer")
    path = ome(tmp_path / "a.ome.zarr", data, names, scale, units=units, version=version)
    for source in (path, f"{path}:0", path / "0"):
        with open_stack(str(source)) as stack:
            assert stack.shape == STACK.shape
            assert stack.voxel_size_nm == pytest.approx((50, 8, 4))
            np.testing.assert_array_equal(stack.read(2, 5), STACK[2:5])
    with open_stack(f"{path}:1") as stack:
        assert stack.shape == (6, 20, 15)


def test_scales_of_ome_zarr_multiply_and_need_units(tmp_path):
    path = ome(tmp_path / "a.zarr", STACK, "zyx", [5, 1, 1], factor=[10, 8, 4])
    with open_stack(str(path)) as stack:
        assert stack.voxel_size_nm == (50, 8, 4)
    path = ome(tmp_path / "b.zarr", STACK, "zyx", [5, 1, 1], units=(None, "nanometer", "nanometer"))
    with open_stack(str(path)) as stack:
        assert stack.voxel_size_nm is None


def test_translations_of_ome_zarr_are_offsets_in_nm(tmp_path):
    """0.1 um along z, doubled, and 0.05 um more."""
    path = ome(
        tmp_path / "a.zarr", STACK, "zyx", [0.05, 8, 4], units=("micrometer", "nanometer", "nanometer")
    )
    file = path / ".zattrs"
    notes = json.loads(file.read_text())
    changes = notes["multiscales"][0]["datasets"][0]["coordinateTransformations"]
    changes.append({"type": "translation", "translation": [0.1, 0, 40]})
    notes["multiscales"][0]["coordinateTransformations"] = [
        {"type": "scale", "scale": [2, 1, 1]},
        {"type": "translation", "translation": [0.05, 16, 0]},
    ]
    file.write_text(json.dumps(notes))
    with open_stack(str(path)) as stack:
        assert stack.voxel_size_nm == pytest.approx((100, 8, 4))
        assert stack.offset_nm == pytest.approx((250, 16, 40))


def test_a_single_plane_of_ome_zarr_is_a_stack_of_one(tmp_path):
    path = ome(tmp_path / "a.zarr", STACK[0], "yx", [8, 4])
    np.testing.assert_array_equal(read_stack(str(path)), STACK[:1])


@pytest.mark.parametrize("version", [2, 3])
def test_axes_of_length_1_around_an_array_without_names_are_left_out(tmp_path, version):
    path, data = tmp_path / "a.zarr", STACK[None, ..., None]
    zarr.create_array(str(path), data=data, chunks=(1, 4, 16, 16, 1), zarr_format=version)
    with open_stack(str(path)) as stack:
        assert (stack.shape, stack.step) == (STACK.shape, 4)
        np.testing.assert_array_equal(stack.read(0, 6), STACK)


def test_several_channels_are_named(tmp_path):
    path = ome(tmp_path / "a.zarr", np.stack([STACK, STACK]), "czyx", [1, 1, 1, 1])
    problem = error_of(path)
    assert problem.code == "DATA_SHAPE" and problem.found == "axes c (2), z (6), y (40), x (30)"


@pytest.mark.parametrize("version", [2, 3])
@pytest.mark.parametrize("options", [{}, {"shards": (4, 32, 32)}], ids=["chunks", "shards"])
def test_chunks_that_were_never_written_are_counted(tmp_path, version, options):
    if version == 2 and options:
        pytest.skip("Zarr 2 has no shards")
    path = store(tmp_path / "a.zarr", STACK + 1, version=version, **options)
    with open_stack(str(path)) as stack:
        assert stack.unwritten == ""
    files = sorted(one for one in path.rglob("*") if one.is_file() and not one.name.strip("0123456789."))
    # 6 x 40 x 30 in chunks of 4 x 16 x 16: 2 x 3 x 2; in shards of 4 x 32 x 32: 2 x 2 x 1
    total = 4 if options else 12
    assert len(files) == total
    files[-1].unlink()
    (path / ".DS_Store").touch()
    (path / "9.9.9").touch()  # beyond the array
    with open_stack(str(path)) as stack:
        assert stack.unwritten == f"1 of {total} chunks"


# What is refused


def test_without_the_library_the_fix_names_it(tmp_path, monkeypatch):
    path = store(tmp_path / "a.zarr")
    monkeypatch.setitem(sys.modules, "zarr", None)
    problem = error_of(path)
    assert problem.code == "DATA_FORMAT" and problem.fix == 'pip install "zarr>=3"'


def test_a_missing_or_empty_store_is_told(tmp_path):
    assert error_of(tmp_path / "a.zarr").code == "DATA_MISSING"
    (tmp_path / "a.zarr").mkdir()
    assert error_of(tmp_path / "a.zarr").code == "DATA_MISSING"
    zarr.open_group(str(tmp_path / "a.zarr"), mode="w")
    assert "it holds no array" in error_of(tmp_path / "a.zarr").found


@pytest.mark.parametrize("version", [2, 3])
def test_an_array_that_was_never_written_is_not_black(tmp_path, version):
    zarr.create_array(str(tmp_path / "a.zarr"), shape=(4, 5, 6), dtype="u1", zarr_format=version)
    assert "never written" in error_of(tmp_path / "a.zarr").found


@pytest.mark.parametrize(
    "version, changes, code",
    [
        (2, {"dtype": "|O"}, "DATA_FORMAT"),
        (2, {"dtype": [["a", "|u1"]]}, "DATA_FORMAT"),
        (2, {"dtype": "|S3"}, "DATA_FORMAT"),
        (2, {"dtype": "<c8"}, "DATA_FORMAT"),
        (2, {"filters": [{"id": "pickle", "protocol": 5}]}, "DATA_FORMAT"),
        (2, {"filters": [{"id": "json2"}]}, "DATA_FORMAT"),
        (2, {"compressor": {"id": "pickle"}}, "DATA_FORMAT"),
        (2, {"compressor": {"id": "no such"}}, "DATA_FORMAT"),
        (2, {"shape": [10**5, 10**5, 10**5]}, "DATA_TOO_LARGE"),
        (2, {"shape": [10**5, 10**3, 10**3]}, "DATA_FORMAT"),
        (2, {"chunks": [10**3, 10**3, 10**3]}, "DATA_TOO_LARGE"),
        (2, {"chunks": [4, 16]}, "DATA_FORMAT"),
        (2, {"chunks": [0, 16, 16]}, "DATA_FORMAT"),
        (2, {"shape": [-6, 40, 30]}, "DATA_FORMAT"),
        (2, {"shape": "many"}, "DATA_FORMAT"),
        (3, {"data_type": "string"}, "DATA_FORMAT"),
        (3, {"data_type": {"name": "structured"}}, "DATA_FORMAT"),
        (3, {"codecs": [{"name": "vlen-utf8"}]}, "DATA_FORMAT"),
        (3, {"codecs": [{"name": "numcodecs.pickle"}]}, "DATA_FORMAT"),
        (3, {"codecs": 5}, "DATA_FORMAT"),
        (3, {"storage_transformers": [{"name": "x"}]}, "DATA_FORMAT"),
        (3, {"shape": [10**5, 10**5, 10**5]}, "DATA_TOO_LARGE"),
        (3, {"chunk_grid": {"name": "odd"}}, "DATA_FORMAT"),
        (3, {"node_type": "group"}, "DATA_MISSING"),
        (3, {"attributes": {"ome": {"multiscales": [{"datasets": [{"path": "../b"}]}]}}}, "DATA_FORMAT"),
        (3, {"attributes": {"multiscales": "many"}}, "DATA_FORMAT"),
        (3, {"attributes": []}, "DATA_FORMAT"),
    ],
)
def test_forged_metadata_is_refused_before_zarr_sees_it(tmp_path, version, changes, code, monkeypatch):
    path = store(tmp_path / "a.zarr", version=version)
    if "attributes" in changes:
        path = store(tmp_path / "b.zarr", name="x", version=version).parent / "b.zarr"
    changed(path, **changes)
    monkeypatch.setattr(zarr, "open_array", None)
    assert error_of(path).code == code


def test_consolidated_metadata_is_not_believed(tmp_path):
    path = store(tmp_path / "a.zarr", name="raw", version=2)
    zarr.consolidate_metadata(str(path))
    notes = json.loads((path / ".zmetadata").read_text())
    notes["metadata"]["raw/.zarray"]["shape"] = [999, 40, 30]
    (path / ".zmetadata").write_text(json.dumps(notes))
    np.testing.assert_array_equal(read_stack(str(path)), STACK)


@pytest.mark.parametrize("metadata", ["", "{", "[1]", "[" * 100_000, "null", "\0"])
def test_metadata_that_is_not_json_is_told(tmp_path, metadata):
    path = store(tmp_path / "a.zarr")
    (path / "zarr.json").write_text(metadata)
    assert error_of(path).code == "DATA_FORMAT"


@pytest.mark.parametrize("inside", ["../b.zarr", "x/../../b.zarr", "a\0b", "..", "/etc", "x" * 300])
def test_a_path_does_not_lead_out_of_the_store(tmp_path, inside):
    store(tmp_path / "b.zarr")
    store(tmp_path / "a.zarr", name="x")
    assert error_of(f"{tmp_path}/a.zarr:{inside}").code in ("DATA_FORMAT", "DATA_MISSING")


def test_links_out_of_the_store_are_refused(tmp_path):
    other = store(tmp_path / "b.zarr", name="x")
    path = store(tmp_path / "a.zarr", name="x")
    for target in (other / "x", other / "x" / "zarr.json", tmp_path / "none"):
        (path / "y").symlink_to(target)
        assert "leads out of its Zarr store" in error_of(path).found
        (path / "y").unlink()
    (path / "y").symlink_to(path / "x")
    np.testing.assert_array_equal(read_stack(f"{path}:x"), STACK)


def test_a_pipe_in_a_store_does_not_hang(tmp_path):
    path = store(tmp_path / "a.zarr")
    os.unlink(path / "c" / "1" / "0" / "0")
    os.mkfifo(path / "c" / "1" / "0" / "0")
    assert error_of(path).code == "DATA_MISSING"


def test_a_chunk_that_unpacks_to_more_than_its_voxels_is_refused(tmp_path):
    data = np.ones((8, 512, 512), np.uint8)
    path = store(tmp_path / "a.zarr", data, chunks=(4, 512, 512), compressors=zarr.codecs.GzipCodec())
    assert read_stack(str(path)).all()
    (path / "c" / "1" / "0" / "0").write_bytes(gzip.compress(bytes(160 * 2**20), 1))
    with open_stack(str(path)) as stack:
        assert stack.read(0, 4).all()
        with pytest.raises(SynthemError, match="unpacks to more than the 1048576 of its voxels"):
            stack.read(3, 5)


def test_a_truncated_chunk_is_told(tmp_path):
    path = store(tmp_path / "a.zarr")
    chunk = path / "c" / "0" / "0" / "0"
    for length in (1, 10, 100):
        chunk.write_bytes(chunk.read_bytes()[:length] if length > 1 else b"x")
        assert error_of(path).code == "DATA_FORMAT"
