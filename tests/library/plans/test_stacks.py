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
        "rank_slices": 2,
        "draw_stack": 2,
        "export_stack": 4,
    }


def test_each_network_sees_each_voxel_for_a_third_of_a_training_step():
    """A start of 5 seconds with torch, of 2.5 without: one and six, for the choice and five others."""
    config = checked(edited(apply__stacks={"mine": STACK}, apply__replicates="all", study__replicates=5))
    found = stacks_of(config, 3e-6)
    assert found["seconds"] == pytest.approx(5 + 6 * 2.5 + VOXELS * (5 * 1e-6 + 2e-7))
    assert found["unknown"] == {} and found["stacks"] == 1
