"""Captured steps find what plain ones find, and nothing between two replays disturbs them.

On a processor both are plain: there, a few steps try the tests themselves.
tests/library/training/test_capture.py rehearses replays on processors.
"""

import gc
import warnings
from dataclasses import replace

import numpy as np
import pytest
import torch

from synthem.gans.pix2pix import Pix2Pix
from synthem.gans.stylegan import stylegan_trainer
from synthem.gans.training import gan_trainer
from synthem.training import opening
from synthem.training.capture import Plain
from synthem.training.segmenter import Segmentation, segmenter_trainer
from tests.shared.boundless_settings import fit_boundless
from tests.shared.gan_settings import EVERYTHING as GAN_WITH_EVERYTHING
from tests.shared.gan_settings import MEMBRANE_TRANSFER, OASIS, SYSTEMS, squares
from tests.shared.kinds import of_kind
from tests.shared.segmenter_settings import DEEP, SEGMENTER, cell_labels, discs, half_known
from tests.shared.settings import edited, of_both, saving
from tests.shared.stylegan_settings import STYLEGAN, blobs

pytestmark = pytest.mark.usefixtures("computed_there")
STEPS, FEW, GUARDED = (50, 9, 12) if torch.cuda.is_available() else (2, 2, 4)
NEAR = {"fp32": 1e-5, "bf16": 1e-3}
CAPTURED, REFUSED = "a step is one CUDA graph from here on", "WARNING steps stay plain"
GENTLE = {"training__optimiser__learning_rate": 1e-4, "training__validation__every": 25}
WITH_EVERYTHING = GENTLE | {
    "training__optimiser__clip_norm": 0.5,
    "training__optimiser__ema": {"decay": 0.9, "warm_up": 3},
    "training__augment__elastic": 2,
}
JUDGED = GENTLE | {
    "training__adversary": of_kind("patch70", base_width=4, weight=0.1, learning_rate=1e-4),
}


@pytest.fixture(autouse=True)
def repeatable(monkeypatch):
    """Algorithms that repeat themselves, where torch has them: what differs then is the capture."""
    seed_everything = opening.seed_everything

    def seed_and_repeat(seed):
        seed_everything(seed)
        torch.use_deterministic_algorithms(True, warn_only=True)
        torch.backends.cudnn.benchmark, torch.backends.cudnn.deterministic = False, True

    monkeypatch.setattr(opening, "seed_everything", seed_and_repeat)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)  # of what has no such algorithm
        yield
    torch.backends.cudnn.deterministic = False


def wide(examples):
    """The same with 16 bits."""
    return replace(examples, image=examples.image.astype(np.uint16) * 200)


def segmenter(folder, real=None, validation=None, *, steps=STEPS, **changes):
    settings = edited(SEGMENTER, **{"training__steps": steps} | GENTLE | changes)
    real, validation = real or discs("real"), validation or discs("validation", seed=9)
    return segmenter_trainer([real], validation, **settings).train(saving(folder, steps))


def affinities(folder, **changes):
    return segmenter(folder, cell_labels("real"), cell_labels("validation", 9), **changes)


def gan(folder, settings, *, steps=STEPS, **changes):
    settings = edited(settings, **of_both(learning_rate=1e-5), training__steps=steps, **changes)
    return gan_trainer(squares(), **settings).train(saving(folder, steps))


def stylegan(folder, **changes):
    changes |= of_both(learning_rate=1e-5)
    settings = edited(STYLEGAN, training__steps=STEPS, training__mixing=0.5, **changes)
    return stylegan_trainer(blobs(), **settings).train(saving(folder, STEPS))


