"""The table of whole stacks: by hand, and held against tissue whose numbers are known."""

import numpy as np
import pytest

from synthem.metrics.objects import columns_of as objects_columns
from synthem.metrics.objects import objects_in
from synthem.metrics.stack_table import columns_of, stack_row, stack_rows
from synthem.storage.files import write_table
from synthem.storage.volumes import Facts, Volume, write_volume

STACK = Facts((50.0, 10.0, 5.0))
CUBES = Facts((1000.0, 1000.0, 1000.0))


def row_of(labels, facts=STACK, sure=None):
    sure = np.full(labels.shape, 255, np.uint8) if sure is None else sure
    return stack_row(objects_in(labels, sure, facts), labels.shape, facts)


def test_a_stack_by_hand():
    """10 x 20 x 40 voxels of 2500 nm3; two objects inside, one at the first slice, one at the last column."""
    labels, sure = np.zeros((10, 20, 40), np.uint32), np.zeros((10, 20, 40), np.uint8)
    labels[2:4, 3:5, 5:10] = 1  # 20 voxels
    labels[6, 3:5, 5:10] = 2  # 10 voxels
    labels[0, 10, 5:15] = 3  # 10 voxels, cut
    labels[5, 10:15, 36:40] = 4  # 20 voxels, cut
    sure[labels == 1], sure[labels == 2], sure[labels == 3], sure[labels == 4] = 255, 255, 51, 102
    row = row_of(labels, sure=sure)
    assert row == {
        **{"z_voxels": 10, "y_voxels": 20, "x_voxels": 40, "z_um": 0.5, "y_um": 0.2, "x_um": 0.2},
        "volume_um3": 0.02,
        "total_um3": 1.5e-4,  # 60 voxels of 8000
        "fraction": 0.0075,
        "objects": 4,
        "cut": 2,
        "counted": 3,  # not that of the first slice
        "objects_per_um3": 179.937,  # in 9 x 19 x 39 voxels, 0.0166725 um3
        "mean_um3": 4.16813e-5,  # 0.0075 / 179.937
        "median_um3": 3.75e-5,  # of 20 and 10 voxels
        "confidence": pytest.approx((30 + 10 * 0.2 + 20 * 0.4) / 60, abs=5e-5),
        "least_confidence": 0.2,
    }
    assert {"stack", *row} == set(columns_of([row])) and columns_of([row])[0] == "stack"


def test_tiles_have_areas_without_their_padding():
    """3 x 4 and 4 x 5 pixels of 50 nm2 are 0.0016 um2, without first row and column 2 x 3 and 3 x 4, 0.0009.

    The mean is 0.21875 / (2 / 0.0009).
    """
    tiles = Facts((50.0, 10.0, 5.0), linked=False, tiles=((3, 4), (4, 5)))
    labels = np.zeros((2, 4, 5), np.uint32)
    labels[0, 0, 1:3], labels[0, 2, 3], labels[1, 1:3, 1:3] = 1, 2, 3
    row = row_of(labels, tiles)
    assert (row["area_um2"], row["total_um2"], row["fraction"]) == (0.0016, 0.00035, 0.21875)
    assert (row["objects"], row["cut"], row["counted"]) == (3, 2, 2)
    assert (row["objects_per_um2"], row["mean_um2"], row["median_um2"]) == (2222.22, 9.84375e-5, 0.0002)
    assert (row["z_voxels"], row["z_um"], row["y_um"]) == (2, None, 0.04)
    assert not [name for name in row if "um3" in name] and not [
        name for name in columns_of([row]) if "um3" in name
    ]


def test_volumes_and_areas_stand_in_one_table():
    rows = [
        row_of(np.zeros((1, 4, 5), np.uint32), facts)
        for facts in (STACK, Facts(STACK.voxel_size_nm, linked=False))
    ]
    names = columns_of(rows)
    assert {"volume_um3", "area_um2"} <= set(names) and len(set(names)) == len(names)


def test_without_objects_there_are_none_in_a_volume_and_no_sizes():
    row = row_of(np.zeros((2, 3, 3), np.uint32))
    assert (row["objects"], row["fraction"], row["objects_per_um3"], row["total_um3"]) == (0, 0, 0, 0)
    assert [row[name] for name in ("mean_um3", "median_um3", "confidence", "least_confidence")] == [None] * 4


def test_where_all_objects_come_from_before_the_stack_their_number_is_not_zero_but_unknown():
    labels = np.zeros((2, 3, 3), np.uint32)
    labels[:, 1, 1] = 1
    row = row_of(labels)
    assert (row["counted"], row["objects_per_um3"], row["mean_um3"]) == (0, None, None)


def test_numbers_and_means_are_those_of_the_tissue_although_faces_cut_most_objects():
    """Boxes 2 and 10 voxels wide, every 12 voxels by turns: one in 1728, of 504 voxels on average.

    Blocks of it at all places: what they show, and what of it is whole, are far from that.
    """
    tissue = np.zeros((48, 48, 48), np.uint32)
    for number, place in enumerate(np.ndindex(4, 4, 4)):
        wide = 10 if sum(place) % 2 else 2
        tissue[tuple(slice(12 * side, 12 * side + wide) for side in place)] = number + 1
    rows, shown, whole = [], [], []
    for shift in np.random.default_rng(0).integers(0, 48, (400, 3)):
        block = np.ascontiguousarray(np.roll(tissue, shift, (0, 1, 2))[:16, :22, :20])
        objects = objects_in(block, block.astype(np.uint8), CUBES)
        rows.append(stack_row(objects, block.shape, CUBES))
        shown += [row["voxels"] for row in objects]
        whole += [row["voxels"] for row in objects if not row["cut"]]
    number, share = (np.mean([row[name] or 0 for row in rows]) for name in ("objects_per_um3", "fraction"))
    assert number == pytest.approx(1 / 1728, rel=0.05) and share / number == pytest.approx(504, rel=0.05)
    assert np.mean(shown) < 0.6 * 504 and np.mean(whole) < 0.6 * 504


def test_rows_are_of_the_files_of_their_stacks(tmp_path):
    for name, depth in (("one", 3), ("two", 5)):
        (tmp_path / name / "real").mkdir(parents=True)
        write_volume(tmp_path / name / "volume.h5", Volume(np.zeros((depth, 4, 5), np.uint8), CUBES))
        labels = np.ones((depth, 4, 5), np.uint32)
        found = objects_in(labels, labels.astype(np.uint8), CUBES)
        write_table(tmp_path / name / "real/objects.csv", found, objects_columns(CUBES))
    rows = stack_rows(
        *([tmp_path / name / file for name in ("one", "two")] for file in ("real/objects.csv", "volume.h5"))
    )
    assert [(row["stack"], row["z_voxels"], row["total_um3"]) for row in rows] == [
        ("one", 3, 60),
        ("two", 5, 100),
    ]
