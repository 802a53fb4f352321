"""What is said of label saving where an arm changes nothing: simulated tables, the real reading."""

import numpy as np
import pytest
from scipy import stats

from synthem.comparison.saving import saving_rows
from synthem.seeds import generator

STUDIES, BUDGETS = 100, np.array([1, 2, 4, 8])
FLAT_TOP = np.array([0.80, 0.86, 0.87, 0.875])  # real curves are flat where labels are many


def simulated(random, *, reference_sd, arm_sd, slice_sd, replicates=20, slices=8):
    """Rows of a score table: both arms are FLAT_TOP, and what the labels of a replicate add, sd 0.02.

    reference_sd, arm_sd: of a run; slice_sd: of what a test slice adds to the arm in all its runs.
    """
    shape = (replicates, len(BUDGETS), 1)
    common = FLAT_TOP[:, None] + 0.02 * random.standard_normal(shape)
    ious = {
        "real": common + reference_sd * random.standard_normal(shape) + np.zeros(slices),
        "mixed": common + arm_sd * random.standard_normal(shape) + slice_sd * random.standard_normal(slices),
    }
    for arm, values in ious.items():
        for (replicate, place), own in zip(np.ndindex(shape[:2]), values.reshape(-1, slices), strict=True):
            run = {"volume": "mine", "arm": arm, "budget": str(BUDGETS[place]), "replicate": replicate}
            run |= {"labelled_slices": int(BUDGETS[place]), "seed": 1}
            yield run | {"scope": "volume", "iou": own.mean()}
            for z, iou in enumerate(own):  # of 1 voxel of the structure in each slice
                counts = {"shared_voxels": iou, "missed_voxels": 1 - iou, "extra_voxels": 0}
                yield run | {"scope": "slice", "slice": z, "iou": iou} | counts


def readings(name, **truth):
    """[(row of `saving_rows`, of each budget), ...] of STUDIES."""
    random = generator(0, "savings", name)
    asked = {"reference": "real", "endpoint": "iou", "confidence": 0.95, "hours": {}}
    return [saving_rows(list(simulated(random, **truth)), **asked) for _ in range(STUDIES)]


def surely_more(count, share):
    """Whether so many of STUDIES are no chance (1 in 1,000) where no more than this share is allowed."""
    return stats.binomtest(count, STUDIES, share, alternative="greater").pvalue < 1e-3


@pytest.mark.parametrize(("reference_sd", "arm_sd"), [(0.02, 0.06), (0.06, 0.02)])
def test_an_arm_of_more_or_less_noise_gains_nothing_at_any_budget(reference_sd, arm_sd):
    """An interval of 95 % lies above, or below, in 2.5 of 100 studies."""
    found = readings("noise", reference_sd=reference_sd, arm_sd=arm_sd, slice_sd=0.0)
    for place, own in enumerate(BUDGETS):
        rows = [study[place] for study in found]
        above = sum(row["low"] > own for row in rows)
        below = sum(row["high"] < own for row in rows)
        assert not surely_more(above, 0.025), (own, above)
        assert not surely_more(below, 0.025), (own, below)
