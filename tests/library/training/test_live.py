"""A look at a training while it runs: what is drawn, when, and that the training does not notice."""

import math
import re
from contextlib import closing

import numpy as np
import pytest
import torch
from PIL import Image

from synthem.compute.devices import use_threads
from synthem.errors import SynthemError
from synthem.gans.boundless import boundless_trainer
from synthem.gans.label_maps import label_maps
from synthem.gans.stylegan import LABEL_MAPS, stylegan_trainer
from synthem.gans.training import gan_trainer
from synthem.networks.layers import BatchNorm
from synthem.networks.saving import network_bytes
from synthem.training.live import Live, in_greys, one_by_one, sheet, stretched, undisturbed
from synthem.training.live_page import curve, live_page, points_of
from synthem.training.segmenter import segmenter_trainer
from synthem.training.tensorboard import Curves
from tests.shared.boundless_settings import BOUNDLESS, waves
from tests.shared.gan_settings import MEMBRANE_TRANSFER, MODE_SEEKING, OASIS, TUTORIAL, averaged, squares
from tests.shared.segmenter_settings import DEEP, SEGMENTER, cell_labels, discs, half_known
from tests.shared.settings import edited, saving
from tests.shared.stylegan_settings import EVERYTHING, STYLEGAN, blobs

use_threads(1)

SEGMENTERS = {
    "validated": ([discs("real")], discs("held out", 9), {}),
    "not validated, unknown ground": ([half_known()], None, {}),
    "deep": ([discs("real")], None, DEEP),
    "affinities": ([cell_labels("real")], None, {}),
    "averaged": ([discs("real")], None, {"training__optimiser__ema__decay": 0.9}),
}
GANS = {
    "membrane transfer": MEMBRANE_TRANSFER,
    "mode seeking": MODE_SEEKING,
    "tutorial": TUTORIAL,
    "OASIS": OASIS,
}
GANS["averaged"] = edited(MEMBRANE_TRANSFER, **averaged(0.9, 10))


def trainings():
    """{name: a training of 4 steps, called with how it is saved}."""
    found = {}
    for name, (sets, held_out, changes) in SEGMENTERS.items():
        settings = edited(SEGMENTER, training__steps=4, **changes)
        found[f"segmenter, {name}"] = lambda place, s=sets, h=held_out, k=settings: segmenter_trainer(
            s, h, **k
        ).train(place)
    for name, settings in GANS.items():
        found[f"gan, {name}"] = lambda place, k=settings: gan_trainer(squares(), **k).train(place)
    growing = edited(STYLEGAN, training__steps=4, **EVERYTHING)
    maps = label_maps({"cells": (blobs().image > 100).astype(np.uint8)}, None, scale=1)
    found["stylegan"] = lambda place: stylegan_trainer(blobs(), **growing).train(place)
    found["label maps"] = lambda place: stylegan_trainer(maps, kind=LABEL_MAPS, **growing).train(place)
    boundless = edited(BOUNDLESS, training__steps=4)
    found["boundless"] = lambda place: boundless_trainer(waves(), None, **boundless).train(place)
    return found


@pytest.fixture
def patient(monkeypatch):
    """Looks are taken however long they take."""
    monkeypatch.setattr("synthem.training.live.SHARE", math.inf)


@pytest.mark.parametrize("name", trainings())
def test_looks_change_no_bit_of_any_training(name, tmp_path, patient):
    train = trainings()[name]
    unseen, losses = train(saving(tmp_path / "unseen", 4))
    live = {"folder": tmp_path / "live", "every": 1}
    seen, same = train(saving(tmp_path / "seen", 4, live=live))
    assert network_bytes(seen) == network_bytes(unseen) and same == losses
    last = "step-00000004.pt"
    states = [(tmp_path / which / last).read_bytes() for which in ("seen", "unseen")]
    assert states[0] == states[1]
    page = (tmp_path / "live/index.html").read_text()
    assert "Step 4 of 4" in page and page.count("<polyline") == len({key for row in losses for key in row})
    assert np.asarray(Image.open(tmp_path / "live/examples.png")).std() > 1
    assert sorted(path.name for path in (tmp_path / "live").iterdir()) == ["examples.png", "index.html"]


