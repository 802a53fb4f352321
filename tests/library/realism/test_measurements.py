"""Distances of images in a unit that all draws of labels share."""

import numpy as np
import pytest

from synthem.realism.measurements import BLOCKS, floor_rows, realism_rows


def measured(*, spread):
    """Features of real and generated patches of 8 slices; those of the training slices have this spread."""
    random, n = np.random.default_rng(0), 16
    found = {"patches": n, "steps": [5]}
    for block in BLOCKS:
        scale = spread if block == "train" else 1
        found[f"real/{block}/filters"] = scale * random.normal(size=(4 * n, 3))
        found[f"real/{block}/slices"] = np.repeat(np.arange(8), n // 2)
        found[f"real/{block}/difference"] = np.full(n, np.nan)
        found[f"00000005/{block}/filters"] = random.normal(2, 1, size=(n, 3))
        found[f"00000005/{block}/diversity"] = np.zeros(n)
    return found


@pytest.mark.parametrize("score", ["fd", "kd"])
def test_a_draw_of_uniform_training_slices_does_not_enlarge_distances_on_test_masks(score):
    """The images and the real ones are the same; of training slices that look alike the spread is a third."""

    def of_test(found):
        rows = realism_rows(found, floor_rows(found))
        return [row for row in rows if row["score"] == score and row["block"] == "test"]

    assert of_test(measured(spread=1)) == of_test(measured(spread=1 / 3))


def test_the_unit_is_the_standard_deviation_of_real_test_patches():
    """Twice as far and twice as wide is as far in that unit."""
    near, far = (measured(spread=1) for _ in range(2))
    for name in [name for name in far if name.endswith("filters")]:
        far[name] = 2 * far[name] + 7
    for one, other in zip(
        realism_rows(near, floor_rows(near)), realism_rows(far, floor_rows(far)), strict=True
    ):
        assert one["value"] == pytest.approx(other["value"], nan_ok=True)
