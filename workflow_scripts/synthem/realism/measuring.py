"""Generators at steps of their training -> features of their images and of real ones; no image is kept."""

import numpy as np

from synthem.patches.places import PatchSet, cut_patch, draw_places, one_after_the_other
from synthem.realism.copying import measure_copies
from synthem.realism.diversity import other_slices, same_mask
from synthem.realism.features import features_of
from synthem.realism.inception import pooled_features
from synthem.seeds import derived_seed
from synthem.synthesis.generating import generate_slices

POOL = 4  # real patches for each generated one: masks to paint on, others to compare with, halves for floors
MOST_SLICES = 64  # of a block that patches are cut from, and that copies are searched for in


def real_patches(examples, *, patches, side, seed):
    """Labelled slices -> (images [POOL * patches, side, side(, C)], masks, slice of each image).

    masks [M, patches, side, side] are those of the first images.
    """
    whole = PatchSet("realism", examples.image, examples.masks, ignore=examples.ignore)
    places = draw_places([whole], one_after_the_other(0, POOL * patches), seed=seed, size=side)
    cut = [cut_patch(whole, place, side) for place in places]
    images = np.stack([patch.image for patch in cut])
    masks = np.stack([patch.conditions for patch in cut[:patches]], axis=1)
    return images, masks, np.array(examples.slices)[places.z]


def measure_real(blocks, whole, *, inception, judge):
    """{block: of `real_patches`} -> arrays of their features, with their slices and how much those differ.

    whole {block: `fidelity.Slices`}: where a judge (images, Slices) -> counts says how far masks are found in
    their images (`fidelity.overlaps`); None: nobody asks.
    """
    arrays = {}
    for block, (images, masks, slices) in blocks.items():
        arrays |= {f"real/{block}/{kind}": rows for kind, rows in _features(images, inception).items()}
        if judge:
            arrays[f"real/{block}/overlap"] = judge(whole[block].image, whole[block])
            arrays[f"real/{block}/overlap_slices"] = np.array(whole[block].numbers)
        arrays[f"real/{block}/slices"] = slices
        arrays[f"real/{block}/difference"] = other_slices(images[: masks.shape[1]], slices[: masks.shape[1]])
    return arrays


def measure_generator(
    generator, blocks, whole, learnt, *, painting, step, noises, seed, device, inception, judge, workers
):
    """A generator on the masks of each block -> features of its images, how much they vary, what they copy.

    learnt: the training slices, uint8 [z, Y, X(, C)], that are searched for copies, which takes by far the
    longest; None: they are not. whole, judge: as for `measure_real`; painting: `tile`, `halo` of such slices.
    """
    arrays, first_draws = {}, {}
    for block, (_, masks, _) in blocks.items():
        painted = [
            generate_slices(
                generator,
                masks,
                tile=masks.shape[-1],
                halo=0,
                seed=derived_seed(seed, "realism", block, number),
                device=device,
            )
            for number in range(noises)
        ]
        found = _features(painted[0], inception)
        arrays |= {f"{step:08d}/{block}/{kind}": rows for kind, rows in found.items()}
        arrays[f"{step:08d}/{block}/diversity"] = same_mask(painted)
        if judge:
            chance = {"seed": derived_seed(seed, "fidelity", block), "device": device}
            images = generate_slices(generator, whole[block].masks, **painting, **chance)
            arrays[f"{step:08d}/{block}/overlap"] = judge(images, whole[block])
        first_draws[block] = painted[0]
    if learnt is None:
        return arrays
    unseen = blocks["test"][0][: len(first_draws["test"])]
    copies = measure_copies(first_draws, unseen, learnt, workers=workers)
    return arrays | {f"{step:08d}/{name}": matches for name, matches in copies.items()}


def _features(images, inception):
    """{kind: features [n, F]} of images uint8 [n, Y, X(, C)]; inception: path of its weights, or empty."""
    found = {"filters": features_of(images)}
    return found | ({"inception": pooled_features(images, inception)} if inception else {})
