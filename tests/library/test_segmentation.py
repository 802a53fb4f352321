import numpy as np
import pytest
import torch

from synthem.networks.saving import network_bytes
from synthem.patches import PatchSet
from synthem.segmentation import Segmentation, train_segmenter
from synthem.training import use_threads

use_threads(1)
NETWORK = {"name": "unet", "base_width": 4, "depth": 2}
SETTINGS = {"batch_size": 4, "patch": 32, "learning_rate": 0.01, "noise": 0.1, "seed": 0}


def discs(name, seed=0):
    """Dark discs on a bright, noisy ground: 4 slices of 48 x 48."""
    random = np.random.default_rng(seed)
    y, x = np.mgrid[:48, :48]
    centres = random.uniform(0, 48, (4, 5, 2))
    inside = [np.any([(y - cy) ** 2 + (x - cx) ** 2 < 36 for cy, cx in plane], axis=0) for plane in centres]
    target = np.array(inside, np.uint8)
    image = np.clip(180 - 80 * target + random.normal(0, 15, target.shape), 0, 255).astype(np.uint8)
    return PatchSet(name, image, target=target)


class Watched(Segmentation):
    """Remembers the patches that it learns from."""

    def __init__(self, *arguments, **settings):
        super().__init__(*arguments, **settings)
        Watched.seen = []

    def batch_of(self, number):
        channels, target = super().batch_of(number)
        Watched.seen += list(channels)
        return channels, target


def fit(folder, sets, steps, **changed):
    settings = SETTINGS | {"network": NETWORK, "fingerprint": "a", "checkpoint_every": steps} | changed
    return train_segmenter(sets, discs("validation", seed=9), steps=steps, folder=folder, **settings)


def test_a_segmenter_learns_discs(tmp_path):
    net, history = fit(tmp_path, [discs("real")], 60)
    assert history[-1]["validation_iou"] > 0.9
    assert history[-1]["dice"] < history[0]["dice"] / 2
    assert not net.training


def test_the_loss_falls_on_one_batch(tmp_path):
    torch.manual_seed(0)
    one = discs("real")
    net = torch.nn.Conv2d(1, 1, 3, padding=1)
    task = Segmentation(net, [one], one, steps=1000, **SETTINGS)
    losses = [sum(loss.item() for loss in task.step(0).values()) for _ in range(20)]
    assert losses[-1] < losses[0]


def test_the_same_seed_gives_the_same_network(tmp_path):
    first, _ = fit(tmp_path / "1", [discs("real")], 3)
    torch.randn(5)
    second, _ = fit(tmp_path / "2", [discs("real")], 3)
    other, _ = fit(tmp_path / "3", [discs("real")], 3, seed=1)
    assert network_bytes(first) == network_bytes(second) != network_bytes(other)


def test_arms_see_the_same_real_patches_changed_alike(tmp_path, monkeypatch):
    monkeypatch.setattr("synthem.segmentation.Segmentation", Watched)
    fit(tmp_path / "real", [discs("real")], 2)
    alone = Watched.seen
    fit(tmp_path / "mixed", [discs("real"), discs("synthetic", seed=1)], 4)
    mixed = Watched.seen
    assert len(alone) == 8 and len(mixed) == 16
    for mine, theirs in zip(alone, mixed[::2], strict=True):  # half of every mixed batch is real
        assert torch.equal(mine, theirs)


def test_arms_start_with_the_same_weights(tmp_path, monkeypatch):
    starts = []

    class Noted(Segmentation):
        def __init__(self, net, *arguments, **settings):
            starts.append(bytes(network_bytes(net)))
            super().__init__(net, *arguments, **settings)

    monkeypatch.setattr("synthem.segmentation.Segmentation", Noted)
    fit(tmp_path / "real", [discs("real")], 1)
    fit(tmp_path / "synthetic", [discs("synthetic", seed=1)], 1)
    assert starts[0] == starts[1]


def test_noise_spares_known_masks_and_the_learning_rate_falls_to_zero():
    real = discs("real")
    known = PatchSet("real", real.image, {"structure": real.target}, real.target)
    task = Segmentation(torch.nn.Conv2d(2, 1, 1), [known], known, steps=10, **SETTINGS | {"noise": 2.0})
    channels, target = task.batch_of(0)
    assert torch.equal(channels[:, 1:], target)  # the mask is as it was, and turned like the target
    rates = []
    for number in (0, 5, 9):
        task.step(number)
        rates.append(task.optimizer.param_groups[0]["lr"])
    assert rates == pytest.approx([0.01, 0.005, 0.01 * (1 + np.cos(0.9 * np.pi)) / 2])


def test_validation_is_the_same_whatever_the_seed_and_changes_nothing():
    real = discs("real")
    net = torch.nn.Sequential(
        torch.nn.Conv2d(1, 2, 3, padding=1), torch.nn.BatchNorm2d(2), torch.nn.Conv2d(2, 1, 1)
    )
    before = {name: value.clone() for name, value in net.state_dict().items()}
    scores = [Segmentation(net, [real], real, steps=1, **SETTINGS | {"seed": s}).validate() for s in (0, 1)]
    assert scores[0] == scores[1]
    assert all(torch.equal(value, before[name]) for name, value in net.state_dict().items())
