"""The check and the ingest on published data, where this machine has it, by the numbers of its README."""

import numpy as np
import pytest
import tifffile
from scipy import ndimage

from synthem.checks.contrast import contrast_of
from synthem.checks.everything import Checked, check_volumes
from synthem.config.entries import filled_in
from synthem.ingest.grey import Grey
from synthem.ingest.ingesting import ingest
from synthem.sources.opening import open_stack
from synthem.storage.splits import slice_numbers
from synthem.storage.volumes import read_volume
from tests.shared.check_settings import STUDY
from tests.shared.project import PUBLIC_DATA

SPLIT = {"test": 0.25, "gap_nm": 100, "fold": 0}  # two slices of 50 nm


def data(name):
    if not (PUBLIC_DATA / name).exists():
        pytest.skip(f"the data set {name} is not on this machine")
    return str(PUBLIC_DATA / name)


def checked(entry, structure):
    """({part: row}, problems, the filled-in entry)"""
    entry = filled_in("v", {"voxel_size_nm": [50, 5, 5]} | entry, structure)
    draws = [
        {"budget": budget, "replicate": 1, "strategy": "spread", "validation": 0.25} for budget in (1, "all")
    ]
    options = STUDY | {"structure": structure, "targets": ["v"], "draws": draws}
    rows, problems = check_volumes({"v": entry}, splits={"v": SPLIT}, **options)
    return {row["part"]: row for row in rows}, problems, entry


def test_lucchi_with_its_test_stack_is_sound():
    entry = {
        "image": data("lucchi/training.tif"),
        "masks": {"mito": data("lucchi/training_groundtruth.tif")},
        "test": {
            "image": data("lucchi/testing.tif"),
            "masks": {"mito": data("lucchi/testing_groundtruth.tif")},
        },
    }
    rows, problems, _ = checked(entry, "mito")
    assert problems == []
    assert rows["image"]["shape"] == "165 x 768 x 1024"
    # Objects as scipy's ndimage.label counts them in each block, with 26 neighbours.
    counted = "train 43 objects (7.0%), test 21 objects (10.0%)"
    assert rows["masks/mito"]["found"] == f"7.0% of the voxels; {counted}"
    assert rows["test/masks/mito"]["found"] == "10.0% of the voxels"
    assert "test 165-172" in rows["image"]["found"]


def test_vnc_pairs_by_number_and_its_stray_greys_are_a_warning(tmp_path):
    stack = data("vnc/stack1")
    entry = {
        "image": f"{stack}/raw",
        "masks": {
            "mito": f"{stack}/mitochondria",
            "membrane": f"{stack}/membranes",
            "oriented": {"files": f"{stack}/labels", "foreground": [0, 32, 64, 96, 128]},
        },
        "labels": {"classes": f"{stack}/labels"},
    }
    rows, problems, entry = checked(entry, "mito")
    assert problems == []
    assert "on 279 voxels" in rows["masks/mito"]["warnings"][0]
    assert rows["masks/membrane"]["found"] == "20.4% of the voxels"
    assert rows["masks/oriented"]["found"].startswith("17.2% of the voxels; values 0 (2.6%), 32 (2.9%)")
    ingest(tmp_path / "v.h5", entry, split=SPLIT, content="")
    masks = read_volume(tmp_path / "v.h5").masks
    means = {name: round(float(mask.mean()), 3) for name, mask in masks.items()}
    assert means == {"membrane": 0.204, "mito": 0.054, "oriented": 0.172}
    (tmp_path / "v.h5").unlink()


def test_the_class_map_of_vnc_is_no_mask():
    rows, problems, _ = checked(
        {"image": data("vnc/stack1/raw"), "masks": {"m": data("vnc/stack1/labels")}}, "m"
    )
    (problem,) = problems
    assert problem.found.startswith("9 values in flat regions") and "255 (74.1%)" in problem.found
    assert "`foreground: [values]`" in problem.fix and "labels" in problem.fix


def test_isbi_is_dark_on_bright_and_its_neurites_are_labels():
    image, masks, cells = (data(f"isbi2012/train-{name}.tif") for name in ("volume", "labels", "neurites"))
    entry = {
        "image": image,
        "masks": {"membrane": {"files": masks, "foreground": "dark"}, "inside": masks},
        "labels": {"neurites": cells},
    }
    rows, problems, _ = checked(entry, "neurites")
    assert problems == []
    assert rows["masks/membrane"]["found"] == "22.0% of the voxels"
    assert rows["masks/inside"]["found"] == "78.0% of the voxels"
    assert rows["masks/inside"]["warnings"][0].endswith("give `foreground: dark`")
    assert rows["labels/neurites"]["found"].startswith("169 instances")
    (problem,) = checked({"image": image, "masks": {"m": cells}}, "m")[1]
    assert "170 values" in problem.found and "labels" in problem.fix


def test_tiles_of_pathology_differ_in_size_and_are_in_colour(tmp_path):
    entry = {"image": data("pathology/images"), "labels": {"nuclei": data("pathology/masks")}, "tiles": True}
    rows, problems, entry = checked(entry, "nuclei")
    assert problems == []
    assert "tiles of 5 sizes" in rows["image"]["found"] and "colour" in rows["image"]["found"]
    ingest(tmp_path / "v.h5", entry, split=SPLIT, content="")
    volume = read_volume(tmp_path / "v.h5")
    assert volume.image.shape == (5, 526, 552, 3)
    assert volume.facts.tiles == ((490, 488), (392, 459), (439, 439), (498, 461), (526, 552))
    instances = [
        len(np.unique(plane)) - 1 for plane in np.where(volume.ignore["nuclei"], 0, volume.labels["nuclei"])
    ]
    assert instances == [127, 255, 292, 139, 137]


