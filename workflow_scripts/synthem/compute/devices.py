"""Where torch computes on this machine, and with how many threads."""

import os
import platform
from pathlib import Path

import torch

from synthem.compute.allocation import keep_freed_memory
from synthem.compute.collectives import rank, world_size
from synthem.log import say


def pick_device():
    """The GPU where there is one, for each rank its own; the log names it, and what the cluster gave."""
    cuda = "cuda" if world_size() == 1 else f"cuda:{rank()}"
    device = torch.device(cuda if torch.cuda.is_available() else "cpu")
    name = torch.cuda.get_device_name(device) if device.type == "cuda" else "cpu"
    say(f"device: {name} (CUDA_VISIBLE_DEVICES: {os.environ.get('CUDA_VISIBLE_DEVICES', 'not set')})")
    if device.type == "cpu":
        keep_freed_memory()
    forbid_tf32()
    return device


def forbid_tf32():
    """Let fp32 mean 32 bits: by itself, torch lets GPUs compute convolutions in TF32, to three digits."""
    torch.backends.cudnn.allow_tf32 = False
    torch.backends.cuda.matmul.allow_tf32 = False


def use_threads(torch_threads):
    """Sums are rounded in another order with more threads, so their number is part of the result."""
    torch.set_num_threads(torch_threads)


def hardware(device):
    """What computes here, in words: processor, its threads in use, and the GPU where `device` is one."""
    found = {"processor": _processor(), "threads": torch.get_num_threads()}
    if device.type == "cuda":
        found["gpu"] = torch.cuda.get_device_name(device)
    return found


def _processor(about=Path("/proc/cpuinfo")):
    """The name of the processor, which Linux keeps in a file; elsewhere its family."""
    lines = about.read_text(errors="replace").splitlines() if about.is_file() else []
    names = (line.partition(":")[2].strip() for line in lines if line.startswith("model name"))
    return next(names, platform.processor() or platform.machine())
