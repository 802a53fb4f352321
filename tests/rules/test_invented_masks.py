"""Masks that a StyleGAN invents: a run of a few steps, what a change makes again, and what it may not see."""

import json

import h5py
import numpy as np

NANO = "tests/nano/config.yaml"
CONFIGS = [NANO, "invented.yaml"]
INVENTED = """
study: {arms: [real, mixed], replicates: 1}
labels: {budgets: [3], strategy: first, validation: 0}
gans: {conditions: [structure, "structure:otsu"]}
synthesis: {masks: {kind: stylegan}}
mask_generator:
  scale: 2
  network: {base_width: 4, size: 32}
  progressive: {first_side: 16, fade_steps: 1, stable_steps: 2}
  guards: {every: 0}
  training: {steps: 5, batch_size: 2}
"""
SET = "hippocampus/synthetic/budget-3/replicate-1"
MASKS, VOLUME = f"results/synthesis/{SET}/masks.h5", f"results/synthesis/{SET}/volume.h5"
WANTED = (VOLUME, f"results/figures/masks/{SET}.png", "results/figures/training/hippocampus.png")
GENERATOR = "results/mask_generator/hippocampus/base/budget-3/replicate-1/network.pt"
FROM_MASKS = {"invent_masks", "draw_masks", "generate_volume", "filter_volume"}
FROM_GENERATOR = {"train_mask_generator", "draw_training"} | FROM_MASKS


def test_invented_masks_are_of_the_labels_of_their_draw_alone_and_made_again_where_they_change(small):
    (small.folder / "invented.yaml").write_text(INVENTED)
    done = small.run(*WANTED, config=CONFIGS)
    assert done.returncode == 0, done.stdout
    assert "rule train_mask_generator:" in done.stdout and "rule make_masks:" not in done.stdout
    learnt = assert_made(small.folder)

    for file, old, new, expected in (
        ("config.yaml", "r1_weight: 10\n    mixing: 0\n    optimisers: *of", None, FROM_GENERATOR),
        ("invented.yaml", "steps: 5", "steps: 6", FROM_GENERATOR),
        ("config.yaml", "stylegan: {truncation: 1}", "stylegan: {truncation: 0.5}", FROM_MASKS),
        ("config.yaml", "elastic_nm: 60", "elastic_nm: 50", set()),
        ("invented.yaml", "guards: {every: 0}", "guards: {every: 0, on_failure: record}", set()),
    ):
        new = new or old.replace("10", "5")
        small.edit(file, old, new)
        stale = small.stale_rules(*WANTED, config=CONFIGS) - {"draw_training"}
        assert stale == expected - {"draw_training"}, new
        small.edit(file, new, old)

    before = {path: (small.folder / path).read_bytes() for path in (GENERATOR, MASKS)}
    beyond = [z for z in range(learnt[-1] + 1, 14)]
    with h5py.File(small.folder / "results/volumes/hippocampus/volume.h5", "r+") as volume:
        volume["masks/mitochondria"][beyond] = 1 - volume["masks/mitochondria"][beyond]
        volume["image"][beyond] = 255 - volume["image"][beyond]
    remade = small.run(MASKS, config=CONFIGS)
    assert remade.returncode == 0 and "rule train_mask_generator:" in remade.stdout, remade.stdout
    assert {path: (small.folder / path).read_bytes() for path in before} == before


def assert_made(folder):
    """What the files hold; returns the slices that were learnt from."""
    with h5py.File(folder / MASKS) as made:
        assert set(made) == {"mitochondria", "structure-otsu"}  # the target has no instances
        assert all(made[name].shape == (4, 64, 64) and made[name].dtype == np.uint8 for name in made)
        assert set(np.unique([made[name][:] for name in made])) <= {0, 1}
        assert "source_slices" not in made.attrs
        learnt = made.attrs["learnt_slices"].tolist()
    with h5py.File(folder / VOLUME) as volume:
        provenance = json.loads(volume.attrs["provenance"])
        assert provenance["learnt_slices"] == learnt == [0, 1, 2] and "source_slices" not in provenance
        assert volume["image"].shape[1:] == (64, 64)
    return learnt
