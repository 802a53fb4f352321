import math

import pytest
import torch

from synthem.training.schedules import Plateau, build_schedule
from synthem.training.validation import Validation


@pytest.fixture
def said(monkeypatch):
    lines = []
    monkeypatch.setattr("synthem.training.validation.say", lines.append)
    return lines


def looking(losses, *, stop_after=0, keep="best"):
    """The weight of the network is the number of the validation."""
    net = torch.nn.Linear(1, 1, bias=False)
    schedule = build_schedule({"kind": "constant"}, steps=100)
    validation = Validation(net, schedule, every=4, stop_after=stop_after, keep=keep)
    gave_up = []
    for number, loss in enumerate(losses):
        torch.nn.init.constant_(net.weight, number)
        validation.see({"validation_loss": loss})
        gave_up.append(validation.gives_up)
    return validation, gave_up


@pytest.mark.parametrize(("keep", "number"), [("best", 1), ("last", 3)])
def test_the_config_chooses_between_the_last_and_the_best_weights(keep, number):
    validation, _ = looking([3.0, 1.0, 2.0, 1.0], keep=keep)
    assert validation.chosen().weight.item() == number


def test_it_is_due_every_so_many_steps_and_at_the_end():
    validation, _ = looking([])
    assert [done for done in range(1, 11) if validation.is_due(done, 10)] == [4, 8, 10]


def test_training_ends_after_so_many_validations_in_a_row_without_a_lower_loss():
    _, gave_up = looking([2.0, 3.0, 1.0, 1.0, 1.0, 1.0], stop_after=3)
    assert gave_up == [False] * 5 + [True]


def test_with_0_nothing_ends_it():
    _, gave_up = looking([1.0] * 50)
    assert not any(gave_up)


def test_what_is_no_number_is_never_best_never_stops_and_is_said(said):
    nan, inf = math.nan, math.inf
    validation, gave_up = looking([nan, 5.0, nan, inf, nan, 4.0, nan], stop_after=1)
    assert validation.chosen().weight.item() == 5
    assert not any(gave_up)
    assert [line for line in said if "WARNING the validation loss is nan" in line]


def test_where_no_loss_was_a_number_the_last_weights_are_kept_and_that_is_said(said):
    validation, _ = looking([math.nan, math.nan])
    assert validation.chosen().weight.item() == 1
    assert "the last weights are kept" in said[-1]


def test_the_best_weights_survive_in_the_state():
    validation, _ = looking([1.0, 2.0])
    other, _ = looking([])
    other.load_state_dict(validation.state_dict())
    assert other.chosen().weight.item() == 0 and other.waited == 1


def test_a_plateau_hears_of_every_loss():
    plateau = Plateau(factor=0.5, patience=0, cuts=1)
    net = torch.nn.Linear(1, 1)
    validation = Validation(net, plateau, every=1, stop_after=0, keep="last")
    for loss in (1.0, 1.0):
        validation.see({"validation_loss": loss})
    assert plateau.factor(0) == 0.5
