"""Adam on a GPU, whose rates lie there as a CUDA graph reads them, steps as torch's own class does."""

import pytest
import torch

from synthem.training.adam import Adam

RATES = 2**-3, 2**-9  # without rounding: a tensor holds 32 bits of them, torch's numbers 64


@pytest.mark.parametrize("layout", [torch.contiguous_format, torch.channels_last])
def test_steps_of_a_gpu_are_those_of_torch_to_the_bit(device, layout):
    nets = []
    for _ in range(2):
        torch.manual_seed(0)
        layers = torch.nn.Sequential(torch.nn.Conv2d(3, 8, 4), torch.nn.Conv2d(8, 2, 3))
        nets.append(layers.to(device).to(memory_format=layout))
    groups = [
        [{"params": [*layer.parameters()], "lr": rate} for layer, rate in zip(net, RATES, strict=True)]
        for net in nets
    ]
    for group in groups[0]:
        group["lr"] = torch.tensor(group["lr"], device=device)
    ours = Adam(groups[0], betas=[0.5, 0.99], epsilon=1e-7)
    theirs = torch.optim.Adam(groups[1], betas=(0.5, 0.99), eps=1e-7, fused=True)
    for _ in range(5):
        slopes = [torch.randn_like(weight) for weight in nets[0].parameters()]
        for net, optimiser in zip(nets, (ours, theirs), strict=True):
            optimiser.zero_grad()
            for weight, slope in zip(net.parameters(), slopes, strict=True):
                weight.grad = slope.clone(memory_format=torch.preserve_format)
            optimiser.step()
    for mine, other in zip(*(net.parameters() for net in nets), strict=True):
        assert torch.equal(mine, other) and mine.stride() == other.stride()
    assert {state["step"].item() for state in ours.state.values()} == {5}
    assert {state["step"].device for state in ours.state.values()} == {nets[0][0].weight.device}
