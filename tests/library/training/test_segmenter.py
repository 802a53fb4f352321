from dataclasses import replace

import numpy as np
import pytest
import torch

from synthem.compute.devices import use_threads
from synthem.errors import SynthemError
from synthem.networks.boundless import BoundlessGenerator
from synthem.networks.registry import SEGMENTERS
from synthem.networks.saving import build_network, network_bytes, save_network
from synthem.patches.places import PatchSet
from synthem.training.segmenter import Segmentation, segmenter_trainer
from tests.shared.kinds import of_kind, with_options
from tests.shared.segmenter_settings import AUGMENT, DEEP, SEGMENTER, TASK, cell_labels, discs
from tests.shared.settings import edited, saving

use_threads(1)
NO_NORM = of_kind("boundless", base_width=2)


class Watched(Segmentation):
    """Remembers the patches that it learns from."""

    def __init__(self, *arguments, **settings):
        super().__init__(*arguments, **settings)
        Watched.seen = []

    def batch_of(self, number):
        batch = super().batch_of(number)
        Watched.seen += list(batch[0])
        return batch


def fit(folder, sets, steps, **changed):
    settings = edited(SEGMENTER, **paced(steps) | changed)
    return segmenter_trainer(sets, discs("validation", seed=9), **settings).train(saving(folder, steps))


def paced(steps):
    """Changes for so many steps, with a validation at the end."""
    return {"training__steps": steps, "training__validation__every": steps}


def test_a_segmenter_learns_discs(tmp_path):
    net, history = fit(tmp_path, [discs("real")], 90)
    assert history[-1]["validation_iou"] > 0.9
    assert history[-1]["dice"] < history[0]["dice"] / 2
    assert not net.training


def test_a_network_in_3d_learns_discs(tmp_path):
    net, history = fit(tmp_path, [discs("real")], 60, **DEEP)
    assert net.built_as["name"] == "unet3d"
    assert history[-1]["validation_iou"] > 0.8
    assert history[-1]["dice"] < history[0]["dice"] / 2


@pytest.mark.parametrize("shape", [{}, DEEP], ids=["2-D", "3-D"])
def test_affinities_are_learnt_in_as_many_channels(tmp_path, shape):
    settings = edited(SEGMENTER, **paced(60) | shape)
    real, other = cell_labels("real"), cell_labels("validation", 9)
    net, history = segmenter_trainer([real], other, **settings).train(saving(tmp_path, 60))
    assert net.built_as["arguments"]["out_channels"] == 4
    assert history[-1]["validation_iou"] > 0.3  # across slices, these discs are a matter of chance
    assert history[-1]["dice"] < history[0]["dice"] * 0.75


def test_channels_that_synthetic_slices_cannot_show_are_not_learnt_from_them(tmp_path):
    alone = replace(cell_labels("synthetic"), runs=tuple((z, z + 1) for z in range(4)))
    task = Segmentation(torch.nn.Conv2d(1, 4, 1), [alone], alone, training=TASK | {"steps": 1})
    task.step(0)
    moved = task.net.weight.grad.abs().sum(dim=(1, 2, 3)) > 0
    assert moved.tolist() == [False, True, True, True]


def test_the_loss_falls_on_one_batch(tmp_path):
    torch.manual_seed(0)
    one = discs("real")
    net = torch.nn.Conv2d(1, 1, 3, padding=1)
    task = Segmentation(net, [one], one, training=TASK | {"steps": 1000})
    losses = [sum(loss.item() for loss in task.step(0).values()) for _ in range(20)]
    assert losses[-1] < losses[0]


def test_the_same_seed_gives_the_same_network(tmp_path):
    first, _ = fit(tmp_path / "1", [discs("real")], 3)
    torch.randn(5)
    second, _ = fit(tmp_path / "2", [discs("real")], 3)
    other, _ = fit(tmp_path / "3", [discs("real")], 3, training__seed=1)
    assert network_bytes(first) == network_bytes(second) != network_bytes(other)


