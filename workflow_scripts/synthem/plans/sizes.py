"""What this machine has, and the size of networks that it can train in hours: the word `size: auto`.

Patches of that size have to fit into the slices: the rest of a larger one would be mirrored tissue.
"""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import NamedTuple

from synthem.config.checking import read_yaml
from synthem.errors import SynthemError
from synthem.plans.jobs import trainings
from synthem.storage.files import read_json, write_json
from synthem.storage.naming import count_text

GIB = 2**30
SIZES = ("small", "medium", "large")  # presets/size-*.yaml; config.yaml itself has those of the demo
LIBRARY = Path(__file__).resolve().parents[2]


class Machine(NamedTuple):
    """What bounds a training: cores, memory of the machine and of its largest GPU (0: none) in GiB."""

    cores: int
    memory_gib: float
    gpu_gib: float

    def in_words(self):
        gpu = f"a GPU of {self.gpu_gib:.0f} GiB" if self.gpu_gib else "no GPU"
        return f"{count_text(self.cores, 'core')}, {self.memory_gib:.0f} GiB, {gpu}"


def this_machine():
    """The machine that asks. Of a cluster this is the one where Snakemake runs, not the one that trains."""
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / GIB
    return Machine(len(os.sched_getaffinity(0)), memory, gpu_memory_gib())


def shows_gpu():
    """Whether this machine has a GPU, and shows it to this process."""
    hidden = os.environ.get("CUDA_VISIBLE_DEVICES") in ("", "-1")
    return bool(shutil.which("nvidia-smi")) and not hidden


def gpu_memory_gib():
    """Memory of the largest GPU that is shown to this process; 0 without one."""
    if not shows_gpu():
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


def preset_of(size):
    """The part of a config that a size stands for; {} of `demo`, whose part is config.yaml itself."""
    if size not in SIZES:
        return {}
    return read_yaml((LIBRARY.parent / f"presets/size-{size}.yaml").read_text())


def patches_in(sections):
    """{key: pixels} of the patches that sections {name: settings} of a size train on."""
    found = {name: part.get("training", {}).get("patch") for name, part in sections.items()}
    return {f"{name}.training.patch": patch for name, patch in found.items() if patch}


def patches_of(study, entries):
    """{volume: {key: pixels}} of the largest patches that are learnt from each, of those that a size sets."""
    sized, found = patches_in(preset_of(SIZES[0])), {}
    teachers = [study.data_sets[name]["volume"] for name in study.of_kind("volume")]
    for training in trainings(study, entries):
        for volume in (training.volume, *(teachers if training.section == "unets" else ())):
            own = found.setdefault(volume, {})
            for key, patch in patches_in({training.section: training.settings}).items():
                own |= {key: max(patch, own.get(key, 0))} if key in sized else {}
    return found


def fitting(size, slices, patches):
    """(The largest size up to `size` whose patches fit into the slices, why it is another one or "").

    slices {volume: (y, x)}: its smallest slice, {} where nobody knows any; patches: the function size ->
    {volume: {key: pixels}}. Where not even the smallest size fits, that one is taken, and the reason says
    what to set.
    """
    why, large = "", {}
    for one in reversed(SIZES[: SIZES.index(size) + 1]):
        large = _beyond(slices, patches(one))
        if not large:
            return one, why
        name = min(large, key=lambda volume: min(slices[volume]))
        found = f"slices of `{name}`, {slices[name][0]} x {slices[name][1]} pixels, are smaller than"
        why = why or f"{found} the patches of {size}"
    keys = sorted({key for own in large.values() for key in own})
    return SIZES[0], f"{found} its patches: set {' and '.join(keys)} to {min(slices[name])} or less"


def _beyond(slices, patches):
    """{volume: the keys of its patches that are larger than its slices} of those that have any."""
    found = {
        name: [key for key, patch in patches.get(name, {}).items() if patch > min(shape)]
        for name, shape in slices.items()
    }
    return {name: keys for name, keys in found.items() if keys}


def slices_seen(volumes, phantoms):
    """What `synthem.plans.slices` says of volumes: {slices}, or {unknown: why} of a file that is missing.

    {unseen: why} where it cannot run, as in an environment of Snakemake alone, which has no numpy.
    """
    asked = json.dumps({"volumes": volumes, "phantoms": phantoms})
    command = [sys.executable, "-m", "synthem.plans.slices"]
    environment = os.environ | {"PYTHONPATH": str(LIBRARY)}
    done = subprocess.run(command, input=asked, capture_output=True, text=True, env=environment)
    if done.returncode:
        return {"unseen": f"sizes of slices were not seen: {(done.stderr.splitlines() or ['no reason'])[-1]}"}
    return json.loads(done.stdout)


def size_in(folder, word, study_of, machine=this_machine):
    """What `size: word` means in a working folder, whose hidden `folder` remembers what `auto` has chosen.

    It is chosen once: the jobs of a cluster, and the next run on another machine, must not train anew. As
    long as an image cannot be read the check lets nothing be trained, and the choice is not kept.
    study_of: the function size -> (config, Study), which says what is learnt from.
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
    largest = size_for(found)
    config, _ = study_of(largest)
    seen = slices_seen(config["volumes"], config["phantoms"])
    size, why = fitting(largest, seen.get("slices", {}), lambda one: _patches_under(study_of(one)))
    because = "; ".join(filter(None, (found.in_words(), why, seen.get("unseen"))))
    if "unknown" in seen:
        until = f" until slices are known: {seen['unknown']}"
        print(f"size: auto is {size} here ({because}){until}", file=sys.stderr)
        return size
    print(f"size: auto is {size} here ({because}), and stays so in this folder", file=sys.stderr)
    write_json(path, {"size": size, "because": because})
    return size


def _patches_under(checked):
    config, study = checked
    return patches_of(study, config["volumes"])