def test_a_training_that_was_killed_goes_on_with_the_same_bits_and_the_same_page(
    tmp_path, monkeypatch, patient
):
    train, show = trainings()["gan, membrane transfer"], Live.show
    whole, _ = train(saving(tmp_path / "whole", live={"folder": tmp_path / "live", "every": 1}))

    def killed_at_3(live, task, history):
        if len(history) == 3:
            raise KeyboardInterrupt
        show(live, task, history)

    place = saving(tmp_path / "parts", live={"folder": tmp_path / "live of parts", "every": 1})
    with monkeypatch.context() as patch, pytest.raises(KeyboardInterrupt):
        patch.setattr(Live, "show", killed_at_3)
        train(place)
    parts, _ = train(place)
    assert network_bytes(parts) == network_bytes(whole)
    pictures = [(tmp_path / name / "examples.png").read_bytes() for name in ("live", "live of parts")]
    assert pictures[0] == pictures[1]


class Still:
    """A task of which every look shows the same."""

    def examples(self, done):
        return {"<grey>": torch.full((2, 1, 100, 100), 0.5)}


def look(folder, every=10, steps=100):
    return Live(folder, every, curves=Curves(folder, wanted=False), steps=steps)


def test_looks_are_due_at_their_steps_and_at_the_end(tmp_path):
    live = look(tmp_path)
    live.start -= 1000
    assert [done for done in range(1, 36) if live.is_due(done, over=done == 35)] == [10, 20, 30, 35]
    assert not look(tmp_path, every=0).is_due(10, over=True)


def test_a_look_that_costs_too_much_waits(tmp_path):
    """Of 100 s, looks may have taken 1; the last is due always."""
    live = look(tmp_path)
    live.start -= 100
    live.spent = 0.9
    assert live.is_due(10, over=False)
    live.spent = 1.5
    assert not live.is_due(10, over=False) and live.is_due(10, over=True)


def test_the_page_names_rows_and_losses_and_escapes_them(tmp_path):
    page = live_page(["<grey>"], [{"loss": 2.0}, {"loss": 1.0, "iou": 0.5}], steps=4)
    assert "Rows from the top: &lt;grey&gt;." in page and "<grey>" not in page
    assert re.findall("<b>(.*?)</b> (.*?)<", page) == [
        ("loss", "1 (shown from 1 to 2)"),
        ("iou", "0.5 (shown from 0.5 to 0.5)"),
    ]


def test_a_curve_falls_from_its_highest_value_to_its_lowest():
    """At a quarter of 420 pixels the top, at their half the bottom of 120."""
    assert 'points="105.0,0.0 210.0,120.0"' in curve("loss", [(1, 3.0), (2, 1.0)], steps=4)
    assert curve("loss", [], steps=4) == ""


def test_points_are_means_of_as_many_steps():
    history = [{"loss": float(step)} for step in range(1, 401)] + [{"loss": float("nan"), "iou": None}]
    assert (
        points_of("loss", history)[:2] == [(1.5, 1.5), (3.5, 3.5)] and len(points_of("loss", history)) == 200
    )
    assert points_of("iou", history) == []


def test_a_full_disk_ends_the_looks_and_not_the_training(tmp_path, monkeypatch):
    said = []

    def full(path, data):
        raise SynthemError("FILE_WRITE", path, "no space", expected="space", fix="make some")

    monkeypatch.setattr("synthem.training.live.write_bytes", full)
    monkeypatch.setattr("synthem.training.live.say", said.append)
    live = look(tmp_path)
    live.show(Still(), [{"loss": 1.0}])
    assert len(said) == 1 and "no live page from step 1 on" in said[0] and not live.is_due(10, over=True)


