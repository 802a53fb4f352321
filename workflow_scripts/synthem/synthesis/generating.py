"""Masks -> the images that a generator draws for them, slice by slice, and the synthetic volume of both."""

import numpy as np
import torch

from synthem.gans.drawing import noise_for, ready_to_draw
from synthem.inference.windows import fade, overlapping
from synthem.intensity import colours_last, from_unit, network_conditions
from synthem.seeds import derived_seed
from synthem.storage.volumes import Facts, Volume


@torch.inference_mode()
def generate_slices(generator, conditions, *, tile, halo, seed, device):
    """Images uint8 [Z, Y, X], or [Z, Y, X, C] in colour, that a generator draws for masks.

    conditions {0, 1} [M, Z, Y, X]. Chance (dropout, which stays on, and noise channels) is seeded for each
    slice by (seed, z). A slice no longer than `tile` is drawn as a whole. Tiles of a longer one overlap by
    `halo` and fade into each other, since instance norm sees each tile's own statistics and they do not fit
    without a seam.
    """
    ready_to_draw(generator.to(device), dropout=True)
    image = None
    with torch.random.fork_rng(devices=[device] if torch.device(device).type == "cuda" else []):
        for z in range(len(conditions[0])):
            condition = network_conditions(np.stack([mask[z] for mask in conditions]))
            condition = torch.from_numpy(condition)[None].to(device)  # [1, M, Y, X]
            torch.manual_seed(derived_seed(seed, "generate", z))
            plane = colours_last(from_unit(_drawn(generator, condition, tile=tile, halo=halo)))
            if image is None:  # its colours are known only now
                image = np.empty((len(conditions[0]), *plane.shape), np.uint8)
            image[z] = plane
    generator.eval()
    return image


def synthetic_volume(image, masks, labels, origin, *, generator):
    """Generated slices as a volume, all of them to train on; `origin`: the attributes of the masks' file.

    Each slice stands for itself: its neighbours show other places. The attributes tell the real slice behind
    each (`source_slices`), or of invented masks all slices that their generator has learnt from.
    """
    provenance = {"origin": "synthetic", "generator": generator}
    for key in ("source_slices", "learnt_slices"):
        if key in origin:
            provenance[key] = [int(z) for z in origin[key]]
    if "mask_generator" in origin:
        provenance["mask_generator"] = str(origin["mask_generator"])
    facts = Facts(
        voxel_size_nm=tuple(float(size) for size in origin["voxel_size_nm"]),
        blocks={"train": ((0, len(image)),)},
        grey={"type": str(image.dtype), "scale": 1.0, "offset": 0.0},
        linked=False,
        provenance=provenance,
    )
    return Volume(image, facts, masks, labels)


def _drawn(generator, condition, *, tile, halo):
    """One slice from its tiles: [1, M, Y, X] -> float32 [C, Y, X]."""
    shape = condition.shape[2:]
    noise = noise_for(generator, condition)
    drawn, weights = None, np.zeros(shape, np.float32)
    for place in overlapping(shape, tile=tile, overlap=halo):
        weight = fade(place, shape, overlap=halo)
        seen = [channels[..., *place] for channels in (condition, noise) if channels is not None]
        part = generator(*seen)[0].cpu().numpy()  # [C, y, x]
        if drawn is None:
            drawn = np.zeros((len(part), *shape), np.float32)
        drawn[:, *place] += weight * part
        weights[place] += weight
    return drawn / weights
