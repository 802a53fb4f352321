import numpy as np
import torch
from gan_settings import LEAVE_ALONE

from synthem.devices import use_threads
from synthem.gans.diff_augment import Changes
from synthem.gans.stylegan import StyleGan, sample_sheet, train_stylegan
from synthem.networks.discriminators import DISCRIMINATORS
from synthem.networks.pix2pix import GENERATORS
from synthem.networks.saving import build_network, network_bytes
from synthem.patches.places import PatchSet

use_threads(1)
SETTINGS = {
    "base_width": 16,
    "batch_size": 4,
    "patch": 8,
    "learning_rate": 0.001,
    "betas": [0.0, 0.99],
    "r1_weight": 10,
    "mixing": 0,
    "ema": {"decay": 0.9, "warm_up": 10},
    "diff_augment": LEAVE_ALONE,
    "seed": 0,
    "fingerprint": "a",
    "checkpoint_every": 1,
}


def blobs(colours=None):
    """Bright discs on a dark ground."""
    y, x = np.mgrid[:24, :24]
    random = np.random.default_rng(0)
    planes = [((y - a) ** 2 + (x - b) ** 2 < 40) * 160 + 40 for a, b in random.integers(6, 18, (4, 2))]
    image = np.stack(planes).astype(np.uint8)
    return PatchSet("blobs", image if colours is None else np.stack([image] * colours, axis=-1))


def fit(folder, steps, examples=None, **changed):
    return train_stylegan(examples or blobs(), steps=steps, folder=folder, **SETTINGS | changed)


def test_one_and_two_steps_are_three(tmp_path):
    settings = {"mixing": 0.5, "diff_augment": {"changes": ["colour"], "ada_target": 0.6, "ada_images": 8}}
    whole, history = fit(tmp_path / "whole", 3, **settings)
    fit(tmp_path / "parts", 1, **settings)
    torch.randn(5)
    parts, resumed = fit(tmp_path / "parts", 3, **settings)
    assert network_bytes(whole) == network_bytes(parts) and history == resumed
    assert list(history[0]) == ["d_real", "d_fake", "d_r1", "g_adversarial", "ada_probability"]


def test_its_images_become_as_bright_as_real_ones(tmp_path):
    image = np.random.default_rng(0).normal(200, 10, (4, 24, 24)).astype(np.uint8)
    changed = {"checkpoint_every": 120, "learning_rate": 0.003, "batch_size": 8}
    generator, _ = fit(tmp_path, 120, PatchSet("bright", image), **changed)
    untrained = build_network(GENERATORS, seed=0, **generator.built_as["arguments"], name="stylegan")
    sheet = {"rows": 8, "columns": 8, "truncation": 1, "seed": 0}
    before, after = (np.abs(sample_sheet(net, **sheet) - 200.0).mean() for net in (untrained, generator))
    assert after < before / 2


def test_colours_and_no_penalty_are_possible(tmp_path):
    generator, history = fit(tmp_path, 1, blobs(3), r1_weight=0)
    assert "d_r1" not in history[0]
    sheet = sample_sheet(generator, rows=1, columns=2, truncation=1, seed=0)
    assert sheet.shape == (8, 16, 3)


def test_a_sheet_shows_the_same_images_for_the_same_seed_and_leaves_chance_alone(tmp_path):
    generator, _ = fit(tmp_path, 1)
    state = torch.get_rng_state()
    sheet = sample_sheet(generator, rows=2, columns=3, truncation=1, seed=0)
    assert sheet.shape == (16, 24) and sheet.dtype == np.uint8
    assert torch.equal(torch.get_rng_state(), state)
    assert (sample_sheet(generator, rows=2, columns=3, truncation=1, seed=0) == sheet).all()
    assert (sample_sheet(generator, rows=2, columns=3, truncation=1, seed=1) != sheet).any()


def test_with_truncation_0_all_images_are_the_mean_style():
    generator = build_network(GENERATORS, name="stylegan", seed=0, out_channels=1, base_width=16, size=8)
    torch.manual_seed(0)
    for parameter in generator.parameters():
        torch.nn.init.normal_(parameter)
    for block in generator.blocks:  # whose noise is another for each image
        for styled in (block.first, block.second):
            torch.nn.init.zeros_(styled.noise_weight)
    sheet = sample_sheet(generator, rows=1, columns=2, truncation=0, seed=0)
    assert (sheet[:, :8] == sheet[:, 8:]).all()
    sheet = sample_sheet(generator, rows=1, columns=2, truncation=1, seed=0)
    assert (sheet[:, :8] != sheet[:, 8:]).any()


def test_the_mapping_network_learns_a_hundred_times_slower():
    size, cpu = {"base_width": 16, "size": 8}, torch.device("cpu")
    generator = build_network(GENERATORS, name="stylegan", seed=0, out_channels=1, **size)
    critic = build_network(DISCRIMINATORS, name="stylegan", seed=0, in_channels=1, **size)
    pace = {"learning_rate": 0.01, "betas": [0.0, 0.99], "r1_weight": 1, "mixing": 1, "ema": SETTINGS["ema"]}
    task = StyleGan(generator, critic, None, Changes(**LEAVE_ALONE, device=cpu), **pace)
    others, mapping = task.generator_optimizer.param_groups
    assert (others["lr"], mapping["lr"]) == (0.01, 0.0001)
    counts = [sum(p.numel() for p in group["params"]) for group in (others, mapping)]
    assert counts[1] == 8 * (16 * 16 + 16)
    assert sum(counts) == sum(p.numel() for p in generator.parameters())
    coarse, fine = task.styles(torch.zeros(4, 1, 8, 8)).unbind(dim=1)  # mixed: of two latents
    assert coarse.shape == (4, 16) and not torch.equal(coarse, fine)