def test_arms_see_the_same_real_patches_changed_alike(tmp_path, monkeypatch):
    monkeypatch.setattr("synthem.training.segmenter.Segmentation", Watched)
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

    monkeypatch.setattr("synthem.training.segmenter.Segmentation", Noted)
    fit(tmp_path / "real", [discs("real")], 1)
    fit(tmp_path / "synthetic", [discs("synthetic", seed=1)], 1)
    assert starts[0] == starts[1]


def test_noise_spares_known_masks_and_the_learning_rate_falls_to_zero():
    real = discs("real")
    known = PatchSet("real", real.image, {"structure": real.target}, real.target)
    task = Segmentation(
        torch.nn.Conv2d(2, 1, 1),
        [known],
        known,
        training=TASK | {"steps": 10} | {"augment": AUGMENT | {"noise": 2.0}},
    )
    channels, target, _ = task.batch_of(0)
    assert torch.equal(channels[:, 1:], target)  # the mask is as it was, and turned like the target
    rates = []
    for number in (0, 5, 9):
        task.step(number)
        rates.append(task.optimiser.adam.param_groups[0]["lr"])
    assert rates == pytest.approx([0.01, 0.005, 0.01 * (1 + np.cos(0.9 * np.pi)) / 2])


def test_validation_is_the_same_whatever_the_seed_and_changes_nothing():
    real = discs("real")
    net = torch.nn.Sequential(
        torch.nn.Conv2d(1, 2, 3, padding=1), torch.nn.BatchNorm2d(2), torch.nn.Conv2d(2, 1, 1)
    )
    before = {name: value.clone() for name, value in net.state_dict().items()}
    scores = [
        Segmentation(net, [real], real, training=TASK | {"steps": 1} | {"seed": s}).validate() for s in (0, 1)
    ]
    assert scores[0] == scores[1]
    assert all(torch.equal(value, before[name]) for name, value in net.state_dict().items())


def with_ignore(examples, ignore, **changed):
    return replace(examples, ignore=ignore, **changed)


def test_a_set_without_an_unknown_voxel_gives_the_network_of_one_that_cannot_have_any(tmp_path):
    plain, known = discs("real"), with_ignore(discs("real"), np.zeros((4, 48, 48), np.uint8))
    first, history = fit(tmp_path / "1", [plain], 3)
    second, repeated = fit(tmp_path / "2", [known], 3)
    assert network_bytes(first) == network_bytes(second) and history == repeated


def test_what_is_said_of_unknown_voxels_is_not_learnt(tmp_path):
    ignore = np.zeros((4, 48, 48), np.uint8)
    ignore[:, :, 24:] = 1
    right = with_ignore(discs("real"), ignore)
    wrong = replace(right, target=np.where(ignore > 0, 1 - right.target, right.target))
    nets = [fit(tmp_path / name, [examples], 3)[0] for name, examples in (("1", right), ("2", wrong))]
    assert network_bytes(nets[0]) == network_bytes(nets[1])
    plain, _ = fit(tmp_path / "3", [discs("real")], 3)
    assert network_bytes(plain) != network_bytes(nets[0])


def test_what_is_known_turns_with_image_and_target():
    real = discs("real")
    same = with_ignore(real, real.target)  # unknown wherever there is structure
    task = Segmentation(torch.nn.Conv2d(1, 1, 1), [same, real], same, training=TASK | {"steps": 10})
    _, target, known = task.batch_of(0)
    assert torch.equal(known[0::2], 1 - target[0::2])
    assert known[1::2].all()  # the other set is known everywhere


def test_without_slices_to_validate_on_the_last_weights_are_the_same_and_no_loss_is_asked(tmp_path):
    sets, settings = [discs("real")], edited(SEGMENTER, **paced(6))
    with_it, _ = fit(tmp_path / "with", sets, 6)
    without, history = segmenter_trainer(sets, None, **settings).train(saving(tmp_path / "without", 6))
    assert network_bytes(with_it) == network_bytes(without)
    assert all(set(row) == {"bce", "dice"} for row in history) and len(history) == 6


