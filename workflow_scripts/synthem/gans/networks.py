"""Generators and discriminators of images with masks, from the words of the config."""

from synthem.compute.memory import step_bytes
from synthem.networks.discriminators import DISCRIMINATORS, MultiScale
from synthem.networks.pix2pix import GENERATORS
from synthem.networks.saving import build_network, without_what_is_off
from synthem.seeds import derived_seed


class Networks:
    """How to build a generator and its discriminator for so many masks and colours of an image.

    condition: whether the discriminator sees the masks beside the image. Every generator sees them as -1 and
    1; SPADE was published with one channel for each class, which says the same.
    """

    def __init__(self, generator, discriminator, *, masks, colours, condition, seed):
        self.generator, self.discriminator = generator, discriminator
        self.masks, self.colours, self.seed = masks, colours, seed
        self.seen = colours + masks if condition else colours

    def build_generator(self):
        options = without_what_is_off(self.generator, GENERATORS)
        channels = {"in_channels": self.masks, "out_channels": self.colours}
        return build_network(GENERATORS, seed=self.seed, **channels, **options)

    def build_discriminator(self):
        """One network per scale, each with weights of its own."""
        options = without_what_is_off(self.discriminator, DISCRIMINATORS)
        scales = options.pop("scales")
        if options["name"] == "oasis":
            options["classes"] = self.masks + 1

        def one(scale):
            own = derived_seed(self.seed, "discriminator", scale)
            return build_network(DISCRIMINATORS, seed=own, in_channels=self.seen, **options)

        return MultiScale(one, scales)

    def bytes_of_a_step(self, batch_size, patch):
        """(weights, activations) that a training step keeps."""
        size = (patch, patch)
        weights, drawn = step_bytes(self.build_generator, (batch_size, self.masks, *size))
        others, judged = step_bytes(self.build_discriminator, (batch_size, self.seen, *size))
        return weights + others, drawn + 2 * judged  # real and generated images
