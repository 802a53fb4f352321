"""Training that is killed goes on: the same bytes in the end as without the kill."""

import os
import signal
import time
from dataclasses import dataclass

import pytest


@dataclass
class Training:
    """A job of the nano workflow, and the line of its settings to make it long enough to be caught."""

    rule: str
    run: str  # its wildcards as a path
    network: str
    short: str
    long: str


GAN = Training(
    rule="train_gan",
    run="hippocampus/base/budget-all/replicate-1",
    network="results/gans/hippocampus/base/budget-all/replicate-1/network.pt",
    short="training: {steps: 6, batch_size: 2, patch: 64",
    long="training: {steps: 150, batch_size: 2, patch: 64",
)
UNET = Training(
    rule="train_unet",
    run="hippocampus/mixed/budget-all/replicate-1/seed-1",
    network="results/unets/hippocampus/mixed/budget-all/replicate-1/seed-1/network.pt",
    short="base_width: 2, depth: 2, kaiming: false}}\n  training:\n    {steps: 6,",
    long="base_width: 2, depth: 2, kaiming: false}}\n  training:\n    {steps: 300,",
)


@pytest.mark.long
@pytest.mark.parametrize("training", [GAN, UNET], ids=["gan", "unet"])
def test_a_training_killed_twice_makes_the_same_files(small, training):
    small.edit("tests/nano/config.yaml", training.short, training.long)
    states = small.folder / "results/checkpoints" / training.rule / training.run
    results = (small.folder / training.network).parent
    log = small.folder / "results/logs" / training.rule / f"{training.run}.log"

    for _ in range(2):
        killed_after = kill_after_20_steps(small, training, states)
        assert not (small.folder / training.network).exists(), "no half network at its final place"
    # A change of how often states are saved neither starts the training anew nor changes its result.
    small.edit("tests/nano/config.yaml", "checkpoint_every: 3", "checkpoint_every: 70")
    done = small.run(training.network, "--nolock")
    assert done.returncode == 0, done.stdout
    assert f"(step {killed_after})" in log.read_text()
    interrupted = contents(results)

    for file in [*states.glob("*.pt"), small.folder / training.network]:
        file.unlink()
    assert small.run(training.network).returncode == 0
    assert "goes on from" not in log.read_text()
    assert contents(results) == interrupted


def kill_after_20_steps(workflow, training, states):
    """SIGKILL Snakemake and its job; return the step of the last state."""
    before = newest(states)
    process = workflow.start(training.network, "--nolock")
    while not newest(states) > before + 20:
        assert process.poll() is None, process.stdout.read()
        # A finished run of fewer steps left its states here, until they are moved aside.
        before = min(before, newest(states))
        time.sleep(0.01)
    os.killpg(process.pid, signal.SIGKILL)
    process.communicate()
    return newest(states)


def newest(folder):
    return max((int(path.stem.split("-")[1]) for path in folder.glob("step-*.pt")), default=0)


def contents(folder):
    """What a training left, its snapshots too."""
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}
