import numpy as np
import pytest
import torch

from synthem.compute.devices import use_threads
from synthem.errors import SynthemError
from synthem.gans import stylegan
from synthem.gans.batches import Pairs
from synthem.gans.diff_augment import Changes
from synthem.gans.findings import findings_of
from synthem.gans.growing import growth
from synthem.gans.guards import guards_without_masks, variety
from synthem.gans.sampling import drawn_images, images_over_training, real_images
from synthem.gans.stylegan import (
    Images,
    StyleGan,
    build_discriminator,
    build_generator,
    stylegan_trainer,
    unlike_images,
)
from synthem.networks.saving import build_network, network_bytes
from synthem.networks.stylegan import StyleGenerator
from synthem.patches.places import PatchSet
from synthem.training import opening
from tests.shared.gan_settings import LEAVE_ALONE
from tests.shared.settings import edited, of_both, optimisers, saving
from tests.shared.stylegan_settings import EVERYTHING, GROWING, STYLEGAN, WASSERSTEIN, blobs

use_threads(1)


def fit(folder, steps, examples=None, *, checkpoint_every=1, **changes):
    settings = edited(STYLEGAN, training__steps=steps, **changes)
    return stylegan_trainer(examples or blobs(), **settings).train(saving(folder, checkpoint_every))


def untrained(size=8, **more):
    options = {"out_channels": 1, "base_width": 16, "size": size, **more}
    return build_network({"stylegan": StyleGenerator}, "stylegan", seed=0, **options)


@pytest.mark.parametrize(
    ("settings", "before", "after"),
    [
        ({"training__mixing": 0.5, "diff_augment": EVERYTHING["diff_augment"]}, 1, 3),
        (GROWING, 1, 4),  # from the first side into the middle of the fading
        (GROWING, 2, 4),  # at the border itself
        (GROWING, 3, 5),  # from within the fading
        (EVERYTHING, 2, 4),
        (WASSERSTEIN | GROWING, 2, 4),
    ],
    ids=[
        *("one size", "growing, before", "growing, at the border", "growing, fading", "everything"),
        "Wasserstein",
    ],
)
def test_a_training_in_two_parts_is_the_whole_one(tmp_path, settings, before, after):
    whole, history = fit(tmp_path / "whole", after, **settings)
    fit(tmp_path / "parts", before, **settings)
    torch.randn(5)
    parts, resumed = fit(tmp_path / "parts", after, **settings)
    assert network_bytes(whole) == network_bytes(parts) and history == resumed
    held = ["d_slope", "d_drift"] if "training__adversarial" in settings else ["d_r1"]
    assert list(history[0])[: 3 + len(held)] == ["d_real", "d_fake", *held, "g_adversarial"]


def test_both_networks_see_the_side_of_the_step(tmp_path, monkeypatch):
    seen, judge = [], StyleGan.judge

    def noting(self, image, alpha):
        seen.append((image.shape[-1], alpha))
        return judge(self, image, alpha)

    monkeypatch.setattr(StyleGan, "judge", noting)
    generator, _ = fit(tmp_path, 5, **GROWING)
    sides = [(8, 1), (8, 1), (16, 1 / 3), (16, 2 / 3), (16, 1)]
    assert seen == [side for side in sides for _ in range(3)]  # real, generated, and for the generator
    assert generator.built_as["arguments"]["progressive"]


def test_only_what_draws_at_a_side_learns_in_it(tmp_path):
    start = untrained(progressive=True, size=16).state_dict()
    generator, _ = fit(tmp_path, 2, **GROWING | {"network": {"base_width": 16, "size": 16}})
    learnt = {name for name, weight in generator.state_dict().items() if not torch.equal(weight, start[name])}
    assert "heads.8.weight" in learnt and "blocks.1.conv.weight" in learnt
    assert not [name for name in learnt if name.startswith(("heads.16", "heads.4", "blocks.2"))]


def test_its_images_become_as_bright_as_real_ones(tmp_path):
    image = np.random.default_rng(0).normal(200, 10, (4, 24, 24)).astype(np.uint8)
    changed = {"checkpoint_every": 120, "training__batch_size": 8} | of_both(learning_rate=0.003)
    generator, _ = fit(tmp_path, 120, PatchSet("bright", image), **changed)
    wanted = {"count": 64, "truncation": 1, "seed": 0}
    before, after = (np.abs(drawn_images(net, **wanted) - 200.0).mean() for net in (untrained(), generator))
    assert after < before / 2


