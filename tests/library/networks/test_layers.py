import copy

import torch
from torch import nn
from torch.nn.utils import parametrizations

from synthem.networks.layers import spectral_norm


def test_the_spectral_norm_is_torchs():
    """The same chance, the same weights; one singular value of 3 is divided away."""
    convolution = nn.Conv2d(2, 2, 1, bias=False)
    with torch.no_grad():
        convolution.weight.copy_(torch.diag(torch.tensor([3.0, 1.0]))[..., None, None])
    one, other = copy.deepcopy(convolution), copy.deepcopy(convolution)
    torch.manual_seed(0)
    own = spectral_norm(one)
    torch.manual_seed(0)
    torchs = parametrizations.spectral_norm(other)
    assert own.state_dict().keys() == torchs.state_dict().keys()
    for _ in range(3):
        assert torch.equal(own.weight, torchs.weight)
    assert torch.allclose(own.weight[:, :, 0, 0], torch.diag(torch.tensor([1, 1 / 3])), atol=1e-6)


def test_autocast_on_a_gpu_leaves_the_spectral_norm_alone(monkeypatch):
    """There is no GPU here: what autocast would do there is pretended by its switch."""
    convolution, product, seen = spectral_norm(nn.Conv2d(2, 2, 1)), torch.mv, []

    def mv(*arguments, **others):
        seen.append(torch.is_autocast_enabled("cuda"))
        return product(*arguments, **others)

    monkeypatch.setattr(torch, "mv", mv)
    torch.set_autocast_enabled("cuda", True)
    try:
        _ = convolution.weight
        assert torch.is_autocast_enabled("cuda")
    finally:
        torch.set_autocast_enabled("cuda", False)
    assert seen and not any(seen)
