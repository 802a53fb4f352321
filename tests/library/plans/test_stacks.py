"""Jobs and seconds of whole stacks, by hand."""

import pytest

from synthem.plans.stacks import stack_jobs, stacks_of
from tests.shared.demo_config import checked, edited

STACK = {"image": "results/phantoms/hippocampus/image.tif", "voxel_size_nm": [5, 5, 5]}
VOXELS = 44 * 160 * 160


def section(**changes):
    return checked(edited(**{f"apply__{key}": value for key, value in changes.items()}))["apply"]


def test_without_stacks_there_are_no_jobs():
    assert stack_jobs(section()) == {}


def test_shares_of_a_prediction_are_jobs_and_a_named_arm_need_not_be_chosen():
    apply = section(stacks={"a": STACK, "b": STACK}, parts=3, arm="real", formats=["fiji", "zarr"])
    assert stack_jobs(apply) == {
        "ingest_stack": 2,
        "predict_stack_part": 6,
        "gather_stack": 2,
        "segment_stack": 2,
        "measure_objects": 2,
        "rank_slices": 2,
        "draw_stack": 2,
        "export_stack": 4,
        "list_stacks": 1,
    }


def test_each_network_sees_each_voxel_for_a_third_of_a_training_step():
    """A start of 5 seconds with torch, of 2.5 without: one and eight, for the choice and seven others."""
    config = checked(edited(apply__stacks={"mine": STACK}, apply__replicates="all", study__replicates=5))
    found = stacks_of(config, 3e-6)
    assert found["seconds"] == pytest.approx(5 + 8 * 2.5 + VOXELS * (5 * 1e-6 + 2e-7))
    assert found["unknown"] == {} and found["stacks"] == 1


def test_networks_of_others_segment_each_stack_once_more_and_no_arm_is_chosen():
    apply = section(stacks={"a": STACK}, networks={"theirs": "a.zip", "both": ["a.zip", "b.zip"]})
    steps = ("predict_stack", "segment_stack", "measure_objects", "rank_slices", "draw_stack", "export_stack")
    each = dict.fromkeys((*steps, "list_stacks"), 2)
    assert stack_jobs(apply) == {"ingest_stack": 1} | each
    beside = section(stacks={"a": STACK}, networks={"theirs": "a.zip"}, arm="real")
    assert stack_jobs(beside) == {"ingest_stack": 1} | each


def test_each_network_of_others_sees_each_voxel_and_each_name_is_cut_once():
    """Two starts with torch and thirteen without; three networks, two results."""
    networks = {"theirs": "a.zip", "both": ["a.zip", "b.zip"]}
    config = checked(edited(apply__stacks={"mine": STACK}, apply__networks=networks))
    found, alone = stacks_of(config, 3e-6), stacks_of(checked(edited(apply__stacks={"mine": STACK})), 3e-6)
    assert found["seconds"] == pytest.approx(2 * 5 + 13 * 2.5 + VOXELS * (3 * 1e-6 + 2 * 2e-7))
    assert found["disk"] - alone["disk"] == VOXELS * (2 + 6)  # probability, segmentation, Fiji once more


def test_of_a_resampled_stack_networks_see_as_many_pixels_as_of_the_target():
    """The target has pixels of 5 nm, the stack of 10: a slice of 160 x 160 is 320 x 320 for the networks.

    What is cut into instances, exported and kept has the pixels of the stack.
    """
    own = STACK | {"voxel_size_nm": [5, 10, 10]}
    plain, resampled = (
        stacks_of(checked(edited(apply__stacks={"mine": own | {"resample": word}})), 3e-6)
        for word in (False, True)
    )
    assert resampled["seconds"] - plain["seconds"] == pytest.approx(3 * VOXELS * 1e-6)
    assert resampled["disk"] == plain["disk"]


def test_a_target_that_is_resized_has_other_pixels(tmp_path):
    """80 x 80 of its 160 x 160 pixels of 5 nm are pixels of 10 nm: the same of the stack are a quarter."""
    changes = {"apply__stacks": {"mine": STACK | {"resample": True}}}
    plain, resized = (
        stacks_of(checked(edited(**changes, **more)), 3e-6)["seconds"]
        for more in ({}, {"volumes__hippocampus__resize": [80, 80]})
    )
    assert plain - resized == pytest.approx(0.75 * VOXELS * 1e-6)
