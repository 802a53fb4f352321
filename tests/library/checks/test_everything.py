import subprocess
import sys
import zlib

import h5py
import numpy as np
import pytest
import tifffile
from PIL import Image

from synthem.checks.everything import check_volumes
from synthem.checks.findings import COLUMNS, table_of, warnings_of, words_of
from synthem.checks.images import squeezed_by
from synthem.checks.rims import rim_of
from synthem.config.entries import filled_in
from tests.shared.check_settings import NETWORKS, STUDY

# of 10 slices: train 0-6, test 8-9
SPLIT = {"test": 0.2, "gap_nm": 50, "fold": 0}
FOLDS = {"test": 0.25, "gap_nm": 50, "fold": 0}
NM = [50.0, 5.0, 5.0]


def draws(*budgets, **settings):
    known = {"replicate": 1, "strategy": "first", "validation": 0.25} | settings
    return [{"budget": budget} | known for budget in budgets]


TARGET = STUDY | {"targets": ["brain"], "draws": draws(1)}
SHARED = (
    "1 of 1 object of the stack that reaches the test block (100% of their voxels) also lies in the train "
    "block"
)


def image(depth=10, dtype=np.uint8, seed=0, shape=(8, 9)):
    return np.random.default_rng(seed).integers(1, 255, (depth, *shape)).astype(dtype)


def mask(depth=10, slices=slice(None)):
    marked = np.zeros((depth, 8, 9), np.uint8)
    marked[slices, 2:4, 2:4] = 255
    return marked


@pytest.fixture
def volume(tmp_path):
    """Write arrays as the sources of a volume: volume(image=..., mito=...) -> {name: its filled-in entry}."""

    def stack(name, raw, masks, labels, options):
        def source(part, array):
            path = tmp_path / f"{name}-{part}.h5"
            if array is not None:
                with h5py.File(path, "w") as file:
                    file["data"] = array
            return f"{path}:data"

        return {
            "image": source("image", raw),
            "masks": {
                part: {"files": source(part, one)} | options.get(part, {}) for part, one in masks.items()
            },
            "labels": {
                part: {"files": source(part, one)} | options.get(part, {}) for part, one in labels.items()
            },
        }

    def make(name="brain", raw=None, labels=None, withheld=None, test=None, options=None, **masks):
        raw = image(seed=zlib.crc32(name.encode())) if raw is None else raw
        entry = stack(name, raw, masks or {"mito": mask()}, labels or {}, options or {})
        hidden = stack(f"{name}-withheld", None, withheld or {}, {}, {})["masks"]
        own = {"test": stack(f"{name}-test", *test, {}, {})} if test else {}
        return {name: filled_in(name, entry | own | {"withheld": hidden, "voxel_size_nm": NM}, "")}

    return make


def with_networks(**changes):
    return TARGET | {"networks": NETWORKS | changes}


def check(volumes, split=SPLIT, **options):
    return check_volumes(volumes, splits=dict.fromkeys(volumes, split), **(STUDY | options))


def problem(volumes, **options):
    rows, problems = check(volumes, **options)
    (one,) = problems
    assert sum(row["problem"] != "" for row in rows) == 1
    return one


def found_in(volumes, part, **options):
    rows, problems = check(volumes, **options)
    assert problems == []
    row = next(row for row in rows if row["part"] == part)
    return "; ".join([row["found"], *(f"WARNING: {words}" for words in row["warnings"])])


def test_a_good_volume_has_a_row_for_each_source_and_no_problem(volume):
    hidden = mask(slices=slice(3))
    volumes = volume(
        labels={"cells": mask()}, withheld={"membrane": hidden}, test=(image(3, seed=9), {"mito": mask(3)})
    )
    rows, problems = check(volumes, **TARGET)
    assert problems == []
    names = ["image", "masks/mito", "labels/cells", "withheld/membrane", "test/image", "test/masks/mito"]
    assert [row["part"] for row in rows] == names
    assert all(tuple(row) == (*COLUMNS, "warnings", "blocks") for row in rows)
    assert (rows[0]["shape"], rows[0]["type"], rows[0]["voxel_size_nm"]) == (
        "10 x 8 x 9",
        "uint8",
        "50 x 5 x 5",
    )
    assert "axes z, y, x; voxel size from the config" in rows[0]["found"]
    assert "split train 0-9, test 10-12" in rows[0]["found"]
    # Each slice has 4 of 72 voxels; the object goes through all of a block.
    counted = "train 1 object (5.6%), test 1 object (5.6%)"
    assert rows[1]["found"].startswith(f"5.6% of the voxels; {counted}")
    assert rows[1]["warnings"][0].startswith("1 object in the test block")
    held = {"objects": 1, "foreground": 0.055556}
    assert rows[1]["blocks"] == {
        "train": {"slices": 10} | held,
        "test": {"slices": 3} | held,
    }
    assert rows[2]["found"] == "1 instance on 5.6% of the voxels; values 0 (94.4%), 255 (5.6%)"


def test_the_check_never_imports_torch():
    words = (
        "import sys, synthem.checks.everything, synthem.ingest.ingesting; sys.exit('torch' in sys.modules)"
    )
    folder = next(path for path in sys.path if path.endswith("workflow_scripts"))
    assert subprocess.run([sys.executable, "-c", words], cwd=folder).returncode == 0


def test_all_problems_of_all_volumes_are_told_at_once(volume):
    volumes = volume("a", raw=image() * 0, mito=mask()[:, :7], nuclei=None) | volume(
        "b", raw=image(2), mito=mask(2) * 0
    )
    codes = [found.code for found in check(volumes)[1]]
    assert codes == ["DATA_VALUE", "DATA_SHAPE", "DATA_MISSING", "DATA_SPLIT", "DATA_VALUE"]


def test_a_missing_image_does_not_hide_what_is_wrong_with_its_masks(volume):
    volumes = volume(mito=mask() * 0)
    volumes["brain"]["image"] = "nowhere.tif"
    assert [found.code for found in check(volumes, **TARGET)[1]] == ["DATA_MISSING", "DATA_VALUE"]


@pytest.mark.parametrize(
    ("raw", "mito", "shapes"),
    [
        (image(), mask().transpose(0, 2, 1), ("(10, 9, 8)", "(10, 8, 9)")),
        (image().transpose(2, 1, 0), mask(), ("(10, 8, 9)", "(9, 8, 10)")),
    ],
)
def test_of_an_image_and_a_mask_either_may_be_turned(volume, raw, mito, shapes):
    volumes = volume(raw=raw, mito=mito)
    found = problem(volumes)
    marked, seen = shapes
    assert (found.code, found.expected) == ("DATA_SHAPE", "both z, y, x")
    words = f"shape {marked}, the image {volumes['brain']['image']} has {seen}: one of them is turned"
    assert (found.found, found.fix) == (words, "transpose the one whose first axis is not z")


def test_a_mask_of_another_size_belongs_to_another_image(volume):
    assert problem(volume(mito=mask()[:, :7])).fix == "use files that belong together"
    assert problem(volume(mito=mask(11)[:, 1:])).fix == "use files that belong together"


def test_a_mask_that_was_scaled_or_has_slices_too_many_is_told_how_to_fit(volume):
    half = mask()[:, ::2, ::2]  # 4 x 5 of 8 x 9 pixels
    assert problem(volume(mito=half)).fix == "save the mask at the size of the image, without interpolation"
    fix = "remove the slices of the mask that the image does not have"
    assert problem(volume(mito=mask(11))).fix == fix


