"""What a run says, and the membrane network of the nano workflow, which tests stop in the middle."""

import os
import time

import pytest

from tests.shared.nano_workflow import HUNG

NETWORK = "results/membranes/larva/base/network.pt"
LOG = "results/logs/train_membranes/larva/base.log"
STOPPED = "Stopped. All that is finished is saved, and the states of trainings: the same command goes on."
SHORT = "training: {steps: 6, batch_size: 2, patch: 32, validation: {every: 3}}"


def errors(output):
    return [line for line in output.splitlines() if line.startswith("ERROR ")]


def last_line(output):
    return output.rstrip("\n").splitlines()[-1]


def started(workflow, until):
    """Snakemake on the membrane network, once its log holds what `until` says."""
    pytest.importorskip("torch")  # it trains
    log = workflow.folder / LOG
    log.unlink(missing_ok=True)
    process = workflow.start(NETWORK)
    while until not in written(log):
        assert process.poll() is None, process.stdout.read()
        time.sleep(0.02)
    return process


def written(log):
    """The text of a log; while there is none, it does not even hold nothing."""
    try:
        return log.read_text()
    except FileNotFoundError:  # Snakemake may delete it between a look and the next
        return ()


def output_after(process, *signals):
    """All that Snakemake said after these signals went to it and all its jobs."""
    for number in signals:
        os.killpg(process.pid, number)
        time.sleep(0.2)
    output, _ = process.communicate(timeout=HUNG)
    assert process.returncode != 0
    assert "Traceback" not in output, output
    return output
