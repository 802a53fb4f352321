"""python -m tests.shared.repeated KIND: train one network where bits are asked to repeat; print their hash.

A process of its own: cuBLAS looks once, when it starts, at how it is to add up. Where torch has no algorithm
for it, the error of the config is printed instead.
"""

import hashlib
import sys
import tempfile
from contextlib import redirect_stdout
from pathlib import Path

import torch

from tests.shared.project import PROJECT

sys.path.insert(0, str(PROJECT / "workflow_scripts"))

from synthem.compute.devices import compute_as  # noqa: E402
from synthem.errors import SynthemError  # noqa: E402
from synthem.gans.training import gan_trainer  # noqa: E402
from synthem.training.segmenter import segmenter_trainer  # noqa: E402
from tests.shared.gan_settings import SYSTEMS, squares  # noqa: E402
from tests.shared.segmenter_settings import DEEP, SEGMENTER, discs  # noqa: E402
from tests.shared.settings import edited, saving  # noqa: E402

STEPS = 12 if torch.cuda.is_available() else 4  # plain ones, and replays of a graph where there are any


def segmenter(folder, **changes):
    settings = edited(SEGMENTER, training__steps=STEPS, training__validation__every=STEPS, **changes)
    return segmenter_trainer([discs("real")], discs("validation", seed=9), **settings).train(saving(folder))


def gan(folder, system):
    return gan_trainer(squares(), **edited(system, training__steps=STEPS)).train(saving(folder))


KINDS = {"unet": segmenter, "unet3d": lambda folder: segmenter(folder, **DEEP)}
KINDS |= {name: lambda folder, system=system: gan(folder, system) for name, system in SYSTEMS.items()}


def hash_of(net):
    found = hashlib.sha256()
    for name, value in sorted(net.state_dict().items()):
        found.update(name.encode() + value.cpu().numpy().tobytes())
    return found.hexdigest()


def main(kind):
    compute_as(torch_threads=1, deterministic=True)
    with tempfile.TemporaryDirectory() as folder:
        try:
            net, _ = KINDS[kind](Path(folder))
        except SynthemError as error:
            print(error)
        else:
            print(hash_of(net))


def write(path, kind):
    """What `main` prints, in a file."""
    with Path(path).open("w") as file, redirect_stdout(file):
        main(kind)


if __name__ == "__main__":
    main(sys.argv[1])
