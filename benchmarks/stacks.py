"""What `segment_stack` holds in memory beside files, with each method, of stacks of two depths.

Anonymous memory of the process, sampled every 10 ms, above that after a small stack. Arrays of the stack's
size lie in files here however small they are; what the kernel keeps of these is not counted, for it takes
them back where memory is short. Goal: the deeper stack takes at most 64 MiB more. Blobs fill PART of a stack;
`--part 0.5` makes one body of nearly all of them, the worst case of `bodies`: it holds the box of a body, and
misses this goal. Its own: at most 40 bytes for each voxel of the box.
"""

import argparse
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path

import numpy as np
import yaml
from rounds import print_result
from scipy import ndimage

from synthem.compute.allocation import keep_freed_memory
from synthem.storage.arrays import write_arrays
from synthem.storage.scratch import scratch
from synthem.storage.volumes import Facts
from synthem.watershed.applying import segment_stack

SIDE, DEPTHS, SMALL, PART, VOXEL_NM = 512, (64, 256), 4, 0.06, (5.0, 5.0, 5.0)
TUNED = {
    "bodies": {"threshold": 0.5},
    "components": {"threshold": 0.5},
    "membranes": {"interior_threshold": 0.5, "edge_rise": 0.1},
    "mutex": {"threshold": 0.5},
    "agglomeration": {"threshold": 0.5},
}
GOAL = 64  # MiB


def probability(depth, part):
    """uint8 [depth, SIDE, SIDE], half or more in PART of the voxels."""
    noise = np.random.default_rng(0).standard_normal((depth, SIDE, SIDE), np.float32)
    blobs = ndimage.gaussian_filter(noise, 4)
    level, width = np.quantile(blobs[::4, ::4, ::4], 1 - part), blobs.std()
    return (255 / (1 + np.exp(6 * (level - blobs) / width))).astype(np.uint8)


def segment(folder, method, depth, part):
    facts = Facts(voxel_size_nm=VOXEL_NM, blocks={"test": ((0, depth),)})
    config = yaml.safe_load((Path(__file__).parents[1] / "config.yaml").read_text())["watershed"]
    path = folder / f"{depth}.h5"
    write_arrays(path, {"test": probability(depth, part)}, {"voxel_size_nm": VOXEL_NM})
    how = {"method": method, "settings": config[method], "tuned": TUNED[method], "threads": 1}
    zeros, target = scratch(folder, in_memory=2**20), {"kind": "mask"}
    with watched() as most:
        segment_stack(folder / "segmented.h5", path, facts, target, zeros=zeros, **how)
    return most


class watched:
    """The most anonymous memory, MiB, above that at the start: a list with one number."""

    def __enter__(self):
        self.most, self.done, self.before = [0.0], threading.Event(), anonymous()
        self.thread = threading.Thread(target=self.watch)
        self.thread.start()
        return self.most

    def watch(self):
        while not self.done.is_set():
            self.most[0] = max(self.most[0], anonymous() - self.before)
            time.sleep(0.01)

    def __exit__(self, *_):
        self.done.set()
        self.thread.join()


def anonymous():
    lines = Path("/proc/self/status").read_text().splitlines()
    return int(next(line for line in lines if line.startswith("RssAnon")).split()[1]) / 1024


def measured(method, depth, part):
    """MiB, in a process of its own."""
    command = [
        sys.executable,
        __file__,
        "--methods",
        method,
        "--depths",
        str(depth),
        "--part",
        str(part),
        "--one",
    ]
    return float(subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True).stdout)


def main():
    options = argparse.ArgumentParser()
    options.add_argument("--methods", nargs="+", default=[*TUNED])
    options.add_argument("--depths", nargs="+", type=int, default=DEPTHS)
    options.add_argument("--part", type=float, default=PART)
    options.add_argument("--one", action="store_true")
    chosen = options.parse_args()
    if chosen.one:
        keep_freed_memory()  # as in jobs
        with tempfile.TemporaryDirectory() as name:
            segment(Path(name), *chosen.methods, SMALL, chosen.part)  # loads and compiles
            print(segment(Path(name), *chosen.methods, *chosen.depths, chosen.part)[0])
        return
    found = {}
    for method in chosen.methods:
        taken = [measured(method, depth, chosen.part) for depth in chosen.depths]
        met = "met" if taken[-1] - taken[0] <= GOAL else "missed"
        bytes_each = taken[-1] * 2**20 / (chosen.depths[-1] * SIDE**2)
        print(
            f"{method}: {', '.join(f'{mib:.0f}' for mib in taken)} MiB, {bytes_each:.1f} bytes a voxel, {met}"
        )
        found[method] = float(f"{bytes_each:.3g}")
    print_result("stacks", ratios=found, equal={"part": chosen.part}, libraries=["numpy", "scikit-image"])


if __name__ == "__main__":
    main()