@pytest.mark.parametrize(
    "key, value",
    [
        ("validation.keep", "best"),
        ("validation.stop_after", 2),
        ("optimiser.schedule", {"kind": "plateau", "plateau": {"factor": 0.5, "patience": 1, "cuts": 1}}),
    ],
)
def test_what_asks_validation_losses_is_refused_where_no_slice_is_left(tmp_path, key, value):
    settings = edited(SEGMENTER, **{"training__" + key.replace(".", "__"): value})
    with pytest.raises(SynthemError, match=f"CONFIG_CONTRADICTION unets.training.{key}.*labels.budgets"):
        segmenter_trainer([discs("real")], None, **settings).train(saving(tmp_path, 2))


def test_validation_scores_known_voxels_only():
    real = discs("real")
    ignore = np.zeros((4, 48, 48), np.uint8)
    ignore[:, 24:] = 1
    wrong = np.where(ignore > 0, 1 - real.target, real.target)
    net = torch.nn.Conv2d(1, 1, 3, padding=1)
    scores = [
        Segmentation(
            net, [real], with_ignore(real, ignore, target=target), training=TASK | {"steps": 1}
        ).validate()
        for target in (real.target, wrong)
    ]
    assert scores[0] == scores[1]
    assert scores[0] != Segmentation(net, [real], real, training=TASK | {"steps": 1}).validate()


def test_a_segmenter_learns_from_colours(tmp_path):
    """Discs that differ in colour and not in brightness."""

    def coloured(name, seed=0):
        grey = discs(name, seed)
        shade = np.random.default_rng(seed).integers(90, 110, grey.target.shape)
        image = np.stack([shade + 40 * grey.target, shade, shade - 40 * grey.target], axis=-1)
        return PatchSet(name, image.astype(np.uint8), target=grey.target)

    settings = edited(SEGMENTER, **paced(90))
    place = saving(tmp_path, 90)
    net, history = segmenter_trainer([coloured("real")], coloured("validation", 9), **settings).train(place)
    assert net.built_as["arguments"]["in_channels"] == 3
    assert history[-1]["validation_iou"] > 0.9


def test_noise_falls_on_all_colours_and_spares_known_masks():
    real = discs("real")
    image = np.repeat(real.image[..., None], 3, axis=-1)
    grey, colours = (
        PatchSet("real", image, {"structure": real.target}, real.target) for image in (real.image, image)
    )
    seen = []
    for examples, channels in ((grey, 2), (colours, 4)):
        net = torch.nn.Conv2d(channels, 1, 1)
        task = Segmentation(
            net, [examples], examples, training=TASK | {"steps": 10} | {"augment": AUGMENT | {"noise": 2.0}}
        )
        seen.append(task.batch_of(0)[0])
    assert torch.equal(seen[1][:, :3], seen[0][:, :1].expand(-1, 3, -1, -1))
    assert torch.equal(seen[1][:, 3:], seen[0][:, 1:])


def test_the_average_is_what_is_validated():
    averaged = edited(TASK, optimiser__ema={"decay": 0.9, "warm_up": 1})
    task = Segmentation(torch.nn.Conv2d(1, 1, 1), [discs("real")], discs("v"), training=averaged)
    task.step(0)
    first = task.validate()
    torch.nn.init.constant_(task.net.weight, 9)
    assert task.validate() == first
    torch.nn.init.constant_(task.optimiser.result.weight, 9)
    assert task.validate() != first


def test_the_average_is_the_result(tmp_path):
    slow = {"decay": 0.999999, "warm_up": 1}
    net, _ = fit(tmp_path, [discs("real")], 3, training__optimiser__ema=slow)
    before = build_network(SEGMENTERS, "unet", seed=0, in_channels=1, out_channels=1, base_width=4, depth=2)
    for mine, theirs in zip(net.parameters(), before.parameters(), strict=True):
        assert torch.allclose(mine, theirs, atol=1e-5)  # one network of three steps would be 0.01 away


def test_a_decay_of_almost_nothing_averages_nothing(tmp_path):
    plain, _ = fit(tmp_path / "plain", [discs("real")], 3)
    averaged, _ = fit(
        tmp_path / "average", [discs("real")], 3, training__optimiser__ema={"decay": 1e-12, "warm_up": 1}
    )
    for mine, theirs in zip(plain.parameters(), averaged.parameters(), strict=True):
        assert torch.allclose(mine, theirs, atol=1e-7)


