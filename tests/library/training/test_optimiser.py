import pytest
import torch

from synthem.training.optimiser import Optimiser
from tests.shared.segmenter_settings import PLAIN
from tests.shared.settings import edited

CONSTANT = edited(PLAIN, learning_rate=0.1, schedule__kind="constant")


def descend(steps=1, slope=1.0, **changed):
    """One weight that starts at 0; its loss falls with `slope` along it."""
    net = torch.nn.Linear(1, 1, bias=False)
    torch.nn.init.zeros_(net.weight)
    optimiser = Optimiser(net, steps=4, **CONSTANT | changed)
    for number in range(steps):
        optimiser.prepare(number)
        optimiser.step(-slope * net.weight.sum())
    return net, optimiser


def test_adam_takes_steps_of_the_learning_rate_whatever_the_slope():
    assert descend(3)[0].weight.item() == pytest.approx(0.3)
    assert descend(3, slope=100.0)[0].weight.item() == pytest.approx(0.3)


def test_epsilon_shortens_the_steps_on_a_gentle_slope():
    net, _ = descend(slope=0.01, epsilon=0.01)
    assert net.weight.item() == pytest.approx(0.1 * 0.01 / (0.01 + 0.01))


def test_the_rate_follows_the_schedule():
    net, _ = descend(4, schedule={"kind": "linear", "linear": {"decay_from": 0.5}})  # 1, 1, 1, 1/2
    assert net.weight.item() == pytest.approx(0.35)


def test_betas_are_the_memory_of_the_optimiser():
    net = torch.nn.Linear(1, 1, bias=False)
    torch.nn.init.zeros_(net.weight)
    optimiser = Optimiser(net, steps=2, **CONSTANT | {"betas": [0.0, 0.0]})
    for number, slope in enumerate((5.0, -1.0)):  # without memory, each step is the sign of its slope
        optimiser.prepare(number)
        optimiser.step(-slope * net.weight.sum())
    assert net.weight.item() == pytest.approx(0, abs=1e-6)


def test_a_state_of_other_memory_is_gone_on_from_with_the_same_numbers():
    """GANs are channels-last on a GPU; their states may be gone on from on a processor, and the other way."""

    def steps(layouts):
        torch.manual_seed(0)
        last = torch.nn.Conv2d(3, 5, 4)
        slopes, states = torch.randn(4, *last.weight.shape), []
        for number, layout in enumerate(layouts):
            net = torch.nn.Conv2d(3, 5, 4).to(memory_format=layout)
            net.load_state_dict(last.state_dict())
            optimiser = Optimiser(net, steps=4, **CONSTANT)
            for state in states[-1:]:
                optimiser.adam.load_state_dict(state)
            optimiser.prepare(number)
            optimiser.step((slopes[number] * net.weight).sum() + net.bias.sum())
            last = net
            states.append(optimiser.adam.state_dict())
        return last.weight.detach().contiguous()

    last, first = torch.channels_last, torch.contiguous_format
    expected = steps([first] * 4)
    assert torch.equal(steps([last, first, first, last]), expected)
    assert torch.equal(steps([last, last, first, first]), expected)


def test_longer_gradients_are_cut_to_the_norm_and_shorter_ones_are_not():
    for slope, expected in ((30.0, 3.0), (2.0, 2.0)):
        net, _ = descend(slope=slope, clip_norm=3.0)
        assert net.weight.grad.item() == pytest.approx(-expected, rel=1e-5)


def test_the_norm_is_that_of_all_weights_together():
    net = torch.nn.Linear(2, 1, bias=False)
    optimiser = Optimiser(net, steps=1, **CONSTANT | {"clip_norm": 1.0})
    optimiser.prepare(0)
    optimiser.step((net.weight * torch.tensor([[3.0, 4.0]])).sum())
    assert net.weight.grad[0].tolist() == pytest.approx([0.6, 0.8], rel=1e-5)


def test_without_an_average_the_network_is_the_result_and_nothing_more_is_saved():
    net, optimiser = descend()
    assert optimiser.result is net and list(optimiser.parts) == ["network", "adam", "schedule"]


def test_with_an_average_that_is_the_result():
    net, optimiser = descend(ema={"decay": 0.5, "warm_up": 1})
    assert optimiser.result.weight.item() == pytest.approx(0.05) and "average" in optimiser.parts
    assert net.weight.item() == pytest.approx(0.1)


def test_frozen_weights_stay():
    net = torch.nn.Sequential(torch.nn.Linear(1, 1), torch.nn.Linear(1, 1))
    net[0].requires_grad_(False)
    before = net[0].weight.clone()
    optimiser = Optimiser(net, steps=1, **PLAIN)
    optimiser.prepare(0)
    optimiser.step(net(torch.ones(1, 1)).sum())
    assert torch.equal(net[0].weight, before) and len(optimiser.weights) == 2


def test_layers_learn_at_the_part_of_the_rate_that_their_network_asks_for_also_when_resumed():
    class Mapped(torch.nn.Module):
        learning_rate_factors = {"mapping": 0.01}

        def __init__(self):
            super().__init__()
            self.mapping, self.rest = torch.nn.Linear(1, 1, bias=False), torch.nn.Linear(1, 1, bias=False)
            for layer in (self.mapping, self.rest):
                torch.nn.init.zeros_(layer.weight)

    net, linear = Mapped(), {"kind": "linear", "linear": {"decay_from": 0.5}}
    settings = CONSTANT | {"schedule": linear}
    optimiser = Optimiser(net, steps=4, **settings)
    for number in range(3):
        optimiser.prepare(number)
        optimiser.step(-(net.mapping.weight + net.rest.weight).sum())
    assert net.rest.weight.item() == pytest.approx(0.3)
    assert net.mapping.weight.item() == pytest.approx(0.003)
    resumed = Optimiser(net, steps=4, **settings)
    resumed.adam.load_state_dict(optimiser.adam.state_dict())
    resumed.prepare(3)
    resumed.step(-(net.mapping.weight + net.rest.weight).sum())  # at half of both rates
    assert net.rest.weight.item() == pytest.approx(0.35)
    assert net.mapping.weight.item() == pytest.approx(0.0035)
