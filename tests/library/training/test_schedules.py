import math

import pytest
import torch

from synthem.training.schedules import Plateau, build_schedule

THESIS = {"factor": 0.5, "patience": 5, "cuts": 4}


def factors(kind, numbers, steps=8, decay_from=0.5):
    schedule = build_schedule({"kind": kind, "linear": {"decay_from": decay_from}}, steps=steps)
    return [schedule.factor(number) for number in numbers]


def test_constant_stays():
    assert factors("constant", [0, 5, 7]) == [1, 1, 1]


def test_cosine_falls_from_1_through_a_half_to_nearly_0():
    assert factors("cosine", [0, 4, 6]) == pytest.approx([1, 0.5, (1 - math.sqrt(0.5)) / 2])


def test_linear_stays_for_its_part_of_the_steps_and_then_falls_straight_to_0():
    assert factors("linear", range(8)) == [1, 1, 1, 1, 1, 0.75, 0.5, 0.25]
    assert factors("linear", range(8), decay_from=0) == [1 - number / 8 for number in range(8)]
    assert factors("linear", [5, 6, 7], decay_from=0.75) == [1, 1, 0.5]


def test_schedules_by_the_step_have_no_state():
    schedule = build_schedule({"kind": "cosine"}, steps=8)
    schedule.see(3.0)
    assert schedule.state_dict() == {}


def seen(losses, **changed):
    plateau = Plateau(**THESIS | changed)
    told = []
    for number, loss in enumerate(losses):
        plateau.see(loss)
        told.append(plateau.factor(number))
    return told


def test_a_plateau_has_the_options_of_its_section():
    plateau = build_schedule({"kind": "plateau", "plateau": THESIS, "linear": {"decay_from": 0}}, steps=8)
    assert (plateau.cut_to, plateau.patience, plateau.most_cuts) == (0.5, 5, 4)


def test_the_sixth_validation_without_a_lower_loss_halves_the_rate():
    assert seen([1.0] + 6 * [1.0] + [0.5]) == [1] * 6 + [0.5, 0.5]


def test_there_are_no_more_cuts_than_allowed():
    assert seen(10 * [1.0], patience=0, cuts=2) == [1, 0.5] + 8 * [0.25]


@pytest.mark.filterwarnings("ignore:Detected call of")
def test_cuts_fall_where_torchs_scheduler_has_them():
    optimizer = torch.optim.SGD([torch.nn.Parameter(torch.zeros(1))], lr=1.0)
    theirs = torch.optim.lr_scheduler.ReduceLROnPlateau(
        optimizer, factor=0.5, patience=2, threshold=0, min_lr=0.5**3
    )
    losses, expected = torch.rand(60, generator=torch.Generator().manual_seed(1)).tolist(), []
    for loss in losses:
        theirs.step(loss)
        expected.append(optimizer.param_groups[0]["lr"])
    assert seen(losses, patience=2, cuts=3) == expected and expected[-1] == 0.125


def test_a_loss_that_is_no_number_neither_waits_nor_counts():
    nan = math.nan
    assert seen([nan, 1.0, nan, nan, 1.0, nan, 1.0], patience=1) == [1] * 6 + [0.5]


def test_a_plateau_goes_on_from_its_state():
    whole, first, second = (Plateau(factor=0.5, patience=1, cuts=4) for _ in range(3))
    losses = [1.0, 2.0, 2.0, 2.0, 2.0]
    for loss in losses:
        whole.see(loss)
    for loss in losses[:2]:
        first.see(loss)
    second.load_state_dict(first.state_dict())
    for loss in losses[2:]:
        second.see(loss)
    assert second.state_dict() == whole.state_dict() and whole.cuts == 2
