"""The body of every script that trains a network: what the network is made from, and where it is written."""

from synthem.compute.devices import compute_as
from synthem.compute.launcher import side_by_side
from synthem.compute.precision import precision_here
from synthem.storage.provenance import fingerprint
from synthem.training.opening import build_and_train
from synthem.training.outputs import write_trained
from synthem.training.snapshots import Snapshots

NO_SETTINGS = ("code", "known", "checkpoints", "live")  # of the params of a rule


class TrainingJob:
    """A network of one section of the config, by what Snakemake gives to the script of a rule (`snakemake`).

    Its params are all sections that shape the network, `section` (which has `training`) and `compute` among
    them; `code`, a hash; `checkpoints` and `live`, the folders for states and for the page to look at; where
    it has files of a user, `known`, which is `section` with what they hold in place of where they lie.
    chosen {name: value}: settings that no section has. Of its config only `progress` is read: Snakemake does
    not track that, and how often a state is saved or shown must make nothing stale.
    """

    def __init__(self, section, snakemake, **chosen):
        params, progress = dict(snakemake.params.items()), snakemake.config["progress"]
        self.rule, self.output = snakemake.rule, dict(snakemake.output.items())
        self.ranks = snakemake.resources.gpu
        settings = {key: value for key, value in params.items() if key not in NO_SETTINGS} | chosen
        settings |= {"precision": precision_here(params[section]["training"]["precision"])}
        self.origin = {"settings": settings, "code": params["code"], "inputs": list(snakemake.input)}
        self.known = {section: params.get("known", params[section])}
        self.saving = {key: progress[key] for key in ("checkpoint_every", "tensorboard")}
        self.saving |= {"folder": params["checkpoints"]}
        self.saving |= {"live": {"folder": params["live"], "every": progress["live_every"]}}
        self.snapshots = params[section]["training"]["snapshots"]
        compute_as(**params["compute"])

    def train(self, trainer_of, *examples, **settings):
        """(network, history) of the Trainer that `trainer_of` makes of these, by as many ranks as wanted."""
        counted = self.origin | {"settings": self.origin["settings"] | self.known}
        self.saving |= {"fingerprint": fingerprint(**counted)}
        self.seed = settings["training"]["seed"]
        return side_by_side(
            self.ranks, build_and_train, trainer_of, *examples, saving=self.saving, **settings
        )

    def write(self, net, history):
        kept = Snapshots(self.saving["folder"], self.saving["fingerprint"], self.snapshots)
        kept.copy_to(self.output["snapshots"], done=len(history))
        write_trained(self.output, net, history, rule=self.rule, seed=self.seed, **self.origin)
