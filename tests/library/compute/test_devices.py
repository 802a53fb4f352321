"""No test needs a GPU: that there is one is pretended."""

import torch

from synthem.compute.devices import pick_device


def test_32_bits_are_32_bits_on_a_gpu_too(monkeypatch):
    torch.backends.cudnn.allow_tf32 = torch.backends.cuda.matmul.allow_tf32 = True
    monkeypatch.setattr(torch.cuda, "is_available", lambda: True)
    monkeypatch.setattr(torch.cuda, "get_device_name", lambda device: "a GPU")
    assert pick_device() == torch.device("cuda")
    assert not torch.backends.cudnn.allow_tf32 and not torch.backends.cuda.matmul.allow_tf32
