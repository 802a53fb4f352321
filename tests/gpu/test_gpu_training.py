"""The networks that learn on a processor learn on a GPU, too, and a killed training goes on there.

On a GPU no bits are promised: what is compared is close, not equal.
"""

import pickle
import signal

import numpy as np
import pytest
import torch

from synthem.gans.guards import assert_condition_matters
from synthem.gans.stylegan import stylegan_trainer
from synthem.gans.training import gan_trainer
from synthem.training.segmenter import segmenter_trainer
from tests.shared.boundless_settings import fit_boundless
from tests.shared.deaths import LIVES, Killed, dies_in_step, train_until_asked_to_stop, wait_for_progress
from tests.shared.forked import ended, start
from tests.shared.gan_settings import EVERYTHING, MEMBRANE_TRANSFER, OASIS, SYSTEMS, WIDER, squares
from tests.shared.killed_trainings import TRAININGS
from tests.shared.killed_trainings import segmenter as long_training
from tests.shared.segmenter_settings import DEEP, SEGMENTER, cell_labels, discs
from tests.shared.settings import edited, of_both, saving
from tests.shared.stylegan_settings import GROWING, STYLEGAN, blobs

pytestmark = pytest.mark.usefixtures("computed_there")
ON_GPU = torch.cuda.is_available()
# On a processor a life or two try the tests themselves; tests/library has more of them.
STEPS, GUARDED = (8, 4) if ON_GPU else (4, 2)
FIVE_LIVES = LIVES if ON_GPU else [(dies_in_step, 1, 3), (dies_in_step, 2, 2)]
TWO_LIVES = (LIVES[1], LIVES[3]) if ON_GPU else FIVE_LIVES[1:]


def segmenter(folder, steps, sets=None, *, checkpoint_every=None, **changes):
    pace = {"training__steps": steps, "training__validation__every": steps}
    settings = edited(SEGMENTER, **pace | changes)
    real, validation = sets or (discs("real"), discs("validation", seed=9))
    return segmenter_trainer([real], validation, **settings).train(saving(folder, checkpoint_every or steps))


def gan(folder, steps, settings, *, checkpoint_every=None, **changes):
    settings = edited(settings, training__steps=steps, **changes)
    return gan_trainer(squares(), **settings).train(saving(folder, checkpoint_every or steps))


def assert_on_the_host(net):
    assert {weight.device.type for weight in net.state_dict().values()} == {"cpu"}


@pytest.mark.parametrize("precision", ["fp32", "bf16"])
def test_a_segmenter_learns_discs(tmp_path, precision):
    net, history = segmenter(tmp_path, 90, training__precision=precision)
    assert history[-1]["validation_iou"] > 0.9
    assert history[-1]["dice"] < history[0]["dice"] / 2
    assert_on_the_host(net)
    assert {weight.dtype for weight in net.parameters()} == {torch.float32}


def test_a_network_in_3d_learns_discs(tmp_path):
    net, history = segmenter(tmp_path, 60, **DEEP)
    assert history[-1]["validation_iou"] > 0.8
    assert_on_the_host(net)


@pytest.mark.parametrize("shape", [{}, DEEP], ids=["2-D", "3-D"])
def test_affinities_are_learnt(tmp_path, shape):
    _, history = segmenter(tmp_path, 60, (cell_labels("real"), cell_labels("validation", 9)), **shape)
    assert history[-1]["dice"] < history[0]["dice"] * 0.75


@pytest.mark.parametrize("precision", ["fp32", "bf16"])
def test_a_generator_learns_squares(tmp_path, precision):
    net, history = gan(tmp_path, 80, MEMBRANE_TRANSFER, training__precision=precision)
    assert history[-1]["g_l1"] < history[0]["g_l1"] / 2
    assert_condition_matters(net, list(squares().conditions.values()))
    assert_on_the_host(net)


def test_oasis_learns_what_it_is_asked_for(tmp_path):
    net, _ = gan(tmp_path, 160, OASIS, **WIDER)
    assert_condition_matters(net, list(squares().conditions.values()))


@pytest.mark.parametrize("settings", SYSTEMS.values(), ids=SYSTEMS)
def test_the_losses_of_every_system_are_numbers(tmp_path, settings):
    guards = {"every": 2, "first": 2, "in_a_row": 9, "on_failure": "stop"}
    _, history = gan(tmp_path, GUARDED, settings, guards=guards)
    assert np.isfinite([value for row in history for value in row.values()]).all()


def test_boundless_learns_to_draw_waves(tmp_path):
    _, history = fit_boundless(tmp_path, 60, checkpoint_every=60)
    first, last = (np.mean([row["g_l1"] for row in rows]) for rows in (history[:5], history[-5:]))
    assert last < 0.7 * first


