import math

import pytest
import torch
from torch import nn

from synthem.gans.losses import (
    ADVERSARIAL,
    called_classes,
    called_fake,
    called_no_class,
    called_real,
    class_weights,
    feature_matching,
    features,
    label_mix,
    mode_seeking,
    one_hot,
    r1,
    texture,
)
from synthem.gans.stylegan import LOSSES
from tests.shared.demo_config import SCHEMA

SURE = 100.0
LOG_2 = math.log(2)


def test_scales_count_alike_whatever_their_size():
    # One scale certain of "real", the other undecided (log 2 each): mean 0.5 log 2, not weighted by pixels.
    logits = [torch.full((1, 1, 9, 9), SURE), torch.zeros(1, 1, 2, 2)]
    assert called_real(logits).item() == pytest.approx(LOG_2 / 2)
    assert called_fake(logits).item() == pytest.approx((SURE + LOG_2) / 2)


BY_HAND = [  # logit -> the losses of the discriminator on real and generated images, and the generator's
    ("bce", 0.0, LOG_2, LOG_2, LOG_2),
    ("bce", SURE, 0, SURE, 0),
    ("lsgan", 0.25, 0.75**2, 0.25**2, 0.75**2),
    ("lsgan", 1.0, 0, 1, 0),
    ("hinge", 0.25, 0.75, 1.25, -0.25),
    ("hinge", 3.0, 0, 4, -3),
    ("hinge", -3.0, 4, 0, 3),
]


def test_every_word_of_the_schema_is_a_game_whose_losses_are_known_by_hand():
    """docs/contributing.md, "A loss", says what to write where one is missing."""
    gans = SCHEMA["properties"]["gans"]["properties"]["objective"]["properties"]["real_or_fake"]
    assert set(words_of(gans)) == set(ADVERSARIAL) == {word for word, *_ in BY_HAND}
    stylegan = SCHEMA["properties"]["stylegan"]["properties"]["training"]
    assert set(words_of(stylegan)) == set(LOSSES)


def words_of(section):
    return section["properties"]["adversarial"]["enum"]


@pytest.mark.parametrize("word, logit, real, fake, generator", BY_HAND)
def test_games(word, logit, real, fake, generator):
    game, logits = ADVERSARIAL[word], [torch.full((2, 1), logit)]
    values = [loss(logits).item() for loss in (game.real, game.fake, game.generator)]
    assert values == pytest.approx([real, fake, generator], abs=1e-6)


@pytest.mark.parametrize("word", ADVERSARIAL)
def test_a_discriminator_loses_as_much_on_both_kinds_where_it_is_undecided(word):
    game = ADVERSARIAL[word]
    logits = [torch.full((1, 1), float(game.undecided))]
    assert game.real(logits).item() == pytest.approx(game.fake(logits).item())


def test_mode_seeking_is_the_ratio_of_the_differences():
    first, second = torch.ones(1, 2, 4, 4), -torch.ones(1, 2, 4, 4)  # 2 apart everywhere
    drawn = torch.zeros(1, 1, 4, 4)
    assert mode_seeking(first, second, drawn, drawn + 0.5).item() == pytest.approx(4)
    assert mode_seeking(first, first, drawn, drawn + 0.5).item() == 0


def test_mode_seeking_of_two_like_images_is_bounded():
    first, drawn = torch.ones(1, 1, 4, 4), torch.zeros(1, 1, 4, 4)
    assert mode_seeking(first, -first, drawn, drawn).item() == pytest.approx(2 / 1e-5)


def test_mode_seeking_takes_each_pair_of_a_batch_by_itself():
    # Ratios 2 / 1 and 2 / 0.5, not 2 / 0.75.
    first, drawn = torch.ones(2, 1, 4, 4), torch.zeros(2, 1, 4, 4)
    others = torch.tensor([1, 0.5]).reshape(2, 1, 1, 1).expand(2, 1, 4, 4)
    assert mode_seeking(first, -first, drawn, others).item() == pytest.approx(3)


def checks(strength, side=32):
    """A chess-board of +-strength: every step to the right or down is 2 strength, along diagonals 0."""
    return strength * (1 - 2 * ((torch.arange(side)[:, None] + torch.arange(side)) % 2))[None, None]


def test_texture_of_like_images_costs_nothing_wherever_the_grains_lie():
    board = checks(0.5)
    assert texture(board, board).item() == 0
    assert texture(board, -board).item() == 0  # L1 would be 1
    assert texture(board, board + 0.25).item() == 0  # how bright an image is, is for others to say


def test_texture_is_the_difference_of_log_energies():
    """Steps right and down are 1 and 1/4: their squares differ by 16, but for the quiet part. Diagonals
    are 0 in both, and means over 2 or 4 pixels of a chess-board are flat: 2 of 12 energies differ."""
    quiet = (1 / 128) ** 2
    one = math.log((1 + quiet) / (1 / 16 + quiet))
    assert texture(checks(0.5), checks(0.125)).item() == pytest.approx(2 / 12 * one, rel=1e-5)


