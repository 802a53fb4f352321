"""Where torch computes on this machine, and with how many threads."""

import os
import platform
from contextlib import contextmanager
from pathlib import Path

import torch

from synthem.compute.allocation import keep_freed_memory
from synthem.compute.collectives import rank, world_size
from synthem.errors import SynthemError
from synthem.log import say

DETERMINISTIC = "SYNTHEM_DETERMINISTIC"  # in the environment, which all ranks of a training share
UNREPEATED = "does not have a deterministic implementation"  # in torch's words about an operation


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


def compute_as(*, torch_threads, deterministic):
    """Compute as `compute` of the config says: all of it may change the last digit of a result."""
    use_threads(torch_threads)
    if deterministic:
        os.environ[DETERMINISTIC] = "1"
        os.environ["CUBLAS_WORKSPACE_CONFIG"] = ":4096:8"  # before cuBLAS starts: its sums repeat themselves
        torch.set_deterministic_debug_mode("error")


def repeats_bits():
    """Whether the same seed gives the same bits here: on processors always, on GPUs where asked for."""
    return not torch.cuda.is_available() or DETERMINISTIC in os.environ


@contextmanager
def determinism_explained():
    """Turn torch's refusal of an operation in this block into an error about the config."""
    try:
        yield
    except RuntimeError as error:
        if UNREPEATED not in str(error):
            raise
        raise SynthemError(
            "CONFIG_CONTRADICTION",
            "compute.deterministic",
            f"torch has no algorithm here that repeats the bits of {str(error).split()[0]}",
            expected="false for a GPU, or a network without this operation",
            fix="set it to false: results then differ in their last digits from run to run",
        ) from error


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
