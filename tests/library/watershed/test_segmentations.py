import h5py
import numpy as np

from synthem.storage import scratch
from synthem.watershed.segmentations import write_segmentation

LABELS = np.array([[[0, 7]], [[2, 0]], [[0, 9]]], np.uint32)
INSIDE = np.array([[[0.5, 0.9]], [[0.4, 0.6]], [[0.3, 0.2]]], np.float32)


def written(folder, **settings):
    path = folder / "segmentation.h5"
    write_segmentation(path, LABELS, INSIDE, voxel_size_nm=(1.0, 2.0, 3.0), **settings)
    with h5py.File(path) as file:
        assert tuple(file.attrs["voxel_size_nm"]) == (1, 2, 3)
        return {name: stored[...].tolist() for name, stored in file.items()}


def test_the_mask_is_of_the_probability_where_it_has_a_threshold(tmp_path):
    found = written(tmp_path, threshold=0.5)
    assert found == {"labels": LABELS.tolist(), "mask": [[[1, 1]], [[0, 1]], [[0, 0]]]}


def test_the_mask_is_what_labels_mark_where_it_has_none(tmp_path):
    assert written(tmp_path, threshold=None)["mask"] == [[[0, 1]], [[1, 0]], [[0, 1]]]


def test_confidence_is_asked_for_slab_by_slab(tmp_path, monkeypatch):
    monkeypatch.setattr(scratch, "SLAB", 4)  # two slices of two voxels
    asked = []

    def sure(slab):
        asked.append((slab.start, slab.stop))
        return np.full(LABELS[slab].shape, 10 * slab.start + 1, np.uint8)

    found = written(tmp_path, threshold=0.5, confidence=sure)
    assert asked == [(0, 2), (2, 3)]
    assert found["confidence"] == [[[1, 1]], [[1, 1]], [[21, 21]]]
