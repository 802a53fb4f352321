from dataclasses import replace

import numpy as np
import pytest
from scipy import ndimage

from synthem.errors import SynthemError
from synthem.labels.targets import steps_of
from synthem.storage import scratch
from synthem.storage.arrays import write_arrays
from synthem.storage.volumes import Facts
from synthem.watershed.predictions import read_prediction
from tests.shared.settings import edited

AFFINITIES = {"kind": "affinities", "affinities": {"long_range": False, "across_slices": True}}
FACTS = Facts(voxel_size_nm=(50, 4, 4), linked=False)


def test_a_plain_channel_is_the_probability_of_inside(tmp_path):
    stored = np.uint8([[[0, 51, 255]]])
    write_arrays(tmp_path / "p.h5", {"test": stored}, {})
    prediction = read_prediction(tmp_path / "p.h5", "test", FACTS, {"kind": "interior"})
    assert prediction.inside.tolist() == [[pytest.approx([0, 0.2, 1])]]
    assert prediction.affinities is None and not prediction.linked
    assert prediction.voxel_size_nm == (50, 4, 4) and prediction.inside.dtype == np.float32


def test_of_affinities_the_mean_of_the_short_ones_is_inside(tmp_path):
    target = edited(AFFINITIES, affinities__long_range=True)
    channels = len(steps_of(target))
    stored = np.zeros((2, 3, 4, channels), np.uint8)
    stored[1, 2, 3] = [0, 51, 102, *[255] * (channels - 3)]
    write_arrays(tmp_path / "p.h5", {"validation": stored}, {})
    prediction = read_prediction(tmp_path / "p.h5", "validation", FACTS, target)
    assert prediction.inside[1, 2, 3] == pytest.approx(0.3), "0 is of the slice before, which is elsewhere"
    prediction = read_prediction(tmp_path / "p.h5", "validation", replace(FACTS, linked=True), target)
    assert prediction.inside[1, 2, 3] == pytest.approx(0.2) and prediction.inside.sum() == pytest.approx(0.2)
    assert prediction.affinities.shape == (channels, 2, 3, 4) and prediction.attractive == 3
    assert prediction.affinities[:, 1, 2, 3].tolist() == stored[1, 2, 3].tolist()
    assert prediction.steps == tuple(steps_of(target))


def test_the_median_of_slices_reaches_beyond_a_slab_and_not_into_another_place(tmp_path, monkeypatch):
    stored = np.random.default_rng(0).integers(0, 256, (9, 4, 5), dtype=np.uint8)
    write_arrays(tmp_path / "p.h5", {"test": stored}, {})
    how = (tmp_path / "p.h5", "test"), {"target": {"kind": "mask"}, "median_slices": 5}
    monkeypatch.setattr(scratch, "SLAB", 40)  # two slices
    found = read_prediction(*how[0], replace(FACTS, linked=True), **how[1]).inside
    expected = ndimage.median_filter(stored, (5, 1, 1), mode="nearest")
    np.testing.assert_array_equal(np.rint(255 * found), expected)
    apart = read_prediction(*how[0], FACTS, **how[1]).inside
    np.testing.assert_array_equal(np.rint(255 * apart), stored)


def test_channels_that_do_not_fit_the_steps_are_refused(tmp_path):
    write_arrays(tmp_path / "p.h5", {"test": np.zeros((1, 2, 2), np.uint8)}, {})
    with pytest.raises(SynthemError, match="DATA_SHAPE.*p.h5"):
        read_prediction(tmp_path / "p.h5", "test", FACTS, AFFINITIES)


@pytest.mark.parametrize("target", [{"kind": "mask"}, AFFINITIES], ids=["mask", "affinities"])
def test_beside_tiles_nothing_is_inside(tmp_path, target):
    """The test block has slices 1 and 3 of the volume, tiles of 2 x 4 and of 3 x 1 in a frame of 3 x 4."""
    shape = (2, 3, 4, *([3] if target is AFFINITIES else []))
    write_arrays(tmp_path / "p.h5", {"test": np.full(shape, 255, np.uint8)}, {})
    facts = replace(FACTS, blocks={"test": ((1, 2), (3, 4))}, tiles=((3, 4), (2, 4), (1, 1), (3, 1)))
    prediction = read_prediction(tmp_path / "p.h5", "test", facts, target)
    first, second = [[1] * 4, [1] * 4, [0] * 4], [[1, 0, 0, 0]] * 3
    assert prediction.inside.tolist() == [first, second] and prediction.tiles == ((2, 4), (3, 1))
    if target is AFFINITIES:
        assert (prediction.affinities == 255 * np.array([first, second])).all()
