"""A job of the workflow that trains a network: what the network is made from, and where it is written."""

from synthem.compute.devices import use_threads
from synthem.compute.launcher import side_by_side
from synthem.compute.precision import precision_here
from synthem.storage.provenance import fingerprint
from synthem.training.outputs import write_trained

NO_SETTINGS = ("code", "checkpoints")  # of the params of a rule


class TrainingJob:
    """A network of one section of the config, by the params, inputs and outputs of a rule: plain mappings.

    params: all sections that shape the network, `section` (which has `training`) and `compute` among them;
    `code`, a hash; `checkpoints`, the folder for states. progress {checkpoint_every, tensorboard}: of the
    config, and no part of what the network is made from. chosen {name: value}: settings that no section has.
    """

    def __init__(self, section, *, rule, params, progress, inputs, output, ranks, **chosen):
        self.rule, self.output, self.ranks = rule, output, ranks
        settings = {key: value for key, value in params.items() if key not in NO_SETTINGS} | chosen
        settings |= {"precision": precision_here(params[section]["training"]["precision"])}
        self.origin = {"settings": settings, "code": params["code"], "inputs": inputs}
        self.saving = {key: progress[key] for key in ("checkpoint_every", "tensorboard")}
        self.saving |= {"folder": params["checkpoints"]}
        use_threads(**params["compute"])

    def train(self, train, *examples, **settings):
        """`train(*examples, **settings, saving=...)` on as many ranks as are wanted: (network, history)."""
        saving = self.saving | {"fingerprint": fingerprint(**self.origin)}
        return side_by_side(self.ranks, train, *examples, saving=saving, **settings)

    def write(self, net, history):
        write_trained(self.output, net, history, rule=self.rule, **self.origin)
