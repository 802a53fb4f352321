import os
import time

import pytest

from synthem.sources.names import (
    decimals_in_doubt,
    files_of,
    is_pattern,
    numbers_in_names,
    orders_differ,
    split_source,
)


def made(folder, *names):
    for name in names:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).touch()


def names_of(source, folder):
    return [str(file.relative_to(folder)) for file in files_of(str(source))]


def test_a_dataset_is_split_from_its_file():
    assert split_source("a/b.h5:c/d") == ("a/b.h5", "c/d")
    assert split_source("a:b/c.HDF5:d:e") == ("a:b/c.HDF5", "d:e")
    assert split_source("a/b.ome.zarr:0") == ("a/b.ome.zarr", "0")
    assert split_source("a/b.zarr") == ("a/b.zarr", None)
    assert split_source("C:/a.tif") == ("C:/a.tif", None)
    assert split_source("a\nb.h5:c") == ("a\nb.h5", "c")


def test_a_path_may_go_on_inside_a_store_or_a_file(tmp_path):
    made(tmp_path, "a.ome.zarr/zarr.json", "a.ome.zarr/b.ZARR/0/zarr.json", "c.hdf5", "d.h5/1.png")
    for path, inside in [
        ("a.ome.zarr", "volumes/raw"),
        ("a.ome.zarr", "missing.zarr/0"),
        ("a.ome.zarr/b.ZARR", "0"),
        ("a.ome.zarr/b.ZARR", None),
        ("c.hdf5", "volumes/raw"),
    ]:
        for end in ("", "/"):
            source = "/".join(filter(None, [path, inside])) + end
            assert split_source(f"{tmp_path}/{source}") == (f"{tmp_path}/{path}", inside)


@pytest.mark.parametrize(
    "source",
    [
        "a.zarr/b.tif",
        "a.zarr/../b",
        "a.zarr/*.tif",
        "a.zarr/slices",
        "missing.zarr/raw",
        "missing.h5/raw",
        "d.h5/1.png",
        "d.h5",
        "a\0.zarr/b",
    ],
)
def test_a_file_or_folder_of_its_own_is_not_split(tmp_path, source):
    made(tmp_path, "a.zarr/zarr.json", "a.zarr/b.tif", "a.zarr/slices/1.png", "b/1.png", "d.h5/1.png")
    assert split_source(f"{tmp_path}/{source}") == (f"{tmp_path}/{source}", None)


def test_slices_are_in_natural_order_without_hidden_and_other_files(tmp_path):
    names = ["0.tiff", "Slice1.PNG", "slice02.png", "slice2.png", "slice10.png", "slice²3.tif"]
    made(tmp_path, *reversed(names), ".DS_Store", "._slice1.png", "Thumbs.db", "notes.txt", ".x.png")
    assert names_of(tmp_path, tmp_path) == names


def test_the_last_number_that_varies_is_the_slice(tmp_path):
    made(tmp_path, "t9_z1.png", "t3_z2.png", "t5_z10.png")
    assert names_of(tmp_path, tmp_path) == ["t9_z1.png", "t3_z2.png", "t5_z10.png"]


@pytest.mark.parametrize(
    ("names", "doubt"),
    [
        ("slice_0.5nm_001 slice_0.5nm_002 slice_0.5nm_010", False),
        ("z12.50 z12.75 z13.00 z13.25", False),
        ("z9.8 z9.9 z10.0", False),
        ("z12 z12.5 z13 z13.5", False),
        ("z12.25 z12.5 z12.75", False),
        ("s_2.9 s_2.10 s_2.11", False),  # counted: nobody writes 2.1 as 2.10 beside 2.9
        ("s1.1 s1.2 s1.3 s1.9 s1.11 s1.12", False),  # one series: 1.10 is missing
        ("s1.9 s1.11", False),
        ("z0.25 z0.5 z0.75", False),  # of no series
        ("z12.75 z13.00 z13.25 z13.5", False),  # 13.00 does not count on
        ("z12.50 z13.00", True),  # of two slices no step is seen
        ("1.2.3 1.2.5 1.2.10", False),  # of three parts there are no decimals
        ("2024.01.02_1 2024.01.02_2 2024.01.02_10", False),
        ("z12.51 z12.76 z13.02", True),  # 02, 51, 76 by the last number
        ("z12.25 z12.3 z12.5", True),  # 3, 5, 25
        ("t9.001 t9.003 t10.002", True),
        ("t9.001 t9.002 t10.003", False),
        ("a1.5 a2.5 b1.5", False),
        ("z1.5", False),
    ],
)
def test_decimals_are_one_number_each_where_they_can_be_and_doubted_where_two_order_otherwise(
    tmp_path, names, doubt
):
    names = [f"{name}.tif" for name in names.split()]
    made(tmp_path, *reversed(names))
    assert names_of(tmp_path, tmp_path) == names
    assert decimals_in_doubt(names) == doubt


