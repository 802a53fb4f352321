from dataclasses import replace

import numpy as np
import pytest

from synthem.storage.volumes import Facts, Volume, read_volume, write_volume
from synthem.synthesis.pairs import copied, labelled_pairs, made_pairs, mismatched

FACTS = Facts(
    (50, 5, 5),
    blocks={"train": ((0, 4), (9, 15)), "test": ((6, 8),)},
    tiles=((2, 2),) * 15,
    provenance={"content": "of the whole files"},
)


def numbered(offset, dtype=np.uint8):
    """Every slice holds its number + offset."""
    return np.broadcast_to((np.arange(15) + offset).astype(dtype)[:, None, None], (15, 2, 2)).copy()


def slices(array):
    return array[:, 0, 0].tolist()


@pytest.fixture
def path(tmp_path):
    ignore = np.zeros((15, 2, 2), np.uint8)
    ignore[10, 1, 1] = 1
    masks = {"mito": numbered(20), "membrane": numbered(40), "cells": numbered(60)}
    labels = {"mito": numbered(1000, np.uint32), "cells": numbered(2000, np.uint32)}
    volume = Volume(numbered(5000, np.uint16), FACTS, masks, labels, {"mito": ignore})
    write_volume(tmp_path / "v.h5", volume)
    return tmp_path / "v.h5"


def test_pairs_are_made_of_the_slices_given_and_no_other(path):
    pairs = labelled_pairs(path, ((1, 3), (10, 11)), structure="mito")
    assert pairs.facts.provenance == {"origin": "real", "source_slices": [1, 2, 10]}
    assert slices(pairs.image) == [5001, 5002, 5010] and pairs.image.dtype == np.uint16
    assert set(pairs.masks) == {"mito", "membrane"} and set(pairs.labels) == set(pairs.ignore) == {"mito"}
    assert slices(pairs.masks["mito"]) == [21, 22, 30] and slices(pairs.masks["membrane"]) == [41, 42, 50]
    assert slices(pairs.labels["mito"]) == [1001, 1002, 1010]
    assert pairs.ignore["mito"].sum() == pairs.ignore["mito"][2, 1, 1] == 1
    assert pairs.masks["mito"][2, 1, 1] == pairs.labels["mito"][2, 1, 1] == 0  # unknown is not structure


def test_copies_are_the_same_pairs_that_stand_for_themselves(path, tmp_path):
    real = labelled_pairs(path, ((0, 2), (9, 10)), structure="mito")
    write_volume(tmp_path / "copies.h5", copied(real))
    copies = read_volume(tmp_path / "copies.h5")
    assert (copies.image == real.image).all() and (copies.masks["mito"] == real.masks["mito"]).all()
    assert (copies.labels["mito"] == real.labels["mito"]).all()
    assert copies.facts.provenance == {"origin": "copies", "source_slices": [0, 1, 9]}
    assert copies.blocks == {"train": ((0, 3),)} and not copies.facts.linked and not copies.facts.tiles
    assert copies.voxel_size_nm == (50, 5, 5)


def generated(count):
    number = numbered(0)[:count]
    parts = {"masks": {"mito": number}, "labels": {"mito": number.astype(np.uint32)}}
    volume = Volume(number, Facts((50, 5, 5), provenance={"generator": "a hash"}), **parts)
    return made_pairs(volume, origin="synthetic", sources=[3] * count)


@pytest.mark.parametrize("count", [2, 3, 15])
def test_no_mismatched_image_has_its_own_mask_and_every_mask_is_used_once(count):
    for seed in range(20):
        made = mismatched(generated(count), seed=seed)
        assert slices(made.image) == list(range(count))
        masks = slices(made.masks["mito"])
        assert sorted(masks) == list(range(count)) and all(a != b for a, b in enumerate(masks))
        assert slices(made.labels["mito"]) == masks
    assert made.facts.provenance == {
        "origin": "mismatched",
        "generator": "a hash",
        "source_slices": [3] * count,
    }


def test_mismatched_images_on_invented_masks_name_no_slice_that_they_come_from():
    made = generated(3)
    learnt = {"origin": "synthetic", "learnt_slices": [2, 5]}
    made = mismatched(replace(made, facts=replace(made.facts, provenance=learnt)), seed=0)
    assert made.facts.provenance == {"origin": "mismatched", "learnt_slices": [2, 5]}


def test_another_replicate_mismatches_otherwise():
    partners = {tuple(slices(mismatched(generated(15), seed=seed).masks["mito"])) for seed in range(5)}
    assert len(partners) == 5


def test_one_slice_alone_has_its_own_mask_upside_down():
    one = replace(generated(1), masks={"mito": np.arange(6, dtype=np.uint8).reshape(1, 2, 3)})
    made = mismatched(one, seed=0)
    assert np.array_equal(made.image, one.image)
    assert made.masks["mito"].tolist() == [[[5, 4, 3], [2, 1, 0]]]
