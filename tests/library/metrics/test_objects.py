"""The table of a stack's objects: by hand, and against scikit-image's measurements of random ones."""

from math import pi

import numpy as np
import pytest
from skimage.measure import regionprops

from synthem.metrics.objects import columns_of, least_sure, objects_in, voxels_in, words_about
from synthem.storage import scratch
from synthem.storage.volumes import Facts

STACK = Facts((50.0, 10.0, 5.0))
TILES = Facts((50.0, 10.0, 5.0), linked=False, tiles=((3, 4), (4, 5)))


def measured(labels, facts=STACK, confidence=None):
    sure = np.full(labels.shape, 51, np.uint8) if confidence is None else confidence
    return objects_in(labels, sure, facts)


def test_an_object_by_hand():
    """Six voxels of 50 x 10 x 5 nm, one slice from the first, inside of the stack."""
    labels, sure = np.zeros((4, 6, 7), np.uint32), np.zeros((4, 6, 7), np.uint8)
    labels[1:3, 2, 3:6] = 9
    sure[1, 2, 3:6], sure[2, 2, 3:6] = 255, 51  # 1 and 0.2
    (row,) = measured(labels, confidence=sure)
    volume = 6 * 2500  # nm3
    assert row == {
        "label": 9,
        "voxels": 6,
        "volume_um3": 1.5e-5,
        "diameter_nm": pytest.approx((volume * 6 / pi) ** (1 / 3), rel=1e-5),
        **{"z": 1.5, "y": 2.0, "x": 4.0},
        **{"z_first": 1, "z_last": 2, "y_first": 2, "y_last": 2, "x_first": 3, "x_last": 5},
        "cut": 0,
        "confidence": 0.6,
    }
    assert tuple(row) == columns_of(STACK)


@pytest.mark.parametrize("place", [(0, 2, 2), (3, 2, 2), (1, 0, 2), (1, 5, 2), (1, 2, 0), (1, 2, 6)])
def test_what_reaches_a_face_is_cut(place):
    labels = np.zeros((4, 6, 7), np.uint32)
    labels[1, 2, 2] = 1
    assert measured(labels)[0]["cut"] == 0
    labels[place] = 2
    assert [row["cut"] for row in measured(labels)] == [0, 1]


def test_tiles_have_areas_and_faces_of_their_own():
    """The first tile has 3 x 4 pixels of the frame of 4 x 5; no tile goes on in the next."""
    labels = np.zeros((2, 4, 5), np.uint32)
    labels[0, 1, 1:3], labels[0, 2, 3], labels[1, 2, 3] = 1, 2, 3
    rows = measured(labels, TILES)
    assert [row["cut"] for row in rows] == [0, 1, 0] and tuple(rows[0]) == columns_of(TILES)
    assert rows[0]["area_um2"] == 1e-4 and rows[0]["diameter_nm"] == pytest.approx(
        (400 / pi) ** 0.5, rel=1e-5
    )
    assert "volume_um3" not in rows[0]


def test_objects_of_a_single_slice_have_areas_and_no_faces_above_and_below():
    """As volumes all of them would be cut, and none could be measured."""
    section = Facts((50.0, 10.0, 5.0), blocks={"test": [[0, 1]]})
    labels = np.zeros((1, 4, 5), np.uint32)
    labels[0, 1:3, 1], labels[0, 1:3, 4] = 1, 2
    rows = measured(labels, section)
    assert [(row["area_um2"], row["cut"]) for row in rows] == [(1e-4, 0), (1e-4, 1)]


def test_padding_of_tiles_is_no_part_of_their_share():
    """A tile of 3 x 4 and one of 4 x 5 have 32 pixels, their frames 40; 8 of them are marked."""
    assert voxels_in((2, 4, 5), TILES) == 32 and voxels_in((2, 4, 5), STACK) == 40
    labels = np.zeros((2, 4, 5), np.uint32)
    labels[1, :2, :4] = 1
    words = words_about(measured(labels, TILES), "nuclei", voxels_in(labels.shape, TILES))
    assert words[0].startswith("1 object of nuclei, in 25 % of the voxels")


def test_random_objects_against_scikit_image(monkeypatch):
    """In slabs of one slice, of which later ones have higher numbers."""
    monkeypatch.setattr(scratch, "SLAB", 1)
    random = np.random.default_rng(0)
    labels = random.integers(0, 9, (5, 8, 9)).astype(np.uint32) * random.integers(0, 2, (5, 8, 9))
    labels = labels.astype(np.uint32)
    labels[3:] += np.uint32(7) * (labels[3:] > 0)
    sure = random.integers(0, 256, labels.shape).astype(np.uint8)
    found = {row["label"]: row for row in measured(labels, confidence=sure)}
    expected = regionprops(labels.astype(np.int64), intensity_image=sure.astype(float))
    assert found.keys() == {one.label for one in expected} and len(found) > 8
    for one in expected:
        row, low, high = found[one.label], one.bbox[:3], np.subtract(one.bbox[3:], 1)
        assert row["voxels"] == one.area
        assert [row[axis] for axis in "zyx"] == pytest.approx(one.centroid, abs=0.00501)
        assert [row[f"{axis}_first"] for axis in "zyx"] == list(low)
        assert [row[f"{axis}_last"] for axis in "zyx"] == list(high)
        assert row["confidence"] == pytest.approx(one.intensity_mean / 255, abs=5e-5)


def test_without_objects_there_are_no_rows_and_words_say_so():
    assert measured(np.zeros((2, 3, 3), np.uint32)) == []
    assert words_about([], "mitochondria", 18) == ["No mitochondria were found."]


def test_words_count_all_and_size_those_that_are_whole():
    labels = np.zeros((4, 20, 30), np.uint32)  # 2400 voxels
    labels[1, 1, 1:3], labels[1, 3, 1:5], labels[1, 5, 1:7], labels[0, 7] = 1, 2, 3, 4
    words = words_about(measured(labels), "mitochondria", 2400)
    assert words[0] == (
        "4 objects of mitochondria, in 1.8 % of the voxels; at a face of the stack, so that they may be "
        "larger than they seem: 1."
    )
    # 2, 4 and 6 voxels have 5,000, 10,000 and 15,000 nm3, so the quartiles are 7,500 and 12,500.
    assert words[1].startswith(
        "Of the other 3 the median is 1e-05 µm³ (half of them lie between 7.5e-06 and "
    )
    assert words[1].endswith("1.25e-05), as much as a ball of 26.7 nm across.")


def test_the_least_sure_come_first_and_are_few():
    rows = [{"label": label, "confidence": 1 / label} for label in range(1, 13)]
    assert [row["label"] for row in least_sure(rows)] == list(range(12, 2, -1))
