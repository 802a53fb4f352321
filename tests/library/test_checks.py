import numpy as np
import pytest
import tifffile

from synthem.checks import COLUMNS, check_volumes, table_of

SPLIT = {"validation": 0.2, "test": 0.2, "gap_slices": 1}  # of 10 slices: train 0-3, validation 5-6, test 8-9
NM = [50.0, 5.0, 5.0]


def image(depth=10, dtype=np.uint8):
    return np.random.default_rng(0).integers(1, 255, (depth, 8, 9)).astype(dtype)


def mask(depth=10, slices=slice(None)):
    marked = np.zeros((depth, 8, 9), np.uint8)
    marked[slices, 2:4, 2:4] = 255
    return marked


@pytest.fixture
def volume(tmp_path):
    """Write arrays as the sources of a volume: volume(image=..., mito=...) -> its config."""

    def make(name="brain", raw=None, labels=None, withheld=None, **masks):
        groups = {"masks": masks or {"mito": mask()}, "labels": labels or {}, "withheld": withheld or {}}

        def source(part, array):
            path = tmp_path / f"{name}-{part}.tif"
            if array is not None:
                tifffile.imwrite(path, array, photometric="rgb" if array.ndim == 4 else "minisblack")
            return str(path)

        config = {
            group: {part: source(part, array) for part, array in arrays.items()}
            for group, arrays in groups.items()
        }
        return {
            name: {"image": source("image", image() if raw is None else raw), "voxel_size_nm": NM, **config}
        }

    return make


def problem(volumes, **options):
    rows, problems = check_volumes(volumes, split=SPLIT, **options)
    (one,) = problems
    assert sum(row["problem"] != "" for row in rows) == 1
    return one


def row_of(volumes, part):
    rows, problems = check_volumes(volumes, split=SPLIT)
    assert problems == []
    return next(row for row in rows if row["part"] == part)


def test_a_good_volume_has_a_row_for_each_source_and_no_problem(volume):
    rows, problems = check_volumes(
        volume(labels={"cells": mask()}, withheld={"membrane": mask(slices=slice(3))}),
        split=SPLIT,
        structure="mito",
        target="brain",
        fractions=[0.1, 1.0],
    )
    assert problems == []
    assert [row["part"] for row in rows] == ["image", "masks/mito", "labels/cells", "withheld/membrane"]
    assert all(tuple(row) == COLUMNS for row in rows)
    assert (rows[0]["shape"], rows[0]["type"], rows[0]["voxel_size_nm"]) == (
        "10 x 8 x 9",
        "uint8",
        "50 x 5 x 5",
    )
    assert rows[1]["found"] == "5.6% of the voxels"  # 4 of 72
    assert rows[2]["found"] == "1 instances"


def test_all_problems_of_all_volumes_are_told_at_once(volume):
    volumes = volume("a", raw=image() * 0, mito=mask()[:, :7], nuclei=None) | volume(
        "b", raw=image(4), mito=mask(4) * 0
    )
    _, problems = check_volumes(volumes, split=SPLIT)
    assert [found.code for found in problems] == [
        *("DATA_VALUE", "DATA_SHAPE", "DATA_MISSING"),
        *("DATA_SPLIT", "DATA_VALUE"),
    ]
    _, problems = check_volumes(volume("a", mito=mask()[:, :7], nuclei=None), split=SPLIT)
    assert [found.code for found in problems] == ["DATA_SHAPE", "DATA_MISSING"]


def test_a_mask_that_is_turned_gets_the_hint(volume):
    found = problem(volume(mito=mask().transpose(0, 2, 1)))
    assert (found.code, found.found) == ("DATA_SHAPE", "shape (10, 9, 8)")
    assert (found.expected, found.fix) == ("(10, 8, 9) as the image", "transpose it to z, y, x")


def test_a_mask_of_another_size_belongs_to_another_image(volume):
    assert problem(volume(mito=mask(9))).fix == "use files that belong together"


def test_a_colour_mask_is_refused(volume):
    assert problem(volume(mito=np.stack([mask()] * 3, axis=-1))).expected == "one number a voxel"


@pytest.mark.parametrize("dtype", [np.float32, np.int16, np.uint32])
def test_images_of_other_types_are_refused(volume, dtype):
    found = problem(volume(raw=image(dtype=dtype)))
    assert (found.code, found.expected) == ("DATA_FORMAT", "uint8 or uint16")


def test_a_colour_image_is_refused_before_a_network_does(volume):
    found = problem(volume(raw=np.stack([image()] * 3, axis=-1)))
    assert found.code == "DATA_SHAPE" and "grey" in found.fix


def test_a_constant_image_is_refused(volume):
    assert problem(volume(raw=image() * 0 + 7)).found == "every voxel is 7"


