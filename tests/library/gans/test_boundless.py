import numpy as np
import pytest
import torch

from synthem.compute.devices import use_threads
from synthem.compute.launcher import side_by_side
from synthem.errors import SynthemError
from synthem.figures.curves import LOSS_WORDS
from synthem.gans.boundless import boundless_trainer
from synthem.gans.hidden import HIDDEN
from synthem.gans.semantics import Semantics
from synthem.networks.boundless import BoundlessSegmenter
from synthem.networks.registry import SEGMENTERS
from synthem.networks.saving import build_network, network_bytes, save_network
from synthem.patches.places import PatchSet
from synthem.training import opening
from synthem.training.histories import name_of
from synthem.training.opening import build_and_train
from tests.shared.boundless_settings import BOUNDLESS, fit_boundless, waves
from tests.shared.gan_settings import GENTLE
from tests.shared.host_waits import waits_of_steps
from tests.shared.settings import edited, of_both, saving

use_threads(1)


def test_the_generator_loses_l1_and_a_hundredth_of_the_adversarial_loss(tmp_path):
    """As in tables 5.12 to 5.14 of Herreros Fraile (2021): 0.06341 + 0.01 x 0.48965 = 0.0683."""
    _, history = fit_boundless(tmp_path, 3)
    for row in history:
        assert row["g_loss"] == pytest.approx(row["g_l1"] + 0.01 * row["g_adversarial"], rel=1e-6)
        assert list(row) == ["d_real", "d_fake", "g_loss", "g_adversarial", "g_l1"]


def test_held_out_images_are_measured_now_and_then_and_change_no_weight(tmp_path):
    every = {"training__validation__every": 2}
    alone, plain = fit_boundless(tmp_path / "alone", 5)
    watched, history = fit_boundless(tmp_path / "watched", 5, None, waves(), **every)
    assert network_bytes(watched) == network_bytes(alone)
    assert [{key: row[key] for key in plain[0]} for row in history] == plain
    assert [number for number, row in enumerate(history, 1) if "validation_g_l1" in row] == [2, 4, 5]
    fit_boundless(tmp_path / "parts", 2, None, waves(), **every)
    parts, resumed = fit_boundless(tmp_path / "parts", 5, None, waves(), **every)
    assert network_bytes(parts) == network_bytes(watched) and resumed == history


def test_losses_on_held_out_images_are_those_of_the_network_on_them(tmp_path):
    """By the formulas of the paper; one slice of the size of a patch, so that all patches show it."""
    one = PatchSet("one", np.random.default_rng(1).integers(0, 256, (1, 33, 33), np.uint8))
    net, history = fit_boundless(tmp_path, 3, None, one, hidden="centre")
    row, mask = history[-1], torch.zeros(1, 1, 33, 33)
    mask[..., 11:22, 11:22] = 1
    image = torch.from_numpy(one.image[None] / 127.5 - 1).float()
    sides = [image, image.flip(-1)]
    differences = []
    for side in (torch.rot90(side, turns, (-2, -1)) for side in sides for turns in range(4)):
        drawn = net(torch.cat([side * (1 - mask), mask, torch.ones_like(mask)], dim=1))
        differences.append((drawn - side).abs().mean().item())
    assert min(differences) - 1e-6 <= row["validation_g_l1"] <= max(differences) + 1e-6
    for at in ("", "validation_"):
        sum_ = row[f"{at}g_l1"] + 0.01 * row[f"{at}g_adversarial"]
        assert row[f"{at}g_loss"] == pytest.approx(sum_, rel=1e-6)


def test_what_it_learns_from_may_be_blurred_and_noisy_and_what_is_held_out_is_not(tmp_path):
    noisy = {"training__augment__noise": 0.5, "training__validation__every": 1}
    still = of_both(learning_rate=1e-12)
    histories = [
        fit_boundless(tmp_path / name, 1, None, waves(), **changes, **still)[1][0]
        for name, changes in (("noisy", noisy), ("plain", {}))
    ]
    assert histories[0]["g_l1"] != histories[1]["g_l1"]
    for name in ("g_l1", "d_fake"):
        assert histories[0][f"validation_{name}"] == pytest.approx(
            histories[1][f"validation_{name}"], abs=1e-4
        )


def test_the_numbers_of_the_thesis_follow_the_same_sum():
    for l1, adversarial, loss in [
        (0.06341, 0.48965, 0.06830),
        (0.05177, 0.64427, 0.05822),
        (0.08332, 0.73436, 0.09067),
        (0.06803, 0.73706, 0.07540),
    ]:
        assert l1 + BOUNDLESS["adversarial_weight"] * adversarial == pytest.approx(loss, abs=1e-5)