def test_stylegan_grows_and_its_losses_are_numbers(tmp_path):
    settings = edited(STYLEGAN, **GROWING, training__steps=6, training__mixing=0.5)
    net, history = stylegan_trainer(blobs(), **settings).train(saving(tmp_path, 6))
    assert np.isfinite([list(row.values()) for row in history]).all()
    assert_on_the_host(net)


def test_16_bits_begin_where_32_do(tmp_path):
    """Of the same weights and patches; later, trainings go ways of their own."""
    for train, losses in (
        (segmenter, ("bce", "dice")),
        (gan_of_membrane_transfer, ("d_real", "d_fake", "g_l1")),
    ):
        (_, exact), (_, rough) = (
            train(tmp_path / f"{train.__name__}-{precision}", 1, training__precision=precision)
            for precision in ("fp32", "bf16")
        )
        for loss in losses:
            assert rough[0][loss] == pytest.approx(exact[0][loss], rel=0.05), loss
        assert rough[0] != exact[0]


def gan_of_membrane_transfer(folder, steps, **changed):
    return gan(folder, steps, MEMBRANE_TRANSFER, **changed)


# Rates at which differences of rounding stay small for a few steps.
GENTLE_SEGMENTER = {"training__optimiser__learning_rate": 1e-4, "training__validation__every": 4}
GENTLE_GAN = of_both(learning_rate=1e-5)


def gentle(name, folder, checkpoint_every):
    pace = {"checkpoint_every": checkpoint_every}
    if name == "unet":
        return segmenter(folder, STEPS, **GENTLE_SEGMENTER | pace)
    settings = {"pix2pix with dropout": MEMBRANE_TRANSFER, "GAN, everything on": EVERYTHING}[name]
    return gan(folder, STEPS, settings, **GENTLE_GAN | pace)


@pytest.mark.parametrize("name", ["unet", "pix2pix with dropout", "GAN, everything on"])
def test_a_network_that_died_five_times_has_the_losses_of_one_that_never_did(tmp_path, name):
    _, expected = gentle(name, tmp_path / "undisturbed", 3)
    for dies, moment, checkpoint_every in FIVE_LIVES:
        with pytest.MonkeyPatch.context() as patch, pytest.raises(Killed):
            dies(patch, moment)
            gentle(name, tmp_path / "killed", checkpoint_every)
        torch.rand(5, device="cuda" if ON_GPU else "cpu")  # another life, another chance
    _, history = gentle(name, tmp_path / "killed", 5)
    assert len(history) == len(expected) == STEPS
    for mine, theirs in zip(history, expected, strict=True):
        assert mine == pytest.approx(theirs, rel=0.02, abs=0.01)


@pytest.mark.parametrize("name", TRAININGS)
def test_a_training_of_every_kind_goes_on_after_a_kill(tmp_path, monkeypatch, name):
    monkeypatch.setattr("tests.shared.killed_trainings.STEPS", STEPS)
    for dies, moment, checkpoint_every in TWO_LIVES:
        with pytest.MonkeyPatch.context() as patch, pytest.raises(Killed):
            dies(patch, moment)
            TRAININGS[name](tmp_path, checkpoint_every)
    net, history = TRAININGS[name](tmp_path, 3)
    assert len(history) == STEPS
    assert_on_the_host(net)


def in_child(folder, saved):
    _, history = segmenter(folder, 8, checkpoint_every=1, **GENTLE_SEGMENTER)
    saved.write_bytes(pickle.dumps(history))


def test_a_process_that_was_killed_with_its_gpu_goes_on_in_another(tmp_path, capsys):
    process = start(in_child, tmp_path / "killed", tmp_path / "saved")
    if wait_for_progress(process, tmp_path / "killed", ""):
        process.kill()
    assert ended(process) in (0, -signal.SIGKILL)
    _, history = segmenter(tmp_path / "killed", 8, checkpoint_every=1, **GENTLE_SEGMENTER)
    _, expected = segmenter(tmp_path / "undisturbed", 8, checkpoint_every=1, **GENTLE_SEGMENTER)
    assert "goes on from" in capsys.readouterr().err
    for mine, theirs in zip(history, expected, strict=True):
        assert mine == pytest.approx(theirs, rel=0.02, abs=0.01)


def test_a_request_to_stop_saves_what_the_next_process_goes_on_from(tmp_path):
    assert ended(start(train_until_asked_to_stop, tmp_path)) == 7
    steps = max(int(path.stem.split("-")[1]) for path in tmp_path.glob("step-*.pt"))
    _, history = long_training(tmp_path, 3, training__steps=steps + 1)
    assert len(history) == steps + 1
