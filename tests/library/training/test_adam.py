"""Adam by torch's fused kernel, against torch's own class."""

import subprocess
import sys

import pytest
import torch

from synthem.training.adam import Adam
from tests.shared.project import PROJECT

STEP = """
import sys
sys.path.insert(0, sys.argv[1])
import torch
from synthem.inference.segmenting import Segmenter
from synthem.networks.registry import SEGMENTERS
from synthem.networks.saving import build_network
from synthem.training.loop import seed_everything
from synthem.training.optimiser import Optimiser
seed_everything(0)
net = build_network(SEGMENTERS, "unet", seed=0, in_channels=1, out_channels=1, base_width=2, depth=2)
options = {"betas": [0.9, 0.999], "epsilon": 1e-8, "clip_norm": 1, "ema": {"decay": 0.9, "warm_up": 1}}
schedule = {"kind": "linear", "linear": {"decay_from": 0.5}}
optimiser = Optimiser(net, steps=2, learning_rate=0.1, schedule=schedule, **options)
for number in range(2):
    optimiser.prepare(number)
    optimiser.step(net(torch.randn(1, 1, 16, 16)).mean())
import numpy as np
inference = {"tile": 32, "halo": 0, "tile_slices": 1, "halo_slices": 0, "turns": 1, "precision": "fp32"}
Segmenter(net, device=torch.device("cpu"), **inference).probabilities([np.zeros((1, 48, 48), np.uint8)])
print([name for name in ("torch._dynamo", "torch._inductor", "sympy") if name in sys.modules])
"""


def two_nets(layout):
    torch.manual_seed(0)
    nets = [torch.nn.Sequential(torch.nn.Conv2d(3, 5, 4), torch.nn.Conv2d(5, 2, 3)) for _ in range(2)]
    nets[1].load_state_dict(nets[0].state_dict())
    return [net.to(memory_format=layout) for net in nets]


def groups_of(net):
    return [
        {"params": [*layer.parameters()], "lr": rate} for layer, rate in zip(net, (0.1, 0.003), strict=True)
    ]


@pytest.mark.parametrize("layout", [torch.contiguous_format, torch.channels_last])
def test_steps_are_those_of_torch_to_the_bit(layout):
    own, torchs = two_nets(layout)
    ours = Adam(groups_of(own), betas=[0.5, 0.99], epsilon=1e-7)
    theirs = torch.optim.Adam(groups_of(torchs), betas=(0.5, 0.99), eps=1e-7, fused=True)
    for number in range(5):
        slopes = [torch.randn_like(weight) for weight in own.parameters()]
        for net, optimiser in ((own, ours), (torchs, theirs)):
            optimiser.zero_grad()
            for weight, slope in zip(net.parameters(), slopes, strict=True):
                if number or weight.ndim == 1:  # at first, no kernel has a gradient
                    weight.grad = slope.clone(memory_format=torch.preserve_format)
            optimiser.step()
        for mine, other in zip(own.parameters(), torchs.parameters(), strict=True):
            assert torch.equal(mine, other) and mine.stride() == other.stride()
    assert [state["step"].item() for state in ours.state.values()] == [5, 5, 4, 4]


def test_an_empty_state_is_that_before_the_first_step():
    """A resume that fails puts back what was there: nothing."""
    net = torch.nn.Linear(2, 1)
    optimiser = Adam([{"params": [*net.parameters()], "lr": 0.1}], betas=[0.9, 0.99], epsilon=1e-8)
    net(torch.ones(1, 2)).sum().backward()
    optimiser.step()
    assert len(optimiser.state_dict()) == 2
    optimiser.load_state_dict({})
    assert optimiser.state_dict() == {}


def test_neither_a_training_nor_a_prediction_loads_the_compiler():
    """It takes as long to load as torch itself, and nothing is compiled where nobody asks for it."""
    command = [sys.executable, "-c", STEP, str(PROJECT / "workflow_scripts")]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
