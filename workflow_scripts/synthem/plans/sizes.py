"""What this machine has, and the size of networks that it can train in hours: the word `size: auto`."""

import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import NamedTuple

from synthem.errors import SynthemError
from synthem.storage.files import read_json, write_json

GIB = 2**30
SIZES = ("small", "medium", "large")  # presets/size-*.yaml; config.yaml itself has those of the demo


class Machine(NamedTuple):
    """What bounds a training: cores, memory of the machine and of its largest GPU (0: none) in GiB."""

    cores: int
    memory_gib: float
    gpu_gib: float

    def in_words(self):
        gpu = f"a GPU of {self.gpu_gib:.0f} GiB" if self.gpu_gib else "no GPU"
        return f"{self.cores} cores, {self.memory_gib:.0f} GiB, {gpu}"


def this_machine():
    """The machine that asks. Of a cluster this is the one where Snakemake runs, not the one that trains."""
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / GIB
    return Machine(len(os.sched_getaffinity(0)), memory, gpu_memory_gib())


def gpu_memory_gib():
    """Memory of the largest GPU that is shown to this process; 0 without one."""
    if os.environ.get("CUDA_VISIBLE_DEVICES") in ("", "-1") or not shutil.which("nvidia-smi"):
        return 0.0
    ask = ["nvidia-smi", "--query-gpu=memory.total", "--format=csv,noheader,nounits"]
    try:
        answer = subprocess.run(ask, capture_output=True, text=True, timeout=30)
    except (OSError, subprocess.TimeoutExpired):  # a driver that does not answer is no GPU
        return 0.0
    return max((int(line) / 1024 for line in answer.stdout.split() if line.isdigit()), default=0.0)


def size_for(machine):
    """The largest size whose default study ends within a day or two there (README, the table of sizes)."""
    if machine.gpu_gib >= 20:
        return "large"
    many_cores = machine.cores >= 32 and machine.memory_gib >= 64
    return "medium" if machine.gpu_gib >= 6 or many_cores else "small"


def size_in(folder, word, machine=this_machine):
    """What `size: word` means in a working folder, whose hidden `folder` remembers what `auto` has chosen.

    It is chosen once: the jobs of a cluster, and the next run on another machine, must not train anew.
    """
    if word != "auto":
        return word
    path = Path(folder) / "synthem-size.json"
    try:
        if (size := read_json(path)["size"]) in SIZES:
            return size
    except (SynthemError, KeyError, TypeError):
        pass  # nothing is chosen yet
    found = machine()
    size, because = size_for(found), found.in_words()
    print(f"size: auto is {size} here ({because}), and stays so in this folder", file=sys.stderr)
    write_json(path, {"size": size, "because": because})
    return size
