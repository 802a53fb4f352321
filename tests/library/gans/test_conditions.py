import numpy as np

from synthem.gans.conditions import STRUCTURE_MAPS, channels_of, map_method, names_of, seen_masks
from synthem.synthesis.structure_maps import METHODS


def test_words_become_names_that_are_folders_everywhere():
    words = ["structure", "synapses", "structure:otsu", "membrane"]
    assert names_of(words, "cells") == ["cells", "synapses", "structure-otsu", "membrane"]
    assert [map_method(name) for name in names_of(words, "cells")] == [None, None, "otsu", None]


def test_every_word_for_a_structure_map_has_a_method():
    assert list(STRUCTURE_MAPS.values()) == list(METHODS)


def test_masks_are_seen_as_they_are():
    masks = {"a": np.uint8([[[0, 1]]]), "b": np.uint8([[[1, 1]]])}
    assert seen_masks(masks, one_hot=False) is masks


def test_one_hot_a_pixel_is_background_or_of_its_first_mask():
    # in none | in a | in b | in both
    masks = {"a": np.uint8([[[0, 1, 0, 1]]]), "b": np.uint8([[[0, 0, 1, 1]]])}
    seen = seen_masks(masks, one_hot=True)
    assert list(seen) == ["background", "a", "b"] == channels_of(list(masks), one_hot=True)
    assert [seen[name].ravel().tolist() for name in seen] == [[1, 0, 0, 0], [0, 1, 0, 1], [0, 0, 1, 0]]
    assert {mask.dtype for mask in seen.values()} == {np.dtype(np.uint8)}
    turned_round = seen_masks({"b": masks["b"], "a": masks["a"]}, one_hot=True)
    assert turned_round["b"].ravel().tolist() == [0, 0, 1, 1] and turned_round["a"].sum() == 1
