import numpy as np
import pandas as pd
import pytest

from synthem.comparison.pairs import endpoint_of, pairs

ARMS = {"reference": "real", "arm": "mixed", "budget": "3"}


def slice_row(arm, replicate, z, shared=1, extra=0, missed=0, seed=1, budget="3", **scores):
    counts = {"shared_voxels": shared, "extra_voxels": extra, "missed_voxels": missed}
    run = {"volume": "v", "arm": arm, "budget": budget, "replicate": replicate, "seed": seed}
    return run | {"scope": "slice", "slice": z} | counts | scores


def of(rows, endpoint="iou"):
    return pairs(pd.DataFrame(rows), endpoint_of(endpoint), **ARMS)


def test_an_iou_and_a_dice_are_those_of_all_voxels_together():
    sums = np.array([3.0, 1, 2, 5])  # shared, extra, missed, slices
    assert endpoint_of("iou").score(sums) == 3 / 6
    assert endpoint_of("dice").score(sums) == 6 / 9
    assert [endpoint_of(name).sign for name in ("iou", "voi", "arand", "boundary_f1")] == [1, -1, -1, 1]


def test_any_other_score_is_the_mean_of_its_slices():
    assert endpoint_of("voi").score(np.array([6.0, 4])) == 1.5


def test_runs_are_paired_by_replicate_and_seed_and_slices_by_number():
    rows = [slice_row("real", 2, z, shared=10 + z) for z in (1, 0)]
    rows += [slice_row("mixed", 2, z, shared=20 + z, missed=z) for z in (0, 1)]
    rows += [slice_row("real", 1, z, shared=30 + z) for z in (0, 1)]
    rows += [slice_row("mixed", 1, z, shared=40 + z) for z in (0, 1)]
    rows += [slice_row("mixed", 3, 0), slice_row("other", 1, 0), slice_row("real", 1, 0, budget="8")]
    found = of(rows)
    assert list(found.replicates) == [1, 2]
    assert found.reference[..., 0].tolist() == [[30, 31], [10, 11]]
    assert found.arm[1].tolist() == [[20, 0, 0, 1], [21, 0, 1, 1]]


def test_slices_that_say_nothing_in_any_run_are_left_out():
    rows = [slice_row(arm, r, 0, shared=0) for arm in ("real", "mixed") for r in (1, 2)]
    rows += [slice_row(arm, r, 1, shared=0) for arm in ("real", "mixed") for r in (1, 2)]
    rows[-1]["extra_voxels"] = 7  # one run marks something here
    rows += [slice_row(arm, r, 2) for arm in ("real", "mixed") for r in (1, 2)]
    assert of(rows).arm[:, :, 1].tolist() == [[0, 0], [7, 0]]


def test_a_slice_whose_score_one_run_lacks_is_compared_in_none():
    rows = [slice_row(arm, r, z, voi=z) for arm in ("real", "mixed") for r in (1, 2) for z in (0, 1, 2)]
    rows[4]["voi"] = None
    found = of(rows, "voi")
    assert found.reference.tolist() == [[[0, 1], [2, 1]]] * 2


def test_baselines_without_a_seed_are_paired_too():
    rows = [slice_row(arm, r, 0, seed=None) for arm in ("real", "mixed") for r in (1, 2)]
    assert list(of(rows).replicates) == [1, 2]


@pytest.mark.parametrize(
    "rows", [[slice_row("real", 1, 0)], [slice_row("real", 1, 0), slice_row("mixed", 2, 0)]]
)
def test_arms_without_a_common_run_have_no_pairs(rows):
    assert of(rows).arm.shape == (0, 0, 4)
