import json

import pytest
import tifffile
from numpy import zeros

from synthem.config.entries import filled_in, folders_of, sources_of, split_of
from synthem.config.layouts import FIXED, laid_out
from synthem.errors import SynthemError


def bright(files):
    return {"files": files, "foreground": "bright", "background": [], "ignore": []}


def save(path, depth=1):
    path.parent.mkdir(parents=True, exist_ok=True)
    tifffile.imwrite(path, zeros((depth, 4, 4), "uint8"))


def test_two_lines_of_config_are_a_whole_entry():
    entry = filled_in(
        "mine", {"image": "a.tif", "masks": {"mito": "m"}, "voxel_size_nm": [5.0, 5.0, 5.0]}, "mito"
    )
    assert entry == {
        "image": "a.tif",
        "masks": {"mito": bright("m")},
        "labels": {},
        "labelled_slices": [],
        "withheld": {},
        "validation": {},
        "test": {},
        "voxel_size_nm": [5.0, 5.0, 5.0],
        "tiles": False,
    }


def test_a_layout_fills_in_what_the_user_did_not_write():
    own = {
        "layout": "vnc",
        "folder": "d",
        "masks": {"membrane": "mine.tif"},
        "voxel_size_nm": [45.0, 4.6, 4.6],
    }
    entry = filled_in("v", own, "mitochondria")
    assert entry["image"] == "d/stack1/raw" and entry["voxel_size_nm"] == [45.0, 4.6, 4.6]
    assert entry["masks"]["membrane"] == bright("mine.tif")
    assert entry["masks"]["mitochondria"] == bright("d/stack1/mitochondria")
    assert entry["masks"]["glia"]["foreground"] == [159]


def test_the_lucchi_layout_scores_the_testing_stack():
    entry = filled_in("l", {"layout": "lucchi", "folder": "d"}, "mitochondria")
    assert entry["test"] == {
        "image": "d/testing.tif",
        "masks": {"mitochondria": bright("d/testing_groundtruth.tif")},
        "labels": {},
        "labelled_slices": [],
    }
    assert sources_of(entry) == [
        f"d/{part}{kind}.tif" for part in ("training", "testing") for kind in ("", "_groundtruth")
    ]


def test_cremi_membranes_are_where_neurons_meet_and_clefts_have_a_background():
    entry = filled_in("c", {"layout": "cremi-b", "folder": "d"}, "clefts")
    file = "d/sample_B_20160501.hdf"
    assert entry["image"] == f"{file}:volumes/raw"
    assert entry["masks"]["membrane"] == {
        "files": f"{file}:volumes/labels/neuron_ids",
        "foreground": "borders",
        "background": [],
        "ignore": [],
    }
    assert entry["masks"]["clefts"]["foreground"] == "labels"
    assert entry["masks"]["clefts"]["background"] == entry["labels"]["clefts"]["background"] == [2**64 - 1]
    assert entry["voxel_size_nm"] == []


@pytest.mark.parametrize("layout", FIXED)
def test_every_fixed_layout_lies_in_its_folder(layout):
    entry = filled_in("x", {"layout": layout, "folder": "some where"}, "mitochondria")
    assert all(source.startswith("some where/") for source in sources_of(entry))


def test_a_biapy_folder_of_slices_is_a_stack_and_one_of_a_single_file_is_that_file(tmp_path):
    for z in range(3):
        save(tmp_path / f"train/x/{z}.tif")
        save(tmp_path / f"train/y/{z}.tif")
    save(tmp_path / "test/x/stack.tif", 5)
    save(tmp_path / "test/y/stack.tif", 5)
    found = laid_out("biapy", str(tmp_path), "volumes.b", "nuclei")
    assert found == {
        "image": f"{tmp_path}/train/x",
        "masks": {"nuclei": f"{tmp_path}/train/y"},
        "test": {
            "image": f"{tmp_path}/test/x/stack.tif",
            "masks": {"nuclei": f"{tmp_path}/test/y/stack.tif"},
        },
    }


@pytest.mark.parametrize("suffix", ["tif", "nii.gz"])
def test_an_nnunet_folder_says_its_classes_in_dataset_json(tmp_path, suffix):
    labels = {"background": 0, "mitochondria": 1, "membrane": 2, "ignore": 3}
    (tmp_path / "dataset.json").write_text(json.dumps({"labels": labels}))
    for part in ("Tr", "Ts"):
        for file in (f"images{part}/case_0000.{suffix}", f"labels{part}/case.{suffix}"):
            (tmp_path / file).parent.mkdir()
            (tmp_path / file).touch()
    found = laid_out("nnunet", str(tmp_path), "volumes.n", "mitochondria")
    assert found["image"] == f"{tmp_path}/imagesTr/case_0000.{suffix}" and found["tiles"] is False
    mask = {"files": f"{tmp_path}/labelsTr/case.{suffix}", "foreground": [1], "ignore": [3]}
    assert found["masks"]["mitochondria"] == mask
    assert found["test"]["masks"]["membrane"]["files"] == f"{tmp_path}/labelsTs/case.{suffix}"


