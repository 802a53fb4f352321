"""The discriminator of a segmenter's maps: one step by hand, what it must not see, how it resumes."""

import math

import numpy as np
import pytest
import torch

from synthem.compute.devices import use_threads
from synthem.networks.saving import network_bytes
from synthem.training.adversary import Adversary
from synthem.training.segmenter import Segmentation, segmenter_trainer
from tests.shared.kinds import of_kind
from tests.shared.segmenter_settings import DEEP, SEGMENTER, cell_labels, discs, half_known
from tests.shared.settings import edited, saving
from tests.shared.side_by_side import fit_segmenter

use_threads(1)
PATCH70 = of_kind("patch70", weight=0.5, base_width=2, learning_rate=0.01)


def linear_judge(image, shown, bias=0.0):
    """D: logits image * a + map * b + bias, voxel by voxel."""
    net = torch.nn.Conv2d(2, 1, 1)
    with torch.no_grad():
        net.weight.copy_(torch.tensor([image, shown]).reshape(1, 2, 1, 1))
        net.bias.fill_(bias)
    return net


def adversary(net, weight=1.0):
    return Adversary(net, steps=10, precision="fp32", weight=weight, learning_rate=0.01)


def one(*values):
    return torch.tensor(values).reshape(1, 1, 1, -1)


def test_the_losses_of_one_step_worked_out_by_hand():
    # Image 1, map true (1) and predicted (p = 1/4): shown as 1 and -1/2. D's logits: 1 + 2 and 1 - 1.
    ours = adversary(linear_judge(1.0, 2.0), weight=0.5)
    channels, target, logits = one(1.0), one(1.0), one(-math.log(3))
    assert ours.loss(channels, logits, None)["adversarial"].item() == pytest.approx(0.5 * math.log(2))
    ours.optimiser.prepare(0)
    told = ours.step(channels, logits, target, None)["adversary"].item()
    assert told == pytest.approx((math.log(1 + math.exp(-3)) + math.log(2)) / 2)
    # d/db of the loss: (-(1 - D(3)) + D(0)) / 2 > 0; Adam's first step is the learning rate, downhill.
    assert ours.net.bias.item() == pytest.approx(-0.01, rel=1e-4)
    assert ours.net.weight.flatten().tolist() == pytest.approx([0.99, 2.01], rel=1e-4)


def test_the_gradient_that_reaches_the_segmenter_is_the_formulas():
    # -w log sigmoid(a + b (2 p - 1)); d/d logit = -w (1 - D) b 2 p (1 - p), here with D = p = 1/2.
    ours = adversary(linear_judge(1.0, 2.0, bias=-1.0), weight=0.5)
    logits = one(0.0).requires_grad_()
    ours.loss(one(1.0), logits, None)["adversarial"].backward()
    assert logits.grad.item() == pytest.approx(-0.5 * 0.5 * 2 * 2 * 0.25)
    assert ours.net.weight.grad is None


def test_a_map_shows_and_teaches_nothing_where_it_is_not_known():
    channels, known = one(1.0, 1.0), one(1.0, 0.0)
    told = []
    for target, logits in ((one(1.0, 0.0), one(0.3, -5.0)), (one(1.0, 1.0), one(0.3, 5.0))):
        logits.requires_grad_()
        ours = adversary(linear_judge(0.3, 2.0))
        loss = ours.loss(channels, logits, known)["adversarial"]
        loss.backward()
        assert logits.grad[..., 1] == 0 != logits.grad[..., 0]
        ours.optimiser.prepare(0)
        told.append((loss.item(), ours.step(channels, logits, target, known)["adversary"].item()))
    assert told[0] == told[1]


def test_slices_of_a_deep_patch_are_judged_one_by_one():
    ours = adversary(linear_judge(1.0, 2.0))
    channels, maps = torch.rand(2, 1, 3, 4, 4), torch.rand(2, 1, 3, 4, 4)
    deep = ours.judged(channels, maps, None)
    flat = [ours.judged(channels[:, :, z], maps[:, :, z], None) for z in range(3)]
    assert torch.equal(deep.reshape(2, 3, 1, 4, 4), torch.stack(flat, dim=1))


@pytest.mark.parametrize("shape", [{}, DEEP], ids=["2-D", "3-D"])
def test_the_two_learn_together_affinities_too(tmp_path, shape):
    settings = edited(SEGMENTER, training__steps=3, training__adversary=PATCH70, **shape)
    net, history = segmenter_trainer([cell_labels("real")], cell_labels("v", 9), **settings).train(
        saving(tmp_path)
    )
    assert {"adversarial", "adversary"} < set(history[0])
    assert net.built_as["name"] != "patch70"  # the segmenter is the result


def test_without_an_adversary_options_change_no_byte(tmp_path):
    nets = [
        segmenter_trainer(
            [discs("real")],
            discs("v", 9),
            **edited(SEGMENTER, training__steps=2, training__adversary=chosen),
        ).train(saving(tmp_path / str(number)))[0]
        for number, chosen in enumerate(({"kind": "none"}, PATCH70 | {"kind": "none"}, PATCH70))
    ]
    first, second, against = map(network_bytes, nets)
    assert first == second != against


class Interrupted(Segmentation):
    """Stops in its fourth step, as a crash would."""

    def step(self, number):
        if number == 3:
            raise KeyboardInterrupt
        return super().step(number)


def test_a_training_goes_on_bit_for_bit(tmp_path, monkeypatch):
    settings = edited(SEGMENTER, training__steps=6, training__adversary=PATCH70)

    def fit(name):
        return segmenter_trainer([half_known()], discs("v", 9), **settings).train(saving(tmp_path / name))

    whole, history = fit("whole")
    with monkeypatch.context() as patched:
        patched.setattr("synthem.training.segmenter.Segmentation", Interrupted)
        with pytest.raises(KeyboardInterrupt):
            fit("stopped")
    resumed, again = fit("stopped")
    assert network_bytes(whole) == network_bytes(resumed) and history == again


def test_two_processes_find_what_one_finds(tmp_path):
    changes = {"training__steps": 3, "training__adversary": PATCH70}
    (alone, _), (together, _) = (fit_segmenter(n, tmp_path / str(n), **changes) for n in (1, 2))
    for mine, theirs in zip(alone.parameters(), together.parameters(), strict=True):
        assert np.allclose(mine.detach(), theirs.detach(), atol=1e-4)