def test_colours_and_no_penalty_are_possible(tmp_path):
    generator, history = fit(tmp_path, 1, blobs(3), training__r1_weight=0)
    assert "d_r1" not in history[0]
    assert drawn_images(generator, count=2, truncation=1, seed=0).shape == (2, 8, 8, 3)


def test_the_same_seed_draws_the_same_images_and_leaves_chance_alone():
    generator, state = untrained(), torch.get_rng_state()
    images = drawn_images(generator, count=3, truncation=1, seed=0)
    assert images.shape == (3, 8, 8) and images.dtype == np.uint8
    assert torch.equal(torch.get_rng_state(), state)
    assert (drawn_images(generator, count=3, truncation=1, seed=0) == images).all()
    assert (drawn_images(generator, count=3, truncation=1, seed=1) != images).any()


def test_with_truncation_0_all_images_are_the_mean_style():
    generator = untrained()
    torch.manual_seed(0)
    for parameter in generator.parameters():
        torch.nn.init.normal_(parameter)
    for block in generator.blocks:  # whose noise is another for each image
        for styled in (block.first, block.second):
            torch.nn.init.zeros_(styled.noise_weight)
    one, other = drawn_images(generator, count=2, truncation=0, seed=0)
    assert (one == other).all()
    one, other = drawn_images(generator, count=2, truncation=1, seed=0)
    assert (one != other).any()


def test_real_images_are_squares_of_the_slices_in_8_bits():
    ramp = np.arange(3 * 20 * 20, dtype=np.uint16).reshape(3, 20, 20)
    squares = real_images(ramp, count=5, size=8, seed=0)
    assert squares.shape == (5, 8, 8) and squares.dtype == np.uint8
    assert (np.diff(squares.astype(int), axis=1) >= 0).all() and len(np.unique(squares[:, 0, 0])) > 1
    assert (real_images(ramp, count=5, size=8, seed=0) == squares).all()
    assert real_images(np.zeros((2, 20, 20, 3), np.uint8), count=1, size=8, seed=0).shape == (1, 8, 8, 3)


def pair(mixing=0):
    options = {"base_width": 16, "size": 8, "progressive": False}
    return StyleGan(
        build_generator(options, colours=1, seed=0),
        build_discriminator(options, colours=1, seed=0),
        None,
        Changes(**LEAVE_ALONE, device=torch.device("cpu")),
        growth(size=8, first_side=0, fade_steps=0, stable_steps=1),
        guards=lambda images: [],
        adversarial=stylegan.LOSSES["bce"],
        r1_weight=1,
        mixing=mixing,
        steps=9,
        precision="fp32",
        optimisers=optimisers(0.01, 0.02, (0.0, 0.99), {"decay": 0.9, "warm_up": 10}),
    )


def test_the_mapping_network_learns_a_hundred_times_slower():
    task = pair()
    mapping, others = task.generator_optimiser.adam.param_groups
    assert (others["lr"], mapping["lr"]) == (0.01, 0.0001)
    assert task.discriminator_optimiser.adam.param_groups[0]["lr"] == 0.02
    counts = [sum(p.numel() for p in group["params"]) for group in (others, mapping)]
    assert counts[1] == 8 * (16 * 16 + 16)
    assert sum(counts) == sum(p.numel() for p in task.generator.parameters())


@pytest.mark.parametrize("mixing", [0, 1])
def test_a_mixed_image_has_the_styles_of_two_latents(mixing, monkeypatch):
    task, drawn = pair(mixing), []
    draw = task.generator.draw
    monkeypatch.setattr(
        task.generator, "draw", lambda styles, *rest: drawn.append(styles) or draw(styles, *rest)
    )
    task.generate(Images(None, 8, 1.0, task.draw_numbers(4, 8)))
    coarse, fine = drawn[0].unbind(dim=1)
    assert coarse.shape == (4, 16) and torch.equal(coarse, fine) == (not mixing)