def test_the_picture_stands_in_tensorboard_too(tmp_path):
    shown = []

    class Writer:
        def add_image(self, name, picture, step, dataformats):
            shown.append((name, picture.shape, step, dataformats))

        def close(self):
            pass

    with closing(Curves(tmp_path, wanted=True)) as curves:
        curves.writer = Writer()
        Live(tmp_path, 1, curves=curves, steps=4).show(Still(), [{"loss": 1.0}])
    assert shown == [("examples", (104, 208, 3), 1, "HWC")]


def test_a_sheet_has_a_row_for_each_kind_and_a_column_for_each_example():
    """Examples of 100 pixels with a gap of 4; three channels are colours, of two the mean is shown."""
    red = torch.tensor([1.0, 0.0, 0.0]).view(1, 3, 1, 1).expand(1, 3, 100, 100)
    two = torch.tensor([0.0, 1.0]).view(1, 2, 1, 1).expand(2, 2, 100, 100)
    picture = sheet([red, two])
    assert picture.shape == (208, 208, 3)
    assert picture[50, 50].tolist() == [255, 0, 0] and picture[150, 150].tolist() == [128, 128, 128]
    assert picture[50, 150].tolist() == [255, 255, 255] == picture[102, 50].tolist()


@pytest.mark.parametrize(("side", "shown"), [(16, 96), (600, 200), (256, 256)])
def test_small_examples_are_enlarged_and_large_ones_thinned(side, shown):
    assert sheet([torch.zeros(1, 1, side, side)]).shape[:2] == (shown + 4, shown + 4)


def test_masks_are_greys_of_which_the_last_is_white():
    masks = torch.tensor([[1.0, -1, 1, -1], [-1, 1, 1, -1]]).view(1, 2, 2, 2)
    assert in_greys(masks).flatten().tolist() == [0.5, 1, 1, 0]


def test_images_are_stretched_one_by_one():
    ramp = torch.arange(101.0).view(1, 1, 1, 101)
    dark, bright = stretched(torch.cat([ramp, 7 * ramp + 50])).flatten(1)
    assert torch.allclose(dark, bright, atol=1e-5)
    assert (dark[[0, 1, 50, 99, 100]] - torch.tensor([0, 0, 0.5, 1, 1])).abs().max() < 1e-5


def test_nothing_of_a_network_changes_in_the_block_and_chance_goes_on_as_before():
    net = torch.nn.Sequential(BatchNorm(2), torch.nn.Dropout(0.5), BatchNorm(2))
    net[2].eval()
    before = {key: value.clone() for key, value in net.state_dict().items()}
    random, image = torch.get_rng_state(), torch.arange(32.0).view(2, 2, 2, 4)
    with undisturbed(net, statistics_of_images=True):
        torch.randn(3)
        answer = net(image)
    assert abs(answer.mean()) < 1e-6 and not answer.requires_grad
    assert torch.equal(torch.get_rng_state(), random)
    assert [module.training for module in net] == [True, True, False]
    assert all(torch.equal(value, before[key]) for key, value in net.state_dict().items())
    with undisturbed(net):
        assert torch.allclose(net(image), image, rtol=1e-3)  # statistics of no training: mean 0, variance 1


def test_all_looks_draw_the_same_random_numbers():
    def drawn():
        with undisturbed(torch.nn.Linear(1, 1)):
            return torch.rand(3)

    first = drawn()
    torch.rand(5)
    assert torch.equal(first, drawn())


def test_a_batch_is_answered_one_by_one():
    sizes = []
    answer = one_by_one(lambda sample: sizes.append(len(sample)) or 2 * sample, torch.ones(3, 1))
    assert sizes == [1, 1, 1] and answer.tolist() == [[2.0], [2.0], [2.0]]