SEGMENTERS = {
    "unet": segmenter,
    "unet, everything on": lambda folder, **changes: segmenter(folder, **WITH_EVERYTHING | changes),
    "unet, partly unknown": lambda folder, **changes: segmenter(folder, half_known(), **changes),
    "unet, 16 bits": lambda folder, **changes: segmenter(folder, wide(discs("real")), **changes),
    "unet, an adversary": lambda folder, **changes: segmenter(folder, **JUDGED | changes),
    "unet3d": lambda folder, **changes: segmenter(folder, **DEEP | changes),
    "affinities": affinities,
    "unet3d, affinities": lambda folder, **changes: affinities(folder, **DEEP | changes),
    "boundless segmenter": lambda folder, **changes: segmenter(
        folder, network=of_kind("boundless", base_width=2), **changes
    ),
}
GANS = {name: lambda folder, own=own, **changes: gan(folder, own, **changes) for name, own in SYSTEMS.items()}
EVERY_KIND = SEGMENTERS | GANS | {"StyleGAN": stylegan}


def without_graphs(patch):
    for module in ("synthem.training.segmenter", "synthem.gans.pair"):
        patch.setattr(f"{module}.graphs_here", lambda device, *, compile: Plain())


def plain_and_captured(train, folder, capsys, device):
    with pytest.MonkeyPatch.context() as patch:
        without_graphs(patch)
        _, plain = train(folder / "plain")
    assert CAPTURED not in capsys.readouterr().err
    _, captured = train(folder / "captured")
    told = capsys.readouterr().err
    assert (CAPTURED in told) == (device.type == "cuda") and REFUSED not in told
    return plain, captured


def assert_near(found, expected, near):
    assert len(found) == len(expected)
    for number, (mine, theirs) in enumerate(zip(found, expected, strict=True)):
        assert mine == pytest.approx(theirs, rel=near, abs=near), f"step {number}"


@pytest.mark.parametrize("precision", NEAR)
@pytest.mark.parametrize("name", EVERY_KIND)
def test_captured_steps_have_the_losses_of_plain_ones(tmp_path, capsys, device, name, precision):
    def train(folder):
        return EVERY_KIND[name](folder, training__precision=precision)

    plain, captured = plain_and_captured(train, tmp_path, capsys, device)
    assert_near(captured, plain, NEAR[precision])


def test_captured_steps_of_boundless_have_the_losses_of_plain_ones(tmp_path, capsys, device):
    def train(folder):
        return fit_boundless(folder, STEPS, checkpoint_every=STEPS, **of_both(learning_rate=1e-5))

    plain, captured = plain_and_captured(train, tmp_path, capsys, device)
    assert_near(captured, plain, NEAR["fp32"])


@pytest.mark.parametrize(
    "settings", [MEMBRANE_TRANSFER, OASIS, GAN_WITH_EVERYTHING], ids=["paper 1", "OASIS", "all"]
)
def test_guards_and_snapshots_between_replays_change_no_step(tmp_path, capsys, device, settings):
    guards = {"every": 2, "first": 2, "in_a_row": 99, "on_failure": "stop"}

    def train(folder):
        kept = [GUARDED - 3, GUARDED - 1]
        return gan(folder, settings, steps=GUARDED, guards=guards, training__snapshots=kept)

    plain, captured = plain_and_captured(train, tmp_path, capsys, device)
    assert_near(captured, plain, NEAR["fp32"])
    assert "condition_effect" in captured[-1]


def test_a_captured_training_that_goes_on_captures_anew_and_ends_where_it_would_have(
    tmp_path, capsys, device
):
    # `steps` shape the schedule: a constant one leaves the first steps alone.
    changes = GENTLE | {"training__optimiser__schedule__kind": "constant"}
    _, whole = segmenter(tmp_path / "whole", steps=2 * FEW, **changes)
    segmenter(tmp_path / "parts", steps=FEW, **changes)
    capsys.readouterr()
    _, parts = segmenter(tmp_path / "parts", steps=2 * FEW, **changes)
    told = capsys.readouterr().err
    assert "goes on from" in told and (CAPTURED in told) == (device.type == "cuda")
    losses = [[{name: row[name] for name in ("bce", "dice")} for row in rows] for rows in (parts, whole)]
    assert_near(*losses, NEAR["fp32"])