@pytest.mark.parametrize(
    ("shape", "words"),
    [
        ((32, 32, 8), "32 slices of 32 x 8 pixels: the first axis of the file is read as z"),
        ((32, 8, 40), "32 slices of 8 x 40 pixels"),
        ((8, 32, 32), ""),
        ((31, 32, 8), ""),  # a narrow strip of 31 slices may be one
        ((40, 8, 31), ""),
    ],
)
def test_many_narrow_slices_are_rather_a_stack_whose_z_is_not_the_first_axis(volume, shape, words):
    marked = np.zeros(shape, np.uint8)
    marked[:, 2:4, 2:4] = 255
    told = found_in(volume(raw=image(shape[0], shape=shape[1:]), mito=marked), "image", split=SPLIT)
    assert ("read as z" in told) == bool(words) and words in told


@pytest.mark.parametrize(("dtype", "base"), [(np.uint16, 100), (np.int16, -200)])
def test_a_few_voxels_far_outside_of_all_others_are_a_warning(volume, dtype, base):
    """They decide how networks see their slice: 1 of 1600 at 30000 makes a deviation of 3 one of 750."""
    raw, marked = (
        (base + image(shape=(40, 40)).astype(int) % 10).astype(dtype),
        np.zeros((10, 40, 40), np.uint8),
    )
    marked[:, :5, :5] = 255
    assert "outside" not in found_in(volume(raw=raw, mito=marked), "image")
    raw[3, 0, 0] = 30000
    told = found_in(volume(raw=raw, mito=marked), "image")
    assert "1 slice with a few voxels far outside of all others" in told and "in slice 3 networks see" in told
    assert "with 0% of its contrast" in told
    assert squeezed_by(raw[3]) == pytest.approx(raw[3].std() / raw[3].flat[1:].std())
    assert squeezed_by(raw[2]) == squeezed_by(raw[3].astype(float)) == 1


def test_a_black_rim_of_slices_that_were_turned_is_a_warning(volume):
    """A corner of 10 + 9 + ... + 1 of 1600 pixels in slice 3, a row of 40 in slice 5; alone, 7 are no rim."""
    raw, marked = image(shape=(40, 40)), np.zeros((10, 40, 40), np.uint8)
    marked[:, 20:25, 20:25] = 255
    raw[7, 0, :7] = raw[6, 20, :] = raw[8] = 0  # dark at a side, dark within, and blank
    assert "rim" not in found_in(volume(raw=raw, mito=marked), "image")
    raw[3][np.add.outer(np.arange(40), np.arange(40)) < 10] = raw[5, -1] = 0
    told = found_in(volume(raw=raw, mito=marked), "image")
    assert "2 slices have a black rim, slice 3 on 3% of it" in told
    assert rim_of(raw[3]) == 55 / 1600 and rim_of(raw[5]) == 40 / 1600
    assert rim_of(np.stack([raw[3]] * 3, axis=2)) == 55 / 1600


@pytest.mark.parametrize(
    ("size", "words"),
    [
        ([1000, 4.6, 4.6], "slices of 1000 nm are 217 times as thick as a pixel is wide"),  # 1 µm, by default
        ([4.6, 4.6, 50], "pixels of 4.6 x 50 nm are not square: the order of a voxel size is z, y, x"),
        ([70, 2, 2], ""),
        ([5, 5, 6.5], ""),
    ],
)
def test_a_voxel_size_that_no_microscope_has_is_a_warning(volume, size, words):
    volumes = volume()
    volumes["brain"]["voxel_size_nm"] = size
    split = {"test": 0.25, "gap_nm": 0, "fold": 0}
    told = found_in(volumes, "image", split=split)
    assert ("WARNING: slices of" in told or "WARNING: pixels of" in told) == bool(words) and words in told
    volumes["brain"]["tiles"] = True
    assert "WARNING: slices of" not in found_in(volumes, "image", split=split)


@pytest.mark.parametrize("colour", [0, 255])
@pytest.mark.parametrize("channels", [2, 4])
@pytest.mark.parametrize("group", ["masks", "labels"])
def test_a_mask_in_an_alpha_channel_is_refused_in_words(volume, colour, channels, group):
    """Drawn over the image on a layer of its own: one colour everywhere, transparent where nothing is."""
    drawn = np.full((*mask().shape, channels), colour, np.uint8)
    drawn[..., -1] = mask()
    given = {"mito": drawn} if group == "masks" else {"labels": {"cells": drawn}}
    found = problem(volume(**given))
    assert found.code == "DATA_FORMAT" and "an alpha channel that varies" in found.found
    assert "save the alpha channel" in found.fix


@pytest.mark.parametrize("channels", [2, 3, 4])
def test_a_mask_of_one_colour_without_another_one_in_its_alpha_channel_is_empty(volume, channels):
    found = problem(volume(mito=np.zeros((*mask().shape, channels), np.uint8)))
    assert found.found == "no voxel is marked"


def test_a_mask_in_colours_that_are_all_alike_is_read_as_grey(volume):
    in_colours = np.stack([mask()] * 3, axis=-1)
    assert found_in(volume(mito=in_colours), "masks/mito") == (
        "5.6% of the voxels; all colours alike, read as grey"
    )
    in_colours[4, 3, 3, 2] = 1
    found = problem(volume(mito=in_colours))
    assert (found.code, found.expected) == ("DATA_FORMAT", "one number a voxel")
    assert found.found == "colours, and not all alike, first in slice 4"


# Images


def test_a_constant_image_is_refused(volume):
    assert problem(volume(raw=image() * 0 + 7)).found == "every voxel is 7"


def test_numbers_that_are_not_finite_are_counted_and_the_first_is_named(volume):
    raw = image(dtype=np.float32)
    raw[3, 1, 2], raw[7, 0, 0], raw[3, 1, 1] = np.nan, np.inf, -np.inf
    found = problem(volume(raw=raw))
    assert (found.code, found.found) == (
        "DATA_VALUE",
        "3 numbers that are not finite, the first at z, y, x = [3, 1, 1]",
    )
    marked = mask().astype(np.float32) / 255
    marked[9, 7, 8] = np.nan
    assert problem(volume(mito=marked)).found.startswith(
        "1 number that is not finite, the first at z, y, x = [9, 7"
    )
    assert problem(volume(labels={"cells": marked})).code == "DATA_VALUE"


def test_blank_slices_are_a_warning(volume):
    raw = image()
    raw[3] = raw[7] = 0
    found = found_in(volume(raw=raw), "image")
    assert "grey values 0 to 254; " in found and "WARNING: 2 blank slices, the first is 3" in found


def test_a_voxel_size_that_the_file_contradicts_is_a_warning(volume, tmp_path):
    volumes = volume()
    meta = {"axes": "ZYX", "spacing": 40.0, "unit": "nm"}
    path = str(tmp_path / "image.tif")
    tifffile.imwrite(path, image(), imagej=True, resolution=(0.25, 0.2), metadata=meta)
    volumes["brain"]["image"] = path
    assert "WARNING: the file has 40 x 5 x 4 nm; the config is used" in found_in(volumes, "image")
    volumes["brain"]["voxel_size_nm"] = [40, 5, 4]
    assert "WARNING" not in found_in(volumes, "image")
    volumes["brain"]["voxel_size_nm"] = []
    rows, problems = check(volumes)
    assert (problems, rows[0]["voxel_size_nm"]) == ([], "40 x 5 x 4")
    assert "voxel size from the file" in rows[0]["found"]


def test_a_voxel_size_that_nobody_says_is_an_error(volume):
    volumes = volume()
    volumes["brain"]["voxel_size_nm"] = []
    found = problem(volumes)
    assert (found.code, found.where) == ("DATA_VALUE", "volumes.brain.voxel_size_nm")
    assert found.found == "unknown: it is in neither the file nor the config"


def test_pixels_much_larger_than_those_of_the_other_volume_are_a_warning(volume):
    volumes = volume() | volume("other")
    volumes["other"]["voxel_size_nm"] = [50, 10, 10]
    rows, problems = check(volumes)
    assert problems == []
    warnings = [" ".join(row["warnings"]) for row in rows]
    assert [one.endswith("pixels 2.0 times as large as the finest of this run") for one in warnings] == [
        *(False, False),
        *(True, False),
    ]


