"""What a network finds of the masks that images were painted on, with networks that mark what is bright."""

import numpy as np
import pytest

from synthem.realism.fidelity import iou_of, overlaps
from synthem.realism.measurements import BLOCKS, floor_rows, realism_rows


class Bright:
    """Marks voxels from the level 128 on, as a Segmenter gives them."""

    def probabilities(self, channels):
        (image,) = channels
        assert image.shape[0] == 1
        return image / 255


def test_voxels_are_counted_patch_by_patch():
    """Of a mask of three voxels, two are bright, and one outside of it; of an empty one, none."""
    images, masks = np.zeros((2, 4, 4), np.uint8), np.zeros((2, 4, 4), np.uint8)
    masks[0, 0, :3] = 1
    images[0, 0, 1:] = 200
    counts = overlaps(Bright(), images, masks)
    assert counts.tolist() == [[2, 1, 1], [0, 0, 0]]
    assert iou_of(counts) == 0.5 and iou_of(counts[1:]) == 1


def measured(of_painted, of_real):
    """What `measuring` finds, of eight patches of four slices in each block, and other features at random."""
    random, n = np.random.default_rng(0), 8
    found = {"patches": n, "steps": [10]}
    for block in BLOCKS:
        found[f"real/{block}/filters"] = random.normal(size=(4 * n, 3))
        found[f"real/{block}/slices"] = np.repeat(np.arange(4), n)
        found[f"real/{block}/difference"] = np.full(n, np.nan)
        found[f"real/{block}/overlap"] = np.array(of_real)
        found[f"00000010/{block}/filters"] = random.normal(size=(n, 3))
        found[f"00000010/{block}/diversity"] = np.zeros(n)
        found[f"00000010/{block}/overlap"] = np.array(of_painted)
    return found


def test_the_floor_is_what_is_found_in_the_real_patches_of_the_same_masks():
    """Of 80 voxels 40 are found in images, and 60 in real patches; one slice has no interval."""
    found = measured([[5, 5, 0]] * 8, [[7, 3, 0], [8, 2, 0]] * 4)
    floors = [row for row in floor_rows(found) if row["score"] == "fidelity"]
    assert [(row["block"], row["n"], row["value"]) for row in floors] == [
        ("train", 8, 0.75),
        ("test", 8, 0.75),
    ]
    rows = [row for row in realism_rows(found, floor_rows(found)) if row["score"] == "fidelity"]
    assert [row["block"] for row in rows] == list(BLOCKS)
    for row in rows:
        assert (row["step"], row["n"], row["value"], row["floor"]) == (10, 8, 0.5, 0.75)
        assert row["low"] is None and row["high"] is None


def test_the_interval_is_over_slices_and_ends_where_an_iou_does():
    """Two slices, all found in one and nothing in the other: the jackknife of 1 and 0 reaches beyond both."""
    found = measured([[9, 0, 0]] * 4 + [[0, 9, 0]] * 4, [[9, 0, 0]] * 8)
    for block in BLOCKS:
        found[f"real/{block}/slices"][:8] = [0] * 4 + [1] * 4
    row = next(row for row in realism_rows(found, floor_rows(found)) if row["score"] == "fidelity")
    assert (row["value"], row["low"], row["high"]) == (pytest.approx(0.5), 0, 1)


def test_the_difference_to_real_patches_is_one_of_pairs():
    """Two slices of four patches: .4 in images and .8 in real patches of one, .2 and .4 of the other. In all
    .3 - .6 = -.3; without one of them -.2 and -.4. The error of the jackknife of two groups is .1 times
    sqrt(1 / 2 * 2) = .1, Student's t of one degree is 12.706: it ends at the bound, -1, and at .97.
    """
    found = measured([[4, 6, 0]] * 4 + [[2, 8, 0]] * 4, [[8, 2, 0]] * 4 + [[4, 6, 0]] * 4)
    for block in BLOCKS:
        found[f"real/{block}/slices"][:8] = [0] * 4 + [1] * 4
    rows = [row for row in realism_rows(found, floor_rows(found)) if row["score"] == "fidelity_difference"]
    assert [(row["block"], row["n"], row["floor"]) for row in rows] == [(block, 8, None) for block in BLOCKS]
    for row in rows:
        assert row["value"] == pytest.approx(-0.3)
        assert (row["low"], row["high"]) == (-1, pytest.approx(-0.3 + 12.706 * 0.1, abs=1e-3))


def test_without_a_judge_nothing_is_said():
    found = {
        name: array
        for name, array in measured([[1, 0, 0]] * 8, [[1, 0, 0]] * 8).items()
        if "overlap" not in name
    }
    floors = floor_rows(found)
    assert not [row for row in [*floors, *realism_rows(found, floors)] if row["score"].startswith("fidelity")]