def test_the_guards_look_at_the_same_images_of_the_side_of_their_step_and_leave_chance_alone():
    generator, state = untrained(size=16, progressive=True), torch.get_rng_state()
    one, again = (unlike_images(generator, 8, 1.0, seed=3) for _ in range(2))
    assert one.shape == (8, 1, 8, 8) and torch.equal(one, again)
    assert torch.equal(torch.get_rng_state(), state)
    pace, asked = {"every": 1, "first": 1, "in_a_row": 1}, {"section": "stylegan", "wrong_call": 1}
    guards = guards_without_masks(
        lambda history: unlike_images(generator, 8, 1.0, seed=3), **asked, pace=pace
    )
    columns = [guard.column for guard in guards]
    assert columns == ["latent_effect", "contrast", "saturation", "called_wrongly"]
    scores = guards_without_masks(None, **asked | {"wrong_call": None}, pace=pace)  # they call nothing real
    assert [guard.column for guard in scores] == columns[:3]
    history = [{"d_real": 1.0, "d_fake": 1.0}]
    guards[0].check(history)
    assert history[0]["latent_effect"] == variety(one)
    assert guards_without_masks(None, **asked, pace=pace | {"every": 0}) == []


def test_where_maps_are_unknown_nothing_is_learnt():
    """Of bytes 255 everywhere, the right half unknown: real and drawn ones are 0 there, in between."""
    ignore = np.zeros((4, 24, 24), np.uint8)
    ignore[..., 12:] = 1
    task = pair(0)
    maps = PatchSet("maps", np.full((4, 24, 24), 255, np.uint8), ignore=ignore)
    task.pairs = Pairs(maps, batch_size=4, patch=8, seed=0, device=torch.device("cpu"))
    batch, seen = task.batch_of(0), []
    assert 0 < batch.known.mean() < 1 and torch.equal(batch.real, batch.known)
    task.judge = lambda image, alpha: seen.append(image) or [image.sum(dim=(2, 3))]
    task.discriminator_loss(batch, torch.ones(4, 1, 8, 8))
    task.generator_loss(batch, torch.ones(4, 1, 8, 8))
    assert len(seen) == 3 and all(torch.equal(image, batch.known) for image in seen)


def test_variety_is_the_mean_difference_between_neighbours():
    images = torch.tensor([0.0, 1.0, 0.5]).reshape(3, 1, 1, 1)
    assert variety(images) == pytest.approx((1 + 0.5 + 0.5) / 3)


def deafened(*given, **named):
    """A generator whose styles change nothing."""
    generator = build_generator(*given, **named)
    for block in generator.blocks:
        for styled in (block.first, block.second):
            torch.nn.init.zeros_(styled.style.weight)
    return generator


def test_one_image_for_all_latents_stops_the_training(tmp_path):
    frozen = {"training__optimisers__generator__learning_rate": 1e-9}
    frozen["guards"] = {"every": 1, "first": 1, "in_a_row": 2, "on_failure": "stop"}
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(stylegan, "build_generator", deafened)
        with pytest.raises(
            SynthemError, match="GAN_COLLAPSED stylegan: latent_effect .* at step 2, the last of 2"
        ):
            fit(tmp_path, 3, **frozen)


def test_memory_that_runs_out_is_told_with_what_to_lower(tmp_path, monkeypatch):
    def hungry(*_, **__):
        raise MemoryError

    monkeypatch.setattr(opening, "train", hungry)
    with pytest.raises(SynthemError, match="MEMORY stylegan: a training step needs about") as told:
        fit(tmp_path, 1)
    lower = "lower stylegan.training.batch_size (4) or stylegan.network.base_width (16)"
    assert told.value.fix == f"{lower} or stylegan.network.size (8)"


def test_snapshots_draw_the_same_latents_at_the_side_of_their_step(tmp_path):
    settings = GROWING | {"training__snapshots": [2, 5]}
    generator, _ = fit(tmp_path, 5, **settings)
    growing = growth(size=16, first_side=8, fade_steps=2, stable_steps=2)
    drawn = images_over_training({2: generator, 5: generator}, growing, count=2, truncation=1, seed=0)
    assert {step: images.shape for step, images in drawn.items()} == {2: (2, 8, 8), 5: (2, 16, 16)}
    assert (drawn[5] == drawn_images(generator, count=2, truncation=1, seed=0)).all()


def test_images_that_ignore_their_latents_are_recorded_and_the_training_ends(tmp_path):
    frozen = {"training__optimisers__generator__learning_rate": 1e-9}
    frozen["guards"] = {"every": 1, "first": 1, "in_a_row": 2, "on_failure": "record"}
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(stylegan, "build_generator", deafened)
        _, history = fit(tmp_path, 4, **frozen)
    found = [one for one in findings_of(history, **frozen["guards"]) if one["score"] == "latent_effect"]
    assert [one["step"] for one in found] == [2, 3, 4]