def test_a_few_labelled_slices_of_lucchi_are_as_good_as_the_same_slices_of_the_whole_mask(tmp_path):
    image, truth = (tifffile.imread(data(f"lucchi/training{end}.tif")) for end in ("", "_groundtruth"))
    named = [*range(10), *range(20, 160, 8)]
    tifffile.imwrite(tmp_path / "image.tif", image[:, :256, :256])
    tifffile.imwrite(tmp_path / "few.tif", truth[named, :256, :256])
    tifffile.imwrite(tmp_path / "whole.tif", truth[:, :256, :256])
    found = {}
    for mask in ("few", "whole"):
        entry = {
            "image": str(tmp_path / "image.tif"),
            "masks": {"mito": str(tmp_path / f"{mask}.tif")},
            "labelled_slices": ["0-9", *range(20, 160, 8)],
        }
        rows, problems, entry = checked(entry, "mito")
        assert problems == []
        ingest(tmp_path / "v.h5", entry, split=SPLIT, content="")
        found[mask] = rows["masks/mito"]["blocks"], read_volume(tmp_path / "v.h5")
    (held, volume), (again, other) = found["few"], found["whole"]
    assert held == again and volume.blocks == other.blocks
    np.testing.assert_array_equal(volume.masks["mito"], other.masks["mito"])
    np.testing.assert_array_equal(volume.ignore["mito"], other.ignore["mito"])
    # 28 labelled: the last round(7) test, all others train; nothing is in a gap.
    numbers = {name: slice_numbers(block) for name, block in volume.blocks.items()}
    assert (numbers["test"], numbers["train"]) == (named[-7:], named[:-7])
    marked = truth[:, :256, :256] > 0
    for name in ("train", "test"):
        sections = [ndimage.label(marked[z], np.ones((3, 3)))[1] for z in numbers[name] if z > 9]
        stack = ndimage.label(marked[:10], np.ones((3, 3, 3)))[1] if name == "train" else 0
        share = marked[numbers[name]].mean()
        assert held[name] == {
            "slices": len(numbers[name]),
            "objects": sum(sections) + stack,
            "foreground": round(float(share), 6),
        }
    # Without labels one may learn from what lies more than 2 slices away from what tests.
    spans = set(range(named[-7] - 2, named[-1] + 3))
    assert numbers["unlabelled"] == sorted(set(range(165)) - set(named) - spans)
    assert volume.ignore["mito"][numbers["unlabelled"]].all()
    np.testing.assert_array_equal(volume.image, image[:, :256, :256])


@pytest.mark.parametrize(
    "name", ["lucchi/training.tif", "isbi2012/train-volume.tif", "vnc/stack1/raw", "vnc/stack2/raw"]
)
def test_membranes_of_tissue_are_dark_and_bright_where_it_is_inverted_or_nothing_is_said(tmp_path, name):
    """As it is, and finer, coarser, blurred, noisy, or with other tones: never the wrong word."""
    with open_stack(data(name)) as stack:
        slices = np.linspace(0, stack.shape[0] - 1, 3).astype(int)
        y, x = (side // 2 - 160 for side in stack.shape[1:])
        middle = np.s_[0, y : y + 320, x : x + 320]
        raw = np.stack([stack.read(z, z + 1)[middle] for z in slices]).astype(np.float32)
    noise = np.random.default_rng(0).normal(0, 50, raw.shape)
    changed = [
        ndimage.zoom(raw[:, :100, :100], (1, 3, 3), order=1),
        ndimage.zoom(raw, (1, 1 / 3, 1 / 3), order=1),
        ndimage.gaussian_filter(raw, (0, 4, 4)),
        raw + noise,
        255 * (raw / 255) ** 3,
        255 * (raw / 255) ** 0.4,
    ]
    assert (look(tmp_path, raw), look(tmp_path, 255 - raw)) == ("dark", "bright")
    for image in changed:
        assert look(tmp_path, image) in ("dark", None)


def look(folder, image):
    image = np.clip(image, 0, 255).astype(np.uint8)
    tifffile.imwrite(folder / "image.tif", image, photometric="minisblack")  # three slices are no colours
    seen = Checked({}, grey=Grey("uint8", np.uint8, 1.0, 0.0, 0), images={"": None})
    return contrast_of({"image": str(folder / "image.tif"), "tiles": False}, seen)


def test_an_inverted_stack_is_warned_of_beside_vnc_where_its_membranes_are_learnt(tmp_path):
    larva = {"image": data("vnc/stack1/raw"), "masks": {"membrane": data("vnc/stack1/membranes")}}
    stacks = (tifffile.imread(data(f"lucchi/training{end}.tif")) for end in ("", "_groundtruth"))
    raw, mask = (stack[:20, 150:550, 300:700] for stack in stacks)
    tifffile.imwrite(tmp_path / "mask.tif", mask)
    for image, warned in ((255 - raw, True), (raw, False)):
        tifffile.imwrite(tmp_path / "image.tif", image)
        own = {"image": str(tmp_path / "image.tif"), "masks": {"mito": str(tmp_path / "mask.tif")}}
        size = {"voxel_size_nm": [50, 5, 5]}
        volumes = {
            name: filled_in(name, one | size, "mito") for name, one in {"v": own, "larva": larva}.items()
        }
        known = STUDY | {"targets": ["v"]}
        rows, problems = check_volumes(volumes, splits=dict.fromkeys(volumes, SPLIT), **known)
        assert problems == []
        assert ("membranes dark in larva" in " ".join(rows[0]["warnings"])) == warned
