import math

import pytest
import torch

from synthem.losses import bce, called_fake, called_real, dice, l1

SURE = 100.0  # a logit whose sigmoid is 1


def test_an_undecided_prediction_costs_log_2():
    assert bce(torch.zeros(4), torch.tensor([0.0, 1, 0, 1])).item() == pytest.approx(math.log(2))


def test_dice_of_a_perfect_prediction_is_0():
    target = torch.tensor([1.0, 0, 1, 0])
    assert dice((2 * target - 1) * SURE, target).item() == pytest.approx(0)


def test_dice_of_half_a_structure():
    # p = 1100, g = 1000: overlap 1, squares 2 and 1; 1 added to both halves: 1 - 3/4.
    logits = torch.tensor([SURE, SURE, -SURE, -SURE])
    assert dice(logits, torch.tensor([1.0, 0, 0, 0])).item() == pytest.approx(1 / 4)


def test_dice_squares_probabilities_as_v_net_does():
    # p = 1/2 everywhere, g = 1100: overlap 1, sum p^2 = 1, sum g^2 = 2: 1 - (2 + 1) / (1 + 2 + 1).
    assert dice(torch.zeros(4), torch.tensor([1.0, 1, 0, 0])).item() == pytest.approx(1 / 4)


def test_an_empty_batch_without_false_alarms_is_perfect():
    assert dice(torch.full((4,), -SURE), torch.zeros(4)).item() == pytest.approx(0)


def test_l1_is_the_mean_distance():
    assert l1(torch.tensor([1.0, -1]), torch.tensor([0.0, 1])).item() == pytest.approx(1.5)


def test_scales_count_alike_whatever_their_size():
    # One scale certain of "real", the other undecided (log 2 each): mean 0.5 log 2, not weighted by pixels.
    logits = [torch.full((1, 1, 9, 9), SURE), torch.zeros(1, 1, 2, 2)]
    assert called_real(logits).item() == pytest.approx(math.log(2) / 2)
    assert called_fake(logits).item() == pytest.approx((SURE + math.log(2)) / 2)
