"""What a trained StyleGAN draws: images to be looked at beside real ones, and label maps."""

import numpy as np
import torch
import torch.nn.functional as F

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


@torch.no_grad()
def drawn_label_maps(generator, *, count, truncation, seed, scale):
    """Label maps of a StyleGAN: numbers of classes, uint8 [count, scale * size, scale * size].

    Map n depends on the generator, `seed` and n alone. Of channels that are enlarged linearly, the highest
    is a pixel's class: borders become smooth, not steps of `scale` pixels.
    """
    width = generator.built_as["arguments"]["base_width"]
    maps = []
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(derived_seed(seed, "mean style"))
        mean = generator.styles(torch.randn(MANY_LATENTS, width)).mean(dim=0)
        for number in range(count):
            torch.manual_seed(derived_seed(seed, "label map", number))
            channels = generator.draw(
                truncated(generator.styles(torch.randn(1, width)), mean, truncation)
            )  # [1, classes, size, size]
            if scale > 1:
                channels = F.interpolate(channels, scale_factor=scale, mode="bilinear", align_corners=False)
            maps.append(channels[0].argmax(dim=0).to(torch.uint8).numpy())
    return np.stack(maps)


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
