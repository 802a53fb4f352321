"""Training of generators that paint images on masks: pix2pix, its kin and OASIS."""

from functools import partial

from synthem.compute.compiled import compiled
from synthem.gans.batches import Pairs
from synthem.gans.diff_augment import Changes
from synthem.gans.networks import build_discriminator, build_generator
from synthem.gans.objectives import OBJECTIVES
from synthem.gans.pair import blueprints_of_pair, learning_of
from synthem.networks.saving import class_of_kind
from synthem.patches.augment import UNCHANGED
from synthem.training.opening import Trainer


def gan_trainer(examples, *, generator, discriminator, objective, diff_augment, guards, training, turn=True):
    """The Trainer that fits a generator, masks -> image, to patches of `examples` (PatchSet).

    The first weights of the generator are random, or those of the file `start.from`; the discriminator's are
    random always. The keywords are the sections of `gans` in the config; turn: how patches are turned,
    a word of `augment.turn`.
    """
    step = class_of_kind(OBJECTIVES, objective["kind"])
    objective, seed = step.weights(**objective[objective["kind"]]), training["seed"]
    masks, colours = len(examples.conditions), examples.image_channels
    channels = colours + masks if objective.condition else colours
    batch_size, patch = training["batch_size"], training["patch"]
    augment = UNCHANGED | {"turn": turn}

    def task_of(*nets):
        generator, discriminator = (compiled(net, wanted=training["compile"]) for net in nets)
        device = next(generator.parameters()).device
        return step(
            generator,
            discriminator,
            Pairs(examples, batch_size=batch_size, patch=patch, seed=seed, device=device, augment=augment),
            Changes(**diff_augment, device=device),
            objective,
            guards=guards,
            generator_steps=training["generator_steps"],
            compile=training["compile"],
            **learning_of(training),
        )

    build = partial(build_generator, generator, masks=masks, colours=colours, seed=seed)
    build_other = partial(build_discriminator, discriminator, channels=channels, masks=masks, seed=seed)
    blueprints = blueprints_of_pair(
        (build, (batch_size, masks, patch, patch)),
        (build_other, (batch_size, channels, patch, patch)),
        start=training["start"],
    )
    sizes = {
        f"{name}.{net['kind']}.base_width": net[net["kind"]]["base_width"]
        for name, net in (("generator", generator), ("discriminator", discriminator))
    }
    return Trainer(blueprints, task_of, training, "gans", sizes)
