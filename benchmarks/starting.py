"""The start of a training: a new process, to its 50th step with a U-Net of the demo's width.

Goal: 6 seconds on a processor, in fp32 as the demo computes, and with `precision: auto` as all sizes for real
tissue do. Compared with the same process where torch's compiler is loaded first, as
`torch.optim.Adam` loads it at its first step: a study of a hundred trainings would pay that a hundred times.
"""

import subprocess
import sys
from functools import partial

STEPS, WIDTH, BATCH, SIDE = 50, 8, 4, 128
ROUNDS, MOST_SECONDS = 5, 6


def take_steps(precision):
    from training import random_slices, segmenter

    from synthem.compute.devices import use_threads

    use_threads(1)
    slices, _ = random_slices()
    task = segmenter(slices, WIDTH, BATCH, precision=precision, side=SIDE)
    for number in range(STEPS):
        task.step(number)


def main():
    from rounds import median_seconds, print_result, ratios

    start = partial(subprocess.run, check=True)
    actions = {
        "ours": lambda: start([sys.executable, __file__, "--steps"]),
        "precision: auto": lambda: start([sys.executable, __file__, "--steps", "--auto"]),
        "with torch's compiler": lambda: start([sys.executable, __file__, "--steps", "--compiler"]),
    }
    seconds = median_seconds(actions, rounds=ROUNDS)
    for name, spent in seconds.items():
        print(f"{name:22} {spent:5.2f} s to step {STEPS}")
    for name in ("ours", "precision: auto"):
        print(f"{name}: goal of {MOST_SECONDS} s {'met' if seconds[name] <= MOST_SECONDS else 'missed'}")
    print_result("starting", ratios=ratios(seconds, "ours"), equal=None, libraries=["torch"])


if __name__ == "__main__":
    if "--compiler" in sys.argv:
        import torch._dynamo  # noqa: F401
    take_steps("auto" if "--auto" in sys.argv else "fp32") if "--steps" in sys.argv else main()
