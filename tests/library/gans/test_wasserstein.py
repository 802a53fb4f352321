import pytest
import torch

from synthem.gans.wasserstein import WASSERSTEIN, drift, gradient_penalty


def squares(images):
    """D(x) = |x|^2, whose slope is 2 |x|."""
    return [images.square().sum(dim=(1, 2, 3))[:, None]]


def test_scores_are_better_the_further_apart_they_are():
    real, fake = [torch.tensor([[3.0], [5.0]])], [torch.tensor([[1.0], [-2.0]])]
    assert WASSERSTEIN.real(real).item() == -4
    assert WASSERSTEIN.fake(fake).item() == -0.5
    assert WASSERSTEIN.generator(fake).item() == 0.5
    assert drift(real).item() == (9 + 25) / 2


def test_a_slope_of_1_costs_nothing():
    """16 pixels of 0.5 have |x| = 2, so the slope is 4; of 0.125 it is 1; of 0 it is 0."""
    images = torch.tensor([0.5, 0.125, 0.0]).reshape(3, 1, 1, 1).expand(3, 1, 4, 4)
    assert gradient_penalty(squares, images, images).item() == pytest.approx((9 + 0 + 1) / 3)


def test_images_without_any_slope_teach_the_weights_nothing_broken():
    weight = torch.tensor(1.0, requires_grad=True)
    blank = torch.zeros(2, 1, 4, 4)
    gradient_penalty(lambda images: [weight * scores for scores in squares(images)], blank, blank).backward()
    assert weight.grad == 0


def test_slopes_are_looked_at_between_real_and_generated_images():
    seen = []

    def judge(images):
        seen.append(images.detach())
        return squares(images)

    torch.manual_seed(0)
    gradient_penalty(judge, torch.zeros(64, 1, 4, 4), torch.ones(64, 1, 4, 4))
    places = seen[0].flatten(1)
    assert torch.equal(places, places[:, :1].expand(-1, 16))  # one place for each image
    assert 0 <= places.min() < 0.1 and 0.9 < places.max() <= 1 and len(places[:, 0].unique()) == 64
