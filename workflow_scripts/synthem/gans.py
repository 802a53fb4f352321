"""Training of generators, masks -> image: pix2pix (Isola et al. 2017), with paper 1's discriminators."""

import numpy as np
import torch

from synthem.augment import flip_and_turn
from synthem.errors import SynthemError
from synthem.intensity import as_bytes, network_conditions, to_unit
from synthem.losses import called_fake, called_real, l1
from synthem.networks.discriminators import DISCRIMINATORS, MultiScale
from synthem.networks.pix2pix import GENERATORS
from synthem.networks.saving import build_network
from synthem.patches import PatchSet, draw_batch
from synthem.seeds import derived_seed
from synthem.training import pick_device, seed_everything, train

JUDGED_SLICES = 16  # at most, evenly spread
JUDGED_SIDE = 512  # pixels: a whole slice may be larger than memory allows
SMALLEST_CHANGE = 0.02  # in [-1, 1], i.e. 2.5 grey levels: below the noise of any microscope


def train_gan(
    examples,
    *,
    generator,
    discriminator,
    steps,
    batch_size,
    patch,
    learning_rate,
    l1_weight,
    seed,
    checkpoint_every,
    folder,
    fingerprint,
):
    """Fit a generator conditions -> image to patches of `examples` (PatchSet); return it and its losses.

    The generator of the last step is the result.
    """
    seed_everything(seed)
    device = pick_device()
    conditions = len(examples.conditions)
    net = build_network(GENERATORS, seed=seed, in_channels=conditions, out_channels=1, **generator)
    critic = build_discriminator(in_channels=conditions + 1, seed=seed, **discriminator)
    task = Pix2Pix(
        net.to(device),
        critic.to(device),
        examples,
        batch_size=batch_size,
        patch=patch,
        learning_rate=learning_rate,
        l1_weight=l1_weight,
        seed=seed,
    )
    history = train(
        task, steps=steps, checkpoint_every=checkpoint_every, folder=folder, fingerprint=fingerprint
    )
    return net.cpu().eval(), history


def build_discriminator(*, name, scales, in_channels, base_width, seed):
    """One network per scale, each with weights of its own."""

    def one(scale):
        own = derived_seed(seed, "discriminator", scale)
        return build_network(
            DISCRIMINATORS, name=name, seed=own, in_channels=in_channels, base_width=base_width
        )

    return MultiScale(one, scales)


class Pix2Pix:
    """What `train` needs to know about pix2pix."""

    def __init__(
        self, generator, discriminator, examples, *, batch_size, patch, learning_rate, l1_weight, seed
    ):
        self.generator, self.discriminator = generator.train(), discriminator.train()
        image = as_bytes(examples.image)
        self.examples = PatchSet(examples.name, image, examples.conditions)
        self.batch = {"seed": seed, "batch_size": batch_size, "size": patch}
        self.l1_weight = l1_weight
        self.device = next(generator.parameters()).device
        adam = {"lr": learning_rate, "betas": (0.5, 0.999), "fused": True}
        self.generator_optimizer = torch.optim.Adam(generator.parameters(), **adam)
        self.discriminator_optimizer = torch.optim.Adam(discriminator.parameters(), **adam)
        self.parts = {
            "generator": generator,
            "discriminator": discriminator,
            "generator_optimizer": self.generator_optimizer,
            "discriminator_optimizer": self.discriminator_optimizer,
        }

    def step(self, number):
        conditions, real = self.batch_of(number)  # [B, C, Y, X], [B, 1, Y, X] in [-1, 1]
        fake = self.generator(conditions)

        self.discriminator.requires_grad_(True)
        d_real = called_real(self.judge(conditions, real))
        d_fake = called_fake(self.judge(conditions, fake.detach()))
        descend(self.discriminator_optimizer, (d_real + d_fake) / 2)

        self.discriminator.requires_grad_(False)  # saves the gradients that nobody would use
        g_adversarial = called_real(self.judge(conditions, fake))
        g_l1 = l1(fake, real)
        descend(self.generator_optimizer, g_adversarial + self.l1_weight * g_l1)
        return {"d_real": d_real, "d_fake": d_fake, "g_adversarial": g_adversarial, "g_l1": g_l1}

    def judge(self, conditions, image):
        return self.discriminator(torch.cat([conditions, image], dim=1))

    def batch_of(self, number):
        patches = draw_batch([self.examples], step=number, **self.batch)
        channels = [
            np.concatenate([network_conditions(p.conditions), to_unit(p.image)[None]]) for p in patches
        ]
        stack = torch.from_numpy(np.stack(channels)).to(self.device)
        return flip_and_turn(stack, [p.seed for p in patches]).tensor_split([-1], dim=1)


def descend(optimizer, loss):
    optimizer.zero_grad(set_to_none=True)
    loss.backward()
    optimizer.step()


@torch.no_grad()
def assert_condition_matters(generator, conditions):
    """Refuse a generator that draws one image whatever it is asked for.

    conditions: uint8 {0, 1} [C, Z, Y, X]. Some slices are drawn, once for their own masks and once for those
    of the next, mirrored; where the masks differ, the images must, too. Dropout is off, so that
    its chance does not count as an answer.
    """
    depth = len(conditions[0])
    chosen = np.linspace(0, depth - 1, min(depth, JUDGED_SLICES)).astype(int)
    asked = np.stack(
        [mask[chosen, :JUDGED_SIDE, :JUDGED_SIDE] for mask in conditions], axis=1
    )  # [Z, C, Y, X]
    asked = torch.from_numpy(network_conditions(asked))
    other = asked.roll(1, dims=0).flip(-1)
    was_training = generator.training
    generator.eval()
    changes = []
    for mine, theirs in zip(asked.split(1), other.split(1), strict=True):
        differs = (mine != theirs).any(dim=1, keepdim=True)
        changes.append((generator(mine) - generator(theirs)).abs()[differs])
    generator.train(was_training)
    changes = torch.cat(changes)
    if changes.numel() and changes.mean() < SMALLEST_CHANGE:
        raise SynthemError(
            "GAN_COLLAPSED",
            "generator",
            f"other masks change the image by {changes.mean():.4f} on average where they differ",
            expected=f"at least {SMALLEST_CHANGE} of the range [-1, 1]",
            fix="train longer, or lower learning_rate or l1_weight",
        )
