"""Differentiable augmentation of the images that a discriminator is given (DiffAugment, Zhao 2020).

A discriminator of a hundred images learns them by heart. Given changed images, real and generated ones alike
and in both steps, it cannot, and the generator does not learn the changes. ADA (Karras 2020) makes only as
many changes as are needed against learning by heart.
"""

import torch
import torch.nn.functional as F

from synthem.patches.on_gpu import at

BRIGHTEST = 0.5  # largest shift of images in [-1, 1]
FURTHEST = 1 / 8  # of the side: how far images move
HOLE = 1 / 2  # of the side: what is cut out
ADA_MEMORY = 0.9  # of the discriminator's certainty, per step


class Changes:
    """Changes by their words, each to a part `probability` of the images; the state of ADA, if it is on.

    With ada_target > 0 the probability starts at 0. It rises while the discriminator is right about more than
    this share of the real images net of wrong ones, and falls otherwise: from 0 to 1 within ada_images
    images.
    """

    def __init__(self, changes, *, ada_target, ada_images, device):
        self.changes = [CHANGES[word] for word in changes]
        self.target, self.images = ada_target, ada_images
        self.probability = torch.tensor(0.0 if ada_target else 1.0, device=device)
        self.certainty = torch.zeros((), device=device)

    def __call__(self, image, *maps):
        """The image [B, C, Y, X] and maps of it [B, M, Y, X] (or None), a sample's own all moved alike.

        Where an image moved away, or is cut out, all are 0: mid-grey, no condition, unknown.
        """
        for change in self.changes:
            chosen = torch.rand(len(image), device=image.device) < self.probability
            chosen = chosen.reshape(-1, 1, 1, 1)
            changed = change(image, *maps)
            kept = zip((image, *maps), changed, strict=True)
            image, *maps = [None if old is None else torch.where(chosen, new, old) for old, new in kept]
        return [image, *maps]

    def adapt(self, certainty, *, images):
        """Adapt the probability to so many real images; certainty: a function, not called where ADA is off.

        It returns the mean sign of their logits: -1 is fake, 1 real.
        """
        if self.target:
            self.certainty.lerp_(certainty(), 1 - ADA_MEMORY)
            step = images / self.images
            self.probability.add_(step * torch.sign(self.certainty - self.target)).clamp_(0, 1)

    def measured(self):
        """{name: value} for the history of a training: how probable a change is, where that is adapted."""
        return {"ada_probability": self.probability.clone()} if self.target else {}

    def state_dict(self):
        return {"probability": self.probability, "certainty": self.certainty}

    def load_state_dict(self, state):
        self.probability.copy_(state["probability"])
        self.certainty.copy_(state["certainty"])


def colour(image, *maps):
    """Another brightness, saturation and contrast for each image; maps stay as they are."""
    shift, saturation, contrast = torch.rand(3, len(image), 1, 1, 1, device=image.device)
    image = image + BRIGHTEST * (2 * shift - 1)
    if image.shape[1] > 1:
        grey = image.mean(dim=1, keepdim=True)
        image = grey + 2 * saturation * (image - grey)
    mean = image.mean(dim=(1, 2, 3), keepdim=True)
    return [mean + (0.5 + contrast) * (image - mean), *maps]


def translation(*parts):
    """Each sample moved by up to an eighth of its sides; zeros come in from outside."""
    batch, _, *sides = parts[0].shape
    device = parts[0].device
    furthest = [int(FURTHEST * side) for side in sides]
    down, right = (torch.randint(-far, far + 1, (batch, 1), device=device) for far in furthest)
    rows, columns = (
        torch.arange(far, far + side, device=device) - move
        for far, side, move in zip(furthest, sides, (down, right), strict=True)
    )
    places = [rows[:, :, None].expand(-1, -1, sides[1]), columns[:, None, :].expand(-1, sides[0], -1)]
    borders = [far for far in reversed(furthest) for _ in range(2)]  # F.pad wants the last axis first
    return [None if part is None else at(F.pad(part, borders), *places) for part in parts]


def cutout(*parts):
    """Zeros in a rectangle of half the sides, its centre anywhere in the image."""
    batch, _, *sides = parts[0].shape
    inside = []
    for axis, side in enumerate(sides):
        centre = torch.randint(side, (batch, 1), device=parts[0].device)
        near = (torch.arange(side, device=parts[0].device) - centre).abs() <= HOLE * side / 2
        inside.append(near.reshape(batch, 1, *((side, 1) if axis == 0 else (1, side))))
    kept = (~(inside[0] & inside[1])).to(parts[0].dtype)
    return [None if part is None else part * kept for part in parts]


# The one place that turns the config's word into a change.
CHANGES = {"colour": colour, "translation": translation, "cutout": cutout}
