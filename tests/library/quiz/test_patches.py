import json
from collections import Counter

import h5py
import numpy as np
import pytest

from synthem.errors import SynthemError
from synthem.quiz.patches import TEST, TRAINING, draw_quiz
from synthem.storage.volumes import Facts, Volume, write_volume
from synthem.synthesis.examples import labelled_examples

SIDE, TILES = 16, 4  # pixels; pieces along a slice
SETTINGS = {"per_source": 8, "side": SIDE, "seed": 0, "gap_nm": 20}  # two slices


def pieces(slices, first):
    """[slices, 64, 64]: every piece of every slice has a grey value of its own, first + its number."""
    numbers = first + np.arange(slices * TILES**2).reshape(slices, TILES, TILES)
    return np.kron(numbers, np.ones((1, SIDE, SIDE), int))


def real_volume(folder, *, scale=1, dtype=np.uint8, **facts):
    """Eight training slices, and six to test, with a gap between them."""
    image = (pieces(16, 0) * scale).astype(dtype)
    blocks = {"train": ((0, 8),), "test": ((10, 16),)}
    write_volume(folder / "real.h5", Volume(image, Facts((10, 5, 5), blocks=blocks, **facts)))
    return folder / "real.h5"


def painted_volume(folder, name, sources, replicate=1, known_as="source_slices", budget="all"):
    image = pieces(len(sources), 0).astype(np.uint8)
    facts = Facts((10, 5, 5), provenance={known_as: sources}, linked=False)
    path = folder / f"synthesis/tissue/{name}/budget-{budget}/replicate-{replicate}/volume.h5"
    write_volume(path, Volume(image, facts))
    return path


def test_half_of_the_images_are_real_and_each_data_set_shows_as_many(tmp_path):
    painted = [painted_volume(tmp_path, name, [0, 1]) for name in ("one", "two")]
    images, patches = draw_quiz(real_volume(tmp_path), painted, **SETTINGS)
    assert images.shape == (32, SIDE, SIDE) and len(set(patches)) == 32
    assert Counter(one.source for one in patches) == {TRAINING: 8, TEST: 8, "one": 8, "two": 8}
    kinds = [one.source in (TRAINING, TEST) for one in patches]
    assert kinds != sorted(kinds) and kinds != sorted(kinds, reverse=True)


