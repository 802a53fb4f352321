"""Numbers of 32 or 16 bits: bfloat16 is twice as fast where the machine computes in it, and less exact."""

from contextlib import nullcontext
from pathlib import Path

import torch

PROCESSOR = Path("/proc/cpuinfo")
BF16_UNITS = ("avx512_bf16", "amx_bf16")  # what a processor needs: elsewhere bfloat16 is imitated, slowly


def precision_here(word):
    """What the config's word means on this machine: fp32 or bf16; `auto` is bf16 where that is fast."""
    return word if word != "auto" else "bf16" if computes_in_bf16() else "fp32"


def computes_in_bf16():
    """Whether the GPU, or the processor where there is none, has units for bfloat16."""
    if torch.cuda.is_available():
        return torch.cuda.is_bf16_supported(including_emulation=False)
    try:
        return any(unit in PROCESSOR.read_text().split() for unit in BF16_UNITS)
    except OSError:  # not Linux
        return False


def computing_in(precision, device):
    """A context: in it, convolutions and products take the precision; weights stay 32 bits wide.

    No gradient scaler: bfloat16 reaches as far as float32, only float16 does not. On a GPU no weight is
    kept in 16 bits: a captured step has to convert it each time.
    """
    if precision != "bf16":
        return nullcontext()
    return torch.autocast(device.type, torch.bfloat16, cache_enabled=device.type != "cuda")
