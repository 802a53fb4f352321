"""Training of StyleGAN (Karras 2019) as paper 2 did: images of one size, from nothing but chance."""

import numpy as np
import torch

from synthem.averaging import Average
from synthem.devices import pick_device
from synthem.gans.batches import Pairs
from synthem.gans.diff_augment import Changes
from synthem.gans.losses import ADVERSARIAL, r1
from synthem.intensity import colours_last, from_unit
from synthem.networks.discriminators import DISCRIMINATORS
from synthem.networks.pix2pix import GENERATORS
from synthem.networks.saving import build_network
from synthem.networks.stylegan import mixed, truncated
from synthem.seeds import derived_seed
from synthem.training import seed_everything, train

GAME = ADVERSARIAL["bce"]  # the non-saturating form
MAPPING_PACE = 0.01  # of the mapping network's learning rate, beside that of the others
MANY_LATENTS = 1024  # whose mean style is the one to draw towards


def train_stylegan(
    examples,
    *,
    base_width,
    steps,
    batch_size,
    patch,
    learning_rate,
    betas,
    r1_weight,
    mixing,
    ema,
    diff_augment,
    seed,
    checkpoint_every,
    folder,
    fingerprint,
):
    """Fit a StyleGAN to patches of the images of `examples` (PatchSet); return its average and the losses.

    patch: the side of its images, a power of two. mixing: part of the batches whose coarse and fine styles
    come from different latents (paper 2: 0).
    """
    seed_everything(seed)
    device = pick_device()
    size = {"base_width": base_width, "size": patch}
    colours, own = examples.image_channels, derived_seed(seed, "discriminator")
    net = build_network(GENERATORS, name="stylegan", seed=seed, out_channels=colours, **size)
    critic = build_network(DISCRIMINATORS, name="stylegan", seed=own, in_channels=colours, **size)
    task = StyleGan(
        net.to(device),
        critic.to(device),
        Pairs(examples, batch_size=batch_size, patch=patch, seed=seed, device=device),
        Changes(**diff_augment, device=device),
        learning_rate=learning_rate,
        betas=betas,
        r1_weight=r1_weight,
        mixing=mixing,
        ema=ema,
    )
    history = train(
        task, steps=steps, checkpoint_every=checkpoint_every, folder=folder, fingerprint=fingerprint
    )
    return task.average.network.cpu().eval(), history


class StyleGan:
    """What `train` needs to know about StyleGAN."""

    def __init__(
        self, generator, discriminator, pairs, changes, *, learning_rate, betas, r1_weight, mixing, ema
    ):
        self.generator, self.discriminator = generator.train(), discriminator.train()
        self.pairs, self.changes = pairs, changes
        self.r1_weight, self.mixing = r1_weight, mixing
        adam = {"lr": learning_rate, "betas": tuple(betas), "fused": True}
        mapping = {id(parameter) for parameter in generator.mapping.parameters()}
        others = [parameter for parameter in generator.parameters() if id(parameter) not in mapping]
        slow = {"params": list(generator.mapping.parameters()), "lr": MAPPING_PACE * learning_rate}
        self.generator_optimizer = torch.optim.Adam([{"params": others}, slow], **adam)
        self.discriminator_optimizer = torch.optim.Adam(discriminator.parameters(), **adam)
        self.average = Average(generator, **ema)
        self.parts = {
            "generator": generator,
            "discriminator": discriminator,
            "generator_optimizer": self.generator_optimizer,
            "discriminator_optimizer": self.discriminator_optimizer,
            "average": self.average,
            "changes": changes,
        }

    def step(self, number):
        _, real, _ = self.pairs.of_step(number)  # [B, C, Y, X]
        fake = self.generator.draw(self.styles(real))

        self.discriminator.requires_grad_(True)
        real.requires_grad_(self.r1_weight > 0)
        says = self.judge(real)
        losses = {"d_real": GAME.real(says), "d_fake": GAME.fake(self.judge(fake.detach()))}
        loss = losses["d_real"] + losses["d_fake"]
        if self.r1_weight:
            losses["d_r1"] = r1(says, real)
            loss = loss + self.r1_weight * losses["d_r1"]
        descend(self.discriminator_optimizer, loss)
        self.changes.adapt(torch.sign(says[0].detach()).mean(), images=len(real))

        self.discriminator.requires_grad_(False)
        losses["g_adversarial"] = GAME.generator(self.judge(fake))
        descend(self.generator_optimizer, losses["g_adversarial"])
        self.average.update()
        return losses | ({"ada_probability": self.changes.probability.clone()} if self.changes.target else {})

    def judge(self, image):
        return [self.discriminator(*self.changes(image))]

    def styles(self, like):
        """Styles of as many new latents, in some batches mixed of two."""
        styles = self.generator.styles(latents(self.generator, len(like), like.device))
        if self.mixing and torch.rand(()) < self.mixing:
            crossover = int(torch.randint(1, styles.shape[1], ()))
            others = self.generator.styles(latents(self.generator, len(like), like.device))
            styles = mixed(styles, others, crossover)
        return styles


def descend(optimizer, loss):
    optimizer.zero_grad(set_to_none=True)
    loss.backward()
    optimizer.step()


def latents(generator, count, device):
    width = generator.built_as["arguments"]["base_width"]
    return torch.randn(count, width, device=device)


@torch.no_grad()
def sample_sheet(generator, *, rows, columns, truncation, seed):
    """Images of a StyleGAN side by side: uint8 [rows * size, columns * size], or with colours last.

    The same seed asks for the same images, so that sheets of several steps can be compared. truncation: 1
    draws all there is, 0 the mean style alone.
    """
    device = next(generator.parameters()).device
    with torch.random.fork_rng(devices=[device] if device.type == "cuda" else []):
        torch.manual_seed(derived_seed(seed, "sheet"))
        mean = generator.styles(latents(generator, MANY_LATENTS, device)).mean(dim=0)
        styles = generator.styles(latents(generator, rows * columns, device))
        images = [generator.draw(truncated(one, mean, truncation)) for one in styles.split(1)]
    images = [colours_last(from_unit(image[0].cpu().numpy())) for image in images]
    bands = [np.concatenate(images[row * columns : (row + 1) * columns], axis=1) for row in range(rows)]
    return np.concatenate(bands)
