"""Training survives anything. Real networks are killed in real processes; the rest needs only a number."""

import io
import multiprocessing
import os
import random
import signal
import socket
import sys
import time

import numpy as np
import pytest
import torch

from synthem.checkpoints import Checkpoints
from synthem.errors import SynthemError
from synthem.networks.saving import save_network
from synthem.patches import PatchSet
from synthem.training import train, use_threads


class Drunkard:
    """One number that takes random steps: every step depends on all chance before it."""

    def __init__(self, breaks_at=None):
        self.walker = torch.nn.Linear(1, 1, bias=False)
        torch.nn.init.zeros_(self.walker.weight)
        torch.manual_seed(0)
        self.parts, self.breaks_at, self.steps_taken = {"walker": self.walker}, breaks_at, []

    @property
    def place(self):
        return self.walker.weight.item()

    def step(self, number):
        self.steps_taken.append(number)
        with torch.no_grad():
            self.walker.weight += torch.randn(1, 1)
        broken = number == self.breaks_at
        return {"loss": torch.tensor(float("nan") if broken else float(number))}


def walk(folder, steps=10, *, task=None, every=4, fingerprint="a"):
    task = task or Drunkard()
    history = train(task, steps=steps, checkpoint_every=every, folder=folder, fingerprint=fingerprint)
    return task, history


def states(folder):
    return sorted(path.name for path in folder.glob("*.pt"))


@pytest.fixture
def said(monkeypatch):
    lines = []
    for module in ("synthem.training.say", "synthem.checkpoints.say"):
        monkeypatch.setattr(module, lines.append)
    return lines


def test_every_step_is_in_the_history_and_only_the_last_state_stays(tmp_path):
    _, history = walk(tmp_path)
    assert history == [{"loss": float(number)} for number in range(10)]
    assert states(tmp_path) == ["step-00000010.pt"]


def test_a_finished_training_takes_no_further_step(tmp_path):
    first, history = walk(tmp_path)
    again, repeated = walk(tmp_path)
    assert again.steps_taken == [] and again.place == first.place and repeated == history


def interrupted(folder, at):
    class Killed(BaseException):
        pass

    class Mortal(Drunkard):
        def step(self, number):
            if number == at:
                raise Killed
            return super().step(number)

    with pytest.raises(Killed):
        walk(folder, task=Mortal())


def test_an_interrupted_training_ends_where_an_undisturbed_one_does(tmp_path):
    undisturbed, history = walk(tmp_path / "one")
    interrupted(tmp_path / "two", at=9)
    resumed, whole = walk(tmp_path / "two")
    assert resumed.steps_taken == [8, 9]
    assert resumed.place == undisturbed.place and whole == history


def test_two_states_are_kept_while_training_runs(tmp_path):
    interrupted(tmp_path, at=9)
    assert states(tmp_path) == ["step-00000004.pt", "step-00000008.pt"]


def flip_a_bit(data):
    """One bit of the saved weight is another."""
    weight = torch.load(io.BytesIO(data), weights_only=True)["parts"]["walker"]["weight"]
    place = data.index(weight.numpy().tobytes())
    return data[:place] + bytes([data[place] ^ 1]) + data[place + 1 :]


@pytest.mark.parametrize("harm", [lambda data: data[:100], lambda data: b"", flip_a_bit])
def test_a_corrupt_state_gives_way_to_the_one_before(tmp_path, said, harm):
    undisturbed, _ = walk(tmp_path / "one")
    interrupted(tmp_path / "two", at=9)
    newest = tmp_path / "two" / "step-00000008.pt"
    newest.write_bytes(harm(newest.read_bytes()))
    resumed, _ = walk(tmp_path / "two")
    assert resumed.steps_taken[0] == 4 and resumed.place == undisturbed.place
    assert any("WARNING" in line and newest.name in line for line in said)


def test_another_fingerprint_starts_anew_and_keeps_the_old_work_aside(tmp_path, said):
    walk(tmp_path)
    task, _ = walk(tmp_path, fingerprint="b")
    assert task.steps_taken[0] == 0
    assert states(tmp_path / "moved-aside-1") == ["step-00000010.pt"]
    assert any("fingerprint a, now b" in line for line in said)
    walk(tmp_path, fingerprint="c")
    assert [path.name for path in tmp_path.glob("moved-aside-*")] == ["moved-aside-2"]


def test_the_best_state_is_the_one_with_the_lowest_validation_loss(tmp_path):
    class Student(Drunkard):
        def validate(self):
            return {"validation_loss": {4: 3.0, 8: 1.0, 10: 2.0}[len(self.steps_taken)]}

    _, history = walk(tmp_path, task=Student())
    assert [row.get("validation_loss") for row in history] == [None] * 3 + [3] + [None] * 3 + [1, None, 2]
    best = torch.load(tmp_path / "best.pt", weights_only=True)
    assert len(best["history"]) == 8


def test_a_second_trainer_is_told_who_trains(tmp_path):
    with Checkpoints(tmp_path, "a").locked(), pytest.raises(SynthemError) as refused:
        walk(tmp_path)
    assert refused.value.code == "TRAINING_LOCKED"
    assert f"process {os.getpid()} on {socket.gethostname()}" in str(refused.value)


def test_a_folder_that_cannot_be_made_is_named(tmp_path):
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(SynthemError, match="ERROR FILE_WRITE .*file/checkpoints"):
        walk(tmp_path / "file" / "checkpoints")


