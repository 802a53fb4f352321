"""Configs that are proposed for images and masks of every kind, read back as the workflow reads them."""

from functools import partial

import h5py
import numpy as np
import pytest
import tifffile
from PIL import Image

from synthem.config.checking import check_config
from synthem.config.study import merged
from synthem.errors import SynthemError, SynthemErrors
from synthem.plans.sizes import Machine
from synthem.proposals import looking
from synthem.proposals.proposing import _next
from tests.shared.demo_config import DEMO, SCHEMA
from tests.shared.proposed_config import proposed_config

DEPTH, SIDE = 24, 40


def image(depth=DEPTH, colours=()):
    return np.random.default_rng(0).integers(0, 255, (depth, SIDE, SIDE, *colours), np.uint8)


def mask(depth=DEPTH, high=255, dtype=np.uint8):
    """Two bars that run through all slices, 2 x 40 of 1600 pixels: 5 %."""
    marked = np.zeros((depth, SIDE, SIDE), dtype)
    marked[:, 5, :] = marked[:, 30, :] = high
    return marked


def tiff(path, array):
    tifffile.imwrite(path, array, photometric="rgb" if array.ndim == 4 else "minisblack")
    return path


def folder(path, planes, numbers=None, bits=False):
    path.mkdir()
    for number, plane in zip(numbers or range(len(planes)), planes, strict=True):
        picture = Image.fromarray(plane)
        (picture.convert("1") if bits else picture).save(path / f"z_{number:03}.png")
    return path


@pytest.fixture
def proposed(tmp_path):
    """Propose a config for sources: (the config as data, the text, what was found)."""
    return partial(proposed_config, tmp_path)


@pytest.fixture
def stacks(tmp_path):
    """(image, mask) as TIFF stacks."""
    return tiff(tmp_path / "stack.tif", image()), tiff(tmp_path / "mitochondria.tif", mask())


def problems_of(config):
    """The error lines of the config on top of the demo's."""
    try:
        check_config(merged(DEMO, config), SCHEMA)
    except SynthemErrors as problems:
        return str(problems).splitlines()
    return []


def test_a_tiff_stack_gets_all_that_its_files_say(proposed, stacks, monkeypatch):
    monkeypatch.setattr(looking, "this_machine", lambda: Machine(2, 24, 0))
    config, text, found = proposed(*stacks, voxel="40 4 4.5", name="brain")
    assert config["targets"] == ["brain"] and config["structure"] == "mitochondria"
    volume = config["volumes"]["brain"]
    assert volume["image"] == str(stacks[0]) and volume["voxel_size_nm"] == [40, 4, 4.5]
    assert volume["masks"] == {"mitochondria": {"files": str(stacks[1]), "foreground": "bright"}}
    assert "labelled_slices" not in volume
    # 6 of 24 slices test; bars as long as the stack want no end of a gap: half of the slices stay to learn
    assert config["split"] == {"test": 0.25, "gap_nm": 6 * 40} and found.split.train == 12
    assert config["labels"] == {"budgets": [4, "all"]}
    assert "0 (95.0%), 255 (5.0%)" in text and "24 x 40 x 40, uint8" in text
    assert config["size"] == "small" and "of networks, for 2 cores, 24 GiB, no GPU; another" in text
    assert problems_of(config) == [] and found.blanks == []


