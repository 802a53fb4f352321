"""What of a file's name decides how it is read."""

import pytest

from synthem.sources.counted import counted_names


def counted(folder, source, *files):
    for file in files:
        (folder / file).parent.mkdir(parents=True, exist_ok=True)
        (folder / file).write_bytes(b"")
    return [part for _, part in counted_names(f"{folder}/{source}")]


@pytest.mark.parametrize(
    "name, ending",
    [
        ("a.tif", ".tif"),
        ("mouse.v2.TIF", ".tif"),
        ("a.nii.gz", ".nii.gz"),
        ("a.b.nii", ".nii"),
        ("a.h5:raw", ".h5"),
        ("none", ""),
    ],
)
def test_of_a_file_the_ending_counts(tmp_path, name, ending):
    assert counted(tmp_path, name) == [ending]


def test_one_of_several_slices_is_no_file_that_is_named_itself(tmp_path):
    """A TIFF that is named may hold the size of its pixels: where a folder is named, nobody asks."""
    assert counted(tmp_path, "stack", "stack/7.tif", "stack/10.TIFF") == ["*.tif", "*.tiff"]
    assert counted(tmp_path, "stack/7*") == ["*.tif"]
    assert counted(tmp_path, "stack/7.tif") == [".tif"]


def test_files_come_in_the_order_of_the_slices(tmp_path):
    counted(tmp_path, "stack", "stack/s10.png", "stack/s9.png")
    assert [file for file, _ in counted_names(f"{tmp_path}/stack")] == [
        f"{tmp_path}/stack/s9.png",
        f"{tmp_path}/stack/s10.png",
    ]


def test_in_a_store_the_place_of_a_chunk_counts(tmp_path):
    """Its last part says nothing: c/0/0/0 and c/1/0/0 are both `0`."""
    first = counted(tmp_path, "a.zarr", "a.zarr/zarr.json", "a.zarr/c/0/0/0")
    assert first == ["a.zarr/c/0/0/0", "a.zarr/zarr.json"]
    (tmp_path / "a.zarr/c/0").rename(tmp_path / "a.zarr/c/1")
    assert counted(tmp_path, "a.zarr:raw") == ["a.zarr/c/1/0/0", "a.zarr/zarr.json"]