def test_a_loss_that_is_no_number_stops_the_training(tmp_path):
    with pytest.raises(SynthemError) as broken:
        walk(tmp_path, task=Drunkard(breaks_at=8))
    assert broken.value.code == "TRAINING_DIVERGED"
    assert "loss is nan at step 9" in str(broken.value) and "step-00000008.pt" in str(broken.value)


def test_broken_weights_never_reach_a_checkpoint(tmp_path):
    class Broken(Drunkard):
        def step(self, number):
            self.walker.weight.data.fill_(float("inf"))
            return {"loss": torch.tensor(1.0)}

    with pytest.raises(SynthemError, match="TRAINING_DIVERGED .* weights walker.weight .* after step 4"):
        walk(tmp_path, task=Broken())
    assert states(tmp_path) == []


@pytest.mark.parametrize("request_", [signal.SIGTERM, signal.SIGINT, signal.SIGUSR1])
def test_a_request_to_stop_saves_the_step_that_runs(tmp_path, request_):
    class Called(Drunkard):
        def step(self, number):
            if number == 5:
                os.kill(os.getpid(), request_)
            return super().step(number)

    before = signal.getsignal(request_)
    with pytest.raises(SynthemError, match=f"TRAINING_STOPPED .* {request_.name} after step 6 of 10"):
        walk(tmp_path / "two", task=Called())
    assert signal.getsignal(request_) is before
    resumed, history = walk(tmp_path / "two")
    undisturbed, whole = walk(tmp_path / "one")
    assert resumed.steps_taken[0] == 6 and resumed.place == undisturbed.place and history == whole


# Real networks in processes of their own


def pictures(name):
    image = np.random.default_rng(len(name)).integers(0, 256, (4, 40, 40), dtype=np.uint8)
    dark, bright = (image < 80).astype(np.uint8), (image > 170).astype(np.uint8)
    return image, dark, bright


def train_unet(folder, saved, steps):
    from synthem.segmentation import train_segmenter

    image, dark, bright = pictures("unet")
    net, _ = train_segmenter(
        [PatchSet("real", image, {"structure": dark}, bright)],
        PatchSet("validation", image, {"structure": dark}, bright),
        network={"name": "unet", "base_width": 4, "depth": 2},
        **{"steps": steps, "batch_size": 2, "patch": 32, "learning_rate": 0.01, "noise": 0.4, "seed": 0},
        **{"folder": folder, "fingerprint": "a", "checkpoint_every": 3},
    )
    save_network(saved, net)


def train_pix2pix(folder, saved, steps):
    from synthem.gans import train_gan

    image, dark, bright = pictures("pix2pix")
    net, _ = train_gan(
        PatchSet("real", image, {"structure": dark, "membrane": bright}),
        generator={"name": "pix2pix", "base_width": 4, "depth": 4, "dropout": 0.5},
        discriminator={"name": "patch70", "base_width": 4, "scales": 2},
        **{"steps": steps, "batch_size": 1, "patch": 32, "learning_rate": 0.001, "l1_weight": 100, "seed": 0},
        **{"folder": folder, "fingerprint": "a", "checkpoint_every": 3},
    )
    save_network(saved, net)


def in_child(job, *arguments):
    use_threads(1)
    try:
        job(*arguments)
    except SynthemError as error:
        print(error, file=sys.stderr)
        os._exit(7)


@pytest.fixture(scope="module")
def start():
    """Start a job in a process of its own, forked from one that has torch: starting takes no time."""
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["pytest", "synthem.segmentation", "synthem.gans"])

    def start(job, *arguments):
        process = context.Process(target=in_child, args=(job, *arguments))
        process.start()
        return process

    with pytest.MonkeyPatch.context() as patch:
        patch.setenv(
            "PYTHONPATH", os.pathsep.join(filter(None, sys.path))
        )  # the fork server knows no other way
        yield start


def wait_for_progress(process, folder, since):
    """Wait until a state lies in the folder that did not at `since`; whether the process still runs."""
    while process.is_alive() and not (states(folder) and states(folder)[-1] > since):
        time.sleep(0.002)
    return process.is_alive()


@pytest.mark.parametrize("job", [train_unet, train_pix2pix])
def test_a_training_killed_again_and_again_ends_with_the_same_bytes(tmp_path, start, job):
    undisturbed = start(job, tmp_path / "one", tmp_path / "one.pt", 24)
    moment, kills, since = random.Random(), 0, ""
    while not (tmp_path / "two.pt").exists():
        process = start(job, tmp_path / "two", tmp_path / "two.pt", 24)
        if kills < 3 and wait_for_progress(process, tmp_path / "two", since):
            since = max(name for name in states(tmp_path / "two") if name.startswith("step"))
            time.sleep(moment.uniform(0, 0.03))
            process.kill()
            kills += 1
        process.join()
        assert process.exitcode in (0, -signal.SIGKILL)
    undisturbed.join()
    assert kills >= 2
    assert (tmp_path / "two.pt").read_bytes() == (tmp_path / "one.pt").read_bytes()


def test_sigterm_saves_within_10_seconds(tmp_path, start):
    process = start(train_unet, tmp_path, tmp_path / "network.pt", 100_000)
    assert wait_for_progress(process, tmp_path, "")
    asked = time.monotonic()
    process.terminate()
    process.join()
    assert process.exitcode == 7 and time.monotonic() - asked < 10
    assert len(states(tmp_path)) >= 1 and not (tmp_path / "network.pt").exists()