def test_an_image_is_the_piece_of_the_slice_that_the_truth_names(tmp_path):
    painted = [painted_volume(tmp_path, "one", [0, 1])]
    images, patches = draw_quiz(real_volume(tmp_path), painted, **SETTINGS)
    for image, one in zip(images, patches, strict=True):
        assert (image == one.z * TILES**2 + one.y // SIDE * TILES + one.x // SIDE).all()


def test_no_real_training_slice_lies_beside_one_that_an_image_was_painted_after(tmp_path):
    painted = [painted_volume(tmp_path, "one", [1, 2])]
    _, patches = draw_quiz(real_volume(tmp_path), painted, **SETTINGS)
    assert {one.z for one in patches if one.source == TRAINING} <= {5, 6, 7}
    assert {one.z for one in patches if one.source == TEST} <= set(range(10, 16))


def test_nor_beside_one_that_a_generator_of_masks_has_learnt_from(tmp_path):
    painted = [painted_volume(tmp_path, "one", [1, 2], known_as="learnt_slices")]
    _, patches = draw_quiz(real_volume(tmp_path), painted, **SETTINGS)
    assert {one.z for one in patches if one.source == TRAINING} <= {5, 6, 7}


def test_where_every_training_slice_is_near_a_source_all_real_images_are_of_test_slices(tmp_path):
    painted = [painted_volume(tmp_path, "one", [2, 6])]
    _, patches = draw_quiz(real_volume(tmp_path), painted, **SETTINGS)
    assert Counter(one.source for one in patches) == {TEST: 8, "one": 8}


def test_no_two_real_images_show_one_place_in_slices_nearer_than_the_gap(tmp_path):
    painted = [painted_volume(tmp_path, "one", [0, 1, 0, 1])]
    _, patches = draw_quiz(real_volume(tmp_path), painted, **SETTINGS | {"per_source": 40})
    real = [one for one in patches if one.source in (TEST, TRAINING)]
    assert len(real) == 40
    for one in real:
        near = [other for other in real if (other.y, other.x) == (one.y, one.x)]
        assert all(abs(other.z - one.z) > 2 for other in near if other is not one)


def test_images_come_of_as_many_slices_and_replicates_as_there_are(tmp_path):
    paths = [painted_volume(tmp_path, "one", [0, 1], replicate) for replicate in (1, 2)]
    _, patches = draw_quiz(real_volume(tmp_path), paths, **SETTINGS)
    painted = Counter((one.path, one.z) for one in patches if one.source == "one")
    assert painted == {(str(path), z): 2 for path in paths for z in (0, 1)}


def test_the_seed_alone_decides(tmp_path):
    real, painted = real_volume(tmp_path), [painted_volume(tmp_path, "one", [0, 1])]
    first, again = (draw_quiz(real, painted, **SETTINGS)[1] for _ in range(2))
    assert first == again != draw_quiz(real, painted, **SETTINGS | {"seed": 1})[1]


def test_the_order_of_budgets_and_of_data_sets_in_the_config_changes_no_quiz(tmp_path):
    """Jobs see the set of their inputs: another order of the same files makes no job run again."""
    real = real_volume(tmp_path)
    painted = [painted_volume(tmp_path, name, [4], budget=one) for name in ("one", "two") for one in (4, 20)]
    _, patches = draw_quiz(real, painted, **SETTINGS)
    for other in painted[::-1], painted[2:] + painted[:2], [painted[n] for n in (1, 0, 3, 2)]:
        assert draw_quiz(real, other, **SETTINGS)[1] == patches


def test_padding_is_never_shown(tmp_path):
    real = real_volume(tmp_path, tiles=((64, 64),) * 10 + ((48, 32),) * 6)
    _, patches = draw_quiz(real, [painted_volume(tmp_path, "one", [4, 4])], **SETTINGS)
    assert {(one.y, one.x) for one in patches if one.source == TEST} <= {
        (y, x) for y in (0, 16, 32) for x in (0, 16)
    }


def test_real_slices_of_16_bits_are_shown_in_the_8_bits_in_which_a_generator_learns_from_them(tmp_path):
    real = real_volume(tmp_path, scale=200, dtype=np.uint16)
    images, patches = draw_quiz(real, [painted_volume(tmp_path, "one", [0, 1])], **SETTINGS)
    assert images.dtype == np.uint8
    with h5py.File(real, "r+") as file:
        file["masks/mitochondria"] = np.zeros(file["image"].shape, np.uint8)
    for image, one in zip(images, patches, strict=True):
        if one.source == TEST:
            learnt = labelled_examples(real, None, conditions=["mitochondria"], slices=((one.z, one.z + 1),))
            assert (image == learnt.image[0, one.y : one.y + SIDE, one.x : one.x + SIDE]).all()


def test_a_data_set_of_few_images_shows_what_it_has(tmp_path):
    painted = [painted_volume(tmp_path, "few", [0]), painted_volume(tmp_path, "none", [])]
    _, patches = draw_quiz(real_volume(tmp_path), painted, **SETTINGS | {"per_source": 40})
    assert Counter(one.source for one in patches) == {"few": 16, TRAINING: 8, TEST: 8}


def test_lost_sections_are_not_shown_for_the_filter_takes_them_from_generated_ones(tmp_path):
    real, painted = real_volume(tmp_path), [painted_volume(tmp_path, "one", [4] * 8)]
    with h5py.File(real, "r+") as file:
        for z in (10, 12, 13):
            file["image"][z] = 7
    images, patches = draw_quiz(real, painted, **SETTINGS | {"gap_nm": 1000})
    assert {one.z for one in patches if one.source == TEST} == {11, 14, 15}
    assert Counter(one.source for one in patches) == {"one": 8, TEST: 8}


def test_as_many_generated_images_are_shown_as_there_are_real_ones_of_each_data_set_alike(tmp_path):
    """Test slices of 16 places, each shown once within 11 slices; no training slice lies so far off."""
    painted = [painted_volume(tmp_path, name, [4] * count) for name, count in (("one", 8), ("two", 8))]
    _, patches = draw_quiz(real_volume(tmp_path), painted, **SETTINGS | {"per_source": 100, "gap_nm": 100})
    assert Counter(one.source for one in patches) == {"one": 8, "two": 8, TEST: 16}


def test_a_data_set_of_few_images_leaves_its_share_to_the_others(tmp_path):
    """Slices 0 or 1 and 7 lie off what was painted after slice 4; of 10 to 15, two lie so far apart."""
    painted = [painted_volume(tmp_path, name, [4] * count) for name, count in (("few", 1), ("many", 5))]
    _, patches = draw_quiz(real_volume(tmp_path), painted, **SETTINGS | {"per_source": 100})
    assert Counter(one.source for one in patches) == {"few": 16, "many": 48, TRAINING: 32, TEST: 32}


def test_images_that_no_slice_holds_are_smaller_and_the_log_says_so(tmp_path, capsys):
    """It is asked when all generators are trained: an error would come hours too late."""
    real, painted = real_volume(tmp_path), [painted_volume(tmp_path, "one", [0, 1])]
    images, patches = draw_quiz(real, painted, **SETTINGS | {"side": 65})
    assert images.shape[1:] == (64, 64) and Counter(one.source for one in patches)["one"] == 2
    assert "quiz.side is 65 pixels; the largest square" in capsys.readouterr().err
    for path, size in (painted[0], (40, 64)), (real, (64, 24)):
        with h5py.File(path, "r+") as file:
            file.attrs["tiles"] = json.dumps([size] * len(file["image"]))
        assert draw_quiz(real, painted, **SETTINGS | {"side": 48})[0].shape[1:] == (min(size),) * 2
    assert draw_quiz(real, painted, **SETTINGS | {"side": 24})[0].shape[1:] == (24, 24)


def test_slices_that_hold_no_image_of_the_quiz_are_left_out_where_others_do(tmp_path):
    """The test slices hold 32 pixels, the training slices 64."""
    real = real_volume(tmp_path, tiles=((64, 64),) * 10 + ((32, 32),) * 6)
    images, patches = draw_quiz(real, [painted_volume(tmp_path, "one", [0, 1])], **SETTINGS | {"side": 48})
    assert images.shape[1:] == (48, 48) and Counter(one.source for one in patches) == {"one": 1, TRAINING: 1}


@pytest.mark.parametrize("paths", [[], ["empty"]])
def test_a_quiz_without_generated_images_is_not_made(tmp_path, paths):
    painted = [painted_volume(tmp_path, name, []) for name in paths]
    with pytest.raises(SynthemError, match="no generated image") as raised:
        draw_quiz(real_volume(tmp_path), painted, **SETTINGS)
    assert raised.value.code == "DATA_SHAPE"