def learning_and(does):
    """`learn` that does something more while it is captured."""
    learn = Segmentation.learn

    def learn_and(self, batch):
        if torch.cuda.is_current_stream_capturing():
            does()
        return learn(self, batch)

    return learn_and


def test_where_memory_runs_out_in_a_capture_steps_stay_plain(tmp_path, monkeypatch, capsys, gpu):
    with pytest.MonkeyPatch.context() as patch:
        without_graphs(patch)
        _, plain = segmenter(tmp_path / "plain", steps=FEW)
    total = torch.cuda.get_device_properties(gpu).total_memory

    def take_it_all():
        torch.empty(2 * total, dtype=torch.uint8, device=gpu)

    monkeypatch.setattr(Segmentation, "learn", learning_and(take_it_all))
    _, history = segmenter(tmp_path / "full", steps=FEW)
    told = capsys.readouterr().err
    assert told.count(REFUSED) == 1 and "CUDA out of memory" in told
    assert_near(history, plain, NEAR["fp32"])


def pools_with_memory():
    """Where torch has memory: the pool (0, 0), and one for each recorder of graphs."""
    gc.collect()
    torch.cuda.empty_cache()
    return {tuple(segment["segment_pool_id"]) for segment in torch.cuda.memory_snapshot()}


def test_what_cannot_be_captured_is_told_once_and_learnt_plainly(tmp_path, monkeypatch, capsys, gpu):
    before = pools_with_memory() | {(0, 0)}
    with pytest.MonkeyPatch.context() as patch:
        without_graphs(patch)
        _, plain = segmenter(tmp_path / "plain", steps=FEW)
    monkeypatch.setattr(Segmentation, "learn", learning_and(torch.cuda.synchronize))
    _, history = segmenter(tmp_path / "refused", steps=FEW)
    told = capsys.readouterr().err
    assert told.count(REFUSED) == 1 and CAPTURED not in told
    assert_near(history, plain, NEAR["fp32"])
    assert pools_with_memory() <= before, "memory of a graph that never was"


def test_a_validation_without_room_beside_the_graph_makes_steps_plain(tmp_path, monkeypatch, capsys, gpu):
    changes = {"steps": FEW, "training__validation__every": FEW - 3}
    before = pools_with_memory() | {(0, 0)}
    with pytest.MonkeyPatch.context() as patch:
        without_graphs(patch)
        _, plain = segmenter(tmp_path / "plain", **changes)
    validate, total = Segmentation.validate, torch.cuda.get_device_properties(gpu).total_memory

    def validate_beside(task):
        if task.graphs.holds_memory:
            torch.empty(2 * total, dtype=torch.uint8, device=gpu)
        return validate(task)

    monkeypatch.setattr(Segmentation, "validate", validate_beside)
    _, history = segmenter(tmp_path / "full", **changes)
    told = capsys.readouterr().err
    assert CAPTURED in told and told.count("too little memory") == 1
    assert_near(history, plain, NEAR["fp32"])
    assert pools_with_memory() <= before


def test_a_gan_whose_capture_failed_draws_the_chance_of_plain_steps(tmp_path, monkeypatch, capsys, gpu):
    """Dropout: a failed capture has the GPU's random numbers, and must give them back."""
    with pytest.MonkeyPatch.context() as patch:
        without_graphs(patch)
        _, plain = gan(tmp_path / "plain", MEMBRANE_TRANSFER, steps=FEW)
    judge = Pix2Pix.judge

    def judge_and_wait(self, *given):
        if torch.cuda.is_current_stream_capturing():
            torch.cuda.synchronize()
        return judge(self, *given)

    monkeypatch.setattr(Pix2Pix, "judge", judge_and_wait)
    _, history = gan(tmp_path / "refused", MEMBRANE_TRANSFER, steps=FEW)
    assert REFUSED in capsys.readouterr().err
    assert_near(history, plain, NEAR["fp32"])
