"""No test needs a GPU: that there is one is pretended."""

import torch

from synthem.compute.devices import _processor, hardware, pick_device


def test_32_bits_are_32_bits_on_a_gpu_too(monkeypatch):
    torch.backends.cudnn.allow_tf32 = torch.backends.cuda.matmul.allow_tf32 = True
    monkeypatch.setattr(torch.cuda, "is_available", lambda: True)
    monkeypatch.setattr(torch.cuda, "get_device_name", lambda device: "a GPU")
    assert pick_device() == torch.device("cuda")
    assert not torch.backends.cudnn.allow_tf32 and not torch.backends.cuda.matmul.allow_tf32


def test_the_record_of_a_machine_names_processor_threads_and_gpu(monkeypatch, tmp_path):
    monkeypatch.setattr(torch.cuda, "get_device_name", lambda device: "a GPU")
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    here = hardware(torch.device("cpu"))
    assert here.keys() == {"processor", "threads"} and here["threads"] == 1 and here["processor"]
    assert hardware(torch.device("cuda")) == here | {"gpu": "a GPU"}
    torch.set_num_threads(before)
    (tmp_path / "cpuinfo").write_text("flags\t: a b\nmodel name\t: Twelve cores\nmodel name\t: Another\n")
    assert _processor(tmp_path / "cpuinfo") == "Twelve cores"
    assert _processor(tmp_path / "none")
