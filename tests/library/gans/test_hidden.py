"""What is hidden of images."""

import torch

from synthem.gans.hidden import hidden_parts


def squares(number, *, seed=0, count=40, side=30):
    return hidden_parts("random", seed, number, torch.zeros(count, 3, side, side))


def test_hidden_squares_have_a_third_to_two_thirds_of_the_side_and_lie_anywhere():
    masks = squares(0, count=4000)
    assert masks.shape == (4000, 1, 30, 30) and set(masks.unique().tolist()) == {0, 1}
    sides = masks.sum(dim=(1, 2, 3)).sqrt()
    assert set(sides.tolist()) == set(range(10, 21))
    assert masks.amax(dim=0).all()


def test_they_are_a_function_of_seed_and_step_and_differ_between_images():
    assert torch.equal(squares(3), squares(3))
    assert len({tuple(mask.flatten().tolist()) for mask in squares(3)}) > 30
    for other in (squares(4), squares(3, seed=1)):
        assert not torch.equal(squares(3), other)
