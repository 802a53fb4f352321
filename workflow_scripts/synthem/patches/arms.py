"""What the networks of an arm learn from, for one draw of labels."""

from typing import NamedTuple

from synthem.patches.examples import structure_examples
from synthem.patches.places import PatchSet
from synthem.patches.series import phases_of
from synthem.storage.budgets import draw_of
from synthem.storage.volumes import read_blocks


class TrainingData(NamedTuple):
    """Training sets of a network, its validation set (None: no slice is left), their shares over time."""

    sets: list[PatchSet]
    held_out: PatchSet | None
    phases: tuple


def training_data_of(volume, made, *, arm, unets, structure, labels, budget, replicate):
    """The TrainingData of an arm: of labelled slices of `volume`, and of the data sets `made` {name: path}.

    arm: the shares of its data sets; unets: the section of the config; structure: what is learnt. labels: how
    slices are drawn, beside budget and replicate.
    """
    draw = draw_of(volume, budget=budget, replicate=replicate, **labels)
    slices = {"real": (volume, draw.train)}
    slices |= {name: (path, read_blocks(path)["train"]) for name, path in made.items()}
    names, what = list(arm["sets"] | arm["then"]), {"structure": structure, "target": unets["target"]}
    sets = [structure_examples(name, *slices[name], **what) for name in names]
    held_out = structure_examples("validation", volume, draw.validation, **what) if draw.validation else None
    return TrainingData(sets, held_out, phases_of(names, **arm, steps=unets["training"]["steps"]))
