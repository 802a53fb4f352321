"""Training survives anything: every kind of network is killed at every kind of moment, and ends the same."""

import os
import pickle
import random
import signal
import sys
import time
from pathlib import Path

import pytest
import torch

from synthem.compute.devices import use_threads
from synthem.errors import SynthemError
from synthem.training.checkpoints import Checkpoints
from tests.shared.deaths import (
    LIVES,
    Killed,
    dies_before_saving,
    states,
    train_until_asked_to_stop,
    wait_for_progress,
)
from tests.shared.forked import ended, start
from tests.shared.killed_trainings import TRAININGS, result, segmenter

use_threads(1)
ALL_NAMES = list(TRAININGS)
SOME_NAMES = ["unet, everything on", "OASIS, averaged"]  # what has most to keep


@pytest.mark.parametrize("name", ALL_NAMES)
def test_a_network_that_died_five_times_is_the_one_that_never_did(tmp_path, name):
    expected = result(name, tmp_path / "undisturbed")
    for dies, moment, checkpoint_every in LIVES:
        with pytest.MonkeyPatch.context() as patch, pytest.raises(Killed):
            dies(patch, moment)
            result(name, tmp_path / "killed", checkpoint_every)
    assert result(name, tmp_path / "killed", 5) == expected


def test_a_killed_network_ends_the_same_after_another_one_was_trained_in_its_place(tmp_path):
    with pytest.MonkeyPatch.context() as patch, pytest.raises(Killed):
        dies_before_saving(patch, 8)
        result("unet", tmp_path / "killed")
    segmenter(tmp_path / "killed", 3, fingerprint="another", training__optimiser__learning_rate=0.5)
    assert states(tmp_path / "killed" / "moved-aside-1") == ["step-00000003.pt", "step-00000006.pt"]
    assert result("unet", tmp_path / "killed") == result("unet", tmp_path / "undisturbed")
    assert not (tmp_path / "killed" / "moved-aside-1").exists()  # taken, not trained again


# Real kills in processes of their own


def in_child(name, folder, saved):
    use_threads(1)
    try:
        whole = saved.with_suffix(".whole")  # a kill while it is written must not leave half of it
        whole.write_bytes(pickle.dumps(result(name, folder)))
        whole.rename(saved)
    except SynthemError as error:
        print(error, file=sys.stderr)
        os._exit(7)


def killed_while_it_writes(name, folder, saved, written, share):
    """SIGKILL when a share of the bytes of the state of this number is on the disk."""
    whole, states = Path.write_bytes, []

    def write_bytes(path, data):
        if path.name.startswith(".step-"):
            states.append(path)
            if len(states) == written:
                whole(path, bytes(data)[: int(share * len(data))])
                os.kill(os.getpid(), signal.SIGKILL)
        return whole(path, data)

    Path.write_bytes = write_bytes
    in_child(name, folder, saved)


def killed_while_it_renames(name, folder, saved, before):
    """SIGKILL at the rename of the second state: the old ones still lie there."""
    whole, states = os.replace, []

    def replace(source, target):
        if Path(target).suffix == ".pt":  # and not the seconds of the session
            states.append(target)
        if len(states) == 2:
            if not before:
                whole(source, target)
            os.kill(os.getpid(), signal.SIGKILL)
        whole(source, target)

    os.replace = replace
    in_child(name, folder, saved)


@pytest.mark.parametrize("name", SOME_NAMES)
def test_a_kill_while_a_state_is_written_loses_no_more_than_that_state(tmp_path, name):
    folder, saved = tmp_path / "killed", tmp_path / "saved"
    kept = ["step-00000003.pt"]
    for written, share, left in ((1, 0.5, []), (2, 0, kept), (1, 0.999, kept), (1, 1, kept)):
        process = start(killed_while_it_writes, name, folder, saved, written, share)
        assert ended(process) == -signal.SIGKILL
        assert states(folder) == left
    assert ended(start(in_child, name, folder, saved)) == 0
    assert pickle.loads(saved.read_bytes()) == result(name, tmp_path / "undisturbed")
    assert [path.name for path in folder.iterdir() if path.name.startswith(".")] == []


@pytest.mark.parametrize("before", [True, False])
def test_a_kill_at_the_rename_leaves_two_whole_states_at_most(tmp_path, before):
    folder, saved = tmp_path / "killed", tmp_path / "saved"
    assert ended(start(killed_while_it_renames, "unet", folder, saved, before)) == -signal.SIGKILL
    assert states(folder) == ["step-00000003.pt"] + (["step-00000006.pt"] if not before else [])
    assert ended(start(in_child, "unet", folder, saved)) == 0
    assert pickle.loads(saved.read_bytes()) == result("unet", tmp_path / "undisturbed")


@pytest.mark.parametrize("name", ["unet", "pix2pix + 3 patch70"])
def test_a_training_killed_at_random_ends_with_the_same_bytes(tmp_path, name):
    folder, saved, moment, since = tmp_path / "killed", tmp_path / "saved", random.Random(), ""
    while not saved.exists():
        process = start(in_child, name, folder, saved)
        if wait_for_progress(process, folder, since):
            since = max(states(folder))
            time.sleep(moment.uniform(0, 0.03))
            process.kill()
        assert ended(process) in (0, -signal.SIGKILL)
    assert pickle.loads(saved.read_bytes()) == result(name, tmp_path / "undisturbed")


def test_sigterm_saves_within_10_seconds(tmp_path):
    assert ended(start(train_until_asked_to_stop, tmp_path)) == 7
    assert len(states(tmp_path)) >= 1


def test_a_process_saves_and_restores_the_chance_of_its_own_gpu(tmp_path, monkeypatch):
    """Of several, the first saves: its state is the one of all."""
    chance = [torch.tensor([1, 2, 3], dtype=torch.uint8)]
    monkeypatch.setattr(torch.cuda, "is_available", lambda: True)
    monkeypatch.setattr(torch.cuda, "get_rng_state", lambda: chance[-1])
    monkeypatch.setattr(torch.cuda, "set_rng_state", chance.append)
    checkpoints = Checkpoints(tmp_path, "a")
    checkpoints.save([], {})
    chance.append(torch.tensor([9, 9, 9], dtype=torch.uint8))
    checkpoints.resume({})
    assert chance[-1].tolist() == [1, 2, 3]