@pytest.mark.parametrize("size", [1, 2, 4])
def test_texture_sees_a_grid_of_each_size(size):
    """A grid moves energy between pixels: stripes of `size` pixels have steps, flat ground has none."""
    stripes = (torch.arange(64) // size % 2 * 0.2).expand(1, 1, 64, 64)
    assert texture(torch.zeros(1, 1, 64, 64), stripes).item() > 0.5


def test_noise_is_what_texture_asks_of_a_flat_image():
    flat = torch.full((1, 1, 32, 32), 0.1, requires_grad=True)
    noise = 0.2 * torch.randn(1, 1, 32, 32, generator=torch.Generator().manual_seed(0))
    few = (flat + 0.01 * noise).requires_grad_()
    (slope,) = torch.autograd.grad(texture(noise, few), few)
    # More of the same noise would bring it nearer: the loss falls in its direction.
    assert (slope * noise).sum() < 0


def test_r1_is_half_the_squared_slope():
    # D(x) = 3 x1 + 4 x2: the gradient is (3, 4) at every image, its square 25.
    image = torch.rand(5, 1, 1, 2, requires_grad=True)
    says = (image * torch.tensor([3.0, 4])).sum(dim=(2, 3))
    assert r1([says], image).item() == pytest.approx(12.5)


def test_r1_of_patches_is_that_of_their_mean():
    # Two patches, D1 = 3 x1 and D2 = 4 x2: the mean's gradient is (1.5, 2).
    image = torch.rand(1, 1, 1, 2, requires_grad=True)
    assert r1([image * torch.tensor([3.0, 4])], image).item() == pytest.approx((1.5**2 + 2**2) / 2)
    both = [image * torch.tensor([3.0, 4]), torch.zeros(1, 1) * image.sum()]  # a scale that says nothing
    assert r1(both, image).item() == pytest.approx((0.75**2 + 1) / 2)


def test_r1_can_be_learnt_from():
    layer = nn.Linear(2, 1, bias=False)
    image = torch.rand(3, 2, requires_grad=True)
    r1([layer(image)], image).backward()
    assert torch.allclose(layer.weight.grad, layer.weight)  # d/dw of w^2 / 2


def test_features_are_what_each_activation_says():
    network = nn.Sequential(nn.Identity(), nn.LeakyReLU(0.5), nn.LeakyReLU(0.5))
    with features(network) as heard:
        network(torch.tensor([-4.0, 2.0]))
    assert [f.tolist() for f in heard] == [[-2, 2], [-1, 2]]
    network(torch.zeros(2))
    assert len(heard) == 2  # nobody listens any more


def test_features_of_a_network_in_16_bits_are_told_in_32():
    network, image = nn.Sequential(nn.Conv2d(1, 2, 1), nn.LeakyReLU(0.2)), torch.ones(1, 1, 2, 2)
    with torch.autocast("cpu", torch.bfloat16), features(network) as heard:
        assert network(image).dtype == torch.bfloat16
    assert [feature.dtype for feature in heard] == [torch.float32]


def test_feature_maps_count_alike_and_only_fakes_learn():
    real = [torch.zeros(1, 1, requires_grad=True), torch.zeros(1, 9)]
    fake = [torch.full((1, 1), 4.0, requires_grad=True), torch.full((1, 9), 2.0)]
    value = feature_matching(real, fake)
    assert value.item() == pytest.approx(3)
    value.backward()
    assert real[0].grad is None and fake[0].grad is not None


# OASIS: two classes beside `fake`; a picture of four pixels.


def labels(*classes, count=2):
    """One-hot [1, count, 1, X]; None: unknown."""
    result = torch.zeros(1, count, 1, len(classes))
    for x, number in enumerate(classes):
        if number is not None:
            result[0, number, 0, x] = 1
    return result


def test_classes_that_are_rare_weigh_more_but_1_on_average():
    weights = class_weights(labels(0, 0, 0, 1)).flatten()
    assert weights.tolist() == pytest.approx([4 / 6, 4 / 2])
    assert (3 * weights[0] + weights[1]) / 4 == pytest.approx(1)
    assert class_weights(labels(0, 0, None, None)).flatten()[0] == 1  # a class that is missing has no share


def test_an_undecided_oasis_pays_log_3_per_pixel():
    undecided = torch.zeros(1, 3, 1, 4)
    assert called_classes(undecided, labels(0, 0, 0, 1)).item() == pytest.approx(math.log(3))
    assert called_no_class(undecided, labels(0, 0, 0, 1)).item() == pytest.approx(math.log(3))


def test_a_wrong_rare_pixel_costs_as_much_as_all_of_a_common_class():
    says = SURE * torch.tensor([[0.0, 1, 0], [0, 1, 0], [0, 1, 0], [0, 1, 0]]).T.reshape(1, 3, 1, 4)
    # The last pixel shows class 1 and is called 0: -log p = 100, weight 2, a quarter of the pixels.
    assert called_classes(says, labels(0, 0, 0, 1)).item() == pytest.approx(50)
    assert called_no_class(says, labels(0, 0, 0, 1)).item() == pytest.approx(SURE)


def test_pixels_of_unknown_class_cost_nothing():
    says = torch.randn(1, 3, 1, 4).requires_grad_()
    value = called_classes(says, labels(0, 1, None, None)) + called_no_class(says, labels(0, 1, None, None))
    value.backward()
    assert (says.grad[..., 2:] == 0).all() and (says.grad[..., :2] != 0).any()
    assert called_classes(says, labels(None, None, None, None)).item() == 0


def test_a_pixel_has_the_class_of_the_first_mask_that_it_lies_in():
    masks = torch.tensor([[-1.0, 1, -1, 1], [-1, -1, 1, 1]]).reshape(1, 2, 1, 4)
    assert torch.equal(one_hot(masks), labels(0, 1, 2, 1, count=3))


def test_label_mix_compares_the_collage_with_its_parts():
    real, fake = torch.full((1, 1, 1, 4), 2.0), torch.full((1, 1, 1, 4), -2.0)
    mask = torch.tensor([1.0, 1, 0, 0]).reshape(1, 1, 1, 4)
    assert label_mix(torch.tensor([2.0, 2, -2, -2]).reshape(1, 1, 1, 4), real, fake, mask).item() == 0
    assert label_mix(torch.full((1, 1, 1, 4), 2.0), real, fake, mask).item() == pytest.approx(8)  # (4^2) / 2
