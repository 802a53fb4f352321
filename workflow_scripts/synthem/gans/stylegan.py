"""Training of StyleGAN (Karras 2019), as paper 2 did or with images that grow: from nothing but chance."""

from functools import partial

import torch
import torch.nn.functional as F

from synthem.compute.collectives import AllReduceSum, all_reduce_gradients, world_size
from synthem.compute.devices import pick_device
from synthem.compute.memory import memory_explained, step_bytes, step_need
from synthem.compute.precision import precision_here
from synthem.gans.batches import Pairs
from synthem.gans.diff_augment import Changes
from synthem.gans.growing import growth, schedule_in_words
from synthem.gans.losses import ADVERSARIAL, r1
from synthem.gans.players import computed
from synthem.gans.stylegan_guards import guards_of
from synthem.log import say
from synthem.networks.saving import build_network
from synthem.networks.stylegan import BatchDeviation, StyleDiscriminator, StyleGenerator, mixed
from synthem.seeds import derived_seed
from synthem.training.averaging import Average
from synthem.training.loop import seed_everything, train

GAME = ADVERSARIAL["bce"]  # the non-saturating form
GENERATORS, DISCRIMINATORS = {"stylegan": StyleGenerator}, {"stylegan": StyleDiscriminator}
MAPPING_PACE = 0.01  # of the mapping network's learning rate, beside that of the others


