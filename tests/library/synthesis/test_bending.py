import numpy as np
import pytest

from synthem.storage.volumes import Facts, Volume
from synthem.synthesis.bending import bent_pairs, warp_image
from synthem.synthesis.masks import displacement, new_masks
from synthem.synthesis.pairs import made_pairs

BENDING = {"elastic_nm": 40, "elastic_scale_nm": 150}


def cells(shape=(3, 120, 120), colours=()):
    """Bright discs of several sizes: grey 180 on 80, and the mask says where."""
    _, y, x = np.indices(shape)
    number = np.arange(shape[0])[:, None, None]
    mask = np.zeros(shape, np.uint8)
    for centre in ((30, 40), (80, 70), (40, 95)):
        mask |= np.hypot(y - centre[0] - 3 * number, x - centre[1]) < 14 + number
    image = (80 + 100 * mask).astype(np.uint8)
    image = np.repeat(image[..., None], colours[0], -1) if colours else image
    ignore = {"mito": mask.copy()}
    volume = Volume(image, Facts((50, 5, 5)), {"mito": mask}, {"mito": 7 * mask.astype(np.uint32)}, ignore)
    return made_pairs(volume, origin="real", sources=[4, 8, 15][: shape[0]])


def test_without_bending_a_pair_is_one_symmetry_of_a_real_pair():
    real = cells()
    made = bent_pairs(real, slices=12, seed=1, elastic_nm=0, elastic_scale_nm=150)
    for image, mask, ignore in zip(made.image, made.masks["mito"], made.ignore["mito"], strict=True):
        assert (image == 80 + 100 * mask.astype(int)).all() and (ignore == mask).all()
    assert sorted(made.facts.provenance["source_slices"]) == sorted([4, 8, 15] * 4)
    assert made.facts.provenance["origin"] == "bent"


@pytest.mark.parametrize("colours", [(), (3,)])
def test_image_and_masks_are_bent_by_one_field(colours):
    real = cells(colours=colours)
    made = bent_pairs(real, slices=6, seed=2, **BENDING)
    grey = made.image if not colours else made.image[..., 1]
    assert made.image.dtype == np.uint8 and made.image.shape[3:] == colours
    for part in (made.masks["mito"] > 0, made.labels["mito"] == 7, made.ignore["mito"] > 0):
        assert ((grey > 130) == part).mean() > 0.995
    unbent = bent_pairs(real, slices=6, seed=2, elastic_nm=0, elastic_scale_nm=150)
    moved = (unbent.masks["mito"] != made.masks["mito"]).mean()
    assert moved > 0.02


def test_masks_are_those_that_a_generator_would_get():
    real = cells()
    made = bent_pairs(real, slices=4, seed=3, **BENDING)
    masks, labels, sources = new_masks(real.masks, real.labels, (50, 5, 5), slices=4, seed=3, **BENDING)
    assert (masks["mito"] == made.masks["mito"]).all() and (labels["mito"] == made.labels["mito"]).all()
    assert [[4, 8, 15][z] for z in sources] == made.facts.provenance["source_slices"]


def test_bending_keeps_the_noise_of_the_image():
    """Half way between two pixels, the mean of four neighbours would have half of the deviation."""
    noise = np.random.default_rng(0).normal(120, 12, (200, 200)).astype(np.uint8)
    bent = warp_image(noise, displacement(np.random.default_rng(1), noise.shape, (5, 5), 40, 150))
    assert bent.std() > 0.8 * noise.std()
    assert (warp_image(noise, np.zeros((2, 200, 200))) == noise).all()
