import pytest
import torch

from synthem.training.optimiser import Descent
from tests.shared.segmenter_settings import PLAIN


def descend(steps=1, slope=1.0, **changed):
    """One weight that starts at 0; its loss falls with `slope` along it."""
    net = torch.nn.Linear(1, 1, bias=False)
    torch.nn.init.zeros_(net.weight)
    descent = Descent(net, steps=4, learning_rate=0.1, **PLAIN | {"schedule": "constant"} | changed)
    for number in range(steps):
        descent.step(number, -slope * net.weight.sum())
    return net, descent


def test_adam_takes_steps_of_the_learning_rate_whatever_the_slope():
    assert descend(3)[0].weight.item() == pytest.approx(0.3)
    assert descend(3, slope=100.0)[0].weight.item() == pytest.approx(0.3)


def test_epsilon_shortens_the_steps_on_a_gentle_slope():
    net, _ = descend(slope=0.01, epsilon=0.01)
    assert net.weight.item() == pytest.approx(0.1 * 0.01 / (0.01 + 0.01))


def test_the_rate_follows_the_schedule():
    net, _ = descend(4, schedule="linear")  # 1, 1, 1, 1/2
    assert net.weight.item() == pytest.approx(0.35)


def test_betas_are_the_memory_of_the_optimiser():
    net = torch.nn.Linear(1, 1, bias=False)
    torch.nn.init.zeros_(net.weight)
    settings = PLAIN | {"schedule": "constant", "betas": [0.0, 0.0]}
    descent = Descent(net, steps=2, learning_rate=0.1, **settings)
    for number, slope in enumerate((5.0, -1.0)):  # without memory, each step is the sign of its slope
        descent.step(number, -slope * net.weight.sum())
    assert net.weight.item() == pytest.approx(0, abs=1e-6)


def test_longer_gradients_are_cut_to_the_norm_and_shorter_ones_are_not():
    for slope, expected in ((30.0, 3.0), (2.0, 2.0)):
        net, _ = descend(slope=slope, clip_norm=3.0)
        assert net.weight.grad.item() == pytest.approx(-expected, rel=1e-5)


def test_the_norm_is_that_of_all_weights_together():
    net = torch.nn.Linear(2, 1, bias=False)
    descent = Descent(net, steps=1, learning_rate=0.1, **PLAIN | {"clip_norm": 1.0})
    descent.step(0, (net.weight * torch.tensor([[3.0, 4.0]])).sum())
    assert net.weight.grad[0].tolist() == pytest.approx([0.6, 0.8], rel=1e-5)


def test_without_an_average_the_network_is_the_result_and_nothing_more_is_saved():
    net, descent = descend()
    assert descent.result is net and list(descent.parts) == ["network", "optimizer", "schedule"]


def test_with_an_average_that_is_the_result():
    net, descent = descend(ema={"decay": 0.5, "warm_up": 1})
    assert descent.result.weight.item() == pytest.approx(0.05) and "average" in descent.parts
    assert net.weight.item() == pytest.approx(0.1)


def test_frozen_weights_stay():
    net = torch.nn.Sequential(torch.nn.Linear(1, 1), torch.nn.Linear(1, 1))
    net[0].requires_grad_(False)
    before = net[0].weight.clone()
    descent = Descent(net, steps=1, learning_rate=0.1, **PLAIN)
    descent.step(0, net(torch.ones(1, 1)).sum())
    assert torch.equal(net[0].weight, before) and len(descent.weights) == 2
