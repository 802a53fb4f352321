"""What a network finds of the masks that images were painted on, with networks that mark what is bright."""

import numpy as np
import pytest
import torch

from synthem.networks.pix2pix import Pix2PixGenerator
from synthem.realism.fidelity import Slices, iou_of, overlaps, some_slices
from synthem.realism.measurements import BLOCKS, floor_rows, realism_rows
from synthem.realism.measuring import measure_generator, measure_real, real_patches
from synthem.synthesis.examples import Labelled


class Bright:
    """Marks voxels from the level 128 on, as a Segmenter gives them."""

    def probabilities(self, channels):
        (image,) = channels
        assert image.shape[0] == 1
        return image / 255


def test_known_voxels_are_counted_slice_by_slice():
    """Of a mask of three voxels, two are bright, and one outside of it; of an empty one, none."""
    images, masks = np.zeros((2, 4, 4), np.uint8), np.zeros((2, 4, 4), np.uint8)
    masks[0, 0, :3] = 1
    images[0, 0, 1:] = 200
    slices = Slices(images, [1 - masks, masks], structure=1, ignore=None, numbers=[3, 5])
    counts = overlaps(Bright(), images, slices)
    assert counts.tolist() == [[2, 1, 1], [0, 0, 0]]
    assert iou_of(counts) == 0.5 and iou_of(counts[1:]) == 1
    unknown = np.zeros((2, 4, 4), np.uint8)
    unknown[0, 0, 1:] = 1
    slices = Slices(images, [1 - masks, masks], structure=1, ignore=unknown, numbers=[3, 5])
    assert overlaps(Bright(), images, slices).tolist() == [[0, 1, 0], [0, 0, 0]]


@pytest.mark.parametrize(
    ("depth", "side", "numbers"),
    [
        (3, 8, [10, 11, 12]),
        (32, 8, list(range(11, 42, 2))),  # 16 of 32
        (32, 2**11, [14, 22, 30, 38]),  # 2^24 pixels are 4 of them
    ],
)
def test_of_a_block_some_slices_are_looked_at(depth, side, numbers):
    image = np.broadcast_to(np.arange(depth, dtype=np.uint8)[:, None, None], (depth, side, side))
    masks = {"membrane": image, "mitochondria": image}
    found = some_slices(Labelled(image, masks, None, list(range(10, 10 + depth))), "mitochondria")
    assert found.numbers == numbers and found.structure == 1
    assert (found.image[:, 0, 0] + 10).tolist() == numbers == (found.masks[1][:, 0, 0] + 10).tolist()


class Darker:
    """Marks what is darker than the mean of the image that it is given, as networks see their images."""

    def probabilities(self, channels):
        (image,) = channels
        return (image < image.mean()).astype(np.float32)


def half_dark():
    """Three slices, the left half of which is the structure, and dark; patches have one grey and noise."""
    masks = np.zeros((3, 64, 64), np.uint8)
    masks[:, :, :32] = 1
    image = np.random.default_rng(0).integers(0, 9, masks.shape, np.uint8) + 200 - 150 * masks
    return Labelled(image, {"mitochondria": masks}, None, [4, 5, 6])


def test_real_images_are_seen_whole_and_standardised_as_in_predictions():
    """Of patches that lie in one half, which have a mean of their own, half would be marked."""
    examples = half_dark()
    blocks = {"train": real_patches(examples, patches=8, side=16, seed=1)}
    whole = {"train": some_slices(examples, "mitochondria")}

    def judge(images, slices):
        return overlaps(Darker(), images, slices)

    found = measure_real(blocks, whole, inception="", judge=judge)
    assert found["real/train/overlap"].tolist() == [[64 * 32, 0, 0]] * 3
    assert found["real/train/overlap_slices"].tolist() == [4, 5, 6]


