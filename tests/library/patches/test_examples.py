from dataclasses import replace

import numpy as np
import pytest

from synthem.labels.targets import UNKNOWN
from synthem.patches.examples import membrane_examples, structure_examples
from synthem.storage.volumes import Facts, Volume, write_volume

DEPTH = 12
INTERIOR = {"kind": "interior", "interior": {"width": 1, "across_slices": False}}
AFFINITIES = {"kind": "affinities", "affinities": {"long_range": True, "across_slices": True}}
OF_LABELS = {"structure": "mito", "target": AFFINITIES}
MASK = {"kind": "mask"}
FACTS = Facts((50, 5, 5), blocks={"train": ((0, 3), (8, 12)), "test": ((6, 7),)})


def numbered(offset, depth=DEPTH):
    """Every slice holds its number + offset."""
    return np.broadcast_to((np.arange(depth, dtype=np.uint8) + offset)[:, None, None], (depth, 2, 3)).copy()


def spots(y, x):
    ignore = np.zeros((DEPTH, 2, 3), np.uint8)
    ignore[:, y, x] = 1
    return ignore


def slices(array):
    return array[:, 0, 0].tolist()


@pytest.fixture
def volume(tmp_path):
    def write(**ignore):
        masks = {"mito": numbered(20), "membrane": numbered(40)}
        write_volume(tmp_path / "v.h5", Volume(numbered(0), FACTS, masks, ignore=ignore))
        return tmp_path / "v.h5"

    return write


def test_a_block_in_two_pieces_is_one_set(volume):
    examples = structure_examples("real", volume(), FACTS.blocks["train"], structure="mito", target=MASK)
    assert slices(examples.image) == [0, 1, 2, 8, 9, 10, 11]
    assert slices(examples.target) == [20, 21, 22, 28, 29, 30, 31]
    assert examples.name == "real" and examples.ignore is None and examples.conditions == {}


def test_all_slices_of_a_synthetic_volume_are_examples(volume):
    assert slices(
        structure_examples("synthetic", volume(), None, structure="mito", target=MASK).image
    ) == list(range(DEPTH))


def test_the_unknown_places_of_the_structure_come_along(volume):
    path = volume(mito=spots(0, 1), membrane=spots(1, 2))
    examples = structure_examples("real", path, ((4, 6),), structure="mito", target=MASK)
    assert (examples.ignore == spots(0, 1)[4:6]).all()


def with_labels(tmp_path, **changed):
    """Two cells side by side: 1 and 2 + the number of the slice."""
    cells = np.ones((DEPTH, 2, 6), np.uint32)
    cells[:, :, 3:] = 2 + np.arange(DEPTH)[:, None, None]
    ignore = np.zeros(cells.shape, np.uint8)
    ignore[4, 0, 0] = 1
    facts = replace(FACTS, **changed)
    image = np.zeros(cells.shape, np.uint8)
    write_volume(tmp_path / "l.h5", Volume(image, facts, labels={"mito": cells}, ignore={"mito": ignore}))
    return tmp_path / "l.h5"


def test_interiors_are_made_of_labels(tmp_path):
    examples = structure_examples("v", with_labels(tmp_path), ((3, 6),), **OF_LABELS | {"target": INTERIOR})
    assert examples.target.tolist() == [[[1, 1, 0, 0, 1, 1]] * 2] * 3
    assert examples.labels is None and examples.target_channels == 1
    assert examples.ignore[1].tolist() == [[1, 1, 0, 0, 0, 0]] * 2 and not examples.ignore[[0, 2]].any()


def test_affinities_take_the_labels_along_and_know_where_slices_are_apart(tmp_path):
    examples = structure_examples("v", with_labels(tmp_path), FACTS.blocks["train"], **OF_LABELS)
    assert examples.labels[:, 0, 5].tolist() == [2, 3, 4, 10, 11, 12, 13]
    assert examples.target is None and examples.target_channels == 17
    assert examples.runs == ((0, 3), (3, 7))
    examples = structure_examples("v", with_labels(tmp_path), ((4, 6),), **OF_LABELS)
    assert (examples.labels == UNKNOWN).tolist() == (examples.ignore == 1).tolist()
    assert examples.ignore.sum() == 1
    examples = structure_examples("v", with_labels(tmp_path, linked=False), ((4, 7),), **OF_LABELS)
    assert examples.runs == ((0, 1), (1, 2), (2, 3))


def test_membranes_are_learnt_where_structure_and_membrane_are_known(volume):
    examples = membrane_examples("seen", volume(), ((4, 5),), beside=["mito"])
    assert slices(examples.conditions["mito"]) == [24] and slices(examples.target) == [44]
    assert examples.ignore is None
    examples = membrane_examples(
        "seen", volume(mito=spots(0, 1), membrane=spots(1, 2)), ((4, 5),), beside=["mito"]
    )
    assert examples.ignore.tolist() == [[[0, 1, 0], [0, 0, 1]]]


def test_membranes_are_learnt_from_the_image_alone_where_the_structure_is_not_known(volume):
    examples = membrane_examples("seen", volume(mito=spots(0, 1), membrane=spots(1, 2)), ((4, 5),), beside=[])
    assert examples.conditions == {} and slices(examples.target) == [44]
    assert examples.ignore.tolist() == [[[0, 0, 0], [0, 0, 1]]]