def test_16_bits_learn_discs_too(tmp_path):
    net, history = fit(tmp_path, [discs("real")], 90, training__precision="bf16")
    assert history[-1]["validation_iou"] > 0.9
    assert all(weight.dtype == torch.float32 for weight in net.parameters())


def test_the_best_network_is_kept_where_that_is_asked_for(tmp_path):
    wild = {"training__optimiser__schedule__kind": "constant", "training__optimiser__learning_rate": 0.3}
    wild |= {"training__validation__every": 1}
    _, history = fit(tmp_path / "last", [discs("real")], 8, **wild)
    losses = [row["validation_loss"] for row in history]
    best = losses.index(min(losses)) + 1
    assert best < 8  # or this test would say nothing
    kept, _ = fit(tmp_path / "best", [discs("real")], 8, training__validation__keep="best", **wild)
    stopped, _ = fit(tmp_path / "stopped", [discs("real")], best, **wild)
    assert network_bytes(kept) == network_bytes(stopped)


def test_a_training_that_gets_no_better_ends_before_its_steps(tmp_path):
    changed = {"training__optimiser__learning_rate": 1e-30, "network": NO_NORM}
    changed |= {"training__validation": {"every": 1, "stop_after": 2, "keep": "last"}}
    _, history = fit(tmp_path, [discs("real")], 50, **changed)
    assert len(history) == 3


def test_frozen_layers_end_as_they_began(tmp_path):
    changed = {"network": NO_NORM, "training__start__freeze_layers": 8}
    before = build_network(SEGMENTERS, "boundless", seed=0, in_channels=1, out_channels=1, base_width=2)
    net, _ = fit(tmp_path, [discs("real")], 2, **changed)
    same = [
        all(
            torch.equal(mine, theirs)
            for mine, theirs in zip(one.parameters(), other.parameters(), strict=True)
        )
        for one, other in zip(net.layers, before.layers, strict=True)
    ]
    assert same == 8 * [True] + 9 * [False]


def test_running_statistics_of_frozen_layers_stay_too(tmp_path):
    net, _ = fit(tmp_path, [discs("real")], 2, training__start__freeze_layers=1)
    assert net.stem[1].num_batches_tracked == 0 < net.down[0][1].num_batches_tracked


def test_the_word_kaiming_of_the_config_reaches_the_network(tmp_path):
    # All layers but the last, so that their weights are those of the start.
    still = {"training__start__freeze_layers": 7}
    plain, he = (
        fit(
            tmp_path / str(kaiming),
            [discs("real")],
            1,
            **still,
            network=with_options(SEGMENTER["network"], kaiming=kaiming),
        )[0]
        for kaiming in (False, True)
    )
    # He's deviation is sqrt(2 / inputs); torch's own is sqrt(1 / (3 inputs)).
    assert he.down[1][3].weight.std().item() == pytest.approx((2 / (16 * 9)) ** 0.5, rel=0.05)
    assert plain.down[1][3].weight.std().item() == pytest.approx((1 / (3 * 16 * 9)) ** 0.5, rel=0.05)


def test_a_training_starts_from_the_file_of_another_network(tmp_path):
    generator = build_network(
        {"boundless": BoundlessGenerator}, "boundless", seed=5, in_channels=3, out_channels=1, base_width=2
    )
    save_network(tmp_path / "network.pt", generator)
    start = {"from": tmp_path / "network.pt", "layers": 0, "freeze_layers": 16}
    changed = {"network": NO_NORM, "training__start": start}
    net, _ = fit(tmp_path / "folder", [discs("real")], 1, **changed)
    assert torch.equal(net.layers[15].conv.weight, generator.layers[15].conv.weight)
    assert not torch.equal(net.layers[16].weight, generator.layers[16].weight)
    net, _ = fit(tmp_path / "encoder", [discs("real")], 1, **changed | {"training__start__layers": 8})
    assert torch.equal(net.layers[7].conv.weight, generator.layers[7].conv.weight)
    assert not torch.equal(net.layers[8].conv.weight, generator.layers[8].conv.weight)  # frozen, too