@pytest.mark.parametrize(
    ("names", "differ"),
    [
        (["sec_1_img_8842.png", "sec_2_img_8801.png", "sec_3_img_8850.png"], True),
        (["sec_1_img_8801.png", "sec_2_img_8842.png", "sec_10_img_8850.png"], False),
        (["t9_z1.png", "t9_z2.png", "t8_z3.png"], False),  # the first would order none
        (["a.png", "b2.png"], False),
        (["z1.png"], False),
        (["z12.50.png", "z12.75.png", "z13.00.png"], False),  # one number, not two
        (["sec_1_z12.75.png", "sec_2_z12.50.png"], True),
    ],
)
def test_two_numbers_that_order_slices_differently_are_found(names, differ):
    assert orders_differ(names) == differ


def test_stacks_side_by_side_are_not_shuffled(tmp_path):
    made(tmp_path, "a2/z1.png", "a2/z2.png", "a1/z1.png", "a1/z2.png")
    found = names_of(tmp_path / "a*" / "z*.png", tmp_path)
    assert found == ["a1/z1.png", "a1/z2.png", "a2/z1.png", "a2/z2.png"]


@pytest.mark.parametrize(
    "pattern, found",
    [
        ("*_raw.tif", ["1_raw.tif", "2_raw.tif"]),
        ("?_m*", ["1_mask.png", "2_mask.png"]),
        ("[2]_*", ["2_mask.png", "2_raw.tif"]),
        ("**/*.png", ["1_mask.png", "2_mask.png", "a/3.png", "a/b/4.png"]),
        ("**/b/*.png", ["a/b/4.png"]),
        ("a/**", ["a/3.png", "a/b/4.png"]),
        ("c*", []),
    ],
)
def test_a_pattern_names_the_slices_that_fit_it(tmp_path, pattern, found):
    made(tmp_path, *("1_raw.tif", "2_raw.tif", "1_mask.png", "2_mask.png", "2_note.txt"))
    made(tmp_path, "a/3.png", "a/b/4.png", ".hidden/5.png")
    assert names_of(tmp_path / pattern, tmp_path) == found


def test_a_pattern_is_also_found_from_where_one_stands(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    made(tmp_path, "data/1.png", "data/2.png")
    assert [str(file) for file in files_of("data/*.png")] == ["data/1.png", "data/2.png"]


def test_a_file_whose_name_looks_like_a_pattern_is_that_file(tmp_path):
    made(tmp_path, "a[1].tif", "a1.tif")
    assert not is_pattern(str(tmp_path / "a[1].tif"))
    assert names_of(tmp_path / "a[1].tif", tmp_path) == ["a[1].tif"]


def test_a_pattern_ends_in_loops_of_links(tmp_path):
    made(tmp_path, "a/1.png")
    for name in "bcd":
        (tmp_path / "a" / name).symlink_to(tmp_path)
    start = time.process_time()
    assert names_of(tmp_path / "**" / "*.png", tmp_path) == ["a/1.png"]
    assert time.process_time() - start < 1


@pytest.mark.parametrize("name", ["missing.tif", "a" * 300, "a\0b", "loop", "a\0*/b", "missing.zarr"])
def test_a_file_that_is_missing_is_named_too(tmp_path, name):
    if name == "loop":
        (tmp_path / name).symlink_to(tmp_path / name)
    assert files_of(str(tmp_path / name)) == ([] if "*" in name else [tmp_path / name])


def test_a_zarr_store_is_all_its_files_without_those_behind_links(tmp_path):
    made(tmp_path, "s.zarr/zarr.json", "s.zarr/c/1/0", "s.zarr/c/0/0", "other/x")
    os.symlink(tmp_path / "other", tmp_path / "s.zarr" / "link")
    for source in (tmp_path / "s.zarr", f"{tmp_path}/s.zarr:c", tmp_path / "s.zarr" / "c"):
        assert names_of(source, tmp_path) == ["s.zarr/c/0/0", "s.zarr/c/1/0", "s.zarr/zarr.json"]


@pytest.mark.parametrize(
    "names, numbers",
    [
        (["z1.png", "z02.png", "z10.PNG"], [1, 2, 10]),
        (["1.png", "01.png"], [1, 1]),
        (["4_z1.png", "4_z2.png"], [1, 2]),
        (["3_z1.png", "4_z2.png"], None),
        (["a1.png", "b2.png"], None),
        (["a.png"], None),
        (["2.1.png", "2.2.png", "2.10.png"], [1, 2, 10]),
        (["12.0um.png", "13.0um.png"], [12, 13]),
        (["z12.50.png", "z13.00.png", "z13.25.png"], None),  # places along z: 12.75 need not be there
    ],
)
def test_slices_have_numbers_where_their_names_differ_in_one(names, numbers):
    assert numbers_in_names(names) == numbers
