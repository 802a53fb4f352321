import numpy as np
import pytest
import torch

from synthem.errors import SynthemError
from synthem.gans.guards import guards_of_label_maps, guards_without_masks
from synthem.gans.label_maps import classes_of, label_maps, masks_of
from synthem.gans.sampling import drawn_label_maps
from synthem.networks.saving import build_network
from synthem.networks.stylegan import LabelMapGenerator

# One slice of 2 x 4 pixels: the two masks share a pixel.
MASKS = {
    "mito": np.array([[[1, 1, 0, 0], [0, 0, 0, 0]]], np.uint8),
    "membrane": np.array([[[0, 1, 1, 0], [0, 0, 0, 0]]], np.uint8),
}
NONE, MITO, MEMBRANE, BOTH = (0, 0), (1, 0), (0, 1), (1, 1)
PACE = {"every": 1, "first": 1, "in_a_row": 1, "on_failure": "stop"}


def test_every_combination_that_occurs_is_a_class_and_the_background_is_the_first():
    assert classes_of(MASKS) == [NONE, MITO, MEMBRANE, BOTH]
    apart = {"mito": MASKS["mito"], "membrane": 1 - MASKS["mito"]}
    assert classes_of(apart) == [NONE, MITO, MEMBRANE]  # the background occurs nowhere
    assert classes_of({"mito": MASKS["mito"]}) == [(0,), (1,)]


def test_maps_and_back_are_the_same_masks_where_masks_overlap():
    maps = label_maps(MASKS, None, scale=1).image
    assert maps.shape == (1, 2, 4, 4) and maps.dtype == np.uint8
    assert (maps.sum(axis=3, dtype=int) == 255).all() and set(np.unique(maps)) == {0, 255}
    assert maps[0, 0].argmax(axis=1).tolist() == [1, 3, 2, 0]
    again = masks_of(maps.argmax(axis=3), classes_of(MASKS), list(MASKS))
    for name, mask in MASKS.items():
        assert again[name].dtype == np.uint8 and (again[name] == mask).all()


def test_a_smaller_map_has_the_share_of_each_class_in_each_block():
    maps = label_maps(MASKS, None, scale=2).image  # blocks of the columns 0, 1 and 2, 3
    # of four pixels: two of no mask, one mito, one both | three of no mask, one membrane
    assert maps[0, 0].tolist() == [[128, 64, 0, 64], [191, 0, 64, 0]]
    assert maps.shape == (1, 1, 2, 4)


def test_a_block_is_unknown_where_one_of_its_pixels_is():
    ignore = np.zeros((1, 2, 4), np.uint8)
    ignore[0, 1, 3] = 1
    assert label_maps(MASKS, ignore, scale=2).ignore.tolist() == [[[0, 1]]]


def test_what_does_not_fill_a_block_is_cut_off_and_nothing_may_be_left_over():
    wide = {"mito": np.ones((1, 5, 7), np.uint8)}
    assert label_maps(wide, None, scale=3).image.shape == (1, 1, 2, 2)
    with pytest.raises(SynthemError, match="mask_generator.scale: 6 with slices of 5 x 7 pixels .*at most 5"):
        label_maps(wide, None, scale=6)


def generator(classes=3):
    options = {"out_channels": classes, "base_width": 16, "size": 8}
    return build_network({"label_maps": LabelMapGenerator}, "label_maps", seed=0, **options)


def test_a_map_depends_on_the_seed_and_its_number_alone_and_chance_is_left_alone():
    state = torch.get_rng_state()
    few, many = (drawn_label_maps(generator(), count=n, truncation=1, seed=1, scale=1) for n in (2, 20))
    assert torch.equal(torch.get_rng_state(), state)
    assert few.shape == (2, 8, 8) and few.max() < 3 and (few == many[:2]).all()
    assert (few[0] != few[1]).any()
    other = drawn_label_maps(generator(), count=2, truncation=1, seed=2, scale=1)
    assert (other != few).any()


@pytest.mark.parametrize("alpha", [1.0, 0.3])
def test_channels_are_probabilities_of_classes_while_maps_grow_too(alpha):
    options = {"out_channels": 3, "base_width": 16, "size": 8, "progressive": True}
    net = build_network({"label_maps": LabelMapGenerator}, "label_maps", seed=0, **options)
    maps = net(torch.randn(2, 16), alpha=alpha)
    assert maps.shape == (2, 3, 8, 8) and maps.min() >= -1 and maps.max() <= 1
    assert torch.allclose(((maps + 1) / 2).sum(dim=1), torch.ones(2, 8, 8))


class Halves(torch.nn.Module):
    """Draws class 1 right of the middle, and next to it a pixel that is hardly of class 0."""

    built_as = {"arguments": {"base_width": 2}}

    def styles(self, latents):
        return latents[:, None]

    def draw(self, styles):
        one = torch.tensor([-1.0, -0.5, 1.0, 1.0]).expand(4, 4)
        return torch.stack([-one, one])[None]


def test_an_enlarged_map_has_its_border_where_the_channels_cross():
    """At scale 4, from -0.5 at 5.5 to 1 at 9.5, 0 lies at 6.8: from pixel 7 on, where copied pixels say 8."""
    twice, fourfold = (drawn_label_maps(Halves(), count=1, truncation=1, seed=0, scale=s)[0] for s in (2, 4))
    assert twice.shape == (8, 8) and fourfold.shape == (16, 16)
    assert (fourfold == (np.arange(16) >= 7)).all()


def test_maps_may_be_black_and_white_and_what_fails_names_the_section():
    def columns(make):
        return [guard.column for guard in make(None, **given)]

    given = {"section": "mask_generator", "wrong_call": 1, "pace": PACE}
    assert columns(guards_without_masks) == ["latent_effect", "contrast", "saturation", "called_wrongly"]
    assert columns(guards_of_label_maps) == ["latent_effect", "contrast", "called_wrongly"]
    alike = guards_of_label_maps(lambda history: torch.ones(2, 2, 4, 4), **given)[0]
    with pytest.raises(
        SynthemError, match="GAN_COLLAPSED mask_generator: .*mask_generator.training.optimisers"
    ):
        alike.check([{}])