@pytest.mark.parametrize(
    ("shape", "size", "words"),
    [
        ((320, 340), "large", "16 cores, 128 GiB, a GPU of 80 GiB"),
        ((300, 340), "medium", "slices of 300 x 340 pixels"),  # patches of large have 320, of medium 256
        ((320, 200), "small", "slices of 320 x 200 pixels"),
        ((90, 90), "small", "slices of 90 x 90 pixels"),  # and warned of by the check
    ],
)
def test_patches_of_the_size_that_is_proposed_fit_into_the_slices(
    shape, size, words, proposed, tmp_path, monkeypatch
):
    monkeypatch.setattr(looking, "this_machine", lambda: Machine(16, 128, 80))
    marked = np.zeros((DEPTH, *shape), np.uint8)
    marked[:, 5, :] = marked[:, 30, :] = 255
    stacks = tiff(tmp_path / "image.tif", marked // 2), tiff(tmp_path / "mask.tif", marked)
    config, text, _ = proposed(*stacks, voxel="40 4 4")
    assert config["size"] == size and f"of networks, for {words}; another one trains everything anew" in text


def own_test(tmp_path, marks):
    """The options of a stack of its own to test, of another size."""
    stack = np.random.default_rng(1).integers(0, 255, (len(marks), SIDE - 6, SIDE + 10), np.uint8)
    return {
        "test_image": tiff(tmp_path / "test.tif", stack),
        "test_mask": tiff(tmp_path / "test-mask.tif", marks),
    }


def three_columns(depth):
    marks = np.zeros((depth, SIDE - 6, SIDE + 10), np.uint8)
    for x in (2, 20, 40):
        marks[:, 5:9, x : x + 3] = 255
    return marks


def test_a_stack_of_its_own_is_tested_and_all_of_the_other_learnt_from(proposed, stacks, tmp_path):
    options = own_test(tmp_path, three_columns(7))
    config, text, found = proposed(*stacks, voxel="40 4 4", **options)
    assert config["volumes"]["mine"]["test"] == {
        "image": str(options["test_image"]),
        "masks": {"mitochondria": {"files": str(options["test_mask"]), "foreground": "bright"}},
    }
    split = found.split
    assert "split" not in config and (split.train, split.tested, split.objects) == (24, 7, 3)
    assert config["labels"] == {"budgets": [4, "all"]} and "study" not in config
    assert "7 x 34 x 50, uint8; scored alone, 7 slices (3 objects)" in text and "my-test.png" in text
    assert (tmp_path / "my-test.png").read_bytes().startswith(b"\x89PNG")
    assert problems_of(config) == []


def test_numbers_and_slices_of_a_stack_of_its_own(proposed, tmp_path):
    marks = np.zeros((DEPTH, SIDE, SIDE), np.uint16)
    for number in range(12):
        marks[:, 5:9, 3 * number : 3 * number + 2] = number + 1
    numbered = three_columns(6).astype(np.uint16)
    numbered[:, :, 30:] = numbered[:, :, 30:] // 255 * 7  # two columns are one object, of two numbers
    numbered[3:] = 0
    stack = tiff(tmp_path / "i.tif", image())
    config, text, found = proposed(
        stack, tiff(tmp_path / "nuclei.tif", marks), voxel="5 5 5", **own_test(tmp_path, numbered)
    )
    test = config["volumes"]["mine"]["test"]
    assert list(test["labels"]) == ["nuclei"] and test["labelled_slices"] == ["0-2"]
    assert found.split.tested == 3 and found.split.objects == 2  # 255 twice, 7
    assert config["study"] == {"explore": True} and "only 3 test slices, too few" in text
    assert problems_of(config) == []


def test_slices_of_a_stack_of_its_own_are_named_by_their_option(proposed, stacks, tmp_path):
    options = own_test(tmp_path, three_columns(7))
    tiff(tmp_path / "test-mask.tif", three_columns(2))
    with pytest.raises(SynthemError, match='2 slices, the image has 7.*TEST_LABELLED="0-9 50"'):
        proposed(*stacks, voxel="40 4 4", **options)
    config, _, _ = proposed(*stacks, voxel="40 4 4", **options, test_labelled="1 5")
    assert config["volumes"]["mine"]["test"]["labelled_slices"] == [1, 5]


def test_one_labelled_slice_is_enough_where_another_stack_is_tested(proposed, tmp_path):
    raw, marks = tiff(tmp_path / "i.tif", image()), tiff(tmp_path / "mito.tif", mask(1)[0])
    options = own_test(tmp_path, three_columns(7))
    config, _, found = proposed(raw, marks, voxel="40 4 4", labelled="3", **options)
    assert config["volumes"]["mine"]["labelled_slices"] == [3] and config["labels"] == {"budgets": ["all"]}
    assert found.split.train == 1 and problems_of(config) == []


def test_a_stack_to_test_of_another_kind_is_refused(proposed, stacks, tmp_path):
    options = own_test(tmp_path, three_columns(7))
    tifffile.imwrite(tmp_path / "test.tif", np.zeros((7, SIDE - 6, SIDE + 10), np.uint16))
    with pytest.raises(SynthemError, match="DATA_FORMAT .*uint16, 1 value.*uint8, 1 value.* as in"):
        proposed(*stacks, voxel="40 4 4", **options)
    assert not (tmp_path / "my.yaml").exists()


@pytest.mark.parametrize("option", ["test_image", "test_mask"])
def test_half_of_a_pair_to_test_is_refused(proposed, stacks, tmp_path, option):
    options = {option: own_test(tmp_path, three_columns(7))[option]}
    with pytest.raises(SynthemError, match="CONFIG_KEY TEST_(IMAGE|MASK): not given"):
        proposed(*stacks, **options)
    assert not (tmp_path / "my.yaml").exists()


def test_each_line_with_a_value_says_what_happens_if_it_is_changed(proposed, stacks):
    _, text, _ = proposed(*stacks, voxel="40 4 4")
    lines = text.splitlines()
    for above, line in zip(lines, lines[1:], strict=False):
        if not line.strip().startswith("#") and not line.endswith(":"):
            assert " # " in line or above.strip().startswith("#"), line


def test_a_voxel_size_that_nobody_knows_is_not_guessed(proposed, stacks):
    config, text, found = proposed(*stacks)
    assert config["volumes"]["mine"]["voxel_size_nm"] == "FILL-IN" and found.blanks == ["VOXEL"]
    blank = "Fix: fill in the blank that `make new` left."
    assert [line for line in problems_of(config) if "split" not in line] == [
        "ERROR CONFIG_VALUE volumes.mine.voxel_size_nm: text 'FILL-IN' "
        f"(expected a list of 3 numbers from 0.05 to 1000000). {blank}"
    ]
    assert [line for line in problems_of(config) if "split" in line] == [
        f"ERROR CONFIG_VALUE split.gap_nm: text 'FILL-IN' (expected a number from 0 to 1000000). {blank}"
    ]
    assert "the thickness of 6 slices" in text


def test_the_voxel_size_of_the_file_is_taken(proposed, tmp_path):
    with h5py.File(tmp_path / "data.h5", "w") as file:
        file.create_dataset("raw", data=image()).attrs["resolution"] = (30.0, 6.0, 5.0)
        file["labels/mito"] = mask(high=1)
    source = tmp_path / "data.h5"
    config, text, _ = proposed(f"{source}:raw", f"{source}:labels/mito")
    assert config["volumes"]["mine"]["voxel_size_nm"] == [30, 6, 5] and "from the file" in text
    assert config["structure"] == "mitochondria"
    assert problems_of(config) == []


def test_zarr_and_a_pattern_of_slices(proposed, tmp_path):
    zarr = pytest.importorskip("zarr", minversion="3", reason="zarr is an extra")
    zarr.create_array(str(tmp_path / "raw.zarr"), shape=(DEPTH, SIDE, SIDE), dtype="u1")[...] = image()
    folder(tmp_path / "masks", mask())
    config, _, _ = proposed(tmp_path / "raw.zarr", tmp_path / "masks/z_*.png", voxel="5 5 5", structure="er")
    assert config["volumes"]["mine"]["masks"]["er"]["files"].endswith("masks/z_*.png")
    assert problems_of(config) == []


def test_one_bit_masks_and_colour_images(proposed, tmp_path):
    stack, marks = tiff(tmp_path / "rgb.tif", image(colours=(3,))), folder(tmp_path / "m", mask(), bits=True)
    config, text, _ = proposed(stack, marks, voxel="5 5 5", structure="er")
    assert "24 x 40 x 40 x 3, uint8" in text and "0 (95.0%), 1 (5.0%)" in text
    assert problems_of(config) == []


def test_what_fills_less_is_the_structure(proposed, tmp_path):
    marks = tiff(tmp_path / "membranes.tif", 255 - mask())
    config, text, found = proposed(tiff(tmp_path / "i.tif", image()), marks, voxel="5 5 5")
    assert config["volumes"]["mine"]["masks"]["membranes"]["foreground"] == "dark"
    told = "dark is taken for the structure, as it fills less; if it is the background: FOREGROUND=bright"
    assert told in text and told in _next("my.yaml", found)
    assert config["gans"] == {"conditions": ["structure"]}
    assert problems_of(config) == []


def test_a_polarity_that_is_named_is_no_guess(proposed, tmp_path):
    marks = tiff(tmp_path / "mito.tif", 255 - mask())
    _, text, found = proposed(tiff(tmp_path / "i.tif", image()), marks, voxel="5 5 5", foreground="dark")
    assert "dark is taken" not in text + _next("my.yaml", found)


def test_sizes_of_four_bytes_in_a_file_have_no_digits_that_nobody_wrote(proposed, tmp_path):
    with h5py.File(tmp_path / "data.h5", "w") as file:
        file.create_dataset("raw", data=image()).attrs["resolution"] = np.float32([50.1, 4.6, 4.6])
    assert float(np.float32(4.6)) == 4.599999904632568
    _, text, _ = proposed(f"{tmp_path / 'data.h5'}:raw", tiff(tmp_path / "mito.tif", mask()))
    assert "voxel_size_nm: [50.1, 4.6, 4.6] # " in text


def test_one_labelled_slice_cannot_be_learnt_from_and_tested(proposed, tmp_path):
    alone = mask()
    alone[1:] = 0
    raw, marks = tiff(tmp_path / "i.tif", image()), tiff(tmp_path / "mito.tif", alone)
    with pytest.raises(SynthemError) as caught:
        proposed(raw, marks, voxel="5 5 5")
    assert (caught.value.where, caught.value.found) == (str(marks), "labels on 1 slice")
    assert caught.value.fix.startswith("label another one, or give a stack to test")
    with pytest.raises(SynthemError) as caught:
        proposed(tiff(tmp_path / "1.tif", image()[:1]), tiff(tmp_path / "m1.tif", alone[:1]), voxel="5 5 5")
    assert "TILES=yes" in caught.value.fix


def test_membranes_are_one_sheet_that_no_gap_parts(proposed, tmp_path):
    sheet = np.zeros((DEPTH, SIDE, SIDE), np.uint8)
    sheet[:, 5, :] = sheet[:, :, 9] = 255
    marks = tiff(tmp_path / "membranes.tif", sheet)
    config, text, found = proposed(tiff(tmp_path / "i.tif", image()), marks, voxel="50 5 5")
    # 6 of 24 slices test; a gap of one slice, for the next one is nearly the same
    assert config["split"] == {"test": 0.25, "gap_nm": 50} and found.split.train == 17
    assert "17 slices to learn from, 6 slices to test, 1 between; the structure is one sheet" in text
    assert "objects" not in text and problems_of(config) == []


def test_membranes_to_test_are_one_sheet_too(proposed, stacks, tmp_path):
    sheet = np.zeros((7, SIDE - 6, SIDE + 10), np.uint8)
    sheet[:, 5] = sheet[:, :, 9] = 255
    _, text, found = proposed(*stacks, voxel="40 4 4", **own_test(tmp_path, sheet))
    assert found.split.objects is None and "scored alone, 7 slices, read as" in text


def classes(tmp_path):
    marks = mask(high=1)
    marks[:, 10:20, :] = 2
    return tiff(tmp_path / "i.tif", image()), tiff(tmp_path / "classes.tif", marks)


def test_classes_are_listed_and_not_guessed(proposed, tmp_path):
    config, text, found = proposed(*classes(tmp_path), voxel="5 5 5")
    assert config["volumes"]["mine"]["masks"]["structure"]["foreground"] == ["FILL-IN"]
    assert "0 (70.0%), 1 (5.0%), 2 (25.0%)" in text and found.blanks == ["FOREGROUND"]
    assert problems_of(config) == [
        "ERROR CONFIG_VALUE volumes.mine.masks.structure.foreground.0: text 'FILL-IN' "
        "(expected a whole number). Fix: fill in the blank that `make new` left."
    ]
    assert 'or rather start again with FOREGROUND="1 2", or FOREGROUND=labels if each number' in text


def test_the_class_that_is_named_is_the_structure(proposed, tmp_path):
    config, _, found = proposed(*classes(tmp_path), voxel="5 5 5", foreground="2")
    assert config["volumes"]["mine"]["masks"]["structure"]["foreground"] == [2]
    assert found.share == pytest.approx(0.25) and problems_of(config) == []


def test_numbers_of_objects_become_labels(proposed, tmp_path):
    marks = np.zeros((DEPTH, SIDE, SIDE), np.uint16)
    for number in range(20):  # 20 columns of 4 x 6 pixels: 30 %
        y, x = divmod(number, 5)
        marks[:, 10 * y : 10 * y + 6, 8 * x : 8 * x + 4] = number + 1
    config, text, found = proposed(
        tiff(tmp_path / "i.tif", image()), tiff(tmp_path / "nuclei.tif", marks), voxel="5 5 5"
    )
    volume = config["volumes"]["mine"]
    assert list(volume["labels"]) == ["nuclei"] and "masks" not in volume
    assert "20 objects" in text and found.split.objects == 20 and found.share == pytest.approx(0.3)
    assert config["watershed"] == {"median_slices": 3} and problems_of(config) == []


def test_cells_that_fill_the_volume_get_the_method_for_cells(proposed, tmp_path):
    y, x = np.indices((SIDE, SIDE)) // 10
    marks = np.repeat((1 + 4 * y + x)[None].astype(np.uint8), DEPTH, 0)  # 16 cells
    marks[:, ::10] = 0
    config, _, _ = proposed(
        tiff(tmp_path / "i.tif", image()), tiff(tmp_path / "neurites.tif", marks), voxel="5 5 5"
    )
    assert config["watershed"] == {"method": "membranes", "tune_by": "cremi_score"}
    assert config["comparison"] == {"endpoint": "voi"}
    assert problems_of(config) == []


def test_of_cells_without_any_background_the_inside_is_the_mask(proposed, tmp_path):
    y, x = np.indices((SIDE, SIDE)) // 10
    marks = np.repeat((1 + 4 * y + x)[None].astype(np.uint8), DEPTH, 0)
    files = tiff(tmp_path / "i.tif", image()), tiff(tmp_path / "neurites.tif", marks)
    tested = {"test_image": tiff(tmp_path / "ti.tif", image()), "test_mask": tiff(tmp_path / "tm.tif", marks)}
    config, _, _ = proposed(*files, voxel="5 5 5", **tested)
    volume = next(iter(config["volumes"].values()))
    for stack in (volume, volume["test"]):
        assert stack["masks"]["neurites"] == {"files": stack["labels"]["neurites"], "foreground": "inside"}
    assert problems_of(config) == []


def test_masks_of_some_slices_find_their_place_by_their_numbers(proposed, tmp_path):
    raw = folder(tmp_path / "raw", image(), numbers=range(10, 10 + DEPTH))
    marks = folder(tmp_path / "mito", mask(12), numbers=[*range(10, 20), 25, 30])
    config, _, found = proposed(raw, marks, voxel="5 5 5")
    assert config["volumes"]["mine"]["labelled_slices"] == ["0-9", 15, 20]
    assert found.split.tested == 5 and problems_of(config) == []  # 12 slices: 0.25 would be 3


def test_masks_of_some_slices_without_numbers_are_placed_by_the_user_alone(proposed, tmp_path):
    raw, marks = tiff(tmp_path / "i.tif", image()), tiff(tmp_path / "mito.tif", mask(3))
    with pytest.raises(SynthemError, match=r'3 slices, the image has 24.*LABELLED="0-9 50"'):
        proposed(raw, marks)
    config, text, _ = proposed(raw, marks, voxel="5 5 5", labelled="3,10 20")
    assert config["volumes"]["mine"]["labelled_slices"] == [3, 10, 20]
    # One test slice makes no verdict: the config says so, and the workflow takes it.
    assert config["study"] == {"explore": True} and "only 1 test slice, too few" in text
    assert problems_of(config) == []


def test_slices_with_nothing_in_them_are_rather_not_labelled(proposed, tmp_path):
    marks = mask()
    marks[8:] = 0
    raw, marks = tiff(tmp_path / "i.tif", image()), tiff(tmp_path / "mito.tif", marks)
    config, text, _ = proposed(raw, marks, voxel="5 5 5")
    assert config["volumes"]["mine"]["labelled_slices"] == ["0-7"]
    assert "remove it if they are truly empty" in text


def test_with_all_named_empty_slices_stay_labelled(proposed, tmp_path):
    marks = mask()
    marks[8:] = 0
    raw, marks = tiff(tmp_path / "i.tif", image()), tiff(tmp_path / "mito.tif", marks)
    config, _, _ = proposed(raw, marks, voxel="5 5 5", labelled="all")
    assert "labelled_slices" not in config["volumes"]["mine"]


def test_the_fold_with_enough_objects_is_tested(proposed, tmp_path):
    marks = mask()
    marks[...] = 0
    marks[6:12, ::4, 10:20] = 255  # ten bars in the second quarter
    marks[::2, 2, 2] = 255  # and something everywhere
    raw, marks = tiff(tmp_path / "i.tif", image()), tiff(tmp_path / "mito.tif", marks)
    config, _, found = proposed(raw, marks, voxel="5 5 5", labelled="all")
    assert config["split"]["fold"] == 2 and found.split.objects >= 10


def test_a_smaller_mask_finds_its_place_by_its_offset_and_the_size_that_the_user_knows(proposed, tmp_path):
    with h5py.File(tmp_path / "data.h5", "w") as file:
        file["raw"] = image()
        marks = file.create_dataset("mito", data=mask(8, high=1)[:, :, :20])
        marks.attrs["resolution"], marks.attrs["offset"] = (40.0, 4.0, 4.0), (80.0, 0.0, 16.0)
    source = tmp_path / "data.h5"
    _, _, found = proposed(f"{source}:raw", f"{source}:mito", voxel="40 4 4")
    assert found.labelled == ["2-9"]  # 80 nm are two slices; the other slices have no mask


def test_an_answer_that_names_slices_without_any_structure_is_refused(proposed, tmp_path, monkeypatch):
    answered = looking.answered
    monkeypatch.setattr(
        looking,
        "answered",
        lambda option, text, *rest: [0, 1, 2, 3] if option == "LABELLED" else answered(option, text, *rest),
    )
    marks = mask()
    marks[:8] = 0
    raw, marks = tiff(tmp_path / "i.tif", image()), tiff(tmp_path / "mito.tif", marks)
    with pytest.raises(SynthemError, match="none of the 4 slices with labels has any structure"):
        proposed(raw, marks, voxel="5 5 5")


@pytest.mark.parametrize(
    ("options", "line"),
    [
        ({"voxel": "40 4"}, "ERROR CONFIG_VALUE VOXEL: `40 4` (expected three sizes"),
        ({"voxel": "40 4 0"}, "ERROR CONFIG_VALUE VOXEL"),
        ({"voxel": "40 4 nan"}, "ERROR CONFIG_VALUE VOXEL"),
        ({"foreground": "red"}, "ERROR CONFIG_VALUE FOREGROUND: `red`"),
        ({"foreground": "7"}, "ERROR DATA_VALUE"),
        ({"structure": "a/b"}, "ERROR CONFIG_VALUE STRUCTURE: `a/b`"),
        ({"name": "../x"}, "ERROR CONFIG_VALUE NAME: `../x`"),
        ({"labelled": "9-3"}, "ERROR CONFIG_VALUE LABELLED: `9-3`"),
        ({"labelled": "0-99"}, "ERROR DATA_SHAPE"),
    ],
)
def test_options_that_make_no_sense_are_refused(proposed, tmp_path, options, line):
    raw, marks = tiff(tmp_path / "i.tif", image()), tiff(tmp_path / "mask.tif", mask())
    with pytest.raises(SynthemError) as caught:
        proposed(raw, marks, **options)
    assert str(caught.value).startswith(line)
    assert not (tmp_path / "my.yaml").exists()


@pytest.mark.parametrize(
    ("array", "line"),
    [
        (mask()[:, :-1], "shape (24, 39, 40) (expected (24, 40, 40) as the image)"),
        (np.zeros((DEPTH, SIDE, SIDE), np.uint8), "every voxel is 0"),
        (image(), "most of them in between, as in an image"),
        (np.full((DEPTH, SIDE, SIDE), np.nan, np.float32), "no voxel is finite"),
        (image(colours=(3,)), "one number a voxel"),
        (np.stack([0 * mask()] * 3 + [mask()], axis=-1), "an alpha channel that varies"),
    ],
)
def test_files_that_are_no_masks_of_the_image_are_refused(proposed, tmp_path, array, line):
    raw, marks = tiff(tmp_path / "i.tif", image()), tiff(tmp_path / "mask.tif", array)
    with pytest.raises(SynthemError) as caught:
        proposed(raw, marks)
    assert line in str(caught.value) and not (tmp_path / "my.yaml").exists()


def test_images_with_numbers_that_are_not_finite_are_refused_as_the_check_does(proposed, stacks, tmp_path):
    broken = image().astype(np.float32)
    broken[3, 1, 2] = np.nan
    words = r"1 number that is not finite, the first at z, y, x = \[3, 1, 2\]"
    with pytest.raises(SynthemError, match=f"DATA_VALUE .*i.tif: {words}"):
        proposed(tiff(tmp_path / "i.tif", broken), stacks[1])
    options = {"test_image": tmp_path / "i.tif", "test_mask": stacks[1]}
    with pytest.raises(SynthemError, match=f"DATA_VALUE .*i.tif: {words}"):
        proposed(tiff(tmp_path / "floats.tif", image().astype(np.float32)), stacks[1], **options)
    assert not (tmp_path / "my.yaml").exists()


def test_a_mask_in_colours_that_are_all_alike_is_like_one_in_grey(proposed, tmp_path):
    raw = tiff(tmp_path / "i.tif", image())
    with_alpha = np.concatenate(
        [np.stack([mask()] * 3, axis=-1), np.full((*mask().shape, 1), 255, np.uint8)], -1
    )
    config, text, _ = proposed(raw, folder(tmp_path / "mito", with_alpha), voxel="5 5 5")
    assert "0 (95.0%), 255 (5.0%)" in text and problems_of(config) == []


def test_masks_in_jpeg_files_are_refused(proposed, tmp_path):
    (tmp_path / "mask").mkdir()
    for z, plane in enumerate(mask()):
        Image.fromarray(plane).save(tmp_path / "mask" / f"{z}.jpg")
    with pytest.raises(SynthemError, match="a mask in JPEG files, which do not keep values"):
        proposed(tiff(tmp_path / "i.tif", image()), tmp_path / "mask")


def test_without_a_mask_the_error_says_what_is_needed(proposed, stacks):
    with pytest.raises(
        SynthemError, match="CONFIG_KEY MASK: not given .expected where the structure is, on some"
    ):
        proposed(stacks[0], "")


@pytest.mark.parametrize("name", ["my.yaml", "my.png"])
def test_nothing_is_overwritten(proposed, stacks, tmp_path, name):
    (tmp_path / name).write_text("mine")
    with pytest.raises(SynthemError, match="FILE_WRITE .*it is there already"):
        proposed(*stacks)
    assert (tmp_path / name).read_text() == "mine"
    assert len([*tmp_path.glob("my.*")]) == 1


@pytest.mark.parametrize(
    "name", ["a, b: c.tif", "it's #1 {x}.tif", "on.tif", "two\nlines.tif", "Ωµ é.tif", "🔬.tif", "1e5"]
)
def test_names_of_files_stay_what_they_are(proposed, tmp_path, name):
    name = name if name.endswith(".tif") else f"{name}.tif"
    config, _, _ = proposed(tiff(tmp_path / name, image()), tiff(tmp_path / "m.tif", mask()), voxel="5 5 5")
    assert config["volumes"]["mine"]["image"] == str(tmp_path / name)