def test_float_images_are_said_to_be_scaled_and_what_is_clipped_is_counted(volume):
    raw = np.random.default_rng(0).normal(0, 1, (10, 200, 200)).astype(np.float32)
    marked = np.zeros(raw.shape, np.uint8)
    marked[:, :9] = 1
    found = found_in(volume(raw=raw, mito=marked), "image")
    assert "float32 stored in 16 bits" in found and "clipped" not in found
    raw[1, 2, 3], raw[4, 5, 6] = 1e6, -1e6
    assert "WARNING: 2 voxels lie far outside of all others and are clipped" in found_in(
        volume(raw=raw, mito=marked), "image"
    )


def test_colour_is_fine_unless_the_other_volume_is_grey(volume):
    colour = image(shape=(8, 9, 3))
    assert "axes z, y, x, c" in found_in(volume(raw=colour), "image")
    found = problem(volume(raw=colour) | volume("other"))
    assert (found.code, found.found) == ("DATA_SHAPE", "grey, while brain is colour")
    alike = np.repeat(image()[..., None], 3, axis=-1)
    assert "all colours alike, stored as grey" in found_in(volume(raw=alike) | volume("other"), "image")


def test_colour_of_16_bits_is_refused(volume):
    found = problem(volume(raw=image(shape=(8, 9, 3), dtype=np.uint16)))
    assert (found.code, found.found) == ("DATA_FORMAT", "a colour image of type uint16")


def test_an_alpha_channel_that_varies_is_a_warning(volume):
    raw = image(shape=(8, 9, 4))
    assert "WARNING: an alpha channel that varies is left out" in found_in(volume(raw=raw), "image")
    raw[..., 3] = 255
    assert "alpha" not in found_in(volume(raw=raw), "image")


# Masks


def test_empty_and_full_masks_are_refused(volume):
    assert problem(volume(mito=mask() * 0)).found == "no voxel is marked"
    assert problem(volume(mito=mask() * 0 + 255)).found == "every voxel is marked"


def test_instances_that_fill_the_volume_need_their_inside_as_mask(volume):
    cells = mask() * 0 + 1
    cells[..., 5:] = 2
    refused = problem(volume(mito=cells, options={"mito": {"foreground": "labels"}}))
    assert (refused.found, refused.fix) == (
        "every voxel is marked",
        "leave out their borders: `foreground: inside`",
    )
    options = {"mito": {"foreground": "inside"}}
    assert found_in(volume(mito=cells, options=options), "masks/mito") == "77.8% of the voxels"
    cells = np.tile(cells, (1, 2, 2))
    cells[0, 0, :2] = 0
    assert "are marked, so a mask tells little" in found_in(
        volume(raw=image(shape=cells.shape[1:]), mito=cells, options={"mito": {"foreground": "labels"}}),
        "masks/mito",
    )


def test_a_verdict_on_the_iou_of_what_fills_the_volume_is_warned_of(volume):
    """91 of 100 voxels are marked: so much has a network that marks them all."""
    dense = np.ones((10, 10, 10), np.uint8)
    dense[:, 0, :9] = 0
    volumes = volume(raw=image(shape=(10, 10)), mito=dense)
    said = {
        endpoint: warnings_of(
            check_volumes(volumes, splits={"brain": SPLIT}, **TARGET | {"endpoint": endpoint})[0]
        )
        for endpoint in ("iou", "dice", "voi")
    }
    assert said["iou"] == said["dice"] and "has an IoU of 0.91 here" in said["iou"]
    assert "IoU" not in said["voi"]
    sparse = check_volumes(volume(mito=mask()), splits={"brain": SPLIT}, **TARGET | {"endpoint": "iou"})[0]
    assert "IoU" not in warnings_of(sparse)


def test_a_mask_that_is_the_image_is_refused(volume):
    found = check(volume(raw=image(), mito=image()))[1]
    assert [one.code for one in found] == ["DATA_VALUE"]


def test_a_mask_that_is_a_black_and_white_image_is_refused(volume):
    raw = mask()
    raw[np.arange(10), 7, :] = np.arange(10)[:, None] % 2 * 255  # else all slices are alike
    raw[:, 0, np.arange(9)] = (np.arange(10)[:, None] >> np.arange(9) & 1) * 255
    assert problem(volume(raw=raw, mito=raw)).found == "the same voxels as image"


