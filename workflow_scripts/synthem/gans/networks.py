"""Generators and discriminators of images with masks, as the config has them: {kind, <kind>: options}."""

import torch

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


def parameters_of_pair(gans, *, masks, colours):
    """{generator: {score: count}, discriminator: ...} of a section `gans`, without taking any memory.

    parameters: those that are learnt; with_running_statistics: with means and variances of batch norms, as
    Keras counts them. Of several discriminators, those of one.
    """
    objective = gans["objective"]
    sees = objective[objective["kind"]].get("condition", False)
    with torch.device("meta"):
        nets = {
            "generator": build_generator(gans["generator"], masks=masks, colours=colours, seed=0),
            "discriminator": build_discriminator(
                gans["discriminator"], channels=colours + masks * sees, masks=masks, seed=0
            ).scales[0],
        }
    return {name: _counts(net) for name, net in nets.items()}


def _counts(net):
    learnt = sum(weight.numel() for weight in net.parameters())
    statistics = sum(
        value.numel() for name, value in net.named_buffers() if name.endswith(("running_mean", "running_var"))
    )
    return {"parameters": learnt, "with_running_statistics": learnt + statistics}
