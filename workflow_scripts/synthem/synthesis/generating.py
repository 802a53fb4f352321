"""Generators applied to stacks of masks, slice by slice: memory holds the result and one slice's work."""

import numpy as np
import torch

from synthem.gans.drawing import noise_for, ready_to_draw
from synthem.inference.windows import fade, overlapping
from synthem.intensity import colours_last, from_unit, network_conditions
from synthem.seeds import derived_seed


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
            asked = network_conditions(np.stack([mask[z] for mask in conditions]))
            asked = torch.from_numpy(asked)[None].to(device)  # [1, M, Y, X]
            torch.manual_seed(derived_seed(seed, "generate", z))
            plane = colours_last(from_unit(_drawn(generator, asked, tile=tile, halo=halo)))
            if image is None:  # only what is drawn says whether it has colours
                image = np.empty((len(conditions[0]), *plane.shape), np.uint8)
            image[z] = plane
    generator.eval()
    return image


def _drawn(generator, asked, *, tile, halo):
    """One slice from its tiles: [1, M, Y, X] -> float32 [C, Y, X]."""
    shape = asked.shape[2:]
    noise = noise_for(generator, asked)
    drawn, weights = None, np.zeros(shape, np.float32)
    for place in overlapping(shape, tile=tile, overlap=halo):
        weight = fade(place, shape, overlap=halo)
        seen = [channels[..., *place] for channels in (asked, noise) if channels is not None]
        part = generator(*seen)[0].cpu().numpy()  # [C, y, x]
        if drawn is None:
            drawn = np.zeros((len(part), *shape), np.float32)
        drawn[:, *place] += weight * part
        weights[place] += weight
    return drawn / weights
