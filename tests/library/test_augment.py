import pytest
import torch

from synthem.augment import brightness_and_contrast, flip_and_turn, gaussian_noise

SEEDS = list(range(40))


def test_all_eight_symmetries_occur_and_nothing_else():
    square = torch.tensor([[0.0, 1], [2, 3]]).expand(len(SEEDS), 1, 2, 2)
    seen = {tuple(sample.flatten().tolist()) for sample in flip_and_turn(square, SEEDS)}
    turns = {(0, 1, 2, 3), (1, 3, 0, 2), (3, 2, 1, 0), (2, 0, 3, 1)}
    assert seen == turns | {(b, a, d, c) for a, b, c, d in turns}


def test_all_channels_turn_alike():
    stack = torch.rand(8, 1, 6, 6).repeat(1, 3, 1, 1)
    turned = flip_and_turn(stack, SEEDS[:8])
    assert torch.equal(turned[:, 0], turned[:, 1]) and torch.equal(turned[:, 0], turned[:, 2])


@pytest.mark.parametrize(
    "change", [flip_and_turn, brightness_and_contrast, lambda x, seeds: gaussian_noise(x, seeds, noise=0.4)]
)
def test_a_sample_does_not_depend_on_its_batch(change):
    image = torch.randn(4, 1, 8, 8)
    together = change(image, SEEDS[:4])
    alone = torch.cat([change(image[n : n + 1], SEEDS[n : n + 1]) for n in range(4)])
    assert torch.equal(together, alone)


def test_brightness_and_contrast_stay_within_their_bounds():
    changed = brightness_and_contrast(torch.tensor([-1.0, 1.0]).expand(40, 1, 1, 2), SEEDS)
    gains, shifts = (changed[..., 1] - changed[..., 0]) / 2, (changed[..., 1] + changed[..., 0]) / 2
    assert 0.8 <= gains.min() < 0.9 and 1.1 < gains.max() <= 1.2
    assert -0.2 <= shifts.min() < -0.1 and 0.1 < shifts.max() <= 0.2


def test_the_strength_of_the_noise_is_drawn_from_0_to_its_bound():
    noisy = gaussian_noise(torch.zeros(40, 1, 64, 64), SEEDS, noise=0.4)
    strengths = noisy.std(dim=(1, 2, 3))
    assert strengths.min() < 0.1 and 0.3 < strengths.max() < 0.42


def test_no_noise_leaves_the_image_untouched():
    image = torch.randn(2, 1, 4, 4)
    assert gaussian_noise(image, [0, 1], noise=0) is image