def test_blank_slices_are_a_warning(volume):
    raw = image()
    raw[3] = raw[7] = 0
    found = row_of(volume(raw=raw), "image")["found"]
    assert found == "grey values 0 to 254; WARNING: 2 blank slices, the first is 3"


def test_a_voxel_size_that_the_file_contradicts_is_a_warning(volume):
    volumes = volume()
    meta = {"axes": "ZYX", "spacing": 40.0, "unit": "nm"}
    path = volumes["brain"]["image"]
    tifffile.imwrite(path, image(), imagej=True, resolution=(0.25, 0.2), metadata=meta)
    assert row_of(volumes, "image")["found"].startswith(
        "WARNING: the file says 40 x 5 x 4 nm; the config is used. "
    )
    volumes["brain"]["voxel_size_nm"] = [40, 5, 4]
    assert "WARNING" not in row_of(volumes, "image")["found"]


def test_empty_and_full_masks_are_refused(volume):
    assert problem(volume(mito=mask() * 0)).found == "no voxel is marked"
    assert problem(volume(mito=mask() * 0 + 255)).found == "every voxel is marked"


def test_a_mask_with_numbers_that_are_not_finite_is_refused(volume):
    marked = mask().astype(np.float32) / 255
    marked[0, 0, 0] = np.nan
    assert problem(volume(mito=marked)).found == "values that are not finite"


def test_a_mask_that_is_the_image_is_refused(volume):
    found = problem(volume(mito=image()))
    assert found.code == "DATA_VALUE"


def test_a_mask_that_is_a_black_and_white_image_is_refused(volume):
    assert problem(volume(raw=mask())).found == "the same voxels as image"


def test_two_masks_with_the_same_voxels_are_refused(volume):
    assert problem(volume(mito=mask(), membrane=mask() // 255)).found == "the same voxels as masks/mito"
    assert problem(volume(mito=mask(), withheld={"membrane": mask()})).where.endswith("brain-membrane.tif")


def test_instances_given_as_a_mask_are_refused(volume):
    numbers = mask() // 255 * np.arange(1, 11, dtype=np.uint8)[:, None, None]
    found = problem(volume(mito=numbers))
    assert found.found == "11 different values up to 10, like instance numbers"


def test_a_mask_with_soft_edges_is_a_warning(volume):
    soft = mask()
    soft[:, 1] = 60
    assert row_of(volume(mito=soft), "masks/mito")["found"].endswith(
        "WARNING: 3 grey values, above half of the brightest is structure"
    )


@pytest.mark.parametrize(
    "labels, code",
    [
        (mask() / 255.0, "DATA_FORMAT"),
        (-mask().astype(int), "DATA_VALUE"),
        (mask().astype(int) << 40, "DATA_VALUE"),
    ],
)
def test_labels_are_whole_numbers_that_fit(volume, labels, code):
    assert problem(volume(labels={"cells": labels})).code == code


def test_too_few_slices_are_told_with_the_volume(volume):
    found = problem(volume(raw=image(4), mito=mask(4)))
    assert (found.code, found.where) == ("DATA_SPLIT", "split of brain")


@pytest.mark.parametrize(
    "slices, named",
    [
        (slice(0, 7), "the test block (slices 8 to 9)"),
        (slice(4, 10), "the train block (slices 0 to 3), the label fraction 0.25 (slices 0 to 0)"),
        ([0, 8], "the validation block (slices 5 to 6)"),
        (slice(1, 10), "the label fraction 0.25 (slices 0 to 0)"),
    ],
)
def test_a_block_of_the_target_without_the_structure_is_an_error(volume, slices, named):
    options = {"structure": "mito", "target": "brain", "fractions": [0.25]}
    found = problem(volume(mito=mask(slices=slices)), **options)
    assert (found.code, found.found) == ("DATA_SPLIT", f"no voxel is marked in {named}")


def test_other_volumes_and_masks_may_have_blocks_without_structure(volume):
    volumes = volume(mito=mask(), nuclei=mask(slices=slice(2))) | volume("other", mito=mask(slices=slice(1)))
    assert check_volumes(volumes, split=SPLIT, structure="mito", target="brain", fractions=[1.0])[1] == []


def test_the_table_is_aligned_and_a_line_for_each_source(volume):
    volumes = volume()
    rows, _ = check_volumes(volumes, split=SPLIT)
    rows[0]["source"] = "a\nb.tif"
    lines = table_of(rows).splitlines()
    assert len(lines) == 3 and len({line.index("10 x 8 x 9") for line in lines[1:]}) == 1
    assert lines[0].split() == list(COLUMNS[:-1])  # problems are told below, as errors
