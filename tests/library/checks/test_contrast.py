"""Membranes that are bright in one volume and dark in another, found by mask or by lines."""

import h5py
import numpy as np
import pytest
from scipy.ndimage import gaussian_filter

from synthem.checks.contrast import line_ratios
from synthem.checks.everything import check_volumes
from synthem.config.entries import filled_in, stack_filled_in
from tests.shared.check_settings import STUDY

SPLIT = {"test": 0.25, "gap_nm": 0, "fold": 0}
DRAWS = [{"budget": 1, "replicate": 1, "strategy": "first", "validation": 0}]
DEPTH, SIDE = 8, 96


def tissue(seed, line=-60):
    """(image, lines, mask): a soft texture with lines of 3 pixels along y and x, and a disc in each slice."""
    texture = gaussian_filter(np.random.default_rng(seed).normal(0, 1, (DEPTH, SIDE, SIDE)), (0, 3, 3))
    lines = np.zeros((DEPTH, SIDE, SIDE), bool)
    for z in range(DEPTH):
        for start in range(z, SIDE, 16):
            lines[z, start : start + 3] = lines[z, :, start : start + 3] = True
    y, x = np.indices((SIDE, SIDE))
    disc = np.repeat(((y - 40) ** 2 + (x - 40) ** 2 < 100)[None], DEPTH, 0)
    grey = 128 + 15 * texture / texture.std() + line * lines
    return np.clip(grey, 0, 255).astype(np.uint8), lines, disc


@pytest.fixture
def warnings_of(tmp_path):
    """The warnings {(volume, part): text} of a target `brain`, a source `larva`, and a stack `whole`."""

    def entry(name, image, **masks):
        files = {}
        for part, array in {"image": image, **masks}.items():
            path = tmp_path / f"{name}-{part}.h5"
            with h5py.File(path, "w") as file:
                file["data"] = array.astype(np.uint8)
            files[part] = f"{path}:data"
        size = {"voxel_size_nm": [50.0, 5.0, 5.0]}
        image = {"image": files.pop("image")} | size
        return stack_filled_in(image) if not masks else filled_in(name, image | {"masks": files}, "mito")

    def check(brain, larva, whole=None):
        volumes = {"brain": entry("brain", **brain), "larva": entry("larva", **larva)}
        stacks = {"whole": entry("whole", **whole)} if whole else None
        known = STUDY | {"targets": ["brain"], "draws": DRAWS}
        splits = dict.fromkeys(volumes, SPLIT)
        rows, problems = check_volumes(volumes, splits=splits, stacks=stacks, learnt="brain", **known)
        assert problems == []
        return {(row["volume"], row["part"]): " ".join(row["warnings"]) for row in rows}

    return check


def target(seed=0, **options):
    image, _, disc = tissue(seed, **options)
    return {"image": image, "mito": disc}


def source(seed=1, **options):
    image, lines, _ = tissue(seed, **options)
    return {"image": image, "membrane": lines}


@pytest.mark.parametrize(
    ("own", "learnt", "words"),
    [
        (60, -60, "thin lines are bright here, and membranes dark in larva"),
        (-60, 60, "thin lines are dark here, and membranes bright in larva"),
        (-60, -60, None),
        (60, 60, None),
        (0, -60, None),  # nothing is seen in a texture without lines
    ],
)
def test_a_target_that_looks_inverted_beside_its_source_is_warned_of(warnings_of, own, learnt, words):
    found = warnings_of(target(line=own), source(line=learnt))
    if words is None:
        assert "thin lines" not in found["brain", "image"]
    else:
        assert words in found["brain", "image"] and "Edit > Invert" in found["brain", "image"]
    assert "thin lines" not in found["larva", "image"]


def test_with_membranes_of_its_own_a_target_needs_no_source(warnings_of):
    image, lines, disc = tissue(0, line=60)
    found = warnings_of({"image": image, "mito": disc, "membrane": lines}, source())
    assert "thin lines" not in found["brain", "image"]


def test_a_source_whose_slices_do_not_agree_says_nothing(warnings_of):
    larva = source()
    larva["image"][::2] = 255 - larva["image"][::2]
    assert "thin lines" not in warnings_of(target(line=60), larva)["brain", "image"]


def test_a_whole_stack_that_looks_inverted_beside_the_target_is_warned_of(warnings_of):
    for line, warned in ((60, True), (-60, False)):
        found = warnings_of(target(), source(), whole={"image": tissue(2, line=line)[0]})
        assert ("thin lines are bright here, and dark in what" in found["whole", "image"]) == warned


def test_dark_lines_count_up_and_bright_ones_as_much_down():
    plane = tissue(0)[0][0].astype(np.float32)
    ratios = line_ratios(plane)
    np.testing.assert_allclose(line_ratios(255 - plane), np.negative(ratios), atol=1e-3)
    assert min(ratios) > 0
    # A curve of the tones brings no other sign.
    assert min(line_ratios(plane**0.5)) > 0


@pytest.mark.parametrize(
    "plane",
    [np.zeros((80, 80)), np.random.default_rng(0).normal(size=(63, 80))],
    ids=["blank", "small"],
)
def test_a_plane_that_shows_no_lines_says_nothing(plane):
    assert line_ratios(plane) == []


def test_of_noise_and_of_a_ramp_no_sign_is_clear():
    noise = np.random.default_rng(0).normal(128, 40, (512, 512))
    for plane in (noise, np.indices((80, 80))[0]):
        assert np.abs(line_ratios(plane)).max() < 0.02