def test_two_masks_with_the_same_voxels_are_refused(volume):
    assert problem(volume(mito=mask(), membrane=mask() // 255)).found == "the same voxels as masks/mito"
    assert "withheld-membrane" in problem(volume(mito=mask(), withheld={"membrane": mask()})).where


def test_a_mask_of_which_most_is_marked_at_the_edges_too_may_be_inverted(volume):
    inverted = 255 - mask()
    found = found_in(volume(mito=inverted), "masks/mito")
    assert found.endswith("if that is the background, give `foreground: dark`") and "WARNING: 94.4%" in found
    dark = {"mito": {"foreground": "dark"}}
    assert found_in(volume(mito=inverted, options=dark), "masks/mito") == "5.6% of the voxels"
    middle = mask()
    middle[:, 1:-1, 1:-1] = 255  # 42 of 72, none of them at an edge
    assert "WARNING" not in found_in(volume(mito=middle), "masks/mito")


def test_instances_given_as_a_mask_are_refused(volume):
    raw, numbers = image(shape=(40, 30)), np.zeros((10, 40, 30), np.uint8)
    numbers[:, 10:, :12], numbers[:, 10:, 12:24] = 1, 2
    numbers[:, 10:, 24:] = 255  # the brightest value does not make it a mask
    found = problem(volume(raw=raw, mito=numbers))
    assert found.found.startswith(
        "4 values in flat regions, like classes or instances: 0 (25.0%), 1 (30.0%), 2 (30.0"
    )
    assert "`foreground: [values]`" in found.fix and "labels" in found.fix
    said = {"mito": {"foreground": [1, 255]}}
    found = found_in(volume(raw=raw, mito=numbers, options=said), "masks/mito")
    assert found == "45.0% of the voxels; values 0 (25.0%), 1 (30.0%), 2 (30.0%), 255 (15.0%)"


def test_small_instances_given_as_a_mask_are_refused_by_their_numbers(volume):
    numbers = mask() // 255 * np.arange(1, 11, dtype=np.uint8)[:, None, None]
    found = problem(volume(mito=numbers))
    assert found.found.startswith("11 values up to 10, like instance numbers")


def test_a_mask_with_soft_edges_is_a_warning(volume):
    soft = mask()
    soft[:, 1] = 60
    assert found_in(volume(mito=soft), "masks/mito").endswith(
        "WARNING: 1 value between 0 and 255 on 90 voxels (12.50%); "
        "above half of the brightest counts as bright"
    )


def test_an_image_given_as_a_mask_is_refused(volume):
    found = problem(volume(mito=image(seed=5)))
    assert found.code == "DATA_VALUE" and found.fix == "give the mask, not an image"


def test_foreground_values_that_never_occur_are_refused(volume):
    found = problem(volume(options={"mito": {"foreground": [7, 255, 300]}}))
    assert found.found == "no voxel has the value 7, 300; there are 0 (94.4%), 255 (5.6%)"


def test_ignored_voxels_are_counted_and_do_not_count_otherwise(volume):
    marked = mask() // 255
    marked[:, 7] = 200  # brighter than the structure, 9 of 72
    ignoring = {"mito": {"ignore": [200]}}
    assert (
        found_in(volume(mito=marked, options=ignoring), "masks/mito") == "6.3% of the voxels; 12.5% ignored"
    )
    everything = np.where(marked == 200, 200, 1).astype(np.uint8)
    assert problem(volume(mito=everything, options=ignoring)).found == "every voxel is marked"


def test_a_mask_of_endless_values_is_told_before_the_memory_is_full(volume, monkeypatch):
    monkeypatch.setattr("synthem.ingest.histogram.MOST_VALUES", 50)
    noise = np.random.default_rng(0).normal(0, 1, (10, 8, 9))
    assert problem(volume(mito=noise)).found.startswith("more than")


# Labels


def test_labels_are_whole_numbers(volume):
    assert problem(volume(labels={"cells": mask() / 100})).found == (
        "1 instance number not whole, the first is 2.55"
    )
    assert "1 instance " in found_in(volume(labels={"cells": mask() / 255}), "labels/cells")


@pytest.mark.parametrize("factor", [-1, 2**30])
def test_labels_that_do_not_fit_are_said_to_be_relabelled(volume, factor):
    found = found_in(volume(labels={"cells": mask().astype(np.int64) * factor}), "labels/cells")
    assert f"relabelled 1 to 1, they were {255 * factor:g}" in found
    warned = "WARNING: -255 is taken for an instance; if it means unknown, say so: `ignore: [-255]`"
    assert (warned in found) == (factor < 0)


def test_labels_that_are_numbered_anew_in_each_slice_are_warned_of(volume):
    """Six bodies of 2 x 2 pixels that go through ten slices; numbered anew, each begins with another one."""
    bodies = np.zeros((10, 8, 9), np.uint16)
    for number in range(6):
        y, x = 3 * (number // 3), 3 * (number % 3)
        bodies[:, y : y + 2, x : x + 2] = number + 1
    anew = bodies.copy()
    for z in range(10):
        anew[z][bodies[z] > 0] = (bodies[z][bodies[z] > 0] + z) % 6 + 1
    one_slice, gaps = bodies * (np.arange(10) == 3)[:, None, None], anew * (np.arange(10) % 2)[:, None, None]
    warned = "numbers seem to begin anew in each slice: of 54 that a slice and the next one have, 54 share no"
    for numbers, expected in ((bodies, False), (anew, True), (one_slice, False), (gaps, False)):
        volumes = volume(mito=(numbers > 0).astype(np.uint8), labels={"cells": numbers})
        volumes["brain"]["labels"] = {"mito": volumes["brain"]["labels"]["cells"]}
        rows = check(volumes, **TARGET)[0]
        assert (warned in warnings_of(rows)) == expected


def test_labels_without_a_number_are_refused(volume):
    assert problem(volume(labels={"cells": mask() * 0})).found == "no voxel has a number"


# Placing


def test_labels_smaller_than_the_image_lie_where_their_offset_says(volume):
    volumes = volume(labels={"cells": mask(3)[:, :5, :6]})
    path, name = volumes["brain"]["labels"]["cells"]["files"].split(":")
    for offset, error in [
        ((200, 15, 5), ""),
        ((25, 0, 0), "whole voxels"),
        ((500, 0, 0), "lie inside the image"),
    ]:
        with h5py.File(path, "a") as file:
            file[name].attrs["offset"] = offset
        if error:
            found = problem(volumes)
            assert found.code == "DATA_SHAPE" and error in found.expected
        else:
            assert "from z, y, x = [4, 3, 1] of the image on" in found_in(volumes, "labels/cells")


# Names of slices


@pytest.fixture
def folders(tmp_path):
    """A volume of PNG slices with the given names."""

    def make(images, masks, tiles=False):
        for folder, names, planes in (("raw", images, image(len(images))), ("mito", masks, mask(len(masks)))):
            (tmp_path / folder).mkdir()
            for name, plane in zip(names, planes, strict=True):
                Image.fromarray(plane).save(tmp_path / folder / name)
        entry = {"image": str(tmp_path / "raw"), "masks": {"mito": str(tmp_path / "mito")}}
        return {"brain": filled_in("brain", entry | {"voxel_size_nm": NM, "tiles": tiles}, "")}

    return make


def test_slices_pair_by_their_numbers(folders):
    numbers = range(10)
    assert check(folders([f"a{z:03}.png" for z in numbers], [f"labels_{z}_b.png" for z in numbers]))[1] == []


def test_numbers_that_are_all_moved_by_as_much_are_a_warning(folders):
    volumes = folders([f"{z}.png" for z in range(10)], [f"{z}.png" for z in range(1, 11)])
    assert "WARNING: numbered 1 to 10, the image 0 to 9: paired in order" in found_in(volumes, "masks/mito")


def test_numbers_without_a_partner_are_an_error(folders):
    names = [f"{z}.png" for z in range(5)]
    tiles = [*names[:3], "7.png", "9.png"]
    found = problem(folders(names, tiles, tiles=True))
    assert (found.code, found.found) == ("DATA_SHAPE", "2 of 5 slices have no partner, the first is 3.png")


def test_tiles_pair_by_their_words(folders):
    words = ["heart", "liver", "lung", "skin", "skull"]
    volumes = folders([f"{word}.png" for word in words], [f"{word}_mask.png" for word in words], tiles=True)
    assert check(volumes)[1] == []


def test_tiles_of_other_words_do_not_pair(folders):
    images, masks = ["heart", "liver", "lung", "skin"], ["heart", "liver", "nose", "skin"]
    found = problem(folders([f"{a}.png" for a in images], [f"{b}.png" for b in masks], tiles=True))
    assert found.found == "1 of 4 slices has no partner, the first is lung.png"


def test_a_tile_of_another_size_than_its_image_is_named(folders, tmp_path):
    volumes = folders(["a.png", "b.png", "c.png"], ["a.png", "b.png", "c.png"], tiles=True)
    Image.fromarray(mask()[0, :7, :6]).save(tmp_path / "mito" / "b.png")
    found = problem(volumes, split=SPLIT | {"test": 0.3})
    assert (found.found, found.expected) == ("b.png has 7 x 6", "8 x 9 as the image")


# Blocks


def test_too_few_slices_are_told_with_the_volume(volume):
    found = problem(volume(raw=image(2), mito=mask(2)))
    assert (found.code, found.where) == ("DATA_SPLIT", "split of brain")


def test_one_slice_is_enough_where_the_test_block_is_a_stack_of_its_own(volume):
    one = volume(raw=image(1), mito=mask(1), test=(image(2, seed=1), {"mito": mask(2)}))
    assert "split train 0, test 1-2" in found_in(one, "image", **TARGET)


def test_a_validation_stack_of_its_own_joins_what_may_be_labelled(volume):
    one = volume(raw=image(1), mito=mask(1), test=(image(2, seed=1), {"mito": mask(2)}))
    one["brain"]["validation"] = volume("more", raw=image(3, seed=2), mito=mask(3))["more"]
    four = TARGET | {"draws": draws(4)}
    assert "split train 0, train 1-3, test 4-5" in found_in(one, "image", **four)
    assert problem(one, **TARGET | {"draws": draws(5)}).code == "DATA_SPLIT"


def test_a_budget_beyond_the_train_block_is_told_with_the_volume(volume):
    for alone in (7, "all"):
        assert check(volume(), **TARGET | {"draws": draws(6, alone)})[1] == []
    found = problem(volume(), **TARGET | {"draws": draws(1, 8)})
    assert (found.code, found.where) == ("DATA_SPLIT", "labels.budgets of brain")
    assert found.found == "a budget of 8 labelled slices, the train block has 7"
    found = problem(volume(), **TARGET | {"draws": draws(1, 7, "all")})
    assert (found.code, found.found) == ("DATA_SPLIT", "7 and `all` are the same 7 slices")


def test_draws_without_the_structure_are_an_error_that_names_some(volume):
    """Slices 0 to 3 have none: the first of 2 have none, of the first 5 one that nothing learns from has."""
    volumes = volume(mito=mask(slices=slice(4, 10)))
    found = problem(volumes, **TARGET | {"draws": draws(2, 3, 7)})
    assert found.code == "DATA_SPLIT" and "in 2 of 3 draws of slices to learn from: " in found.found
    assert (
        "budget 2, first, replicate 1 (slices 0-1); budget 3, first, replicate 1 (slices 0-2)" in found.found
    )
    many = [one for number in range(1, 6) for one in draws(1, replicate=number)]
    found = problem(volumes, **TARGET | {"draws": many}).found
    assert found.count("replicate") == 3 and found.endswith(" and 2 more")


def test_objects_of_train_and_test_block_are_a_warning_with_the_gap_that_would_part_them(volume):
    marked = np.zeros((20, 8, 9), np.uint8)
    marked[:13, 0, 0] = 255  # ends in the gap of slices 13 and 14; the longest
    marked[11:17, 4, 4:6] = 255  # 6 slices, from the train block into two test slices: 4 voxels there
    marked[15:20, 6:8, 0:2] = 255  # in the test block alone: 20 voxels there
    split = {"test": 0.25, "gap_nm": 100, "fold": 0}
    warnings = check(volume(raw=image(20), mito=marked), split=split, **TARGET)[0][1]["warnings"]
    expected = "1 of 2 objects of the stack that reach the test block (17% of their voxels)"
    advice = "split.gap_nm: 650 is as long as 95 % of all objects, and leaves 2 of 13 slices to train on"
    assert f"{expected} also lies in the train block; {advice}" in warnings
    # With a gap of 13 slices 2 are left to train on, and none of these objects is in both blocks.
    rows = check(volume(raw=image(20), mito=marked), split=split | {"gap_nm": 650}, **TARGET)[0]
    assert not any("also lie" in warning for warning in rows[1]["warnings"])


@pytest.mark.parametrize(("median_slices", "lost"), [(1, 0), (3, 2), (5, 3)])
def test_objects_that_a_median_of_slices_loses_are_warned_of(volume, median_slices, lost):
    """Of five objects two lie in one slice, one in two, the others in three and more."""
    marks = np.zeros((10, 10, 10), np.uint8)
    for number, (first, end) in enumerate([(0, 1), (9, 10), (2, 4), (3, 6), (0, 10)]):
        marks[first:end, 2 * number, :2] = 1
    how = TARGET | {"cutting": {"methods": ["components"], "median_slices": median_slices}}
    said = warnings_of(check(volume(raw=image(shape=(10, 10)), mito=marks), **how)[0])
    assert ("get lost in a median" in said) == bool(lost)
    if lost:
        where = "a single slice" if median_slices == 3 else "at most 2 slices"
        assert f"{lost} of 5 objects lie in {where}, and may get lost in a median of {median_slices}" in said
        assert f"`watershed: {{median_slices: {median_slices - 2}}}`" in said


def test_a_sheet_that_bodies_would_cut_is_warned_of(volume):
    """Written by hand: `make new` knows better. Every arm counts."""
    lines = np.zeros((10, 10, 10), np.uint8)
    lines[:, ::4], lines[:, :, ::4], lines[:, -1], lines[:, :, -1] = 1, 1, 1, 1
    for methods, warned in ((["bodies", "mutex"], True), (["components"], False)):
        how = TARGET | {"cutting": {"methods": methods, "median_slices": 3}}
        said = warnings_of(check(volume(raw=image(shape=(10, 10)), mito=lines), **how)[0])
        assert ("one sheet, which `watershed.method: bodies` cuts" in said) == warned
        assert "median" not in said


def test_of_a_sheet_neither_objects_nor_their_length_are_judged(volume):
    membranes = np.zeros((10, 8, 9), np.uint8)
    membranes[:, 3] = membranes[:, :, 4] = 255  # 16 of 72 pixels, through all slices
    rows, problems = check(volume(mito=membranes), **TARGET)
    assert problems == [] and rows[1]["warnings"] == []
    assert rows[1]["found"] == "22.2% of the voxels; train one sheet (22.2%), test one sheet (22.2%)"
    assert rows[1]["blocks"]["test"] == {"slices": 2, "objects": None, "foreground": 0.222222}


def test_labels_that_imagej_scaled_to_8_bits_are_warned_of(volume):
    """20 objects of 16 bits, displayed from 0 to 65535: 130 to 149 times 256 / 65536 plus 0.5 are all 1."""
    one_number = np.zeros((10, 8, 9), np.uint8)
    one_number[:, ::2, ::2] = 1  # 4 x 5 objects of a pixel in a slice
    volumes = volume(mito=(one_number > 0).astype(np.uint8) * 255, labels={"mito": one_number})
    words = "a number is 20.0 parts of a slice on average, in labels of 8 bits: if ImageJ made them"
    assert words in found_in(volumes, "labels/mito", **TARGET)
    volumes = volume(labels={"mito": one_number.astype(np.uint16)})
    assert "8 bits" not in found_in(volumes, "labels/mito", **TARGET)


@pytest.mark.parametrize("foreground", ["labels", "inside", "borders"])
def test_masks_of_labels_that_imagej_scaled_to_8_bits_are_warned_of(volume, foreground):
    """Of 137 objects, displayed from 0 to 65535, the first 127 are background: ten are left, as 1."""
    scaled = np.zeros((10, 8, 20), np.uint8)
    for y, x in np.ndindex(2, 5):
        scaled[:, 4 * y : 4 * y + 3, 4 * x : 4 * x + 3] = 1
    scaled[:, 7, 19] = 9  # unknown
    options = {"mito": {"foreground": foreground, "ignore": [9]}}
    raw = image(shape=(8, 20))
    volumes = volume(raw=raw, mito=scaled, options=options)
    words = "a number is 10.0 parts of a slice on average, in labels of 8 bits: if ImageJ made them"
    assert words in found_in(volumes, "masks/mito", **TARGET)
    whole = volume(raw=raw, mito=scaled.astype(np.uint16), options=options)
    assert "8 bits" not in found_in(whole, "masks/mito", **TARGET)
    of_values = volume(raw=raw, mito=scaled, options={"mito": {"foreground": [1], "ignore": [9]}})
    assert "8 bits" not in found_in(of_values, "masks/mito", **TARGET)


def test_labels_that_imagej_scaled_are_warned_of_once(volume):
    scaled = np.zeros((10, 8, 9), np.uint8)
    scaled[:, ::2, ::2] = 1
    volumes = volume(mito=scaled, labels={"mito": scaled}, options={"mito": {"foreground": "labels"}})
    volumes["brain"]["masks"]["mito"]["files"] = volumes["brain"]["labels"]["mito"]["files"]  # as filled in
    rows, problems = check(volumes, **TARGET)
    warned = [row["part"] for row in rows if any("8 bits" in words for words in row["warnings"])]
    assert (problems, warned) == ([], ["labels/mito"])


def test_objects_as_long_as_the_volume_can_be_parted_by_a_stack_of_its_own_alone(volume):
    warnings = check(volume(), **TARGET)[0][1]["warnings"]
    gap = "split.gap_nm: 500 is as long as 95 % of all objects, and leaves 0 of 7 slices to train on: only"
    assert any(warning.startswith(f"{SHARED}; {gap}") for warning in warnings)
    own = volume(test=(image(3, seed=9), {"mito": mask(3)}))
    assert not any("also lie" in warning for warning in check(own, **TARGET)[0][1]["warnings"])


@pytest.mark.parametrize(
    "slices, named",
    [
        (slice(0, 7), "the test block (slices 8-9)"),
        (slice(7, 10), "the train block (slices 0-6)"),
        ([7], "the train block (slices 0-6), the test block (slices 8-9)"),
    ],
)
def test_a_block_of_the_target_without_the_structure_is_an_error(volume, slices, named):
    found = problem(volume(mito=mask(slices=slices)), **TARGET)
    assert (found.code, found.found) == ("DATA_SPLIT", f"no voxel is marked in {named}")


LABELLED = ", or name the labelled ones: `volumes.brain"


def test_slices_that_may_have_no_labels_are_told_how_to_be_left_out(volume):
    """An error, or a warning, of which the other remedies teach networks that nothing is there."""
    found = problem(volume(mito=mask(slices=[0, 1, 2, 5])), **TARGET)
    assert found.fix.endswith(f"mark the structure there{LABELLED}.labelled_slices: [0-2, 5]`")
    found = problem(volume(mito=mask(slices=[3, 8, 9])), **TARGET)
    assert "1 of 1 draw" in found.found
    assert found.fix.endswith(f"mark the structure there{LABELLED}.labelled_slices: [3, 8-9]`")
    told = found_in(volume(mito=mask(slices=[0, 2, 4, 6, 8])), "masks/mito", **TARGET)
    assert (
        "1 of 2 test slices has none and counts as background: leave them so if they are truly empty" in told
    )
    assert told.endswith(f"{LABELLED}.labelled_slices: [0, 2, 4, 6, 8]`")


def test_slices_of_a_test_stack_are_counted_from_its_own_first_one(volume):
    own = volume(test=(image(4, seed=9), {"mito": mask(4, slices=[1, 2])}))
    told = found_in(own, "test/masks/mito", **TARGET)
    assert "2 of 4 test slices" in told and told.endswith(f"{LABELLED}.test.labelled_slices: [1-2]`")


def test_slices_of_a_validation_stack_are_named_below_it(volume):
    one = volume(test=(image(2, seed=1), {"mito": mask(2)}))
    one["brain"]["validation"] = volume("more", raw=image(10, seed=2), mito=mask(slices=[7]))["more"]
    told = found_in(one, "masks/mito", **TARGET)
    assert "9 of 20 train slices" in told and told.endswith(f"{LABELLED}.validation.labelled_slices: [7]`")


def test_a_test_stack_without_a_mask_of_the_structure_is_an_error(volume):
    found = problem(volume(test=(image(3, seed=9), {})), **TARGET)
    assert found.found == "no voxel is marked in the test block (slices 10-12)"


def test_many_slices_without_structure_are_a_warning_and_unknown_ones_are_not(volume):
    marked = mask(slices=[0, 1, 5, 6, 8])
    found = found_in(volume(mito=marked), "masks/mito", **TARGET)
    assert "3 of 7 train slices have none and count as background" in found
    marked[2:5] = 3
    found = found_in(volume(mito=marked, options={"mito": {"ignore": [3]}}), "masks/mito", **TARGET)
    assert "train slices" not in found and "1 of 2 test slices" in found


def test_other_volumes_and_masks_may_have_blocks_without_structure(volume):
    volumes = volume(mito=mask(), nuclei=mask(slices=slice(2))) | volume("other", mito=mask(slices=slice(1)))
    assert check(volumes, **(TARGET | {"draws": draws("all")}))[1] == []


# Leakage


def test_a_slice_in_two_blocks_is_an_error_that_names_both_places(volume):
    raw = image()
    raw[9] = raw[2]
    found = problem(volume(raw=raw))
    assert found.code == "DATA_SPLIT"
    assert "1 slice twice" in found.found
    assert "slice 9 (brain, test) is slice 2 (brain, train) of" in found.found


def test_copies_in_a_gap_or_in_one_block_and_blank_slices_leak_nothing(volume):
    raw = image()
    raw[1] = raw[7] = raw[0]  # 7 lies in the gap
    raw[2] = raw[9] = 0
    assert check(volume(raw=raw))[1] == []


def test_what_one_volume_teaches_must_not_be_scored_in_the_target(volume):
    raw = image(seed=3)
    raw[1] = image(seed=4)[8]
    volumes = volume(raw=image(seed=4)) | volume("other", raw=raw)
    found = problem(volumes, targets=["brain"], structure="none")
    assert "slice 8 (brain, test) is slice 1 (other, train)" in found.found
    assert (
        problem(volumes | volume("other", raw=raw), targets=["brain"], structure="none").code == "DATA_SPLIT"
    )
    assert (
        check(volumes, targets=["other"], structure="none")[1] == []
    )  # the target's own training may repeat it


def test_the_same_stack_under_two_names_is_one_error(volume):
    found = problem(volume(raw=image()) | volume("other", raw=image()), targets=["brain"], structure="none")
    assert found.code == "DATA_SPLIT" and "the same 10 slices as image of brain" in found.found
    found = problem(volume(raw=image(), test=(image(), {"mito": mask()})))
    assert "the same 10 slices as image of brain" in found.found and "test" in found.where


def test_folds_of_one_stack_learn_apart_and_a_third_volume_may_not_have_it(volume):
    folds = {"targets": ["brain", "other"], "folds": [("brain", "other")], "structure": "none"}
    volumes = volume(raw=image()) | volume("other", raw=image())
    splits = {"brain": FOLDS | {"fold": 1}, "other": FOLDS | {"fold": 2}}
    assert check_volumes(volumes, splits=splits, **(STUDY | folds))[1] == []
    third = volumes | volume("third", raw=image())
    problems = check_volumes(third, splits=splits | {"third": SPLIT}, **(STUDY | folds))[1]
    assert problems and {one.code for one in problems} == {"DATA_SPLIT"}
    assert all("third" in f"{one.where} {one.found}" for one in problems)


def test_the_table_is_aligned_and_a_line_for_each_source(volume):
    rows, _ = check(volume())
    rows[0]["source"] = "a\nb.tif"
    lines = table_of(rows).splitlines()
    assert len(lines) == 3 and len({line.index("10 x 8 x 9") for line in lines[1:]}) == 1
    assert lines[0].split() == list(COLUMNS[:-1])  # problems are told below, as errors


def test_where_white_is_0_the_table_says_what_counts(tmp_path):
    entry = {"voxel_size_nm": NM, "image": str(tmp_path / "image.tif")}
    entry["masks"] = {"mito": {"files": str(tmp_path / "mito.tif")}}
    tifffile.imwrite(tmp_path / "image.tif", image(), photometric="miniswhite")
    tifffile.imwrite(tmp_path / "mito.tif", mask() > 0)  # of bits: tifffile writes white as 0
    volumes = {"brain": filled_in("brain", entry, "")}
    assert "white is 0 in the file; turned round, as viewers show it" in found_in(volumes, "image")
    found = found_in(volumes, "masks/mito")
    assert "WARNING: white is 0 in the file" in found and "5.6% of the voxels" in found  # 4 of 72, not 68
    tifffile.imwrite(tmp_path / "image.tif", image())
    tifffile.imwrite(tmp_path / "mito.tif", mask())
    assert not any("white is 0" in row["found"] for row in check(volumes)[0])


@pytest.mark.parametrize("version, chunk", [(2, "1.0.0"), (3, "c/1/0/0")])
def test_chunks_that_are_missing_are_warned_of_in_an_image(tmp_path, version, chunk):
    zarr = pytest.importorskip("zarr", minversion="3", reason="zarr is an extra")
    options = {"chunks": (4, 8, 9), "zarr_format": version, "dtype": "u1", "shape": (10, 8, 9)}
    zarr.create_array(str(tmp_path / "image.zarr"), **options)[...] = image()
    zarr.create_array(str(tmp_path / "mito.zarr"), **options)[...] = mask(slices=slice(8, 10))
    entry = {"voxel_size_nm": NM, "image": str(tmp_path / "image.zarr")}
    entry["masks"] = {"mito": {"files": str(tmp_path / "mito.zarr")}}
    volumes = {"brain": filled_in("brain", entry, "")}
    assert "missing" not in found_in(volumes, "image")
    assert "2 of 3 chunks are missing" in found_in(volumes, "masks/mito")  # zarr leaves out zeros
    (tmp_path / "image.zarr" / chunk).unlink()
    assert "WARNING: 1 of 3 chunks are missing in the store" in found_in(volumes, "image")


def test_a_mask_of_a_few_slices_is_counted_where_it_lies(volume):
    # 7 of 30 slices: test 25 and 28, train 1, 2, 10, 15 and 20; an object in three of them.
    named = [1, 2, 10, 15, 20, 25, 28]
    marked = mask(30, slices=[2, 20, 28])
    volumes = volume(raw=image(30), mito=marked[named])
    volumes["brain"]["labelled_slices"] = named
    split = SPLIT | {"test": 0.25}
    rows, problems = check(volumes, split=split, **TARGET | {"draws": draws(3)})
    assert problems == []
    image_row, mask_row = rows
    assert (
        "split train 1-2, 10, 15, 20; test 25, 28; unlabelled 0, 3-9, 11-14, 16-19, 21-23"
        in (image_row["found"])
    )
    assert "for 7 of 30 slices; the others are unknown; 2.4% of the voxels" in mask_row["found"]
    assert mask_row["blocks"] == {
        "train": {"slices": 5, "objects": 2, "foreground": 0.022222},
        "test": {"slices": 2, "objects": 1, "foreground": 0.027778},
    }
    # Given as a whole stack whose other slices are marked all over, it is the same.
    marked = np.full((30, 8, 9), 255, np.uint8)
    marked[named] = mask(30, slices=[2, 20, 28])[named]
    volumes |= {"brain": volume("brain", raw=image(30), mito=marked)["brain"] | {"labelled_slices": named}}
    again, problems = check(volumes, split=split, **TARGET | {"draws": draws(3)})
    assert problems == [] and again[1]["blocks"] == mask_row["blocks"]
    assert again[1]["warnings"][:1] == mask_row["warnings"][:1]


def labelled_folder(tmp_path, volume, numbers, named):
    """30 slices in files 1 to 30, masks in files of these numbers, for the slices `named`."""
    volumes = volume(raw=image(30), mito=mask(30))
    for folder, files in (("raw", range(1, 31)), ("marks", numbers)):
        (tmp_path / folder).mkdir()
        for z, number in enumerate(files):
            plane = image(30)[z] if folder == "raw" else mask(30)[z]
            Image.fromarray(plane).save(tmp_path / folder / f"{folder}_{number:03}.png")
    entry = volumes["brain"]
    entry["image"], entry["labelled_slices"] = str(tmp_path / "raw"), named
    entry["masks"]["mito"]["files"] = str(tmp_path / "marks")
    return volumes


SCATTERED = [1, 4, 5, 10, 17, 20, 25, 28]


def test_a_folder_of_the_labelled_slices_may_keep_their_numbers(tmp_path, volume):
    volumes = labelled_folder(tmp_path, volume, [z + 1 for z in SCATTERED], SCATTERED)
    rows, problems = check(volumes, split=SPLIT | {"gap_nm": 0}, **TARGET | {"draws": draws("all")})
    assert problems == [] and not any("number" in warning for row in rows for warning in row["warnings"])


def test_labelled_slices_read_off_names_that_begin_with_1_are_refused(tmp_path, volume):
    """marks_004.png is for raw_004.png, which is slice 3."""
    volumes = labelled_folder(tmp_path, volume, SCATTERED, SCATTERED)
    found = problem(volumes, **TARGET)
    assert found.code == "DATA_SHAPE" and "marks_001.png lies on slice 1, which is raw_002.png" in found.found
    assert found.fix == "take 1 from each number of labelled_slices"


def test_labelled_slices_in_files_that_are_numbered_anew_are_paired_in_order_with_a_warning(tmp_path, volume):
    volumes = labelled_folder(tmp_path, volume, range(1, 9), SCATTERED)
    rows, problems = check(volumes, split=SPLIT | {"gap_nm": 0}, **TARGET | {"draws": draws("all")})
    assert problems == []
    assert "numbered 1 to 8: taken for labelled_slices in order" in rows[1]["warnings"][0]


def test_two_numbers_in_names_that_order_slices_differently_are_warned_of(tmp_path, volume):
    volumes = volume()
    times = [8842, 8801, *range(8850, 8858)]
    for z, (plane, time) in enumerate(zip(image(), times, strict=True), start=1):
        (tmp_path / "raw").mkdir(exist_ok=True)
        Image.fromarray(plane).save(tmp_path / f"raw/sec_{z:02}_img_{time}.png")
    volumes["brain"]["image"] = str(tmp_path / "raw")
    warned = "two numbers in the names order the slices differently: by the last, sec_02_img_8801.png"
    assert check(volumes)[0][0]["warnings"][0].startswith(warned)


def test_decimals_in_names_that_may_be_two_numbers_each_are_warned_of(tmp_path, volume):
    (tmp_path / "raw").mkdir()
    places = ["1.25", "1.5", "1.75", "2.0", "2.25", "2.3", "2.5", "3.0", "3.25", "3.5"]
    for plane, place in zip(image(), places, strict=True):
        Image.fromarray(plane).save(tmp_path / f"raw/z{place}.png")
    volumes = volume()
    volumes["brain"]["image"] = str(tmp_path / "raw")
    (found,) = check(volumes)[0][0]["warnings"]
    assert "order the slices differently: by decimals, z1.25.png to z3.5.png; if that is wrong" in found
    assert "two numbers in the names order" not in found


def test_names_of_other_slices_than_the_labelled_are_refused(tmp_path, volume):
    volumes = labelled_folder(tmp_path, volume, [2, 5, 6, 11, 18, 21, 26, 30], SCATTERED)
    found = problem(volumes, **TARGET)
    assert found.code == "DATA_SHAPE" and "1 of 8 slices has no partner" in found.found


def test_slices_that_the_image_has_not_are_told_once(volume):
    volumes = volume(mito=mask())
    volumes["brain"]["labelled_slices"] = [0, 1, 10]
    found = problem(volumes, **TARGET)
    assert (found.code, found.found) == ("DATA_SHAPE", "labelled_slices names slice 10, the image has 10")


def test_few_objects_to_score_are_a_warning_that_names_a_better_fold(volume):
    # 20 slices, 5 a fold. Objects lie in every other slice: fold 2 (slices 5 to 9) has 12, the last slices 3.
    marked = np.zeros((20, 16, 18), np.uint8)
    for z in range(20):
        marked[z, 0, 0] = 255 * (z not in (4, 10, 14))  # no object goes through a gap
    marked[5:10:2, 4, 2:14:3] = 255
    marked[15:20:2, 4, 4] = 255
    warnings = check(volume(raw=image(20, shape=(16, 18)), mito=marked), split=FOLDS, **TARGET)[0][1][
        "warnings"
    ]
    # the column at 0, 0 is one more in each
    assert warnings == ["4 objects in the test block, at least 10 are needed; split.fold: 2 has 13"]
    rows = check(volume(raw=image(20, shape=(16, 18)), mito=marked), split=FOLDS | {"fold": 2}, **TARGET)[0]
    assert rows[1]["warnings"] == []


def test_what_has_no_test_block_is_neither_asked_for_objects_nor_compared(volume):
    volumes = volume("a", raw=image()) | volume("brain")
    splits = {"a": SPLIT | {"test": 0}, "brain": SPLIT}
    rows, problems = check_volumes(volumes, splits=splits, **TARGET)
    assert problems == []
    assert "split train 0-9" in rows[0]["found"]
    assert list(rows[1]["blocks"]) == ["train"] and rows[1]["warnings"] == []


def test_instances_of_labels_are_the_objects(volume):
    cells = np.zeros((10, 8, 9), np.uint16)
    cells[:, 2:4, 2:4], cells[:, 2:4, 4:6], cells[9, 6:, 6:] = 1, 2, 3  # the first two touch
    volumes = volume(labels={"cells": cells}, mito=(cells > 0).astype(np.uint8))
    volumes["brain"]["labels"] = {"mito": volumes["brain"]["labels"]["cells"]}
    rows = check(volumes, **TARGET)[0]
    assert [held["objects"] for held in rows[1]["blocks"].values()] == [2, 3]


def test_sizes_of_the_demo_on_a_users_files_are_a_warning(volume):
    sizes = {"unets.network.base_width": 8, "unets.training.steps": 150}
    rows = check(volume(), **with_networks(demo_sizes=sizes))[0]
    (warning,) = rows[0]["warnings"]
    assert "set `size: auto`, or raise unets.network.base_width 8, unets.training.steps 150" in warning
    assert warnings_of(rows).splitlines()[0] == f"WARNING brain image: {warning}"
    assert warning not in table_of(rows) and words_of(rows).count(warning) == 1
    assert check(volume(), **TARGET)[0][0]["warnings"] == []


def test_jpeg_images_are_warned_of_and_jpeg_masks_refused(tmp_path):
    marked = np.zeros((10, 32, 32), np.uint8)
    marked[:, 8:20, 8:20] = 255
    for name, stack in (("image", image(shape=(32, 32))), ("mask", marked)):
        (tmp_path / name).mkdir()
        for z, plane in enumerate(stack):
            Image.fromarray(plane).save(tmp_path / name / f"{z}.jpg")
    entry = {"image": str(tmp_path / "image"), "masks": {"mito": str(tmp_path / "mask")}, "voxel_size_nm": NM}
    rows, problems = check_volumes(
        {"brain": filled_in("brain", entry, "mito")}, splits={"brain": SPLIT}, **STUDY
    )
    assert "brain image: JPEG, which is not lossless" in warnings_of(rows)
    (problem,) = problems
    assert problem.code == "DATA_FORMAT" and "a mask in JPEG files, which do not keep values" in problem.found


@pytest.mark.parametrize(("strategy", "words"), [("spread", "at most 1 of those"), ("first", "")])
def test_a_network_in_3_d_on_slices_apart_is_warned_of(volume, strategy, words):
    learnt = {"draws": draws("3", strategy=strategy, validation=0), "patch_slices": 3}
    told = found_in(volume(raw=image(14), mito=mask(14)), "masks/mito", **TARGET | learnt)
    assert (words in told and "a network sees 3 slices at once; in 1 of 1 draw" in told) == bool(words)
    assert "a network sees" not in told or words


@pytest.mark.parametrize(("tile", "warned"), [(8, True), (9, False)])
def test_tiles_that_a_deep_u_net_looks_beyond_are_warned_of(volume, tile, warned):
    """Of depth 1: 2 + 4 pixels down and 2 up. Slices are 8 x 9."""
    told = found_in(volume(), "image", **with_networks(short_halos=[{"tile": tile, "depth": 1}]))
    assert ("set inference.halo to 8, or seams show" in told) == warned


@pytest.mark.parametrize(
    ("patch", "size", "warned"), [(8, None, False), (9, None, True), (9, [16, 18], False)]
)
def test_patches_that_are_larger_than_a_slice_are_warned_of(volume, patch, size, warned):
    """Slices are 8 x 9."""
    volumes = volume() if size is None else resized(volume(), size)
    patches = {"unets.training.patch": patch, "gans.training.patch": 4}
    told = found_in(volumes, "image", **with_networks(patches=patches))
    words = "slices of 8 x 9 pixels are smaller than patches, which reflection fills up: set "
    assert (words + "unets.training.patch (9) to 8 or less" in told) == warned


@pytest.mark.parametrize(
    ("size", "resize", "warned"),
    [
        ([30, 10, 13], None, "pixels of 10 x 13 nm"),
        ([30, 13, 10], None, "pixels of 13 x 10 nm"),
        ([30, 10, 10.4], None, ""),
        ([30, 10, 10], [8, 6], "pixels of 10 x 15 nm"),
        ([30, 9, 8], [9, 9], ""),  # 72 x 72 nm in 9 x 9 pixels
    ],
)
def test_turns_of_pixels_that_are_not_square_are_warned_of(volume, size, resize, warned):
    """Slices are 8 x 9 pixels."""
    volumes = volume() if resize is None else resized(volume(), resize)
    volumes = {name: one | {"voxel_size_nm": size} for name, one in volumes.items()}
    keys = {"unets.training.augment.turn": "flips", "inference.turns": 1}
    told = found_in(volumes, "image", **TARGET | {"turning": {"brain": keys}})
    advice = "set unets.training.augment.turn to flips and inference.turns to 1"
    words = f"{warned} are not square, and slices turned by 90 degrees"
    assert (words in told and advice in told) == bool(warned)
    assert "turned by" not in told or warned
    assert "turned by" not in found_in(volumes, "image", **TARGET | {"turning": {"brain": {}}})


def resized(entry, size):
    """The volume with `resize`."""
    return {name: one | {"resize": size} for name, one in entry.items()}


def test_what_resize_cannot_do_is_told_before_anything_is_ingested(volume):
    assert check(resized(volume(), [16, 18]))[1] == []
    assert "more than 4 times" in problem(resized(volume(), [64, 9])).found
    tiles = {name: one | {"tiles": True, "resize": [16, 18]} for name, one in volume().items()}
    assert problem(tiles).found.startswith("tiles, or slices of several sizes")


def test_pixels_are_compared_as_resize_leaves_them(volume):
    """10 nm resized to twice as many pixels are 5 nm, as those of the other volume."""
    coarse = {name: one | {"voxel_size_nm": [50.0, 10.0, 10.0]} for name, one in volume("coarse").items()}
    for entry, warned in ((coarse, 1), (resized(coarse, [16, 18]), 0)):
        rows, problems = check(volume() | entry)
        assert problems == []
        warnings = [words for row in rows for words in row["warnings"]]
        assert sum("times as large as the finest" in words for words in warnings) == warned


def test_labels_that_another_stack_lacks_are_not_used_and_said_to_be(volume):
    entry = volume(labels={"mito": mask()}, test=(image(3, seed=9), {"mito": mask(3)}))
    assert "not used: `test` has a mask of it and no such numbers" in found_in(entry, "labels/mito")


def test_a_class_that_a_test_stack_lacks_is_a_note(volume):
    """By its value: a rare class may well be absent there."""
    entry = volume(rare=mask(slices=slice(5)), mito=mask(), test=(image(3, seed=9), {"mito": mask(3)}))
    masks, own = entry["brain"]["masks"], entry["brain"]["test"]["masks"]
    masks["rare"] |= {"foreground": [255]}
    own["rare"] = masks["rare"] | {"files": own["mito"]["files"], "foreground": [7]}
    assert "none of its values is in this stack" in found_in(entry, "test/masks/rare")


def test_a_package_for_bytes_is_refused_with_other_images_before_any_training(volume):
    deep = volume(raw=image(dtype=np.uint16))
    found = problem(deep, **with_networks(packaged_bytes=True))
    assert str(found) == (
        "ERROR CONFIG_CONTRADICTION exports.networks of brain: bioimageio, with uint16 images and a "
        "network that sees 8 bits (expected 8-bit images). Fix: leave bioimageio out, or "
        "convert the images to 8 bits."
    )
    assert check(deep, **TARGET)[1] == check(volume(), **with_networks(packaged_bytes=True))[1] == []
    assert (
        check(deep, **with_networks(packaged_bytes=True) | {"targets": []})[1] == []
    )  # of what is no target, no package is made
