import io

import numpy as np
import pytest
from PIL import Image

from synthem.figures import applied
from synthem.figures.applied import applied_sheet, slices_to_show, stack_sheet, step_of, thinned
from synthem.storage.arrays import write_arrays
from synthem.storage.volumes import Facts, Volume, write_volume


def test_slices_spread_over_the_stack_and_the_most_doubtful_are_shown():
    assert slices_to_show(60, [33]) == {
        10: "slice 10",
        30: "slice 30",
        33: "slice 33, least sure",
        50: "slice 50",
    }
    assert slices_to_show(60, [30])[30] == "slice 30, least sure"
    assert slices_to_show(1, [0]) == {0: "slice 0, least sure"}
    assert slices_to_show(4, []) == {z: f"slice {z}" for z in range(4)}
    assert slices_to_show(2, [1], "tile") == {0: "tile 0", 1: "tile 1, least sure"}


@pytest.mark.parametrize("colours", [(), (3,)])
def test_a_sheet_has_instances_in_colour_and_the_same_bytes_each_time(colours):
    images = np.random.default_rng(0).integers(0, 255, (2, 40, 60, *colours), dtype=np.uint8)
    labels = np.zeros((2, 40, 60), np.uint32)
    labels[:, 10:30, 10:30], labels[:, 10:30, 31:50] = 7, 9
    sure = np.full(labels.shape, 200, np.uint8)
    made = [applied_sheet(images, labels, sure, ["one", "two"], (5.0, 5.0, 5.0)) for _ in range(2)]
    assert made[0] == made[1]
    picture = np.asarray(Image.open(io.BytesIO(made[0])).convert("RGB")).astype(int)
    if not colours:
        painted = np.ptp(picture, axis=2) > 60
        assert painted.mean() > 0.05
    plain = applied_sheet(images, 0 * labels, sure, ["one", "two"], (5.0, 5.0, 5.0))
    assert plain != made[0]


def test_of_a_large_slice_a_part_of_its_pixels_is_shown():
    large = np.arange(2050 * 3).reshape(3, 2050)
    assert step_of(large) == 3 and step_of(large[:, :1024]) == 1
    assert thinned(large).tolist() == [large[0, ::3].tolist()]


def test_beside_a_tile_nothing_is_shown(tmp_path, monkeypatch):
    """Slices of 40 x 60, every second pixel: the first is whole, in the other lies a tile of 21 x 30."""
    monkeypatch.setattr(applied, "SHOWN", 30)
    image, labels = np.full((3, 40, 60), 90, np.uint8), np.zeros((3, 40, 60), np.uint32)
    facts = Facts((5.0, 5.0, 5.0), linked=False, tiles=((40, 60), (7, 7), (21, 30)))
    write_volume(tmp_path / "v.h5", Volume(image, facts))
    sure = np.full(labels.shape, 200, np.uint8)
    write_arrays(tmp_path / "s.h5", {"labels": labels, "confidence": sure}, {})
    files = {"volume": tmp_path / "v.h5", "segmentation": tmp_path / "s.h5"}
    areas = []
    for slices in ({0: "whole"}, {2: "tile"}):
        picture = np.asarray(Image.open(io.BytesIO(stack_sheet(slices, **files))).convert("RGB"))
        areas.append((picture == 200).all(axis=2).sum())
    assert areas[1] / areas[0] == pytest.approx(11 * 15 / (20 * 30), rel=0.03)
