"""Random changes to a batch, on the device that trains.

Every sample has its own seed, so what happens to it does not depend on its neighbours in the batch.
"""

import torch

from synthem.seeds import generator

BRIGHTNESS = 0.2  # largest shift, in deviations of the slice
CONTRAST = 0.2  # largest relative change


def flip_and_turn(stack, seeds):
    """One of the 8 symmetries of the square for each sample, alike for all channels [B, C, Y, X]."""
    changed = []
    for sample, seed in zip(stack, seeds, strict=True):
        random = generator(seed, "symmetry")
        flip, turns = bool(random.integers(2)), int(random.integers(4))
        changed.append(torch.rot90(sample.flip(-1) if flip else sample, turns, (-2, -1)))
    return torch.stack(changed)


def brightness_and_contrast(image, seeds):
    """Standardised images [B, 1, Y, X] with another mean and deviation each."""
    shift, gain = zip(*(generator(seed, "brightness").uniform(-1, 1, 2) for seed in seeds), strict=True)
    return image * (1 + CONTRAST * per_sample(gain, image)) + BRIGHTNESS * per_sample(shift, image)


def gaussian_noise(image, seeds, *, noise):
    """Images [B, 1, Y, X] with white noise; its deviation is drawn from U(0, noise) for each sample."""
    if noise == 0:
        return image
    sigmas = [generator(seed, "noise").uniform(0, noise) for seed in seeds]
    source = torch.Generator(image.device)
    white = [
        torch.randn(image.shape[1:], generator=source.manual_seed(seed), device=image.device)
        for seed in seeds
    ]
    return image + per_sample(sigmas, image) * torch.stack(white)


def per_sample(values, image):
    """One number per sample -> [B, 1, 1, 1] beside the image."""
    return torch.tensor(values, dtype=image.dtype).to(image.device).reshape(-1, 1, 1, 1)
