"""Generators and discriminators of images with masks, as the config has them: {kind, <kind>: options}."""

from synthem.networks.multi_scale import MultiScale
from synthem.networks.registry import DISCRIMINATORS, GENERATORS
from synthem.networks.saving import build_network
from synthem.seeds import derived_seed


def build_generator(generator, *, masks, colours, seed):
    """Masks [B, masks, Y, X] in {-1, 1} -> images [B, colours, Y, X] in [-1, 1].

    SPADE was published with one channel for each class, which is the same information.
    """
    kind = generator["kind"]
    channels = {"in_channels": masks, "out_channels": colours}
    return build_network(GENERATORS, kind, seed=seed, **channels, **generator[kind])


def build_discriminator(discriminator, *, channels, masks, seed):
    """Images, and the masks beside them where it is given these, [B, channels, Y, X] -> a list of logits.

    One network for each scale, with weights of its own.
    """
    kind = discriminator["kind"]
    options = discriminator[kind] | {"in_channels": channels}
    scales = options.pop("scales", 1)
    if kind == "oasis":
        options["classes"] = masks + 1

    def one(scale):
        own = derived_seed(seed, "discriminator", scale)
        return build_network(DISCRIMINATORS, kind, seed=own, **options)

    return MultiScale(one, scales)