def test_it_starts_from_what_another_has_learnt(tmp_path):
    trained, _ = fit_boundless(tmp_path / "1", 3, training__seed=1)
    save_network(tmp_path / "network.pt", trained)
    still = {"training__optimisers__generator__learning_rate": 1e-12}
    net, _ = fit_boundless(tmp_path / "2", 1, training__start__from=tmp_path / "network.pt", **still)
    for name, weight in trained.named_parameters():
        assert torch.allclose(net.get_parameter(name), weight, atol=1e-9)


def test_it_starts_from_no_network_of_another_size(tmp_path):
    trained, _ = fit_boundless(tmp_path / "1", 1, generator={"base_width": 3})
    save_network(tmp_path / "network.pt", trained)
    with pytest.raises(SynthemError, match="ERROR NETWORK_FILE .*network.pt: .* in the file and"):
        fit_boundless(tmp_path / "2", 1, training__start__from=tmp_path / "network.pt")


def test_it_learns_to_draw_waves(tmp_path):
    _, history = fit_boundless(tmp_path, 60, checkpoint_every=60)
    assert np.mean([r["g_l1"] for r in history[-5:]]) < 0.7 * np.mean([r["g_l1"] for r in history[:5]])


@pytest.mark.parametrize("hidden", HIDDEN)
def test_one_and_two_steps_are_three(tmp_path, hidden):
    whole, history = fit_boundless(tmp_path / "whole", 3, hidden=hidden)
    fit_boundless(tmp_path / "parts", 1, hidden=hidden)
    torch.randn(5)
    parts, resumed = fit_boundless(tmp_path / "parts", 3, hidden=hidden)
    assert network_bytes(whole) == network_bytes(parts) and history == resumed


def test_what_it_has_learnt_fits_a_segmenter(tmp_path):
    generator, _ = fit_boundless(tmp_path, 1)
    segmenter = BoundlessSegmenter(in_channels=1, out_channels=1, base_width=4)
    segmenter.load_state_dict(generator.state_dict())
    image = torch.rand(1, 1, 32, 32) * 2 - 1
    whole = torch.cat([image, torch.zeros_like(image), torch.ones_like(image)], dim=1)  # nothing is hidden
    drawn, said = generator.eval()(whole), segmenter.eval()(image)
    assert torch.equal(drawn, said.clamp(-1, 1)) and drawn.std() > 0


def test_images_may_have_colours(tmp_path):
    generator, _ = fit_boundless(tmp_path, 1, waves(3))
    assert generator.built_as["arguments"]["out_channels"] == 3


def hidden(word, side=258, seed=0):
    return HIDDEN[word](side, np.random.default_rng(seed))


def test_the_right_quarter_is_hidden():
    mask = hidden("right", 256)
    assert (mask[:, 192:] == 1).all() and (mask[:, :192] == 0).all()


def test_the_centred_third_is_hidden():
    mask = hidden("centre")
    assert (mask[86:172, 86:172] == 1).all() and mask.sum() == 86**2


def test_random_squares_have_a_third_to_two_thirds_of_the_side():
    sides, corners = set(), set()
    for seed in range(200):
        mask = hidden("random", seed=seed)
        rows, columns = np.flatnonzero(mask.any(axis=1)), np.flatnonzero(mask.any(axis=0))
        assert len(rows) == len(columns) and mask.sum() == len(rows) ** 2
        sides.add(len(rows))
        corners.add((rows[0], columns[0]))
    assert 86 <= min(sides) < 95 and 165 < max(sides) <= 172 and len(corners) > 150


def segmenter_file(folder, name="unet", in_channels=2, **more):
    shape = {"in_channels": in_channels, "out_channels": 1, "base_width": 4} | more
    net = build_network(SEGMENTERS, name, seed=3, **shape)
    save_network(folder / "segmenter.pt", net)
    return net.eval(), str(folder / "segmenter.pt")


def test_what_an_image_shows_can_be_told_to_the_discriminator_and_the_log_says_so(tmp_path, capsys):
    without, _ = fit_boundless(tmp_path / "1", 2)
    assert "semantics: none" in "".join(capsys.readouterr())
    _, path = segmenter_file(tmp_path, depth=2)
    told, _ = fit_boundless(tmp_path / "2", 2, semantics=path)
    said = f"semantics: the mean of each of 16 features of the encoder of {path}"
    assert said in "".join(capsys.readouterr())
    assert network_bytes(told) != network_bytes(without)
    again, _ = fit_boundless(tmp_path / "3", 2, semantics=path)
    assert network_bytes(again) == network_bytes(told)


