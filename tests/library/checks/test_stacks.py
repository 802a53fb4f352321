"""Stacks without labels beside the target whose networks shall segment them."""

import h5py
import numpy as np
import pytest

from synthem.checks.everything import check_volumes
from synthem.config.entries import filled_in, stack_filled_in
from synthem.exports import mesh_size
from tests.shared.check_settings import STUDY

SETTINGS = STUDY | {"targets": ["brain"]}
SETTINGS |= {"draws": [{"budget": 1, "replicate": 1, "strategy": "first", "validation": 0}]}
SPLIT = {"test": 0.2, "gap_nm": 0, "fold": 0}


def written(path, array):
    with h5py.File(path, "w") as file:
        file["data"] = array
    return f"{path}:data"


@pytest.fixture
def checked(tmp_path):
    """checked(name=entry, or an array) -> (rows of the stacks {name: row}, problems as text)."""
    random = np.random.default_rng(0)
    mask = np.zeros((10, 8, 9), np.uint8)
    mask[:, 2:4, 2:4] = 255
    entry = {
        "image": written(tmp_path / "brain.h5", random.integers(1, 255, (10, 8, 9), dtype=np.uint8)),
        "masks": {"mito": written(tmp_path / "mito.h5", mask)},
        "voxel_size_nm": [50.0, 5.0, 5.0],
    }
    volumes = {"brain": filled_in("brain", entry, "mito")}

    def check(array=None, meshes=(), shared=None, learnt="brain", **given):
        if array is None:
            array = random.integers(1, 255, (6, 12, 10), dtype=np.uint8)
        entry = {"image": written(tmp_path / "stack.h5", array), "voxel_size_nm": [50.0, 5.0, 5.0]}
        stacks = {"whole": stack_filled_in(entry | given)}
        known = SETTINGS | {"splits": {"brain": SPLIT}, "stacks": stacks, "learnt": learnt, "meshes": meshes}
        known |= {"shared": shared}
        rows, problems = check_volumes(volumes, **known)
        (row,) = (row for row in rows if row["volume"] == "whole")
        return row, [str(problem) for problem in problems]

    return check


@pytest.mark.parametrize(
    ("most", "meshes", "found"),
    [
        # Whole, 6 slices of 12 x 10; of the target the two test slices of 8 x 9.
        (719, [["whole", "apply.formats"]], ["apply.formats of whole: a mesh of 720 voxels"]),
        (720, [["whole", "apply.formats"]], []),
        (143, [["brain", "exports.formats"]], ["exports.formats of brain: a mesh of 144 voxels"]),
        (
            144,
            [["brain", "exports.formats"], ["whole", "apply.formats"]],
            ["apply.formats of whole: a mesh of 720"],
        ),
        (1, [], []),
    ],
)
def test_a_mesh_that_would_be_too_large_is_told_before_anything_is_trained(
    checked, monkeypatch, most, meshes, found
):
    monkeypatch.setattr(mesh_size, "MOST_VOXELS", most)
    problems = checked(meshes=meshes)[1]
    assert len(problems) == len(found)
    for problem, words in zip(problems, found, strict=True):
        assert problem.startswith(f"ERROR DATA_TOO_LARGE {words}") and f"at most {most}" in problem


def test_a_stack_like_the_target_is_a_row_without_warnings(checked):
    row, problems = checked()
    assert not problems and not row["warnings"]
    assert row["shape"] == "6 x 12 x 10"


def test_the_target_itself_may_be_segmented_whole(checked, tmp_path):
    _, problems = checked(image=f"{tmp_path / 'brain.h5'}:data")
    assert not problems


def test_other_pixels_are_a_warning_that_names_the_key(checked):
    row, problems = checked(voxel_size_nm=[50.0, 10.0, 10.0])
    assert not problems
    assert row["warnings"] == [
        "voxels of 50 x 10 x 10 nm, while the networks have learnt on 50 x 5 x 5 nm: set "
        "apply.stacks.whole.resample to true, or objects look too large or small"
    ]


def test_pixels_that_are_resampled_are_a_note(checked):
    row, problems = checked(voxel_size_nm=[50.0, 10.0, 10.0], resample=True)
    assert not problems and not row["warnings"]
    assert "slices are brought to these pixels and probabilities back" in row["found"]


