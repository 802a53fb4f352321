import math

import pytest
import torch

from synthem.training.losses import bce, cl_dice, dice
from synthem.training.objective import Objective

WEIGHTS = {"bce": 1, "dice": 1, "cldice": 0, "cldice_iterations": 3, "positive_weight": 1}
torch.manual_seed(0)
LOGITS, TARGET = torch.randn(2, 1, 8, 8), (torch.randn(2, 1, 8, 8) > 0).float()
KNOWN = (torch.randn(2, 1, 8, 8) > -1).float()


def test_the_plain_objective_is_cross_entropy_and_dice_bit_for_bit():
    found = Objective(**WEIGHTS)(LOGITS, TARGET, KNOWN)
    assert list(found) == ["bce", "dice"]
    assert torch.equal(found["bce"], bce(LOGITS, TARGET, KNOWN))
    assert torch.equal(found["dice"], dice(LOGITS, TARGET, KNOWN))


def test_weights_multiply_and_0_leaves_out():
    found = Objective(**WEIGHTS | {"bce": 0, "dice": 0.5, "cldice": 2})(LOGITS, TARGET, None)
    assert list(found) == ["dice", "cldice"]
    assert found["dice"].item() == pytest.approx(dice(LOGITS, TARGET).item() / 2)
    assert found["cldice"].item() == pytest.approx(2 * cl_dice(LOGITS, TARGET, iterations=3).item())


def test_a_missed_voxel_costs_more_where_that_is_asked_for():
    found = Objective(**WEIGHTS | {"dice": 0, "positive_weight": 5})
    zero, one = torch.zeros(1, 1, 1, 1), torch.ones(1, 1, 1, 1)
    assert found(zero, one, None)["bce"].item() == pytest.approx(5 * math.log(2))
    assert found(zero, zero, None)["bce"].item() == pytest.approx(math.log(2))
