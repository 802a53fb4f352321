"""Images of a trained StyleGAN, to be looked at beside real ones."""

import numpy as np
import torch

from synthem.intensity import as_bytes, colours_last, from_unit
from synthem.networks.stylegan import truncated
from synthem.patches.places import PatchSet, cut_patch, draw_places, one_after_the_other
from synthem.seeds import derived_seed

MANY_LATENTS = 1024  # whose mean style is the one to draw towards


@torch.no_grad()
def drawn_images(generator, *, count, truncation, seed, side=None, alpha=1.0):
    """Images of a StyleGAN: uint8 [count, size, size], or with colours last.

    The same seed asks for the same images, so that several trainings can be compared. truncation: 1 draws all
    there is, 0 the mean style alone. side, alpha: of images that have not grown to the end, as for `draw`.
    """
    width = generator.built_as["arguments"]["base_width"]
    device = next(generator.parameters()).device
    with torch.random.fork_rng(devices=[device] if device.type == "cuda" else []):
        torch.manual_seed(derived_seed(seed, "sheet"))
        mean = generator.styles(torch.randn(MANY_LATENTS, width, device=device)).mean(dim=0)
        styles = generator.styles(torch.randn(count, width, device=device))
        images = [
            generator.draw(truncated(one, mean, truncation), side=side, alpha=alpha)
            for one in styles.split(1)
        ]
    return np.stack([colours_last(from_unit(image[0].cpu().numpy())) for image in images])


def images_over_training(snapshots, growing, **samples):
    """{step: images} of the same latents, as large as images were after each step.

    snapshots {step: generator}; growing: the Growth of the training; samples: as for `drawn_images`.
    """
    drawn = {}
    for step, generator in snapshots.items():
        side, alpha = growing.at(step - 1)
        drawn[step] = drawn_images(generator, side=side, alpha=alpha, **samples)
    return drawn


def real_images(image, *, count, size, seed):
    """As many squares of real slices [z, y, x] or [z, y, x, c], uint8, from places drawn by chance."""
    examples = PatchSet("real", as_bytes(image))
    first = one_after_the_other(0, count)
    places = draw_places([examples], first, size=size, seed=derived_seed(seed, "real"))
    return np.stack([cut_patch(examples, place, size).image for place in places])
