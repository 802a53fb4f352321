import numpy as np
import pytest

import synthem.synthesis.examples
from synthem.errors import SynthemError
from synthem.storage.arrays import read_array, write_arrays
from synthem.storage.volumes import Facts, Volume, read_ignore, write_volume
from synthem.synthesis.examples import labelled_examples

BLOCKS = {"train": ((0, 4), (9, 15)), "test": ((7, 8),)}
FACTS = Facts((50, 5, 5), blocks=BLOCKS)


def numbered(offset):
    """Every slice holds its number + offset."""
    return np.broadcast_to((np.arange(15, dtype=np.uint8) + offset)[:, None, None], (15, 2, 2)).copy()


@pytest.fixture
def files(tmp_path):
    masks = {"mito": numbered(20), "membrane": numbered(40)}
    write_volume(tmp_path / "v.h5", Volume(numbered(0), FACTS, masks))
    write_arrays(tmp_path / "m.h5", {"membrane": numbered(60)}, {})
    return tmp_path / "v.h5", tmp_path / "m.h5"


def slices(array):
    return array[:, 0, 0].tolist()


def test_examples_are_the_labelled_slices_of_image_and_masks(files):
    real = labelled_examples(files[0], None, conditions=["mito", "membrane"], slices=((0, 3),))
    assert real.slices == slices(real.image) == [0, 1, 2]
    assert list(real.masks) == ["mito", "membrane"]
    assert slices(real.masks["mito"]) == [20, 21, 22] and slices(real.masks["membrane"]) == [40, 41, 42]
    assert real.ignore is None


def test_labelled_slices_lie_on_both_sides_of_what_is_tested(files):
    real = labelled_examples(files[0], None, conditions=["mito", "membrane"], slices=((0, 4), (9, 11)))
    assert real.slices == slices(real.image) == [0, 1, 2, 3, 9, 10]
    assert slices(real.masks["mito"]) == [20, 21, 22, 23, 29, 30]


def test_a_predicted_membrane_takes_the_place_of_the_true_one(files):
    real = labelled_examples(*files, conditions=["mito", "membrane"], slices=((0, 2),))
    assert slices(real.masks["membrane"]) == [60, 61]


def test_no_other_slice_is_ever_read(files, monkeypatch):
    asked = []

    def watched(read):
        def reading(path, name, *, block=None):
            asked.append(block)
            return read(path, name, block=block)

        return reading

    for read in (read_array, read_ignore):
        monkeypatch.setattr(synthem.synthesis.examples, read.__name__, watched(read))
    labelled_examples(files[0], None, conditions=["mito", "membrane"], slices=((0, 4), (9, 10)))
    assert asked == [((0, 4), (9, 10))] * 5


def test_what_is_unknown_is_no_structure_and_told(tmp_path):
    masks = {name: np.ones((2, 1, 4), np.uint8) for name in ("mito", "membrane")}
    ignore = {"mito": np.uint8([[[1, 0, 0, 0]], [[0, 0, 0, 0]]]), "membrane": np.uint8([[[0, 0, 0, 1]]] * 2)}
    facts = Facts((5, 5, 5), blocks={"train": ((0, 2),)})
    write_volume(tmp_path / "v.h5", Volume(np.zeros((2, 1, 4), np.uint8), facts, masks, ignore=ignore))
    real = labelled_examples(tmp_path / "v.h5", None, conditions=["mito", "membrane"], slices=((0, 2),))
    assert real.ignore.tolist() == [[[1, 0, 0, 1]], [[0, 0, 0, 1]]]
    assert real.masks["mito"].tolist() == [[[0, 1, 1, 1]], [[1, 1, 1, 1]]]
    assert real.masks["membrane"].tolist() == [[[1, 1, 1, 0]]] * 2
    # A predicted membrane is known wherever the structure is.
    write_arrays(tmp_path / "m.h5", {"membrane": masks["membrane"]}, {})
    real = labelled_examples(
        tmp_path / "v.h5", tmp_path / "m.h5", conditions=["mito", "membrane"], slices=((0, 2),)
    )
    assert (real.ignore == ignore["mito"]).all() and real.masks["membrane"].all()


def test_examples_of_a_16_bit_volume_are_what_a_generator_paints(tmp_path):
    ramp = np.linspace(0, 4095, 8 * 8).reshape(8, 8)
    image = np.stack([ramp, ramp + 50, ramp / 2, ramp * 3]).astype(np.uint16)
    masks = {"mito": np.zeros((4, 8, 8), np.uint8), "membrane": np.zeros((4, 8, 8), np.uint8)}
    facts = Facts((5, 5, 5), blocks={"train": ((0, 4),)})
    write_volume(tmp_path / "v.h5", Volume(image, facts, masks))
    found = labelled_examples(
        tmp_path / "v.h5", None, conditions=["mito", "membrane"], slices=((0, 4),)
    ).image
    assert found.dtype == np.uint8
    assert np.abs(found - ramp * 255 / 4095).max() <= 2  # each slice uses all grey values


def test_a_generator_that_sees_the_structure_alone_is_told_of_no_membrane(tmp_path):
    masks, ignore = {"cells": numbered(20)}, {"cells": numbered(0) == 2}
    write_volume(tmp_path / "v.h5", Volume(numbered(0), FACTS, masks, ignore=ignore))
    real = labelled_examples(tmp_path / "v.h5", None, conditions=["cells"], slices=((0, 3),))
    assert list(real.masks) == ["cells"] and slices(real.masks["cells"]) == [20, 21, 0]
    assert slices(real.ignore) == [0, 0, 1]


def test_structure_maps_are_made_of_the_slices_image_in_the_order_of_the_conditions(tmp_path):
    image = np.full((3, 8, 8), 200, np.uint8)
    image[0, :2], image[2, 4:] = 50, 90  # slice 1 is constant, but not asked for
    facts = Facts((5, 5, 5), blocks={"train": ((0, 3),)}, tiles=((6, 8), (8, 8), (8, 8)))
    write_volume(tmp_path / "v.h5", Volume(image, facts, {"mito": np.zeros((3, 8, 8), np.uint8)}))
    conditions = ["mito", "structure-otsu"]
    real = labelled_examples(tmp_path / "v.h5", None, conditions=conditions, slices=((0, 1), (2, 3)))
    assert list(real.masks) == conditions and real.maps == ["structure-otsu"]
    assert (real.masks["structure-otsu"] == (real.image < 100)).all() and real.ignore is None
    with pytest.raises(SynthemError, match=r"ERROR DATA_VALUE \S*v.h5 slice 1: grey levels 200 to 200"):
        labelled_examples(tmp_path / "v.h5", None, conditions=conditions, slices=((0, 3),))