def test_generated_images_are_as_large_as_the_slices_of_their_masks():
    torch.manual_seed(0)
    examples, seen = half_dark(), []
    blocks = {name: real_patches(examples, patches=8, side=16, seed=1) for name in BLOCKS}
    whole = {name: some_slices(examples, "mitochondria") for name in BLOCKS}

    def judge(images, slices):
        seen.append(images.shape)
        return np.array([[1, 2, 3]] * len(images))

    settings = {
        "step": 7,
        "noises": 2,
        "seed": 1,
        "device": torch.device("cpu"),
        "inception": "",
        "workers": 1,
    }
    generator = Pix2PixGenerator(1, 1, 4, 2, 0.5)
    painting = {"tile": 32, "halo": 8}
    found = measure_generator(generator, blocks, whole, None, painting=painting, judge=judge, **settings)
    assert seen == [(3, 64, 64)] * 2
    assert found["00000007/test/overlap"].tolist() == [[1, 2, 3]] * 3


def measured(of_painted, of_real):
    """What `measuring` finds, of whole slices and of eight patches in each block, with features at random."""
    random, n = np.random.default_rng(0), 8
    found = {"patches": n, "steps": [10]}
    for block in BLOCKS:
        found[f"real/{block}/filters"] = random.normal(size=(4 * n, 3))
        found[f"real/{block}/slices"] = np.repeat(np.arange(4), n)
        found[f"real/{block}/difference"] = np.full(n, np.nan)
        found[f"real/{block}/overlap"] = np.array(of_real)
        found[f"real/{block}/overlap_slices"] = np.arange(len(of_real))
        found[f"00000010/{block}/filters"] = random.normal(size=(n, 3))
        found[f"00000010/{block}/diversity"] = np.zeros(n)
        found[f"00000010/{block}/overlap"] = np.array(of_painted)
    return found


def test_the_floor_is_what_is_found_in_the_real_slices_of_the_same_masks():
    """Of 80 voxels 40 are found in the image, and 60 in the real one; one slice has no interval."""
    found = measured([[40, 40, 0]], [[60, 20, 0]])
    floors = [row for row in floor_rows(found) if row["score"] == "fidelity"]
    assert [(row["block"], row["n"], row["value"]) for row in floors] == [
        ("train", 1, 0.75),
        ("test", 1, 0.75),
    ]
    rows = [row for row in realism_rows(found, floor_rows(found)) if row["score"] == "fidelity"]
    assert [row["block"] for row in rows] == list(BLOCKS)
    for row in rows:
        assert (row["step"], row["n"], row["value"], row["floor"]) == (10, 1, 0.5, 0.75)
        assert row["low"] is None and row["high"] is None


def test_the_interval_is_over_slices_and_ends_where_an_iou_does():
    """Four slices, all found in two and nothing in the others. Without one a third or two thirds are found:
    the error of the jackknife is 1/6 sqrt(3) = .289, of which Student's t of three degrees takes 3.18.
    """
    found = measured([[9, 0, 0], [0, 9, 0]] * 2, [[9, 0, 0]] * 4)
    row = next(row for row in realism_rows(found, floor_rows(found)) if row["score"] == "fidelity")
    assert (row["value"], row["low"], row["high"]) == (pytest.approx(0.5), 0, 1)


def test_the_difference_to_real_slices_is_one_of_pairs():
    """Three slices: nothing in the images, in the real ones 1, .2 and .6: -.6 in all, without one of them
    -.4, -.8 and -.6. The error of the jackknife is sqrt(2 / 3 * .08) = .2309, Student's t of two degrees is
    4.3027: the interval ends at the bound, -1, and at -.6 + .9937.
    """
    found = measured([[0, 10, 0]] * 3, [[10, 0, 0], [2, 8, 0], [6, 4, 0]])
    rows = [row for row in realism_rows(found, floor_rows(found)) if row["score"] == "fidelity_difference"]
    assert [(row["block"], row["n"], row["floor"]) for row in rows] == [(block, 3, None) for block in BLOCKS]
    for row in rows:
        assert row["value"] == pytest.approx(-0.6)
        assert (row["low"], row["high"]) == (-1, pytest.approx(-0.6 + 0.9937, abs=1e-3))


def test_without_a_judge_nothing_is_said():
    found = {
        name: array
        for name, array in measured([[1, 0, 0]] * 8, [[1, 0, 0]] * 8).items()
        if "overlap" not in name
    }
    floors = floor_rows(found)
    assert not [row for row in [*floors, *realism_rows(found, floors)] if row["score"].startswith("fidelity")]