def test_semantics_are_means_of_the_deepest_features_of_what_the_unet_would_see(tmp_path):
    net, path = segmenter_file(tmp_path, depth=1)
    image = torch.rand(2, 1, 6, 8)
    found = Semantics(path, colours=1)(image)
    mean, deviation = image.mean(dim=(2, 3), keepdim=True), image.std(dim=(2, 3), keepdim=True, correction=0)
    seen = torch.cat([(image - mean) / deviation, torch.zeros_like(image)], dim=1)  # the mask is empty
    deepest = net.down[0](torch.nn.functional.max_pool2d(net.stem(seen), 2))
    assert found.shape == (2, 8) and not found.requires_grad
    assert torch.allclose(found, deepest.mean(dim=(2, 3)), atol=1e-3)


def test_semantics_of_boundless_are_of_its_first_8_layers_and_of_grey_levels_as_they_are(tmp_path):
    net, path = segmenter_file(tmp_path, "boundless", in_channels=1)
    image = torch.rand(2, 1, 16, 16)
    seen, calls = Semantics(path, colours=1), []
    seen.net.layers[0].register_forward_pre_hook(lambda _, given: calls.append(given[0][:, :1]))
    x = torch.cat([image, torch.zeros_like(image), torch.ones_like(image)], dim=1)
    for layer in net.layers[:8]:
        x = layer(x)
    assert torch.allclose(seen(image), x.mean(dim=(2, 3)), atol=1e-6)
    assert torch.equal(calls[0], image)


@pytest.mark.parametrize(
    "network",
    [
        {"in_channels": 5, "depth": 1},
        {"name": "unet3d", "in_channels": 1, "isotropic": False, "max_pool": True},
    ],
)
def test_a_network_that_cannot_see_the_images_tells_nothing(tmp_path, network):
    _, path = segmenter_file(tmp_path, **network)
    with pytest.raises(SynthemError, match="NETWORK_FILE .*input channels .expected unet or boundless"):
        fit_boundless(tmp_path, 1, semantics=path)


class Unlearnt:
    """`train` that hands over the task."""

    def __init__(self, monkeypatch):
        self.tasks, self.settings = [], {}
        monkeypatch.setattr(opening, "train", self)

    def __call__(self, task, **settings):
        self.tasks.append(task)
        self.settings |= settings
        return []


def test_memory_that_runs_out_is_told_with_what_to_lower(tmp_path, monkeypatch):
    def hungry(*_, **__):
        raise MemoryError

    monkeypatch.setattr(opening, "train", hungry)
    with pytest.raises(SynthemError, match="MEMORY pretraining: a training step needs about") as told:
        fit_boundless(tmp_path, 1)
    assert told.value.fix == (
        "lower pretraining.training.batch_size (2) or pretraining.training.patch (33) or "
        "pretraining.generator.base_width (4) or pretraining.discriminator.base_width (2)"
    )


def test_curves_are_drawn_where_they_are_wanted(tmp_path, monkeypatch):
    train = Unlearnt(monkeypatch)
    fit_boundless(tmp_path, 1, tensorboard=True)
    assert train.settings["tensorboard"] is True


def test_it_learns_in_16_bits_and_keeps_32(tmp_path):
    exact, rows = fit_boundless(tmp_path / "exact", 3)
    net, history = fit_boundless(tmp_path / "16", 3, training__precision="bf16")
    assert network_bytes(net) != network_bytes(exact)
    assert all(weight.dtype == torch.float32 for weight in net.parameters())
    for mine, theirs in zip(history, rows, strict=True):
        assert mine["g_l1"] == pytest.approx(theirs["g_l1"], rel=0.05)


def test_a_step_never_waits_for_the_device(tmp_path, monkeypatch):
    train = Unlearnt(monkeypatch)
    fit_boundless(tmp_path, 3, semantics=segmenter_file(tmp_path, depth=2)[1])
    assert waits_of_steps(train.tasks[0]) == []


def test_two_processes_find_the_losses_and_the_weights_of_one(tmp_path):
    _, path = segmenter_file(tmp_path, depth=2)
    settings = edited(BOUNDLESS, training__steps=4, semantics=path, hidden="random", **GENTLE)
    images = (waves(), waves())
    (net, history), (other, rows) = (
        side_by_side(
            count,
            build_and_train,
            boundless_trainer,
            *images,
            saving=saving(tmp_path / str(count)),
            **settings,
        )
        for count in (2, 1)
    )
    assert len(history) == len(rows) == 4
    for mine, theirs in zip(history, rows, strict=True):
        assert mine == pytest.approx(theirs, rel=1e-4, abs=1e-5)
    for name, weight in net.state_dict().items():
        assert torch.allclose(weight, other.state_dict()[name], atol=2e-4), name


def test_its_losses_have_a_name_in_the_picture_of_all(tmp_path):
    assert name_of("results/pretraining/cortex/base/history.csv") == "pre-training on cortex, no labels"
    _, (row,) = fit_boundless(tmp_path, 1, None, waves())
    assert "validation_g_l1" in row and set(row) <= set(LOSS_WORDS)