def test_thicker_slices_are_a_warning_for_they_are_not_resampled(checked):
    for size in ([80.0, 5.0, 5.0], [80.0, 10.0, 10.0]):
        row, problems = checked(voxel_size_nm=size, resample=True)
        (warning,) = row["warnings"]
        assert not problems and warning.endswith("slices are of another thickness, which is never resampled")


def test_pixels_more_than_four_times_as_large_are_not_made_up(checked):
    _, (problem,) = checked(voxel_size_nm=[50.0, 25.0, 25.0], resample=True)
    assert problem.startswith("ERROR DATA_SHAPE apply.stacks.whole.resample: voxels of 50 x 25 x 25 nm")


def test_a_stack_in_colour_for_networks_of_grey_slices_is_an_error(checked):
    _, (problem,) = checked(np.random.default_rng(1).integers(0, 255, (6, 12, 10, 3), dtype=np.uint8))
    assert problem.startswith("ERROR DATA_SHAPE") and "a stack in colour, while the networks" in problem
    assert problem.endswith("Fix: save it grey.")


def test_a_missing_file_is_an_error_among_those_of_the_volumes(checked, tmp_path):
    _, (problem,) = checked(image=str(tmp_path / "absent.tif"))
    assert problem.startswith("ERROR DATA_MISSING") and "absent.tif" in problem


def test_a_stack_without_a_voxel_size_is_an_error_that_names_its_key(checked):
    _, (problem,) = checked(voxel_size_nm=[])
    assert problem.startswith("ERROR DATA_VALUE apply.stacks.whole.voxel_size_nm")


def test_a_test_stack_without_masks_is_said_to_be_segmented_and_not_scored(checked):
    row, problems = checked(test_of="brain")
    assert not problems
    (warning,) = row["warnings"]
    assert "no masks, so it is segmented (results/apply/whole) and not scored" in warning
    assert "scores come from a block of brain itself" in warning


def test_a_stack_is_held_against_what_shared_networks_have_learnt_on_alone(checked):
    """Not against the target, where none of its networks segments it."""
    grey = {"theirs": {"voxel_size_nm": [50.0, 10.0, 10.0], "colour": False}}
    row, problems = checked(voxel_size_nm=[50.0, 10.0, 10.0], shared=grey, learnt="")
    assert not problems and not row["warnings"]
    row, _ = checked(voxel_size_nm=[50.0, 5.0, 5.0], shared=grey, learnt="")
    assert [warning.partition(":")[0] for warning in row["warnings"]] == [
        "voxels of 50 x 5 x 5 nm, while the networks `theirs` have learnt on 50 x 10 x 10 nm"
    ]
    coloured = grey | {"others": {"voxel_size_nm": [50.0, 10.0, 10.0], "colour": True}}
    _, (problem,) = checked(voxel_size_nm=[50.0, 10.0, 10.0], shared=coloured, learnt="")
    assert "a stack grey, while the networks `others` have learnt on slices that are in colour" in problem


def test_of_several_shared_networks_messages_name_the_one_that_they_are_about(checked):
    """The stack suits the second; slices of the first are thicker, and the third's pixels too small."""
    sizes = {"thick": [80.0, 5.0, 5.0], "alike": [50.0, 5.0, 5.0], "fine": [50.0, 1.0, 1.0]}
    networks = {name: {"voxel_size_nm": size, "colour": False} for name, size in sizes.items()}
    row, (problem,) = checked(shared=networks, learnt="", resample=True)
    (warning,) = row["warnings"]
    assert "the networks `thick` have" in warning and "the networks `fine` have" in problem


def test_a_stack_for_networks_of_both_is_held_against_both(checked):
    coarse = {"theirs": {"voxel_size_nm": [50.0, 10.0, 10.0], "colour": False}}
    row, problems = checked(voxel_size_nm=[50.0, 5.0, 5.0], shared=coarse)
    assert not problems and len(row["warnings"]) == 1 and "on 50 x 10 x 10 nm" in row["warnings"][0]
    row, problems = checked(voxel_size_nm=[50.0, 10.0, 10.0], shared=coarse)
    assert not problems and len(row["warnings"]) == 1 and "on 50 x 5 x 5 nm" in row["warnings"][0]
