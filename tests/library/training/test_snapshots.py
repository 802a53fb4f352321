"""Networks kept at chosen steps of a training."""

import os

import pytest

from synthem.errors import SynthemError
from synthem.gans.training import gan_trainer
from synthem.networks.saving import network_bytes
from synthem.training.segmenter import segmenter_trainer
from synthem.training.snapshots import FOLDERS_KEPT, Snapshots
from tests.shared.gan_settings import TUTORIAL, averaged, squares
from tests.shared.segmenter_settings import SEGMENTER, discs
from tests.shared.settings import edited, saving

# Dropout, noise, batch norm and averaged weights: whatever a snapshot could disturb.
GAN = edited(TUTORIAL, training__steps=6, **averaged(0.9, 3))


def gan(folder, steps=6, snapshots=(2, 6)):
    settings = edited(GAN, training__steps=steps, training__snapshots=list(snapshots))
    net, history = gan_trainer(squares(), **settings).train(saving(folder, 3))
    return bytes(network_bytes(net)), history


def kept(folder):
    """{name: bytes} of the snapshots of a training."""
    return {path.name: path.read_bytes() for path in folder.glob("snapshots-*/*.pt")}


def test_a_snapshot_is_the_network_that_a_training_of_so_many_steps_ends_with(tmp_path):
    whole, history = gan(tmp_path / "whole")
    snapshots = kept(tmp_path / "whole")
    assert list(sorted(snapshots)) == ["step-00000002.pt", "step-00000006.pt"]
    assert snapshots["step-00000006.pt"] == whole
    short, _ = gan(tmp_path / "short", steps=2, snapshots=())
    assert snapshots["step-00000002.pt"] == short != whole


def test_snapshots_change_no_bit_of_a_training(tmp_path):
    assert gan(tmp_path / "with") == gan(tmp_path / "without", snapshots=())


def segmenter(folder, fingerprint="a", stop_at=None, **changes):
    settings = edited(SEGMENTER, training__steps=6, training__snapshots=[2, 5], **changes)
    place = saving(folder, 3, fingerprint=fingerprint)
    if stop_at:
        settings = edited(settings, training__steps=stop_at)
    net, _ = segmenter_trainer([discs("real")], discs("validation", 9), **settings).train(place)
    return bytes(network_bytes(net))


def test_a_training_that_goes_on_keeps_the_same_ones(tmp_path):
    steady = {"training__optimiser__schedule": {"kind": "constant"}}  # a short one starts a long one
    segmenter(tmp_path / "at once", **steady)
    segmenter(tmp_path / "killed", stop_at=4, **steady)
    assert [*kept(tmp_path / "killed")] == ["step-00000002.pt"]
    segmenter(tmp_path / "killed", **steady)
    assert kept(tmp_path / "killed") == kept(tmp_path / "at once") != {}


def test_a_snapshot_is_of_the_last_weights_not_of_the_best(tmp_path):
    best = {"every": 1, "stop_after": 0, "keep": "best"}
    segmenter(tmp_path / "last")
    segmenter(tmp_path / "best", training__validation=best)
    assert kept(tmp_path / "last") == kept(tmp_path / "best")


def test_a_deleted_snapshot_is_said_before_a_step_is_taken(tmp_path):
    segmenter(tmp_path)
    (found,) = tmp_path.glob("snapshots-*/step-00000002.pt")
    found.unlink()
    with pytest.raises(SynthemError) as error:
        segmenter(tmp_path)
    assert str(error.value).startswith(f"ERROR FILE_READ {found}: no such file")
    assert f"delete {tmp_path} and run again" in str(error.value)


def test_other_settings_have_snapshots_of_their_own_and_old_ones_are_forgotten(tmp_path):
    for number in range(FOLDERS_KEPT + 2):
        segmenter(tmp_path, fingerprint=f"run {number}")
    assert len(list(tmp_path.glob("snapshots-*"))) == FOLDERS_KEPT
    assert (tmp_path / f"snapshots-run {FOLDERS_KEPT + 1}").is_dir()


def test_a_run_that_was_gone_back_to_is_no_old_one(tmp_path):
    runs = [Snapshots(tmp_path, f"run {number}", [2]) for number in range(FOLDERS_KEPT + 1)]
    for age, run in enumerate(reversed(runs[:-1]), start=1):
        run.folder.mkdir()
        os.utime(run.folder, (1e9 - age, 1e9 - age))
    runs[0].forget_oldest()
    runs[-1].folder.mkdir()
    runs[-1].forget_oldest()
    assert runs[0].folder.is_dir() and not runs[1].folder.exists()


def test_a_run_that_was_gone_back_to_keeps_its_snapshots_while_others_end(tmp_path):
    """Its state waits beside them: without them it could not go on."""
    runs = [Snapshots(tmp_path, f"run {number}", [2]) for number in range(FOLDERS_KEPT + 1)]
    for age, run in enumerate(reversed(runs), start=1):
        run.folder.mkdir()
        os.utime(run.folder, (1e9 - age, 1e9 - age))
    runs[0].refuse_missing(done=1)  # as a training does when it starts; it is killed before its next snapshot
    runs[-1].forget_oldest()
    assert runs[0].folder.is_dir() and not runs[1].folder.exists()


def test_a_training_that_ends_early_gives_what_it_has(tmp_path):
    segmenter(tmp_path)
    fingerprint = next(tmp_path.glob("snapshots-*")).name.removeprefix("snapshots-")
    snapshots = Snapshots(tmp_path, fingerprint, [2, 5, 7])
    snapshots.copy_to(tmp_path / "out", done=6)
    assert sorted(path.name for path in (tmp_path / "out").iterdir()) == [
        "step-00000002.pt",
        "step-00000005.pt",
    ]
    with pytest.raises(SynthemError):
        snapshots.copy_to(tmp_path / "out", done=7)


def test_the_next_step_to_stop_at(tmp_path):
    snapshots = Snapshots(tmp_path, "a", [7, 3])
    assert [snapshots.next_after(done) for done in (0, 3, 6, 7)] == [[3], [7], [7], []]
    assert [step for step in range(9) if snapshots.is_due(step)] == [3, 7]