def train_stylegan(
    examples,
    *,
    network,
    progressive,
    diff_augment,
    guards,
    steps,
    batch_size,
    precision,
    seed,
    folder,
    fingerprint,
    checkpoint_every,
    tensorboard=False,
    **learning,
):
    """Fit a StyleGAN to patches of the images of `examples` (PatchSet); return its average and the losses.

    network {base_width, size}: as for StyleGenerator; the patches have its size. progressive: what `growth`
    takes beside it. `learning`: what StyleGan takes: rates, and how they are used.
    """
    seed_everything(seed)
    device, size = pick_device(), network["size"]
    networks = Networks(network, progressive["first_side"], colours=examples.image_channels, seed=seed)
    to_lower = {"training.batch_size": batch_size} | {f"network.{key}": network[key] for key in network}
    count = partial(networks.bytes_of_a_step, max(batch_size // world_size(), 1))
    with memory_explained("stylegan", settings=to_lower, need=partial(step_need, count)):
        growing = growth(size=size, **progressive)
        say(schedule_in_words(growing))
        task = StyleGan(
            networks.build_generator().to(device),
            networks.build_discriminator().to(device),
            Pairs(examples, batch_size=batch_size, patch=size, seed=seed, device=device),
            Changes(**diff_augment, device=device),
            growing,
            precision=precision_here(precision),
            **learning,
        )
        history = train(
            task,
            steps=steps,
            checkpoint_every=checkpoint_every,
            folder=folder,
            fingerprint=fingerprint,
            guards=guards_of(task.generator, growing, seed=seed, **guards),
            tensorboard=tensorboard,
        )
        return task.average.network.cpu().eval(), history


class Networks:
    """How to build a generator and its discriminator for images of so many colours."""

    def __init__(self, network, first_side, *, colours, seed):
        self.network, self.colours, self.seed = network, colours, seed
        self.options = {"progressive": 0 < first_side < network["size"], **network}

    def build_generator(self):
        return build_network(
            GENERATORS, "stylegan", seed=self.seed, out_channels=self.colours, **self.options
        )

    def build_discriminator(self):
        own = derived_seed(self.seed, "discriminator")
        critic = build_network(DISCRIMINATORS, "stylegan", seed=own, in_channels=self.colours, **self.options)
        if world_size() > 1:
            critic.deviation = SynchronisedDeviation()
        return critic

    def bytes_of_a_step(self, batch_size):
        """(weights, activations) that a training step at full size keeps."""
        size = self.network["size"]
        weights, drawn = step_bytes(self.build_generator, (batch_size, self.network["base_width"]))
        others, judged = step_bytes(self.build_discriminator, (batch_size, self.colours, size, size))
        return weights + others, drawn + 2 * judged  # real and generated images


class SynchronisedDeviation(BatchDeviation):
    """How much the whole batch varies, not the share of this process."""

    def variance(self, x):
        exact = x.float()
        count = len(x) * world_size()
        mean = AllReduceSum.apply(exact.sum(dim=0)) / count
        return AllReduceSum.apply((exact - mean).square().sum(dim=0)) / count


class StyleGan:
    """What `train` needs to know about StyleGAN."""

    def __init__(
        self,
        generator,
        discriminator,
        pairs,
        changes,
        growth,
        *,
        generator_learning_rate,
        discriminator_learning_rate,
        betas,
        r1_weight,
        mixing,
        ema,
        precision,
    ):
        self.generator, self.discriminator = generator.train(), discriminator.train()
        self.pairs, self.changes, self.growth = pairs, changes, growth
        self.r1_weight, self.mixing = r1_weight, mixing
        self.precision, self.device = precision, next(generator.parameters()).device
        adam = {"betas": tuple(betas), "fused": True}
        mapping = {id(parameter) for parameter in generator.mapping.parameters()}
        others = [parameter for parameter in generator.parameters() if id(parameter) not in mapping]
        slow_rate = MAPPING_PACE * generator_learning_rate
        slow = {"params": list(generator.mapping.parameters()), "lr": slow_rate}
        self.generator_optimizer = torch.optim.Adam(
            [{"params": others}, slow], lr=generator_learning_rate, **adam
        )
        self.discriminator_optimizer = torch.optim.Adam(
            discriminator.parameters(), lr=discriminator_learning_rate, **adam
        )
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
        side, alpha = self.growth.at(number)
        _, real, _ = self.pairs.of_step(number)  # [B, C, Y, X]
        real = reduced(real, side, alpha)
        fake = self.draw(len(real), side, alpha)

        self.discriminator.requires_grad_(True)
        real.requires_grad_(self.r1_weight > 0)
        says = self.judge(real, alpha)
        losses = {"d_real": GAME.real(says), "d_fake": GAME.fake(self.judge(fake.detach(), alpha))}
        loss = losses["d_real"] + losses["d_fake"]
        if self.r1_weight:
            losses["d_r1"] = r1(says, real)
            loss = loss + self.r1_weight * losses["d_r1"]
        descend(self.discriminator, self.discriminator_optimizer, loss)
        self.changes.adapt(torch.sign(says[0].detach()).mean(), images=len(real))

        self.discriminator.requires_grad_(False)
        losses["g_adversarial"] = GAME.generator(self.judge(fake, alpha))
        descend(self.generator, self.generator_optimizer, losses["g_adversarial"])
        self.average.update()
        return losses | ({"ada_probability": self.changes.probability.clone()} if self.changes.target else {})

    def judge(self, image, alpha):
        return [self.run(partial(self.discriminator, alpha=alpha), *self.changes(image))]

    def draw(self, count, side, alpha):
        """New images [count, C, side, side]; all chance is drawn here, for all processes."""
        sides = [s for s in self.generator.sides if s <= side]
        latents = [self.latents(count)]
        # Drawn on the CPU: the device need not be asked.
        chance, place = torch.rand(2).tolist()
        crossover = 1 + int(place * (len(sides) - 1))
        if mix := chance < self.mixing:
            latents.append(self.latents(count))
        noise = [torch.randn(count, 1, s, s, device=self.device) for s in sides]

        def of_share(*mine):
            styles = self.generator.styles(mine[0])
            if mix:
                styles = mixed(styles, self.generator.styles(mine[1]), crossover)
            return self.generator.draw(styles, mine[len(latents) :], side, alpha)

        return self.run(of_share, *latents, *noise)

    def latents(self, count):
        width = self.generator.built_as["arguments"]["base_width"]
        return torch.randn(count, width, device=self.device)

    def run(self, net, *inputs):
        return computed(net, *inputs, precision=self.precision, device=self.device)


def reduced(image, side, alpha):
    """Images [B, C, Y, Y] as they are seen at this point of the growth: [B, C, side, side].

    While a side fades in, real images lose what is finer than the side before to the same degree as generated
    ones: else their detail would give them away.
    """
    image = F.avg_pool2d(image, image.shape[-1] // side)
    if alpha == 1:
        return image
    coarse = F.interpolate(F.avg_pool2d(image, 2), scale_factor=2)
    return (1 - alpha) * coarse + alpha * image


def descend(net, optimizer, loss):
    optimizer.zero_grad(set_to_none=True)
    loss.backward()
    all_reduce_gradients(net.parameters())
    optimizer.step()
