"""A generator and its discriminator: how the two learn and compute, whatever game they play."""

from synthem.compute.collectives import all_gather, shard
from synthem.compute.compiled import compiled
from synthem.compute.precision import computing_in
from synthem.training.optimiser import Descent

EPSILON = 1e-8  # of Adam: torch's own


def two_players(generator, discriminator, rates, *, ema, **descent):
    """How both learn, each at a rate of its own: the Descent of each, and what a checkpoint holds of them.

    ema: of the generator alone. descent: what else Descent takes, but for what no GAN has.
    """
    descent |= {"epsilon": EPSILON, "plateau": None}  # a GAN has no validation loss that could stay the same
    of_generator = Descent(generator, learning_rate=rates[0], ema=ema, **descent)
    of_discriminator = Descent(discriminator, learning_rate=rates[1], ema={"decay": 0}, **descent)
    parts = {"generator": generator, "discriminator": discriminator}
    for player, learning in (("generator", of_generator), ("discriminator", of_discriminator)):
        parts |= {f"{player}_{part}": own for part, own in learning.parts.items() if part != "network"}
    return of_generator, of_discriminator, parts


class Players:
    """The two of them, on their device; `parts` is what a checkpoint holds.

    precision: fp32 or bf16. `descent`: what two_players takes.
    """

    def __init__(
        self,
        generator,
        discriminator,
        *,
        generator_learning_rate,
        discriminator_learning_rate,
        precision,
        compile,
        **descent,
    ):
        self.generator = compiled(generator.train(), wanted=compile)
        self.discriminator = compiled(discriminator.train(), wanted=compile)
        self.precision, self.device = precision, next(generator.parameters()).device
        rates = (generator_learning_rate, discriminator_learning_rate)
        players = two_players(generator, discriminator, rates, **descent)
        self.generator_descent, self.discriminator_descent, self.parts = players

    def run(self, net, *inputs):
        return computed(net, *inputs, precision=self.precision, device=self.device)


def computed(net, *inputs, precision, device):
    """What a network says of [B, ...], computed in the precision of the training and told in 32 bits.

    One network at a time: what autocast keeps of the weights must not outlive an optimiser's step.
    """
    with computing_in(precision, device):
        said = net(*map(shard, inputs))
    return (
        [all_gather(scale.float()) for scale in said] if isinstance(said, list) else all_gather(said.float())
    )
