"""Where torch computes on this machine, with how many threads, and how it takes memory."""

import ctypes
import os

import torch

from synthem.log import say
from synthem.parallel import processes, rank

M_TRIM_THRESHOLD, M_MMAP_MAX = -1, -4  # as malloc.h of glibc has them
NEVER = -1


def pick_device():
    """The GPU where there is one, each process its own; the log says which, and what the cluster gave."""
    cuda = "cuda" if processes() == 1 else f"cuda:{rank()}"
    device = torch.device(cuda if torch.cuda.is_available() else "cpu")
    name = torch.cuda.get_device_name(device) if device.type == "cuda" else "cpu"
    say(f"device: {name} (CUDA_VISIBLE_DEVICES: {os.environ.get('CUDA_VISIBLE_DEVICES', 'not set')})")
    if device.type == "cpu":
        keep_freed_memory()
    return device


def use_threads(torch_threads):
    """Sums are rounded in another order with more threads, so their number is part of the result."""
    torch.set_num_threads(torch_threads)


def keep_freed_memory():
    """Whether this process keeps what it frees, for a network frees and takes the same arrays at each step.

    Large ones would go back to the kernel, which clears new pages for the next: a fifth of the time of a
    prediction. Only glibc can be told; elsewhere nothing happens.
    """
    try:
        mallopt = ctypes.CDLL(None).mallopt
    except (OSError, TypeError, AttributeError):  # musl, macOS, Windows
        return False
    return bool(mallopt(M_MMAP_MAX, 0)) and bool(mallopt(M_TRIM_THRESHOLD, NEVER))
