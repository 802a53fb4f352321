import math
from functools import partial

import pytest
import torch

from synthem.config.kinds import COMPANIONS
from synthem.config.segmenters import LOSS_NAMES
from synthem.figures.curves import LOSS_WORDS
from synthem.training.losses import (
    SegmentationLoss,
    bce,
    cl_dice,
    dice,
    l1,
    skeleton,
    weighted_bce,
)
from tests.shared.segmenter_settings import LOSS

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


LOG_2 = math.log(2)


def test_a_missed_voxel_of_the_structure_costs_its_weight():
    # Undecided about a structure voxel and three others: (3 log 2 + 3 log 2) / 4.
    target = torch.tensor([1.0, 0, 0, 0])
    value = weighted_bce(torch.zeros(4), target, structure_weight=3)
    assert value.item() == pytest.approx(6 / 4 * LOG_2)
    assert weighted_bce(torch.zeros(4), target, structure_weight=1).item() == pytest.approx(LOG_2)


def plane(rows):
    return torch.tensor([[float(c) for c in row] for row in rows])[None, None]


def test_the_skeleton_of_a_bar_is_its_middle_line():
    bar = plane(["0000000", "0111110", "0111110", "0111110", "0000000"])
    assert skeleton(bar, 3)[0, 0, 2, 2:5].tolist() == [1, 1, 1]
    assert skeleton(bar, 3).sum() == 3  # its ends are as far from the border as its sides
    line = plane(["00000", "11111", "00000"])
    assert torch.equal(skeleton(line, 3), line)


def test_a_gap_in_a_membrane_costs_what_of_its_line_is_missing():
    whole, gap = plane(["00000000", "11111111", "00000000"]), plane(["00000000", "11100111", "00000000"])
    # All of the predicted line is right, 6 of 8 voxels of the true one are found; 1 added to both halves.
    recall = 7 / 9
    value = cl_dice((2 * gap - 1) * SURE, whole, iterations=2)
    assert value.item() == pytest.approx(1 - 2 * recall / (1 + recall))


def test_the_width_of_a_membrane_is_no_matter_of_its_line():
    thin = plane(["0000000"] * 2 + ["1111111"] + ["0000000"] * 2)
    wide = plane(["0000000"] + ["1111111"] * 3 + ["0000000"])
    assert cl_dice((2 * wide - 1) * SURE, thin, iterations=3).item() == pytest.approx(0, abs=1e-6)
    assert dice((2 * wide - 1) * SURE, thin).item() > 0.4


def maps(*values):
    return torch.tensor(values).reshape(1, 1, 1, -1)


LOSSES = {
    "bce": bce,
    "weighted_bce": partial(weighted_bce, structure_weight=3),
    "dice": dice,
    "l1": l1,
}


@pytest.mark.parametrize("loss", LOSSES.values(), ids=LOSSES)
def test_unknown_voxels_cost_nothing_and_move_nothing(loss):
    found = maps(0.5, -1.0, 3.0, -2.0).requires_grad_()
    target, known = maps(1.0, 0.0, 0.0, 1.0), maps(1.0, 1.0, 0.0, 0.0)
    value = loss(found, target, known)
    assert value.item() == pytest.approx(loss(found[..., :2], target[..., :2]).item())
    value.backward()
    assert (found.grad[..., :2] != 0).all() and (found.grad[..., 2:] == 0).all()


@pytest.mark.parametrize("loss", [*LOSSES.values(), partial(cl_dice, iterations=2)], ids=[*LOSSES, "cl_dice"])
def test_a_batch_of_which_nothing_is_known_costs_0_without_a_gradient(loss):
    found = maps(0.5, -1.0).requires_grad_()
    value = loss(found, maps(1.0, 0.0), maps(0.0, 0.0))
    value.backward()
    assert value.item() == 0 and (found.grad == 0).all()


def test_known_voxels_of_colour_images_count_in_every_colour():
    # One of two voxels is known; its colours are off by 1, 2 and 3.
    image = torch.tensor([1.0, 9, 2, 9, 3, 9]).reshape(1, 3, 1, 2)
    assert l1(image, torch.zeros_like(image), maps(1.0, 0.0)).item() == pytest.approx(2)


# Their weighted sum

WEIGHTS = LOSS | {"cldice_iterations": 3}
torch.manual_seed(0)
LOGITS, TARGET = torch.randn(2, 1, 8, 8), (torch.randn(2, 1, 8, 8) > 0).float()
KNOWN = (torch.randn(2, 1, 8, 8) > -1).float()


def test_the_plain_loss_is_cross_entropy_and_dice_bit_for_bit():
    found = SegmentationLoss(**WEIGHTS)(LOGITS, TARGET, KNOWN)
    assert list(found) == ["bce", "dice"]
    assert torch.equal(found["bce"], bce(LOGITS, TARGET, KNOWN))
    assert torch.equal(found["dice"], dice(LOGITS, TARGET, KNOWN))


def test_weights_multiply_and_0_leaves_out():
    found = SegmentationLoss(**WEIGHTS | {"bce": 0, "dice": 0.5, "cldice": 2})(LOGITS, TARGET, None)
    assert list(found) == ["dice", "cldice"]
    assert found["dice"].item() == pytest.approx(dice(LOGITS, TARGET).item() / 2)
    assert found["cldice"].item() == pytest.approx(2 * cl_dice(LOGITS, TARGET, iterations=3).item())


def test_a_missed_voxel_costs_more_where_that_is_asked_for():
    found = SegmentationLoss(**WEIGHTS | {"dice": 0, "positive_weight": 5})
    zero, one = torch.zeros(1, 1, 1, 1), torch.ones(1, 1, 1, 1)
    assert found(zero, one, None)["bce"].item() == pytest.approx(5 * math.log(2))
    assert found(zero, zero, None)["bce"].item() == pytest.approx(math.log(2))


def test_every_loss_has_its_weight_in_the_config_and_its_words_in_the_figure():
    found = SegmentationLoss(**dict.fromkeys(LOSS, 1))(LOGITS, TARGET, KNOWN)
    assert set(found) == set(LOSS_NAMES) <= set(LOSS_WORDS)


def test_every_option_of_a_loss_makes_nothing_stale_where_the_loss_has_no_weight():
    assert set(LOSS) - set(LOSS_NAMES) == {
        option for name in LOSS_NAMES for option in COMPANIONS.get(name, ())
    }
