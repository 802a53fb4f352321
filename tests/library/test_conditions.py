import numpy as np
import pytest

import synthem.conditions
from synthem.conditions import labelled_examples
from synthem.volumes import Volume, read_array, write_arrays, write_volume

BLOCKS = {"train": (0, 10), "validation": (11, 12), "test": (13, 15)}


def numbered(offset):
    """Every slice holds its number + offset."""
    return np.broadcast_to((np.arange(15, dtype=np.uint8) + offset)[:, None, None], (15, 2, 2)).copy()


@pytest.fixture
def files(tmp_path):
    masks = {"mito": numbered(20), "membrane": numbered(40)}
    write_volume(tmp_path / "v.h5", Volume(numbered(0), (50, 5, 5), masks, blocks=BLOCKS))
    write_arrays(tmp_path / "m.h5", {"membrane": numbered(60)}, {})
    return tmp_path / "v.h5", tmp_path / "m.h5"


def slices(array):
    return array[:, 0, 0].tolist()


def test_examples_are_the_labelled_slices_of_image_and_masks(files):
    image, masks, block = labelled_examples(files[0], None, structure="mito", fraction=0.3)
    assert block == (0, 3) and slices(image) == [0, 1, 2]
    assert list(masks) == ["mito", "membrane"]
    assert slices(masks["mito"]) == [20, 21, 22] and slices(masks["membrane"]) == [40, 41, 42]


def test_a_predicted_membrane_takes_the_place_of_the_true_one(files):
    _, masks, _ = labelled_examples(*files, structure="mito", fraction=0.2)
    assert slices(masks["membrane"]) == [60, 61]


def test_no_other_slice_is_ever_read(files, monkeypatch):
    asked = []

    def watched(path, name, *, block=None):
        asked.append(block)
        return read_array(path, name, block=block)

    monkeypatch.setattr(synthem.conditions, "read_array", watched)
    labelled_examples(*files, structure="mito", fraction=0.5)
    assert asked == [(0, 5)] * 3


def test_examples_of_a_16_bit_volume_are_what_a_generator_paints(tmp_path):
    image = np.linspace(0, 4095, 4 * 8 * 8).reshape(4, 8, 8).astype(np.uint16)
    masks = {"mito": np.zeros((4, 8, 8), np.uint8), "membrane": np.zeros((4, 8, 8), np.uint8)}
    blocks = {"train": (0, 4), "validation": (4, 4), "test": (4, 4)}
    write_volume(tmp_path / "v.h5", Volume(image, (5, 5, 5), masks, blocks=blocks))
    found, _, _ = labelled_examples(tmp_path / "v.h5", None, structure="mito", fraction=1.0)
    assert found.dtype == np.uint8
    assert np.abs(found - image.astype(float) * 255 / 4095).max() <= 2  # all grey values are used
