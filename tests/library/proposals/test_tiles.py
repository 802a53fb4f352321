"""Folders of pictures that are no stack: tiles, each of a place of its own."""

from copy import deepcopy

import numpy as np
import pytest
from PIL import Image
from snakemake.utils import update_config

from synthem.config.checking import check_config
from synthem.errors import SynthemError
from synthem.proposals import tiles
from synthem.proposals.overlay import heading
from synthem.proposals.tiles import are_tiles
from tests.shared.demo_config import DEMO, SCHEMA
from tests.shared.proposed_config import proposed_config

SIZES = [(40, 50), (60, 30), (44, 44), (52, 48), (40, 41), (64, 64), (38, 70), (50, 50)]
CHANCE = np.random.default_rng(0)


def pictures(folder, sizes, colours=(), suffix="png", names=None):
    folder.mkdir()
    for number, size in enumerate(sizes):
        name = names[number] if names else f"tile{number:02}"
        picture = CHANCE.integers(0, 255, (*size, *colours), np.uint8)
        Image.fromarray(picture).save(folder / f"{name}.{suffix}")
    return folder


def numbered(folder, sizes, names=None):
    """Masks in which each tile has 14 objects of 3 x 3 pixels, numbered from 1."""
    folder.mkdir()
    for number, size in enumerate(sizes):
        mask = np.zeros(size, np.uint8)
        for one in range(14):
            y, x = 7 * (one // 4), 7 * (one % 4)
            mask[y : y + 3, x : x + 3] = one + 1
        name = names[number] if names else f"tile{number:02}"
        Image.fromarray(mask).save(folder / f"{name}.png")
    return folder


@pytest.fixture
def proposed(tmp_path):
    """Propose a config: (its volume, all of it, its text, what was found)."""

    def propose_for(image, mask, **options):
        config, text, found = proposed_config(tmp_path, image, mask, **options)
        whole = deepcopy(DEMO)
        update_config(whole, deepcopy(config))  # as Snakemake puts one config upon another
        check_config(whole, SCHEMA)
        return config["volumes"]["mine"], config, text, found

    return propose_for


def test_pictures_of_several_sizes_are_tiles_without_a_gap(proposed, tmp_path):
    sizes = [*SIZES, *SIZES[:4]]
    image, mask = pictures(tmp_path / "i", sizes), numbered(tmp_path / "nuclei", sizes)
    volume, config, text, found = proposed(image, mask, voxel="50 5 5")
    assert volume["tiles"] is True and list(volume["labels"]) == ["nuclei"]
    assert "12 tiles of up to 64 x 70, uint8" in text
    # 0.4 of 12 is the first part that rounds to 5; 14 objects in each tile, for numbers begin anew
    assert config["split"] == {"test": 0.4, "gap_nm": 0}
    assert (found.split.train, found.split.tested, found.split.objects) == (7, 5, 70)
    area = sum(y * x for y, x in sizes)
    assert found.share == pytest.approx(12 * 14 * 9 / area)
    assert "gans" not in config and "metrics" not in config  # grey, and of an electron microscope


def test_photographs_are_tiles_painted_on_the_structure_alone_with_lengths_of_light(proposed, tmp_path):
    sizes = [(48, 48)] * 8
    image, mask = pictures(tmp_path / "i", sizes, (3,), "jpg"), numbered(tmp_path / "nuclei", sizes)
    volume, config, _, _ = proposed(image, mask, voxel="4000 500 250")
    assert volume["tiles"] is True
    assert config["gans"] == {"conditions": ["structure"]}
    # 10 pixels of 500 nm; 10 voxels of 4000 x 500 x 250 nm; 4 and 40 pixels; 2 pixels
    assert config["watershed"] == {"bodies": {"seed_distance_nm": 5000, "smallest_nm3": 5 * 10**9}}
    assert config["synthesis"] == {"masks": {"bent": {"elastic_nm": 2000, "elastic_scale_nm": 20000}}}
    assert config["metrics"] == {"boundary_tolerance_nm": 1000}


def test_the_picture_shows_tiles_side_by_side(proposed, tmp_path):
    image, mask = pictures(tmp_path / "i", SIZES), numbered(tmp_path / "nuclei", SIZES)
    proposed(image, mask, voxel="50 5 5")
    assert (tmp_path / "my.png").read_bytes().startswith(b"\x89PNG")
    assert heading(3, 0.2564, "nuclei", tiles=True) == "tile 3 · 25.6 % nuclei"
    assert heading(3, 0.2564, "nuclei", tiles=False) == "slice 3 · 25.6 % nuclei"


def test_masks_of_some_tiles_find_theirs_by_their_names(proposed, tmp_path):
    names = [f"case-{word}" for word in ("ash", "elm", "fir", "oak", "pine", "rowan", "teak", "yew")]
    image = pictures(tmp_path / "i", SIZES, names=names)
    some = [0, 2, 3, 7]
    mask = numbered(tmp_path / "nuclei", [SIZES[z] for z in some], [names[z] for z in some])
    volume, _, text, found = proposed(image, mask, voxel="50 5 5")
    assert volume["labelled_slices"] == [0, "2-3", 7] and found.known == 4
    assert "the tiles with labels" in text and "labelled tiles to learn from" in text


def test_tiles_to_test_are_of_other_sizes(proposed, tmp_path):
    other = [(70, 44), (30, 30), (41, 90), (33, 37), (64, 32)]
    volume, config, _, found = proposed(
        pictures(tmp_path / "i", SIZES),
        numbered(tmp_path / "nuclei", SIZES),
        voxel="50 5 5",
        test_image=pictures(tmp_path / "ti", other),
        test_mask=numbered(tmp_path / "tm", other),
    )
    assert volume["tiles"] is True and "split" not in config
    assert (found.split.train, found.split.tested, found.split.objects) == (8, 5, 70)


def test_a_mask_of_another_size_is_named(proposed, tmp_path):
    mask = numbered(tmp_path / "nuclei", [*SIZES[:3], (52, 47), *SIZES[4:]])
    with pytest.raises(SynthemError, match="tile03.png has 52 x 47 .expected 52 x 48 as the image"):
        proposed(pictures(tmp_path / "i", SIZES), mask, voxel="50 5 5")


def test_what_nobody_says_is_told_by_sizes_and_colours(tmp_path):
    alike = [(40, 50)] * 20
    grey = np.repeat(CHANCE.integers(0, 255, (8, 9, 1), np.uint8), 3, axis=2)
    (tmp_path / "grey in colours").mkdir()
    for number in range(3):
        Image.fromarray(grey).save(tmp_path / "grey in colours" / f"{number}.png")
    for folder, expected in [
        (pictures(tmp_path / "sizes", SIZES), True),
        (pictures(tmp_path / "colours", alike, (3,)), True),
        (pictures(tmp_path / "slices", alike), False),
        (pictures(tmp_path / "a stray", [(40, 49), *alike]), False),  # an error as before, not a stack cut up
        (tmp_path / "grey in colours", False),
        (pictures(tmp_path / "one", alike[:1], (3,)) / "tile00.png", False),
    ]:
        assert are_tiles(str(folder), "") == expected, folder


@pytest.mark.parametrize(("answer", "expected"), [(None, True), (True, True), (False, False)])
def test_of_colours_somebody_may_say_that_they_are_a_stack(tmp_path, monkeypatch, answer, expected):
    monkeypatch.setattr(tiles, "answered", lambda *_: answer)
    assert are_tiles(str(pictures(tmp_path / "i", [(40, 50)] * 3, (3,))), "") == expected


def test_what_is_said_counts(proposed, tmp_path):
    sizes = [(48, 48)] * 8
    colours, grey = pictures(tmp_path / "c", sizes, (3,)), pictures(tmp_path / "g", sizes)
    mask = numbered(tmp_path / "nuclei", sizes)
    volume, config, _, _ = proposed(colours, mask, voxel="50 5 5", tiles="no")
    assert "tiles" not in volume and config["gans"] == {"conditions": ["structure"]}
    for made in (tmp_path / "my.yaml", tmp_path / "my.png"):
        made.unlink()
    assert proposed(grey, mask, voxel="50 5 5", tiles="Yes")[0]["tiles"] is True
    with pytest.raises(SynthemError, match="CONFIG_VALUE TILES: `perhaps` .expected yes or no"):
        are_tiles(str(grey), "perhaps")
