"""Generators and discriminators of images with masks, built as the config has them."""

from synthem.compute.memory import step_bytes
from synthem.networks.multi_scale import MultiScale
from synthem.networks.registry import DISCRIMINATORS, GENERATORS
from synthem.networks.saving import build_network
from synthem.seeds import derived_seed


class Networks:
    """How to build a generator and its discriminator for so many masks and colours of an image.

    generator, discriminator: {kind, <kind>: options}. condition: whether the discriminator sees the masks
    beside the image. Every generator sees them as -1 and 1; SPADE was published with one channel for each
    class, which is the same information.
    """

    def __init__(self, generator, discriminator, *, masks, colours, condition, seed):
        self.generator, self.discriminator = generator, discriminator
        self.masks, self.colours, self.seed = masks, colours, seed
        self.seen = colours + masks if condition else colours

    def build_generator(self):
        kind = self.generator["kind"]
        channels = {"in_channels": self.masks, "out_channels": self.colours}
        return build_network(GENERATORS, kind, seed=self.seed, **channels, **self.generator[kind])

    def build_discriminator(self):
        """One network per scale, each with weights of its own."""
        kind = self.discriminator["kind"]
        options = self.discriminator[kind] | {"in_channels": self.seen}
        scales = options.pop("scales", 1)
        if kind == "oasis":
            options["classes"] = self.masks + 1

        def one(scale):
            own = derived_seed(self.seed, "discriminator", scale)
            return build_network(DISCRIMINATORS, kind, seed=own, **options)

        return MultiScale(one, scales)

    def bytes_of_a_step(self, batch_size, patch):
        """(weights, activations) that a training step keeps."""
        size = (patch, patch)
        weights, drawn = step_bytes(self.build_generator, (batch_size, self.masks, *size))
        others, judged = step_bytes(self.build_discriminator, (batch_size, self.seen, *size))
        return weights + others, drawn + 2 * judged  # real and generated images
