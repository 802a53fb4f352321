"""Intervals of label saving where an arm changes nothing: simulated tables, the real reading."""

from itertools import product

import numpy as np
from scipy import stats

from synthem.comparison.saving import saving_rows
from synthem.seeds import generator

STUDIES, BUDGETS, OWN = 60, (1, 2, 4, 8), 4
CURVE = np.array([0.80, 0.86, 0.87, 0.875])  # real curves are flat where labels are many


def simulated(random, *, slice_sd, run_sd=0.02, replicates=10, slices=8):
    """Rows of a score table: a run adds run_sd to CURVE, a test slice slice_sd to the arm in all its runs."""
    of_slices = {"real": np.zeros(slices), "mixed": slice_sd * random.standard_normal(slices)}
    for arm, replicate, budget in product(of_slices, range(replicates), BUDGETS):
        if arm == "real" or budget == OWN:
            values = CURVE[BUDGETS.index(budget)] + run_sd * random.standard_normal() + of_slices[arm]
            run = {"volume": "mine", "arm": arm, "budget": str(budget), "labelled_slices": budget}
            run |= {"replicate": replicate, "seed": 1}
            yield run | {"scope": "volume", "iou": values.mean()}
            for z, iou in enumerate(values):  # of 1 voxel of the structure in each slice
                counts = {"shared_voxels": iou, "missed_voxels": 1 - iou, "extra_voxels": 0}
                yield run | {"scope": "slice", "slice": z, "iou": iou} | counts


def test_intervals_hold_for_other_test_slices_too():
    """A slice adds 0.05 to the arm, the mean of eight 0.018: twice as much as other replicates move it.

    The bound: more misses than 5 in 100 allow, with a chance of 1 in 1,000.
    """
    random, missed = generator(0, "savings"), 0
    for _ in range(STUDIES):
        scores = list(simulated(random, slice_sd=0.05))
        (row,) = saving_rows(scores, reference="real", endpoint="iou", confidence=0.95, hours={})
        missed += not row["low"] <= OWN <= row["high"]
    assert stats.binomtest(missed, STUDIES, 0.05, alternative="greater").pvalue > 1e-3
