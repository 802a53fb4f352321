"""Two processes train one network together, on the processor. Each start of them costs some seconds."""

import os
import signal
import sys

import pytest
import torch

from synthem.compute import launcher as ranks
from synthem.compute.devices import use_threads
from synthem.compute.launcher import side_by_side
from synthem.errors import SynthemError
from synthem.training.opening import build_and_train
from synthem.training.segmenter import segmenter_trainer
from tests.shared.saved_states import after_a_state_past, last_step
from tests.shared.segmenter_settings import DEEP, SEGMENTER, cell_labels
from tests.shared.settings import edited, saving
from tests.shared.side_by_side import fit_segmenter

use_threads(1)
FOREVER = 100_000  # no rate depends on it here


@pytest.fixture
def started(monkeypatch):
    """The processes, as they are started."""
    made = []

    class Noted(ranks.Rank):
        def __init__(self, *arguments):
            super().__init__(*arguments)
            made.append(self.process)

    monkeypatch.setattr(ranks, "Rank", Noted)
    return made


def test_two_processes_find_the_losses_of_one_though_one_dies_and_both_are_stopped(tmp_path, started):
    after_a_state_past(tmp_path, 0, lambda: started[1].kill())
    with pytest.raises(SynthemError, match="TRAINING_PROCESS process 2 of 2: killed by SIGKILL"):
        fit_segmenter(2, tmp_path, training__steps=FOREVER)
    died_after = last_step(tmp_path)
    assert [process.poll() is None for process in started] == [False, False]

    after_a_state_past(tmp_path, died_after + 5, lambda: os.kill(os.getpid(), signal.SIGTERM))
    with pytest.raises(SynthemError, match="TRAINING_STOPPED .*SIGTERM after step"):
        fit_segmenter(2, tmp_path, training__steps=FOREVER)
    steps = last_step(tmp_path) + 5
    assert steps > died_after + 10

    net, history = fit_segmenter(1, tmp_path, training__steps=steps)  # how many go on is free
    alone, expected = fit_segmenter(1, tmp_path / "alone", training__steps=steps)
    assert len(history) == steps
    for mine, theirs in zip(history, expected, strict=True):
        assert mine == pytest.approx(theirs, abs=1e-5)
    for name, value in net.state_dict().items():
        assert torch.allclose(value, alone.state_dict()[name], atol=1e-4), name


def test_two_processes_find_the_losses_of_one_in_3d_and_for_affinities(tmp_path):
    settings = edited(SEGMENTER, training__steps=3, training__optimiser__epsilon=0.01, **DEEP)
    settings["training"]["validation"]["every"] = 3
    (_, expected), (_, history) = (
        side_by_side(
            processes,
            build_and_train,
            segmenter_trainer,
            [cell_labels("real")],
            cell_labels("validation", 9),
            saving=saving(tmp_path / str(processes), 3),
            **settings,
        )
        for processes in (1, 2)
    )
    for mine, theirs in zip(history, expected, strict=True):
        assert mine == pytest.approx(theirs, abs=1e-4)


def break_down(folder):
    raise ValueError(f"no such number, {os.path.basename(folder)}")


def test_what_a_process_could_not_foresee_is_told(tmp_path, started):
    with pytest.raises(SynthemError, match="UNEXPECTED process [12] of 2: ValueError: no such number, here"):
        side_by_side(2, break_down, tmp_path / "here")
    assert [process.poll() is None for process in started] == [False, False]


def test_each_process_may_see_the_gpus_that_its_starter_may_see(tmp_path, monkeypatch):
    program = tmp_path / "python"
    program.write_text(f'#!/bin/sh\nprintf "<%s>" "$CUDA_VISIBLE_DEVICES" > "{tmp_path}/$3"\nexit 1\n')
    program.chmod(0o755)
    monkeypatch.setattr(sys, "executable", str(program))
    with pytest.raises(SynthemError, match="ended with status 1"):
        side_by_side(2, os.getpid)
    assert [(tmp_path / number).read_text() for number in "01"] == ["<>", "<>"]


def test_one_process_or_none_is_this_one():
    assert [side_by_side(count, os.getpid) for count in (0, 1)] == [os.getpid()] * 2


def test_more_gpus_than_there_are_is_refused(monkeypatch):
    monkeypatch.setattr(torch.cuda, "device_count", lambda: 2)
    with pytest.raises(SynthemError, match="CONFIG_VALUE resources.gpu: 4 GPUs asked for, 2 found"):
        side_by_side(4, os.getpid)