def test_nnunet_pictures_are_tiles(tmp_path):
    (tmp_path / "dataset.json").write_text('{"labels": {"background": 0, "nuclei": 1}}')
    for name in ("imagesTr/a_0000.png", "imagesTr/b_0000.png", "labelsTr/a.png", "labelsTr/b.png"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).touch()
    found = laid_out("nnunet", str(tmp_path), "volumes.n", "nuclei")
    assert found["tiles"] is True and found["image"] == f"{tmp_path}/imagesTr/*_0000.png"


@pytest.mark.parametrize("text", ["{", "[]", '{"labels": {"a": [1, 2]}}', "{}"])
def test_a_dataset_json_of_another_kind_is_an_error(tmp_path, text):
    (tmp_path / "dataset.json").write_text(text)
    with pytest.raises(SynthemError, match="DATA_FORMAT .*dataset.json"):
        laid_out("nnunet", str(tmp_path), "volumes.n", "a")


def test_folders_are_named_once_and_those_inside_others_are_left_out(tmp_path):
    (tmp_path / "raw/masks").mkdir(parents=True)
    sources = [
        f"{tmp_path}/raw",
        f"{tmp_path}/raw/masks",
        f"{tmp_path}/labels.h5:x",
        f"{tmp_path}/rawer/a.tif",
        "b.tif",
    ]
    assert folders_of(sources[:2]) == [f"{tmp_path}/raw"]
    assert folders_of(sources[3:]) == [f"{tmp_path}/rawer", "."] or folders_of(sources[3:]) == [
        ".",
        f"{tmp_path}/rawer",
    ]
    assert folders_of(sources[:3]) == [str(tmp_path)]


def test_labelled_slices_are_numbers_and_ranges_with_both_ends():
    entry = filled_in("v", {"image": "a", "labelled_slices": ["0-3", "7", "9 - 10", 50]}, "mito")
    assert entry["labelled_slices"] == [0, 1, 2, 3, 7, 9, 10, 50]
    own = filled_in("v", {"image": "a", "test": {"image": "b", "labelled_slices": [2]}}, "mito")
    assert (own["labelled_slices"], own["test"]["labelled_slices"]) == ([], [2])


@pytest.mark.parametrize(
    ("slices", "words"),
    [
        (["9-0"], "`9-0`"),
        (["0 to 9"], "`0 to 9`"),
        (["1-2000000"], "`1-2000000`"),
        (["-3"], "`-3`"),
        (["0-5", 3], "slice 3 more than once"),
        ([8, "0-2"], ".8, 0, 1, 2. .expected rising numbers"),
    ],
)
def test_labelled_slices_that_are_none_are_refused(slices, words):
    with pytest.raises(SynthemError, match=f"CONFIG_VALUE volumes.v.labelled_slices: {words}"):
        filled_in("v", {"image": "a", "labelled_slices": slices}, "mito")


def test_a_volume_may_have_a_fold_of_its_own_and_what_is_not_scored_has_no_test_block():
    split, plain = {"test": 0.25, "gap_nm": 100, "fold": 1}, {"image": "a.tif"}
    entry = filled_in("v", plain | {"fold": 3}, "mito")
    assert entry["fold"] == 3 and split_of(split, entry, scored=True) == split | {"fold": 3}
    assert split_of(split, entry, scored=False) == {"test": 0, "gap_nm": 0, "fold": 0}
    assert split_of(split, filled_in("v", plain, "mito"), scored=True) == split


def test_a_split_that_cuts_nothing_of_a_volume_is_no_part_of_it():
    """What `split` says of the others must not read the volume again, nor train what has learnt from it."""
    split, plain = {"test": 0.25, "gap_nm": 100, "fold": 1}, {"image": "a.tif"}
    tested = filled_in("v", plain | {"test": {"image": "b.tif"}}, "mito")
    assert split_of(split, tested, scored=True) == {"test": 0, "gap_nm": 0, "fold": 0}
    tiles = filled_in("v", plain | {"tiles": True}, "mito")
    assert split_of(split, tiles, scored=True) == split | {"gap_nm": 0}
